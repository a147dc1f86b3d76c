"""Comparing FHIR times of any precision: what cannot be compared is not judged.

R4: https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

# The offsets between which every place on earth is.
_WESTMOST, _EASTMOST = timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))
_HOUR, _DAY = 3600.0, 86400.0


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
    """Whether `end` is before `start` wherever one is: days are compared as days.

    A day has no zone (R4 dateTime), so a moment beside one is of any of the days it is somewhere on earth: the evening
    of the 5th in New York, sent as the 6th in UTC, is not after the 5th.
    """
    if type(start) is not str or type(end) is not str:
        return False
    if len(start) == len(end) == 25 and start[19:] == end[19:]:
        return end < start  # one offset and one precision, as nearly always: text order is time order
    first, last = moment(start), moment(end)
    if first and last:
        return last < first
    begun, ended = _day_somewhere(start, first, _WESTMOST), _day_somewhere(end, last, _EASTMOST)
    length = min(len(begun), len(ended), 10)
    return ended[:length] < begun[:length]


def _day_somewhere(text: str, instant: datetime | None, zone: timezone) -> str:
    """The text of a day as it is, or the day of an instant in `zone`; also as it is where the calendar ends."""
    if instant is None:
        return text
    try:
        return instant.astimezone(zone).date().isoformat()
    except OverflowError:
        return text


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


def seconds_at_most(start: Any, end: Any) -> float | None:
    """The seconds from start to end; where only the days are known, all that fit into them; else None."""
    first, last = moment(start), moment(end)
    if first and last:
        return (last - first).total_seconds()
    try:
        days = (date.fromisoformat(str(end)[:10]) - date.fromisoformat(str(start)[:10])).days + 1
    except ValueError:
        return None
    # A day on which the clocks are put back has an hour more; a moment's day need not be the other one's.
    return (days + (1 if first or last else 0)) * _DAY + _HOUR
