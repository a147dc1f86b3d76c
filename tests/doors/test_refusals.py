"""What is refused is counted for the privacy officer, alike for hidden and absent, and slows nothing."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter import officer
from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.store.inspection import inspect
from adapter.store.ledger import Ledger
from adapter.web.call import Call
from adapter.web.desk import Desk
from adapter.web.refusals import MOST, Refusals
from tests.doors.balp import check_shapes, claimed
from tests.doors.serving import Got
from tests.doors.test_guarded import OTHERS, THEIRS, Place, masked, placed
from tests.store.conftest import Clock
from tests.store.serving import open_ledger

Json = dict[str, Any]
DESK = Desk(Settings())
NOWHERE = "00000000-0000-7000-8000-0000000000ff"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """An empty program with three organizations."""
    with placed(tmp_path) as place:
        yield place


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
    assert (event["outcome"], event["subtype"][0]["code"]) == ("8", "AuthZ-Consent")
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
    assert sum(line.startswith("401: the access token is not known here") for line in said) == 2
    assert sum(line.startswith("403") for line in said) >= 3
    assert {event["subtype"][0]["code"] for event in events} == {"AuthZ-Role"}
    nobody = next(event for event in events if event["outcomeDesc"].startswith("401"))
    assert nobody["agent"][0]["who"] == {"display": "somebody whom no token proves"}
    assert len(told(place, f"agent=Organization/{THEIRS}&outcome=8")) == len(events) - 2
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


def noted(refusals: Refusals, network: str) -> None:
    """One refusal, of somebody with a token that proves nobody."""
    scope: Json = {"method": "GET", "path": "/fhir/Patient/1", "client": (network, 1)}
    call = Call(scope | {"headers": [(b"authorization", b"Bearer x")]}, _nothing, DESK)
    refusals.note(call, Problem(Kind.LOGIN, "no"))


def test_a_flood_leaves_few_rows_and_all_are_counted() -> None:
    clock = Clock()
    ledger = open_ledger(None, clock)
    refusals = Refusals(ledger, clock)

    async def flood() -> None:
        for n in range(5_000):
            noted(refusals, f"192.0.2.{n % 250}")
        written = refusals.write()
        assert written is not None
        await asyncio.wrap_future(written)
        assert refusals.write() is None

    asyncio.run(flood())
    with ledger.reading() as database:
        rows = database.execute("SELECT number, reason FROM refused ORDER BY n").fetchall()
        assert inspect(database).faults == []
    ledger.close()
    assert len(rows) == MOST + 1
    assert sum(number for number, _ in rows) == 5_000
    assert rows[-1][1] == f"more than {MOST} reasons within a minute"


def test_a_ledger_that_fails_keeps_no_refusal_from_being_answered(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    provider = place.client("provider-ehr", scopes="system/*.rs")

    def fails(self: Ledger, items: Any) -> Any:
        return [(None, Problem(Kind.BUSY, "no")) for _ in items]

    monkeypatch.setattr(Ledger, "_commit", fails)
    assert provider("GET", f"/fhir/Patient/{NOWHERE}").status == 404
    asking = place.client("privacy-officer", scopes="user/*.cruds")
    assert asking("GET", "/fhir/AuditEvent?outcome=8").status == 503
    assert "1 refused requests could not be written down" in caplog.text
