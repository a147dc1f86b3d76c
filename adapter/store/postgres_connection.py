"""PostgreSQL connections as the store uses them, and what their errors mean.

https://www.psycopg.org/psycopg3/docs/, https://www.postgresql.org/docs/15/errcodes-appendix.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from threading import Lock
from time import monotonic
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper

from adapter.problems import Kind, Problem
from adapter.store.database import Row
from adapter.store.postgres_sql import LONGEST, other, translated
from adapter.store.statements import PLAIN, statement

PATIENCE = 3
"""Seconds to wait for a connection, and for the network to take what is sent."""

LOCK = 0x696F70
"""The advisory lock of whoever writes. https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS"""

_COPIED = 500
"""Rows from which they go by COPY, a statement by itself; fewer travel together with the rest."""

# A search is written as one walk along an index and probes for each of its rows (`composer`): the planner is kept from
# other plans, which a table that has just been filled, without statistics, would lead it to. What no index is to be
# walked for is ordered by an expression (`+v.vid`), which leaves nothing but a sort.
_PLANNER = {
    "join_collapse_limit": "1",
    "from_collapse_limit": "1",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_sort": "off",
    "enable_incremental_sort": "off",
    "jit": "off",
}
WRITING = {
    # Somebody who stops in the middle must not stop the others for ever.
    "idle_in_transaction_session_timeout": "60s",
    "lock_timeout": "10s",
}
"""What is said to the session of whoever writes."""
_NOTHING: Mapping[str, str] = {}
_INSERT = re.compile(r"INSERT INTO (\w+) \(([^)]*)\)\s+VALUES \([?, ]*\)(.*)", re.DOTALL)
_TYPES = {
    "body": "bytea",
    "deleted": "bool",
    **dict.fromkeys(("parameter", "version", "cut", "rendering"), "int4"),
    **dict.fromkeys(("vid", "t", "updated", "sort", "present", "labels", "own", "from_t"), "int8"),
    **dict.fromkeys(("type", "id", "map", "concept", "patients", "value", "code", "unit", "said", "system"), "text"),
    **dict.fromkeys(("n", "at_ms", "resources", "batch", "first", "last"), "int8"),
    **dict.fromkeys(("client", "kind", "organization", "practitioner", "token", "purpose", "ground", "notice"), "text"),
    **dict.fromkeys(("interaction", "request", "query", "digest", "list", "addressees", "person", "network"), "text"),
    "patient": "text",
}
_BOUNDS = {"moment": "int8", "amount": "float8"}
"""`low` and `high` by table."""

_MIGRATED = "SELECT 1 FROM pg_catalog.pg_tables WHERE tablename = 'migration' AND schemaname = current_schema()"

# Without a user: what keeps the tables in order by itself (autovacuum).
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
)
Raw = psycopg.Connection[tuple[Any, ...]]

log = logging.getLogger(__name__)


class Reach:
    """Makes connections, and says in the log once that the database went away and once that it is back."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._away = False
        self._telling = Lock()

    def connected(self, seconds: float | None, settings: Mapping[str, str]) -> Postgres:
        """A new connection, as `Postgres` takes it."""
        try:
            made = Postgres(self._uri, seconds, settings)
        except psycopg.Error:
            self._tell(away=True)
            raise
        self._tell(away=False)
        return made

    def _tell(self, *, away: bool) -> None:
        with self._telling:
            if away != self._away:
                gone = "cannot be reached; what needs it is answered 503"
                log.warning("the database %s", gone if away else "is reached again")
            self._away = away


