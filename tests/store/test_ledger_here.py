"""Disclosures that are committed by the thread that asks: at once where that is sooner, and never otherwise than by the
writer."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from time import sleep

import pytest

from adapter.problems import Kind, Problem
from adapter.store.connections import WAL_PAGES, connect
from adapter.store.database import Database
from adapter.store.disclosure import Entry, entry
from adapter.store.inspection import inspect
from adapter.store.ledger import FEW, PROMPT, Ledger
from adapter.store.ledger_file import Appender, LedgerFile

from .conftest import Clock
from .serving import POSTGRES, open_ledger
from .told import disclosure

on_a_file = pytest.mark.skipif(POSTGRES, reason="what travels is always the writer's")


def of(*patients: str) -> list[Entry]:
    return [entry(disclosure(one)) for one in patients]


@pytest.fixture
def place(tmp_path: Path) -> LedgerFile:
    return LedgerFile(tmp_path / "s.db.ledger")


@pytest.fixture
def ledger(place: LedgerFile, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """On a disk that is never slow, however much the machine has to do."""
    monkeypatch.setattr("adapter.store.ledger.PROMPT", 60)
    made = Ledger(place, clock)
    yield made
    made.close()


@contextmanager
def held(place: LedgerFile) -> Iterator[None]:
    """Somebody else is at the ledger meanwhile."""
    with closing(connect(place.path, durable=True)) as other, other.alone():
        yield


def waits(asked: Future[list[int]]) -> bool:
    """Whether it was handed over, while somebody holds the ledger."""
    sleep(0.05)
    return not asked.done()


def test_they_are_whole_whoever_commits_them(tmp_path: Path, clock: Clock) -> None:
    """On both stores: eight who ask, each for one answer or some."""
    with closing(open_ledger(tmp_path / "s.db", clock)) as ledger:
        gate = threading.Barrier(8)

        def ask(one: int) -> list[int]:
            gate.wait()
            given, rng = [], random.Random(one)
            for n in range(40):
                way = rng.choice((ledger.write_here, ledger.write_together))
                given += way(of(*(f"p{one}-{n}-{part}" for part in range(rng.choice((1, 2, 5)))))).result(60)
            return given

        with ThreadPoolExecutor(8) as pool:
            positions = [n for some in pool.map(ask, range(8)) for n in some]
        assert sorted(positions) == list(range(1, len(positions) + 1))
        with ledger.reading() as database:
            found = inspect(database)
        assert (found.faults, found.disclosures, found.batches) == ([], len(positions), ledger.commits)
        assert ledger.committed == len(positions)


@on_a_file
def test_few_rows_are_on_the_disk_when_it_answers(ledger: Ledger, place: LedgerFile) -> None:
    for n in range(1, 4):
        asked = ledger.write_here(of(f"p{n}"))
        assert asked.done()
        with closing(connect(place.path, durable=True)) as other:
            assert other.execute("SELECT max(n) FROM disclosure").fetchone()[0] == asked.result()[0] == n
    assert place._beside.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL


@on_a_file
@pytest.mark.parametrize("many", [FEW // 4 + 1, 1])
def test_much_is_handed_over(ledger: Ledger, place: LedgerFile, many: int) -> None:
    """Of each three are told: a row, and two that it lists. Of one who is told much, that is."""
    told = ["Observation/o/1", "Encounter/e/1"] if many > 1 else [f"Observation/{n}/1" for n in range(FEW)]
    with held(place):
        asked = ledger.write_here([entry(disclosure(f"p{n}", resources=told)) for n in range(many)])
        assert waits(asked)
    assert len(asked.result(30)) == many
    assert ledger.write_here(of(*(f"p{n}" for n in range(FEW // 4)))).done()


@on_a_file
def test_who_asks_does_not_wait_for_who_is_at_it(ledger: Ledger, place: LedgerFile) -> None:
    with held(place):
        first = ledger.write_here(of("p1"))
        assert waits(first)
        second = ledger.write_here(of("p2"))
    assert (first.result(30), second.result(30)) == ([1], [2])
    assert ledger.write_here(of("p3")).done()


class Begun(LedgerFile):
    """Its writer has come to its turn, and does not begin yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.turn, self.gate = threading.Event(), threading.Event()

    def begin(self) -> Database:
        self.turn.set()
        self.gate.wait(60)
        return super().begin()


