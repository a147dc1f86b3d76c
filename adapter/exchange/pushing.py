"""Pushes what the consent allows of one patient to a partner: each disclosure in the ledger before its first byte.

What was sent before and is the same is not sent again; what has changed here takes its place there; what came from the
partner is not sent back. A new record goes with our identifier as its condition, so that sent twice it is there once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from adapter.consent.matrix import Matrix
from adapter.exchange.finding import Sight, found, permitted, recipient, sight
from adapter.exchange.leaving import leaving
from adapter.exchange.packing import NONE, Files, Parcel, condition, entry, packed, transaction, urn
from adapter.exchange.report import Done, Report
from adapter.fhir.json import dump, parse
from adapter.fhir.references import split
from adapter.interactions.program import Program
from adapter.released import Predicate, Released
from adapter.remote.capability import Capability
from adapter.remote.faults import Fault, Wrong
from adapter.remote.pages import Search
from adapter.remote.partner import Partner, Place
from adapter.store.ledger import Ledger
from adapter.store.partners import Link, Links, PartnerRow
from adapter.store.transaction import Transaction
from adapter.store.version import Version

TOGETHER = 100
"""Records of one transaction."""
_APART = frozenset((Wrong.REFUSED, Wrong.CONFLICT, Wrong.OUTCOME))
"""What of a transaction is the fault of some entry, so that the others are sent without it."""


class Push:
    """One push to one partner."""

    def __init__(self, program: Program, partner: Partner, row: PartnerRow, matrix: Matrix, ledger: Ledger) -> None:
        self._program, self._partner, self._row, self._ledger = program, partner, row, ledger
        self._caller, self._matrix = recipient(row), matrix
        self.report = Report(row.name)
        self.unoffered: set[str] = set()
        """What was left because the partner's server has no place for it: nobody here can mend that."""

    @property
    def predicate(self) -> Predicate:
        """What the partner may see now: a consent may end while its server is waited for."""
        return permitted(self._program, self._caller, self._matrix)

    @property
    def sight(self) -> Sight:
        """The same, with the Consents under which it is so."""
        return sight(self._program, self._caller, self._matrix)

    async def run(self, patient: str) -> Report:
        """What became of each record; nothing is sent, and nobody asked, of a person whom the partner may not see."""
        parcels = await asyncio.to_thread(self._parcels, patient)
        if not parcels:
            self.report.note(
                f"nothing of Patient/{patient} may be sent to {self._row.name}, or there is no such record"
            )
            return self.report
        return await self.send(parcels)

    async def send(self, parcels: Sequence[Parcel], needed: frozenset[str] = frozenset()) -> Report:
        """The same of records that were found by its predicate, in an order in which each finds there what it names.

        Where one of a `needed` type has no place there and gets none, nothing more is sent.
        """
        offered = await self._partner.probe()
        parcels = await self._recognized(parcels)
        waiting = [parcel for parcel in parcels if self._is_due(parcel, offered)]
        if any(one.version.type in needed and one.link is None and one not in waiting for one in parcels):
            return self.report
        together = offered.transaction and self._partner.quirks.transaction and self._conditional(offered, waiting)
        for start in range(0, len(waiting), TOGETHER):
            part = waiting[start : start + TOGETHER]
            if together and await self._together(part):
                continue
            for parcel in part:
                if not await self._alone(parcel, offered) and parcel.version.type in needed:
                    return self.report
        return self.report

    async def _recognized(self, parcels: Sequence[Parcel]) -> list[Parcel]:
        """The same, with where the partner has those that it pushed to us: under what it calls them."""
        found = [one if one.link else one._replace(link=self._from_there(one.version)) for one in parcels]
        new = [one.link for one, before in zip(found, parcels, strict=True) if one.link and not before.link]
        if new:
            await self._written(new)
        return found

    def _parcels(self, patient: str) -> list[Parcel]:
        return self.parcels(found(self._program, self.predicate, patient))

    def parcels(self, versions: Sequence[Version], files: Files = NONE) -> list[Parcel]:
        """Versions with where each is already, and the files that go in them."""
        with self._program.store.asking() as database:
            links = Links(database, self._row.name)
            return [Parcel(version, links.ours(version.type, version.id), files) for version in versions]

    def _is_due(self, parcel: Parcel, offered: Capability) -> bool:
        version, link = parcel.version, parcel.link
        known = link.theirs or link.version == version.version if link else bool(self._names_there(version))
        if known:
            self.report.add(Done(parcel.place, "unchanged"))
            return False
        needed = "update" if link else "create"
        if not offered.can(version.type, needed):
            self.report.add(Done(parcel.place, "left", f"the partner offers no {needed} of {version.type}"))
            self.unoffered.add(parcel.place)
            return False
        return True

    def _names_there(self, version: Version) -> list[str]:
        """What the partner calls it, if it pushed it to us. Two programs that follow each other would never end."""
        system = f"{self._row.base}/{version.type}"
        held = parse(version.body).get("identifier", ()) if system.encode() in version.body else ()
        # Some types have one identifier, and no list.
        said = [one for one in ([held] if isinstance(held, dict) else held) if one.get("system") == system]
        return [one.get("value", "") for one in said]

    def _from_there(self, version: Version) -> Link | None:
        """Where the partner has a record that it pushed to us; None where that is not said, or of another one too."""
        names = set(self._names_there(version))
        place = split(f"{version.type}/{next(iter(names))}") if len(names) == 1 else None
        if place is None:
            return None
        with self._program.store.asking() as database:
            other = Links(database, self._row.name).of(*place)
        return None if other else Link(*place, version.id, None, 0, True)

    def _conditional(self, offered: Capability, parcels: Sequence[Parcel]) -> bool:
        """Whether each of them can be sent twice and be there once."""
        can = self._partner.quirks.conditional_create
        return can and all(offered.of(one.version.type).conditional_create for one in parcels if one.link is None)

    async def _together(self, parcels: Sequence[Parcel]) -> bool:
        """Send them as one; False where one of them stands in the way of the others."""
        new = {one.place: urn(self._program, one) for one in parcels if one.link is None}
        match = self._partner.quirks.if_match
        predicate = self.predicate
        resources = [(one, packed(self._program, predicate, one, self._resolve(new))) for one in parcels]
        entries = [entry(self._program, resource, one, if_match=match) for one, resource in resources]
        released = await self.released(transaction(entries), parcels, "transaction")
        try:
            sent = [(one.version.type, one.link.remote if one.link else None) for one in parcels]
            places = await self._partner.transact(sent, released)
        except Fault as fault:
            if fault.wrong in _APART and len(parcels) > 1:
                return False
            raise
        await self._remember(parcels, places)
        return True

    async def _alone(self, parcel: Parcel, offered: Capability) -> bool:
        """Send one; False where the partner does not take it."""
        resource = packed(self._program, self.predicate, parcel, self._resolve({}))
        type, link = parcel.version.type, parcel.link
        try:
            released = await self.released(dump(resource), [parcel], "update" if link else "create")
            if link is None and (there := await self._there(parcel, offered)):
                await self._remember([parcel], [there])
                return True
            if link:
                place = await self._partner.update(type, link.remote, released, link.remote_version)
            else:
                unless = condition(self._program, parcel) if self._conditional(offered, [parcel]) else None
                place = await self._partner.create(type, released, unless)
        except Fault as fault:
            if fault.again:
                raise
            self.report.add(Done(parcel.place, "left", fault.message))
            return False
        await self._remember([parcel], [place])
        return True

    async def _there(self, parcel: Parcel, offered: Capability) -> Place | None:
        """Where a record is that was sent before, at a server that does not look itself."""
        type = parcel.version.type
        if self._conditional(offered, [parcel]) or "identifier" not in offered.of(type).parameters:
            return None
        name, _, value = condition(self._program, parcel).partition("=")
        async for page in Search(self._partner, type, [(name, value)]).pages():
            for record in page.records:
                return Place(type, record["id"], record.get("meta", {}).get("versionId"))
        return None

    async def released(self, body: bytes, parcels: Sequence[Parcel], name: str) -> Released:
        """What may leave, once it is in the ledger; Problem(BUSY) where it cannot be written, or a consent is gone."""
        versions, whom = [one.version for one in parcels], (self._caller, self.predicate)
        return await leaving(self._program, self._ledger, whom, body, versions, name)

    def _resolve(self, new: Mapping[str, str]) -> Callable[[str, str], str | None]:
        def said(type: str, id: str) -> str | None:
            if known := new.get(f"{type}/{id}"):
                return known
            with self._program.store.asking() as database:
                link = Links(database, self._row.name).ours(type, id)
            return f"{type}/{link.remote}" if link else None

        return said

    async def _remember(self, parcels: Sequence[Parcel], places: Sequence[Place]) -> None:
        """Write down where they are now."""
        made = [
            Link(place.type, place.id, one.version.id, place.version, one.version.version, False)
            for one, place in zip(parcels, places, strict=True)
        ]
        await self._written(made)
        for one, place in zip(parcels, places, strict=True):
            self.report.add(Done(one.place, "changed" if one.link else "made" if place.made else "unchanged"))

    async def _written(self, made: Sequence[Link]) -> None:
        def work(transaction: Transaction) -> None:
            links = Links(transaction.database, self._row.name)
            for link in made:
                links.set(link)

        await asyncio.wrap_future(self._program.store.write(work))
