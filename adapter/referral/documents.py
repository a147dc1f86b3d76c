"""The C-CDA documents that come with a referral: what they tell is proposed as records, beside the documents.

https://hl7.org/fhir/R4/documentreference.html, C-CDA R2.1. A document about another person goes in nowhere.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from adapter.problems import Issue, Kind, Problem
from adapter.referral.ccda import Reading, Tables, read_ccda
from adapter.referral.entries import told
from adapter.referral.packet import Names, Part, Resource

XML = frozenset(
    {
        *("text/xml", "application/xml", "application/cda+xml"),
        *("application/hl7-cda+xml", "application/hl7-sda+xml", "text/hl7-cda+xml"),
    }
)
DEMOGRAPHICS = "who the document is about: the referral's own Patient says it, and nothing of this was taken"
"""What is said of each document, where the referral's Patient was not made of it."""
_ROOT = b"ClinicalDocument"
_HEAD = 4_096
"""Bytes in which the root of a document stands."""
load_tables = lru_cache(8)(Tables.load)


class Document(NamedTuple):
    """A C-CDA document in a part of a referral, as read; `place` is where it stands."""

    part: Part
    place: str
    reading: Reading

    def remarks(self) -> Iterator[Issue]:
        """What of it became no record."""
        for sentence in told(list(self.reading.unread)):
            yield Issue("informational", sentence, self.place, "information")


def documents(
    parts: Sequence[Part], names: Names, patient: Part, mappings: Path, new_id: Callable[[], str]
) -> Iterator[Document]:
    """Those in the parts; Problem by its place for one that cannot be read, or is about another person."""
    for part in parts:
        for place, data in _attached(names, part):
            if not is_clinical(data):
                continue
            try:
                reading = read_ccda(data, load_tables(mappings), new_id)
                _check_same(reading.patient, patient.resource)
            except Problem as problem:
                issues = [Issue(one.code, one.message, place) for one in problem.issues]
                raise Problem(problem.kind, problem.message, place, issues=issues) from None
            yield Document(part, place, reading)


def is_clinical(data: bytes) -> bool:
    """Whether XML is taken for a C-CDA document, and read."""
    return _ROOT in data[:_HEAD]


def _attached(names: Names, part: Part) -> Iterator[tuple[str, bytes]]:
    """The XML in a DocumentReference, or in the Binary that it names."""
    if part.type != "DocumentReference":
        return
    for number, content in enumerate(part.resource.get("content", ())):
        attachment, place = content.get("attachment", {}), f"{part.place}.content[{number}].attachment"
        binary = names.part_of(part, attachment["url"]) if "url" in attachment else None
        held = binary.resource if binary is not None and binary.type == "Binary" else attachment
        if str(held.get("contentType", "")).partition(";")[0].strip().lower() in XML and "data" in held:
            yield f"{binary.place}.data" if held is not attachment and binary else f"{place}.data", _decoded(held)


def _decoded(held: Resource) -> bytes:
    try:
        return b64decode(held["data"], validate=False)
    except (binascii.Error, ValueError):
        return b""  # the door says what is wrong with it


def _check_same(told_of: Resource, patient: Resource) -> None:
    """The birth dates are those of one person, as far as both are told."""
    one, other = str(told_of.get("birthDate", "")), str(patient.get("birthDate", ""))
    if not (one.startswith(other) or other.startswith(one)):
        raise Problem(Kind.UNPROCESSABLE, "the document is about another person than the referral: another birth date")
