"""Search one type: https://hl7.org/fhir/R4/http.html#search"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from adapter.consent.gate import release
from adapter.fhir.bundle import searchset
from adapter.fhir.parameters import Limits, page_token, parse_search
from adapter.fhir.query import Query
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.splice import splice

Pairs = Sequence[tuple[str, str]]


def search(program: Program, predicate: Predicate, type: str, pairs: Pairs) -> Answer:
    """200 with a searchset: one page at one logical time, a `next` link while there is more.

    The self link says what was really applied; unknown parameters are refused (400).
    """
    query = parsed(program, type, pairs)
    if query.cursor is not None and query.concept is not None:
        raise Problem(Kind.INVALID, "this page link belongs to a native list; follow it as it is", "_page")
    links = [("self", address(program, type, pairs if query.cursor else query.applied))]
    if query.summary_count:
        return Answer(200, release(predicate, searchset((), links, program.store.count(predicate, query))))
    page = program.store.search(predicate, query)
    if page.next:
        token = page_token(query, page.next, program.secret)
        links.append(("next", f"{program.base_url}/{type}?_page={quote(token)}"))
    entries = ((program.link(version.type, version.id), splice(version)) for version in page.versions)
    return Answer(200, release(predicate, searchset(entries, links, page.total)))


def parsed(program: Program, type: str, pairs: Pairs) -> Query:
    """The query, within the program's limits."""
    return parse_search(type, pairs, program.store.index, limits(program))


def limits(program: Program) -> Limits:
    """What bounds a search or a history here."""
    settings = program.settings
    return Limits(
        program.base_url,
        settings.page_size,
        settings.page_limit,
        program.secret,
        program.clock(),
        settings.or_limit,
        settings.and_limit,
    )


def address(program: Program, path: str, applied: Pairs) -> str:
    """The address of a list; characters that FHIR gives meaning to stay readable, where RFC 3986 lets them."""
    query = "&".join(f"{quote(name, safe=':')}={quote(value, safe=':,/$')}" for name, value in applied)
    return f"{program.base_url}/{path}" + (f"?{query}" if query else "")
