"""A referral as a document for a receiver without a server: what is in it, and what is written down."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.consent.notice import LONG, SHORT
from adapter.fhir import narrative
from tests.doors import staff
from tests.doors.serving import Got
from tests.doors.test_guarded import OTHERS, THEIRS, Place, Sender, disclosures, placed
from tests.journeys.test_aftercare import partner, referral
from tests.journeys.test_aftercare_pair import parked, person, written

Json = dict[str, Any]
ABSENT = "00000000-0000-7000-8000-000000000000"
SUMMARY = b64encode(b"Summary").decode()
TWICE = f"?recipient=Organization/{THEIRS}&recipient=Organization/{OTHERS}"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A program with one partner, who need not have a server for this."""
    with placed(tmp_path) as place:
        partner(place, "clinic")
        yield place


def full(place: Place, who: str) -> str:
    """A referral that points to one of each."""
    subject = {"reference": f"Patient/{who}"}
    observation = {"resourceType": "Observation", "status": "final", "subject": subject, "code": {"text": "PHQ-9"}}
    plan = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": subject, "title": "Keep on"}
    pills = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": subject}
    pills |= {"medicationCodeableConcept": {"text": "Invented <b>10 mg</b>"}}
    paper = {"resourceType": "DocumentReference", "status": "current", "subject": subject, "description": "Summary"}
    paper |= {"content": [{"attachment": {"contentType": "text/plain", "data": SUMMARY}}]}
    goal = {"resourceType": "Goal", "lifecycleStatus": "active", "subject": subject, "description": {"text": "Sober"}}
    ill = {"resourceType": "Condition", "subject": subject, "code": {"text": "Invented"}}
    ids = [written(place, one | {"subject": subject}) for one in (ill, observation, pills, paper, goal, plan)]
    said: Json = {"problems": [f"Condition/{ids[0]}", f"Observation/{ids[1]}"], "goals": [ids[4]], "plans": [ids[5]]}
    said |= {"medications": [f"MedicationRequest/{ids[2]}"], "documents": [f"DocumentReference/{ids[3]}"]}
    return referral(place, who, **said)


def made(place: Place, id: str, to: str = f"Organization/{THEIRS}", **headers: str) -> Got:
    return place.staff("GET", f"/iop/aftercare_referral/{id}/$document?recipient={to}", None, headers)


def test_the_document_begins_with_its_composition_and_holds_what_the_consent_covers(place: Place) -> None:
    who = person(place)
    place.consent(who)
    got = made(place, full(place, who))
    assert got.status == 200, got.body
    assert got.headers["content-type"] == "application/fhir+json"
    assert got.headers["x-confidentiality-notice"] == SHORT
    bundle = got.json
    composition, *others = [entry["resource"] for entry in bundle["entry"]]
    assert (bundle["type"], composition["resourceType"]) == ("document", "Composition")
    titles = [section["title"] for section in composition["section"]]
    assert titles == [
        *("Reason for referral", "Diagnoses", "Goals", "Plan", "Medications", "Screens and results", "Documents"),
        *("Confidentiality", "What the consent covers"),
    ]
    there = {entry["fullUrl"] for entry in bundle["entry"]}
    named = {entry["reference"] for section in composition["section"] for entry in section.get("entry", ())}
    assert named < there
    assert composition["subject"]["reference"] in there
    [paper] = [one for one in others if one["resourceType"] == "DocumentReference"]
    assert paper["content"][0]["attachment"]["data"] == SUMMARY
    text = " ".join(section["text"]["div"] for section in composition["section"])
    assert LONG in text
    assert "Invented &lt;b&gt;10 mg&lt;/b&gt;" in text
    assert all(narrative.fault(section["text"]["div"]) is None for section in composition["section"])


def test_it_is_valid_by_our_own_operation(place: Place) -> None:
    who = person(place)
    place.consent(who)
    bundle = made(place, full(place, who)).json
    got = place.staff("POST", "/fhir/Bundle/$validate", bundle)
    assert got.status == 200, got.body
    assert [one for one in got.json["issue"] if one["severity"] in ("error", "fatal", "warning")] == []


def test_one_disclosure_of_it_is_in_the_ledger_under_its_consent(place: Place) -> None:
    who = person(place)
    consent = place.consent(who)
    assert made(place, full(place, who)).status == 200
    [one] = disclosures(place)
    assert one == ("provider-ehr", consent["id"], "$document", [(who, consent["id"])])


