"""A transaction Bundle: all of it or nothing, in the order DELETE, POST, PUT, GET.

https://hl7.org/fhir/R4/http.html#transaction

Not done: links in narratives and in elements of type uri that name another entry are left as they are; PATCH and
conditional update or delete inside a Bundle are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from adapter.consent.gate import publish, release
from adapter.consent.predicate import sees_all
from adapter.fhir import bundle
from adapter.fhir.dates import instant_of
from adapter.fhir.json import dump
from adapter.fhir.outcome import operation_outcome
from adapter.interactions.admission import identifying_keys, refused
from adapter.interactions.answer import Answer, Prefer, written
from adapter.interactions.changes import Change, apply, ready
from adapter.interactions.condition import Condition
from adapter.interactions.create import there
from adapter.interactions.doors import fhir_terms, received
from adapter.interactions.entry_request import Step, step
from adapter.interactions.program import Program
from adapter.interactions.read import NOTHING, Unless, read
from adapter.interactions.search import search
from adapter.interactions.sight import Sight
from adapter.interactions.vread import vread
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction

Resource = dict[str, Any]
T = TypeVar("T")
# R4 fixes this order, so that a Bundle can delete a record and create its successor under the same identifier.
KINDS: Mapping[str, Any] = {"DELETE": "delete", "POST": "create", "PUT": "update"}
ORDER = tuple(KINDS)


@dataclass(frozen=True, slots=True)
class Submitted:
    """A transaction under way: `answers` will hold the answer of each writing entry by its number."""

    steps: Sequence[Step]
    answers: Future[dict[int, Answer]]


def submit(program: Program, predicate: Predicate, body: bytes, prefer: Prefer = "minimal") -> Submitted:
    """Check the whole Bundle and hand its writes to the store; raises one Problem that names every fault by entry."""
    entries = bundle.entries(_opened(program, body))
    steps = _each(entries, lambda entry: step(program, predicate, entry))
    _check_overlap(steps)
    early = None if _needs_store(program, predicate, steps) else _changes(program, steps, {})

    def work(transaction: Transaction) -> dict[int, Answer]:
        changes, matched = early, dict[int, str]()
        if changes is None:
            gone = frozenset((s.type, s.id) for s in steps if s.entry.method == "DELETE" and s.id)
            for n, s in enumerate(steps):
                if s.unless and (id := s.unless.match(transaction, _ids(s.type, gone))):
                    matched[n] = id
            _each(steps, lambda s: _point_by_search(program, predicate, transaction, s, gone))
            sight = Sight(program, transaction, predicate)
            changes = _changes(program, [_housed(sight, s, gone) for s in steps], matched)
        outcomes = apply(program, transaction, list(changes.values()), fhir_terms(program, predicate))
        answers = {n: there(program, transaction, steps[n].type, id) for n, id in matched.items()}
        for n, outcome in zip(changes, outcomes, strict=False):
            answers[n] = written(program, predicate, outcome, prefer)
        return answers

    return Submitted(steps, program.store.write(work))


def complete(program: Program, predicate: Predicate, submitted: Submitted, answers: Mapping[int, Answer]) -> Answer:
    """The transaction-response, once the writes are committed: its reads come last and see them.

    What a read is refused stands in its own entry and undoes nothing.
    """
    given = [answers.get(n) or _read(program, predicate, s) for n, s in enumerate(submitted.steps)]
    return Answer(200, release(predicate, bundle.response_bundle(map(_response, given))))


def _opened(program: Program, body: bytes) -> Resource:
    """The Bundle, its own elements checked; its resources are checked one by one later."""
    received_bundle = received(body, "Bundle")
    if received_bundle.get("type") != "transaction":
        raise Problem(Kind.INVALID, "only a Bundle of type transaction can be posted here", "Bundle.type")
    listed = received_bundle.get("entry", [])
    if isinstance(listed, list) and len(listed) > program.settings.entry_limit:
        raise Problem(Kind.TOO_LONG, f"a transaction may have {program.settings.entry_limit} entries", "Bundle.entry")
    bundle.check_names(listed)
    issues = program.door.check(received_bundle | {"entry": _shells(listed)} if listed else received_bundle)
    if issues:
        raise refused(issues)
    return received_bundle


def _shells(listed: Any) -> Any:
    """The entries without their resources, so that the door checks only what surrounds them."""
    if not isinstance(listed, list):
        return listed
    return [{k: v for k, v in e.items() if k != "resource"} or e if isinstance(e, dict) else e for e in listed]


def _each(items: Iterable[Any], read_one: Callable[[Any], T]) -> list[T]:
    """Every item read; one Problem with the issues of all that could not be."""
    made, problems = [], []
    for item in items:
        try:
            made.append(read_one(item))
        except Problem as problem:
            problems.append(problem)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        worst = max(problems, key=lambda problem: problem.kind is Kind.INVALID)
        raise Problem(worst.kind, worst.message, issues=[i for problem in problems for i in problem.issues])
    return made


def _check_overlap(steps: Sequence[Step]) -> None:
    """Two creates on one condition would make the same record twice: R4 lets the server refuse the Bundle."""
    seen: set[object] = set()
    for s in steps:
        if s.unless:
            if s.unless.meaning in seen:
                raise Problem(
                    Kind.INVALID, "two entries create on the same condition", s.unless.source, code="duplicate"
                )
            seen.add(s.unless.meaning)


def _needs_store(program: Program, predicate: Predicate, steps: Sequence[Step]) -> bool:
    """Whether ids in the Bundle depend on what is stored: conditions, or a key that may not be free for its record."""
    doubtful = not sees_all(predicate) or any(s.entry.method == "DELETE" for s in steps)
    return any(
        s.unless or _searches(s) or (doubtful and s.entry.method == "POST" and _keyed(program, s)) for s in steps
    )


def _keyed(program: Program, s: Step) -> bool:
    return any(True for _ in identifying_keys(program, s.entry.resource or {}))


def _ids(type: str, records: Collection[tuple[str, str]]) -> frozenset[str]:
    return frozenset(id for of, id in records if of == type)


def _housed(sight: Sight, s: Step, gone: Collection[tuple[str, str]]) -> Step:
    """A new resource gets an id that no deleted record of the Bundle has, nor one that the sender cannot see."""
    if s.entry.method != "POST" or not _keyed(sight.program, s):
        return s
    return replace(s, id=sight.new_id(s.entry.resource or {}, _ids(s.type, gone)))


def _searches(s: Step) -> bool:
    return s.entry.resource is not None and any(True for _ in bundle.conditional_references(s.entry.resource))


def _changes(program: Program, steps: Sequence[Step], matched: Mapping[int, str]) -> dict[int, Change]:
    """The changes in R4's order by entry number, references to other entries resolved, every resource admitted."""
    names = {
        s.entry.full_url: f"{s.type}/{matched.get(n, s.id)}"
        for n, s in enumerate(steps)
        if s.entry.full_url and s.entry.method in ("POST", "PUT")
    }
    numbers = [n for method in ORDER for n, s in enumerate(steps) if s.entry.method == method and n not in matched]
    for n in numbers:
        if steps[n].entry.resource is not None:
            bundle.point(steps[n].entry.resource or {}, steps[n].entry.full_url, names)
    return dict(zip(numbers, _each(numbers, lambda n: ready(program, _change(steps[n]))), strict=True))


