"""Import native documents, one JSON object a line (NDJSON), each saying its `concept`; one report line for each.

A line is written by itself: one that is refused stops no other, unless all or nothing is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from adapter.consent.gate import release
from adapter.fhir.json import dump, parse
from adapter.interactions.answer import Answer
from adapter.interactions.native import Document, Form, TransactionView, write
from adapter.interactions.native_keys import check_new_id, translated
from adapter.interactions.native_time import zoned
from adapter.interactions.program import Program
from adapter.interactions.relations import Duplicate
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction

Line = tuple[int, bytes]
Report = dict[str, Any]
Unit = Sequence[Line]
Forms = Callable[[str], Form]

# Units of work of one import that wait in the store's queue: others who write then wait for these at most.
IN_FLIGHT = 64


def lines_of(body: bytes, limit: int) -> list[Line]:
    """The lines that are records, numbered from 1; 400 for none, 413 for more than `limit`, blank ones counted."""
    text = body.rstrip()
    if not text:
        raise Problem(Kind.INVALID, "the body has no line; each is one record, a JSON object with its `concept`")
    # Counted before they are cut: ten million line ends would be ten million objects.
    if text.count(b"\n") >= limit:
        raise Problem(Kind.TOO_LONG, f"an import may have {limit} lines; send the rest as another")
    return [(number, line) for number, line in enumerate(text.split(b"\n"), 1) if line.strip()]


def portions(lines: Sequence[Line], *, atomic: bool) -> Iterator[list[Unit]]:
    """What to hand to the store at once: units of work of one line each, or one of all lines when `atomic`."""
    units: list[Unit] = [lines] if atomic else [[line] for line in lines]
    for start in range(0, len(units), IN_FLIGHT):
        yield units[start : start + IN_FLIGHT]


def submit(program: Program, predicate: Predicate, forms: Forms, unit: Unit) -> Future[list[Report]]:
    """Hand one unit of work to the store. `forms` knows the kinds of document by name."""
    return program.store.write(
        lambda transaction: [_written(program, predicate, forms, transaction, line) for line in unit]
    )


def report(predicate: Predicate, reports: Sequence[Report]) -> Answer:
    """200 with one line for each record, in their order."""
    return Answer(200, release(predicate, b"".join(dump(line) + b"\n" for line in reports), ()))


def refused(unit: Unit, problem: Problem) -> list[Report]:
    """What is told of lines that were not written: `refused`, or `fault` when that is not theirs."""
    outcome = "fault" if problem.ours else "refused"
    issues = [
        {"code": i.code, "message": i.message} | ({"expression": i.expression} if i.expression else {})
        for i in problem.issues
    ]
    return [{"line": number, "outcome": outcome, "issues": issues} for number, _ in unit]


def _written(program: Program, predicate: Predicate, forms: Forms, transaction: Transaction, line: Line) -> Report:
    number, text = line
    try:
        return {"line": number} | _upserted(program, predicate, forms, transaction, text)
    except Problem as problem:
        problem.issues = tuple(
            replace(
                i,
                message=i.message.replace("(line 1, column ", f"(line {number}, column "),
                expression=f"line {number}: {i.expression}" if i.expression else f"line {number}",
            )
            for i in problem.issues
        )
        raise


def _upserted(program: Program, predicate: Predicate, forms: Forms, transaction: Transaction, text: bytes) -> Report:
    """Write one document under its id, else under its practice key, else as a new one."""
    document = parse(text, program.settings.depth_limit)
    if not isinstance(document, dict) or not isinstance(document.get("concept"), str):
        raise Problem(Kind.INVALID, "a line is one JSON object that names its concept", "concept", code="required")
    form = forms(document.pop("concept"))
    view = TransactionView(program, predicate, transaction)
    document = zoned(program.zone, form.fields, document)
    wanted = translated(program, transaction, form.references, document, predicate)
    if "id" not in wanted:
        wanted = {"id": _known_id(form, view, wanted)} | wanted
    loaded = form.load(view, wanted["id"])
    if loaded is None:
        check_new_id(wanted["id"])
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
