"""Tells that an authorization ends in some days: nothing is written then, so a job waits for the day.

The job's payload is the end that was told last, so that one that changes for other reasons is not told again.
"""

from __future__ import annotations

import asyncio
from functools import partial

from adapter.fhir.dates import Calendar, milliseconds
from adapter.fhir.json import parse
from adapter.interactions.events import time_to_tell
from adapter.interactions.program import Program
from adapter.store.jobs import RESTS, End, Job, Jobs
from adapter.store.subscriptions import Subscriptions
from adapter.store.transaction import Transaction


class Endings:
    """Does jobs of the kind `ending`."""

    def __init__(self, program: Program) -> None:
        self._program = program

    async def __call__(self, job: Job) -> None:
        """Look at one authorization; Problem(CONFLICT) when the job is held by another."""
        await asyncio.wrap_future(self._program.store.write(partial(self._look, job)))

    def _look(self, job: Job, transaction: Transaction) -> None:
        jobs, now = Jobs(transaction.database), milliseconds(self._program.clock())
        for topic in self._program.maps.topics.values():
            version = transaction.current(topic.resource, job.key) if topic.runs_out else None
            resource = None if version is None or version.deleted else parse(version.body)
            end = topic.ends(resource, version.concept if version else None)
            if version is None or resource is None or end is None:
                continue
            due = time_to_tell(self._program, end)
            if now < due:
                return jobs.finish(job, now, due)
            if end != job.payload and now < Calendar(self._program.zone).interval(end)[1]:
                Subscriptions(transaction.database).tell(topic.event(resource), self._program.new_id(), version)
            return jobs.finish(job, now, RESTS, End(payload=end))
        return jobs.finish(job, now, RESTS)
