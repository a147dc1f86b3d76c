"""Consents, referrals and their tasks with the maps that ship: who claims what, and what edits leave as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.json import parse
from adapter.fhir.schema import Door
from adapter.mapping.load import Maps
from adapter.mapping.tables import JointTable

Record = dict[str, Any]
KIND = "https://iop-fhir-adapter.org/fhir/CodeSystem/referral-kind"
BSER = "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"


def resource(root: Path, case: str) -> Record:
    found: Record = parse((root / "fixtures" / case / "fhir.json").read_bytes())
    return found


def categories(*codes: str) -> list[Record]:
    return [{"coding": [{"system": KIND, "code": code}]} for code in codes]


def test_the_same_service_is_a_step_down_or_an_aftercare_referral_by_its_category_alone(root: Path, maps: Maps) -> None:
    asked = resource(root, "step_down_referral/minimal")
    claims = {
        (): None,
        ("step-down",): "step_down_referral",
        ("aftercare",): "aftercare_referral",
        ("step-down", "aftercare"): None,
        ("lateral",): None,
    }
    for codes, name in claims.items():
        concept = maps.concept_of({**asked, "category": categories(*codes)})
        assert (concept.name if concept else None) == name
    assert maps.concept_of({key: value for key, value in asked.items() if key != "category"}) is None


def test_a_service_that_is_not_in_the_table_is_claimed_and_parked(root: Path, maps: Maps) -> None:
    asked = {**resource(root, "step_down_referral/minimal"), "code": {"text": "A bed"}}
    concept = maps.concept_of(asked)
    assert concept is maps.concepts["step_down_referral"]
    record, _ = concept.to_native(asked)
    assert [item["path"] for item in record["incomplete"]] == ["ServiceRequest.code"]


@pytest.mark.parametrize("name", ["step_down_referral", "aftercare_referral"])
def test_a_referral_for_when_it_is_needed_is_parked(root: Path, maps: Maps, name: str) -> None:
    asked = {**resource(root, f"{name}/minimal"), "asNeededBoolean": True}
    record, _ = maps.concepts[name].to_native(asked)
    assert [item["path"] for item in record["incomplete"]] == ["ServiceRequest.asNeededBoolean"]


@pytest.mark.parametrize(
    ("change", "claimed"),
    [
        ({}, True),
        ({"focus": {"reference": "MedicationRequest/m1"}}, False),
        ({"focus": {"display": "A referral on paper"}}, False),
        ({"code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "approve"}]}}, False),
    ],
)
def test_only_the_fulfilment_of_a_service_request_is_a_referral_task(
    root: Path, maps: Maps, change: Record, claimed: bool
) -> None:
    task = {**resource(root, "referral_task/minimal"), **change}
    assert (maps.concept_of(task) is maps.concepts["referral_task"]) == claimed


def test_every_status_of_a_task_and_every_business_status_of_bser_has_a_state(maps: Maps) -> None:
    table = maps.tables["referral_state"]
    assert isinstance(table, JointTable)
    element = maps.definitions.element("Task.status")
    assert element is not None
    assert {row["status"] for row in table.rows.values()} == element.codes
    written = [row["businessStatus"] for row in table.rows.values() if "businessStatus" in row]
    bser = {coding["code"] for coding in written if coding["system"] == BSER}
    assert bser == {"2.0", "3.0", "4.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.2", "6.0", "7.0"}


def test_a_task_that_moves_on_keeps_nothing_of_the_state_before(root: Path, maps: Maps, door: Door) -> None:
    task = resource(root, "referral_task/received-sdohcc")
    concept = maps.concepts["referral_task"]
    record, _ = concept.to_native(task)
    assert record["state"] == "accepted"
    assert concept.to_fhir(record, task) is task  # Task.status alone said it: nothing is added
    moved = concept.to_fhir({**record, "state": "scheduled"}, task)
    assert (moved["status"], moved["businessStatus"]["coding"][0]["code"]) == ("in-progress", "5.1.1")
    held = concept.to_fhir({**record, "state": "on_hold"}, moved)
    assert "businessStatus" not in held
    assert held["output"] == task["output"]
    assert door.check(moved) == door.check(held) == []


@pytest.fixture(scope="module")
def door(maps: Maps) -> Door:
    return Door(maps.definitions)


def test_a_retired_code_is_read_and_stays_until_it_is_changed(root: Path, maps: Maps) -> None:
    consent = maps.concepts["consent"]
    stored = resource(root, "consent/tpo")
    [handling] = [one for one in stored["provision"]["extension"] if one["url"].endswith("consent-handling")]
    handling["valueCoding"] = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "NORDSLCD"}
    record, _ = consent.to_native(stored)
    assert record["handling"] == ["no_redisclosure"]
    edited = consent.to_fhir({**record, "topics": [{"text": "Attendance"}]}, stored)
    assert handling in edited["provision"]["extension"]
    other = consent.to_fhir({**record, "handling": ["no_reuse"]}, stored)
    again = consent.to_fhir({**record, "handling": ["no_redisclosure"]}, other)
    assert "NORDSCLCD" in [one.get("valueCoding", {}).get("code") for one in again["provision"]["extension"]]


def test_a_handling_code_among_the_labels_that_choose_what_is_disclosed_is_parked(root: Path, maps: Maps) -> None:
    record, residue = maps.concepts["consent"].to_native(resource(root, "consent/received-segmented"))
    assert "handling" not in record
    label = "Consent.provision.securityLabel[1]"
    assert [(one.path, str(one.policy)) for one in residue if one.path.startswith(label)] == [(label, "park")]


@pytest.mark.parametrize(
    "narrower",
    [
        {"actor": [{"role": {"text": "auditor"}, "reference": {"display": "An auditor"}}]},
        {"securityLabel": [{"system": "urn:example:labels", "code": "VIP"}]},
        {"extension": [{"url": "urn:example:only-on-tuesdays", "valueBoolean": True}]},
        {"provision": [{"type": "deny", "actor": [{"role": {"text": "x"}, "reference": {"display": "Y"}}]}]},
        {"action": [{"text": "read aloud"}]},
    ],
)
def test_what_narrows_a_consent_and_is_not_understood_parks_it(root: Path, maps: Maps, narrower: Record) -> None:
    stored = resource(root, "consent/minimal")
    stored["provision"] = {**stored["provision"], **narrower}
    record, residue = maps.concepts["consent"].to_native(stored)
    assert record["incomplete"]
    assert all(note.path.startswith("Consent.provision") for note in residue)


def test_an_exception_to_an_exception_is_refused(root: Path, maps: Maps) -> None:
    stored = resource(root, "consent/full")
    stored["provision"]["provision"][0]["provision"] = [{"type": "permit"}]
    _, residue = maps.concepts["consent"].to_native(stored)
    assert [note.path for note in residue if note.policy == "refuse"] == ["Consent.provision.provision[0].provision"]


def test_a_class_of_recipients_is_an_actor_for_who_does_not_know_our_extension(root: Path, maps: Maps) -> None:
    """R4: a provision without an actor is for everybody, so a class may not stand beside the actors."""
    consent = resource(root, "consent/tpo")
    [actor] = consent["provision"]["actor"]
    assert actor["role"]["coding"][0]["code"] == "IRCP"
    assert actor["reference"].keys() == {"display"}
    assert len(actor["extension"]) == 4
