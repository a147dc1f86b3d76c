"""What became of each record that was exchanged with a partner; what could not be taken or sent is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Literal, NamedTuple

Fate = Literal["made", "changed", "unchanged", "left"]


class Done(NamedTuple):
    """What became of the record at `place` (`Type/id`, of whoever it comes from), and why where it was `left`."""

    place: str
    fate: Fate
    why: str = ""

    @property
    def type(self) -> str:
        """Its type."""
        return self.place.partition("/")[0]


@dataclass(slots=True)
class Count:
    """Records of one type."""

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    left: int = 0


@dataclass(slots=True)
class Report:
    """One pull or push: counts by type, the records that were left, and remarks."""

    partner: str
    types: dict[str, Count] = field(default_factory=dict)
    left: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    """Whatever something became of."""

    @property
    def moved(self) -> bool:
        """Whether anything was made or changed."""
        return any(count.made or count.changed for count in self.types.values())

    def add(self, done: Done) -> None:
        """Count it; name it if it was left."""
        count = self.types.setdefault(done.type, Count())
        setattr(count, done.fate, getattr(count, done.fate) + 1)
        self.places.add(done.place)
        if done.fate == "left":
            self.left.append((done.place, done.why))

    def note(self, text: str) -> None:
        """Remark on something, once."""
        if text not in self.notes:
            self.notes.append(text)

    def json(self) -> str:
        """All of it."""
        said = {name: value for name, value in asdict(self).items() if name != "places"}
        return json.dumps(said, indent=2, ensure_ascii=False)

    def lines(self) -> Iterator[str]:
        """All of it for a terminal."""
        for type, count in self.types.items():
            yield f"{type}: " + ", ".join(f"{number} {fate}" for fate, number in asdict(count).items())
        yield from (f"left {place}: {why}" for place, why in self.left)
        yield from self.notes
