"""What is counted of sessions and bookings, by episode and week; without Spark."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapter.ingest.converting import Rules
from adapter.settings import Settings
from adapter.spark.weeks import Fact, facts, sums
from tests.spark.attendance import bookings, sessions

RULES = Rules.of(Settings(zone="America/Denver"))


def changed(line: str, **said: Any) -> str:
    """The line with other elements; None takes one out."""
    return json.dumps({name: value for name, value in {**json.loads(line), **said}.items() if value is not None})


SESSION, BOOKING = next(sessions(2)), next(bookings(1))
WEEK = ("e0", "2026-02-02")
AT = {"start": "2026-02-08T17:00:00-07:00", "end": "2026-02-08T20:00:00-07:00"}
# Monday in UTC, but Sunday where the program is.
LATE = {"start": "2026-02-09T05:00:00Z"}
FIRST, LAST = {"start": "0001-01-01T00:00:00+14:00"}, {"start": "9999-12-31T23:59:59-12:00"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (SESSION, [Fact("e0", "2026-01-05", sessions=1, minutes=165)]),
        (changed(SESSION, period=AT, extension=None, length=None), [Fact(*WEEK, sessions=1, minutes=180)]),
        (changed(SESSION, period=LATE, extension=None), [Fact(*WEEK, sessions=1, minutes=165)]),
        (changed(SESSION, period=LATE, extension=None, length=None), [Fact(*WEEK, sessions=1, unmeasured=1)]),
        (changed(SESSION, period=FIRST, extension=None, length=None), [Fact("e0", None, sessions=1, unmeasured=1)]),
        (changed(BOOKING, start=LAST["start"], end=LAST["start"]), [Fact("e0", None, attended=1)]),
        (changed(SESSION, status="entered-in-error", length=None), []),
        (changed(SESSION, type=[{"text": "something"}]), [Fact("e0", "2026-01-05", parked=1)]),
        (BOOKING, [Fact("e0", "2026-01-05", attended=1)]),
        (changed(BOOKING, status="noshow"), [Fact("e0", "2026-01-05", no_show=1)]),
        (changed(BOOKING, status="booked"), []),
        (changed(BOOKING, status="noshow", extension=None), [Fact(None, "2026-01-05", no_show=1)]),
        ("{", [Fact(bad=1)]),
        (" ", []),
        ('{"resourceType": "Patient", "id": "p", "gender": "female"}', []),
    ],
)
def test_a_line_adds_what_it_says_to_its_week(line: str, expected: list[Fact]) -> None:
    assert list(facts(RULES, [line.encode()])) == expected


def test_every_line_is_counted_once_in_the_sums() -> None:
    lines = [*sessions(300), *bookings(300), "{"]
    added = sums(facts(RULES, map(str.encode, lines)))
    keys = [(fact.episode or "", fact.week or "") for fact in added]
    assert keys == sorted(set(keys))
    over = [line for line in sessions(300) if json.loads(line)["status"] == "finished"]
    settled = [line for line in bookings(300) if json.loads(line)["status"] != "booked"]
    assert (sum(fact.sessions for fact in added), sum(fact.bad for fact in added)) == (len(over), 1)
    known = sum(fact.attended + fact.no_show + fact.late_cancelled + fact.cancelled for fact in added)
    assert known + sum(fact.parked for fact in added) == len(settled)
    assert sum(fact.unmeasured for fact in added) == 6
