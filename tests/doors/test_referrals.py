"""A facility refers somebody: what is taken, what it sees of it, and what it does not learn."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors.packets import packet, resources
from tests.doors.test_guarded import OTHERS, THEIRS, Place, Sender, officer

Json = dict[str, Any]
SCOPES = "system/*.rs system/Bundle.c"
SUBMIT = "/fhir/$submit-referral"


@pytest.fixture
def house(place: Place) -> Sender:
    """A facility."""
    return place.client("facility", THEIRS, SCOPES)


def told(got: Any) -> dict[str, Json]:
    """The outputs by name."""
    return {one["name"]: one.get("resource") or one["valueReference"] for one in got.json["parameter"]}


def ids(place: Place, type: str) -> list[str]:
    return sorted(entry["resource"]["id"] for entry in officer(place)("GET", f"/fhir/{type}").json.get("entry", []))


@pytest.mark.parametrize("kind", ["transaction", "collection"])
def test_a_bundle_is_taken_and_answered_with_its_task(place: Place, house: Sender, kind: str) -> None:
    got = house("POST", SUBMIT, packet(kind))
    assert got.status == 201, got.body
    said = told(got)
    task, referral = said["task"], said["referral"]["reference"]
    assert (task["status"], task["focus"]["reference"]) == ("received", referral)
    remarks = {issue.get("expression", [""])[0]: issue["details"]["text"] for issue in said["outcome"]["issue"]}
    assert "no Consent came with it" in remarks["ServiceRequest.supportingInfo"]
    assert "its sender keeps" in remarks["Bundle.entry[1].resource.performer[0].reference"]
    stored = house("GET", f"/fhir/{referral}").json
    assert stored["requester"]["reference"] == f"Organization/{THEIRS}"
    assert stored["performer"][0]["identifier"]["value"] == "https://house.example/fhir/Practitioner/9"
    assert house("GET", f"/fhir/Task?focus={referral}").json["total"] == 1
    for type in ("Patient", "AllergyIntolerance", "Flag"):
        assert house("GET", f"/fhir/{type}").json["total"] == 1, type


def test_a_transaction_is_the_same_door(place: Place, house: Sender) -> None:
    sent = packet()
    got = house("POST", "/fhir", sent)
    assert got.status == 200, got.body
    assert [entry["response"]["status"][:3] for entry in got.json["entry"]] == ["201", "201", "200", "201", "201"]
    assert len(got.json["entry"]) == len(sent["entry"])
    again = house("POST", SUBMIT, packet("collection"))
    assert again.status == 200
    assert told(again)["referral"]["reference"] in got.json["entry"][1]["response"]["location"]


def test_a_service_request_with_what_it_contains_is_a_referral(place: Place, house: Sender) -> None:
    parts = resources()
    inner = [{**parts[f"urn:uuid:{name}"], "id": name} for name in ("p", "a")]
    inner[1]["patient"] = {"reference": "#p"}
    request = parts["urn:uuid:r"] | {"contained": inner, "subject": {"reference": "#p"}}
    request |= {"supportingInfo": [{"reference": "#a"}], "requester": {"reference": f"Organization/{THEIRS}"}}
    got = house("POST", SUBMIT, request)
    assert got.status == 201, got.body
    stored = house("GET", f"/fhir/{told(got)['referral']['reference']}").json
    assert "contained" not in stored
    assert house("GET", f"/fhir/{stored['subject']['reference']}").json["birthDate"] == "1990-05-17"


def test_sent_twice_and_by_many_hands_it_is_one(place: Place, house: Sender) -> None:
    who = {"authorization": f"Bearer {house.token}", "content-type": "application/fhir+json"}
    answers = place.guarded.together([("POST", SUBMIT, packet(), who)] * 64)
    assert sorted(got.status for got in answers) == [200] * 63 + [201]
    assert len({told(got)["task"]["id"] for got in answers}) == 1
    assert len(ids(place, "Patient")) == len(ids(place, "ServiceRequest")) == 1
    other = packet()
    other["entry"][0]["resource"]["birthDate"] = "1991-01-01"
    got = house("POST", SUBMIT, other)
    assert got.status == 200
    assert "other content" in got.body.decode()


def test_what_came_is_for_intake_alone_and_its_sender(place: Place, house: Sender) -> None:
    said = told(house("POST", SUBMIT, packet()))
    task, patient = said["task"]["id"], said["task"]["for"]["reference"]
    assert officer(place)("GET", f"/fhir/{patient}").status == 200
    absent = place.client("program-ehr", scopes="system/*.rs")("GET", "/fhir/Patient/nobody")
    for other in (
        place.client("program-ehr", scopes="system/*.rs"),
        place.client("facility", OTHERS, SCOPES),
        place.client("provider-ehr", THEIRS, "system/*.rs"),
    ):
        for address in (f"Task/{task}", patient, said["referral"]["reference"]):
            got = other("GET", f"/fhir/{address}")
            assert (got.status, got.body) == (absent.status, absent.body)
        assert other("GET", "/fhir/Task").json["total"] == 0


def covering(place: Place, patient: str) -> Json:
    """A consent that lets the facility be told of its referral."""
    recipients = [{"recipient": f"Organization/{THEIRS}"}]
    return place.consent(patient, recipients=recipients)


def moved(place: Place, task: str, state: str, **more: Any) -> Any:
    """Staff say where a referral stands now."""
    at = place.staff("GET", f"/iop/referral_task/{task}")
    return place.staff(
        "PATCH", f"/iop/referral_task/{task}", {"state": state, **more}, {"if-match": at.headers["etag"]}
    )


def settled(place: Place, task: str) -> None:
    got = place.staff("POST", f"/iop/intake/{task}/$settle", {"participant": "new"})
    assert got.status == 200, got.body


def test_intake_sees_what_waits_and_says_who_it_is(place: Place, house: Sender) -> None:
    said = told(house("POST", SUBMIT, packet()))
    task = said["task"]["id"]
    [item] = place.staff("GET", "/iop/intake").json["items"]
    assert (item["task"], item["state"], item["sender"]) == (task, "received", f"Organization/{THEIRS}")
    assert (item["participant"]["birth_date"], item["parts"]["AllergyIntolerance"]) == ("1990-05-17", 1)
    got = moved(place, task, "accepted")
    assert got.status == 409
    assert "who the person is" in got.body.decode()
    settled(place, task)
    assert place.staff("GET", "/iop/intake").json["items"] == []
    ehr = place.client("program-ehr", scopes="system/*.rs")
    assert ehr("GET", f"/fhir/{said['task']['for']['reference']}").status == 200
    assert place.staff("POST", f"/iop/intake/{task}/$settle", {"participant": "new"}).status == 404


def test_a_move_that_skips_a_state_is_refused_with_the_legal_ones(place: Place, house: Sender) -> None:
    task = told(house("POST", SUBMIT, packet()))["task"]["id"]
    settled(place, task)
    got = moved(place, task, "admitted")
    assert got.status == 409
    assert "in_review becomes ready or accepted or waitlisted" in got.body.decode()
    assert moved(place, task, "accepted").status == 200


def test_an_admission_opens_the_episode(place: Place, house: Sender) -> None:
    said = told(house("POST", SUBMIT, packet()))
    task, referral = said["task"]["id"], said["referral"]["reference"]
    settled(place, task)
    for state in ("accepted", "scheduled", "admitted"):
        assert moved(place, task, state).status == 200
    [episode] = officer(place)("GET", f"/fhir/EpisodeOfCare?incoming-referral={referral}").json["entry"]
    assert episode["resource"]["status"] == "active"
    assert place.staff("GET", f"/iop/referral_task/{task}").json["episode"] == episode["resource"]["id"]


def test_without_a_consent_its_sender_learns_nothing(place: Place, house: Sender) -> None:
    """The same bytes, version and time, in the end as in the beginning."""
    said = told(house("POST", SUBMIT, packet()))
    task = said["task"]["id"]
    addresses = [
        f"/fhir/Task/{task}",
        f"/fhir/Task/{task}/_history",
        "/fhir/Task",
        f"/fhir/{said['task']['for']['reference']}",
    ]

    def seen() -> list[Any]:
        return [
            (got.status, got.headers.get("etag"), got.headers.get("last-modified"), got.json)
            for got in (house("GET", at) for at in addresses)
        ]

    before = seen()
    settled(place, task)
    for state in ("accepted", "scheduled", "no_show", "scheduled", "admitted"):
        assert moved(place, task, state).status == 200
        assert seen() == before
    assert house("GET", "/fhir/EpisodeOfCare").status == 403


def test_a_consent_lets_it_be_told_and_its_end_takes_it_back(place: Place, house: Sender) -> None:
    said = told(house("POST", SUBMIT, packet()))
    task, patient = said["task"]["id"], said["task"]["for"]["reference"].partition("/")[2]
    before = house("GET", f"/fhir/Task/{task}")
    settled(place, task)
    assert moved(place, task, "accepted").status == 200
    consent = covering(place, patient)
    now = house("GET", f"/fhir/Task/{task}")
    assert now.json["status"] == "accepted"
    assert now.headers["etag"] != before.headers["etag"]
    assert now.json["focus"] == before.json["focus"]
    found = house("GET", "/fhir/Task?status=accepted").json
    assert [entry["resource"] for entry in found["entry"]] == [now.json]
    assert house("GET", "/fhir/Task?status=received").json["total"] == 0
    place.revoked(consent)
    after = house("GET", f"/fhir/Task/{task}")
    assert (after.status, after.body, after.headers["etag"]) == (200, before.body, before.headers["etag"])


def test_what_it_is_told_is_in_the_ledger_with_its_ground(place: Place, house: Sender) -> None:
    said = told(house("POST", SUBMIT, packet()))
    task, patient = said["task"]["id"], said["task"]["for"]["reference"].partition("/")[2]
    settled(place, task)
    assert moved(place, task, "accepted").status == 200
    consent = covering(place, patient)
    house("GET", f"/fhir/Task/{task}")
    got = officer(place)("GET", f"/fhir/Patient/{patient}/$disclosures")
    assert got.status == 200
    assert consent["id"] in got.body.decode(), got.body
