"""What is PostgreSQL's alone: its plans, several processes at one store, lost connections, another program's tables."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from adapter.fhir.dates import milliseconds
from adapter.fhir.everything import Everything
from adapter.fhir.index import Index
from adapter.fhir.parameters import page_token
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.postgres import PostgresStore
from adapter.store.postgres_connection import LOCK, problem_of
from adapter.store.postgres_connection import opened as opened_alone
from adapter.store.postgres_sql import translated
from adapter.store.statements import statement
from adapter.store.store import Options
from adapter.store.upkeep import drop, stale

from .conftest import LAB, OPEN, SECRET, Clock, Desk, observation, put
from .serving import Cluster, listening, programs

pytestmark = [
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed"),
    pytest.mark.storeless,  # it has a cluster of its own, whichever store the others are run on
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server of this module's own, which it may stop."""
    bin = programs()
    assert bin is not None
    made = Cluster(bin, safe=True)
    yield made
    made.remove()


@pytest.fixture
def uri(cluster: Cluster) -> str:
    """An empty database."""
    return cluster.database()


def opened(uri: str, index: Index, clock: Clock, **options: object) -> Desk:
    return Desk(PostgresStore(uri, index, clock, Options(identifying={LAB}, **options)), clock)  # type: ignore[arg-type]


@pytest.fixture
def desk(uri: str, index: Index, clock: Clock) -> Iterator[Desk]:
    """An empty store."""
    desk = opened(uri, index, clock)
    yield desk
    desk.store.close()


def plan(desk: Desk, pairs: tuple[tuple[str, str], ...]) -> str:
    """How PostgreSQL would make the page."""
    query = replace(desk.query("Observation", *pairs), count=10)
    said = run(desk, lambda: desk.store.search(OPEN, query))
    [(paged, values)] = [(sql, values) for sql, values in said if "v.body" in sql]
    with desk.store._asked() as database:
        return "\n".join(step for (step,) in database._raw.execute(f"EXPLAIN {translated(paged)}", values))


@pytest.mark.parametrize(
    "pairs",
    [
        (),
        (("_sort", "date"),),
        (("code", "http://loinc.example|1"),),
        (("code", "http://loinc.example|1"), ("status", "final")),
        (("patient", "p1"), ("date", "ge2026-01"), ("date", "lt2026-03")),
        (("date", "2026-02"),),
        (("_sort", "-_lastUpdated"),),
        (("code", "http://loinc.example|1"), ("value-quantity", "gt5")),
        (("code:not", "http://loinc.example|1"),),
        (("code", ",".join(f"http://loinc.example|{number}" for number in range(40))),),
    ],
)
def test_a_page_walks_one_index_in_order_whether_the_tables_have_statistics_or_not(
    desk: Desk, pairs: tuple[tuple[str, str], ...]
) -> None:
    desk.put(*(observation(f"o{n}", f"2026-02-{n % 28 + 1:02}", f"loinc|{n % 9}") for n in range(400)))
    for analyzed in (False, True):
        if analyzed:
            desk.do(lambda transaction: transaction._connection.execute("ANALYZE"))
        steps = plan(desk, pairs)
        assert not re.search(r"Sort|Seq Scan|Bitmap|Hash Join|Merge Join", steps), steps
        assert re.search(
            r"Index Scan .*using (token_pkey|moment_pkey|version_type) on (token x|moment x|version v)", steps
        )


def test_alternatives_are_each_read_no_further_than_the_page(desk: Desk) -> None:
    desk.put(*(observation(f"o{n}", code=f"loinc|{n % 3}") for n in range(60)))
    steps = plan(desk, (("code", "1,2"),))
    assert len(re.findall(r"Limit.*\n\s+->  Nested Loop", steps)) == 2, steps


