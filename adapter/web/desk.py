"""How much a program works on at one time: what takes its time is done in threads, and what is too much is refused.

The loop goes on with reads and with what the writer has done, whatever a search costs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.web.pace import Pace

T = TypeVar("T")


class Desk:
    """One for each program; asked from one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._pool = ThreadPoolExecutor(settings.search_threads, "asked")
        self._most = settings.search_threads + settings.search_queue
        self.asked = 0
        """What is worked on or waits."""
        self.pace = Pace()
        """How often what is not ready is asked for."""
        self._room = settings.bodies_limit

    async def ask(self, work: Callable[[], T], *, due: bool = False) -> T:
        """What the work answers, done in a thread; Problem(BUSY) when too many wait for one, unless it is `due`: the
        rest of what has been written already."""
        if self.asked >= self._most and not due:
            raise Problem(Kind.BUSY, "more is asked than this server can answer at a time; try again")
        self.asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self.asked -= 1

    def hold(self, size: int) -> None:
        """So many bytes of a body are kept until `let_go`; Problem(BUSY) when the bodies are too many together."""
        if size > self._room:
            raise Problem(Kind.BUSY, "more is sent than this server can hold at a time; try again")
        self._room -= size

    def let_go(self, size: int) -> None:
        """They are kept no longer."""
        self._room += size

    def close(self) -> None:
        """Wait for what is being answered, and begin nothing more."""
        self._pool.shutdown(cancel_futures=True)
