"""Every fixture is a promise: this record is this resource, and this resource reads as this record and this residue.

Cases whose name begins with `received` are resources as other systems send them: read, and written back untouched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.elements import Definitions
from adapter.fhir.json import parse
from adapter.fhir.schema import Door
from adapter.mapping.load import Maps
from adapter.problems import Problem

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
AGGREGATES = sorted(path for path in FIXTURES.glob("*/*/") if not (path / "fhir.json").exists())
CASES = sorted(path for path in FIXTURES.glob("*/*/") if (path / "fhir.json").exists())
MADE_HERE = [path for path in CASES if not path.name.startswith("received")]
INVENTED = {"Testperson", "Testa", "Testy", "Tryout", "Quill", "Surname", "Clinician", "Mentor", "Peer"} | {
    "Alpha",
    "Beta",
    "Gamma",
    "Delta",
    "Epsilon",
}


def content(path: Path) -> Any:
    return parse(path.read_bytes())


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.fixture(scope="module")
def door(definitions: Definitions) -> Door:
    return Door(definitions)


@pytest.mark.parametrize("case", MADE_HERE, ids=name)
def test_the_record_becomes_exactly_this_resource(case: Path, maps: Maps) -> None:
    concept = maps.concepts[case.parent.name]
    assert concept.to_fhir(content(case / "native.json")) == content(case / "fhir.json")


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_resource_reads_as_exactly_this_record_and_residue(case: Path, maps: Maps) -> None:
    record, residue = maps.concepts[case.parent.name].to_native(content(case / "fhir.json"))
    assert record == content(case / "native.json")
    assert [dict(finding._asdict()) for finding in residue] == content(case / "residue.json")


@pytest.mark.parametrize("case", CASES, ids=name)
def test_writing_the_record_straight_back_changes_nothing(case: Path, maps: Maps) -> None:
    resource = content(case / "fhir.json")
    assert maps.concepts[case.parent.name].to_fhir(content(case / "native.json"), resource) is resource


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_door_accepts_the_resource(case: Path, door: Door) -> None:
    assert door.check(content(case / "fhir.json")) == []


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_resource_belongs_to_the_concept_of_its_folder(case: Path, maps: Maps) -> None:
    assert maps.concept_of(content(case / "fhir.json")) is maps.concepts[case.parent.name]


@pytest.mark.parametrize("case", CASES, ids=name)
def test_what_is_incomplete_is_what_the_residue_parks(case: Path, maps: Maps) -> None:
    """An element that cannot be read goes by its element in both, what a rule finds natively by its field."""
    concept = maps.concepts[case.parent.name]
    told = content(case / "native.json").get("incomplete", [])
    parked = [finding for finding in content(case / "residue.json") if finding["policy"] == "park"]
    assert [item["reason"] for item in told] == [finding["reason"] for finding in parked]
    for item, finding in zip(told, parked, strict=True):
        field = re.split(r"[.\[]", item["path"])[0]
        assert item["path"] == finding["path"] or field == concept.field_at(finding["path"])


def test_every_concept_has_a_full_a_minimal_an_odd_and_a_received_case(maps: Maps) -> None:
    for concept in maps.concepts:
        cases = {path.name.partition("-")[0] for path in CASES if path.parent.name == concept}
        assert {"full", "minimal", "odd", "received"} <= cases, concept


def test_every_field_appears_in_some_fixture(maps: Maps) -> None:
    for concept in maps.concepts.values():
        seen: set[str] = set()
        for case in CASES:
            if case.parent.name == concept.name:
                seen |= set(_names(content(case / "native.json"), ""))
        assert set(_declared(concept.fields, "")) <= seen, concept.name


@pytest.mark.parametrize("case", [case for case in CASES if case.name == "minimal"], ids=name)
def test_nothing_can_be_left_out_of_a_minimal_record(case: Path, maps: Maps) -> None:
    record = content(case / "native.json")
    for field in record.keys() - {"id"}:
        with pytest.raises(Problem):
            maps.concepts[case.parent.name].to_fhir({key: value for key, value in record.items() if key != field})


@pytest.mark.parametrize("case", CASES + AGGREGATES, ids=name)
def test_only_invented_people_are_named(case: Path) -> None:
    for path in case.glob("*.json"):
        for spoken in _people(json.loads(path.read_text(encoding="utf-8"))):
            assert set(spoken.replace(".", " ").split()) <= INVENTED, f"{path.name}: {spoken}"


def test_no_resource_about_one_participant_names_another() -> None:
    for case in CASES:
        resource = content(case / "fhir.json")
        people = {reference for reference in _references(resource) if reference.startswith("Patient/")}
        if resource["resourceType"] != "Patient":
            assert len(people) <= 1, name(case)


@pytest.mark.parametrize("case", AGGREGATES, ids=name)
def test_the_members_join_to_exactly_this_document(case: Path, maps: Maps) -> None:
    assert maps.aggregates[case.parent.name].join(content(case / "records.json")) == content(case / "native.json")


@pytest.mark.parametrize("case", AGGREGATES, ids=name)
def test_a_document_taken_apart_where_nothing_changed_writes_nothing_new(case: Path, maps: Maps) -> None:
    stored = content(case / "records.json")
    parts = maps.aggregates[case.parent.name].split(content(case / "native.json"), stored, _no_new_id)
    for part in parts:
        assert not part.delete
        assert part.record in stored[part.concept]


@pytest.mark.parametrize("case", AGGREGATES, ids=name)
def test_the_members_of_a_document_are_valid_records(case: Path, maps: Maps, door: Door) -> None:
    for concept, records in content(case / "records.json").items():
        for record in records:
            assert door.check(maps.concepts[concept].to_fhir(record)) == []


def _no_new_id() -> str:
    raise AssertionError("a document of stored records needs no new id")


def _names(value: Any, prefix: str) -> Iterator[str]:
    for key, child in value.items():
        yield prefix + key
        for member in child if isinstance(child, list) else ():
            if isinstance(member, dict):
                yield from _names(member, f"{prefix}{key}.")


def _declared(fields: Any, prefix: str) -> Iterator[str]:
    for field in fields:
        yield prefix + field.name
        yield from _declared(getattr(field, "fields", ()) or (), f"{prefix}{field.name}.")


def _people(value: Any) -> Iterator[str]:
    """Every family, given and whole name in a record or resource."""
    if isinstance(value, list):
        for child in value:
            yield from _people(child)
    elif isinstance(value, dict):
        for key, child in value.items():
            if key == "family" and isinstance(child, str):
                yield child
            elif key == "given":
                yield from child
            elif key in ("name", "names") and not isinstance(child, str):
                for person in child if isinstance(child, list) else [child]:
                    yield person.get("text", "").replace("'", "")
            yield from _people(child)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for child in value:
            yield from _references(child)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for child in value.values():
            yield from _references(child)
