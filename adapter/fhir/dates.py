"""Dates of any precision as intervals of milliseconds, the way R4 compares them.

https://hl7.org/fhir/R4/search.html#date and https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Interval = tuple[int, int]
"""[first, last + 1) in milliseconds since 1970-01-01T00:00Z."""

BEGINNING = -(1 << 62)
"""The start of a period that has none."""
FOREVER = 1 << 62
"""The end of a period that has none."""
EVER: Interval = (-(1 << 63), (1 << 63) - 1)
"""All there is, also what has no date."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FORM = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?)?)?")


def milliseconds(moment: datetime) -> int:
    """A moment with an offset as milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def instant_of(milliseconds: int) -> str:
    """Milliseconds since 1970 as an R4 instant in UTC: `2026-03-01T17:00:00.000Z`."""
    return (_EPOCH + milliseconds * _MILLISECOND).isoformat(timespec="milliseconds")[:23] + "Z"


EARLIEST, LATEST = (milliseconds(datetime(*day, tzinfo=UTC)) for day in ((2, 1, 1), (9999, 12, 30)))
"""Between these, every zone has days for every moment."""


def day_at(at: int, zone: ZoneInfo) -> date:
    """The day in which a moment is; of one at an end of the calendar, where zones have none, one beside it."""
    return datetime.fromtimestamp(min(max(at, EARLIEST), LATEST) // 1000, zone).date()


class Calendar:
    """Reads FHIR dates; what carries no offset (a bare day, month or year) is read in the program's time zone.

    An evening group in New York is over after midnight UTC and still belongs to that evening's date.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._days = lru_cache(maxsize=8192)(self._read_days)

    def interval(self, text: str) -> Interval:
        """The interval meant by a valid `date`, `dateTime` or `instant`."""
        return self._days(text) if len(text) < 11 else self._read_time(text)

    def asked(self, text: str) -> Interval:
        """The interval meant by the date of a search; ValueError when it is none.

        A search may leave out the seconds and the offset, which a resource may not.
        """
        if not _FORM.fullmatch(text):
            raise ValueError(text)
        return self.interval(text)

    def period(self, period: Mapping[str, Any]) -> Interval:
        """From the first moment of `start` to the last of `end`, open where there is none."""
        start, end = period.get("start"), period.get("end")
        return (
            BEGINNING if start is None else self.interval(start)[0],
            FOREVER if end is None else self.interval(end)[1],
        )

    def timing(self, timing: Mapping[str, Any]) -> Interval:
        """The outer limits of a Timing: its events and the bounds of its repetition."""
        spans = [self.interval(event) for event in timing.get("event", ()) if event is not None]
        bounds = timing.get("repeat", {}).get("boundsPeriod")
        if bounds is not None:
            spans.append(self.period(bounds))
        if not spans:
            return BEGINNING, FOREVER
        return min(low for low, _ in spans), max(high for _, high in spans)

    def _read_days(self, text: str) -> Interval:
        year, month, day = int(text[:4]), int(text[5:7] or 1), int(text[8:10] or 1)
        first = datetime(year, month, day, tzinfo=self._zone)
        if len(text) == 4:
            return milliseconds(first), self._midnight(year + 1, 1, 1)
        if len(text) == 7:
            return milliseconds(first), self._midnight(year + month // 12, month % 12 + 1, 1)
        following = datetime.fromordinal(first.toordinal() + 1) if first.toordinal() < 3652059 else None
        high = self._midnight(following.year, following.month, following.day) if following else FOREVER
        return milliseconds(first), high

    def _midnight(self, year: int, month: int, day: int) -> int:
        """The start of a day; the day after 9999-12-31, a common way to write "never", is forever."""
        return milliseconds(datetime(year, month, day, tzinfo=self._zone)) if year <= 9999 else FOREVER

    def _read_time(self, text: str) -> Interval:
        if text[16:19] == ":60":  # a leap second, which R4 allows and Python does not
            low, high = self._read_time(f"{text[:16]}:59{text[19:]}")
            return low + 1000, high + 1000
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        low = milliseconds(moment)
        return low, low + _width(text)


def _width(text: str) -> int:
    """How long the last digit given is, in milliseconds: a minute, a second or a part of one."""
    if text[16:17] != ":":
        return 60_000
    if text[19:20] != ".":
        return 1000
    digits = 1
    while digits < 3 and text[20 + digits : 21 + digits].isdigit():
        digits += 1
    return (1000, 100, 10, 1)[digits]
