"""Reads the search part of a URL into a `Query`, or names everything in it that cannot be served.

https://hl7.org/fhir/R4/search.html; unknown parameters are refused, or passed over and named, never just ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from adapter.fhir.dates import milliseconds
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.fhir.page_links import seal, unseal
from adapter.fhir.query import Cursor, Field, Include, Query, Sort, Term
from adapter.fhir.search_terms import TermReader
from adapter.fhir.search_values import RefusedError, parts
from adapter.fhir.subset import SUMMARIES, Part
from adapter.problems import Issue, Kind, Problem, named

PAGE = "_page"
"""The one parameter of a page link."""

_SEARCH = "search"
"""What page links of searches are sealed for."""
_CONTROLS = ("_sort", "_count", "_total", "_summary", "_elements")
_INCLUDES = ("_include", "_include:iterate", "_revinclude", "_revinclude:iterate")


class Within(NamedTuple):
    """What the address of a search adds to it: whose compartment it is, and the condition that this means."""

    place: str
    term: Term


def parse_search(
    type: str, pairs: Iterable[tuple[str, str]], index: Index, limits: Limits, within: Within | None = None
) -> Query:
    """The search that these decoded name-value pairs ask for, within a compartment where one is given.

    Problem(TOO_COSTLY) for more parameters than a search may have; Problem(INVALID) with an issue for each parameter,
    modifier or value that cannot be served (`not-supported` for what is unknown here, `too-costly` for too much), its
    expression the parameter's name. A `_page` link stands alone and brings back its search.
    """
    given = list(pairs)
    if len(given) > limits.and_limit + len(_CONTROLS) or _terms(given) > limits.and_limit:
        raise Problem(Kind.TOO_COSTLY, f"more than {limits.and_limit} search parameters at a time are not served")
    if any(name == PAGE for name, _ in given):
        return _continued(type, given, index, limits, within)
    reader = _Reader(type, index, limits)
    issues = []
    for name, value in given:
        try:
            reader.read(name, value)
        except RefusedError as refused:
            if limits.lenient and refused.code == "not-supported":
                reader.passed_over.append((name, str(refused)))
            else:
                issues.append(Issue(refused.code, f"{named(name)}: {refused}", named(name)))
    issues += reader.contradictions()
    if issues:
        raise Problem(Kind.INVALID, "; ".join(issue.message for issue in issues), issues=issues)
    return reader.query(within)


def _terms(given: Iterable[tuple[str, str]]) -> int:
    """How many conditions and includes."""
    return sum(name not in _CONTROLS for name, _ in given)


def page_token(query: Query, cursor: Cursor, secret: bytes, within: Within | None = None) -> str:
    """What goes after `?_page=` to show the page that follows `cursor`."""
    asked = milliseconds(query.asked) if query.asked else None
    return seal([query.type, query.concept, query.applied, asked, *cursor], secret, _purpose(within))


def _purpose(within: Within | None) -> str:
    return f"{_SEARCH} {within.place}" if within else _SEARCH


def _continued(
    type: str, given: Sequence[tuple[str, str]], index: Index, limits: Limits, within: Within | None
) -> Query:
    if len(given) > 1:
        raise Problem(Kind.INVALID, "a page link is followed as it is; nothing can be added to it", PAGE)
    first, concept, applied, asked, *at = unseal(given[0][1], limits.secret, _purpose(within))
    if first != type:
        raise Problem(Kind.INVALID, f"this page link belongs to a search of {first}", PAGE)
    now = limits.now if asked is None else datetime.fromtimestamp(asked / 1000, UTC)
    then = replace(limits, now=now)
    query = parse_search(type, [(name, value) for name, value in applied], index, then, within)
    return replace(query, cursor=Cursor(*at), concept=concept, asked=query.asked if asked is None else now)


class _Reader:
    """Gathers the parts of one query."""

    def __init__(self, type: str, index: Index, limits: Limits) -> None:
        self._type = type
        self._index = index
        self._limits = limits
        self._reader = TermReader(type, index, limits)
        self._fields = self._reader.fields
        self._found: list[Term] = []
        self._sort: tuple[Sort, ...] = ()
        self._includes: list[Include] = []
        self._elements: tuple[str, ...] = ()
        self._count = limits.default_count
        self._given: dict[str, str] = {}
        self._applied: list[tuple[str, str]] = []
        self.passed_over: list[tuple[str, str]] = []

    def query(self, within: Within | None) -> Query:
        """The query of what was read."""
        controls = {**self._given, "_count": str(self._count)}
        summary = self._given.get("_summary", "false")
        return Query(
            self._type,
            (*self._found, *((within.term,) if within else ())),
            tuple(self._includes),
            self._sort,
            self._count,
            summary_count=summary == "count" or self._count == 0,
            total=self._given.get("_total", "none") != "none",
            applied=(*self._applied, *((name, controls[name]) for name in _CONTROLS if name in controls)),
            asked=self._limits.now,
            part=Part("false" if summary == "count" else summary, self._elements),
            passed_over=tuple(self.passed_over),
        )

    def contradictions(self) -> list[Issue]:
        """What was said of a search that cannot hold together."""
        if self._given.get("_summary") == "text" and self._includes:
            return [Issue("invalid", "_summary: text leaves no room for _include and _revinclude, says R4", "_summary")]
        if self._elements and self._given.get("_summary", "false") not in ("false", "count"):
            return [Issue("invalid", "_elements: stands beside a _summary that says otherwise", "_elements")]
        return []

    def read(self, name: str, value: str) -> None:
        """Take one parameter in; RefusedError says why it cannot be."""
        if "\0" in value:
            raise RefusedError("holds the character NUL, which no record holds")
        if name in _CONTROLS:
            return self._control(name, value)
        if name.partition(":")[0] in ("_include", "_revinclude"):
            self._includes += self._include(name, value)
        else:
            self._found.append(self._reader.read(name, value))
        self._applied.append((name, value))
        return None

    def _control(self, name: str, value: str) -> None:
        if name in self._given:
            raise RefusedError("can be given only once")
        if name == "_sort":
            self._sort = tuple(self._sort_key(part) for part in parts(value, self._limits.and_limit))
        elif name == "_count":
            if not value.isascii() or not value.isdigit():
                raise RefusedError("is not a whole number, 0 or more")
            self._count = min(int(value.lstrip("0")[:9] or "0"), self._limits.max_count)
        elif name == "_total" and value not in ("none", "estimate", "accurate"):
            raise RefusedError("is none of none, estimate, accurate")
        elif name == "_summary" and value not in SUMMARIES:
            raise RefusedError(f"is none of {', '.join(SUMMARIES)}")
        elif name == "_elements":
            self._elements = self._named(value)
        self._given[name] = value

    def _named(self, value: str) -> tuple[str, ...]:
        known = self._index.elements(self._type)
        names = parts(value, self._limits.or_limit)
        unknown = [name for name in names if name not in known]
        if unknown:
            raise RefusedError(f"names what is no element of {self._type}; its own are {', '.join(sorted(known))}")
        return tuple(names)

    def _sort_key(self, part: str) -> Sort:
        field = self._fields.get(part.removeprefix("-"))
        if field is None or (field.number < 0 and field.code not in ("_id", "_lastUpdated")):
            known = ", ".join(self._fields)
            raise RefusedError(f"{self._type} cannot be sorted by that; known are {known}", "not-supported")
        return Sort(field, part.startswith("-"))

    def _include(self, name: str, value: str) -> list[Include]:
        """`Type:parameter` or `Type:parameter:Target`; `*` is every reference of the type."""
        if name not in _INCLUDES:
            raise RefusedError("the modifier known here is iterate", "not-supported")
        reverse, iterate = name.startswith("_rev"), name.endswith(":iterate")
        type, _, rest = (f"{self._type}:*" if value == "*" else value).partition(":")
        code, _, target = rest.partition(":")
        if not type or not code:
            raise RefusedError("is not of the form Type:parameter or Type:parameter:Target")
        if not self._index.serves(type):
            raise RefusedError("begins with what is no resource type that is served", "not-supported")
        if not reverse and not iterate and type != self._type:
            raise RefusedError(f"what is found is {self._type}, not {type}; to follow what is included say :iterate")
        fields = [self._pointer(type, code)] if code != "*" else self._pointers(type)
        if target and not all(target in field.targets or not field.targets for field in fields):
            raise RefusedError(f"{code} of {type} does not point to that type")
        if reverse and code == "*":
            raise RefusedError("what points here must be named by its parameter", "not-supported")
        return [Include(type, field, target or None, reverse, iterate) for field in fields]

    def _pointer(self, type: str, code: str) -> Field:
        field = TermReader(type, self._index, self._limits).field(code)
        if field.kind != "reference":
            raise RefusedError(f"{code} of {type} is no reference")
        return field

    def _pointers(self, type: str) -> list[Field]:
        fields = self._index.parameters(type).values()
        return list({field.number: field for field in fields if field.kind == "reference"}.values())
