"""The canonical URLs of what this project defines itself (profiles, extensions, code systems, operations).

https://hl7.org/fhir/R4/references.html#canonical
"""

from __future__ import annotations

import re

BASE = "https://iop-fhir-adapter.org/fhir"
VERSION = "0.1.0"
"""The business version of everything that is published under BASE."""


def profile(name: str) -> str:
    """The canonical URL of one of our profiles or extensions."""
    return f"{BASE}/StructureDefinition/{name}"


def code_system(name: str) -> str:
    """The canonical URL of one of our code systems."""
    return f"{BASE}/CodeSystem/{name}"


def operation(code: str) -> str:
    """The canonical URL of one of our operations."""
    return f"{BASE}/OperationDefinition/{code}"


def term_id(table: str, column: str = "") -> str:
    """The id of what is published for a code table, or for one column of a joint table.

    `drug_finding` and its column `valueCodeableConcept` make `drug-finding-value-codeable-concept`; a column that is an
    extension goes by the extension's name: `ext(absence)` is `absence`.
    """
    named = column.removeprefix("ext(").removesuffix(")")
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", f"{table}_{named}" if named else table)
    return words.replace("_", "-").lower()


def value_set(table: str, column: str = "") -> str:
    """The canonical URL of the codes that a table writes."""
    return f"{BASE}/ValueSet/{term_id(table, column)}"


def accepted_id(table: str, column: str = "") -> str:
    """The id of the value set of all codes that a table knows: what it writes and what it only reads."""
    return f"{term_id(table, column)}-accepted"


def accepted_set(table: str, column: str = "") -> str:
    """The canonical URL of all codes that a table knows."""
    return f"{BASE}/ValueSet/{accepted_id(table, column)}"


def concept_map(table: str, column: str = "") -> str:
    """The canonical URL of the map from the codes that a table only reads to those it writes."""
    return f"{BASE}/ConceptMap/{term_id(table, column)}"
