"""Numbers of few people, in what goes outside: which are withheld, so that nothing else gives them away. Pure.

42 CFR 2.13(a); 45 CFR 164.514 knows no number: a setting says how few are few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from adapter.interactions.measures import Figure
from adapter.utilization.measures import Cell


class Told(NamedTuple):
    """A cell as it is told: with its number, or that it is withheld."""

    cell: Cell
    withheld: bool = False


def summarized(figures: Iterable[Figure], *, payer: bool) -> list[Figure]:
    """The figures of a summary. A payer's has none by authorization: these are of no week, so that the units of a few
    people would be the difference of one and the units of all weeks, or of two reports."""
    return [one for one in figures if not payer or one.by != "authorization"]


def shown(cells: Iterable[Cell], least: int, everyone: int) -> list[Told]:
    """The cells of a summary about `everyone`, so many people, where a number of fewer than `least` is withheld.

    A total is made of what is told alone (`total`), so neither it nor the difference of two reports gives a withheld
    number away, and no other has to be withheld for its sake. Figures of the same people (sessions, hours, days of a
    week) are withheld together, because each counts its people and not its records. That nobody came is told only of
    so many as may be told of. A billed code of which every number would be withheld is not named.
    """
    told: list[Told] = []
    for (_, of, _), each in groupby(sorted(cells), key=lambda cell: cell[:3]):
        listed = [Told(cell, everyone < least or 0 < cell.people < least) for cell in each]
        if not of or any(one.cell.people and not one.withheld for one in listed):
            told += listed
    return told


def total(told: Iterable[Told]) -> Cell | None:
    """The sum of what is told of one figure; None where nothing is."""
    summed: Cell | None = None
    for one in told:
        if not one.withheld:
            had = summed or one.cell._replace(value=one.cell.value * 0, over=one.cell.over and one.cell.over * 0)
            over = None if had.over is None else had.over + (one.cell.over or 0)
            summed = had._replace(part="", value=had.value + one.cell.value, over=over)
    return summed


def by_group(told: Iterable[Told]) -> Iterator[tuple[tuple[str, str, str], list[Told]]]:
    """What is told, by figure, billed code and unit."""
    for key, each in groupby(told, key=lambda one: one.cell[:3]):
        yield key, list(each)
