"""Disclosures of one turn of the loop go to the ledger together; who has gone keeps nobody from his answer."""

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
