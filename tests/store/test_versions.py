"""Versions: every one is kept, numbered without gaps, at a logical time, and sent as it was written."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import orjson
import pytest

from adapter.fhir.index import Index
from adapter.problems import Problem
from adapter.store.splice import splice

from .conftest import OPEN, Clock, Desk, observation, put
from .serving import open_store


def test_a_record_is_read_back_with_its_version_and_time(desk: Desk) -> None:
    resource = observation("a")
    [written] = desk.put(resource)
    found = desk.store.read(OPEN, "Observation", "a")
    assert found == written
    assert found is not None
    assert orjson.loads(splice(found))["meta"] == {"versionId": "1", "lastUpdated": "2026-03-01T12:00:00.000Z"}
    assert orjson.loads(found.text) == resource
    assert (found.version, found.updated, found.map, found.concept) == (
        1,
        "2026-03-01T12:00:00.000Z",
        "map",
        "a_concept",
    )


def test_a_record_that_was_never_there_is_not_found(desk: Desk) -> None:
    assert desk.store.read(OPEN, "Observation", "a") is None
    assert desk.store.vread(OPEN, "Observation", "a", 1) is None


def test_a_rehearsal_answers_as_a_write_and_leaves_no_trace(desk: Desk) -> None:
    desk.put(observation("a"))
    before = desk.store.t
    tried = desk.store.rehearse(lambda transaction: put(transaction, observation("a", status="amended"), "a_concept"))
    assert tried.result(30).version == 2
    with pytest.raises(ZeroDivisionError):
        desk.store.rehearse(lambda transaction: 1 // 0).result(30)
    found = desk.store.read(OPEN, "Observation", "a")
    assert found is not None
    assert (found.version, desk.store.t) == (1, before)


def test_a_rehearsal_between_writes_of_one_commit_undoes_only_itself(desk: Desk) -> None:
    started, goes_on = Event(), Event()
    desk.store.write(lambda transaction: (started.set(), goes_on.wait(30)))
    started.wait(30)
    first = desk.store.write(lambda transaction: put(transaction, observation("a"), "a_concept"))
    tried = desk.store.rehearse(lambda transaction: put(transaction, observation("b"), "a_concept"))
    second = desk.store.write(lambda transaction: put(transaction, observation("c"), "a_concept"))
    goes_on.set()
    assert tried.result(30).t == second.result(30).t == first.result(30).t + 1
    held = [desk.store.read(OPEN, "Observation", id) for id in "abc"]
    assert [version is not None for version in held] == [True, False, True]


def test_every_version_stays_readable_also_the_deletion(desk: Desk) -> None:
    desk.put(observation("a"))
    desk.put(observation("a", status="amended"))
    gone = desk.delete("Observation", "a")
    desk.put(observation("a", status="corrected"))
    versions = [desk.store.vread(OPEN, "Observation", "a", number) for number in (1, 2, 3, 4)]
    assert [version and (version.version, version.deleted) for version in versions] == [
        (1, False),
        (2, False),
        (3, True),
        (4, False),
    ]
    assert versions[2] == gone
    assert gone.text == gone.body == b""
    newest = desk.store.read(OPEN, "Observation", "a")
    assert newest is not None
    assert orjson.loads(newest.text)["status"] == "corrected"


def test_a_deletion_is_the_newest_version_and_deleting_it_again_changes_nothing(desk: Desk) -> None:
    desk.put(observation("a"))
    gone = desk.delete("Observation", "a")
    t = desk.store.t
    assert desk.store.read(OPEN, "Observation", "a") == gone
    assert desk.delete("Observation", "a") == gone
    assert desk.store.t == t


def test_deleting_what_was_never_there_is_an_error(desk: Desk) -> None:
    with pytest.raises(KeyError):
        desk.delete("Observation", "a")


def test_logical_time_grows_with_each_commit_that_changes_something(desk: Desk) -> None:
    [first] = desk.put(observation("a"))
    desk.do(lambda transaction: transaction.current("Observation", "a"))
    both = desk.put(observation("a"), observation("b"))
    assert [first.t, *(version.t for version in both)] == [1, 2, 2]
    assert desk.store.t == 2


def test_a_transaction_sees_its_own_writes_and_its_second_version_counts(desk: Desk) -> None:
    def work(transaction):
        put(transaction, observation("a"))
        seen = transaction.current("Observation", "a")
        put(transaction, observation("a", code="loinc|2"))
        return (
            seen.version,
            transaction.current("Observation", "a").version,
            transaction.holders("Observation", "code", "2"),
        )

    assert desk.do(work) == (1, 2, ["a"])
    assert desk.ids("Observation", ("code", "1")) == []
    assert desk.ids("Observation", ("code", "2")) == ["a"]


def test_work_that_fails_leaves_no_trace_and_its_neighbours_stand(desk: Desk) -> None:
    def failing(transaction):
        put(transaction, observation("b"))
        raise LookupError("not so")

    # While the writer is held up, the three wait and become one group.
    hold = desk.store.write(lambda transaction: Thread().is_alive())
    jobs = [
        desk.store.write(work)
        for work in (
            lambda transaction: put(transaction, observation("a")),
            failing,
            lambda transaction: put(transaction, observation("c")),
        )
    ]
    hold.result(30)
    with pytest.raises(LookupError, match="not so"):
        jobs[1].result(30)
    assert jobs[0].result(30).t + 1 == jobs[2].result(30).t
    assert sorted(desk.ids("Observation")) == ["a", "c"]


def test_a_clock_set_back_does_not_make_later_versions_look_older(desk: Desk) -> None:
    [first] = desk.put(observation("a"))
    desk.clock.on(hours=-5)
    [second] = desk.put(observation("a"))
    assert second.updated == first.updated
    assert second.t > first.t


def test_everything_is_there_after_the_store_was_closed_and_opened(tmp_path: Path, index: Index, clock: Clock) -> None:
    for number in range(1, 4):
        desk = Desk(open_store(index, clock, tmp_path / "deep" / "store.db"), clock)
        [version] = desk.put(observation("a"))
        assert (version.version, version.t, version.vid) == (number, number, number)
        assert desk.ids("Observation") == ["a"]
        desk.store.close()


def test_a_closed_store_takes_no_work(index: Index, clock: Clock) -> None:
    store = open_store(index, clock)
    store.close()
    with pytest.raises(Problem, match="closed"):
        store.write(lambda transaction: None)


def test_many_threads_write_and_read_at_once(desk: Desk) -> None:
    def worker(number: int) -> None:
        for turn in range(20):
            desk.put(observation(f"{number}-{turn}", code=f"loinc|{number}"))
            seen.append(len(desk.ids("Observation", ("code", str(number)))) - turn - 1)

    seen: list[int] = []
    threads = [Thread(target=worker, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [0] * 80
    assert desk.store.t == 80
