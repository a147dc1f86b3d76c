"""Delete a native document: its records are deleted together, their history stays."""

from __future__ import annotations

from concurrent.futures import Future

from adapter.interactions.answer import Answer
from adapter.interactions.native import Form, TransactionView, write
from adapter.interactions.native_put import check_seen
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.transaction import Transaction


def delete_document(
    program: Program, predicate: Predicate, form: Form, id: str, if_match: str | None
) -> Future[Answer]:
    """204; 404 when it is not there, 428 and 412 when `if_match` does not name its present version."""

    def work(transaction: Transaction) -> Answer:
        view = TransactionView(program, predicate, transaction)
        write(form, view, form.removal(check_seen(form, form.load(view, id), if_match)))
        return Answer(204)

    return program.store.write(work)