class Postgres:
    """A `Database`; a lost connection is found by the next statement, and `closed` from then on."""

    merges = False

    def __init__(self, uri: str, seconds: float | None = None, settings: Mapping[str, str] = _NOTHING) -> None:
        """`seconds` is what all statements since `begin` may take; `settings` are said to the session."""
        self._raw: Raw = psycopg.connect(
            uri,
            autocommit=True,
            connect_timeout=PATIENCE,
            keepalives_idle=30,
            keepalives_interval=5,
            keepalives_count=3,
        )
        self._raw.prepare_threshold, self._raw.prepared_max = 2, 500
        # One type for all integers: else each size of a number made another prepared statement.
        self._raw.adapters.register_dumper(int, Int8BinaryDumper)
        limit = {} if seconds is None else {"statement_timeout": f"{int(seconds * 1000)}ms"}
        said = {**_PLANNER, **limit, **settings}
        # In one statement: each is a way to the server and back, for every connection that is made.
        asked = ", ".join(["set_config(%s, %s, false)"] * len(said))
        self._raw.execute(f"SELECT {asked}".encode(), [part for pair in said.items() for part in pair])
        self._seconds = seconds
        self._until: float | None = None

    @property
    def closed(self) -> bool:
        """Whether it is of no use any more: the server has ended it, as far as has been heard."""
        if not self._raw.closed:
            with suppress(psycopg.OperationalError):
                self._raw.pgconn.consume_input()
        return self._raw.closed or self._raw.broken

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open and can go on or be undone."""
        return self._raw.info.transaction_status in (
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
            TransactionStatus.ACTIVE,
        )

    def begin(self) -> None:
        """A question begins, and its time."""
        self._until = None if self._seconds is None else monotonic() + self._seconds

    def execute(self, sql: str, parameters: Any = None, /) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement; its parameters by position or by name."""
        if self._until is not None and monotonic() > self._until:
            raise psycopg.errors.QueryCanceled
        # None: when it comes again. A COMMIT is sent as it is, so that it can be seen on the wire: a test of commits
        # whose answer is lost looks for it there.
        prepare = False if len(sql) > LONGEST or sql == "COMMIT" else None
        return self._raw.cursor(binary=True).execute(translated(sql), parameters or (), prepare=prepare)

    def executemany(self, sql: str, rows: Sequence[Row], /) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement for each of many rows."""
        cursor = self._raw.cursor(binary=True)
        cursor.executemany(translated(sql), rows)
        return cursor

    def fill(self, name: str, rows: Sequence[Row]) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run `queries/NAME.sql`, the insertion of one row, for all of these."""
        sql = statement(name)
        if not rows:
            return self._raw.cursor()
        if name not in PLAIN:
            return self.executemany(sql, rows)
        if len(rows) >= _COPIED and name != "insert_alias":
            return self._copy(sql, rows)
        table, columns, conflict = _insertion(sql)
        values = [list(column) for column in zip(*rows, strict=True)]
        types = ", ".join(map(_array, _types(table, columns), values))
        names = ", ".join(columns)
        text = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({types}) {conflict}"
        return self._raw.cursor(binary=True).execute(text, values)

    def _copy(self, sql: str, rows: Sequence[Row]) -> psycopg.Cursor[tuple[Any, ...]]:
        """COPY knows no conflict: what is there twice is sent once."""
        table, columns, conflict = _insertion(sql)
        cursor = self._raw.cursor()
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(_types(table, columns))
            for row in dict.fromkeys(rows) if conflict else rows:
                copy.write_row(row)
        return cursor

    def together(self, rows: int) -> AbstractContextManager[object]:
        """Sends what is run within it without waiting for each answer."""
        return self._raw.pipeline() if rows < _COPIED else nullcontext()

    def check_encoding(self) -> None:
        """Problem(FAULT) for a database that is not encoded in UTF-8."""
        encoding = self._raw.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise Problem(Kind.FAULT, f"the database is encoded in {encoding}; a store needs one encoded in UTF8")

    def mark(self) -> None:
        """What others have committed is known by asking alone."""

    def schema(self) -> int:
        """The number of the last migration."""
        # Looked for in the catalog's rows: its cache may not have heard yet of what another process made just now.
        if self._raw.execute(_MIGRATED).fetchone() is None:
            return 0
        row = self._raw.execute("SELECT coalesce(max(number), 0) FROM migration").fetchone()
        return int(row[0]) if row else 0

    def step(self, number: int, text: str) -> None:
        """Run the statements of a migration, within a transaction."""
        self._raw.execute("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY)")
        self._raw.execute(text.encode())
        self._raw.execute("INSERT INTO migration (number) VALUES (%s)", (number,))

    def lock(self, key: int = LOCK) -> None:
        """Begin a transaction when nobody else has this lock; it is alone until it ends."""
        self._raw.execute("BEGIN")
        self._raw.execute("SELECT pg_advisory_xact_lock(%s)", (key,))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """All or nothing, and nobody else writes meanwhile."""
        try:
            self.lock()
            yield
            self._raw.execute("COMMIT")
        except BaseException:
            if self.in_transaction:
                self._raw.execute("ROLLBACK")
            raise

    def walk(self, sql: str) -> Iterator[Row]:
        """The rows of one statement, of which few are held at a time."""
        return self._raw.cursor(binary=True).stream(translated(sql))

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read within it is of one moment."""
        self._raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            if not self.closed:
                self._raw.execute("ROLLBACK")

    def others(self) -> int:
        """How many others have the database open."""
        row = self._raw.execute(_OTHERS).fetchone()
        return int(row[0]) if row else 0

    def damage(self) -> str | None:
        """Nothing: its server's own checksums and `pg_amcheck` are asked by whoever runs it."""
        return None

    def resume(self) -> None:
        """Go on from the newest version there is, within a transaction that has put all of them there."""
        self._raw.execute(other("resume"))

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """What is asked within it must be answered in so many seconds; a Problem(OVERTIME) where it is not."""
        set_limit = "SELECT set_config('statement_timeout', %s, true)"
        self._until = monotonic() + seconds
        try:
            self._raw.execute(set_limit, (f"{max(int(seconds * 1000), 1)}ms",))
            yield
            self._raw.execute(set_limit, ("0",))
        except psycopg.Error as error:
            raise problem_of(error, "") from error
        finally:
            self._until = None

    def check_time(self) -> None:
        """Nothing: the server looks at the clock by itself."""

    def close(self) -> None:
        """Let go of it."""
        self._raw.close()


