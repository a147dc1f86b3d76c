"""What others told of somebody, and what may be one, as staff are asked about it; and what becomes of what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.consent.matrix import Role
from adapter.ingest.sources import identifying_systems
from adapter.interactions.program import Program
from adapter.settings import Settings
from adapter.store.proposals import propose
from tests.doors import staff
from tests.doors.packets import form, packet, resources
from tests.doors.serving import Client, Got
from tests.doors.test_guarded import THEIRS, Place, Sender, officer
from tests.doors.test_hidden import reader
from tests.doors.test_referrals import SCOPES, SUBMIT, SUMMARY, born, document, settled, told
from tests.doors.test_roles import ABSENT, MINE, housed
from tests.doors.test_roles import OTHERS as OTHERS_ID

Json = dict[str, Any]
KEY = sorted(identifying_systems(Settings().mappings / "sources"))[0]
LIST = "/iop/proposals"


@pytest.fixture
def house(place: Place) -> Sender:
    """A facility."""
    return place.client("facility", THEIRS, SCOPES)


def listed(client: Any, **asked: str) -> list[Json]:
    """All pages of the list."""
    query = "&".join(f"{name}={said}" for name, said in asked.items())
    got, found = client("GET", f"{LIST}?{query}" if query else LIST), list[Json]()
    while True:
        assert got.status == 200, got.body
        found += got.json["items"]
        if "next" not in got.json:
            return found
        got = client("GET", got.json["next"].partition("8000")[2])


def said(client: Any, proposal: str, word: str, **more: Any) -> Got:
    return client("POST", f"{LIST}/{proposal}", {"say": word, **more})


def admitted(place: Place, house: Sender, **more: Json) -> tuple[str, str]:
    """A referral with a clinical document, of somebody whom intake knows now: the participant, and the document."""
    parts = born(resources(), None) | {"urn:uuid:d": document(SUMMARY.read_bytes())} | more
    got = house("POST", SUBMIT, packet("collection", parts))
    assert got.status == 201, got.body
    task = told(got)["task"]
    assert listed(place.staff) == []
    settled(place, task["id"])
    person = task["for"]["reference"].partition("/")[2]
    [kept] = officer(place)("GET", f"/fhir/DocumentReference?patient={person}").json["entry"]
    return person, kept["resource"]["id"]


def test_what_a_document_tells_is_proposed_with_where_it_is_from(place: Place, house: Sender) -> None:
    person, kept = admitted(place, house)
    items = listed(place.staff, kind="record", limit="3")
    types = {item["record"]["type"] for item in items}
    assert {"Condition", "MedicationRequest"} <= types
    for item in items:
        assert (item["kind"], item["participant"], item["say"]) == ("record", person, ["accept", "reject"])
        assert (item["from"]["document"], item["from"]["sender"]) == (kept, f"Organization/{THEIRS}")
    assert len({item["proposal"] for item in items}) == len(items)
    assert listed(place.staff, participant=person) == items
    assert listed(place.staff, participant="nobody") == []
    condition = next(item["record"]["id"] for item in items if item["record"]["type"] == "Condition")
    record = place.staff("GET", f"/fhir/Condition/{condition}").json
    assert record["meta"]["tag"][0]["code"] == "proposed"
    assert record["verificationStatus"]["coding"][0]["code"] in ("unconfirmed", "refuted")
    seen = house("GET", f"/fhir/Condition/{condition}").json
    assert "tag" not in seen["meta"]
    assert seen["verificationStatus"]["coding"][0]["code"] in ("confirmed", "refuted")


def test_all_that_a_document_tells_is_accepted_by_one_call_and_signed(place: Place, house: Sender) -> None:
    _, kept = admitted(place, house)
    before = listed(place.staff, kind="record")
    before_seen = [house("GET", f"/fhir/{one['record']['type']}/{one['record']['id']}").body for one in before]
    medications = [one for one in before if one["record"]["type"] == "MedicationRequest"]
    got = place.staff("POST", f"{LIST}/$say", {"document": kept, "types": ["MedicationRequest"], "say": "accept"})
    assert got.status == 200, got.body
    assert got.json["records"] == sorted(f"MedicationRequest/{one['record']['id']}" for one in medications)
    assert len(listed(place.staff, kind="record")) == len(before) - len(medications)
    got = place.staff("POST", f"{LIST}/$say", {"document": kept, "say": "accept"})
    assert got.status == 200, got.body
    assert listed(place.staff) == []
    for one in before:
        record = officer(place)("GET", f"/fhir/{one['record']['type']}/{one['record']['id']}").json
        assert "tag" not in record["meta"]
        target = f"{one['record']['type']}/{one['record']['id']}"
        assert len(officer(place)("GET", f"/fhir/Provenance?target={target}").json["entry"]) == 2
    again = place.client("facility", THEIRS, SCOPES)
    after = [again("GET", f"/fhir/{one['record']['type']}/{one['record']['id']}").body for one in before]
    assert after == before_seen
    assert place.staff("POST", f"{LIST}/$say", {"document": kept, "say": "accept"}).status == 404


def test_a_label_is_kept_by_what_is_accepted(place: Place, house: Sender) -> None:
    _, kept = admitted(place, house)
    labels = [
        (one, place.staff("GET", f"/fhir/{one['record']['type']}/{one['record']['id']}").json["meta"].get("security"))
        for one in listed(place.staff, kind="record")
    ]
    assert any(security for _, security in labels)
    assert place.staff("POST", f"{LIST}/$say", {"document": kept, "say": "accept"}).status == 200
    for one, security in labels:
        record = place.staff("GET", f"/fhir/{one['record']['type']}/{one['record']['id']}").json
        assert record.get("meta", {}).get("security") == security


def test_what_is_not_so_is_entered_in_error_with_the_reason(place: Place, house: Sender) -> None:
    admitted(place, house)
    for item in listed(place.staff, kind="record"):
        assert said(place.staff, item["proposal"], "reject").status == 422
        got = said(place.staff, item["proposal"], "reject", reason="Of the neighbour's chart")
        assert got.status == 200, got.body
        record = place.staff("GET", f"/fhir/{item['record']['type']}/{item['record']['id']}").json
        status = record.get("verificationStatus", {}).get("coding", [{}])[0].get("code") or record["status"]
        assert status == "entered-in-error"
        assert "clinicalStatus" not in record
        if record["resourceType"] != "Encounter":
            assert record["note"][-1]["text"] == "Of the neighbour's chart"
        assert said(place.staff, item["proposal"], "accept").status == 404
    assert listed(place.staff) == []


def test_a_form_that_came_with_a_packet_is_in_force_once_it_is_accepted(place: Place, house: Sender) -> None:
    person, _ = admitted(place, house, **{"urn:uuid:c": form()})
    [item] = listed(place.staff, kind="consent")
    got = said(place.staff, item["proposal"], "accept")
    assert got.status == 422, got.body  # 42 CFR 2.31: what the form lacks is named
    assert got.expressions
    assert said(place.staff, item["proposal"], "reject", reason="Not signed").status == 200
    consent = place.staff("GET", f"/fhir/Consent/{item['record']['id']}").json
    assert consent["status"] == "rejected"
    whole = place.consent(person, status="proposed")
    [item] = listed(place.staff, kind="consent")
    assert said(place.staff, item["proposal"], "accept").status == 200
    assert place.staff("GET", f"/iop/consent/{whole['id']}").json["status"] == "active"
    assert listed(place.staff, kind="consent") == []


@pytest.mark.parametrize("scope", ["research", "treatment"])
def test_a_consent_to_something_else_is_never_put_in_force(place: Place, scope: str) -> None:
    whole = place.consent(place.participant(), status="proposed")
    record = place.staff("GET", f"/fhir/Consent/{whole['id']}").json
    record["scope"] = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": scope}]}
    bare = {"resourceType": "Consent", "status": "proposed", "scope": record["scope"], "policyRule": {"text": "x"}}
    bare |= {"category": [{"text": "x"}], "patient": record["patient"]}
    kept = {name: said for name, said in record.items() if name not in ("id", "meta", "identifier")}
    for consent in (kept, bare):
        id = place.staff("POST", "/fhir/Consent", consent).id
        [item] = [item for item in listed(place.staff, kind="consent") if item["record"]["id"] == id]
        assert (item["record"]["concept"], item["say"]) == (None, ["reject"])
        got = said(place.staff, item["proposal"], "accept")
        assert (got.status, got.expressions) == (422, ["Consent.scope"])
        assert place.staff("GET", f"/fhir/Consent/{id}").json["status"] == "proposed"
        assert said(place.staff, item["proposal"], "reject", reason="Not for us").status == 200
        assert place.staff("GET", f"/fhir/Consent/{id}").json["status"] == "rejected"


def test_what_waits_for_intake_is_not_said_yet(place: Place, house: Sender) -> None:
    parts = born(resources(), None) | {"urn:uuid:d": document(SUMMARY.read_bytes()), "urn:uuid:c": form()}
    assert house("POST", SUBMIT, packet("collection", parts)).status == 201
    asks = officer(place)
    for type, kind in (("Condition", "record"), ("Consent", "consent")):
        id = asks("GET", f"/fhir/{type}").json["entry"][0]["resource"]["id"]
        got = said(place.staff, f"{kind}:{type}:{id}", "accept")
        assert got.status == 409, got.body
        assert "/iop/intake" in got.body.decode()


def visit(person: str, start: str, end: str | None = None, **more: Any) -> Json:
    coded = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    period = {"start": start} | ({"end": end} if end else {})
    return {
        "resourceType": "Encounter",
        "status": "finished" if end else "in-progress",
        "class": coded,
        "subject": {"reference": f"Patient/{person}"},
        "period": period,
        **more,
    }


KINDS = {
    name: [{"coding": [{"system": "http://snomed.info/sct", "code": code}]}]
    for name, code in (("individual", "18512000"), ("group", "76168009"))
}
FIRST = ("2026-02-04T17:00:00Z", "2026-02-04T18:00:00Z", "individual")


@pytest.mark.parametrize(
    ("start", "end", "kind", "rule"),
    [
        ("2026-02-04T17:00:00Z", "2026-02-04T18:00:00Z", "group", "overlap"),
        ("2026-02-04T17:25:00Z", "2026-02-04T18:25:00Z", "individual", "overlap"),
        ("2026-02-04T17:35:00Z", "2026-02-04T18:35:00Z", "individual", None),
        ("2026-02-04T17:30:00Z", "2026-02-04T18:30:00Z", "individual", None),
        ("2026-02-04T17:15:00Z", None, "individual", "start"),
        ("2026-02-04T12:10:00-05:00", None, "individual", "start"),
        ("2026-02-04T17:15:00Z", None, "group", None),
        ("2026-02-04T17:16:00Z", None, "individual", None),
        ("2026-02-04T16:50:00Z", "2026-02-04T17:00:00Z", "individual", "start"),
        ("2026-02-05T17:00:00Z", "2026-02-05T18:00:00Z", "individual", None),
    ],
)
def test_two_sessions_are_one_visit_by_the_rule(
    place: Place, start: str, end: str | None, kind: str, rule: str | None
) -> None:
    person, ehr = place.participant(), place.client("program-ehr")
    for client, (begins, ends, of) in ((place.staff, FIRST), (ehr, (start, end, kind))):
        got = client("POST", "/fhir/Encounter", visit(person, begins, ends, type=KINDS[of]))
        assert got.status == 201, got.body
    found = listed(place.staff, kind="same")
    assert [item["why"]["rule"] for item in found] == ([rule] if rule else [])
    if found:
        assert {one["from"]["kind"] for one in found[0]["records"]} == {"open", "program-ehr"}


def test_one_system_knows_its_own_visits(place: Place) -> None:
    person, ehr, other = place.participant(), place.client("program-ehr"), place.client("program-ehr")
    for _ in range(2):
        assert ehr("POST", "/fhir/Encounter", visit(person, *FIRST[:2])).status == 201
    assert listed(place.staff, kind="same") == []
    assert other("POST", "/fhir/Encounter", visit(person, *FIRST[:2])).status == 201
    assert len(listed(place.staff, kind="same")) == 2
    assert other("POST", "/fhir/Encounter", visit(place.participant(), *FIRST[:2])).status == 201
    assert len(listed(place.staff, kind="same")) == 2


def twice(place: Place) -> tuple[Sender, str, str, str]:
    """A visit that was imported and came from an EHR, which wrote a finding of it: the EHR, both ids, the finding's."""
    person, ehr = place.participant(), place.client("program-ehr")
    own = {"identifier": [{"system": KEY, "value": "S-1"}]}
    ours = place.staff("POST", "/fhir/Encounter", visit(person, *FIRST[:2], **own)).id
    number = {"identifier": [{"system": "urn:example:ehr", "value": "V-9"}]}
    theirs = ehr("POST", "/fhir/Encounter", visit(person, *FIRST[:2], **number)).id
    finding = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Mood"},
        "valueString": "better",
        "subject": {"reference": f"Patient/{person}"},
        "encounter": {"reference": f"Encounter/{theirs}"},
    }
    return ehr, ours, theirs, ehr("POST", "/fhir/Observation", finding).id


