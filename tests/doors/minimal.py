"""The least that R4 takes as a resource of each type, made from its definitions: what must be there, and no more."""

from __future__ import annotations

from typing import Any

from adapter.fhir.elements import Definitions, Element

Json = dict[str, Any]
VALUES: Json = {
    "boolean": False,
    "integer": 1,
    "positiveInt": 1,
    "unsignedInt": 1,
    "decimal": 1,
    "date": "2026-03-02",
    "dateTime": "2026-03-02",
    "instant": "2026-03-02T14:00:00Z",
    "code": "text/plain",
    "base64Binary": "YQ==",
    "uri": "https://clinic.example/x",
    "url": "https://clinic.example/x",
    "canonical": "https://clinic.example/x",
    "Reference": {"display": "somebody"},
    "CodeableConcept": {"text": "as said"},
    "Coding": {"code": "x"},
    "Period": {"start": "2026-03-02"},
    "Duration": {"value": 1},
    "Quantity": {"value": 1},
    "Attachment": {"title": "as said"},
    "Timing": {"code": {"text": "as said"}},
}
# What R4's invariants ask for beyond the required elements.
ACTIVE = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
SOMEBODY, SAID = VALUES["Reference"], VALUES["CodeableConcept"]
MORE: dict[str, Json] = {
    "AllergyIntolerance": {"clinicalStatus": {"coding": [{"system": ACTIVE, "code": "active"}]}},
    "Appointment": {"status": "proposed", "participant": [{"status": "accepted", "actor": SOMEBODY}]},
    "AppointmentResponse": {"actor": SOMEBODY},
    "Consent": {"policyRule": SAID},
    "ImmunizationRecommendation": {
        "recommendation": [{"forecastStatus": SAID, "vaccineCode": [SAID]}],
    },
    "Organization": {"name": "as said"},
}


def minimal(definitions: Definitions, type: str) -> Json:
    """A resource of the type with its required elements, and what else an invariant asks for."""
    return {"resourceType": type} | _required(definitions, type) | MORE.get(type, {})


def _required(definitions: Definitions, path: str) -> Json:
    return dict(_member(definitions, element) for element in definitions.children(path) if element.min)


def _member(definitions: Definitions, element: Element) -> tuple[str, Any]:
    type = element.types[0]
    name = element.name.removesuffix("[x]") + (type[0].upper() + type[1:] if element.choice else "")
    if element.codes:
        value: Any = sorted(element.codes)[0]
    elif type == "BackboneElement":
        value = _required(definitions, element.path)
    else:
        value = VALUES.get(type, "as said")
    return name, [value] if element.many else value
