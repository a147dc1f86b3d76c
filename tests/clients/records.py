"""Invented resources for clients that share one server: each test marks its own, so that it can count them."""

from __future__ import annotations

import secrets
from typing import Any

from tests.doors.people import observation, patient

Json = dict[str, Any]
MRN = "https://clinic.example/mrn"
ISSUES = {"severity", "code", "details"}


def mark() -> str:
    """A word that no other record has."""
    return "mark-" + secrets.token_hex(6)


def marked(word: str, **more: Any) -> Json:
    """A patient whose number is the word."""
    return patient(identifier=[{"system": MRN, "value": word}]) | more


def notes(subject: str, days: int) -> list[Json]:
    """Findings about one person, one a day."""
    return [observation(subject, effectiveDateTime=f"2026-03-{day:02}") for day in range(1, days + 1)]


def transaction(word: str) -> Json:
    """A patient and a finding about that patient, in one commit."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": "urn:uuid:5e0c1c2e-6a5b-4c6e-9f0a-3b1f0c2d4e5f",
                "resource": marked(word),
                "request": {"method": "POST", "url": "Patient"},
            },
            {
                "fullUrl": "urn:uuid:5e0c1c2e-6a5b-4c6e-9f0a-3b1f0c2d4e60",
                "resource": observation("urn:uuid:5e0c1c2e-6a5b-4c6e-9f0a-3b1f0c2d4e5f"),
                "request": {"method": "POST", "url": "Observation"},
            },
        ],
    }


def batch(*urls: str) -> Json:
    """A batch that reads these."""
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    return {"resourceType": "Bundle", "type": "batch", "entry": entries}


def replacing(path: str, value: str) -> Json:
    """A FHIRPath Patch that replaces one code."""
    parts = [("type", "valueCode", "replace"), ("path", "valueString", path), ("value", "valueCode", value)]
    said = [{"name": name, kind: given} for name, kind, given in parts]
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": said}]}
