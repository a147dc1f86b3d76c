"""Which file holds which table: CSV and NDJSON files are named after their table, an SQLite file holds several.

A file that does not match the source file is refused with every difference named, at its first line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapter.ingest.columns import differences
from adapter.ingest.csv_rows import Row, csv_header, csv_rows
from adapter.ingest.faults import Faults
from adapter.ingest.ndjson_rows import ndjson_rows
from adapter.ingest.source import Source, Table
from adapter.ingest.sqlite_rows import sqlite_header, sqlite_rows, sqlite_tables

SQLITE = (".db", ".sqlite", ".sqlite3")
NDJSON = (".ndjson", ".jsonl")
KINDS = (".csv", *NDJSON, *SQLITE)


@dataclass(frozen=True, slots=True)
class TableFile:
    """The rows of one table: where they are read, and how a row is named in messages (`visits.csv:17`)."""

    table: Table
    path: Path
    suffix: str

    def rows(self, faults: Faults) -> Iterator[Row]:
        """The cells that are used, in the order of `table.used`; of an ignored table, rows without cells."""
        used = self.table.used
        if self.suffix in SQLITE:
            return sqlite_rows(self.path, self.table.name, used, faults)
        if self.suffix in NDJSON:
            known = self.table.columns if self.table.ignored is None else None
            return ndjson_rows(self.path, used, known, faults)
        return csv_rows(self.path, used, faults)

    def place(self, line: int) -> str:
        """The name of one row."""
        return f"{self.path.name}:{self.table.name} row {line}" if self.suffix in SQLITE else f"{self.path.name}:{line}"


def expand(paths: Iterable[Path], faults: Faults) -> Iterator[Path]:
    """The files, those of a folder in the order of their names; hidden files in it are not looked at."""
    for path in paths:
        inside = sorted(file for file in path.iterdir() if not file.name.startswith(".")) if path.is_dir() else [path]
        if not inside:
            faults.add(path.name, "the folder is empty")
        for file in inside:
            if file.is_file() and file.suffix.lower() in KINDS:
                yield file
            else:
                faults.add(file.name, f"is not a file that can be imported ({', '.join(KINDS)})")


def locate(source: Source, paths: Sequence[Path], faults: Faults) -> dict[str, TableFile]:
    """The file of each table that is there; tables and columns that are unknown or missing become faults.

    Tables are not told to be missing where no table was found at all: the paths themselves are wrong then.
    """
    found: dict[str, TableFile] = {}
    for path in expand(paths, faults):
        suffix = path.suffix.lower()
        for name in sqlite_tables(path) if suffix in SQLITE else [path.stem]:
            table = source.tables.get(name)
            if table is None:
                faults.add(path.name, f"table {name!r} is not in the source {source.name}")
            elif name in found:
                faults.add(path.name, f"table {name!r} is given twice, also in {found[name].path.name}")
            else:
                found[name] = TableFile(table, path, suffix)
                if table.ignored is None:
                    _compare(found[name], faults)
    for name, table in source.tables.items():
        if name not in found and table.ignored is None and found:
            faults.add(source.name, f"table {name!r} is missing: there is no file for it")
    return found


def _compare(file: TableFile, faults: Faults) -> None:
    """Tells of every column that is unknown, missing or there twice; NDJSON rows are compared one by one instead."""
    if file.suffix in NDJSON:
        return
    header = sqlite_header(file.path, file.table.name) if file.suffix in SQLITE else csv_header(file.path, faults)
    place = file.place(1) if file.suffix == ".csv" else f"{file.path.name}:{file.table.name}"
    if not header:
        faults.add(place, "has no header line")
        return
    for message in differences(header, file.table.columns):
        faults.add(place, message)
