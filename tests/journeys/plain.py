"""A plain FHIR R4 server as partners have it, in memory, without our operation; it may misbehave."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Json = dict[str, Any]
TYPES = ("Organization", "Patient", "Consent", "Goal", "Condition", "MedicationRequest", "ServiceRequest", "Task")


class Plain:
    """`held` are its records by address; `says` may answer a read of a Task otherwise; `refuses` types it does not
    offer, `rejects` those of which it takes none all the same; `arrived` is called once a transaction is kept, before
    it is answered, `meanwhile` before a change is looked at; `put` are the records that were changed, with If-Match."""

    def __init__(
        self, *, transaction: bool = True, refuses: tuple[str, ...] = (), rejects: tuple[str, ...] = ()
    ) -> None:
        self.held: dict[str, Json] = {}
        self.asked: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []
        self.past: dict[str, list[Json]] = {}
        self.says: Callable[[Json], Response] | None = None
        self.arrived: Callable[[], None] = lambda: None
        self.history = False
        self.put: list[tuple[str, str]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self._ids, self._transaction = count(1), transaction
        self._refuses, self._rejects = refuses, rejects
        routes = [
            Route("/fhir/metadata", self._metadata),
            Route("/fhir", self._together, methods=["POST"]),
            Route("/fhir/{type}", self._create, methods=["POST"]),
            Route("/fhir/{type}", self._search),
            Route("/fhir/{type}/{id}", self._read),
            Route("/fhir/{type}/{id}", self._update, methods=["PUT"]),
            Route("/fhir/{type}/{id}/_history", self._history),
        ]
        self.app = Starlette(routes=routes)

    def takes_all(self) -> None:
        """From now on it refuses no type."""
        self._refuses = ()

    def of(self, type: str) -> list[Json]:
        return [one for place, one in self.held.items() if place.startswith(f"{type}/")]

    def stands(self, status: str, business: str | None = None, **more: Any) -> None:
        """The only Task stands there now."""
        [task] = self.of("Task")
        made = {name: value for name, value in task.items() if name != "businessStatus"} | {"status": status, **more}
        if business:
            system = "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"
            made["businessStatus"] = {"coding": [{"system": system, "code": business}]}
        self._keep(made)

    def _keep(self, record: Json) -> Json:
        place = f"{record['resourceType']}/{record['id']}"
        version = str(int(record.get("meta", {}).get("versionId", "0")) + 1)
        self.held[place] = record | {"meta": {**record.get("meta", {}), "versionId": version}}
        self.past.setdefault(place, []).insert(0, self.held[place])
        return self.held[place]

    async def _metadata(self, request: Request) -> Response:
        interactions = [{"code": code} for code in ("read", "create", "update", "search-type")]
        types = [
            {"type": type, "interaction": interactions, "conditionalCreate": self._transaction}
            | {"searchParam": [{"name": "identifier", "type": "token"}]}
            for type in TYPES
            if type not in self._refuses
        ]
        rest: Json = {"mode": "server", "resource": types}
        if self._transaction:
            rest["interaction"] = [{"code": "transaction"}]
        return _answer({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [rest]})

    async def _together(self, request: Request) -> Response:
        body = await request.body()
        self.bodies.append(body)
        entries = json.loads(body)["entry"]
        names, made = {}, []
        for entry in entries:
            record = entry["resource"]
            if entry["request"]["method"] == "PUT":
                names[record["id"]] = place = entry["request"]["url"]
                made.append((record, None))
                self.put.append((place, entry["request"].get("ifMatch", "")))
                continue
            known = self._known(record["resourceType"], entry["request"]["ifNoneExist"].removeprefix("identifier="))
            names[entry["fullUrl"]] = known or f"{record['resourceType']}/{next(self._ids)}"
            made.append((record, known))
        said = []
        for (record, known), place in zip(made, names.values(), strict=True):
            if not known:
                text = json.dumps(record)
                for name, at in names.items():
                    text = text.replace(name, at)
                self._keep(json.loads(text) | {"id": place.partition("/")[2]})
            status = "200 OK" if known else "201 Created"
            said.append({"response": {"status": status, "location": f"{place}/_history/1"}})
        self.arrived()
        return _answer({"resourceType": "Bundle", "type": "transaction-response", "entry": said})

    def _known(self, type: str, key: str) -> str | None:
        found = [one for one in self.of(type) if key in [f"{i['system']}|{i['value']}" for i in one["identifier"]]]
        return f"{type}/{found[0]['id']}" if found else None

    async def _create(self, request: Request) -> Response:
        body = await request.body()
        self.bodies.append(body)
        if request.path_params["type"] in self._rejects:
            return _answer({"resourceType": "OperationOutcome", "issue": []}, 422)
        made = self._keep(json.loads(body) | {"id": str(next(self._ids))})
        place = f"{made['resourceType']}/{made['id']}"
        return _answer(made, 201, location=f"/fhir/{place}/_history/1")

    async def _update(self, request: Request) -> Response:
        self.meanwhile()
        place, tag = "{type}/{id}".format(**request.path_params), request.headers.get("if-match", "")
        self.put.append((place, tag))
        known = self.held[place]
        if request.path_params["type"] in self._rejects:
            return _answer({"resourceType": "OperationOutcome", "issue": []}, 422)
        if tag and tag != f'W/"{known["meta"]["versionId"]}"':
            return _answer({"resourceType": "OperationOutcome", "issue": []}, 412)
        body = await request.body()
        self.bodies.append(body)
        made = self._keep({**json.loads(body), "meta": {**json.loads(body).get("meta", {}), **_version(known)}})
        return _answer(made, etag=f'W/"{made["meta"]["versionId"]}"')

    async def _search(self, request: Request) -> Response:
        found = self._known(request.path_params["type"], request.query_params["identifier"])
        entries = [{"resource": self.held[found], "search": {"mode": "match"}}] if found else []
        return _answer({"resourceType": "Bundle", "type": "searchset", "entry": entries})

    async def _read(self, request: Request) -> Response:
        place = "{type}/{id}".format(**request.path_params)
        self.asked.append((place, request.headers.get("if-none-match", "")))
        record = self.held[place]
        if self.says:
            return self.says(record)
        tag = f'W/"{record["meta"]["versionId"]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304)
        return _answer(record, etag=tag)

    async def _history(self, request: Request) -> Response:
        place = "{type}/{id}".format(**request.path_params)
        if not self.history:
            return _answer({"resourceType": "OperationOutcome", "issue": []}, 404)
        entries = [{"resource": one} for one in self.past[place]]
        return _answer({"resourceType": "Bundle", "type": "history", "entry": entries})


def _version(record: Json) -> Json:
    return {"versionId": record["meta"]["versionId"]}


def _answer(resource: Json, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(resource), status, headers, media_type="application/fhir+json")
