"""A search as data: what is asked, in which order, how much of it and from where on.

https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Literal, NamedTuple

from adapter.fhir import strings, tokens
from adapter.fhir.subset import WHOLE, Part


@dataclass(frozen=True, slots=True)
class Field:
    """A search parameter as served for one type.

    `number` names the index rows that answer it, and is -1 for what stands in columns of the version (`_id`,
    `_lastUpdated`); two parameters may share them, as `patient` and `subject` do. `bit` is its place among the
    parameters present in a resource; `repeats` tells whether a resource may have several values.
    `parts` are what a composite is made of; `either` the parameters of which one must answer. Both kinds have no rows
    of their own, save a composite that pairs the values of one element.
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
    parts: tuple[Field, ...] = ()
    either: tuple[Field, ...] = ()

    @property
    def modifiers(self) -> tuple[str, ...]:
        """The modifiers served, for the CapabilityStatement; a reference takes a resource type as well."""
        if self.kind == "composite" or (self.number < 0 and not self.either):
            return ()
        more = ("of-type",) if self.code == "identifier" else ()
        return ("missing", *_MODIFIERS.get(self.kind, ()), *more)

    @property
    def mask(self) -> int:
        """The bits of which one is set in a resource that has a value."""
        if self.either:
            return reduce(or_, (field.mask for field in self.either))
        return 1 << self.bit


_MODIFIERS = {"token": ("not",), "string": ("exact", "contains"), "reference": ("identifier",)}


class Match(NamedTuple):
    """A token, reference or string as asked for.

    `exact` is the form of the only value that fits; else `begins` and `ends` are what a fitting form begins and ends
    with, `holds` what stands in it ("" for any), and `pair` what its two halves must be. The forms are those of
    `adapter.fhir.tokens` and `adapter.fhir.strings`.
    """

    exact: str | None
    begins: str = ""
    ends: str = ""
    holds: str = ""
    pair: tuple[Match, Match] | None = None

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
            return cls(None, begins=tokens.brief(code) + tokens.SEPARATOR)
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
        return cls(None, begins=tokens.brief(text) + tokens.SEPARATOR)

    @classmethod
    def logical(cls, system: str | None, value: str) -> Match:
        """A reference by the identifier in it."""
        known = cls.token(system, value)
        if known.exact is not None:
            return cls(tokens.LOGICAL + known.exact)
        return cls(None, begins=tokens.LOGICAL + known.begins, ends=known.ends)

    @classmethod
    def string(cls, text: str, modifier: str) -> Match:
        """A string that begins so; `contains`: has this in it; `exact`: is this, to the letter."""
        if modifier == "exact":
            return cls(strings.form(text))
        wanted = strings.normal(text)
        return cls(None, holds=wanted) if modifier == "contains" else cls(None, begins=wanted)

    @classmethod
    def both(cls, first: Match, second: Match) -> Match:
        """Two values that stand together."""
        if first.exact is not None and second.exact is not None:
            return cls(tokens.pair(first.exact, second.exact))
        begins = first.begins if first.exact is None else tokens.pair(first.exact, second.exact or second.begins)
        return cls(None, begins=begins, pair=(first, second))

    def fits(self, key: str) -> bool:
        """Whether a row with this form is meant."""
        if self.exact is not None:
            return key == self.exact
        if self.pair is not None:
            return all(match.fits(half) for match, half in zip(self.pair, tokens.halves(key), strict=True))
        return key.startswith(self.begins) and key.endswith(self.ends) and self.holds in key


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


class Measure(NamedTuple):
    """A number asked for: how it is compared, and [low, high), the interval that its digits mean.

    `unit` is what the unit's token must be (None: any), or `said` what stands as its code or its text; `of` the code
    that it must belong to, in a composite.
    """

    prefix: Prefix
    low: float
    number: float
    high: float
    unit: Match | None = None
    said: str | None = None
    of: Match | None = None


@dataclass(frozen=True, slots=True)
class Amounts:
    """The resource has a number or quantity under the parameter that compares so with one of these."""

    field: Field
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """The resource has no value under the parameter, or (`missing` false) has one."""

    field: Field
    missing: bool


@dataclass(frozen=True, slots=True)
class Tells:
    """The resource tells of something, by its own sensitivities: for one of these it has one of `some` and none of
    `none`."""

    of: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of the terms holds; `negated`: none does."""

    terms: tuple[Term, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """All of the terms hold."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Chained:
    """The resource points, under the parameter, to a record of this type for which the term holds."""

    field: Field
    type: str
    term: Term


@dataclass(frozen=True, slots=True)
class PointedTo:
    """A record of `type` for which the term holds points to the resource, under its parameter."""

    type: str
    field: Field
    term: Term


Term = Ids | Tokens | Dates | Amounts | Missing | Tells | Either | All | Chained | PointedTo


class Include(NamedTuple):
    """What goes along with the matches: what records of `type` point to under the parameter, or (`reverse`) those
    records of `type` that point to them. `target` None takes any type; `iterate` looks at what is included as well."""

    type: str
    field: Field
    target: str | None
    reverse: bool
    iterate: bool


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
    asked, where that counts: it fixes what `ap` means on all its pages, and which side of a Task its sender sees.
    `concept` keeps only records of one native concept. `part` is what of each resource is wanted; `passed_over` are
    (name, why) of parameters that a lenient search left out.
    """

    type: str
    terms: tuple[Term, ...] = ()
    includes: tuple[Include, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 50
    summary_count: bool = False
    total: bool = False
    applied: tuple[tuple[str, str], ...] = ()
    asked: datetime | None = None
    cursor: Cursor | None = None
    concept: str | None = None
    part: Part = WHOLE
    passed_over: tuple[tuple[str, str], ...] = ()
