"""A clinic's clock: zones assumed and kept, the two odd hours of the year, and times that are none."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.mapping.clinic_time import ClinicTime, Moment, calendar_date
from adapter.problems import Unreadable

CLOCK = ClinicTime(ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2026-01-30T10:44", "2026-01-30T10:44:00-05:00"),
        ("2026-07-30 10:44:05", "2026-07-30T10:44:05-04:00"),
        ("2026-07-30T10:44:05.120", "2026-07-30T10:44:05.120-04:00"),
    ],
)
def test_a_time_without_zone_is_read_on_the_clinics_clock_and_keeps_that_fact(cell: str, said: str) -> None:
    assert CLOCK.moment(cell) == Moment(said, assumed=True)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2026-01-30T10:44Z", "2026-01-30T10:44:00Z"),
        ("2026-01-30T10:44:00-0800", "2026-01-30T10:44:00-08:00"),
        ("2026-01-30T10:44:00.5+05:30", "2026-01-30T10:44:00.5+05:30"),
    ],
)
def test_a_time_with_an_offset_keeps_it_and_assumes_nothing(cell: str, said: str) -> None:
    assert CLOCK.moment(cell) == Moment(said)


def test_the_hour_that_happens_twice_is_read_as_the_first_and_noted() -> None:
    moment = CLOCK.moment("2025-11-02T01:30")
    assert moment.text == "2025-11-02T01:30:00-04:00"
    assert moment.oddity is not None
    assert "happens twice" in moment.oddity


def test_a_time_that_the_clock_leaves_out_keeps_the_offset_from_before_and_is_noted() -> None:
    moment = CLOCK.moment("2026-03-08T02:30")
    assert moment.text == "2026-03-08T02:30:00-05:00"
    assert moment.oddity is not None
    assert "leaves out" in moment.oddity


def test_a_zone_that_moves_its_clock_by_half_an_hour_is_read_as_well() -> None:
    moment = ClinicTime(ZoneInfo("Australia/Lord_Howe")).moment("2026-04-05T01:45")
    assert moment.text.endswith("+11:00")
    assert moment.oddity is not None
    assert "happens twice" in moment.oddity


def test_minutes_are_added_as_they_pass_not_as_the_clock_shows_them() -> None:
    assert CLOCK.later("2026-03-08T01:30", 60) == Moment("2026-03-08T03:30:00-04:00", assumed=True)
    assert CLOCK.later("2025-11-02T00:30", 90) == Moment("2025-11-02T01:00:00-05:00", assumed=True)
    assert CLOCK.later("2026-01-30T23:30:00Z", 45) == Moment("2026-01-31T00:15:00+00:00")
    assert CLOCK.later("2026-01-30T10:30:05-08:00", 45) == Moment("2026-01-30T11:15:05-08:00")


@given(st.datetimes(datetime(2025, 10, 1), datetime(2026, 12, 1)), st.integers(0, 3_000))
def test_every_later_is_that_much_later(start: datetime, minutes: int) -> None:
    begun, ended = (CLOCK.later(start.isoformat(timespec="minutes"), passed) for passed in (0, minutes))
    assert datetime.fromisoformat(ended.text) - datetime.fromisoformat(begun.text) == timedelta(minutes=minutes)
    on_the_clock = datetime.fromisoformat(ended.text).astimezone(ZoneInfo("America/New_York"))
    leaves_out = "2026-03-08T02"  # the start itself may be a time that the clock does not show
    assert on_the_clock.isoformat() == ended.text or begun.text.startswith(leaves_out)


@pytest.mark.parametrize("cell", ["2026-02-30T10:00", "2026-01-30T25:00", "2026-01-30", "30/01/2026 10:00", "noon"])
def test_a_time_that_is_none_is_refused_without_being_repeated(cell: str) -> None:
    with pytest.raises(Unreadable, match="is not a time") as wrong:
        CLOCK.moment(cell)
    assert cell not in str(wrong.value)


def test_a_date_must_exist_and_may_carry_the_midnight_that_databases_add() -> None:
    assert calendar_date("1953-06-03") == calendar_date("1953-06-03 00:00:00") == "1953-06-03"
    for cell in ("1953-02-29", "06/03/1953", "19530603", "1953-W05-1", ""):
        with pytest.raises(Unreadable, match="is not a date"):
            calendar_date(cell)
