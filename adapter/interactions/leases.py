"""A job that takes longer than its lease: the claim is extended while the work goes on, and the work ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from adapter.fhir.dates import milliseconds
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.store.jobs import Job, Jobs

T = TypeVar("T")
TIMES = 3
"""How often a claim is extended within one lease."""


async def held(program: Program, job: Job, work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; Problem(CONFLICT), and it is broken off, when another has claimed the job meanwhile."""
    doing, keeping = asyncio.create_task(work), asyncio.create_task(_kept(program, job))
    try:
        await asyncio.wait((doing, keeping), return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            await keeping
        return await doing
    finally:
        for task in (doing, keeping):
            task.cancel()
        await asyncio.gather(doing, keeping, return_exceptions=True)


async def _kept(program: Program, job: Job) -> None:
    """Until the claim is lost. A store that is away is asked again: the lease may outlast that."""
    lease_ms = 1000 * program.settings.lease_seconds

    def extended(jobs: Jobs) -> None:
        jobs.extend(job, milliseconds(program.clock()) + lease_ms)

    while True:
        await asyncio.sleep(lease_ms / 1000 / TIMES)
        try:
            await asyncio.wrap_future(program.store.write(lambda t: extended(Jobs(t.database))))
        except Problem as problem:
            if problem.kind is not Kind.BUSY:
                raise
