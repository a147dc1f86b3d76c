"""What must hold when the process is killed or the disk is full: what was acknowledged is there, nothing is half there.

The oracle is what the writing process said was done, kept outside it. (kill -9: I1, I2, I6; disk full: Z8)
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapter.consent.predicate import everything
from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.fhir.query import Query
from adapter.problems import Problem
from adapter.store.splice import prepare
from adapter.store.sqlite import SqliteStore
from adapter.store.store import Options
from adapter.store.transaction import Transaction

ROOT = Path(__file__).resolve().parents[2]
OPEN = everything("a test of invented records")
NOW = datetime(2026, 3, 1, tzinfo=UTC)

# Writes panels of three results in one transaction each, changes the first of the panel before, and says what is done.
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.store.splice import prepare
from adapter.store.sqlite import SqliteStore

profiles, path, start = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
index = Index.load(profiles, Definitions.load(profiles / "r4"), ZoneInfo("UTC"))
store = SqliteStore(path, index, lambda: datetime.now(UTC))

def put(transaction, id, panel, text):
    resource = {"resourceType": "Observation", "id": id, "status": "final", "code": {"coding": [{"code": panel}]},
                "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-03-01", "note": [{"text": text}]}
    transaction.put("Observation", id, resource, prepare(resource), None, "result",
                    references=[("Observation.subject", "Patient", "p")])

def panel(number):
    def work(transaction):
        for part in range(3):
            put(transaction, f"{number}-{part}", f"panel{number}", "x" * 3000)
        if number > start:
            put(transaction, f"{number - 1}-0", f"panel{number - 1}", "changed")
    return work

print("ready", flush=True)
waiting = []
for number in range(start, start + 100000):
    waiting.append((number, store.write(panel(number))))
    if len(waiting) == 4:
        number, done = waiting.pop(0)
        done.result()
        print(number, flush=True)
"""


def index(zone: str = "UTC") -> Index:
    profiles = ROOT / "profiles"
    return Index.load(profiles, Definitions.load(profiles / "r4"), ZoneInfo(zone))


def observation(id: str, size: int = 100) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "x" * size}}


def put(*resources: dict[str, Any]) -> Callable[[Transaction], None]:
    def work(transaction: Transaction) -> None:
        for resource in resources:
            transaction.put("Observation", resource["id"], resource, prepare(resource), None, "result")

    return work


