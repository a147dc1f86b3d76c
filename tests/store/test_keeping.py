"""A store written to a file and read into another of either kind; indexed anew; looked over."""

from __future__ import annotations

import gzip
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter import app, keeper
from adapter.fhir.index import Index
from adapter.problems import Problem
from adapter.released import Predicate
from adapter.settings import Settings
from adapter.store.check import Looked, check
from adapter.store.inspection import inspect, noted
from adapter.store.sqlite import SqliteStore
from adapter.store.store import Options, Store

from .conftest import LAB, OPEN, Clock, Desk, observation, put
from .serving import POSTGRES, cluster, open_ledger, open_store, place
from .told import disclosure


@pytest.fixture(scope="module")
def index() -> Index:
    """What a program indexes, with what it derives for who may see it."""
    own = Settings(zone="America/New_York")
    return app.index_of(own, app.read_maps(own))


def filled(index: Index, clock: Clock, path: Path) -> Desk:
    """A store with some of everything, open."""
    desk = Desk(open_store(index, clock, path, identifying={LAB}, secret=b"a secret"), clock)
    desk.put({"resourceType": "Patient", "id": "p1", "name": [{"family": "Invented"}]})
    for status in ("final", "amended"):
        clock.on(seconds=1)
        desk.put(
            *(observation(f"o{n}", status=status, identifier=[{"system": LAB, "value": f"R{n}"}]) for n in range(20)),
            observation("n", valueQuantity={"value": 5, "comparator": "<", "unit": "ng/mL"}, note=[{"text": 'é 𝄞 "'}]),
        )
    waiting: dict[str, Any] = {"parked": [("code", "odd")], "references": [("Observation.subject", "Patient", "p9")]}
    desk.do(lambda transaction: put(transaction, observation("odd", patient="p9"), None, **waiting))
    desk.do(lambda transaction: transaction.settle("Observation", "odd", "code", "odd", "a nurse", None))
    desk.delete("Observation", "o3")
    return desk


def settings(path: Path) -> Settings:
    return Settings(store=place(path), secret_file=path.with_name("key"), zone="America/New_York")  # type: ignore[arg-type]


def looked_over(path: Path, index: Index) -> Looked:
    """What `keeper.check_store` says, with the index at hand."""
    with keeper.asked(settings(path)) as database:
        return check(database, index)


def everything_in(store: Store) -> list[object]:
    desk = Desk(store, Clock())
    history = [(v.type, v.id, v.version, v.updated_ms, v.deleted, v.body) for v in versions(desk)]
    lists = [store.parked(OPEN), store.unmapped(OPEN), store.pending(OPEN), store.totals(OPEN), store.t]
    found = [desk.ids("Observation", ("status", "amended")), desk.ids("Observation", ("value-quantity", "lt5"))]
    names = desk.do(lambda transaction: [transaction.alias("Observation", LAB, f"R{n}") for n in range(21)])
    return [history, lists, found, names]


def versions(desk: Desk) -> list[Any]:
    ids = [*(f"o{n}" for n in range(20)), "n", "odd"]
    found = [desk.store.vread(OPEN, "Observation", id, number) for id in ids for number in (1, 2, 3)]
    return [version for version in found if version is not None]


def test_what_is_backed_up_while_served_is_what_is_restored(tmp_path: Path, index: Index, clock: Clock) -> None:
    desk = filled(index, clock, tmp_path / "a.db")
    written = keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    before = everything_in(desk.store)
    desk.store.close()
    assert written["version"] == 2 + 42 + 2
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    assert b"Invented" not in (tmp_path / "backup").read_bytes()
    assert keeper.restore(settings(tmp_path / "b.db"), tmp_path / "backup") == written
    again = open_store(index, clock, tmp_path / "b.db", identifying={LAB}, secret=b"a secret")
    assert everything_in(again) == before
    Desk(again, clock).put(observation("later"))
    assert again.t == before[1][-1] + 1  # type: ignore[index]
    again.close()
    assert keeper.check_store(settings(tmp_path / "b.db")).faults == []


def test_a_store_that_was_opened_once_is_restored_with_its_index(tmp_path: Path, index: Index, clock: Clock) -> None:
    filled(index, clock, tmp_path / "a.db").store.close()
    keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    open_store(index, clock, tmp_path / "b.db", secret=b"a secret").close()
    keeper.restore(settings(tmp_path / "b.db"), tmp_path / "backup")
    looked = keeper.check_store(settings(tmp_path / "b.db"))
    assert (looked.found, looked.rows > 100) == (0, True)
    desk = Desk(open_store(index, clock, tmp_path / "b.db", secret=b"a secret"), clock)
    assert len(desk.ids("Observation", ("status", "amended"))) == 19
    desk.store.close()


