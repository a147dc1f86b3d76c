"""What the store asks of a database, whichever it is.

Statements are written once, in SQLite's words; `postgres_sql` says them in PostgreSQL's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Row = tuple[Any, ...]


class Found(Protocol):
    """What a statement answers."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All rows."""

    def __iter__(self) -> Iterator[Any]: ...


class Database(Protocol):
    """A connection in autocommit mode.

    `merges` says that it reads the arms of a UNION in their common order, no further than the LIMIT.
    """

    merges: bool

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open and can go on or be undone."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Found:
        """Run one statement; its parameters by position or by name."""

    def executemany(self, sql: str, parameters: Any, /) -> Found:
        """Run one statement for each of many rows."""

    def fill(self, name: str, rows: Sequence[Row]) -> Found:
        """Run `queries/NAME.sql`, the insertion of one row, for all of these."""

    def together(self, rows: int) -> AbstractContextManager[object]:
        """What is run within it, with so many rows, may travel together; what it answers is known at its end."""

    def mark(self) -> int | None:
        """Another number once anybody else has committed anything; None where only asking tells."""

    def schema(self) -> int:
        """The number of the last migration."""

    def step(self, number: int, text: str) -> None:
        """Run the statements of a migration, within a transaction."""

    def alone(self) -> AbstractContextManager[None]:
        """All or nothing, and nobody else writes meanwhile."""

    def walk(self, sql: str) -> Iterator[Row]:
        """The rows of one statement, of which few are held at a time."""

    def snapshot(self) -> AbstractContextManager[None]:
        """All that is read within it is of one moment."""

    def others(self) -> int:
        """How many others have it open, where that can be asked."""

    def damage(self) -> str | None:
        """What the database finds wrong with itself, indexes included, where it can be asked."""

    def resume(self) -> None:
        """Go on from the newest version there is, within a transaction that has put all of them there."""

    def hurried(self, seconds: float) -> AbstractContextManager[None]:
        """What is asked within it must be answered in so many seconds; a Problem(OVERTIME) where it is not."""

    def check_time(self) -> None:
        """Problem(OVERTIME) where a question of a store that is `hurried` has taken longer than it may: between its
        statements, and the rows of one."""

    def close(self) -> None:
        """Let go of it."""
