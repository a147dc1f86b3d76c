"""Comparing moments as they are written in records: what cannot be compared is not judged.

R4: https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

from __future__ import annotations

from datetime import datetime
from typing import Any


def moment(value: Any) -> datetime | None:
    """An instant that can be compared: with time of day and offset."""
    if type(value) is not str or len(value) < 20:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


def backwards(start: Any, end: Any) -> bool:
    """Whether `end` is before `start`; days are compared as days."""
    if type(start) is not str or type(end) is not str:
        return False
    if len(start) == len(end) == 25 and start[19:] == end[19:]:
        return end < start  # one offset and one precision, as nearly always: text order is time order
    first, last = moment(start), moment(end)
    if first and last:
        return last < first
    length = min(len(start), len(end), 10)
    return end[:length] < start[:length]
