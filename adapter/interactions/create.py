"""Create a resource, also on condition that its like is not there: https://hl7.org/fhir/R4/http.html#create"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

from adapter.interactions.answer import Answer, Prefer, written
from adapter.interactions.changes import Change, Outcome, apply, ready
from adapter.interactions.condition import Condition
from adapter.interactions.doors import fhir_terms, received
from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.released import Predicate
from adapter.store.transaction import Transaction


def create(
    program: Program,
    predicate: Predicate,
    type: str,
    body: bytes,
    prefer: Prefer = "representation",
    unless: Condition | None = None,
) -> Future[Answer]:
    """201 with its Location; the sender's `id` is not used. 200 with the one that matches `unless`, 412 for several."""
    resource = received(program, body, type)
    change = ready(program, Change("create", type, resource=resource))

    def work(transaction: Transaction) -> Answer:
        id = unless.match(transaction) if unless else None
        if id is not None:
            return there(program, predicate, transaction, (type, id), prefer)
        placed = housed(program, Sight(program, transaction, predicate), change)
        outcome = apply(program, transaction, [placed], fhir_terms(program, predicate))[0]
        return written(program, predicate, outcome, prefer)

    return program.store.write(work)


def housed(program: Program, sight: Sight, change: Change) -> Change:
    """The new resource under another id, where that derived from its key is of a record that has it no more.

    A record that the sender cannot see is such a one.
    """
    if change.admitted is None or not change.admitted.keys:
        return change
    id = sight.new_id(change.admitted.resource)
    return change if id == change.id else ready(program, replace(change, id=id, admitted=None))


def there(
    program: Program, predicate: Predicate, transaction: Transaction, place: tuple[str, str], prefer: Prefer
) -> Answer:
    """200 for a conditional create that found its resource: where it is, and as much of it as the sender prefers.

    A condition matches only what the sender can see.
    """
    version = transaction.current(*place)
    assert version is not None
    found = written(program, predicate, Outcome("create", version, changed=False), prefer)
    return replace(found, status=200)
