"""The store on PostgreSQL against floors in the same run, on a private cluster that syncs its commits to the disk.

The floors: a bare COPY of the same bodies; the same fifty rows fetched by their known row ids; bare ASGI, static bytes.
"""

from __future__ import annotations

import json
import random
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.fhir.parameters import parse_search
from adapter.fhir.query import Query
from adapter.store.postgres import PostgresStore
from adapter.store.splice import prepare
from adapter.store.store import Options
from adapter.store.transaction import Transaction
from tests.bench import bench_http as http
from tests.bench.bench_store import GROUP, NOW, OPEN, PROFILES, ROUNDS, SIZE, observation, timed
from tests.store.serving import Cluster, programs

Row = tuple[str, str, float, str, str]


def rows() -> list[Row]:
    """The figures of the store on PostgreSQL; none where it is not installed."""
    found = programs()
    if found is None:
        return []
    index = Index.load(PROFILES, Definitions.load(PROFILES / "r4"), ZoneInfo("America/New_York"))
    cluster = Cluster(found, safe=True)
    try:
        uri = cluster.database()
        store = PostgresStore(uri, index, lambda: NOW, Options({"https://lab.example.org/results"}))
        try:
            with psycopg.connect(uri, autocommit=True) as floor:
                stored = [_bulk(store, floor), *_searches(store, floor, index)]
        finally:
            store.close()
        return [*stored, *_served(cluster.database())]
    finally:
        cluster.remove()


def _bulk(store: PostgresStore, floor: psycopg.Connection) -> Row:
    rng = random.Random(2)
    floor.execute("CREATE TABLE bare (rid BIGINT PRIMARY KEY, body BYTEA NOT NULL)")
    ratios, rates = [], []
    for start in range(0, SIZE, GROUP):
        resources = [observation(number, rng) for number in range(start, start + GROUP)]
        group = [(one, prepare(one), store.index.rows("Observation", one)) for one in resources]

        def put(tx: Transaction, group: list[Any] = group) -> None:
            tx.foresee(
                [("Observation", one["identifier"][0]["system"], one["identifier"][0]["value"]) for one, _, _ in group],
                [("Observation", one["id"]) for one, _, _ in group],
            )
            for one, text, found in group:
                tx.put("Observation", one["id"], one, text, "map", "drug_result", rows=found)

        def copy(group: list[Any] = group, start: int = start) -> None:
            with floor.cursor().copy("COPY bare FROM STDIN (FORMAT BINARY)") as bare:
                bare.set_types(["int8", "bytea"])
                for place, (_, text, _) in enumerate(group):
                    bare.write_row((start + place, text))

        theirs = timed(copy)
        ours = timed(lambda put=put: store.write(put).result())  # type: ignore[misc]
        ratios.append(theirs / ours)
        rates.append(GROUP / ours)
    detail = f"{median(rates):,.0f} a second, 7 token rows, 1 date, 1 amount, 1 alias"
    return "12", "bulk import on PostgreSQL, storage only / bare COPY", median(ratios), ">= 0.28", detail


def _searches(store: PostgresStore, floor: psycopg.Connection, index: Index) -> list[Row]:
    limits = Limits("http://127.0.0.1:8000/fhir", 50, 200, b"bench", NOW)

    def asked(*more: tuple[str, str]) -> list[Query]:
        codes = [("code", f"http://loinc.org|{code}-1") for code in range(40)]
        return [parse_search("Observation", [code, *more], index, limits) for code in codes]

    def compared(queries: list[Query]) -> tuple[float, str]:
        ratios, ours = [], []
        for _ in range(ROUNDS):
            rids = [[version.vid for version in store.search(OPEN, query).versions] for query in queries]
            theirs = timed(lambda rids=rids: [known(some) for some in rids])  # type: ignore[misc]
            ours.append(timed(lambda: [store.search(OPEN, query) for query in queries]))
            ratios.append(ours[-1] / theirs)
        return median(ratios), f"{median(ours) / len(queries) * 1e6:.0f} us, with the state it is of"

    def known(rids: list[int]) -> object:
        found = floor.cursor(binary=True).execute("SELECT * FROM version WHERE vid = ANY(%s)", (rids,), prepare=True)
        return found.fetchall()

    one, two = compared(asked()), compared(asked(("status", "final")))
    return [
        ("13", "PostgreSQL, 50 newest of a code / the same by row id", *one[:1], "<= 1.2", one[1]),
        ("13", "PostgreSQL, code and status / the same", *two[:1], "-", two[1]),
    ]


def _served(uri: str) -> list[Row]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder, ours, floor = Path(name), http.free_port(), http.free_port()
        servers.enter_context(http.server(http.OURS, ours, str(folder / "ours"), uri))
        base = f"http://127.0.0.1:{ours}/fhir"
        patient = http.create(base, {"resourceType": "Patient", "gender": "unknown"})[0].removeprefix(f"{base}/")
        screening = http.OBSERVATION | {"subject": {"reference": patient}}
        location, stored = http.create(base, screening)
        (folder / "static").write_bytes(stored)
        servers.enter_context(
            http.server(http.FLOOR, floor, str(folder / "static"), str(folder / "floor.db"), "together")
        )
        raw, body = f"http://127.0.0.1:{floor}/", json.dumps(screening, separators=(",", ":")).encode()
        read = http.compare(folder, http.Load(location), http.Load(raw))
        create = http.compare(folder, http.Load(f"{base}/Observation", body=body), http.Load(raw, body=body))
    return [
        ("14", "HTTP read by id, PostgreSQL / bare ASGI, static bytes", *read[:1], ">= 0.18", read[1]),
        ("(14)", "HTTP create, PostgreSQL / bare ASGI, SQLite commits together", *create[:1], "shown", create[1]),
    ]
