"""What is refused is counted for the privacy officer, alike for hidden and absent, and slows nothing."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapter import officer
from adapter.callers import Caller, ClientKind, Purpose
from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.store.inspection import inspect
from adapter.store.ledger import Ledger
from adapter.web.call import Aim, Call
from adapter.web.desk import Desk
from adapter.web.refusals import FEW, MOST, SOON, Refusals
from tests.doors.balp import check_shapes, claimed
from tests.doors.serving import Got
from tests.doors.test_guarded import OTHERS, THEIRS, Place, masked
from tests.store.conftest import Clock
from tests.store.serving import open_ledger
from tests.store.told import refusing

Json = dict[str, Any]
DESK = Desk(Settings())
NOWHERE = "00000000-0000-7000-8000-0000000000ff"
READ = Aim("read", "Patient", "/fhir/Patient/1")
KNOWN = Caller("ehr-1", ClientKind.PROVIDER_EHR, "org-1", Purpose.TREATMENT, (), "t")


def told(place: Place, asked: str = "outcome=8") -> list[Json]:
    """What the privacy officer finds."""
    asking = place.client("privacy-officer", scopes="user/*.cruds")
    got = asking("GET", f"/fhir/AuditEvent?{asked}")
    assert got.status == 200, got.body
    events = [entry["resource"] for entry in got.json.get("entry", ())]
    for event in events:
        check_shapes(event)
        assert asking("GET", f"/fhir/AuditEvent/{event['id']}").json == event
    return events


def test_hidden_and_absent_are_refused_and_counted_alike(place: Place) -> None:
    person = place.participant()
    provider = place.client("provider-ehr", scopes="system/*.rs")
    hidden = provider("GET", f"/fhir/Patient/{person}", **{"x-request-id": "r-7"})
    absent = provider("GET", f"/fhir/Patient/{NOWHERE}", **{"x-request-id": "r-7"})
    assert masked(hidden) == masked(absent)
    (event,) = told(place)
    assert event["type"]["code"] == "110113"
    assert (event["outcome"], event["subtype"][0]) == ("8", {"display": "Request refused"})
    assert event["subtype"][1]["code"] == "read"
    assert event["outcomeDesc"].startswith("404: there is no such resource; 2 times since ")
    application, user, authorizer = event["agent"]
    assert application["who"] == {"reference": f"Organization/{THEIRS}"}
    assert application["network"] == {"address": "127.0.0.1", "type": "2"}
    assert user["who"]["identifier"]["value"].startswith("provider-ehr")
    assert len(user["policy"][0]) == 16
    assert authorizer["who"] == event["source"]["observer"]
    assert event["entity"][0]["name"] == f"/fhir/Patient/{person}"
    assert event["entity"][1]["what"] == {"identifier": {"value": "r-7"}}
    assert claimed(event) == {"OAUTHaccessTokenUse.Opaque"}


def test_each_reason_is_one_event(place: Place) -> None:
    provider = place.client("provider-ehr", scopes="system/Patient.rs")
    batch = {"resourceType": "Bundle", "type": "batch"}
    batch["entry"] = [{"request": {"method": "GET", "url": "Observation/1"}}]
    bad = {"authorization": "Bearer nobody-has-this"}
    asked: list[Got] = [
        provider("GET", "/fhir/Encounter"),
        provider("POST", "/fhir/Patient", {"resourceType": "Patient"}),
        provider("GET", "/iop/participant"),
        place.guarded("GET", "/fhir/Patient", None, bad),
        place.guarded("GET", "/iop/participant", None, bad),
        place.guarded("GET", "/fhir/Patient"),  # says of nobody that it is somebody
        provider("GET", "/fhir/Nothing"),
        provider("POST", "/fhir", batch),
    ]
    assert [got.status for got in asked][:6] == [403, 403, 403, 401, 401, 401]
    events = told(place)
    said = [event["outcomeDesc"].partition(";")[0] for event in events]
    assert sum(line.startswith("401: the access token is not known here") for line in said) == 1  # of one address
    assert sum(line.startswith("403") for line in said) >= 3
    assert all(event["subtype"][0] == {"display": "Request refused"} for event in events)  # nobody decided anything
    nobody = next(event for event in events if event["outcomeDesc"].startswith("401"))
    assert nobody["agent"][0]["who"] == {"display": "somebody whom no token proves"}
    assert len(told(place, f"agent=Organization/{THEIRS}&outcome=8")) == len(events) - 1
    assert told(place, f"agent=Organization/{OTHERS}&outcome=8") == []
    assert told(place, "type=http://dicom.nema.org/resources/ontology/DCM|110113") == events
    assert told(place, "type=rest&outcome=8") == []


def test_nobody_else_is_told(place: Place) -> None:
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Patient/{NOWHERE}").status == 404
    for kind in ("program-ehr", "provider-ehr", "payer", "staff"):
        scopes = "user/*.cruds" if kind == "staff" else "system/*.cruds"
        assert place.client(kind, scopes=scopes)("GET", "/fhir/AuditEvent?outcome=8").status == 403


def test_refusals_stand_in_pages_with_the_rest(place: Place) -> None:
    provider = place.client("provider-ehr", scopes="system/*.rs")
    asking = place.client("privacy-officer", scopes="user/*.cruds")
    for type in ("Patient", "Encounter", "Goal"):
        assert provider("GET", f"/fhir/{type}/{NOWHERE}").status == 404
        asking("GET", "/fhir/AuditEvent?_count=1")  # writes down what was refused until now
    address, listed = "/fhir/AuditEvent?_count=1&outcome=8", []
    while address:
        got = asking("GET", address).json
        listed += [entry["resource"]["entity"][0]["name"] for entry in got["entry"]]
        following = [link["url"] for link in got["link"] if link["relation"] == "next"]
        address = following[0].partition("8000")[2] if following else ""
    assert listed == [f"/fhir/{type}/{NOWHERE}" for type in ("Patient", "Encounter", "Goal")]


async def _nothing() -> Json:
    return {}


def test_a_sheet_has_them_too(place: Place) -> None:
    provider = place.client("provider-ehr", scopes="system/Patient.rs")
    assert provider("GET", "/fhir/Encounter").status == 403
    assert len(told(place)) == 1
    sheet = io.StringIO()
    settings = place.program.settings
    officer.refusals(settings, officer.period_of(settings, None, None, place.program.clock()), sheet)
    (row,) = csv.DictReader(io.StringIO(sheet.getvalue()))
    assert (row["number"], row["status"], row["organization"]) == ("1", "403", THEIRS)
    assert (row["interaction"], row["type"], row["first_address"]) == ("search-type", "Encounter", "/fhir/Encounter")


def noted(refusals: Refusals, network: str, aim: Aim = READ, caller: Caller | None = None) -> None:
    """One refusal, of somebody with a token that proves nobody or a client."""
    scope: Json = {"method": "GET", "path": aim.path, "client": (network, 1)}
    call = Call(scope | {"headers": [(b"authorization", b"Bearer x")]}, _nothing, DESK)
    call.caller = caller
    refusals.note(call, Problem(Kind.LOGIN, "no"), aim)


def flooded(flood: Callable[[Refusals], None]) -> list[tuple[int, str, str, str]]:
    """Number, client, interaction and reason of the rows that a flood leaves."""
    clock = Clock()
    ledger = open_ledger(None, clock)
    refusals = Refusals(ledger, clock)

    async def run() -> None:
        flood(refusals)
        written = refusals.write()
        assert written is not None
        await asyncio.wrap_future(written)
        assert refusals.write() is None

    asyncio.run(run())
    with ledger.reading() as database:
        rows = database.execute("SELECT number, client, interaction, reason FROM refused ORDER BY n").fetchall()
        assert inspect(database).faults == []
    ledger.close()
    return list(rows)


def test_a_flood_leaves_few_rows_and_all_are_counted() -> None:
    def flood(refusals: Refusals) -> None:
        for n in range(5_000):
            noted(refusals, f"192.0.2.{n % 250}")

    rows = flooded(flood)
    assert len(rows) == FEW + 1
    assert sum(number for number, *_ in rows) == 5_000
    assert rows[-1][3] == f"more than {FEW} reasons within a minute"


def test_whom_no_token_proves_takes_no_room_of_clients() -> None:
    types = [f"Type{n}" for n in range(50)]

    def flood(refusals: Refusals) -> None:
        for n in range(1_000):
            noted(refusals, "192.0.2.1", Aim("read" if n % 2 else "create", types[n % 50], "/fhir/x"))
        for type in types:
            noted(refusals, "192.0.2.2", Aim("read", type, f"/fhir/{type}/1"), KNOWN)

    rows = flooded(flood)
    assert [row[:3] for row in rows if not row[1]] == [(1_000, "", "")]
    assert [row[:3] for row in rows if row[1]] == [(1, "ehr-1", "read")] * 50


def test_what_is_beyond_the_room_still_names_its_client() -> None:
    other = replace(KNOWN, client="ehr-2")

    def flood(refusals: Refusals) -> None:
        for n in range(2 * MOST):
            noted(refusals, f"192.0.2.{n}", caller=KNOWN)
        noted(refusals, "192.0.2.1", caller=other)

    rows = flooded(flood)
    assert len(rows) == MOST + 2
    beyond = f"more than {MOST} reasons within a minute"
    assert [row for row in rows if row[3] == beyond] == [(MOST, "ehr-1", "", beyond), (1, "ehr-2", "", beyond)]


def test_a_refusal_that_cannot_be_noted_is_logged_and_later_ones_are_written(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    ledger = open_ledger(None, clock)
    refusals = Refusals(ledger, clock)
    noted(refusals, "192.0.2.1")  # where no loop runs
    assert "a refused request could not be noted: RuntimeError" in caplog.text

    async def later() -> None:
        noted(refusals, "192.0.2.1")
        await asyncio.sleep(SOON + 0.2)

    asyncio.run(later())
    ledger.close()
    assert refusals.write() is None
    asyncio.run(noting(refusals))
    assert refusals.write() is None
    assert "1 refused requests could not be written down" in caplog.text


async def noting(refusals: Refusals) -> None:
    """One more."""
    noted(refusals, "192.0.2.1")


def test_what_a_batch_is_refused_is_told_by_entry(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    provider = place.client("provider-ehr", scopes="system/*.cruds")
    asked = [("DELETE", f"Encounter/{NOWHERE}"), ("GET", f"Patient/{NOWHERE}"), ("GET", f"Goal/{NOWHERE}/_history")]
    asked += [("DELETE", f"Encounter/{NOWHERE}"), ("PUT", "Nothing/1"), ("GET", "Nothing/1")]
    batch: Json = {"resourceType": "Bundle", "type": "batch"}
    batch["entry"] = [{"request": {"method": method, "url": url}} for method, url in asked]
    got = provider("POST", "/fhir", batch)
    assert got.status == 200, got.body
    assert [entry["response"]["status"][:3] for entry in got.json["entry"]][:3] == ["404", "404", "404"]
    events = {event["entity"][0]["name"]: event for event in told(place)}
    seen = {name: event["subtype"][-1].get("code") for name, event in events.items()}
    assert "/fhir" not in seen
    assert "could not be noted" not in caplog.text
    assert seen[f"/fhir/Encounter/{NOWHERE}"] == "delete"
    assert seen[f"/fhir/Patient/{NOWHERE}"] == "read"
    assert seen[f"/fhir/Goal/{NOWHERE}/_history"] == "history-instance"
    assert "; 2 times since " in events[f"/fhir/Encounter/{NOWHERE}"]["outcomeDesc"]


def test_a_ledger_that_fails_keeps_no_refusal_from_being_answered(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    provider = place.client("provider-ehr", scopes="system/*.rs")

    monkeypatch.setattr(Ledger, "_appended", refusing(Problem(Kind.BUSY, "no")))
    assert provider("GET", f"/fhir/Patient/{NOWHERE}").status == 404
    asking = place.client("privacy-officer", scopes="user/*.cruds")
    assert asking("GET", "/fhir/AuditEvent?outcome=8").status == 503
    assert "1 refused requests could not be written down" in caplog.text
