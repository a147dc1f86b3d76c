"""The codes of value sets of R4, US Core and our own, where their definitions enumerate them.

R4: https://hl7.org/fhir/R4/valueset.html#compositions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .parents import Packages

Codes = dict[str, list[str]]
"""system -> codes"""


class Expansion:
    """Expands value sets: those just compiled first, then those of the packages."""

    def __init__(self, compiled: Mapping[str, dict[str, Any]], packages: Packages) -> None:
        self._compiled = {found["url"]: found for found in compiled.values() if "url" in found}
        self._packages = packages

    def codes(self, canonical: str) -> Codes | None:
        """The codes of a value set by system; None where it needs a filter or a system that is not enumerated here."""
        found = self._find("ValueSet", canonical)
        if found is None or "exclude" in found.get("compose", {}):
            return None
        made: Codes = {}
        for include in found.get("compose", {}).get("include", ()):
            part = self._included(include)
            if part is None:
                return None
            for system, codes in part.items():
                made.setdefault(system, []).extend(code for code in codes if code not in made[system])
        return made or None

    def _included(self, include: dict[str, Any]) -> Codes | None:
        if "filter" in include:
            return None
        if "valueSet" in include:
            parts = [self.codes(url) for url in include["valueSet"]]
            return parts[0] if len(parts) == 1 and "system" not in include else None
        if "concept" in include:
            return {include["system"]: [concept["code"] for concept in include["concept"]]}
        system = self._find("CodeSystem", include["system"])
        if system is None or system.get("content") != "complete":
            return None
        return {include["system"]: list(_codes(system))}

    def _find(self, kind: str, canonical: str) -> dict[str, Any] | None:
        url = canonical.partition("|")[0]
        own = self._compiled.get(url)
        return own if own and own["resourceType"] == kind else self._packages.resource(kind, url)


def _codes(holder: dict[str, Any]) -> Iterator[str]:
    for concept in holder.get("concept", ()):
        yield concept["code"]
        yield from _codes(concept)
