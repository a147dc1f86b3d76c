"""Create a resource, also on condition that its like is not there: https://hl7.org/fhir/R4/http.html#create"""

from __future__ import annotations

from concurrent.futures import Future

from adapter.interactions.answer import Answer, Prefer, etag, written
from adapter.interactions.changes import Change, apply, ready
from adapter.interactions.condition import Condition
from adapter.interactions.doors import fhir_terms, received
from adapter.interactions.program import Program
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
    resource = received(body, type)
    resource.pop("id", None)
    change = ready(program, Change("create", type, resource=resource))

    def work(transaction: Transaction) -> Answer:
        id = unless.match(transaction) if unless else None
        if id is not None:
            return there(program, transaction, type, id)
        return written(program, predicate, apply(program, transaction, [change], fhir_terms(program))[0], prefer)

    return program.store.write(work)


def there(program: Program, transaction: Transaction, type: str, id: str) -> Answer:
    """200 for a conditional create that found its resource; where it is, not what it holds."""
    version = transaction.current(type, id)
    assert version is not None
    return Answer(200, None, etag(version.version), version.updated_ms, program.link(type, id, version.version))
