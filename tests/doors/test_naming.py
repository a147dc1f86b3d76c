"""Who names whom: a record whose text names another tells of whatever that one tells of, and one that names another
patient is for nobody outside. K41, and labels along references."""

from __future__ import annotations

from typing import Any

from tests.doors.test_guarded import Json, Place

HIV: Json = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "B20"}]}
OTHER: Json = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F10.20"}]}


def condition(place: Place, person: str, code: Json) -> str:
    resource = {"resourceType": "Condition", "subject": {"reference": f"Patient/{person}"}, "code": code}
    return place.staff("POST", "/fhir/Condition", resource).id


def patient(place: Place) -> str:
    """Somebody treated by the provider, with a consent that leaves HIV out."""
    person = place.participant()
    place.treated(person)
    place.consent(person, sensitivities=["substance_use", "mental_health"])
    return person


def naming(place: Place, person: str, target: str, **more: Any) -> str:
    """A visit that names a condition."""
    return place.session(person, reasonReference=[{"reference": f"Condition/{target}", **more}])


def test_a_record_that_names_a_hidden_one_is_hidden_and_one_that_only_points_to_it_is_not(place: Place) -> None:
    person = patient(place)
    hidden, shown = condition(place, person, HIV), condition(place, person, OTHER)
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Condition/{hidden}").status == 404
    assert provider("GET", f"/fhir/Condition/{shown}").status == 200
    for target, more, status in (
        (hidden, {"display": "What the person has"}, 404),
        (hidden, {"identifier": {"system": "urn:registry", "value": "1"}}, 404),
        (hidden, {}, 200),
        (shown, {"display": "What the person has"}, 200),
    ):
        visit = naming(place, person, target, **more)
        assert provider("GET", f"/fhir/Encounter/{visit}").status == status, more


def test_who_named_a_record_that_becomes_sensitive_later_is_hidden_with_it_in_all_its_versions(place: Place) -> None:
    person = patient(place)
    target = condition(place, person, OTHER)
    visit = naming(place, person, target, display="What the person has")
    changed = place.staff("GET", f"/fhir/Encounter/{visit}").json
    del changed["reasonReference"]
    assert place.staff("PUT", f"/fhir/Encounter/{visit}", changed).status == 200
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Encounter/{visit}/_history/1").status == 200
    stored = place.staff("GET", f"/fhir/Condition/{target}").json
    assert place.staff("PUT", f"/fhir/Condition/{target}", stored | {"code": HIV}).status == 200
    for url in (f"Encounter/{visit}", f"Encounter/{visit}/_history/1", f"Encounter/{visit}/_history/2"):
        assert provider("GET", f"/fhir/{url}").status == 404, url
    assert provider("GET", f"/fhir/Encounter?patient={person}").json["total"] == 0


def test_a_bundle_may_bring_the_one_who_names_before_the_one_who_is_named(place: Place) -> None:
    person = patient(place)
    subject = {"reference": f"Patient/{person}"}
    visit = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": subject,
        "period": {"start": "2026-02-04T17:00:00Z", "end": "2026-02-04T18:00:00Z"},
        "reasonReference": [{"reference": "urn:uuid:6f1d2a34-0000-4000-8000-000000000001", "display": "Said"}],
    }
    named = {"resourceType": "Condition", "subject": subject, "code": HIV}
    entries = [
        {"fullUrl": "urn:uuid:6f1d2a34-0000-4000-8000-000000000000", "resource": visit},
        {"fullUrl": "urn:uuid:6f1d2a34-0000-4000-8000-000000000001", "resource": named},
    ]
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {**entry, "request": {"method": "POST", "url": entry["resource"]["resourceType"]}} for entry in entries
        ],
    }
    done = place.staff("POST", "/fhir", bundle)
    assert done.status == 200
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Encounter?patient={person}").json["total"] == 0


def test_a_record_that_names_another_patient_is_for_nobody_outside(place: Place) -> None:
    """By name only: what points to another patient is not stored at this door at all."""
    person, other = patient(place), place.participant()
    visit, plain = place.session(person, extension=[names({"type": "Patient"})]), place.session(person)
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Encounter/{visit}").status == 404
    assert provider("GET", f"/fhir/Encounter/{plain}").status == 200
    assert place.client("program-ehr", scopes="system/*.rs")("GET", f"/fhir/Encounter/{visit}").status == 200
    stored = place.staff("GET", f"/fhir/Encounter/{plain}").json
    refused = stored | {"extension": [names({"reference": f"Patient/{other}"})]}
    assert place.staff("PUT", f"/fhir/Encounter/{plain}", refused).status == 422


def names(reference: Json) -> Json:
    return {"url": "urn:x", "valueReference": {**reference, "display": "Somebody Else"}}


def test_its_own_patient_is_named_without_harm(place: Place) -> None:
    person = patient(place)
    visit = place.session(person, subject={"reference": f"Patient/{person}", "display": "Ada Invented"})
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Encounter/{visit}").status == 200
