"""What a batch and a transaction have in common: the Bundle that is posted, and the Bundle that answers.

https://hl7.org/fhir/R4/http.html#transaction
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from adapter.consent.gate import publish, release
from adapter.consent.security import high_water
from adapter.fhir import bundle
from adapter.fhir.dates import instant_of
from adapter.fhir.history import parse_history
from adapter.fhir.json import dump
from adapter.fhir.outcome import operation_outcome
from adapter.interactions.admission import refused
from adapter.interactions.answer import Answer
from adapter.interactions.doors import received
from adapter.interactions.entry_request import Step
from adapter.interactions.part import part_asked
from adapter.interactions.places import at
from adapter.interactions.program import Program
from adapter.interactions.relations import Duplicate
from adapter.interactions.search import limits, parsed
from adapter.interactions.types import writable
from adapter.problems import Kind, Problem
from adapter.released import Predicate

Resource = dict[str, Any]

KINDS = ("batch", "transaction")


def opened(program: Program, body: bytes) -> Resource:
    """The Bundle, its own elements checked; its resources are checked one by one later."""
    given = received(program, body, "Bundle")
    if given.get("type") not in KINDS:
        raise Problem(Kind.INVALID, "only a Bundle of type batch or transaction can be posted here", "Bundle.type")
    listed = given.get("entry", [])
    if isinstance(listed, list) and len(listed) > program.settings.entry_limit:
        why = f"a {given['type']} may have {program.settings.entry_limit} entries"
        raise Problem(Kind.TOO_LONG, why, "Bundle.entry")
    bundle.check_names(listed)
    issues = program.door.check(given | {"entry": _shells(listed)} if listed else given)
    if issues:
        raise refused(issues)
    return given


def _shells(listed: Any) -> Any:
    """The entries without their resources, so that the door checks only what surrounds them."""
    if not isinstance(listed, list):
        return listed
    return [{k: v for k, v in e.items() if k != "resource"} or e if isinstance(e, dict) else e for e in listed]


def check_read(program: Program, predicate: Predicate, s: Step) -> None:
    """400 for a read, search or history of records whose parameters cannot be heard, whatever is stored."""
    address = s.address
    if not address.plain or not (address.past or writable(address.type)):
        return
    try:
        if address.past:
            calendar = program.store.index.calendar
            parse_history(address.type or None, address.id, address.pairs, calendar, limits(program, predicate))
        elif address.id is None:
            parsed(program, predicate, address.type, address.pairs)
        else:
            part_asked(program, address.type, address.pairs)
    except Problem as problem:
        raise at(problem, f"{s.entry.place}.request.url") from None


def told(program: Program, predicate: Predicate, problem: Problem) -> Answer:
    """What an entry that is refused by itself is answered; a duplicate's with the address of the one that is there."""
    location = program.link(problem.type, problem.id) if isinstance(problem, Duplicate) else None
    body = publish(dump(operation_outcome(problem.issues)))
    tells = release(predicate, b"", problem.shown) if problem.shown else None
    return Answer(problem.kind.status, body, location=location, told=True, tells=tells)


def respond(program: Program, predicate: Predicate, kind: str, answers: Sequence[Answer]) -> Answer:
    """The batch-response or transaction-response."""
    told = [part for answer in answers for part in (answer.body, answer.tells) if part]
    shown, counted = [one for part in told for one in part.shown], [one for part in told for one in part.counted]
    body = bundle.response_bundle(kind, map(_response, answers), high_water(predicate, program.settings.posture))
    return Answer(200, release(predicate, body, shown, counted))


def _response(answer: Answer) -> bundle.Answered:
    response = {"status": f"{answer.status} {HTTPStatus(answer.status).phrase}"}
    if answer.location:
        response["location"] = answer.location
    if answer.etag:
        response["etag"] = answer.etag
    if answer.updated:
        response["lastModified"] = instant_of(answer.updated)
    body = answer.body.body if answer.body else None
    return bundle.Answered(response, outcome=body) if answer.told else bundle.Answered(response, body)
