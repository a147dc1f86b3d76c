"""The identifiers that name one record, so that a visit sent by an EHR and imported later is one record.

https://hl7.org/fhir/R4/datatypes.html#Identifier
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


def keys_of(resource: dict[str, Any], identifying: Collection[str]) -> set[tuple[str, str]]:
    """(system, value) of the resource's identifiers whose system is identifying; R4 has them in a list or singly."""
    said = resource.get("identifier") or ()
    keys: set[tuple[str, str]] = set()
    for identifier in [said] if isinstance(said, dict) else said:
        system, value = identifier.get("system"), identifier.get("value")
        if value is not None and system is not None and system in identifying:
            keys.add((system, value))
    return keys