def test_of_two_records_of_one_visit_one_stays(place: Place) -> None:
    ehr, ours, theirs, finding = twice(place)
    [item] = listed(place.staff, kind="same")
    got = said(place.staff, item["proposal"], "same")
    assert got.status == 200, got.body
    assert got.json["records"] == sorted([f"Encounter/{ours}", f"Encounter/{theirs}", f"Observation/{finding}"])
    assert listed(place.staff) == []
    gone = ehr("GET", f"/fhir/Encounter/{theirs}").json
    assert (gone["status"], "identifier" in gone) == ("entered-in-error", False)
    assert gone["extension"][0]["valueReference"] == {"reference": f"Encounter/{ours}"}
    assert place.staff("GET", f"/iop/session/{theirs}").json["superseded_by"] == ours
    assert ehr("GET", f"/fhir/Observation/{finding}").json["encounter"] == {"reference": f"Encounter/{ours}"}
    for number in (f"{KEY}|S-1", "urn:example:ehr|V-9"):
        found = ehr("GET", f"/fhir/Encounter?identifier={number}").json
        assert [entry["resource"]["id"] for entry in found["entry"]] == [ours]
    again = {**gone, "status": "finished"}
    assert ehr("PUT", f"/fhir/Encounter/{theirs}", again).status == 200
    assert len(listed(place.staff, kind="same")) == 1  # who writes it anew is asked about anew


