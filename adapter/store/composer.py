"""Composes the SQL of one search; with `terms`, the only place where SQL is put together.

A search walks one index in the order asked for (its driver) and probes the others for each row, so "code = X, newest
first, 50" reads fifty rows. Every statement that leads to a record is narrowed by the predicate before LIMIT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from adapter.fhir.index import Index, Rows
from adapter.fhir.query import All, Chained, Cursor, Dates, Either, Field, Query, Term, Tokens
from adapter.problems import Kind, Problem
from adapter.released import Counted, Predicate
from adapter.store.database import Database, Found
from adapter.store.history import first_since
from adapter.store.statements import statement
from adapter.store.terms import HERE, LIVE, VALUES, Place, Terms
from adapter.store.version import Version

COLUMNS = (
    "v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut, v.body,"
    " v.own"
)

_LONGEST = 200_000
"""Longest statement, in characters: preparing one of a megabyte takes as long as answering a thousand others."""
_ARMS = 24
"""Most indexed values that are merged in order; with more, the whole type is walked and probed."""
_FEW = 10_000
"""Most versions of a time that are looked at one by one, and sorted."""
_LAST = 1 << 62
"""Beyond every version's number."""
_RANK = {"code": 2, "status": 4, "gender": 5}
"""How little a parameter narrows; identifiers (0) and references (1) most, other tokens (3) between."""
_KINDS = {"reference": 1, "string": 1, "uri": 2}
_FROM = "FROM {} x CROSS JOIN version v ON v.vid = x.vid WHERE x.from_t <= :t AND (x.until_t IS NULL OR x.until_t > :t)"

_WHOM = (
    " FROM ({matches}) p CROSS JOIN version v ON v.vid = p.vid,"
    """ json_each('["' || replace(v.patients, ' ', '","') || '"]') s WHERE v.patients <> ''"""
)

Arm = tuple[int, str]
"""One value under one parameter's number."""


class Order(NamedTuple):
    """The order of a page: by the natural date (`by_date`) or by when it was written."""

    by_date: bool
    descending: bool


class Driver(NamedTuple):
    """What a search walks: SQL from FROM to the first conditions, once for each value that is merged, and the place of
    a version in it. `term` is the term it answers. `lead` is the column of the same value that the index walked begins
    with, where it is in the order of writing and must be named ("" where not); None where the index is not."""

    arms: list[str]
    at: Place
    term: Term | None
    lead: str | None = None

    def keys(self, order: Order) -> list[str]:
        """The columns that the page is in the order of."""
        if order.by_date:
            return [self.at.sort, self.at.vid]
        # A sign, so that no index is walked for the sake of the order alone: what is found is few, and is sorted.
        return [f"+{self.at.vid}"] if self.lead is None else [self.lead, self.at.vid] if self.lead else [self.at.vid]


class Way(NamedTuple):
    """How a term can be walked: how little it narrows, the values, and the term if these are all that it asks for."""

    rank: int
    arms: list[Arm]
    term: Term | None