def test_what_is_not_covered_is_not_in_it_and_named_to_staff(place: Place) -> None:
    who = person(place)
    place.consent(who, exceptions=[{"decision": "deny", "record_types": ["medication"]}])
    id = full(place, who)
    got = made(place, id)
    assert got.status == 200
    assert "MedicationRequest" not in [entry["resource"]["resourceType"] for entry in got.json["entry"]]
    assert b"Invented &lt;b" not in got.body
    [why] = parked(place, id)
    assert why.startswith(f"not in the document for Organization/{THEIRS}, for want of a consent: MedicationRequest/")


def filed(place: Place, who: str, **more: Any) -> tuple[str, str]:
    """A referral with a document whose file is a Binary; its id, and that of the Binary."""
    binary = written(place, {"resourceType": "Binary", "contentType": "text/plain", "data": SUMMARY, **more})
    return referral(place, who, documents=[f"DocumentReference/{paper(place, who, binary)}"]), binary


def paper(place: Place, who: str, binary: str) -> str:
    said = {"resourceType": "DocumentReference", "status": "current", "subject": {"reference": f"Patient/{who}"}}
    said["content"] = [{"attachment": {"contentType": "text/plain", "title": "Sum", "url": f"Binary/{binary}"}}]
    return written(place, said)


def test_a_file_that_is_a_record_of_its_own_goes_in_the_document_that_names_it(place: Place) -> None:
    who = person(place)
    place.consent(who)
    id, _ = filed(place, who)
    got = made(place, id)
    [held] = [one["resource"] for one in got.json["entry"] if one["resource"]["resourceType"] == "DocumentReference"]
    assert held["content"] == [{"attachment": {"contentType": "text/plain", "title": "Sum", "data": SUMMARY}}]
    assert parked(place, id) == []


HIV = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}]}
NOT_HIS: dict[str, Json] = {
    "it is labelled higher": {"meta": HIV},
    "it is held to another record": {"securityContext": {"reference": "Patient/other"}},
    "another person's document shows it, too": {},
}


@pytest.mark.parametrize("name", NOT_HIS)
def test_a_file_of_which_it_is_not_sure_that_it_is_covered_stays_behind(place: Place, name: str) -> None:
    who = person(place)
    place.consent(who)
    if "securityContext" in (more := NOT_HIS[name]):
        more = {"securityContext": {"reference": f"Patient/{who}"}}
    id, binary = filed(place, who, **more)
    if not more:
        paper(place, place.participant(), binary)
    got = made(place, id)
    assert SUMMARY not in got.body.decode()
    assert any(why.endswith(f"Binary/{binary}") for why in parked(place, id))


def test_the_scope_of_the_consent_goes_along_and_nobody_else_whom_it_names(place: Place) -> None:
    who = person(place)
    consent = place.consent(who)
    bundle = made(place, full(place, who)).json
    [scope] = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Consent"]
    assert scope["id"] == consent["id"]
    assert "actor" not in scope["provision"]
    assert "verification" not in scope
    [section] = [one for one in bundle["entry"][0]["resource"]["section"] if one["title"] == "What the consent covers"]
    assert [entry["reference"] for entry in section["entry"]] == [f"{place.program.base_url}/Consent/{consent['id']}"]


@pytest.mark.parametrize("named", [True, False])
def test_a_coverage_goes_where_a_consent_names_it(place: Place, named: bool) -> None:
    who = person(place)
    place.consent(who)
    if named:
        place.consent(who, record_types=["coverage"])
    plan = {"resourceType": "Coverage", "status": "active", "beneficiary": {"reference": f"Patient/{who}"}}
    coverage = written(place, plan | {"payor": [{"reference": f"Organization/{OTHERS}"}]})
    id = referral(place, who, insurance=[f"Coverage/{coverage}"])
    types = [one["resource"]["resourceType"] for one in made(place, id).json["entry"]]
    assert ("Coverage" in types) is named
    assert ([why.rpartition(" ")[2] for why in parked(place, id)] == [f"Coverage/{coverage}"]) is not named
    if named:
        assert types.count("Organization") == 2  # who asks, and who pays


def test_where_nothing_may_leave_there_is_no_document_and_nothing_in_the_ledger(place: Place) -> None:
    who = person(place)
    id = full(place, who)
    absent = made(place, "00000000-0000-7000-8000-000000000000")
    assert (made(place, id).status, absent.status) == (404, 404)
    consent = place.consent(who)
    assert made(place, id, f"Organization/{OTHERS}").status == 404  # does not treat
    assert made(place, id, "Organization/nobody").status == 404
    place.revoked(consent)
    assert made(place, id).status == 404
    assert disclosures(place) == []


