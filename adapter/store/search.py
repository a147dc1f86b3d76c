"""Searches of one type: pages at one time, counts, and sorts that no index serves.

https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapter.fhir.index import Index
from adapter.fhir.query import Cursor, Query
from adapter.problems import Kind, Problem
from adapter.released import Counted, Predicate
from adapter.store.composer import Composer, Order
from adapter.store.database import Database
from adapter.store.version import Page, Version


def search(
    connection: Database,
    index: Index,
    predicate: Predicate,
    query: Query,
    t: int,
    limit: int = 10_000,
) -> Page:
    """One page at logical time `t`, or at that of the query's cursor.

    Problem(TOO_COSTLY) for more than `limit` matches in an order that no index serves, or too many values.
    """
    composer = Composer(connection, index, predicate, query, t)
    order = _order(index, query)
    if order is None:
        return _sorted_page(composer, query, t, limit)
    found = composer.page(order, query.count + 1)
    versions, more = found[: query.count], len(found) > query.count
    following = Cursor(t, versions[-1].sort, versions[-1].vid) if more and versions else None
    return Page(versions, _total(composer, query, None if more else len(versions)), t, following)


def count(connection: Database, index: Index, predicate: Predicate, query: Query, t: int) -> int:
    """How many records match at `t`, of those the predicate permits."""
    return Composer(connection, index, predicate, query, t).count()


def counted(connection: Database, index: Index, predicate: Predicate, query: Query, t: int) -> list[Counted]:
    """How many of them are about each patient, by the ground on which they are permitted."""
    return Composer(connection, index, predicate, query, t).counted()


def _total(composer: Composer, query: Query, all_found: int | None) -> int | None:
    if all_found is not None and query.cursor is None:
        return all_found
    return composer.count() if query.total else None


def walks(index: Index, query: Query) -> bool:
    """Whether an index serves the order of a search, so that it reads the texts of no more than it shows."""
    return _order(index, query) is not None


def _order(index: Index, query: Query) -> Order | None:
    """The order that an index serves; None when the matches must be sorted."""
    natural = index.natural(query.type)
    if not query.sort:
        return Order(True, True)
    field, descending = query.sort[0]
    if len(query.sort) > 1 or field.code not in ("_lastUpdated", natural.code if natural else "_lastUpdated"):
        return None
    return Order(natural is None or field == natural, descending)


def _sorted_page(composer: Composer, query: Query, t: int, limit: int) -> Page:
    """All matches, sorted here; the cursor's row is found again because the matches at `t` are always the same."""
    found = composer.page(Order(False, False), limit + 1, whole=True)
    if len(found) > limit:
        message = f"more than {limit} matches cannot be sorted so; narrow the search or sort by date"
        raise Problem(Kind.TOO_COSTLY, message, "_sort")
    for sort in reversed(query.sort):
        found = _sorted(found, composer.sort_key(sort.field, sort.descending), sort.descending)
    start = 0
    if query.cursor is not None:
        start = next((place for place, version in enumerate(found, 1) if version.vid == query.cursor.vid), -1)
        if start < 0:
            message = "what this page link continues is no longer there; start the search again"
            raise Problem(Kind.GONE, message, "_page", code="processing")
    versions = found[start : start + query.count]
    more = start + query.count < len(found) and versions
    return Page(versions, len(found), t, Cursor(t, 0, versions[-1].vid) if more else None)


def _sorted(found: list[Version], key: Callable[[Version], Any], descending: bool) -> list[Version]:
    """Stable; what has no value comes last either way."""
    keyed = [(key(version), version) for version in found]
    valued = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=descending)
    return [version for _, version in valued] + [version for value, version in keyed if value is None]
