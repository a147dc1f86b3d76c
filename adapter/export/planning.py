"""The job of an export: where each of its files begins and ends. A row for each, so whoever is killed goes on later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from adapter.export.deletions import DELETED, file_of_deletions
from adapter.export.lines import FAILED, file_of
from adapter.export.sight import Meant, Pullers, asked, meant
from adapter.fhir.dates import milliseconds
from adapter.interactions.leases import held
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.store.exports import READY, Export, Exports, Found, Stretch
from adapter.store.jobs import Job, Jobs
from adapter.store.ledger import Ledger
from adapter.store.subscriptions import Delivery, Subscriptions
from adapter.store.transaction import Transaction

log = logging.getLogger(__name__)

ATTEMPTS = 5
"""After so many in which no file was found an export has failed: its client waits, so it is not tried for a day."""
_NO_MORE = {
    Kind.NOT_FOUND: "the client may not have it any more",
    Kind.GONE: "what it is filtered by has been indexed anew since",
}
"""Why an export cannot be made, whoever tries it again."""

T = TypeVar("T")


class Planner:
    """Does the export jobs of one program."""

    def __init__(self, program: Program, pullers: Pullers, ledger: Ledger) -> None:
        self._program, self._pullers, self._ledger = program, pullers, ledger

    async def __call__(self, job: Job) -> None:
        """Find out what the files are; once the export has ended, forget it."""
        one = await asyncio.to_thread(self._named, job.key)
        if one is None or one.ends_ms <= self._now():
            await self._written(lambda jobs, kept: kept.drop(job.key))
        elif one.done or one.failure is not None:
            await self._over(job, one)
        elif job.attempts > ATTEMPTS:
            await self._over(job, one, "it was tried too often")
        else:
            await self._over(job, one, await held(self._program, job, self._planned(job, one)))

    async def _planned(self, job: Job, one: Export) -> str | None:
        """Find its files, as far as they are not known; why that cannot be."""
        try:
            await self._find_all(job, one)
        except Problem as problem:
            if problem.kind not in _NO_MORE:
                raise
            return _NO_MORE[problem.kind]
        return None

    async def _find_all(self, job: Job, one: Export) -> None:
        meant = await asyncio.to_thread(self._meant, one)
        files = await asyncio.to_thread(self._files, one)
        while (following := await asyncio.to_thread(self._following, meant, one, files)) is not None:
            await self._found(job, one, len(files) + 1, following)
            files = await asyncio.to_thread(self._files, one)

    def _following(self, meant: Meant, one: Export, files: list[Stretch]) -> Found | None:
        """The file behind those there are; types come in order, and what has been deleted last."""
        behind = [file for file in files if not file.type.startswith(FAILED)]
        last = behind[-1] if behind else Stretch("", 0, 0)
        for type in asked(one)["types"]:
            if type >= last.type and (found := file_of(meant, type, last.last if type == last.type else 0)):
                return found
        deleted = file_of_deletions(meant, self._ledger, last.last if last.type == DELETED else 0)
        return Found(deleted) if deleted else None

    async def _found(self, job: Job, one: Export, n: int, found: Found) -> None:
        """Something of it is done, so the attempts before do not count. Problem(CONFLICT) for whoever lost the job."""
        if found.failed:
            log.error("export %s: records of %s cannot be printed", one.id, found.file.type)
        until = self._now() + 1000 * self._program.settings.lease_seconds

        def work(jobs: Jobs, kept: Exports) -> None:
            jobs.extend(job, until)
            jobs.moved(job)
            kept.add_file(one.id, n, found, f"{FAILED}{found.file.type}" if found.failed else None)

        await self._written(work)

    async def _over(self, job: Job, one: Export, failure: str | None = None) -> None:
        """All is known, or will not be; it is forgotten when it ends. Its client is told that it is ready, if it wants
        to be."""
        now, event = self._now(), self._program.new_id()
        done = failure is None and one.failure is None
        ready = Delivery(0, event, f"{one.place.partition('/')[0]}/$export", one.id, one.t, now, None, 0)

        def work(transaction: Transaction) -> None:
            Jobs(transaction.database).finish(job, now, one.ends_ms)
            Exports(transaction.database).stand(one.id, done=done, failure=failure or one.failure)
            if done and not one.done:
                Subscriptions(transaction.database).tell_client(READY, one.client, ready)

        await asyncio.wrap_future(self._program.store.write(work))

    def _meant(self, one: Export) -> Meant:
        reader = self._pullers(one, self._now())
        if reader is None:
            raise Problem(Kind.NOT_FOUND, "the client may not ask any more")
        return meant(self._program, reader, one)

    def _named(self, id: str) -> Export | None:
        with self._program.store.asking() as database:
            return Exports(database).named(id)

    def _files(self, one: Export) -> list[Stretch]:
        with self._program.store.asking() as database:
            return Exports(database).files(one.id)

    async def _written(self, work: Callable[[Jobs, Exports], T]) -> T:
        written = self._program.store.write(lambda t: work(Jobs(t.database), Exports(t.database)))
        return await asyncio.wrap_future(written)

    def _now(self) -> int:
        return milliseconds(self._program.clock())
