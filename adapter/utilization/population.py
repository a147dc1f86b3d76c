"""What became of the people in the program in a period: length of stay, completion, readmission, attendance by track.
Pure.

What each figure counts is said beside it, in words, where it is shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from statistics import mean, quantiles
from typing import Any, NamedTuple

from adapter.utilization.measures import MISSED
from adapter.utilization.measures_rows import Planned

RULES = {
    "length_of_stay": "Of the program's own episodes that ended in the period, not of those that came with a referral:"
    " days from admission to discharge, 1 where both are one day; no days where one of the two dates is only a month or"
    " a year, or discharge is before admission.",
    "episodes_of_others": "Episodes, whenever they were, that say they are of an organization that is none of"
    " IOP_ORGANIZATIONS: they are in no figure.",
    "completion": "Of the same episodes: those whose reason for discharge is `completed`; `unknown` where none is.",
    "readmission": "Of the same episodes, where discharge has a day and the days after it are over: those after which"
    " the person was admitted again within 30, or 90, days of the discharge.",
    "attendance_by_track": "Of the bookings in the period of which it is recorded what became of them: those attended,"
    " by the tracks of their episode, each of several; `none` where it has none. Parked ones are left out.",
    "treatment": "After CMS137, initiation and engagement: people of 13 or more with a new substance use disorder in"
    " the period (until 14 November of its last year), who are not in hospice care; of these, those with another visit"
    " for it, a treatment or a medication within 14 days, and two more in the 34 days after. Visits and services that"
    " came with a referral are their sender's, and count for none of this.",
}
AGAIN = (30, 90)
NONE = "none"


class Course(NamedTuple):
    """An episode: whose, its days, why it ended, its tracks.

    `vague` names those of its dates that are only a month or a year: `admitted_on`, `discharged_on`. Such a date is
    here the first of its days, which says in what period it is, and nothing about a number of days. One that another
    organization has is not `ours`.
    """

    id: str
    patient: str
    admitted: date | None
    discharged: date | None
    reason: str
    tracks: tuple[str, ...]
    vague: frozenset[str] = frozenset()
    ours: bool = True


def stays(courses: Iterable[Course], first: date, last: date, today: date) -> dict[str, Any]:
    """The figures of the episodes that ended between two days."""
    known = list(courses)
    ended = [one for one in known if one.discharged and first <= one.discharged <= last]
    reasons: dict[str, list[int]] = defaultdict(list)
    for one in ended:
        reasons[one.reason or "unknown"].append(days_of(one) or 0)
    days = [length for each in reasons.values() for length in each if length]
    by_reason = {reason: _spread([one for one in each if one]) for reason, each in sorted(reasons.items())}
    return {
        "length_of_stay": {**_spread(days), "by_reason": by_reason},
        "completion": {**_share(len(reasons["completed"]), len(ended)), "by_reason": _counts(reasons)},
        "readmission": {f"within_{within}_days": _again(known, ended, within, today) for within in AGAIN},
    }


def days_of(course: Course) -> int | None:
    """Days from admission to discharge; None where one of them is not known, or they are the wrong way round."""
    if course.admitted is None or course.discharged is None or course.vague or course.discharged < course.admitted:
        return None
    return max((course.discharged - course.admitted).days, 1)


def _again(known: Iterable[Course], ended: Iterable[Course], within: int, today: date) -> dict[str, Any]:
    admitted: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for one in known:
        if one.admitted and "admitted_on" not in one.vague:
            admitted[one.patient].append((one.admitted, one.id))
    left = [(one, one.discharged) for one in ended if one.discharged and "discharged_on" not in one.vague]
    over = [(one, day) for one, day in left if (today - day).days > within]
    back = [one for one, day in over if _came_back(one, day, within, admitted[one.patient])]
    return _share(len(back), len(over))


def _came_back(one: Course, left: date, within: int, admitted: Sequence[tuple[date, str]]) -> bool:
    return any(id != one.id and 0 <= (day - left).days <= within for day, id in admitted)


def by_track(
    planned: Iterable[Planned], held_for: frozenset[str], tracks: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    """Attendance by track; `held_for` are the bookings that finished sessions name, `tracks` those of each episode."""
    came: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for one in planned:
        attended = one.became == "attended" or one.id in held_for
        if attended or one.became in MISSED:
            for track in tracks.get(one.episode) or (NONE,):
                of[track] += 1
                came[track] += attended
    return {track: _share(came[track], number) for track, number in sorted(of.items())}


def _share(part: int, of: int) -> dict[str, Any]:
    return {"of": of, "number": part, "rate": round(part / of, 4) if of else None}


def _counts(reasons: Mapping[str, Sequence[int]]) -> dict[str, int]:
    return {reason: len(each) for reason, each in sorted(reasons.items()) if each}


def _spread(days: Sequence[int]) -> dict[str, Any]:
    if not days:
        return {"of": 0}
    low, middle, high = quantiles(days, n=4, method="inclusive") if len(days) > 1 else (days[0],) * 3
    return {"of": len(days), "mean": round(mean(days), 1), "quarter": low, "half": middle, "three_quarters": high}
