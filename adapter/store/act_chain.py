"""Looks over who wrote: each act has a digest of itself and of the act before, so what is done to one is found.

45 CFR 164.312(c)(1) and (b). A store that is older than its chain remembers the version behind which it begins: what is
written up to there has no digest, all behind it has one, so that point cannot be moved over acts of the chain. What
`chain` says of a whole chain made anew holds here too, and for one that was taken away whole, with that point moved to
its end: only a head that was noted shows it. An end that was cut off is found as long as what it tells of is there.
What is found names positions, never whom or what they tell of.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from adapter.store.acts import Act
from adapter.store.chain import following
from adapter.store.database import Database
from adapter.store.inspection import MOST, Noted
from adapter.store.pages import pages
from adapter.store.statements import statement
from adapter.store.upkeep import meta

_NUMBER = re.compile(r"[0-9]{1,18}")


class Signed(NamedTuple):
    """Acts looked at, the head, how many faults were found, and a line for each of the first."""

    acts: int
    head: Noted
    found: int
    faults: list[str]


def inspect_acts(database: Database, noted: Noted | None = None) -> Signed:
    """All faults of the acts and their chain; the database shows the state of one moment."""
    return _Inspection(database, noted).run()


class _Inspection:
    def __init__(self, database: Database, noted: Noted | None) -> None:
        self._database, self._noted = database, noted
        self._found = 0
        self._faults: list[str] = []
        said = meta(database, "signed") or "0"
        self._begin = int(said) if _NUMBER.fullmatch(said) else 0
        if not _NUMBER.fullmatch(said):
            self._tell("the version behind which the chain of acts begins is no number")

    def run(self) -> Signed:
        acts, head, end = 0, Noted(0, ""), 0
        for act in map(Act._make, pages(self._database, "acts", {"first": -1})):
            acts, end = acts + 1, act.last
            self._follows(head, act)
            head = Noted(act.first, act.digest)
            self._listed(act)
            self._compare(head)
        self._tail(head, end)
        return Signed(acts, head, self._found, self._faults)

    def _tell(self, fault: str) -> None:
        self._found += 1
        if self._found <= MOST:
            self._faults.append(fault)

    def _follows(self, head: Noted, act: Act) -> None:
        """Those from before there was a chain have no digest, and nobody else."""
        if act.digest and act.first <= self._begin:
            self._tell(f"act {act.first}: it has a digest, and the chain is said to begin behind it")
        signed = act.digest or head.digest or act.last > self._begin
        if signed and following(head.digest, act[:-1]) != act.digest:
            self._tell(f"act {act.first}: its digest is not that of its row and of the one before")

    def _listed(self, act: Act) -> None:
        """Whom an act is about finds it by their names."""
        one = {"first": act.first, "last": act.last}
        if self._database.execute(statement("act_unlisted"), one).fetchone() is not None:
            self._tell(f"act {act.first}: it is not listed under all whom it is about")

    def _compare(self, head: Noted) -> None:
        if self._noted is not None and self._noted.number == head.number and self._noted.digest != head.digest:
            self._tell(f"act {head.number}: its digest is not the one that was noted")

    def _tail(self, head: Noted, end: int) -> None:
        """What should be behind the last act."""
        end = max(end, self._begin)
        if self._database.execute(statement("unsigned"), (end,)).fetchone() is not None:
            self._tell(f"version {end + 1}, or one behind it: no act says who wrote it")
        if self._noted is not None and self._noted.number > head.number:
            self._tell(f"act {self._noted.number}: it was noted and is missing: the end was cut off")
