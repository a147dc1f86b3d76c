"""Has the disclosures of one turn of the event loop written together: one commit, or one waking of the ledger's thread.

A thread that is woken and answers for each row costs the loop as much as the answer that the row is about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress

from adapter.store.disclosure import Disclosure, Entry, entry
from adapter.store.ledger import Ledger

Waiting = list[tuple[list[Entry], "asyncio.Future[list[int]]"]]


class Recorder:
    """Writes to one ledger for requests that are answered at the same time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: Waiting = []

    def write(self, disclosures: Iterable[Disclosure]) -> asyncio.Future[list[int]]:
        """Their positions, once all of them are on the disk; Problem(BUSY) when that cannot be. As `Ledger.write`."""
        loop, entries = asyncio.get_running_loop(), [entry(one) for one in disclosures]
        positions: asyncio.Future[list[int]] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._send, loop)
        self._waiting.append((entries, positions))
        return positions

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            written = self._ledger.write_here([one for entries, _ in waiting for one in entries])
        except Exception as error:
            for _, positions in waiting:
                _fail(positions, error)
            return
        if written.done():
            _settle(waiting, written)
        else:
            written.add_done_callback(lambda done: _tell(loop, waiting, done))


def _tell(loop: asyncio.AbstractEventLoop, waiting: Waiting, done: Future[list[int]]) -> None:
    with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
        loop.call_soon_threadsafe(_settle, waiting, done)


def _settle(waiting: Waiting, done: Future[list[int]]) -> None:
    """Tell each who still waits."""
    error = done.exception()
    given = iter(()) if error else iter(done.result())
    for entries, positions in waiting:
        own = [next(given) for _ in entries] if error is None else []
        if error is not None:
            _fail(positions, error)
        elif not positions.done():
            positions.set_result(own)


def _fail(positions: asyncio.Future[list[int]], error: BaseException) -> None:
    """Tell who still waits; whoever has gone must not keep it from the others."""
    if not positions.done():
        positions.set_exception(error)
