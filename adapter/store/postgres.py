"""The store on PostgreSQL: several processes may serve it, each with a writer; their commits follow each other.

Whoever writes holds one lock from reading how far the store has come until the commit, so logical times grow in the
order of the commits. What waits meanwhile is committed together by its process.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from time import monotonic, sleep
from typing import Any

import psycopg

from adapter.fhir.index import Index
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.database import Database
from adapter.store.migrate import migrate, migrations
from adapter.store.postgres_connection import PATIENCE, WRITING, Postgres, Reach, opened, problem_of
from adapter.store.postgres_sql import other
from adapter.store.statements import narrowed
from adapter.store.store import DEFAULTS, Options, Seen, Store
from adapter.store.transaction import Transaction
from adapter.store.upkeep import UPKEEPS, drop, ready, stale
from adapter.store.version import Version
from adapter.store.version_rows import Position
from adapter.store.writer import Writer

IN_DOUBT = 10.0
"""Seconds in which the outcome of a commit is asked for when the connection was lost in the middle of it."""

# What a search finds beforehand is remembered in memory: with less of it, it would be looked for by each candidate.
_READING = {"default_transaction_read_only": "on", "work_mem": "64MB"}
_UNKNOWN = "; the connection was lost, and it is not known whether this was stored: look before sending it again"


class PostgresStore(Store):
    """All records of one program in one database, `uri` (`postgresql://user:password@host/name`).

    Raises Problem(BUSY) when it cannot be reached, Problem(FAULT) when it belongs to a newer program or to another
    secret, Problem(UNPROCESSABLE) when its records say codes that the maps read no more.
    """

    def __init__(self, uri: str, index: Index, clock: Callable[[], datetime], options: Options = DEFAULTS) -> None:
        super().__init__(index, clock, options)
        self._uri = uri
        self._local = threading.local()
        self._readers: list[PostgresReader] = []
        self._closed = False
        steps = migrations("postgres")
        self._form = f"{steps[-1][0]} {index.hash}"
        unrendered = self._prepare(steps, options)
        self._purged_ms = 0
        self._reach = Reach(uri)
        self._writing = PostgresWriting(self._reach, self._form)
        idle = self._cursor_ms / 1000 / UPKEEPS
        self._writer = Writer(self._writing, clock, self._begin, lambda position: None, self._rest, idle=idle)
        self._writer.start()
        if unrendered:
            self._render()

    @property
    def t(self) -> int:
        """The newest logical time."""
        with self._asked() as database:
            return self._seen(database).t

    def close(self) -> None:
        """Finish the work that waits and let go of the database; harmless when called twice."""
        self._closed = True
        self._writer.close()
        for reader in self._readers:
            reader.close()
        self._readers.clear()

    def _prepare(self, steps: list[tuple[int, str]], options: Options) -> bool:
        """Make the database what this program wants it to be; whether what others see is still to be made."""
        with opened(self._uri) as database:
            migrate(database, steps)
            return ready(database, self.index, options.secret, options.codes)

    def _asked(self) -> AbstractContextManager[Database]:
        return self._reader().asked()

    def _seen(self, database: Database) -> Seen:
        t, horizon, form = database.execute(other("seen")).fetchone()
        _check_form(form, self._form)
        return Seen(t, horizon)

    def _reader(self) -> PostgresReader:
        """This thread's own way to ask, kept."""
        if self._closed:
            raise Problem(Kind.FAULT, "the store is closed")
        reader: PostgresReader | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = PostgresReader(self._reach, self._seconds)
            self._readers.append(reader)
        return reader

    def _one(self, name: str, predicate: Predicate, values: dict[str, Any]) -> Version | None:
        with self._asked() as database:
            row = database.execute(narrowed(name, predicate), values).fetchone()
        return Version(*row) if row else None

    def _begin(self, start: Position) -> Transaction:
        return Transaction(self._writing.database, self.index, self._identifying, start, self._seconds)

    def _rest(self, now_ms: int) -> bool:
        """After the writer's answers are out: part of the upkeep; answers whether there is more of it."""
        if now_ms - self._purged_ms < self._cursor_ms // UPKEEPS:
            return False
        with suppress(psycopg.Error):  # rows kept too long do no harm, and a failure is told by the next write
            database = self._writing.connected()
            # Looked for when nobody else can drop it; and not by a program whose index it no longer is.
            with database.alone():
                *_, form = database.execute(other("standing")).fetchone() or ("",)
                _check_form(form, self._form)
                if (slice := stale(database, now_ms - self._cursor_ms)) is not None:
                    drop(database, self.index, slice)
                    return True
        self._purged_ms = now_ms
        return False


