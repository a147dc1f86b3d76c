"""A request for authorization as one Bundle for its payer, in the shape of Da Vinci PAS: the Claim first, then what it
points to.

http://hl7.org/fhir/us/davinci-pas/STU2.2/StructureDefinition-profile-pas-request-bundle.html, whose licensed codes it
has where the request says them, so that it claims no profile. Each record is as the payer sees it at /fhir: the minimum
for payment (42 CFR 2.13(a)), under a consent, of a member. What supports a request beyond that goes in the packet of a
review.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from adapter.callers import Caller, ClientKind, Purpose, Scope
from adapter.consent.matrix import Matrix
from adapter.consent.predicate import everything
from adapter.consent.security import high_water, shown
from adapter.exchange.addresses import readdressed
from adapter.exchange.aftercare_document import disclosed, name_unsent, seen_by
from adapter.exchange.aftercare_packet import Packet
from adapter.exchange.finding import permitted
from adapter.exchange.packing import NONE, known_as
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump, parse
from adapter.fhir.references import references, split
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.version import Version

Resource = dict[str, Any]
REQUEST, CLAIM = "authorization_request", "Claim"
ORDER = (CLAIM, "Patient", "Coverage", "Organization", "Practitioner", "PractitionerRole", "Location", "Condition")
"""What goes, in this order."""
_CALLED = frozenset((CLAIM, "Coverage", "Organization", "Location"))
"""What a payer is told the identifiers of (`mappings/release/payment.toml`): of others its profile allows none."""
UNTOLD = "no consent in force reaches it, or it does not cover the person"
_WHY = "staff are told what of a request stays behind"


async def request_document(
    program: Program, predicate: Predicate, matrix: Matrix, id: str, request: str | None
) -> Answer:
    """200 with the Bundle of a request for its payer, which is in the ledger.

    Problem(NOT_FOUND) where nothing of it may leave for the payer, or there is no such request; Problem(CONFLICT) for
    one that is not active or names no payer. What stays behind is parked for staff. `predicate` is what the asker may
    see.
    """
    claim = await asyncio.to_thread(asked_for, program, predicate, id)
    payer = payer_of(claim)
    caller = payer_as(f"organization:{payer}", payer)
    receiver = permitted(program, caller, matrix)
    found = await asyncio.to_thread(_made, program, predicate, receiver, claim, payer)
    body = dump(bundled(program, receiver, found))
    released = await disclosed(program, caller, receiver, body, found, request)
    return Answer(200, released, media="application/fhir+json")


def payer_as(name: str, organization: str) -> Caller:
    """A payer as the rules of consent know it, for payment."""
    return Caller(name, ClientKind.PAYER, organization, Purpose.PAYMENT, (Scope("system", "*", "rs"),), name)


def asked_for(program: Program, predicate: Predicate, id: str) -> Version:
    """A request that may be sent, as the asker sees it."""
    version = program.store.read(predicate, CLAIM, id)
    if version is None or version.deleted or version.concept != REQUEST:
        raise Problem(Kind.NOT_FOUND, f"there is no such {REQUEST}")
    check_active(version)
    return version


def check_active(claim: Version) -> None:
    """Problem(CONFLICT) for a draft, or a request that was withdrawn."""
    if parse(claim.body).get("status") != "active":
        raise Problem(Kind.CONFLICT, "only a request that is active is sent", "status", code="business-rule")


def payer_of(claim: Version) -> str:
    """The id of the Organization that is asked: a payer sees a request that names it, and no other."""
    found = split(parse(claim.body).get("insurer", {}).get("reference", ""))
    if not found or found[0] != "Organization":
        raise Problem(Kind.CONFLICT, "the request names no payer", "payer", code="business-rule")
    return found[1]


def _made(program: Program, staff: Predicate, receiver: Predicate, claim: Version, payer: str) -> Packet:
    whole = packed_request(program, receiver, claim)
    found = whole and seen_by(program, staff, whole)
    if whole is None or found is None or found.versions[0].type != CLAIM:
        raise Problem(Kind.NOT_FOUND, f"nothing of this {REQUEST} may be told to its payer: {UNTOLD}")
    root, to = (CLAIM, claim.id), f"Organization/{payer}"
    name_unsent(program, root, to, whole.unsent, "for want of a consent, or beyond the minimum for payment")
    name_unsent(program, root, to, found.unsent[len(whole.unsent) :], "for whoever made it may not see it")
    return found


def packed_request(program: Program, receiver: Predicate, claim: Version) -> Packet | None:
    """What may go to the payer whose predicate it is; None where the request or its person may not."""
    seen = program.store.read(receiver, CLAIM, claim.id)
    person = program.store.read(receiver, "Patient", claim.patients)
    if seen is None or seen.deleted or person is None or person.deleted:
        return None
    found, unsent = {(one.type, one.id): one for one in (seen, person)}, list[str]()
    for place in _pointed(parse(claim.body)):
        version = program.store.read(receiver, *place) if place[0] in ORDER else None
        if version is not None and not version.deleted and version.patients in ("", claim.patients):
            found[place] = version
        elif _is_there(program, place):
            unsent.append("/".join(place))
    facts = parse(claim.body).get("supportingInfo", ())
    unsent += [f"supportingInfo {one.get('sequence')}" for one in facts if "valueReference" not in one]
    made = sorted(found.values(), key=lambda one: (ORDER.index(one.type), one.vid))
    return Packet(made, unsent, NONE)


def _pointed(claim: Resource) -> list[tuple[str, str]]:
    """Where a request leads, each once."""
    said = [split(element["reference"]) for _, element in references(claim)]
    return [*dict.fromkeys(place for place in said if place and place[0] != "Patient")]


def _is_there(program: Program, place: tuple[str, str]) -> bool:
    held = program.store.read(everything(_WHY), *place)
    return held is not None and not held.deleted


def bundled(program: Program, receiver: Predicate, packet: Packet) -> Resource:
    """The Bundle: each record as the payer sees it, pointing to all by whole addresses; of one version of a request it
    has one identifier, so that a payer who gets it twice can tell."""
    now, claim = instant_of(milliseconds(program.clock())), packet.versions[0]
    id = str(uuid5(NAMESPACE_URL, program.link(claim.type, claim.id, claim.version)))
    labels = high_water(receiver, program.settings.posture)
    head: Resource = {"resourceType": "Bundle", "id": id, **({"meta": {"security": labels}} if labels else {})}
    head |= {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{id}"}}
    return head | {"type": "collection", "timestamp": now, "entry": entries_of(program, receiver, packet)}


def entries_of(program: Program, receiver: Predicate, packet: Packet) -> list[Resource]:
    """Each record as the payer sees it, pointing to all by whole addresses."""
    entries = []
    for version in packet.versions:
        resource = parse(shown(receiver, version))
        called = {"identifier": known_as(program, version, resource)} if version.type in _CALLED else {}
        made = {**readdressed(resource, program.base_url, program.link), **called}
        entries.append({"fullUrl": program.link(version.type, version.id), "resource": made})
    return entries
