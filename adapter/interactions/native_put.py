"""Put one native document: all of it is as given afterwards, in one transaction, however often it is put."""

from __future__ import annotations

from concurrent.futures import Future

from adapter.interactions.answer import Answer
from adapter.interactions.doors import received_document
from adapter.interactions.duties import NO
from adapter.interactions.native import Document, Form, Loaded, TransactionView, View, missing, shown, write
from adapter.interactions.native_keys import check_new_id, translated
from adapter.interactions.native_time import zoned
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction


def put(
    program: Program,
    predicate: Predicate,
    form: Form,
    id: str,
    body: bytes,
    if_match: str | None,
) -> Future[Answer]:
    """200 with the document, 201 when it is new; 428 or 412 when it is there and `if_match` does not name it.

    A document that is already as given is answered 200 whatever `if_match` says, so a put can be repeated (RFC 9110,
    13.1.1).
    """
    document = received_document(program, body, form.name)
    if document.setdefault("id", id) != id:
        raise Problem(Kind.INVALID, "the id in the document must be the id in the address", "id")
    document = {"id": id, **zoned(program.zone, form.fields, document)}

    def work(transaction: Transaction) -> Answer:
        view = TransactionView(program, predicate, transaction)
        loaded = form.load(view, id)
        if loaded is None:
            _check_new(form, predicate, id, if_match)
        wanted = translated(program, transaction, form.references, document, predicate)
        return replaced(program, predicate, form, view, wanted, loaded, if_match)

    return program.store.write(work)


def replaced(
    program: Program,
    predicate: Predicate,
    form: Form,
    view: TransactionView,
    document: Document,
    loaded: Loaded | None,
    if_match: str | None,
) -> Answer:
    """Make the document so, and answer with it as it is then."""
    if loaded is not None and not _seen(loaded, if_match) and not _is_so(program, form, view, document, loaded):
        raise unseen(if_match)
    changes = form.changes(program, view, document, loaded)
    if changes:
        write(form, view, changes)
    after = form.load(view, document["id"])
    if after is None:
        raise Problem(Kind.UNPROCESSABLE, f"as written, this would not be read as a {form.name}")
    return shown(program, predicate, form, after, 200 if loaded else 201)


def _check_new(form: Form, predicate: Predicate, id: str, if_match: str | None) -> None:
    if predicate.rights is not None and predicate.rights.word("create", (form.name,)) == NO:
        raise missing(form)
    if if_match is not None:
        raise Problem(Kind.PRECONDITION, "there is no such record, so it has no version to match")
    check_new_id(id)


def _seen(loaded: Loaded, if_match: str | None) -> bool:
    return if_match is not None and if_match.strip() in (loaded.etag, loaded.etag.removeprefix("W/"))


def _is_so(program: Program, form: Form, view: View, document: Document, loaded: Loaded) -> bool:
    try:
        return not form.changes(program, view, document, loaded)
    except Problem:
        return False


def unseen(if_match: str | None) -> Problem:
    """428 without If-Match, 412 with one that is not current."""
    if if_match is None:
        return Problem(Kind.PRECONDITION_REQUIRED, "say which version you saw: If-Match with the ETag of the record")
    return Problem(Kind.PRECONDITION, "the record has changed since; read it again")


def check_seen(form: Form, loaded: Loaded | None, if_match: str | None) -> Loaded:
    """The document, if it is there and the sender saw its present version."""
    if loaded is None:
        raise missing(form)
    if not _seen(loaded, if_match):
        raise unseen(if_match)
    return loaded
