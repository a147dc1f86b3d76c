"""What the scopes of a token let through of what its client's kind may: they narrow, and never widen.

SMART, version 2: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
Every refusal here holds whoever is asked for, so it may be told: 403, and 401 without a token.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    "$match": "rs",
    "$consent-scope": "r",
    "$emergency-access": "r",
    "$disclosures": "r",
    "$intermediaries": "r",
    "$breach-scope": "r",
    "$explain": "r",
    "$utilization": "r",
    "$submit-referral": "c",
    "$submit": "c",
    "$status": "r",
    "$events": "r",
}
"""Every letter is needed; for an operation that is not named here, all of them are."""
EVERY_LETTER = "cruds"
BY_PART = frozenset({"batch", "transaction", "search-system", "$export"})
"""What has no scope of its own: whoever answers it checks each entry, or each type that is searched or exported."""
WRITING = "cud"
"""The letters whose arguments hold what is written, not only what is seen."""
ANY_TYPE = frozenset({"_id", "_lastUpdated", "_profile", "_security", "_tag"})
"""Search parameters that every type has; those that shape an answer, or search otherwise, bound nothing."""
SEEN = frozenset(
    {
        *(Verdict.ALL, Verdict.ROLE, Verdict.DIRECTORY, Verdict.CONSENT),
        *(Verdict.OWN_MEMBERS, Verdict.OWN_PRINCIPAL, Verdict.ADDRESSED),
    }
)
"""Of what there is anything to see, if it goes along."""
OWNERS = frozenset({ClientKind.FACILITY})
"""Who sees what it sent itself; of others that is worked out where they write."""
_SCOPELESS = frozenset({Verdict.OPEN, Verdict.TOKEN})
_PACKED = frozenset({Verdict.REFERRAL, Verdict.REFERRAL_DRAFT})
_PEOPLE = frozenset({ClientKind.STAFF, ClientKind.PRIVACY_OFFICER})

_MAY_NOT = "this kind of client may not do this here"
_TOKEN = "a token is needed here"
_CHAIN = "this kind of client may not search by the records that a reference leads to"
_ALONE = "this kind of client may send this as a part of a referral only"


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
) -> Verdict:
    """What this caller may at a cell of the matrix; 401 or 403 when nothing.

    Arguments of scopes are not asked here: they are conditions of the predicate (`arguments`).

    `conditional`: the write depends on what a search finds, so the letter for searching is needed too.
    `packed`: it is a part of a referral, which the scope for its Bundle covers.
    """
    verdict = _verdict(matrix, caller, interaction, type)
    if verdict in _PACKED and interaction == "create" and not packed:
        raise Problem(Kind.FORBIDDEN, _ALONE)
    if caller is None or verdict in _SCOPELESS or interaction in BY_PART:
        return verdict
    if verdict in _PACKED and permits(caller.scopes, "c", "Bundle", level(caller)).whole and not conditional:
        return verdict
    for letter in LETTERS.get(interaction, EVERY_LETTER) + ("s" if conditional else ""):
        if not permits(caller.scopes, letter, type or "*", level(caller)):
            needed = f"{level(caller)}/{type or '*'}.{letter}"
            raise Problem(Kind.FORBIDDEN, f"the token has no scope for this: {needed} is needed")
    return verdict


def check_path(matrix: Matrix, caller: Caller, types: Sequence[str], *, has: bool = False) -> list[Verdict]:
    """Whether a search may lead through records of these types, by a chain or by `_has`: what it may see of each.

    403 for a kind of client that may not, or for a type that it may not search; 400 for one step too many.
    """
    limits = matrix.limits(caller.kind)
    most = limits.has if has else limits.chain
    if not most:
        raise Problem(Kind.FORBIDDEN, _CHAIN)
    if len(types) > most:
        name = "_has" if has else "a chain"
        raise Problem(Kind.INVALID, f"{name} leads through {most} records at most", code="not-supported")
    return [check(matrix, caller, "search-type", type) for type in types]


def check_include(matrix: Matrix, caller: Caller, parameter: str, *, iterate: bool = False) -> None:
    """403 unless the kind of client may have what `Type:parameter` leads to, or leads from, go along."""
    limits = matrix.limits(caller.kind)
    if not limits.includes_by(parameter) or (iterate and not limits.iterate):
        raise Problem(Kind.FORBIDDEN, "this kind of client may not have this included")


def goes_along(matrix: Matrix, caller: Caller, type: str) -> Verdict:
    """What may go along of a type that is included; `NO` where the caller could not read it by asking."""
    try:
        return check(matrix, caller, "read", type)
    except Problem:
        return Verdict.NO


def shows(verdict: Verdict, kind: ClientKind) -> bool:
    """Whether there is anything to see under a word, for this kind of client."""
    return verdict in SEEN or (verdict is Verdict.OWN and kind in OWNERS)


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
    return bool(value) and (name in ANY_TYPE or (name.isascii() and name.replace("-", "").isalnum()))
