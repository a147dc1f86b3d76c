"""The ledger of disclosures: a row is on the disk before an answer leaves; the chain shows what was done to it."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import subprocess
import sys
import threading
import tracemalloc
from base64 import b64decode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.dates import milliseconds
from adapter.problems import Kind, Problem
from adapter.settings import Database as Address
from adapter.store import refusals
from adapter.store.chain import line
from adapter.store.connections import connect
from adapter.store.database import Database
from adapter.store.disclosure import Disclosure, Shown, entry
from adapter.store.inspection import Inspected, Noted, inspect, noted
from adapter.store.ledger import Ledger
from adapter.store.ledger_file import beside, opened_file
from adapter.store.ledger_places import opened_ledger

from .conftest import Clock
from .serving import POSTGRES, cluster, open_ledger, place
from .told import caller, disclosure

ROOT = Path(__file__).resolve().parents[2]
CANARY = "Canaria-Zebulon"


@pytest.fixture
def ledger(clock: Clock) -> Iterator[Ledger]:
    """An empty ledger."""
    made = open_ledger(None, clock)
    yield made
    made.close()


def rows(ledger: Ledger, sql: str) -> list[Any]:
    with ledger.reading() as database:
        return [tuple(row) for row in database.execute(sql)]


def looked(ledger: Ledger, head: Noted | None = None) -> Inspected:
    with ledger.reading() as database:
        return inspect(database, head)


def filled(clock: Clock, path: Path | None = None, number: int = 12) -> Ledger:
    """A ledger with some of everything, in several batches."""
    ledger = open_ledger(path, clock)
    for n in range(number):
        clock.on(seconds=60)
        patients = [f"p{one}" for one in range(n % 3)]
        asked = {"query": b"code=1&_count=2", "request": f"r{n}", "notice": "2024"}
        asked |= {"network": "192.0.2.7"} if n % 2 else {}
        ledger.write(disclosure(*patients, **asked)).result(30)
        if n % 4 == 3:
            ledger.interrupted(n).result(30)
        if n == 9:
            ledger.refuse([refusal("no", clock), refusal("never", clock)]).result(30)
    return ledger


def refusal(reason: str, clock: Clock) -> tuple[object, ...]:
    who = ("payer-one", "payer", "org-1", None, "HPAYMT", "192.0.2.7", "read", "Patient", 403, reason)
    return refusals.row(milliseconds(clock()), 3, who, ("5f3a", "/fhir/Patient/1", "r1"))


def test_a_disclosure_is_a_row_for_the_answer_and_one_for_each_patient(ledger: Ledger, clock: Clock) -> None:
    asked = Disclosure(
        caller(user="practitioner-1"),
        "consent-1",
        "search-type",
        [Shown("p2", ["Observation/o2/1"], "consent-2"), Shown("p1", ["Encounter/e/3", "Patient/p1/1"])],
        notice="2024-02",
        request="abc",
        query=b"subject:Patient=p1\xff",
        network="192.0.2.7",
    )
    assert ledger.write(asked).result(30) == 1
    assert ledger.write(disclosure(interaction="read")).result(30) == 2
    told = rows(ledger, "SELECT * FROM disclosure ORDER BY n")
    who = ("payer-one", "payer", "org-1", "practitioner-1", "5f3a", "HPAYMT")
    assert told[0][1:-2] == (1772366400000, *who, "consent-1", "2024-02", "search-type", "abc")
    assert b64decode(told[0][-2]) == b"subject:Patient=p1\xff"
    assert told[0][-1] == "192.0.2.7"
    assert told[1][-6:] == ("consent-1", None, "read", None, None, None)
    listed = rows(ledger, "SELECT n, patient, ground, resources, list FROM shown ORDER BY n, patient")
    assert listed == [
        (1, "p1", "consent-1", 2, "Encounter/e/3\nPatient/p1/1"),
        (1, "p2", "consent-2", 1, "Observation/o2/1"),
    ]
    assert looked(ledger)[:2] == (2, 2)
    assert looked(ledger).faults == []


def test_a_patient_is_named_once_in_a_disclosure(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="twice"):
        ledger.write(disclosure("p1", "p1"))


def test_what_is_interrupted_is_remarked_and_its_row_stays(ledger: Ledger) -> None:
    n = ledger.write(disclosure("p1")).result(30)
    before = rows(ledger, "SELECT * FROM disclosure")
    ledger.interrupted(n).result(30)
    ledger.interrupted(n).result(30)
    with pytest.raises(Problem, match="no such disclosure"):
        ledger.interrupted(7).result(30)
    assert rows(ledger, "SELECT * FROM disclosure") == before
    assert rows(ledger, "SELECT n FROM interrupted ORDER BY batch") == [(1,), (1,)]
    assert ledger.write(disclosure("p1")).result(30) == 2
    assert looked(ledger).faults == []


def test_a_text_that_no_database_takes_is_written_in_another_way(ledger: Ledger) -> None:
    assert ledger.write(disclosure("p1", request="a\0b\ud800")).result(30) == 1
    assert rows(ledger, "SELECT request FROM disclosure") == [("a\\0b\\ud800",)]
    assert looked(ledger).faults == []


def test_time_does_not_run_back(ledger: Ledger, clock: Clock) -> None:
    ledger.write(disclosure("p1")).result(30)
    clock.on(hours=-1)
    ledger.write(disclosure("p1")).result(30)
    [(first,), (second,)] = rows(ledger, "SELECT at_ms FROM disclosure ORDER BY n")
    assert first == second
    assert looked(ledger).faults == []


def test_sixty_four_who_wait_share_commits(ledger: Ledger) -> None:
    gate = threading.Barrier(64)

    def ask(one: int) -> list[int]:
        gate.wait()
        return [ledger.write(disclosure(f"p{one}")).result(60) for _ in range(10)]

    with ThreadPoolExecutor(64) as pool:
        positions = [n for some in pool.map(ask, range(64)) for n in some]
    assert sorted(positions) == list(range(1, 641))
    assert ledger.committed == 640
    assert ledger.commits < 320
    assert looked(ledger)[:2] == (640, ledger.commits)
    assert looked(ledger).faults == []


def test_any_number_of_rows_is_written_together_and_in_order(ledger: Ledger) -> None:
    many, last = (1, 2, 3, 63, 64, 65, 127, 200), 0
    for number in many:
        asked = [entry(disclosure(f"p{n}", request=f"r{last + n}")) for n in range(1, number + 1)]
        assert ledger.write_together(asked).result(30) == list(range(last + 1, last + number + 1))
        last += number
    told = rows(ledger, "SELECT d.n, d.request, count(s.n) FROM disclosure d JOIN shown s ON s.n = d.n GROUP BY d.n, 2")
    assert told == [(n, f"r{n}", 1) for n in range(1, last + 1)]
    assert looked(ledger).faults == []


def test_a_closed_ledger_is_busy_and_one_that_is_opened_again_goes_on(tmp_path: Path, clock: Clock) -> None:
    ledger = filled(clock, tmp_path / "s.db")
    head = ledger.head()
    ledger.close()
    with pytest.raises(Problem) as refused:
        ledger.write(disclosure("p1"))
    assert refused.value.kind is Kind.BUSY
    again = open_ledger(tmp_path / "s.db", clock)
    assert again.head() == head
    assert again.write(disclosure("p1")).result(30) == 13
    assert looked(again).faults == []
    again.close()
    again.close()


@contextmanager
def tampering(path: Path) -> Iterator[Callable[[str], Any]]:
    """A connection of somebody who may write."""
    where = place(path)
    if isinstance(where, str):
        import psycopg

        with psycopg.connect(where, autocommit=True, options="-c search_path=ledger") as server:
            yield lambda sql: server.execute(sql.encode())
        return
    with closing(connect(beside(path), durable=False)) as connection:
        try:
            yield connection.execute
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def inspected(path: Path, head: Noted | None = None) -> Inspected:
    where = place(path)
    with opened_ledger(Address(where) if isinstance(where, str) else where) as database:
        return inspect(database, head)


@pytest.mark.parametrize(("by", "why"), [(-1, "of an older form"), (1, "start a newer program")])
def test_a_ledger_of_another_form_is_not_read(by: int, why: str, clock: Clock, tmp_path: Path) -> None:
    open_ledger(tmp_path / "s.db", clock).close()
    assert inspected(tmp_path / "s.db").faults == []
    with tampering(tmp_path / "s.db") as execute:
        if POSTGRES:
            newest = "(SELECT max(number) FROM migration)"
            execute(
                f"DELETE FROM migration WHERE number = {newest}"
                if by < 0
                else f"INSERT INTO migration SELECT {newest} + 1"
            )
        else:
            ((form,),) = execute("PRAGMA user_version").fetchall()
            execute(f"PRAGMA user_version = {form + by}")
    with pytest.raises(Problem, match=why):
        inspected(tmp_path / "s.db")


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE disclosure SET client = 'other' WHERE n = 5", r"batch \d+ \(disclosures 5 to 5\): its digest"),
        ("UPDATE disclosure SET query = NULL WHERE n = 5", "digest"),
        ("DELETE FROM disclosure WHERE n = 5", "disclosure 5: it is missing"),
        ("DELETE FROM disclosure WHERE n = 12", "disclosure 12: it is missing"),
        ("DELETE FROM shown WHERE n = 5", "digest"),
        ("UPDATE shown SET list = 'Observation/o1/1' WHERE n = 5", "disclosure 5: a list of what it showed"),
        ("UPDATE shown SET resources = 1 WHERE n = 5", "digest"),
        ("UPDATE shown SET n = 7 WHERE n = 5", "digest"),
        ("UPDATE shown SET n = 99 WHERE n = 5", "disclosure 99: it is missing"),
        ("INSERT INTO shown SELECT 1, 'p9', ground, resources, digest, list FROM shown WHERE n = 2", "digest"),
        ("DELETE FROM interrupted WHERE n = 7", "digest"),
        ("INSERT INTO interrupted VALUES (99, 1)", "batch 99, which is missing"),
        ("UPDATE disclosure SET network = NULL WHERE n = 6", "digest"),
        ("UPDATE disclosure SET network = '192.0.2.8' WHERE n = 5", "digest"),
        ("DELETE FROM refused WHERE n = 2", "digest"),
        ("UPDATE refused SET number = 1 WHERE n = 2", "digest"),
        ("UPDATE refused SET batch = 99 WHERE n = 2", "refusal 2 of batch 99: its batch is missing"),
        ("UPDATE batch SET at_ms = at_ms + 1 WHERE number = 5", "digest"),
        ("UPDATE batch SET digest = 'x' WHERE number = 5", "digest"),
        ("DELETE FROM batch WHERE number = 5", "batch 5: it is missing"),
        ("DELETE FROM batch WHERE number > 12", "disclosure 11: it is in no batch"),
        ("UPDATE disclosure SET n = 13 WHERE n = 12", "disclosure 12: it is missing"),
        (
            "UPDATE disclosure SET n = -1 WHERE n = 5; UPDATE disclosure SET n = 5 WHERE n = 8;"
            "UPDATE disclosure SET n = 8 WHERE n = -1",
            "digest",
        ),
    ],
)
def test_what_was_done_to_the_rows_is_found(sql: str, told: str, tmp_path: Path, clock: Clock) -> None:
    ledger = filled(clock, tmp_path / "s.db")
    ledger.close()
    assert inspected(tmp_path / "s.db").found == 0
    with tampering(tmp_path / "s.db") as run:
        for part in sql.split(";"):
            run(part)
    faults = inspected(tmp_path / "s.db").faults
    assert any(re.search(told, fault) for fault in faults), faults
    assert not any("p1" in fault or "o1" in fault for fault in faults)


def test_an_end_that_was_cut_off_is_found_by_the_head_that_was_noted(tmp_path: Path, clock: Clock) -> None:
    ledger = filled(clock, tmp_path / "s.db")
    head = noted(str(ledger.head()))
    ledger.close()
    path = tmp_path / "s.db"
    assert inspected(path, head).found == 0
    with tampering(path) as run:
        run("DELETE FROM batch WHERE number = 16")
        run("DELETE FROM interrupted WHERE batch = 16")
        assert inspected(path).found == 0
        assert "the end was cut off" in inspected(path, head).faults[0]
    again = open_ledger(path, clock)
    again.write(disclosure("p5")).result(30)
    again.close()
    assert inspected(path).found == 0
    assert "not the one that was noted" in inspected(path, head).faults[0]
    with pytest.raises(ValueError, match="NUMBER:DIGEST"):
        noted("15")


def texts(database: Database) -> dict[str, list[Any]]:
    ordered = {
        "disclosure": "n",
        "shown": "n, patient",
        "batch": "number",
        "interrupted": "batch, n",
        "refused": "batch, n",
    }
    return {
        table: [tuple(row) for row in database.execute(f"SELECT * FROM {table} ORDER BY {order}")]
        for table, order in ordered.items()
    }


@given(st.lists(st.none() | st.integers() | st.text(st.characters(exclude_categories=()))).map(tuple))
def test_a_row_is_the_same_bytes_whichever_way_it_is_written(row: tuple[Any, ...]) -> None:
    assert line(row) == json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode()


KEYS = {"disclosure": 1, "shown": 2, "batch": 1, "interrupted": 2, "refused": 2}


@pytest.mark.skipif(POSTGRES, reason="of the chain, which is the same on both")
@given(data=st.data())
def test_every_bit_of_every_value_counts(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = _kept(tmp_path_factory)
    with tampering(path) as run:
        run("BEGIN")
        before = [(t, place, row) for t, of in texts(_Asked(run)).items() for row in of for place in range(len(row))]
        table, column, row = data.draw(st.sampled_from([cell for cell in before if cell[2][cell[1]] is not None]))
        names = [name for _, name, *_ in run(f"PRAGMA table_info({table})")]
        value = row[column]
        size = 63 if isinstance(value, int) else 8 * len(value.encode())
        bit = data.draw(st.integers(0, size - 1)) if size else 0
        where = " AND ".join(f"{name} = {row[place]!r}" for place, name in enumerate(names[: KEYS[table]]))
        try:
            run(f"UPDATE {table} SET {names[column]} = {_flipped(value, bit)} WHERE {where}")
        except sqlite3.IntegrityError:
            run("ROLLBACK")
            return  # the key of another row
        connection = run.__self__  # type: ignore[attr-defined]
        connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        assert inspect(connection).found
        run("ROLLBACK")


class _Asked:
    """Just enough of a database."""

    def __init__(self, run: Callable[[str], Any]) -> None:
        self.execute = run


def _flipped(value: int | str, bit: int) -> str:
    """The value as SQL, with one bit changed."""
    if isinstance(value, int):
        return str(value ^ (1 << bit))
    changed = bytearray(value.encode() or b"\0")
    changed[bit // 8] ^= 1 << bit % 8
    return f"CAST(x'{changed.hex()}' AS TEXT)"


_KEPT: dict[str, Path] = {}


def _kept(folders: pytest.TempPathFactory) -> Path:
    """One ledger for all examples, which are undone."""
    if "path" not in _KEPT:
        _KEPT["path"] = folders.mktemp("ledger") / "s.db"
        filled(Clock(), _KEPT["path"]).close()
    return _KEPT["path"]


@given(data=st.data())
def test_rows_that_were_taken_out_or_swapped_are_found(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if POSTGRES:
        pytest.skip("of the chain, which is the same on both")
    path = _kept(tmp_path_factory)
    with tampering(path) as run:
        run("BEGIN")
        if data.draw(st.booleans()):
            table = data.draw(st.sampled_from(["disclosure", "shown", "interrupted", "batch"]))
            [rowids] = zip(
                *run(f"SELECT n FROM {table}" if table != "batch" else "SELECT number FROM batch"), strict=True
            )
            gone = data.draw(st.sampled_from(rowids if table != "batch" else rowids[:-1]))
            run(f"DELETE FROM {table} WHERE {'number' if table == 'batch' else 'n'} = {gone}")
        else:
            one, two = data.draw(st.lists(st.integers(1, 12), min_size=2, max_size=2, unique=True))
            for old, new in ((one, -1), (two, one), (-1, two)):
                run(f"UPDATE disclosure SET n = {new} WHERE n = {old}")
        assert inspect(run.__self__).found  # type: ignore[attr-defined]
        run("ROLLBACK")


@pytest.mark.skipif(POSTGRES, reason="of files")
@given(data=st.data())
def test_a_bit_of_the_file_that_changed_is_found_or_changes_no_row(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = beside(_kept(tmp_path_factory))
    with opened_file(path) as database:
        before = texts(database)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, 8 * len(whole) - 1))
    changed = bytearray(whole)
    changed[place // 8] ^= 1 << place % 8
    try:
        path.write_bytes(changed)
        with suppress(Problem), opened_file(path) as database:  # a file that cannot be read at all is told
            assert inspect(database).found or texts(database) == before
    finally:
        for left in path.parent.glob(f"{path.name}-*"):
            left.unlink()
        path.write_bytes(whole)


def test_a_ledger_is_looked_over_in_pages_of_few_rows(clock: Clock) -> None:
    ledger = open_ledger(None, clock)
    waited = [ledger.write(disclosure("p1", resources=[f"Observation/{n}/{'1' * 50}"])) for n in range(20_000)]
    assert waited[-1].result(60) == 20_000
    with ledger.reading() as database:
        tracemalloc.start()
        assert inspect(database)[3:] == (0, [])
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 3_000_000
    ledger.close()


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from adapter.settings import Database
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from tests.store.told import disclosure

where = sys.argv[1]
place = place_of(Database(where) if where.startswith("postgresql:") else Path(where))
ledger = Ledger(place, lambda: datetime.now(UTC))
print("ready", flush=True)
waiting = []
for number in range(int(sys.argv[2])):
    waiting.append(ledger.write(disclosure(f"p{number}", client=sys.argv[3])))
    if len(waiting) == 4:
        print(waiting.pop(0).result(), flush=True)
for one in waiting:
    print(one.result(), flush=True)
"""


