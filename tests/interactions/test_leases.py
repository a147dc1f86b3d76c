"""A job that takes longer than its lease stays its holder's, and whoever loses it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.interactions.leases import held
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.store.jobs import Job, Jobs
from tests.doors.mounted import Steps
from tests.doors.serving import opened


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A program whose leases are a second, at a time that stands."""
    with opened(tmp_path, clock=Steps(), lease_seconds=1) as program:
        yield program


def on(program: Program, work: Callable[[Jobs], Any]) -> Any:
    return program.store.write(lambda t: work(Jobs(t.database))).result(30)


def claimed(program: Program, holder: str, now: int, until: int) -> Job:
    [job] = on(program, lambda jobs: jobs.claim(["errand"], holder, now, until, 9))
    assert isinstance(job, Job)
    return job


def test_the_claim_is_extended_while_the_work_goes_on_and_what_it_gives_is_given(program: Program) -> None:
    on(program, lambda jobs: jobs.ask("errand", "one", 1))
    job = claimed(program, "a", 1, 2)

    async def work() -> int:
        while on(program, lambda jobs: jobs.named("errand", "one")).at_ms == 2:
            await asyncio.sleep(0.05)
        return 7

    assert asyncio.run(held(program, job, work())) == 7


def test_who_has_lost_his_claim_is_stopped(program: Program) -> None:
    on(program, lambda jobs: jobs.ask("errand", "one", 1))
    stale = claimed(program, "a", 1, 2)
    claimed(program, "b", 2, 1 << 60)
    stopped: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            stopped.append(True)

    with pytest.raises(Problem) as caught:
        asyncio.run(held(program, stale, work()))
    assert caught.value.kind is Kind.CONFLICT
    assert stopped == [True]


def test_what_goes_wrong_in_the_work_is_what_went_wrong(program: Program) -> None:
    on(program, lambda jobs: jobs.ask("errand", "one", 1))
    job = claimed(program, "a", 1, 2)

    async def work() -> None:
        raise ValueError("as a test has it")

    with pytest.raises(ValueError, match="as a test has it"):
        asyncio.run(held(program, job, work()))
