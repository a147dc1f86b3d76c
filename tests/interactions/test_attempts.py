"""A job that fails is tried again for a day, whatever its kind, and not before it is said to be of use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapter.interactions.attempts import Attempts
from adapter.interactions.program import Program
from adapter.interactions.work import Worker
from adapter.problems import Kind, Problem
from adapter.remote.faults import Fault, Wrong
from adapter.store.jobs import RESTS, Job, Jobs
from tests.doors.mounted import Steps
from tests.doors.serving import client_of, opened

KIND, KEY = "errand", "one"


class Errands:
    """A worker of one kind of job, which does what a test says, and a clock that stands until it is moved."""

    def __init__(self, program: Program, clock: Steps) -> None:
        self.program, self.clock = program, clock
        self.does: Callable[[Job], None] = lambda job: None
        self.begun: list[float] = []
        program.store.write(lambda t: Jobs(t.database).ask(KIND, KEY, 0)).result(30)

    async def _work(self, job: Job) -> None:
        self.begun.append(self.clock.now.timestamp())
        self.does(job)
        await asyncio.wrap_future(self.program.store.write(lambda t: Jobs(t.database).finish(job, 0)))

    def work(self) -> Job:
        """Do all that is due; how it stands then."""

        async def ends() -> None:
            """Nothing is open."""

        attempts = Attempts(self.program.clock, lambda: 0.5)
        asyncio.run(Worker(self.program, {KIND: self._work}, ends, attempts).finish())
        with self.program.store.asking() as database:
            found = Jobs(database).named(KIND, KEY)
        assert found is not None
        return found

    def raises(self, error: Exception) -> None:
        """Every attempt fails with this from now on."""

        def does(job: Job) -> None:
            raise error

        self.does = does


@pytest.fixture
def errands(tmp_path: Path) -> Iterator[Errands]:
    clock = Steps()
    with opened(tmp_path, clock=clock) as program:
        yield Errands(program, clock)


def test_what_may_succeed_later_is_tried_at_longer_and_longer_intervals_for_a_day(errands: Errands) -> None:
    errands.raises(Fault("ehr", Wrong.UNAVAILABLE, "a search is answered 503"))
    start = errands.clock.now.timestamp()
    while (job := errands.work()).at_ms < RESTS:
        errands.clock.now += timedelta(milliseconds=job.at_ms - errands.clock.now.timestamp() * 1000)
    assert [round(one - start, 1) for one in errands.begun[:4]] == [0, 7.5, 22.5, 52.5]
    assert 86_400 <= errands.begun[-1] - start < 86_400 + 6 * 3_600
    assert len(errands.begun) < 20
    assert (job.failure, job.failing_ms) == (
        "partner ehr: a search is answered 503 (unavailable)",
        round(start * 1000),
    )


def test_who_says_when_to_come_back_is_not_asked_before(errands: Errands) -> None:
    errands.raises(Fault("ehr", Wrong.THROTTLED, "a search is answered 429", after=600.0))
    assert errands.work().at_ms == round((errands.clock.now.timestamp() + 600) * 1000)


def test_what_cannot_succeed_is_given_up_at_once(errands: Errands) -> None:
    errands.raises(Fault("ehr", Wrong.LOGIN, "a search is answered 401"))
    assert errands.work().at_ms == RESTS


@pytest.mark.parametrize("error", [ValueError("Ada"), Problem(Kind.BUSY, "Ada")])
def test_what_nobody_foresaw_is_tried_again_and_its_words_are_kept_nowhere(
    errands: Errands, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    errands.raises(error)
    job = errands.work()
    assert job.at_ms < RESTS
    assert "Ada" not in str(job.failure) + caplog.text
    errands.does = lambda job: None
    errands.clock.now += timedelta(seconds=20)
    assert errands.work()[5:] == (0, 2, None, None, None, None)


def test_what_was_done_of_it_before_it_failed_makes_the_day_begin_anew(errands: Errands) -> None:
    fault = Fault("ehr", Wrong.UNAVAILABLE, "a search is answered 503")
    errands.raises(fault)
    errands.work()
    errands.clock.now += timedelta(hours=25)

    def moves(job: Job) -> None:
        errands.program.store.write(lambda t: Jobs(t.database).moved(job)).result(30)
        raise fault

    errands.does = moves
    job = errands.work()
    assert (job.attempts, job.failing_ms) == (1, round(errands.clock.now.timestamp() * 1000))
    errands.raises(fault)
    errands.clock.now += timedelta(hours=25)
    assert errands.work().at_ms == RESTS


def test_staff_are_shown_no_kind_of_job_that_the_door_does_not_know(errands: Errands) -> None:
    with client_of(errands.program) as client:
        errands.raises(Fault("ehr", Wrong.LOGIN, "a search is answered 401"))
        errands.work()
        assert client("GET", "/iop/deliveries").json == {"items": []}
        assert client("POST", f"/iop/deliveries/{KIND}/{KEY}/$replay").status == 404
