"""Times as a clinic's clock shows them, become FHIR dateTime with an offset.

A time without a zone is read in the clinic's zone, and the record keeps that fact (`zone_assumed`). Twice a year the
clock itself is ambiguous: the hour that happens twice is read as the first one, a time in the hour that is left out
with the offset from before the change (RFC 5545 section 3.3.5); both are noted in the report.
https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from adapter.problems import Unreadable

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d)(:[0-5]\d)(:[0-5]\d)?(\.\d{1,9})?\s?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


class Moment(NamedTuple):
    """A FHIR dateTime; whether its zone was assumed; and what is odd about it, if anything."""

    text: str
    assumed: bool = False
    oddity: str | None = None


class ClinicTime:
    """Reads the clock of one clinic. Wrong input raises Unreadable with a reason that does not repeat it."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.moment = lru_cache(maxsize=4_096)(self._moment)
        self._steady = lru_cache(maxsize=16_384)(self._offset_of_hour)

    def _moment(self, text: str) -> Moment:
        found = _TIME.fullmatch(text)
        if not found:
            raise Unreadable("is not a time (YYYY-MM-DDThh:mm, with or without seconds and offset)")
        day, hour, minute, second, fraction, offset = found.groups()
        steady = self._steady(day, hour)
        clock = f"{day}T{hour}{minute}{second or ':00'}{fraction or ''}"
        if offset:
            return Moment(clock + (offset if ":" in offset or offset == "Z" else f"{offset[:3]}:{offset[3:]}"))
        if steady:
            return Moment(clock + steady, True)
        local = datetime.fromisoformat(f"{day}T{hour}{minute}{second or ':00'}")
        return Moment(clock + self._offset(local, 0), True, self._oddity(local))

    def _offset_of_hour(self, day: str, hour: str) -> str | None:
        """The offset that holds throughout an hour; None when the clock is put forward or back in it."""
        try:
            first = datetime.fromisoformat(f"{day}T{hour}:00:00")
        except ValueError:
            raise Unreadable("is not a time that exists in the calendar") from None
        last = first + timedelta(minutes=59, seconds=59)
        offsets = {self._offset(local, fold) for local in (first, last) for fold in (0, 1)}
        return offsets.pop() if len(offsets) == 1 else None

    def later(self, start: str, minutes: int) -> Moment:
        """`minutes` of elapsed time after a start, on the same clock."""
        begun = self.moment(start)
        day, offset = begun.text[:10], begun.text[19:]
        hour, minute = divmod(int(begun.text[11:13]) * 60 + int(begun.text[14:16]) + minutes, 60)
        # Within one day whose clock is not changed by then, the clock shows what was added: nearly always.
        if 0 <= hour < 24 and (not begun.assumed or self._steady(day, f"{hour:02}") == offset):
            return Moment(f"{day}T{hour:02}:{minute:02}{begun.text[16:]}", begun.assumed)
        end = datetime.fromisoformat(begun.text) + timedelta(minutes=minutes)
        return Moment((end.astimezone(UTC).astimezone(self._zone) if begun.assumed else end).isoformat(), begun.assumed)

    def _offset(self, local: datetime, fold: int) -> str:
        aware = local.replace(tzinfo=self._zone, fold=fold).isoformat()
        return aware[len(local.isoformat()) :]

    def _oddity(self, local: datetime) -> str | None:
        first, second = self._offset(local, 0), self._offset(local, 1)
        if first == second:
            return None
        there_and_back = local.replace(tzinfo=self._zone).astimezone(UTC).astimezone(self._zone)
        if there_and_back.replace(tzinfo=None) == local:
            return f"is an hour that happens twice in {self._zone.key}: read as the first, {first}"
        return (
            f"is a time that the clock leaves out in {self._zone.key}: read with the offset before the change, {first}"
        )


@lru_cache(maxsize=4_096)
def calendar_date(text: str) -> str:
    """A date YYYY-MM-DD that exists; a time of midnight behind it, as databases export dates, is dropped."""
    day = text.removesuffix("T00:00:00").removesuffix(" 00:00:00")
    try:
        if _DAY.fullmatch(day):
            date.fromisoformat(day)
            return day
    except ValueError:
        pass  # such as 30 February
    raise Unreadable("is not a date of the calendar (YYYY-MM-DD)")
