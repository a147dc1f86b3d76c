"""Terminology: value sets, code systems and concept maps as data, and the questions that R4 lets a client ask of them.

https://hl7.org/fhir/R4/terminology-service.html. What is known here is what is shipped; no other server is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from adapter.fhir.canonical import VERSION
from adapter.problems import Kind, Problem

Resource = dict[str, Any]
T = TypeVar("T")


class Coding(NamedTuple):
    """A code; `display` is "" where none is shipped, and `system` where the asker said none."""

    system: str
    code: str
    display: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.system, self.code

    def json(self) -> dict[str, str]:
        """As a FHIR Coding."""
        return {name: value for name, value in self._asdict().items() if value}


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A code system: all of it (`complete`: it is our own) or the codes of it that are shipped, with their displays."""

    id: str
    url: str
    title: str
    complete: bool
    displays: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A value set, code by code; `inactive` are those that their code system has retired."""

    id: str
    url: str
    title: str
    codings: tuple[Coding, ...]
    inactive: frozenset[tuple[str, str]] = frozenset()


class Pair(NamedTuple):
    """A code and one that stands for it: `equivalence` is R4's word for what the target is to the source.

    The target has no code where there is none (`unmatched`); the comment then says why.
    """

    source: Coding
    target: Coding
    equivalence: str = "relatedto"
    comment: str = ""

    def reversed(self) -> Pair:
        """The same from the other side."""
        return Pair(self.target, self.source, _REVERSED.get(self.equivalence, self.equivalence), self.comment)


_REVERSED = {"wider": "narrower", "narrower": "wider", "subsumes": "specializes", "specializes": "subsumes"}


@dataclass(frozen=True, slots=True)
class ConceptMap:
    """From some codes to others; `source` and `target` are their value sets, where they have one."""

    id: str
    url: str
    title: str
    target: str | None
    pairs: tuple[Pair, ...]
    source: str | None = None


class Verdict(NamedTuple):
    """The answer of `$validate-code`."""

    result: bool
    message: str = ""
    display: str = ""


class Match(NamedTuple):
    """One translation, what it is to the code asked about, and the map it comes from."""

    coding: Coding
    equivalence: str
    map: str


class Terminology:
    """All that is shipped, by URL."""

    def __init__(
        self, systems: Iterable[CodeSystem], value_sets: Iterable[ValueSet], maps: Iterable[ConceptMap]
    ) -> None:
        self.systems = {system.url: system for system in systems}
        self.value_sets = {value_set.url: value_set for value_set in value_sets}
        self.maps = {map.url: map for map in maps}

    def value_set(self, url: str) -> ValueSet:
        """The value set of that URL; 404."""
        return _found(self.value_sets, url, "value set")

    def system(self, url: str) -> CodeSystem:
        """The code system of that URL, or what is shipped of it; 404."""
        return _found(self.systems, url, "code system")

    def map(self, url: str) -> ConceptMap:
        """The concept map of that URL; 404."""
        return _found(self.maps, url, "concept map")

    def display(self, coding: Coding) -> str:
        """The display of a code of a known system; 404 for one that is not known, or shipped without words."""
        system = _found(self.systems, coding.system, "code system", "system")
        display = system.displays.get(coding.code)
        if display is None:
            raise Problem(Kind.NOT_FOUND, _unknown(system), "code")
        if not display:
            raise Problem(Kind.NOT_FOUND, "this code is known here without its display", "code")
        return display

    def in_system(self, system: CodeSystem, asked: Coding) -> Verdict:
        """Whether a code is one of the system's, and its display, where the asker says one, the right one."""
        if asked.system not in ("", system.url):
            return Verdict(False, f"the code is of another system than {system.url}")
        if asked.code not in system.displays:
            return Verdict(False, _unknown(system))
        return _displayed(asked, system.displays[asked.code])

    def in_value_set(self, value_set: ValueSet, asked: Coding) -> Verdict:
        """Whether a code is in the value set, and its display, where the asker says one, the right one."""
        for coding in value_set.codings:
            if coding.key == asked.key:
                return _displayed(asked, coding.display)
        if asked.system not in self.systems:
            return Verdict(False, "no code system of this URL is known here")
        return Verdict(False, f"the code is not in the value set {value_set.url}")

    def translations(
        self, maps: Iterable[ConceptMap], asked: Iterable[Coding], system: str | None, reverse: bool
    ) -> list[Match]:
        """The translations of any of the codes into a system (None: any); `reverse` goes from target to source.

        One without a code says that the map has none.
        """
        wanted = {coding.key for coding in asked}
        found = []
        for map in maps:
            for pair in map.pairs:
                source, target, equivalence, _ = pair.reversed() if reverse else pair
                if source.key in wanted and source.code and system in (None, target.system):
                    found.append(Match(target, equivalence, map.url))
        return list(dict.fromkeys(found))


def _found(known: Mapping[str, T], url: str, what: str, place: str = "url") -> T:
    if url not in known:
        raise Problem(Kind.NOT_FOUND, f"no {what} of this URL is known here", place)
    return known[url]


def _unknown(system: CodeSystem) -> str:
    if system.complete:
        return f"there is no such code in {system.url}"
    return f"the code is not among those of {system.url} that are shipped here, which are a part of it"


