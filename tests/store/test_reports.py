"""What the ledger tells of who saw records, and how it is printed."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.callers import ClientKind, Purpose
from adapter.problems import Problem
from adapter.store import pages
from adapter.store.ledger import Ledger
from adapter.store.reports import (
    Accounted,
    Listed,
    Period,
    Recipient,
    Suspects,
    accounting,
    breach,
    intermediaries,
    years_before,
)
from adapter.store.sheet import cell, write_sheet

from .conftest import Clock
from .serving import open_ledger
from .told import disclosure

ZONE = ZoneInfo("America/New_York")
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def named(organization: str, client: str) -> Recipient:
    return Recipient(f"{organization} Inc.", "1 Main St") if organization == "org-1" else Recipient(client)


@pytest.fixture
def ledger(clock: Clock) -> Iterator[Ledger]:
    """An hour apart: a payer's page of two patients, a read inside the program, a provider's, one of no patient."""
    made = open_ledger(None, clock)
    treating: dict[str, Any] = {"kind": ClientKind.PROVIDER_EHR, "purpose": Purpose.TREATMENT, "organization": "org-2"}
    for said in (
        disclosure("p1", "p2"),
        disclosure("p1", ground="internal", interaction="read", client="staff", resources=["Patient/p1/1"]),
        disclosure("p1", ground="consent-2", client="clinic", resources=["Patient/p1/1"], by=treating | {"user": "dr"}),
        disclosure(client="clinic", interaction="read"),
        disclosure("p2", ground="qsoa", client="ehr", by={"token": "stolen"}),
    ):
        n = made.write(said).result(30)
        if said.caller.client in ("clinic", "payer-one"):
            made.interrupted(n).result(30)
        clock.on(hours=1)
    yield made
    made.close()


def period(since: float = -1, until: float = 24) -> Period:
    return Period(START + timedelta(hours=since), START + timedelta(hours=until))


def test_an_accounting_has_date_recipient_address_description_and_purpose() -> None:
    clock = Clock()
    ledger = open_ledger(None, clock)
    treating: dict[str, Any] = {"kind": ClientKind.PROVIDER_EHR, "purpose": Purpose.TREATMENT, "organization": "org-2"}
    ledger.write(disclosure("p1", "p2", resources=["Observation/a/1", "Observation/b/1", "Encounter/e/1"])).result(30)
    clock.on(hours=1)
    ledger.write(disclosure("p1", ground="internal", client="staff")).result(30)
    n = ledger.write(disclosure("p1", client="clinic", resources=["Patient/p1/1"], by=treating)).result(30)
    ledger.interrupted(n).result(30)
    with ledger.reading() as database:
        assert list(accounting(database, ["p1"], period(), named, ZONE)) == [
            Accounted(
                *("2026-03-01T07:00:00-05:00", "org-1 Inc.", "1 Main St"),
                *("1 Encounter, 2 Observation", "payment (HPAYMT)"),
            ),
            Accounted("2026-03-01T08:00:00-05:00", "clinic", "", "1 Patient; interrupted", "treatment (TREAT)"),
        ]
        assert len(list(accounting(database, ["p1"], period(), named, ZONE, inside=True))) == 3
        assert len(list(accounting(database, ["p1"], period(until=1), named, ZONE))) == 1
        assert len(list(accounting(database, ["p1"], period(since=0.5), named, ZONE))) == 1
        assert list(accounting(database, ["p1"], period(since=5), named, ZONE)) == []
        assert list(accounting(database, ["p9"], period(), named, ZONE)) == []
    ledger.close()


def test_an_account_goes_back_three_years_at_most(clock: Clock) -> None:
    ledger = open_ledger(None, clock)
    with ledger.reading() as database:
        assert list(accounting(database, ["p1"], Period(years_before(START), START), named, ZONE)) == []
        with pytest.raises(Problem, match="3 years"):
            next(accounting(database, ["p1"], Period(years_before(START) - timedelta(seconds=1), START), named, ZONE))
    ledger.close()
    assert years_before(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2025, 2, 28, tzinfo=UTC)
    assert years_before(datetime(2, 3, 1, tzinfo=UTC)) == datetime(1, 3, 1, tzinfo=UTC)


def test_an_intermediary_lists_entity_date_and_description_under_one_consent_or_any(ledger: Ledger) -> None:
    with ledger.reading() as database:
        assert list(intermediaries(database, ["p1"], period(), named, ZONE, consent="consent-2")) == [
            Listed("clinic", "2026-03-01T09:00:00-05:00", "1 Patient; interrupted"),
        ]
        every = intermediaries(database, ["p1"], period(), named, ZONE)
        assert [one.entity for one in every] == ["org-1 Inc.", "clinic"]


@pytest.mark.parametrize(
    ("suspects", "seen"),
    [
        (Suspects(), [(1, "p1"), (1, "p2"), (2, "p1"), (3, "p1"), (5, "p2")]),
        (Suspects(client="clinic"), [(3, "p1")]),
        (Suspects(patient="p2"), [(1, "p2"), (5, "p2")]),
        (Suspects(client="payer-one", patient="p2"), [(1, "p2")]),
        (Suspects(token="stolen"), [(5, "p2")]),
        (Suspects(practitioner="dr"), [(3, "p1")]),
        (Suspects(client="nobody"), []),
    ],
)
@pytest.mark.parametrize("page", [1, 2, 500])
def test_a_breach_has_who_saw_what_of_whom(
    suspects: Suspects, seen: list[Any], page: int, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", page)
    with ledger.reading() as database:
        assert [(one.n, one.patient) for one in breach(database, period(), ZONE, suspects)] == seen
        within = breach(database, period(since=2, until=3), ZONE, suspects)
        assert [(one.n, one.patient) for one in within] == [one for one in seen if one[0] == 3]


def test_a_breach_tells_each_resource_by_id_and_version(ledger: Ledger) -> None:
    with ledger.reading() as database:
        one = next(breach(database, period(), ZONE, Suspects(client="payer-one", patient="p2")))
    assert one.resources == "Observation/o1/1 Encounter/e1/2"
    assert (one.organization, one.purpose, one.ground, one.token) == ("org-1", "HPAYMT", "consent-1", "5f3a")
    assert (one.date, one.interrupted) == ("2026-03-01T07:00:00-05:00", "interrupted")


def test_a_report_is_read_in_pages_of_few_rows(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_ledger(None, clock)
    waited = [ledger.write(disclosure("p1", resources=[f"Observation/{n}/{'1' * 50}"])) for n in range(20_000)]
    assert waited[-1].result(60) == 20_000
    with ledger.reading() as database:
        tracemalloc.start()
        assert sum(1 for _ in breach(database, period(), ZONE)) == 20_000
        assert sum(1 for _ in accounting(database, ["p1"], period(), named, ZONE)) == 20_000
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 3_000_000
    ledger.close()


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(formula: str) -> None:
    said = str(cell(formula))
    assert said[0] in "'\\"


@given(st.lists(st.text()))
def test_a_sheet_is_read_back_without_formulas_and_control_characters(texts: list[str]) -> None:
    file = io.StringIO()
    write_sheet(file, ["a"] * len(texts), [texts])
    file.getvalue().encode()
    [_, row] = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert len(row) == len(texts)
    for said in row:
        assert all(ord(character) >= 32 and ord(character) != 127 for character in said)
        assert not said.startswith(("=", "+", "-", "@"))