def test_what_is_found_beforehand_is_looked_up_in_memory(desk: Desk) -> None:
    names = [{"resourceType": "Patient", "id": f"p{n}", "name": [{"family": f"Same{n}"}]} for n in range(40)]
    desk.put(*names)
    query = desk.query("Patient", ("family", "same"))
    with desk.store._asked() as database, listening(database) as said:
        assert len(desk.store.search(OPEN, query).versions) == 40
    assert any("IS TRUE" in sql for sql in said)


def test_two_processes_at_one_store_see_each_others_work_and_number_it_without_gaps(
    uri: str, index: Index, clock: Clock
) -> None:
    desks = [opened(uri, index, clock) for _ in range(3)]

    def work(place: int) -> list[int]:
        return [desks[place % 3].put(observation(f"{place}-{n}"))[0].t for n in range(20)]

    with ThreadPoolExecutor(6) as threads:
        times = list(threads.map(work, range(6)))
    assert all(mine == sorted(mine) for mine in times)
    assert sorted(desks[0].rows("SELECT vid FROM version")) == [(number,) for number in range(1, 121)]
    assert {desk.store.t for desk in desks} == {max(map(max, times))}
    assert desks[1].store.count(OPEN, desks[1].query("Observation")) == 120
    for desk in desks:
        desk.store.close()


def test_one_name_is_given_once_whichever_process_is_asked(uri: str, index: Index, clock: Clock) -> None:
    desks = [opened(uri, index, clock) for _ in range(2)]
    keyed = {"identifier": [{"system": LAB, "value": "R1"}]}

    def create(place: int) -> str:
        def work(transaction):  # type: ignore[no-untyped-def]
            known = transaction.alias("Observation", LAB, "R1")
            return known or put(transaction, observation(f"o{place}", **keyed)).id

        return str(desks[place % 2].do(work))

    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(create, range(64)))) == 1
    assert len(desks[0].ids("Observation")) == 1
    for desk in desks:
        desk.store.close()


def test_pages_show_each_row_once_while_another_process_writes(uri: str, index: Index, clock: Clock) -> None:
    reader, writer = (opened(uri, index, clock) for _ in range(2))
    writer.put(*(observation(f"o{n:03}") for n in range(100)))
    stop = threading.Event()

    def change() -> None:
        number = 0
        while not stop.is_set():
            writer.put(observation(f"o{number % 100:03}", status="amended"), observation(f"new{number}"))
            number += 1

    thread = threading.Thread(target=change)
    thread.start()
    try:
        query = reader.query("Observation", ("_count", "7"))
        page = reader.store.search(OPEN, query)
        seen = [version.id for version in page.versions]
        before = {id for id in seen if id.startswith("new")}
        while page.next:
            link = page_token(query, page.next, SECRET)
            page = reader.store.search(OPEN, reader.query("Observation", ("_page", link)))
            seen += [version.id for version in page.versions]
            before |= {version.id for version in page.versions if version.id.startswith("new")}
    finally:
        stop.set()
        thread.join()
    assert len(seen) == len(set(seen))
    assert {id for id in seen if id.startswith("o")} == {f"o{n:03}" for n in range(100)}
    assert len(before) < 100
    for desk in (reader, writer):
        desk.store.close()


def test_a_page_link_ends_when_another_process_has_tidied_up(uri: str, index: Index, clock: Clock) -> None:
    reader, writer = (opened(uri, index, clock) for _ in range(2))
    writer.put(*(observation(f"o{n}") for n in range(4)))
    query = reader.query("Observation", ("_count", "2"))
    link = reader.store.search(OPEN, query).next
    assert link is not None
    asked = replace(query, cursor=link, asked=clock.now + timedelta(hours=2))  # its age alone does not end it
    writer.put(*(observation(f"o{n}") for n in range(4)))
    clock.on(minutes=20)
    for _ in range(3):
        clock.on(minutes=2)
        writer.put(observation("o9"))
    writer.do(lambda transaction: None)
    with pytest.raises(Problem, match="expired"):
        reader.store.search(OPEN, asked)
    for desk in (reader, writer):
        desk.store.close()


