"""What became of every row and record of an import; the sums must match, or the import itself is at fault."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from adapter.problems import Kind, Problem

if TYPE_CHECKING:
    from rich.console import Group

# The report keeps this many refusals in words and this many kinds of remark; all are counted, and all go to `every`.
KEPT = 200
_OTHER = "other remarks"


@dataclass(slots=True)
class RowCount:
    """Rows of one table: `read` from the files; each was used for a record, refused or ignored."""

    read: int = 0
    used: int = 0
    refused: int = 0
    ignored: int = 0


@dataclass(slots=True)
class RecordCount:
    """Records of one concept: `expected` from the rows; `parked` is how many of those stored are incomplete."""

    expected: int = 0
    made: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    parked: int = 0

    @property
    def settled(self) -> int:
        """Records whose fate is known."""
        return self.made + self.changed + self.unchanged + self.refused


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row or record that did not get in: where it stands, what it would have become, why not."""

    place: str
    concept: str
    reason: str


@dataclass(slots=True)
class Report:
    """What an import did. `refused` counts the refusals, of which the first stand in `refusals`; `every`, if given,
    gets each of them as a line of NDJSON. `pending` is how many references in the store wait for their record.
    """

    source: str
    tables: dict[str, RowCount] = field(default_factory=dict)
    records: dict[str, RecordCount] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)
    notes: dict[str, tuple[int, str]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    refused: int = 0
    pending: int = 0
    every: TextIO | None = None

    def table_of(self, name: str) -> RowCount:
        """The counts of a table."""
        return self.tables.setdefault(name, RowCount())

    def record_of(self, concept: str) -> RecordCount:
        """The counts of a concept."""
        return self.records.setdefault(concept, RecordCount())

    def refuse(self, place: str, concept: str, reason: str) -> None:
        """Keeps one refusal in words; the caller counts it with its table or concept."""
        refusal = Refusal(place, concept, reason)
        self.refused += 1
        if len(self.refusals) < KEPT:
            self.refusals.append(refusal)
        if self.every:
            self.every.write(json.dumps(asdict(refusal), ensure_ascii=False) + "\n")

    def note(self, text: str, place: str) -> None:
        """Counts a remark; the first place of each kind is kept."""
        kind = text if text in self.notes or len(self.notes) < KEPT else _OTHER
        count, first = self.notes.get(kind, (0, place))
        self.notes[kind] = (count + 1, first)

    def ignore(self, table: str, rows: int, reason: str) -> None:
        """Counts rows of which nothing is made, with the reason."""
        self.table_of(table).ignored += rows
        self.ignored[f"{table}: {reason}"] += rows

    def settle(self) -> None:
        """Raises a fault that names every sum that does not match: something would have been lost silently."""
        wrong = [
            f"{name}: {count.read} rows read, {count.used} used + {count.refused} refused + {count.ignored} ignored"
            for name, count in self.tables.items()
            if count.read != count.used + count.refused + count.ignored
        ]
        wrong += [
            f"{name}: {count.expected} records expected, {count.settled} settled"
            for name, count in self.records.items()
            if count.expected != count.settled
        ]
        if wrong:
            raise Problem(Kind.FAULT, "the sums of the import do not match: " + "; ".join(wrong))

    def as_dict(self) -> dict[str, Any]:
        """Everything but the places of single remarks, as JSON values."""
        return {
            "source": self.source,
            "rows": {name: asdict(count) for name, count in self.tables.items()},
            "records": {name: asdict(count) for name, count in self.records.items()},
            "ignored": dict(self.ignored),
            "notes": [{"note": text, "count": count, "first": place} for text, (count, place) in self.notes.items()],
            "refused": [asdict(refusal) for refusal in self.refusals],
            "refused_count": self.refused,
            "pending_references": self.pending,
        }

    def json(self) -> str:
        """`as_dict` as indented JSON."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False)

    def table(self) -> Group:
        """The report for a terminal."""
        from adapter.ingest.report_table import tables

        return tables(self)
