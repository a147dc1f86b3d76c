"""Get one native document by id."""

from __future__ import annotations

from adapter.interactions.answer import Answer
from adapter.interactions.native import Form, StoreView, missing, shown
from adapter.interactions.program import Program
from adapter.interactions.read import NOTHING, Unless
from adapter.released import Predicate


def get(
    program: Program,
    predicate: Predicate,
    form: Form,
    id: str,
    unless: Unless = NOTHING,
    *,
    residue: bool = False,
) -> Answer:
    """200 with the document; 304 when the reader has it; 404 when it is not there, deleted, or of another concept."""
    loaded = form.load(StoreView(program, predicate), id)
    if loaded is None:
        raise missing(form)
    if unless.fresh(loaded.etag, loaded.updated):
        return Answer(304, None, loaded.etag, loaded.updated)
    return shown(program, predicate, form, loaded, residue=residue)
