"""Referrals as facilities send them; everybody in them is invented."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.doors.test_guarded import THEIRS

Json = dict[str, Any]
SNOMED = "http://snomed.info/sct"
PLACER = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}


def resources() -> dict[str, Json]:
    """What a small packet has, by fullUrl; the last parts are of types that no map of ours reads, or that are odd."""
    person = {"reference": "urn:uuid:p"}
    return {
        "urn:uuid:p": {
            "resourceType": "Patient",
            "identifier": [{"system": "https://house.example/mrn", "value": "77"}],
            "name": [{"family": "Quill", "given": ["Ada"]}],
            "gender": "female",
            "birthDate": "1990-05-17",
        },
        "urn:uuid:r": {
            "resourceType": "ServiceRequest",
            "identifier": [{"type": PLACER, "system": "https://house.example/referrals", "value": "R-1"}],
            "status": "active",
            "intent": "order",
            "code": {"coding": [{"system": SNOMED, "code": "305687004"}], "text": "Intensive outpatient treatment"},
            "subject": person,
            "requester": {"reference": "urn:uuid:o"},
            "performer": [{"reference": "https://house.example/fhir/Practitioner/9", "display": "On call"}],
            "supportingInfo": [{"reference": "urn:uuid:a"}],
        },
        "urn:uuid:o": {"resourceType": "Organization", "name": "Invented House"},
        "urn:uuid:a": {
            "resourceType": "AllergyIntolerance",
            "patient": person,
            "code": {"text": "Penicillin"},
            "clinicalStatus": {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
                        "code": "active",
                    }
                ]
            },
        },
        "urn:uuid:f": {
            "resourceType": "Flag",
            "status": "active",
            "code": {"text": "Withdrawal seizures in the past"},
            "subject": person,
        },
    }


def packet(kind: str = "transaction", parts: dict[str, Json] | None = None) -> Json:
    """A Bundle of a kind."""
    entries = []
    for name, resource in deepcopy(parts or resources()).items():
        request = {"request": {"method": "POST", "url": resource["resourceType"]}} if kind == "transaction" else {}
        entries.append({"fullUrl": name, "resource": resource, **request})
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def form(participant: str = "urn:uuid:p") -> Json:
    """A consent, signed at the facility, that lets the program tell it how the referral goes on."""
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IDSCL"}]}],
        "patient": {"reference": participant},
        "dateTime": "2026-01-12T17:20:00-05:00",
        "policyRule": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "42CFRPart2"}]
        },
        "provision": {"type": "permit", "actor": [_actor()]},
    }


def _actor() -> Json:
    role = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]}
    return {"role": role, "reference": {"reference": f"Organization/{THEIRS}"}}
