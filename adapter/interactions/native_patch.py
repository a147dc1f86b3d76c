"""Patch a native document by merge: null removes a field, lists are replaced whole (RFC 7386)."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from adapter.interactions.answer import Answer
from adapter.interactions.doors import received_document
from adapter.interactions.native import Document, Form, TransactionView
from adapter.interactions.native_keys import translated
from adapter.interactions.native_put import check_seen, replaced
from adapter.interactions.native_time import zoned
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction


def patch(
    program: Program,
    predicate: Predicate,
    form: Form,
    id: str,
    body: bytes,
    if_match: str | None,
) -> Future[Answer]:
    """200 with the patched document; 404, 412 and 428 as for a put of one that is there."""
    change = received_document(program, body, form.name)
    if change.get("id", id) != id:
        raise Problem(Kind.INVALID, "a record keeps its id", "id")

    timed = zoned(program.zone, form.fields, change)

    def work(transaction: Transaction) -> Answer:
        view = TransactionView(program, predicate, transaction)
        loaded = check_seen(form, form.load(view, id), if_match)
        wanted = merged(loaded.document, translated(program, transaction, form.references, timed, predicate))
        if "incomplete" not in change:
            # What is incomplete is computed from the rest, which may have just been made whole.
            wanted.pop("incomplete", None)
        return replaced(program, predicate, form, view, wanted, loaded, if_match)

    return program.store.write(work)


def merged(document: Document, change: Document) -> Document:
    """The merge of RFC 7386: objects field by field, everything else replaced."""
    result = dict(document)
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged_value(result.get(name), value)
    return result


def _merged_value(held: Any, value: Any) -> Any:
    return merged(held if isinstance(held, dict) else {}, value) if isinstance(value, dict) else value
