"""`$explain`: why one client may see one record, or not, for the privacy officer alone. An operation of ours.

By records, consents and ties as they stand now, for whatever moment it is asked: they may have been others then.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from adapter.callers import Caller, ClientKind, Purpose, Scope
from adapter.consent.explained import Explanation, explain
from adapter.consent.gate import release
from adapter.consent.labels import consent_free
from adapter.consent.matrix import Matrix, Verdict
from adapter.consent.predicate import as_seen_by
from adapter.consent.scopes import SEEN, goes_along
from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation, Parameter, output
from adapter.fhir.references import split
from adapter.interactions.answer import Answer
from adapter.interactions.disclosures import Listing
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.clients import Client, Clients
from adapter.store.database import Database
from adapter.store.standing import standing

EXPLAIN = Operation(
    "explain",
    canonical_operation("explain"),
    "Why a client may see a record, or not",
    (
        Parameter("record", "string", "The record, as Type/id.", required=True),
        Parameter("client", "string", "The id of the client.", required=True),
        Parameter("purpose", "code", "What it asks for; else the first that it is registered for."),
        Parameter("person", "string", "Whom its token names, in an emergency."),
        Parameter("at", "instant", "The moment it is judged for, by what stands now; else now."),
    ),
    (
        Parameter("permitted", "boolean", "Whether it sees the record.", required=True),
        Parameter("reason", "string", "The rule that decided.", required=True),
        Parameter("consent", "string", "The consent that permits it."),
        Parameter("label", "string", "What the record is labelled.", many=True),
        Parameter("because", "string", "What had to do with it, and how.", many=True),
    ),
    clients=True,
)


class Question(NamedTuple):
    """Who would see what, what for, and for which moment (ms)."""

    client: str
    purpose: str | None
    person: str | None
    record: str
    at_ms: int


class Why(NamedTuple):
    """The answer: whether it is seen, by the rules and by what its kind and scopes may; whom the record is about."""

    permitted: bool
    reason: str
    explanation: Explanation
    lines: tuple[str, ...]
    patients: frozenset[str]


def why(database: Database, predicate: Predicate, matrix: Matrix, asked: Question, scopes: Any, free: int) -> Why:
    """The answer to a question; Problem(NOT_FOUND) for a client or record that is not there, Problem(INVALID) for a
    purpose that there is not. `scopes` parses those of a client, `free` are the labels that need no consent."""
    client = Clients(database).named(asked.client, asked.at_ms)
    if client is None:
        raise Problem(Kind.NOT_FOUND, "there is no such client", "client")
    place = split(asked.record)
    found = standing(database, predicate, *place, asked.at_ms) if place else None
    if found is None or place is None:
        raise Problem(Kind.NOT_FOUND, "there is no such record", "record")
    caller = _caller(client, asked, scopes(client.scopes))
    # Some kinds see another side of a record: where there is none, the rules are asked of the record, and say so.
    found = standing(database, as_seen_by(predicate, caller.kind, place[0]), *place, asked.at_ms) or found
    # As at the door: what a payer is registered for, its contract has.
    facts, grants, ties, opened, saying = found
    more = (grants, ties, asked.at_ms, opened, saying)
    said = explain(caller, facts, *more, operations_allowed=True, consent_free=free)
    along = goes_along(matrix, caller, found.facts.type)
    first = f"its kind and scopes: {client.kind} may read of {found.facts.type}: {along.value}"
    stands = [] if client.stands else ["the client is disabled, or the agreement that its kind needs does not stand"]
    judged = f"judged for {instant_of(asked.at_ms)}, by the records, consents and ties that stand now"
    lines = (judged, first, *stands, *said.lines)
    if along not in SEEN | {Verdict.NAMING} or not client.stands:
        return Why(False, "what its kind, scopes and agreements let it ask for", said, lines, found.facts.patients)
    return Why(said.decision.permitted, said.decision.reason, said, lines, found.facts.patients)


def _caller(client: Client, asked: Question, scopes: tuple[Scope, ...]) -> Caller:
    said = asked.purpose or client.purposes.split()[0]
    if said not in set(Purpose):
        raise Problem(Kind.INVALID, f"the purposes are {', '.join(Purpose)}", "purpose", code="value")
    kind = ClientKind(client.kind)
    return Caller(client.id, kind, client.organization, Purpose(said), scopes, "", asked.person)


def explained(program: Program, predicate: Predicate, matrix: Matrix, given: Inputs, scopes: Any) -> Answer:
    """200 with the answer as Parameters."""
    at = given.one("at")
    try:
        at_ms = milliseconds(program.clock()) if at is None else program.store.index.calendar.asked(at)[0]
    except ValueError:
        raise Problem(Kind.INVALID, "at is a time such as 2026-03-01T17:00:00Z", "at", code="value") from None
    asked = Question(given.one("client"), given.one("purpose"), given.one("person"), given.one("record"), at_ms)
    free = consent_free(program.settings.posture, program.settings.consent_free)
    with program.store.asking() as database:
        told = why(database, predicate, matrix, asked, scopes, free)
    consent = told.explanation.decision.consent
    said: list[tuple[str, str, Any]] = [("permitted", "boolean", told.permitted), ("reason", "string", told.reason)]
    said += [("consent", "string", consent)] if consent and told.permitted else []
    said += [("label", "string", label) for label in told.explanation.labels]
    said += [("because", "string", line) for line in told.lines]
    type, id = asked.record.split("/")[:2]
    shown = (Listing(0, type, id, 0, " ".join(sorted(told.patients))),)
    return Answer(200, release(predicate, dump(output(*said)), shown))
