"""The work of telling the receiver of a referral out of the program that it has changed, or is withdrawn.

What is asked for elsewhere in the referral goes as far as a consent covers it then (42 CFR 2.31). A withdrawal goes in
any case: of the receiver's own records, which are named by its own ids, it says that they are not asked for any more,
and nothing that the receiver has not. https://hl7.org/fhir/R4/http.html#update, with If-Match.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from adapter.consent.gate import recorded, release
from adapter.consent.matrix import Matrix
from adapter.consent.notice import VERSION
from adapter.consent.predicate import everything, withdrawing
from adapter.consent.security import shown
from adapter.exchange.aftercare_change import amended, called_there, changes, told_of, withdrawn
from adapter.exchange.aftercare_changed import KINDS, WHY, Changed, changed, not_to_be_told
from adapter.exchange.aftercare_hearing import focus_of, literal_of, version_of
from adapter.exchange.aftercare_packet import ORDER, Packet, packet
from adapter.exchange.errands import DISABLED
from adapter.exchange.finding import recipient
from adapter.exchange.opening import Lines
from adapter.exchange.packing import Parcel
from adapter.exchange.pushing import Push
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump, parse
from adapter.fhir.references import references, split
from adapter.interactions.leases import held
from adapter.interactions.program import Program
from adapter.interactions.submit_referral import SUBMIT_REFERRAL
from adapter.released import Released
from adapter.remote.faults import Fault, Wrong
from adapter.remote.partner import Partner
from adapter.store.aftercare import Sendings
from adapter.store.disclosure import Disclosure, Shown, entry
from adapter.store.jobs import RESTS, WELL, End, Job, Jobs
from adapter.store.ledger import Ledger
from adapter.store.partners import Links
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]
Made = Callable[[Resource], Resource | None]
"""What a record of the receiver's is to be from now on; None where it is so already."""
Releases = Callable[[bytes], Awaitable[Released]]
UNCOVERED = "no consent lets the receiver see this referral now: what has changed in it is not told"
_NO_TASK = "what has changed of the Task is not told: of a Task the partner takes alone that it is cancelled"
_NO_PART = "not sent, as the partner takes it together with a referral alone"
_JOINED = "not sent, as the partner knows the person by a record that was joined into another here"
_STANDS = "the partner was told that the Task is cancelled, and keeps the request as it was"
_ANOTHER = "of another referral or another person there now, and is not written over"
_OVER = "what has changed is not told, as it has ended at the partner"
_PLACE, _TRIES = "Task.focus", 3
_UNSAID = frozenset(("versionId", "lastUpdated"))


class Telling:
    """Does the jobs of one program that tell of changes."""

    def __init__(self, program: Program, matrix: Matrix, ledger: Ledger, lines: Lines) -> None:
        self._program, self._matrix, self._ledger, self._lines = program, matrix, ledger, lines

    async def __call__(self, job: Job) -> None:
        """Tell what has changed; what it raises is tried again as `Attempts` says."""
        stands = await asyncio.to_thread(changed, self._program, job.key)
        if stands is None:
            return await self._ended(job)
        if not stands.row.enabled:
            return await self._ended(job, End(DISABLED))
        partner = await self._lines.to(stands.row)
        push = Push(self._program, partner, stands.row, self._matrix, self._ledger)
        teller = _Teller(self._program, stands, partner, push, self._ledger)
        return await held(self._program, job, self._tell(job, stands, teller))

    async def _tell(self, job: Job, stands: Changed, teller: _Teller) -> None:
        if stands.withdrawn():
            await teller.withdraw()
        elif why := await asyncio.to_thread(not_to_be_told, self._program, stands):
            return await self._ended(job, End(f"not told: {why}", lacks=True))
        elif not await teller.amend():
            poll_ms = int(self._program.settings.aftercare_poll_minutes * 60_000)
            return await self._ended(job, End(UNCOVERED), self._now() + poll_ms)
        return await self._written(lambda t: self._told(t, job, stands, teller))

    def _told(self, transaction: Transaction, job: Job, stands: Changed, teller: _Teller) -> None:
        links = Links(transaction.database, stands.row.name)
        for type, link in stands.links.items():
            version = teller.brought.get(type, link.remote_version)
            links.set(link._replace(version=stands.now[type].version, remote_version=version))
        for place in [one for one in stands.now.values() if not one.deleted][:1]:
            for remark in teller.remarks:
                transaction.suspect(place.type, place.id, _PLACE, remark)
        if teller.unsent is not None and (sending := Sendings(transaction.database).of(job.key)):
            Sendings(transaction.database).set(sending._replace(unsent="\n".join(teller.unsent)))
        Jobs(transaction.database).finish(job, self._now())

    async def _ended(self, job: Job, end: End = WELL, due: int = RESTS) -> None:
        await self._written(lambda t: Jobs(t.database).finish(job, self._now(), due, end))

    async def _written(self, work: Callable[[Transaction], None]) -> None:
        await asyncio.wrap_future(self._program.store.write(work))

    def _now(self) -> int:
        return milliseconds(self._program.clock())


