"""Update and delete what a search finds: https://hl7.org/fhir/R4/http.html#cond-update, #3.1.0.7.1

The search is made inside the commit, so two who say the same condition never make two records. R4 lets an update that
finds nothing and names an id create under that id; this server gives out the ids, and refuses it.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future
from typing import Any, Literal

from adapter.consent.security import sent_back
from adapter.interactions.answer import Answer, Prefer, written
from adapter.interactions.changes import Change, apply
from adapter.interactions.condition import Condition
from adapter.interactions.doors import fhir_terms, received
from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction

Resource = dict[str, Any]

# R4: a deletion that finds nothing is done.
NOTHING_TO_DELETE = Answer(204)


def conditional_update(
    program: Program,
    predicate: Predicate,
    body: bytes,
    sought: Condition,
    if_match: int | None = None,
    prefer: Prefer = "representation",
) -> Future[Answer]:
    """200 with the one that matches, updated; 201 with a new one when none does; 412 for several."""
    type = sought.query.type
    resource = received(program, body, type)

    def work(transaction: Transaction) -> Answer:
        sight = Sight(program, transaction, predicate)
        kind, id = aimed(sight, transaction, sought, resource, if_match, f"{type}.id")
        there = transaction.current(type, id) if kind == "update" else None
        change = Change(kind, type, id, sent_back(predicate, there, resource), if_match)
        outcome = apply(program, transaction, [change], fhir_terms(program, predicate))[0]
        return written(program, predicate, outcome, prefer)

    return program.store.write(work)


def conditional_delete(
    program: Program, predicate: Predicate, sought: Condition, if_match: int | None = None
) -> Future[Answer]:
    """204, the one that matches deleted, or nothing done where none does; 412 for several."""

    def work(transaction: Transaction) -> Answer:
        id = sought.match(transaction)
        if id is None:
            return NOTHING_TO_DELETE
        change = Change("delete", sought.query.type, id, if_match=if_match)
        outcome = apply(program, transaction, [change], fhir_terms(program, predicate))[0]
        return written(program, predicate, outcome, "minimal")

    return program.store.write(work)


def aimed(
    sight: Sight,
    transaction: Transaction,
    sought: Condition,
    resource: Resource,
    if_match: int | None,
    place: str,
    gone: Collection[str] = (),
) -> tuple[Literal["create", "update"], str]:
    """What a conditional update is, and of which id. `place` is that of the resource's own id, for messages.

    `gone` are ids that will not be there when the condition counts.
    """
    found, own = sought.match(transaction, gone), resource.get("id")
    if found is not None:
        if own not in (None, found):
            raise Problem(Kind.INVALID, "the resource that matches has another id", place, code="value")
        return "update", found
    if if_match is not None:
        raise Problem(Kind.PRECONDITION, "no resource matches, so it has no version to match", sought.source)
    if own is not None:
        why = "no resource matches, and a new one gets its id here: leave it out"
        raise Problem(Kind.METHOD, why, place)
    return "create", sight.new_id(resource, frozenset(gone))
