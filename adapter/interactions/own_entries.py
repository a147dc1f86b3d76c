"""The entries of a transaction as they will be once written, for the conditions and searches of the same transaction.

R4 has identities that overlap fail the whole, those found by a condition included, and resolves a reference by search
after the writes: https://hl7.org/fhir/R4/http.html#trules
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from adapter.fhir.index import Rows
from adapter.fhir.patch_work import Work
from adapter.fhir.query import All, Either, Ids, Match, Missing, Term, Tokens
from adapter.interactions.condition import Condition
from adapter.interactions.entry_request import Step
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem

MANY = 100
"""Entries of one identifier in a Bundle that are looked at for one condition; more are never one and the same."""


class OwnEntries:
    """The steps that make or change a record, by their number, each under the id that it will have."""

    def __init__(self, program: Program, steps: Mapping[int, Step], work: Work) -> None:
        self._program = program
        self._steps = steps
        self._work = work
        self._made: dict[int, _Made] = {}
        self._named = cache(self._by_key)

    def changed(self, type: str) -> frozenset[str]:
        """The ids of this type whose stored version will be the past."""
        return frozenset(s.id for s in self._steps.values() if s.type == type and s.kind == "update" and s.id)

    def fitting(self, condition: Condition) -> Iterator[tuple[Step, int, bool]]:
        """(step, its number, whether it is sure) for each that the condition finds.

        Not sure is what only the identifier tells: other terms need what is known once all is written.
        """
        named = self._named(condition.query.type)
        numbers = dict.fromkeys(n for key in condition.keys for n in named.get(key, ()))
        if len(numbers) > MANY:
            why = f"more than {MANY} entries of the Bundle have the identifier of the condition"
            raise Problem(Kind.PRECONDITION, why, condition.source, code="multiple-matches")
        for n in numbers:
            fits = _all(_holds(term, self._made[n], self._work) for term in condition.query.terms)
            if fits is not False:
                yield self._steps[n], n, fits is True

    def _read(self, type: str) -> Iterator[tuple[int, Rows]]:
        """The index rows of the steps of a type, save those that are not sound: they are refused soon."""
        for n, s in self._steps.items():
            if s.type == type and not self._program.door.check(s.resource):
                yield n, self._program.store.index.rows(type, s.resource)

    def _by_key(self, type: str) -> Mapping[str, list[int]]:
        """The numbers of the steps of a type by the identifiers that their resources have."""
        number = self._program.store.index.parameters(type)["identifier"].number
        named: dict[str, list[int]] = {}
        for n, rows in self._read(type):
            keys: dict[int, set[str]] = {}
            for of, key in rows.tokens:
                keys.setdefault(of, set()).add(key)
            self._made[n] = _Made(self._steps[n].id, rows.present, keys)
            for key in keys.get(number, ()):
                named.setdefault(key, []).append(n)
        return named


class _Made(NamedTuple):
    """What is known of a resource: the id it will have, the parameters present, and its index forms by parameter."""

    id: str | None
    present: int
    keys: Mapping[int, Collection[str]]


def _holds(term: Term, made: _Made, work: Work) -> bool | None:
    """Whether a term holds for a resource; None where that cannot be told.

    A reference may still name an entry by its fullUrl, and links to other records are looked up in the store only.
    """
    if isinstance(term, Ids):
        return made.id in term.ids
    if isinstance(term, Tokens) and term.field.kind != "reference":
        keys = made.keys.get(term.field.number, ())
        return any(_among(keys, match, work) for match in term.matches) != term.negated
    if isinstance(term, Missing) and term.field.number >= 0:
        return bool(made.present & term.field.mask) != term.missing
    if isinstance(term, Either):
        none = _all(_not(_holds(one, made, work)) for one in term.terms)
        return none if term.negated else _not(none)
    return _all(_holds(one, made, work) for one in term.terms) if isinstance(term, All) else None


def _among(keys: Collection[str], match: Match, work: Work) -> bool:
    work.spend(1 if match.exact is not None else 1 + len(keys))
    return match.exact in keys if match.exact is not None else any(match.fits(key) for key in keys)


def _not(known: bool | None) -> bool | None:
    return None if known is None else not known


def _all(known: Iterator[bool | None]) -> bool | None:
    """Whether all hold, as far as it is known."""
    sure: bool | None = True
    for one in known:
        if one is False:
            return False
        sure = sure if one else None
    return sure
