"""Referrals as facilities without FHIR send them: a small form, and documents. Everybody in them is invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

BOUNDARY = "between-the-parts"
KIND = f"multipart/form-data; boundary={BOUNDARY}"
FORM = {
    "identifier": "R-7",
    "family": "Quill",
    "given": "Ada",
    "birth_date": "1990-05-17",
    "gender": "female",
    "phone": "555-0101",
    "address_line": "1 Invented Way",
    "city": "Sampleton",
    "state": "CO",
    "postal_code": "00501",
    "member_number": "M-1",
    "payer": "Invented Health Plan",
    "service": "co_occurring_iop",
    "requested_level_of_care": "2.1",
    "requested_start": "2026-03-09",
    "discharge_date": "2026-03-08",
    "reason": "Steps down after 28 days",
    "priority": "urgent",
    "requester_name": "Dr. Ines Invented",
    "requester_npi": "1234567893",
    "requester_phone": "555-0110",
}
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
SUMMARY = next((Path(__file__).parents[1] / "referral").rglob("*residential*.xml"))
ABOUT = {"family": "Testperson", "given": "Casey", "birth_date": "1988-04-12"}
File = tuple[str, str, str, bytes]


def part(headers: Mapping[str, str], data: bytes) -> bytes:
    """One part of a form, with these headers."""
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"--{BOUNDARY}\r\n{said}\r\n".encode() + data + b"\r\n"


def field(name: str, value: str) -> bytes:
    """A field."""
    return part({"Content-Disposition": f'form-data; name="{name}"'}, value.encode())


def file(name: str, called: str, media: str, data: bytes) -> bytes:
    """A file."""
    kind = {"Content-Type": media} if media else {}
    return part({"Content-Disposition": f'form-data; name="{name}"; filename="{called}"', **kind}, data)


def body(fields: Mapping[str, Any] | Iterable[tuple[str, str]] = (), *files: File) -> bytes:
    """A whole form."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    parts = [*(field(*pair) for pair in pairs), *(file(*one) for one in files)]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
