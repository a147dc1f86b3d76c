"""How long a partner is waited for: Retry-After in every form, and pauses that grow, differ and end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.remote.faults import Fault, Wrong
from adapter.remote.patience import Patience, persisting, retry_after
from tests.remote.asking import Time

pytestmark = pytest.mark.storeless
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@given(st.integers(0, 10**9 - 1))
def test_seconds_are_read_as_they_are_said(seconds: int) -> None:
    assert retry_after(f" {seconds} ", NOW) == seconds


@given(st.integers(-(10**8), 10**8))
def test_a_date_is_read_as_the_seconds_until_then_and_none_when_it_is_past(seconds: int) -> None:
    said = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(said, NOW) == max(seconds, 0)


@given(st.text(max_size=60))
def test_whatever_is_said_is_a_number_of_seconds_or_nothing(said: str) -> None:
    found = retry_after(said, NOW)
    assert found is None or 0 <= found < 10**12


@pytest.mark.parametrize("said", [None, "", "soon", "-5", "1.5", "٧", "Mon, 99 Foo 2026 00:00:00 GMT", "1e3"])
def test_what_cannot_be_read_says_nothing(said: str | None) -> None:
    assert retry_after(said, NOW) is None


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=9),
    st.integers(1, 8),
    st.floats(0.1, 2),
    st.floats(2, 20),
)
def test_pauses_are_never_shorter_than_asked_for_nor_longer_than_their_bound(
    asked: list[float | None], tries: int, first: float, most: float
) -> None:
    time, patience = Time(), Patience(tries=tries, first=first, most=most)
    left = list(asked)

    async def work() -> str:
        if not left:
            return "done"
        raise Fault("ehr", Wrong.THROTTLED, "x", after=left.pop(0))

    try:
        done = asyncio.run(persisting(patience, time.sleep, work))
    except Fault:
        done = None
    assert (done is not None) == (len(asked) < tries)
    assert len(time.slept) == min(len(asked), tries - 1)
    for number, (slept, after) in enumerate(zip(time.slept, asked, strict=False)):
        assert (after or 0) <= slept <= (after or 0) + min(most, first * 2**number) + 1e-9


def test_what_cannot_help_is_not_tried_again() -> None:
    time = Time()

    async def work() -> None:
        raise Fault("ehr", Wrong.OUTCOME, "x")

    with pytest.raises(Fault):
        asyncio.run(persisting(Patience(), time.sleep, work))
    assert not time.slept
