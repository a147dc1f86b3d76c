"""Who wrote is a chain: what was done to its rows is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest

from adapter.fhir.index import Index
from adapter.released import Asker
from adapter.store.act_chain import Signed, inspect_acts
from adapter.store.acts import record
from adapter.store.inspection import Noted, noted
from adapter.store.transaction import Transaction

from .conftest import Clock, Desk, observation, put
from .serving import open_store

BY = Asker("ehr-1", "program-ehr", "org-1", None, "5f3a", "TREAT", "192.0.2.7", "r-1")


@pytest.fixture
def kept(index: Index, clock: Clock, tmp_path: Path) -> Iterator[Desk]:
    """A store in which five requests have written, each in a commit of its own."""
    desk = Desk(open_store(index, clock, tmp_path / "s.db"), clock)
    for n in range(5):
        clock.on(seconds=60)
        desk.do(lambda transaction, n=n: written(transaction, f"o{n}", f"p{n}"))
    yield desk
    desk.store.close()


def written(transaction: Transaction, id: str, patient: str) -> None:
    record(transaction, BY, [put(transaction, observation(id, patient=patient))])


def looked(desk: Desk, head: Noted | None = None) -> Signed:
    with desk.store._asked() as database:
        return inspect_acts(database, head)


def tamper(transaction: Transaction, sql: str) -> None:
    """As somebody who may write to the database."""
    for part in sql.split(";"):
        transaction.database.execute(part)


def test_each_act_follows_the_one_before(kept: Desk) -> None:
    assert looked(kept)[::3] == (5, [])
    wait([kept.store.write(lambda t, n=n: written(t, f"x{n}", "p1")) for n in range(40)])
    assert looked(kept)[::3] == (45, [])


def test_work_that_was_undone_is_not_in_the_chain(kept: Desk) -> None:
    def fails(transaction: Transaction) -> None:
        written(transaction, "y", "p1")
        raise ValueError("no")

    wait([kept.store.write(fails), kept.store.write(lambda t: written(t, "z", "p1")), kept.store.write(fails)])
    kept.store.rehearse(lambda t: written(t, "w", "p1")).result(30)
    assert looked(kept)[::3] == (6, [])


def test_a_store_that_is_opened_again_goes_on(kept: Desk, index: Index, clock: Clock, tmp_path: Path) -> None:
    kept.store.close()
    again = Desk(open_store(index, clock, tmp_path / "s.db"), clock)
    again.do(lambda transaction: written(transaction, "o6", "p6"))
    assert looked(again)[::3] == (6, [])
    again.store.close()


REST = "at_ms, client, kind, organization, person, token, purpose, network, request, digest"
FOURTH = "(SELECT max(first) FROM act WHERE first < (SELECT max(first) FROM act))"
LAST = "(SELECT max(first) FROM act)"
FIRST = "(SELECT min(first) FROM act)"
BEGUN = "INSERT INTO meta (name, value)"


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (f"DELETE FROM act WHERE first = {FOURTH}", r"act \d+: its digest"),
        ("DELETE FROM act WHERE first = (SELECT min(first) FROM act)", r"act \d+: its digest"),
        (f"UPDATE act SET client = 'other' WHERE first = {FOURTH}", r"act \d+: its digest"),
        (f"UPDATE act SET network = NULL WHERE first = {FOURTH}", r"act \d+: its digest"),
        (f"UPDATE act SET last = last + 1 WHERE first = {LAST}", r"act \d+: its digest"),
        (f"UPDATE act SET digest = '' WHERE first = {LAST}", r"act \d+: its digest"),
        ("UPDATE act SET digest = '' WHERE first = (SELECT min(first) FROM act)", r"act \d+: its digest"),
        (f"INSERT INTO act SELECT first + 500, last + 500, {{}} FROM act WHERE first = {LAST}", r"act \d+: its digest"),
        (f"DELETE FROM act WHERE first = {LAST}", "no act says who wrote it"),
        ("DELETE FROM act", "no act says who wrote it"),
        ("UPDATE act SET client = 'other', digest = ''", r"act \d+: its digest"),
        (f"DELETE FROM act WHERE first = {LAST};{BEGUN} SELECT 'signed', max(vid) FROM version", "to begin behind"),
        (f"UPDATE act SET digest = '' WHERE first = {FIRST};{BEGUN} SELECT 'signed', {FIRST}", r"act \d+: its digest"),
        (f"{BEGUN} SELECT 'signed', 'x'", "is no number"),
        ("DELETE FROM act_patient WHERE patient = 'p2'", "it is not listed under all whom it is about"),
    ],
)
def test_what_was_done_to_the_rows_is_found(sql: str, told: str, kept: Desk) -> None:
    def tampering(transaction: Transaction) -> list[str]:
        tamper(transaction, sql.format(REST))
        return inspect_acts(transaction.database).faults

    assert looked(kept).found == 0
    faults = kept.store.rehearse(tampering).result(30)  # before the writer would seal anything anew
    assert any(re.search(told, fault) for fault in faults), faults
    assert not any("p2" in fault or "o2" in fault for fault in faults)


def test_what_is_older_than_the_chain_has_no_digest_and_all_behind_it_has(kept: Desk) -> None:
    def older(transaction: Transaction) -> list[str]:
        """As if there had been no chain until the newest act."""
        tamper(transaction, "UPDATE act SET digest = ''")
        tamper(transaction, f"{BEGUN} SELECT 'signed', max(vid) FROM version")
        transaction.signed = ""
        written(transaction, "later", "p1")
        return inspect_acts(transaction.database).faults

    assert kept.store.rehearse(older).result(30) == []


def test_an_end_that_was_cut_off_with_all_it_wrote_is_found_by_the_head_that_was_noted(kept: Desk) -> None:
    head = noted(str(looked(kept).head))
    assert looked(kept, head).found == 0
    kept.do(lambda transaction: tamper(transaction, f"UPDATE act SET digest = 'x' WHERE first = {LAST}"))
    assert any("not the one that was noted" in fault for fault in looked(kept, head).faults)
    assert "the end was cut off" in looked(kept, head._replace(number=10_000)).faults[-1]