def test_a_restoration_that_ends_before_the_index_is_made_is_made_good_at_the_next_start(
    tmp_path: Path, index: Index, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(index, clock, tmp_path / "a.db").store.close()
    keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    open_store(index, clock, tmp_path / "b.db", secret=b"a secret").close()
    with monkeypatch.context() as ending:
        ending.setattr("adapter.keeper.rebuild", ended)
        with pytest.raises(KeyboardInterrupt):
            keeper.restore(settings(tmp_path / "b.db"), tmp_path / "backup")
    desk = Desk(open_store(index, clock, tmp_path / "b.db", secret=b"a secret"), clock)
    assert len(desk.ids("Observation", ("status", "amended"))) == 19
    desk.store.close()
    assert keeper.check_store(settings(tmp_path / "b.db")).faults == []


def ended(*_: object, **__: object) -> None:
    """Where the process ends."""
    raise KeyboardInterrupt


def test_a_store_of_another_key_or_that_is_served_is_not_restored_into(
    tmp_path: Path, index: Index, clock: Clock
) -> None:
    filled(index, clock, tmp_path / "a.db").store.close()
    keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    served = open_store(index, clock, tmp_path / "b.db", secret=b"another")
    with pytest.raises(Problem, match="open elsewhere"):
        keeper.restore(settings(tmp_path / "b.db"), tmp_path / "backup")
    with pytest.raises(Problem, match="open elsewhere"):
        keeper.reindex(settings(tmp_path / "b.db"))
    served.close()
    with pytest.raises(Problem, match="another key"):
        keeper.restore(settings(tmp_path / "b.db"), tmp_path / "backup")
    open_store(index, clock, tmp_path / "b.db", secret=b"another").close()
    (tmp_path / "key").write_bytes(b"a third")
    with pytest.raises(Problem, match="another key"):
        keeper.restore(settings(tmp_path / "c.db"), tmp_path / "backup")
    (tmp_path / "key").write_bytes(b"a secret")
    assert keeper.restore(settings(tmp_path / "c.db"), tmp_path / "backup")["version"] == 46


@pytest.mark.skipif(POSTGRES, reason="of files")
def test_what_is_no_store_is_told_in_words_and_a_new_one_is_for_its_owner_only(
    tmp_path: Path, index: Index, clock: Clock
) -> None:
    (tmp_path / "text").write_text("something else, " * 100)
    for ask in (
        lambda: open_store(index, clock, tmp_path / "text"),
        lambda: keeper.check_store(settings(tmp_path / "text")),
    ):
        with pytest.raises(Problem, match="is no SQLite database"):
            ask()
    with pytest.raises(Problem, match="there is no store"):
        keeper.reindex(settings(tmp_path / "nowhere.db"))
    open_store(index, clock, tmp_path / "new.db").close()
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not POSTGRES, reason="needs both kinds of store")
def test_a_label_that_comes_from_a_record_that_is_named_is_checked_and_made_anew(
    tmp_path: Path, index: Index, clock: Clock
) -> None:
    desk = filled(index, clock, tmp_path / "a.db")
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "B20"}]}
    desk.put({"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p1"}, "code": code})
    desk.put(observation("naming", focus=[{"reference": "Condition/c", "display": "said"}]))
    named = "SELECT DISTINCT labels FROM version WHERE id IN ('c', 'naming')"
    assert len(desk.rows(named)) == 1
    desk.do(lambda tx: tx._connection.execute("UPDATE version SET labels = own WHERE id = 'naming'"))
    desk.store.close()
    harmed = keeper.check_store(settings(tmp_path / "a.db"))
    assert harmed.faults == ["Observation/naming: its versions are not labelled as their texts say"]
    keeper.reindex(settings(tmp_path / "a.db"))
    assert keeper.check_store(settings(tmp_path / "a.db")).faults == []


def test_what_each_version_tells_of_itself_is_checked_and_made_anew(tmp_path: Path, index: Index, clock: Clock) -> None:
    desk = filled(index, clock, tmp_path / "a.db")
    told = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p1"}}
    for icd in ("J45.20", "B20", "F10.20"):
        desk.put({**told, "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": icd}]}})
    desk.delete("Condition", "c")
    asked = "SELECT own FROM version WHERE id = 'c' AND rendering = 0 ORDER BY version"
    own = [found for (found,) in desk.rows(asked)]
    assert own[0] < own[1] < own[2] == own[3]
    assert [more & less for less, more in pairwise(own)] == own[:3]
    assert desk.rows("SELECT DISTINCT labels FROM version WHERE id = 'c' AND rendering = 0") == [(own[3],)]
    desk.do(lambda tx: tx._connection.execute("UPDATE version SET own = labels WHERE id = 'c'"))
    desk.store.close()
    harmed = keeper.check_store(settings(tmp_path / "a.db")).faults
    assert harmed == ["Condition/c: its own labels are not those of its text and the versions before it"] * 2
    keeper.reindex(settings(tmp_path / "a.db"))
    assert keeper.check_store(settings(tmp_path / "a.db")).faults == []
    desk = Desk(open_store(index, clock, tmp_path / "a.db", identifying={LAB}, secret=b"a secret"), clock)
    assert [found for (found,) in desk.rows(asked)] == own
    desk.store.close()


