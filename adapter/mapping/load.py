"""Loads a folder of maps, refusing everything that could make them ambiguous, each with file and line, all at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump
from adapter.fhir.terminology import Terminology
from adapter.mapping import checks
from adapter.mapping.aggregate import Aggregate
from adapter.mapping.aggregate_files import AggregateReader
from adapter.mapping.codecs import UCUM
from adapter.mapping.compile import Compiled
from adapter.mapping.concept import Concept, MappedConcept
from adapter.mapping.concept_maps import ConceptMap, concept_map, displays_agree
from adapter.mapping.declarations import Declaration, Refusals
from adapter.mapping.discriminators import Alternative, alternatives, chooser, overlap
from adapter.mapping.facts import Check
from adapter.mapping.ownership import clashes
from adapter.mapping.paths import Paths, plain
from adapter.mapping.readings import Unread, misfits
from adapter.mapping.residue import POLICIES, Policies
from adapter.mapping.rows import Shape, fields
from adapter.mapping.rules import named
from adapter.mapping.sensitive_codes import SensitiveCodes, sensitive_codes
from adapter.mapping.shapes import Reader
from adapter.mapping.slices import Extension, Slices, extensions
from adapter.mapping.tables import AnyTable, table
from adapter.mapping.terms import terminology
from adapter.mapping.topics import Topics, topics

__all__ = ["Maps", "load"]
_KEYS = ("native", "resource", "profile", "checks", "when", "fixed", "fields", "each", "residue", "reads")
_READING_KEYS = ("when", "fields", "each", "says", "residue")
# Part of every map's hash: the same file compiled by an engine that writes differently is another map.
ENGINE = "1"
Claim = tuple[Declaration, str, tuple[Alternative, ...]]
"""(file, or its section of a reading; resource type; which resources of that type it claims)"""
Code = tuple[str, str, str]
"""(file, system, code) of a table; the system is "" for the code of a primitive element."""


@dataclass(frozen=True, eq=False)
class Maps:
    """Every concept, aggregate, table and concept map, and the way from a resource to its concept."""

    concepts: Mapping[str, Concept]
    aggregates: Mapping[str, Aggregate]
    tables: Mapping[str, AnyTable]
    definitions: Definitions
    choosers: Mapping[str, Callable[[Any], str | None]] = field(default_factory=dict)
    concept_maps: Mapping[str, ConceptMap] = field(default_factory=dict)
    sensitive: SensitiveCodes = field(default_factory=SensitiveCodes)
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    topics: Topics = field(default_factory=dict)

    def concept_of(self, resource: dict[str, Any]) -> Concept | None:
        """The one concept that claims `resource`, or None: it is kept whole and listed as unmapped."""
        choose = self.choosers.get(resource.get("resourceType", ""))
        name = choose(resource) if choose else None
        return self.concepts[name] if name else None

    @cached_property
    def terminology(self) -> Terminology:
        """What the tables and concept maps say of codes."""
        return terminology(self.tables, self.concept_maps)

    def codes(self) -> frozenset[Code]:
        """Every code the tables read, and the file that says so: none that a store has used may go."""
        return frozenset((f"tables/{name}.toml", *key) for name, found in self.tables.items() for key in found.keys)


def load(
    folder: Path,
    definitions: Definitions,
    *,
    minutes_tolerance: int = checks.MINUTES_TOLERANCE,
) -> Maps:
    """The maps of `folder` (mappings/); raises Problem(UNPROCESSABLE) with every refusal, `file:line: reason`."""
    loader = _Loader(folder, definitions, named(minutes_tolerance))
    maps = loader.load()
    loader.refusals.raise_any()
    assert maps is not None
    return maps


class _Loader:
    def __init__(self, folder: Path, definitions: Definitions, rules: Mapping[str, Check]) -> None:
        self.folder, self.definitions, self.rules = folder, definitions, rules
        self.refusals = Refusals()
        self.declared: dict[str, Declaration] = {
            file.stem: self._declaration(file) for file in sorted((folder / "tables").glob("*.toml"))
        }
        special = {"slices", "extensions", "sensitive_codes"}
        made = {name: table(found) for name, found in self.declared.items() if name not in special}
        self.tables = {name: found for name, found in made.items() if found is not None}
        self.unread = [name for name, found in made.items() if found is None]
        self.extensions: dict[str, Extension] = extensions(self.declared.get("extensions"))
        self.slices = Slices(self.declared.get("slices"), self.tables)
        self.paths = Paths(definitions, self.slices, self.extensions)

    def _declaration(self, file: Path) -> Declaration:
        return Declaration(file, str(file.relative_to(self.folder.parent)), self.refusals)

    def load(self) -> Maps | None:
        """The maps, or None after refusals."""
        files = [self._declaration(file) for file in sorted((self.folder / "concepts").glob("*.toml"))]
        shapes = {file.name: shape for file in files if (shape := self._shape(file))}
        others = {file.name: self._others(file, shapes[file.name]) for file in files if file.name in shapes}
        claims = [claim for file in files if file.name in shapes for claim in self._claims(file, others[file.name])]
        self._disjoint(claims)
        policies = {file.name: self._policies(file, str(file.content.get("resource"))) for file in files}
        for file in files:
            self._rules(file)
        concept_maps = self._concept_maps()
        sensitive = sensitive_codes(self.declared.get("sensitive_codes"), self.tables)
        told_of = self._topics(shapes)
        if self.refusals.issues:
            # A table that is refused itself is not unknown to those that name it.
            self.refusals.forget(f"unknown table {name!r}" for name in self.unread)
            return None
        choosers = self._choosers(claims)
        concepts = {
            file.name: self._concept(file, shapes[file.name], policies[file.name], others[file.name], choosers)
            for file in files
        }
        aggregates = self._aggregates(shapes)
        known = (concept_maps, sensitive, self.extensions, told_of)
        return Maps(concepts, aggregates, self.tables, self.definitions, choosers, *known)

    def _topics(self, shapes: Mapping[str, Shape]) -> Topics:
        """What clients can be told of."""
        path = self.folder / "topics.toml"
        written = {name: shape.base for name, shape in shapes.items()}
        return topics(self._declaration(path), self.definitions, written) if path.exists() else {}

    def _concept_maps(self) -> dict[str, ConceptMap]:
        """What our words are in the codes of others."""
        files = {file.stem: self._declaration(file) for file in sorted((self.folder / "concept_maps").glob("*.toml"))}
        made = {name: concept_map(file, self.tables) for name, file in files.items()}
        found = {name: one for name, one in made.items() if one is not None}
        displays_agree(files, found)
        return found

    def _concept(
        self,
        file: Declaration,
        shape: Shape,
        policies: Policies,
        others: Mapping[str, Unread],
        choosers: Mapping[str, Callable[[Any], str | None]],
    ) -> Concept:
        profile = file.content["profile"]
        made = Compiled(shape, self.definitions, profile, policies, file.name)
        readings = {kind: other.reading(self.definitions, profile) for kind, other in others.items()}

        def claims(resource: dict[str, Any]) -> bool:
            return choosers[resource["resourceType"]](resource) == file.name

        return MappedConcept(shape, profile, policies, made, self._rules(file), self._hash(file), claims, readings)

    def _others(self, file: Declaration, own: Shape) -> dict[str, Unread]:
        """The other resource types that a concept reads, by type."""
        found = {}
        for kind in file.section("reads"):
            part = file.part("reads", kind)
            part.only(part.content, _READING_KEYS, "section of a reading")
            if kind not in self.definitions.types or kind == own.base:
                part.refuse(f"{kind!r} is no other resource type")
                continue
            shape, says = Reader(part, self.paths, self.tables).shape(file.name, kind), part.section("says")
            self._owners(part, shape)
            for name, why in misfits(shape, says, own):
                part.refuse(f"{name}: {why}", "fields", name)
            found[kind] = Unread(shape, self._policies(part, kind), says)
        return found

    def _claims(self, file: Declaration, others: Mapping[str, Unread]) -> list[Claim]:
        """Which resources a file says are its concept: of the type it writes, and of those it only reads."""
        kinds = {file.content["resource"]: file, **{kind: file.part("reads", kind) for kind in others}}
        return [(part, kind, alternatives(part, kind, self.paths, self.tables)) for kind, part in kinds.items()]

    def _aggregates(self, shapes: Mapping[str, Shape]) -> dict[str, Aggregate]:
        known = {name: fields(shape) for name, shape in shapes.items()}
        files = [self._declaration(file) for file in sorted((self.folder / "aggregates").glob("*.toml"))]
        made = {file.name: AggregateReader(file, known).aggregate() for file in files}
        for file in files:
            if file.name in shapes:
                file.refuse(f"{file.name!r} is the name of a concept", "native")
        return {name: aggregate for name, aggregate in made.items() if aggregate is not None}

    def _shape(self, file: Declaration) -> Shape | None:
        """The shape of one file, or None when it has no resource to map."""
        file.only(file.content, _KEYS, "section")
        for key in ("native", "resource", "profile"):
            file.text(file.content, key)
        if file.content.get("native") != file.name:
            file.refuse(f"native must be {file.name!r}, the name of the file", "native")
        kind = file.content.get("resource")
        if kind not in self.definitions.types:
            file.refuse(f"unknown resource {kind!r}", "resource")
            return None
        shape = Reader(file, self.paths, self.tables).shape(file.name, kind)
        self._owners(file, shape)
        return shape

    def _owners(self, file: Declaration, shape: Shape) -> None:
        for owner, other, why in clashes(shape):
            place = ("each", owner) if owner in {each.name for each in shape.eaches} else ("fields", owner)
            file.refuse(f"{owner} and {other}: {why}", *place)
        for each in shape.eaches:
            for owner, other, why in clashes(each.shape):
                file.refuse(f"{owner} and {other}: {why}", "each", each.name, "fields", owner)

    def _disjoint(self, claims: list[Claim]) -> None:
        for index, (file, kind, when) in enumerate(claims):
            for other, other_kind, other_when in claims[:index]:
                if kind == other_kind and overlap(when, other_when):
                    file.refuse(f"a {kind} might be {file.name} and {other.name}: see [when]", "when")

    def _policies(self, file: Declaration, kind: str) -> Policies:
        given = file.section("residue")
        if "*" not in given:
            file.refuse('[residue] must say what happens to everything else: "*" = POLICY', "residue")
        for key, policy in given.items():
            if policy not in POLICIES:
                file.refuse(f"unknown policy {policy!r}; known: {', '.join(POLICIES)}", "residue", key)
        places = {place: policy for key, policy in given.items() for place in self._known_places(file, kind, key)}
        urls = {extension.url: extension.name for extension in self.extensions.values()}
        return Policies(places, urls)

    def _known_places(self, file: Declaration, kind: str, key: str) -> list[str]:
        """The places a key of [residue] stands for: the star, an extension, an element, or every branch of a choice."""
        known = key == "*" or (key.startswith("ext(") and key.partition(".")[0][4:-1] in self.extensions)
        if known or (plain(key) == key and self.definitions.element(f"{kind}.{key}")):
            return [key]
        if choice := self.definitions.element(f"{kind}.{key.removesuffix('[x]')}[x]"):
            stem = key.removesuffix("[x]")
            return [stem, *(stem + name[0].upper() + name[1:] for name in choice.types)]
        file.refuse(f"unknown element {kind}.{key}", "residue", key)
        return []

    def _rules(self, file: Declaration) -> Mapping[str, Check]:
        """The rules of `checks`: what breaks one is parked."""
        names = file.content.get("checks", [])
        for name in names:
            if name not in self.rules:
                file.refuse(f"unknown check {name!r}; known: {', '.join(sorted(self.rules))}", "checks")
        return {name: self.rules[name] for name in names if name in self.rules}

    def _hash(self, file: Declaration) -> str:
        """A hash of what the map means: its sections and the tables, slices and extensions they name."""
        named = dump(file.content).decode()
        used = {name: found.content() for name, found in self.tables.items() if f'"{name}"' in named}
        declared = [self.declared[name].content for name in ("slices", "extensions") if name in self.declared]
        relevant = [
            {key: value for key, value in content.items() if _mentions(named, key, value)} for content in declared
        ]
        return hashlib.sha256(dump([ENGINE, file.content, used, relevant, UCUM])).hexdigest()[:16]

    def _choosers(self, claims: list[Claim]) -> dict[str, Callable[[Any], str | None]]:
        kinds = {kind for _, kind, _ in claims}
        return {
            kind: chooser(kind, [(file.name, when) for file, its_kind, when in claims if its_kind == kind])
            for kind in kinds
        }


def _mentions(named: str, key: str, value: Any) -> bool:
    """Whether a map names an extension, or a slice of an element, by its key."""
    inner = value.keys() if isinstance(value, dict) else ()
    return f"ext({key})" in named or any(f"slice={name}]" in named for name in inner)
