"""The ledger of disclosures: rows a second while so many wait, beside the disk's own fsync; reports over many rows.

The floor is a page written over an old one and synced, one after the other, on the same disk in the same run. What a
report takes is a figure by itself: `LEDGER_ROWS` (default 100,000) says over how many rows.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from adapter.callers import Caller, ClientKind, Purpose
from adapter.store.disclosure import Disclosure, Shown
from adapter.store.inspection import inspect
from adapter.store.ledger import Ledger, Place
from adapter.store.ledger_file import LedgerFile
from adapter.store.reports import Period, Recipient, Suspects, accounting, breach
from tests.store.serving import Cluster, programs

Row = tuple[str, str, float, str, str]
START = datetime(2026, 1, 1, tzinfo=UTC)
EACH = 1.5
"""Seconds of each measurement of writing."""
PAGES = 4_096
OF_ONE = 50_000
"""Disclosures of one patient among them, as far as there are so many."""


def disclosure(number: int, patient: str) -> Disclosure:
    """A page of four records."""
    caller = Caller(f"client-{number % 20}", ClientKind.PAYER, "org", Purpose.PAYMENT, (), "0123456789abcdef")
    listed = [f"Observation/{number:08x}-0000-7000-8000-{part:012x}/1" for part in range(4)]
    return Disclosure(caller, "consent", "search-type", [Shown(patient, listed)], "2024", f"r{number}", b"code=1")


def rows() -> list[Row]:
    """The figures on SQLite, and on PostgreSQL where it is installed."""
    with tempfile.TemporaryDirectory() as folder:
        floor = _fsyncs(Path(folder) / "floor")
        found = _measured("SQLite", floor, lambda: LedgerFile(Path(folder) / "s.db.ledger"))
    with _server() as uri:
        if uri:
            from adapter.store.ledger_schema import LedgerSchema

            found += _measured("PostgreSQL", floor, lambda: LedgerSchema(uri))
    return found


@contextmanager
def _server() -> Iterator[str | None]:
    bin = programs()
    if bin is None:
        yield None
        return
    cluster = Cluster(bin, safe=True)
    try:
        yield cluster.database()
    finally:
        cluster.remove()


def _fsyncs(path: Path) -> float:
    """How often a second the disk takes a page."""
    path.write_bytes(bytes(PAGES * 4096))
    page, number = os.urandom(4096), 0
    with path.open("r+b", buffering=0) as file:
        os.fsync(file.fileno())
        start = perf_counter()
        while perf_counter() - start < EACH:
            os.pwrite(file.fileno(), page, number % PAGES * 4096)
            os.fdatasync(file.fileno())
            number += 1
    return number / (perf_counter() - start)


def _measured(where: str, floor: float, place: Callable[[], Place]) -> list[Row]:
    ledger = Ledger(place(), lambda: datetime.now(UTC))
    found = [_waiting(ledger, where, floor, callers) for callers in (1, 16, 64)]
    ledger.close()
    return [*found, *_reports(place(), where)]


def _waiting(ledger: Ledger, where: str, floor: float, callers: int) -> Row:
    until, commits, committed = perf_counter() + EACH, ledger.commits, ledger.committed

    def ask(one: int) -> None:
        while perf_counter() < until:
            ledger.write(disclosure(one, f"p{one}")).result(60)

    start = perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(ask, range(callers)))
    rate = (ledger.committed - committed) / (perf_counter() - start)
    share = (ledger.committed - committed) / (ledger.commits - commits)
    detail = f"{rate:,.0f} a second, {share:.1f} in a commit; the disk syncs {floor:,.0f} times a second"
    return "L16", f"{where}: disclosures while {callers} wait, to fsyncs", rate / floor, "-", detail


def _reports(place: Place, where: str) -> list[Row]:
    """Over three years of rows, of which a few clients and patients have many."""
    many, rng = int(os.environ.get("LEDGER_ROWS", 100_000)), random.Random(1)
    now = [datetime.now(UTC)]
    ledger = Ledger(place, lambda: now[0])
    first = ledger.head().last
    start, waiting = perf_counter(), []
    for number in range(many):
        if number % 1000 == 0 and waiting:
            waiting[-1].result(120)
            now[0] += timedelta(hours=1)
        of_one = rng.random() < OF_ONE / max(many, 2 * OF_ONE)
        waiting = [ledger.write(disclosure(number, "patient" if of_one else f"p{rng.randrange(5000)}"))]
    waiting[-1].result(120)
    filled = perf_counter() - start
    period = Period(now[0] - timedelta(hours=many // 1000 + 1), now[0] + timedelta(hours=1))
    some = Period(period.until - timedelta(hours=21), period.until)
    with ledger.reading() as database:
        figures = [
            _timed("L16", "an account of one patient", lambda: accounting(database, ["patient"], period, _named, UTC)),
            _timed("L17", "all that one client saw", lambda: breach(database, period, UTC, Suspects("client-3"))),
            _timed("L17", "all that was seen in 20 hours", lambda: breach(database, some, UTC)),
            _timed("L17", "all that was seen by one token", lambda: breach(database, period, UTC, Suspects(token="x"))),
        ]
        start = perf_counter()
        looked = inspect(database)
        figures.append(("-", "the chain recomputed", perf_counter() - start, looked.disclosures, looked.found))
    ledger.close()
    told = [
        (
            target,
            f"{where}: {what}, s",
            seconds,
            {"L16": "<= 10", "L17": "<= 60"}.get(target, "-"),
            f"{number:,} rows{wrong}",
        )
        for target, what, seconds, number, faults in figures
        for wrong in [f", {faults} FAULTS" if faults else ""]
    ]
    return [*told, ("-", f"{where}: rows filled in, s", filled, "-", f"{many:,} rows after {first:,}")]


def _named(organization: str, client: str) -> Recipient:
    return Recipient(client)


def _timed(target: str, what: str, ask: Callable[[], Iterator[object]]) -> tuple[str, str, float, int, int]:
    start = perf_counter()
    number = sum(1 for _ in ask())
    return target, what, perf_counter() - start, number, 0