def writer(path: Path, number: int, client: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(place(path)), str(number), client]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_killed_process_loses_no_disclosure_that_it_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    for lines in (1, 5, 40, 200):
        with writer(tmp_path / "s.db", 10**6, "killed") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            said = [process.stdout.readline() for _ in range(lines)]
            process.kill()
            said += process.stdout.read().split("\n")[:-1]
        acknowledged += map(int, said)
    there = inspected(tmp_path / "s.db")
    assert there.found == 0
    assert len(set(acknowledged)) == len(acknowledged)
    assert max(acknowledged) <= there.disclosures == there.head.last


def test_two_processes_that_append_leave_no_gap_and_one_chain(tmp_path: Path) -> None:
    with writer(tmp_path / "s.db", 300, "one") as one, writer(tmp_path / "s.db", 300, "two") as two:
        said = [process.communicate(timeout=60)[0].split() for process in (one, two)]
    assert [some[0] for some in said] == ["ready", "ready"]
    assert sorted(int(n) for some in said for n in some[1:]) == list(range(1, 601))
    there = inspected(tmp_path / "s.db")
    assert (there.found, there.disclosures) == (0, 600)


def test_no_log_tells_of_whom_or_to_whom(
    clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    ledger = open_ledger(None, clock)
    said = disclosure(CANARY, client=CANARY, resources=[f"Patient/{CANARY}/1"], query=CANARY.encode(), request=CANARY)
    ledger.write(said).result(30)
    with ledger._place.reading():
        pass
    monkeypatch.setattr(ledger, "_clock", lambda: CANARY)
    with pytest.raises(TypeError):
        ledger.write(said).result(30)
    monkeypatch.undo()
    table = "ledger.disclosure" if POSTGRES else "disclosure"
    database: Any = ledger._place.begin()
    database.execute(f"ALTER TABLE {table} RENAME TO away")
    database.execute("COMMIT")
    with pytest.raises(Problem) as refused:
        ledger.write(said).result(30)
    assert refused.value.kind is Kind.BUSY
    ledger.close()
    assert "the ledger cannot be written" in caplog.text
    assert CANARY not in caplog.text
    assert CANARY not in refused.value.message


@pytest.mark.skipif(not POSTGRES, reason="of connections")
def test_a_connection_that_is_lost_is_made_anew(tmp_path: Path, clock: Clock) -> None:
    import psycopg

    ledger = open_ledger(tmp_path / "s.db", clock)
    ledger.write(disclosure("p1")).result(30)
    with psycopg.connect(cluster().uri("postgres"), autocommit=True) as other:
        name = str(place(tmp_path / "s.db")).rpartition("/")[2]
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
    waited = [ledger.write(disclosure("p1")) for _ in range(3)]
    failed = [one.exception(30) for one in waited]
    assert all(isinstance(problem, Problem) and problem.kind is Kind.BUSY for problem in failed if problem)
    assert ledger.write(disclosure("p1")).result(30) == 2 + failed.count(None)
    assert looked(ledger).found == 0
    ledger.close()
