"""Nothing is claimed that does not work: the CapabilityStatement is walked and each claim tried."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir import canonical
from adapter.settings import Settings
from adapter.web.fhir import ROUTES
from tests.doors.minimal import minimal
from tests.doors.people import created, patient
from tests.doors.serving import BASE, Client, client_of, door, opened, parts
from tests.doors.test_guarded import placed

pytestmark = pytest.mark.storeless


@pytest.fixture
def statement(client: Client) -> Any:
    """What the server says it can do."""
    return client("GET", "/fhir/metadata").json


def test_the_statement_is_valid_r4(statement: Any) -> None:
    assert door().check(statement) == []


VALUES = {
    "token": "x",
    "reference": "x",
    "date": "2026",
    "uri": "x",
    "string": "abc",
    "number": "1",
    "quantity": "1",
    "composite": "x$1",
}
MODIFIED = {"missing": "true", "of-type": "s|c|v"}


def asked(parameter: Any) -> Iterator[tuple[str, str]]:
    """A parameter alone and with each of its modifiers, and a value for it."""
    name, kind = parameter["name"], parameter["type"]
    date = "x$2026" if name == "code-value-date" else VALUES[kind]
    yield name, date
    said = parameter.get("documentation", "").removeprefix("modifiers: ").split(", ")
    for modifier in said if parameter.get("documentation") else ():
        yield f"{name}:{modifier}", MODIFIED.get(modifier, VALUES[kind])


def test_every_claimed_type_is_searched_and_every_claimed_parameter_taken(client: Client, statement: Any) -> None:
    wrong = []
    for resource in statement["rest"][0]["resource"]:
        for parameter in resource["searchParam"]:
            for form, value in asked(parameter):
                got = client("GET", f"/fhir/{resource['type']}?{form}={value}")
                wrong += [] if got.status == 200 else [(resource["type"], form, got.body)]
    assert wrong == []


def test_every_parameter_that_is_claimed_for_all_types_is_taken(client: Client, statement: Any) -> None:
    claimed = statement["rest"][0]["searchParam"]
    assert {parameter["name"] for parameter in claimed} == {
        "_id", "_lastUpdated", "_tag", "_profile", "_security", "_source",
    }  # fmt: skip
    for parameter in claimed:
        for form, value in asked(parameter):
            assert client("GET", f"/fhir?_type=Patient,Goal&{form}={value}").status == 200, form


def test_every_claimed_include_is_taken(client: Client, statement: Any) -> None:
    wrong, tried = [], 0
    for resource in statement["rest"][0]["resource"]:
        for name, claim in (("_include", "searchInclude"), ("_revinclude", "searchRevInclude")):
            for include in resource.get(claim, ()):
                got = client("GET", f"/fhir/{resource['type']}?{name}={include}")
                wrong += [] if got.status == 200 else [(resource["type"], name, include, got.body)]
                tried += 1
    assert wrong == []
    assert tried > 500


def test_every_claimed_interaction_is_there_and_no_other(client: Client, statement: Any) -> None:
    tries = {
        "read": ("GET", "/fhir/{}/none", 404),
        "vread": ("GET", "/fhir/{}/none/_history/1", 404),
        "history-instance": ("GET", "/fhir/{}/none/_history", 404),
        "history-type": ("GET", "/fhir/{}/_history", 200),
        "search-type": ("GET", "/fhir/{}", 200),
        "create": ("POST", "/fhir/{}", 400),
        "update": ("PUT", "/fhir/{}/none", 400),
        "delete": ("DELETE", "/fhir/{}/none", 404),
    }
    for resource in statement["rest"][0]["resource"]:
        claimed = {interaction["code"] for interaction in resource["interaction"]}
        for code, (method, url, status) in tries.items():
            got = client(method, url.format(resource["type"]), b"{}" if method in ("POST", "PUT") else None)
            # Without versions there is no address of any.
            absent = 404 if code in ("vread", "history-instance", "history-type") else 405
            assert got.status == (status if code in claimed else absent), (resource["type"], code, got.body)


def test_a_resource_of_every_claimed_type_is_created_read_found_changed_and_deleted(
    client: Client, statement: Any
) -> None:
    wrong = {}
    for claim in statement["rest"][0]["resource"]:
        type, claimed = claim["type"], {interaction["code"] for interaction in claim["interaction"]}
        if "create" in claimed:
            made = client("POST", f"/fhir/{type}", minimal(parts()[0], type))
            place = made.headers.get("location", "/_history/").removeprefix(BASE).partition("/_history/")[0]
            done = [made.status] + [
                client(method, f"/fhir{url}", body).status
                for method, url, body in (
                    ("GET", place, None),
                    ("GET", f"/{type}?_id={place.rpartition('/')[2]}", None),
                    ("PUT", place, made.json | {"language": "en"}),
                    ("GET", f"{place}/_history/2", None),
                    ("DELETE", place, None),
                )
            ]
            wrong |= {type: (done, made.body)} if done != [201, 200, 200, 200, 200, 204] else {}
    assert wrong == {}


def test_every_route_is_claimed(statement: Any) -> None:
    rest = statement["rest"][0]
    claimed = {i["code"] for resource in rest["resource"] for i in resource["interaction"]} | {
        i["code"] for i in rest["interaction"]
    }
    assert rest["compartment"] == ["http://hl7.org/fhir/CompartmentDefinition/patient"]
    assert claimed | {"capabilities", "operation", "search-compartment"} == {route.interaction for route in ROUTES}


# Operations of one record only, which in these tests is not there, and what they answer.
OF_ONE = {"everything": 404, "consent-scope": 200, "disclosures": 404, "intermediaries": 404, "events": 404}
OF_ONE |= {"utilization": 404}
OF_CLIENTS = {"emergency-access", "disclosures", "intermediaries", "breach-scope", "explain", "status", "events"}
OF_CLIENTS |= {"export"}
"""Who asks must be known: a server without authorization refuses them."""


def operations(statement: Any) -> Iterator[tuple[str, str, str]]:
    """(type or "", name, definition) of every claimed operation."""
    rest = statement["rest"][0]
    for claim in ({"type": "", **rest}, *rest["resource"]):
        for operation in claim.get("operation", ()):
            yield claim["type"], operation["name"], operation["definition"]


def test_every_claimed_operation_is_there_and_no_other(client: Client, statement: Any) -> None:
    claimed = {(type, name) for type, name, _ in operations(statement)}
    names = {name for _, name in claimed}
    assert len(claimed) == len(list(operations(statement)))
    for type in ("", *(resource["type"] for resource in statement["rest"][0]["resource"])):
        for name in names:
            place = f"{type}/none" if (type and name in OF_ONE) or (type, name) == ("Group", "export") else type
            got = client("POST", f"/fhir/{place}/${name}".replace("//", "/"), {"resourceType": "Parameters"})
            # Without its inputs it is refused, or finds nothing to do: but it is there.
            there = 403 if name in OF_CLIENTS else OF_ONE.get(name, 400)
            assert got.status == (there if (type, name) in claimed else 404), (place, name, got.body)
            assert ("there is nothing at this address" in str(got.json)) == ((type, name) not in claimed)


def test_every_operation_route_is_claimed_with_its_definition(statement: Any, tmp_path: Path) -> None:
    """Where nobody proves who asks, those are not that need to know."""
    with placed(tmp_path) as place:
        guarded = place.guarded("GET", "/fhir/metadata").json
    there = {route.operation for route in ROUTES if route.operation}
    for said, wanted in ((guarded, there), (statement, {one for one in there if not one.clients})):
        claimed = {(name, definition) for _, name, definition in operations(said)}
        assert claimed == {(one.code, one.url) for one in wanted}


@pytest.mark.parametrize("url", ["Group/roster-all/$export", "Patient/$export", "Subscription/$status"])
def test_what_needs_a_client_is_refused_where_there_is_none(client: Client, url: str) -> None:
    got = client("GET", f"/fhir/{url}", headers={"Prefer": "respond-async"})
    assert got.status == 403
    assert "started open" in got.body.decode()


def test_every_profile_that_is_served_is_claimed_at_its_type(client: Client, statement: Any) -> None:
    claimed = {r["type"]: r.get("supportedProfile", []) for r in statement["rest"][0]["resource"]}
    served = [e["resource"] for e in client("GET", "/fhir/StructureDefinition").json["entry"]]
    profiles = [one for one in served if one["type"] != "Extension"]
    assert len(profiles) >= 35
    for one in profiles:
        assert one["url"] in claimed[one["type"]]
        assert (one["baseDefinition"] in claimed[one["type"]]) == ("/us/core/" in one["baseDefinition"])
    # R4: what is named there is supported in its entirety, and nobody's guide is.
    assert "implementationGuide" not in statement


NEEDING = {route.operation.url for route in ROUTES if route.operation and route.operation.clients}


def test_a_narrowed_operation_names_only_what_is_heard_and_its_base(client: Client, statement: Any) -> None:
    ours = {d for _, _, d in operations(statement) if d.startswith(f"{canonical.BASE}/")}
    served = {e["resource"]["url"]: e["resource"] for e in client("GET", "/fhir/OperationDefinition").json["entry"]}
    assert ours == {url for url in served if url not in NEEDING}
    taken = {route.operation.url: {p.name for p in route.operation.takes} for route in ROUTES if route.operation}
    for url, one in served.items():
        assert {p["name"] for p in one["parameter"] if p["use"] == "in"} == taken[url]
    assert (
        sum(one.get("base", "").startswith("http://hl7.org/fhir/OperationDefinition/") for one in served.values()) == 5
    )


def test_the_claimed_behaviour_of_versions_and_conditions_is_real(client: Client, statement: Any) -> None:
    claims = next(r for r in statement["rest"][0]["resource"] if r["type"] == "Patient")
    made = created(client, patient(identifier=[{"system": "https://clinic.example/mrn", "value": "1"}]))
    address = f"/fhir/Patient/{made.id}"
    assert (claims["versioning"], made.headers["etag"]) == ("versioned", 'W/"1"')
    assert (claims["readHistory"], client("GET", f"{address}/_history/1").status) == (True, 200)
    assert (claims["conditionalRead"], client("GET", address, headers={"If-None-Match": 'W/"1"'}).status) == (
        "full-support",
        304,
    )
    found = client("POST", "/fhir/Patient", patient(), {"If-None-Exist": "identifier=https://clinic.example/mrn|1"})
    assert (claims["conditionalCreate"], found.status) == (True, 200)
    sought = "/fhir/Patient?identifier=https://clinic.example/mrn|1"
    assert (claims["conditionalUpdate"], client("PUT", sought, made.json).status) == (True, 200)
    assert (claims["conditionalDelete"], client("DELETE", sought).status) == ("single", 204)
    assert client("GET", address).status == 410
    assert (claims["updateCreate"], client("PUT", "/fhir/Patient/new", patient(id="new")).status) == (False, 405)


def canonicals(value: Any) -> Iterator[str]:
    """Every URL of ours in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from canonicals(inner)
    elif isinstance(value, str) and value.startswith(f"{canonical.BASE}/"):
        yield value


