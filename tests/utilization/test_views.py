"""Every view that is shipped, against the maps: a cell says what the native record says, of every fixture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.elements import Definitions
from adapter.mapping.load import Maps
from adapter.mapping.tables import Table
from adapter.utilization.views import View
from adapter.utilization.views_reading import ViewReader

ROOT = Path(__file__).resolve().parent.parent.parent
CONCEPTS = {
    "authorizations": "authorization",
    "bookings": "booking",
    "coverages": "coverage",
    "drug_results": "drug_result",
    "episodes": "episode",
    "goals": "goal",
    "screenings": "screening",
    "session_breaks": "session",
    "sessions": "session",
}
BESIDE = {
    *("service_number", "service", "amount", "used", "left", "comparator", "unit", "missing", "interpretation"),
    *("words", "measure", "measure_words", "due_on", "absence", "level", "total_amount", "hours_attended", "session"),
}
"""Columns that are a part of a field, or of a list of the record, and so no field of its own."""
UNSEEN = {"goals": {"measure"}}
"""Columns that no fixture has a value of: US Core's targets have coded measures."""


def resources() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((ROOT / "fixtures").glob("*/*/fhir.json")):
        read = json.loads(file.read_text())
        for resource in read if isinstance(read, list) else [read]:
            yield f"{file.parent.parent.name}/{file.parent.name}", resource


def told(view: View) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(fixture, resource, cells by column) of every row that the fixtures make."""
    for place, resource in resources():
        if resource["resourceType"] == view.resource:
            for row in view.rows(resource):
                yield place, resource, dict(zip([column.name for column in view.columns], row, strict=True))


def test_every_view_is_of_a_concept(views: dict[str, View]) -> None:
    assert views.keys() == CONCEPTS.keys()


@pytest.mark.parametrize("name", CONCEPTS)
def test_every_column_is_named_as_a_field_of_the_record(name: str, views: dict[str, View], maps: Maps) -> None:
    fields = {field.name for field in maps.concepts[CONCEPTS[name]].fields} | {"id"}
    named = {column.name.removesuffix("_display") for column in views[name].columns}
    assert named - BESIDE <= fields


@pytest.mark.parametrize("name", CONCEPTS)
def test_every_column_has_a_value_in_some_fixture(name: str, views: dict[str, View]) -> None:
    seen = {column for _, _, row in told(views[name]) for column, cell in row.items() if cell is not None}
    assert {column.name for column in views[name].columns} - seen == UNSEEN.get(name, set())


@pytest.mark.parametrize("name", sorted(CONCEPTS.keys() - {"session_breaks"}))
def test_every_record_has_a_row_that_says_what_it_says(name: str, views: dict[str, View], maps: Maps) -> None:
    concept, met = maps.concepts[CONCEPTS[name]], set()
    for place, resource, row in told(views[name]):
        if maps.concept_of(resource) is not concept:
            assert (name, place.partition("/")[0]) == ("drug_results", "drug_screen_panel"), place
            continue
        record, _ = concept.to_native(resource)
        met.add(record["id"])
        for field, said in record.items():
            if field in row and field not in BESIDE and not _told_otherwise(name, place, field, said):
                assert _same(row[field], said, row, maps), (place, field, said, row[field])
    records = [resource for place, resource in resources() if place.startswith(f"{concept.name}/")]
    assert {resource["id"] for resource in records if maps.concept_of(resource) is concept} == met


def _told_otherwise(name: str, place: str, field: str, said: Any) -> bool:
    """What a cell cannot hold and another of the row does: an amount with its unit, minutes said in hours, points."""
    if isinstance(said, dict | list):
        return True
    if place == "session/received-ehr":
        return field == "minutes_attended"
    if name == "screenings" and field == "total":
        return place in ("screening/received-answers", "screening/received-panel", "screening/received-risk-level")
    return name == "coverages" and field == "payer" and not said.startswith("Organization/")


def _same(cell: Any, said: Any, row: dict[str, Any], maps: Maps) -> bool:
    """Whether a cell is what the record says: itself, the id of a reference, or a code of the word."""
    if cell == said or (isinstance(said, str) and said.endswith(f"/{cell}")):
        return True
    if said in maps.tables["booking_status"].rows:  # type: ignore[union-attr]
        joint = maps.tables["booking_status"].rows[said]  # type: ignore[union-attr]
        return cell == joint["status"] and row.get("absence") == joint.get("ext(absence)", {}).get("code")
    tables = [table for table in maps.tables.values() if isinstance(table, Table)]
    read = {code for table in tables for (_, code), word in table.words.items() if word == said}
    return cell in read | {code for table in tables for code, word in table.codes.items() if word == said}


def test_a_cup_gives_a_row_for_each_substance_and_none_for_what_was_checked_of_the_specimen(
    views: dict[str, View],
) -> None:
    cup = dict(resources())["drug_screen_panel/cup"]
    rows = [row for _, resource, row in told(views["drug_results"]) if resource["id"] == cup["id"]]
    assert len(rows) == 3 < len(cup["component"])
    assert all(row["interpretation"] in ("POS", "NEG") or row["missing"] or row["result"] for row in rows)


@pytest.mark.parametrize("name", CONCEPTS)
def test_our_steps_answer_as_fhirpathpy_does(name: str, views: dict[str, View], definitions: Definitions) -> None:
    definition = (ROOT / "mappings" / "views" / f"{name}.json").read_bytes()
    theirs = ViewReader(definitions, name, [], by_library=True).read(definition)
    assert theirs
    for place, resource in resources():
        if resource["resourceType"] == theirs.resource:
            assert views[name].rows(resource) == theirs.rows(resource), place
