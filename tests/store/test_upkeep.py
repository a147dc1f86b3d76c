"""Schemas and indexes over the years: migrations, a newer database, an index that is defined differently."""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Callable
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Semaphore
from zoneinfo import ZoneInfo

import pytest

from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.fhir.parameters import page_token
from adapter.fhir.query import Cursor, Query
from adapter.problems import Problem
from adapter.store.checkpoints import Checkpoints
from adapter.store.connections import connect, problem_of
from adapter.store.migrate import migrate, migrations
from adapter.store.sqlite import SqliteStore, SqliteWriting
from adapter.store.store import Store
from adapter.store.transaction import Transaction
from adapter.store.upkeep import Code, meta
from adapter.store.version_rows import Position
from adapter.store.writer import Writer

from .conftest import OPEN, SECRET, Clock, Desk, observation
from .serving import open_store

STEPS = [
    (1, "CREATE TABLE one (x); -- a comment; with a semicolon\nINSERT INTO one VALUES (1);"),
    (2, "CREATE TABLE two (x);"),
]


def test_migrations_are_numbered_without_gaps_and_apply_to_an_empty_database() -> None:
    steps = migrations()
    assert [number for number, _ in steps] == list(range(1, len(steps) + 1))
    connection = connect(Path(":memory:"), durable=False)
    migrate(connection, steps)
    migrate(connection, steps)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(steps),)
    connection.close()


def test_a_step_that_fails_leaves_the_schema_of_the_step_before() -> None:
    connection = connect(Path(":memory:"), durable=False)
    broken = [STEPS[0], (2, "CREATE TABLE two (x);\nINSERT INTO nowhere VALUES (1);")]
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, broken)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("one",)]
    migrate(connection, STEPS)
    assert connection.execute("SELECT count(*) FROM one, two").fetchone() == (0,)
    connection.close()


def test_a_database_of_a_newer_program_is_not_touched(tmp_path: Path, index: Index, clock: Clock) -> None:
    path = tmp_path / "store.db"
    SqliteStore(path, index, clock).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(Problem, match="has schema 999, this program knows"):
        SqliteStore(path, index, clock)


def test_a_change_of_what_is_indexed_rebuilds_the_index_once(tmp_path: Path, root: Path, clock: Clock) -> None:
    definitions = Definitions.load(root / "profiles" / "r4")
    enabled = tomllib.loads((root / "profiles" / "search.toml").read_text())
    less = {**enabled, "off": [*enabled["off"], "status"], "sort": {}}
    before, after = (Index(definitions, what, ZoneInfo("America/New_York")) for what in (less, enabled))
    assert before.hash != after.hash
    desk = Desk(open_store(before, clock, tmp_path / "store.db"), clock)
    desk.put(observation("a", "2026-02-03"), observation("b", "2026-02-01", status="amended"), observation("c"))
    desk.put(observation("c", "2026-02-02"))
    desk.delete("Observation", "a")
    assert desk.ids("Observation") == ["c", "b"]
    query = desk.query("Observation", ("_count", "1"))
    token = page_token(query, desk.store.search(OPEN, query).next, SECRET)
    with pytest.raises(Problem, match="status"):
        desk.query("Observation", ("status", "final"))
    desk.store.close()

    desk = Desk(open_store(after, clock, tmp_path / "store.db"), clock)
    assert desk.ids("Observation", ("status", "amended")) == ["b"]
    assert desk.ids("Observation", ("status:missing", "true")) == []
    assert desk.ids("Observation", ("_sort", "date")) == ["b", "c"]
    assert desk.store.search(OPEN, desk.query("Observation", ("_page", token))).t == desk.store.t
    desk.put(observation("d"))
    rows = "SELECT count(*) FROM token"
    counted = desk.rows(rows)
    desk.store.close()

    desk = Desk(open_store(after, clock, tmp_path / "store.db"), clock)
    assert desk.rows(rows) == counted
    desk.store.close()


def test_page_links_from_before_a_rebuild_expire_once_something_was_written(
    tmp_path: Path, root: Path, clock: Clock
) -> None:
    definitions = Definitions.load(root / "profiles" / "r4")
    enabled = tomllib.loads((root / "profiles" / "search.toml").read_text())
    here, there = (Index(definitions, enabled, ZoneInfo(zone)) for zone in ("America/New_York", "Europe/Paris"))
    desk = Desk(open_store(here, clock, tmp_path / "store.db"), clock)
    desk.put(*(observation(f"o{number}") for number in range(3)))
    query = desk.query("Observation", ("_count", "1"))
    token = page_token(query, desk.store.search(OPEN, query).next, SECRET)
    desk.put(observation("o2"))
    desk.store.close()
    desk = Desk(open_store(there, clock, tmp_path / "store.db"), clock)
    with pytest.raises(Problem, match="expired"):
        desk.store.search(OPEN, desk.query("Observation", ("_page", token)))
    desk.store.close()


