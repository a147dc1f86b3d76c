"""Clients are told of what happens: who of what, signed, numbered, as far as they may see it when they are told."""

from __future__ import annotations

import base64
import hmac
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapter.consent.predicate import everything
from adapter.fhir.canonical import BASE
from adapter.notifications.sight import seen
from adapter.store.subscriptions import Delivery
from adapter.store.transaction import Transaction
from tests.doors.packets import packet
from tests.doors.receiving import Receiver
from tests.doors.serving import door
from tests.doors.subscribers import (
    change,
    changed,
    episode,
    place_to_tell,
    secret,
    standing,
    subscribed,
    subscriber,
    subscription,
    work,
)
from tests.doors.test_guarded import THEIRS, Place, disclosures
from tests.doors.test_referrals import SCOPES as REFERS
from tests.doors.test_referrals import SUBMIT, covering, settled, told
from tests.doors.test_referrals import moved as stands


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with place_to_tell(tmp_path) as place:
        yield place


def test_after_the_handshake_a_client_is_told_once_of_what_happens_and_can_tell_that_it_is_us(
    place: Place, receiver: Receiver
) -> None:
    own = subscriber(place, receiver)
    made = subscribed(own, receiver)
    assert made.json["status"] == "requested"
    work(place)
    [hello] = receiver.sent
    assert (hello.said["type"], hello.said["status"], hello.said["events-since-subscription-start"]) == (
        "handshake",
        "requested",
        "0",
    )
    assert own("GET", f"/fhir/Subscription/{made.id}").json["status"] == "active"
    admitted = episode(place, place.participant())
    work(place)
    work(place)
    [_, told] = receiver.sent
    [event] = told.said["events"]
    address = f"{place.program.base_url}/EpisodeOfCare/{admitted.id}"
    assert (event["event-number"], event["focus"]["reference"]) == ("1", address)
    assert [entry.get("fullUrl") for entry in told.json["entry"]][1:] == [address]
    assert not door().check(told.json)
    assert told.headers["content-type"] == "application/fhir+json"
    said = b".".join((told.headers["webhook-id"].encode(), told.headers["webhook-timestamp"].encode(), told.body))
    key = base64.b64decode(secret(made).removeprefix("whsec_"))
    signed = base64.b64encode(hmac.digest(key, said, "sha256")).decode()
    assert told.headers["webhook-signature"] == f"v1,{signed}"
    assert ("program-ehr", "qsoa", "notification") in [row[:3] for row in disclosures(place)]


def test_only_those_are_told_who_may_see_it_then_and_numbers_have_no_gaps(place: Place, receiver: Receiver) -> None:
    other = subscriber(place, receiver, "provider-ehr", THEIRS)
    subscribed(other, receiver)
    work(place)
    hidden, shown = place.participant(), place.participant()
    place.treated(shown)
    consent = place.consent(shown)
    episode(place, hidden)
    first = episode(place, shown)
    episode(place, hidden)
    second = episode(place, shown)
    work(place)
    focuses = [one.said["events"][0]["focus"]["reference"].rpartition("/")[2] for one in receiver.events]
    assert focuses == [first.id, second.id]
    assert [one.numbers for one in receiver.events] == [[1], [2]]
    ground = [row for row in disclosures(place) if row[2] == "notification"]
    assert [row[1] for row in ground] == [consent["id"]] * 2
    third = episode(place, shown)
    place.revoked(consent)
    work(place)
    assert len(receiver.events) == 2
    assert third.id not in str(receiver.sent[-1].body)
    place.consent(shown)
    episode(place, shown)
    work(place)
    assert receiver.events[-1].numbers == [3]


def test_a_change_of_status_is_told_and_another_change_is_not(place: Place, receiver: Receiver) -> None:
    own = subscriber(place, receiver)
    for topic in ("admitted", "discharged"):
        subscribed(own, receiver, topic)
    work(place)
    stay = episode(place, place.participant(), "planned")
    changed(place, stay, status="active")
    changed(place, stay, period={"start": "2026-02-02T09:00:00Z"})
    changed(place, stay, status="onhold")
    changed(place, stay, status="active")
    changed(place, stay, status="finished", period={"start": "2026-02-02T09:00:00Z", "end": "2026-02-20T09:00:00Z"})
    work(place)
    topics = [one.said["topic"].rpartition("/")[2] for one in receiver.events]
    assert sorted(topics) == ["admitted", "discharged"]


