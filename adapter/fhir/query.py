"""A search as data: what is asked, in which order, how much of it and from where on.

https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from adapter.fhir import tokens


@dataclass(frozen=True, slots=True)
class Field:
    """A search parameter as served for one type.

    `number` names the index rows that answer it, and is -1 for what stands in columns of the version (`_id`,
    `_lastUpdated`); two parameters may share them, as `patient` and `subject` do. `bit` is its place among the
    parameters present in a resource; `repeats` tells whether a resource may have several values.
    `systems` are those that codes which say no system are of, by a required binding; None where they say it themselves.
    """

    code: str
    kind: str
    url: str
    targets: tuple[str, ...]
    expression: str
    number: int
    bit: int
    repeats: bool
    systems: frozenset[str] | None = None

    @property
    def modifiers(self) -> tuple[str, ...]:
        """The modifiers served, for the CapabilityStatement."""
        if self.number < 0:
            return ()
        return ("missing", "not") if self.kind == "token" else ("missing",)


class Match(NamedTuple):
    """A token or reference as asked for.

    `exact` is the form of the only value that fits; else `begins` and `ends` are what a fitting form begins and ends
    with ("" for any). The forms are those of `adapter.fhir.tokens`.
    """

    exact: str | None
    begins: str = ""
    ends: str = ""

    @classmethod
    def plain(cls, field: Field, text: str) -> Match:
        """The match for a value without escapes: `system|code`, `code`, `|code`, `system|`, `Type/id`, `id`, a URL."""
        if field.kind == "reference":
            return cls.reference(field.targets, text)
        system, bar, code = text.partition("|")
        return cls.token(system, code) if bar else cls.token(None, text)

    @classmethod
    def token(cls, system: str | None, code: str) -> Match:
        """A code in a system: None for any system, "" for none; an empty code for any code of the system."""
        if system is None:
            return cls(None, begins=code + tokens.SEPARATOR)
        if not code:
            return cls(None, ends=tokens.SEPARATOR + tokens.mark(system))
        return cls(tokens.token(code, system))

    @classmethod
    def reference(cls, targets: tuple[str, ...], text: str) -> Match:
        """A literal reference, or a bare id of whatever type the parameter may point to."""
        if "/" in text or ":" in text:
            return cls(tokens.target(text))
        if len(targets) == 1:
            return cls(tokens.target(f"{targets[0]}/{text}"))
        return cls(None, begins=text + tokens.SEPARATOR)

    def fits(self, key: str) -> bool:
        """Whether a row with this form is meant."""
        return key == self.exact if self.exact is not None else key.startswith(self.begins) and key.endswith(self.ends)


Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]


class Range(NamedTuple):
    """A date asked for: how it is compared, and its interval [low, high) in milliseconds.

    For `ap` the interval is already widened.
    """

    prefix: Prefix
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Ids:
    """The resource has one of these ids."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The resource has one of these tokens or references under the parameter; `negated`: it has none of them."""

    field: Field
    matches: tuple[Match, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Dates:
    """The resource has a date under the parameter (`_lastUpdated` included) that compares so with one of these."""

    field: Field
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """The resource has no value under the parameter, or (`missing` false) has one."""

    field: Field
    missing: bool


Term = Ids | Tokens | Dates | Missing


class Sort(NamedTuple):
    """One key of the order asked for."""

    field: Field
    descending: bool


class Cursor(NamedTuple):
    """Where a page ended: the logical time all its pages show, the sort key and the version number of the last row."""

    t: int
    sort: int
    vid: int


@dataclass(frozen=True, slots=True)
class Query:
    """A search of one type. All `terms` must hold; no `sort` means the type's natural date, newest first.

    `applied` are the parameters as they were really applied, for the self link; `asked` is when the search was first
    asked, which fixes what `ap` means on all its pages. `concept` keeps only records of one native concept.
    """

    type: str
    terms: tuple[Term, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 50
    summary_count: bool = False
    total: bool = False
    applied: tuple[tuple[str, str], ...] = ()
    asked: datetime | None = None
    cursor: Cursor | None = None
    concept: str | None = None
