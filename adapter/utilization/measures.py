"""The figures of one participant's episodes in a period, and of several participants together. Pure.

What each figure counts is said in words in `interactions/measures.py`, which is what others read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from adapter.fhir.dates import milliseconds
from adapter.utilization.allocation import Line, Service, allocate
from adapter.utilization.measures_rows import Came, Delivered, Level, Records, Stay

TO_COME = frozenset({"booked", "arrived", "checked_in", "attended", "no_show", "late_cancelled", "excused"})
"""Bookings that the participant was to come to."""
MISSED = frozenset({"no_show", "late_cancelled", "excused"})
WEEK = timedelta(days=7)
FOLLOW_UP = 7 * 86_400_000
"""How long after a missed booking an attempt to reach the person is a follow-up of it, in ms."""
_HOUR = Decimal(60)
_LOW, _HIGH = (milliseconds(datetime(year, 1, 1, tzinfo=UTC)) for year in (1900, 2200))
"""Of days before and after nobody has to know which they are."""


class Cell(NamedTuple):
    """One number: of a figure, `of` a billed code ("" where there is none), counted in a `unit`, in one part (a week, a
    kind ...). A ratio has `over` and its `value` above. `people` are those it tells of."""

    figure: str
    of: str
    unit: str
    part: str
    value: Decimal
    over: Decimal | None = None
    people: int = 1


@dataclass(frozen=True)
class Window:
    """The days of a report, first and last, in the program's time zone, and the moment at which it is made (ms)."""

    first: date
    last: date
    zone: ZoneInfo
    now: int

    @cached_property
    def span(self) -> tuple[int, int]:
        """[start, end) in ms."""
        return self._at(self.first), self._at(self.last + timedelta(days=1))

    @cached_property
    def weeks(self) -> tuple[date, ...]:
        """The Mondays of its weeks."""
        first = monday(self.first)
        return tuple(first + n * WEEK for n in range((monday(self.last) - first).days // 7 + 1))

    @cached_property
    def _starts(self) -> list[int]:
        return [self._at(week) for week in self.weeks]

    @cached_property
    def _names(self) -> list[str]:
        return [week.isoformat() for week in self.weeks]

    def week(self, week: date) -> tuple[int, int]:
        """[start, end) in ms of a week."""
        return self._at(week), self._at(week + WEEK)

    def week_of(self, ms: int) -> str:
        """The Monday of a moment in it."""
        return self._names[bisect_right(self._starts, ms) - 1]

    def has(self, ms: int) -> bool:
        """Whether a moment is in it."""
        return self.span[0] <= ms < self.span[1]

    def day(self, ms: int) -> date:
        """The day of a moment."""
        return datetime.fromtimestamp(ms / 1000, self.zone).date()

    def _at(self, day: date) -> int:
        return milliseconds(datetime(day.year, day.month, day.day, tzinfo=self.zone))


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


class Episode:
    """One episode of a participant in a window, or several together: what belongs to more than one counts once."""

    def __init__(self, records: Records, stays: Sequence[Stay], window: Window, levels: Mapping[str, float]) -> None:
        self._records, self._stays, self._window, self._levels = records, stays, window, levels
        self._came = [one for one in records.came if self._mine(one.episode, one.start)]
        self._planned = [one for one in records.planned if self._mine(one.episode, one.start)]

    def _mine(self, episode: str, at: int) -> bool:
        """Whether a record belongs to an episode of these, named or by its day, and to the window."""
        return self._window.has(at) and any(has(stay, episode, at, at + 1) for stay in self._stays)

    def cells(self, figures: Iterable[str]) -> Iterator[Cell]:
        """The cells of these figures."""
        for figure in figures:
            yield from _FIGURES[figure](self, figure)

    def _planned_hours(self, figure: str) -> Iterator[Cell]:
        found = ((one.start, one.minutes) for one in self._planned if one.became in TO_COME)
        return _summed(figure, "h", ((self._window.week_of(at), lasts) for at, lasts in found if lasts is not None))

    @cached_property
    def _minutes(self) -> list[tuple[str, Decimal]]:
        """Of each stretch of attended minutes its week."""
        return [(self._window.week_of(at), minutes) for at, minutes in held(self._came)]

    def _attended_hours(self, figure: str) -> Iterator[Cell]:
        return _summed(figure, "h", self._minutes)

    def _attended_sessions(self, figure: str) -> Iterator[Cell]:
        return _summed(figure, "1", ((self._window.week_of(one.start), Decimal(1)) for one in self._came))

    def _attended_days(self, figure: str) -> Iterator[Cell]:
        days = {self._window.day(one.start) for one in self._came}
        return _summed(figure, "1", ((monday(day).isoformat(), Decimal(1)) for day in days))

    def _by_kind(self, figure: str) -> Iterator[Cell]:
        return _summed(figure, "1", ((one.kind, Decimal(1)) for one in self._came))

    def _attendance(self, figure: str) -> Iterator[Cell]:
        held_for = {one.booking for one in self._came} - {""}
        known: dict[str, list[bool]] = defaultdict(list)
        for one in self._planned:
            came = one.became == "attended" or one.id in held_for
            if one.start < self._window.now and (came or one.became in MISSED):
                known[self._window.week_of(one.start)].append(came)
        for week, each in sorted(known.items()):
            yield Cell(figure, "", "1", week, Decimal(sum(each)), Decimal(len(each)))

    def _level(self, week: date) -> tuple[str, float, Stay] | None:
        """The level that was the last in force in a week, its hours, and whose it is; None without such hours."""
        inside: list[tuple[Level, Stay]] = []
        for stay in self._stays:
            low, high = self._window.week(week)
            low, high = max(low, stay.start), min(high, stay.end)
            inside += [(one, stay) for one in stay.levels if low < high and one.start < high and one.end > low]
        latest = max(inside, key=lambda one: one[0].start, default=None)
        hours = self._levels.get(latest[0].word) if latest else None
        return (latest[0].word, hours, latest[1]) if latest and hours is not None else None

    def _level_hours(self, figure: str) -> Iterator[Cell]:
        for week in self._window.weeks:
            if (level := self._level(week)) is not None:
                yield Cell(figure, level[0], "h", week.isoformat(), Decimal(str(level[1])) * _HOUR)

    def _at_level(self, figure: str) -> Iterator[Cell]:
        attended = {cell.part: cell.value for cell in self._attended_hours(figure)}
        for week in self._window.weeks:
            if (level := self._level(week)) is None:
                continue
            (_, hours, stay), (low, high) = level, self._window.week(week)
            begin = max(self._window.span[0], stay.start)
            end = min(self._window.span[1], stay.end, self._window.now)
            if begin <= low and high <= end:
                reached = attended.get(week.isoformat(), Decimal(0)) >= Decimal(str(hours)) * _HOUR
                yield Cell(figure, "", "1", week.isoformat(), Decimal(reached), Decimal(1))

    def _units(self, figure: str) -> Iterator[Cell]:
        found: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
        for one in self._records.delivered:
            if one.units is not None and self._mine(one.episode, one.start):
                found[one.code].append((self._window.week_of(one.start), one.units))
        for code, each in sorted(found.items()):
            yield from _summed(figure, "{units}", each, code)

    def _authorized(self, figure: str) -> Iterator[Cell]:
        """Of each line: what is approved, used or left, whichever figure it is."""
        low, high = self._window.span
        for n, line in enumerate(self._records.approved):
            within = line.start < high and line.end > low
            if not within or not any(has(stay, line.episode, line.start, line.end) for stay in self._stays):
                continue
            said = self._lines[n]
            value = {"authorized": said.amount, "used": said.used, "left": said.left}[figure]
            if value is not None:
                yield Cell(figure, line.code, line.unit, line.number, value)

    @cached_property
    def _lines(self) -> list[Line]:
        """What is used of each line of the participant's authorizations, in their order."""
        approved = self._records.approved
        lines = [
            Line(
                *(one.id, n, one.code, one.unit, one.amount, (one.start, one.end)),
                used=Decimal(0) if one.is_counted else None,
            )
            for n, one in enumerate(approved)
        ]
        counted = (line for line, one in zip(lines, approved, strict=True) if one.is_counted)
        allocate(counted, (self._service(one) for one in self._records.delivered if not one.is_none))
        return lines

    def _service(self, one: Delivered) -> Service:
        units, at = Decimal(1) if one.units is None else one.units, min(max(one.start, _LOW), _HIGH)
        return Service(
            one.id,
            self._window.day(at).isoformat(),
            one.start,
            one.code,
            one.authorization,
            units,
            one.visits,
            one.minutes,
        )

    def _no_shows(self, figure: str) -> Iterator[Cell]:
        missed = [one for one in self._planned if one.became == "no_show"]
        by_name = {one.booking for one in self._records.reached} - {""}
        unnamed = [one.at for one in self._records.reached if not one.booking]
        tried: dict[str, list[bool]] = defaultdict(list)
        for one in missed:
            after = any(one.start <= at < one.start + FOLLOW_UP for at in unnamed)
            tried[self._window.week_of(one.start)].append(one.id in by_name or after)
        for week, each in sorted(tried.items()):
            yield Cell(figure, "", "1", week, Decimal(sum(each)), Decimal(len(each)))

    def _screens(self, figure: str) -> Iterator[Cell]:
        found = (one for one in self._records.screened if self._mine(one.episode, one.at))
        return _summed(figure, "1", ((one.word, Decimal(1)) for one in found))

    def _goals(self, figure: str) -> Iterator[Cell]:
        found = (one for one in self._records.reviewed if self._mine(one.episode, one.at))
        last = {one.id: one.word for one in sorted(found, key=lambda one: one.at)}
        return _summed(figure, "1", ((word, Decimal(1)) for word in last.values()))

    def _left_out(self, figure: str) -> Iterator[Cell]:
        found = (one for one in self._records.left_out if self._mine(one.episode, one.at))
        return _summed(figure, "1", ((one.type, Decimal(1)) for one in found))


def has(stay: Stay, episode: str, start: int, end: int) -> bool:
    """Whether what is of these times is of an episode: it names it, or names none and falls into it."""
    return episode == stay.id or (not episode and stay.start < end and start < stay.end)


_FIGURES: Mapping[str, Callable[[Episode, str], Iterator[Cell]]] = {
    "planned-hours": Episode._planned_hours,
    "attended-hours": Episode._attended_hours,
    "attended-sessions": Episode._attended_sessions,
    "attended-days": Episode._attended_days,
    "sessions-by-kind": Episode._by_kind,
    "attendance-rate": Episode._attendance,
    "level-hours": Episode._level_hours,
    "weeks-at-level": Episode._at_level,
    "units": Episode._units,
    "authorized": Episode._authorized,
    "used": Episode._authorized,
    "left": Episode._authorized,
    "no-shows": Episode._no_shows,
    "screens": Episode._screens,
    "goals": Episode._goals,
    "left-out": Episode._left_out,
}


def held(came: Iterable[Came]) -> Iterator[tuple[int, Decimal]]:
    """(start, minutes) of the sessions of one participant; of those that overlap no more than they last together."""
    end, start, minutes = 0, 0, Decimal(0)
    for one in sorted(came, key=lambda one: one.start):
        if one.minutes is None:
            continue
        last = one.start + int(one.minutes * 60_000)
        if one.start >= end:
            yield from [(start, minutes)] if minutes else []
            start, end, minutes = one.start, last, one.minutes
        else:
            end, minutes = max(end, last), minutes + one.minutes
            minutes = min(minutes, Decimal(end - start) / 60_000)
    yield from [(start, minutes)] if minutes else []


def _summed(figure: str, unit: str, found: Iterable[tuple[str, Decimal]], of: str = "") -> Iterator[Cell]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for part, value in found:
        sums[part] += value
    for part, value in sorted(sums.items()):
        yield Cell(figure, of, unit, part, value)


def together(each: Iterable[Iterable[Cell]]) -> list[Cell]:
    """The cells of several participants, each once: what is counted is added up. Authorizations go by what they
    approve: their numbers would tell whose they are."""
    sums: dict[tuple[str, str, str, str], Cell] = {}
    for cells in each:
        seen: dict[tuple[str, str, str, str], Cell] = {}
        for cell in cells:
            part = "" if cell.figure in ("authorized", "used", "left") else cell.part
            _add(seen, cell._replace(part=part))
        for cell in seen.values():
            _add(sums, cell._replace(people=1), people=True)
    return sorted(sums.values())


def _add(sums: dict[tuple[str, str, str, str], Cell], cell: Cell, *, people: bool = False) -> None:
    key = cell[:4]
    had = sums.get(key)
    if had is None:
        sums[key] = cell
        return
    over = None if cell.over is None else cell.over + (had.over or 0)
    sums[key] = had._replace(value=had.value + cell.value, over=over, people=had.people + people)
