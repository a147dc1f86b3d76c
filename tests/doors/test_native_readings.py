"""Records read from a type that their concept does not write, and computed members."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors.people import created, path, patient
from tests.doors.serving import Client

Json = dict[str, Any]


def statement(subject: str, **more: Any) -> Json:
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": {"text": "Sertraline"},
        "subject": {"reference": f"Patient/{subject}"},
    } | more


@pytest.fixture
def ada(client: Client) -> str:
    return created(client, patient()).id


def test_a_statement_is_read_as_a_medication_and_changed_only_where_it_came_from(client: Client, ada: str) -> None:
    made = created(client, statement(ada))
    address = f"/iop/medication/{made.id}"
    got = client("GET", address)
    assert (got.json["participant"], got.json["reported"], got.json["medication"]) == (
        ada,
        True,
        {"text": "Sertraline"},
    )
    seen = {"If-Match": got.headers["etag"]}
    assert client("PUT", address, got.json, seen).status == 200
    changed = client("PUT", address, got.json | {"status": "stopped", "intent": "plan"}, seen)
    assert (changed.status, "MedicationStatement" in changed.body.decode()) == (422, True)
    assert client("DELETE", address, headers=seen).status == 422
    assert client("GET", address).headers["etag"] == seen["If-Match"]


def test_a_list_says_where_the_records_of_other_types_are(client: Client, ada: str) -> None:
    statements = {created(client, statement(ada)).id for _ in range(3)}
    order = client(
        "POST",
        "/iop/medication",
        {"participant": ada, "status": "active", "intent": "plan", "medication": {"text": "Naltrexone"}},
    )
    listed = client("GET", f"/iop/medication?participant={ada}").json
    assert [record["id"] for record in listed["records"]] == [order.id]
    [other] = listed["also"]
    first = client("GET", path(f"{other}&limit=2")).json
    rest = client("GET", path(first["next"])).json
    assert {record["id"] for page in (first, rest) for record in page["records"]} == statements
    assert first["also"] == [other.replace("MedicationStatement", "MedicationRequest")]


def test_only_a_type_that_the_concept_reads_can_be_listed(client: Client) -> None:
    assert client("GET", "/iop/medication?read_from=Patient").status == 400
    assert client("GET", "/iop/session?read_from=Encounter").status == 400
    assert "also" not in client("GET", "/iop/session").json


def test_what_is_used_of_an_authorization_is_neither_taken_from_a_sender_nor_typed(client: Client, ada: str) -> None:
    use = "https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-authorization-use"
    code = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/adjudication", "code": "submitted"}]}
    item = {
        "extension": [{"url": use, "extension": [{"url": "used", "valueDecimal": 3}]}],
        "itemSequence": 1,
        "adjudication": [{"category": code}],
    }
    payer = created(client, {"resourceType": "Organization", "name": "A payer", "active": True}).id
    form = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]}
    made = created(
        client,
        {
            "resourceType": "ClaimResponse",
            "status": "active",
            "use": "preauthorization",
            "type": form,
            "patient": {"reference": f"Patient/{ada}"},
            "created": "2026-01-13",
            "insurer": {"reference": f"Organization/{payer}"},
            "outcome": "complete",
            "item": [item],
        },
    )
    address = f"/iop/authorization/{made.id}"
    got = client("GET", address)
    assert got.json["services"] == [{"number": 1}]
    seen = {"If-Match": got.headers["etag"]}
    typed = got.json | {"services": [{"number": 1, "used": 9}]}
    assert client("PUT", address, typed, seen).status == 422
    put = client("PUT", address, got.json | {"words": "Go on", "services": [{"number": 1}]}, seen)
    assert (put.status, put.json["services"]) == (200, [{"number": 1}])


def test_the_reason_for_a_missed_visit_that_a_sender_calls_one_of_cancelling_is_kept_and_told(
    client: Client, ada: str
) -> None:
    """R4's app-4 means it to be allowed; its expression names a code that the status does not have."""
    missed = {
        "resourceType": "Appointment",
        "status": "noshow",
        "cancelationReason": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason",
                    "code": "pat-lt",
                    "display": "Patient: Lack of Transportation",
                }
            ]
        },
        "start": "2026-03-02T14:00:00Z",
        "end": "2026-03-02T15:00:00Z",
        "participant": [{"actor": {"reference": f"Patient/{ada}"}, "status": "accepted"}],
    }
    made = created(client, missed)
    assert made.json["cancelationReason"] == missed["cancelationReason"]
    record = client("GET", f"/iop/booking/{made.id}").json
    assert (record["status"], record["reason"]) == ("no_show", "no_transport")
    assert [item["path"] for item in record["incomplete"]] == ["reason"]
    assert client("POST", "/fhir/Appointment", missed | {"status": "booked"}).status == 422