def test_a_database_that_cannot_hold_every_character_or_is_not_there_is_told_by_its_reason(
    cluster: Cluster, index: Index, clock: Clock
) -> None:
    with psycopg.connect(cluster.uri("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE ascii ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0")
    with pytest.raises(Problem, match="is encoded in SQL_ASCII"):
        opened(cluster.uri("ascii"), index, clock)
    with pytest.raises(Problem, match='database "nowhere" does not exist'):
        opened(cluster.uri("nowhere"), index, clock)
    with pytest.raises(Problem, match="cannot be read") as refused:
        opened(cluster.uri("nowhere").replace("iop@", "iop:s%zzcret@"), index, clock)
    assert "zzcret" not in str(refused.value)


def ended(cluster: Cluster, uri: str) -> int:
    """End every connection to a database; answers how many there were."""
    name = uri.rpartition("/")[2]
    with psycopg.connect(cluster.uri("postgres"), autocommit=True) as connection:
        sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        return len(connection.execute(sql, (name,)).fetchall())


def test_a_lost_connection_is_told_once_and_made_anew(cluster: Cluster, uri: str, desk: Desk) -> None:
    desk.put(observation("a"))
    assert desk.store.read(OPEN, "Observation", "a")
    assert ended(cluster, uri) == 2
    with pytest.raises(Problem, match="cannot be reached") as refused:
        desk.store.read(OPEN, "Observation", "a")
    assert refused.value.kind is Kind.BUSY
    with pytest.raises(Problem, match="cannot be reached"):
        desk.put(observation("b"))
    assert desk.store.read(OPEN, "Observation", "a")
    desk.put(observation("b"))
    assert desk.ids("Observation") == ["b", "a"]


def test_work_during_which_the_connection_is_lost_leaves_nothing(cluster: Cluster, uri: str, desk: Desk) -> None:
    def work(transaction):  # type: ignore[no-untyped-def]
        put(transaction, observation("a"))
        transaction.flush()
        ended(cluster, uri)

    with pytest.raises(Problem, match="cannot be reached"):
        desk.do(work)
    desk.put(observation("b"))
    assert desk.ids("Observation") == ["b"]
    assert desk.store.t == 1


def test_a_look_up_during_which_the_connection_is_lost_is_told_as_busy(cluster: Cluster, uri: str, desk: Desk) -> None:
    def work(transaction):  # type: ignore[no-untyped-def]
        put(transaction, observation("a"))
        transaction.flush()
        ended(cluster, uri)
        transaction.find(OPEN, desk.query("Observation"))

    jobs = [desk.store.write(work), desk.store.write(lambda transaction: put(transaction, observation("b")))]
    with pytest.raises(Problem, match="cannot be reached") as refused:
        jobs[0].result(30)
    assert refused.value.kind is Kind.BUSY
    stored = {"b"} if jobs[1].exception(30) is None else set()
    assert set(desk.ids("Observation")) == stored


class Cutting:
    """Passes bytes to and fro, and cuts the connection when a COMMIT has gone through, before its answer comes back;
    if it `swallows` it, before that."""

    def __init__(self, port: int, *, swallows: bool = False) -> None:
        self._swallows = swallows
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.armed, self.cuts = False, 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                cutting = threading.Event()
                threading.Thread(target=self._pass, args=(client, server, cutting, True), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, cutting, False), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, cutting: threading.Event, up: bool) -> None:
        with suppress(OSError), closing(source), closing(sink):
            while data := source.recv(65536):
                if up and self.armed and b"COMMIT" in data:
                    self.armed, self.cuts = False, self.cuts + 1
                    cutting.set()
                    if self._swallows:
                        for end in (source, sink):
                            end.shutdown(socket.SHUT_RDWR)
                        return
                if not up and cutting.is_set():
                    client = sink
                    client.shutdown(socket.SHUT_RDWR)
                    return
                sink.sendall(data)


