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
from adapter.fhir.schema import Door
from adapter.settings import Settings
from adapter.web.fhir import ROUTES
from tests.doors.minimal import minimal
from tests.doors.people import created, patient
from tests.doors.serving import BASE, Client, client_of, opened, parts


@pytest.fixture
def statement(client: Client) -> Any:
    """What the server says it can do."""
    return client("GET", "/fhir/metadata").json


def test_the_statement_is_valid_r4(statement: Any) -> None:
    assert Door(parts()[0]).check(statement) == []


def test_every_claimed_type_is_searched_and_every_claimed_parameter_taken(client: Client, statement: Any) -> None:
    wrong = []
    values = {"token": "x", "reference": "x", "date": "2026"}
    for resource in statement["rest"][0]["resource"]:
        for parameter in resource["searchParam"]:
            for form in (
                (parameter["name"], f"{parameter['name']}:missing")
                if "missing" in parameter.get("documentation", "")
                else (parameter["name"],)
            ):
                value = "true" if form.endswith(":missing") else values[parameter["type"]]
                got = client("GET", f"/fhir/{resource['type']}?{form}={value}")
                wrong += [] if got.status == 200 else [(resource["type"], form, got.body)]
    assert wrong == []


def test_every_claimed_interaction_is_there_and_no_other(client: Client, statement: Any) -> None:
    tries = {
        "read": ("GET", "/fhir/{}/none", 404),
        "vread": ("GET", "/fhir/{}/none/_history/1", 404),
        "search-type": ("GET", "/fhir/{}", 200),
        "create": ("POST", "/fhir/{}", 400),
        "update": ("PUT", "/fhir/{}/none", 400),
        "delete": ("DELETE", "/fhir/{}/none", 404),
    }
    for resource in statement["rest"][0]["resource"]:
        claimed = {interaction["code"] for interaction in resource["interaction"]}
        for code, (method, url, status) in tries.items():
            got = client(method, url.format(resource["type"]), b"{}" if method in ("POST", "PUT") else None)
            assert got.status == (status if code in claimed else 405), (resource["type"], code, got.body)


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
    assert claimed | {"capabilities"} == {route.interaction for route in ROUTES}


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
