"""Gathers proposed records into batches, writes each, and counts what became of every row and record."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple

from adapter.ingest.proposals import Item, Made, Proposed, Refused
from adapter.ingest.report import Report
from adapter.ingest.writing import BATCH, Result, Submitted, Writing
from adapter.interactions.program import Program
from adapter.problems import Problem


class _Waiting(NamedTuple):
    """A row of `table` (none for a record made from no row) and what is to become of it."""

    table: str | None
    made: Made


class Batches:
    """A context: leaving it without an exception writes what still waits.

    While the store writes a batch, the next one is read.
    """

    def __init__(self, program: Program, report: Report) -> None:
        self._writing, self._report = Writing(program), report
        self._flying: tuple[list[_Waiting], Submitted] | None = None
        self._rows: list[_Waiting] = []
        self._records: list[Item] = []

    def __enter__(self) -> Batches:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._write()
            self._settle()
        else:
            # What is with the store gets in or not, whatever went wrong with the rows after it: the report must know.
            with suppress(Problem):
                self._settle()

    def add_record(self, proposed: Proposed) -> None:
        """A record that comes from no row."""
        self._add(_Waiting(None, Made(proposed.place, [proposed], [], {})))

    def add_row(self, table: str, made: Made) -> None:
        """All that is made of one row; a row is never split between two batches."""
        self._add(_Waiting(table, made))

    def _add(self, waiting: _Waiting) -> None:
        self._rows.append(waiting)
        self._records += waiting.made.proposed
        if max(len(self._records), len(self._rows)) >= BATCH:
            self._write()

    def _write(self) -> None:
        self._settle()
        rows, records = self._rows, self._records
        self._rows, self._records = [], []
        self._flying = rows, self._writing.submit(records)

    def _settle(self) -> None:
        """Wait for the batch that the store has, and count what became of its rows."""
        if self._flying is None:
            return
        (rows, submitted), self._flying = self._flying, None
        results = iter(self._writing.settle(submitted))
        for table, made in rows:
            self._count(table, made, [next(results) for _ in made.proposed])

    def _count(self, table: str | None, made: Made, results: Sequence[Result]) -> None:
        refused = list(made.refused)
        for proposed, result in zip(made.proposed, results, strict=True):
            concept = proposed.concept
            if result.fate == "refused":
                refused.append(Refused(concept, proposed.place, result.reason))
                continue
            counts = self._report.record_of(concept)
            setattr(counts, result.fate, getattr(counts, result.fate) + 1)
            counts.parked += result.parked
            for note in (*proposed.notes, *([result.note] if result.note else [])):
                self._report.note(f"{concept}: {note}", proposed.place)
        for refusal in refused:
            self._report.record_of(refusal.concept).refused += 1
            self._report.refuse(refusal.place, refusal.concept, refusal.reason)
        if table:
            self._count_rows(table, made, len(results) + len(made.refused), len(refused))

    def _count_rows(self, table: str, made: Made, records: int, refused: int) -> None:
        """A row counts as used if any of its records got in; the rows that belong to it share its fate."""
        for name, rows in ((table, 1), *made.parts.items()):
            if records == 0:
                self._report.ignore(
                    name,
                    rows,
                    "no record is made of such rows" if name == table else f"no record is made of its row of {table}",
                )
            elif records == refused:
                self._report.table_of(name).refused += rows
            else:
                self._report.table_of(name).used += rows
