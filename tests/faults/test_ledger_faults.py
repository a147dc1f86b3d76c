"""What must hold of the ledger when its disk is full or its database away: no disclosure without a row. (I3, Z10)"""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapter.problems import Kind, Problem
from adapter.store.inspection import inspect
from adapter.store.ledger import Ledger
from adapter.store.ledger_file import LedgerFile
from tests.store.serving import Cluster, programs
from tests.store.told import disclosure

from .test_store_faults import small_disk

__all__ = ["small_disk"]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LARGE = [f"Observation/{number}/1" for number in range(3_000)]


def refused(ledger: Ledger, **more: object) -> Problem:
    with pytest.raises(Problem) as told:
        ledger.write(disclosure("p1", resources=LARGE, **more)).result(60)  # type: ignore[arg-type]
    assert told.value.kind is Kind.BUSY
    return told.value


def whole(ledger: Ledger, disclosures: int) -> None:
    with ledger.reading() as database:
        found = inspect(database)
    assert (found.faults, found.disclosures) == ([], disclosures)


def limit(place: LedgerFile, more: int) -> None:
    """Let the file grow by so many pages; 0 for no limit."""
    [used] = place._database.execute("PRAGMA page_count").fetchone()
    place._database.execute(f"PRAGMA max_page_count = {used + more if more else 1_000_000_000}")


def test_a_full_ledger_refuses_and_recovers_by_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place = LedgerFile(tmp_path / "s.db.ledger")
    ledger = Ledger(place, lambda: NOW)
    assert ledger.write(disclosure("p1")).result(30) == 1
    limit(place, 2)
    assert refused(ledger).issues[0].code == "no-store"
    refused(ledger)
    assert ledger.alive
    limit(place, 0)
    assert ledger.write(disclosure("p1", resources=LARGE)).result(30) == 2
    whole(ledger, 2)
    ledger.close()
    assert caplog.text.count("cannot be written") == 1
    assert caplog.text.count("is written again") == 1


def test_a_disk_that_is_really_full_refuses_disclosures_and_recovers(small_disk: Path) -> None:
    ledger = Ledger(LedgerFile(small_disk / "s.db.ledger"), lambda: NOW)
    waited = [ledger.write(disclosure("p1", resources=LARGE)) for _ in range(600)]
    failed = [one.exception(60) for one in waited]
    acknowledged = [one.result() for one in waited if one.exception() is None]
    assert any(failed)
    assert {problem.kind for problem in failed if isinstance(problem, Problem)} == {Kind.BUSY}
    assert acknowledged == list(range(1, len(acknowledged) + 1))
    whole(ledger, len(acknowledged))
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert ledger.write(disclosure("p1", resources=LARGE)).result(30) == len(acknowledged) + 1
    whole(ledger, len(acknowledged) + 1)
    ledger.close()


def test_a_ledger_that_somebody_holds_is_busy(tmp_path: Path) -> None:
    place = LedgerFile(tmp_path / "s.db.ledger")
    place._database.execute("PRAGMA busy_timeout = 50")
    ledger = Ledger(place, lambda: NOW)
    other = sqlite3.connect(tmp_path / "s.db.ledger", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused(ledger)
    other.execute("ROLLBACK")
    other.close()
    assert ledger.write(disclosure("p1")).result(30) == 1
    ledger.close()


@pytest.mark.parametrize("content", [b"something else, " * 500, b""], ids=["text", "empty"])
def test_what_is_no_ledger_is_told_in_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.db.ledger").write_bytes(content)
    if content:
        with pytest.raises(Problem, match="is no SQLite database"):
            LedgerFile(tmp_path / "s.db.ledger")
    else:
        LedgerFile(tmp_path / "s.db.ledger").close()


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A server that syncs its commits to the disk."""
    bin = programs()
    if bin is None:
        pytest.skip("PostgreSQL is not installed")
    made = Cluster(bin, safe=True)
    yield made
    made.remove()


def test_a_database_that_goes_away_is_busy_loses_nothing_and_is_found_again(server: Cluster) -> None:
    from adapter.store.ledger_schema import LedgerSchema

    ledger = Ledger(LedgerSchema(server.database()), lambda: NOW)
    waited = [ledger.write(disclosure(f"p{number}")) for number in range(300)]
    assert waited[20].result(30) == 21
    server.stop("immediate")
    assert ledger.alive
    refused(ledger)
    acknowledged = [one.result() for one in waited if one.exception(60) is None]
    server.start()
    assert ledger.write(disclosure("p1")).result(30) > max(acknowledged)
    with ledger.reading() as database:
        found = inspect(database)
    assert found.faults == []
    assert found.disclosures >= len(acknowledged) + 1
    ledger.close()


def test_a_commit_whose_answer_was_lost_is_found_by_its_digest(
    server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adapter.store.ledger_schema import LedgerSchema

    place = LedgerSchema(server.database())
    ledger = Ledger(place, lambda: NOW)
    ledger.write(disclosure("p1")).result(30)
    database = place._database
    assert database is not None
    run = database.execute

    def execute(sql: str, *parameters: object) -> object:
        done = run(sql, *parameters)
        if sql == "COMMIT":
            database.close()
            run("SELECT 1")
        return done

    monkeypatch.setattr(database, "execute", execute)
    assert ledger.write(disclosure("p2")).result(30) == 2
    assert ledger.write(disclosure("p3")).result(30) == 3
    whole(ledger, 3)
    ledger.close()
