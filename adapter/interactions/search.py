"""Search one type: https://hl7.org/fhir/R4/http.html#search"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from adapter.consent.gate import release
from adapter.consent.predicate import on_later_pages
from adapter.consent.security import high_water, texts
from adapter.fhir import tokens
from adapter.fhir.bundle import Found, searchset
from adapter.fhir.index import Index
from adapter.fhir.json import dump
from adapter.fhir.limits import Limits
from adapter.fhir.outcome import operation_outcome
from adapter.fhir.parameters import PAGE, Within, page_token, parse_search
from adapter.fhir.query import All, Chained, Either, Ids, Match, PointedTo, Query, Term, Tokens
from adapter.fhir.subset import WHOLE
from adapter.interactions.answer import Answer
from adapter.interactions.part import cut
from adapter.interactions.program import Program
from adapter.problems import Issue, Kind, Problem, named
from adapter.released import Predicate
from adapter.store.search import walks
from adapter.store.version import Version

Pairs = Sequence[tuple[str, str]]


SMALL, SHORT = 100, 1_000
"""Records on a page of which an answer is soon made, and characters of a search that is soon understood."""


class Wanted(NamedTuple):
    """What a search asks for, as it came and as it is understood; `within` is the compartment it is asked of. It is
    `small` where it takes little beside what a statement or two take: few records, each as it is kept, by what is
    indexed of them."""

    pairs: Pairs
    query: Query
    within: Within | None
    small: bool


def wanted(
    program: Program,
    predicate: Predicate,
    type: str,
    pairs: Pairs,
    check: Callable[[Query], None],
    *,
    lenient: bool = False,
    patient: str | None = None,
) -> Wanted:
    """What `search` is to answer. Unknown parameters are refused (400), or, in a `lenient` search, left out.

    `check` says whether the reader may search so. `patient`: only what is in the compartment of the patient with this
    id.
    """
    index = program.store.index.of(predicate.rendering)
    within = _compartment(index, type, patient) if patient else None
    query = _dated(predicate, parsed(program, predicate, type, pairs, lenient=lenient, within=within))
    check(query)
    if query.cursor is not None and query.concept is not None:
        raise Problem(Kind.INVALID, "this page link belongs to a native list; follow it as it is", "_page")
    return Wanted(pairs, query, within, _is_small(index, query))


def _is_small(index: Index, query: Query) -> bool:
    few = query.count <= SMALL and query.part.is_all and not query.includes
    return few and walks(index, query) and not any(map(_leads, query.terms))


def _leads(term: Term) -> bool:
    """Whether it is of records that are led to, whose texts are read."""
    if isinstance(term, Either | All):
        return any(map(_leads, term.terms))
    return isinstance(term, Chained | PointedTo)


def is_short(pairs: Pairs) -> bool:
    """Whether a search is soon understood."""
    return sum(len(name) + len(value) for name, value in pairs) <= SHORT


def search(program: Program, predicate: Predicate, asked: Wanted) -> Answer:
    """200 with a searchset: one page at one logical time, a `next` link while there is more.

    The self link says what was really applied; what a lenient search left out is named in an OperationOutcome.
    """
    query, within = asked.query, asked.within
    path = f"{within.place}/{query.type}" if within else query.type
    links = [("self", address(program, path, asked.pairs if query.cursor else query.applied))]
    outcome, security = _passed_over(query), high_water(predicate, program.settings.posture)
    if query.summary_count:
        t = program.store.t
        total, counted = program.store.count(predicate, query, t), program.store.counted(predicate, query, t)
        body = searchset((), links, total, outcome=outcome, security=security)
        return Answer(200, release(predicate, body, (), counted))
    reader = on_later_pages(predicate, query.asked) if query.cursor else predicate
    page = program.store.search(reader, query)
    if page.next:
        token = page_token(query, page.next, program.link_key(predicate), within)
        links.append(("next", program.page_link(f"{program.base_url}/{path}", [(PAGE, token)])))
    matches, included = (_entries(program, predicate, query, versions) for versions in (page.versions, page.included))
    body = searchset(matches, links, page.total, included, outcome, security)
    more = (page.total or 0) > len(page.versions)  # the total tells of others than those that are shown
    counted = program.store.counted(reader, query, page.t) if more else []
    return Answer(200, release(predicate, body, (*page.versions, *page.included), counted))


def _dated(predicate: Predicate, query: Query) -> Query:
    """The query, whose later pages know when it was first asked, where what is seen of a record hangs on that."""
    if query.asked is not None or not predicate.beside:
        return query
    return replace(query, asked=datetime.fromtimestamp(int(predicate.parameters["c_now"]) / 1000, UTC))


def _compartment(index: Index, type: str, patient: str) -> Within:
    """What is in a patient's compartment; 404 for a type that never is.

    https://hl7.org/fhir/R4/compartmentdefinition-patient.html
    """
    value = Match(tokens.target(f"Patient/{patient}"))
    members: list[Term] = [Tokens(field, (value,)) for field in index.compartment(type)]
    if type == "Patient":
        members.append(Ids((patient,)))
    if not members:
        raise Problem(Kind.NOT_SUPPORTED, f"no {type} is ever in the compartment of a patient")
    return Within(f"Patient/{patient}", Either(tuple(members)))


def _entries(program: Program, predicate: Predicate, query: Query, versions: Sequence[Version]) -> Found:
    """`_elements` names elements of what is searched for; what goes along is not cut by them."""
    part, other = query.part, query.part if not query.part.elements else WHOLE
    for version, text in zip(versions, texts(predicate, versions), strict=True):
        seen = text if part.is_all else cut(program, text, part if version.type == query.type else other)
        yield program.link(version.type, version.id), seen


def _passed_over(query: Query) -> bytes | None:
    """The OperationOutcome that names what a lenient search left out."""
    issues = [
        Issue("not-supported", f"{named(name)} was left out: {why}", named(name), severity="warning")
        for name, why in query.passed_over
    ]
    return dump(operation_outcome(issues)) if issues else None


def parsed(
    program: Program,
    predicate: Predicate,
    type: str,
    pairs: Pairs,
    *,
    lenient: bool = False,
    within: Within | None = None,
) -> Query:
    """The query, within the program's limits."""
    index = program.store.index.of(predicate.rendering)
    return parse_search(type, pairs, index, limits(program, predicate, lenient=lenient), within)


def limits(program: Program, predicate: Predicate, *, lenient: bool = False) -> Limits:
    """What bounds a search or a history of one reader here."""
    settings = program.settings
    return Limits(
        program.base_url,
        settings.page_size,
        settings.page_limit,
        program.link_key(predicate),
        program.clock(),
        settings.or_limit,
        settings.and_limit,
        lenient,
    )


def address(program: Program, path: str, applied: Pairs) -> str:
    """The address of a list; characters that FHIR gives meaning to stay readable, where RFC 3986 lets them."""
    query = "&".join(f"{quote(name, safe=':')}={quote(value, safe=':,/$')}" for name, value in applied)
    return "/".join(filter(None, (program.base_url, path))) + (f"?{query}" if query else "")
