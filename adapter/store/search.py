"""Composes the SQL of searches; the only place where SQL is put together.

A search walks one index in the order asked for (its driver) and probes the others for each row, so "code = X, newest
first, 50" reads fifty rows. Every statement that leads to a record is narrowed by the predicate before LIMIT.
https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson

from adapter.fhir.index import Index, Rows
from adapter.fhir.query import Cursor, Dates, Ids, Match, Missing, Query, Range, Term, Tokens
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.comparisons import BELOW, CONDITIONS, LEAST
from adapter.store.statements import statement
from adapter.store.version import Page, Version

COLUMNS = (
    "v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body"
)

_LAST = "\U0010ffff"
_VALUES = 200
"""Most different values that one alternative of a search is resolved to (`code=7` in any system); with more, the rows
of the parameter are scanned."""
_NAMED = 2_000
"""Most values that a search names in all; the terms beyond them are answered by scans too."""
_LONGEST = 200_000
"""Longest statement, in characters: preparing one of a megabyte takes as long as answering a thousand others."""
_ARMS = 24
"""Most indexed values that are merged in order; with more, the whole type is walked and probed."""
_RANK = {"code": 2, "status": 4, "gender": 5}
"""How little a parameter narrows; identifiers (0) and references (1) most, other tokens (3) between."""


class Driver(NamedTuple):
    """What a search walks: SQL from FROM to the first conditions, once for each value that is merged, and the names of
    the sort key and version number in it. `term` is the term it answers."""

    arms: list[str]
    sort: str
    vid: str
    term: Term | None


class Order(NamedTuple):
    """The order of a page: by the natural date (`by_date`) or by when it was written."""

    by_date: bool
    descending: bool


def search(
    connection: sqlite3.Connection,
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


def count(connection: sqlite3.Connection, index: Index, predicate: Predicate, query: Query, t: int) -> int:
    """How many records match at `t`, of those the predicate permits."""
    return Composer(connection, index, predicate, query, t).count()


def _total(composer: Composer, query: Query, all_found: int | None) -> int | None:
    if all_found is not None and query.cursor is None:
        return all_found
    return composer.count() if query.total else None


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
        found = _sorted(found, composer.sort_key(sort.field.code, sort.field.number, sort.descending), sort.descending)
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


class Composer:
    """The SQL of one search and its named parameters (`p0`, `p1`, ...)."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        index: Index,
        predicate: Predicate,
        query: Query,
        t: int,
    ) -> None:
        self._connection = connection
        self._index = index
        self._predicate = predicate
        self._query = query
        self._natural = index.natural(query.type)
        self._values: dict[str, Any] = {**predicate.parameters, "t": t, "type": query.type}
        self._tokens: dict[Tokens, list[str] | None] = {}
        self._read: dict[int, Rows] = {}
        self._impossible = False
        self._expand()

    def page(self, order: Order, limit: int, *, whole: bool = False) -> list[Version]:
        """The first versions in this order after the query's cursor (`whole`: from the beginning)."""
        if self._impossible:
            return []
        driver = self._driver(order)
        keys = f"{driver.sort}, {driver.vid}" if order.by_date else driver.vid
        conditions = self._conditions(driver)
        if self._query.cursor is not None and not whole:
            conditions.append(self._after(keys, order, self._query.cursor))
        self._values["limit"] = limit
        return self._run(driver, conditions, order)

    def count(self) -> int:
        """How many versions match."""
        if self._impossible:
            return 0
        driver = self._driver(Order(True, True))
        tail = " AND ".join(self._conditions(driver))
        if len(driver.arms) == 1:
            sql = f"SELECT count(*) {driver.arms[0]} AND {tail}"
        else:
            arms = " UNION ".join(f"SELECT {driver.vid} {arm} AND {tail}" for arm in driver.arms)
            sql = f"SELECT count(*) FROM ({arms})"
        number: int = self._ask(sql).fetchone()[0]
        return number

    def sort_key(self, code: str, number: int, descending: bool) -> Callable[[Version], Any]:
        """What a version is sorted by under a parameter: the least of its values, or the greatest when descending."""
        if number < 0:
            return (lambda version: version.id) if code == "_id" else (lambda version: version.updated_ms)
        pick = max if descending else min

        def key(version: Version) -> Any:
            rows = self._rows_of(version)
            tokens = [value for found, value in rows.tokens if found == number]
            dates = [high if descending else low for found, low, high in rows.dates if found == number]
            return pick(tokens or dates, default=None)

        return key

    def _rows_of(self, version: Version) -> Rows:
        """The index rows of a version, found once for all the keys it is sorted by."""
        rows = self._read.get(version.vid)
        if rows is None:
            rows = self._read[version.vid] = self._index.rows(version.type, orjson.loads(version.body))
        return rows

    def _ask(self, sql: str) -> sqlite3.Cursor:
        if len(sql) > _LONGEST:
            raise Problem(Kind.TOO_COSTLY, "this search has too many alternatives in all; ask for less at a time")
        return self._connection.execute(sql, self._values)

    def _run(self, driver: Driver, conditions: list[str], order: Order) -> list[Version]:
        way = "DESC" if order.descending else "ASC"
        tail = " AND ".join(conditions)
        if len(driver.arms) == 1:
            keys = f"{driver.sort} {way}, {driver.vid} {way}" if order.by_date else f"{driver.vid} {way}"
            sql = f"SELECT {COLUMNS} {driver.arms[0]} AND {tail} ORDER BY {keys} LIMIT :limit"
            return [Version(*row) for row in self._ask(sql)]
        # SQLite merges the arms of a UNION that are each in order already, and drops what two of them have.
        arms = " UNION ".join(
            f"SELECT {driver.sort} AS sort, {driver.vid} AS vid {arm} AND {tail}" for arm in driver.arms
        )
        keys = f"1 {way}, 2 {way}" if order.by_date else f"2 {way}"
        sql = f"SELECT {COLUMNS} FROM ({arms} ORDER BY {keys} LIMIT :limit) p CROSS JOIN version v ON v.vid = p.vid"
        found = [Version(*row) for row in self._ask(sql)]
        found.sort(key=lambda version: (version.sort if order.by_date else 0, version.vid), reverse=order.descending)
        return found

    def _after(self, keys: str, order: Order, cursor: Cursor) -> str:
        than = "<" if order.descending else ">"
        if not order.by_date:
            return f"{keys} {than} {self._bind(cursor.vid)}"
        return f"({keys}) {than} ({self._bind(cursor.sort)}, {self._bind(cursor.vid)})"

    def _bind(self, value: int | str) -> str:
        name = f"p{len(self._values)}"
        self._values[name] = value
        return f":{name}"

    def _expand(self) -> None:
        """Find the exact index values that each token term stands for; None where there are too many to name."""
        named = 0
        for term in self._query.terms:
            if isinstance(term, Tokens):
                lists = [self._expanded(term.field.number, match) for match in term.matches]
                known = [values for values in lists if values is not None]
                exact = list(dict.fromkeys(value for values in known for value in values))
                named += len(exact)
                self._tokens[term] = exact if len(known) == len(lists) and named <= _NAMED else None
                self._impossible = self._impossible or not (exact or term.negated or len(known) < len(lists))

    def _expanded(self, number: int, match: Match) -> Sequence[str] | None:
        if match.exact is not None:
            return (match.exact,)
        values = self._distinct(number, match.begins, _VALUES + 1)
        return None if len(values) > _VALUES else [value for value in values if match.fits(value)]

    def _distinct(self, number: int, begins: str, limit: int) -> list[str]:
        values = {"parameter": number, "low": begins, "high": begins + _LAST, "limit": limit}
        return [value for (value,) in self._connection.execute(statement("values"), values)]

    def _driver(self, order: Order) -> Driver:
        """The cheapest thing to walk in this order, told by what kind of parameter it is."""
        terms = self._query.terms
        ids = next((term for term in terms if isinstance(term, Ids)), None)
        if ids is not None:
            bound = ", ".join(self._bind(id) for id in ids.ids)
            return self._records(f"v.id IN ({bound})", "", ids)
        ranked = [
            (_rank(term), len(values), term)
            for term, values in self._tokens.items()
            if values is not None and not term.negated and len(values) <= _ARMS
        ]
        best = min(ranked, key=lambda ranks: ranks[:2], default=None)
        if not order.by_date and (best is None or best[0] > 1):
            return self._records("TRUE", "INDEXED BY version_type", None)
        if best is not None:
            return self._walk(best[2].field.number, self._tokens[best[2]] or (), best[2])
        return self._dated() or self._everything()

    def _records(self, condition: str, hint: str, term: Term | None) -> Driver:
        live = "v.deleted = 0 AND v.t <= :t AND (v.until_t IS NULL OR v.until_t > :t)"
        arm = f"FROM version v {hint} WHERE v.type = :type AND {condition} AND {live}"
        return Driver([arm], "v.sort", "v.vid", term)

    def _walk(self, number: int, values: Sequence[str], term: Term | None) -> Driver:
        walk = f"{_FROM.format('token')} AND x.parameter = {self._bind(number)}"
        return Driver([f"{walk} AND x.value = {self._bind(value)}" for value in values], "x.sort", "x.vid", term)

    def _everything(self) -> Driver:
        number = self._index.whole(self._query.type)
        concept = self._query.concept
        values = self._distinct(number, "", _VALUES) if concept is None else [concept]
        return self._walk(number, values or [""], None)

    def _dated(self) -> Driver | None:
        """A date that no record has twice, the natural one first."""
        dates = [
            term
            for term in self._query.terms
            if isinstance(term, Dates) and term.field.number >= 0 and not term.field.repeats
        ]
        term = min(dates, key=lambda term: term.field != self._natural, default=None)
        if term is None:
            return None
        walk = f"{_FROM.format('moment')} AND x.parameter = {self._bind(term.field.number)}"
        fits = self._ranges(term, "x.low", "x.high") + self._narrowing(term, "x.sort")
        return Driver([f"{walk} AND {fits}"], "x.sort", "x.vid", term)

    def _conditions(self, driver: Driver) -> list[str]:
        """Everything that the driver does not see to."""
        conditions = [f"({self._predicate.sql})"]
        for term in self._query.terms:
            if term is not driver.term:
                conditions += self._condition(term, driver)
        concept = self._query.concept
        if concept is not None:
            conditions.append(f"v.concept = {self._bind(concept)}")
        return conditions

    def _condition(self, term: Term, driver: Driver) -> list[str]:
        if isinstance(term, Ids):
            return [f"v.id IN ({', '.join(self._bind(id) for id in term.ids)})"]
        if isinstance(term, Missing):
            return [f"v.present & {self._bind(1 << term.field.bit)} {'=' if term.missing else '<>'} 0"]
        if isinstance(term, Tokens):
            return self._probe(term, driver)
        if term.field.number < 0:
            return [self._ranges(term, "v.updated", "v.updated + 1")]
        probe = f"{self._at('moment', term.field.number, driver)} AND {self._ranges(term, 'y.low', 'y.high')})"
        return [probe + self._narrowing(term, driver.sort)]

    def _probe(self, term: Tokens, driver: Driver) -> list[str]:
        values = self._tokens[term]
        if values is None:
            found = f"{driver.vid} IN ({self._scan(term)})"
        elif values:
            bound = ", ".join(self._bind(value) for value in values)
            found = f"{self._at('token', term.field.number, driver)} AND y.value IN ({bound}))"
        else:
            return []
        return [f"NOT {found}" if term.negated else found]

    def _scan(self, term: Tokens) -> str:
        """The versions that have one of the tokens, found by reading the parameter's rows once."""
        fits = " OR ".join(self._fits(match) for match in term.matches)
        return f"SELECT y.vid FROM token y WHERE y.parameter = {self._bind(term.field.number)} AND ({fits})"

    def _fits(self, match: Match) -> str:
        if match.exact is not None:
            return f"y.value = {self._bind(match.exact)}"
        if match.begins:
            return f"(y.value >= {self._bind(match.begins)} AND y.value < {self._bind(match.begins + _LAST)})"
        return f"substr(y.value, {self._bind(-len(match.ends))}) = {self._bind(match.ends)}"

    def _at(self, table: str, number: int, driver: Driver) -> str:
        """The rows of the same version under a parameter; the parenthesis stays open."""
        return (
            f"EXISTS (SELECT 1 FROM {table} y WHERE y.parameter = {self._bind(number)}"
            f" AND y.sort = {driver.sort} AND y.vid = {driver.vid}"
        )

    def _ranges(self, term: Dates, low: str, high: str) -> str:
        return "(" + " OR ".join(self._range(asked, low, high) for asked in term.ranges) + ")"

    def _range(self, asked: Range, low: str, high: str) -> str:
        a, b = self._bind(asked.low), self._bind(asked.high)
        return CONDITIONS[asked.prefix].format(low=low, high=high, a=a, b=b)

    def _narrowing(self, term: Dates, sort: str) -> str:
        """Bounds on the sort key where it is the low end of the very date asked for."""
        if term.field != self._natural or len(term.ranges) > 1:
            return ""
        asked = term.ranges[0]
        bounds = {"a": asked.low, "b": asked.high}
        least, below = LEAST.get(asked.prefix), BELOW.get(asked.prefix)
        return (f" AND {sort} >= {self._bind(bounds[least])}" if least else "") + (
            f" AND {sort} < {self._bind(bounds[below])}" if below else ""
        )


_FROM = "FROM {} x CROSS JOIN version v ON v.vid = x.vid WHERE x.from_t <= :t AND (x.until_t IS NULL OR x.until_t > :t)"


def _rank(term: Tokens) -> int:
    if term.field.code == "identifier":
        return 0
    return 1 if term.field.kind == "reference" else _RANK.get(term.field.code, 3)
