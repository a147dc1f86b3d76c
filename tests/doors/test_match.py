"""`Patient/$match`: who is found by what is known of a person, how sure that is, and by whom.

https://hl7.org/fhir/R4/patient-operation-match.html
"""

from __future__ import annotations

from typing import Any

import pytest

from adapter.fhir.bundle import MATCH_GRADE
from tests.doors.people import created, patient
from tests.doors.serving import BASE, Client, Got, door
from tests.doors.test_guarded import THEIRS, Place, disclosures

Json = dict[str, Any]
SOUGHT: Json = {
    "resourceType": "Patient",
    "name": [{"family": "Quill", "given": ["Ada"]}],
    "birthDate": "1984-03-07",
    "gender": "female",
    "telecom": [{"system": "phone", "value": "555-010-4477"}],
}
MATCH = "/fhir/Patient/$match"


def parameters(resource: Any = SOUGHT, **more: Json) -> Json:
    """The parameters of a call; `more` are (name, value[x])."""
    named = [{"name": name, **value} for name, value in more.items()]
    return {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": resource}, *named]}


def found(got: Got) -> list[tuple[str, str]]:
    """(id, grade) in the order of the answer."""
    assert got.status == 200, got.body
    assert not door().check(got.json)
    entries = got.json.get("entry", [])
    scores = [entry["search"]["score"] for entry in entries]
    assert scores == sorted(scores, reverse=True)
    assert [entry["fullUrl"] for entry in entries] == [f"{BASE}/Patient/{e['resource']['id']}" for e in entries]
    said = [entry["search"]["extension"][0] for entry in entries]
    assert all(one["url"] == MATCH_GRADE for one in said)
    return [(entry["resource"]["id"], one["valueCode"]) for entry, one in zip(entries, said, strict=True)]


def somebody(client: Client, **change: Any) -> str:
    """A stored patient who is like the one sought, but for this; None takes an element away."""
    return created(client, {name: value for name, value in (SOUGHT | change).items() if value is not None}).id


def test_the_surest_comes_first_and_each_says_how_sure_it_is(client: Client) -> None:
    same = somebody(client)
    alone = somebody(client, telecom=None)
    twin = somebody(client, name=[{"family": "Quill", "given": ["Zoe"]}])
    somebody(client, birthDate="1951-01-01", telecom=[{"system": "phone", "value": "555-010-0000"}])
    created(client, patient(birthDate="1999-09-09"))
    got = client("POST", MATCH, parameters())
    assert found(got) == [(same, "certain"), (alone, "probable"), (twin, "possible")]
    assert got.json["type"] == "searchset"
    assert got.json["total"] == 3


@pytest.mark.parametrize(
    "change",
    [
        {"name": [{"family": "QUILL", "given": ["ADA", "Marie"]}]},
        {"name": [{"family": "Quil", "given": ["Ada"]}]},
        {"name": [{"family": "Ada", "given": ["Quill"]}]},
        {"name": [{"family": "Stone", "given": ["Ada"]}, {"use": "maiden", "family": "Quill", "given": ["Ada"]}]},
        {"name": [{"family": "Quill-Stone", "given": ["Ada"]}]},
        {"birthDate": "1984-07-03"},
        {"birthDate": "1984-03-17"},
        {"birthDate": "1948-03-07"},
        {"birthDate": "1984"},
        {"telecom": [{"system": "phone", "value": "+1 (555) 010-4477"}], "birthDate": "1984-03-01"},
    ],
    ids=str,
)
def test_a_person_is_found_although_something_is_told_otherwise(client: Client, change: Json) -> None:
    id = somebody(client, **change)
    assert [who for who, _ in found(client("POST", MATCH, parameters()))] == [id]


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ({"identifier": [{"system": "urn:example:mrn", "value": "7"}]}, {}),
        ({"telecom": [{"system": "email", "value": "ada@example.org"}]}, {"value": "Ada@Example.org"}),
        ({"telecom": [{"system": "phone", "value": "+1 555-010-4477"}]}, {}),
        ({"address": [{"line": ["12 Elm St"], "postalCode": "97201-1234"}]}, {"postalCode": "97201"}),
    ],
    ids=["number", "email", "phone", "address"],
)
def test_a_number_or_an_address_finds_whom_name_and_day_do_not(client: Client, stored: Json, told: Json) -> None:
    name, said = next(iter(stored.items()))
    other = {"telecom": None, "name": [{"family": "Stone", "given": ["Ada"]}], "birthDate": "1985-03-07"}
    id = somebody(client, **(other | stored))
    sought = {one: value for one, value in SOUGHT.items() if one != "telecom"}
    assert found(client("POST", MATCH, parameters(sought))) == []
    assert [who for who, _ in found(client("POST", MATCH, parameters(sought | {name: [said[0] | told]})))] == [id]


