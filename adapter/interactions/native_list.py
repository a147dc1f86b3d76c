"""List the records of one concept, filtered and paged; each page continues the same moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from adapter.consent.gate import release
from adapter.fhir.json import dump
from adapter.fhir.parameters import PAGE, page_token
from adapter.fhir.query import Query
from adapter.interactions.answer import Answer
from adapter.interactions.native import mark, native_link
from adapter.interactions.native_record import RecordForm
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs, parsed
from adapter.problems import Kind, Problem
from adapter.released import Predicate

# The native names of what a list can be narrowed by, and the search parameters that may serve them, best first.
FILTERS: Mapping[str, tuple[str, ...]] = {
    "participant": ("patient", "subject"),
    "episode": ("episode", "episode-of-care"),
    "date": (),
}


def filters(program: Program, type: str) -> dict[str, str]:
    """The filters that work for a type, with the search parameter behind each; `date` is the type's own date."""
    served = program.store.index.parameters(type)
    found = {name: code for name, codes in FILTERS.items() for code in reversed(codes) if code in served}
    if type == "Patient":
        found["participant"] = "_id"
    natural = program.store.index.natural(type)
    if natural:
        found["date"] = natural.code
    return found


def list_records(program: Program, predicate: Predicate, form: RecordForm, pairs: Pairs) -> Answer:
    """200 with `records` and, while there is more, the address of the `next` page."""
    query = replace(list_query(program, form.concept.resource_type, pairs), concept=form.name)
    page = program.store.search(predicate, query)
    records = [loaded.document for version in page.versions if (loaded := form.read(version))]
    body: dict[str, object] = {"records": records}
    if page.next:
        token = page_token(query, page.next, program.secret)
        body["next"] = f"{native_link(program, form.name)}?page={quote(token)}"
    return Answer(200, release(predicate, dump(body)), mark(page.versions, more=page.next is not None))


def list_query(program: Program, type: str, pairs: Sequence[tuple[str, str]]) -> Query:
    """The query of a native list: its filters, `limit` and `page` in FHIR's words; anything else is refused (400)."""
    known = filters(program, type) | {"limit": "_count", "page": PAGE}
    unknown = [name for name, _ in pairs if name not in known]
    if unknown:
        raise Problem(
            Kind.INVALID,
            f"unknown parameter {unknown[0][:40]}; known are {', '.join(known)}",
            unknown[0][:40],
            code="not-supported",
        )
    return parsed(program, type, [(known[name], value) for name, value in pairs])
