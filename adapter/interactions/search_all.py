"""Search records of several types at once: https://hl7.org/fhir/R4/http.html#search, "all resource types".

Only parameters that all types have can be asked for, as R4 says (search.html, 2.1). The records come type by type, each
in the order of a search of that type, all as they were at the time of the first page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

from adapter.consent.gate import release
from adapter.consent.predicate import on_later_pages
from adapter.consent.security import high_water, shown
from adapter.fhir.bundle import searchset
from adapter.fhir.dates import milliseconds
from adapter.fhir.page_links import seal, unseal
from adapter.fhir.parameters import PAGE, parse_search
from adapter.fhir.query import Cursor, Query
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs, address, limits
from adapter.interactions.types import served, writable
from adapter.problems import Issue, Kind, Problem, named
from adapter.released import Predicate
from adapter.store.version import Version

COMMON = ("_id", "_lastUpdated", "_tag", "_profile", "_security", "_source")
_PURPOSE = "search of all"
_LAST = 2**62
"""After every sort key and version number there is: where the first page of a type begins."""
_QUESTIONS = 2
"""All types together may take as long as so many searches."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What is searched: types in the order of their names, conditions, and where the page begins."""

    types: tuple[str, ...]
    applied: tuple[tuple[str, str], ...]
    asked: datetime
    start: tuple[str, Cursor] | None = None

    @property
    def common(self) -> list[tuple[str, str]]:
        """The conditions, and the size of a page."""
        return [pair for pair in self.applied if pair[0] != "_type"]


def search_all(program: Program, predicate: Predicate, pairs: Pairs) -> Answer:
    """200 with a page of the records of all types, or of those in `_type`; 400 for what not every type has."""
    asked = _continued(program, predicate, pairs) if any(name == PAGE for name, _ in pairs) else _asked(program, pairs)
    queries = _queries(program, predicate, asked)
    count = next(iter(queries.values())).count
    applied = (*(pair for pair in asked.applied if pair[0] != "_count"), ("_count", str(count)))
    if not count:
        raise Problem(Kind.INVALID, "_count: records of several types are not counted together", "_count")
    t = program.store.t if asked.start is None else asked.start[1].t
    reader = on_later_pages(predicate) if asked.start else predicate
    found = _found(program, reader, queries, asked, t, count + 1)
    links = [("self", address(program, "", pairs if asked.start else applied))]
    if len(found) > count:
        last = found[count - 1]
        at = [asked.applied, milliseconds(asked.asked), last.type, t, last.sort, last.vid]
        token = seal(at, program.link_key(predicate), _PURPOSE)
        links.append(("next", program.page_link(program.base_url, [(PAGE, token)])))
    entries = [(program.link(version.type, version.id), shown(predicate, version)) for version in found[:count]]
    total = len(found) if asked.start is None and len(found) <= count else None
    security = high_water(predicate, program.settings.posture)
    return Answer(200, release(predicate, searchset(entries, links, total, security=security), found[:count]))


def _found(
    program: Program, predicate: Predicate, queries: Mapping[str, Query], asked: Whole, t: int, most: int
) -> list[Version]:
    """The first records from where the page begins; Problem(OVERTIME) when looking for them takes too long."""
    until = monotonic() + _QUESTIONS * program.settings.statement_seconds
    first, cursor = asked.start or ("", Cursor(t, _LAST, _LAST))
    found: list[Version] = []
    for type, query in queries.items():
        if type < first or len(found) == most:
            continue
        if monotonic() > until:
            raise Problem(Kind.OVERTIME, "this takes longer than the server may give it; name the types in _type")
        start = cursor if type == first else Cursor(t, _LAST, _LAST)
        page = program.store.search(predicate, replace(query, cursor=start, count=most - len(found)))
        found += page.versions
    return found


def _asked(program: Program, pairs: Pairs) -> Whole:
    known = sorted(type for type in served(program) if writable(type))
    said, known_to_all = [name for name, _ in pairs], ", ".join(COMMON)
    issues = [
        Issue("not-supported", f"{named(name)}: not a parameter of all types; known are {known_to_all}", named(name))
        for name in said
        if name not in ("_type", "_count") and name.partition(":")[0] not in COMMON
    ]
    issues += [
        Issue("invalid", f"{name} may be said once", name) for name in ("_type", "_count") if said.count(name) > 1
    ]
    wanted = [type for name, value in pairs if name == "_type" for type in value.split(",")]
    unknown = [type for type in wanted if type not in known]
    issues += [Issue("value", "_type: names what is no type that is searched here", "_type") for _ in unknown[:1]]
    if issues:
        raise Problem(Kind.INVALID, issues[0].message, issues[0].expression, issues=issues)
    return Whole(tuple(sorted(set(wanted))) or tuple(known), tuple(pairs), program.clock())


def _continued(program: Program, predicate: Predicate, pairs: Pairs) -> Whole:
    if len(pairs) > 1:
        raise Problem(Kind.INVALID, "a page link is followed as it is; nothing can be added to it", PAGE)
    applied, asked, type, *at = unseal(pairs[0][1], program.link_key(predicate), _PURPOSE)
    first = _asked(program, [(name, value) for name, value in applied])
    return replace(first, asked=datetime.fromtimestamp(asked / 1000, UTC), start=(type, Cursor(*at)))


def _queries(program: Program, predicate: Predicate, asked: Whole) -> Mapping[str, Query]:
    """The search of each type, all asked at the same time."""
    bounds, index = replace(limits(program, predicate), now=asked.asked), program.store.index
    return {type: parse_search(type, asked.common, index, bounds) for type in asked.types}
