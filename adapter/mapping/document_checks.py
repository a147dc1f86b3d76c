"""Rules of documents: how its type is coded, what a file needs, and what a document covers.

As in `checks`, each takes a native record, answers [(field, reason)] and never raises.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapter.mapping.facts import Finding, Record, objects
from adapter.mapping.times import backwards

LOINC = "http://loinc.org"
UNKNOWN = ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK")


def document_type_coded(record: Record) -> list[Finding]:
    """US Core 6.1.0 binds DocumentReference.type (required) to LOINC's document types and UNK; others stand beside."""
    given = record.get("type")
    if not isinstance(given, Mapping):
        return []
    coded = [(code.get("system"), code.get("code")) for _, code in objects(given, "codes")]
    if any(code[0] == LOINC or code == UNKNOWN for code in coded):
        return []
    return [("type", f"a code of {LOINC} is needed, or UNK of {UNKNOWN[0]} beside what else it is called")]


def document_content(record: Record) -> list[Finding]:
    """A document has a file, and each file is here (data) or has an address (url); R4 att-1: data says its type."""
    files = record.get("files")
    if not isinstance(files, list) or not files:
        return [("files", "a document has at least one")]
    found = []
    for index, item in enumerate(files):
        file = item.get("file") if isinstance(item, Mapping) else None
        if isinstance(file, Mapping) and not file.keys() & {"url", "data"}:
            found.append((f"files[{index}].file", "data or url is needed"))
        if isinstance(file, Mapping) and "data" in file and "content_type" not in file:
            found.append((f"files[{index}].file", "content_type is needed with data"))
    return found


def document_period(record: Record) -> list[Finding]:
    """What a document covers ends after it starts."""
    return [("covers", "ends before it starts")] if backwards(record.get("covers")) else []


CHECKS = (document_type_coded, document_content, document_period)
