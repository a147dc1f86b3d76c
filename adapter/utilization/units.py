"""From the sessions of one participant on one day to units, by the rule of who pays; each unit with its reason.

Pure: the same sessions give the same units, in whatever order they came. Times are milliseconds since 1970, days end
at midnight of the program's own clock, so that one of 23 or 25 hours is counted as it was. No time counts twice, in
whatever number of sessions it is, and what all stretches come to is rounded down to whole minutes once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from adapter.fhir.dates import Interval
from adapter.utilization.unit_rules import Rule

Json = dict[str, Any]
GROUP = "group"
_MINUTE = 60_000
_GAP = ""
"""Stands for what lies between two sessions."""


class Attended(NamedTuple):
    """One session as it was attended: `minutes` are those that staff wrote down, `attending` how many came to a group
    session. `unfit` is why it counts under no rule."""

    id: str
    kind: str
    mode: str
    start: int
    end: int
    breaks: tuple[Interval, ...] = ()
    minutes: int | None = None
    attending: int | None = None
    unfit: str | None = None


class Piece(NamedTuple):
    """A stretch of a session, or of a gap between two."""

    start: int
    end: int
    session: str


@dataclass(frozen=True, slots=True)
class Counted:
    """`sessions` are those that are counted, in their order; `explained` has an entry for each unit, and for all that
    is in none."""

    units: int
    minutes: int
    sessions: tuple[str, ...]
    explained: tuple[Json, ...]


def count(rule: Rule, sessions: Iterable[Attended], day: Interval) -> Counted:
    """What a rule makes of the sessions of a day."""
    known = sorted(sessions, key=lambda one: (one.start, one.end, one.id))
    reasons = {one.id: why for one in known if (why := _why_not(rule, one, day))}
    attended = [*_pieces(rule, known, reasons, day)]
    came = {piece.session for piece in attended}
    pieces = [*_once(attended)]
    parts = [*_minutes(sorted([*pieces, *_gaps(rule, [one for one in known if one.id in came], day)]))]
    minutes = sum(part for _, part in parts)
    units, why = _units(rule, minutes)
    explained = [*_explained(rule, parts, units, why)]
    explained += [{"session": id, "words": f"does not count: {reason}"} for id, reason in reasons.items()]
    return Counted(units, minutes, tuple(dict.fromkeys(piece.session for piece in pieces)), tuple(explained))


def _why_not(rule: Rule, one: Attended, day: Interval) -> str | None:
    """Why a session does not count under a rule."""
    if one.unfit:
        return one.unfit
    if not rule.each_day and not day[0] <= one.start < day[1]:
        return "it counts on the day on which it began"
    if rule.kinds is not None and one.kind not in rule.kinds:
        return f"sessions of kind {one.kind} do not"
    if rule.modes is not None and one.mode not in rule.modes:
        return f"sessions of mode {one.mode} do not"
    if one.kind == GROUP and rule.group_most is not None and (one.attending or 0) > rule.group_most:
        return f"{one.attending} attended, and groups of more than {rule.group_most} do not"
    return None


def _pieces(rule: Rule, sessions: Sequence[Attended], reasons: Json, day: Interval) -> Iterator[Piece]:
    """The stretches that were attended, as far as they are of the day: no more minutes than staff wrote down."""
    for one in sessions:
        if one.id in reasons:
            continue
        length, stretches = one.end - one.start, [*_without(one.breaks, one.start, one.end)]
        pauses = length - sum(end - start for start, end in stretches) if rule.breaks_count else 0
        left = length if one.minutes is None else one.minutes * _MINUTE + pauses
        for start, end in [(one.start, one.end)] if rule.breaks_count else stretches:
            end, left = min(end, start + left), left - min(left, end - start)
            if rule.each_day:
                start, end = max(start, day[0]), min(end, day[1])
            if start < end:
                yield Piece(start, end, one.id)


def _without(breaks: Iterable[Interval], start: int, end: int) -> Iterator[Interval]:
    for first, last in sorted(breaks):
        if start < min(first, end):
            yield start, min(first, end)
        start = max(start, last)
    if start < end:
        yield start, end


def _once(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same stretches without what an earlier one has already."""
    reached: int | None = None
    for piece in sorted(pieces):
        start = piece.start if reached is None else max(piece.start, reached)
        if start < piece.end:
            yield piece._replace(start=start)
        reached = piece.end if reached is None else max(reached, piece.end)


def _gaps(rule: Rule, sessions: Iterable[Attended], day: Interval) -> Iterator[Piece]:
    """What lies between two sessions, by their own beginnings and ends, where that counts.

    A break within one is none of these, and neither is what somebody who left early did not attend.
    """
    reached: int | None = None
    for one in sessions:
        start, end = (max(one.start, day[0]), min(one.end, day[1])) if rule.each_day else (one.start, one.end)
        if reached is not None and 0 < start - reached <= rule.gap_minutes * _MINUTE:
            yield Piece(reached, start, _GAP)
        reached = end if reached is None else max(reached, end)


def _minutes(pieces: Iterable[Piece]) -> Iterator[tuple[str, int]]:
    """Whole minutes of each session or gap; the seconds of one stretch are carried to the next, so none are lost."""
    so_far = 0
    for piece in pieces:
        told = so_far // _MINUTE
        so_far += piece.end - piece.start
        yield piece.session, so_far // _MINUTE - told


def _units(rule: Rule, minutes: int) -> tuple[int, str]:
    """How many units the minutes of a day are, and why they are no more."""
    if minutes < max(1, rule.minimum_minutes):
        return 0, f"fewer than the {max(1, rule.minimum_minutes)} minutes that a day needs"
    each = rule.minutes_per_unit
    if each is None:
        return 1, "the day is one unit"
    units, rest = divmod(minutes, each)
    needed = rule.round_from or each
    units += rest >= needed
    if rule.most_units is not None and units > rule.most_units:
        return rule.most_units, f"no more than {rule.most_units} units a day"
    return units, f"fewer than the {needed} minutes that one more unit needs"


def _explained(rule: Rule, parts: Iterable[tuple[str, int]], units: int, why: str) -> Iterator[Json]:
    """What each unit is made of, and what is left over."""
    rest: list[list[Any]] = [[session, minutes] for session, minutes in parts if minutes]
    for unit in range(1, units + 1):
        room = rule.minutes_per_unit or sum(minutes for _, minutes in rest)
        yield {"unit": unit} | _of(_taken(rest, room), f"unit {unit} by {rule.said}")
    if rest or not units:
        yield _of(_taken(rest, sum(minutes for _, minutes in rest)), f"in no unit: {why}")


def _taken(rest: list[list[Any]], room: int) -> list[tuple[str, int]]:
    """So many minutes off the front of what is left."""
    made = []
    while rest and room > 0:
        session, minutes = rest[0]
        taken = min(room, minutes)
        made.append((session, taken))
        room -= taken
        rest[0][1] -= taken
        if not rest[0][1]:
            rest.pop(0)
    return made


def _of(parts: Iterable[tuple[str, int]], words: str) -> Json:
    """Minutes by session, in data and in words."""
    summed: dict[str, int] = {}
    for session, minutes in parts:
        summed[session] = summed.get(session, 0) + minutes
    listed: list[Json] = [
        {"session": id, "minutes": minutes} if id else {"minutes": minutes} for id, minutes in summed.items()
    ]
    told = [f"{n} of session {id}" if id else f"{n} between sessions" for id, n in summed.items()]
    total = sum(summed.values())
    made = f"{words}: {total} minutes" + (f" ({', '.join(told)})" if told else "")
    return {"minutes": total, "of": listed, "words": made}
