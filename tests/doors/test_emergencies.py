"""A clinician elsewhere opens one patient's records in a medical emergency, 42 CFR 2.51: K21 to K23, G18 to G20."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from adapter import officer
from adapter.callers import ClientKind
from adapter.store.emergencies import ACCESS, MOST, OF_CLIENT
from adapter.web.smart.bearer import Bearers
from tests.doors import staff
from tests.doors.clients import ask, asking, register, token_of
from tests.doors.serving import Got
from tests.doors.test_guarded import AGREED, THEIRS, Place, Sender, disclosures, masked

Json = dict[str, Any]
SCOPES = "system/*.rs"
OPEN = "/fhir/Patient/$emergency-access"
NOWHERE = "00000000-0000-7000-8000-0000000000ff"


def business(purpose: str = "ETREAT", **person: str) -> Json:
    named = person or {"subject_id": "urn:oid:2.16.840.1.113883.4.6#1234567893", "subject_name": "Dr. Ines Invented"}
    return {"extensions": {"hl7-b2b": {"version": "1", "purpose_of_use": [purpose], **named}}}


def clinician(place: Place, id: str = "er", claims: Json | None = None, kind: str = "provider-ehr") -> Sender:
    """A client that names a person; it is registered when it first asks."""
    with place.program.store.clients() as clients:
        known = clients.named(id, 0)
    if known is None:
        agreed = AGREED.get(kind)
        register(place.program, id, kind, SCOPES, "TREAT ETREAT BTG", organization=THEIRS, agreement=agreed)
    said = {"claims": claims or business(), "form": {"scope": SCOPES}}
    return Sender(place.guarded, token_of(place.guarded, place.program, next(place.numbers), id=id, **said))


def parameters(*patients: str, reason: str | None = "Found unresponsive; which opioids?") -> Json:
    given = [{"name": "patient", "valueReference": {"reference": f"Patient/{one}"}} for one in patients]
    said = [{"name": "reason", "valueString": reason}] if reason is not None else []
    return {"resourceType": "Parameters", "parameter": [*given, *said]}


def refused(got: Got) -> tuple[int, list[str]]:
    return got.status, got.codes


def listed(place: Place, **more: Any) -> list[dict[str, str]]:
    """What `disclosures emergencies` tells."""
    out = io.StringIO()
    officer.emergencies(place.program.settings, out, place.program.clock(), **more)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def test_a_clinician_reads_one_patient_for_an_hour_and_no_other_and_it_is_recorded_first(place: Place) -> None:
    """K21: no consent, and even against a refusal."""
    person, other = place.participant(), place.participant()
    visit, elsewhere = place.session(person), place.session(other)
    place.consent(person, decision="deny", kind="restriction", expires_with=None)
    doctor = clinician(place)
    assert doctor("GET", f"/fhir/Patient/{person}").status == 404
    opened = doctor("POST", OPEN, parameters(person))
    assert opened.status == 200, opened.body
    assert opened.json["parameter"][0]["valueReference"] == {"reference": f"Patient/{person}"}
    assert doctor("GET", f"/fhir/Patient/{person}").status == 200
    assert doctor("GET", f"/fhir/Encounter/{visit}").status == 200
    assert doctor("GET", f"/fhir/Encounter/{visit}/_history").status == 200
    found = doctor("GET", "/fhir/Encounter?_total=accurate&_include=Encounter:patient").json
    assert (found["total"], len(found["entry"])) == (1, 2)
    assert doctor("GET", "/fhir/Encounter?patient.family=Invented&_summary=count").json["total"] == 1
    assert len(doctor("GET", f"/fhir/Patient/{person}/$everything").json["entry"]) >= 2
    for address in (f"/fhir/Patient/{other}", f"/fhir/Encounter/{elsewhere}"):
        hidden = f"{address.rpartition('/')[0]}/{NOWHERE}"
        assert masked(doctor("GET", address)) == masked(doctor("GET", hidden))
    told = disclosures(place)
    kind, ground, interaction, patients = told[0]
    assert (kind, ground, interaction) == ("provider-ehr", "emergency", ACCESS)
    (_, id), *_ = patients
    assert {patient for *_, patients in told for patient, _ in patients} == {person}
    assert {by for *_, patients in told for _, by in patients} == {id}
    place.program.clock.now += timedelta(minutes=61)  # type: ignore[attr-defined]
    assert clinician(place)("GET", f"/fhir/Patient/{person}").status == 404


def test_the_record_says_who_when_whom_and_why(place: Place) -> None:
    """2.51(c)."""
    person = place.participant()
    assert clinician(place)("POST", OPEN, parameters(person)).status == 200
    (row,) = listed(place, open_only=True)
    assert row["name"] == "Dr. Ines Invented"
    assert row["person"] == "urn:oid:2.16.840.1.113883.4.6#1234567893"
    assert (row["client"], row["organization"], row["patient"]) == ("er", THEIRS, person)
    assert row["reason"] == "Found unresponsive; which opioids?"
    assert row["purpose"] == "ETREAT"
    assert row["date"] < row["until"]
    place.program.clock.now += timedelta(minutes=61)  # type: ignore[attr-defined]
    assert listed(place, open_only=True) == []
    assert len(listed(place)) == 1


def test_what_one_person_opened_is_no_other_persons(place: Place) -> None:
    person = place.participant()
    assert clinician(place)("POST", OPEN, parameters(person)).status == 200
    colleague = clinician(place, claims=business(subject_id="2", subject_name="Dr. Otto Invented"))
    elsewhere = clinician(place, "other-er")
    usual = clinician(place, claims=business("TREAT"))
    for sender in (colleague, elsewhere, usual):
        assert sender("GET", f"/fhir/Patient/{person}").status == 404
    # A fresh token of the same person goes on.
    assert clinician(place, claims=business("BTG"))("GET", f"/fhir/Patient/{person}").status == 200


def test_a_counseling_note_stays_out_and_nothing_can_be_written(place: Place) -> None:
    person = place.participant()
    team = {"resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{person}"}}
    note = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSYTHPN"}
    plan = place.staff("POST", "/fhir/CareTeam", team | {"meta": {"security": [note]}})
    doctor = clinician(place)
    assert doctor("POST", OPEN, parameters(person)).status == 200
    if plan.status == 201:
        assert doctor("GET", f"/fhir/CareTeam/{plan.id}").status == 404
    assert doctor("POST", "/fhir/CareTeam", team).status == 403
    assert doctor("DELETE", f"/fhir/Patient/{person}").status == 403
    assert doctor("GET", "/fhir/Patient/_history").status == 403


def test_who_may_not(place: Place) -> None:
    """K22, K23, G18, G20."""
    person = place.participant()
    body = parameters(person)
    for kind in ("payer", "facility", "program-ehr"):
        if kind != "program-ehr":
            assert place.client(kind, scopes=SCOPES)("POST", OPEN, body).status == 403, kind
    assert place.client("provider-ehr", scopes=SCOPES)("POST", OPEN, body).status == 403
    unnamed = {"extensions": {"hl7-b2b": {"version": "1", "purpose_of_use": ["ETREAT"]}}}
    assert refused(clinician(place, claims=unnamed)("POST", OPEN, body)) == (403, ["forbidden"])
    assert refused(clinician(place, claims=business("TREAT"))("POST", OPEN, body)) == (403, ["forbidden"])
    assert place.staff("POST", OPEN, body).status == 403
    assert disclosures(place) == []


@pytest.mark.parametrize(
    ("patients", "reason", "code"),
    [
        (0, "x", "required"),
        (2, "x", "business-rule"),
        (1, None, "required"),
        (1, "  \t ", "required"),
        (1, "x" * 1_001, "too-long"),
    ],
)
def test_what_is_not_said_is_asked_for(place: Place, patients: int, reason: str | None, code: str) -> None:
    """G18."""
    body = parameters(*[place.participant()] * patients, reason=reason)
    got = clinician(place)("POST", OPEN, body)
    assert got.status in (400, 422)
    assert code in got.codes or got.status == 400
    assert disclosures(place) == []


def test_a_patient_who_is_not_there_is_answered_so_and_the_attempt_is_recorded(place: Place) -> None:
    doctor = clinician(place)
    got = doctor("POST", OPEN, parameters(NOWHERE))
    assert masked(got) == masked(doctor("GET", f"/fhir/Patient/{NOWHERE}"))
    (row,) = listed(place)
    assert (row["patient"], row["asked"], row["until"]) == ("", f"Patient/{NOWHERE}", "")
    assert disclosures(place) == [("provider-ehr", "emergency", ACCESS, [])]


def test_a_patient_may_be_named_by_an_identifier(place: Place) -> None:
    person = place.participant()
    held = place.staff("GET", f"/fhir/Patient/{person}").json
    held["identifier"] = [{"system": "https://er.example/mrn", "value": "7,3|9"}]
    assert place.staff("PUT", f"/fhir/Patient/{person}", held).status == 200
    for value, status in (("7,3|9", 200), ("7", 404)):
        key = {"system": "https://er.example/mrn", "value": value}
        named: Json = {"name": "patient", "valueReference": {"identifier": key}}
        body = parameters()
        body["parameter"].append(named)
        assert clinician(place)("POST", OPEN, body).status == status
    named["valueReference"] = {"display": "Ada"}
    assert clinician(place)("POST", OPEN, body).status == 422


def test_the_sixth_in_an_hour_by_one_person_is_refused(place: Place) -> None:
    """G19: tries count too, so that nobody learns by them who is a patient."""
    person = place.participant()
    for number in range(MOST):
        clinician(place)("POST", OPEN, parameters(person if number % 2 else NOWHERE))
    assert refused(clinician(place)("POST", OPEN, parameters(person))) == (429, ["throttled"])
    other = clinician(place, claims=business(subject_id="2", subject_name="Dr. Otto Invented"))
    assert other("POST", OPEN, parameters(person)).status == 200
    place.program.clock.now += timedelta(minutes=61)  # type: ignore[attr-defined]
    assert clinician(place)("POST", OPEN, parameters(person)).status == 200


def test_nothing_is_opened_that_cannot_be_recorded(place: Place) -> None:
    person, doctor = place.participant(), clinician(place)
    place.guarded.served._programs[""].fhir._access.ledger.close()
    assert doctor("POST", OPEN, parameters(person)).status == 503
    with place.program.store.clients() as clients:
        open_ones = clients._database.execute("SELECT count(*) FROM emergency WHERE closed_ms > opened_ms").fetchone()
    assert open_ones == (0,)


@pytest.mark.parametrize(
    "person",
    [
        {"subject_id": "1"},
        {"subject_name": "Dr. Ines Invented"},
        {"subject_id": "", "subject_name": "x"},
        {"subject_id": "1", "subject_name": "x" * 129},
        {"subject_id": "1", "subject_name": "a\nb"},
    ],
)
def test_a_person_has_an_id_and_a_name_or_is_none(place: Place, person: dict[str, str]) -> None:
    register(place.program, "er", "provider-ehr", SCOPES, "ETREAT", organization=THEIRS)
    asked = asking(place.program, 1, id="er", claims=business(**person), form={"scope": SCOPES})
    got = ask(place.guarded, asked.said_form())
    assert (got.status, got.json["error"]) == (400, "invalid_grant")


def test_a_client_that_names_ever_others_is_bounded_too_and_what_it_tried_is_recorded(place: Place) -> None:
    for number in range(OF_CLIENT + 1):
        named = business(subject_id=f"person-{number}", subject_name="Dr. Somebody")
        got = clinician(place, claims=named)("POST", OPEN, parameters(NOWHERE))
        assert refused(got) == ((404, ["not-found"]) if number < OF_CLIENT else (429, ["throttled"])), number
    assert len(listed(place)) == OF_CLIENT + 1


def test_who_calls_himself_as_one_of_the_staff_is_none_of_them(place: Place) -> None:
    officer = staff.account(place.program, "olga", "privacy-officer")
    other = clinician(place, claims=business(subject_id=officer.practitioner, subject_name="Olga"))
    headers = {b"authorization": f"Bearer {other.token}".encode()}
    caller = Bearers(place.program.store).caller_of(headers, place.program.clock())
    assert (caller.kind, caller.roles) == (ClientKind.PROVIDER_EHR, ())
    assert other("GET", "/fhir/AuditEvent").status == 403
