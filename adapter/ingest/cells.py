"""How cells become native values: the closed list of readers that a source file may name.

A reader takes as many texts as its row names columns and gives a native value, or raises Unreadable with a reason that
does not repeat the text: cells hold names and birth dates, reports and logs do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from adapter.fhir.json import parse
from adapter.mapping.clinic_time import ClinicTime, calendar_date
from adapter.problems import Unreadable

Reader = Callable[..., Any]

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,17})?", re.ASCII)


def whole(text: str) -> int:
    """A whole number."""
    if not _WHOLE.fullmatch(text):
        raise Unreadable("is not a whole number")
    return int(text)


def decimal(text: str) -> Any:
    """A decimal number with its digits as written."""
    if not _DECIMAL.fullmatch(text):
        raise Unreadable("is not a decimal number")
    return parse(text.encode())


def person_name(text: str) -> dict[str, Any]:
    """A person's name as one text; given and family name only of two words: where to cut others is a guess."""
    words = text.split()
    if not words:
        raise Unreadable("is blank")
    name: dict[str, Any] = {"text": text}
    if len(words) == 2:
        name = {"family": words[1], "given": [words[0]], "text": text}
    return name


def days(start: str, end: str | None) -> dict[str, str]:
    """A period of whole days, its last one included; without end it is still running."""
    period = {"start": calendar_date(start)}
    if end is not None:
        period["end"] = calendar_date(end)
        if period["end"] < period["start"]:
            raise Unreadable("ends before it begins")
    return period


def standing(today: str) -> Reader:
    """Tells from its first and last day whether an episode is planned, active or finished today."""

    def read(start: str, end: str | None) -> str:
        period = days(start, end)
        if "end" in period and period["end"] <= today:
            return "finished"
        return "planned" if period["start"] > today else "active"

    return read


def readers(clock: ClinicTime, today: str) -> Mapping[str, Reader]:
    """Every reader by the name that source files use; `today` is the clinic's date."""
    return {
        "text": str,
        "whole": whole,
        "decimal": decimal,
        "date": calendar_date,
        "moment": clock.moment,
        "person_name": person_name,
        "days": days,
        "standing": standing(today),
        "later": lambda start, minutes: clock.later(start, whole(minutes)),
    }


# Columns that each reader needs; all but the first `needs` may be empty.
SHAPES: Mapping[str, tuple[int, int]] = {
    "text": (1, 1),
    "whole": (1, 1),
    "decimal": (1, 1),
    "date": (1, 1),
    "moment": (1, 1),
    "person_name": (1, 1),
    "days": (2, 1),
    "standing": (2, 1),
    "later": (2, 2),
}
