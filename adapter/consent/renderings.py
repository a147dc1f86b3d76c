"""What one kind of recipient may see of a record: a resource of its own, made when the record is written.

Read from `mappings/release/*.toml`, one file for each kind of rendering. 42 CFR 2.13(a) and 45 CFR 164.502(b): no more
than is needed for the purpose. Nobody learns that something he may not see has changed: a rendering has versions, times
and search parameters of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from adapter.callers import ClientKind
from adapter.consent.cuts import Cut, Cutter
from adapter.consent.labels import ACT_CODE, CONFIDENTIALITY, OTHER, OTHERS, codes, confidentiality, together
from adapter.fhir.canonical import BASE
from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump
from adapter.fhir.references import split
from adapter.mapping.declarations import Declaration, Refusals
from adapter.mapping.load import Maps
from adapter.mapping.tables import Table
from adapter.rules import Labels, Shown

Coding = Mapping[str, Any]
Labelled = Callable[[dict[str, Any], bool], int]
"""The sensitivities of a resource that is outside part 2, or not known to be."""
_NONE: Mapping[str, Any] = {}
_FILES = ("payment", "scope")
REVIEW = "review"
_KEYS = ("elements", "dropped", "search", "addressee", "only", "single", "within", "coded", "unless", "either", "void")
_VOID = {"status", "identifier"}
_HEAD = ("number", "kinds", "datatypes")


class Rendering:
    """One kind of rendering; a `rules.Rendering`. `kinds` are the clients who see records so, and only so."""

    onto, kept, first = 0, False, 1
    shared: frozenset[str] = frozenset()

    def __init__(self, file: Declaration, maps: Maps, labelled: Labelled) -> None:
        self.name = file.name
        self.number: int = file.content.get("number", 0)
        self.kinds = frozenset(map(ClientKind, file.content.get("kinds", ())))
        self._cuts: dict[str, Cut] = {}
        self._addressee: dict[str, str] = {}
        self._only: dict[str, Mapping[str, str]] = {}
        self._single: dict[str, Sequence[str]] = {}
        self._within: dict[str, Mapping[str, Coding]] = {}
        self._coded: dict[str, Sequence[str]] = {}
        self._unless: dict[str, Sequence[str]] = {}
        self._either: dict[str, Sequence[str]] = {}
        self._void: dict[str, Mapping[str, str]] = {}
        self.parameters: dict[str, frozenset[str]] = {}
        self._labelled, self._least = labelled, (labelled({}, False), labelled({}, True))
        self._head = lru_cache(1024)(self._headed)
        # A name beside a reference would tell of whoever is named.
        self._bare = {"reference", "type"}.issuperset(file.section("datatypes").get("Reference", ()))
        self._tables = maps.tables
        cutter = Cutter(file, maps.definitions, maps.extensions)
        for type, said in file.content.items():
            if type not in _HEAD:
                self._read(file, cutter, maps.definitions, type, said)
        self.content = dump(file.content)

    def of(
        self,
        type: str,
        resource: dict[str, Any],
        told: int = 0,
        onto: dict[str, Any] | None = None,
        *,
        outside: bool = False,
    ) -> Shown | None:
        """What is to be seen of a resource, with its labels; None for one that has no such side.

        One with a modifierExtension has none: what is left of it could mean the contrary. `told` are the sensitivities
        of the whole resource, where they are known: where these are the fewest, its parts have them.
        """
        cut = self._cuts.get(type)
        if cut is None or "modifierExtension" in resource or self._is_shared(type, resource):
            return None
        if self._is_void(type, resource):
            return None
        left = cut.whole(self._held(type, resource))
        if left is None or not self._is_enough(type, left):
            return None
        # What its sender says that a record tells of, he says of each part of it.
        said = tuple((one.get("system", ""), one["code"]) for one in _security(resource) if "code" in one)
        fewest = self._bare and told == self._least[outside]
        part = {"resourceType": type, "meta": resource.get("meta", _NONE), **left}
        own = told if fewest else self._labelled(part, outside)
        meta, labels = self._head(type, own, said, outside)
        shown = {"resourceType": type, "id": resource.get("id"), "meta": meta, **left}
        if not labels:
            return Shown(shown, None)
        return Shown(shown, Labels(labels, addressees=self.addressees(type, shown), outside=labels if outside else 0))

    def _headed(
        self, type: str, labels: int, said: tuple[tuple[str, str], ...], outside: bool
    ) -> tuple[dict[str, Any], int]:
        """The `meta` of what is seen of a resource with these labels, and the sensitivities of it all; 0 where there
        are no words for some of them, so that they must be read from all of it."""
        meta = meta_of(self.name, type, labels, said)
        worded = self._bare and not labels & (OTHER | OTHERS)
        return meta, together(labels, self._labelled({"resourceType": type, "meta": meta}, outside)) if worded else 0

    def _is_shared(self, type: str, resource: Mapping[str, Any]) -> bool:
        """Whether it names several where one rendering can be for one only, or has what the rest is narrowed by."""
        narrowed = any(_is_there(resource, path.split(".")) for path in self._unless.get(type, ()))
        return narrowed or any(len(resource.get(name, ())) > 1 for name in self._single.get(type, ()))

    def _is_void(self, type: str, resource: Mapping[str, Any]) -> bool:
        """Whether it has the status of what is void, and the system among its identifiers."""
        void = self._void.get(type)
        if not void or resource.get("status") != void["status"]:
            return False
        return any(one.get("system") == void["identifier"] for one in resource.get("identifier", ()))

    def _is_enough(self, type: str, left: Mapping[str, Any]) -> bool:
        """Whether what must be coded is, and of what is required in one way or another there is something."""
        coded = all(_is_coded(left.get(name)) for name in self._coded.get(type, ()))
        return coded and not (type in self._either and left.keys().isdisjoint(self._either[type]))

    def _held(self, type: str, resource: dict[str, Any]) -> dict[str, Any]:
        """The resource with those members alone that are the addressee's own, or have the code that is named."""
        own: dict[str, Any] = {}
        for name, flag in self._only.get(type, _NONE).items():
            own[name] = [one for one in resource.get(name, ()) if one.get(flag) is True]
        for name, coding in self._within.get(type, _NONE).items():
            own[name] = [one for one in resource.get(name, ()) if _has(one, coding)]
        return {**resource, **own} if own else resource

    def addressees(self, type: str, shown: dict[str, Any]) -> str | None:
        """The ids of the organizations that may see it, blanks between; None where it is not held to any."""
        element = self._addressee.get(type)
        if element is None:
            return None
        said = shown.get(element, [])
        found = [split(one.get("reference", "")) for one in (said if isinstance(said, list) else [said])]
        return " ".join(sorted({key[1] for key in found if key and key[0] == "Organization"}))

    def cut_of(self, type: str) -> Cut:
        """What is kept of a type, to be published."""
        return self._cuts[type]

    def _read(
        self, file: Declaration, cutter: Cutter, definitions: Definitions, type: str, said: Mapping[str, Any]
    ) -> None:
        if type not in definitions.types:
            return file.refuse(f"{type!r} is no resource type", type)
        file.only(said, _KEYS, "key", type)
        self._cuts[type] = cutter.cut(type, said.get("elements", ()), said.get("dropped", ()))
        self.parameters[type] = frozenset(said.get("search", ()))
        unknown = self.parameters[type] - definitions.search_parameters(type).keys() - {"episode-of-care"}
        for code in sorted(unknown):
            file.refuse(f"{type} has no search parameter {code!r}", type, "search")
        self._only[type], self._single[type] = said.get("only", {}), said.get("single", ())
        self._within[type] = {name: self._coding(file, type, said["within"], name) for name in said.get("within", ())}
        self._coded[type], self._unless[type] = said.get("coded", ()), said.get("unless", ())
        if "either" in said:
            self._either[type] = said["either"]
        self._void[type] = _void_of(file, type, said)
        for key in ("only", "single", "within", "coded", "either"):
            for element in said.get(key, ()):
                if element not in self._cuts[type].kept:
                    file.refuse(f"{element!r} is not among the elements that are kept", type)
        if addressee := said.get("addressee"):
            self._addressee[type] = addressee
            if addressee not in self._cuts[type].kept:
                file.refuse(f"{addressee!r} is not among the elements that are kept", type, "addressee")
        return None

    def _coding(self, file: Declaration, type: str, within: Mapping[str, Any], name: str) -> Coding:
        """The code of a row of a table: `{ table = "x", is = "y" }`."""
        said = within[name]
        table = self._tables.get(said.get("table", ""))
        coding = table.codings.get(said.get("is", "")) if isinstance(table, Table) else None
        if coding is None:
            file.refuse(f"{name!r} names no row of a table", type, "within")
        return coding or _NONE


