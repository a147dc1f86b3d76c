"""The codes of ages in rows of TEDS."""

from __future__ import annotations

from datetime import date

import pytest

from adapter.utilization.population import Course
from adapter.utilization.teds import Coder, Episode
from tests.doors.serving import parts

pytestmark = pytest.mark.storeless
BEGIN = {12: "1", 15: "2", 18: "3", 21: "4", 25: "5", 30: "6", 35: "7", 40: "8", 45: "9", 50: "10", 55: "11", 65: "12"}
"""The first age of each code."""


@pytest.mark.parametrize("age", sorted({-1, 0, 110, *BEGIN, *(first - 1 for first in BEGIN)}))
def test_an_age_is_told_by_its_code_and_one_below_the_first_is_doubted(age: int) -> None:
    coder = Coder(parts()[1].concept_maps)
    days = Course("e", "p", date(2025, 3, 1), None, "", ())
    row = coder.admission(Episode(days, {}, None, date(2025 - age, 3, 1)))
    assert row["AGE"] == next((code for first, code in reversed(BEGIN.items()) if first <= age), "-9")
    doubts = [one.says for one in coder.doubts if one.column == "AGE"]
    assert doubts == ([] if age >= 12 else [f"admitted at {age}, and the codes begin at 12"])
