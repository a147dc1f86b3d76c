"""Reads the values of search parameters into what they are compared with.

https://hl7.org/fhir/R4/search.html#ptypes
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import cast

from adapter.fhir import amounts, strings, tokens
from adapter.fhir.dates import Calendar, milliseconds
from adapter.fhir.limits import Limits
from adapter.fhir.query import Field, Match, Measure, Prefix, Range

_PREFIX = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(-?\d.*)", re.DOTALL)
_PART = re.compile(r"(?:\\.|[^\\,])*", re.DOTALL)
_HALF = re.compile(r"(?<!\\)(?:\\\\)*\$")
_BAR = re.compile(r"(?<!\\)(?:\\\\)*\|")
_ESCAPE = re.compile(r"\\([\\,|$])")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_CONTAINED = 3
"""Characters that `:contains` needs: every text has fewer somewhere."""


class RefusedError(Exception):
    """One parameter cannot be served; collected, so that all are named at once.

    The reason quotes no value: it may be a person's name, number or date.
    """

    def __init__(self, message: str, code: str = "invalid") -> None:
        super().__init__(message)
        self.code = code


def parts(value: str, limit: int) -> list[str]:
    """The alternatives between commas, still escaped."""
    found = list(islice(_parts(value), limit + 1))
    if len(found) > limit:
        raise RefusedError(f"more than {limit} values between commas are not served", "too-costly")
    return found


def _parts(value: str) -> Iterator[str]:
    at = 0
    while at <= len(value):
        match = _PART.match(value, at)
        assert match is not None
        if not match[0] or (match.end() < len(value) and value[match.end()] != ","):
            raise RefusedError(
                "has an empty alternative between commas" if not match[0] else "ends in a lone backslash"
            )
        yield match[0]
        at = match.end() + 1


def unescaped(text: str) -> str:
    """The text that was meant: `\\,`, `\\|`, `\\$` and `\\\\` stand for the characters themselves."""
    return _ESCAPE.sub(r"\1", text)


def _split(separator: re.Pattern[str], part: str) -> list[str]:
    """The pieces between separators that are not escaped."""
    pieces, at = [], 0
    for found in separator.finditer(part):
        pieces.append(part[at : found.end() - 1])
        at = found.end()
    return [*pieces, part[at:]]


def id_of(part: str) -> str:
    """A resource's id."""
    if not _ID.fullmatch(part):
        raise RefusedError("is not an id")
    return part


def boolean(value: str) -> bool:
    """What `:missing` asks."""
    if value not in ("true", "false"):
        raise RefusedError("is neither true nor false")
    return value == "true"


def token(field: Field, part: str) -> Match:
    """`code`, `system|code`, `|code` or `system|`."""
    pieces = _split(_BAR, part)
    if len(pieces) == 1:
        return Match.token(None, unescaped(part))
    system, code = unescaped(pieces[0]), unescaped("|".join(pieces[1:]))
    if not system and not code:
        raise RefusedError("'|' alone asks for nothing")
    if system and field.systems is not None:
        if system not in field.systems:
            known = ", ".join(sorted(field.systems)) or "none"
            raise RefusedError(f"there are no codes of that system here; known are: {known}")
        # R4: the system of a code element is implied by its binding; the resource does not say it.
        return Match.token("", code)
    return Match.token(system, code)


def logical(part: str) -> Match:
    """A reference by the identifier in it, in the forms of a token."""
    pieces = _split(_BAR, part)
    if len(pieces) == 1:
        return Match.logical(None, unescaped(part))
    system, value = unescaped(pieces[0]), unescaped("|".join(pieces[1:]))
    if not system and not value:
        raise RefusedError("'|' alone asks for nothing")
    return Match.logical(system, value)


def typed(part: str) -> Match:
    """`system|code|value`: an identifier by the code of its type."""
    pieces = [unescaped(piece) for piece in _split(_BAR, part)]
    if len(pieces) != 3 or not all(pieces):
        raise RefusedError("is not of the form system|code|value")
    return Match(tokens.typed(*pieces))


def string(part: str, modifier: str) -> Match:
    """A text: without a modifier what begins so."""
    text = unescaped(part)
    match = Match.string(text, modifier)
    wanted = match.holds or match.begins
    if match.exact is None and not wanted:
        raise RefusedError("has no letter or digit to look for")
    if len(wanted) > strings.LONGEST:
        raise RefusedError(f"is longer than the {strings.LONGEST} characters that are indexed", "too-costly")
    if modifier == "contains" and len(wanted) < _CONTAINED:
        raise RefusedError(f"needs {_CONTAINED} letters or more", "too-costly")
    return match


def reference(targets: tuple[str, ...], known: tuple[str, ...], part: str, base_url: str) -> Match:
    """`id`, `Type/id` or a URL, which may be this server's own."""
    text = unescaped(part).removeprefix(base_url + "/")
    type, slash, _ = text.partition("/")
    if slash and ":" not in text and known and type not in targets:
        raise RefusedError(f"cannot point to that type; it points to {', '.join(targets)}")
    return Match.reference(targets, text)


def date(part: str, calendar: Calendar, limits: Limits) -> Range:
    """A date with or without a prefix."""
    found = _PREFIX.fullmatch(part)
    try:
        if found is None:
            raise ValueError(part)
        low, high = calendar.asked(found[2])
    except ValueError:
        hint = "; write + as %2B in a URL" if " " in part else ""
        like = "2026, 2026-03, ge2026-03-01 or 2026-03-01T17:00:00Z"
        raise RefusedError(f"is not a date such as {like}{hint}") from None
    prefix = cast(Prefix, found[1] or "eq")
    if prefix == "ap":
        # R4's recommendation: a tenth of the time between then and now, either way.
        slack = abs(milliseconds(limits.now) - low) // 10
        low, high = low - slack, high + slack
    return Range(prefix, low, high)


def measure(part: str, *, quantity: bool) -> Measure:
    """A number, or `number`, `number|system|code`, `number||unit`, each with or without a prefix."""
    number, *unit = _split(_BAR, part) if quantity else [part]
    found = _PREFIX.fullmatch(number)
    try:
        if found is None:
            raise ValueError(part)
        low, value, high = amounts.asked(found[2], approximately=found[1] == "ap")
    except ValueError:
        like = "5.4, gt5.4, 5.4|http://unitsofmeasure.org|mg or 5.4||mg" if quantity else "5, 0.2 or gt5"
        raise RefusedError(f"is not a {'quantity' if quantity else 'number'} such as {like}") from None
    measured = Measure(cast(Prefix, found[1] or "eq"), low, value, high)
    if not unit:
        return measured
    system, code = unescaped(unit[0]), unescaped("|".join(unit[1:]))
    if len(unit) < 2 or (system and not code):
        raise RefusedError("is not of the form number|system|code or number||unit")
    if system:
        return measured._replace(unit=Match.token(system, code))
    return measured._replace(unit=Match.token(None, code), said=amounts.unit(code)) if code else measured


def halves(part: str) -> tuple[str, str]:
    """The two values of a composite, between which a `$` stands."""
    pieces = _split(_HALF, part)
    if len(pieces) != 2 or not all(pieces):
        raise RefusedError("is not of the form value$value")
    return pieces[0], pieces[1]
