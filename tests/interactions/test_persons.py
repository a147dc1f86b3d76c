"""Whose a record is: nothing about one person names another, by whatever door it comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.interactions.persons import ESTRANGED
from adapter.interactions.program import Program
from adapter.released import Predicate
from tests.doors.people import created, observation, patient, reference
from tests.doors.serving import Client, Got, client_of, opened, served
from tests.interactions.test_changes import session

Json = dict[str, Any]
ONE = "names another"


def person(client: Client) -> str:
    return reference(created(client, patient()))


def refusal(got: Got) -> tuple[int, list[str]]:
    """The status, and the places of the issues that speak of another person."""
    issues = got.json.get("issue", [])
    return got.status, [i["expression"][0] for i in issues if ONE in i["details"]["text"]]


def episode(client: Client, subject: str) -> str:
    resource = {"resourceType": "EpisodeOfCare", "status": "active", "patient": {"reference": subject}}
    return reference(created(client, resource))


def within(subject: str, episode: str) -> Json:
    """A session of an episode."""
    return session(subject.partition("/")[2], None, episodeOfCare=[{"reference": episode}])


def test_a_session_cannot_be_of_another_participants_episode(client: Client) -> None:
    mine, other = person(client), person(client)
    resource = within(mine, episode(client, other))
    assert refusal(client("POST", "/fhir/Encounter", resource)) == (422, ["Encounter.episodeOfCare[0]"])
    assert client("GET", "/fhir/Encounter?_summary=count").json["total"] == 0
    assert client("POST", "/fhir/Encounter", within(mine, episode(client, mine))).status == 201


def test_a_record_that_a_concept_claims_names_no_second_participant(client: Client) -> None:
    mine, other = person(client), person(client)
    screening = observation(
        mine,
        category=[
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}]}
        ],
        code={"coding": [{"system": "http://loinc.org", "code": "44261-6"}]},
        valueString=None,
        valueInteger=3,
        performer=[{"reference": other}],
    )
    del screening["valueString"]
    assert refusal(client("POST", "/fhir/Observation", screening)) == (422, ["Observation.performer[0]"])
    assert client("POST", "/fhir/Observation", screening | {"performer": [{"reference": mine}]}).status == 201


def test_a_record_that_no_concept_claims_points_to_no_record_of_another(client: Client) -> None:
    mine, other = person(client), person(client)
    foreign = reference(created(client, observation(other)))
    for element in ("hasMember", "derivedFrom", "focus"):
        got = client("POST", "/fhir/Observation", observation(mine, **{element: [{"reference": foreign}]}))
        assert refusal(got) == (422, [f"Observation.{element}[0]"])


def test_a_bundle_is_refused_at_the_place_of_the_stranger(client: Client) -> None:
    mine = person(client)
    other = {"fullUrl": "urn:uuid:0a0a0a0a-0000-4000-8000-000000000001", "resource": patient()}
    about = observation(mine, focus=[{"reference": other["fullUrl"]}])
    entries = [
        other | {"request": {"method": "POST", "url": "Patient"}},
        {"resource": about, "request": {"method": "POST", "url": "Observation"}},
    ]
    before = client("GET", "/fhir/Patient?_summary=count").json["total"]
    got = client("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert refusal(got) == (422, ["Bundle.entry[1].resource.focus[0]"])
    assert client("GET", "/fhir/Patient?_summary=count").json["total"] == before


def test_the_same_person_under_another_record_may_be_linked(client: Client) -> None:
    other = person(client)
    link = [{"other": {"reference": other}, "type": "seealso"}]
    assert client("POST", "/fhir/Patient", patient(link=link)).status == 201


def test_what_waited_for_a_record_of_another_is_parked_when_it_comes(tmp_path: Path) -> None:
    late = "00000000-0000-4000-8000-00000000000e"
    with opened(tmp_path, references="pending") as program, client_of(program) as client:
        mine, other = person(client), person(client)
        waiting = created(client, within(mine, f"EpisodeOfCare/{late}"))
        record = {"id": late, "participant": other.partition("/")[2], "status": "active"}
        assert client("PUT", f"/iop/episode/{late}", record).status == 201
        parked = client("GET", "/iop/parked").json["items"]
        assert [(i["id"], i["path"]) for i in parked if i["reason"] == ESTRANGED] == [
            (waiting.id, "Encounter.episodeOfCare[0]")
        ]


def test_what_a_record_said_before_does_not_stop_its_author(tmp_path: Path) -> None:
    late = "00000000-0000-4000-8000-00000000000e"
    with opened(tmp_path, references="pending") as program, client_of(program) as client:
        mine, other = person(client), person(client)
        waiting = created(client, within(mine, f"EpisodeOfCare/{late}"))
        client("PUT", f"/iop/episode/{late}", {"id": late, "participant": other.partition("/")[2], "status": "active"})
        mended = waiting.json | {"status": "cancelled"}
        assert client("PUT", f"/fhir/Encounter/{waiting.id}", mended).status == 200
        worse = mended | {"appointment": [{"reference": booking(client, other)}]}
        assert refusal(client("PUT", f"/fhir/Encounter/{waiting.id}", worse)) == (422, ["Encounter.appointment[0]"])


def booking(client: Client, subject: str) -> str:
    participant = [{"actor": {"reference": subject}, "status": "accepted"}]
    return reference(created(client, {"resourceType": "Appointment", "status": "proposed", "participant": participant}))


@pytest.mark.parametrize("references", ["enforce", "pending"])
def test_a_hidden_record_of_another_answers_as_one_that_is_not_there(tmp_path: Path, references: str) -> None:
    absent = "Observation/00000000-0000-7000-8000-ffffffffffff"
    with opened(tmp_path, references=references) as program, client_of(program) as staff:
        mine, other = person(staff), person(staff)
        foreign = reference(created(staff, observation(other)))
        client = limited(program, foreign)
        hidden, never = (
            client("POST", "/fhir/Observation", observation(mine, focus=[{"reference": to}]))
            for to in (foreign, absent)
        )
        client.close()
        assert hidden.status == never.status == (422 if references == "enforce" else 201)
        assert _told(hidden) == _told(never)


def limited(program: Program, hidden: str) -> Client:
    """A client that may see all but one record."""
    values: dict[str, str | int] = {"c_recipient": "a test", "c_grant": "all but one", "c_hidden": hidden.split("/")[1]}
    predicate = Predicate("v.id <> :c_hidden", values)
    return Client(served(program, predicate))


def _told(got: Got) -> list[tuple[str, list[str]]]:
    """The codes and places of the issues, if it was refused."""
    return [(issue["code"], issue["expression"]) for issue in got.json.get("issue", [])]


def test_an_identifier_or_address_of_a_hidden_person_answers_as_one_of_nobody(tmp_path: Path) -> None:
    mrn = {"system": "urn:example:mrn", "value": "2"}
    with opened(tmp_path) as program, client_of(program) as staff:
        mine, other = person(staff), reference(created(staff, patient(identifier=[mrn])))
        by_number = observation(mine, performer=[{"type": "Patient", "identifier": mrn}])
        by_address = observation(mine, extension=[{"url": "urn:example:who", "valueUri": other}])
        client = limited(program, other)
        told = [client("POST", "/fhir/Observation", resource).status for resource in (by_number, by_address)]
        client.close()
        assert told == [201, 201]
        for resource, at in ((by_number, "performer[0].identifier"), (by_address, "extension[0].valueUri")):
            assert refusal(staff("POST", "/fhir/Observation", resource)) == (422, [f"Observation.{at}"])


def test_an_identifier_that_became_anothers_later_does_not_stop_the_author(client: Client) -> None:
    mine, mrn = person(client), {"system": "urn:example:mrn", "value": "2"}
    there = created(client, observation(mine, performer=[{"identifier": mrn}]))
    created(client, patient(identifier=[mrn]))
    mended, seen = there.json | {"status": "amended"}, {"if-match": there.headers["etag"]}
    assert client("PUT", f"/fhir/Observation/{there.id}", mended, seen).status == 200
    anew = observation(mine, performer=[{"identifier": mrn}])
    assert refusal(client("POST", "/fhir/Observation", anew)) == (422, ["Observation.performer[0].identifier"])