def test_a_store_moves_from_one_kind_to_the_other_and_back(tmp_path: Path, index: Index, clock: Clock) -> None:
    desk = filled(index, clock, tmp_path / "a.db")
    before = everything_in(desk.store)
    desk.store.close()
    keeper.backup(settings(tmp_path / "a.db"), tmp_path / "first")
    lite = Settings(store=tmp_path / "lite.db", secret_file=tmp_path / "key", zone="America/New_York")
    keeper.restore(lite, tmp_path / "first")
    moved = SqliteStore(tmp_path / "lite.db", index, clock, Options({LAB}, b"a secret"))
    assert everything_in(moved) == before
    moved.close()
    keeper.backup(lite, tmp_path / "second")
    assert gzip.decompress((tmp_path / "first").read_bytes()) == gzip.decompress((tmp_path / "second").read_bytes())


def test_a_backup_is_read_into_an_empty_store_only_and_overwrites_nothing(
    tmp_path: Path, index: Index, clock: Clock
) -> None:
    filled(index, clock, tmp_path / "a.db").store.close()
    keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    with pytest.raises(Problem, match="holds records already"):
        keeper.restore(settings(tmp_path / "a.db"), tmp_path / "backup")
    with pytest.raises(Problem, match="is there already"):
        keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    nowhere = cluster().database() if POSTGRES else tmp_path / "nowhere.db"
    with pytest.raises(Problem, match="there is no store"):
        keeper.backup(Settings(store=nowhere, secret_file=tmp_path / "key"), tmp_path / "other")  # type: ignore[arg-type]
    assert sorted(path.name for path in tmp_path.iterdir() if "backup" in path.name) == ["backup"]


