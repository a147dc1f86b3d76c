"""Copies the write-ahead log into the database beside the writer, so that no request waits for it.

https://sqlite.org/wal.html#ckpt. The writer copies it itself only when the log has grown to its bound.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from threading import Event, Thread

ENOUGH = 50_000
"""Rows changed since the last copy that make another worth while: some five thousand records, a third of the bound."""

COMMIT = 40
"""Rows that the log grows by with a commit, beside its own: eight pages and more are written anew for one."""


class Checkpoints:
    """A thread with a connection of its own."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._wanted = Event()
        self._open = True
        self._done = 0
        self._thread = Thread(target=self._run, name="store checkpoints", daemon=True)
        self._thread.start()

    def note(self, changes: int, commits: int) -> None:
        """Hear how many rows have been changed in all, in how many commits."""
        grown = changes + commits * COMMIT
        if grown - self._done > ENOUGH:
            self._done = grown
            self._wanted.set()

    def close(self) -> None:
        """Copy once more, then stop."""
        self._open = False
        self._wanted.set()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while self._open:
            self._wanted.wait()
            self._wanted.clear()
            with suppress(sqlite3.Error):  # a full disk, say: all is still in the log, and the next copy tries again
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
