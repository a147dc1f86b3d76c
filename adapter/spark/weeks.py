"""What was attended by episode and week: minutes of sessions, and what became of bookings.

Pure, here and in an executor; Spark only adds the facts up. A week is named by its Monday in the program's zone. Parked
records are counted as such, and left out of the sums.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from adapter.ingest.converting import Rules, converter_of
from adapter.mapping.checks import minutes_between
from adapter.mapping.times import moment
from adapter.problems import Problem


class Fact(NamedTuple):
    """What one record adds to its episode's week; `bad` is a line that could not be read, of no episode and week."""

    episode: str | None = None
    week: str | None = None
    sessions: int = 0
    minutes: int = 0
    unmeasured: int = 0
    attended: int = 0
    no_show: int = 0
    late_cancelled: int = 0
    cancelled: int = 0
    parked: int = 0
    bad: int = 0


_BOOKINGS = {
    "attended": "attended",
    "no_show": "no_show",
    "late_cancelled": "late_cancelled",
    **dict.fromkeys(("cancelled", "cancelled_by_program", "excused", "rescheduled"), "cancelled"),
}


def facts(rules: Rules, lines: Iterable[bytes]) -> Iterator[Fact]:
    """The facts of FHIR lines: of sessions that are over and bookings that are settled; other records have none."""
    converter = converter_of(rules)
    for line in lines:
        if line.strip():
            try:
                record, _ = converter.turned("native", line)
            except Problem:
                yield Fact(bad=1)
            else:
                yield from _of(record, converter.zone)


def sums(facts: Iterable[Fact]) -> list[Fact]:
    """The facts added up by episode and week, in that order."""
    added: defaultdict[tuple[str | None, str | None], list[int]] = defaultdict(lambda: [0] * (len(Fact._fields) - 2))
    for episode, week, *numbers in facts:
        row = added[episode, week]
        for at, number in enumerate(numbers):
            row[at] += number
    made = [Fact(*key, *numbers) for key, numbers in added.items()]
    return sorted(made, key=lambda fact: (fact.episode or "", fact.week or ""))


def _of(record: dict[str, Any], zone: ZoneInfo) -> Iterator[Fact]:
    concept, status, episode = record["concept"], record.get("status"), record.get("episode")
    if concept == "session" and status == "completed":
        fact = Fact(episode, _week(record.get("started_at"), zone))
        yield fact._replace(parked=1) if "incomplete" in record else _attended(fact, record)
    elif concept == "booking" and (status in _BOOKINGS or "incomplete" in record):
        fact = Fact(episode, _week(record.get("planned_start"), zone))
        yield fact._replace(parked=1) if "incomplete" in record else _settled(fact, str(status))


def _settled(fact: Fact, status: str) -> Fact:
    """One more of what became of bookings."""
    numbers: dict[str, Any] = {_BOOKINGS[status]: 1}
    return fact._replace(**numbers)


def _attended(fact: Fact, session: dict[str, Any]) -> Fact:
    """Minutes as they were written down, else end - start - breaks; a session of unknown length is counted as such."""
    minutes = session.get("minutes_attended", minutes_between(session))
    return fact._replace(sessions=1, minutes=minutes or 0, unmeasured=int(minutes is None))


def _week(said: Any, zone: ZoneInfo) -> str | None:
    at = moment(said)
    try:
        day = at.astimezone(zone).date() if at else date.fromisoformat(str(said)[:10])
        return (day - timedelta(days=day.weekday())).isoformat()
    except (ValueError, OverflowError):  # no date, or one whose Monday no calendar has
        return None
