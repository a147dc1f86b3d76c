"""The report of an import as tables for a terminal (Rich)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from adapter.ingest.report import Report


def tables(report: Report) -> Group:
    """Rows, records, then in words: what was ignored and why, remarks, refusals."""
    rows = ((name, c.read, c.used, c.refused, c.ignored) for name, c in report.tables.items())
    records = (
        (name, c.made, c.changed, c.unchanged, c.refused, c.parked) for name, c in sorted(report.records.items())
    )
    return Group(
        _table(f"rows of {report.source}", ("table", "read", "used", "refused", "ignored"), rows),
        _table("records", ("concept", "made", "changed", "unchanged", "refused", "incomplete"), records),
        *_words(report),
    )


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str | int, ...]]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column == columns[0] else "right")
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else f"{cell:,}" for cell in row))
    return table


def _words(report: Report) -> Iterable[Text]:
    for reason, count in report.ignored.items():
        yield Text(f"ignored {count:,} rows of {reason}")
    for note, (count, place) in report.notes.items():
        yield Text(f"noted {count:,} times: {note} (first: {place})")
    if report.pending:
        yield Text(f"{report.pending:,} references in the store wait for a record that is not there yet")
    for refusal in report.refusals:
        yield Text(f"refused {refusal.place} as {refusal.concept}: {refusal.reason}", style="red")
    if report.refused > len(report.refusals):
        yield Text(f"and {report.refused - len(report.refusals):,} more refused", style="red")
