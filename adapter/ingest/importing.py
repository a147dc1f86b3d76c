"""Imports a practice system's files: read and checked as a whole first, then written row by row; nothing is lost.

Two phases. What is wrong with the files themselves (cut off, re-encoded, columns changed) refuses the import before
anything is written. After that a wrong row is refused alone, with its file and line, and stops nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

from adapter.consent.predicate import everything
from adapter.ingest.batches import Batches
from adapter.ingest.cells import readers
from adapter.ingest.faults import Faults
from adapter.ingest.files import TableFile, locate
from adapter.ingest.native_lines import import_native
from adapter.ingest.progress import Progress, silent
from adapter.ingest.report import Report
from adapter.ingest.rows import RowReader, once
from adapter.ingest.source import Source, Table
from adapter.ingest.sources import load_source
from adapter.ingest.staging import Staging, counted
from adapter.interactions.program import Program
from adapter.mapping.clinic_time import ClinicTime
from adapter.problems import Kind, Problem

NATIVE = "native"


def import_source(
    program: Program,
    source_name: str,
    paths: Sequence[Path],
    progress: Progress = silent,
    every: TextIO | None = None,
) -> Report:
    """Imports the files as `mappings/sources/SOURCE.toml` says, or native records if the source is `native`.

    Each refusal goes to `every` as NDJSON. Raises a Problem when the files are refused as a whole (nothing was
    written), when the disk is full (what was committed before is complete; importing again completes it), or as a
    fault when the sums do not match.
    """
    report = Report(source_name, every=every)
    with _resumable(report), _few_collections():
        if source_name == NATIVE:
            import_native(program, paths, report, progress)
        else:
            source = load_source(program.settings.mappings / "sources", source_name, program.maps)
            with closing(Staging()) as staging:
                _Import(program, source, staging, report, progress).run(paths)
    report.pending = program.store.totals(everything("how many references wait, for the import's report")).pending
    report.settle()
    return report


@contextmanager
def _resumable(report: Report) -> Iterator[None]:
    """Says with the store's trouble (a full disk) how far the import came; every batch before it is complete."""
    try:
        yield
    except Problem as problem:
        if problem.kind is not Kind.BUSY:
            raise
        stored = sum(count.made + count.changed for count in report.records.values())
        message = f"{problem.message}; {stored} records of this import are stored, import again for the rest"
        raise Problem(Kind.BUSY, message, code=problem.issues[0].code) from problem


@contextmanager
def _few_collections() -> Iterator[None]:
    """Records make no cycles; looking for them through all the maps and definitions, again and again, costs a sixth."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


class _Import:
    """One run over one source's files."""

    def __init__(self, program: Program, source: Source, staging: Staging, report: Report, progress: Progress) -> None:
        self._program, self._source, self._staging = program, source, staging
        self._report, self._progress = report, progress
        self._files: dict[str, TableFile] = {}
        self._rows_read = 0
        today = program.clock().astimezone(source.zone).date().isoformat()
        self._readers = readers(ClinicTime(source.zone), today)

    def run(self, paths: Sequence[Path]) -> None:
        """Everything, in order: files, their sound rows, then the records."""
        faults = Faults()
        self._files = locate(self._source, paths, faults)
        faults.settle()
        for name in self._source.tables:
            if name in self._files:
                self._load(self._files[name], faults)
        faults.settle()
        for table in self._source.tables.values():
            self._refuse_unsound(table)
        for table in self._source.tables.values():
            self._refuse_orphans(table)
        self._write()

    def _load(self, file: TableFile, faults: Faults) -> None:
        table, before, rows = file.table, self._rows_read, 0
        found = file.rows(faults)
        for rows in counted(found) if table.ignored else self._staging.load(table.name, table.used, found):
            self._rows_read = before + rows
            self._progress("reading rows", self._rows_read, self._rows_read)
        self._report.table_of(table.name).read = rows
        if table.ignored is not None:
            self._report.ignore(table.name, rows, table.ignored)

    def _refuse_unsound(self, table: Table) -> None:
        """Rows without a key, and rows whose key an earlier row has, cannot be told apart and are refused."""
        for column in _unique_columns(self._source, table):
            for line in self._staging.remove_empty(table.name, column):
                self._refuse_row(table, line, f"{column} is empty")
            for line, earlier in self._staging.remove_repeated(table.name, column):
                self._refuse_row(table, line, f"{column} is that of {self._place(table.name, earlier)} as well")

    def _refuse_orphans(self, table: Table) -> None:
        """Rows that belong to a row of another table which is not there would be read by nobody."""
        for rule in table.rules:
            for members in rule.members:
                self._adopt(members.table, members.by, table, table.key or "")
        for join in table.joins.values():
            if join.optional and not self._source.tables[join.table].rules:
                self._adopt(join.table, join.on, table, join.by)

    def _adopt(self, part: str, column: str, parent: Table, on: str) -> None:
        for line in self._staging.remove_orphans(part, column, parent.name, on):
            self._refuse_row(self._source.tables[part], line, f"{column} names no row of {parent.name}")

    def _refuse_row(self, table: Table, line: int, reason: str) -> None:
        self._report.table_of(table.name).refused += 1
        self._report.refuse(self._place(table.name, line), table.name, reason)

    def _place(self, table: str, line: int) -> str:
        return self._files[table].place(line)

    def _write(self) -> None:
        tables = self._source.tables.values()
        total = sum(self._staging.count(table.name) for table in tables if table.rules)
        with Batches(self._program, self._report) as batches:
            for said in self._source.once:
                self._report.record_of(said.rule.concept).expected += 1
                batches.add_record(once(said, f"sources/{self._source.name}.toml"))
            done = 0
            for table in tables:
                if table.rules:
                    for _ in self._write_table(table, batches):
                        done += 1
                        if done % 500 == 0 or done == total:
                            self._progress("importing rows", done, total)
                elif table.ignored is None and not _is_part(self._source, table.name):
                    self._report.table_of(table.name).used = self._staging.count(table.name)

    def _write_table(self, table: Table, batches: Batches) -> Iterator[None]:
        reader = RowReader(self._source, table, self._staging, self._place, self._readers)
        for rule, count in reader.expected():
            self._report.record_of(rule.concept).expected += count
        for made in reader:
            batches.add_row(table.name, made)
            yield


def _unique_columns(source: Source, table: Table) -> list[str]:
    """The table's key, and the columns by which others join it."""
    columns = [table.key] if table.key else []
    joined = [join.on for other in source.tables.values() for join in other.joins.values() if join.table == table.name]
    return list(dict.fromkeys(columns + joined))


def _is_part(source: Source, name: str) -> bool:
    """Whether each row of the table belongs to one row of another, and is counted with it."""
    return any(
        members.table == name for table in source.tables.values() for rule in table.rules for members in rule.members
    ) or any(join.optional and join.table == name for table in source.tables.values() for join in table.joins.values())
