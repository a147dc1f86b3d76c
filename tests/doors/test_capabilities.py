"""Nothing is claimed that does not work: the CapabilityStatement is walked and each claim tried."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.fhir.schema import Door
from adapter.interactions.program import Program
from adapter.web.fhir import ROUTES
from tests.doors.people import created, patient
from tests.doors.serving import Client, parts


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


def test_every_concept_is_a_supported_profile_of_its_type(statement: Any, program: Program) -> None:
    claimed = {
        (resource["type"], profile.rpartition("/")[2])
        for resource in statement["rest"][0]["resource"]
        for profile in resource.get("supportedProfile", ())
    }
    assert claimed == {(concept.resource_type, concept.profile) for concept in program.maps.concepts.values()}


def test_a_type_that_is_not_claimed_is_not_served(client: Client, statement: Any) -> None:
    claimed = {resource["type"] for resource in statement["rest"][0]["resource"]}
    for type in sorted(parts()[0].types - claimed):
        assert client("GET", f"/fhir/{type}").status == 404
