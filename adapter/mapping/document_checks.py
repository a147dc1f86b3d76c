"""Rules of documents: what a file needs, and the one kind of document that gets in by no door.

As in `checks`, each takes a native record, answers [(field, reason)] and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from adapter.mapping.times import backwards

Finding = tuple[str, str]
COUNSELING_NOTE = (
    "a SUD counseling note is not kept or sent here: 42 CFR 2.11 sets it apart from the record, and 2.31(b) asks a"
    " consent of its own for it; leave it with the clinician who wrote it, and record medication, times, modality,"
    " frequency, results, diagnosis, plan and progress as themselves"
)
LOINC = "http://loinc.org"
UNKNOWN = ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK")
# HL7's label for psychotherapy notes (v3 ActCode), and its policy of that name.
_LABELS = ("PSYTHPN", "HIPAAPsyNotes")
# No LOINC code of such a note could be verified, so its own words must do.
_WORDS = re.compile(r"\b(?:counsel+ing|psychotherapy|process)(?: session)?[ -]+notes?\b", re.IGNORECASE)


def no_counseling_note(record: Mapping[str, Any]) -> list[Finding]:
    """A document that says it is a SUD counseling note: by type, category, or security label."""
    found = [("type", COUNSELING_NOTE)] if _is_note(record.get("type")) else []
    found += [("categories", COUNSELING_NOTE)] if any(map(_is_note, _list(record.get("categories")))) else []
    labels = (code for label in _list(record.get("labels")) for code in _codes(label))
    return [*found, *([("labels", COUNSELING_NOTE)] if any(code.get("code") in _LABELS for code in labels) else [])]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_note(value: Any) -> bool:
    return value == "counseling_note" or any(map(_WORDS.search, _spoken(value)))


def _spoken(value: Any) -> Iterator[str]:
    """The texts and displays of {codes, text}."""
    if isinstance(value, Mapping):
        for said in (value.get("text"), *(code.get("display") for code in _codes(value))):
            if isinstance(said, str):
                yield said


def _codes(value: Any) -> Iterator[Mapping[str, Any]]:
    codes = value.get("codes") if isinstance(value, Mapping) else None
    yield from (code for code in _list(codes) if isinstance(code, Mapping))


def document_type_coded(record: Mapping[str, Any]) -> list[Finding]:
    """US Core 6.1.0 binds DocumentReference.type (required) to LOINC's document types and UNK; others stand beside."""
    given = record.get("type")
    coded = ((code.get("system"), code.get("code")) for code in _codes(given))
    if not isinstance(given, Mapping) or any(code[0] == LOINC or code == UNKNOWN for code in coded):
        return []
    return [("type", f"a code of {LOINC} is needed, or UNK of {UNKNOWN[0]} beside what else it is called")]


def document_content(record: Mapping[str, Any]) -> list[Finding]:
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


def document_period(record: Mapping[str, Any]) -> list[Finding]:
    """What a document covers ends after it starts."""
    return [("covers", "ends before it starts")] if backwards(record.get("covers")) else []


CHECKS = (no_counseling_note, document_type_coded, document_content, document_period)
