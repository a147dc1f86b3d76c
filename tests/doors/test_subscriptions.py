"""Clients are told of what happens: who of what, signed, numbered, as far as they may see it when they are told."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.doors.receiving import Receiver, receiving
from tests.doors.serving import door
from tests.doors.subscribers import changed, episode, place_to_tell, secret, standing, subscribed, subscriber, work
from tests.doors.test_guarded import THEIRS, Place, disclosures


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with place_to_tell(tmp_path) as place:
        yield place


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


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
    assert (item["subscription"], item["status"], item["waiting"]) == (made.id, "error", 2)
    assert item["reason"] == "it was answered 503"
    receiver.answers = lambda handler: (200, {})
    assert lead("POST", f"/iop/deliveries/{made.id}/$replay").status == 202
    work(place)
    assert [one.numbers for one in receiver.events][-2:] == [[1], [2]]
    assert lead("GET", "/iop/deliveries").json["items"] == []
    assert standing(place, made.id).status == "active"
