"""What a facility sends names nothing by its keys until intake has said who it is; sending twice tells it nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.doors.packets import packet, resources
from tests.doors.test_guarded import THEIRS, Place, Sender
from tests.doors.test_proposals import KEY
from tests.doors.test_referrals import SCOPES, SUBMIT, settled, told

Json = dict[str, Any]


@pytest.fixture
def house(place: Place) -> Sender:
    """A facility."""
    return place.client("facility", THEIRS, SCOPES)


def sent(house: Sender, number: str) -> Any:
    """A packet under a number of its own, of somebody and of an allergy with the same keys each time."""
    parts = resources()
    parts["urn:uuid:r"]["identifier"] = [{"system": "https://house.example/referrals", "value": number}]
    for part in ("urn:uuid:p", "urn:uuid:a"):
        parts[part]["identifier"] = [{"system": KEY, "value": f"K-{part}"}]
    return house("POST", SUBMIT, packet("collection", parts))


def known(place: Place, task: str) -> None:
    person = {"resourceType": "Patient", "name": [{"family": "Quill", "given": ["Ada"]}], "birthDate": "1990-05-17"}
    settled(place, task, participant=place.staff("POST", "/fhir/Patient", person).id)


def deleted(place: Place, task: str) -> None:
    settled(place, task)
    [patient] = [place.staff("GET", f"/fhir/Task/{task}").json["for"]["reference"]]
    allergies = place.staff("GET", f"/fhir/AllergyIntolerance?patient={patient}").json["entry"]
    for record in (f"AllergyIntolerance/{allergies[0]['resource']['id']}", patient):
        assert place.staff("DELETE", f"/fhir/{record}").status == 204


@pytest.mark.parametrize("done", [lambda *_: None, settled, known, deleted], ids=["waits", "new", "known", "deleted"])
def test_keys_that_are_sent_twice_are_taken_whatever_became_of_the_first(
    place: Place, house: Sender, done: Callable[[Place, str], None]
) -> None:
    first = sent(house, "K-1")
    assert first.status == 201, first.body
    done(place, told(first)["task"]["id"])
    again = sent(house, "K-2")
    assert again.status == 201, again.body
    assert told(again)["task"]["for"] != told(first)["task"]["for"]


def test_a_strangers_key_stands_in_nobodys_way(place: Place, house: Sender) -> None:
    assert sent(house, "K-1").status == 201
    person = {"resourceType": "Patient", "identifier": [{"system": KEY, "value": "K-urn:uuid:p"}]}
    assert place.staff("POST", "/fhir/Patient", person).status == 201


def test_a_key_that_was_taken_meanwhile_is_asked_about_when_intake_has_looked(place: Place, house: Sender) -> None:
    task = told(sent(house, "K-1"))["task"]["id"]
    person = {"resourceType": "Patient", "identifier": [{"system": KEY, "value": "K-urn:uuid:p"}]}
    own = place.staff("POST", "/fhir/Patient", person).id
    settled(place, task)
    parked = place.staff("GET", "/iop/parked").json["items"]
    assert [one["id"] for one in parked if "hold this identifier" in str(one)] == [own]


def test_who_is_new_is_known_by_its_key_from_then_on(place: Place, house: Sender) -> None:
    task = told(sent(house, "K-1"))["task"]["id"]
    settled(place, task)
    person = {"resourceType": "Patient", "identifier": [{"system": KEY, "value": "K-urn:uuid:p"}]}
    got = place.staff("POST", "/fhir/Patient", person)
    assert (got.status, got.expressions) == (409, ["Patient.identifier"])
