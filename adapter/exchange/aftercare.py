"""The work of a referral out of the program: it is sent once a consent covers it, then its receiver is asked where it
stands until it has ended.

What is asked names ids of the receiver's own alone, so it goes on when a consent has been taken back; nothing more is
sent then (42 CFR 2.31(a)(6)). What it says moves our Task by the table of moves, or is kept for staff.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from adapter.consent.matrix import Matrix
from adapter.consent.predicate import everything, everything_for
from adapter.exchange.aftercare_asked import asked, check_asked, sendable
from adapter.exchange.aftercare_hearing import (
    course,
    focus_of,
    heard,
    person_of,
    said_state,
    state_of,
    version_of,
    versions_of,
)
from adapter.exchange.aftercare_listing import ENDED, TASK, record_of
from adapter.exchange.aftercare_packet import packet
from adapter.exchange.aftercare_sending import Handed, Handover
from adapter.exchange.errands import DISABLED
from adapter.exchange.opening import Lines
from adapter.exchange.pushing import Push
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import parse
from adapter.interactions.changes import Change, Terms, apply
from adapter.interactions.leases import held
from adapter.interactions.program import Program
from adapter.problems import Problem
from adapter.released import Asker
from adapter.remote.faults import Fault
from adapter.remote.partner import Partner
from adapter.store.aftercare import Sending, Sendings
from adapter.store.jobs import RESTS, WELL, End, Job, Jobs
from adapter.store.ledger import Ledger
from adapter.store.partners import Link, Links, PartnerRow, Partners
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]
Ending = Callable[[Transaction], None]
"""How a job ends: what is written together, for whoever still holds it."""
WHY = "a partner says where a referral of ours stands"
FIRST_MS, MINUTE_MS = 60_000, 60_000
"""After how long a receiver is asked for the first time."""
UNCOVERED = "no consent lets the receiver see this referral now: nothing of it was sent"
_PLACE = "Task.focus"
_OPEN = ("draft", "active", "on-hold")
"""Of a referral that was not sent yet: the others are closed, and nothing is lacking."""
_ANOTHER = "the partner's Task is of another referral or another person: quarantined, nothing of it was taken"
_LINES = 20
"""Sayings that could not be taken, of which staff are told."""


class Known(NamedTuple):
    """A referral that is sent or will be, and its Task, which goes on."""

    sending: Sending
    row: PartnerRow
    task: Version
    link: Link | None
    focus: Link | None


class _NotTakenError(Exception):
    """What a partner says of a Task cannot be written."""


class Aftercare:
    """Does the jobs of the referrals of one program."""

    def __init__(self, program: Program, matrix: Matrix, ledger: Ledger, lines: Lines) -> None:
        self._program, self._matrix, self._ledger, self._lines = program, matrix, ledger, lines
        self._poll_ms = int(program.settings.aftercare_poll_minutes * MINUTE_MS)

    async def __call__(self, job: Job) -> None:
        """Send a referral, or ask where it stands; what it raises is tried again as `Attempts` says."""
        known = await asyncio.to_thread(self._known, job.key)
        if known is None:
            await self._rests(job, RESTS)
            return
        if not known.row.enabled:
            await self._rests(job, RESTS, End(DISABLED))
            return
        partner = await self._lines.to(known.row)
        does = self._send if known.sending.sent_ms is None else self._ask
        await held(self._program, job, does(job, known, known.row, partner))

    async def _send(self, job: Job, known: Known, row: PartnerRow, partner: Partner) -> None:
        if why := await asyncio.to_thread(self._not_to_be_sent, known):
            await self._rests(job, RESTS, End(f"not sent: {why}", lacks=True))
            return
        push = Push(self._program, partner, row, self._matrix, self._ledger)
        sending = known.sending
        found = await asyncio.to_thread(packet, self._program, push.sight, sending.referral, sending.task)
        if found is None:
            await self._written(lambda t: self._kept_back(t, job, known))
            return
        handed = await Handover(self._program, partner, row, push).hand(found)
        now = self._now()
        made = sending._replace(sent_ms=now, person=handed.person, unsent="\n".join(found.unsent))
        await self._written(lambda t: self._handed(t, job, known._replace(sending=made), row, handed))

    def _not_to_be_sent(self, known: Known) -> str:
        """Why it is not to be sent any more, as staff have changed it since they had it sent; "" where it is."""
        store, row = self._program.store, known.row
        referral = store.read(everything(WHY), "ServiceRequest", known.sending.referral)
        owner = record_of(self._program, TASK, known.task).get("owner")
        if referral is None or referral.deleted:
            return "there is no such referral any more"
        if owner != f"Organization/{row.organization}":
            return f"its Task is for {owner or 'nobody'}, not for {row.name}"
        try:
            organizations = asked(partial(store.read, everything(WHY)), sendable(self._program, referral))
            check_asked(organizations, row.organization, row.name)
        except Problem as problem:
            return problem.message
        return ""

    def _kept_back(self, transaction: Transaction, job: Job, known: Known) -> None:
        """It waits for a consent, and staff are told."""
        transaction.suspect("Task", known.sending.task, _PLACE, UNCOVERED)
        Sendings(transaction.database).set(known.sending._replace(unsent=f"ServiceRequest/{known.sending.referral}"))
        Jobs(transaction.database).finish(job, self._now(), self._now() + self._poll_ms, End(UNCOVERED))

    def _handed(self, transaction: Transaction, job: Job, known: Known, row: PartnerRow, handed: Handed) -> None:
        links, sending = Links(transaction.database, row.name), known.sending
        for link in handed.links:
            links.set(link)
        transaction.settle("Task", sending.task, _PLACE, UNCOVERED, None, "it was sent since")
        for place in sending.unsent.splitlines():
            transaction.suspect("Task", sending.task, _PLACE, f"not sent, for want of a consent: {place}")
        for remark in handed.remarks:
            transaction.suspect("Task", sending.task, _PLACE, remark)
        Sendings(transaction.database).set(sending)
        if any((now := transaction.current(*of)) and now.version != version for of, version in handed.versions.items()):
            Sendings(transaction.database).tell(sending.task, self._now())  # it was changed while it went
        due = self._now() + min(FIRST_MS, self._poll_ms) if links.ours("Task", sending.task) else RESTS
        Jobs(transaction.database).finish(job, self._now(), due)

    async def _ask(self, job: Job, known: Known, row: PartnerRow, partner: Partner) -> None:
        """Ask the receiver; a Task that is of another referral or person is quarantined, never applied."""
        link, seen = known.link, None
        if link is not None:
            seen = None if known.sending.unheard else link.remote_version
        theirs = await partner.changed("Task", link.remote, seen) if link else None
        if theirs is None:
            await self._rests(job, self._now() + self._poll_ms if link else RESTS)
        elif why := self._why_not(known, theirs, partner.base):
            await self._written(lambda t: self._unheard(t, job, known, why))
        else:
            await self._hear(job, known, row, partner, theirs)

    def _why_not(self, known: Known, theirs: Resource, base: str) -> str:
        """Why what the partner says is not taken; "" where it is."""
        if not self._is_about(known, theirs, base):
            return _ANOTHER
        state = state_of(self._program, parse(known.task.text), theirs)
        return "" if state else f"the partner says a state that no table has: {said_state(theirs)}"

    def _is_about(self, known: Known, theirs: Resource, base: str) -> bool:
        about = known.focus is not None and focus_of(theirs, base) == f"ServiceRequest/{known.focus.remote}"
        return about and person_of(theirs, base) == known.sending.person

    async def _hear(self, job: Job, known: Known, row: PartnerRow, partner: Partner, theirs: Resource) -> None:
        """Go where it stands: at once, or where no move leads there by the steps that its history tells of."""
        try:
            await self._written(lambda t: self._heard(t, job, known, row, [theirs]))
        except _NotTakenError as refused:
            why = f"the partner says {said_state(theirs)}, and {refused}"
            steps = course(self._program, parse(known.task.text), await self._past(known, partner))
            try:
                if len(steps) < 2:
                    raise
                await self._written(lambda t: self._heard(t, job, known, row, steps))
            except _NotTakenError:
                await self._written(lambda t: self._unheard(t, job, known, why))

    async def _past(self, known: Known, partner: Partner) -> list[Resource]:
        """The versions of the partner's Task, the oldest first; none where it does not tell."""
        id = known.link.remote if known.link else ""
        try:
            said = await partner.get(f"{partner.base}/Task/{id}/_history", "the history of a Task")
        except Fault as fault:
            if fault.again:
                raise
            return []
        return [one for one in versions_of(said, id) if self._is_about(known, one, partner.base)]

    def _heard(
        self, transaction: Transaction, job: Job, known: Known, row: PartnerRow, steps: Sequence[Resource]
    ) -> None:
        """Our Task goes through these steps of theirs; what follows from it is in the same commit."""
        asker = Asker(row.recipient, "partner", row.organization, None, "", "")
        terms = Terms("pending", predicate=everything_for(WHY, asker))
        links = [link for link in (known.link, known.focus) if link is not None]
        told = [link for link in links if link.version == _version(transaction, link)]
        for theirs in steps:
            try:
                apply(self._program, transaction, [self._change(transaction, known, theirs)], terms)
            except Problem as problem:
                if problem.ours:
                    raise
                raise _NotTakenError(problem.message) from None
        ended = state_of(self._program, parse(known.task.text), steps[-1]) in ENDED
        # Of a Task that has ended nothing is told any more; what had been, it would withdraw.
        told += [link for link in links if ended and link.type == "Task"]
        self._linked(transaction, known, row, steps[-1], told)
        Sendings(transaction.database).set(known.sending._replace(unheard=""))
        Jobs(transaction.database).finish(job, self._now(), RESTS if ended else self._now() + self._poll_ms)

    def _change(self, transaction: Transaction, known: Known, theirs: Resource) -> Change:
        stored, id = transaction.current("Task", known.sending.task), known.sending.task
        assert stored is not None
        ours, record = parse(stored.text), record_of(self._program, TASK, stored)
        said = heard(self._program, record, theirs, state_of(self._program, ours, theirs) or "")
        return Change("update", "Task", id, self._program.maps.concepts[TASK].to_fhir(said, ours, park=True))

    def _linked(
        self, transaction: Transaction, known: Known, row: PartnerRow, theirs: Resource, told: Sequence[Link]
    ) -> None:
        """What was heard is not told in return; what had not been `told` before still is."""
        links = Links(transaction.database, row.name)
        for link in (known.link, known.focus):
            if link is not None:
                seen = version_of(theirs) if link.type == "Task" else link.remote_version
                version = _version(transaction, link) if link in told else link.version
                links.set(link._replace(remote_version=seen, version=version))

    def _unheard(self, transaction: Transaction, job: Job, known: Known, why: str) -> None:
        """Kept for staff, and asked for again until it can be taken."""
        lines = [*known.sending.unheard.splitlines(), why]
        told = "\n".join(dict.fromkeys(lines[-_LINES:]))
        transaction.suspect("Task", known.sending.task, _PLACE, why)
        Sendings(transaction.database).set(known.sending._replace(unheard=told))
        Jobs(transaction.database).finish(job, self._now(), self._now() + self._poll_ms)

    def _known(self, id: str) -> Known | None:
        """What is to be done of a Task; None where it goes on no more."""
        task = self._program.store.read(everything(WHY), "Task", id)
        with self._program.store.asking() as database:
            sending = Sendings(database).of(id)
            if sending is None or task is None or task.deleted:
                return None
            links, row = Links(database, sending.partner), Partners(database).named(sending.partner)
            link, focus = links.ours("Task", id), links.ours("ServiceRequest", sending.referral)
        if sending.sent_ms is None and not self._is_open(sending.referral):
            return None
        state = record_of(self._program, TASK, task).get("state")
        return None if state in ENDED else Known(sending, row, task, link, focus)

    def _is_open(self, referral: str) -> bool:
        """Whether anything is still to be done: staff may have closed it before it was sent."""
        version = self._program.store.read(everything(WHY), "ServiceRequest", referral)
        return version is not None and not version.deleted and parse(version.text).get("status") in _OPEN

    async def _rests(self, job: Job, due: int, end: End = WELL) -> None:
        await self._written(lambda t: Jobs(t.database).finish(job, self._now(), due, end))

    async def _written(self, work: Ending) -> None:
        await asyncio.wrap_future(self._program.store.write(work))

    def _now(self) -> int:
        return milliseconds(self._program.clock())


def _version(transaction: Transaction, link: Link) -> int:
    """The newest version of a record that a partner has."""
    version = transaction.current(link.type, link.id)
    return version.version if version else 0