def test_nothing_of_ours_is_named_that_is_not_served(client: Client, statement: Any) -> None:
    named = set(canonicals(statement["rest"]))
    assert {url for url in named if client("GET", f"/fhir{url.removeprefix(canonical.BASE)}").status != 200} == set()


def test_the_date_is_that_of_the_maps_and_stays(tmp_path: Path) -> None:
    maps = tmp_path / "mappings"
    shutil.copytree(Settings().mappings, maps)
    for number, path in enumerate(sorted(maps.rglob("*.toml"))):
        os.utime(path, (1_772_400_000 + number, 1_772_400_000 + number))
    newest = datetime.fromtimestamp(1_772_400_000 + number, UTC)
    with opened(tmp_path, mappings=maps) as program, client_of(program) as client:
        first, second = (client("GET", "/fhir/metadata") for _ in "ab")
    assert first.body == second.body
    assert first.json["date"] == newest.isoformat()


def test_a_type_that_is_not_claimed_is_not_served(client: Client, statement: Any) -> None:
    claimed = {resource["type"] for resource in statement["rest"][0]["resource"]}
    for type in sorted(parts()[0].types - claimed):
        assert client("GET", f"/fhir/{type}").status == 404


def test_every_type_that_a_map_reads_is_claimed_and_can_be_created(statement: Any) -> None:
    claimed = {
        resource["type"]
        for resource in statement["rest"][0]["resource"]
        if "create" in {interaction["code"] for interaction in resource["interaction"]}
    }
    assert {kind for concept in parts()[1].concepts.values() for kind in concept.resource_types} <= claimed


