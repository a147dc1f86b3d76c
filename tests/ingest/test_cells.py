"""Readers of cells: what they take, and that a fault never repeats what the cell holds."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.ingest.cells import SHAPES, person_name, readers, standing, whole
from adapter.ingest.proposals import key_of
from adapter.ingest.source import Key
from adapter.mapping.clinic_time import ClinicTime
from adapter.problems import Unreadable

pytestmark = pytest.mark.storeless

READERS = readers(ClinicTime(ZoneInfo("America/New_York")), "2026-10-10")


def test_every_reader_has_a_shape_and_every_shape_a_reader() -> None:
    assert READERS.keys() == SHAPES.keys()


def test_a_name_of_two_words_is_given_and_family_any_other_is_kept_as_text_only() -> None:
    assert person_name("Ada Quill") == {"family": "Quill", "given": ["Ada"], "text": "Ada Quill"}
    assert person_name("Ada de la Quill") == {"text": "Ada de la Quill"}
    assert person_name("Ada") == {"text": "Ada"}
    with pytest.raises(Unreadable, match="blank"):
        person_name("  ")


@pytest.mark.parametrize(
    ("start", "end", "word"),
    [
        ("2026-01-01", None, "active"),
        ("2026-01-01", "2026-10-10", "finished"),
        ("2026-01-01", "2026-10-11", "active"),
        ("2026-10-11", None, "planned"),
    ],
)
def test_an_enrollment_is_planned_active_or_finished_as_of_today(start: str, end: str | None, word: str) -> None:
    assert standing("2026-10-10")(start, end) == word


def test_an_enrollment_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Unreadable, match="ends before it begins"):
        standing("2026-10-10")("2026-05-01", "2026-04-30")


def test_a_key_that_lost_its_leading_zeros_is_refused_and_one_that_has_them_keeps_them() -> None:
    key = Key("employee", "urn:example:employee", 6, re.compile("[0-9]{6}"))
    assert key_of(key, "043519") == "043519"
    with pytest.raises(Unreadable, match="leading zeros"):
        key_of(key, "43519")
    assert key_of(Key("code", "urn:example:code", None), "SA-IOP") == "SA-IOP"


@given(st.text(min_size=1, max_size=30), st.sampled_from(sorted(SHAPES)))
def test_any_cell_is_read_or_refused_and_never_repeated_in_the_reason(cell: str, name: str) -> None:
    try:
        READERS[name](*[cell] * SHAPES[name][0])
    except Unreadable as wrong:
        assert len(cell) < 4 or cell not in str(wrong)  # noqa: PT017


@given(st.integers(min_value=-(10**17), max_value=10**17))
def test_whole_numbers_are_read_as_they_are_written(number: int) -> None:
    assert whole(str(number)) == number
