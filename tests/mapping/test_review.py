"""The review sheet: what an analyst signs off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from adapter.mapping.load import Maps
from adapter.mapping.review import review_sheet, sheet, summary
from adapter.mapping.rows import Field
from adapter.problems import Problem


def names(fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        yield field.name
        yield from names(field.fields)


def test_the_sheet_has_a_line_for_every_field_of_every_map(maps: Maps) -> None:
    for found in [*maps.concepts.values(), *maps.aggregates.values()]:
        assert [line.field.strip() for line in review_sheet(found.fields)] == list(names(found.fields))


def test_an_example_comes_from_the_record_else_from_the_table(maps: Maps) -> None:
    lines = {line.field: line for line in review_sheet(maps.concepts["session"].fields, {"topic": "Cravings"})}
    assert lines["topic"].example == '"Cravings"'
    assert lines["mode"].example.startswith("in_person | ")
    assert lines["participant"].codec == "reference to Patient"


def test_the_sheet_shows_tables_and_the_source_that_runs(maps: Maps) -> None:
    text = sheet(maps, "booking")
    assert maps.concepts["booking"].source in text
    assert "no_show" in text
    assert '{"status":"noshow"}' in text


def test_an_unknown_map_is_told_with_those_that_are(maps: Maps) -> None:
    with pytest.raises(Problem, match=r"there are [a-z_, ]*booking, [a-z_, ]*clinician, "):
        sheet(maps, "boking")


def test_the_summary_counts_every_map(maps: Maps) -> None:
    text = summary(maps, ["bhsim"])
    assert all(name in text for name in [*maps.concepts, *maps.aggregates])
    assert text.endswith(f"{len(maps.tables)} tables, 1 sources: no refusals")
    assert len({line.index("  ", 1) for line in text.splitlines()[:-1]} | {0}) > 1
    columns = {line[: line.index(" fields")].rindex(" ") for line in text.splitlines() if " fields" in line}
    assert len(columns) <= 2  # numbers of one or two digits end in one column
