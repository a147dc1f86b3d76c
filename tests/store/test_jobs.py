"""Work as rows: claims and their ends, leases that end, tokens that fence off whoever comes too late."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from adapter.problems import Kind, Problem
from adapter.store.jobs import RESTS, Job, Jobs

from .conftest import Desk


def on(desk: Desk, work: Callable[[Jobs], Any]) -> Any:
    """What is done with the jobs, in one transaction."""
    return desk.do(lambda transaction: work(Jobs(transaction.database)))


def claimed(desk: Desk, now: int, holder: str = "a", until: int | None = None, most: int = 9) -> list[Job]:
    return list(on(desk, lambda jobs: jobs.claim(["notify"], holder, now, until or now + 60, most)))


def refused(desk: Desk, work: Callable[[Jobs], Any]) -> None:
    with pytest.raises(Problem) as caught:
        on(desk, work)
    assert caught.value.kind is Kind.CONFLICT


def test_a_job_is_claimed_when_it_is_due_and_by_one_holder(desk: Desk) -> None:
    on(desk, lambda jobs: (jobs.ask("notify", "b", 200), jobs.ask("notify", "a", 100, "{}"), jobs.ask("other", "c", 1)))
    assert claimed(desk, 99) == []
    assert [(job.key, job.payload, job.attempts, job.token) for job in claimed(desk, 100)] == [("a", "{}", 1, 1)]
    assert [job.key for job in claimed(desk, 200, until=500)] == ["a", "b"]
    with desk.store.asking() as database:
        assert Jobs(database).any_due(1)
        assert not Jobs(database).any_due(0)


def test_the_longest_due_come_first_and_no_more_than_are_wanted(desk: Desk) -> None:
    on(desk, lambda jobs: [jobs.ask("notify", str(9 - n), n) for n in range(5)])
    assert [job.key for job in claimed(desk, 50, most=2)] == ["9", "8"]


def test_what_was_asked_for_while_it_was_held_is_done_once_more(desk: Desk) -> None:
    on(desk, lambda jobs: jobs.ask("notify", "a", 1))
    [job] = claimed(desk, 10)
    on(desk, lambda jobs: jobs.ask("notify", "a", 11))
    assert claimed(desk, 12) == []
    on(desk, lambda jobs: jobs.finish(job, 20))
    [again] = claimed(desk, 20)
    on(desk, lambda jobs: jobs.finish(again, 30))
    assert on(desk, lambda jobs: jobs.named("notify", "a")).at_ms == RESTS
    on(desk, lambda jobs: jobs.ask("notify", "a", 40))
    assert len(claimed(desk, 40)) == 1


def test_what_has_failed_waits_for_its_time_whatever_is_asked(desk: Desk) -> None:
    on(desk, lambda jobs: jobs.ask("notify", "a", 1))
    [job] = claimed(desk, 10)
    on(desk, lambda jobs: jobs.fail(job, 500, "it was answered 503"))
    on(desk, lambda jobs: jobs.ask("notify", "a", 20))
    assert claimed(desk, 499) == []
    [again] = claimed(desk, 500)
    assert (again.attempts, again.failure, again.token) == (2, "it was answered 503", 2)
    on(desk, lambda jobs: jobs.fail(again, RESTS, "given up"))
    assert claimed(desk, 1 << 60) == []
    on(desk, lambda jobs: jobs.renew("notify", "a", 600))
    [renewed] = claimed(desk, 600)
    assert (renewed.attempts, renewed.failure) == (1, None)


def test_whoever_comes_after_his_lease_is_refused_with_all_that_he_did(desk: Desk) -> None:
    on(desk, lambda jobs: jobs.ask("notify", "a", 1))
    [stale] = claimed(desk, 10, until=20)
    [fresh] = claimed(desk, 20, holder="b")
    assert (stale.key, fresh.key, fresh.holder, fresh.attempts) == ("a", "a", "b", 2)
    for late in (
        lambda jobs: jobs.extend(stale, 99),
        lambda jobs: jobs.finish(stale, 30),
        lambda jobs: jobs.fail(stale, 30, "late"),
        lambda jobs: jobs.release(stale, 30),
        lambda jobs: (jobs.ask("notify", "made by the stale one", 1), jobs.extend(stale, 99)),
    ):
        refused(desk, late)
    assert on(desk, lambda jobs: jobs.named("notify", "made by the stale one")) is None
    on(desk, lambda jobs: jobs.extend(fresh, 99))
    on(desk, lambda jobs: jobs.finish(fresh, 30))
    refused(desk, lambda jobs: jobs.finish(fresh, 31))


def test_a_job_that_was_let_go_is_anybodys_at_once_and_one_that_is_forgotten_nobodys(desk: Desk) -> None:
    on(desk, lambda jobs: jobs.ask("notify", "a", 1))
    [job] = claimed(desk, 10)
    on(desk, lambda jobs: jobs.release(job, 11))
    [again] = claimed(desk, 11, holder="b")
    assert (again.attempts, again.token) == (1, 2)
    on(desk, lambda jobs: jobs.drop("notify", "a"))
    refused(desk, lambda jobs: jobs.finish(again, 12))


def test_no_job_goes_to_two_of_many_who_claim_at_once(desk: Desk) -> None:
    on(desk, lambda jobs: [jobs.ask("notify", str(n), 1) for n in range(60)])
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: claimed(desk, 10, holder=str(n), most=4), range(16)))
    keys = [job.key for jobs in found for job in jobs]
    assert sorted(keys) == sorted({str(n) for n in range(60)})