@on_a_file
def test_what_the_writer_has_is_before_what_comes_then(tmp_path: Path, clock: Clock) -> None:
    """Else who asks again and again would keep it from its turn."""
    place = Begun(tmp_path / "s.db.ledger")
    with closing(Ledger(place, clock)) as ledger:
        first = ledger.write_together(of("p1"))
        assert place.turn.wait(60)
        second = ledger.write_here(of("p2"))
        assert waits(second)
        place.gate.set()
        assert (first.result(30), second.result(30)) == ([1], [2])


class Slow(Appender):
    """A disk that takes its time."""

    def begin(self) -> Database:
        sleep(PROMPT * 2)
        return super().begin()


@on_a_file
def test_nobody_waits_for_a_slow_disk_again_and_again(place: LedgerFile, clock: Clock) -> None:
    place.prompt = Slow(place._beside)
    with closing(Ledger(place, clock)) as ledger:
        assert ledger.write_here(of("p1")).done()
        with held(place):
            asked = ledger.write_here(of("p2"))
            assert waits(asked)
        assert asked.result(30) == [2]


@on_a_file
def test_a_full_disk_refuses_and_what_was_begun_is_undone(ledger: Ledger, place: LedgerFile) -> None:
    [used] = place._beside.execute("PRAGMA page_count").fetchone()
    place._beside.execute(f"PRAGMA max_page_count = {used + 1}")
    large = [entry(disclosure("p1", resources=["Observation/" + "o" * 200] * (FEW - 2)))]
    with pytest.raises(Problem) as told:
        ledger.write_here(large).result(30)
    assert (told.value.kind, told.value.issues[0].code) == (Kind.BUSY, "no-store")
    place._beside.execute("PRAGMA max_page_count = 1000000000")
    assert ledger.write_here(large).result(30) == [1]
    with ledger.reading() as database:
        assert (inspect(database).faults, inspect(database).disclosures) == ([], 1)


class Torn(Appender):
    """Fails as nothing of the database does."""

    def begin(self) -> Database:
        super().begin()
        raise MemoryError


@on_a_file
def test_whatever_fails_leaves_the_ledger_to_others(place: LedgerFile, clock: Clock) -> None:
    place.prompt = Torn(place._beside)
    with closing(Ledger(place, clock)) as ledger:
        with pytest.raises(MemoryError):
            ledger.write_here(of("p1"))
        assert ledger.write(disclosure("p1")).result(1) == 1


@on_a_file
def test_the_log_is_copied_and_begins_anew_beside_who_commits(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pause, so that most copies end while one more is written."""
    monkeypatch.setattr("adapter.store.checkpoints.ENOUGH", 5_000)
    place = LedgerFile(None)
    for connection in (place._beside, place._database):
        connection.execute("PRAGMA wal_autocheckpoint = 0")
    with closing(Ledger(place, clock)) as ledger:
        for n in range(1_000):
            ledger.write_here(of(f"p{n}")).result(30)
        assert place.path.with_name("ledger-wal").stat().st_size < 1_000 * 7 * 4_096 / 2  # of all that was written


@on_a_file
def test_the_log_is_copied_long_before_a_commit_must(clock: Clock) -> None:
    place = LedgerFile(None)
    empty, log = place.path.stat().st_size, place.path.with_name("ledger-wal")
    with closing(Ledger(place, clock)) as ledger:
        while place.path.stat().st_size == empty:
            ledger.write_here(of("p1")).result(30)
            assert log.stat().st_size < WAL_PAGES * 4_096 * 3 / 4


def test_a_closed_one_is_busy(tmp_path: Path, clock: Clock) -> None:
    ledger = open_ledger(tmp_path / "s.db", clock)
    ledger.close()
    with pytest.raises(Problem, match="closed"):
        ledger.write_here(of("p1"))