def _is_there(value: Mapping[str, Any], steps: Sequence[str]) -> bool:
    """Whether there is anything at a path through single objects."""
    inner = value.get(steps[0])
    return inner is not None and (len(steps) == 1 or _is_there(inner, steps[1:]))


def _void_of(file: Declaration, type: str, said: Mapping[str, Any]) -> Mapping[str, str]:
    """What is void of a type: `{ status = "x", identifier = "system" }`."""
    void: Mapping[str, str] = said.get("void", _NONE)
    if void and void.keys() != _VOID:
        file.refuse("void says a status and an identifier", type, "void")
    return void


def _is_coded(value: Any) -> bool:
    """Whether a concept, or one of a list of them, has a code of a system: words alone say nothing here."""
    each = value if isinstance(value, list) else [value or _NONE]
    return any("code" in coding and "system" in coding for one in each for coding in one.get("coding", ()))


def _has(concept: Mapping[str, Any], wanted: Coding) -> bool:
    said = ((one.get("system"), one.get("code")) for one in concept.get("coding", ()))
    return (wanted["system"], wanted["code"]) in said


def profile(rendering: str, type: str) -> str:
    """The canonical of the profile that every such rendering conforms to."""
    return f"{BASE}/StructureDefinition/iop-{rendering}-{type.lower()}"