def test_what_fails_is_tried_again_with_the_same_id_and_after_a_day_waits_for_staff(
    place: Place, receiver: Receiver
) -> None:
    own = subscriber(place, receiver)
    made = subscribed(own, receiver)
    work(place)
    receiver.answers = lambda handler: (503, {"retry-after": "120"})
    episode(place, place.participant())
    work(place)
    clock = place.program.clock
    while standing(place, made.id).status == "active":
        clock.now += timedelta(minutes=30)  # type: ignore[attr-defined]
        work(place)
    tried = receiver.events
    assert 8 <= len(tried) <= 30
    assert len({one.headers["webhook-id"] for one in tried}) == 1
    assert {tuple(one.numbers) for one in tried} == {(1,)}
    episode(place, place.participant())
    lead = place.client("staff", scopes="user/*.cruds")
    [item] = lead("GET", "/iop/deliveries").json["items"]
    assert (item["key"], item["status"], item["waiting"]) == (made.id, "error", 2)
    assert item["reason"] == "it was answered 503"
    receiver.answers = lambda handler: (200, {})
    assert lead("POST", f"/iop/deliveries/notify/{made.id}/$replay").status == 202
    work(place)
    assert [one.numbers for one in receiver.events][-2:] == [[1], [2]]
    assert lead("GET", "/iop/deliveries").json["items"] == []
    assert standing(place, made.id).status == "active"


def test_an_event_that_could_not_be_sent_has_no_number_yet_so_one_that_is_hidden_meanwhile_leaves_no_gap(
    place: Place, receiver: Receiver
) -> None:
    other = subscriber(place, receiver, "provider-ehr", THEIRS)
    made = subscribed(other, receiver)
    work(place)
    one, two = place.participant(), place.participant()
    for person in (one, two):
        place.treated(person)
    consent, url = place.consent(one), receiver.url
    place.consent(two)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    moved(place, made.id, nowhere)
    episode(place, one)
    episode(place, two)
    work(place)
    assert (standing(place, made.id).numbered, standing(place, made.id).failure) == (0, "no connection could be made")
    place.revoked(consent)
    moved(place, made.id, url)
    place.program.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    work(place)
    assert [one.numbers for one in receiver.events] == [[1]]
    assert standing(place, made.id).failure is None


def moved(place: Place, id: str, url: str) -> None:
    """Another endpoint, which no client may ask for."""

    def work(transaction: Transaction) -> None:
        transaction.database.execute("UPDATE subscription SET endpoint = ? WHERE id = ?", (url, id))

    place.program.store.write(work).result(30)
    change(place, standing(place, id).client, endpoints=url)


def test_a_client_that_is_not_registered_for_it_any_more_is_told_nothing(place: Place, receiver: Receiver) -> None:
    clients = [subscriber(place, receiver) for _ in range(3)]
    made = [subscribed(client, receiver) for client in clients]
    work(place)
    ids = [standing(place, one.id).client for one in made]
    place.program.store.change_clients(lambda known: known.enable(ids[0], False)).result(30)
    change(place, ids[1], endpoints="https://clinic.example/told")
    change(place, ids[2], scopes="system/Patient.rs")
    episode(place, place.participant())
    work(place)
    assert receiver.events == []
    assert [standing(place, one.id).status for one in made] == ["error", "error", "active"]
    place.program.store.change_clients(lambda known: known.enable(ids[0], True)).result(30)
    lead = place.client("staff", scopes="user/*.cruds")
    for one in made[:2]:
        assert lead("POST", f"/iop/deliveries/notify/{one.id}/$replay").status == 202
    work(place)
    assert len(receiver.events) == 1
    assert lead("POST", "/iop/deliveries/notify/none/$replay").status == 404
    counselor = place.client("provider-ehr")
    assert counselor("GET", "/iop/deliveries").status == 403


def test_a_handshake_that_is_refused_is_tried_again(place: Place, receiver: Receiver) -> None:
    own = subscriber(place, receiver)
    receiver.answers = lambda handler: (400, {})
    made = subscribed(own, receiver)
    work(place)
    episode(place, place.participant())
    assert (len(receiver.sent), standing(place, made.id).status) == (1, "requested")
    assert standing(place, made.id).failure == "it was answered 400"
    receiver.answers = lambda handler: (200, {})
    place.program.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    work(place)
    assert [one.said["type"] for one in receiver.sent] == ["handshake", "handshake"]
    assert standing(place, made.id).status == "active"


def test_a_sign_of_life_comes_when_nothing_else_does_and_nothing_comes_after_the_end(
    place: Place, receiver: Receiver
) -> None:
    own, clock = subscriber(place, receiver), place.program.clock
    sent = subscription(receiver, numbers={"heartbeat-period": 600})
    ending = (clock() + timedelta(hours=1)).isoformat()
    made = own("POST", "/fhir/Subscription", sent | {"end": ending})
    assert made.status == 201, made.body
    work(place)
    for minutes, number in ((5, 1), (11, 2), (5, 2), (11, 3), (60, 3)):
        clock.now += timedelta(minutes=minutes)  # type: ignore[attr-defined]
        work(place)
        assert len(receiver.sent) == number
    assert {one.said["type"] for one in receiver.sent[1:]} == {"heartbeat"}
    assert standing(place, made.id).status == "off"
    episode(place, place.participant())
    work(place)
    assert len(receiver.sent) == 3


