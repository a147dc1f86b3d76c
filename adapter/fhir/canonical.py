"""The canonical URLs of what this project defines itself (profiles, extensions, code systems, operations).

https://hl7.org/fhir/R4/references.html#canonical
"""

from __future__ import annotations

BASE = "https://iop-fhir-adapter.org/fhir"


def profile(name: str) -> str:
    """The canonical URL of one of our profiles or extensions."""
    return f"{BASE}/StructureDefinition/{name}"


def code_system(name: str) -> str:
    """The canonical URL of one of our code systems."""
    return f"{BASE}/CodeSystem/{name}"
