"""Target 11: an import end to end (files read, mapped, checked, indexed, on disk) beside bare inserts of what it stored.

And 19: how much the memory grows. `python tests/bench/bench_import.py CLIENTS [FOLDER]` runs it in any size, in one
process whose peak is that of the import alone; the practice's database is made once and kept in the folder.
"""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from adapter import app
from adapter.consent.predicate import everything
from adapter.fhir.query import Query
from adapter.ingest.demo import demo_data
from adapter.ingest.importing import import_source
from adapter.ingest.report import Report
from adapter.interactions.program import Program
from adapter.settings import Settings

CLIENTS = 1_000
BATCH = 1_000
TYPES = (
    *("Patient", "Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService"),
    *("EpisodeOfCare", "Appointment", "Encounter", "Observation"),
)
Row = tuple[str, str, float, str, str]


def timed(program: Program, practice: Path) -> tuple[float, int, Report]:
    """(seconds, records, report) of one import."""
    started = time.perf_counter()
    report = import_source(program, "bhsim", [practice])
    seconds = time.perf_counter() - started
    return seconds, sum(count.settled for count in report.records.values()), report


def bare(program: Program, folder: Path) -> tuple[float, int]:
    """(seconds, rows) of inserting what was stored as (rid, body), 1,000 per durable transaction."""
    reader = everything("the floor of the benchmark")
    found = (program.store.search(reader, Query(type, count=10_000_000)).versions for type in TYPES)
    rows = [(number, version.text) for number, version in enumerate(v for versions in found for v in versions)]
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as database:
        database.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE v (rid INTEGER PRIMARY KEY, body BLOB)"
        )
        started = time.perf_counter()
        for at in range(0, len(rows), BATCH):
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO v VALUES (?, ?)", rows[at : at + BATCH])
            database.execute("COMMIT")
        seconds = time.perf_counter() - started
    return seconds, len(rows)


def peak() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(practice: Path) -> list[Row]:
    """The rows of this benchmark for one practice."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with app.opened(Settings(store=folder / "iop.db", secret_file=folder / "secret")) as program:
            import_source(program, "bhsim", [demo_data(folder, clients=12)])  # compiles schemas and indexes, once
            before = peak()
            seconds, records, report = timed(program, practice)
            grown = peak() - before
            again, _, _ = timed(program, practice)
            floor, rows = bare(program, folder)
    rate, floor_rate = records / seconds, rows / floor
    detail = f"{rate:,.0f} of {floor_rate:,.0f} records/s; {records:,} records, {report.refused} refused"
    return [
        ("11", "import end to end, SQLite, FULL", rate / floor_rate, ">= 0.06", detail),
        (
            "11",
            "the same import again: nothing changes",
            records / again / floor_rate,
            "",
            f"{records / again:,.0f} records/s",
        ),
        (
            "19",
            "memory growth of the import, MB",
            grown,
            "<= 64",
            f"peak {before + grown:,.0f} MB, {records:,} records",
        ),
    ]


def rows() -> list[Row]:
    """The benchmark in its usual size, in a process of its own: the peak of memory belongs to a whole process."""
    ended = subprocess.run([sys.executable, __file__, str(CLIENTS)], capture_output=True, text=True, check=True)
    lines = [line.split("\t") for line in ended.stdout.splitlines()]
    return [(number, what, float(ratio), target, detail) for number, what, ratio, target, detail in lines]


def main() -> None:
    """Prints the rows, with tabs between."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        for row in measured(demo_data(folder, clients=int(sys.argv[1]))):
            print(*row, sep="\t")


if __name__ == "__main__":
    main()
