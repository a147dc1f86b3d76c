"""Reads the search part of a URL into a `Query`, or names everything in it that cannot be served.

https://hl7.org/fhir/R4/search.html; unknown parameters are refused, never ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import cast

from adapter.fhir.dates import milliseconds
from adapter.fhir.index import Index
from adapter.fhir.page_links import seal, unseal
from adapter.fhir.query import Cursor, Dates, Field, Ids, Match, Missing, Prefix, Query, Range, Sort, Term, Tokens
from adapter.problems import Issue, Kind, Problem

PAGE = "_page"
"""The one parameter of a page link."""

_PREFIX = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(\d.*)", re.DOTALL)
_PART = re.compile(r"(?:\\.|[^\\,])*", re.DOTALL)
_BAR = re.compile(r"(?<!\\)(?:\\\\)*\|")
_ESCAPE = re.compile(r"\\([\\,|$])")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_SEARCH = "search"
"""What page links of searches are sealed for."""
_CONTROLS = ("_sort", "_count", "_total", "_summary")


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds and surrounds a search: the server's own base URL (no slash at the end), page sizes, the secret of
    page links, the time it is, and how many alternatives a parameter and how many parameters a search may have."""

    base_url: str
    default_count: int
    max_count: int
    secret: bytes
    now: datetime
    or_limit: int = 100
    and_limit: int = 15


class _Refused(Exception):
    """One parameter cannot be served; collected, so that all are named at once."""

    def __init__(self, message: str, code: str = "invalid") -> None:
        super().__init__(message)
        self.code = code


def parse_search(type: str, pairs: Iterable[tuple[str, str]], index: Index, limits: Limits) -> Query:
    """The search that these decoded name-value pairs ask for.

    Problem(TOO_COSTLY) for more parameters than a search may have; Problem(INVALID) with an issue for each parameter,
    modifier or value that cannot be served (`not-supported` for what is unknown here, `too-costly` for too much), its
    expression the parameter's name. A `_page` link stands alone and brings back its search.
    """
    given = list(pairs)
    if len(given) > limits.and_limit + len(_CONTROLS) or _terms(given) > limits.and_limit:
        raise Problem(Kind.TOO_COSTLY, f"more than {limits.and_limit} search parameters at a time are not served")
    if any(name == PAGE for name, _ in given):
        return _continued(type, given, index, limits)
    reader = _Reader(type, index, limits)
    issues = []
    for name, value in given:
        try:
            reader.read(name, value)
        except _Refused as refused:
            issues.append(Issue(refused.code, f"{name}: {refused}", name))
    if issues:
        raise Problem(Kind.INVALID, "; ".join(issue.message for issue in issues), issues=issues)
    return reader.query()


def _terms(given: Iterable[tuple[str, str]]) -> int:
    """How many conditions, which must all hold."""
    return sum(name not in _CONTROLS for name, _ in given)


def page_token(query: Query, cursor: Cursor, secret: bytes) -> str:
    """What goes after `?_page=` to show the page that follows `cursor`."""
    asked = milliseconds(query.asked) if query.asked else None
    return seal([query.type, query.concept, query.applied, asked, *cursor], secret, _SEARCH)


def _continued(type: str, given: Sequence[tuple[str, str]], index: Index, limits: Limits) -> Query:
    if len(given) > 1:
        raise Problem(Kind.INVALID, "a page link is followed as it is; nothing can be added to it", PAGE)
    first, concept, applied, asked, *place = unseal(given[0][1], limits.secret, _SEARCH)
    if first != type:
        raise Problem(Kind.INVALID, f"this page link belongs to a search of {first}", PAGE)
    now = limits.now if asked is None else datetime.fromtimestamp(asked / 1000, UTC)
    query = parse_search(type, [(name, value) for name, value in applied], index, replace(limits, now=now))
    return replace(query, cursor=Cursor(*place), concept=concept)


