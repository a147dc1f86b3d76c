"""SQLite connections as the store uses them, and what their errors mean. https://sqlite.org/wal.html"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from math import inf
from pathlib import Path
from time import monotonic, thread_time
from typing import Any

from adapter.problems import Kind, Problem
from adapter.store.database import Row
from adapter.store.statements import KEPT, MANY, PLAIN, repeated, statement

WAL_PAGES = 16_000
"""64 MB of log: beyond this the writer itself copies the log into the database before it goes on."""

READER_CACHE = 4_000
"""KiB for connections that write nothing: their pages are also in the operating system's cache."""

LONG = 4
"""Of the statements that are longer than what is kept, so many are: an export asks the same of each stretch."""

STEPS = 50_000
"""Instructions of SQLite, some two milliseconds of them, between two looks at the clock: they cost nothing so."""

WAITS = 20
"""How many times as long a question that is hurried may wait as it may work."""

_NO_SPACE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_WAITING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class Sqlite(sqlite3.Connection):
    """A `Database`; what `apart` opens, where it is set, runs the statements of which few are kept. `is_late` says
    whether a question has taken too long, where that is watched."""

    merges = True
    is_late: Callable[[], bool] | None = None
    apart: Callable[[], Sqlite] | None = None
    _apart: Sqlite | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run one statement; its parameters by position or by name."""
        if len(sql) <= KEPT or self.apart is None:
            return super().execute(sql, parameters)
        if self._apart is None:
            self._apart = self.apart()
        return self._apart.execute(sql, parameters)

    def check_time(self) -> None:
        """Problem(OVERTIME) where a question that is hurried has taken longer than it may."""
        if self.is_late is not None and self.is_late():
            raise _overtime()

    def close(self) -> None:
        """Let go of it."""
        if self._apart is not None:
            self._apart.close()
        super().close()

    def fill(self, name: str, rows: Sequence[Row]) -> sqlite3.Cursor:
        """Run `queries/NAME.sql`, the insertion of one row, for all of these."""
        if name not in PLAIN or not rows:
            return self.executemany(statement(name), rows)
        for start, end in parts(len(rows)):
            last = self.execute(repeated(name, end - start), tuple(chain.from_iterable(rows[start:end])))
        return last

    def together(self, rows: int) -> AbstractContextManager[object]:
        """Nothing travels."""
        return _HERE

    def mark(self) -> int | None:
        """https://sqlite.org/pragma.html#pragma_data_version: it is good for this connection alone."""
        number: int = self.execute("PRAGMA data_version").fetchone()[0]
        return number

    def schema(self) -> int:
        """The number of the last migration."""
        number: int = self.execute("PRAGMA user_version").fetchone()[0]
        return number

    def step(self, number: int, text: str) -> None:
        """Run the statements of a migration, within a transaction."""
        for sql in split(text):
            self.execute(sql)
        self.execute(f"PRAGMA user_version = {number}")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """All or nothing, and nobody else writes meanwhile."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self.in_transaction:
                self.execute("ROLLBACK")
            raise

    def walk(self, sql: str) -> Iterator[Row]:
        """The rows of one statement, of which few are held at a time."""
        return iter(self.execute(sql))

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read within it is of one moment."""
        self.execute("BEGIN")
        try:
            yield
        finally:
            self.execute("ROLLBACK")

    def others(self) -> int:
        """None: its lock file says who has it open."""
        return 0

    def damage(self) -> str | None:
        """What it finds wrong with its file. https://sqlite.org/pragma.html#pragma_integrity_check"""
        said: str = self.execute("PRAGMA integrity_check(1)").fetchone()[0]
        return None if said == "ok" else said

    def resume(self) -> None:
        """Go on from the newest version there is, which SQLite finds by itself."""

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """What is asked within it must be answered in so many seconds; a Problem(OVERTIME) where it is not."""
        deadline = _Deadline(seconds)
        deadline.begin()
        self.set_progress_handler(deadline.is_over, STEPS)
        try:
            yield
        except sqlite3.Error as error:
            raise problem_of(error, "") from error
        finally:
            self.set_progress_handler(None, 0)


_HERE = nullcontext()


