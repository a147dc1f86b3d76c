"""How sure it is that two people are one: a score from 0 to 1, and R4's grade of it, by the points of `identity.toml`.

Deterministic, and the same whichever of the two is named first.
https://hl7.org/fhir/R4/patient-operation-match.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import product
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler

from adapter.identity.evidence import DAY, LAST4, WHOLE, Evidence, Name
from adapter.identity.rules import Grade, Rules

OTHER = "other"
_CONTRADICTING = frozenset({("given", OTHER), ("birth_date", OTHER), ("social_security", OTHER)})
_NAMED = frozenset({("given", "same"), ("swapped", "same")})
_BORN = ("birth_date", "same")
_DOUBTFUL = frozenset({("family", "alike"), ("family", OTHER)})
_BESIDE = frozenset(
    {
        *(("phone", "same"), ("email", "same"), ("address", "same"), ("identifier", "same")),
        *(("social_security", "same"), ("social_security", "last4")),
    }
)
"""What two people who are called the same and were born on one day do not have in common."""

Finding = tuple[str, str]
"""A kind of evidence, and what it came to."""


class Score(NamedTuple):
    """`findings` are why."""

    score: float
    grade: Grade
    findings: tuple[Finding, ...]


def compared(rules: Rules, one: Evidence, other: Evidence) -> Score:
    """How sure it is that two people are one."""
    findings = tuple(_findings(rules, one, other))
    points = sum(rules.points[finding] for finding in findings)
    score = 1 / (1 + 2 ** (rules.prior - points))
    found = frozenset(findings)
    if found & _CONTRADICTING:
        score = min(score, rules.ceilings["contradicted"])
    elif not _is_sure(found):
        score = min(score, rules.ceilings["unsure"])
    score = round(score, 4)
    return Score(score, rules.grade(score), findings)


def _is_sure(found: frozenset[Finding]) -> bool:
    """The name and the day to the letter, and something beside them: no slip is explained away to be certain."""
    return bool(_BORN in found and found & _NAMED and found & _BESIDE and not found & _DOUBTFUL)


def _findings(rules: Rules, one: Evidence, other: Evidence) -> Iterator[Finding]:
    pairs = [[*_names(rules, *pair)] for pair in product(one.names, other.names)]
    yield from max(pairs, key=lambda found: (sum(rules.points[finding] for finding in found), found), default=[])
    if one.birth_date and other.birth_date:
        yield "birth_date", _birth_date(*sorted((one.birth_date, other.birth_date)))
    if one.sex and other.sex:
        yield "sex", "same" if one.sex == other.sex else OTHER
    if one.phones & other.phones:
        yield "phone", "same"
    if one.emails & other.emails:
        yield "email", "same"
    if place := _places(rules, one.places, other.places):
        yield "address", place
    if number := _numbers(one.numbers, other.numbers):
        yield "identifier", number
    if one.social_security and other.social_security:
        yield "social_security", _social_security(one.social_security, other.social_security)


def _names(rules: Rules, one: Name, other: Name) -> Iterator[Finding]:
    """What two names have in common; of a pair that stands the other way round, that it does."""
    if _swapped(one, other):
        yield "swapped", "same"
        return
    if one.family and other.family:
        yield "family", _family(rules, one, other)
    if one.given and other.given:
        yield "given", _given(rules, one.given[0], other.given[0])
        if set(one.given[1:]) & set(other.given[1:]):
            yield "second_given", "same"


def _swapped(one: Name, other: Name) -> bool:
    whole = {(one.family, one.given[:1]), (other.family, other.given[:1])}
    crossed = one.given[:1] == (other.family,) and other.given[:1] == (one.family,)
    return crossed and len(whole) > 1


def _family(rules: Rules, one: Name, other: Name) -> str:
    if one.family == other.family or one.parts == other.parts:
        return "former" if one.former or other.former else "same"
    if (len(one.parts) > 1 or len(other.parts) > 1) and one.parts & other.parts:
        return "part"
    return "alike" if _alike(one.family, other.family) >= rules.alike["family"] else OTHER


def _given(rules: Rules, one: str, other: str) -> str:
    if one == other:
        return "same"
    if len(one) == 1 or len(other) == 1:
        return "initial" if one[0] == other[0] else OTHER
    return "alike" if _alike(one, other) >= rules.alike["given"] else OTHER


def _alike(one: str, other: str) -> float:
    """Jaro-Winkler; in one order, because it is not quite the same in both."""
    return JaroWinkler.similarity(*sorted((one, other)))


def _birth_date(one: str, other: str) -> str:
    if one == other:
        return "same"
    if len(one) < DAY or len(other) < DAY:
        return "within" if other.startswith(one) else OTHER
    if one[:4] == other[:4] and one[5:7] == other[8:] and one[8:] == other[5:7]:
        return "swapped"
    return "digit" if _is_slip(one, other) else OTHER


def _is_slip(one: str, other: str) -> bool:
    """One digit is another, or two neighbours stand in each other's place."""
    apart = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(apart) == 1:
        return True
    first, last = apart[0], apart[-1]
    return len(apart) == 2 and last == first + 1 and one[first : last + 1] == other[last] + other[first]


def _places(rules: Rules, one: Collection[tuple[str, str]], other: Collection[tuple[str, str]]) -> str:
    there = [(a, b) for (a, code), (b, same) in product(one, other) if code == same]
    if any(a and b and _alike(a, b) >= rules.alike["line"] for a, b in there):
        return "same"
    return "postal" if there else ""


def _numbers(one: frozenset[Finding], other: frozenset[Finding]) -> str:
    if one & other:
        return "same"
    return OTHER if {system for system, _ in one} & {system for system, _ in other} else ""


def _social_security(one: Collection[str], other: Collection[str]) -> str:
    """Where one says only the last digits, these are compared."""
    pairs = [*product(one, other)]
    if any(a == b and len(a) == WHOLE for a, b in pairs):
        return "same"
    return "last4" if any(min(len(a), len(b)) < WHOLE and a[-LAST4:] == b[-LAST4:] for a, b in pairs) else OTHER
