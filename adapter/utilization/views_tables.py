"""The tables of views: over a folder of exported NDJSON (TYPE*.ndjson, also gzipped), as CSV.

A table is as protected as the records that it was made of. http://hl7.org/fhir/uv/bulkdata/
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Protocol

import orjson

from adapter.problems import Kind, Problem
from adapter.store.sheet import write_sheet
from adapter.utilization.views import Column, Row, View

Tell = Callable[[str], None]
_STATE, _MANIFEST = ".export.json", "manifest.json"
"""What `export` writes into its folder: how far it has come, and at last what is there."""


class Rows:
    """The rows of one view over a folder; a line that has none is told to `tell` with its place, and counted."""

    def __init__(self, view: View, folder: Path, tell: Tell) -> None:
        self._view, self._tell = view, tell
        self.columns = view.columns
        self._files = files_of(folder, view.resource)
        self.bad = 0
        if not self._files:
            tell(f"{folder}: no {view.resource}*.ndjson; {view.name} has no rows")

    def __iter__(self) -> Iterator[Row]:
        for file in self._files:
            with _opened(file) as lines:
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        yield from self._of(file, number, line)

    def write_parquet(self, out: Path) -> None:
        """All rows as a Parquet file; needs DuckDB."""
        from adapter.utilization.views_duckdb import write_parquet

        write_parquet(out, self)

    def _of(self, file: Path, number: int, line: bytes) -> Sequence[Row]:
        try:
            resource = json.loads(line.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)
            if not isinstance(resource, dict) or resource.get("resourceType") != self._view.resource:
                raise Problem(Kind.UNPROCESSABLE, f"is no {self._view.resource}")
            return self._view.rows(resource)
        except (Problem, ValueError, ArithmeticError, RecursionError) as wrong:
            self.bad += 1
            self._tell(f"{file.name}:{number}: {wrong.message if isinstance(wrong, Problem) else 'is not JSON'}")
            return ()


def _no_number(said: str) -> None:
    """NaN and Infinity, which Python reads and JSON has not."""
    raise ValueError(said)


def files_of(folder: Path, type: str) -> list[Path]:
    """The files of a resource type: TYPE.ndjson and TYPE with whatever is no letter behind it, also gzipped.

    UNPROCESSABLE for a folder without any NDJSON: it is another one; and for one that an export still writes to.
    """
    if (folder / _STATE).exists() and not (folder / _MANIFEST).exists():
        raise Problem(Kind.UNPROCESSABLE, f"{folder}: its export is not at its end: there is no {_MANIFEST} yet")
    every = sorted(path for path in folder.iterdir() if path.name.endswith((".ndjson", ".ndjson.gz")))
    if not every:
        raise Problem(Kind.UNPROCESSABLE, f"{folder}: holds no TYPE*.ndjson")
    return [path for path in every if re.fullmatch(rf"{type}(?:[^A-Za-z].*)?\.ndjson(?:\.gz)?", path.name)]


@contextmanager
def _opened(file: Path) -> Iterator[Iterable[bytes]]:
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as lines:
            yield lines
    except (EOFError, gzip.BadGzipFile, zlib.error) as wrong:
        raise Problem(Kind.UNPROCESSABLE, f"{file.name}: {wrong}") from None


class Table(Protocol):
    """What can be written: rows, to be read once, and the names of their columns."""

    @property
    def columns(self) -> Sequence[Column]: ...

    def __iter__(self) -> Iterator[Row]: ...

    def write_parquet(self, out: Path) -> None: ...


def check_out(out: Path | None) -> None:
    """UNPROCESSABLE for a file that is neither CSV nor Parquet."""
    if out and out.suffix not in (".csv", ".parquet"):
        raise Problem(Kind.UNPROCESSABLE, f"{out}: a table is written as .csv or .parquet")


def write_table(table: Table, out: Path | None, screen: IO[str]) -> None:
    """Write a table to a file by its name, or else as CSV to `screen`; a file that cannot be finished is not left."""
    check_out(out)
    if out is None:
        _write_csv(screen, table)
        return
    with replaced(out) as part:
        if out.suffix == ".parquet":
            table.write_parquet(part)
        else:
            with part.open("w", encoding="utf-8", newline="") as file:
                _write_csv(file, table)


def _write_csv(file: IO[str], table: Table) -> None:
    """A line of names and one for each row: no value is an empty cell, several are JSON, digits are as they were."""
    write_sheet(file, [column.name for column in table.columns], (map(_shown, row) for row in table))


def _shown(value: Any) -> Any:
    if value is None:
        return ""
    return orjson.dumps(value, default=digits).decode() if isinstance(value, bool | list) else value


def digits(value: object) -> orjson.Fragment:
    """A decimal in JSON, every digit as it was."""
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} is not JSON")


@contextmanager
def replaced(out: Path) -> Iterator[Path]:
    """A file beside `out`, for its owner alone, that takes its place in the end, and is gone when anything fails."""
    part = out.with_name(f".{out.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        yield part
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
