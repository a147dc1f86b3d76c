"""The elements of a definition by their names in XML and JSON, each branch of a choice by its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from adapter.fhir.elements import Definitions, Element

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"


class Named(NamedTuple):
    """One name: its place in the order of the definition, its type, where its children are defined, whether a list."""

    place: int
    type: str
    content: str
    many: bool

    @property
    def primitive(self) -> bool:
        """Whether its value is one text, boolean or number."""
        return self.type[0].islower()


@dataclass(frozen=True, slots=True)
class Names:
    """The names below each definition, made when first asked for."""

    definitions: Definitions
    known: dict[str, Mapping[str, Named]]

    @classmethod
    def of(cls, definitions: Definitions) -> Names:
        """None made yet."""
        return cls(definitions, {})

    def below(self, path: str) -> Mapping[str, Named]:
        """Every name that may stand below a resource type, data type or nested group, in order; none for another."""
        found = self.known.get(path)
        if found is None:
            children = self.definitions.children(path) if self.definitions.defines(path) else ()
            made = [pair for place, child in enumerate(children) for pair in _named(place, child)]
            found = self.known[path] = dict(made)
        return found


def _named(place: int, child: Element) -> list[tuple[str, Named]]:
    if child.choice:
        stem = child.name.removesuffix("[x]")
        return [(stem + type[0].upper() + type[1:], Named(place, type, type, child.many)) for type in child.types]
    type = child.types[0]
    return [(child.name, Named(place, type, child.content or type, child.many))]


def is_attribute(path: str, name: str, types: frozenset[str]) -> bool:
    """Whether an element is an attribute in XML: the id of all that is no resource, and the url of an extension.

    https://hl7.org/fhir/R4/xml.html#xml
    """
    return (name == "id" and path not in types) or (name == "url" and path == "Extension")
