"""Comparing FHIR times of any precision: what cannot be compared is not judged.

R4: https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

from __future__ import annotations

from collections.abc import Mapping
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


def out_of_order(start: Any, end: Any) -> bool:
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


def backwards(period: Any) -> bool:
    """Whether a native period ends before it starts."""
    return isinstance(period, Mapping) and out_of_order(period.get("start"), period.get("end"))


def outside(inner: Any, start: Any, end: Any) -> bool:
    """Whether a native period begins before `start` or ends after `end`; what is not given bounds nothing."""
    if not isinstance(inner, Mapping):
        return False
    return out_of_order(start, inner.get("start")) or out_of_order(inner.get("end"), end)


def minutes_of(period: Any) -> float | None:
    """The minutes from the start to the end of a native period, or None where either has no time of day."""
    if not isinstance(period, Mapping):
        return None
    start, end = moment(period.get("start")), moment(period.get("end"))
    return (end - start).total_seconds() / 60 if start and end else None
