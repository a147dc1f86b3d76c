"""Writes the terms of a search as conditions on a version, in SQL; what they are compared with is bound, never written.

https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from adapter.fhir import tokens
from adapter.fhir.index import Index
from adapter.fhir.query import (
    All,
    Amounts,
    Chained,
    Dates,
    Either,
    Ids,
    Match,
    Measure,
    Missing,
    PointedTo,
    Query,
    Range,
    Tells,
    Term,
    Tokens,
)
from adapter.fhir.search_paths import branches
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.comparisons import AFTER, BELOW, CONDITIONS, LEAST, MEASURES
from adapter.store.database import Database
from adapter.store.statements import statement
from adapter.store.version import Version

VALUES = 200
"""Most different values that one alternative of a search is resolved to (`code=7` in any system); with more, the rows
of the parameter are scanned."""
LINKED = 1_000
"""Most records that a chained parameter is resolved to; with more, each candidate is looked at in turn."""
_NAMED = 2_000
"""Most values that a search names in all; the terms beyond them are answered by scans too."""
_PROBED = 24
"""Most references that are looked up for each candidate; with more, the versions that have one are found beforehand."""
LAST = "\U0010ffff"
_NEXT = "\x01"
"""Behind a value: before all that begin with it and go on."""
LIVE = "v.t <= :t AND (v.until_t IS NULL OR v.until_t > :t) AND NOT v.deleted"


ONE = "LIMIT 1 OFFSET 0"
"""At the end of a subquery that is asked anew for each candidate: its OFFSET keeps PostgreSQL from making it a join."""


class Place(NamedTuple):
    """Where a version is found in the SQL: the names of its sort key and its number."""

    sort: str
    vid: str


HERE = Place("v.sort", "v.vid")
Find = Callable[[Query, int], Sequence[Version]]
"""The first so many versions that a query finds at the same time, of those permitted."""


class Terms:
    """The conditions of one search at one time, and their named parameters (`p0`, `p1`, ...).

    `find` runs the searches within the search. The condition of the `predicate` is for the records that a candidate is
    linked with.
    """

    def __init__(
        self, connection: Database, index: Index, predicate: Predicate, values: dict[str, Any], find: Find
    ) -> None:
        self._connection = connection
        self._index = index
        self._predicate = predicate
        self._find = find
        self.values = values
        self._tokens: dict[Term, list[str] | None] = {}
        self._ids: dict[Term, tuple[str, ...]] = {}
        self._named = 0

    def bind(self, value: float | str) -> str:
        """The name of a value in the SQL."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def bound(self, values: Sequence[int | str]) -> str:
        """The names of some values."""
        return ", ".join(self.bind(value) for value in values)

    def known(self, term: Term) -> list[str] | None:
        """The index values that a term stands for; None where there are too many to name, or none are looked for."""
        return self._tokens.get(term)

    def ids(self, term: Term) -> tuple[str, ...] | None:
        """The ids that a term stands for, if it is one that names records."""
        return term.ids if isinstance(term, Ids) else self._ids.get(term)

    def resolve(self, term: Term, type: str) -> None:
        """Find what a term on a type stands for, as far as it can be named."""
        if isinstance(term, Tokens):
            self._tokens[term] = self._values_of(term, type)
        elif isinstance(term, Either | All):
            for part in term.terms:
                self.resolve(part, type)
        elif isinstance(term, Chained):
            found = self._find(Query(term.type, (term.term,)), LINKED + 1)
            values = [tokens.target(f"{term.type}/{version.id}") for version in found]
            self._tokens[term] = values if len(found) <= LINKED else None
            if len(found) > LINKED:
                self.resolve(term.term, term.type)
        elif isinstance(term, PointedTo):
            found = self._find(Query(term.type, (term.term,)), LINKED + 1)
            if len(found) > LINKED:
                self.resolve(term.term, term.type)
            else:
                self._ids[term] = tuple(
                    dict.fromkeys(id for version in found for id in self._pointed(term, version, type))
                )

    def impossible(self, term: Term) -> bool:
        """Whether nothing can fit."""
        if isinstance(term, Either):
            return not term.negated and all(map(self.impossible, term.terms))
        if isinstance(term, All):
            return any(map(self.impossible, term.terms))
        if isinstance(term, Tokens | Chained):
            return self._tokens[term] == [] and not (isinstance(term, Tokens) and term.negated)
        return self.ids(term) == ()

    def _values_of(self, term: Tokens, type: str) -> list[str] | None:
        closed = self._closed(term, type)
        lists = [self._expanded(term.field.number, match, closed) for match in term.matches]
        known = [values for values in lists if values is not None]
        exact = list(dict.fromkeys(value for values in known for value in values))
        self._named += len(exact)
        return exact if len(known) == len(lists) and self._named <= _NAMED else None

    def _closed(self, term: Tokens, type: str) -> frozenset[str]:
        """The values that say that a record is about a patient of whom the reader can see nothing."""
        opened, named = self._predicate.opened, term.field.kind == "reference"
        values = [match.exact or tokens.of_patient(match.begins) for match in term.matches if opened and named]
        whose = {value: self._index.placed_with(type, term.field.number, value) for value in values}
        asked = {value: patient for value, patient in whose.items() if patient}
        if not asked:
            return frozenset()
        said = {**self.values, "type": type, "patients": orjson.dumps(list(asked.values())).decode()}
        sql = statement("opened").replace("{opened}", opened)
        found = {patient for (patient,) in self._connection.execute(sql, said)}
        return frozenset(value for value, patient in asked.items() if patient not in found)

    def _expanded(self, number: int, match: Match, closed: frozenset[str]) -> Sequence[str] | None:
        if match.exact is not None:
            return () if match.exact in closed else (match.exact,)
        if match.holds:
            return None
        if (patient := tokens.of_patient(match.begins)) in closed:
            # What has this value is not looked at: how much that is would show too.
            before = self._between(number, match.begins, patient, VALUES + 1)
            values = before + self._between(number, patient + _NEXT, match.begins + LAST, VALUES + 1)
        else:
            values = self.distinct(number, match.begins, VALUES + 1)
        return None if len(values) > VALUES else [value for value in values if match.fits(value)]

    def distinct(self, number: int, begins: str, limit: int) -> list[str]:
        """The first different values under a parameter that begin so."""
        return self._between(number, begins, begins + LAST, limit)

    def _between(self, number: int, low: str, high: str, limit: int) -> list[str]:
        values = {"parameter": number, "low": low, "high": high, "limit": limit}
        return [value for (value,) in self._connection.execute(statement("values"), values)]

    def _pointed(self, term: PointedTo, version: Version, type: str) -> Iterator[str]:
        """The ids of the records of a type that a version points to under the term's parameter."""
        end = tokens.SEPARATOR + type
        for number, value in self._index.rows(version.type, orjson.loads(version.body)).tokens:
            if number == term.field.number and value.endswith(end):
                yield value.removesuffix(end)

    def condition(self, term: Term, at: Place, type: str) -> str:
        """The term on a version of the type that stands at this place in the SQL, and is called `v` there."""
        if (ids := self.ids(term)) is not None:
            return f"v.id IN ({self.bound(ids)})" if ids else "FALSE"
        if isinstance(term, Missing):
            return f"v.present & {self.bind(term.field.mask)} {'=' if term.missing else '<>'} 0"
        if isinstance(term, Tokens):
            found = self._has_token(term, at)
            return f"NOT {found}" if term.negated else found
        if isinstance(term, Tells):
            return self._tells(term)
        if isinstance(term, Dates):
            return self._dates(term, at, type)
        if isinstance(term, Amounts):
            fits = " OR ".join(self._measured(measure) for measure in term.measures)
            return f"{self._at('amount', term.field.number, at)} AND ({fits}) {ONE})"
        if isinstance(term, Chained):
            return self._chained(term, at)
        if isinstance(term, PointedTo):
            return self._pointing(term, type)
        return self._several(term, at, type)

    def _tells(self, term: Tells) -> str:
        each = (
            f"v.own & {self.bind(some)} <> 0" + (f" AND v.own & {self.bind(none)} = 0" if none else "")
            for some, none in term.of
        )
        return f"({' OR '.join(each)})"

    def _several(self, term: Term, at: Place, type: str) -> str:
        assert isinstance(term, Either | All)
        conditions = [self.condition(part, at, type) for part in term.terms]
        joined = "(" + (" AND " if isinstance(term, All) else " OR ").join(conditions) + ")"
        return f"NOT {joined}" if isinstance(term, Either) and term.negated else joined

    def _has_token(self, term: Tokens, at: Place) -> str:
        values = self._tokens[term]
        if values is None:
            return _among(at, self._scan(term))
        if term.field.kind == "string":  # few records have the same one
            return self._one_of_few(term.field.number, values, at)
        return self._probe(term.field.number, values, at)

    def _probe(self, number: int, values: Sequence[str], at: Place) -> str:
        """One of the values, looked up for each candidate: few rows are read, however many have such a value."""
        if not values:
            return "FALSE"
        if len(values) <= _PROBED or self._connection.merges:
            return f"{self._at('token', number, at)} AND y.value IN ({self.bound(values)}) {ONE})"
        # PostgreSQL would read all rows of the parameter for a long list.
        each = f"{self._at('token', number, at)} AND y.value = w.value {ONE})"
        return f"EXISTS (SELECT 1 FROM json_each({self.bind(orjson.dumps(values).decode())}) w WHERE {each} {ONE})"

    def _one_of_few(self, number: int, values: Sequence[str], at: Place) -> str:
        """One of the values, each of which few versions have: these are found beforehand where the values are many."""
        if len(values) <= _PROBED:
            return self._probe(number, values, at)
        bound = self.bound(values)
        return _among(at, f"SELECT y.vid FROM token y WHERE y.parameter = {self.bind(number)} AND y.value IN ({bound})")

    def _scan(self, term: Tokens) -> str:
        """The versions that have one of the tokens, found by reading the parameter's rows once."""
        fits = " OR ".join(self._fits(match, "y.value") for match in term.matches)
        return f"SELECT y.vid FROM token y WHERE y.parameter = {self.bind(term.field.number)} AND ({fits})"

    def _fits(self, match: Match, value: str) -> str:
        if match.exact is not None:
            return f"{value} = {self.bind(match.exact)}"
        if match.pair is not None:
            return self._fits_both(match.pair, value)
        conditions = []
        if match.begins:
            conditions.append(f"{value} >= {self.bind(match.begins)} AND {value} < {self.bind(match.begins + LAST)}")
        if match.ends:
            size = len(match.ends)
            last = f"substr({value}, length({value}) - {size - 1}, {size})"
            conditions.append(f"length({value}) >= {size} AND {last} = {self.bind(match.ends)}")
        if match.holds:
            conditions.append(f"instr({value}, {self.bind(match.holds)}) > 0")
        return "(" + " AND ".join(conditions) + ")"

    def _fits_both(self, pair: tuple[Match, Match], value: str) -> str:
        """Each half of a value that is a pair."""
        between = f"instr({value}, {self.bind(tokens.BESIDE)})"
        halves = f"substr({value}, 1, {between} - 1)", f"substr({value}, {between} + 1)"
        return " AND ".join(self._fits(match, half) for match, half in zip(pair, halves, strict=True))

    def _at(self, table: str, number: int, at: Place) -> str:
        """The rows of the same version under a parameter; the parenthesis stays open."""
        return (
            f"EXISTS (SELECT 1 FROM {table} y WHERE y.parameter = {self.bind(number)}"
            f" AND y.sort = {at.sort} AND y.vid = {at.vid}"
        )

    def _dates(self, term: Dates, at: Place, type: str) -> str:
        if term.field.number < 0:
            return self.ranges(term, "v.updated", "v.updated + 1")
        found = f"{self._at('moment', term.field.number, at)} AND {self.ranges(term, 'y.low', 'y.high')} {ONE})"
        return found + (self.narrowing(term, at.sort) if term.field == self._index.natural(type) else "")

    def ranges(self, term: Dates, low: str, high: str) -> str:
        """A date that is one of those asked for."""
        return "(" + " OR ".join(self._range(asked, low, high) for asked in term.ranges) + ")"

    def _range(self, asked: Range, low: str, high: str) -> str:
        a, b = self.bind(asked.low), self.bind(asked.high)
        return CONDITIONS[asked.prefix].format(low=low, high=high, a=a, b=b)

    def span(self, term: Dates) -> tuple[int | None, int | None]:
        """From when on (ms) a moment asked for is, and before when, as far as the term says."""
        if len(term.ranges) > 1:
            return None, None
        asked = term.ranges[0]
        ends = {"a": asked.low, "b": asked.high}
        least, below = AFTER.get(asked.prefix), BELOW.get(asked.prefix)
        return ends[least] if least else None, ends[below] if below else None

    def narrowing(self, term: Dates, sort: str) -> str:
        """Bounds on the sort key, which is the low end of the very date asked for."""
        if len(term.ranges) > 1:
            return ""
        asked = term.ranges[0]
        bounds = {"a": asked.low, "b": asked.high}
        least, below = LEAST.get(asked.prefix), BELOW.get(asked.prefix)
        return (f" AND {sort} >= {self.bind(bounds[least])}" if least else "") + (
            f" AND {sort} < {self.bind(bounds[below])}" if below else ""
        )

    def _measured(self, asked: Measure) -> str:
        names = {"a": asked.low, "n": asked.number, "b": asked.high}
        said = {name: self.bind(value) for name, value in names.items()}
        conditions = [MEASURES[asked.prefix].format(low="y.low", high="y.high", **said)]
        if asked.unit is not None:
            unit = self._fits(asked.unit, "y.unit")
            conditions.append(f"({unit} OR y.said = {self.bind(asked.said)})" if asked.said else unit)
        if asked.of is not None:
            conditions.append(self._fits(asked.of, "y.code"))
        return "(" + " AND ".join(f"({condition})" for condition in conditions) + ")"

    def _chained(self, term: Chained, at: Place) -> str:
        values = self._tokens[term]
        if values is not None:
            return self._one_of_few(term.field.number, values, at)
        path = _json_path(term.field.expression)
        if path is None or term.field.repeats:
            raise Problem(
                Kind.TOO_COSTLY, f"more than {LINKED} records of {term.type} fit; narrow them", term.field.code
            )
        # `Type/id` or `Type/id/_history/n`; in the first SELECT `v` is still the candidate.
        target = f"(SELECT json_extract(v.body, {self.bind(path)}) AS said {ONE}) r"
        id = f"substr(r.said, {len(term.type) + 2})"
        return (
            f"EXISTS (SELECT 1 FROM {target} CROSS JOIN version v ON v.type = {self.bind(term.type)}"
            f" AND v.id = substr({id}, 1, instr({id} || '/', '/') - 1)"
            f" WHERE instr(r.said, {self.bind(term.type + '/')}) = 1 AND {self._linked(term.term, term.type)} {ONE})"
        )

    def _pointing(self, term: PointedTo, type: str) -> str:
        form = f"v.id || {self.bind(tokens.SEPARATOR + type)}"
        return (
            f"EXISTS (SELECT 1 FROM token y WHERE y.parameter = {self.bind(term.field.number)} AND y.value = {form}"
            f" AND y.from_t <= :t AND (y.until_t IS NULL OR y.until_t > :t)"
            f" AND EXISTS (SELECT 1 FROM version v WHERE v.vid = y.vid AND {self._linked(term.term, term.type)} {ONE})"
            f" {ONE})"
        )

    def _linked(self, term: Term, type: str) -> str:
        """What must be true of a record, called `v`, that a candidate is linked with."""
        return f"{LIVE} AND ({self._predicate.condition}) AND {self.condition(term, HERE, type)}"


def _among(at: Place, versions: str) -> str:
    """The versions that a statement finds are found once and remembered: IS TRUE keeps it from being made a join."""
    return f"({at.vid} IN ({versions})) IS TRUE"


def _json_path(expression: str) -> str | None:
    """Where the reference of a parameter stands in the text of a resource, if at one place only."""
    found = branches(expression)
    names = [step.name for step in found[0] if not step.target]
    return "$." + ".".join([*(name for name in names if name), "reference"]) if len(found) == 1 and all(names) else None
