"""Part of a resource, as `_summary` and `_elements` ask for it, marked as incomplete.

https://hl7.org/fhir/R4/search.html#summary and https://hl7.org/fhir/R4/search.html#elements
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from adapter.fhir.elements import Definitions, Element
from adapter.fhir.references import references

Resource = dict[str, Any]
Keep = Callable[[Element], bool]

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
SUMMARIES = ("true", "text", "data", "count", "false")
_ALWAYS = ("id", "meta")


@dataclass(frozen=True, slots=True)
class Part:
    """What of each resource is wanted: `_summary` (true, text, data; false: all of it), or top-level elements."""

    summary: str = "false"
    elements: tuple[str, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.summary == "false" and not self.elements


WHOLE = Part()


class Subsets:
    """Makes parts of resources, by the R4 definitions; what is kept of each type is found once."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._names = cache(self._kept)

    def of(self, resource: Resource, part: Part) -> Resource:
        """The part of a resource, with the tag SUBSETTED; what is mandatory or changes the meaning stays."""
        if part.is_all:
            return resource
        made = self._part(resource, resource["resourceType"], part)
        if "contained" in resource and any(said["reference"][:1] == "#" for _, said in _literal(made)):
            # What is kept may point into it.
            made["contained"] = resource["contained"]
        meta = made.get("meta", {})
        tags = meta.get("tag", [])
        if not is_part(resource):
            made["meta"] = {**meta, "tag": [*tags, SUBSETTED]}
        return made

    def _part(self, element: Resource, path: str, part: Part) -> Resource:
        names = self._names(path, part)
        made = {}
        for key, value in element.items():
            content = names.get(key.removeprefix("_")) if key != "resourceType" else ""
            if content is None:
                continue
            if content and isinstance(value, list):
                value = [self._part(member, content, part) or member for member in value]
            elif content:
                # Of a group that has nothing for a summary all stays: FHIR has no empty objects.
                value = self._part(value, content, part) or value
            made[key] = value
        return made

    def _kept(self, path: str, part: Part) -> dict[str, str]:
        """The JSON names that stay, each with the nested group whose members are looked at as well ("": none)."""
        keep = _keeps(part, top="." not in path)
        nested = part.summary == "true"
        return {
            name: child.content or "" if nested and child.content == child.path else ""
            for child in self._definitions.children(path)
            if keep(child)
            for name in _names(child)
        }


def _literal(resource: Resource) -> Iterator[tuple[str, Resource]]:
    return ((path, element) for path, element in references(resource) if "reference" in element)


def _keeps(part: Part, *, top: bool) -> Keep:
    if part.elements:
        return lambda child: _must_stay(child, top) or child.name.removesuffix("[x]") in part.elements
    if part.summary == "data":
        return lambda child: child.name != "text"
    if part.summary == "text":
        return lambda child: _must_stay(child, top) or child.name == "text"
    return lambda child: _must_stay(child, top) or child.summary


def _must_stay(child: Element, top: bool) -> bool:
    return bool(child.min) or child.modifier or (top and child.name in _ALWAYS)


def _names(child: Element) -> Iterator[str]:
    if not child.choice:
        yield child.name
        return
    for kind in child.types:
        yield child.name[:-3] + kind[0].upper() + kind[1:]


def is_part(resource: Resource) -> bool:
    """Whether a resource says that it is incomplete."""
    tags = resource.get("meta", {}).get("tag", ())
    return any(tag.get("code") == SUBSETTED["code"] and tag.get("system") == SUBSETTED["system"] for tag in tags)
