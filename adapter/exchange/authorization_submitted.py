"""`Claim/$submit`: the program's EHR asks a payer for authorization. In one commit the Claim becomes a request of the
program, with what it points to, and waits to be sent to its payer; sent twice, or by many hands at once, it is one.

http://hl7.org/fhir/us/davinci-pas/STU2.2/OperationDefinition-Claim-submit.html. What the payer has answered is in the
answer; until then a ClaimResponse that says it is queued, which PAS calls pended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from copy import deepcopy
from functools import partial
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from adapter.consent.gate import release
from adapter.consent.security import high_water, shown
from adapter.exchange.addresses import readdressed
from adapter.exchange.authorization_asking import answer_to, ask_payer
from adapter.exchange.authorization_document import REQUEST, check_active
from adapter.exchange.authorization_packet import CLAIM, PATIENT, Part, here
from adapter.fhir import bundle
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump, parse, same
from adapter.fhir.outcome import operation_outcome
from adapter.fhir.references import references
from adapter.interactions.answer import Answer
from adapter.interactions.changes import Change, apply, ready
from adapter.interactions.doors import fhir_terms
from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.problems import Issue, Kind, Problem, Severity, each
from adapter.released import Predicate
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]
WAITS = "It is sent to the payer once a consent covers it."
STAYS = "It waits here: {why}."


def submit_claim(program: Program, predicate: Predicate, parts: Sequence[Part]) -> Future[Answer]:
    """200 with a collection: the payer's answer, or one that says queued, and what is to be said of the parts.

    Problem(UNPROCESSABLE) for a Patient who is not known here and whatever else no record can be; Problem(CONFLICT)
    under the identifier of a request that says something else, or is not active.
    """

    def work(transaction: Transaction) -> Answer:
        sight = Sight(program, transaction, predicate)
        claim, remarks = _known(sight, parts[0]), list[Issue]()
        if claim is None:
            claim, remarks = _made(sight, predicate, parts)
        else:
            _check_same(program, predicate, parts[0], claim)
        return _answered(sight, predicate, claim, remarks)

    return program.store.write(work)


def _known(sight: Sight, part: Part) -> Version | None:
    """The request that is here, by its address or under one of its identifiers."""
    found = [_place(sight, part).id] if here(sight.program, part) else _holders(sight, part)
    version = sight.transaction.current(CLAIM, found[0]) if found else None
    if version is not None and version.concept != REQUEST:
        why = "this identifier is of a Claim that asks for no authorization"
        raise Problem(Kind.CONFLICT, why, f"{part.place}.resource.identifier", code="duplicate")
    return version


def _holders(sight: Sight, part: Part) -> list[str]:
    """The ids of the records with one of a part's identifiers: none or one. Problem(UNPROCESSABLE) for several."""
    found = sorted({id for key in part.keys for id in sight.holders(part.type, *key)})
    if len(found) > 1:
        why = f"several records of the type {part.type} have these identifiers"
        raise Problem(Kind.UNPROCESSABLE, why, f"{part.place}.resource.identifier", code="multiple-matches")
    return found


def _check_same(program: Program, predicate: Predicate, part: Part, claim: Version) -> None:
    """Problem(CONFLICT) unless it is what was sent first: a change of it is another request (`Claim.related`)."""
    check_active(claim)
    first = claim if claim.version == 1 else program.store.vread(predicate, CLAIM, claim.id, 1)
    if first is None or not same(_unaddressed(part.resource), _unaddressed(parse(first.body))):
        why = "a request that says something else is here under this identifier: send a change as another request"
        raise Problem(Kind.CONFLICT, why, f"{part.place}.resource.identifier", code="duplicate")


def _unaddressed(claim: Resource) -> Resource:
    """What it says, wherever its records are: what is sent points into its Bundle, what is stored to records here."""
    said = deepcopy({name: value for name, value in claim.items() if name not in ("id", "meta")})
    for _, element in references({"resourceType": CLAIM} | said):
        element["reference"] = ""
    return said


class _Placed(NamedTuple):
    """A part and the record that it is: one that is here, or (`new`) is made."""

    part: Part
    id: str
    new: bool


def _made(sight: Sight, predicate: Predicate, parts: Sequence[Part]) -> tuple[Version, list[Issue]]:
    """The Claim, stored with all that it brings, and what is said of the parts."""
    placed = each(partial(_place, sight), parts)
    names = {one.part.full_url: f"{one.part.type}/{one.id}" for one in placed}
    changes = each(partial(_change, sight.program, names), [one for one in placed if one.new])
    _check_person(placed)
    _check_known(sight, next(one for one in placed if one.part.type == PATIENT))
    outcomes = apply(sight.program, sight.transaction, changes, fhir_terms(sight.program, predicate))
    why = "this record is here already: what is sent of it is not taken"
    return outcomes[0].version, [_remark(why, one.part.place) for one in placed if not one.new]


