"""References between resources: finding them, taking them apart, and ids derived from somebody else's key.

https://hl7.org/fhir/R4/references.html
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from typing import Any, TypeAlias

_Place: TypeAlias = tuple[Any, ...]
"""() for the resource, else (place above, element name) or (place above, element name, index)."""

_RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")

ELEMENTS = frozenset(
    ("reference", "_reference", "type", "_type", "identifier", "display", "_display", "id", "extension")
)
"""What a Reference may have as JSON, and so tells it from other elements that R4 calls `reference`."""


def references(resource: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every literal Reference of a valid resource with its JSON path (`Encounter.participant[0].individual`).

    Those of contained resources are found too; References by identifier or display alone are not, as they lead nowhere.
    Other elements that R4 calls `reference` (of an Expression, of a DetectedIssue) stand beside elements that a
    Reference does not have. What a Bundle carries is left out: it is a copy, whose references are to its own fullUrls.
    """
    found: list[tuple[_Place, dict[str, Any]]] = []
    if resource.get("resourceType") == "Bundle":
        resource = {name: value for name, value in resource.items() if name != "entry"}
    _gather(resource, (), found)
    root = str(resource.get("resourceType", ""))
    return [(_path(root, place), reference) for place, reference in found]


def without(resource: dict[str, Any], targets: Collection[str]) -> dict[str, Any]:
    """A copy without the literal References to these, and without what says nothing without them; R4 has no empty
    arrays and objects."""
    left: dict[str, Any] = _less(resource, targets)
    return left


def split(reference: str) -> tuple[str, str] | None:
    """(type, id) of a relative literal reference, its version left out; None for any other form."""
    found = _RELATIVE.fullmatch(reference)
    return (found[1], found[2]) if found else None


def derived_id(secret: bytes, type: str, system: str, value: str) -> str:
    """The id of a record first seen under somebody else's key: the same for the same key, and opaque without `secret`.

    A UUID of version 8 (RFC 9562) made of the first bits of HMAC-SHA-256 over type, system and value, each preceded by
    its length so that no two keys are written alike.
    """
    parts = [part.encode() for part in (type, system, value)]
    message = b"".join([len(part).to_bytes(4, "big") + part for part in parts])
    digest = bytearray(hmac.digest(secret, message, "sha256")[:16])
    digest[6] = 0x80 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _gather(value: dict[str, Any], place: _Place, found: list[tuple[_Place, dict[str, Any]]]) -> None:
    """Walk everything, since every write comes by here; a place becomes a path only where a Reference was found."""
    if "reference" in value and _is_reference(value):
        found.append((place, value))
    for name, child in value.items():
        if type(child) is dict:
            _gather(child, (place, name), found)
        elif type(child) is list:
            for index, member in enumerate(child):
                if type(member) is dict:
                    _gather(member, (place, name, index), found)


def _less(value: Any, targets: Collection[str]) -> Any:
    """What is left of a value; None for nothing."""
    if isinstance(value, list):
        kept = [(member, _less(member, targets)) for member in value]
        return [left for member, left in kept if left is not None or member is None] or None
    if not isinstance(value, dict):
        return value
    if _is_reference(value) and value["reference"] in targets:
        return None
    left = {name: kept for name, child in value.items() if (kept := _less(child, targets)) is not None}
    # An extension says nothing by its address alone.
    return left if len(left) == len(value) or not left.keys() <= {"id", "url"} else None


def _path(root: str, place: _Place) -> str:
    if not place:
        return root
    above, name, *index = place
    return f"{_path(root, above)}.{name}" + (f"[{index[0]}]" if index else "")


def _is_reference(value: dict[str, Any]) -> bool:
    return isinstance(value.get("reference"), str) and value.keys() <= ELEMENTS