def parts(rows: int) -> Iterator[tuple[int, int]]:
    """So many rows in stretches of `MANY`, then of half as many each: few statements to run and few to keep."""
    start, many = 0, MANY
    while start < rows:
        while many > rows - start:
            many //= 2
        yield start, start + many
        start += many


def split(script: str) -> Iterator[str]:
    """The statements of a script; `executescript` would commit before the first one."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""


def connect(path: Path, *, durable: bool, cache: int = 16_000, kept: int = 512) -> Sqlite:
    """A connection in autocommit mode with a write-ahead log, a page cache of `cache` KiB and so many statements kept.

    `durable` false is for stores that do not outlive the process: their commits do not wait for the disk.
    """
    if not path.exists() and str(path) != ":memory:":
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # records are in it: for nobody else to read
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=kept, factory=Sqlite
    )
    connection.executescript(
        f"""
        PRAGMA busy_timeout = 10000;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = {"FULL" if durable else "OFF"};
        PRAGMA wal_autocheckpoint = {WAL_PAGES};
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -{cache};
        """
    )
    return connection


class Reader:
    """A connection that cannot write, whose questions may take so many seconds."""

    def __init__(self, path: Path, *, durable: bool, seconds: float) -> None:
        deadline = self._deadline = _Deadline(seconds)

        def opened(kept: int) -> Sqlite:
            connection = connect(path, durable=durable, cache=READER_CACHE, kept=kept)
            connection.execute("PRAGMA query_only = ON")
            connection.set_progress_handler(deadline.is_over, STEPS)
            return connection

        self.connection = opened(512)
        self.connection.apart = lambda: opened(LONG)

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """Each question within it may keep its thread busy for so many seconds, and is given up when it next looks at
        the clock: at each row of a page, between its statements, and every `STEPS` within one."""
        with self._deadline.shorter(seconds):
            self.connection.is_late = self._deadline.is_over
            try:
                yield
            finally:
                self.connection.is_late = None

    def __enter__(self) -> Sqlite:
        """The connection for one question; a Problem for what the database says no to, OVERTIME for taking too long."""
        self._deadline.begin()
        return self.connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._deadline.end()
        if isinstance(error, sqlite3.Error):
            raise problem_of(error, "") from error


class _Deadline:
    """When a question has taken too long; apart from the connection, which would otherwise hold itself."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._moment = seconds, inf
        self._from, self._until, self._busy_until = inf, inf, -inf

    def begin(self) -> None:
        """The time runs from now on."""
        now = monotonic()
        self._until = now + min(self._seconds, WAITS * self._moment)
        self._from = min(now + self._moment, self._until)
        self._busy_until = thread_time() + self._moment if self._from < self._until else -inf

    @contextmanager
    def shorter(self, seconds: float) -> Iterator[None]:
        """Within it a question may keep its thread busy no longer than so many seconds, and `WAITS` times as long with
        what it waits for others, for the interpreter above all."""
        self._moment = seconds
        try:
            yield
        finally:
            self._moment = inf

    def end(self) -> None:
        """Nothing is asked."""
        self._from = self._until = inf

    def is_over(self) -> bool:
        """Whether SQLite is to give up."""
        now = monotonic()
        return now > self._from and (now > self._until or thread_time() > self._busy_until)


def problem_of(error: sqlite3.Error, outcome: str = "; nothing of this was stored") -> Problem:
    """What to tell a client about a failure of the database, with its `outcome`: the store is as it was before."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _NO_SPACE:
        return Problem(Kind.BUSY, f"the store has no room or its disk fails{outcome}", code="no-store")
    if code in _WAITING:
        return Problem(Kind.BUSY, f"the store is busy, try again{outcome}")
    if code == sqlite3.SQLITE_INTERRUPT:
        return _overtime(outcome)
    if code == sqlite3.SQLITE_NOTADB:
        return Problem(Kind.FAULT, f"the file of the store is no SQLite database{outcome}")
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return Problem(Kind.FAULT, f"the store failed ({name}){outcome}")


def _overtime(outcome: str = "") -> Problem:
    return Problem(Kind.OVERTIME, f"this takes longer than the server may give it; ask for less{outcome}")
