"""Conditions that hold records of some types to what the arguments of scopes find; part of a predicate.

They say what a search by the same parameters would, of one version: what is asked of an index are the rows of that
version, and no database is asked while they are composed, so that one text stands for all that will ever be written.
A version whose rows are kept no longer, because it is of the past, is not found: a search finds what is current.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from adapter.fhir.index import Index
from adapter.fhir.query import Match, Term, Tokens
from adapter.store.terms import HERE, LAST, ONE, Place, Terms

Bound = tuple[tuple[Term, ...], ...]
"""Alternatives: of one of them all terms hold."""

CURRENT = "v.t <= :c_t AND (v.until_t IS NULL OR v.until_t > :c_t)"
"""A version of another time has no rows to be held by."""
# The few values that begin so, each found by one step down the index: read once for a statement, not for each record.
_BEGINNING = (
    "WITH RECURSIVE f(value) AS ("
    "SELECT min(value) FROM token WHERE parameter = {number} AND value >= {low} AND value < {high} UNION ALL "
    "SELECT (SELECT min(value) FROM token WHERE parameter = {number} AND value > f.value AND value < {high}) "
    "FROM f WHERE f.value IS NOT NULL) SELECT value FROM f WHERE value IS NOT NULL"
)


class Condition(NamedTuple):
    """SQL over the alias `v` (a row of `version`), with its parameters (`c_s0`, `c_s1`, ...); it asks for `c_t` too."""

    sql: str
    parameters: Mapping[str, str | int]


def condition(index: Index, of: Mapping[str, Sequence[Bound]]) -> Condition:
    """What versions of these types must fulfil; those of others need nothing."""
    made = _Bounds(index)
    cases = " ".join(f"WHEN {made.bind(type)} THEN {made.each(bounds, type)}" for type, bounds in of.items())
    return Condition(f"CASE v.type {cases} ELSE TRUE END", made.values)


class _Bounds(Terms):
    """Writes terms without a database."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._ids = {}
        self.values: dict[str, Any] = {}

    def bind(self, value: float | str) -> str:
        """Under a name that no search uses."""
        name = f"c_s{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def each(self, bounds: Sequence[Bound], type: str) -> str:
        """All bounds, each by one of its alternatives; one that has none lets nothing through."""
        held = [" OR ".join(f"({self._whole(terms, type)})" for terms in bound) or "FALSE" for bound in bounds]
        return "(" + " AND ".join([CURRENT, *(f"({one})" for one in held)]) + ")"

    def _whole(self, terms: Sequence[Term], type: str) -> str:
        return " AND ".join(self.condition(term, HERE, type) for term in terms)

    def _has_token(self, term: Tokens, at: Place) -> str:
        number, exact = term.field.number, [match.exact for match in term.matches if match.exact is not None]
        lists = [self.bound(exact)] if exact else []
        lists += [self._beginning(number, match) for match in term.matches if match.exact is None]
        found = (f"{self._at('token', number, at)} AND y.value IN ({one}) {ONE})" for one in lists)
        return f"({' OR '.join(found)})"

    def _beginning(self, number: int, match: Match) -> str:
        low, high = self.bind(match.begins), self.bind(match.begins + LAST)
        return _BEGINNING.format(number=self.bind(number), low=low, high=high)
