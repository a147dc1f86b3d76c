"""Which search parameters are served for each type, and the index rows of a resource.

https://hl7.org/fhir/R4/search.html and https://hl7.org/fhir/R4/searchparameter.html
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from adapter.fhir import tokens
from adapter.fhir.canonical import BASE
from adapter.fhir.dates import Calendar
from adapter.fhir.elements import Definitions, SearchParameter
from adapter.fhir.extraction import SERVED, Amount, Extract, Moment, Token, Wanted, compile_source, compiled
from adapter.fhir.query import Field, Match
from adapter.fhir.search_paths import plain, repeats, stem, targets
from adapter.problems import Kind, Problem
from adapter.rules import EVERY_PARAMETER, Face, Grant, Labels, Mark, NoRules, Rendering, Rules, Tie

NO_RULES = NoRules()
FORM = 6
"""Raised whenever index rows are written differently for the same definitions, so that a store rebuilds its index."""

_WIDTH = 64
"""Numbers of a type: one bit each in an SQLite integer, and the last for the list of the whole type."""
_NUMBERS = 1 << 16
"""More than the types have numbers; those of a rendering begin at the next such step."""
_PATIENT = f"{tokens.SEPARATOR}Patient"
"""How the index row of a reference to a patient ends."""


class Rows(NamedTuple):
    """The index rows of one resource.

    `sort` is its natural date in milliseconds (None: it has none); `present` has a bit for every parameter that has
    a value; `tokens`, `dates` and `amounts` are rows as `extraction` describes them; `whom` are the ids of the patients
    they place it with. `labels` say what it tells of, `grants` what it permits and denies, `ties` whom it ties to a
    patient.
    """

    sort: int | None
    present: int
    tokens: list[Token]
    dates: list[Moment]
    amounts: list[Amount]
    whom: tuple[str, ...] = ()
    labels: Labels = Labels(0)
    grants: tuple[Grant, ...] = ()
    ties: tuple[Tie, ...] = ()


class Marked(NamedTuple):
    """A `rules.Mark` by the forms of its token and of those below it."""

    form: str
    some: int
    none: int
    below: frozenset[str]

    @classmethod
    def of(cls, mark: Mark) -> Marked:
        """A mark as it is looked for."""
        below = frozenset(tokens.token(code, mark.system) for code in mark.below)
        return cls(tokens.token(mark.code, mark.system), mark.some, mark.none, below)


class Index:
    """The search parameters of `search.toml` over the R4 definitions, compiled per type when first needed.

    `hash` changes whenever index rows of the same resources would; a store then rebuilds its index. Raises
    Problem(FAULT) for a file that names what R4 does not have.
    """

    def __init__(
        self,
        definitions: Definitions,
        enabled: Mapping[str, Any],
        zone: ZoneInfo,
        rules: Rules = NO_RULES,
        of: Rendering | None = None,
    ) -> None:
        """`of`: the rendering that it is the index of, which has rows under numbers of its own."""
        self._definitions = definitions
        self._rules = rules
        self._only = of.parameters if of else None
        self._shared = of.shared if of else frozenset[str]()
        self.first = of.first if of else 1
        self._enabled = enabled
        self._off = frozenset(enabled["off"])
        self._sorts: Mapping[str, str] = {t: code for t, code in enabled["sort"].items() if self._allows(t, code)}
        self._systems: Mapping[str, list[str]] = enabled["systems"]
        self._own: Mapping[str, Mapping[str, Any]] = enabled["own"]
        self._either: Mapping[str, list[str]] = enabled["either"]
        self.calendar = Calendar(zone)
        self.parameters = cache(self._parameters)
        self.source = cache(self._source)
        self.compartment = cache(self._compartment)
        self._persons = cache(self._person_numbers)
        first = (of.onto or of.number) * _NUMBERS if of else 0
        starts = {type: place * _WIDTH for place, type in enumerate(sorted(definitions.types))}
        self._numbers = {type: at if type in self._shared else first + at for type, at in starts.items()}
        self.renderings = tuple(rules.renderings)
        self._faces = {r.number: Index(definitions, enabled, zone, Face(rules, r), r) for r in self.renderings}
        self._extractors: dict[str, tuple[Extract, int]] = {}
        self.marks = tuple(map(Marked.of, rules.marks))
        self.hash = self._hash(zone)
        self._check_sorts()

    def _check_sorts(self) -> None:
        for type, code in self._sorts.items():
            if code not in self.parameters(type):
                raise Problem(Kind.FAULT, f"search.toml: {type} is sorted by {code}, which it does not have")

    @classmethod
    def load(cls, profiles: Path, definitions: Definitions, zone: ZoneInfo, rules: Rules = NO_RULES) -> Index:
        """The index described by `search.toml` in the folder of profiles."""
        return cls(definitions, tomllib.loads((profiles / "search.toml").read_text("utf-8")), zone, rules)

    def of(self, rendering: int) -> Index:
        """The index of what a rendering shows; 0 is the records themselves. Problem(FAULT) for one that is not made."""
        if not rendering:
            return self
        if rendering not in self._faces:
            raise Problem(Kind.FAULT, f"there is a rendering {rendering}, which this program does not make")
        return self._faces[rendering]

    def serves(self, type: str) -> bool:
        """Whether it is a resource type of R4."""
        return type in self._definitions.types

    def _allows(self, type: str, code: str) -> bool:
        # What every resource has (`_profile`) says nothing that is not shown.
        if self._only is None or code[:1] == "_" or type in self._shared:
            return True
        allowed = self._only.get(type, frozenset())
        return allowed is EVERY_PARAMETER or code in allowed

    def elements(self, type: str) -> frozenset[str]:
        """The names of the type's own elements, a choice without `[x]`."""
        return frozenset(child.name.removesuffix("[x]") for child in self._definitions.children(type))

    def natural(self, type: str) -> Field | None:
        """The date parameter by which a list of the type is sorted; None: by `_lastUpdated`."""
        code = self._sorts.get(type)
        return self.parameters(type)[code] if code else None

    def whole(self, type: str) -> int:
        """The number under which every resource of the type has one row, its value the concept's name."""
        return self._numbers[type] + _WIDTH - 1

    def rows(self, type: str, resource: dict[str, Any], labels: Labels | None = None) -> Rows:
        """The index rows of a valid resource; its `labels` are found with them, where they are not known."""
        known = self._extractors.get(type) or self._compile(type)
        present, found, dates, amounts = known[0](resource)
        sort = next((low for number, low, _ in dates if number == known[1]), None)
        rules = self._rules
        whom = self._whom(type, found)
        return Rows(
            sort,
            present,
            found,
            dates,
            amounts,
            whom,
            rules.labels(type, resource, whom) if labels is None else labels,
            rules.grants(type, resource),
            rules.ties(type, resource),
        )

    def together(self, labels: int, more: int) -> int:
        """The sensitivities of a record of which one version has these, and another those."""
        return self._rules.together(labels, more)

    def sensitivities(self, resource: dict[str, Any], outside: bool) -> int:
        """What a resource, or a part of one, tells of by itself, in or outside part 2."""
        return self._rules.labels("", resource, ()).told(outside=outside)

    @property
    def by_episode(self) -> bool:
        """Whether part 2 protects a record depends on the episode that it belongs to."""
        return self._rules.by_episode

    def frees(self, episode: dict[str, Any]) -> bool:
        """Whether an EpisodeOfCare says that part 2 does not protect what belongs to it."""
        return self._rules.frees(episode)

    def matches(self, type: str, resource: dict[str, Any], parameter: str, value: str) -> bool:
        """Whether a search by this token or reference would find the resource."""
        field = self.parameters(type)[parameter]
        wanted = Match.plain(field, value)
        return any(number == field.number and wanted.fits(key) for number, key in self.rows(type, resource).tokens)

    def patients(self, type: str, id: str, rows: Rows) -> tuple[str, ...]:
        """The ids of the patients in whose compartment the resource is, as far as its index rows tell."""
        return (id,) if type == "Patient" else rows.whom

    def _whom(self, type: str, found: list[Token]) -> tuple[str, ...]:
        """The ids of the patients that its index rows place a resource with."""
        if type == "Patient":  # those speak of others, whom it is linked to
            return ()
        numbers = self._persons(type)
        keys = {key for number, key in found if number in numbers and key.endswith(_PATIENT)}
        return tuple(sorted([key.removesuffix(_PATIENT) for key in keys]))

    def placed_with(self, type: str, number: int, value: str) -> str | None:
        """The id of the patient whom a value under a parameter places every record with that has it."""
        placed = type != "Patient" and value.endswith(_PATIENT) and number in self._persons(type)
        return value.removesuffix(_PATIENT) if placed else None

    def subjects(self, type: str, rows: Rows) -> tuple[str, ...]:
        """The ids of the patients that the resource says it is about, by the parameter `patient` of its type."""
        field = self.parameters(type).get("patient")
        found = {key for number, key in rows.tokens if field and number == field.number and key.endswith(_PATIENT)}
        return tuple(sorted([key.removesuffix(_PATIENT) for key in found]))

    def personal(self, type: str) -> bool:
        """Whether a parameter places resources of the type in a patient's compartment."""
        return bool(self._persons(type))

    def _compartment(self, type: str) -> tuple[Field, ...]:
        """The parameters that place a resource of the type in a patient's compartment, each set of rows once."""
        served = self.parameters(type)
        fields = [served[code] for code in self._definitions.patient_compartment.get(type, ()) if code in served]
        return tuple({field.number: field for field in fields}.values())

    def _person_numbers(self, type: str) -> frozenset[int]:
        """The numbers of those parameters, and of `patient`, which types outside the compartment may have."""
        own = [field for code, field in self.parameters(type).items() if code == "patient"]
        return frozenset(field.number for field in (*own, *self.compartment(type)))

    def _parameters(self, type: str) -> Mapping[str, Field]:
        """The parameters served for a type by code; `_id` and `_lastUpdated` come first.

        `patient` is answered by the rows of `subject`, and `practitioner` by those of `actor`, where they are the same
        references narrowed to one type: the type stands in the row anyway.
        """
        base = self._definitions.search_parameters(type)
        found = self._found(type)
        bits = {code: bit for bit, code in enumerate(found)}
        if len(bits) >= _WIDTH:
            raise Problem(Kind.FAULT, f"search.toml: {type} has more than {_WIDTH - 1} search parameters")
        owners: dict[str, int] = {}
        for code, parameter in found.items():
            owners.setdefault(_rows_of(parameter), self._numbers[type] + bits[code])
        served = {code: self._field(type, base[code], -1, -1) for code in ("_id", "_lastUpdated")}
        for code, parameter in found.items():
            own = owners[_rows_of(parameter)]
            number = owners.get(f"{parameter.type} {stem(parameter.expression)}", own)
            served[code] = self._field(type, parameter, number, bits[code])
        return served | dict(self._made_of_others(type, base, served))

    def _found(self, type: str) -> dict[str, SearchParameter]:
        """The parameters that have rows, in the order of their codes, which gives them their numbers."""
        codes = {
            *self._definitions.search_parameters(type),
            *(c for c, o in self._own.items() if type in o["expressions"]),
        }
        codes -= {"_id", "_lastUpdated", *self._either}
        found = {code: self._parameter(type, code) for code in sorted(codes) if not self._is_off(type, code)}
        return {
            code: parameter
            for code, parameter in found.items()
            if parameter.expression and (parameter.type in SERVED or _has_rows(type, parameter))
        }

    def _is_off(self, type: str, code: str) -> bool:
        return code in self._off or f"{type}.{code}" in self._off or not self._allows(type, code)

    def _parameter(self, type: str, code: str) -> SearchParameter:
        """The parameter of a type: the one the file declares for it, else R4's."""
        own = self._own.get(code)
        expression = own["expressions"].get(type) if own else None
        if own is None or expression is None:
            return self._definitions.search_parameters(type)[code]
        url = own.get("url", f"{BASE}/SearchParameter/{code}")
        return SearchParameter(code, own["type"], expression, tuple(own.get("targets", ())), url)

    def _field(self, type: str, found: SearchParameter, number: int, bit: int) -> Field:
        many = number >= 0 and repeats(type, found.expression, self._definitions)
        pointed = targets(found.expression) or found.targets
        systems = self._systems_of(type, found) if number >= 0 and found.type == "token" else None
        parts = self._parts(type, found) if found.type == "composite" else ()
        return Field(found.code, found.type, found.url, pointed, found.expression, number, bit, many, systems, parts)

    def _parts(self, type: str, found: SearchParameter) -> tuple[Field, ...]:
        """What a composite is made of, as fields without rows of their own."""
        known = {parameter.url: parameter for parameter in self._definitions.search_parameters(type).values()}
        base = found.expression
        parts = [replace(known[url], expression=f"{base}.{expression}") for url, expression in found.components]
        return tuple(self._field(type, part, 0, -1) for part in parts)

    def _made_of_others(
        self, type: str, base: Mapping[str, SearchParameter], served: Mapping[str, Field]
    ) -> Iterator[tuple[str, Field]]:
        """The parameters answered by the rows of others: composites of the resource itself, and unions."""
        made = dict(served)
        for code, parameter in base.items():
            if parameter.type == "composite" and code not in served and not self._is_off(type, code):
                codes = {field.url: field for field in served.values()}
                parts = tuple(codes[url] for url, _ in parameter.components if url in codes)
                made[code] = Field(code, "composite", parameter.url, (), type, -1, -1, False, parts=parts)
        for code, names in self._either.items():
            if code in base and self._allows(type, code):
                own = base[code]
                made[code] = Field(
                    code,
                    own.type,
                    own.url,
                    own.targets,
                    own.expression,
                    -1,
                    -1,
                    True,
                    either=tuple(made[name] for name in names),
                )
        return ((code, field) for code, field in made.items() if code not in served)

    def _systems_of(self, type: str, found: SearchParameter) -> frozenset[str] | None:
        elements = plain(type, found.expression, self._definitions)
        if elements is None:
            return None
        return frozenset(system for system, bound in self._systems.items() if not set(bound).isdisjoint(elements))

    def _source(self, type: str) -> str:
        """The readable Python that finds the index rows of a type."""
        rows: dict[int, list[Field]] = {}
        for field in self.parameters(type).values():
            if field.number >= 0:
                rows.setdefault(field.number, []).append(field)
        wanted = [_wanted(number, fields) for number, fields in sorted(rows.items())]
        return compile_source(type, wanted, self._definitions)

    def _compile(self, type: str) -> tuple[Extract, int]:
        natural = self.natural(type)
        if natural and natural.repeats:
            raise Problem(Kind.FAULT, f"search.toml: {type} cannot be sorted by {natural.code}, which repeats")
        made = compiled(self.source(type), self.calendar), natural.number if natural else -1
        self._extractors[type] = made
        return made

    def _hash(self, zone: ZoneInfo) -> str:
        """Over everything that decides what the rows of a resource are."""
        enabled = {name: part for name, part in self._enabled.items() if name != "systems"}
        said = [str(FORM), zone.key, json.dumps(enabled, sort_keys=True), self._definitions.digest("search-parameters")]
        said.append(self._rules.hash)
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _rows_of(parameter: SearchParameter) -> str:
    """What two parameters have in common that are answered by the same rows."""
    return parameter.url if parameter.components else f"{parameter.type} {parameter.expression}"


def _has_rows(type: str, parameter: SearchParameter) -> bool:
    """Whether a composite pairs values of one element; of the resource itself, its parts' own rows say it all."""
    return parameter.type == "composite" and parameter.expression != type


def _wanted(number: int, fields: list[Field]) -> Wanted:
    """One set of rows and the parameters it answers: its own, those with the same expression, and narrower ones."""
    own = next(field for field in fields if field.bit == number % _WIDTH)
    bits = sum(1 << field.bit for field in fields if field.expression == own.expression)
    narrower = tuple(
        (1 << field.bit, target) for field in fields if field.expression != own.expression for target in field.targets
    )
    parts = tuple((part.kind, part.expression.removeprefix(f"{own.expression}.")) for part in own.parts)
    return Wanted(own.code, own.kind, number, own.expression, bits, narrower, parts)
