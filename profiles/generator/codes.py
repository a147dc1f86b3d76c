"""Required bindings as closed sets of codes: value sets expanded from their compose and the code systems beside them.

https://hl7.org/fhir/R4/terminologies.html#required
"""

from __future__ import annotations

from .sources import FHIR, Node, Sources, value

BUNDLES = ("valueset/valuesets.xml", "valueset/v3-codesystems.xml", "valueset/v2-tables.xml")

# Required bindings to systems that R4 names and does not enumerate; the schema checks what a pattern can say.
OPEN = {
    "http://hl7.org/fhir/ValueSet/mimetypes": "a MIME type (BCP 13)",
    "http://hl7.org/fhir/ValueSet/currencies": "a currency code (ISO 4217)",
    "http://hl7.org/fhir/ValueSet/ucum-units": "a UCUM unit",
    "http://loinc.org/vs/LL379-9": "a LOINC answer list",
}


class Codes:
    """Expands value sets on demand; refuses any form of compose that no required binding of R4 uses."""

    def __init__(self, sources: Sources) -> None:
        self._sets: dict[str, Node] = {}
        self._systems: dict[str, Node] = {}
        for bundle in BUNDLES:
            for kind, node in sources.resources(bundle, "ValueSet", "CodeSystem"):
                (self._sets if kind == "ValueSet" else self._systems)[value(node, "url") or ""] = node

    def expand(self, canonical: str) -> list[tuple[str, str]] | None:
        """(system, code) pairs in definition order, or None for an open set."""
        url = canonical.split("|")[0]
        if url in OPEN:
            return None
        includes = self._sets[url].findall(f"{FHIR}compose/{FHIR}include")
        if self._sets[url].find(f"{FHIR}compose/{FHIR}exclude") is not None:
            raise SystemExit(f"{url}: exclude is not supported")
        return [pair for include in includes for pair in self._included(url, include)]

    def _included(self, url: str, include: Node) -> list[tuple[str, str]]:
        system = value(include, "system") or ""
        if include.find(FHIR + "filter") is not None or include.find(FHIR + "valueSet") is not None:
            raise SystemExit(f"{url}: filters and nested value sets are not supported")
        concepts = include.findall(FHIR + "concept")
        if concepts:
            return [(system, value(concept, "code") or "") for concept in concepts]
        known = self._systems.get(system)
        if known is None or value(known, "content") != "complete":
            raise SystemExit(f"{url}: the codes of {system} are not in the sources")
        return [(system, value(concept, "code") or "") for concept in known.iter(FHIR + "concept")]
