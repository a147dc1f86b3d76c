"""The arguments of scopes (`?category=laboratory`) as terms of a search, which become conditions of the predicate.

https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from adapter.callers import Scope
from adapter.consent.scopes import WRITING, Reach, permits
from adapter.fhir import tokens
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.fhir.query import All, Amounts, Chained, Dates, Either, Ids, Match, Missing, PointedTo, Tells, Term, Tokens
from adapter.fhir.search_terms import TermReader
from adapter.fhir.search_values import RefusedError
from adapter.store.bounds import Bound, Condition, condition

ReadTerm = Callable[[str, str, str], Term | None]
"""The term of (type, name, value)."""


class Bounds(NamedTuple):
    """What scopes leave of the types that they name with arguments alone.

    `seen`: what a version must fulfil to be there at all; `written`, by the letter of SMART's `cruds`, what a record
    must fulfil to be changed, before and after. None and no entry: nothing is left out.
    """

    seen: Condition | None
    written: Mapping[str, Condition]


UNBOUND = Bounds(None, {})


def term_of(type: str, name: str, value: str, index: Index, limits: Limits) -> Term | None:
    """The term of an argument; None for one that no record can be held to by few steps of an index."""
    try:
        term = TermReader(type, index, limits).read(name, value)
    except RefusedError:
        return None
    return term if _is_near(term) else None


def _is_near(term: Term) -> bool:
    """Whether it is told of one record without reading what others have.

    Not so strings and `system|`, whose values begin in any way, and what leads to other records.
    """
    if isinstance(term, Tokens):
        return not term.negated and all(map(_is_few, term.matches))
    if isinstance(term, All):
        # What must not hold beside what must (a higher label) is told of the record too.
        return all(all(map(_is_near, one.terms)) if isinstance(one, Either) else _is_near(one) for one in term.terms)
    if isinstance(term, Either):
        return not term.negated and all(map(_is_near, term.terms))
    if isinstance(term, Missing | Chained | PointedTo):
        return False
    return isinstance(term, Ids | Dates | Amounts | Tells)


def _is_few(match: Match) -> bool:
    """Whether few values fit: a code in one system, or in any."""
    if match.exact is not None:
        return True
    whole = match.begins.endswith(tokens.SEPARATOR) and match.begins.strip(tokens.SEPARATOR + tokens.LOGICAL)
    return bool(whole) and match.pair is None and not match.holds and not match.ends


def bounds(scopes: Sequence[Scope], level: str, types: Iterable[str], read: ReadTerm, index: Index) -> Bounds:
    """What scopes of this level leave of these types; composed once for many requests.

    Where scopes to read and to search a type differ, what is seen is what both cover.
    """
    if not any(scope.arguments for scope in scopes):
        return UNBOUND
    seen, written = dict[str, list[Bound]](), {letter: dict[str, list[Bound]]() for letter in WRITING}
    for type in types:
        reach = {letter: permits(scopes, letter, type, level) for letter in ("r", "s", *WRITING)}
        if found := list(_bounds(type, read, *(reach[letter] for letter in "rs"))):
            seen[type] = found
        for letter in WRITING:
            if found := list(_bounds(type, read, reach[letter])):
                written[letter][type] = found
    said = {letter: condition(index, of) for letter, of in written.items() if of}
    return Bounds(condition(index, seen) if seen else None, said)


def _bounds(type: str, read: ReadTerm, *reaches: Reach) -> Iterator[Bound]:
    """A bound for each that leaves something out; a scope whose arguments are not understood covers nothing."""
    for reach in dict.fromkeys(reaches):
        if reach and not reach.whole:
            each = ([read(type, *pair) for pair in pairs] for pairs in sorted(reach.alternatives))
            yield tuple(tuple(term for term in terms if term) for terms in each if all(terms))