def load_renderings(folder: Path, maps: Maps, labelled: Labelled) -> tuple[Rendering, ...]:
    """The renderings of a folder (mappings/release); Problem(UNPROCESSABLE) with every refusal by file and line."""
    refusals = Refusals()
    files = [Declaration(folder / f"{name}.toml", f"release/{name}.toml", refusals) for name in _FILES]
    refusals.raise_any()
    made = tuple(Rendering(file, maps, labelled) for file in files)
    refusals.raise_any()
    return made


def load_review(folder: Path, maps: Maps, labelled: Labelled) -> Rendering:
    """What a payer's reviewer is told of a record; no client sees it so, and it is kept nowhere. Problem(UNPROCESSABLE)
    as above."""
    refusals = Refusals()
    file = Declaration(folder / f"{REVIEW}.toml", f"release/{REVIEW}.toml", refusals)
    refusals.raise_any()
    made = Rendering(file, maps, labelled)
    refusals.raise_any()
    return made


def reviewable(folder: Path) -> frozenset[str]:
    """The resource types of which a contract may let a reviewer be told."""
    content = tomllib.loads((folder / f"{REVIEW}.toml").read_text("utf-8"))
    return frozenset(content) - frozenset(_HEAD)


def _security(resource: Mapping[str, Any]) -> list[dict[str, str]]:
    """The labels of a resource's sender."""
    found: list[dict[str, str]] = resource.get("meta", _NONE).get("security", [])
    return found


def meta_of(rendering: str, type: str, labels: int, said: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Its profile, and its labels as a recipient reads them: how confidential, what of, and what its sender said."""
    how = "V" if (CONFIDENTIALITY, "V") in said else confidentiality(labels)
    what = [*((ACT_CODE, code) for code in codes(labels)), *(one for one in said if one[0] != CONFIDENTIALITY)]
    security = [{"system": system, "code": code} for system, code in ((CONFIDENTIALITY, how), *dict.fromkeys(what))]
    return {"profile": [profile(rendering, type)], "security": security}