def test_the_practice_key_means_the_one_that_stays(place: Place) -> None:
    ehr, ours, theirs, _ = twice(place)
    [item] = listed(place.staff, kind="same")
    assert said(place.staff, item["proposal"], "same", keep="nobody").status == 422
    assert said(place.staff, item["proposal"], "same", keep=theirs).status == 200
    person = ehr("GET", f"/fhir/Encounter/{theirs}").json["subject"]["reference"].partition("/")[2]
    own = {"identifier": [{"system": KEY, "value": "S-1"}]}
    got = place.staff("POST", "/fhir/Encounter", visit(person, *FIRST[:2], **own))
    assert got.status == 409
    assert got.headers["location"].endswith(f"Encounter/{theirs}")
    assert place.staff("GET", f"/fhir/Encounter/{ours}").json["status"] == "entered-in-error"


def test_what_is_different_is_never_proposed_again(place: Place) -> None:
    twice(place)
    [item] = listed(place.staff, kind="same")
    assert said(place.staff, item["proposal"], "different").status == 200
    assert listed(place.staff, kind="same") == []
    kind, type, one, other = item["proposal"].split(":")
    swapped = f"{kind}:{type}:{other}:{one}"
    assert said(place.staff, swapped, "different").status == 200
    assert listed(place.staff, kind="same") == []