def test_a_commit_whose_answer_is_lost_is_asked_for_and_acknowledged(
    cluster: Cluster, uri: str, index: Index, clock: Clock
) -> None:
    with closing(Cutting(cluster.port)) as cutting:
        desk = opened(uri.replace(f":{cluster.port}/", f":{cutting.port}/"), index, clock)
        desk.put(observation("a"))
        desk.do(lambda transaction: None)  # the writer has rested since
        cutting.armed = True
        assert desk.put(observation("b"))[0].t == 2
        assert cutting.cuts == 1
        assert desk.put(observation("c"))[0].t == 3
        assert desk.ids("Observation") == ["c", "b", "a"]
        desk.store.close()


def test_a_lost_commit_is_not_taken_for_another_transaction_that_got_its_number(
    cluster: Cluster, uri: str, index: Index, clock: Clock
) -> None:
    """As after a crash: what was sent is gone, and its number is that of a transaction that was committed since."""
    with closing(Cutting(cluster.port, swallows=True)) as cutting:
        desk = opened(uri.replace(f":{cluster.port}/", f":{cutting.port}/"), index, clock)
        desk.put(observation("a"))
        desk.do(lambda transaction: None)  # the writer has rested since
        with psycopg.connect(uri, autocommit=True) as another:
            [(number,)] = another.execute("SELECT CAST(pg_current_xact_id() AS text)").fetchall()

        def work(transaction):  # type: ignore[no-untyped-def]
            put(transaction, observation("b"))
            desk.store._writing._xid = number  # type: ignore[attr-defined]

        cutting.armed = True
        with pytest.raises(Problem) as refused:
            desk.do(work)
        assert (refused.value.kind, cutting.cuts) == (Kind.BUSY, 1)
        assert desk.ids("Observation") == ["a"]
        assert desk.put(observation("c"))[0].t == 2
        desk.store.close()


def test_a_server_that_is_away_is_told_at_once_and_found_again(
    cluster: Cluster, uri: str, index: Index, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    desk = opened(uri, index, clock)
    desk.put(observation("a"))
    with psycopg.connect(uri, autocommit=True) as database:
        database.execute("CHECKPOINT")  # else it first recovers what all tests before have written: a minute
    cluster.stop("immediate")
    for _ in range(3):
        with pytest.raises(Problem) as refused:
            desk.put(observation("b"))
        assert refused.value.kind is Kind.BUSY
        with pytest.raises(Problem) as refused:
            desk.store.read(OPEN, "Observation", "a")
        assert refused.value.kind is Kind.BUSY
    with pytest.raises(Problem, match="cannot be reached"):
        opened(uri, index, clock)
    cluster.start()
    desk.put(observation("b"))
    assert desk.store.alive
    desk.store.close()
    assert [record.getMessage() for record in caplog.records] == [
        "the database cannot be reached; what needs it is answered 503",
        "the database is reached again",
    ]


def test_a_store_that_another_program_has_taken_over_is_neither_read_nor_written(
    uri: str, index: Index, clock: Clock
) -> None:
    desk = opened(uri, index, clock)
    desk.put(observation("a"))
    with psycopg.connect(uri, autocommit=True) as other:
        other.execute("UPDATE meta SET value = 'another' WHERE name = 'index'")
    for ask in (lambda: desk.put(observation("b")), lambda: desk.ids("Observation")):
        with pytest.raises(Problem, match="another version of this program"):
            ask()
    desk.store.close()
    with psycopg.connect(uri, autocommit=True) as other:
        other.execute("INSERT INTO migration (number) VALUES (999)")
    with pytest.raises(Problem, match="has schema 999, this program knows"):
        opened(uri, index, clock)


def test_a_search_that_takes_too_long_is_given_up_and_the_next_is_answered(
    uri: str, index: Index, clock: Clock
) -> None:
    desk = opened(uri, index, clock, statement_seconds=0.3)
    desk.put(*(observation(f"o{n}") for n in range(100)))
    slow = Predicate("(SELECT pg_sleep(0.02 + 0 * v.vid)) IS NOT NULL", {})
    for ask in (desk.store.search, desk.store.count):
        with pytest.raises(Problem, match="takes longer than the server may give it") as refused:
            ask(slow, desk.query("Observation"))  # type: ignore[operator]
        assert refused.value.kind.status == 504
    assert len(desk.ids("Observation")) == 50
    desk.store.close()


def test_a_question_cannot_write(desk: Desk) -> None:
    with pytest.raises(Problem, match="25006"), desk.store._asked() as database:
        database.execute("DELETE FROM version")


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("53100", 503, "no-store"),
        ("40P01", 503, "transient"),
        ("57P01", 503, "transient"),
        ("08006", 503, "transient"),
        ("57014", 504, "timeout"),
        ("XX001", 500, "exception"),
    ],
)
def test_an_error_of_the_database_says_what_a_client_may_do(state: str, status: int, code: str) -> None:
    raised = psycopg.errors.lookup(state)("John Doe, 1980")
    problem = problem_of(raised)
    assert (problem.kind.status, problem.issues[0].code) == (status, code)
    assert "John" not in problem.message


