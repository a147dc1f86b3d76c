"""The worker: claims jobs that are due, has them done by whoever does their kind, and holds them meanwhile.

What was begun by a worker that is killed is claimed by another one once its lease has ended.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TypeVar

from adapter.fhir.dates import milliseconds
from adapter.interactions.attempts import Attempts
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.remote.faults import Fault
from adapter.store.jobs import Job, Jobs

log = logging.getLogger(__name__)

T = TypeVar("T")

EVERY = 0.25
"""Seconds between two looks for work: one read of one row."""
AT_ONCE = 64
"""Jobs that one worker does at a time: most of them wait for somebody's answer."""

Does = Callable[[Job], Awaitable[None]]
"""Does a job of one kind, and finishes it by `Jobs` in the transaction of what it did; it extends the claim as it goes
on. What it raises is tried again as `Attempts` says. Problem(CONFLICT) when the job is not its own any more."""


class Worker:
    """Does the jobs of one program; `ends` is closed after the last of them."""

    def __init__(
        self, program: Program, kinds: Mapping[str, Does], ends: Callable[[], Awaitable[None]], attempts: Attempts
    ) -> None:
        self._program, self._kinds, self._ends, self._attempts = program, kinds, ends, attempts
        self._holder = program.new_id()
        self._running: dict[asyncio.Task[None], Job] = {}
        self._stopped = self._away = False

    def stop(self) -> None:
        """Claim no more; what is being done is let go for others. From any thread, or a signal."""
        self._stopped = True

    async def run(self) -> None:
        """Until it is told to stop. A store that is away is asked again."""
        try:
            if not self._program.settings.shared:
                # No other process has the store: whoever held a job is gone.
                await self._written(lambda jobs: jobs.free(self._now()))
            while not self._stopped:
                if not await self._found():
                    await self._wait()
            await self._let_go()
        finally:
            await self.end()

    async def end(self) -> None:
        """Let go of what the jobs were done with."""
        await self._ends()

    async def look(self) -> int:
        """Begin what is due, as much as there is room for; answers how many jobs that are."""
        room, now = AT_ONCE - len(self._running), self._now()
        until = now + 1000 * self._program.settings.lease_seconds
        if room <= 0 or not await asyncio.to_thread(self._any_due, now):
            return 0
        claimed = await self._written(lambda jobs: jobs.claim(self._kinds, self._holder, now, until, room))
        for job in claimed:
            task = asyncio.create_task(self._done(job))
            self._running[task] = job
            task.add_done_callback(self._running.pop)
        return len(claimed)

    async def finish(self) -> None:
        """Do all that is due now, and what becomes due by it."""
        while await self.look() or self._running:
            await asyncio.gather(*self._running)

    async def _found(self) -> int:
        try:
            found = await self.look()
        except Problem as problem:
            if not self._away:
                log.warning("no work can be looked for: %s", problem.kind.name)
            self._away = True
            return 0
        self._away = False
        return found

    async def _wait(self) -> None:
        """Until it is time to look again: sooner where there was no room and now there is."""
        if len(self._running) >= AT_ONCE:
            await asyncio.wait(self._running, timeout=EVERY, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(EVERY)

    async def _done(self, job: Job) -> None:
        try:
            await self._kinds[job.kind](job)
        except asyncio.CancelledError:
            with suppress(Problem):
                await asyncio.shield(self._written(lambda jobs: jobs.release(job, self._now())))
            raise
        except Exception as error:
            await self._broken(job, error)

    async def _broken(self, job: Job, error: Exception) -> None:
        """It is tried again later; what was not foreseen is logged by its kind, and who lost his claim has nothing to
        say."""
        if isinstance(error, Fault):
            return await self._ended(lambda jobs: self._attempts.faulted(jobs, job, error))
        if isinstance(error, Problem) and error.kind is Kind.CONFLICT:
            log.info("a %s job was claimed by another worker meanwhile", job.kind)
            return None
        name = error.kind.name if isinstance(error, Problem) else type(error).__name__
        log.error("a %s job failed: %s", job.kind, name)
        return await self._ended(lambda jobs: self._attempts.failed(jobs, job, f"the work broke off ({name})"))

    async def _ended(self, work: Callable[[Jobs], bool]) -> None:
        with suppress(Problem):  # the lease ends by itself
            await self._written(work)

    async def _let_go(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _any_due(self, now: int) -> bool:
        with self._program.store.asking() as database:
            return Jobs(database).any_due(now)

    async def _written(self, work: Callable[[Jobs], T]) -> T:
        return await asyncio.wrap_future(self._program.store.write(lambda t: work(Jobs(t.database))))

    def _now(self) -> int:
        return milliseconds(self._program.clock())


class InProcess:
    """A worker in a thread of its own, beside whatever the process does otherwise."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._thread = threading.Thread(target=partial(asyncio.run, worker.run()), name="worker", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let go of what is being done."""
        self._worker.stop()
        self._thread.join()