class PostgresReader:
    """A connection that cannot write, whose questions may take so many seconds; made anew after it was lost."""

    def __init__(self, reach: Reach, seconds: float) -> None:
        self._reach = reach
        self._seconds = seconds
        self._database: Postgres | None = None
        self._shut_until = 0.0

    @contextmanager
    def asked(self) -> Iterator[Database]:
        """The connection for one question; a Problem for what the database says no to, OVERTIME for taking too long."""
        try:
            database = self._connected()
            database.begin()
            yield database
        except psycopg.Error as error:
            raise problem_of(error, "") from error

    def close(self) -> None:
        """Let go of it."""
        if self._database is not None:
            self._database.close()

    def _connected(self) -> Postgres:
        if self._database is not None and not self._database.closed:
            return self._database
        if monotonic() < self._shut_until:  # asking again for each request would hold up all of them
            raise psycopg.OperationalError
        try:
            self._database = self._reach.connected(self._seconds, _READING)
        except psycopg.Error:
            self._shut_until = monotonic() + 1
            raise
        return self._database


class PostgresWriting:
    """The `Writing` of one process among others; a lost connection is made anew with the next work."""

    failures: type[Exception] = psycopg.Error

    def __init__(self, reach: Reach, form: str) -> None:
        self._reach = reach
        self._form = form
        self.database = reach.connected(None, WRITING)
        self._start = Position(0, 0, 0)
        self._xid = ""
        self._process, self._said = secrets.token_hex(8), 0
        self.database.execute(other("forget_writers"))

    def connected(self) -> Postgres:
        """A connection that works as far as is known."""
        if self.database.closed:
            self.database = self._reach.connected(None, WRITING)
        return self.database

    def begin(self) -> Position:
        """Open a transaction when nobody else writes; answers how far the store has come."""
        database = self.connected()
        database.lock()
        *position, self._xid, form = database.execute(other("standing")).fetchone() or ()
        _check_form(form, self._form)
        self._start = Position(*position)
        return self._start

    def end(self, position: Position) -> None:
        """Commit it. Where the connection is lost on the way, the server is asked what became of it."""
        self._said += 1
        self.database.execute(other("move"), (self._process, self._said, *position[:3]))
        try:
            self.database.execute("COMMIT")
        except psycopg.Error:
            if not self._is_committed():
                raise

    def problem_of(self, error: Exception) -> Problem:
        """What to tell those whose work failed."""
        assert isinstance(error, psycopg.Error)
        return problem_of(error)

    def close(self) -> None:
        """Let go of the connection."""
        self.database.close()

    def _is_committed(self) -> bool:
        """What became of the last transaction; Problem(BUSY) if nobody says so in time."""
        until = monotonic() + IN_DOUBT
        while monotonic() < until:
            with suppress(psycopg.Error):
                asked = (self._xid, self._process)
                state, said = self.connected().execute(other("outcome"), asked).fetchone() or (None, None)
                if state in ("committed", "aborted"):
                    # After a crash the number may be another transaction's by now.
                    return bool(state == "committed" and said == self._said)
            sleep(PATIENCE / 10)
        raise Problem(Kind.BUSY, f"the store cannot be reached{_UNKNOWN}")


_TAKEN = "another version of this program has taken over the store, or one with other settings; restart this one"


def _check_form(found: str, own: str) -> None:
    """Problem(BUSY) when another program has changed the tables or what is indexed: this one would misread it, and
    write what that one cannot read."""
    if found != own:
        raise Problem(Kind.BUSY, _TAKEN)
