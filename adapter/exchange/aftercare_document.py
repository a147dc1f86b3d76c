"""A referral out of the program as one document, for a receiver without a FHIR server: a Composition and what it shows.

https://hl7.org/fhir/R4/documents.html; what the consents of that receiver cover, with the notice of 42 CFR 2.32 in it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from adapter.callers import Caller, ClientKind, Purpose, Scope
from adapter.consent.matrix import Matrix
from adapter.exchange.aftercare_composition import composed
from adapter.exchange.aftercare_listing import REFERRAL
from adapter.exchange.aftercare_packet import Packet, packet
from adapter.exchange.finding import Sight, sight
from adapter.exchange.leaving import leaving
from adapter.fhir.json import dump
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate, Released
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.store.transaction import Transaction
from adapter.store.version import Version

MAKE = "document"
_RECIPIENT = re.compile(r"Organization/([A-Za-z0-9\-.]{1,64})", re.ASCII)


async def document(
    program: Program, predicate: Predicate, matrix: Matrix, id: str, to: str, request: str | None
) -> Answer:
    """200 with the document of a referral for the organization `to` (`Organization/ID`), which is in the ledger.

    Problem(NOT_FOUND) where nothing of it may leave for that organization, or there is no such referral; what else
    stays behind is parked for staff, and not in the document. `predicate` is what the asker may see.
    """
    caller = _caller(to)
    made = await asyncio.to_thread(_made, program, predicate, sight(program, caller, matrix), id, to)
    released = await disclosed(program, caller, *made, request)
    return Answer(200, released, media="application/fhir+json")


def _caller(to: str) -> Caller:
    """The receiver as the rules of consent know it: another provider, for treatment; no client can be called so."""
    found = _RECIPIENT.fullmatch(to)
    if not found:
        raise Problem(Kind.INVALID, "recipient is one organization: Organization/ID", "recipient", code="value")
    name = f"organization:{found[1]}"
    scopes = (Scope("system", "*", "rs"),)
    return Caller(name, ClientKind.PROVIDER_EHR, found[1], Purpose.TREATMENT, scopes, name)


def _made(program: Program, staff: Predicate, receiver: Sight, id: str, to: str) -> tuple[Predicate, bytes, Packet]:
    version = program.store.read(staff, "ServiceRequest", id)
    if version is None or version.deleted or version.concept != REFERRAL:
        raise Problem(Kind.NOT_FOUND, f"there is no such {REFERRAL}")
    organization = program.store.read(staff, "Organization", to.partition("/")[2])
    whole = packet(program, receiver, id, None) if organization and not organization.deleted else None
    found = whole and seen_by(program, staff, whole)
    if whole is None or found is None:
        raise Problem(Kind.NOT_FOUND, f"nothing of this {REFERRAL} may be told to this organization")
    name_unsent(program, ("ServiceRequest", id), to, whole.unsent, "for want of a consent")
    unseen = found.unsent[len(whole.unsent) :]
    name_unsent(program, ("ServiceRequest", id), to, unseen, "for whoever made it may not see it")
    return receiver.records, dump(composed(program, receiver.records, found)), found


def seen_by(program: Program, staff: Predicate, whole: Packet) -> Packet | None:
    """What of it the asker may see too; None where that is not so of the person."""
    seen, unsent = list[Version](), list(whole.unsent)
    for one in whole.versions:
        version = program.store.read(staff, one.type, one.id)
        if version is not None and not version.deleted:
            seen.append(one)
        elif one.type == "Patient":
            return None
        else:
            unsent.append(f"{one.type}/{one.id}")
    return Packet(seen, unsent, whole.files)


def name_unsent(program: Program, root: tuple[str, str], to: str, unsent: Sequence[str], why: str) -> None:
    """Staff are told what is not in the document of a record; the receiver is not."""
    type, id = root

    def work(transaction: Transaction) -> None:
        for place in unsent:
            transaction.suspect(type, id, type, f"not in the document for {to}, {why}: {place}")

    if unsent:
        program.store.write(work).result()


async def disclosed(
    program: Program, caller: Caller, predicate: Predicate, body: bytes, found: Packet, request: str | None
) -> Released:
    """The document, once it is in the ledger; Problem(BUSY) where it cannot be written, or a consent is gone."""
    ledger = await asyncio.to_thread(Ledger, place_of(program.settings.store), program.clock)
    try:
        return await leaving(program, ledger, (caller, predicate), body, found.versions, f"${MAKE}", request)
    finally:
        await asyncio.to_thread(ledger.close)
