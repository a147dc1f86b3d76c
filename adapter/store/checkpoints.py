"""Copies the write-ahead log into the database beside the writer, so that no request waits for it.

https://sqlite.org/wal.html#ckpt. A writer copies it itself only where it has grown to its bound (`WAL_PAGES`) all the
same: a reader held what was to be copied, or the disk failed.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from threading import Event, Thread

ENOUGH = 50_000
"""Rows changed since the last copy that make another worth while: some five thousand records, a third of the bound."""

COMMIT = 80
"""Rows that the log grows by with a commit, beside its own: eight pages and more are written anew for one."""

TRIES = 100
"""How often it looks for a moment when nobody writes, a millisecond or two apart where somebody does."""


class Checkpoints:
    """A thread with a connection of its own."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("PRAGMA busy_timeout = 1")
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
                self._copy()

    def _copy(self) -> None:
        """Most of it while others write; then, in a moment when nobody does, what they wrote meanwhile: the log begins
        anew only where all of it has been copied, which beside a writer without pause it otherwise never is."""
        _, there, copied = self._asked("PASSIVE")
        for _ in range(TRIES):
            # Of less, somebody reads an earlier moment, and who writes would wait for him; below none, another copies.
            if not 0 <= there == copied:
                return
            busy, there, copied = self._asked("FULL")
            if not busy:
                return

    def _asked(self, kind: str) -> tuple[int, int, int]:
        """Whether somebody was in its way, the pages of the log, and those of them that are copied."""
        busy, there, copied = self._connection.execute(f"PRAGMA wal_checkpoint({kind})").fetchone()
        return busy, there, copied
