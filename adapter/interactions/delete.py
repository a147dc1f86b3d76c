"""Delete a resource; its history stays: https://hl7.org/fhir/R4/http.html#delete"""

from __future__ import annotations

from concurrent.futures import Future

from adapter.interactions.answer import Answer, written
from adapter.interactions.changes import Change, apply
from adapter.interactions.doors import check_visible, fhir_terms
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.transaction import Transaction


def delete(
    program: Program,
    predicate: Predicate,
    type: str,
    id: str,
    if_match: int | None = None,
) -> Future[Answer]:
    """204, also when it was deleted before; 404 when there never was one for this client."""
    check_visible(program, predicate, "delete", type, id)

    def work(transaction: Transaction) -> Answer:
        change = Change("delete", type, id, if_match=if_match)
        outcome = apply(program, transaction, [change], fhir_terms(program, predicate))[0]
        return written(program, predicate, outcome, "minimal")

    return program.store.write(work)
