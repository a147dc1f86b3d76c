"""Records of a map made plausible: the strategies of the laws fill every text with anything, which R4 does not allow.

The laws do not mind, since no map looks into those texts; a validator does. So the parts of data types get values of
their R4 type, and then optional fields that still make the door refuse the resource (a rule across fields, such as
obs-6 or per-1) are left out, or lists cut to their first member. What is required and still refused is said as the
concept's own fixture says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from adapter.fhir.elements import Definitions
from adapter.fhir.json import parse
from adapter.mapping.codecs import Codec
from adapter.mapping.concept import MappedConcept
from adapter.mapping.rows import Shape
from adapter.mapping.structures import Structure
from adapter.problems import Problem
from tests.laws.strategies import Record

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
Complaints = Callable[[Record], list[str]]
BY_TYPE: dict[str, Callable[[str], Any]] = {
    "dateTime": lambda given: f"2026-01-{len(given) + 1:02}",
    "date": lambda given: f"2026-01-{len(given) + 1:02}",
    "instant": lambda given: "2026-03-04T09:00:00.120Z",
    "time": lambda given: "09:30:00",
    "uri": lambda given: f"urn:x:{len(given)}",
    "url": lambda given: f"https://example.org/{len(given)}",
    "base64Binary": lambda given: "QUJD",
}
BY_ELEMENT = {
    "Attachment.contentType": "text/plain",
    "Attachment.language": "en",
    "Attachment.hash": "PAHZXGasiYYkrn7mjwx3WXRJnps=",  # of the data above
    "Attachment.size": 3,
    "Money.currency": "USD",
    "Period.end": "2026-02-01",
    "Coding.system": "urn:x:codes",
    "Coding.version": "1",
}


class Plausible:
    """Makes records plausible."""

    def __init__(self, definitions: Definitions, complaints: Complaints) -> None:
        self._definitions, self._complaints = definitions, complaints

    def record(self, concept: MappedConcept, record: Record) -> Record | None:
        """The record so that the door takes its resource; None where what is required cannot be said that way."""
        made = self._of_shape(concept.shape, record)
        found = self._count(concept, made)
        for name in reversed(list(made)):
            for less in self._less(concept.shape, made, name) if found else ():
                left = self._count(concept, less)
                made, found = (less, left) if left < found else (made, found)
        for name, value in _example(concept.name).items() if found else ():
            left = self._count(concept, said := {**made, name: value})
            made, found = (said, left) if left < found else (made, found)
        return None if found else made

    @staticmethod
    def _less(shape: Shape, record: Record, name: str) -> Iterator[Record]:
        """The record with one field cut to its first member, and without it."""
        if isinstance(record[name], list) and len(record[name]) > 1:
            yield {**record, name: record[name][:1]}
        if name in {row.name for row in shape.rows if row.optional} | {each.name for each in shape.eaches}:
            yield {key: value for key, value in record.items() if key != name}

    def _count(self, concept: MappedConcept, record: Record) -> int:
        """How much is wrong with a record: what its map refuses, else what the door does."""
        try:
            return len(self._complaints(concept.to_fhir(record)))
        except Problem as problem:
            return len(problem.issues) or 1

    def _of_shape(self, shape: Shape, record: Record) -> Record:
        rows = {row.name: row for row in shape.rows}
        eaches = {each.name: each for each in shape.eaches}
        made = {}
        for name, value in record.items():
            if name in eaches:
                made[name] = [self._of_shape(eaches[name].shape, item) for item in value]
            elif name in rows:
                made[name] = self._of_codec(rows[name].codec, value)
            else:
                made[name] = value
        return made

    def _of_codec(self, codec: Codec, value: Any) -> Any:
        if isinstance(value, list):
            return [self._of_codec(codec, item) for item in value]
        if isinstance(value, dict):
            for structure in _structures(codec):
                if structure.parts.keys() >= value.keys() and structure.types[0] not in ("Timing", "Element"):
                    return self._of_parts(structure, value)
        return value

    def _of_parts(self, structure: Structure, value: Record) -> Record:
        return {name: self._of_part(structure, name, item) for name, item in value.items()}

    def _of_part(self, structure: Structure, name: str, value: Any) -> Any:
        part = structure.parts[name]
        if isinstance(value, list):
            return [self._of_part(structure, name, item) for item in value]
        if part.inner is not None:
            return self._of_parts(part.inner, value)
        path = f"{structure.types[0]}.{part.element}"
        element = self._definitions.element(path)
        if path in BY_ELEMENT:
            return BY_ELEMENT[path]
        if not isinstance(value, str) or element is None:
            return value
        if element.codes:
            return sorted(element.codes)[sum(map(ord, value)) % len(element.codes)]
        return BY_TYPE.get(element.types[0], str)(value)


@cache
def _example(concept: str) -> Record:
    """The full fixture of a concept; empty for one that is shown inside an aggregate's."""
    path = FIXTURES / concept / "full" / "native.json"
    return parse(path.read_bytes()) if path.exists() else {}


def _structures(codec: Codec) -> Iterator[Structure]:
    """The structure that a codec is, or those that it holds as one of its forms."""
    held = [codec, *vars(codec).values()]
    return (found for found in held if isinstance(found, Structure))
