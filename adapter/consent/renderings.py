"""What one kind of recipient may see of a record: a resource of its own, made when the record is written.

Read from `mappings/release/*.toml`, one file for each kind of rendering. 42 CFR 2.13(a) and 45 CFR 164.502(b): no more
than is needed for the purpose. Nobody learns that something he may not see has changed: a rendering has versions, times
and search parameters of its own.
"""

from __future__ import annotations

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
from adapter.rules import Labels, Shown

Labelled = Callable[[dict[str, Any]], int]
"""The sensitivities of a resource."""
_NONE: Mapping[str, Any] = {}
_FILES = ("payment",)
_KEYS = ("elements", "dropped", "search", "addressee", "only", "single")
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
        self.parameters: dict[str, frozenset[str]] = {}
        self._labelled, self._least = labelled, labelled({})
        self._head = lru_cache(1024)(self._headed)
        # A name beside a reference would tell of whoever is named.
        self._bare = {"reference", "type"}.issuperset(file.section("datatypes").get("Reference", ()))
        cutter = Cutter(file, maps.definitions, maps.extensions)
        for type, said in file.content.items():
            if type not in _HEAD:
                self._read(file, cutter, maps.definitions, type, said)
        self.content = dump(file.content)

    def of(
        self, type: str, resource: dict[str, Any], told: int = 0, onto: dict[str, Any] | None = None
    ) -> Shown | None:
        """What is to be seen of a resource, with its labels; None for one that has no such side.

        One with a modifierExtension has none: what is left of it could mean the contrary. `told` are the sensitivities
        of the whole resource, where they are known: where these are the fewest, its parts have them.
        """
        cut = self._cuts.get(type)
        if cut is None or "modifierExtension" in resource or self._is_shared(type, resource):
            return None
        left = cut.whole(self._held(type, resource))
        if left is None:
            return None
        # What its sender says that a record tells of, he says of each part of it.
        said = tuple((one.get("system", ""), one["code"]) for one in _security(resource) if "code" in one)
        fewest = self._bare and told == self._least
        own = told if fewest else self._labelled({"resourceType": type, "meta": resource.get("meta", _NONE), **left})
        meta, all = self._head(type, own, said)
        shown = {"resourceType": type, "id": resource.get("id"), "meta": meta, **left}
        return Shown(shown, Labels(all, addressees=self.addressees(type, shown)) if all else None)

    def _headed(self, type: str, labels: int, said: tuple[tuple[str, str], ...]) -> tuple[dict[str, Any], int]:
        """The `meta` of what is seen of a resource with these labels, and the sensitivities of it all; 0 where there
        are no words for some of them, so that they must be read from all of it."""
        meta = _meta(self.name, type, labels, said)
        worded = self._bare and not labels & (OTHER | OTHERS)
        return meta, together(labels, self._labelled({"resourceType": type, "meta": meta})) if worded else 0

    def _is_shared(self, type: str, resource: Mapping[str, Any]) -> bool:
        """Whether it names several where one rendering can be for one only."""
        return any(len(resource.get(name, ())) > 1 for name in self._single.get(type, ()))

    def _held(self, type: str, resource: dict[str, Any]) -> dict[str, Any]:
        """The resource with those members alone that are the addressee's own."""
        only = self._only.get(type)
        if only is None:
            return resource
        own = {name: [one for one in resource.get(name, ()) if one.get(flag) is True] for name, flag in only.items()}
        return {**resource, **own}

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
        for element in (*self._only[type], *self._single[type]):
            if element not in self._cuts[type].kept:
                file.refuse(f"{element!r} is not among the elements that are kept", type)
        if addressee := said.get("addressee"):
            self._addressee[type] = addressee
            if addressee not in self._cuts[type].kept:
                file.refuse(f"{addressee!r} is not among the elements that are kept", type, "addressee")
        return None


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


def _security(resource: Mapping[str, Any]) -> list[dict[str, str]]:
    """The labels of a resource's sender."""
    found: list[dict[str, str]] = resource.get("meta", _NONE).get("security", [])
    return found


def _meta(rendering: str, type: str, labels: int, said: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Its profile, and its labels as a recipient reads them: how confidential, what of, and what its sender said."""
    how = "V" if (CONFIDENTIALITY, "V") in said else confidentiality(labels)
    what = [*((ACT_CODE, code) for code in codes(labels)), *(one for one in said if one[0] != CONFIDENTIALITY)]
    security = [{"system": system, "code": code} for system, code in ((CONFIDENTIALITY, how), *dict.fromkeys(what))]
    return {"profile": [profile(rendering, type)], "security": security}
