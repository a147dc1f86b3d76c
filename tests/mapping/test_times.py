"""A day beside a moment: refused only where no zone on earth puts them in order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.mapping.times import out_of_order

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))

CASES: list[tuple[str, str, bool]] = [
    ("2026-01-06T02:00:00Z", "2026-01-05", False),
    ("2026-01-06T02:00:00+00:00", "2026-01-05", False),
    ("2026-01-06T12:00:00Z", "2026-01-05", True),
    ("2026-01-06", "2026-01-05T10:00:00Z", False),
    ("2026-01-06", "2026-01-05T09:59:59Z", True),
    ("2026-02-01T02:00:00Z", "2026-01", False),
    ("2026-02-01T12:00:00Z", "2026-01", True),
    ("2026-01-06", "2026-01-05", True),
    ("2026-01", "2026-01-05", False),
    ("0001-01-01T02:00:00Z", "0001-01-01", False),
    ("9999-12-31", "9999-12-31T23:00:00Z", False),
]


@pytest.mark.parametrize(("start", "end", "told"), CASES)
def test_an_end_before_its_start_is_told_whatever_the_precision(start: str, end: str, told: bool) -> None:
    assert out_of_order(start, end) is told


@given(st.integers(-72, 72).map(lambda hours: NOON + timedelta(hours=hours)), OFFSETS, OFFSETS, st.integers(-3, 3))
def test_a_day_and_a_moment_are_out_of_order_only_if_they_are_in_every_zone(
    instant: datetime, written: timezone, lived: timezone, days: int
) -> None:
    moment, day = instant.astimezone(written).isoformat(), date(2026, 1, 6) + timedelta(days=days)
    there = instant.astimezone(lived).date()
    if out_of_order(moment, day.isoformat()):
        assert there > day
    if out_of_order(day.isoformat(), moment):
        assert there < day
    west, east = (instant.astimezone(timezone(timedelta(hours=hours))).date() for hours in (-12, 14))
    assert out_of_order(moment, day.isoformat()) is (west > day)
    assert out_of_order(day.isoformat(), moment) is (east < day)
