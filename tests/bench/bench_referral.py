"""Referrals of twelve parts: how many a second are taken, staged and on the disk, beside commits of the same bytes.

In process, as the door hands them on: a packet is read, laid out, checked, written and acknowledged; one after the
other (each waits for its sync) and eight at a time (whose syncs are shared). One floor commits the packet as it came;
the other is that of row 10 of the design's figures: the rows that a packet becomes, prepared, by `executemany` into the
same tables, a transaction each.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapter import app
from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent.predicate import of_sender
from adapter.fhir.dates import milliseconds
from adapter.interactions.program import Program
from adapter.referral.submit import submit_referral
from adapter.settings import Settings

HOUSE = "c0000000-0000-4000-8000-000000000004"
ROUNDS, PACKETS, TOGETHER = 5, 80, 8
TYPES = frozenset({"Patient", "ServiceRequest", "Task", "Flag", "Organization"})
DURABLE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"
FLOORS = ("the raw packet committed", "its prepared rows committed")
Row = tuple[str, str, float, str, str]
Rows = dict[str, list[Any]]


def rows() -> list[Row]:
    """The rate of referrals to that of bare commits, the median of the rounds."""
    with TemporaryDirectory() as at:
        folder = Path(at)
        settings = Settings(store=folder / "iop.db", secret_file=folder / "secret")
        with app.opened(settings) as program, sqlite3.connect(folder / "floor.db") as floor:
            floor.executescript(f"{DURABLE}; CREATE TABLE packet (body BLOB)")
            made = _prepared(program, folder / "iop.db")
            taken = [_round(program, floor, _bare(folder, number, made), number) for number in range(ROUNDS)]
    return [
        ("(10)", f"referrals of 12 parts, {how} / {floor}", *_told([one[n] for one in taken]))
        for n, (how, floor) in enumerate(product(("one by one", f"{TOGETHER} at a time"), FLOORS))
    ]


def _prepared(program: Program, store: Path) -> list[Rows]:
    """What each of so many packets becomes: rows by table."""
    submit, seen, made = _door(program), dict[str, frozenset[Any]](), []
    with closing(sqlite3.connect(store)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for number in range(-1, PACKETS):
            submit(f"prepared.{number}").result()
            found = {name: frozenset(database.execute(f'SELECT * FROM "{name}"')) for name in tables}
            if number >= 0:
                made.append({name: list(found[name] - seen[name]) for name in tables if found[name] - seen[name]})
            seen = found
    return made


def _bare(folder: Path, number: int, made: list[Rows]) -> float:
    """Referrals a second whose rows are put into an empty store's tables."""
    with closing(sqlite3.connect(folder / f"rows{number}.db", isolation_level=None)) as database:
        with closing(sqlite3.connect(folder / "iop.db")) as like:
            schema = [said for (said,) in like.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")]
        database.executescript(";".join([DURABLE, *schema]))
        return _rate(lambda n: _put(database, made[n]))


def _put(database: sqlite3.Connection, made: Rows) -> None:
    database.execute("BEGIN")
    for name, rows in made.items():
        database.executemany(f'INSERT INTO "{name}" VALUES ({",".join("?" * len(rows[0]))})', rows)
    database.execute("COMMIT")


def _told(rounds: list[tuple[float, float]]) -> tuple[float, str, str]:
    mine, floors = (sorted(rates)[len(rates) // 2] for rates in zip(*rounds, strict=True))
    ratio = sorted(mine / floor for mine, floor in rounds)[len(rounds) // 2]
    return ratio, "shown", f"{mine:,.0f} referrals/s, {mine * 12:,.0f} records/s; floor {floors:,.0f}/s"


def _round(program: Program, floor: sqlite3.Connection, rows: float, number: int) -> list[tuple[float, float]]:
    """(referrals a second, floors a second), one by one and several at a time, beside each floor."""
    submit = _door(program)
    raw = _rate(lambda n: _committed(floor, packet(f"{number}.{n}")))
    alone = _rate(lambda n: submit(f"{number}.{n}").result())
    waiting: list[Future[Any]] = []

    def among(n: int) -> None:
        waiting.append(submit(f"{number}.{n}.t"))
        if len(waiting) == TOGETHER:
            waiting.pop(0).result()

    together = _rate(among)
    for one in waiting:
        one.result()
    return list(product((alone, together), (raw, rows)))


def _door(program: Program) -> Callable[[str], Future[Any]]:
    """Submits a packet of a name."""
    caller = Caller("house", ClientKind.FACILITY, HOUSE, Purpose.TREATMENT, (), "token")
    predicate = of_sender(caller, TYPES, milliseconds(program.clock()))
    return lambda name: submit_referral(program, predicate, caller, packet(name))


def _rate(work: Callable[[int], object]) -> float:
    began = time.perf_counter()
    for number in range(PACKETS):
        work(number)
    return PACKETS / (time.perf_counter() - began)


def _committed(floor: sqlite3.Connection, given: dict[str, Any]) -> None:
    floor.execute("INSERT INTO packet VALUES (?)", (json.dumps(given).encode(),))
    floor.commit()


def packet(name: str) -> dict[str, Any]:
    """Twelve parts about an invented person."""
    who = {"reference": "urn:uuid:p"}
    person = {
        "resourceType": "Patient",
        "name": [{"family": f"Sample {name}", "given": ["Bo"]}],
        "birthDate": "1985-03-09",
    }
    request = {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": "https://house.example/referrals", "value": name}],
        "status": "active",
        "intent": "order",
        "subject": who,
    }
    flag = {"resourceType": "Flag", "status": "active", "code": {"text": "Seizures in withdrawal"}, "subject": who}
    parts = [person, request, *[flag] * 10]
    named = [{"fullUrl": "urn:uuid:p"}, *[{}] * 11]
    entries = [{**name, "resource": part} for name, part in zip(named, parts, strict=True)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}