def test_a_code_that_a_record_says_or_said_must_still_be_read(tmp_path: Path, index: Index, clock: Clock) -> None:
    old, new = ("tables/result_status.toml", "", "amended"), ("tables/result_status.toml", "", "final")
    unused = ("tables/check.toml", "urn:check", "never-used")

    def started(*codes: Code) -> Store:
        return open_store(index, clock, tmp_path / "store.db", codes=frozenset(codes))

    desk = Desk(started(old, new, unused), clock)
    desk.put(observation("a", "2026-02-03", status="amended"))
    desk.put(observation("a", "2026-02-03", status="final"))
    desk.store.close()
    for _ in range(2):
        with pytest.raises(Problem) as refused:
            started(new)
        told = [issue.message for issue in refused.value.issues]
        why = "amended is read no more, and the store's records say it: move it to accept"
        assert told == [f"tables/result_status.toml: {why}"]
    started(old, new).close()
    started(old, new, unused).close()


def test_a_store_knows_the_secret_that_its_ids_were_derived_with(tmp_path: Path, index: Index, clock: Clock) -> None:
    for _ in range(2):
        open_store(index, clock, tmp_path / "store.db", secret=b"one").close()
    with pytest.raises(Problem, match="not the one that this store's ids were derived with"):
        open_store(index, clock, tmp_path / "store.db", secret=b"another")
    desk = Desk(open_store(index, clock, tmp_path / "store.db", secret=b"one"), clock)
    [(digest,)] = desk.rows("SELECT value FROM meta WHERE name = 'secret'")
    assert "one" not in digest
    desk.store.close()


def test_the_log_is_copied_into_the_database_beside_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    writer = connect(path, durable=True)
    writer.execute("CREATE TABLE some (body)")
    writer.execute("INSERT INTO some VALUES (zeroblob(500000))")
    before = path.stat().st_size
    checkpoints = Checkpoints(connect(path, durable=True))
    checkpoints.note(1_000_000, 0)
    checkpoints.close()
    assert before < 500_000 < path.stat().st_size
    writer.close()


@pytest.mark.parametrize("earlier", [False, True])
def test_the_end_of_a_copy_makes_nobody_wait_for_who_reads_an_earlier_moment(tmp_path: Path, earlier: bool) -> None:
    with ExitStack() as open_:
        writer, reader, copier = (open_.enter_context(closing(connect(tmp_path / "s.db", durable=True))) for _ in "wrc")
        writer.execute("CREATE TABLE some (body)")
        asked: list[str] = []
        copier.set_trace_callback(asked.append)
        checkpoints = Checkpoints(copier)
        with reader.snapshot() if earlier else nullcontext():
            reader.execute("SELECT * FROM some").fetchall()
            writer.execute("INSERT INTO some VALUES (1)")
            checkpoints.close()
        kinds = {sql.split("wal_checkpoint")[1] for sql in asked if "wal_checkpoint" in sql}
        assert kinds == ({"(PASSIVE)"} if earlier else {"(PASSIVE)", "(FULL)"})


@pytest.mark.parametrize(("answers", "times"), [((0, 9, 9), 1), ((1, 9, 9), 100), ((1, 9, 8), 1), ((1, -1, -1), 1)])
def test_the_end_of_a_copy_is_tried_again_only_where_somebody_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: tuple[int, int, int], times: int
) -> None:
    """Not beside a reader who came after the beginning, and not while another process copies."""
    asked = list[str]()

    def answer(checkpoints: Checkpoints, kind: str) -> tuple[int, int, int]:
        asked.append(kind)
        return (0, 9, 9) if kind == "PASSIVE" else answers

    monkeypatch.setattr(Checkpoints, "_asked", answer)
    checkpoints = Checkpoints(connect(tmp_path / "s.db", durable=True))
    checkpoints._copy()
    assert asked == ["PASSIVE"] + ["FULL"] * times
    checkpoints.close()


