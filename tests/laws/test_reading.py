"""Reading never fails: whatever the door lets in has a record and a residue, and goes back as it came."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.json import Lexeme, dump, parse
from adapter.mapping.concept import MappedConcept
from adapter.mapping.edits import clone
from tests.laws import laws
from tests.laws.additions import decorated
from tests.laws.strategies import Record, records
from tests.laws.test_laws import CONCEPTS, DEFINITIONS, MAPS, SHARE

STRINGS = [
    "9" * 5000,
    "-1",
    "0",
    " ",
    "\u00e9",
    "Patient/",
    "/",
    "#",
    "2026",
    "T",
    "pos",
    "neg and more",
    "1e400",
    "x" * 70_000,
]
NUMBERS: list[Any] = [0, -1, 2**53, Lexeme("1e400"), Lexeme("-0"), Lexeme("0.10"), Lexeme("1" * 60), 0.5]


def spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """(holder, key) of every string and number but the type and the id of the resource."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in pairs:
        if isinstance(child, dict | list):
            yield from spots(child)
        elif key not in ("resourceType", "id") and type(child) in (str, int, float, Lexeme):
            yield value, key


@pytest.mark.parametrize("concept", CONCEPTS)
@SHARE
@given(data=st.data())
def test_no_string_and_no_number_breaks_reading(concept: MappedConcept, data: st.DataObject) -> None:
    resource, _ = data.draw(decorated(concept, DEFINITIONS, data.draw(records(concept))))
    for holder, key in data.draw(st.lists(st.sampled_from(list(spots(resource))), min_size=1, max_size=4)):
        holder[key] = data.draw(st.sampled_from(STRINGS if isinstance(holder[key], str) else NUMBERS))
    laws.untouched(concept, resource)


def published(shared_data: Path) -> Iterator[Record]:
    """Every resource of the published examples that some concept claims, those in bundles too."""
    for file in sorted(shared_data.rglob("*.json")):
        yield from _claimed(parse(file.read_bytes()))
    for package in sorted((shared_data / "packages").glob("*.tgz")):
        with tarfile.open(package) as archive:
            for entry in archive:
                if "/example/" in entry.name and entry.name.endswith(".json"):
                    content = archive.extractfile(entry)
                    yield from _claimed(json.load(content)) if content else ()


def _claimed(value: Any) -> Iterator[Record]:
    if isinstance(value, dict) and isinstance(value.get("resourceType"), str):
        for entry in value.get("entry", ()) if value["resourceType"] == "Bundle" else ():
            yield from _claimed(entry.get("resource"))
        if MAPS.concept_of(value):
            yield value


def test_published_resources_are_read_and_written_back_untouched(shared_data: Path) -> None:
    count = 0
    for resource in published(shared_data):
        concept = MAPS.concept_of(resource)
        assert concept is not None
        before = clone(resource)
        laws.untouched(concept, resource)
        assert dump(resource) == dump(before)
        count += 1
    assert count > 300
