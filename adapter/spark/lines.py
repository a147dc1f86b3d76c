"""Lines converted in an executor: the same conversion as on one machine, each line by itself, nothing left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from adapter.fhir.json import dump
from adapter.ingest.converting import Direction, Rules, converter_of
from adapter.ingest.writing import reason
from adapter.problems import Problem


class Line(NamedTuple):
    """One line of the output: `kind` is converted, residue or bad; `type` the resource type or concept, if it has one.

    `value` is JSON: the resource or record; a finding that no map covers; a bad line itself, with its file and why, its
    bytes that are not UTF-8 as `\\xNN`.
    """

    kind: str
    type: str
    value: str


def converted(rules: Rules, direction: Direction, rows: Iterable[tuple[bytes, str]]) -> Iterator[Line]:
    """What the lines (bytes, file) of a partition become; the converter is made once in each process."""
    converter = converter_of(rules)
    for line, file in rows:
        if not line.strip():
            continue
        try:
            value, residue = converter.turned(direction, bytes(line))
        except Problem as problem:
            text = line.decode(errors="backslashreplace")
            yield _line("bad", "", {"file": file, "reason": reason(problem), "line": text})
            continue
        type = str(value.get("resourceType" if direction == "fhir" else "concept"))
        yield _line("converted", type, value)
        for finding in residue:
            yield _line("residue", type, {"file": file, "id": value.get("id"), **finding})


def _line(kind: str, type: str, value: object) -> Line:
    return Line(kind, type, dump(value).decode())
