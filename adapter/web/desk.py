"""How much a program works on at one time: what takes its time is done in threads, and what is too much is refused.

The loop goes on with reads and with what the writer has done, whatever a search costs. What takes a moment only it does
itself: threads that ask for little wait longer for the interpreter than for the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import TypeVar

from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.store.store import Store
from adapter.web.pace import Pace
from adapter.web.turns import Turns

T = TypeVar("T")

MOMENT = 0.003
"""Seconds that the loop lets a question to the database take before it gives it up."""

AT_ONCE = 4
"""Works that the loop does itself in one turn, which reads that come meanwhile wait for."""

PROMPT, SHARE = 0.005, 20
"""Seconds after which what the loop did itself was slow, and how many times as long threads do all of it then."""


class Desk:
    """One for each program; asked from one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._pool = ThreadPoolExecutor(settings.search_threads, "asked")
        self._most = settings.search_threads + settings.search_queue
        self._turns, self._patient_until, self._in_threads = Turns(AT_ONCE), 0.0, 0
        self.asked = 0
        """What is worked on or waits."""
        self.pace = Pace()
        """How often what is not ready is asked for."""
        self._room = settings.bodies_limit

    async def soon(self, work: Callable[[], T], store: Store, *, due: bool = False) -> T:
        """The same as `ask` for what only asks the store: at once where its questions take no more than a moment;
        otherwise it is begun anew in a thread."""
        hurried = None if self._is_patient() else store.hurried(MOMENT)
        if hurried is not None:
            with self._counted(due=due):
                await self._turns.come()
                done = None if self._is_patient() else self._at_once(work, hurried)
            if done:
                return done[0]
        return await self.ask(work, due=due)

    def _is_patient(self) -> bool:
        return monotonic() < self._patient_until

    def _at_once(self, work: Callable[[], T], hurried: AbstractContextManager[None]) -> tuple[T] | None:
        """None where it takes longer."""
        begun, late = monotonic(), False
        try:
            with hurried:
                return (work(),)
        except Problem as problem:
            late = problem.kind is Kind.OVERTIME
            if late:
                return None
            raise
        finally:
            took = monotonic() - begun
            # Beside threads that work it waits for the interpreter, and would never again be as quick as it is alone.
            if late or (took > PROMPT and not self._in_threads):
                self._patient_until = begun + took * (1 + SHARE)

    async def ask(self, work: Callable[[], T], *, due: bool = False) -> T:
        """What the work answers, done in a thread; Problem(BUSY) when too many wait for one, unless it is `due`: the
        rest of what has been written already."""
        with self._counted(due=due):
            self._in_threads += 1
            try:
                return await asyncio.get_running_loop().run_in_executor(self._pool, work)
            finally:
                self._in_threads -= 1

    @contextmanager
    def _counted(self, *, due: bool) -> Iterator[None]:
        if self.asked >= self._most and not due:
            raise Problem(Kind.BUSY, "more is asked than this server can answer at a time; try again")
        self.asked += 1
        try:
            yield
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
