"""Disclosures of one turn of the loop go to the ledger together; who has gone keeps nobody from his answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from threading import Timer
from typing import Any

import pytest

from adapter.callers import Caller, ClientKind, Purpose
from adapter.problems import Kind, Problem
from adapter.store.disclosure import Disclosure, Entry
from adapter.web.recorder import Recorder

ROW = Disclosure(Caller("c", ClientKind.PAYER, "o", Purpose.PAYMENT, (), "t"), "g", "read", [], "n", None, None)


class Writes:
    """Where a ledger would be: `fails` says how, and `later` whether another thread answers, or who asks itself."""

    def __init__(self, fails: str = "", later: bool = False) -> None:
        self.fails, self.later, self.written = fails, later, 0

    def write_here(self, entries: Sequence[Entry]) -> Future[list[int]]:
        if self.fails == "closed":
            raise Problem(Kind.BUSY, "closed")
        self.written += 1
        done: Future[list[int]] = Future()
        answers = partial(self._answer, done, len(entries))
        if self.later:
            Timer(0.05, answers).start()
        else:
            answers()
        return done

    def _answer(self, done: Future[list[int]], entries: int) -> None:
        if self.fails:
            done.set_exception(Problem(Kind.BUSY, "full"))
        else:
            done.set_result(list(range(entries)))


async def asked(writes: Writes) -> list[Any]:
    recorder = Recorder(writes)  # type: ignore[arg-type]
    waiting = [recorder.write([ROW, ROW]), recorder.write([ROW]), recorder.write([ROW])]
    waiting[1].cancel()
    async with asyncio.timeout(5):
        return await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize("later", [False, True])
def test_each_gets_the_positions_of_its_own_rows(later: bool) -> None:
    writes = Writes(later=later)
    first, gone, last = asyncio.run(asked(writes))
    assert (first, last, writes.written) == ([0, 1], [3], 1)
    assert isinstance(gone, asyncio.CancelledError)


@pytest.mark.parametrize(("fails", "later"), [("closed", False), ("full", False), ("full", True)])
def test_a_failure_is_told_to_all_who_still_wait(fails: str, later: bool) -> None:
    first, gone, last = asyncio.run(asked(Writes(fails, later)))
    assert [getattr(one, "kind", None) for one in (first, last)] == [Kind.BUSY, Kind.BUSY]
    assert isinstance(gone, asyncio.CancelledError)
