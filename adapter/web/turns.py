"""Lets a few through in each turn of the event loop, in the order in which they came; what else there is to do comes
between.

In a turn the loop hears of all that has arrived meanwhile, so what costs little waits for few of what costs more.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """For one event loop; `many` a turn."""

    def __init__(self, many: int) -> None:
        self._many, self._let_through = many, 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._running = False

    async def come(self) -> None:
        """Wait until it is one's turn, which it is at once where few are."""
        loop = asyncio.get_running_loop()
        if not self._running:
            self._running = True
            loop.call_soon(self._next, loop)
        if self._let_through < self._many and not self._waiting:
            self._let_through += 1
            return
        one = loop.create_future()
        self._waiting.append(one)
        await one

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin a turn; where nobody came in the last one, wait for who does."""
        self._running = bool(self._let_through or self._waiting)
        self._let_through = 0
        while self._waiting and self._let_through < self._many:
            one = self._waiting.popleft()
            if not one.done():  # whoever has gone needs none
                one.set_result(None)
                self._let_through += 1
        if self._running:
            loop.call_soon(self._next, loop)
