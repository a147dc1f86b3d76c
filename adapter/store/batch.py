"""The rows that one piece of work writes, gathered per statement and written together."""

from __future__ import annotations

import sqlite3
from itertools import chain
from typing import Any

from adapter.store.statements import repeated, statement

_ORDER = (
    "drop_alias",
    "insert_alias",
    # First, because a record has one version that is not closed; what the batch closes was written before it.
    "close_version",
    "close_token",
    "close_moment",
    "close_amount",
    "insert_superseded",
    "insert_version",
    "insert_token",
    "insert_moment",
    "insert_amount",
    "drop_pending",
    "insert_pending",
    "resolve_pending",
    "insert_parked",
    "drop_parked",
    "drop_unmapped",
    "insert_unmapped",
)

_PLAIN = ("insert_version", "insert_token", "insert_moment", "insert_amount", "insert_alias")
MANY = 64
"""Rows in one such statement: it takes two thirds of the time of as many executions of a statement for one row."""
_SORTED = ("insert_token", "insert_moment", "insert_amount")
"""In the order of their B-tree a batch's rows go to each of its pages once, not once for each row."""
_PENDING = ("drop_pending", "resolve_pending")
"""Nothing to do while nothing is pending, which is the rule."""

Row = tuple[Any, ...]


class Batch:
    """Rows by the name of their statement; a statement for a thousand rows costs a fraction of a thousand statements.

    Holds at most one version of a record at a time.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[str, list[Row]] = {name: [] for name in _ORDER}
        self._records: set[tuple[str, str]] = set()
        self.resolved = 0

    def begin(self, type: str, id: str) -> None:
        """Rows of this record follow; if some of it wait already, they are written first."""
        key = type, id
        if key in self._records:
            self.flush()
        self._records.add(key)

    def add(self, name: str, *row: Any) -> None:
        """One row for the statement `queries/NAME.sql`."""
        self._rows[name].append(row)

    def rows(self, name: str) -> list[Row]:
        """The list that gathers rows for a statement, for those who add many."""
        return self._rows[name]

    def flush(self) -> None:
        """Write everything that waits."""
        if not self._records:
            return
        for name, rows in self._rows.items():
            if rows:
                self._write(name, rows)
                rows.clear()
        self._records.clear()

    def _write(self, name: str, rows: list[Row]) -> None:
        if name in _PENDING and not self._connection.execute(statement("any_pending")).fetchone()[0]:
            return
        if name in _SORTED:
            rows.sort()
        whole = len(rows) // MANY * MANY if name in _PLAIN else 0
        for start in range(0, whole, MANY):
            self._connection.execute(repeated(name, MANY), tuple(chain.from_iterable(rows[start : start + MANY])))
        done = self._connection.executemany(statement(name), rows[whole:])
        if name == "resolve_pending":
            self.resolved += done.rowcount
