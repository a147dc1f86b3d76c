"""Two people of a program, with a relative and a visit each, and the parts of resources that may name them."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.doors.people import created, patient, reference
from tests.doors.serving import Client

Json = dict[str, Any]
MRN = "urn:example:mrn"
VISIT = "https://iop-fhir-adapter.org/fhir/sid/bhsim/visit"
THIS = {"reference": "#x"}
TEXT = {"text": "x"}


class People(NamedTuple):
    """References to the person that a record is about, or to another; a relative of theirs and a visit."""

    patient: str
    relative: str
    visit: str
    number: str

    @property
    def ref(self) -> Json:
        """A Reference to the patient."""
        return {"reference": self.patient}

    def identified(self, **more: Any) -> Json:
        """A logical reference to the patient."""
        return {"identifier": {"system": MRN, "value": self.number}, **more}


def somebody(client: Client, number: str) -> People:
    who = reference(created(client, patient(identifier=[{"system": MRN, "value": number}])))
    visit = {
        "resourceType": "Encounter",
        "identifier": [{"system": VISIT, "value": number}],
        "status": "planned",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HH"},
        "subject": {"reference": who},
    }
    relative = {"resourceType": "RelatedPerson", "patient": {"reference": who}}
    return People(who, reference(created(client, relative)), reference(created(client, visit)), number)


def made(kind: str, /, **more: Any) -> Json:
    return {"resourceType": kind, **more}


def held(kind: str, **more: Any) -> list[Json]:
    return [{"resourceType": kind, "id": "x", **more}]


def extension(**value: Any) -> list[Json]:
    return [{"url": "urn:example:who", **value}]
