"""The rows that one piece of work writes, gathered per statement and written together."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from adapter.store.database import Database, Found, Row
from adapter.store.statements import statement

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
    "raise_labels",
    "insert_mention",
    "insert_placement",
    "drop_permit",
    "insert_permit",
    "drop_tie",
    "insert_tie",
    "drop_pending",
    "insert_pending",
    "resolve_pending",
    "insert_parked",
    "drop_parked",
    "drop_unmapped",
    "insert_unmapped",
)

_SORTED = ("insert_token", "insert_moment", "insert_amount")
"""In the order of their B-tree a batch's rows go to each of its pages once, not once for each row. It begins with these
three columns; to compare one of them after the other takes half as long as to compare rows."""
_LAST_FIRST = itemgetter(2), itemgetter(1), itemgetter(0)
_PENDING = ("drop_pending", "resolve_pending")
"""Nothing to do while nothing is pending, which is the rule."""


class Batch:
    """Rows by the name of their statement; a statement for a thousand rows costs a fraction of a thousand statements.

    Holds at most one version of a record at a time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
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
        resolving: Found | None = None
        pending = self._any_pending()
        with self._database.together(sum(map(len, self._rows.values()))):
            for name, rows in self._rows.items():
                if rows:
                    if name in _SORTED:
                        for place in _LAST_FIRST:
                            rows.sort(key=place)
                    if pending or name not in _PENDING:
                        done = self._database.fill(name, rows)
                        resolving = done if name == "resolve_pending" else resolving
                    rows.clear()
        self.resolved += resolving.rowcount if resolving is not None else 0
        self._records.clear()

    def _any_pending(self) -> bool:
        """Whether a reference waits, or will once this is written."""
        if self._rows["insert_pending"]:
            return True
        asked = any(self._rows[name] for name in _PENDING)
        return asked and bool(self._database.execute(statement("any_pending")).fetchone()[0])
