"""The ledger of a store on PostgreSQL: a schema of its own in the same database, which several processes append to.

Whoever appends holds a lock of the ledger's own until the commit, so that positions and the chain follow the commits.
https://www.postgresql.org/docs/15/ddl-schemas.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from adapter.problems import Problem
from adapter.store.database import Database
from adapter.store.ledger import moment
from adapter.store.migrate import migrate, migrations
from adapter.store.postgres_connection import WRITING, Postgres, Reach, opened, problem_of

SCHEMA = "ledger"
LOCK = 0x6C6564676572
"""The advisory lock of whoever appends; the store's writers have another."""

_HERE = {"search_path": SCHEMA}
# Whatever the server says of other sessions: an acknowledged disclosure is on the disk.
_DURABLE = """
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""


class LedgerSchema:
    """A `Place`; a lost connection is made anew with the next batch.

    Raises Problem(BUSY) when the database cannot be reached, Problem(FAULT) when the ledger is a newer program's.
    """

    failures: type[Exception] = psycopg.Error
    prompt = None

    def __init__(self, uri: str) -> None:
        self._uri = uri
        with opened(uri, _HERE) as database:
            prepare(database)
        self._reach = Reach(uri)
        self._database: Postgres | None = None

    def begin(self) -> Database:
        """The writing connection, in a transaction, alone on the ledger."""
        if self._database is None or self._database.closed:
            self._database = self._reach.connected(None, {**WRITING, **_HERE})
            self._database.execute(_DURABLE)
        self._database.lock(LOCK)
        return self._database

    def give_up(self) -> None:
        """Undo the transaction, if there is one."""
        with suppress(psycopg.Error):
            if self._database is not None and self._database.in_transaction:
                self._database.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """A connection by itself, of one moment's state."""
        with opened_schema(self._uri) as database:
            yield database

    def problem_of(self, error: Exception) -> Problem:
        """What a failure means."""
        assert isinstance(error, psycopg.Error)
        return problem_of(error)

    def rest(self, commits: int) -> None:
        """Nothing: the server does it."""

    def close(self) -> None:
        """Let go of the connection."""
        if self._database is not None:
            self._database.close()


def prepare(database: Postgres) -> None:
    """Make the schema what this program wants it to be."""
    with database.alone():
        # Asked first: who may not make schemas may use one that was made for it.
        if database.execute(f"SELECT to_regnamespace('{SCHEMA}') IS NULL").fetchone() == (True,):
            database.execute(f"CREATE SCHEMA {SCHEMA}")
    migrate(database, migrations("ledger_postgres"))


@contextmanager
def opened_schema(uri: str) -> Iterator[Postgres]:
    """A ledger that is there, for reading, of one moment's state."""
    with opened(uri, _HERE) as database, moment(database):
        yield database