def diagnosis(person: str) -> Json:
    codes = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": f"{codes}clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{codes}ver-status", "code": "confirmed"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F10.20"}]},
        "subject": {"reference": f"Patient/{person}"},
    }


def two(place: Place, type: str) -> tuple[str, str, str]:
    """Two records of one person that are the same, and what they are proposed as."""
    person = place.participant()
    if type == "Consent":
        one, other = (str(place.consent(person)["id"]) for _ in range(2))
    else:
        made = visit(person, *FIRST[:2]) if type == "Encounter" else diagnosis(person)
        one, other = (place.staff("POST", f"/fhir/{type}", made).id for _ in range(2))
    return one, other, f"same:{type}:{one}:{other}"


WORDS: list[Json] = [{"say": "same", "keep": "one"}, {"say": "same", "keep": "other"}, {"say": "same"}]
WORDS += [{"say": "different"}]


@pytest.mark.parametrize("type", ["Encounter", "Condition", "Consent"])
def test_of_two_that_were_made_one_nothing_more_can_be_said(place: Place, type: str) -> None:
    one, other, name = two(place, type)
    assert said(place.staff, name, "same", keep=one).status == 200
    before = [place.staff("GET", f"/fhir/{type}/{id}").body for id in (one, other)]
    for word in WORDS:
        keep = {"keep": {"one": one, "other": other}[word["keep"]]} if "keep" in word else {}
        got = said(place.staff, name, word["say"], **keep)
        assert got.status == 409, got.body
        assert f"{type}/{other}" in got.body.decode()
    got = place.staff("POST", f"{LIST}/$say", {"say": "different", "items": [name]})
    assert (got.status, got.expressions) == (409, ["items[0]"])
    assert [place.staff("GET", f"/fhir/{type}/{id}").body for id in (one, other)] == before


def test_of_two_that_were_made_one_by_one_request_the_second_word_is_refused(place: Place) -> None:
    one, other, name = two(place, "Encounter")
    third = place.staff("POST", "/fhir/Encounter", place.staff("GET", f"/fhir/Encounter/{one}").json).id
    items = [name, f"same:Encounter:{other}:{third}"]
    assert place.staff("POST", f"{LIST}/$say", {"say": "same", "items": items}).status == 409
    for id in (one, other, third):
        assert place.staff("GET", f"/fhir/Encounter/{id}").json["status"] == "finished"


