"""How links grow: chains, `_has`, includes, totals and `$everything` among more and more patients, on both stores.

The figure is how many times longer a question takes among the most patients than among a thousand; what it finds is the
same in number. `BENCH_PATIENTS` says how many at the most (10,000; the design asks for 100,000).
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from adapter.consent.predicate import everything
from adapter.fhir.elements import Definitions
from adapter.fhir.everything import Everything
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.fhir.parameters import parse_search
from adapter.store.postgres import PostgresStore
from adapter.store.splice import prepare
from adapter.store.sqlite import SqliteStore
from adapter.store.store import DEFAULTS, Store
from adapter.store.transaction import Transaction
from tests.store.serving import Cluster, programs

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
OPEN = everything("a measurement of invented records")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
FEWEST, MOST = 1_000, int(os.environ.get("BENCH_PATIENTS", "10000"))
RESULTS, CODES, GROUP, ASKED = 5, 50, 500, 60
Row = tuple[str, str, float, str, str]
Json = dict[str, Any]
INDEX = Index.load(PROFILES, Definitions.load(PROFILES / "r4"), ZoneInfo("America/New_York"))


def rows() -> list[Row]:
    """A row for each question and store."""
    made = []
    for kind, opened in (("SQLite", _sqlite), ("PostgreSQL", _postgres)):
        times: list[dict[str, tuple[float, float]]] = []
        for patients in (FEWEST, MOST):
            with opened() as store:
                if store is None:
                    break
                _fill(store, patients)
                times.append({name: _timed(ask) for name, ask in _questions(store, patients)})
        else:
            made += [_row(kind, name, *(measured[name] for measured in times)) for name in times[0]]
    return made


def _row(kind: str, name: str, few: tuple[float, float], many: tuple[float, float]) -> Row:
    detail = f"p50 {few[0]:.2f} -> {many[0]:.2f} ms, p99 {few[1]:.2f} -> {many[1]:.2f} ms"
    return "-", f"{name}, {kind}, {FEWEST:,} -> {MOST:,} patients", many[0] / few[0], "<= 3", detail


@contextmanager
def _sqlite() -> Iterator[Store | None]:
    with tempfile.TemporaryDirectory(prefix="iop-bench-") as folder:
        store = SqliteStore(Path(folder) / "store.db", INDEX, lambda: NOW, DEFAULTS)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def _postgres() -> Iterator[Store | None]:
    found = programs()
    if found is None:
        yield None
        return
    cluster = Cluster(found)
    try:
        store = PostgresStore(cluster.database(), INDEX, lambda: NOW, DEFAULTS)
        try:
            yield store
        finally:
            store.close()
    finally:
        cluster.remove()


def _fill(store: Store, patients: int) -> None:
    rng = random.Random(3)
    for start in range(0, patients, GROUP):
        made = [one for number in range(start, start + GROUP) for one in _person(number, patients, rng)]

        def put(tx: Transaction, made: list[Json] = made) -> None:
            for one in made:
                tx.put(one["resourceType"], one["id"], one, prepare(one), "map", one["resourceType"].lower())

        store.write(put).result()


def _person(number: int, patients: int, rng: random.Random) -> Iterator[Json]:
    """A patient and the results; a hundred and some of all have the rare code, whatever their number."""
    yield {
        "resourceType": "Patient",
        "id": f"p{number}",
        "gender": "female" if number % 2 else "male",
        "name": [{"family": f"Family{number}", "given": ["Invented"]}],
    }
    for place in range(RESULTS):
        rare = place == 0 and number % (patients // 120) == 0
        taken = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(1_000_000))
        yield {
            "resourceType": "Observation",
            "id": f"o{number}-{place}",
            "status": "final",
            "code": {
                "coding": [{"system": "http://loinc.org", "code": "rare" if rare else f"c{rng.randrange(CODES)}"}]
            },
            "subject": {"reference": f"Patient/p{number}"},
            "effectiveDateTime": taken.isoformat(timespec="seconds"),
            "note": [{"text": "invented for this measurement and about nobody " * 8}],
        }


def _questions(store: Store, patients: int) -> Iterator[tuple[str, Callable[[int], object]]]:
    limits = Limits("http://127.0.0.1:8000/fhir", 50, 200, b"bench", NOW)
    rng = random.Random(4)
    some = [rng.randrange(patients) for _ in range(ASKED)]

    def search(type: str, *pairs: tuple[str, str]) -> Callable[[int], object]:
        def ask(number: int) -> object:
            said = [(name, value.replace("?", str(some[number]))) for name, value in pairs]
            return store.search(OPEN, parse_search(type, said, INDEX, limits))

        return ask

    yield "chain to one", search("Observation", ("subject:Patient.family:exact", "Family?"))
    yield "chain that half fit", search("Observation", ("patient.gender", "male"))
    yield "the same with a code", search("Observation", ("patient.gender", "male"), ("code", "http://loinc.org|c7"))
    yield "_has of a rare code", search("Patient", ("_has:Observation:patient:code", "http://loinc.org|rare"))
    yield "_has of a common code", search("Patient", ("_has:Observation:patient:code", "http://loinc.org|c7"))
    yield "_include", search("Observation", ("code", "http://loinc.org|c7"), ("_include", "Observation:patient"))
    yield "_revinclude", search("Patient", ("_id", "p?"), ("_revinclude", "Observation:patient"))
    yield (
        "accurate total of the rare code",
        search("Observation", ("code", "http://loinc.org|rare"), ("_total", "accurate"), ("_count", "10")),
    )
    yield "newest of one patient", search("Observation", ("patient", "p?"), ("_sort", "-_lastUpdated"))
    number = INDEX.parameters("Observation")["patient"].number
    yield "$everything", lambda n: store.everything(OPEN, Everything("Patient", f"p{some[n]}", (number,), (), (), 50))


def _timed(ask: Callable[[int], object]) -> tuple[float, float]:
    """(p50, p99) in ms."""
    for number in range(5):
        ask(number)
    times = []
    for number in range(ASKED):
        begun = perf_counter()
        ask(number)
        times.append((perf_counter() - begun) * 1000)
    return median(times), quantiles(times, n=100)[98]
