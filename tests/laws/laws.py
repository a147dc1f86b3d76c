"""The five laws of a concept (architecture section 5), each as a check of one case that fails with AssertionError."""

from __future__ import annotations

import re
from typing import Any

from adapter.fhir.json import dump, same
from adapter.mapping.concept import Concept
from adapter.problems import Problem
from tests.laws.additions import Mark
from tests.laws.strategies import Record


def plain(record: Record) -> Record:
    """The record without what is computed about it."""
    return {name: value for name, value in record.items() if name != "incomplete"}


def untouched(concept: Concept, resource: Record) -> None:
    """Law 1: a resource read and written straight back is the same object with the same bytes."""
    before = dump(resource)
    record, _ = concept.to_native(resource)
    assert dump(resource) == before
    assert concept.to_fhir(record, resource) is resource
    assert dump(resource) == before


def heard(concept: Concept, record: Record, onto: Record | None) -> None:
    """Law 2: what is written is read back the same, and neither argument is changed."""
    before = dump([record, onto])
    resource = concept.to_fhir(record, onto, park=True)
    assert same(plain(concept.to_native(resource)[0]), plain(record))
    assert dump([record, onto]) == before


def kept(concept: Concept, resource: Record, marks: list[Mark], other: Record) -> None:
    """Law 3: what no row owns, and what sits in values that stay, is the same after another record is written."""
    written = dump(concept.to_fhir(other, resource, park=True)).decode()
    for mark in marks:
        if mark.stays(other):
            assert mark.text in written


def fresh(concept: Concept, resource: Record, marks: list[Mark], other: Record) -> None:
    """Law 4: a changed element holds nothing of its old value, and the narrative is not the old one."""
    result = concept.to_fhir(other, resource, park=True)
    written = dump(result).decode()
    for mark in marks:
        if result is not resource and not mark.stays(other):
            assert mark.text not in written


def seen(concept: Concept, resource: Record, marks: list[Mark]) -> None:
    """Law 5: every addition no field says is under an element that the residue names."""
    _, residue = concept.to_native(resource)
    for mark in marks:
        places = _places(resource, mark.text, concept.resource_type)
        assert places
        assert any(_names(note.path, place) for place in places for note in residue), (mark.text, places, residue)


def _names(path: str, place: str) -> bool:
    """Whether a residue path names a JSON place or something around it; a choice is named without its type,
    a column of a joint row without its index."""
    steps = [re.escape(step) + r"([A-Z][A-Za-z]*)?(\[\d+\])?" for step in re.split(r"\.(?![^(]*\))", path)]
    return re.match(r"\.".join(steps) + r"(?![A-Za-z])", place) is not None


def _places(value: Any, text: str, at: str) -> list[str]:
    """The FHIRPaths, with indexes, of the strings that hold a mark; primitive siblings as children of their element."""
    if isinstance(value, str):
        return [at] if text in value else []
    found: list[str] = []
    if isinstance(value, dict):
        for name, child in value.items():
            found += _places(child, text, f"{at}.{name.removeprefix('_')}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            single = at.endswith(".extension") and isinstance(child, dict)
            place = f"{at}('{child.get('url')}')" if single else f"{at}[{index}]"
            found += _places(child, text, place)
            if single:
                found += _places(child, text, at)
    return found


def refused(concept: Concept, record: Record, onto: Record) -> bool:
    """Whether a record cannot be said onto a resource at all (it is told so, with 422)."""
    try:
        concept.to_fhir(record, onto, park=True)
    except Problem:
        return True
    return False
