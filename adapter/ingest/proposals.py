"""What a row becomes before it is written: proposed records, refusals, and the rows of other tables that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from adapter.ingest.source import Key, Rule
from adapter.problems import Unreadable

Record = dict[str, Any]


class Ref(NamedTuple):
    """A record named by a practice system's key; it becomes an id when the record is written.

    `typed`: "Type/id", for a field that may point to several types.
    """

    type: str
    system: str
    value: str
    typed: bool


@dataclass(slots=True)
class Proposed:
    """A native record as the source says it, with `Ref` where it points to another; `place` is its file and line."""

    rule: Rule
    key: str
    record: Record
    place: str
    notes: list[str] = field(default_factory=list)

    @property
    def concept(self) -> str:
        """What the record is."""
        return self.rule.concept


@dataclass(frozen=True, slots=True)
class Native:
    """A whole native record, and the (system, value) that names it where it comes without an id."""

    concept: str
    record: Record
    key: tuple[str, str] | None
    place: str
    notes: Sequence[str] = ()


Item = Proposed | Native


class Refused(NamedTuple):
    """A record that cannot be made, and every reason."""

    concept: str
    place: str
    reason: str


@dataclass(slots=True)
class Made:
    """What became of one row; `parts` counts the rows of other tables that belong to it."""

    place: str
    proposed: list[Item] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    parts: dict[str, int] = field(default_factory=dict)


def key_of(key: Key, text: str) -> str:
    """The key as it is; Unreadable when it has not the digits that this kind of key has."""
    if key.form and not key.form.fullmatch(text):
        raise Unreadable(f"is not a key of {key.digits} digits (were leading zeros lost?)")
    return text
