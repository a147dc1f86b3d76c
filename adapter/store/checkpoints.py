"""Copies the write-ahead log into the database beside the writer, so that no request waits for it.

https://sqlite.org/wal.html#ckpt. The writer copies it itself only when the log has grown to its bound.
"""

from __future__ import annotations

import sqlite3
from threading import Event, Thread

ENOUGH = 20_000
"""Rows changed since the last copy that make another worth while: a few thousand records."""


class Checkpoints:
    """A thread with a connection of its own."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._wanted = Event()
        self._open = True
        self._done = 0
        self._thread = Thread(target=self._run, name="store checkpoints", daemon=True)
        self._thread.start()

    def note(self, changes: int) -> None:
        """Hear how many rows the writer has changed in all."""
        if changes - self._done > ENOUGH:
            self._done = changes
            self._wanted.set()

    def close(self) -> None:
        """Stop after the copy under way."""
        self._open = False
        self._wanted.set()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while self._wanted.wait() and self._open:
            self._wanted.clear()
            try:
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            except sqlite3.Error:
                continue  # a full disk, say: everything is still in the log, and the next copy tries again
