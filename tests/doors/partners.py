"""A partner whose server is played by respx, and the worker that does its jobs; time stands until it is moved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import respx

from adapter import app
from adapter.exchange.opening import Passing
from adapter.fhir.dates import milliseconds
from adapter.interactions.program import Program
from adapter.store.jobs import Job, Jobs
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.store.partners import PartnerRow, Partners
from tests.doors.mounted import Steps
from tests.doors.test_guarded import THEIRS, Place, placed

Json = dict[str, Any]
FHIR = {"content-type": "application/fhir+json"}
TYPES = ("Patient", "Encounter", "Goal", "CarePlan", "MedicationRequest", "Observation", "Condition")
_DOES = ("create", "update", "search-type", "read")


class Ehr:
    """A server of FHIR at an address of this machine that nobody listens at. `answers` says what goes wrong."""

    def __init__(self, router: respx.MockRouter, name: str = "ehr", port: int = 9) -> None:
        self.name, self.base = name, f"http://127.0.0.1:{port}/fhir"
        self.has: dict[tuple[str, str], Json] = {}
        self.asked: list[httpx.Request] = []
        self.types = TYPES
        self.answers: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        router.route(url__startswith=self.base).mock(side_effect=self._answer)

    @property
    def sent(self) -> list[Json]:
        """What was sent, in order, whatever became of it."""
        return [json.loads(one.content) for one in self.asked if one.method in ("POST", "PUT")]

    def held(self, type: str) -> list[Json]:
        return [record for (of, _), record in self.has.items() if of == type]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path.removeprefix("/fhir/").split("/")
        if wrong := self.answers(request):
            return wrong
        if path == ["metadata"]:
            return httpx.Response(200, json=self._capabilities(), headers=FHIR)
        if request.method in ("POST", "PUT"):
            return self._kept(request, path)
        if len(path) == 2:
            return httpx.Response(200, json=self.has[path[0], path[1]], headers=FHIR)
        entries = [{"resource": one, "search": {"mode": "match"}} for one in self.held(path[0])]
        return httpx.Response(200, json={"resourceType": "Bundle", "type": "searchset", "entry": entries}, headers=FHIR)

    def _capabilities(self) -> Json:
        offered = [
            {"type": type, "interaction": [{"code": code} for code in _DOES], "conditionalCreate": True}
            for type in self.types
        ]
        rest = [{"mode": "server", "resource": offered}]
        return {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": rest}

    def _kept(self, request: httpx.Request, path: list[str]) -> httpx.Response:
        said = json.loads(request.content)
        key = [one["value"] for one in said["identifier"]][-1]
        known = next((id for (type, id), one in self.has.items() if type == path[0] and one["key"] == key), None)
        id = known or f"r{len(self.has) + 1}"
        if known is None or request.method == "PUT":
            self.has[path[0], id] = {**said, "id": id, "key": key}
        status, place = 200 if known else 201, f"{self.base}/{path[0]}/{id}/_history/{len(self.asked)}"
        return httpx.Response(status, headers={"location": place})


def busy(status: int, **headers: str) -> Callable[[httpx.Request], httpx.Response | None]:
    """Every request is answered so."""
    return lambda request: httpx.Response(
        status, headers={name.replace("_", "-"): said for name, said in headers.items()}
    )


def registered(place: Place, ehr: Ehr, *, every: int | None = None, follows: bool = False) -> None:
    """The server is known as a partner's."""
    now = milliseconds(place.program.clock())
    row = PartnerRow(ehr.name, THEIRS, ehr.base, None, None, "system/*.cruds", "plain", "", True, now)

    def work(partners: Partners) -> None:
        partners.add(row)
        partners.keep_to(ehr.name, every, follows, now)

    told(place, work)


def told(place: Place, work: Callable[[Partners], None]) -> None:
    """Something is said of partners."""
    place.program.store.write(lambda t: work(Partners(t.database))).result(30)


def pushed(place: Place, ehr: Ehr, patient: str) -> None:
    """A push is asked for."""
    told(place, lambda partners: partners.push(ehr.name, patient, milliseconds(place.program.clock())))


def job(program: Program, kind: str, key: str) -> Job:
    """How a job stands."""
    with program.store.asking() as database:
        found = Jobs(database).named(kind, key)
    assert found is not None
    return found


@contextmanager
def partnered(folder: Path, **changes: Any) -> Iterator[Place]:
    """A program that may ask this machine, at a time that stands."""
    with placed(folder, Steps(), partner_networks="127.0.0.0/8", **changes) as place:
        yield place


def consented(place: Place) -> str:
    """Somebody with a visit, of whom the partner may see all."""
    id = place.participant()
    place.session(id)
    place.treated(id)
    place.consent(id)
    return id


class Worker:
    """The worker of a program, by hand: time at partners' servers is that of the program, and nobody sleeps."""

    def __init__(self, place: Place) -> None:
        self._place, self.clock = place, place.program.clock

    def __call__(self, hours: float = 0, seconds: float = 0) -> None:
        """Do all that is due after so long."""
        self.on(hours, seconds)
        asyncio.run(self._done())

    def on(self, hours: float = 0, seconds: float = 0) -> None:
        """Let time pass."""
        self.clock.now += timedelta(hours=hours, seconds=seconds)  # type: ignore[attr-defined]

    async def _done(self) -> None:
        ledger = Ledger(place_of(self._place.program.settings.store), self.clock)
        passing = Passing(lambda: self.clock().timestamp(), self._slept)
        worker = app.worker(app.clients(self._place.program, ledger), passing)
        try:
            await worker.finish()
        finally:
            await worker.end()
            ledger.close()

    async def _slept(self, seconds: float) -> None:
        self.on(seconds=seconds)