@contextmanager
def opened(uri: str, settings: Mapping[str, str] = _NOTHING) -> Iterator[Postgres]:
    """A connection by itself; what the database says no to is a Problem, for whoever starts the program: it gives the
    database's own reason. Problem(FAULT) for an encoding that does not hold every character."""
    try:
        database = Postgres(uri, settings=settings)
        try:
            database.check_encoding()
            yield database
        finally:
            database.close()
    except psycopg.Error as error:
        problem = problem_of(error, "")
        if isinstance(error, psycopg.ProgrammingError) and not error.sqlstate:
            # Of an address that cannot be read it quotes a part, which may be of the password.
            raise Problem(Kind.INVALID, "the address of the database cannot be read", "IOP_STORE") from error
        reason = str(error).strip().partition("\n")[0]
        raise Problem(problem.kind, f"{problem.message}: {reason}" if reason else problem.message) from error


def _insertion(sql: str) -> tuple[str, list[str], str]:
    """Table, columns and ON CONFLICT clause of an insertion."""
    found = _INSERT.search(sql)
    assert found is not None
    return found[1], found[2].split(", "), found[3]


def _array(type: str, values: list[Any]) -> str:
    """The placeholder of a column: binary, but for one without any value, which says nothing of its type."""
    return f"{'%t' if all(value is None for value in values) else '%b'}::{type}[]"


def _types(table: str, columns: Sequence[str]) -> list[str]:
    return [_BOUNDS[table] if column in ("low", "high") else _TYPES[column] for column in columns]


_NO_ROOM = ("53100", "53200", "53300", "53400", "58030")
_TRY_AGAIN = ("40001", "40P01", "55P03", "25P03")


def problem_of(error: psycopg.Error, outcome: str = "; nothing of this was stored") -> Problem:
    """What to tell a client about a failure of the database, with its `outcome`: the store is as it was before."""
    state = error.sqlstate or ""
    if isinstance(error, psycopg.DataError) and state in ("", "22021"):
        return Problem(Kind.INVALID, "a value holds the character NUL, which no record holds", code="value")
    if state in _NO_ROOM:
        return Problem(Kind.BUSY, f"the store has no room or its disk fails{outcome}", code="no-store")
    if state == "57014":
        return Problem(Kind.OVERTIME, f"this takes longer than the server may give it; ask for less{outcome}")
    if state in _TRY_AGAIN:
        return Problem(Kind.BUSY, f"the store is busy, try again{outcome}")
    # 08: the connection; 57P: the server is being stopped or started; none: it was not reached.
    lost = (psycopg.OperationalError, psycopg.InterfaceError)
    if state.startswith(("08", "57P")) or (not state and isinstance(error, lost)):
        return Problem(Kind.BUSY, f"the store cannot be reached, try again{outcome}")
    return Problem(Kind.FAULT, f"the store failed ({state or type(error).__name__}){outcome}")
