"""The store against floors in the same run: bulk writes, searches, a searchset from storage rows, point reads.

The floors: a table of row id and body with the same durability; the same rows fetched by their known row ids; one join
of the same bodies; a point read of a bare table by its unique id.
"""

from __future__ import annotations

import gc
import random
import resource
import sqlite3
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from adapter.consent.predicate import everything
from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.fhir.parameters import parse_search
from adapter.fhir.query import Query
from adapter.store.connections import connect
from adapter.store.search import search
from adapter.store.splice import prepare, splice
from adapter.store.sqlite import SqliteStore
from adapter.store.store import Options
from adapter.store.transaction import Transaction
from adapter.store.version import Version

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
SIZE, GROUP, ROUNDS = 20_000, 1_000, 7
OPEN = everything("a measurement of invented records")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
Row = tuple[str, str, float, str, str]


def observation(number: int, rng: random.Random) -> dict[str, Any]:
    """A laboratory result of about 1.1 kB with 7 token and reference rows and one date row.

    Results arrive by date, of patients and encounters in any order, under ids in no order.
    """
    taken = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=number * 20 + rng.randrange(3000))
    note = " ".join(rng.choice(("specimen", "collected", "observed", "repeat", "in", "range")) for _ in range(60))
    return {
        "resourceType": "Observation",
        "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "meta": {"profile": ["https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-drug-result"]},
        "identifier": [{"system": "https://lab.example.org/results", "value": f"R{number:07}"}],
        "status": "preliminary" if rng.random() < 0.2 else "final",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": f"{rng.randrange(40)}-1", "display": "Invented"}]},
        "subject": {"reference": f"Patient/{uuid.UUID(int=rng.randrange(2000) + (7 << 96))}"},
        "encounter": {"reference": f"Encounter/{uuid.UUID(int=rng.randrange(9000) + (8 << 96))}"},
        "effectiveDateTime": taken.isoformat(timespec="seconds"),
        "valueQuantity": {
            "value": rng.randrange(1000),
            "unit": "ng/mL",
            "system": "http://unitsofmeasure.org",
            "code": "ng/mL",
        },
        "note": [{"text": note}],
    }


def rows() -> list[Row]:
    """The figures of the store."""
    rng = random.Random(2)
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as a server and an import have it
    index = Index.load(PROFILES, Definitions.load(PROFILES / "r4"), ZoneInfo("America/New_York"))
    with tempfile.TemporaryDirectory(prefix="iop-bench-") as folder:
        store = SqliteStore(Path(folder) / "store.db", index, lambda: NOW, Options({"https://lab.example.org/results"}))
        floor = connect(Path(folder) / "floor.db", durable=True)
        try:
            return [*_bulk(store, floor, rng), *_reads(store, floor, index, rng)]
        finally:
            store.close()
            floor.close()


def timed(action: Callable[[], object]) -> float:
    """Seconds that it takes."""
    begun = perf_counter()
    action()
    return perf_counter() - begun


