"""Where the tests keep their records: SQLite, or with TEST_STORE=postgresql a private PostgreSQL of this test run."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from adapter.fhir.index import Index
from adapter.settings import Database as Address
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.store.migrate import migrate, migrations
from adapter.store.postgres import PostgresStore
from adapter.store.postgres_connection import opened
from adapter.store.sqlite import SqliteStore
from adapter.store.store import Options, Store

POSTGRES = os.environ.get("TEST_STORE") == "postgresql"
_NUMBERS = count()
_PREFIX = "iop-postgres-"
# A test needs one or two databases; a module's fixture that keeps one stays connected to it.
_SPARE = 25
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=128MB", "autovacuum=off")
_NOTHING = "DROP SCHEMA IF EXISTS ledger CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps them apart from the others."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = debian[-1] if debian else Path(found) if found else None
    return named.parent if named else None


class Cluster:
    """A PostgreSQL server of one's own on a free port of the loopback; it is gone when the process ends."""

    def __init__(self, bin: Path, *, safe: bool = False) -> None:
        self._bin = bin
        # PostgreSQL refuses to run as root.
        self._user = {"user": "postgres"} if os.geteuid() == 0 else {}
        self._sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        self._given: deque[str] = deque()
        self._left: deque[str] = deque()
        if self._user:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "iop", "-A", "trust", "--no-sync", "-E", "UTF8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        quick = "" if safe else f" -c {' -c '.join(_QUICK)}"
        self._options = (
            f"-c listen_addresses=127.0.0.1 -c unix_socket_directories= -p {self.port} -c max_connections=200{quick}"
        )
        self.start()
        atexit.register(self.remove)

    def start(self) -> None:
        """Start it; returns when it answers."""
        self._ctl("start", "-o", self._options, "-l", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast`, or `immediate` as a crash would."""
        self._ctl("stop", "-m", mode)

    def remove(self) -> None:
        """Stop it and take its files away."""
        self._remove(self.folder)

    def uri(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://iop@127.0.0.1:{self.port}/{name}"

    def database(self) -> str:
        """The address of a database without tables: a new one, or one of long ago that nobody is connected to."""
        name = self._emptied(self._given, _NOTHING) or self._created()
        self._given.append(name)
        return self.uri(name)

    def tables(self) -> str:
        """The address of a database with the tables of a store and nothing in them, new or of long ago too."""
        name = self._emptied(self._left, self._emptying) or self._created(self._model)
        self._left.append(name)
        return self.uri(name)

    @cached_property
    def _model(self) -> str:
        """The name of a database with a store's tables, to be copied."""
        name = self._created()
        with opened(self.uri(name)) as database:
            migrate(database, migrations("postgres"))
        return name

    @cached_property
    def _emptying(self) -> str:
        """What leaves a store's tables as they are made."""
        with psycopg.connect(self.uri(self._model)) as connection:
            named = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration'"
            tables = sorted(name for (name,) in connection.execute(named))
        emptied = "".join(f"DELETE FROM {name};" for name in tables if name != "clock")
        return f"DROP SCHEMA IF EXISTS ledger CASCADE; {emptied} UPDATE clock SET t = 0, vid = 0, now_ms = 0"

    def _created(self, model: str = "template1") -> str:
        name = f"iop{next(_NUMBERS)}"
        with psycopg.connect(self.uri("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY wal_log".encode())
        return name

    def _emptied(self, given: deque[str], statements: str) -> str | None:
        # Thousands of tests, each with some ten megabytes of its own, would fill a small disk.
        if len(given) <= _SPARE:
            return None
        name = given.popleft()
        with psycopg.connect(self.uri(name), autocommit=True) as connection:
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            if connection.execute(others).fetchone() != (1,):
                given.append(name)
                return None
            connection.execute(statements.encode())
        return name

    def _sweep(self) -> None:
        """Remove those of processes that were ended before they could."""
        for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
            if not _lives(int(left.name.removeprefix(_PREFIX).split("-")[0])):
                self._remove(left)

    def _remove(self, folder: Path) -> None:
        subprocess.run(
            [self._bin / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop"],
            capture_output=True,
            cwd="/",
            check=False,
            **self._user,
        )
        shutil.rmtree(folder, ignore_errors=True)

    def _ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=False,
            **self._user,
        )
        assert done.returncode == 0, f"{program} {arguments[:1]} failed"


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@cache
def cluster() -> Cluster:
    """The one of this process."""
    bin = programs()
    assert bin is not None, "TEST_STORE=postgresql needs PostgreSQL's programs (initdb, pg_ctl)"
    return Cluster(bin)


def open_store(index: Index, clock: Callable[[], datetime], path: Path | None = None, **options: Any) -> Store:
    """A store of the kind that is tested: at `path`, else an empty one that nobody finds again."""
    where = place(path) if path else cluster().tables() if POSTGRES else None
    if isinstance(where, str):
        return PostgresStore(where, index, clock, Options(**options))
    return SqliteStore(where, index, clock, Options(**options))


def open_ledger(path: Path | None, clock: Callable[[], datetime]) -> Ledger:
    """The ledger of the store that stands for this file; of None, one that nobody finds again."""
    where = place(path) if path else cluster().database() if POSTGRES else None
    return Ledger(place_of(Address(where) if isinstance(where, str) else where), clock)


def place(path: Path) -> Path | str:
    """What stands for this file: itself, or the address of a database that is kept for it."""
    return _places(path) if POSTGRES else path


@contextmanager
def listening(database: Any) -> Iterator[list[str]]:
    """The statements that a connection runs meanwhile, SQLite's with their values."""
    said: list[str] = []
    if isinstance(database, sqlite3.Connection):
        database.set_trace_callback(said.append)
        yield said
        database.set_trace_callback(None)
        return
    run = database.execute

    def execute(sql: str, *parameters: Any) -> Any:
        said.append(sql)
        return run(sql, *parameters)

    database.execute = execute
    yield said
    del database.execute


@cache
def _places(path: Path) -> str:
    return cluster().tables()
