"""The closed list of searches that a source file may name where a row says only indirectly what it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from adapter.ingest.source import Lookup
from adapter.ingest.sqlite_rows import quoted
from adapter.ingest.staging import Staging

# The row's values for the settings of `Shape.here`, in order -> (the key found, or nothing and why not).
Find = Callable[[tuple[str | None, ...]], tuple[str | None, str | None]]


class Shape(NamedTuple):
    """Settings that name columns of the row at hand, and of the table searched; and what makes the search."""

    here: tuple[str, ...]
    there: tuple[str, ...]
    prepare: Callable[[Lookup, Staging], Find]


def columns_here(lookup: Lookup) -> tuple[str, ...]:
    """The columns of the row at hand that the search looks at."""
    named: list[str] = []
    for setting in LOOKUPS[lookup.name].here:
        said = lookup.settings[setting]
        named += [said] if isinstance(said, str) else said
    return tuple(named)


def covering(lookup: Lookup, staging: Staging) -> Find:
    """The one row with the same `match` columns whose period, both days included, holds the day of `at`.

    None and two are both left open: which of two stays a visit on the day between them belongs to is not ours to say.
    """
    said: Mapping[str, object] = lookup.settings
    match = [str(column) for column in said["match"]]  # type: ignore[attr-defined]
    start, end = str(said["start"]), str(said["end"])
    staging.index(lookup.table, *match, start)
    alike = " AND ".join(f"{quoted(column)} = ?" for column in match)
    sql = (
        f"SELECT {quoted(lookup.key_column)} FROM {quoted(lookup.table)} WHERE {alike} AND {quoted(start)} <= ? "
        f"AND ({quoted(end)} IS NULL OR {quoted(end)} >= ?) LIMIT 2"
    )

    # A booking and its session ask the same question one after the other.
    @lru_cache(maxsize=64)
    def find(values: tuple[str | None, ...]) -> tuple[str | None, str | None]:
        *same, at = values
        day = (at or "")[:10]
        found = staging.select(sql, (*same, day, day)).fetchall()
        if len(found) == 1:
            return found[0][0], None
        return None, f"lies in {'two rows' if found else 'no row'} of {lookup.table}, so that link is left open"

    return find


LOOKUPS: Mapping[str, Shape] = {"covering": Shape(("match", "at"), ("match", "start", "end"), covering)}
