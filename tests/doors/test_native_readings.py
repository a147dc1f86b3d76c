"""Records read from a type that their concept does not write, computed members, and what no door lets in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapter.interactions.program import Program
from tests.doors.people import created, path, patient
from tests.doors.serving import Client, Got

Json = dict[str, Any]
LINES = {"content-type": "application/x-ndjson"}


def statement(subject: str, **more: Any) -> Json:
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": {"text": "Sertraline"},
        "subject": {"reference": f"Patient/{subject}"},
    } | more


def note(subject: str, **more: Any) -> Json:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": "Progress"},
        "category": [{"text": "Clinical"}],
        "subject": {"reference": f"Patient/{subject}"},
        "content": [{"attachment": {"contentType": "text/plain", "data": "eA=="}}],
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


def test_what_is_used_of_an_authorization_stays_when_it_is_put_without(client: Client, ada: str) -> None:
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
    assert got.json["services"] == [{"number": 1, "used": 3}]
    seen = {"If-Match": got.headers["etag"]}
    typed = got.json | {"services": [{"number": 1, "used": 9}]}
    assert client("PUT", address, typed, seen).status == 422
    put = client("PUT", address, got.json | {"words": "Go on", "services": [{"number": 1}]}, seen)
    assert (put.status, put.json["services"]) == (200, [{"number": 1, "used": 3}])


NOTES: list[Json] = [
    {
        "type": {
            "coding": [
                {"system": "https://iop-fhir-adapter.org/fhir/CodeSystem/document-type", "code": "counseling-note"}
            ]
        }
    },
    {"category": [{"text": "SUD counseling notes"}]},
    {
        "securityLabel": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSYTHPN"}]}
        ]
    },
]


def explained(got: Got) -> bool:
    return got.status == 422 and "42 CFR 2.11" in got.body.decode()


@pytest.mark.parametrize("said", NOTES)
def test_a_counseling_note_gets_in_by_no_fhir_door(client: Client, program: Program, ada: str, said: Json) -> None:
    assert explained(client("POST", "/fhir/DocumentReference", note(ada, **said)))
    entry = {"resource": note(ada, **said), "request": {"method": "POST", "url": "DocumentReference"}}
    assert explained(client("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}))
    made = created(client, note(ada))
    assert explained(client("PUT", f"/fhir/DocumentReference/{made.id}", made.json | said))
    assert client("GET", "/fhir/DocumentReference?_summary=count").json["total"] == 1


@pytest.mark.parametrize("said", NOTES)
def test_what_a_rule_refuses_is_told_at_its_element(client: Client, ada: str, said: Json) -> None:
    element = next(iter(said))
    refused = client("POST", "/fhir/DocumentReference", note(ada, **said)).json
    assert [issue["expression"] for issue in refused["issue"]] == [[f"DocumentReference.{element}"]]
    told = client("POST", "/fhir/DocumentReference/$validate", note(ada, **said)).json
    assert [f"DocumentReference.{element}"] in [i["expression"] for i in told["issue"] if i["severity"] == "error"]
    entry = {"resource": note(ada, **said), "request": {"method": "POST", "url": "DocumentReference"}}
    bundle = client("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}).json
    assert [i["expression"] for i in bundle["issue"]] == [[f"Bundle.entry[0].resource.{element}"]]
    record = json.loads(client("POST", "/iop/document", {"participant": ada, "type": "counseling_note"}).body)
    assert ["type"] in [issue.get("expression") for issue in record["issue"]]


def test_a_counseling_note_gets_in_by_no_native_door(client: Client, ada: str) -> None:
    record = {
        "participant": ada,
        "status": "current",
        "type": "counseling_note",
        "categories": ["clinical_note"],
        "files": [{"file": {"content_type": "text/plain", "data": "eA=="}}],
    }
    assert explained(client("POST", "/iop/document", record))
    line = json.dumps({"concept": "document", "id": "d0000000-0000-4000-8000-000000000001", **record}).encode()
    report = client("POST", "/iop/$import", line, LINES).body.decode()
    assert '"outcome":"refused"' in report
    assert "42 CFR 2.11" in report
    assert client("GET", "/iop/document").json["records"] == []
