"""Target 11: an import end to end (read, mapped, checked, indexed, on disk) beside bare inserts of what it stored.

And 19: how much the memory grows. `python tests/bench/bench_import.py CLIENTS ROUNDS [FOLDER]` runs it in any size, in
one process whose peak is that of the import alone; the practice's database is made once and kept in the folder.
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
from statistics import median

from adapter import app
from adapter.consent.predicate import everything
from adapter.fhir.query import Query
from adapter.ingest.demo import demo_data
from adapter.ingest.importing import import_source
from adapter.ingest.report import Report
from adapter.interactions.program import Program
from adapter.settings import Settings

CLIENTS = 300
ROUNDS = 5
SAMPLE = 20_000
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
    """(seconds, rows) of inserting what was stored (a sample of it) as (rid, body), 1,000 per durable transaction."""
    reader = everything("the floor of the benchmark")
    found = (program.store.search(reader, Query(type, count=SAMPLE)).versions for type in TYPES)
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


def measured(practice: Path, rounds: int) -> list[Row]:
    """The rows of this benchmark for one practice: medians of the ratios of so many rounds, import beside floor."""
    ratios, repeats, grown, detail = [], [], 0.0, ""
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with app.opened(Settings(store=folder / "iop.db", secret_file=folder / "secret")) as program:
                for type in TYPES:
                    program.door.check({"resourceType": type})  # compiles its schema, once for a process
                before = peak()
                seconds, records, report = timed(program, practice)
                grown = grown or peak() - before
                again, _, _ = timed(program, practice)
                floor, rows = bare(program, folder)
        ratios.append(records / seconds / (rows / floor))
        repeats.append(records / again / (rows / floor))
        detail = (
            f"last of {rounds}: {records / seconds:,.0f} of {rows / floor:,.0f} records/s; {report.refused} refused"
        )
    return [
        ("11", "import end to end, SQLite, FULL", median(ratios), ">= 0.06", detail),
        ("11", "the same import again: nothing changes", median(repeats), "", f"{records:,} records"),
        ("19", "memory growth of the import, MB", grown, "<= 64", f"peak {peak():,.0f} MB, {records:,} records"),
    ]


def rows() -> list[Row]:
    """The benchmark in its usual size, in a process of its own: the peak of memory belongs to a whole process."""
    ended = subprocess.run(
        [sys.executable, __file__, str(CLIENTS), str(ROUNDS)], capture_output=True, text=True, check=True
    )
    lines = [line.split("\t") for line in ended.stdout.splitlines()]
    return [(number, what, float(ratio), target, detail) for number, what, ratio, target, detail in lines]


def main() -> None:
    """Prints the rows, with tabs between."""
    with tempfile.TemporaryDirectory() as name:
        clients, rounds, *folders = sys.argv[1:]
        folder = Path(folders[0]) if folders else Path(name)
        for row in measured(demo_data(folder, clients=int(clients)), int(rounds)):
            print(*row, sep="\t")


if __name__ == "__main__":
    main()