def test_a_record_in_error_is_the_same_as_none_and_is_not_proposed(program: Program, client: Client) -> None:
    person = client("POST", "/fhir/Patient", {"resourceType": "Patient"}).id
    own = visit(person, *FIRST[:2], identifier=[{"system": KEY, "value": "S-1"}])
    hidden = client("POST", "/fhir/Encounter", own).id
    limited = reader(program, hidden)
    try:
        made = limited("POST", "/fhir/Encounter", own).id
    finally:
        limited.close()
    [item] = listed(client)
    assert client("PUT", f"/fhir/Encounter/{hidden}", {**own, "id": hidden, "status": "entered-in-error"}).status == 200
    assert listed(client) == []
    for word in ({"say": "same", "keep": hidden}, {"say": "same", "keep": made}, {"say": "different"}):
        got = client("POST", f"{LIST}/{item['proposal']}", word)
        assert got.status == 409, got.body
    assert client("GET", f"/fhir/Encounter/{made}").json["status"] == "finished"
    assert client("PUT", f"/fhir/Encounter/{hidden}", {**own, "id": hidden}).status == 200
    assert [one["proposal"] for one in listed(client)] == [item["proposal"]]


def test_of_two_people_who_were_joined_nothing_more_can_be_said(place: Place) -> None:
    one, other = (place.participant() for _ in range(2))
    name = f"person:Patient:{one}:{other}"
    assert said(place.staff, name, "same", keep=one, unlike=True).status == 200
    for word in ("same", "different"):
        for keep in (one, other):
            assert said(place.staff, name, word, keep=keep).status == 409
    assert place.staff("GET", f"/fhir/Patient/{one}").json["link"][0]["type"] == "replaces"


def test_who_writes_the_one_in_error_anew_may_be_the_one_that_stays(place: Place) -> None:
    """It names the other as what took its place, which it must not when the other goes."""
    ehr, ours, theirs, finding = twice(place)
    [item] = listed(place.staff, kind="same")
    assert said(place.staff, item["proposal"], "same", keep=ours).status == 200
    gone = ehr("GET", f"/fhir/Encounter/{theirs}").json
    assert ehr("PUT", f"/fhir/Encounter/{theirs}", {**gone, "status": "finished"}).status == 200
    got = said(place.staff, item["proposal"], "same", keep=theirs)
    assert got.status == 200, got.body
    assert "extension" not in ehr("GET", f"/fhir/Encounter/{theirs}").json
    assert place.staff("GET", f"/iop/session/{ours}").json["superseded_by"] == theirs
    assert ehr("GET", f"/fhir/Observation/{finding}").json["encounter"] == {"reference": f"Encounter/{theirs}"}


def test_a_version_and_an_address_of_the_one_that_goes_are_those_of_the_one_that_stays(place: Place) -> None:
    ehr, ours, theirs, finding = twice(place)
    told = ehr("GET", f"/fhir/Observation/{finding}").json
    base = place.program.base_url
    forms = [f"Encounter/{theirs}/_history/1", f"{base}/Encounter/{theirs}"]
    made = [ehr("POST", "/fhir/Observation", told | {"encounter": {"reference": form}}).id for form in forms]
    [item] = listed(place.staff, kind="same")
    got = said(place.staff, item["proposal"], "same", keep=ours)
    assert got.status == 200, got.body
    named = [ehr("GET", f"/fhir/Observation/{id}").json["encounter"]["reference"] for id in made]
    assert named == [f"Encounter/{ours}", f"{base}/Encounter/{ours}"]
    assert {f"Observation/{id}" for id in made} <= set(got.json["records"])


@pytest.mark.parametrize("form", ["Encounter/{}", "Encounter/{}/_history/1"])
def test_what_stays_is_no_part_of_itself(place: Place, form: str) -> None:
    person = place.participant()
    one = place.session(person)
    part = {"reference": form.format(one)}
    account = [{"url": "http://example.org/x", "extension": [{"url": "of", "valueReference": part}]}]
    other = place.session(person, partOf=part, extension=account)
    third = place.session(person, partOf=part)
    assert said(place.staff, f"same:Encounter:{one}:{other}", "same", keep=other).status == 200
    kept = place.staff("GET", f"/fhir/Encounter/{other}").json
    assert not kept.keys() & {"partOf", "extension"}
    assert place.staff("GET", f"/fhir/Encounter/{third}").json["partOf"] == {"reference": f"Encounter/{other}"}


