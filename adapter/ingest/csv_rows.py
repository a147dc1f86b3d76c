"""Reads one CSV file (RFC 4180, UTF-8, comma) row by row; every structural fault is named with its line.

A file that was cut off, re-encoded or edited by hand is refused as a whole: what is missing from it cannot be known.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from adapter.ingest.faults import Faults

Row = tuple[int, Sequence[object]]

# No record of a practice system is longer; an unclosed quote swallows lines until one is.
RECORD_BYTES = 1 << 20
# RFC 4180 lets the last line end that way, but a file that was cut inside its last cell ends so too.
_NO_END = "the last line has no line end, as if the file had been cut off; end it with one if it is whole"


class _Lines:
    """Decoded lines with their number; `start`: the present record's first line; `ended`: the last one had its end."""

    def __init__(self, file: BinaryIO, name: str, faults: Faults) -> None:
        self._file, self._name, self._faults = file, name, faults
        self.number = 0
        self.start = 1
        self.ended = True
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(RECORD_BYTES + 1):
            self.number += 1
            self._size += len(line)
            if self._size > RECORD_BYTES:
                message = f"a record is longer than {RECORD_BYTES} bytes: is a quote not closed?"
                self._faults.add(f"{self._name}:{self.start}", message)
                return
            self.ended = line.endswith((b"\n", b"\r"))
            yield self._decoded(line)

    def next_record(self) -> None:
        self.start = self.number + 1
        self._size = 0

    def _decoded(self, line: bytes) -> str:
        if self.number == 1 and line.startswith(b"\xef\xbb\xbf"):  # spreadsheets write this mark; it says only "UTF-8"
            line = line[3:]
        try:
            return line.decode()
        except UnicodeDecodeError as wrong:
            what = (
                "is UTF-16"
                if line.startswith((b"\xff\xfe", b"\xfe\xff"))
                else f"is not UTF-8 at byte {wrong.start + 1}"
            )
            self._faults.add(f"{self._name}:{self.number}", f"{what}; export the file as UTF-8")
            return line.decode(errors="replace")


def _what(wrong: str) -> str:
    if "unexpected end of data" in wrong:
        return "is cut off: a quoted cell is never closed"
    if "field larger" in wrong:
        return f"has a cell of more than {csv.field_size_limit()} characters: is a quote not closed?"
    return f"is not a CSV record: {wrong}"


def _records(lines: _Lines, name: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each record that is not blank."""
    reader = csv.reader(iter(lines), strict=True)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as wrong:
            faults.add(f"{name}:{lines.start}", _what(str(wrong)))
            return
        if cells is None:
            return
        if cells:
            yield lines.start, cells
        lines.next_record()


def csv_header(path: Path, faults: Faults) -> list[str]:
    """The column names of line 1; none when the file is empty."""
    with path.open("rb") as file:
        return next(_records(_Lines(file, path.name, faults), path.name, faults), (1, []))[1]


def csv_rows(path: Path, columns: Sequence[str], faults: Faults) -> Iterator[Row]:
    """(line, cells in the order of `columns`) of each record below the header; wrong ones become faults."""
    with path.open("rb") as file:
        lines = _Lines(file, path.name, faults)
        records = _records(lines, path.name, faults)
        header = next(records, (1, []))[1]
        order = [header.index(column) for column in columns]
        straight = order == list(range(len(header)))
        for line, cells in records:
            if len(cells) != len(header):
                faults.add(f"{path.name}:{line}", f"has {len(cells)} cells where the header has {len(header)}")
            else:
                yield line, cells if straight else [cells[at] for at in order]
        if not lines.ended:
            faults.add(f"{path.name}:{lines.number}", _NO_END)
