"""Units of a day: cases by hand, and against a count minute by minute over generated days."""

from __future__ import annotations

import itertools
import random
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.dates import Calendar, milliseconds
from adapter.utilization.unit_rules import Rule
from adapter.utilization.units import Attended, count

pytestmark = pytest.mark.storeless
ZONE = ZoneInfo("America/New_York")
CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text("utf-8"))["case"]
DAYS = ("2026-03-02", "2026-03-08", "2026-11-01")
MINUTE = 60_000


def at(text: str) -> int:
    return milliseconds(datetime.fromisoformat(text).replace(tzinfo=ZONE))


def ruled(**said: Any) -> Rule:
    """A rule as its file says it."""
    lists = {name: frozenset(said.pop(name)) for name in ("kinds", "modes") if name in said}
    each_day = said.pop("over_midnight", "each_day") == "each_day"
    return Rule("tried", "tried", each_day=each_day, **lists, **said)


def attended(number: int, said: dict[str, Any]) -> Attended:
    breaks = tuple((at(one), at(other)) for one, other in said.get("breaks", ()))
    start, end = at(said["from"]), at(said["to"])
    more = {name: said[name] for name in ("minutes", "attending", "unfit") if name in said}
    return Attended(
        f"s{number}", said.get("kind", "group"), said.get("mode", "in_person"), start, end, breaks=breaks, **more
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_day_comes_to_its_units(case: dict[str, Any]) -> None:
    sessions = [attended(n, said) for n, said in enumerate(case["sessions"])]
    made = count(ruled(**case["rule"]), sessions, Calendar(ZONE).interval(case.get("day", "2026-03-02")))
    assert (made.units, made.minutes) == (case["units"], case["minutes"])
    assert case.get("words", "") in " ".join(one["words"] for one in made.explained)


def sessions_around(day: str, least: int = 1) -> st.SearchStrategy[list[Attended]]:
    """Up to five sessions, some over midnight, some with a break, in whole multiples of `least` seconds."""
    begins, step = Calendar(ZONE).interval(day)[0], least * 1_000

    def made(number: int, start: int, length: int, pause: int, kind: str) -> Attended:
        first = begins + start // least * step
        last, middle = first + (length // least + 1) * step, first + (length // 2 // least + 1) * step
        resumed = min(last - step, middle + pause // least * step)
        breaks = ((middle, resumed),) if middle < resumed else ()
        return Attended(f"s{number}", kind, "in_person", first, last, breaks=breaks)

    whats = st.tuples(
        *(st.integers(-10_800, 93_600), st.integers(1, 14_400), st.integers(0, 1_200)),
        st.sampled_from(["group", "case_management"]),
    )
    return st.lists(whats, max_size=5).map(lambda found: [made(n, *one) for n, one in enumerate(found)])


def time_by_time(sessions: list[Attended], day: tuple[int, int], gap: int) -> int:
    """How long a day was attended in sessions that count, or lay between two: each time when nothing begins or ends."""
    there = [one for one in sessions if one.kind == "group" and one.start < day[1] and one.end > day[0]]
    moments = {*day, *(at for one in there for at in (one.start, one.end, *itertools.chain(*one.breaks)))}
    total, since = 0, None
    for start, end in itertools.pairwise(sorted(at for at in moments if day[0] <= at <= day[1])):
        within = [one for one in there if one.start <= start < one.end]
        if any(not any(first <= start < last for first, last in one.breaks) for one in within):
            total += end - start
        if within and since is not None and start - since <= gap:
            total += start - since
        since = end if within else since
    return total


RULES = st.builds(
    lambda each, rest, least, gap: ruled(
        kinds=["group"], minutes_per_unit=each, round_from=min(each, rest), minimum_minutes=least, gap_minutes=gap
    ),
    st.sampled_from([15, 60]),
    st.integers(1, 60),
    st.sampled_from([0, 120]),
    st.sampled_from([0, 30]),
)


@given(st.data(), st.sampled_from(DAYS), RULES)
def test_time_counts_once_in_any_order_and_is_rounded_down_once(data: st.DataObject, day: str, rule: Rule) -> None:
    sessions, interval = data.draw(sessions_around(day)), Calendar(ZONE).interval(day)
    made = count(rule, sessions, interval)
    assert made.minutes == time_by_time(sessions, interval, rule.gap_minutes * MINUTE) // MINUTE
    assert made.sessions or not made.minutes
    shuffled = random.Random(1).sample(sessions, len(sessions))
    assert count(rule, shuffled, interval) == made
    each = rule.minutes_per_unit or 1
    whole, rest = divmod(made.minutes, each)
    due = whole + (rest >= (rule.round_from or each)) if made.minutes >= rule.minimum_minutes else 0
    assert made.units == due
    assert sum(one.get("minutes", 0) for one in made.explained) == made.minutes
    assert [one["unit"] for one in made.explained if "unit" in one] == list(range(1, made.units + 1))


@given(st.data())
def test_days_that_follow_each_other_share_what_was_over_midnight(data: st.DataObject) -> None:
    sessions, calendar = data.draw(sessions_around("2026-03-02", 60)), Calendar(ZONE)
    rule = ruled(minutes_per_unit=1)
    days = [calendar.interval(f"2026-03-0{n}") for n in (1, 2, 3)]
    whole = count(rule, sessions, (days[0][0], days[-1][1])).minutes
    assert sum(count(rule, sessions, day).minutes for day in days) == whole
    assert all(first[1] == then[0] for first, then in itertools.pairwise(days))