def most_rows(desk: Desk, sql: str, values: object) -> int:
    """The most rows that any step of a statement reads."""
    with desk.store._asked() as database:
        [(told,)] = database._raw.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {translated(sql)}", values).fetchall()
    steps, most = [told[0]["Plan"]], 0
    while steps:
        step = steps.pop()
        steps += step.get("Plans", ())
        read = step["Actual Rows"] + step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Join Filter", 0)
        most = max(most, int(read * step["Actual Loops"]))
    return most


def run(desk: Desk, work: Callable[[], object]) -> list[tuple[str, object]]:
    """The statements with values that a connection runs for this."""
    said: list[tuple[str, object]] = []
    with desk.store._asked() as database:
        original = database.execute
        database.execute = lambda sql, values=None: said.append((sql, values)) or original(sql, values)  # type: ignore[method-assign]
        work()
        del database.execute
    return said


@pytest.mark.parametrize("analyzed", [False, True])
def test_what_is_found_by_few_rows_is_not_looked_for_among_all(desk: Desk, analyzed: bool) -> None:
    desk.put({"resourceType": "Patient", "id": "few", "name": [{"family": "Rare"}]})
    desk.put(*(observation(f"o{n}", patient=f"p{n % 50}") for n in range(3000)))
    desk.put(*(observation(f"few{n}", patient="few") for n in range(5)))
    if analyzed:
        desk.do(lambda transaction: transaction._connection.execute("ANALYZE"))
    asked = [
        ("Observation", (("patient", "few"), ("_sort", "-_lastUpdated"))),
        ("Observation", (("patient.family", "rare"), ("_sort", "_lastUpdated"))),
        ("Observation", (("_id", "few1"), ("_sort", "_lastUpdated"))),
        ("Observation", (("_id", "few1"), ("_sort", "status"))),
        ("Patient", (("family", "rare"), ("_sort", "family"))),
        ("Patient", (("_id", "few"), ("_revinclude", "Observation:patient"))),
        ("Observation", (("_lastUpdated", "ge2030"),)),
    ]
    for type, pairs in asked:
        query = desk.query(type, *pairs)
        for sql, values in run(desk, lambda query=query: desk.store.search(OPEN, query)):  # type: ignore[misc]
            assert most_rows(desk, sql, values) < 200, (pairs, sql)
    number = desk.store.index.parameters("Observation")["patient"].number
    everything = Everything("Patient", "few", (number,), (), (), 50)
    for sql, values in run(desk, lambda: desk.store.everything(OPEN, everything)):
        assert most_rows(desk, sql, values) < 200, sql
    values = {"numbers": f"[{number}]", "value": "few\x1fPatient"}
    assert most_rows(desk, statement("referrers"), values) < 200


