"""How a resource names another record otherwise than by a literal Reference: by an identifier, or by an address.

https://hl7.org/fhir/R4/references.html#logical
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from adapter.fhir.references import ELEMENTS, split

Resource = dict[str, Any]

_LINK = re.compile(r"""(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ASIDE = re.compile(r"[?#].*", re.DOTALL)
_UP = re.compile(r"(?:\.{0,2}/)+(?:fhir/)?")


def logical(resource: Resource) -> Iterator[tuple[str, Resource]]:
    """Every Reference of a valid resource that has an identifier, with its JSON path."""
    for path, value in _objects(_alone(resource), str(resource.get("resourceType", ""))):
        # A container of a Specimen has several, and is no Reference.
        if isinstance(value.get("identifier"), dict) and value.keys() <= ELEMENTS:
            yield path, value


def typed(resource: Resource) -> Iterator[tuple[str, str]]:
    """(path, type) of every Reference of a valid resource that says what type it leads to."""
    for path, value in _objects(_alone(resource), str(resource.get("resourceType", ""))):
        if isinstance(value.get("type"), str) and value.keys() <= ELEMENTS:
            yield path, value["type"]


def addresses(resource: Resource, base: str) -> Iterator[tuple[str, str, str]]:
    """(path, type, id) of every text that is the address of a record at `base`, or relative, and no Reference.

    In a narrative the addresses of its links; elsewhere a text that is an address and nothing else.
    """
    for path, value in _objects(_alone(resource), str(resource.get("resourceType", ""))):
        for name, said in value.items():
            for text in _texts(said) if name != "reference" else ():
                for link in _links(text) if name == "div" else (text,):
                    if here := _address(link, base):
                        yield f"{path}.{name}", *here


def _alone(resource: Resource) -> Resource:
    """What a Bundle carries are copies, which speak for themselves."""
    return {k: v for k, v in resource.items() if k != "entry"} if resource.get("resourceType") == "Bundle" else resource


def _objects(value: Resource, path: str) -> Iterator[tuple[str, Resource]]:
    yield path, value
    for name, child in value.items():
        if isinstance(child, dict):
            yield from _objects(child, f"{path}.{name}")
        elif isinstance(child, list):
            for index, member in enumerate(child):
                if isinstance(member, dict):
                    yield from _objects(member, f"{path}.{name}[{index}]")


def _texts(value: Any) -> list[str]:
    """A text, or the texts of a list."""
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _links(div: str) -> list[str]:
    return [unescape(double or single).strip() for double, single in _LINK.findall(div)]


def _address(text: str, base: str) -> tuple[str, str] | None:
    """(type, id), whatever a relative address climbs over before it."""
    plain = _ASIDE.sub("", text.removeprefix(f"{base}/"))
    return split(_UP.sub("", plain, count=1) if plain.startswith((".", "/")) else plain)