class _Teller:
    """Tells one receiver. `brought` are the versions that its records have since, by type, `remarks` what staff must be
    told, `unsent` the addresses of what no consent lets it see (None: that is as it was)."""

    def __init__(self, program: Program, stands: Changed, partner: Partner, push: Push, ledger: Ledger) -> None:
        self._program, self._stands, self._partner, self._push, self._ledger = program, stands, partner, push, ledger
        self.brought: dict[str, str | None] = {}
        self.remarks: list[str] = []
        self.unsent: list[str] | None = None

    async def withdraw(self) -> None:
        """Its Task cancelled and its request revoked, under its own ids; why, where a consent lets it be told."""
        covered = await asyncio.to_thread(self._packet)
        task = self._stands.now.get("Task")
        reason = parse(task.text).get("statusReason") if covered and task and not task.deleted else None
        for type in (told := self._stands.withdrawn()):
            releases = partial(self._released, type) if covered else partial(self._released_anyway, type)
            try:
                await self._put(type, partial(withdrawn, reason=reason), releases)
            except Fault as fault:
                if fault.wrong is Wrong.ABSENT:
                    continue  # it is not there any more
                if fault.again or type == "Task" or "Task" not in told:
                    raise
                self.remarks.append(f"{_STANDS} ({fault.message})")

    async def amend(self) -> bool:
        """What has changed takes its place there; False where no consent covers the referral, and nothing is sent."""
        found = await asyncio.to_thread(self._packet)
        if found is None:
            return False
        records = {type: await asyncio.to_thread(self._pair, type) for type in self._stands.links}
        names = {type: changes(*pair) for type, pair in records.items()}
        if any(names.values()):
            self.unsent = found.unsent
            await self._parts(found, *records["ServiceRequest"], names)
        for type in filter(names.get, KINDS):
            before, after = records[type]
            made = partial(self._amended, type, before, after, names[type])
            await self._put(type, made, partial(self._released, type))
        return True

    async def _parts(self, found: Packet, before: Resource, after: Resource, names: dict[str, list[str]]) -> None:
        """What the referral points to goes first, as far as the receiver takes it beside one."""
        new = [f"{type}/{id}" for type, id in sorted(_pointed(after) - _pointed(before)) if type in ORDER]
        if SUBMIT_REFERRAL.url in (await self._partner.probe()).operations:
            self.remarks += [f"{_NO_PART}: {place}" for place in new]
            self.remarks += [_NO_TASK] if names.get("Task") else []
            names["Task"] = []
            return
        parcels = self._push.parcels([one for one in found.versions if one.type not in KINDS], found.files)
        if any(one.version.type == "Patient" and one.link is None for one in parcels):
            self.remarks += [f"{_JOINED}: {place}" for place in new]
            return
        report = await self._push.send(parcels)
        self.remarks += [f"{place}: {why}" for place, why in report.left]

    def _amended(
        self, type: str, before: Resource, after: Resource, names: list[str], theirs: Resource
    ) -> Resource | None:
        there = called_there(before, theirs)
        with self._program.store.asking() as database:
            links = Links(database, self._stands.row.name)

            def called(type: str, id: str) -> str:
                link, known = links.ours(type, id), there.get(f"{type}/{id}")
                return f"{type}/{link.remote}" if link else known or self._program.link(type, id)

            made = amended(theirs, before, after, names, self._program.base_url, called)
        if made is None:
            self.remarks.append(f"{_OVER}: {type}/{theirs['id']}")
        return made

    async def _put(self, type: str, made: Made, releases: Releases) -> None:
        """Read the receiver's record and send what is made of it, with its version; again if it has changed since."""
        link, refused, seen = self._stands.links[type], None, None
        for _ in range(_TRIES):
            theirs = await self._read(type, link.remote)
            if refused and version_of(theirs) == seen:
                break
            seen, after = version_of(theirs), made(theirs)
            if after is None or after == theirs:
                return
            released = await releases(dump(_unversioned(after)))
            try:
                place = await self._partner.update(type, link.remote, released, seen)
                if seen == link.remote_version or type != "Task":
                    self.brought[type] = place.version  # else its Task says what has not been heard yet
                return
            except Fault as fault:
                if fault.wrong is not Wrong.CONFLICT:
                    raise
                refused = fault
        assert refused is not None
        raise refused

    async def _read(self, type: str, id: str) -> Resource:
        """The receiver's record; `Fault` for one that is about something else than what was sent."""
        theirs, base, links = await self._partner.read(type, id), self._partner.base, self._stands.links
        person = literal_of(theirs.get("for" if type == "Task" else "subject"), base)
        request = links.get("ServiceRequest")
        astray = type == "Task" and request and focus_of(theirs, base) != f"ServiceRequest/{request.remote}"
        if astray or person != self._stands.sending.person:
            raise self._partner.fault(Wrong.ANOTHER, f"a {type} that was sent is {_ANOTHER}")
        return theirs

    def _packet(self) -> Packet | None:
        sending = self._stands.sending
        return packet(self._program, self._push.sight, sending.referral, sending.task)

    def _pair(self, type: str) -> tuple[Resource, Resource]:
        """A record as it was brought there, and as it is now, as far as the receiver is told of it."""
        versions = (self._sent(type), self._stands.now[type])
        before, after = (told_of(self._program, parse(shown(self._push.predicate, one))) for one in versions)
        return before, after

    def _sent(self, type: str) -> Version:
        link = self._stands.links[type]
        return self._program.store.vread(everything(WHY), type, link.id, link.version) or self._stands.now[type]

    async def _released(self, type: str, body: bytes) -> Released:
        return await self._push.released(body, [Parcel(self._stands.now[type], self._stands.links[type])], "update")

    async def _released_anyway(self, type: str, body: bytes) -> Released:
        """A withdrawal, of which the ledger has that it was told without a consent, and which version is withdrawn."""
        caller, sent = recipient(self._stands.row), await asyncio.to_thread(self._sent, type)
        released = release(withdrawing(caller), body, ())
        told = [Shown(one, [f"{type}/{sent.id}/{sent.version}"]) for one in sent.patients.split()]
        rows = [entry(Disclosure(caller, released.grant, "update", told, VERSION))]
        positions = await asyncio.wrap_future(self._ledger.write_together(rows))
        return recorded(released, positions[-1])


def _unversioned(resource: Resource) -> Resource:
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in _UNSAID}
    made = {name: value for name, value in resource.items() if name != "meta"}
    return made | ({"meta": meta} if meta else {})


def _pointed(resource: Resource) -> set[tuple[str, str]]:
    return {place for _, element in references(resource) if (place := split(element["reference"]))}
