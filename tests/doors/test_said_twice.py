"""One drug screen with two results of one test: refused as one document, parked when its records come one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.doors.people import created, patient, reference
from tests.doors.serving import Client, client_of, opened

LAB = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}
PANEL, COCAINE, OPIATES = "69739-1", "19359-9", "19295-5"
FOUND = {"positive": "10828004", "negative": "260385009"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with opened(tmp_path_factory.mktemp("twice")) as program, client_of(program) as client:
        yield client


@pytest.fixture(scope="module")
def who(client: Client) -> str:
    return reference(created(client, patient()))


def observation(who: str, loinc: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [LAB],
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "subject": {"reference": who},
        "effectiveDateTime": "2026-03-04",
    } | more


def result(client: Client, who: str, loinc: str, finding: str) -> str:
    value = {"coding": [{"system": "http://snomed.info/sct", "code": FOUND[finding]}]}
    return reference(created(client, observation(who, loinc, valueCodeableConcept=value)))


def panel(who: str, *results: str) -> dict[str, Any]:
    return observation(who, PANEL, hasMember=[{"reference": one} for one in results])


def parked(client: Client, id: str) -> list[str]:
    items = client("GET", "/iop/parked").json["items"]
    return [item["path"] for item in items if item["id"] == id]


def test_a_panel_with_two_results_of_one_test_is_parked_until_it_has_one(client: Client, who: str) -> None:
    positive, negative = (result(client, who, OPIATES, finding) for finding in FOUND)
    made = created(client, panel(who, positive, negative))
    assert parked(client, made.id) == ["Observation.hasMember"]
    client("PUT", f"/fhir/Observation/{made.id}", {**panel(who, positive), "id": made.id})
    assert parked(client, made.id) == []


def test_a_panel_with_results_of_different_tests_is_not_parked(client: Client, who: str) -> None:
    made = created(
        client, panel(who, result(client, who, OPIATES, "positive"), result(client, who, COCAINE, "negative"))
    )
    assert parked(client, made.id) == []


def test_a_panel_is_parked_when_a_result_that_it_lists_becomes_one_of_the_same_test(client: Client, who: str) -> None:
    first, second = result(client, who, OPIATES, "positive"), result(client, who, COCAINE, "negative")
    made = created(client, panel(who, first, second))
    changed = observation(who, OPIATES, id=second.partition("/")[2], valueString="Negative")
    assert client("PUT", f"/fhir/{second}", changed).status == 200
    assert parked(client, made.id) == ["Observation.hasMember"]


def test_a_panel_that_comes_along_as_it_is_is_parked_for_a_result_that_changes_beside_it(
    client: Client, who: str
) -> None:
    first, second = result(client, who, OPIATES, "positive"), result(client, who, COCAINE, "negative")
    made = created(client, panel(who, first, second))
    changed = observation(who, OPIATES, id=second.partition("/")[2], valueString="Negative")
    entries = [
        {"resource": resource, "request": {"method": "PUT", "url": f"Observation/{resource['id']}"}}
        for resource in ({**panel(who, first, second), "id": made.id}, changed)
    ]
    answer = client("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status == 200
    assert parked(client, made.id) == ["Observation.hasMember"]


def test_the_whole_document_is_refused(client: Client, who: str) -> None:
    line = {"status": "final", "test": "opiates_screen", "result": {"finding": "negative"}}
    screen = {
        "participant": who.partition("/")[2],
        "status": "final",
        "panel": "drug_screen",
        "collected_at": "2026-03-04",
        "results": [line, line | {"result": {"finding": "positive"}}],
    }
    got = client("POST", "/iop/drug_screen", screen)
    assert got.status == 422
    assert got.json["issue"][0]["expression"] == ["results[1]"]
