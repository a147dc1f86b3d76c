"""Reads NDJSON: one table's rows, or native records, one JSON object per line. http://ndjson.org"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from adapter.fhir.json import dump, parse
from adapter.ingest.columns import names_columns
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


def ndjson_rows(path: Path, columns: Sequence[str], known: Collection[str] | None, faults: Faults) -> Iterator[Row]:
    """(line, cells in the order of `columns`); an absent key is an empty cell, an unknown key a fault.

    A column that no line has was dropped, which is a fault as well: empty cells are said once at least, with null.
    `known` is None for a table of which nothing but the number of rows is wanted.
    """
    unseen = dict.fromkeys(known or ())
    empty = True
    with path.open("rb") as file:
        for number, line in lines(file, RECORD_BYTES):
            try:
                row = json_object(line, RECORD_BYTES)
            except Problem as problem:
                faults.add(f"{path.name}:{number}", problem.message)
                continue
            empty = False
            for name in unseen.keys() & row.keys() if unseen else ():
                del unseen[name]
            if known is not None and any(name not in known for name in row):
                _refuse_unknown(row, known, f"{path.name}:{number}", faults)
            cells = [row.get(column) for column in columns]
            if any(isinstance(cell, dict | list) for cell in cells):
                faults.add(f"{path.name}:{number}", "a cell is a list or an object")
            else:
                yield number, [_text(cell) for cell in cells]
    for name in () if empty else unseen:
        faults.add(path.name, f"column {name!r} is in no line; where it is empty, say null")


def _refuse_unknown(row: Mapping[str, Any], known: Collection[str], place: str, faults: Faults) -> None:
    if names_columns(row, known):
        for name in row:
            if name not in known:
                faults.add(place, f"unknown column {name!r}")
    else:
        faults.add(place, "is not a row: most of its names are no column of this table")


def _text(cell: Any) -> str | None:
    """Texts as they are, anything else as it is written in JSON: every digit is kept, however large the number."""
    return cell if cell is None or type(cell) is str else dump(cell).decode()
