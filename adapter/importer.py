"""An import as a person at a terminal has it done: with a progress bar on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from adapter import app
from adapter.ingest.importing import import_source
from adapter.ingest.report import Report
from adapter.settings import Settings
from adapter.terminal import errors, problems_told


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each thing that is done; call it with (what, rows done, rows in all or 0)."""
    columns = (TextColumn("{task.description:>28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors) as progress:
        tasks: dict[str, TaskID] = {}

        def advance(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = progress.add_task(table, total=total or None)
            progress.update(tasks[table], completed=done, total=total or None)

        yield advance


def run_import(settings: Settings, source: str, paths: list[Path]) -> Report:
    """What became of each record; what is wrong ends the program."""
    with problems_told(), app.opened(settings) as program, progress_bar() as progress:
        return import_source(program, source, paths, progress)
