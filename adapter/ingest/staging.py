"""A private working copy of the files: rows can be joined and grouped in any order while memory stays flat.

An SQLite database without a name lives in a file that is already unlinked when it is opened: nobody else can open it,
and it is gone when the process ends, however it ends. It holds rows of somebody else's files, never a record of ours.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from adapter.ingest.csv_rows import Row
from adapter.ingest.sqlite_rows import quoted
from adapter.problems import Kind, Problem

_CHUNK = 1_000
_CACHE_KIB = 2_048


@contextmanager
def _room_left() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as wrong:
        if "full" not in str(wrong):
            raise
        raise Problem(
            Kind.BUSY,
            "the disk for temporary files is full (set SQLITE_TMPDIR to another); nothing was read in",
        ) from wrong


def counted(rows: Iterable[Row]) -> Iterator[int]:
    """Reads the rows and keeps nothing; yields now and then how many there are so far."""
    done = 0
    for done, _ in enumerate(rows, 1):
        if done % _CHUNK == 0:
            yield done
    if done % _CHUNK:
        yield done


class Staging:
    """Tables of text, each row with the line it came from; `None` is an empty cell."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("")
        self._connection.executescript(f"PRAGMA cache_size = -{_CACHE_KIB}; PRAGMA journal_mode = OFF")
        self._indexed: set[tuple[str, ...]] = set()

    def close(self) -> None:
        """Drops everything."""
        self._connection.close()

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[int]:
        """Copies the rows; yields after each chunk how many there are so far."""
        cells = "".join(f", {quoted(column)} TEXT" for column in columns)
        self._connection.execute(f'CREATE TABLE {quoted(table)} ("line number" INTEGER{cells})')
        empty = ", ".join(["?1", *(f"nullif(?{at}, '')" for at in range(2, len(columns) + 2))])
        insert = f"INSERT INTO {quoted(table)} VALUES ({empty})"
        stream = ((line, *cells) for line, cells in rows)
        done = 0
        while chunk := list(islice(stream, _CHUNK)):
            with _room_left():
                self._connection.executemany(insert, chunk)
            done += len(chunk)
            yield done

    def index(self, table: str, *columns: str) -> None:
        """Makes finding rows by these columns quick."""
        if (table, *columns) not in self._indexed:
            self._indexed.add((table, *columns))
            with _room_left():
                self._connection.execute(
                    f"CREATE INDEX {quoted(' '.join(('of', table, *columns)))} ON {quoted(table)} "
                    f"({', '.join(map(quoted, columns))})"
                )

    def remove_repeated(self, table: str, column: str) -> Iterator[tuple[int, int]]:
        """Takes out every row whose value an earlier row has; yields (its line, the earlier row's line)."""
        self.index(table, column)
        name, by = quoted(table), quoted(column)
        repeated = self._connection.execute(
            f'SELECT t.rowid, t."line number", f."line number" FROM {name} t JOIN {name} f ON f.rowid = '
            f"(SELECT min(rowid) FROM {name} WHERE {by} = t.{by}) WHERE t.{by} IN "
            f"(SELECT {by} FROM {name} WHERE {by} IS NOT NULL GROUP BY {by} HAVING count(*) > 1) AND t.rowid > f.rowid "
        )
        yield from self._taken_out(name, repeated)

    def remove_empty(self, table: str, column: str) -> Iterator[int]:
        """Takes out every row without a value in the column; yields its line."""
        name = quoted(table)
        empty = self._connection.execute(f'SELECT rowid, "line number", 0 FROM {name} WHERE {quoted(column)} IS NULL')
        yield from (line for line, _ in self._taken_out(name, empty))

    def remove_orphans(self, table: str, column: str, parent: str, on: str) -> Iterator[int]:
        """Takes out every row whose column names no row of `parent`; yields its line."""
        self.index(parent, on)
        name = quoted(table)
        orphans = self._connection.execute(
            f'SELECT rowid, "line number", 0 FROM {name} t WHERE {quoted(column)} IS NULL OR NOT EXISTS '
            f"(SELECT 1 FROM {quoted(parent)} p WHERE p.{quoted(on)} = t.{quoted(column)})"
        )
        yield from (line for line, _ in self._taken_out(name, orphans))

    def _taken_out(self, name: str, found: Iterator[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
        while chunk := list(islice(found, _CHUNK)):
            yield from ((line, other) for _, line, other in chunk)
            self._connection.executemany(f"DELETE FROM {name} WHERE rowid = ?", [(row,) for row, _, _ in chunk])

    def count(self, table: str) -> int:
        """Rows in the table now."""
        return int(self._connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0])

    def count_where(self, table: str, when: Mapping[str, Iterable[str]]) -> int:
        """Rows whose columns hold one of the words given for each."""
        listed = [(column, sorted(words)) for column, words in when.items()]
        tests = [f"{quoted(column)} IN ({', '.join('?' * len(words))})" for column, words in listed]
        found = self._connection.execute(
            f"SELECT count(*) FROM {quoted(table)} WHERE {' AND '.join(tests) or '1'}",
            [word for _, words in listed for word in words],
        )
        return int(found.fetchone()[0])

    def select(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Rows of a query composed by `rows` or `lookups` from names of the source file."""
        return self._connection.execute(sql, parameters)
