"""SQLite connections as the store uses them, and what their errors mean. https://sqlite.org/wal.html"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapter.problems import Kind, Problem

WAL_PAGES = 16_000
"""64 MB of log: beyond this the writer itself copies the log into the database before it goes on."""

READER_CACHE = 4_000
"""KiB for connections that write nothing: their pages are also in the operating system's cache."""

_NO_SPACE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_WAITING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def connect(path: Path, *, durable: bool, cache: int = 16_000) -> sqlite3.Connection:
    """A connection in autocommit mode with a write-ahead log and a page cache of `cache` KiB.

    `durable` false is for stores that do not outlive the process: their commits do not wait for the disk.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.executescript(
        f"""
        PRAGMA busy_timeout = 10000;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = {"FULL" if durable else "OFF"};
        PRAGMA wal_autocheckpoint = {WAL_PAGES};
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -{cache};
        """)
    return connection


def reader(path: Path, *, durable: bool) -> sqlite3.Connection:
    """A connection that cannot write."""
    connection = connect(path, durable=durable, cache=READER_CACHE)
    connection.execute("PRAGMA query_only = ON")
    return connection


def problem_of(error: sqlite3.Error) -> Problem:
    """What to tell a client about a failure of the database; the store is as it was before the work began."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _NO_SPACE:
        message = "the store has no room or its disk fails; nothing of this was stored"
        return Problem(Kind.BUSY, message, code="no-store")
    if code in _WAITING:
        return Problem(Kind.BUSY, "the store is busy; nothing of this was stored, try again")
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return Problem(Kind.FAULT, f"the store failed ({name}); nothing of this was stored")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing, alone on the database."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