def test_what_is_known_of_codes_is_told(client: Client) -> None:
    told = client("GET", "/fhir/metadata?mode=terminology")
    assert (told.status, told.json["resourceType"]) == (200, "TerminologyCapabilities")
    assert door().check(told.json) == []
    systems = {system["uri"]: system for system in told.json["codeSystem"]}
    for entry in client("GET", "/fhir/CodeSystem").json["entry"]:
        assert entry["resource"]["url"] in systems
    expanded = client("GET", "/fhir/ValueSet/attendance/$expand").json["expansion"]["contains"]
    assert {code["system"] for code in expanded} <= systems.keys()
    url = f"{canonical.BASE}/ValueSet/attendance"
    for parameter in told.json["expansion"]["parameter"]:
        value = {"activeOnly": "true"}.get(parameter["name"], "1")
        more = "" if parameter["name"] == "url" else f"&{parameter['name']}={value}"
        assert client("GET", f"/fhir/ValueSet/$expand?url={url}{more}").status == 200


@pytest.mark.parametrize("mode", ["full", "normative"])
def test_a_mode_that_r4_lets_a_server_answer_with_more_is_answered_in_full(
    client: Client, statement: Any, mode: str
) -> None:
    assert client("GET", f"/fhir/metadata?mode={mode}").json == statement


def test_an_unknown_mode_is_refused_with_those_that_are(client: Client) -> None:
    refused = client("GET", "/fhir/metadata?mode=everything")
    assert refused.status == 400
    assert "terminology" in refused.json["issue"][0]["details"]["text"]
