"""Post a new native document; the server gives it its id."""

from __future__ import annotations

from concurrent.futures import Future

from adapter.interactions.answer import Answer
from adapter.interactions.doors import received_document
from adapter.interactions.native import Form, TransactionView
from adapter.interactions.native_keys import translated
from adapter.interactions.native_put import replaced
from adapter.interactions.native_time import zoned
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction


def post(program: Program, predicate: Predicate, form: Form, body: bytes) -> Future[Answer]:
    """201 with the document and its Location; 409 `duplicate` with the Location of the one that has its key."""
    document = zoned(program.zone, form.fields, received_document(program, body, form.name))
    if "id" in document:
        raise Problem(Kind.INVALID, "a new record gets its id here; to give one, PUT it to its address", "id")

    def work(transaction: Transaction) -> Answer:
        view = TransactionView(program, predicate, transaction)
        wanted = translated(program, transaction, form.references, document, predicate)
        return replaced(program, predicate, form, view, {"id": form.fresh_id(view, wanted)} | wanted, None, None)

    return program.store.write(work)
