"""The grammar of SMART scopes, version 2, and what of them a client gets; version 1 is read as what it means.

https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from urllib.parse import quote, unquote

from adapter.callers import Scope
from adapter.consent.arguments import term_of
from adapter.consent.scopes import ANY_TYPE
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.problems import Kind, Problem, Unreadable

LETTERS = "cruds"
"""create, read (with vread and history of one), update (with patch), delete, search (with history of a type)."""

MOST, LONGEST = 64, 8_192
"""Scopes that one request may name, and their characters together."""

_V1 = {"read": "rs", "write": "cud", "*": LETTERS}
_SCOPE = re.compile(r"(system|user)/(\*|[A-Z][A-Za-z]{1,63})\.(\*|[a-z]{1,5})(\?.*)?", re.ASCII | re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", re.ASCII)
_SAFE = ":/|,.;()[]{}@!$*'~?="

Known = Callable[[str, str, str], bool]
"""Whether a type, or `*`, is served, and held to a parameter and its value where they are given."""


def parse(text: str) -> Scope:
    """The scope that a text says; Unreadable for one that is none, or that bounds by more than plain parameters."""
    found = _SCOPE.fullmatch(text)
    if not found:
        raise Unreadable("is no scope such as system/Observation.rs")
    level, type, said, query = found.groups()
    letters = _V1.get(said, said)
    if letters != in_order(letters):
        raise Unreadable("names its interactions by an ordered part of `cruds`")
    if said in _V1 and query is not None:
        raise Unreadable("has arguments, which scopes of version 1 have not")
    arguments = tuple(map(_argument, query[1:].split("&"))) if query is not None else ()
    return Scope(level, type, letters, tuple(dict.fromkeys(arguments)))


def in_order(letters: Iterable[str]) -> str:
    """The letters of `cruds` among these, in its order."""
    given = set(letters)
    return "".join(letter for letter in LETTERS if letter in given)


def _argument(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not _NAME.fullmatch(name) or (name.startswith("_") and name not in ANY_TYPE):
        raise Unreadable("bounds by something other than a search parameter without modifier or chain")
    try:
        decoded = unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise Unreadable("has an argument that is not UTF-8 in percent-encoding") from None
    if not decoded or not decoded.isprintable():
        raise Unreadable("has an argument without a value that can be searched for")
    return name, decoded


def printed(scope: Scope) -> str:
    """The scope as it is sent: `parse` makes the same of it."""
    said = "&".join(f"{name}={quote(value, safe=_SAFE)}" for name, value in scope.arguments)
    return f"{scope.level}/{scope.type}.{scope.letters}" + (f"?{said}" if said else "")


def listed(scopes: Iterable[Scope]) -> str:
    """Scopes as OAuth sends them."""
    return " ".join(map(printed, scopes))


@lru_cache(maxsize=4_096)
def parsed(text: str) -> tuple[Scope, ...]:
    """The scopes of a list that was checked before."""
    return tuple(map(parse, text.split()))


def read(text: str, known: Known) -> tuple[Scope, ...]:
    """The scopes of a list; Problem(INVALID, `invalid_scope`) for one that cannot be granted to anybody, or none."""
    words = text.split(" ")
    if len(text) > LONGEST or len(words) > MOST:
        raise _wrong(f"more than {MOST} scopes, or {LONGEST} characters of them")
    try:
        scopes = tuple(dict.fromkeys(map(parse, words)))
    except Unreadable as why:
        raise _wrong(f"a scope {why}") from None
    for scope in scopes:
        if not known(scope.type, "", ""):
            raise _wrong("a scope names a type that is not served")
        if not all(known(scope.type, *argument) for argument in scope.arguments):
            raise _wrong("a scope bounds by what its type is not searched by, or by what too many values may fit")
    return scopes


def known(types: Collection[str], index: Index, limits: Limits) -> Known:
    """Which of these types a scope may name, and which search parameters of them with which values.

    A value is one that each record can be held to: no string, no `system|`.
    """

    def is_known(type: str, parameter: str, value: str) -> bool:
        if type != "*" and type not in types:
            return False
        if type == "*" and parameter and parameter not in ANY_TYPE:
            return False
        of = next(iter(types)) if type == "*" else type
        return not parameter or term_of(of, parameter, value, index, limits) is not None

    return is_known


def _wrong(why: str) -> Problem:
    return Problem(Kind.INVALID, why, "scope", code="invalid_scope")


def granted(asked: Iterable[Scope], registered: Iterable[Scope]) -> tuple[Scope, ...]:
    """What of the scopes asked for a client is registered for; nothing that another one says already."""
    held = tuple(registered)
    both = dict.fromkeys(both for one in asked for other in held if (both := _common(one, other)))
    return tuple(one for one in both if not any(other is not one and includes(other, one) for other in both))


def _common(one: Scope, other: Scope) -> Scope | None:
    """What both permit: each argument is a condition, so those of both hold."""
    if one.level != other.level or (one.type != other.type and "*" not in (one.type, other.type)):
        return None
    letters = in_order(set(one.letters) & set(other.letters))
    type = other.type if one.type == "*" else one.type
    arguments = tuple(sorted({*other.arguments, *one.arguments}))
    return Scope(one.level, type, letters, arguments) if letters else None


def includes(wide: Scope, narrow: Scope) -> bool:
    """Whether all that one permits another permits too."""
    return (
        wide.level == narrow.level
        and wide.type in ("*", narrow.type)
        and set(narrow.letters) <= set(wide.letters)
        and set(wide.arguments) <= set(narrow.arguments)
    )
