"""Referrals at the FHIR door: `$submit-referral`, and the transaction that a facility posts, which is the same door."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from adapter.callers import Caller, ClientKind
from adapter.consent.gate import release
from adapter.consent.matrix import Verdict
from adapter.consent.security import high_water, shown
from adapter.fhir import bundle
from adapter.fhir.json import dump, parse
from adapter.fhir.operations import output
from adapter.fhir.outcome import operation_outcome
from adapter.interactions.answer import Answer, etag
from adapter.interactions.submit_referral import SUBMIT_REFERRAL
from adapter.interactions.types import served, writable
from adapter.problems import Issue, Kind, Problem
from adapter.referral.filled_form import Filled, House, filled
from adapter.referral.form import read_form
from adapter.referral.submit import Submitted, submit_referral
from adapter.store.version import Version
from adapter.web.access import Entrant
from adapter.web.asked import Asked, Route
from adapter.web.negotiation import FHIR, XML, check_content, none_of
from adapter.web.uploads import MULTIPART, uploaded

Resource = dict[str, Any]


async def submit(asked: Asked) -> Answer:
    """201 with the Task, the ServiceRequest and an outcome; 200 for a referral that was received before."""
    done = await (_of_form(asked) if _is_form(asked) else _of_packet(asked))
    task = await asked.desk.ask(lambda: _task(asked, done), due=True)
    said = (
        ("task", "Resource", parse(shown(asked.predicate, task))),
        ("referral", "Reference", {"reference": f"ServiceRequest/{done.sent.referral}"}),
        ("outcome", "Resource", operation_outcome(list(done.remarks))),
    )
    location = asked.program.link("Task", task.id)
    status = 200 if done.again else 201
    return Answer(status, release(asked.predicate, dump(output(*said)), (task,)), location=location)


async def _of_packet(asked: Asked) -> Submitted:
    given = await asked.inputs(SUBMIT_REFERRAL, asked.program.settings.referral_limit)
    return await _submitted(asked, given.one("referral"))


def _is_form(asked: Asked) -> bool:
    """Whether a form with files comes; 415 for a body that is neither that nor FHIR."""
    if not asked.call.header(b"content-type"):
        return False
    return check_content(asked.call, FHIR | XML | MULTIPART) in MULTIPART


async def _of_form(asked: Asked) -> Submitted:
    """A form with files: the packet that they make, and what is missing; all is told by the fields of the form."""
    none_of(asked.pairs)
    caller, program = _sender(asked), asked.program
    sent = [await uploaded(asked.call, program.settings.referral_limit)]

    def fill() -> Filled:
        upload, today = sent.pop(), program.clock().astimezone(ZoneInfo(program.settings.zone)).date()
        form = read_form(*upload, program.maps.tables, today)
        address = program.link("Organization", caller.organization)
        return filled(form, House(program.maps.concepts, program.settings.mappings, caller.organization, address))

    made = await asked.desk.ask(fill)
    try:
        done = await _submitted(asked, made.bundle)
    except Problem as problem:
        issues = [*made.told(problem.issues)]
        raise Problem(problem.kind, problem.message, issues[0].expression, issues=issues, shown=problem.shown) from None
    remarks = () if done.again else made.remarks
    return done._replace(remarks=(*remarks, *made.told(done.remarks)))


async def transaction(asked: Asked, given: Resource) -> Answer:
    """The transaction of a facility: a transaction-response, an entry for each of its own."""
    asked.entrant.check(f"${SUBMIT_REFERRAL.code}", "")
    done = await _submitted(asked, given)
    entries = [_entry(asked, record) for record in _records(given, done)]
    last = entries[-1] if entries else None
    if last is not None:
        outcome = dump(operation_outcome(list(done.remarks)))
        entries[-1] = last._replace(outcome=outcome)
    body = bundle.response_bundle("transaction", entries, high_water(asked.predicate, asked.program.settings.posture))
    return Answer(200, release(asked.predicate, body, (await asked.desk.ask(lambda: _task(asked, done), due=True),)))


def is_sender(entrant: Entrant) -> bool:
    """Whether whoever asks can send referrals, and nothing else in a transaction."""
    return entrant.caller is not None and entrant.caller.kind is ClientKind.FACILITY


def asked_for(route: Route, entrant: Entrant) -> str:
    """What is asked for, as far as the address says: of a batch and a transaction, which of them it is only the body
    says, and a facility sends transactions alone."""
    return "transaction" if route.interaction == "batch" and is_sender(entrant) else route.name


def _sender(asked: Asked) -> Caller:
    caller = asked.entrant.caller
    if caller is None or caller.kind is not ClientKind.FACILITY:
        why = "a referral is sent by a facility that is registered here: this server cannot tell who asks"
        raise Problem(Kind.FORBIDDEN, why)
    return caller


async def _submitted(asked: Asked, given: Any) -> Submitted:
    caller, program, predicate = _sender(asked), asked.program, asked.predicate
    if not isinstance(given, dict):
        raise Problem(Kind.INVALID, "the body must be one resource", code="structure")

    def begin() -> Any:
        _check_types(asked, given)
        return submit_referral(program, predicate, caller, given)

    return await asyncio.wrap_future(await asked.desk.ask(begin))


def _check_types(asked: Asked, given: Resource) -> None:
    """403 that names every part of a type that is not for a facility to send."""
    matrix, types = asked.entrant.matrix, served(asked.program)
    entries, inner = (said if isinstance(said := given.get(name), list) else [] for name in ("entry", "contained"))
    listed = [
        (f"Bundle.entry[{n}].resource", one.get("resource")) for n, one in enumerate(entries) if isinstance(one, dict)
    ]
    listed += [(f"ServiceRequest.contained[{n}]", one) for n, one in enumerate(inner)]
    issues = []
    for place, resource in listed:
        type = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(type, str) or type not in types or not writable(type) or matrix is None:
            continue
        if matrix.verdict(ClientKind.FACILITY, "create", type) is Verdict.NO:
            issues.append(Issue("forbidden", "this kind of client does not send this type", place))
    if issues:
        raise Problem(Kind.FORBIDDEN, issues[0].message, issues[0].expression, issues=issues)


def _task(asked: Asked, done: Submitted) -> Version:
    """The Task as its sender may see it."""
    version = asked.program.store.read(asked.predicate, "Task", done.sent.task)
    if version is None or version.deleted:
        raise Problem(Kind.GONE, "the Task of this referral has been deleted")
    return version


def _records(given: Resource, done: Submitted) -> Iterator[tuple[str, str]]:
    """(the address of what was made of an entry, the status), in their order; "" where that is not known.

    Of a referral that came before, the entries of today may be others: known are those of which there is one.
    """
    if not done.again:
        yield from (
            (record, "201 Created" if record else "200 OK") for record in done.sent.records[: len(given["entry"])]
        )
        return
    known = {"ServiceRequest": done.sent.referral, "Task": done.sent.task}
    known |= {type: id for type, _, id in (record.partition("/") for record in done.sent.records) if type == "Patient"}
    types = [entry["resource"]["resourceType"] for entry in given["entry"]]
    for type in types:
        alone = type in known and types.count(type) == 1
        yield (f"{type}/{known[type]}" if alone else ""), "200 OK"


def _entry(asked: Asked, made: tuple[str, str]) -> bundle.Answered:
    """What became of one entry: of who sends, and of a type of which no record is made, it is nothing new."""
    record, status = made
    if not record:
        return bundle.Answered({"status": status})
    type, _, id = record.partition("/")
    return bundle.Answered({"status": status, "location": asked.program.link(type, id, 1), "etag": etag(1)})


ROUTES = (Route("POST", "/$submit-referral", "operation", submit, "system", SUBMIT_REFERRAL),)
