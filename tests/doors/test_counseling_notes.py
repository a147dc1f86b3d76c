"""A SUD counseling note gets in by no door, in no shape; what stands beside it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.doors.people import created, patient
from tests.doors.serving import Client, Got

Json = dict[str, Any]
LINES = {"content-type": "application/x-ndjson"}
OURS = {"system": "https://iop-fhir-adapter.org/fhir/CodeSystem/document-type", "code": "counseling-note"}
PROGRESS = {"system": "http://loinc.org", "code": "11506-3", "display": "Progress note"}
LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSYTHPN"}
POLICY = LABEL | {"code": "HIPAAPsyNotes"}
RESTRICTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
ADA: Json = {"reference": "Patient/ada"}


def note(**more: Any) -> Json:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": "Progress"},
        "category": [{"text": "Clinical"}],
        "subject": ADA,
        "content": [{"attachment": {"contentType": "text/plain", "data": "eA=="}}],
    } | more


def made(kind: str, /, **more: Any) -> Json:
    return {"resourceType": kind, **more}


def about(kind: str, /, **more: Any) -> Json:
    return {"resourceType": kind, "subject": ADA, **more}


def concept(coding: Json) -> Json:
    return {"coding": [coding]}


def holder(kind: str, contained: Json, **more: Any) -> Json:
    """A resource that contains another and, as R4 asks, refers to it."""
    return about(kind, contained=[{"id": "it", **contained}], **more)


IT = {"reference": "#it"}
FILE = {"contentType": "text/plain", "data": "eA=="}
COLLECTION: Json = {"resourceType": "Bundle", "type": "collection"}
DOCUMENT: Json = {
    "resourceType": "Bundle",
    "type": "document",
    "identifier": {"system": "urn:example:documents", "value": "1"},
    "timestamp": "2026-03-02T09:00:00Z",
}
NURSE = {"display": "A nurse"}


def composition(coding: Json) -> Json:
    return about("Composition", status="final", type=concept(coding), date="2026-03-02", title="Notes", author=[NURSE])


def entry(resource: Json) -> Json:
    return {"fullUrl": "urn:uuid:0a0a0a0a-0000-4000-8000-00000000000e", "resource": resource}


# Shape: the resource around a coding, and the place of what is refused. Each is sent twice: with a coding of ours or
# HL7's for such a note, and with that of a progress note or of a restricted record, which must pass.
SHAPES: dict[str, tuple[Callable[[Json], Json], str]] = {
    "type": (lambda c: note(type=concept(c)), "DocumentReference.type.coding[0]"),
    "second coding": (lambda c: note(type={"coding": [PROGRESS, c]}), "DocumentReference.type.coding[1]"),
    "category": (lambda c: note(category=[concept(c)]), "DocumentReference.category[0].coding[0]"),
    "format": (
        lambda c: note(content=[{"attachment": FILE, "format": c}]),
        "DocumentReference.content[0].format",
    ),
    "contained in a Procedure": (
        lambda c: holder("Procedure", note(type=concept(c)), status="completed", report=[IT]),
        "Procedure.contained[0].type.coding[0]",
    ),
    "contained in a ServiceRequest": (
        lambda c: holder("ServiceRequest", note(type=concept(c)), status="active", intent="order", supportingInfo=[IT]),
        "ServiceRequest.contained[0].type.coding[0]",
    ),
    "contained in a DocumentReference": (
        lambda c: note(
            contained=[{"id": "it", **note(type=concept(c))}], relatesTo=[{"code": "appends", "target": IT}]
        ),
        "DocumentReference.contained[0].type.coding[0]",
    ),
    "in a collection": (
        lambda c: COLLECTION | {"entry": [entry(note(type=concept(c)))]},
        "Bundle.entry[0].resource.type.coding[0]",
    ),
    "in a document": (
        lambda c: DOCUMENT | {"entry": [entry(composition(c))]},
        "Bundle.entry[0].resource.type.coding[0]",
    ),
    "Composition": (composition, "Composition.type.coding[0]"),
    "section": (
        lambda c: composition(PROGRESS) | {"section": [{"code": concept(c), "entry": [ADA]}]},
        "Composition.section[0].code.coding[0]",
    ),
    "DiagnosticReport": (
        lambda c: about("DiagnosticReport", status="final", code=concept(c)),
        "DiagnosticReport.code.coding[0]",
    ),
    "Media": (lambda c: about("Media", status="completed", type=concept(c), content=FILE), "Media.type.coding[0]"),
    "Communication": (
        lambda c: about("Communication", status="completed", category=[concept(c)]),
        "Communication.category[0].coding[0]",
    ),
    "Observation": (
        lambda c: about("Observation", status="final", code=concept(c), valueString="words"),
        "Observation.code.coding[0]",
    ),
    "component": (
        lambda c: about(
            "Observation", status="final", code={"text": "x"}, component=[{"code": concept(c), "valueString": "words"}]
        ),
        "Observation.component[0].code.coding[0]",
    ),
    "Basic": (lambda c: about("Basic", code=concept(c)), "Basic.code.coding[0]"),
    "ClinicalImpression": (
        lambda c: about("ClinicalImpression", status="completed", code=concept(c)),
        "ClinicalImpression.code.coding[0]",
    ),
    "List": (lambda c: about("List", status="current", mode="working", code=concept(c)), "List.code.coding[0]"),
}
LABELLED: dict[str, tuple[Callable[[Json], Json], str]] = {
    "securityLabel": (lambda c: note(securityLabel=[concept(c)]), "DocumentReference.securityLabel[0].coding[0]"),
    "a document's meta": (lambda c: note(meta={"security": [c]}), "DocumentReference.meta.security[0]"),
    "a file's meta": (
        lambda c: made("Binary", meta={"security": [c]}, contentType="text/plain", data="eA=="),
        "Binary.meta.security[0]",
    ),
    "an answer's meta": (
        lambda c: about("QuestionnaireResponse", meta={"security": [c]}, status="completed"),
        "QuestionnaireResponse.meta.security[0]",
    ),
    "a goal's meta": (
        lambda c: about("Goal", meta={"security": [c]}, lifecycleStatus="active", description={"text": "Sleep"}),
        "Goal.meta.security[0]",
    ),
}
CASES = [
    *((name, build, at, OURS, PROGRESS) for name, (build, at) in SHAPES.items()),
    *((f"{name}, LOINC", build, at, PROGRESS | {"code": "34787-2"}, PROGRESS) for name, (build, at) in SHAPES.items()),
    *((name, build, at, LABEL, RESTRICTED) for name, (build, at) in LABELLED.items()),
    *((f"{name}, policy", build, at, POLICY, RESTRICTED) for name, (build, at) in LABELLED.items()),
]
Case = tuple[str, Callable[[Json], Json], str, Json, Json]


@pytest.fixture
def ada(client: Client) -> str:
    return created(client, patient()).id


def of(resource: Json, ada: str) -> Json:
    """The resource about a patient who is there."""
    filled: Json = json.loads(json.dumps(resource).replace("Patient/ada", f"Patient/{ada}"))
    return filled


def explained(got: Got) -> list[str]:
    """The places at which an answer says that there is a counseling note."""
    issues = got.json.get("issue", [])
    return [i["expression"][0] for i in issues if "42 CFR 2.11" in i["details"]["text"]]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_counseling_note_gets_in_by_no_fhir_door(client: Client, ada: str, case: Case) -> None:
    _, build, at, refused, passed = case
    resource, friend = of(build(refused), ada), of(build(passed), ada)
    type = resource["resourceType"]
    got = client("POST", f"/fhir/{type}", resource)
    assert (got.status, explained(got)) == (422, [at])
    for mode in ("", "?mode=create"):
        assert explained(client("POST", f"/fhir/{type}/$validate{mode}", resource)) == [at]
        assert explained(client("POST", f"/fhir/{type}/$validate{mode}", friend)) == []
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": resource}]}
    sent["entry"][0]["request"] = {"method": "POST", "url": type}
    got = client("POST", "/fhir", sent)
    assert (got.status, explained(got)) == (422, [f"Bundle.entry[0].resource{at.removeprefix(type)}"])
    there = created(client, friend)
    got = client("PUT", f"/fhir/{type}/{there.id}", resource | {"id": there.id}, {"if-match": there.headers["etag"]})
    assert (got.status, explained(got)) == (422, [at])
    assert client("GET", f"/fhir/{type}?_summary=count").json["total"] == 1


WORDS: dict[str, tuple[Callable[[str], Json], str]] = {
    "type": (lambda w: note(type={"text": w}), "DocumentReference.type"),
    "type's display": (
        lambda w: note(type=concept({"display": w})),
        "DocumentReference.type.coding[0]",
    ),
    "category": (lambda w: note(category=[{"text": w}]), "DocumentReference.category[0]"),
    "description": (lambda w: note(description=w), "DocumentReference.description"),
    "title": (
        lambda w: note(content=[{"attachment": FILE | {"title": w}}]),
        "DocumentReference.content[0].attachment.title",
    ),
    "format": (
        lambda w: note(content=[{"attachment": FILE, "format": {"display": w}}]),
        "DocumentReference.content[0].format",
    ),
    "label": (lambda w: note(securityLabel=[{"text": w}]), "DocumentReference.securityLabel[0]"),
    "file of a message": (
        lambda w: about("Communication", status="completed", payload=[{"contentAttachment": FILE | {"title": w}}]),
        "Communication.payload[0].contentAttachment.title",
    ),
    "file of a plan": (
        lambda w: about(
            "CarePlan",
            status="active",
            intent="plan",
            extension=[{"url": "urn:example:file", "valueAttachment": FILE | {"title": w}}],
        ),
        "CarePlan.extension[0].valueAttachment.title",
    ),
}


@pytest.mark.parametrize("name", list(WORDS))
def test_words_of_a_document_are_heard_wherever_it_says_what_it_is(client: Client, ada: str, name: str) -> None:
    build, at = WORDS[name]
    type = build("")["resourceType"]
    got = client("POST", f"/fhir/{type}", of(build("SUD counseling note"), ada))
    assert (got.status, explained(got)) == (422, [at])
    assert client("POST", f"/fhir/{type}", of(build("Group progress note"), ada)).status == 201


def test_words_that_are_not_about_what_it_is_pass(client: Client, ada: str) -> None:
    told = "She asked whether the counseling notes stay with her counselor."
    assert client("POST", "/fhir/Observation", of(about("Observation", **ASKED, valueString=told), ada)).status == 201


ASKED: Json = {"status": "final", "code": {"text": "Questions"}}


def test_a_consent_may_be_about_counseling_notes(client: Client, ada: str) -> None:
    consent = {
        "resourceType": "Consent",
        "status": "active",
        "scope": concept({"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}),
        "category": [concept(LABEL), concept(OURS)],
        "patient": ADA,
        "policy": [{"uri": "https://www.ecfr.gov/current/title-42/part-2"}],
        "provision": {"type": "deny", "securityLabel": [LABEL], "code": [concept(OURS)]},
    }
    assert client("POST", "/fhir/Consent", of(consent, ada)).status == 201


RECORD: Json = {
    "status": "current",
    "type": "progress_note",
    "categories": ["clinical_note"],
    "files": [{"file": {"content_type": "text/plain", "data": "eA=="}}],
}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"type": "counseling_note"}, "type"),
        ({"categories": ["counseling_note"]}, "categories"),
        ({"title": "Notes of the counseling session"}, "title"),
        ({"labels": [{"codes": [LABEL]}]}, "labels"),
        ({"files": [{"file": {"content_type": "text/plain", "data": "eA==", "title": "Counselor note"}}]}, "files"),
    ],
)
def test_a_counseling_note_gets_in_by_no_native_door(client: Client, ada: str, said: Json, field: str) -> None:
    record = {"participant": ada, **RECORD}
    got = client("POST", "/iop/document", record | said)
    assert (got.status, explained(got)) == (422, [field])
    got = client("POST", "/fhir/$to-fhir?concept=document", record | said)
    assert (got.status, explained(got)) == (422, [field])
    line = json.dumps({"concept": "document", "id": "d0000000-0000-4000-8000-000000000001", **record, **said}).encode()
    report = json.loads(client("POST", "/iop/$import", line, LINES).body)
    assert (report["outcome"], report["issues"][0]["expression"]) == ("refused", f"line 1: {field}")
    assert "42 CFR 2.11" in report["issues"][0]["message"]
    there = client("POST", "/iop/document", record)
    assert there.status == 201
    got = client("PUT", f"/iop/document/{there.id}", there.json | said, {"if-match": there.headers["etag"]})
    assert (got.status, explained(got)) == (422, [field])
    assert len(client("GET", "/iop/document").json["records"]) == 1


def test_a_counseling_note_is_not_made_native(client: Client, ada: str) -> None:
    for code, status in ((OURS, 422), (PROGRESS, 200)):
        assert client("POST", "/fhir/$to-native", of(note(type=concept(code)), ada)).status == status


def test_a_native_document_is_told_so_beside_what_its_map_refuses(client: Client) -> None:
    document = {
        "participant": "6b1f7c1e-4c1d-4b60-9a0e-0f3b1c2d4e5f",
        "status": "current",
        "type": {"text": "SUD counseling notes"},
        "files": [{"file": {"content_type": "text/plain", "data": "eA=="}}],
    }
    got = client("POST", "/iop/document", document)
    assert (got.status, set(got.expressions)) == (422, {"type", "categories"})
    assert any("42 CFR 2.11" in issue["details"]["text"] for issue in got.json["issue"])


def test_a_note_with_other_faults_is_told_both(client: Client) -> None:
    wrong = note(type={"text": "SUD counseling notes"}, bogus=1)
    for url in ("/fhir/DocumentReference", "/fhir/DocumentReference/$validate"):
        assert {"DocumentReference.bogus", "DocumentReference.type"} <= set(client("POST", url, wrong).expressions)
