"""What of the records of a type an export has: those that match its filters, and of them the elements that are named.

`_typeFilter` and `_elements`: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from adapter.consent.predicate import on_later_pages
from adapter.fhir.parameters import parse_search
from adapter.fhir.query import All, Either, Query
from adapter.fhir.subset import Part
from adapter.interactions.program import Program
from adapter.interactions.search import limits
from adapter.problems import Issue, Kind, Problem, named
from adapter.released import Predicate
from adapter.store.exports import Chosen

Pairs = list[tuple[str, str]]
Filters = Mapping[str, Sequence[Pairs]]
"""The searches of each type, of which a record must match one."""
FILTER, ELEMENTS = "_typeFilter", "_elements"
_BETWEEN = re.compile(r",(?=[A-Z][A-Za-z]*\?)")
"""A comma between searches; those within one are of its values."""


def filters_asked(
    program: Program,
    predicate: Predicate,
    said: Iterable[str],
    types: Sequence[str],
    check: Callable[[Query], None],
) -> dict[str, list[Pairs]]:
    """The searches of `_typeFilter`, which are of these types.

    Problem(INVALID) for what is no search, or orders, counts or adds to what it finds; whatever searches of this reader
    are refused for is refused here, by `check` too.
    """
    found: dict[str, list[Pairs]] = {}
    for text in (one for part in said for one in _BETWEEN.split(part)):
        type, _, query = text.partition("?")
        if type not in types:
            raise Problem(Kind.INVALID, f"a filter is of a type that no file has: {named(type)}", FILTER, code="value")
        try:
            pairs = parse_qsl(query or "=", keep_blank_values=True, strict_parsing=True, errors="strict")
        except ValueError:
            raise Problem(Kind.INVALID, f"{FILTER} is TYPE?PARAMETER=VALUE", FILTER, code="value") from None
        check(_search(program, predicate, type, pairs, program.clock()))
        found.setdefault(type, []).append(pairs)
    if sum(map(len, found.values())) > program.settings.or_limit:
        raise Problem(Kind.TOO_COSTLY, f"more than {program.settings.or_limit} filters are not served", FILTER)
    return found


def _search(program: Program, predicate: Predicate, type: str, pairs: Pairs, now: datetime) -> Query:
    index, within = program.store.index.of(predicate.rendering), replace(limits(program, predicate), now=now)
    try:
        query = parse_search(type, pairs, index, within)
    except Problem as problem:
        issues = [replace(issue, expression=FILTER) for issue in problem.issues]
        raise Problem(problem.kind, problem.message, FILTER, issues=issues) from None
    if query.cursor or query.includes or len(query.terms) < len(pairs):
        why = "a filter says which records there are: no _sort, _count, _include and the like"
        raise Problem(Kind.INVALID, why, FILTER, code="not-supported")
    return query


def chosen(program: Program, predicate: Predicate, filters: Filters, type: str, asked: datetime) -> Chosen | None:
    """The records of a type that match one of its filters; None where it has none, and all are meant."""
    if type not in filters:
        return None
    searches = [_search(program, predicate, type, [(n, v) for n, v in pairs], asked) for pairs in filters[type]]
    one_of = Either(tuple(All(search.terms) for search in searches))
    return Chosen(Query(type, (one_of,), asked=asked), on_later_pages(predicate))


def elements_asked(program: Program, said: Iterable[str], types: Sequence[str]) -> list[str]:
    """The elements of `_elements`, `TYPE.NAME` or `NAME`. Problem(INVALID) for what none of these types has."""
    known = {type: program.store.index.elements(type) for type in types}
    found = [name for part in said for name in part.split(",")]
    issues = []
    for name in found:
        type, dot, element = name.rpartition(".")
        if dot and type not in known:
            issues.append(Issue("value", f"{ELEMENTS} is of a type that no file has: {named(type)}", ELEMENTS))
        elif not any(element in elements for of, elements in known.items() if not dot or of == type):
            issues.append(Issue("value", f"{ELEMENTS} names what is no element: {named(name)}", ELEMENTS))
    if issues:
        raise Problem(Kind.INVALID, issues[0].message, ELEMENTS, issues=issues)
    return sorted(set(found))


def part_of(elements: Sequence[str], type: str) -> Part:
    """What of a resource of a type is in its file."""
    each: list[tuple[str, str]] = [(of, name) for of, _, name in (said.rpartition(".") for said in elements)]
    return Part(elements=tuple(name for of, name in each if of in ("", type)))


def heard(said: Mapping[str, Any]) -> tuple[Filters, Sequence[str]]:
    """The filters and the elements that an export was asked for with; one from before they were known has none."""
    return said.get("filters", {}), said.get("elements", ())
