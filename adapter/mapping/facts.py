"""What the rules of records are made of: a rule takes a native record and answers [(field, reason)].

Rules never raise: what is typed may be anything, and what cannot be compared is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from adapter.mapping.codecs import NUMBERS
from adapter.mapping.quantities import by_digits
from adapter.mapping.times import out_of_order

Record: TypeAlias = Mapping[str, Any]
Finding: TypeAlias = tuple[str, str]
Check: TypeAlias = Callable[[Record], list[Finding]]

OLDEST = 130


def listed(record: Record, name: str) -> list[Any]:
    """The members of a native list; none where it is missing or no list."""
    given = record.get(name)
    return given if isinstance(given, list) else []


def objects(record: Record, name: str) -> Iterator[tuple[str, Record]]:
    """(`name[index]`, member) of each object in a native list."""
    for index, member in enumerate(listed(record, name)):
        if isinstance(member, Mapping):
            yield f"{name}[{index}]", member


def number(value: Any) -> Decimal | None:
    """A JSON number by its digits, None for anything else."""
    return by_digits(value) if type(value) in NUMBERS else None


def in_order(record: Record, *pairs: tuple[str, str], at: str = "") -> list[Finding]:
    """A finding for each (first, later) of fields whose later one is before the first; `at` is put before both."""
    return [
        (f"{at}{later}", f"before {at}{first}")
        for first, later in pairs
        if out_of_order(record.get(first), record.get(later))
    ]


def members_in_order(record: Record, name: str, *pairs: tuple[str, str]) -> list[Finding]:
    """`in_order` for the members of a list."""
    return [found for at, member in objects(record, name) for found in in_order(member, *pairs, at=f"{at}.")]


def period_in_order(record: Record, name: str) -> list[Finding]:
    """`in_order` for a native period."""
    period = record.get(name)
    return in_order(period, ("start", "end"), at=f"{name}.") if isinstance(period, Mapping) else []


def age(record: Record, name: str) -> list[Finding]:
    """An age is one that somebody can have."""
    years = number(record.get(name))
    return [] if years is None or 0 <= years <= OLDEST else [(name, f"an age is from 0 to {OLDEST} years")]


def other_patient(value: Any, participant: Any) -> bool:
    """Whether a typed reference is to a Patient who is not the record's participant."""
    return type(value) is str and value.startswith("Patient/") and value != f"Patient/{participant}"
