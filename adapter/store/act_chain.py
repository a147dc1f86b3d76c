"""Looks over who wrote: each act has a digest of itself and of the act before, so what is done to one is found.

45 CFR 164.312(c)(1) and (b). What `chain` says of a whole chain made anew holds here too; an end that was cut off is
found as long as what it tells of is there. What is found names positions, never whom or what they tell of.
"""

from __future__ import annotations

from typing import NamedTuple

from adapter.store.acts import Act
from adapter.store.chain import following
from adapter.store.database import Database
from adapter.store.inspection import MOST, Noted
from adapter.store.pages import pages
from adapter.store.statements import statement
from adapter.store.upkeep import meta


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

    def run(self) -> Signed:
        acts, head, end = 0, Noted(0, ""), 0
        for act in map(Act._make, pages(self._database, "acts", {"first": -1})):
            acts, end = acts + 1, act.last
            # Those from before there was a chain have none.
            if (act.digest or head.digest) and following(head.digest, act[:-1]) != act.digest:
                self._tell(f"act {act.first}: its digest is not that of its row and of the one before")
            head = Noted(act.first, act.digest)
            self._listed(act)
            self._compare(head)
        self._tail(head, end)
        return Signed(acts, head, self._found, self._faults)

    def _tell(self, fault: str) -> None:
        self._found += 1
        if self._found <= MOST:
            self._faults.append(fault)

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
        end = max(end, int(meta(self._database, "signed") or 0))
        if self._database.execute(statement("unsigned"), (end,)).fetchone() is not None:
            self._tell(f"version {end + 1}, or one behind it: no act says who wrote it")
        if self._noted is not None and self._noted.number > head.number:
            self._tell(f"act {self._noted.number}: it was noted and is missing: the end was cut off")
