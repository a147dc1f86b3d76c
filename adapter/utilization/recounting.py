"""Days are counted again by the rules as they are, after a rule was edited: one participant in one commit.

It may be broken off and begun again: a day that is counted so already gets no new version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from adapter.consent.predicate import everything
from adapter.fhir.json import same
from adapter.fhir.query import Query
from adapter.interactions.changes import Terms, apply
from adapter.interactions.draft import Draft
from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.problems import Kind, Problem
from adapter.store.transaction import Transaction
from adapter.utilization.days import PROCEDURE, SERVICE, Days
from adapter.utilization.refusals import Refusals
from adapter.utilization.sessions import Sessions, record_of
from adapter.utilization.unit_rules import load_units

WHY = "days are counted again by the rules as they are"
Told = Callable[[str], None]


class Became(NamedTuple):
    """A service that is another: its day and units before and after, None for none."""

    id: str
    was: str | None
    will: str | None


@dataclass
class Recount:
    """Of how many participants the days were looked at, what became of services, and how many could not be counted."""

    participants: int = 0
    made: int = 0
    changed: int = 0
    ended: int = 0
    refused: int = 0

    def add(self, one: Became) -> None:
        """One more service."""
        self.made += one.was is None
        self.ended += one.will is None
        self.changed += one.was is not None and one.will is not None

    @property
    def said(self) -> str:
        """In a line."""
        told = f"{self.participants} participants: {self.made} services made, {self.changed} changed"
        return f"{told}, {self.ended} entered in error; {self.refused} participants refused"


def recount(program: Program, tell: Told, *, write: bool = True, participant: str | None = None) -> Recount:
    """Count the days of a participant, or of all, again; `tell` hears of each service that is another then, by ids and
    units. Without `write` nothing is written.

    What a participant's days run into (a record that others refuse) is told and counted; the others go on.
    """
    sessions = Sessions(program.maps, program.zone, program.settings.custodians)
    refusals = Refusals(program.store.index, program.clock)
    days = Days(program.maps, load_units(program.settings.mappings, program.maps), sessions, refusals, program.secret)
    found = Recount()
    for id in [participant] if participant else _participants(program):
        found.participants += 1
        try:
            became = program.store.write(partial(_counted, program, days, id, write)).result()
        except Problem as problem:
            found.refused += 1
            tell(f"Patient/{id}: {problem.message}")
            continue
        for one in became:
            found.add(one)
            tell(f"Patient/{id}, {PROCEDURE}/{one.id}: {one.was or 'none'} -> {one.will or 'none'}")
    return found


def _participants(program: Program) -> Iterator[str]:
    query: Query | None = Query("Patient", count=program.settings.page_limit)
    while query is not None:
        page = program.store.search(everything(WHY), query)
        yield from (version.id for version in page.versions)
        query = replace(query, cursor=page.next) if page.next else None


def _counted(program: Program, days: Days, id: str, write: bool, transaction: Transaction) -> list[Became]:
    draft = Draft(program, transaction, Sight(program, transaction, None))
    if draft.current("Patient", id) is None:
        raise Problem(Kind.NOT_FOUND, "there is no such participant")
    changes = [one for one in days.anew(id, draft) if not same(draft.current(PROCEDURE, str(one.id)), one.resource)]
    became = [
        Became(str(one.id), *(_units(program, said) for said in (draft.current(PROCEDURE, str(one.id)), one.resource)))
        for one in changes
    ]
    if write and changes:
        apply(program, transaction, changes, Terms("pending"))
    return became


def _units(program: Program, resource: dict[str, Any] | None) -> str | None:
    """Day and units of a service; None for none, or one that is entered in error."""
    record = record_of(program.maps, SERVICE, resource) if resource else None
    if not record or record.get("status") == "entered_in_error":
        return None
    return f"{record.get('day')} {record.get('units_counted', record.get('units'))} ({record.get('counted_by')})"
