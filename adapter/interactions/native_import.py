"""Import native documents, one JSON object a line (NDJSON), each saying its `concept`; one report line for each.

A line is written by itself: one that is refused stops no other, unless all or nothing is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from adapter.consent.gate import release
from adapter.fhir.json import dump, parse
from adapter.interactions.answer import Answer
from adapter.interactions.native import Document, Form, TransactionView, write
from adapter.interactions.native_keys import translated
from adapter.interactions.program import Program
from adapter.interactions.relations import Duplicate
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction

Line = tuple[int, bytes]
Report = dict[str, Any]
Forms = Callable[[str], Form]


def submit(
    program: Program, predicate: Predicate, forms: Forms, body: bytes, *, atomic: bool
) -> list[Future[list[Report]]]:
    """Hand the lines to the store: one unit of work for each, or one for all when `atomic`.

    Lines that are blank are not counted as records. `forms` knows the kinds of document by name.
    """
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    batches: Sequence[Sequence[Line]] = [lines] if atomic else [[line] for line in lines]

    def work(batch: Sequence[Line]) -> Callable[[Transaction], list[Report]]:
        return lambda transaction: [_written(program, predicate, forms, transaction, line) for line in batch]

    return [program.store.write(work(batch)) for batch in batches if batch]


def report(predicate: Predicate, outcomes: Sequence[list[Report] | Problem], body: bytes, *, atomic: bool) -> Answer:
    """200 with one line for each record, in their order; 422 for all or nothing that came to nothing."""
    if atomic and outcomes and isinstance(outcomes[0], Problem):
        raise outcomes[0]
    numbers = [number for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    lines: list[Report] = []
    for outcome in outcomes:
        lines += outcome if isinstance(outcome, list) else [_refused(numbers[len(lines)], outcome)]
    return Answer(200, release(predicate, b"".join(dump(line) + b"\n" for line in lines)))


def _written(program: Program, predicate: Predicate, forms: Forms, transaction: Transaction, line: Line) -> Report:
    number, text = line
    try:
        return {"line": number} | _upserted(program, predicate, forms, transaction, text)
    except Problem as problem:
        problem.issues = tuple(
            replace(i, expression=f"line {number}: {i.expression}" if i.expression else f"line {number}")
            for i in problem.issues
        )
        raise


def _upserted(program: Program, predicate: Predicate, forms: Forms, transaction: Transaction, text: bytes) -> Report:
    """Write one document under its id, else under its practice key, else as a new one."""
    document = parse(text)
    if not isinstance(document, dict) or not isinstance(document.get("concept"), str):
        raise Problem(Kind.INVALID, "a line is one JSON object that names its concept", "concept", code="required")
    form = forms(document.pop("concept"))
    view = TransactionView(program, predicate, transaction)
    wanted = translated(program, transaction, form.references, document)
    wanted = {"id": wanted.get("id") or _known_id(form, view, wanted)} | wanted
    loaded = form.load(view, wanted["id"])
    changes = form.changes(program, view, wanted, loaded)
    outcomes = write(form, view, changes) if changes else []
    after = form.load(view, wanted["id"])
    if after is None:
        raise Problem(Kind.UNPROCESSABLE, f"as written, this would not be read as a {form.name}")
    done = "created" if loaded is None else "updated" if any(o.changed for o in outcomes) else "unchanged"
    told: Report = {"concept": form.name, "id": wanted["id"], "outcome": done, "etag": after.etag}
    return told | ({"incomplete": after.document["incomplete"]} if "incomplete" in after.document else {})


def _known_id(form: Form, view: TransactionView, document: Document) -> str:
    try:
        return form.fresh_id(view, document)
    except Duplicate as known:
        return known.id


def _refused(number: int, problem: Problem) -> Report:
    return {
        "line": number,
        "outcome": "refused",
        "issues": [
            {"code": i.code, "message": i.message} | ({"expression": i.expression} if i.expression else {})
            for i in problem.issues
        ],
    }
