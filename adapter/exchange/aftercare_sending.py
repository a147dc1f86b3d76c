"""Hands a referral over to a partner: to its own door for referrals where it has one, else record by record.

`$submit-referral` of ours, else https://hl7.org/fhir/R4/http.html#transaction with our identifiers as conditions: sent
twice, it is there once. What goes is in the ledger before its first byte, and with the notice of 42 CFR 2.32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.exchange.aftercare_hearing import focus_of, literal_of, objects_in, person_of
from adapter.exchange.aftercare_packet import Packet
from adapter.exchange.packing import Parcel, packed, urn
from adapter.exchange.pushing import Push
from adapter.fhir.json import dump
from adapter.fhir.references import split
from adapter.interactions.program import Program
from adapter.interactions.submit_referral import SUBMIT_REFERRAL
from adapter.remote.faults import Wrong
from adapter.remote.partner import Partner
from adapter.store.partners import Link, Links, PartnerRow

Resource = dict[str, Any]
_NEEDED = frozenset(("Patient", "ServiceRequest"))
"""Without a place for these there, no referral is there: then nothing of it is sent."""
_UNKNOWN = "the person came from the partner, and it is not said, or of another person too, who that is there"
_NO_TASK = "the partner takes no Task: it must be asked otherwise what becomes of the referral"


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of it: whom the partner's Task is for, which versions of the Task and the referral went, what is to
    be remembered of where they are, and what staff must be told."""

    person: str | None
    versions: Mapping[tuple[str, str], int]
    links: Sequence[Link] = ()
    remarks: Sequence[str] = ()


class Handover:
    """One referral on its way to one partner."""

    def __init__(self, program: Program, partner: Partner, row: PartnerRow, push: Push) -> None:
        self._program, self._partner, self._row, self._push = program, partner, row, push

    async def hand(self, packet: Packet) -> Handed:
        """`Fault` where the partner does not take it; what it took stays there, and is not sent again."""
        parcels = self._push.parcels(packet.versions, packet.files)
        offered = await self._partner.probe()
        if SUBMIT_REFERRAL.url in offered.operations:
            return await self._submitted([one._replace(link=None) for one in parcels])
        return await self._stored(parcels)

    async def _submitted(self, parcels: Sequence[Parcel]) -> Handed:
        names = {one.place: urn(self._program, one) for one in parcels}

        def named(type: str, id: str) -> str | None:
            return names.get(f"{type}/{id}")

        predicate = self._push.predicate
        entries = [
            {"fullUrl": names[one.place], "resource": packed(self._program, predicate, one, named)} for one in parcels
        ]
        body = dump({"resourceType": "Bundle", "type": "collection", "entry": entries})
        released = await self._push.released(body, parcels, f"${SUBMIT_REFERRAL.code}")
        return self._answered(await self._partner.operate(SUBMIT_REFERRAL.code, released), parcels)

    def _answered(self, said: Resource, parcels: Sequence[Parcel]) -> Handed:
        """Where it is now; `Fault` for an answer that is about something else."""
        outputs = {str(one.get("name")): one for one in objects_in(said.get("parameter"))}
        task = outputs.get("task", {}).get("resource")
        place = split(literal_of(outputs.get("referral", {}).get("valueReference"), self._partner.base) or "")
        if not isinstance(task, dict) or task.get("resourceType") != "Task" or not split(f"Task/{task.get('id')}"):
            raise self._partner.fault(Wrong.ANOTHER, "a referral that was sent is answered without its Task")
        if place is None or focus_of(task, self._partner.base) != "/".join(place):
            raise self._partner.fault(Wrong.ANOTHER, "a referral that was sent is answered with the Task of another")
        # No version of the Task: what it says is heard when it is asked for the first time.
        at = {"ServiceRequest": place[1], "Task": task["id"]}
        versions = [one.version for one in parcels if one.version.type in at]
        links = [Link(one.type, at[one.type], one.id, None, one.version, False) for one in versions]
        return Handed(person_of(task, self._partner.base), _versions(parcels), links)

    async def _stored(self, parcels: Sequence[Parcel]) -> Handed:
        report = await self._push.send(parcels, _NEEDED)
        with self._program.store.asking() as database:
            links = Links(database, self._row.name)
            at = {one.version.type: links.ours(one.version.type, one.version.id) for one in parcels}
        remarks = [f"{place}: {why}" for place, why in report.left]
        if at["Patient"] is None and not any(place.startswith("Patient/") for place, _ in report.left):
            remarks.append(_UNKNOWN)
        if at["ServiceRequest"] is None:
            raise self._partner.fault(Wrong.REFUSED, f"the referral is not taken ({'; '.join(remarks)})")
        if at["Task"] is None:
            remarks.append(_NO_TASK)
        person = f"Patient/{at['Patient'].remote}" if at["Patient"] else None
        return Handed(person, _versions(parcels), remarks=remarks)


def _versions(parcels: Sequence[Parcel]) -> dict[tuple[str, str], int]:
    held = [one.version for one in parcels if one.version.type in ("ServiceRequest", "Task")]
    return {(one.type, one.id): one.version for one in held}