def test_of_a_proposed_record_that_is_another_all_has_been_said(place: Place, house: Sender) -> None:
    admitted(place, house)
    items = listed(place.staff, kind="record")
    item = next(one for one in items if one["record"]["concept"] == "diagnosis")
    theirs = place.staff("GET", f"/fhir/Condition/{item['record']['id']}").json
    own = {name: told for name, told in theirs.items() if name not in ("meta", "identifier")}
    ours = place.staff("POST", "/fhir/Condition", own)
    assert ours.status == 201, ours.body
    got = said(place.staff, f"same:Condition:{ours.id}:{theirs['id']}", "same", keep=ours.id)
    assert got.status == 200, got.body
    assert listed(place.staff, kind="record") == [one for one in items if one != item]
    assert said(place.staff, item["proposal"], "accept").status == 404
    gone = place.staff("GET", f"/fhir/Condition/{theirs['id']}").json
    assert gone["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "tag" not in gone.get("meta", {})


def test_what_waits_for_intake_is_compared_with_nothing(place: Place, house: Sender) -> None:
    known = place.staff("POST", "/fhir/Patient", named("S-1")).id
    task, came = referred(house, "S-1")
    assert listed(place.staff) == listed(place.staff, participant=came) == []
    allergy = house("GET", f"/fhir/AllergyIntolerance?patient={came}").json["entry"][0]["resource"]["id"]
    told = place.staff("GET", f"/fhir/AllergyIntolerance/{allergy}").json
    ours = place.staff("POST", "/fhir/AllergyIntolerance", {k: v for k, v in told.items() if k != "meta"}).id
    for name in (f"person:Patient:{known}:{came}", f"same:AllergyIntolerance:{ours}:{allergy}"):
        for word in ("same", "different"):
            got = said(place.staff, name, word)
            assert got.status == 409, got.body
            assert "/iop/intake" in got.body.decode()
    settled(place, task)
    assert {item["proposal"] for item in listed(place.staff, kind="person")} == {
        f"person:Patient:{':'.join(sorted((known, came)))}"
    }
    assert said(place.staff, f"same:AllergyIntolerance:{ours}:{allergy}", "same", keep=ours).status == 200


def test_a_key_that_somebody_is_known_to_have_who_waits_for_intake_is_proposed_after(
    place: Place, house: Sender
) -> None:
    task, came = referred(house, "S-2")
    ours = place.staff("POST", "/fhir/Patient", named("S-2")).id
    assert listed(place.staff) == listed(place.staff, participant=came) == []
    settled(place, task)
    [item] = listed(place.staff)
    assert item["proposal"] == f"person:Patient:{':'.join(sorted((ours, came)))}"


def named(number: str) -> Json:
    """A person with a key of the practice, like nobody else."""
    name = [{"family": "Marsh", "given": ["Ruth"]}]
    return {"resourceType": "Patient", "identifier": [{"system": KEY, "value": number}], "name": name}


def referred(house: Sender, number: str) -> tuple[str, str]:
    """A referral of somebody with a key of the practice: its Task, and the person."""
    parts = resources()
    parts["urn:uuid:p"]["identifier"] = [{"system": KEY, "value": number}]
    got = house("POST", SUBMIT, packet("collection", parts))
    assert got.status == 201, got.body
    task = told(got)["task"]
    return task["id"], task["for"]["reference"].partition("/")[2]


def test_a_record_of_another_person_is_none_of_the_same(place: Place) -> None:
    one, other = place.session(place.participant()), place.session(place.participant())
    got = said(place.staff, f"same:Encounter:{one}:{other}", "same")
    assert got.status == 409, got.body
    assert place.staff("GET", f"/fhir/Encounter/{one}").json["status"] == "finished"


def test_two_people_who_are_probably_one_are_proposed_and_joined(place: Place) -> None:
    person: Json = {
        "resourceType": "Patient",
        "name": [{"family": "Quill", "given": ["Ada"]}],
        "birthDate": "1984-03-07",
        "telecom": [{"system": "phone", "value": "555-010-4477"}],
    }
    one = place.staff("POST", "/fhir/Patient", person).id
    other = place.client("program-ehr")("POST", "/fhir/Patient", person).id
    place.staff("POST", "/fhir/Patient", person | {"birthDate": "1951-01-01", "telecom": []})
    [item] = listed(place.staff, kind="person")
    assert item["why"]["grade"] == "certain"
    assert {record["id"] for record in item["records"]} == {one, other}
    assert listed(place.staff, kind="person", participant=other)[0]["proposal"] == item["proposal"]
    assert said(place.staff, item["proposal"], "same").status == 200
    assert place.staff("GET", f"/fhir/Patient/{other}").json["link"][0]["type"] == "replaced-by"
    assert listed(place.staff) == []


def test_a_key_that_a_hidden_record_has_is_proposed_for_linking(program: Program, client: Client) -> None:
    """What somebody writes under it is of its own; staff are asked whether the two are one."""
    person = client("POST", "/fhir/Patient", {"resourceType": "Patient"}).id
    own = visit(person, *FIRST[:2], identifier=[{"system": KEY, "value": "S-1"}])
    hidden = client("POST", "/fhir/Encounter", own).id
    limited = reader(program, hidden)
    try:
        made = limited("POST", "/fhir/Encounter", own).id
        assert listed(limited) == []
        assert said(limited, f"same:Encounter:{hidden}:{made}", "same").status == 404
        [item] = listed(client)
        assert (item["kind"], item["why"]) == ("same", {"rule": "identifier"})
        assert said(client, item["proposal"], "same").status == 200
        assert listed(client) == []
        assert limited("GET", f"/fhir/Encounter/{made}").json["status"] == "entered-in-error"
    finally:
        limited.close()
    got = client("POST", "/fhir/Encounter", own)
    assert got.headers["location"].endswith(f"Encounter/{hidden}")


def test_who_may_say_what_is_said_by_the_roles(tmp_path: Path) -> None:
    with housed(tmp_path) as house:
        mine, other = (("MedicationRequest", house.records["medication", who], "") for who in (MINE, OTHERS_ID))
        finding = ("Condition", house.records["diagnosis", OTHERS_ID], "")
        house.program.store.write(lambda t: propose(t.database, [mine, other, finding], 0)).result(30)
        names = {who: f"record:{type}:{id}" for who, (type, id, _) in (("mine", mine), ("other", other))}
        diagnosis = f"record:Condition:{finding[1]}"
        seen = {role: house.ask(role, "GET", LIST) for role in Role}
        shown = {
            role: {one["proposal"] for one in got.json["items"] if one["kind"] == "record"}
            for role, got in seen.items()
            if got.status == 200
        }
        everything = {*names.values(), diagnosis}
        assert shown == {
            "counselor": {names["mine"]},
            "prescriber": everything,
            "intake": everything,
            "program-lead": everything,
            "privacy-officer": everything,
        }

        def says(role: str, name: str) -> int:
            return house.ask(role, "POST", f"{LIST}/{name}", {"say": "reject", "reason": "not so"}).status

        assert {role: says(role, names["other"]) for role in ("peer-mentor", "billing", "privacy-officer")} == {
            "peer-mentor": 403,
            "billing": 403,
            "privacy-officer": 403,
        }
        absent = house.ask("counselor", "POST", f"{LIST}/record:Condition:{ABSENT}", {"say": "accept"})
        hidden = house.ask("counselor", "POST", f"{LIST}/{diagnosis}", {"say": "accept"})
        assert (hidden.status, hidden.body) == (absent.status, absent.body)
        assert (says("intake", names["other"]), says("counselor", names["mine"])) == (403, 403)
        assert (says("prescriber", names["other"]), says("intake", diagnosis)) == (200, 200)


@pytest.mark.parametrize("word", ["same", "different"])
def test_of_two_records_each_says_who_may_change_both(tmp_path: Path, word: str) -> None:
    with housed(tmp_path) as house:
        types = {"session": "Encounter", "diagnosis": "Condition", "medication": "MedicationRequest"}
        pairs = {
            (concept, who): f"same:{type}:{house.records[concept, who]}:{house.made(concept, who)}"
            for concept, type in types.items()
            for who in (MINE, OTHERS_ID)
        }
        device = {"resourceType": "Device", "status": "active", "patient": {"reference": f"Patient/{MINE}"}}
        unmapped = f"same:Device:{':'.join(house.office('POST', '/fhir/Device', device).id for _ in range(2))}"

        def says(role: str, name: str) -> int:
            return house.ask(role, "POST", f"{LIST}/{name}", {"say": word}).status

        t = house.program.store.t
        for role, concept, who, status in (
            ("intake", "session", MINE, 403),
            ("program-lead", "medication", MINE, 403),
            ("counselor", "medication", MINE, 403),
            ("counselor", "session", OTHERS_ID, 404),
            ("prescriber", "diagnosis", OTHERS_ID, 404),
            ("privacy-officer", "diagnosis", MINE, 403),
        ):
            assert says(role, pairs[concept, who]) == status, (role, concept, who)
        assert house.program.store.t == t
        assert says("counselor", unmapped) == 404
        assert says("counselor", pairs["session", MINE]) == 200
        assert says("prescriber", pairs["medication", OTHERS_ID]) == 200
        assert says("intake", pairs["diagnosis", OTHERS_ID]) == 200
        assert says("program-lead", unmapped) == (200 if word == "different" else 403)
        people = f"person:Patient:{MINE}:{OTHERS_ID}"
        assert (says("prescriber", people), says("counselor", people)) == (403, 404)


def test_of_a_document_each_says_what_he_may_write_and_the_rest_is_left(place: Place, house: Sender) -> None:
    _, kept = admitted(place, house)
    items = listed(place.staff, kind="record")
    medicines = {one["proposal"] for one in items if one["record"]["concept"] == "medication"}
    assert any(one["record"]["concept"] is None for one in items)

    def says(role: str, **more: Any) -> Got:
        given = staff.token(place.program, staff.account(place.program, f"{role}.{next(place.numbers)}", role))
        headers = {"authorization": f"Bearer {given}"}
        body = {"document": kept, "say": "accept", **more}
        return place.guarded("POST", f"{LIST}/$say", body, headers)

    staff.app(place.program)
    assert says("intake", types=["MedicationRequest"]).status == 403
    assert len(listed(place.staff, kind="record")) == len(items)
    got = says("program-lead")
    assert got.status == 200, got.body
    assert set(got.json["left"]) == medicines
    assert {one["proposal"] for one in listed(place.staff, kind="record")} == medicines
    assert says("prescriber").status == 200
    assert listed(place.staff) == []


def test_several_are_said_at_once_or_none(place: Place, house: Sender) -> None:
    admitted(place, house)
    names = [item["proposal"] for item in listed(place.staff, kind="record")]
    got = place.staff("POST", f"{LIST}/$say", {"items": [*names, "record:Condition:nobody"], "say": "accept"})
    assert (got.status, got.expressions) == (404, [f"items[{len(names)}]"])
    assert len(listed(place.staff, kind="record")) == len(names)
    got = place.staff("POST", f"{LIST}/$say", {"items": names[:2], "say": "accept"})
    assert got.status == 200, got.body
    assert got.json["items"] == names[:2]
    assert [item["proposal"] for item in listed(place.staff, kind="record")] == names[2:]


@pytest.mark.parametrize(
    ("url", "body", "status", "where"),
    [
        ("x", {"say": "accept"}, 404, []),
        ("record:Condition", {"say": "accept"}, 404, []),
        ("same:Encounter:a", {"say": "same"}, 404, []),
        ("record:Condition:a:b", {"say": "accept"}, 404, []),
        ("nothing:Condition:a", {"say": "accept"}, 404, []),
        ("record:Condition:a", {"say": "accept"}, 404, []),
        ("record:Condition:a", {"say": "same"}, 422, ["say"]),
        ("record:Condition:a", {"say": "perhaps"}, 422, ["say"]),
        ("record:Condition:a", {}, 422, ["say"]),
        ("record:Condition:a", {"say": "reject"}, 422, ["reason"]),
        ("record:Condition:a", {"say": "accept", "more": 1}, 400, ["more"]),
        ("record:Condition:a", [], 400, []),
        ("$say", {"say": "accept"}, 422, ["items"]),
        ("$say", {"say": "accept", "items": [], "document": "d"}, 422, ["items"]),
        ("$say", {"say": "accept", "items": ["x"], "document": "d"}, 422, ["items"]),
        ("$say", {"say": "accept", "items": ["x"], "types": ["Condition"]}, 422, ["types"]),
        ("$say", {"say": "accept", "items": ["x"]}, 404, ["items[0]"]),
        ("$say", {"say": "accept", "document": "nobody"}, 404, ["document"]),
        ("$say", {"say": "accept", "document": 1}, 422, ["document"]),
    ],
)
def test_a_wrong_word_is_refused_by_name(place: Place, url: str, body: Any, status: int, where: list[str]) -> None:
    t = place.program.store.t
    got = place.staff("POST", f"{LIST}/{url}", body)
    assert (got.status, got.expressions) == (status, where), got.body
    assert place.program.store.t == t


def test_the_list_is_asked_in_its_own_words(place: Place) -> None:
    for query, where in (("kind=x", "kind"), ("limit=0", "limit"), ("other=1", "other"), ("page=x", "page")):
        got = place.staff("GET", f"{LIST}?{query}")
        assert (got.status, got.expressions) == (400, [where]), got.body
    assert place.staff("GET", f"{LIST}?kind=same&kind=record").status == 400