@pytest.mark.parametrize("query", ["", "?recipient=", "?recipient=Patient/1", "?to=Organization/1", TWICE])
def test_who_gets_it_must_be_said_once_and_rightly(place: Place, query: str) -> None:
    got = place.staff("GET", f"/iop/aftercare_referral/x/$document{query}")
    assert got.status == 400, got.body


def test_only_who_may_write_a_referral_makes_its_document_or_sends_it(place: Place) -> None:
    who = person(place)
    place.consent(who)
    id = full(place, who)
    lead = place.client("staff", scopes="user/*.cruds")
    officer = place.client("privacy-officer", scopes="user/*.cruds")
    address = f"/iop/aftercare_referral/{id}"
    query = f"?recipient=Organization/{THEIRS}"
    assert officer("GET", f"{address}/$document{query}").status == 403
    assert officer("POST", f"{address}/$send", {}, **{"content-type": "application/json"}).status == 403
    got = lead("GET", f"{address}/$document{query}", accept="application/fhir+json")
    assert got.status == 200, got.body
    assert [one[:3:2] for one in disclosures(place)] == [("provider-ehr", "$document")]
    got = lead("POST", f"{address}/$send", {}, **{"content-type": "application/json"})
    assert got.status == 202, got.body
    assert lead("GET", "/iop/aftercare").status == 200


def test_what_the_asker_may_not_see_is_not_in_the_document_and_named(place: Place) -> None:
    staff.app(place.program, "counselor")
    who = written(place, {"resourceType": "Practitioner", "name": [{"family": "Quill"}]})
    account = staff.account(place.program, "counselor", "counselor", practitioner=who)
    counselor = Sender(place.guarded, staff.token(place.program, account, "counselor", "user/*.cruds"))
    mine = person(place)
    place.consent(mine)
    place.treated(mine, f"Practitioner/{account.practitioner}")
    report = {"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Panel"}, "conclusion": "Unseen"}
    hidden = written(place, report | {"subject": {"reference": f"Patient/{mine}"}})
    id = full(place, mine)
    said = place.staff("GET", f"/fhir/ServiceRequest/{id}").json
    said["supportingInfo"] = [*said.get("supportingInfo", ()), {"reference": f"DiagnosticReport/{hidden}"}]
    assert place.staff("PUT", f"/fhir/ServiceRequest/{id}", said).status == 200
    assert b"Unseen" in made(place, id).body
    address = f"/iop/aftercare_referral/{id}/$document?recipient=Organization/{THEIRS}"
    got = counselor("GET", address, accept="application/fhir+json")
    assert got.status == 200, got.body
    assert b"Unseen" not in got.body
    assert b"Goal" in got.body
    [one] = [why for why in parked(place, id) if hidden in why]
    assert one == (
        f"not in the document for Organization/{THEIRS}, for whoever made it may not see it: DiagnosticReport/{hidden}"
    )
    [_, last] = disclosures(place)
    assert last[2] == "$document"


def test_a_counselor_sends_what_he_may_write_of_those_in_his_care_though_he_writes_no_task(place: Place) -> None:
    staff.app(place.program, "counselor")
    who = written(place, {"resourceType": "Practitioner", "name": [{"family": "Quill"}]})
    account = staff.account(place.program, "counselor", "counselor", practitioner=who)
    counselor = Sender(place.guarded, staff.token(place.program, account, "counselor", "user/*.cruds"))
    mine, other = person(place), person(place)
    place.treated(mine, f"Practitioner/{account.practitioner}")
    ids = [full(place, who) for who in (mine, other)]
    said = {"content-type": "application/json"}
    answers = [counselor("POST", f"/iop/aftercare_referral/{id}/$send", {}, **said) for id in ids]
    assert [got.status for got in answers] == [202, 404]
    assert [one["referral"] for one in counselor("GET", "/iop/aftercare").json["items"]] == ids[:1]
    got = counselor("GET", f"/iop/aftercare_referral/{ids[1]}/$document?recipient=Organization/{THEIRS}")
    absent = counselor("GET", f"/iop/aftercare_referral/{ABSENT}/$document?recipient=Organization/{THEIRS}")
    assert (got.status, got.body) == (404, absent.body)
    assert counselor("PUT", f"/iop/referral_task/{answers[0].json['task']}", {}, **said).status == 403
