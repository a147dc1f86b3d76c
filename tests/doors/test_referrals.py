"""A facility refers somebody: what is taken, what it sees of it, and what it does not learn."""

from __future__ import annotations

import json
import tomllib
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.stage import referral
from tests.doors.packets import form, packet, resources
from tests.doors.serving import Clock
from tests.doors.test_guarded import OTHERS, OURS, THEIRS, Place, Sender, officer, placed

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
    other["entry"][4]["resource"]["code"] = {"text": "Something else"}
    got = house("POST", SUBMIT, other)
    assert got.status == 200
    assert "other content" in got.body.decode()
    other["entry"][0]["resource"]["birthDate"] = "1991-01-01"
    got = house("POST", SUBMIT, other)
    assert (got.status, got.expressions) == (409, ["ServiceRequest.identifier"])
    other["entry"][1]["resource"]["identifier"] = [{"value": "R-1"}]
    assert house("POST", SUBMIT, other).status == 201  # a number of no system is nobody's name


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


def settled(place: Place, task: str, **more: Any) -> None:
    got = place.staff("POST", f"/iop/intake/{task}/$settle", {"participant": "new", **more})
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


@pytest.mark.parametrize("sort", ["-_lastUpdated", "_lastUpdated"])
def test_a_task_is_on_one_page_though_a_consent_begins_by_its_date_between_two(tmp_path: Path, sort: str) -> None:
    clock = Clock()
    with placed(tmp_path, clock) as place:
        house = place.client("facility", THEIRS, SCOPES)
        sent = [told(house("POST", SUBMIT, packet(parts=numbered(n))))["task"] for n in range(3)]
        settled(place, sent[1]["id"], move="accepted")
        begins = {"kind": None, "laws": None, "expires_with": None, "expires_on": "2999-01-01"}
        named = {"recipients": [{"recipient": f"Organization/{THEIRS}"}], "purposes": ["treatment"]}
        place.consent(sent[1]["for"]["reference"].partition("/")[2], starts_on="2026-03-03", **begins, **named)
        clock.now = datetime(2026, 3, 3, 4, 59, tzinfo=UTC)  # midnight in the program's zone is at five
        house = place.client("facility", THEIRS, SCOPES)
        page = house("GET", f"/fhir/Task?_sort={sort}&_count=1").json
        clock.now += timedelta(minutes=2)
        seen = page["entry"]
        while following := [link["url"] for link in page["link"] if link["relation"] == "next"]:
            got = house("GET", following[0].partition("8000")[2])
            assert got.status == 200, got.body
            page = got.json
            seen += page.get("entry", [])
        assert sorted(one["resource"]["id"] for one in seen) == sorted(one["id"] for one in sent)
        assert {one["resource"]["status"] for one in seen} == {"received"}
        now = house("GET", "/fhir/Task").json["entry"]
        assert sorted(one["resource"]["status"] for one in now) == ["accepted", "received", "received"]


def numbered(number: int) -> dict[str, Json]:
    parts = resources()
    parts["urn:uuid:r"]["identifier"] = [{"system": "urn:example:referral", "value": f"R-{number}"}]
    return parts


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


def test_a_person_who_is_here_already_is_joined_and_the_sender_learns_nothing(place: Place, house: Sender) -> None:
    known = place.staff("POST", "/fhir/Patient", _without(resources()["urn:uuid:p"], "identifier")).id
    said = told(house("POST", SUBMIT, packet()))
    task, staged = said["task"]["id"], said["task"]["for"]["reference"]
    addresses = [f"/fhir/Task/{task}", "/fhir/Task", f"/fhir/{staged}", "/fhir/AllergyIntolerance", "/fhir/Patient"]
    before = [(got.status, got.json) for got in (house("GET", at) for at in addresses)]
    got = place.staff("POST", f"/iop/intake/{task}/$settle", {"participant": known})
    assert got.status == 200, got.body
    assert got.json["participant"] == known
    assert [(got.status, got.json) for got in (house("GET", at) for at in addresses)] == before
    [allergy] = officer(place)("GET", f"/fhir/AllergyIntolerance?patient={known}").json["entry"]
    assert allergy["resource"]["patient"]["reference"] == f"Patient/{known}"
    assert moved(place, task, "accepted").status == 200
    covering(place, known)
    now = house("GET", f"/fhir/Task/{task}").json
    assert (now["status"], now["for"]["reference"]) == ("accepted", staged)


