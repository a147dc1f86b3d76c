"""References between resources: finding them, taking them apart, and ids derived from somebody else's key.

https://hl7.org/fhir/R4/references.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from collections.abc import Iterator
from typing import Any

_RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")

_ELEMENTS = frozenset(
    ("reference", "_reference", "type", "_type", "identifier", "display", "_display", "id", "extension")
)


def references(resource: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every literal Reference of a resource with its JSON path (`Encounter.participant[0].individual`).

    Those of contained resources are found too; References by identifier or display alone are not, as they lead nowhere.
    Other elements that R4 calls `reference` (of an Expression, of a DetectedIssue) stand beside elements that a
    Reference does not have.
    """
    yield from _below(resource, str(resource.get("resourceType", "")))


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
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    digest = bytearray(hmac.new(secret, message, hashlib.sha256).digest()[:16])
    digest[6] = 0x80 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(digest)))


def _below(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        if _is_reference(value):
            yield path, value
        for name, child in value.items():
            if isinstance(child, (dict, list)):
                yield from _below(child, f"{path}.{name}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            if isinstance(child, (dict, list)):
                yield from _below(child, f"{path}[{index}]")


def _is_reference(value: dict[str, Any]) -> bool:
    return isinstance(value.get("reference"), str) and value.keys() <= _ELEMENTS