@pytest.mark.parametrize("harm", ["cut", "bit", "line", "none of ours", "empty"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(tmp_path: Path, index: Index, clock: Clock, harm: str) -> None:
    filled(index, clock, tmp_path / "a.db").store.close()
    keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    whole = (tmp_path / "backup").read_bytes()
    lines = gzip.decompress(whole).splitlines(keepends=True)
    harmed = {
        "cut": whole[: len(whole) // 2],
        "bit": whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
        "line": gzip.compress(b"".join(lines[:5] + lines[6:])),
        "none of ours": b"PK\x03\x04 something else",
        "empty": b"",
    }
    (tmp_path / "harmed").write_bytes(harmed[harm])
    with pytest.raises(Problem, match=r"damaged|not a backup"):
        keeper.restore(settings(tmp_path / "b.db"), tmp_path / "harmed")
    desk = Desk(open_store(index, clock, tmp_path / "b.db"), clock)
    assert desk.store.t == 0
    assert desk.rows("SELECT count(*) FROM version") == [(0,)]
    desk.store.close()


HARMS = {
    "UPDATE token SET value = 'x' WHERE value LIKE 'amended%' AND vid = 25": "its index rows are not of its text",
    "DELETE FROM moment WHERE vid = 23": "its index rows are not of its text",
    "UPDATE token SET until_t = NULL WHERE vid = 3": "its index rows are not of its text",
    "UPDATE amount SET high = 7 WHERE vid = 44": "its index rows are not of its text",
    "UPDATE token SET vid = 999 WHERE vid = 25 AND value LIKE 'amended%'": "which is not there",
    "UPDATE version SET until_t = 9 WHERE vid = 24": "it has no newest version",
    "DELETE FROM version WHERE vid = 4": "does not follow the one before it",
    "UPDATE version SET present = 0 WHERE vid = 25": "its row does not say of it what its text does",
    "UPDATE version SET patients = 'other' WHERE vid = 25": "its row does not say of it what its text does",
    "DELETE FROM unmapped": "it is listed as unmapped and is not, or the reverse",
    "UPDATE parked SET id = 'gone'": "it is listed as parked and is not there",
    "UPDATE pending SET id = 'gone'": "it is listed as pending and is not there",
    "UPDATE alias SET id = 'gone' WHERE value = 'R5'": "an identifier names it, and it was never there",
}


@pytest.mark.parametrize("sql", HARMS)
def test_every_harm_to_a_store_is_found_and_indexing_it_anew_mends_the_index(
    tmp_path: Path, index: Index, clock: Clock, sql: str
) -> None:
    desk = filled(index, clock, tmp_path / "a.db")
    sound = looked_over(tmp_path / "a.db", index)
    assert (sound.versions, sound.found) == (46, 0)
    desk.do(lambda transaction: transaction._connection.execute(sql))
    desk.store.close()
    harmed = keeper.check_store(settings(tmp_path / "a.db"))
    assert HARMS[sql] in "\n".join(harmed.faults)
    assert "Invented" not in "\n".join(harmed.faults)
    if "index rows" in HARMS[sql] or "its row" in HARMS[sql] or "which is" in HARMS[sql]:
        keeper.reindex(settings(tmp_path / "a.db"))
        assert looked_over(tmp_path / "a.db", index).found == 0


def test_a_store_indexed_for_another_zone_is_not_judged(tmp_path: Path, index: Index, clock: Clock) -> None:
    filled(index, clock, tmp_path / "a.db").store.close()
    with pytest.raises(Problem, match="indexed by another program"):
        keeper.check_store(Settings(store=place(tmp_path / "a.db"), zone="Europe/Paris"))  # type: ignore[arg-type]


def told(path: Path, clock: Clock, number: int = 3) -> str:
    """Write some disclosures; the head of the ledger then."""
    ledger = open_ledger(path, clock)
    for n in range(number):
        ledger.interrupted(ledger.write(disclosure("p1", f"q{n}", query=b"a=b")).result(30)).result(30)
    head = str(ledger.head())
    ledger.close()
    return head


def test_a_restored_store_has_its_ledger_and_the_chain_goes_on(tmp_path: Path, index: Index, clock: Clock) -> None:
    filled(index, clock, tmp_path / "a.db").store.close()
    head = told(tmp_path / "a.db", clock)
    written = keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    assert (written["disclosure"], written["shown"], written["interrupted"], written["batch"]) == (3, 6, 3, 6)
    assert keeper.restore(settings(tmp_path / "b.db"), tmp_path / "backup") == written
    again = open_ledger(tmp_path / "b.db", clock)
    assert str(again.head()) == head
    assert again.write(disclosure("p1")).result(30) == 4
    with again.reading() as database:
        assert inspect(database, noted(head)).faults == []
    again.close()


def test_a_ledger_that_was_saved_and_goes_on_from_the_backup_s_stays(
    tmp_path: Path, index: Index, clock: Clock
) -> None:
    filled(index, clock, tmp_path / "a.db").store.close()
    told(tmp_path / "a.db", clock, 3)
    keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    longer = told(tmp_path / "b.db", clock, 5)  # the same rows at the same time, and two more
    keeper.restore(settings(tmp_path / "b.db"), tmp_path / "backup")
    again = open_ledger(tmp_path / "b.db", clock)
    assert str(again.head()) == longer
    again.close()


def test_a_ledger_of_another_store_is_not_restored_into(tmp_path: Path, index: Index, clock: Clock) -> None:
    filled(index, clock, tmp_path / "a.db").store.close()
    told(tmp_path / "a.db", clock)
    keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    clock.on(days=1)
    other = told(tmp_path / "b.db", clock)
    with pytest.raises(Problem, match="does not go on from the backup's"):
        keeper.restore(settings(tmp_path / "b.db"), tmp_path / "backup")
    kept = open_ledger(tmp_path / "b.db", clock)
    assert str(kept.head()) == other
    kept.close()
    again = open_store(index, clock, tmp_path / "b.db")
    assert again.t == 0
    again.close()


@pytest.mark.parametrize("form", [1, 2])
def test_a_backup_of_before_is_read_and_what_it_lacks_is_made(
    tmp_path: Path, index: Index, clock: Clock, form: int
) -> None:
    filled(index, clock, tmp_path / "a.db").store.close()
    keeper.backup(settings(tmp_path / "a.db"), tmp_path / "backup")
    _, *said, end = map(orjson.loads, gzip.decompress((tmp_path / "backup").read_bytes()).splitlines())
    rows = [row[:-1] if row[0] == "version" else row for row in said if row[0] != "version" or not row[-1]]
    lines = [orjson.dumps(line) + b"\n" for line in [{"iop-store": form}, *rows]]
    whole = {"rows": end["rows"] | {"version": 45}, "digest": blake2b(b"".join(lines), digest_size=32).hexdigest()}
    (tmp_path / "old").write_bytes(gzip.compress(b"".join(lines) + orjson.dumps(whole) + b"\n"))
    assert keeper.restore(settings(tmp_path / "b.db"), tmp_path / "old")["version"] == 45
    again = open_store(index, clock, tmp_path / "b.db", identifying={LAB}, secret=b"a secret")
    shown = again.read(Predicate("TRUE", {}, rendering=1), "Patient", "p1")
    assert shown is not None
    assert (shown.version, b"Invented" in shown.body) == (1, True)
    again.close()
    assert keeper.check_store(settings(tmp_path / "b.db")).faults == []
