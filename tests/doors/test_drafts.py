"""A consent that the program's own EHR sends in is a draft: it grants nothing until staff have made it active."""

from __future__ import annotations

from typing import Any

from tests.doors.test_guarded import OURS, Place, tpo

Json = dict[str, Any]


def written(place: Place, person: str, **more: Any) -> Json:
    """The consent as FHIR, as an EHR would send it."""
    consent = place.consent(person)
    resource = dict(place.staff("GET", f"/fhir/Consent/{consent['id']}").json)
    assert place.staff("DELETE", f"/fhir/Consent/{consent['id']}").status == 204
    return {name: value for name, value in resource.items() if name not in ("id", "meta")} | more


def test_a_consent_of_the_programs_ehr_grants_nothing_until_staff_make_it_active(place: Place) -> None:
    person = place.participant()
    place.treated(person)
    sent = written(place, person)
    own, provider = place.client("program-ehr", OURS), place.client("provider-ehr", scopes="system/*.rs")
    refused = own("POST", "/fhir/Consent", sent)
    assert (refused.status, refused.codes, refused.expressions) == (422, ["business-rule"], ["Consent.status"])
    for status in ("draft", "proposed"):
        made = own("POST", "/fhir/Consent", sent | {"status": status})
        assert (made.status, made.json["status"]) == (201, status)
        assert provider("GET", f"/fhir/Patient/{person}").status == 404
        active = made.json | {"status": "active"}
        assert own("PUT", f"/fhir/Consent/{made.id}", active).status == 403  # D30
        patch = [{"op": "replace", "path": "/status", "value": "active"}]
        kind = {"content-type": "application/json-patch+json"}
        assert own("PATCH", f"/fhir/Consent/{made.id}", patch, **kind).status == 403
        assert own("DELETE", f"/fhir/Consent/{made.id}").status == 403
    assert place.staff("PUT", f"/fhir/Consent/{made.id}", active).status == 200
    assert provider("GET", f"/fhir/Patient/{person}").status == 200


def test_it_is_a_draft_in_a_bundle_and_on_condition_too(place: Place) -> None:
    sent = written(place, place.participant())
    own = place.client("program-ehr", OURS)
    entries = [
        {"resource": sent | {"status": status}, "request": {"method": "POST", "url": "Consent"}}
        for status in ("draft", "active")
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    whole = own("POST", "/fhir", bundle)
    assert (whole.status, whole.expressions) == (422, ["Bundle.entry[1].resource.status"])
    each = own("POST", "/fhir", bundle | {"type": "batch"}).json["entry"]
    assert [entry["response"]["status"].split()[0] for entry in each] == ["201", "422"]
    condition = {"if-none-exist": "identifier=urn:x|1"}
    assert own("POST", "/fhir/Consent", sent, **condition).status == 422
    said = own("POST", "/fhir/Consent/$validate?mode=create", sent)
    assert "business-rule" in said.codes
    assert own("PUT", "/fhir/Consent?identifier=urn:x|1", sent).status == 403


def test_nobody_else_writes_one(place: Place) -> None:
    sent = written(place, place.participant(), status="draft")
    for kind in ("provider-ehr", "payer", "facility"):
        assert place.client(kind)("POST", "/fhir/Consent", sent).status == 403


def test_a_consent_to_a_person_permits_nothing_to_the_organization_of_that_person(place: Place) -> None:
    person = place.participant()
    place.treated(person)
    doctor = place.staff("POST", "/fhir/Practitioner", {"resourceType": "Practitioner"}).id
    named = tpo(person) | {"recipients": [{"recipient": f"Practitioner/{doctor}"}]}
    assert place.staff("POST", "/iop/consent", named).status == 201
    assert place.client("provider-ehr", scopes="system/*.rs")("GET", f"/fhir/Patient/{person}").status == 404