class _Reader:
    """Gathers the parts of one query."""

    def __init__(self, type: str, index: Index, limits: Limits) -> None:
        self._type = type
        self._index = index
        self._limits = limits
        self._fields = index.parameters(type)
        self._terms: list[Term] = []
        self._sort: tuple[Sort, ...] = ()
        self._count = limits.default_count
        self._given: dict[str, str] = {}
        self._applied: list[tuple[str, str]] = []

    def query(self) -> Query:
        """The query of what was read."""
        controls = {**self._given, "_count": str(self._count)}
        return Query(
            self._type,
            tuple(self._terms),
            self._sort,
            self._count,
            summary_count=self._given.get("_summary") == "count" or self._count == 0,
            total=self._given.get("_total", "none") != "none",
            applied=(*self._applied, *((name, controls[name]) for name in _CONTROLS if name in controls)),
            asked=self._limits.now,
        )

    def read(self, name: str, value: str) -> None:
        """Take one parameter in; _Refused says why it cannot be."""
        if name in _CONTROLS:
            return self._control(name, value)
        code, _, modifier = name.partition(":")
        field = self._fields.get(code)
        if field is None:
            known = ", ".join(self._fields)
            raise _Refused(f"not a search parameter of {self._type} here; known are {known}", "not-supported")
        if not value:
            raise _Refused("has no value")
        self._terms.append(self._term(field, modifier, value))
        self._applied.append((name, value))
        return None

    def _control(self, name: str, value: str) -> None:
        if name in self._given:
            raise _Refused("can be given only once")
        if name == "_sort":
            self._sort = tuple(self._sort_key(part) for part in self._parts(value, self._limits.and_limit))
        elif name == "_count":
            if not value.isascii() or not value.isdigit():
                raise _Refused("is not a whole number, 0 or more")
            self._count = min(int(value.lstrip("0")[:9] or "0"), self._limits.max_count)
        elif name == "_total" and value not in ("none", "estimate", "accurate"):
            raise _Refused("is none of none, estimate, accurate")
        elif name == "_summary" and value not in ("count", "false"):
            raise _Refused("only count and false are served", "not-supported")
        self._given[name] = value

    def _sort_key(self, part: str) -> Sort:
        field = self._fields.get(part.removeprefix("-"))
        if field is None:
            known = ", ".join(self._fields)
            raise _Refused(f"{self._type} cannot be sorted by {part!r}; known are {known}", "not-supported")
        return Sort(field, part.startswith("-"))

    def _term(self, field: Field, modifier: str, value: str) -> Term:
        if modifier == "missing" and "missing" in field.modifiers:
            return self._missing(field, value)
        parts = self._parts(value, self._limits.or_limit)
        if field.kind == "reference" and (not modifier or modifier in field.targets):
            targets = (modifier,) if modifier else field.targets
            return Tokens(field, tuple(self._reference(field, targets, part) for part in parts))
        if modifier and modifier not in field.modifiers:
            known = ", ".join(field.modifiers) or "none"
            raise _Refused(f"the modifier {modifier!r} is not served here; known are: {known}", "not-supported")
        if field.code == "_id":
            return Ids(tuple(dict.fromkeys(_id(part) for part in parts)))
        if field.kind == "date":
            return Dates(field, tuple(self._range(part) for part in parts))
        return Tokens(field, tuple(_token(field, part) for part in parts), modifier == "not")

    @staticmethod
    def _parts(value: str, limit: int) -> list[str]:
        """The parts between commas, still escaped."""
        parts = list(islice(_parts(value), limit + 1))
        if len(parts) > limit:
            raise _Refused(f"more than {limit} values between commas are not served", "too-costly")
        return parts

    def _missing(self, field: Field, value: str) -> Missing:
        if value not in ("true", "false"):
            raise _Refused("is neither true nor false")
        return Missing(field, value == "true")

    def _reference(self, field: Field, targets: tuple[str, ...], part: str) -> Match:
        text = _unescaped(part).removeprefix(self._limits.base_url + "/")
        type, slash, _ = text.partition("/")
        if slash and ":" not in text and field.targets and type not in targets:
            raise _Refused(f"cannot point to {type!r}; it points to {', '.join(targets)}")
        return Match.reference(targets, text)

    def _range(self, part: str) -> Range:
        found = _PREFIX.fullmatch(part)
        try:
            if found is None:
                raise ValueError(part)
            low, high = self._index.calendar.asked(found[2])
        except ValueError:
            hint = "; write + as %2B in a URL" if " " in part else ""
            like = "2026, 2026-03, ge2026-03-01 or 2026-03-01T17:00:00Z"
            raise _Refused(f"{part!r} is not a date such as {like}{hint}") from None
        prefix = cast(Prefix, found[1] or "eq")
        if prefix == "ap":
            # R4's recommendation: a tenth of the time between then and now, either way.
            slack = abs(milliseconds(self._limits.now) - low) // 10
            low, high = low - slack, high + slack
        return Range(prefix, low, high)


def _parts(value: str) -> Iterator[str]:
    at = 0
    while at <= len(value):
        match = _PART.match(value, at)
        assert match is not None
        if not match[0] or (match.end() < len(value) and value[match.end()] != ","):
            raise _Refused("has an empty alternative between commas" if not match[0] else "ends in a lone backslash")
        yield match[0]
        at = match.end() + 1


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


def _token(field: Field, part: str) -> Match:
    bar = _BAR.search(part)
    if bar is None:
        return Match.token(None, _unescaped(part))
    system, code = _unescaped(part[: bar.end() - 1]), _unescaped(part[bar.end() :])
    if not system and not code:
        raise _Refused("'|' alone asks for nothing")
    if system and field.systems is not None:
        if system not in field.systems:
            known = ", ".join(sorted(field.systems)) or "none"
            raise _Refused(f"there are no codes of the system {system!r} here; known are: {known}")
        # R4: the system of a code element is implied by its binding; the resource does not say it.
        return Match.token("", code)
    return Match.token(system, code)


def _id(part: str) -> str:
    if not _ID.fullmatch(part):
        raise _Refused(f"{part!r} is not an id")
    return part