def test_the_log_is_copied_and_begins_anew_beside_small_commits(
    index: Index, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.store.checkpoints.ENOUGH", 5_000)
    store = SqliteStore(None, index, clock)
    desk = Desk(store, clock)
    store._connection.execute("PRAGMA wal_autocheckpoint = 0")
    for number in range(600):
        desk.put(observation(f"o{number}"))
    written = 600 * 9 * 4_096
    assert store._path.with_name("store.db-wal").stat().st_size < written / 2
    store.close()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (sqlite3.SQLITE_FULL, 503, "no-store"),
        (sqlite3.SQLITE_IOERR | 3 << 8, 503, "no-store"),
        (sqlite3.SQLITE_BUSY, 503, "transient"),
        (sqlite3.SQLITE_INTERRUPT, 504, "timeout"),
        (sqlite3.SQLITE_CORRUPT, 500, "exception"),
    ],
)
def test_an_error_of_the_database_says_what_a_client_may_do(error: int, status: int, code: str) -> None:
    raised = sqlite3.OperationalError("about /some/path")
    raised.sqlite_errorcode = error
    problem = problem_of(raised)
    assert (problem.kind.status, problem.issues[0].code) == (status, code)
    assert "/some/path" not in problem.message


def test_the_shipped_index_is_the_same_on_every_start(root: Path, index: Index) -> None:
    again = Index.load(root / "profiles", Definitions.load(root / "profiles" / "r4"), ZoneInfo("America/New_York"))
    assert again.hash == index.hash


def test_the_horizon_never_goes_back_whatever_is_superseded_first(desk: Desk) -> None:
    # Those superseded last are the oldest versions, so the order of versions is not that of their ends.
    first, then = (
        [observation(f"{name}{number}") for number in range(many)] for name, many in (("a", 1000), ("b", 300))
    )
    desk.put(*first, *then)
    desk.put(*then)
    desk.put(*first)
    desk.clock.on(minutes=20)
    horizons = []
    for _ in range(10):
        desk.clock.on(minutes=2)
        desk.put(observation("new"))
        horizons.append(int(desk.do(lambda tx: meta(tx._connection, "horizon")) or 0))
    assert horizons == sorted(horizons)
    assert horizons[-1] >= 3
    for t in (1, 2):
        with pytest.raises(Problem, match="expired"):
            desk.store.search(OPEN, Query("Observation", cursor=Cursor(t, 1 << 50, 1 << 40)))


def test_upkeep_goes_on_until_it_has_caught_up(desk: Desk) -> None:
    many = [observation(f"o{number}") for number in range(1300)]
    desk.put(*many)
    desk.put(*many)
    desk.clock.on(minutes=20)
    desk.put(observation("new"))
    left = "SELECT count(*) FROM superseded"
    counts = [desk.do(lambda tx: tx._connection.execute(left).fetchone()[0]) for _ in range(10)]
    assert counts[-1] == 0
    assert sorted(desk.ids("Observation", ("_count", "200")))[0] == "new"


@dataclass
class Bench:
    """A writer by itself, with an upkeep of the test's own."""

    folder: Path
    index: Index
    clock: Clock
    rest: Callable[[int], bool]
    idle: float = 3600.0

    def __enter__(self) -> Writer:
        connection = connect(self.folder / "bench.db", durable=False)
        migrate(connection, migrations())

        def begin(start: Position) -> Transaction:
            return Transaction(connection, self.index, (), start)

        writing = SqliteWriting(connection, Position(0, 0, 0))
        self.writer = Writer(writing, self.clock, begin, lambda _: None, self.rest, idle=self.idle)
        self.writer.start()
        return self.writer

    def __exit__(self, *_: object) -> None:
        self.writer.close()


def test_upkeep_comes_round_although_nothing_is_written(tmp_path: Path, index: Index, clock: Clock) -> None:
    came = Semaphore(0)

    def rest(now_ms: int) -> bool:
        came.release()
        return False

    with Bench(tmp_path, index, clock, rest, idle=0.001):
        assert all(came.acquire(timeout=30) for _ in range(3))


def test_upkeep_that_fails_is_logged_without_its_words_and_the_writer_goes_on(
    tmp_path: Path, index: Index, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def rest(now_ms: int) -> bool:
        raise ValueError("John Doe, 1980")

    with Bench(tmp_path, index, clock, rest) as writer:
        for number in range(3):
            assert writer.submit(lambda _, number=number: number).result(30) == number
        assert writer.alive
    assert not writer.alive
    assert "upkeep of the store failed: ValueError" in caplog.text
    assert "John Doe" not in caplog.text


def test_a_failure_that_no_work_caused_is_answered_and_the_writer_goes_on(
    tmp_path: Path, index: Index, clock: Clock
) -> None:
    with Bench(tmp_path, index, clock, lambda now_ms: False) as writer:
        said, writer._committed = writer._committed, lambda position: 1 / 0
        with pytest.raises(ZeroDivisionError):
            writer.submit(lambda tx: 1).result(30)
        writer._committed = said
        assert writer.submit(lambda tx: 2).result(30) == 2


def test_a_store_says_whether_its_writer_takes_work(index: Index, clock: Clock) -> None:
    store = open_store(index, clock)
    assert store.alive
    store.close()
    assert not store.alive