class Composer:
    """One search on one connection, at one time, for one reader."""

    def __init__(self, connection: Database, index: Index, predicate: Predicate, query: Query, t: int) -> None:
        self._connection = connection
        self._index = index
        self._predicate = predicate
        self._query = query
        self._t = t
        self._natural = index.natural(query.type)
        self._values: dict[str, Any] = {**predicate.parameters, "t": t, "c_t": t, "type": query.type}
        self._terms = Terms(connection, index, predicate, self._values, self._found)
        self._read: dict[int, Rows] = {}
        for term in query.terms:
            self._terms.resolve(term, query.type)
        self._impossible = any(self._terms.impossible(term) for term in query.terms)
        self._written_in: list[str] = []
        self._recent: str | None = None
        self._bound_writing()

    def _bound_writing(self) -> None:
        """What `_lastUpdated` says of the numbers of versions, which grow with it; few are looked at one by one."""
        times = [term for term in self._query.terms if isinstance(term, Dates) and term.field.code == "_lastUpdated"]
        if not times or self._impossible:
            return
        newest, *_ = self._connection.execute(statement("newest")).fetchone()
        first, before = 0, newest + 1
        for term in times:
            low, high = self._terms.span(term)
            if low is not None:
                first = max(first, first_since(self._connection, low, newest)[0])
            if high is not None:
                before = min(before, first_since(self._connection, high, newest)[0])
        bound = self._terms.bind
        self._written_in = [f"{{vid}} >= {bound(first)}", f"{{vid}} < {bound(before)}"]
        if before - first <= _FEW:
            self._recent = f"v.vid >= {bound(first)} AND v.vid < {bound(before)}"

    def _found(self, query: Query, limit: int) -> Sequence[Version]:
        """The answer to a search within this one."""
        inner = Composer(self._connection, self._index, self._predicate, query, self._t)
        return inner.page(Order(True, True), limit)

    def page(self, order: Order, limit: int, *, whole: bool = False) -> list[Version]:
        """The first versions in this order after the query's cursor (`whole`: from the beginning)."""
        if self._impossible:
            return []
        driver = self._driver(order)
        conditions = self._conditions(driver)
        cursor = None if whole else self._query.cursor
        if cursor is not None or driver.lead:
            end = _LAST if order.descending else -1
            conditions.append(self._after(driver, order, cursor or Cursor(self._t, 0, end)))
        self._values["limit"] = limit
        return self._run(driver, conditions, order)

    def count(self) -> int:
        """How many versions match."""
        if self._impossible:
            return 0
        number: int = self._ask(f"SELECT count(*) FROM ({self._matches()}) p").fetchone()[0]
        return number

    def counted(self) -> list[Counted]:
        """How many of them are about each patient, by the ground that shows them; what has none any more is none."""
        if self._impossible:
            return []
        told = f"SELECT s.value AS patient, {self._predicate.ground} AS ground" + _WHOM.format(matches=self._matches())
        sql = f"SELECT patient, ground, count(*) FROM ({told}) q WHERE ground IS NOT NULL GROUP BY patient, ground"
        return [Counted(patient, ground, self._query.type, number) for patient, ground, number in self._ask(sql)]

    def condition(self) -> str:
        """Its terms on a version `v` that another statement finds; their values are in `values`."""
        if self._impossible:
            return "FALSE"
        return " AND ".join(self._terms.condition(term, HERE, self._query.type) for term in self._query.terms)

    @property
    def values(self) -> dict[str, Any]:
        """The named parameters of its SQL, the reader's among them."""
        return self._values

    def _matches(self) -> str:
        """The numbers of the versions that match, each once."""
        driver = self._driver(Order(True, True))
        tail = " AND ".join(self._conditions(driver))
        return " UNION ".join(f"SELECT {driver.at.vid} AS vid {arm} AND {tail}" for arm in driver.arms)

    def sort_key(self, field: Field, descending: bool) -> Callable[[Version], Any]:
        """What a version is sorted by under a parameter: the least of its values, or the greatest when descending."""
        if field.number < 0:
            return (lambda version: version.id) if field.code == "_id" else (lambda version: version.updated_ms)
        pick = max if descending else min

        def key(version: Version) -> Any:
            rows, number = self._rows_of(version), field.number
            tokens = [value for found, value in rows.tokens if found == number]
            dates = [high if descending else low for found, low, high in rows.dates if found == number]
            amounts = [high if descending else low for found, _, low, high, *_ in rows.amounts if found == number]
            return pick(tokens or dates or amounts, default=None)

        return key

    def _rows_of(self, version: Version) -> Rows:
        """The index rows of a version, found once for all the keys it is sorted by."""
        rows = self._read.get(version.vid)
        if rows is None:
            rows = self._read[version.vid] = self._index.rows(version.type, orjson.loads(version.body))
        return rows

    def _ask(self, sql: str) -> Found:
        if len(sql) > _LONGEST:
            raise Problem(Kind.TOO_COSTLY, "this search has too many alternatives in all; ask for less at a time")
        self._connection.check_time()
        return self._connection.execute(sql, self._values)

    def _versions(self, sql: str) -> list[Version]:
        found = []
        for row in self._ask(sql):
            found.append(Version(*row))
            self._connection.check_time()  # a text may be of megabytes
        return found

    def _run(self, driver: Driver, conditions: list[str], order: Order) -> list[Version]:
        way = "DESC" if order.descending else "ASC"
        tail = " AND ".join(conditions)
        if len(driver.arms) == 1:
            keys = ", ".join(f"{key} {way}" for key in driver.keys(order))
            sql = f"SELECT {COLUMNS} {driver.arms[0]} AND {tail} ORDER BY {keys} LIMIT :limit"
            return self._versions(sql)
        keys = f"1 {way}, 2 {way}" if order.by_date else f"2 {way}"
        first = f"ORDER BY {keys} LIMIT :limit"
        sort, vid = driver.at.sort, driver.keys(order)[-1]
        arms = [f"SELECT {sort} AS sort, {vid} AS vid {arm} AND {tail}" for arm in driver.arms]
        if not self._connection.merges:
            arms = [f"({arm} {first})" for arm in arms]
        # What two of the arms have is dropped.
        merged = f"({' UNION '.join(arms)} {first})"
        sql = f"SELECT {COLUMNS} FROM {merged} p CROSS JOIN version v ON v.vid = p.vid"
        found = self._versions(sql)
        found.sort(key=lambda version: (version.sort if order.by_date else 0, version.vid), reverse=order.descending)
        return found

    def _after(self, driver: Driver, order: Order, cursor: Cursor) -> str:
        than, bind = "<" if order.descending else ">", self._terms.bind
        keys = driver.keys(order)
        first = [bind(cursor.sort)] if order.by_date else [":type"] if driver.lead else []
        if not first:
            return f"{keys[0]} {than} {bind(cursor.vid)}"
        return f"({', '.join(keys)}) {than} ({first[0]}, {bind(cursor.vid)})"

    def _driver(self, order: Order) -> Driver:
        """The cheapest thing to walk in this order, told by what kind of parameter it is."""
        named = next((term for term in self._query.terms if self._terms.ids(term)), None)
        if named is not None:
            bound = self._terms.bound(self._terms.ids(named) or ())
            return self._records(f"v.id IN ({bound})", "INDEXED BY version_key", named)
        ways = [way for term in self._query.terms for way in self._walkable(term)]
        best = min(ways, key=lambda way: (way.rank, len(way.arms)), default=None)
        if best is None or best.rank > 1:
            if self._recent is not None:
                return self._records(self._recent, "INDEXED BY version_type", None)
            if not order.by_date:
                return self._written(order)
        if best is not None:
            return self._walk(best.arms, best.term)
        return self._dated() or self._everything()

    def _walkable(self, term: Term) -> Iterator[Way]:
        """How it can be walked, if it can."""
        if isinstance(term, Either) and not term.negated:
            parts = [way for part in term.terms for way in self._walkable(part)]
            arms = [arm for way in parts for arm in way.arms]
            if len(parts) == len(term.terms) and len(arms) <= _ARMS:
                whole = all(way.term for way in parts)
                yield Way(max(way.rank for way in parts), arms, term if whole else None)
        elif isinstance(term, All):
            parts = [way for part in term.terms for way in self._walkable(part)]
            best = min(parts, key=lambda way: (way.rank, len(way.arms)), default=None)
            if best is not None:
                yield best._replace(term=None)
        elif isinstance(term, Tokens | Chained) and not (isinstance(term, Tokens) and term.negated):
            values = self._terms.known(term)
            if values is not None and len(values) <= _ARMS:
                yield Way(_rank(term.field), [(term.field.number, value) for value in values], term)

    def _records(self, condition: str, hint: str, term: Term | None) -> Driver:
        arm = f"FROM version v {hint} WHERE v.type = :type AND {condition} AND {LIVE}"
        return Driver([arm], Place("v.sort", "v.vid"), term)

    def _written(self, order: Order) -> Driver:
        """All of the type, in the order in which they were written."""
        if self._connection.merges:
            return self._records("TRUE", "INDEXED BY version_type", None)._replace(lead="")
        # Asked so, PostgreSQL cannot walk the versions of all types instead.
        arm = f"FROM version v WHERE v.type {'>=' if order.descending else '<='} :type AND {LIVE}"
        return Driver([arm], Place("v.sort", "v.vid"), None, "v.type")

    def _walk(self, arms: Sequence[Arm], term: Term | None) -> Driver:
        bind, walk = self._terms.bind, _FROM.format("token")
        made = [f"{walk} AND x.parameter = {bind(number)} AND x.value = {bind(value)}" for number, value in arms]
        return Driver(made, Place("x.sort", "x.vid"), term)

    def _everything(self) -> Driver:
        number = self._index.whole(self._query.type)
        concept = self._query.concept
        values = self._terms.distinct(number, "", VALUES) if concept is None else [concept]
        return self._walk([(number, value) for value in values or [""]], None)

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
        walk = f"{_FROM.format('moment')} AND x.parameter = {self._terms.bind(term.field.number)}"
        fits = self._terms.ranges(term, "x.low", "x.high")
        narrower = self._terms.narrowing(term, "x.sort") if term.field == self._natural else ""
        return Driver([f"{walk} AND {fits}{narrower}"], Place("x.sort", "x.vid"), term)

    def _conditions(self, driver: Driver) -> list[str]:
        """Everything that the driver does not see to."""
        conditions = [f"({self._predicate.condition})"]
        conditions += [said.format(vid=driver.at.vid) for said in self._written_in]
        for term in self._query.terms:
            if term is not driver.term:
                conditions.append(self._terms.condition(term, driver.at, self._query.type))
        if self._query.concept is not None:
            conditions.append(f"v.concept = {self._terms.bind(self._query.concept)}")
        return conditions


def _rank(field: Field) -> int:
    if field.code == "identifier":
        return 0
    return _KINDS.get(field.kind) or _RANK.get(field.code, 3)
