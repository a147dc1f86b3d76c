"""What an aggregate says once over several records: values all of them carry, and words for the states of a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapter.fhir.json import dump
from adapter.mapping.aggregate import Place, Record

Line = dict[str, Record]
"""The records of one person: member -> record."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A value said once: where each member says it, and how the document's value is chosen where they differ."""

    places: Mapping[str, Place]
    elect: str = "most"

    def elected(self, values: Sequence[Any]) -> Any:
        """The value of the document, None when no record has one; of equals, the first."""
        if not values:
            return None
        if self.elect == "most":
            counts = Counter(dump(value) for value in values)
            most = max(counts.values())
            return next(value for value in values if counts[dump(value)] == most)
        return (min if self.elect == "earliest" else max)(values, key=_moment)


def _moment(value: str) -> tuple[float, str]:
    """A sort key for dateTimes of any precision and offset."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return (float(value[:4]) if value[:4].isdigit() else 0.0), value
    return moment.timestamp() if moment.tzinfo else datetime.fromisoformat(
        f"{value[:10]}T00:00:00+00:00"
    ).timestamp(), value


@dataclass(frozen=True, slots=True)
class Words:
    """One native word for the states of a line's records; a reading lists member.field -> value, None = absent."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: Mapping[str, Mapping[tuple[str, str], str]]
    readings: Mapping[tuple[str | None, ...], str]
    may_lack: str
    """the member whose columns do not count where its record is not there"""

    def read(self, line: Line) -> str | None:
        """The word of a line, or None when its records are in no state that has one."""
        state = tuple(line.get(member, {}).get(field) for member, field in self.columns)
        if self.may_lack in line or all(member not in line for member, _ in self.columns):
            return self.readings.get(state)
        for key, word in self.readings.items():
            others = [
                (one, two)
                for one, two, (member, _) in zip(state, key, self.columns, strict=True)
                if member != self.may_lack
            ]
            if all(one == two for one, two in others):
                return word
        return None

    def needs(self, word: str) -> list[str]:
        """The members that must have a record for this word."""
        return list(dict.fromkeys(member for member, _ in self.rows[word]))
