"""Disclosures of one turn of the loop, and those that come while the ledger is at work, go to it together; who has gone
keeps nobody from his answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from adapter.callers import Caller, ClientKind, Purpose
from adapter.problems import Kind, Problem
from adapter.store.disclosure import Disclosure, Entry
from adapter.web.recorder import Recorder

ROW = Disclosure(Caller("c", ClientKind.PAYER, "o", Purpose.PAYMENT, (), "t"), "g", "read", [], "n", None, None)


class Writes:
    """Where a ledger would be: `fails` says how."""

    def __init__(self, fails: str = "") -> None:
        self.fails, self.written = fails, 0

    def write_together(self, entries: Sequence[Entry]) -> Future[list[int]]:
        if self.fails == "at once":
            raise Problem(Kind.BUSY, "closed")
        self.written += 1
        done: Future[list[int]] = Future()
        if self.fails:
            done.set_exception(Problem(Kind.BUSY, "full"))
        else:
            done.set_result(list(range(len(entries))))
        return done


async def asked(writes: Writes) -> list[Any]:
    recorder = Recorder(writes)  # type: ignore[arg-type]
    waiting = [recorder.write([ROW, ROW]), recorder.write([ROW]), recorder.write([ROW])]
    waiting[1].cancel()
    async with asyncio.timeout(5):
        return await asyncio.gather(*waiting, return_exceptions=True)


def test_each_gets_the_positions_of_its_own_rows() -> None:
    writes = Writes()
    first, gone, last = asyncio.run(asked(writes))
    assert (first, last, writes.written) == ([0, 1], [3], 1)
    assert isinstance(gone, asyncio.CancelledError)


@pytest.mark.parametrize("fails", ["at once", "later"])
def test_a_failure_is_told_to_all_who_still_wait(fails: str) -> None:
    first, gone, last = asyncio.run(asked(Writes(fails)))
    assert [getattr(one, "kind", None) for one in (first, last)] == [Kind.BUSY, Kind.BUSY]
    assert isinstance(gone, asyncio.CancelledError)


class Held(Writes):
    """One whose rows are on the disk when it is said."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[Future[list[int]], int]] = []

    def write_together(self, entries: Sequence[Entry]) -> Future[list[int]]:
        self.sent.append((Future(), len(entries)))
        return self.sent[-1][0]

    def is_written(self) -> None:
        done, rows = self.sent[-1]
        done.set_result(list(range(rows)))


async def turns(number: int = 3) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


def test_what_comes_while_the_ledger_is_at_work_goes_together_with_the_next() -> None:
    ledger = Held()

    async def asked() -> list[list[int]]:
        recorder = Recorder(ledger)  # type: ignore[arg-type]
        first, later = recorder.write([ROW]), []
        for _ in range(3):
            await turns()
            later.append(recorder.write([ROW, ROW]))
        await turns()
        assert [rows for _, rows in ledger.sent] == [1]
        ledger.is_written()
        await first
        assert not any(one.done() for one in later)
        await turns()
        ledger.is_written()
        return [await one for one in (first, *later)]

    assert asyncio.run(asyncio.wait_for(asked(), 5)) == [[0], [0, 1], [2, 3], [4, 5]]
    assert [rows for _, rows in ledger.sent] == [1, 6]


def test_who_waits_for_what_failed_does_not_hold_up_what_came_meanwhile() -> None:
    ledger = Held()

    async def asked() -> tuple[BaseException | None, list[int]]:
        recorder = Recorder(ledger)  # type: ignore[arg-type]
        first = recorder.write([ROW])
        await turns()
        later = recorder.write([ROW])
        ledger.sent[0][0].set_exception(Problem(Kind.BUSY, "full"))
        await turns()
        ledger.is_written()
        return first.exception(), await later

    failed, positions = asyncio.run(asyncio.wait_for(asked(), 5))
    assert (getattr(failed, "kind", None), positions) == (Kind.BUSY, [0])


def test_a_loop_that_ended_while_the_ledger_was_at_work_holds_up_no_other() -> None:
    ledger = Held()
    recorder = Recorder(ledger)  # type: ignore[arg-type]

    async def leaving() -> None:
        recorder.write([ROW])
        await turns()
        recorder.write([ROW])
        await turns()

    async def coming() -> list[int]:
        written = recorder.write([ROW])
        await turns()
        ledger.is_written()
        return await written

    asyncio.run(leaving())
    ledger.is_written()
    assert len(asyncio.run(asyncio.wait_for(coming(), 5))) == 1
