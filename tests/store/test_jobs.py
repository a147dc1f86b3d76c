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
    on(desk, lambda jobs: jobs.fail(job, 500, "it was answered 503", 15))
    on(desk, lambda jobs: jobs.ask("notify", "a", 20))
    assert claimed(desk, 499) == []
    [again] = claimed(desk, 500)
    assert (again.attempts, again.failure, again.token) == (2, "it was answered 503", 2)
    on(desk, lambda jobs: jobs.fail(again, RESTS, "given up", 510))
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
        lambda jobs: jobs.fail(stale, 30, "late", 30),
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


def test_of_a_lane_one_job_is_held_at_a_time_in_the_order_in_which_they_are_due(desk: Desk) -> None:
    on(desk, lambda jobs: [jobs.ask("notify", key, due, lane="clinic") for due, key in enumerate("bca", 1)])
    on(desk, lambda jobs: jobs.ask("notify", "free", 4))
    on(desk, lambda jobs: jobs.ask("notify", "other", 5, lane="lab"))
    first, free, other = claimed(desk, 10, until=20)
    assert [first.key, free.key, other.key] == ["b", "free", "other"]
    assert claimed(desk, 19) == []
    with desk.store.asking() as database:
        assert not Jobs(database).any_due(19)
    on(desk, lambda jobs: jobs.finish(other, 19))
    # The lease of the first has ended, so it may be claimed again, behind those that were due before that.
    second, _ = claimed(desk, 20, until=99, holder="b")
    assert second.key == "c"
    on(desk, lambda jobs: jobs.fail(second, 500, "it was answered 503", 30))
    assert [job.key for job in claimed(desk, 31)] == ["a"]


def test_those_that_fail_are_listed_by_kind_and_key_since_when_and_until_something_moves(desk: Desk) -> None:
    on(desk, lambda jobs: [jobs.ask(kind, key, 1) for kind in ("notify", "other") for key in "ab"])
    for job in on(desk, lambda jobs: jobs.claim(["notify", "other"], "a", 10, 60, 9)):
        on(desk, lambda jobs, job=job: jobs.fail(job, RESTS if job.key == "a" else 70, "it was answered 503", 20))
    for job in claimed(desk, 70):
        on(desk, lambda jobs, job=job: jobs.fail(job, 90, "another", 80))
    kinds = ("notify", "other")
    found = on(desk, lambda jobs: jobs.failing(kinds, ("", ""), 9))
    assert [(job.kind, job.key, job.failing_ms) for job in found] == [(k, key, 20) for k in kinds for key in "ab"]
    assert [job.key for job in on(desk, lambda jobs: jobs.failing(["notify"], ("notify", "a"), 9))] == ["b"]
    assert len(on(desk, lambda jobs: jobs.failing(kinds, ("", ""), 3))) == 3
    [again] = claimed(desk, 90)
    on(desk, lambda jobs: (jobs.moved(again), jobs.fail(again, 200, "anew", 95)))
    anew = on(desk, lambda jobs: jobs.named("notify", "b"))
    assert (anew.failing_ms, anew.attempts) == (95, 1)
    on(desk, lambda jobs: jobs.renew("notify", "b", 96))
    assert on(desk, lambda jobs: jobs.failing(["notify"], ("notify", "a"), 9)) == []


def test_of_many_that_are_due_at_once_in_a_lane_one_is_claimed(desk: Desk) -> None:
    on(desk, lambda jobs: [jobs.ask("notify", str(n), n % 7, lane="clinic") for n in range(300)])
    on(desk, lambda jobs: [jobs.ask("notify", f"lab {n}", 9, lane="lab") for n in range(3)])
    assert [job.key for job in claimed(desk, 10)] == ["0", "lab 0"]
    with desk.store.asking() as database:
        assert not Jobs(database).any_due(10)
