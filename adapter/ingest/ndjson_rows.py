"""Reads NDJSON: one table's rows, or native records, one JSON object per line. http://ndjson.org"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from adapter.fhir.json import dump, parse
from adapter.ingest.csv_rows import RECORD_BYTES, Row
from adapter.ingest.faults import Faults
from adapter.problems import Kind, Problem


def lines(file: BinaryIO, limit: int) -> Iterator[tuple[int, bytes]]:
    """(number, line) of each line that is not blank; one longer than `limit` comes cut to `limit` + 1."""
    number = 0
    while line := file.readline(limit + 1):
        number += 1
        rest = line
        while len(rest) > limit and not rest.endswith(b"\n"):
            rest = file.readline(limit + 1)
        if line.strip():
            yield number, line


def json_object(line: bytes, limit: int) -> dict[str, Any]:
    """The line's object; a Problem when it is too long, not JSON, or something else."""
    if len(line) > limit:
        raise Problem(Kind.TOO_LONG, f"the line is longer than {limit} bytes")
    value = parse(line)
    if not isinstance(value, dict):
        raise Problem(Kind.INVALID, "the line is not a JSON object")
    return value


def ndjson_rows(path: Path, columns: Sequence[str], known: frozenset[str] | None, faults: Faults) -> Iterator[Row]:
    """(line, cells in the order of `columns`); an absent key is an empty cell, an unknown key a fault.

    `known` is None for a table of which nothing but the number of rows is wanted.
    """
    with path.open("rb") as file:
        for number, line in lines(file, RECORD_BYTES):
            try:
                row = json_object(line, RECORD_BYTES)
            except Problem as problem:
                faults.add(f"{path.name}:{number}", problem.message)
                continue
            cells = [row.get(column) for column in columns]
            for name in row.keys() - known if known is not None else ():
                faults.add(f"{path.name}:{number}", f"unknown column {name!r}")
            if any(isinstance(cell, dict | list) for cell in cells):
                faults.add(f"{path.name}:{number}", "a cell is a list or an object")
            else:
                yield number, [_scalar(cell) for cell in cells]


def _scalar(cell: Any) -> object:
    """Texts and whole numbers as they are, anything else as it is written in JSON: digits are kept."""
    return cell if cell is None or type(cell) in (str, int) else dump(cell).decode()
