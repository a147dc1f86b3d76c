"""The store on SQLite: one writer, readers that never wait for it, everything at a logical time.

Versions of resources: https://hl7.org/fhir/R4/http.html#versions; searching: https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from adapter.fhir.dates import milliseconds
from adapter.fhir.everything import Everything
from adapter.fhir.history import History
from adapter.fhir.index import Index
from adapter.fhir.query import Query
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.checkpoints import Checkpoints
from adapter.store.connections import READER_CACHE, Reader, connect, problem_of
from adapter.store.everything import everything
from adapter.store.history import history
from adapter.store.included import Included
from adapter.store.lock import Lock
from adapter.store.migrate import migrate, migrations
from adapter.store.search import count, search
from adapter.store.statements import narrowed, statement
from adapter.store.transaction import Position, Transaction
from adapter.store.upkeep import Code, claim, drop, keep_codes, meta, rebuild, stale
from adapter.store.version import Page, Parked, Pending, Totals, Unmapped, Version
from adapter.store.writer import Writer

__all__ = ["SqliteStore", "Transaction", "Version"]

T = TypeVar("T")

UPKEEPS = 15
"""Times that the store is tidied while a page link lasts, whether anything is written or not."""


class SqliteStore:
    """All records of one program in one file; `path` None keeps them in a temporary one until closed.

    Every question takes a predicate, which is applied before any limit or count. Questions may be asked from any
    thread and run where they are asked; work is done by one writer thread. `identifying` are the systems whose
    identifiers name one record, `secret` the key that derives ids, `codes` all that the maps read. `cursor_minutes` is
    how long a page link shows the state of its first page, `sort_limit` how many matches are sorted where no index
    serves the order, `include_limit` how many records go along with a page, and `statement_seconds` how long a question
    may take.

    Raises Problem(BUSY) when another process has the file open, Problem(FAULT) when it belongs to a newer program or to
    another secret, Problem(UNPROCESSABLE) when its records say codes that the maps read no more.
    """

    def __init__(
        self,
        path: Path | None,
        index: Index,
        clock: Callable[[], datetime],
        identifying: Collection[str] = frozenset(),
        *,
        secret: bytes | None = None,
        codes: Collection[Code] | None = None,
        cursor_minutes: int = 15,
        sort_limit: int = 10_000,
        include_limit: int = 1_000,
        statement_seconds: float = 5,
    ) -> None:
        self._durable = path is not None
        self._path = path or self._temporary()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self.index = index
        self._identifying = frozenset(identifying)
        self._cursor_ms = cursor_minutes * 60_000
        self._sort_limit = sort_limit
        self._include_limit = include_limit
        self._seconds = statement_seconds
        self._clock = clock
        self._local = threading.local()
        self._readers: list[Reader] = []
        self._connection = self._ready(secret, codes)
        vid, t, now_ms = self._connection.execute(statement("newest")).fetchone()
        self._horizon = int(meta(self._connection, "horizon") or 0)
        self._purged_ms = 0
        self.t = t
        self._checkpoints = Checkpoints(connect(self._path, durable=self._durable, cache=READER_CACHE))
        at, idle = Position(t, vid, now_ms), self._cursor_ms / 1000 / UPKEEPS
        self._writer = Writer(self._connection, at, clock, self._begin, self._committed, self._rest, idle=idle)
        self._writer.start()

    def read(self, predicate: Predicate, type: str, id: str) -> Version | None:
        """The newest version of a record, also when it is a deletion; None when there is none or it is hidden."""
        return self._one("read", predicate, {**predicate.parameters, "type": type, "id": id})

    def vread(self, predicate: Predicate, type: str, id: str, version: int) -> Version | None:
        """One version of a record, also when it is a deletion; None when there is none or it is hidden."""
        return self._one("vread", predicate, {**predicate.parameters, "type": type, "id": id, "version": version})

    def search(self, predicate: Predicate, query: Query) -> Page:
        """One page: the first at the newest logical time, later ones at that of the first.

        Problem(GONE) for a cursor whose time has passed, Problem(TOO_COSTLY) for too many matches to sort or records to
        include, Problem(OVERTIME) for taking longer than allowed.
        """
        t = self.t if query.cursor is None else query.cursor.t
        with self._reader().asked() as connection:
            page = search(connection, self.index, predicate, query, t, self._sort_limit)
            if query.includes:
                along = Included(connection, self.index, predicate, t, self._include_limit)
                page = page._replace(included=along.of(query.includes, page.versions))
        self._check_horizon(t, aged=query.cursor is not None and self._aged(query))
        return page

    def count(self, predicate: Predicate, query: Query) -> int:
        """How many records match now, of those permitted; Problem(OVERTIME) for taking longer than allowed."""
        with self._reader().asked() as connection:
            return count(connection, self.index, predicate, query, self.t)

    def everything(self, predicate: Predicate, asked: Everything) -> Page:
        """One page of a record and what points to it: the first at the newest logical time, later ones at its.

        Problem(GONE) for a page whose time has passed, Problem(TOO_COSTLY) for too many records to go along,
        Problem(OVERTIME) for taking longer than allowed.
        """
        t = self.t if asked.cursor is None else asked.cursor.t
        with self._reader().asked() as connection:
            page = everything(connection, predicate, asked, t)
            along = Included(connection, self.index, predicate, t, self._include_limit)
            page = page._replace(included=along.of(asked.includes, page.versions))
        self._check_horizon(t)
        return page

    def _check_horizon(self, t: int, *, aged: bool = False) -> None:
        """Asked after the page was read, because the horizon may move meanwhile."""
        if t < self._horizon or t > self.t or aged:
            raise Problem(Kind.GONE, "this page link has expired; start the search again", "_page", code="processing")

    def history(self, predicate: Predicate, asked: History) -> Page:
        """One page of versions: the first at the newest logical time, later ones at that of the first.

        Versions are never dropped, so its page links do not age. Problem(OVERTIME) for taking longer than allowed.
        """
        t = self.t if asked.cursor is None else asked.cursor.t
        with self._reader().asked() as connection:
            return history(connection, predicate, asked, t)

    def parked(
        self,
        predicate: Predicate,
        patient: str | None = None,
        after: Parked | None = None,
        limit: int = 50,
    ) -> list[Parked]:
        """What the maps could not read, by record; `after` is the last item of the page before."""
        last = after or Parked("", "", "", "", "", None, None, 0)
        values = {
            "patient": patient,
            "after_type": last.type,
            "after_id": last.id,
            "after_path": last.path,
            "after_reason": last.reason,
            "limit": limit,
        }
        return [Parked(*row) for row in self._rows("parked", predicate, values)]

    def unmapped(
        self,
        predicate: Predicate,
        patient: str | None = None,
        after: Unmapped | None = None,
        limit: int = 50,
    ) -> list[Unmapped]:
        """The records that no concept claims, by patient; one that is about two patients is there for each."""
        last = after or Unmapped("", "", "", 0, 0)
        values = {
            "patient": patient,
            "after_patient": last.patient,
            "after_type": last.type,
            "after_id": last.id,
            "limit": limit,
        }
        return [Unmapped(*row) for row in self._rows("unmapped", predicate, values)]

    def pending(self, predicate: Predicate, after: Pending | None = None, limit: int = 50) -> list[Pending]:
        """The references to records that are not there, by target."""
        last = after or Pending("", "", "", "", "")
        values = {f"after_{name}": value for name, value in last._asdict().items()}
        return [Pending(*row) for row in self._rows("pending", predicate, {**values, "limit": limit})]

    def totals(self, predicate: Predicate) -> Totals:
        """How much is parked, unmapped and pending."""
        return Totals(*self._rows("totals", predicate, {})[0])

    def write(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Have work done by the writer, alone, all or nothing.

        The future resolves when the result is on the disk. It fails with what the work raised, or with
        Problem(BUSY, `no-store`) when the disk is full; then nothing of this work was stored.
        """
        return self._writer.submit(work)

    def rehearse(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Have work done as `write` does it, and undone: what would become of it, without a trace."""
        return self._writer.submit(work, rehearsal=True)

    @property
    def alive(self) -> bool:
        """Whether the writer takes work."""
        return self._writer.alive

    def close(self) -> None:
        """Finish the work that waits and let go of the file; harmless when called twice."""
        self._writer.close()
        self._checkpoints.close()
        for reader in self._readers:
            reader.connection.close()
        self._readers.clear()
        self._lock.let_go()
        if not self._durable:
            shutil.rmtree(self._path.parent, ignore_errors=True)

    def _temporary(self) -> Path:
        folder = tempfile.mkdtemp(prefix="iop-store-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder) / "store.db"

    def _ready(self, secret: bytes | None, codes: Collection[Code] | None) -> sqlite3.Connection:
        """The writer's connection to a database that is as this program wants it, and open nowhere else."""
        self._lock = Lock(self._path)
        try:
            connection = connect(self._path, durable=self._durable)
        except BaseException:
            self._lock.let_go()
            raise
        try:
            migrate(connection, migrations())
            if secret is not None:
                claim(connection, secret)
            if codes is not None:
                keep_codes(connection, codes)
            rebuild(connection, self.index)
        except BaseException:
            connection.close()
            self._lock.let_go()
            raise
        return connection

    def _reader(self) -> Reader:
        """This thread's own way to ask, kept."""
        reader: Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = Reader(self._path, durable=self._durable, seconds=self._seconds)
            self._readers.append(reader)
        return reader

    def _reading(self) -> sqlite3.Connection:
        """This thread's own connection, without a limit of time."""
        return self._reader().connection

    def _one(self, name: str, predicate: Predicate, values: dict[str, Any]) -> Version | None:
        """The version that a statement finds; it needs no limit, because it looks at one place."""
        try:
            row = self._reading().execute(narrowed(name, predicate), values).fetchone()
        except sqlite3.Error as error:
            raise problem_of(error, "") from error
        return Version(*row) if row else None

    def _rows(self, name: str, predicate: Predicate, values: dict[str, str | int | None]) -> list[tuple[Any, ...]]:
        with self._reader().asked() as connection:
            return connection.execute(narrowed(name, predicate), {**predicate.parameters, **values}).fetchall()

    def _aged(self, query: Query) -> bool:
        """Whether the first page is longer ago than its links last, be its rows still there or not."""
        asked = query.asked
        return asked is not None and milliseconds(self._clock()) - milliseconds(asked) > self._cursor_ms

    def _begin(self, start: Position) -> Transaction:
        return Transaction(self._connection, self.index, self._identifying, start)

    def _committed(self, position: Position) -> None:
        self.t = position.t

    def _rest(self, now_ms: int) -> bool:
        """After the writer's answers are out: part of the upkeep; answers whether there is more of it."""
        self._checkpoints.note(self._connection.total_changes)
        if now_ms - self._purged_ms < self._cursor_ms // UPKEEPS:
            return False
        with suppress(sqlite3.Error):  # rows kept too long do no harm, and a disk that fails is told by the next write
            if (slice := stale(self._connection, now_ms - self._cursor_ms)) is not None:
                # Said before it is so: whoever searches a state without these rows then knows it.
                self._horizon = max(self._horizon, slice.until_t)
                drop(self._connection, self.index, slice)
                return True
        self._purged_ms = now_ms
        return False
