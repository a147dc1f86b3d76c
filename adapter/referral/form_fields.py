"""What can be said in the small form of a referral: its fields and files, for a facility that has no FHIR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

JSON = "form"
"""The part that may hold all fields at once, as an object of strings."""
FILES: Mapping[str, int] = {"document": 20, "consent": 1}
"""The fields that are files, and how many of each there may be."""


class Field(NamedTuple):
    """One field: what it means, what it holds, whether intake asks for it where it is not said."""

    means: str
    holds: str = "line"
    wanted: bool = False
    table: str = ""
    """The code table whose words, and codes, it holds."""


FIELDS: Mapping[str, Field] = {
    "identifier": Field("What you call the referral (VALUE or SYSTEM|VALUE). Sent twice, it is one.", "number"),
    "family": Field("The person's family name.", wanted=True),
    "given": Field("The person's given names, with blanks between.", wanted=True),
    "birth_date": Field("The person's birth date, as YYYY-MM-DD.", "day", wanted=True),
    "gender": Field("As on file: male, female, other or unknown.", "code", True, "administrative_gender"),
    "medical_record_number": Field("The person's number with you (VALUE or SYSTEM|VALUE).", "number"),
    "phone": Field("The person's telephone number.", wanted=True),
    "address_line": Field("Street and number.", wanted=True),
    "city": Field("Town."),
    "state": Field("State, two letters in the US."),
    "postal_code": Field("ZIP code."),
    "member_number": Field("The person's member number with the payer.", wanted=True),
    "payer": Field("The name of the health plan.", wanted=True),
    "service": Field("What is asked for; else substance_use_iop.", "code", table="referral_service"),
    "requested_level_of_care": Field("Level of care, as level_2_1 or 2.1.", "code", True, "level_of_care"),
    "requested_start": Field("When the person should start, as YYYY-MM-DD.", "day", wanted=True),
    "discharge_date": Field("When the person leaves you, planned or past, as YYYY-MM-DD.", "day", wanted=True),
    "reason": Field("Why the person is referred, in your words.", "text", wanted=True),
    "priority": Field("routine, urgent, asap or stat.", "code", table="request_priority"),
    "requester_name": Field("Who refers.", wanted=True),
    "requester_npi": Field("The NPI of who refers.", "npi"),
    "requester_phone": Field("Where who refers can be asked."),
}
"""What can be said, by its name in the form."""
SERVICE = "substance_use_iop"