def test_only_certain_matches_are_one_or_none(client: Client) -> None:
    only = {"onlyCertainMatches": {"valueBoolean": True}}
    assert found(client("POST", MATCH, parameters(**only))) == []
    somebody(client, telecom=None)
    assert found(client("POST", MATCH, parameters(**only))) == []
    same = somebody(client)
    assert found(client("POST", MATCH, parameters(**only))) == [(same, "certain")]
    somebody(client)
    assert found(client("POST", MATCH, parameters(**only))) == []


def test_so_many_are_answered_as_are_asked_for(client: Client) -> None:
    for number in range(3):
        somebody(client, telecom=[{"system": "phone", "value": f"555-010-000{number}"}])
    assert len(found(client("POST", MATCH, parameters(count={"valueInteger": 2})))) == 2
    assert len(found(client("POST", f"{MATCH}?count=1", SOUGHT))) == 1


def test_the_patient_alone_may_be_the_body_and_be_xml(client: Client) -> None:
    id = somebody(client)
    assert found(client("POST", MATCH, SOUGHT)) == [(id, "certain")]
    text = b'<Patient xmlns="http://hl7.org/fhir"><name><family value="Quill"/><given value="Ada"/></name>'
    text += b'<birthDate value="1984-03-07"/></Patient>'
    got = client("POST", MATCH, text, {"content-type": "application/fhir+xml"})
    assert found(got) == [(id, "probable")]


def test_what_is_found_is_found_again_by_itself(client: Client) -> None:
    id = somebody(client)
    stored = client("GET", f"/fhir/Patient/{id}").json
    assert found(client("POST", MATCH, parameters(stored))) == [(id, "certain")]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (parameters({"resourceType": "Practitioner"}), 400, "value"),
        (parameters({"resourceType": "Patient", "birthDate": "soon"}), 400, "value"),
        (parameters({"resourceType": "Patient", "gender": "female"}), 422, "required"),
        (parameters({"resourceType": "Patient"}), 422, "required"),
        ({"resourceType": "Parameters"}, 400, "required"),
        (parameters(count={"valueInteger": 0}), 400, "value"),
        (parameters(count={"valueString": "many"}), 400, "value"),
        (parameters(threshold={"valueDecimal": 0.5}), 400, "not-supported"),
        (parameters(onlyCertainMatches={"valueString": "yes"}), 400, "value"),
        ({"resourceType": "Parameters", "parameter": parameters()["parameter"] * 2}, 400, "invalid"),
        ([], 400, "structure"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(client: Client, body: Any, status: int, code: str) -> None:
    got = client("POST", MATCH, body)
    assert (got.status, got.codes[0]) == (status, code)


def test_get_is_not_there_because_an_address_would_tell_of_the_person(client: Client) -> None:
    assert client("GET", f"{MATCH}?count=1").status == 405


def test_nobody_is_found_whom_the_asker_may_not_see(place: Place) -> None:
    who = somebody(place.staff)
    assert found(place.client("program-ehr")("POST", MATCH, SOUGHT)) == [(who, "certain")]
    assert found(place.client("staff", scopes="user/*.cruds")("POST", MATCH, SOUGHT)) == [(who, "certain")]
    for kind in ("provider-ehr", "payer", "facility"):
        assert place.client(kind, THEIRS)("POST", MATCH, SOUGHT).status == 403
    narrow = place.client("program-ehr", scopes="system/Patient.rs?gender=male")
    assert found(narrow("POST", MATCH, SOUGHT)) == []
    assert place.client("program-ehr", scopes="system/Patient.r")("POST", MATCH, SOUGHT).status == 403


def test_whom_it_shows_is_in_the_ledger(place: Place) -> None:
    who = somebody(place.staff)
    place.client("program-ehr")("POST", MATCH, SOUGHT)
    assert ("qsoa", "$match", [(who, "qsoa")]) in [row[1:] for row in disclosures(place)]