def test_a_lock_that_is_waited_for_in_vain_leaves_no_transaction_behind(uri: str) -> None:
    with psycopg.connect(uri) as other, opened_alone(uri) as database:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        database.execute("SET lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable), database.alone():
            pass
        other.commit()
        with database.alone():
            assert database.execute("SELECT 1").fetchone() == (1,)


def test_the_horizon_goes_on_whoever_tidies_up(uri: str, index: Index, clock: Clock) -> None:
    desks = [opened(uri, index, clock) for _ in range(2)]
    for _ in range(4):
        desks[0].put(*(observation(f"o{n}") for n in range(150)))
        clock.on(seconds=1)
    slow = stale(desks[1].store._writing.database, milliseconds(clock() + timedelta(hours=1)))  # type: ignore[attr-defined]
    assert slow is not None
    clock.on(hours=1)
    for _ in range(6):
        clock.on(minutes=2)
        desks[0].put(observation("new"))
    desks[0].do(lambda transaction: None)
    [(before,)] = desks[0].rows("SELECT value FROM meta WHERE name = 'horizon'")
    with desks[1].store._writing.database.alone():  # type: ignore[attr-defined]
        drop(desks[1].store._writing.database, index, slow)  # type: ignore[attr-defined]
    [(after,)] = desks[0].rows("SELECT value FROM meta WHERE name = 'horizon'")
    assert int(after) >= int(before) >= 3
    for desk in desks:
        desk.store.close()


def test_processes_that_start_at_once_agree_on_whose_store_it_is(uri: str, index: Index, clock: Clock) -> None:
    def start(secret: bytes) -> str:
        try:
            opened(uri, index, clock, secret=secret).store.close()
        except Problem as problem:
            return problem.message
        return "opened"

    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(start, [b"one", b"two", b"one", b"two"]))
    assert told.count("opened") == 2
    assert sum("not the one" in said for said in told) == 2


@pytest.fixture
def small(cluster: Cluster) -> Iterator[tuple[Path, Callable[[int], None]]]:
    """A disk of 24 MB of its own, and how to make it larger; skipped where nothing may be mounted."""
    disk = cluster.folder / "small"
    disk.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk)
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    if os.geteuid() == 0:
        shutil.chown(disk, "postgres")
    try:
        yield disk, lambda size: subprocess.run(["mount", "-o", f"remount,size={size}m", disk], check=True) and None
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def _filled(desk: Desk) -> Problem:
    """Write until there is no room; what that is told as."""
    for written in range(200):
        try:
            desk.put(*(observation(f"{written}-{n}", note=[{"text": os.urandom(40_000).hex()}]) for n in range(4)))
        except Problem as problem:
            return problem
    raise AssertionError("the disk is not full")


def test_a_full_disk_is_told_reads_go_on_and_room_is_found_again(
    cluster: Cluster, small: tuple[Path, Callable[[int], None]], index: Index, clock: Clock
) -> None:
    disk, enlarge = small
    with psycopg.connect(cluster.uri("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}'".encode())
        connection.execute(b"CREATE DATABASE small TABLESPACE small")
    desk = opened(cluster.uri("small"), index, clock)
    try:
        desk.put(observation("a"))
        refused = _filled(desk)
        assert (refused.kind, refused.issues[0].code) == (Kind.BUSY, "no-store")
        assert desk.store.read(OPEN, "Observation", "a") is not None
        t = desk.store.t
        written = t - 1
        assert desk.store.vread(OPEN, "Observation", f"{written}-0", 1) is None
        enlarge(256)
        desk.put(*(observation(f"{written}-{n}") for n in range(4)))
        assert desk.store.t == t + 1
    finally:
        desk.store.close()
        with psycopg.connect(cluster.uri("postgres"), autocommit=True) as connection:
            connection.execute(b"DROP DATABASE small WITH (FORCE)")
            connection.execute(b"DROP TABLESPACE small")
