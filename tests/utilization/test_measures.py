"""What the figures say in words is what they count: examples for each, and what is withheld of few."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapter.fhir.dates import Calendar, milliseconds
from adapter.fhir.elements import Definitions
from adapter.interactions.measures import FIGURES
from adapter.mapping.load import Maps, load
from adapter.problems import Problem
from adapter.utilization.measures import Cell, Episode, Window, held, together
from adapter.utilization.measures_levels import check_levels, levels_in
from adapter.utilization.measures_rows import Approved, Came, Delivered, Level, Reader, Records, Stay
from adapter.utilization.report_withheld import shown, total

pytestmark = pytest.mark.storeless
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXAMPLES = tomllib.loads((HERE / "examples.toml").read_text())["example"]
ZONE = ZoneInfo("America/New_York")
NOW = milliseconds(datetime(2026, 2, 1, 12, tzinfo=UTC))


@cache
def maps() -> Maps:
    return load(ROOT / "mappings", Definitions.load(ROOT / "profiles" / "r4"))


@cache
def reader() -> Reader:
    return Reader(maps(), Calendar(ZONE))


def read(records: list[dict[str, Any]]) -> Records:
    """The records as resources, read."""
    into = Records()
    for number, record in enumerate(records):
        said = {name: value for name, value in record.items() if name != "concept"}
        whole = {"id": f"r{number}", "participant": "p1", "episode": "e1", **said}
        resource = maps().concepts[record["concept"]].to_fhir(whole)
        reader().read(into, record["concept"], resource, False)
    return into


def episode(records: Records) -> Episode:
    start = milliseconds(datetime(2026, 1, 5, tzinfo=ZONE))
    stay = Stay("e1", start, 1 << 60, (Level("level_2_1", start, 1 << 60),))
    window = Window(date(2026, 1, 5), date(2026, 2, 1), ZONE, NOW)
    return Episode(records, [stay], window, levels_in(ROOT / "mappings"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['figure']}: {example['says']}"[:80])
def test_a_figure_is_what_its_example_says(example: dict[str, Any]) -> None:
    found = {}
    for cell in episode(read(example["records"])).cells([example["figure"]]):
        value = cell.value / 60 if cell.unit == "h" else cell.value
        found[cell.part] = float(round(value, 2)) if cell.over is None else [int(value), int(cell.over)]
    assert found == example["cells"]


def test_every_figure_has_an_example_and_a_code_in_the_table() -> None:
    codes = {one.code for one in FIGURES}
    assert {example["figure"] for example in EXAMPLES} == codes
    codings = maps().tables["utilization_figure"].content()[0]
    assert {(one["code"], one["display"]) for one in codings.values()} == {(one.code, one.title) for one in FIGURES}


def test_a_level_that_is_not_known_is_refused_by_line(tmp_path: Path) -> None:
    text = (ROOT / "mappings" / "levels.toml").read_text()
    (tmp_path / "levels.toml").write_text(text.replace("level_2_5 = 20", "level_2_6 = 20"))
    with pytest.raises(Problem, match=r"levels\.toml:\d+: .*level_2_6"):
        check_levels(tmp_path, maps())


some_sessions = some.lists(some.tuples(some.integers(0, 600), some.integers(0, 240)), max_size=8)


@given(some_sessions)
def test_no_minute_is_held_twice_and_none_is_lost_that_stands_alone(sessions: list[tuple[int, int]]) -> None:
    came = [
        Came(str(n), "e1", start * 60_000, Decimal(minutes), "group", "") for n, (start, minutes) in enumerate(sessions)
    ]
    covered = {minute for start, minutes in sessions for minute in range(start, start + minutes)}
    assert sum(minutes for _, minutes in held(came)) == len(covered)


def cell(part: str, value: int, people: int, of: str = "") -> Cell:
    return Cell("units" if of else "attended-sessions", of, "1", part, Decimal(value), None, people)


@given(
    some.lists(some.tuples(some.integers(0, 9), some.integers(0, 6)), max_size=6),
    some.integers(1, 5),
    some.integers(0, 12),
)
def test_a_total_holds_nothing_that_is_withheld(weeks: list[tuple[int, int]], least: int, everyone: int) -> None:
    told = shown([cell(str(n), value, people) for n, (value, people) in enumerate(weeks)], least, everyone)
    for one in told:
        assert one.withheld == (everyone < least or 0 < one.cell.people < least)
    summed = total(told)
    shown_ones = [one.cell.value for one in told if not one.withheld]
    assert (summed.value if summed else None) == (sum(shown_ones) if shown_ones else None)


def test_a_code_of_which_nothing_may_be_told_is_not_named() -> None:
    told = shown([cell("w1", 3, 1, "H0020"), cell("w2", 0, 0, "H0020"), cell("w1", 3, 4, "H0015")], 2, 9)
    assert {one.cell.of for one in told} == {"H0015"}


def test_people_are_counted_once_and_authorizations_go_without_their_numbers() -> None:
    first = [cell("w1", 2, 1), cell("w1", 3, 1), Cell("authorized", "H0015", "units", "A-1", Decimal(4))]
    second = [cell("w1", 1, 1), Cell("authorized", "H0015", "units", "A-2", Decimal(6))]
    found = {(one.figure, one.part): (one.value, one.people) for one in together([first, second])}
    assert found == {("attended-sessions", "w1"): (6, 2), ("authorized", ""): (10, 2)}


def test_what_belongs_to_two_episodes_of_one_person_counts_once() -> None:
    start, out, back, end = (
        milliseconds(datetime(2026, *day, tzinfo=ZONE)) for day in ((1, 5), (1, 14), (1, 15), (3, 1))
    )
    levels, hour = (Level("level_2_1", start, end),), 3_600_000
    stays = [Stay("e1", start, out, levels), Stay("e2", back, end, levels), Stay("e3", start, end, ())]
    came = [Came(id, id, start + n * hour, Decimal(180), "group", "") for n, id in enumerate(("", "e3"))]
    delivered = [Delivered("p", "", start, "H0015", Decimal(4), "")]
    approved = [Approved("a", "", "A-1", "H0015", "units", Decimal(10), start, end, is_counted=True)]
    records = Records(stays, came, delivered=delivered, approved=approved)
    window = Window(date(2026, 1, 5), date(2026, 2, 1), ZONE, NOW)
    cells = [*Episode(records, stays, window, levels_in(ROOT / "mappings")).cells([one.code for one in FIGURES])]
    assert len({cell[:4] for cell in cells}) == len(cells)
    sums = {cell.figure: sum(one.value for one in cells if one.figure == cell.figure) for cell in cells}
    assert (sums["attended-hours"] / 60, sums["attended-sessions"], sums["attended-days"]) == (4, 2, 1)
    assert (sums["units"], sums["authorized"], sums["used"], sums["left"]) == (4, 10, 4, 6)
    assert sums["level-hours"] / 60 == 4 * 9
