"""What a batch and a transaction have in common: the Bundle that is posted, its reads, and the Bundle that answers.

https://hl7.org/fhir/R4/http.html#transaction
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from adapter.consent.gate import publish, release
from adapter.fhir import bundle
from adapter.fhir.dates import instant_of
from adapter.fhir.json import dump
from adapter.fhir.outcome import operation_outcome
from adapter.interactions.admission import refused
from adapter.interactions.answer import Answer
from adapter.interactions.doors import received
from adapter.interactions.entry_request import Address, Step
from adapter.interactions.history import history
from adapter.interactions.part import part_asked
from adapter.interactions.program import Program
from adapter.interactions.published import read_published, search_published
from adapter.interactions.read import NOTHING, Unless, read
from adapter.interactions.relations import Duplicate
from adapter.interactions.search import search
from adapter.interactions.types import writable
from adapter.interactions.vread import vread
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


def looked_up(program: Program, predicate: Predicate, s: Step) -> Answer:
    """What a GET finds, or why not."""
    address = s.address
    try:
        if address.type and not writable(address.type):
            return _published(program, address)
        if address.past:
            return history(program, predicate, address.type or None, address.id, address.pairs)
        if address.id is None:
            return search(program, predicate, address.type, address.pairs)
        part = part_asked(program, address.type, address.pairs)
        tag = s.entry.if_none_match
        unless = Unless(frozenset({tag})) if tag else NOTHING
        if address.version is not None:
            return vread(program, predicate, address.type, address.id, address.version, unless, part)
        return read(program, predicate, address.type, address.id, unless, part)
    except Problem as problem:
        return told(program, problem)


def answered(program: Program, predicate: Predicate, steps: Sequence[Step], done: Mapping[int, Answer]) -> Answer:
    """The answer of a transaction whose writes are done: its reads see them."""
    answers = [done.get(n) or looked_up(program, predicate, s) for n, s in enumerate(steps)]
    return respond(predicate, "transaction", answers)


def _published(program: Program, address: Address) -> Answer:
    """What the program says about itself, as at its own address: no versions, and always the whole."""
    if address.past or address.version is not None:
        raise Problem(Kind.NOT_SUPPORTED, f"{address.type} has no versions here")
    if address.id is None:
        return search_published(program, address.type, address.pairs)
    if address.pairs:
        name = address.pairs[0][0][:40]
        raise Problem(Kind.INVALID, f"unknown parameter {name}", name, code="not-supported")
    return read_published(program, address.type, address.id)


def told(program: Program, problem: Problem) -> Answer:
    """What an entry that is refused by itself is answered; a duplicate's with the address of the one that is there."""
    location = program.link(problem.type, problem.id) if isinstance(problem, Duplicate) else None
    body = publish(dump(operation_outcome(problem.issues)))
    return Answer(problem.kind.status, body, location=location, told=True)


def respond(predicate: Predicate, kind: str, answers: Sequence[Answer]) -> Answer:
    """The batch-response or transaction-response."""
    return Answer(200, release(predicate, bundle.response_bundle(kind, map(_response, answers))))


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