def test_a_wrong_word_of_intake_is_refused_by_name(place: Place, house: Sender) -> None:
    task = told(house("POST", SUBMIT, packet()))["task"]["id"]
    for body, status, where in (
        ({}, 422, "participant"),
        ({"participant": "a b"}, 422, "participant"),
        ({"participant": "nobody"}, 422, "participant"),
        ({"participant": "new", "unlike": "yes"}, 422, "unlike"),
        ({"participant": "new", "more": 1}, 400, "more"),
    ):
        got = place.staff("POST", f"/iop/intake/{task}/$settle", body)
        assert (got.status, got.expressions) == (status, [where]), got.body
    assert len(place.staff("GET", "/iop/intake").json["items"]) == 1


def _without(resource: Json, name: str) -> Json:
    return {key: value for key, value in resource.items() if key != name}


ROWS = tomllib.loads((Path(__file__).parent / "bad_referrals.toml").read_text())["row"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"])
def test_what_is_wrong_is_named_by_its_place_and_nothing_is_stored(place: Place, house: Sender, row: Json) -> None:
    parts = {
        name: part for name, part in resources().items() if name.removeprefix("urn:uuid:") not in row.get("drop", ())
    }
    for name, said in row.get("set", {}).items():
        parts[f"urn:uuid:{name}"] |= said
    parts |= {f"urn:uuid:{name}": part for name, part in row.get("add", {}).items()}
    t = place.program.store.t
    got = house("POST", SUBMIT, packet(row.get("kind", "collection"), parts))
    assert (got.status, sorted(set(got.expressions))) == (row["status"], row["places"]), got.body
    assert place.program.store.t == t
    assert place.staff("GET", "/iop/intake").json["items"] == []


def test_others_send_no_referrals(place: Place) -> None:
    for kind in ("program-ehr", "provider-ehr", "payer", "staff"):
        scopes = "user/*.cruds" if kind == "staff" else "system/*.cruds"
        assert place.client(kind, scopes=scopes)("POST", SUBMIT, packet()).status == 403
    assert place.guarded("POST", SUBMIT, packet(), {"content-type": "application/fhir+json"}).status == 401
    assert place.staff("POST", SUBMIT, packet()).status == 403
    assert place.client("facility", THEIRS, "system/*.rs")("POST", SUBMIT, packet()).status == 403


def test_a_signed_consent_is_proposed_to_intake_and_stays_signed_for_its_sender(place: Place, house: Sender) -> None:
    parts = resources() | {"urn:uuid:c": form()}
    said = told(house("POST", SUBMIT, packet("collection", parts)))
    assert "taken as proposed" in str(said["outcome"])
    [seen] = house("GET", "/fhir/Consent").json["entry"]
    assert seen["resource"]["status"] == "active"
    assert officer(place)("GET", f"/fhir/Consent/{seen['resource']['id']}").json["status"] == "proposed"


def test_a_document_is_kept_whole_beside_its_parts(place: Place, house: Sender) -> None:
    parts = {"urn:uuid:d": _summary()} | resources()
    sent = packet("document", parts)
    sent |= {"identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}, "timestamp": "2026-02-01T10:00:00Z"}
    got = house("POST", SUBMIT, sent)
    assert got.status == 201, got.body
    [kept] = house("GET", "/fhir/DocumentReference").json["entry"]
    content = kept["resource"]["content"][0]["attachment"]
    assert json.loads(b64decode(content["data"])) == sent
    assert house("GET", "/fhir/Composition").json["total"] == 1


def test_a_revoked_request_cancels_its_task(place: Place, house: Sender) -> None:
    said = told(house("POST", SUBMIT, packet()))
    request = officer(place)("GET", f"/fhir/{said['referral']['reference']}").json
    assert place.staff("PUT", f"/fhir/{said['referral']['reference']}", request | {"status": "revoked"}).status == 200
    assert place.staff("GET", f"/iop/referral_task/{said['task']['id']}").json["state"] == "cancelled"


def test_a_program_that_wants_a_consent_with_each_referral_refuses_one_without(tmp_path: Path) -> None:
    with placed(tmp_path, referral_consent="required") as place:
        house = place.client("facility", THEIRS, SCOPES)
        got = house("POST", SUBMIT, packet())
        assert (got.status, got.expressions) == (422, ["ServiceRequest.supportingInfo"])
        assert house("POST", SUBMIT, packet("collection", resources() | {"urn:uuid:c": form()})).status == 201


def test_a_packet_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with placed(tmp_path, referral_limit=4_096) as place:
        big = resources() | {"urn:uuid:b": _scan(9_000)}
        assert place.client("facility", THEIRS, SCOPES)("POST", SUBMIT, packet("collection", big)).status == 413


def test_a_scan_larger_than_any_other_resource_goes_in(place: Place, house: Sender) -> None:
    got = house("POST", SUBMIT, packet("collection", resources() | {"urn:uuid:b": _scan(3 << 20)}))
    assert got.status == 201, got.body[:500]


def _scan(size: int) -> Json:
    return {"resourceType": "Binary", "contentType": "application/pdf", "data": b64encode(b"%" * size).decode()}


def _summary() -> Json:
    code = {"coding": [{"system": "http://loinc.org", "code": "18842-5"}]}
    about = {"subject": {"reference": "urn:uuid:p"}, "author": [{"reference": "urn:uuid:o"}]}
    head = {"resourceType": "Composition", "status": "final", "type": code, "date": "2026-02-01", "title": "Summary"}
    return head | about


def test_the_referral_of_the_demo_is_taken(house: Sender) -> None:
    assert house("POST", SUBMIT, referral()).status == 201


SUMMARY = next((Path(__file__).parents[1] / "referral").rglob("*residential*.xml"))


def document(data: bytes, kind: str = "text/xml") -> Json:
    """A DocumentReference with a file in it."""
    unknown = {"coding": [{"system": "http://loinc.org", "code": "18842-5"}]}
    content = [{"attachment": {"contentType": kind, "data": b64encode(data).decode()}}]
    head = {"resourceType": "DocumentReference", "status": "current", "type": unknown, "content": content}
    return head | {"subject": {"reference": "urn:uuid:p"}}


def born(parts: dict[str, Json], day: str | None) -> dict[str, Json]:
    person = _without(parts["urn:uuid:p"], "birthDate") | ({"birthDate": day} if day else {})
    return parts | {"urn:uuid:p": person}


def test_a_clinical_document_rides_along_and_its_content_is_proposed(place: Place, house: Sender) -> None:
    data = SUMMARY.read_bytes()
    parts = born(resources(), None) | {"urn:uuid:d": document(data)}
    got = house("POST", SUBMIT, packet("collection", parts))
    assert got.status == 201, got.body
    said = told(got)
    person = said["task"]["for"]["reference"]
    found = officer(place)("GET", f"/fhir/Condition?subject={person}").json
    assert found["total"] > 0
    [kept] = house("GET", "/fhir/DocumentReference").json["entry"]
    assert b64decode(kept["resource"]["content"][0]["attachment"]["data"]) == data
    assert any("section" in issue["details"]["text"] for issue in said["outcome"]["issue"])
    assert house("GET", "/fhir/Condition").json["total"] == found["total"]


@pytest.mark.parametrize(
    ("data", "day", "status"),
    [
        (b'<!DOCTYPE x [<!ENTITY a "b">]><ClinicalDocument xmlns="urn:hl7-org:v3">&a;</ClinicalDocument>', None, 400),
        (b"<ClinicalDocument", None, 400),
        (SUMMARY.read_bytes(), "1901-01-01", 422),
    ],
    ids=["a DOCTYPE", "no XML", "another person"],
)
def test_a_document_that_cannot_be_taken_is_named(
    place: Place, house: Sender, data: bytes, day: str | None, status: int
) -> None:
    parts = born(resources(), day) | {"urn:uuid:d": document(data)}
    got = house("POST", SUBMIT, packet("collection", parts))
    place_of_it = "Bundle.entry[5].resource.content[0].attachment.data"
    assert (got.status, got.expressions) == (status, [place_of_it]), got.body
    assert place.staff("GET", "/iop/intake").json["items"] == []


def test_what_waits_for_intake_cannot_be_deleted_from_under_it(place: Place, house: Sender) -> None:
    task = told(house("POST", SUBMIT, packet()))["task"]["id"]
    assert place.staff("DELETE", f"/fhir/Task/{task}").status == 409
    assert place.staff("GET", "/iop/intake").json["items"][0]["task"] == task
    settled(place, task)
    assert place.staff("DELETE", f"/fhir/Task/{task}").status == 204
    assert place.staff("POST", f"/iop/intake/{task}/$settle", {"participant": "new"}).status == 404


@pytest.mark.parametrize("more", ["_summary=count", "_count=0", "_total=accurate&_count=1", "_count=1"])
@pytest.mark.parametrize("type", ["Flag", "Task", "Organization"])
def test_a_facility_counts_and_turns_pages(place: Place, house: Sender, type: str, more: str) -> None:
    for number in ("1", "2"):
        parts = resources()
        parts["urn:uuid:r"]["identifier"] = [{"system": "https://house.example/referrals", "value": number}]
        assert house("POST", SUBMIT, packet("collection", parts)).status == 201
    got, seen = house("GET", f"/fhir/{type}?{more}"), list[str]()
    while True:
        assert got.status == 200, got.body
        seen += [entry["resource"]["id"] for entry in got.json.get("entry", ())]
        following = [link["url"] for link in got.json["link"] if link["relation"] == "next"]
        if not following:
            break
        got = house("GET", following[0].partition("8000")[2])
    if "=count" in more or "=0" in more:
        assert got.json["total"] == (3 if type == "Organization" else 2)
    else:
        assert len(set(seen)) == len(seen) == (3 if type == "Organization" else 2)


ODD: list[Any] = ["x", 1, None, [], {}, [None], {"resourceType": 1}, {"resourceType": "Nothing"}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("kind", ["collection", "transaction"])
def test_what_is_no_resource_is_refused_by_its_place(place: Place, house: Sender, kind: str, odd: Any) -> None:
    given = packet(kind)
    given["entry"][3]["resource"] = odd
    for url in (SUBMIT, "/fhir") if kind == "transaction" else (SUBMIT,):
        got = house("POST", url, given)
        assert got.status in (400, 422), got.body
        assert all(place.startswith("Bundle.entry[3]") for place in got.expressions), got.body


@pytest.mark.parametrize(
    ("name", "element", "value"),
    [
        ("r", "identifier", "x"),
        ("r", "identifier", [1]),
        ("r", "category", {"coding": 1}),
        ("r", "subject", "x"),
        ("r", "requester", [{}]),
        ("p", "name", "x"),
        ("a", "patient", {"reference": 1}),
    ],
)
def test_elements_of_another_shape_are_refused_by_their_place(
    house: Sender, name: str, element: str, value: Any
) -> None:
    parts = resources()
    parts[f"urn:uuid:{name}"][element] = value
    got = house("POST", SUBMIT, packet("collection", parts))
    assert got.status in (400, 422), got.body
    assert all(element in place for place in got.expressions), got.body


def test_a_coded_role_and_other_organizations_ride_along(place: Place, house: Sender) -> None:
    code = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/practitioner-role", "code": "doctor"}]}]
    role = {"resourceType": "PractitionerRole", "code": code, "organization": {"reference": "urn:uuid:o"}}
    parts = resources() | {"urn:uuid:role": role}
    parts["urn:uuid:r"]["requester"] = {"reference": "urn:uuid:role"}
    got = house("POST", SUBMIT, packet("collection", parts))
    assert got.status == 201, got.body
    ehr, task = place.client("program-ehr", scopes="system/*.rs"), told(got)["task"]["id"]
    [made] = officer(place)("GET", "/fhir/PractitionerRole").json["entry"]
    assert made["resource"]["organization"]["reference"] == f"Organization/{THEIRS}"
    assert ehr("GET", "/fhir/PractitionerRole").json["total"] == 0
    settled(place, task, directory=True)
    assert ehr("GET", "/fhir/PractitionerRole").json["total"] == 1


def test_a_packet_says_not_who_treats_or_pays(place: Place, house: Sender) -> None:
    """By a consent to a class, whoever treats somebody is shown his records: that is not for a facility to say."""
    known = place.staff("POST", "/fhir/Patient", _without(resources()["urn:uuid:p"], "identifier")).id
    visit = place.session(known)
    place.consent(known)
    other = place.client("provider-ehr", OTHERS, "system/*.rs")
    person = {"reference": "urn:uuid:p"}
    team = {"resourceType": "CareTeam", "status": "active", "subject": person}
    team |= {"participant": [{"member": {"reference": f"Organization/{OTHERS}"}}]}
    parts = resources() | {"urn:uuid:t": team}
    parts["urn:uuid:p"]["generalPractitioner"] = [{"reference": f"Organization/{OTHERS}"}]
    got = house("POST", SUBMIT, packet("collection", parts))
    assert got.status == 201, got.body
    said = told(got)
    settled(place, said["task"]["id"], participant=known, consents="both")
    assert other("GET", f"/fhir/Encounter/{visit}").status == 404
    assert other("GET", "/fhir/Encounter").json["total"] == 0
    seen = house("GET", f"/fhir/{said['task']['for']['reference']}").json
    assert seen["generalPractitioner"] == [{"reference": f"Organization/{OTHERS}"}]


def test_an_admission_opens_an_episode_of_the_programs_own(place: Place, house: Sender) -> None:
    """Not the stay of which the facility tells, and not in its name."""
    stay = {"resourceType": "EpisodeOfCare", "status": "active", "patient": {"reference": "urn:uuid:p"}}
    stay |= {"referralRequest": [{"reference": "urn:uuid:r"}], "period": {"start": "2025-01-01"}}
    fulfil = {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]}
    task = {"resourceType": "Task", "status": "requested", "intent": "order", "code": fulfil}
    task |= {"focus": {"reference": "urn:uuid:r"}, "for": {"reference": "urn:uuid:p"}}
    task |= {"owner": {"reference": "urn:uuid:o"}, "identifier": [{"system": "https://house.example/t", "value": "T"}]}
    parts = resources() | {"urn:uuid:e": stay, "urn:uuid:t": task}
    said = told(house("POST", SUBMIT, packet("collection", parts)))
    id, referral = said["task"]["id"], said["referral"]["reference"]
    assert said["task"]["identifier"] == task["identifier"]
    named = [
        issue["expression"][0] for issue in said["outcome"]["issue"] if "for the program" in issue["details"]["text"]
    ]
    assert named == ["Bundle.entry[6].resource.owner"]
    settled(place, id)
    for state in ("accepted", "admitted"):
        assert moved(place, id, state).status == 200
    found = officer(place)("GET", f"/fhir/EpisodeOfCare?incoming-referral={referral}").json["entry"]
    opened = place.staff("GET", f"/iop/referral_task/{id}").json["episode"]
    [ours] = [entry["resource"] for entry in found if entry["resource"]["id"] == opened]
    assert (len(found), ours["managingOrganization"]["reference"]) == (2, f"Organization/{OURS}")


def test_nobody_is_joined_into_somebody_whom_intake_does_not_know(place: Place, house: Sender) -> None:
    known = place.staff("POST", "/fhir/Patient", _without(resources()["urn:uuid:p"], "identifier")).id
    staged = told(house("POST", SUBMIT, packet()))["task"]["for"]["reference"].partition("/")[2]
    for loser, survivor in ((known, staged), (staged, known)):
        got = place.staff("POST", f"/iop/participant/{loser}/$merge", {"into": survivor})
        assert got.status == 409, got.body
        assert "intake says who it is" in got.body.decode()


def test_who_is_found_to_be_here_is_in_review_too(place: Place, house: Sender) -> None:
    known = place.staff("POST", "/fhir/Patient", _without(resources()["urn:uuid:p"], "identifier")).id
    task = told(house("POST", SUBMIT, packet()))["task"]["id"]
    settled(place, task, participant=known)
    record = place.staff("GET", f"/iop/referral_task/{task}").json
    assert (record["state"], record["participant"]) == ("in_review", known)


def test_a_transaction_that_is_sent_again_otherwise_is_told_only_of_what_is_known(place: Place, house: Sender) -> None:
    first = house("POST", "/fhir", packet())
    again = packet()
    again["entry"].reverse()
    got = house("POST", "/fhir", again)
    assert got.status == 200, got.body
    for entry, answer in zip(again["entry"], got.json["entry"], strict=True):
        location = answer["response"].get("location", "")
        assert not location or f"/{entry['resource']['resourceType']}/" in location
    located = {entry["response"]["location"] for entry in got.json["entry"] if "location" in entry["response"]}
    assert located <= {entry["response"].get("location") for entry in first.json["entry"]}
    assert len(located) == 2


def test_an_attachment_leads_to_its_binary(place: Place, house: Sender) -> None:
    content = [{"attachment": {"contentType": "application/pdf", "url": "urn:uuid:b"}}]
    kept = document(b"") | {"content": content}
    parts = resources() | {"urn:uuid:d": kept, "urn:uuid:b": _scan(10)}
    assert house("POST", SUBMIT, packet("collection", parts)).status == 201
    [made] = house("GET", "/fhir/DocumentReference").json["entry"]
    assert house("GET", f"/fhir/{made['resource']['content'][0]['attachment']['url']}").status == 200


def test_what_a_bundle_says_of_itself_is_kept_or_named(house: Sender) -> None:
    sent = packet("collection") | {"identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:9"}}
    said = told(house("POST", SUBMIT, sent))
    assert "Bundle.identifier" in {place for issue in said["outcome"]["issue"] for place in issue.get("expression", ())}


def test_whoever_moves_a_referral_and_says_no_time_moves_it_now(place: Place, house: Sender) -> None:
    clock: Any = place.program.clock
    task = told(house("POST", SUBMIT, packet()))["task"]
    settled(place, task["id"])
    clock.now += timedelta(days=3)
    assert moved(place, task["id"], "accepted").status == 200
    got = moved(place, task["id"], "admitted").json
    assert got["changed_at"][:10] == f"{clock.now:%Y-%m-%d}" > task["lastModified"][:10]
    episode = place.staff("GET", f"/iop/episode/{got['episode']}").json
    assert episode["admitted_on"][:10] == got["changed_at"][:10]
    clock.now += timedelta(days=3)
    said = {"changed_at": "2026-03-06T10:00:00Z"}
    assert moved(place, task["id"], "in_progress", **said).json["changed_at"] == said["changed_at"]
