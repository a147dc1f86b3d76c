"""Update a resource: https://hl7.org/fhir/R4/http.html#update"""

from __future__ import annotations

from concurrent.futures import Future

from adapter.consent.security import sent_back
from adapter.interactions.answer import Answer, Prefer, written
from adapter.interactions.changes import Change, apply, ready
from adapter.interactions.doors import check_visible, fhir_terms, last_read, received
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction


def update(
    program: Program,
    predicate: Predicate,
    type: str,
    id: str,
    body: bytes,
    if_match: int | None = None,
    prefer: Prefer = "representation",
) -> Future[Answer]:
    """200 with the new version, or the old one when nothing changed; 201 when it was deleted; 405 when it never was."""
    resource = received(program, body, type)
    if resource.get("id") != id:
        raise Problem(Kind.INVALID, "the id in the body must be the id in the address", f"{type}.id")
    seen = last_read(program, predicate, check_visible(program, predicate, "update", type, id))
    change = ready(program, Change("update", type, id, sent_back(predicate, seen, resource), if_match))

    def work(transaction: Transaction) -> Answer:
        outcome = apply(program, transaction, [change], fhir_terms(program, predicate))[0]
        return written(program, predicate, outcome, prefer)

    return program.store.write(work)