def test_as_many_events_go_together_as_are_wanted_and_what_names_nobody_names_nobody(
    place: Place, receiver: Receiver
) -> None:
    own = subscriber(place, receiver)
    subscribed(own, receiver, numbers={"max-count": 3, "timeout": 5}, content="empty")
    work(place)
    stays = [episode(place, place.participant()).id for _ in range(7)]
    work(place)
    assert [one.numbers for one in receiver.events] == [[1, 2, 3], [4, 5, 6], [7]]
    assert not any(id.encode() in one.body for id in stays for one in receiver.events)
    assert [len(one.json["entry"]) for one in receiver.events] == [1, 1, 1]


def test_nothing_is_sent_that_is_not_in_the_ledger(place: Place, receiver: Receiver) -> None:
    own = subscriber(place, receiver)
    made = subscribed(own, receiver)
    work(place)
    episode(place, place.participant())
    work(place, ledger_fails=True)
    assert receiver.events == []
    assert standing(place, made.id).numbered == 0
    place.program.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    work(place)
    assert [one.numbers for one in receiver.events] == [[1]]


def test_of_a_change_that_does_not_reach_what_a_client_is_shown_it_is_not_told(place: Place) -> None:
    stay = episode(place, place.participant())
    t = place.program.store.t
    events = [Delivery(n, "event", "EpisodeOfCare", stay.id, at, 0, None, 0) for n, at in enumerate((t, t + 1))]
    assert list(seen(place.program, everything("a test"), events)) == [0]


def test_a_change_that_does_not_come_about_is_told_to_nobody(place: Place, receiver: Receiver) -> None:
    subscribed(subscriber(place, receiver), receiver)
    work(place)
    stay = {"resourceType": "EpisodeOfCare", "status": "active"}
    gone = {"resourceType": "EpisodeOfCare", "status": "nonsense", "patient": {"reference": "Patient/none"}}
    entries = [
        {"resource": one, "request": {"method": "POST", "url": "EpisodeOfCare"}}
        for one in (stay | {"patient": {"reference": f"Patient/{place.participant()}"}}, gone)
    ]
    got = place.staff("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert got.status in (400, 422)
    with place.program.store.asking() as database:
        assert database.execute("SELECT count(*) FROM delivery").fetchone()[0] == 0


def referral(person: str) -> dict[str, object]:
    """A step-down referral of a person."""
    kind = {"system": f"{BASE}/CodeSystem/referral-kind", "code": "step-down"}
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [{"coding": [kind]}],
        "subject": {"reference": f"Patient/{person}"},
    }


def test_a_referral_that_moves_is_told_whatever_door_moves_it(place: Place, receiver: Receiver) -> None:
    subscribed(subscriber(place, receiver), receiver, "referral-status-changed")
    work(place)
    person = place.participant()
    asked = place.staff("POST", "/fhir/ServiceRequest", referral(person))
    assert asked.status == 201, asked.body
    task = {
        "resourceType": "Task",
        "status": "received",
        "intent": "order",
        "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
        "for": {"reference": f"Patient/{person}"},
        "focus": {"reference": f"ServiceRequest/{asked.id}"},
    }
    made = place.staff("POST", "/fhir/Task", task)
    assert made.status == 201, made.body
    changed(place, made, description="A word to intake")
    got = place.staff("GET", f"/iop/referral_task/{made.id}")
    moved = place.staff(
        "PATCH", f"/iop/referral_task/{made.id}", {"state": "accepted"}, {"if-match": got.headers["etag"]}
    )
    assert moved.status == 200, moved.body
    other = {name: value for name, value in task.items() if name not in ("code", "focus")}
    assert place.staff("POST", "/fhir/Task", other).status == 201
    work(place)
    assert [one.said["events"][0]["focus"]["reference"].rpartition("/")[2] for one in receiver.events] == [made.id] * 2


def test_a_facility_is_told_that_its_referral_has_moved_as_far_as_a_consent_lets_it(
    place: Place, receiver: Receiver
) -> None:
    """It is not told that anything happened while no consent covers it, nor told of it later."""
    house = subscriber(place, receiver, "facility", THEIRS, f"{REFERS} system/Subscription.crds")
    subscribed(house, receiver, "referral-status-changed")
    said = told(house("POST", SUBMIT, packet()))
    task, patient = said["task"]["id"], said["task"]["for"]["reference"].partition("/")[2]
    work(place)
    received = len(receiver.events)
    settled(place, task)
    assert stands(place, task, "accepted").status == 200
    work(place)
    assert len(receiver.events) == received
    consent = covering(place, patient)
    assert stands(place, task, "scheduled").status == 200
    work(place)
    assert len(receiver.events) == received + 1
    assert receiver.events[-1].said["events"][0]["focus"] == {"reference": f"{place.program.base_url}/Task/{task}"}
    numbers = [number for one in receiver.events for number in one.numbers]
    assert numbers == [*range(1, len(numbers) + 1)]
    place.revoked(consent)
    assert stands(place, task, "admitted").status == 200
    work(place)
    assert len(receiver.events) == received + 1
