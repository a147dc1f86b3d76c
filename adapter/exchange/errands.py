"""What is asked of partners' servers and sent to them without anybody who waits: jobs that pull, push, and follow.

A partner that is disabled is asked and sent nothing; so is one that may see nothing of a patient any more. The job says
so and ends: whoever enables the partner, or writes a consent down, has it asked for again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from adapter.consent.matrix import Matrix
from adapter.exchange.finding import opens, permitted, recipient
from adapter.exchange.opening import Lines
from adapter.exchange.pulling import Pull
from adapter.exchange.pushing import Push
from adapter.exchange.report import Report
from adapter.fhir.dates import milliseconds
from adapter.interactions.leases import held
from adapter.interactions.program import Program
from adapter.problems import Problem
from adapter.store.jobs import RESTS, WELL, End, Job, Jobs
from adapter.store.ledger import Ledger
from adapter.store.partners import FOLLOW, PULL, PUSH, PartnerRow, Partners
from adapter.store.transaction import Transaction

T = TypeVar("T")
Work = Callable[[Job, PartnerRow], Coroutine[Any, Any, None]]

FOLLOWED_MS = 30_000
"""Between two looks at what has changed here: what changes meanwhile of one patient goes as one."""
AT_ONCE = 1_000
"""Versions of one look."""
KEPT = 1_000
"""Records that were left at a partner, of which it is kept which they are."""
DISABLED = "the partner is disabled: nothing was asked and nothing sent"
MAY_NOT = "the partner may see nothing of the patient, or there is no such record: nothing was sent"


class Errands:
    """Does the jobs of the partners of one program."""

    def __init__(self, program: Program, matrix: Matrix, ledger: Ledger, lines: Lines) -> None:
        self._program, self._matrix, self._ledger, self._lines = program, matrix, ledger, lines

    def kinds(self) -> Mapping[str, Callable[[Job], Awaitable[None]]]:
        """The kinds of jobs that are done here."""
        return {PULL: self._for(self._pull), PUSH: self._for(self._push), FOLLOW: self._for(self._follow)}

    async def close(self) -> None:
        """After the last job, also of others who ask by these lines."""
        await self._lines.close()

    def _for(self, work: Work) -> Callable[[Job], Awaitable[None]]:
        async def does(job: Job) -> None:
            row = await asyncio.to_thread(self._row, job.key.partition("/")[0])
            if row.enabled:
                await held(self._program, job, work(job, row))
            else:
                await self._ended(job, RESTS, End(DISABLED))

        return does

    async def _pull(self, job: Job, row: PartnerRow) -> None:
        """Take what has changed there; what could not be taken is kept in mind until it is."""
        made = Pull(self._program, await self._lines.to(row), row)
        await self._run(job, made.report, made.run())
        left = _left(job.payload, made.report)
        remark = f"{len(left)} of its records could not be taken: `partner queue {row.name}` names them"
        end = End(remark if left else None, lacks=bool(left), payload=json.dumps(left, ensure_ascii=False))
        every = row.every_minutes
        await self._ended(job, RESTS if every is None else self._now() + every * 60_000, end)

    async def _push(self, job: Job, row: PartnerRow) -> None:
        """Send what the consent allows of a patient now."""
        made = Push(self._program, await self._lines.to(row), row, self._matrix, self._ledger)
        await self._run(job, made.report, made.run(job.key.partition("/")[2]))
        if not made.report.types:
            return await self._pushed(job, row, End(MAY_NOT))
        left = dict(made.report.left[:KEPT])
        remark = f"the partner did not take {len(left)} of the records: `partner queue {row.name}` names them"
        lacks = bool(left.keys() - made.unoffered)
        end = End(remark if left else None, lacks=lacks, payload=json.dumps(left, ensure_ascii=False))
        return await self._pushed(job, row, end)

    async def _pushed(self, job: Job, row: PartnerRow, end: End) -> None:
        """It is done again when more of the patient opens by a date, where the partner is followed."""
        opened = await asyncio.to_thread(self._opens, row, job.key.partition("/")[2])

        def work(transaction: Transaction) -> None:
            follows = Partners(transaction.database).named(row.name).followed is not None
            due = opened if opened is not None and follows else RESTS
            Jobs(transaction.database).finish(job, self._now(), due, end)

        await self._written(work)

    def _opens(self, row: PartnerRow, patient: str) -> int | None:
        return opens(self._program, recipient(row), self._matrix, patient)

    async def _run(self, job: Job, report: Report, work: Awaitable[Report]) -> None:
        """Do it. Where it breaks off after something of it was done, that counts."""
        try:
            await work
        except Problem:
            if report.moved:
                await self._written(lambda t: Jobs(t.database).moved(job))
            raise

    async def _follow(self, job: Job, row: PartnerRow) -> None:
        """Have pushed what has changed here of patients whom the partner may see."""
        if row.followed is None:
            return await self._ended(job, RESTS)
        after = row.followed
        until, due, more = await asyncio.to_thread(self._changed, row, after)
        now = self._now()

        def work(transaction: Transaction) -> None:
            partners = Partners(transaction.database)
            followed = partners.follow(row.name, after, until)
            for patient, at in due.items() if followed else ():
                partners.push(row.name, patient, at)
            Jobs(transaction.database).finish(job, now, now + FOLLOWED_MS if followed and not more else now)

        return await self._written(work)

    def _changed(self, row: PartnerRow, after: int) -> tuple[int, dict[str, int], bool]:
        """Up to which version it was looked, when to push whom of those that is about, and if there is more: now whom
        the partner may see, and when that begins whom it may see by a date to come."""
        with self._program.store.asking() as database:
            found = Partners(database).changed(after, AT_ONCE)
        named = dict.fromkeys(patient for _, patients in found for patient in patients)
        predicate = permitted(self._program, recipient(row), self._matrix) if named else None
        now, due = self._now(), dict[str, int]()
        for id in named:
            seen = predicate is not None and self._program.store.read(predicate, "Patient", id)
            at = now if seen else self._opens(row, id)
            if at is not None:
                due[id] = at
        return (found[-1][0] if found else after), due, len(found) == AT_ONCE

    def _row(self, name: str) -> PartnerRow:
        with self._program.store.asking() as database:
            return Partners(database).named(name)

    async def _ended(self, job: Job, due_ms: int, end: End = WELL) -> None:
        await self._written(lambda t: Jobs(t.database).finish(job, self._now(), due_ms, end))

    async def _written(self, work: Callable[[Transaction], T]) -> T:
        return await asyncio.wrap_future(self._program.store.write(work))

    def _now(self) -> int:
        return milliseconds(self._program.clock())


def _left(payload: str, report: Report) -> dict[str, str]:
    """Why each record that is not taken yet was left, by where it is there: now, or before and not mentioned since."""
    before: dict[str, str] = json.loads(payload) if payload else {}
    still = {place: why for place, why in before.items() if place not in report.places}
    return dict([*dict(report.left).items(), *still.items()][:KEPT])
