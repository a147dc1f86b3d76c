"""What a batch looks up together is what it would have been told one by one, its own writes included."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from adapter.store.connections import connect
from adapter.store.migrate import migrate, migrations
from adapter.store.statements import repeated, statement
from adapter.store.transaction import Transaction

from .conftest import LAB, Desk, observation, put
from .serving import listening

MANY = 150  # more than one statement takes


def keyed(number: int) -> dict[str, object]:
    return observation(f"r{number}") | {"identifier": [{"system": LAB, "value": f"R{number}"}]}


def names(count: int) -> list[tuple[str, str, str]]:
    return [("Observation", LAB, f"R{number}") for number in range(count)]


def records(count: int) -> list[tuple[str, str]]:
    return [("Observation", f"r{number}") for number in range(count)]


def test_what_is_foreseen_is_what_is_there(desk: Desk) -> None:
    desk.put(*(keyed(number) for number in range(MANY)))
    desk.put(keyed(3) | {"status": "amended"})
    desk.delete("Observation", "r5")

    def alone(transaction: Transaction) -> list[object]:
        told = [transaction.alias(*name) for name in names(MANY + 1)]
        return [*told, *(transaction.current(*record) for record in records(MANY + 1))]

    def together(transaction: Transaction) -> list[object]:
        transaction.foresee(names(MANY + 1), records(MANY + 1))
        return alone(transaction)

    told = desk.do(together)
    assert told == desk.do(alone)
    assert told[MANY] is None
    assert told[-1] is None
    assert [told[MANY + 1 + 3].version, told[MANY + 1 + 5].deleted] == [2, True]


def test_nothing_is_asked_again_and_the_works_own_writes_stand(desk: Desk) -> None:
    desk.put(keyed(0))

    def work(transaction: Transaction) -> list[object]:
        put(transaction, keyed(0) | {"status": "amended"}, "a_concept")
        transaction.foresee(names(2), records(2))
        put(transaction, keyed(1), "a_concept")
        transaction.foresee(names(2), records(2))
        with listening(transaction._connection) as asked:
            found = [transaction.current("Observation", "r0"), transaction.current("Observation", "r1")]
            found += [transaction.alias("Observation", LAB, "R0"), transaction.alias("Observation", LAB, "R1")]
        assert asked == []
        return found

    first, second, *ids = desk.do(work)
    assert [first.version, second.version, ids] == [2, 1, ["r0", "r1"]]


def test_a_statement_is_repeated_by_its_last_list_of_values() -> None:
    assert repeated("aliases", 1) == statement("aliases")
    assert repeated("aliases", 3).count("(?, ?, ?)") == 3
    assert repeated("insert_token", 2).rstrip().endswith(f", {_last_list('insert_token')}")


def _last_list(name: str) -> str:
    text = statement(name).rstrip()
    return text[text.rindex("(") :]


def test_a_store_of_the_first_schema_is_brought_to_this_one(tmp_path: Path) -> None:
    database = connect(tmp_path / "old.db", durable=False)
    steps = migrations()
    migrate(database, steps[:1])
    assert "version_newest" in _indexes(database)
    migrate(database, steps)
    assert "version_newest" not in _indexes(database)
    assert "version_key" in _indexes(database)
    database.close()


def _indexes(database: sqlite3.Connection) -> set[str]:
    return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
