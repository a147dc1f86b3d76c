"""What the scopes of a token let through of what its client's kind may: they narrow, and never widen.

SMART, version 2: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
Every refusal here holds whoever is asked for, so it may be told: 403, and 401 without a token.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass

from adapter.callers import Caller, ClientKind, Scope
from adapter.consent.matrix import Matrix, Verdict
from adapter.problems import Kind, Problem

Pairs = tuple[tuple[str, str], ...]
LETTERS = {
    "read": "r",
    "vread": "r",
    "history-instance": "r",
    "search-type": "s",
    "search-compartment": "s",
    "history-type": "s",
    "history-system": "s",
    "create": "c",
    "update": "u",
    "patch": "u",
    "delete": "d",
    "$validate": "r",
    "$everything": "rs",
    "$emergency-access": "r",
    "$disclosures": "r",
    "$intermediaries": "r",
    "$breach-scope": "r",
    "$explain": "r",
}
"""Every letter is needed; for an operation that is not named here, all of them are."""
EVERY_LETTER = "cruds"
BY_PART = frozenset({"batch", "transaction", "search-system"})
"""What has no scope of its own: whoever answers it checks each entry, or each type that is searched."""
NARROWED = frozenset({"read", "search-type", "search-compartment"})
"""What can be held to the arguments of a scope: they are a search, and find records as they are now."""
SEEN = frozenset({Verdict.ALL, Verdict.DIRECTORY, Verdict.CONSENT})
"""Of what there is anything to see, if it goes along."""
_SCOPELESS = frozenset({Verdict.OPEN, Verdict.TOKEN})
_PACKED = frozenset({Verdict.REFERRAL, Verdict.REFERRAL_DRAFT})
_PEOPLE = frozenset({ClientKind.STAFF, ClientKind.PRIVACY_OFFICER})

_MAY_NOT = "this kind of client may not do this here"
_TOKEN = "a token is needed here"
_CHAIN = "this kind of client may not search by the records that a reference leads to"
_TOO_NARROW = "the token's scopes for {type} have arguments, and scopes with arguments are not served yet"
_UNKNOWN = "the token's scopes for {type} have arguments that are no search parameters of it"
_ALONE = "this kind of client may send this as a part of a referral only"
_UNEQUAL = (
    "the token's scopes for {type} have arguments that no one search can say; ask by id, or with one of the scopes"
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What scopes cover of one type: whatever all pairs of one of these alternatives find."""

    alternatives: frozenset[Pairs]

    def __bool__(self) -> bool:
        return bool(self.alternatives)

    @property
    def whole(self) -> bool:
        """Whether nothing of the type is left out: one scope without arguments is enough."""
        return () in self.alternatives

    def search(self) -> Pairs | None:
        """What is to be added to a search so that it finds no more than this; None where no search can say it."""
        if self.whole:
            return ()
        if len(self.alternatives) == 1:
            return next(iter(self.alternatives))
        names = {name for pairs in self.alternatives for name, _ in pairs}
        if len(names) != 1 or any(len(pairs) != 1 for pairs in self.alternatives):
            return None
        return ((names.pop(), ",".join(sorted({value for ((_, value),) in self.alternatives}))),)


class Allowed:
    """A verdict that is had only by keeping to the arguments of the scopes: there is no other way to it."""

    __slots__ = ("_reach", "_type", "_verdict")

    def __init__(self, verdict: Verdict, reach: Reach, type: str) -> None:
        self._verdict, self._reach, self._type = verdict, reach, type

    def search(self, pairs: Iterable[tuple[str, str]], known: Container[str]) -> tuple[Verdict, list[tuple[str, str]]]:
        """The verdict and the search with what the scopes add; 403 where that cannot be said.

        `known` are the search parameters of the type: one that is not would be passed over where handling is lenient.
        """
        more = self._reach.search()
        if more is None:
            raise Problem(Kind.FORBIDDEN, _UNEQUAL.format(type=self._type))
        if any(name not in known for name, _ in more):
            raise Problem(Kind.FORBIDDEN, _UNKNOWN.format(type=self._type))
        return self._verdict, [*pairs, *more]

    def one(self, found_by: Callable[[Pairs], bool]) -> Verdict:
        """The verdict for one record, if the scopes cover it; 404 as for one that is not there.

        `found_by` says whether a search of its type by these pairs finds it; it is not asked where nothing is narrowed.
        """
        if not self._reach.whole and not any(found_by(pairs) for pairs in sorted(self._reach.alternatives)):
            raise Problem(Kind.NOT_FOUND, "there is no such resource")
        return self._verdict

    def whole(self) -> Verdict:
        """The verdict for all records of the type; 403 where scopes have arguments."""
        if not self._reach.whole:
            raise Problem(Kind.FORBIDDEN, _TOO_NARROW.format(type=self._type))
        return self._verdict


