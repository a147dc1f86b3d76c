"""Sessions (Encounter) as attendance is counted from them, and the days of the program's own calendar that they are of.

https://hl7.org/fhir/R4/encounter.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from adapter.fhir.dates import EARLIEST, LATEST, Calendar, Interval, day_at
from adapter.mapping.load import Maps
from adapter.utilization.units import Attended

Resource = dict[str, Any]
# The native words of mappings/concepts that this journey reads.
SESSION = "session"
ENCOUNTER = "Encounter"
LONGEST = 24 * 3_600_000
"""Milliseconds of the longest session: a longer one is a slip of the pen, and counts for nothing."""


class Held(NamedTuple):
    """A session with whose it is."""

    participant: str
    episode: str | None
    attended: Attended


def record_of(maps: Maps, name: str, resource: Resource | None) -> Resource:
    """The native record of a concept; empty for any other resource, or none."""
    concept = maps.concept_of(resource) if resource else None
    return concept.to_native(resource)[0] if concept is maps.concepts[name] and resource else {}


class Span(NamedTuple):
    """When an Encounter was and whose it is, before any map reads it; one without an end may have been long."""

    participant: str
    start: int
    end: int


class Sessions:
    """Reads sessions of a program with a clock in its zone, which is the Organizations `custodians`."""

    def __init__(self, maps: Maps, zone: ZoneInfo, custodians: frozenset[str]) -> None:
        self._maps, self._zone, self._custodians = maps, zone, custodians
        self._calendar = Calendar(zone)

    def read(self, resource: Resource | None, sent: Callable[[str], bool]) -> Held | None:
        """The session, None for what is none or has no time; `sent` says which came with a referral."""
        record = record_of(self._maps, SESSION, resource)
        if not resource or "participant" not in record or len(record.get("started_at", "")) < 11:
            return None
        start = self._at(record["started_at"])
        end, minutes = record.get("ended_at"), record.get("minutes_attended")
        until = self._at(end) if end else start + (minutes or 0) * 60_000
        attended = Attended(
            *(resource["id"], record.get("kind", ""), record.get("mode", ""), start, until),
            breaks=tuple((self._at(one["start"]), self._at(one["end"])) for one in _whole(record.get("breaks", ()))),
            minutes=minutes,
            attending=record.get("attending"),
            unfit=self._unfit(record, resource, until - start, sent),
        )
        return Held(record["participant"], record.get("episode"), attended)

    def span(self, resource: Resource | None) -> Span | None:
        """When an Encounter was; None for one that has no time, or is of nobody."""
        period, who = (resource or {}).get("period", {}), (resource or {}).get("subject", {}).get("reference", "")
        if len(period.get("start", "")) < 11 or not who.startswith("Patient/"):
            return None
        start = self._at(period["start"])
        end = self._at(period["end"]) if "end" in period else start + LONGEST
        return Span(who.removeprefix("Patient/"), start, end)

    def days(self, one: Attended | Span) -> Iterator[str]:
        """The days that a session is of, in whole or in part; of one that is too long the first, of one at an end of
        the calendar none."""
        if not EARLIEST <= one.start <= LATEST:
            return
        first = self.day_of(one.start)
        last = self.day_of(max(one.start, min(one.end - 1, one.start + LONGEST)))
        while first <= last:
            yield first
            first = (date.fromisoformat(first) + timedelta(days=1)).isoformat()

    def day_of(self, at: int) -> str:
        """The day in which a moment is; of one at an end of the calendar, where zones have none, one beside it."""
        return day_at(at, self._zone).isoformat()

    def interval(self, day: str) -> Interval:
        """From midnight to midnight."""
        return self._calendar.interval(day)

    def period(self, record: Resource) -> Interval:
        """From `starts_on` to `ends_on`, open where nothing is said."""
        names = (("start", "starts_on"), ("end", "ends_on"))
        return self._calendar.period({name: record[own] for name, own in names if own in record})

    def begins(self, text: str) -> str:
        """The day in which what is said of a date or moment begins."""
        return text[:10] if len(text) == 10 else self.day_of(self._at(text))

    def _at(self, text: str) -> int:
        return self._calendar.interval(text)[0]

    def _unfit(self, record: Resource, resource: Resource, length: int, sent: Callable[[str], bool]) -> str | None:
        """Why a session counts under no rule."""
        for item in record.get("incomplete", ()):
            return f"it is incomplete: {item['reason']}"
        if record.get("status") != "completed":
            return f"it is {record.get('status')}, not completed"
        if any(tag.get("code") == "proposed" for tag in resource.get("meta", {}).get("tag", ())):
            return "nobody of the staff has said that it is so"
        if self._custodians and record.get("organization") not in (None, *self._custodians):
            return "another organization held it"
        if not 0 < length <= LONGEST:
            return "it has no end" if not length else "it is longer than a day"
        return "it came with a referral, and is the sender's own" if sent(resource["id"]) else None


def _whole(periods: Any) -> Iterator[Resource]:
    """Breaks with a beginning and an end, both with a time of day."""
    return (one for one in periods if all(len(one.get(name, "")) > 10 for name in ("start", "end")))
