"""The ledger of a store on SQLite: a file of its own beside it, `NAME.ledger`. https://sqlite.org/wal.html"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from adapter.problems import Kind, Problem
from adapter.store.checkpoints import Checkpoints
from adapter.store.connections import READER_CACHE, Sqlite, connect, problem_of
from adapter.store.database import Database
from adapter.store.ledger import moment
from adapter.store.migrate import migrate, migrations


def beside(store: Path) -> Path:
    """Where the ledger of a store is."""
    return store.with_name(f"{store.name}.ledger")


class Appender:
    """A `Hand` on a file."""

    failures: type[Exception] = sqlite3.Error

    def __init__(self, database: Sqlite) -> None:
        self._database = database

    def begin(self) -> Database:
        """The connection, in a transaction, alone on the ledger."""
        self._database.execute("BEGIN IMMEDIATE")
        return self._database

    def give_up(self) -> None:
        """Undo the transaction, if there is one."""
        with suppress(sqlite3.Error):
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")


class LedgerFile(Appender):
    """A `Place`; `path` None keeps it in a temporary file until closed. Several processes may append to one.

    Raises Problem(FAULT) for a file that is no ledger, or a newer program's.
    """

    def __init__(self, path: Path | None) -> None:
        self._temporary = (
            None if path else tempfile.TemporaryDirectory(prefix="iop-ledger-", ignore_cleanup_errors=True)
        )
        self._durable = path is not None
        self.path = path or Path(str(self._temporary and self._temporary.name)) / "ledger"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _told(), ExitStack() as opened:
            connections = [opened.enter_context(closing(self._connected())) for _ in range(3)]
            migrate(connections[0], migrations("ledger"))
            opened.pop_all()
        super().__init__(connections[0])
        self._beside = connections[1]
        self._beside.execute("PRAGMA busy_timeout = 0")
        self.prompt = Appender(self._beside)
        self._checkpoints = Checkpoints(connections[2])

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """A connection by itself, of one moment's state."""
        with opened_file(self.path) as database:
            yield database

    def problem_of(self, error: Exception) -> Problem:
        """What a failure means."""
        assert isinstance(error, sqlite3.Error)
        return problem_of(error)

    def rest(self, commits: int) -> None:
        """Have the log copied into the file from time to time."""
        self._checkpoints.note(self._database.total_changes + self._beside.total_changes, commits)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
        self._beside.close()
        self._checkpoints.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _connected(self) -> Sqlite:
        return connect(self.path, durable=self._durable, cache=READER_CACHE)


@contextmanager
def opened_file(path: Path) -> Iterator[Sqlite]:
    """A ledger that is there, for reading, of one moment's state. A text that is none any more, because a bit of it was
    changed, is read all the same."""
    with _told(), closing(connect(path, durable=True, cache=READER_CACHE)) as database:
        database.execute("PRAGMA query_only = ON")
        database.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        with moment(database):
            yield database


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise problem_of(error, "") from error
    except UnicodeDecodeError as error:  # of a message that quotes what cannot be read
        raise Problem(Kind.FAULT, "the file of the ledger is damaged") from error