WHOLE = Reach(frozenset({()}))
NOTHING = Reach(frozenset())


def permits(scopes: Iterable[Scope], letter: str, type: str, level: str) -> Reach:
    """What scopes of this level cover of a type, for one letter of `cruds`; "*" asks for all types at once.

    A scope whose arguments are no plain search (a modifier, a chain, a name of the base, no value) covers nothing.
    """
    covering = (s for s in scopes if s.level == level and letter in s.letters and s.type in ("*", type))
    return Reach(frozenset(scope.arguments for scope in covering if all(map(_plain, scope.arguments))))


def check(
    matrix: Matrix,
    caller: Caller | None,
    interaction: str,
    type: str,
    *,
    conditional: bool = False,
    packed: bool = False,
) -> Allowed:
    """What this caller may at a cell of the matrix; 401 or 403 when nothing.

    `conditional`: the write depends on what a search finds, so the letter for searching is needed too.
    `packed`: it is a part of a referral, which the scope for its Bundle covers.
    """
    verdict = _verdict(matrix, caller, interaction, type)
    if verdict in _PACKED and interaction == "create" and not packed:
        raise Problem(Kind.FORBIDDEN, _ALONE)
    if caller is None or verdict in _SCOPELESS or interaction in BY_PART:
        return Allowed(verdict, WHOLE, type)
    if verdict in _PACKED and permits(caller.scopes, "c", "Bundle", level(caller)).whole and not conditional:
        return Allowed(verdict, WHOLE, type)
    letters = LETTERS.get(interaction, EVERY_LETTER) + ("s" if conditional else "")
    reaches = [_needed(caller, letter, type or "*") for letter in letters]
    allowed = Allowed(verdict, next((reach for reach in reaches if not reach.whole), WHOLE), type)
    if interaction not in NARROWED:
        allowed.whole()
    return allowed


def _needed(caller: Caller, letter: str, type: str) -> Reach:
    reach = permits(caller.scopes, letter, type, level(caller))
    if not reach:
        needed = f"{level(caller)}/{type}.{letter}"
        raise Problem(Kind.FORBIDDEN, f"the token has no scope for this: {needed} is needed")
    return reach


def check_path(matrix: Matrix, caller: Caller, types: Sequence[str], *, has: bool = False) -> list[Verdict]:
    """Whether a search may lead through records of these types, by a chain or by `_has`: what it may see of each.

    403 for a kind of client that may not, for a type that it may not search, or not whole; 400 for one step too many.
    """
    limits = matrix.limits(caller.kind)
    most = limits.has if has else limits.chain
    if not most:
        raise Problem(Kind.FORBIDDEN, _CHAIN)
    if len(types) > most:
        name = "_has" if has else "a chain"
        raise Problem(Kind.INVALID, f"{name} leads through {most} records at most", code="not-supported")
    return [check(matrix, caller, "search-type", type).whole() for type in types]


def check_include(matrix: Matrix, caller: Caller, parameter: str, *, iterate: bool = False) -> None:
    """403 unless the kind of client may have what `Type:parameter` leads to, or leads from, go along."""
    limits = matrix.limits(caller.kind)
    if not limits.includes_by(parameter) or (iterate and not limits.iterate):
        raise Problem(Kind.FORBIDDEN, "this kind of client may not have this included")


def goes_along(matrix: Matrix, caller: Caller, type: str) -> Verdict:
    """What may go along of a type that is included; `NO` where the caller could not read all of it by asking."""
    try:
        return check(matrix, caller, "read", type).whole()
    except Problem:
        return Verdict.NO


def level(caller: Caller) -> str:
    """The level of the scopes that count: people have `user`, machines `system`."""
    return "user" if caller.kind in _PEOPLE else "system"


def _verdict(matrix: Matrix, caller: Caller | None, interaction: str, type: str) -> Verdict:
    # What is open to one kind is open to all: the matrix refuses to be loaded otherwise.
    verdict = matrix.verdict(caller.kind if caller else ClientKind.STAFF, interaction, type)
    if caller is None and verdict is not Verdict.OPEN:
        raise Problem(Kind.LOGIN, _TOKEN)
    if verdict is Verdict.NO:
        raise Problem(Kind.FORBIDDEN, _MAY_NOT)
    return verdict


def _plain(argument: tuple[str, str]) -> bool:
    name, value = argument
    # A backslash at the end of one value would take the comma away that parts it from the next.
    return "\\" not in value and name.isascii() and name.replace("-", "").isalnum() and all(value.split(","))