def _place(sight: Sight, part: Part) -> _Placed:
    """Where a part is or will be. Problem(UNPROCESSABLE) for an address here of nothing, and for a Patient unknown."""
    place = here(sight.program, part)
    if place is not None:
        version = sight.transaction.current(*place) if sight.sees(*place) else None
        if place[0] != part.type or version is None or version.deleted:
            raise Problem(Kind.UNPROCESSABLE, "there is no such record here", f"{part.place}.fullUrl", code="not-found")
        return _Placed(part, place[1], new=False)
    found = [] if part.type == CLAIM else _holders(sight, part)
    if not found and part.type == PATIENT:
        why = "nobody here has one of these identifiers: a request is for somebody who is in the program"
        raise Problem(Kind.UNPROCESSABLE, why, f"{part.place}.resource.identifier", code="not-found")
    return _Placed(part, found[0] if found else sight.new_id(part.resource), new=not found)


def _change(program: Program, names: Mapping[str, str], one: _Placed) -> Change:
    """What makes a record of a part, which points to records of ours from here on."""
    resource = deepcopy(one.part.resource)
    bundle.point(resource, one.part.full_url, names)
    return ready(program, Change("create", one.part.type, one.id, resource, source=f"{one.part.place}.resource"))


def _check_person(placed: Sequence[_Placed]) -> None:
    """Problem(UNPROCESSABLE) for a Claim that is for somebody else than the Patient who is sent with it."""
    claim, patient = placed[0].part, next(one for one in placed if one.part.type == PATIENT)
    names = {patient.part.full_url: f"{PATIENT}/{patient.id}"}
    whose: Resource = dict(claim.resource["patient"])
    bundle.point({"resourceType": CLAIM, "patient": whose}, claim.full_url, names)
    if whose.get("reference") != f"{PATIENT}/{patient.id}":
        why = "the request is for somebody else than the Patient that comes with it"
        raise Problem(Kind.UNPROCESSABLE, why, f"{claim.place}.resource.patient", code="business-rule")


def _check_known(sight: Sight, patient: _Placed) -> None:
    """Problem(UNPROCESSABLE) for a Patient who was born on another day than the one who is known here."""
    version = sight.transaction.current(PATIENT, patient.id)
    known, said = parse(version.body).get("birthDate") if version else None, patient.part.resource.get("birthDate")
    if known and said and known != said:
        why = "who is known here under this name or number was born on another day"
        raise Problem(Kind.UNPROCESSABLE, why, f"{patient.part.place}.resource.birthDate", code="business-rule")


def _answered(sight: Sight, predicate: Predicate, claim: Version, remarks: Sequence[Issue]) -> Answer:
    """The Bundle; of a request that the payer has not answered, it is put in line for its server."""
    program, response = sight.program, answer_to(sight.transaction, claim.id)
    waits = response is None or parse(response.body).get("outcome") == "queued"
    said = list(remarks)
    try:
        told = _ask(sight, claim) if waits else ""
    except Problem as problem:
        told = STAYS.format(why=problem.message)
        said.append(_remark(f"not sent: {problem.message}", "Bundle.entry[0].resource.insurer", "warning"))
    if response is None:
        name = f"urn:uuid:{uuid5(NAMESPACE_URL, program.link(CLAIM, claim.id))}"
        first = {"fullUrl": name, "resource": _pended(program, claim, told)}
    else:
        first = {"fullUrl": program.link(response.type, response.id), "resource": parse(shown(predicate, response))}
    entries = [first, *([{"resource": operation_outcome(said)}] if said else [])]
    labels = high_water(predicate, program.settings.posture)
    head = {"resourceType": "Bundle", **({"meta": {"security": labels}} if labels else {}), "type": "collection"}
    body = dump({**head, "timestamp": instant_of(milliseconds(program.clock())), "entry": entries})
    return Answer(200, release(predicate, body, [claim, *([response] if response else [])]))


def _ask(sight: Sight, claim: Version) -> str:
    ask_payer(sight.program, sight.transaction, claim)
    return WAITS


def _pended(program: Program, claim: Version, told: str) -> Resource:
    """What is said for the payer until it answers; it is stored nowhere."""
    asked = parse(claim.body)
    said = {
        "resourceType": "ClaimResponse",
        "status": "active",
        **{name: asked[name] for name in ("type", "use", "patient")},
        "created": instant_of(milliseconds(program.clock())),
        "insurer": asked["insurer"],
        "requestor": asked["provider"],
        "request": {"reference": f"{CLAIM}/{claim.id}"},
        "outcome": "queued",
        "disposition": told,
    }
    made: Resource = readdressed(said, program.base_url, program.link)
    return made


def _remark(said: str, place: str, severity: Severity = "information") -> Issue:
    return Issue("informational", said, place, severity)
