"""A referral out of the program that was sent, beside what its receiver has of it: whether it is to be told anything.

https://hl7.org/fhir/R4/request.html#statemachine, https://hl7.org/fhir/R4/task.html#statemachine
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from adapter.consent.predicate import everything
from adapter.exchange.aftercare_asked import asked, check_asked
from adapter.exchange.aftercare_change import ENDED, WITHDRAWN
from adapter.exchange.aftercare_listing import REFERRAL, TASK, record_of
from adapter.fhir.json import parse
from adapter.interactions.program import Program
from adapter.problems import Problem
from adapter.store.aftercare import Sending, Sendings
from adapter.store.partners import Link, Links, PartnerRow, Partners
from adapter.store.version import Version

WHY = "the receiver of a referral is told what has changed"
KINDS = ("Task", "ServiceRequest")
"""In the order in which a withdrawal is told: who has accepted a referral takes it of the Task alone."""
_DELETED = "entered-in-error"
"""What a record that was deleted is to whoever has it."""


class Changed(NamedTuple):
    """The newest versions by type, where the receiver has which version of each, and the status that the Task `had`
    when that was last told or heard."""

    sending: Sending
    row: PartnerRow
    now: Mapping[str, Version]
    links: Mapping[str, Link]
    had: str

    def untold(self, type: str) -> bool:
        """Whether a record is another than was brought there."""
        link = self.links.get(type)
        return link is not None and self.now[type].version != link.version

    def withdrawn(self) -> list[str]:
        """Of which records the receiver is to be told that they are not asked for any more, in the order of `KINDS`.

        A Task that it has ended itself is not among them, whatever else of it is untold: that was heard.
        """
        cancelled = self._status("Task") in WITHDRAWN["Task"] and self.had not in ENDED["Task"]
        told = cancelled or self._status("ServiceRequest") in WITHDRAWN["ServiceRequest"]
        return [type for type in KINDS if told and type in self.links and (cancelled or type != "Task")]

    @property
    def closed(self) -> bool:
        """Whether what else changes is nothing to the receiver any more."""
        return any(self._status(type) in (*ENDED[type], "") for type in KINDS)

    def _status(self, type: str) -> str:
        return _status(self.now.get(type))


def changed(program: Program, task: str) -> Changed | None:
    """How a referral that was sent by this Task stands; None where nothing is to be told."""
    with program.store.asking() as database:
        sending = Sendings(database).of(task)
        if sending is None or sending.sent_ms is None:
            return None
        links, row = Links(database, sending.partner), Partners(database).named(sending.partner)
        ids = {"Task": task, "ServiceRequest": sending.referral}
        there = {type: links.ours(type, id) for type, id in ids.items()}
    now = {type: found for type, id in ids.items() if (found := program.store.read(everything(WHY), type, id))}
    link = there["Task"]
    had = program.store.vread(everything(WHY), "Task", task, link.version) if link else None
    known = {type: link for type, link in there.items() if link and type in now}
    made = Changed(sending, row, now, known, _status(had))
    untold = any(map(made.untold, KINDS))
    return made if untold and (made.withdrawn() or not made.closed) else None


def _status(version: Version | None) -> str:
    if version is None or version.deleted:
        return _DELETED if version else ""
    return str(parse(version.text).get("status", ""))


def not_to_be_told(program: Program, stands: Changed) -> str:
    """Why the receiver is not told what has changed, as it is not asked any more; "" where it is."""
    referral, row = stands.now["ServiceRequest"], stands.row
    owner = record_of(program, TASK, stands.now["Task"]).get("owner")
    if owner != f"Organization/{row.organization}":
        return f"the Task is for {owner or 'nobody'}, not for {row.name}: cancel it to withdraw it there"
    read = partial(program.store.read, everything(WHY))
    try:
        check_asked(asked(read, record_of(program, REFERRAL, referral)), row.organization, row.name)
    except Problem as problem:
        return f"{problem.message}; cancel the Task to withdraw it there"
    return ""