def _displayed(asked: Coding, display: str) -> Verdict:
    """True, unless the display is another; case and white space do not make another."""
    if asked.display and display and _folded(asked.display) != _folded(display):
        return Verdict(False, f"the display of this code is {display}", display)
    return Verdict(True, "", display)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def expansion(
    value_set: ValueSet,
    at: str,
    text: str = "",
    offset: int | None = None,
    count: int | None = None,
    active: bool | None = None,
) -> Resource:
    """The value set with its codes, narrowed to those with `text` in code or display, to `active` ones, and to a page.

    `at` is the instant of the expansion. https://hl7.org/fhir/R4/valueset-operation-expand.html
    """
    kept = [c for c in value_set.codings if _folded(text) in _folded(c.display) or _folded(text) in _folded(c.code)]
    kept = [c for c in kept if not (active and c.key in value_set.inactive)]
    start = offset or 0
    page = kept[start : None if count is None else start + count]
    said = (
        ("filter", "valueString", text or None),
        ("offset", "valueInteger", offset),
        ("count", "valueInteger", count),
        ("activeOnly", "valueBoolean", active),
    )
    parameters = [{"name": name, key: value} for name, key, value in said if value is not None]
    return _headed("ValueSet", value_set) | {
        "expansion": {
            "timestamp": at,
            "total": len(kept),
            **({} if offset is None and count is None else {"offset": start}),
            **({"parameter": parameters} if parameters else {}),
            **({"contains": [_contained(value_set, coding) for coding in page]} if page else {}),
        }
    }


def _contained(value_set: ValueSet, coding: Coding) -> Resource:
    return {**coding.json(), **({"inactive": True} if coding.key in value_set.inactive else {})}


def resources(terminology: Terminology) -> Iterator[Resource]:
    """What is published: every value set and concept map, and the code systems of our namespace.

    One that an agency defines and gives no URL is named by us: of it a fragment is published, the codes used here.
    """
    yield from (_value_set(one) for one in terminology.value_sets.values())
    yield from (_code_system(system) for system in terminology.systems.values() if system.id != system.url)
    yield from (_concept_map(one) for one in terminology.maps.values())


def _headed(type: str, thing: ValueSet | CodeSystem | ConceptMap) -> Resource:
    return {
        "resourceType": type,
        "id": thing.id,
        "url": thing.url,
        "version": VERSION,
        "name": "".join(word.capitalize() for word in thing.id.split("-")),
        "title": thing.title,
        "status": "active",
        "experimental": False,
    }


def _value_set(value_set: ValueSet) -> Resource:
    include = [
        {"system": system, "concept": [_without_system(coding) for coding in codings]}
        for system, codings in _by_system(value_set.codings).items()
    ]
    return _headed("ValueSet", value_set) | _copyright(value_set.codings) | {"compose": {"include": include}}


def _code_system(system: CodeSystem) -> Resource:
    concepts = [Coding("", code, display).json() for code, display in system.displays.items()]
    return _headed("CodeSystem", system) | {
        "caseSensitive": True,
        "content": "complete" if system.complete else "fragment",
        **({"count": len(concepts)} if system.complete else {}),
        "concept": concepts,
    }


def _concept_map(map: ConceptMap) -> Resource:
    groups: dict[tuple[str, str], dict[Coding, list[Pair]]] = {}
    for pair in map.pairs:
        group = groups.setdefault((pair.source.system, pair.target.system), {})
        group.setdefault(pair.source, []).append(pair)
    scope = {"sourceCanonical": map.source, "targetCanonical": map.target}
    return (
        _headed("ConceptMap", map)
        | _copyright([coding for pair in map.pairs for coding in pair[:2]])
        | {name: url for name, url in scope.items() if url}
        | {
            "group": [
                {"source": source, "target": target, "element": [_element(*one) for one in elements.items()]}
                for (source, target), elements in groups.items()
            ],
        }
    )


def _element(source: Coding, pairs: Sequence[Pair]) -> Resource:
    targets = [
        _without_system(pair.target)
        | {"equivalence": pair.equivalence}
        | ({"comment": pair.comment} if pair.comment else {})
        for pair in pairs
    ]
    return _without_system(source) | {"target": targets}


def _without_system(coding: Coding) -> dict[str, str]:
    return coding._replace(system="").json()


def _by_system(codings: Iterable[Coding]) -> Mapping[str, list[Coding]]:
    grouped: dict[str, list[Coding]] = {}
    for coding in codings:
        grouped.setdefault(coding.system, []).append(coding)
    return grouped


# Their owners ask that whoever passes codes and names on says whose they are (see NOTICE).
_OWNERS: Mapping[str, str] = {
    "http://loinc.org": "LOINC is copyright Regenstrief Institute, Inc. and the LOINC Committee, and is available at "
    "no cost under the licence at https://loinc.org/license.",
    "http://snomed.info/sct": "SNOMED CT is copyright SNOMED International; its use is licensed by the national "
    "release centres and by SNOMED International.",
}


def _copyright(codings: Sequence[Coding]) -> Resource:
    said = [text for system, text in _OWNERS.items() if any(coding.system == system for coding in codings)]
    return {"copyright": " ".join(said)} if said else {}