def _bulk(store: SqliteStore, floor: sqlite3.Connection, rng: random.Random) -> list[Row]:
    """Groups of a thousand; every second one has its index rows found beforehand, as a door does."""
    floor.execute("CREATE TABLE bare (rid INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    ratios: tuple[list[float], list[float]] = [], []
    rates: list[float] = []
    memory = [_memory()]
    for start in range(0, SIZE, GROUP):
        resources = [observation(number, rng) for number in range(start, start + GROUP)]
        ready = start // GROUP % 2
        group = [(one, prepare(one), store.index.rows("Observation", one) if ready else None) for one in resources]

        def put(tx: Transaction, group: list[Any] = group) -> None:
            named = [one["identifier"][0] for one, _, _ in group]
            tx.foresee(
                [("Observation", n["system"], n["value"]) for n in named],
                [("Observation", one["id"]) for one, _, _ in group],
            )
            for one, text, found in group:
                tx.put("Observation", one["id"], one, text, "map", "drug_result", rows=found)

        def insert(group: list[Any] = group, start: int = start) -> None:
            floor.execute("BEGIN")
            bodies = [(start + place, text) for place, (_, text, _) in enumerate(group)]
            floor.executemany("INSERT INTO bare VALUES (?, ?)", bodies)
            floor.execute("COMMIT")

        bare = timed(insert)
        ours = timed(lambda put=put: store.write(put).result())  # type: ignore[misc]
        ratios[ready].append(bare / ours)
        rates.append(GROUP / ours)
        memory.append(_memory())
    detail = f"{median(rates[1::2]):,.0f} a second, 7 token rows, 1 date, 1 alias, FULL both"
    return [
        ("11", "bulk import, storage only", median(ratios[1]), ">= 0.15", detail),
        ("11", "the same, finding the index rows too", median(ratios[0]), "-", f"{median(rates[::2]):,.0f} a second"),
        (
            "19",
            "memory growth of the bulk, MB",
            memory[-1] - memory[2],
            "<= 64",
            f"{SIZE:,} records, after the first 2,000",
        ),
    ]


def _memory() -> float:
    """Resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _reads(store: SqliteStore, floor: sqlite3.Connection, index: Index, rng: random.Random) -> list[Row]:
    limits = Limits("http://127.0.0.1:8000/fhir", 50, 200, b"bench", NOW)
    reading = store._reading()
    one = [parse_search("Observation", [("code", f"http://loinc.org|{code}-1")], index, limits) for code in range(40)]
    two = [
        parse_search("Observation", [("code", f"http://loinc.org|{code}-1"), ("status", "final")], index, limits)
        for code in range(40)
    ]
    by_rid = f"SELECT * FROM version v WHERE vid IN ({', '.join('?' * 50)})"

    def known(query: Query) -> list[int]:
        return [version.vid for version in store.search(OPEN, query).versions]

    def ratio(queries: list[Query], ask: Callable[[Query], object]) -> tuple[float, float]:
        ratios, ours = [], []
        for _ in range(ROUNDS):
            rids = [known(query) for query in queries]
            theirs = timed(lambda rids=rids: [reading.execute(by_rid, rid).fetchall() for rid in rids])  # type: ignore[misc]
            ours.append(timed(lambda: [ask(query) for query in queries]))
            ratios.append(ours[-1] / theirs)
        return median(ratios), median(ours) / len(queries) * 1e6

    def ask(query: Query) -> object:
        return search(reading, index, OPEN, query, store.t)

    first, first_us = ratio(one, ask)
    second, second_us = ratio(two, ask)
    return [
        ("8", "search, 50 newest of a code", first, "<= 1.5", f"{first_us:.0f} us, SQL and the rows made"),
        ("8", "search, code and status", second, "<= 2.5", f"{second_us:.0f} us"),
        _searchset(store, one),
        _point(store, floor, rng),
    ]


def _searchset(store: SqliteStore, queries: list[Query]) -> Row:
    pages = [list(store.search(OPEN, replace(query, count=50)).versions) for query in queries]
    bodies = [[splice(version) for version in page] for page in pages]

    def ours(page: list[Version]) -> bytes:
        return b",".join(map(splice, page))

    ratios = [
        timed(lambda: [ours(page) for page in pages]) / timed(lambda: [b",".join(page) for page in bodies])
        for _ in range(ROUNDS * 3)
    ]
    return "6", "searchset of 50 from storage rows", median(ratios), "<= 1.5", "bodies with versionId and lastUpdated"


def _point(store: SqliteStore, floor: sqlite3.Connection, rng: random.Random) -> Row:
    floor.execute("CREATE TABLE known (rid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body BLOB NOT NULL)")
    stored = store._reading().execute("SELECT id, body FROM version").fetchall()
    floor.executemany("INSERT INTO known (id, body) VALUES (?, ?)", stored)
    ids = [id for id, _ in rng.sample(stored, 2000)]
    ratios, ours = [], []
    for _ in range(ROUNDS):
        theirs = timed(lambda: [floor.execute("SELECT body FROM known WHERE id = ?", (id,)).fetchone() for id in ids])
        ours.append(timed(lambda: [store.read(OPEN, "Observation", id) for id in ids]))
        ratios.append(ours[-1] / theirs)
    return "5b", "point read", median(ratios), "<= 2", f"{median(ours) / len(ids) * 1e6:.1f} us"
