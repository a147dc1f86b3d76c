"""Edits of resources as others send them, with the maps that ship: what must go along, and what must not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.json import parse
from adapter.fhir.schema import Door
from adapter.mapping.load import Maps

Record = dict[str, Any]


@pytest.fixture(scope="module")
def door(maps: Maps) -> Door:
    return Door(maps.definitions)


def minimal(root: Path, concept: str) -> Record:
    resource: Record = parse((root / "fixtures" / concept / "minimal" / "fhir.json").read_bytes())
    return resource


def test_a_location_without_its_site_goes_whole(root: Path, maps: Maps, door: Door) -> None:
    place = {"location": {"reference": "Location/l1"}, "status": "completed", "period": {"start": "2026-01-01"}}
    session, resource = maps.concepts["session"], {**minimal(root, "session"), "location": [place]}
    record, _ = session.to_native(resource)
    moved = session.to_fhir({**record, "site": "l2"}, resource)
    assert moved["location"] == [{**place, "location": {"reference": "Location/l2"}}]
    removed = session.to_fhir({name: value for name, value in record.items() if name != "site"}, resource)
    assert "location" not in removed
    assert door.check(removed) == []


def test_a_participant_of_an_appointment_who_is_taken_out_goes_whole(root: Path, maps: Maps, door: Door) -> None:
    booking, resource = maps.concepts["booking"], minimal(root, "booking")
    resource["participant"].append(
        {"actor": {"reference": "Location/l1"}, "status": "accepted", "period": {"start": "2026-01-01"}}
    )
    record, _ = booking.to_native(resource)
    assert record["site"] == "l1"
    removed = booking.to_fhir({name: value for name, value in record.items() if name != "site"}, resource)
    assert removed["participant"] == resource["participant"][:-1]
    assert door.check(removed) == []


def test_two_patients_on_an_appointment_are_parked_and_not_also_missing(root: Path, maps: Maps) -> None:
    resource = minimal(root, "booking")
    resource["participant"].append({"actor": {"reference": "Patient/other"}, "status": "accepted"})
    record, _ = maps.concepts["booking"].to_native(resource)
    assert {item["reason"] for item in record["incomplete"]} == {"several members where one is expected"}


def test_a_missing_extension_is_named_by_its_url(root: Path, maps: Maps) -> None:
    plan = minimal(root, "treatment_plan")
    del plan["extension"]
    record, _ = maps.concepts["treatment_plan"].to_native(plan)
    assert record["incomplete"] == [
        {
            "path": "CarePlan.extension('http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare')",
            "reason": "missing",
        }
    ]


def test_a_goal_in_new_words_does_not_keep_the_code_of_the_old(root: Path, maps: Maps) -> None:
    goal, resource = maps.concepts["goal"], minimal(root, "goal")
    resource["description"] = {
        "text": "Stop drinking",
        "coding": [{"system": "http://snomed.info/sct", "code": "281004"}],
    }
    record, _ = goal.to_native(resource)
    assert goal.to_fhir({**record, "in_own_words": "Eat fish"}, resource)["description"] == {"text": "Eat fish"}


def test_a_panel_of_somebody_elses_is_not_called_a_drug_screen(root: Path, maps: Maps) -> None:
    panel, resource = maps.concepts["drug_screen_panel"], minimal(root, "drug_screen_panel")
    laboratory = [c for c in resource["category"] if c["coding"][0]["code"] == "laboratory"]
    resource = {**resource, "category": laboratory, "hasMember": [{"reference": "Observation/a"}]}
    record, _ = panel.to_native(resource)
    assert panel.to_fhir({**record, "collected_at": "2026-01-01"}, resource)["category"] == laboratory
    emptied = panel.to_fhir({name: value for name, value in record.items() if name != "results"}, resource)
    assert maps.concept_of(emptied) is panel