def killed_after(path: Path, start: int, seconds: float) -> list[int]:
    """The panels a writer acknowledged before it was killed."""
    command = [sys.executable, "-c", WRITER, str(ROOT / "profiles"), str(path), str(start)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        process.kill()
        said = process.stdout.read().split("\n")
    return [int(line) for line in said[:-1]]


def check(path: Path, acknowledged: list[int]) -> int:
    """Every acknowledged panel is whole, every other one is whole or absent; answers how many panels there are."""
    store = SqliteStore(path, index(), lambda: NOW)
    try:
        there = store.search(OPEN, Query("Observation", count=10**6)).versions
        panels: dict[int, set[str]] = {}
        for version in there:
            panels.setdefault(int(version.id.partition("-")[0]), set()).add(version.id)
        assert set(acknowledged) <= set(panels)
        assert all(ids == {f"{number}-{part}" for part in range(3)} for number, ids in panels.items())
        _check_rows(store, panels)
        connection = store._reading()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        gaps = (
            "SELECT count(*) FROM (SELECT max(version) - count(*) AS gap FROM version GROUP BY type, id) WHERE gap <> 0"
        )
        assert connection.execute(gaps).fetchone() == (0,)
        return len(panels)
    finally:
        store.close()


def _check_rows(store: SqliteStore, panels: dict[int, set[str]]) -> None:
    """Index rows and lists tell the same as the records."""
    code = store.index.parameters("Observation")["code"].number
    live = "SELECT value, count(*) FROM token WHERE parameter = ? AND until_t IS NULL GROUP BY value"
    found = dict(store._reading().execute(live, (code,)).fetchall())
    assert found == {f"panel{number}\x1f": 3 for number in panels}
    assert store.totals(OPEN).pending == 3 * len(panels)


def rounds(tmp_path: Path, number: int, least: float, most: float) -> None:
    """Kill, look, and go on with the same store."""
    rng, path, acknowledged, start = random.Random(number), tmp_path / "store.db", [], 0
    for _ in range(number):
        acknowledged += killed_after(path, start, rng.uniform(least, most))
        start = check(path, acknowledged) + 1000 * (1 + start // 1000)
    assert acknowledged


def test_a_killed_process_loses_nothing_acknowledged_and_leaves_nothing_half(tmp_path: Path) -> None:
    rounds(tmp_path, 6, 0.0, 0.15)


@pytest.mark.slow
def test_a_process_killed_two_hundred_times_loses_nothing_acknowledged(tmp_path: Path) -> None:
    rounds(tmp_path, 200, 0.0, 0.5)


def test_a_full_store_refuses_with_no_store_stays_whole_and_recovers(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", index(), lambda: NOW)
    store.write(put(observation("before"))).result(30)
    store.write(lambda transaction: _limit(transaction._connection, 20)).result(30)
    with pytest.raises(Problem) as refused:
        store.write(put(*(observation(f"o{number}", 3000) for number in range(200)))).result(30)
    assert (refused.value.kind.status, refused.value.issues[0].code) == (503, "no-store")
    assert "nothing of this was stored" in refused.value.message
    assert [version.id for version in store.search(OPEN, Query("Observation")).versions] == ["before"]
    assert store.t == 1
    store.write(lambda transaction: _limit(transaction._connection, 0)).result(30)
    store.write(put(*(observation(f"o{number}", 3000) for number in range(200)))).result(30)
    assert store.count(OPEN, Query("Observation")) == 201
    assert store.t == 2
    store.close()


def test_work_beside_one_that_fills_the_disk_is_whole_or_refused(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", index(), lambda: NOW)
    store.write(lambda transaction: _limit(transaction._connection, 20)).result(30)
    jobs = [store.write(put(observation(f"o{number}", 200_000 if number == 5 else 10))) for number in range(10)]
    done = [job.exception(30) is None for job in jobs]
    assert not done[5]
    assert all(isinstance(job.exception(), Problem) for job in jobs if job.exception())
    stored = {version.id for version in store.search(OPEN, Query("Observation")).versions}
    assert stored == {f"o{number}" for number, stands in enumerate(done) if stands}
    store.close()


def _limit(connection: sqlite3.Connection, more: int) -> None:
    """Let the file grow by so many pages; 0 for no limit."""
    used = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {used + more if more else 1_000_000_000}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = (
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True)
        if _may_mount()
        else None
    )
    if made is None or made.returncode:
        pytest.skip("no right to mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def _may_mount() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0


def test_a_disk_that_is_really_full_refuses_writes_answers_reads_and_recovers(small_disk: Path) -> None:
    store = SqliteStore(small_disk / "store.db", index(), lambda: NOW)
    jobs = [store.write(put(observation(f"o{number}", 3000))) for number in range(2000)]
    failures = [job.exception(30) for job in jobs]
    stored = {f"o{number}" for number, failure in enumerate(failures) if failure is None}
    assert {failure.issues[0].code for failure in failures if isinstance(failure, Problem)} == {"no-store"}
    assert 20 < len(stored) < 2000
    everything_there = Query("Observation", count=5000)
    assert {version.id for version in store.search(OPEN, everything_there).versions} == stored
    assert store.read(OPEN, "Observation", "o3") is not None
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    store.write(put(observation("after", 3000))).result(30)
    assert store.count(OPEN, everything_there) == len(stored) + 1
    assert store._reading().execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store.close()


def test_a_killed_migration_leaves_a_store_that_starts(tmp_path: Path) -> None:
    script = WRITER.replace(
        "store = SqliteStore",
        "import os, adapter.store.connections as m\n"
        "split = m.split\n"
        "m.split = lambda text: (os._exit(9) if number == 5 else sql for number, sql in enumerate(split(text)))\n"
        "store = SqliteStore",
    )
    command = [sys.executable, "-c", script, str(ROOT / "profiles"), str(tmp_path / "store.db"), "0"]
    assert subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 9
    assert check(tmp_path / "store.db", []) == 0


def test_a_store_that_another_process_has_open_is_refused_by_name_until_that_process_ends(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    command = [sys.executable, "-c", WRITER, str(ROOT / "profiles"), str(path), "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(Problem, match=rf"is open elsewhere \(process {process.pid}\)") as refused:
            SqliteStore(path, index(), lambda: NOW)
        (tmp_path / "other.db").symlink_to(path)
        with pytest.raises(Problem, match="is open elsewhere"):
            SqliteStore(tmp_path / "other.db", index(), lambda: NOW)
        process.kill()
        said = process.stdout.read().split("\n")
    assert refused.value.kind.status == 503
    assert check(path, [int(line) for line in said[:-1]]) >= 0


def test_a_store_that_did_not_open_leaves_the_file_to_others(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    SqliteStore(path, index(), lambda: NOW, Options(secret=b"one")).close()
    with pytest.raises(Problem, match="not the one"):
        SqliteStore(path, index(), lambda: NOW, Options(secret=b"two"))
    SqliteStore(path, index(), lambda: NOW, Options(secret=b"one")).close()
