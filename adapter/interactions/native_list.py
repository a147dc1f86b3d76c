"""List the records of one concept, filtered and paged; each page continues the same moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapter.consent.gate import release
from adapter.consent.predicate import on_later_pages
from adapter.fhir.json import dump
from adapter.fhir.parameters import PAGE, page_token
from adapter.fhir.query import Query
from adapter.interactions.answer import Answer
from adapter.interactions.native import mark, native_link
from adapter.interactions.native_record import RecordForm
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs, parsed
from adapter.problems import Issue, Kind, Problem, named
from adapter.released import Predicate

# The native names of what a list can be narrowed by, and the search parameters that may serve them, best first.
FILTERS: Mapping[str, tuple[str, ...]] = {
    "participant": ("patient", "subject"),
    "episode": ("episode", "episode-of-care"),
    "date": (),
}

# Which of the resource types that a concept reads a list is of; the one it writes when left out.
READ_FROM = "read_from"


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
    """200 with `records` and, while there is more, the address of the `next` page.

    A list is of one resource type; where the concept reads others too, `also` has the addresses of their lists.
    """
    type, pairs = _listed_type(form, pairs)
    query = replace(list_query(program, predicate, type, pairs), concept=form.name)
    page = program.store.search(on_later_pages(predicate) if query.cursor else predicate, query)
    records = [loaded.document for version in page.versions if (loaded := form.read(version))]
    body: dict[str, object] = {"records": records}
    address = native_link(program, form.name)
    if page.next:
        of_type = [] if type == form.concept.resource_type else [(READ_FROM, type)]
        token = page_token(query, page.next, program.link_key(predicate))
        body["next"] = program.page_link(address, [*of_type, ("page", token)])
    if others := [other for other in form.concept.resource_types if other != type]:
        body["also"] = [f"{address}?{READ_FROM}={other}" for other in others]
    return Answer(200, release(predicate, dump(body), page.versions), mark(page.versions, more=page.next is not None))


def _listed_type(form: RecordForm, pairs: Pairs) -> tuple[str, Pairs]:
    """The resource type that a list is of, and what else is asked of it; 400 for a type the concept does not read."""
    asked = [value for name, value in pairs if name == READ_FROM]
    known = form.concept.resource_types
    if not asked or len(known) == 1:
        return known[0], pairs  # where there is one type, the name is unknown like any other
    if asked[0] not in known:
        raise Problem(Kind.INVALID, f"{READ_FROM} is one of {', '.join(known)}", READ_FROM, code="value")
    return asked[0], [pair for pair in pairs if pair[0] != READ_FROM]


def list_query(program: Program, predicate: Predicate, type: str, pairs: Sequence[tuple[str, str]]) -> Query:
    """The query of a native list: its filters, `limit` and `page` in FHIR's words; anything else is refused (400)."""
    known = filters(program, type) | {"limit": "_count", "page": PAGE}
    unknown = [name for name, _ in pairs if name not in known]
    if unknown:
        raise Problem(
            Kind.INVALID,
            f"unknown parameter {named(unknown[0])}; known are {', '.join(known)}",
            named(unknown[0]),
            code="not-supported",
        )
    try:
        return parsed(program, predicate, type, [(known[name], value) for name, value in pairs])
    except Problem as problem:
        said = {code: name for name, code in known.items()}
        problem.issues = tuple(_in_words_of(said, issue) for issue in problem.issues)
        raise


def _in_words_of(said: Mapping[str, str], issue: Issue) -> Issue:
    """What is wrong with a search parameter, told of the native one that it came from."""
    code = issue.expression or ""
    why = issue.message.removeprefix(f"{code}: ")
    return replace(issue, message=f"{said[code]}: {why}", expression=said[code]) if code in said else issue
