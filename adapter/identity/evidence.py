"""What a Patient says that tells who it is, in the forms in which two are compared.

https://hl7.org/fhir/R4/patient.html; US social security numbers: https://hl7.org/fhir/R4/identifier-registry.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.fhir.strings import normal

Resource = Mapping[str, Any]
SSN = "http://hl7.org/fhir/sid/us-ssn"
_FORMER = frozenset({"old", "maiden"})
_NO_DIGIT = re.compile(r"[^0-9]")
LAST4, WHOLE = 4, 9
"""Digits of a social security number, in part or all of it."""
DAY = len("2000-01-01")
"""Characters of a date that says its day."""
_SHORTEST_PHONE, _US_PHONE = 7, 11


@dataclass(frozen=True, slots=True)
class Name:
    """One name: its family name, the parts of a double one, the given names, and whether it is marked as former."""

    family: str
    parts: frozenset[str]
    given: tuple[str, ...]
    former: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one person. `places` are (line, postal code); `numbers` (system, value) without social security numbers."""

    names: tuple[Name, ...]
    birth_date: str | None
    sex: str | None
    phones: frozenset[str]
    emails: frozenset[str]
    places: frozenset[tuple[str, str]]
    numbers: frozenset[tuple[str, str]]
    social_security: frozenset[str]

    @property
    def enough(self) -> bool:
        """Whether there is anything that a person could be found by."""
        named = any(name.family or name.given for name in self.names)
        return bool(named or self.birth_date or self.phones or self.emails or self.numbers or self.social_security)


def evidence_of(patient: Resource) -> Evidence:
    """The evidence in a valid Patient; what it does not say is empty."""
    telecoms = [(one.get("system"), one.get("value") or "") for one in patient.get("telecom", ())]
    numbers = [*_numbers(patient)]
    return Evidence(
        names=tuple(map(_name, patient.get("name", ()))),
        birth_date=patient.get("birthDate"),
        sex=patient["gender"] if patient.get("gender") in ("female", "male") else None,
        phones=frozenset(filter(None, (phone(value) for system, value in telecoms if system in ("phone", "sms")))),
        emails=frozenset(value.strip().casefold() for system, value in telecoms if system == "email" and value.strip()),
        places=frozenset(_places(patient)),
        numbers=frozenset(number for number in numbers if number[0] != SSN),
        social_security=frozenset(filter(None, (_social(value) for system, value in numbers if system == SSN))),
    )


def phone(said: str) -> str:
    """The digits of a telephone number, without the 1 of North America; "" for too few to be one."""
    digits = _NO_DIGIT.sub("", said)
    digits = digits[1:] if len(digits) == _US_PHONE and digits[0] == "1" else digits
    return digits if len(digits) >= _SHORTEST_PHONE else ""


def _name(said: Mapping[str, Any]) -> Name:
    family = said.get("family") or ""
    parts = [part for part in map(normal, re.split(r"[-\s]+", family)) if part]
    given = [one for text in said.get("given", ()) for one in normal(text or "").split()]
    return Name(normal(family), frozenset(parts), tuple(given), said.get("use") in _FORMER)


def _places(patient: Resource) -> Iterator[tuple[str, str]]:
    """The five digits of a ZIP code tell the place; the four behind them are mostly left out."""
    for address in patient.get("address", ()):
        code = normal(address.get("postalCode") or "")
        lines = " ".join(line for line in address.get("line", ()) if line)
        if code:
            yield normal(lines), code[:5] if code.isdigit() else code


def _numbers(patient: Resource) -> Iterator[tuple[str, str]]:
    for identifier in patient.get("identifier", ()):
        system, value = identifier.get("system"), identifier.get("value")
        if system and value:
            yield system, value


def _social(value: str) -> str:
    """All nine digits, or the last four of a number that says no more (`***-**-1234`)."""
    digits = _NO_DIGIT.sub("", value)
    return digits if len(digits) in (LAST4, WHOLE) else ""
