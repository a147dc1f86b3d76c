"""One process at a time has a store open: its writer counts on alone numbering versions and logical times.

https://hl7.org/fhir/R4/http.html#transaction-integrity
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from adapter.problems import Kind, Problem


class Lock:
    """Held from when it is made until it is let go, or until the process ends however it ends.

    It is a file beside the database, `NAME.lock`, that stays: taking it away would let two processes hold two files of
    that name. Problem(BUSY) when another one holds it, naming its process id where that is known.
    """

    def __init__(self, database: Path) -> None:
        path = database.resolve()
        self._file = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 20).decode("ascii", "replace").strip()
            os.close(self._file)
            who = f" (process {holder})" if holder.isdigit() else ""
            message = f"{database} is open elsewhere{who}; one process at a time can have a store open"
            raise Problem(Kind.BUSY, message, "IOP_STORE") from None
        self._sign()

    def let_go(self) -> None:
        """Let another process have the store; harmless when called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _sign(self) -> None:
        """Write who holds it; on a full disk it is held unsigned."""
        with suppress(OSError):
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
