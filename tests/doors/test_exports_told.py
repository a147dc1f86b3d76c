"""A client that wants to is told that its export is ready, and nobody else is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doors.receiving import Receiver
from tests.doors.serving import door
from tests.doors.subscribers import SCOPES, place_to_tell, subscribed, subscriber, subscription, work
from tests.doors.test_exports import begun
from tests.doors.test_guarded import OURS, Place, disclosures

READS = f"{SCOPES} system/Location.rs"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with place_to_tell(tmp_path) as place:
        yield place


def test_who_asked_for_an_export_is_told_that_it_is_ready(place: Place, receiver: Receiver) -> None:
    own, other = (subscriber(place, receiver, scopes=READS) for _ in range(2))
    made, others = (subscribed(one, receiver, "export-ready") for one in (own, other))
    work(place)
    hellos = len(receiver.sent)
    status = begun(own, "Patient/$export?_type=Location")
    work(place)
    work(place)
    [told] = receiver.sent[hellos:]
    [event] = told.said["events"]
    address = f"{place.program.base_url}{status.removeprefix('/fhir')}"
    assert (event["event-number"], event["focus"]["reference"]) == ("1", address)
    assert not door().check(told.json)
    assert [entry.get("fullUrl") for entry in told.json["entry"]][1:] == [address]
    assert own("GET", status).status == 200
    assert ("program-ehr", "notification", []) in [(kind, what, whom) for kind, _, what, whom in disclosures(place)]
    missed = own("GET", f"/fhir/Subscription/{made.id}/$events")
    assert address in missed.body.decode()
    assert address not in other("GET", f"/fhir/Subscription/{others.id}/$events").body.decode()


def test_of_an_export_that_is_gone_nobody_is_told(place: Place, receiver: Receiver) -> None:
    own = subscriber(place, receiver, scopes=READS)
    made = subscribed(own, receiver, "export-ready")
    work(place)
    receiver.answers = lambda handler: (500, {})
    gone = begun(own, "Patient/$export?_type=Location")
    work(place)
    sent = len(receiver.sent)
    assert own("DELETE", gone).status == 202
    kept = begun(own, "Patient/$export?_type=Location")
    receiver.answers = lambda handler: (204, {})
    lead = place.client("staff", OURS, "user/*.rs")
    assert lead("POST", f"/iop/deliveries/notify/{made.id}/$replay").status == 202
    work(place)
    told = [event["focus"]["reference"] for one in receiver.sent[sent:] for event in one.said["events"]]
    assert [address.rpartition("/")[2] for address in told] == [kept.rpartition("/")[2]]


def test_export_ready_is_for_who_can_ask_for_exports_and_is_not_filtered(place: Place, receiver: Receiver) -> None:
    payer = subscriber(place, receiver, "payer", scopes="system/Subscription.crds system/Encounter.rs")
    assert subscribed(payer, receiver, "export-ready").status == 201
    provider = subscriber(place, receiver, "provider-ehr")
    assert provider("POST", "/fhir/Subscription", subscription(receiver, "export-ready")).status == 403
    own = subscriber(place, receiver)
    for filters in ("patient=Patient/1", "Patient?patient=Patient/1"):
        assert own("POST", "/fhir/Subscription", subscription(receiver, "export-ready", filters)).status == 422