def _change(s: Step) -> Change:
    return Change(KINDS[s.entry.method], s.type, s.id, s.entry.resource, s.if_match, f"{s.entry.place}.resource")


def _point_by_search(
    program: Program, predicate: Predicate, transaction: Transaction, s: Step, gone: Collection[tuple[str, str]]
) -> None:
    """Resolve the references of one entry that are searches; each must find exactly one resource (412)."""
    for path, element, type, query in bundle.conditional_references(s.entry.resource or {}):
        source = f"{s.entry.place}.resource{path.removeprefix(s.type)}"
        id = Condition.of(program, predicate, type, query, source).match(transaction, _ids(type, gone))
        if id is None:
            raise Problem(Kind.PRECONDITION, "no resource matches this reference", source, code="not-found")
        element["reference"] = f"{type}/{id}"


def _read(program: Program, predicate: Predicate, s: Step) -> Answer:
    try:
        if s.id is None:
            return search(program, predicate, s.type, parse_qsl(s.query or "", keep_blank_values=True))
        if s.query is not None:
            raise Problem(Kind.INVALID, "a read takes no parameters", f"{s.entry.place}.request.url")
        tag = s.entry.if_none_match
        unless = Unless(frozenset({tag})) if tag else NOTHING
        if s.version is not None:
            return vread(program, predicate, s.type, s.id, s.version, unless)
        return read(program, predicate, s.type, s.id, unless)
    except Problem as problem:
        return Answer(problem.kind.status, publish(dump(operation_outcome(problem.issues))), told=True)


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
