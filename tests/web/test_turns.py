"""Few at a time, in their order, and something else between."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from adapter.web.turns import Turns

pytestmark = pytest.mark.storeless


class Ticking:
    """Counts the turns of the loop while some wait for theirs."""

    def __init__(self, many: int) -> None:
        self.turns, self.tick = Turns(many), 0
        self.came: list[tuple[int, int]] = []

    async def one(self, number: int) -> None:
        await self.turns.come()
        self.came.append((self.tick, number))

    async def all_of(self, number: int, *, gone: frozenset[int] = frozenset()) -> None:
        tasks = [asyncio.create_task(self.one(n)) for n in range(number)]
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            self.tick += 1
            for n in gone:
                tasks[n].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("many", [1, 2, 5])
@pytest.mark.parametrize("number", [1, 4, 33])
def test_they_come_in_their_order_and_few_in_a_turn(many: int, number: int) -> None:
    ticking = Ticking(many)
    asyncio.run(ticking.all_of(number))
    assert [n for _, n in ticking.came] == list(range(number))
    assert max(Counter(tick for tick, _ in ticking.came).values()) <= many


def test_who_has_gone_takes_nobody_s_turn() -> None:
    ticking = Ticking(2)
    asyncio.run(ticking.all_of(8, gone=frozenset({2, 3, 5})))
    assert [n for _, n in ticking.came] == [0, 1, 4, 6, 7]


def test_who_comes_later_comes_behind_those_who_wait() -> None:
    ticking = Ticking(1)

    async def later() -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await ticking.one(99)

    async def both() -> None:
        await asyncio.gather(ticking.all_of(6), later())

    asyncio.run(both())
    assert [n for _, n in ticking.came] == [*range(6), 99]


def test_while_nobody_comes_nothing_is_done() -> None:
    async def idle() -> bool:
        ticking = Ticking(2)
        await ticking.all_of(3)
        for _ in range(5):
            await asyncio.sleep(0)
        return ticking.turns._running

    assert not asyncio.run(idle())
