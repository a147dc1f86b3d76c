"""The hours from which a level of care begins, read from `mappings/levels.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from adapter.mapping.declarations import Declaration, Refusals
from adapter.mapping.load import Maps

FILE = "levels.toml"
_MOST = 168
"""Hours of a week."""


@lru_cache(8)
def levels_in(mappings: Path) -> Mapping[str, float]:
    """Hours a week by the word of the level; a Problem with every refusal by file and line."""
    refusals = Refusals()
    file = Declaration(mappings / FILE, f"{mappings.name}/{FILE}", refusals)
    refusals.raise_any()
    file.only(file.content, ("grade", "source", "hours_a_week"), "key of levels")
    if file.content.get("grade") not in ("A", "A-", "B"):
        file.refuse("grade must be one of A, A-, B", "grade")
    said = file.section("hours_a_week")
    for level, hours in said.items():
        if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= _MOST:
            file.refuse(f"{level!r} must be a number of hours, above 0 and at most {_MOST}", "hours_a_week", level)
    refusals.raise_any()
    return {level: float(hours) for level, hours in said.items()}


def check_levels(mappings: Path, maps: Maps) -> None:
    """A Problem for a level that the table of levels does not know, beside those of `levels_in`."""
    refusals = Refusals()
    file = Declaration(mappings / FILE, f"{mappings.name}/{FILE}", refusals)
    known = maps.tables["level_of_care"].content()[0]
    file.only(levels_in(mappings), known, "level of care", "hours_a_week")
    refusals.raise_any()
