"""The store on SQLite: one process, one writer, readers that never wait for it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from adapter.fhir.index import Index
from adapter.problems import Problem
from adapter.released import Predicate
from adapter.store.checkpoints import Checkpoints
from adapter.store.connections import READER_CACHE, Reader, Sqlite, connect, problem_of
from adapter.store.database import Database
from adapter.store.lock import Lock
from adapter.store.migrate import migrate, migrations
from adapter.store.statements import narrowed, statement
from adapter.store.store import DEFAULTS, Options, Seen, Store
from adapter.store.transaction import Transaction
from adapter.store.upkeep import UPKEEPS, drop, meta, ready, stale
from adapter.store.version import Version
from adapter.store.version_rows import Position
from adapter.store.writer import Writer


@cache
def _empty() -> bytes:
    """A database with all steps and no rows. Each temporary store begins with a copy: to take the steps is most of what
    it takes to make one."""
    with closing(connect(Path(":memory:"), durable=False)) as database:
        migrate(database, migrations())
        return database.serialize()


class SqliteStore(Store):
    """All records of one program in one file; `path` None keeps them in a temporary one until closed.

    Raises Problem(BUSY) when another process has the file open, Problem(FAULT) when it belongs to a newer program or to
    another secret, Problem(UNPROCESSABLE) when its records say codes that the maps read no more.
    """

    def __init__(
        self,
        path: Path | None,
        index: Index,
        clock: Callable[[], datetime],
        options: Options = DEFAULTS,
    ) -> None:
        super().__init__(index, clock, options)
        self._durable = path is not None
        self._path = path or self._temporary()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        self._readers: list[Reader] = []
        self._connection, unrendered = self._ready(options)
        vid, t, now_ms = self._connection.execute(statement("newest")).fetchone()
        self._now = Seen(t, int(meta(self._connection, "horizon") or 0))
        self._purged_ms = 0
        self._checkpoints = Checkpoints(connect(self._path, durable=self._durable, cache=READER_CACHE))
        signed = self._connection.execute(statement("act_head")).fetchone()
        writing = SqliteWriting(self._connection, Position(t, vid, now_ms, signed[0] if signed else ""))
        idle = self._cursor_ms / 1000 / UPKEEPS
        self._writer = Writer(writing, clock, self._begin, self._committed, self._rest, idle=idle)
        self._writer.start()
        if unrendered:
            self._render()

    @property
    def t(self) -> int:
        """The newest logical time."""
        return self._now.t

    @property
    def stamp(self) -> int | None:
        """The newest logical time: no other process writes."""
        return self._now.t

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

    def hurried(self, seconds: float) -> AbstractContextManager[None]:
        """Within it this thread's questions may take so many seconds each."""
        return self._reader().hurried(seconds)

    def _temporary(self) -> Path:
        folder = tempfile.mkdtemp(prefix="iop-store-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        path = Path(folder) / "store.db"
        path.write_bytes(_empty())
        return path

    def _ready(self, options: Options) -> tuple[Sqlite, bool]:
        """The writer's connection to a database that is as this program wants it, and open nowhere else; and whether
        what others see of its records is still to be made."""
        self._lock = Lock(self._path)
        try:
            connection = connect(self._path, durable=self._durable)
        except sqlite3.Error as error:
            self._lock.let_go()
            raise problem_of(error, "") from error
        except BaseException:
            self._lock.let_go()
            raise
        try:
            migrate(connection, migrations())
            unrendered = ready(connection, self.index, options.secret, options.codes)
        except BaseException:
            connection.close()
            self._lock.let_go()
            raise
        return connection, unrendered

    def _asked(self) -> AbstractContextManager[Database]:
        return self._reader()

    def _seen(self, database: Database) -> Seen:
        return self._now

    def _reader(self) -> Reader:
        """This thread's own way to ask, kept."""
        reader: Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = Reader(self._path, durable=self._durable, seconds=self._seconds)
            self._readers.append(reader)
        return reader

    def _reading(self) -> Sqlite:
        """This thread's own connection, without a limit of time."""
        return self._reader().connection

    def _one(self, name: str, predicate: Predicate, values: dict[str, Any]) -> Version | None:
        try:
            row = self._reading().execute(narrowed(name, predicate), values).fetchone()
        except sqlite3.Error as error:
            raise problem_of(error, "") from error
        return Version(*row) if row else None

    def _begin(self, start: Position) -> Transaction:
        return Transaction(self._connection, self.index, self._identifying, start, self._seconds)

    def _committed(self, position: Position) -> None:
        self._now = self._now._replace(t=position.t)

    def _rest(self, now_ms: int) -> bool:
        """After the writer's answers are out: part of the upkeep; answers whether there is more of it."""
        self._checkpoints.note(self._connection.total_changes, self._writer.commits)
        if now_ms - self._purged_ms < self._cursor_ms // UPKEEPS:
            return False
        with suppress(sqlite3.Error):  # rows kept too long do no harm, and a disk that fails is told by the next write
            if (slice := stale(self._connection, now_ms - self._cursor_ms)) is not None:
                # Said before it is so: whoever searches a state without these rows then knows it.
                self._now = self._now._replace(horizon=max(self._now.horizon, slice.until_t))
                with self._connection.alone():
                    drop(self._connection, self.index, slice)
                return True
        self._purged_ms = now_ms
        return False


class SqliteWriting:
    """The `Writing` of the only process that has the file open."""

    failures: type[Exception] = sqlite3.Error

    def __init__(self, connection: Sqlite, position: Position) -> None:
        self.database = connection
        self._position = position

    def begin(self) -> Position:
        """Open a transaction; answers how far the store has come."""
        self.database.execute("BEGIN IMMEDIATE")
        return self._position

    def end(self, position: Position) -> None:
        """Commit it."""
        self.database.execute("COMMIT")
        self._position = position

    def problem_of(self, error: Exception) -> Problem:
        """What to tell those whose work failed."""
        assert isinstance(error, sqlite3.Error)
        return problem_of(error)

    def close(self) -> None:
        """Let go of the connection."""
        self.database.close()
