"""Reads the tables of a practice system's SQLite file, read-only, row by row.

This is the one place outside the store that speaks SQL to a file: it is somebody else's, and is never written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from adapter.ingest.csv_rows import Row
from adapter.ingest.faults import Faults
from adapter.problems import Kind, Problem


def quoted(name: str) -> str:
    """A table or column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes  # decoded here, so that a bad row can be named
            yield connection
    except sqlite3.DatabaseError as wrong:
        raise Problem(Kind.INVALID, f"cannot be read as an SQLite database: {wrong}", path.name) from wrong


def sqlite_tables(path: Path) -> list[str]:
    """Names of the tables (views hold no rows of their own)."""
    with _opened(path) as connection:
        found = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
        )
        return [name.decode(errors="replace") for (name,) in found]


def sqlite_header(path: Path, table: str) -> list[str]:
    """The table's column names."""
    with _opened(path) as connection:
        return [
            name.decode(errors="replace")
            for (name,) in connection.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))
        ]


def sqlite_rows(path: Path, table: str, columns: Sequence[str], faults: Faults) -> Iterator[Row]:
    """(number of the row in reading order, cells in the order of `columns`)."""
    chosen = ", ".join(quoted(column) for column in columns) or "1"
    with _opened(path) as connection:
        for number, cells in enumerate(connection.execute(f"SELECT {chosen} FROM {quoted(table)}"), 1):
            try:
                yield number, [cell.decode() if type(cell) is bytes else cell for cell in cells] if columns else []
            except UnicodeDecodeError:
                faults.add(f"{path.name}:{table} row {number}", "holds text that is not UTF-8, or a BLOB")
