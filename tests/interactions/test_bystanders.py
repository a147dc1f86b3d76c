"""Whom a record may not name, by whatever means: beside each refusal the same record naming whom it may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.doors.people import created, observation, patient
from tests.doors.serving import Client, Got
from tests.interactions.two_people import MRN, TEXT, THIS, VISIT, People, extension, held, made

Json = dict[str, Any]
FILE = {"contentType": "text/plain"}
WHEN = "2026-03-02T09:00:00Z"


def finding(mine: People, **more: Any) -> Json:
    return observation(mine.patient, **more)


def linked(mine: People, other: People, link: str) -> Json:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{link.format(other.patient)}">She</a></div>'
    return finding(mine, text={"status": "additional", "div": div})


def collection(*resources: Json) -> Json:
    entries = [{"fullUrl": f"urn:uuid:0a0a0a0a-0000-4000-8000-00000000000{n}"} for n, _ in enumerate(resources)]
    for n, (entry, resource) in enumerate(zip(entries, resources, strict=True)):
        entry["resource"] = {"id": f"p{n}"} | resource  # type: ignore[assignment]
    return made("Bundle", type="collection", entry=entries)


def unclaimed(*performers: Json) -> Json:
    resource = observation("", **({"performer": [*performers]} if performers else {}))
    del resource["subject"]
    return resource


Build = Callable[[People, People], Json]
# What names a second person: the record made of (its person, another), and the places that are refused. With the same
# person twice it must pass.
SECOND: dict[str, tuple[Build, list[str]]] = {
    "subjects": (lambda a, b: made("Account", status="active", subject=[a.ref, b.ref]), ["Account.subject[1]"]),
    "actors": (lambda a, b: made("Schedule", actor=[a.ref, b.ref]), ["Schedule.actor[1]"]),
    "links of a Person": (
        lambda a, b: made("Person", link=[{"target": a.ref}, {"target": b.ref}]),
        ["Person.link[1].target"],
    ),
    "targets": (
        lambda a, b: made("Provenance", target=[a.ref, b.ref], recorded=WHEN, agent=[{"who": {"display": "A nurse"}}]),
        ["Provenance.target[1]"],
    ),
    "recipient and requester": (
        lambda a, b: made("CommunicationRequest", status="active", subject=a.ref, recipient=[b.ref], requester=b.ref),
        ["CommunicationRequest.recipient[0]", "CommunicationRequest.requester"],
    ),
    "participants": (
        lambda a, b: made(
            "Appointment",
            status="proposed",
            participant=[{"actor": x.ref, "status": "accepted"} for x in (a, b)],
        ),
        ["Appointment.participant[1].actor"],
    ),
    "performers without a subject": (lambda a, b: unclaimed(a.ref, b.ref), ["Observation.performer[1]"]),
    "a record without a subject": (
        lambda a, b: unclaimed(a.ref) | {"encounter": {"reference": b.visit}},
        ["Observation.encounter"],
    ),
    "focus": (lambda a, b: finding(a, focus=[b.ref]), ["Observation.focus[0]"]),
    "an extension": (
        lambda a, b: finding(a, extension=extension(valueReference=b.ref)),
        ["Observation.extension[0].valueReference"],
    ),
    "an extension of a patient": (
        lambda a, b: patient(extension=extension(valueReference=b.ref), link=[{"other": a.ref, "type": "seealso"}]),
        ["Patient.extension[0].valueReference"],
    ),
    "a relative": (
        lambda a, b: finding(a, performer=[{"reference": b.relative}]),
        ["Observation.performer[0]"],
    ),
    "an identifier": (
        lambda a, b: finding(a, performer=[b.identified(type="Patient")]),
        ["Observation.performer[0].identifier"],
    ),
    "an identifier without a type": (
        lambda a, b: finding(a, focus=[b.identified()]),
        ["Observation.focus[0].identifier"],
    ),
    "an identifier beside the subject": (
        lambda a, b: finding(a) | {"subject": b.identified(reference=a.patient)},
        ["Observation.subject.identifier"],
    ),
    "an identifier of a visit": (
        lambda a, b: finding(a, encounter={"identifier": {"system": VISIT, "value": b.number}}),
        ["Observation.encounter.identifier"],
    ),
    "a link": (lambda a, b: linked(a, b, "{}"), ["Observation.text.div"]),
    "a link to this server": (lambda a, b: linked(a, b, "/fhir/{}?_format=json"), ["Observation.text.div"]),
    "a uri": (
        lambda a, b: finding(a, extension=extension(valueUri=b.patient)),
        ["Observation.extension[0].valueUri"],
    ),
    "a url": (
        lambda a, b: finding(a, extension=extension(valueUrl=f"http://127.0.0.1:8000/fhir/{b.patient}")),
        ["Observation.extension[0].valueUrl"],
    ),
    "a file's url": (
        lambda a, b: made(
            "Communication",
            status="completed",
            subject=a.ref,
            payload=[{"contentAttachment": FILE | {"url": b.patient}}],
        ),
        ["Communication.payload[0].contentAttachment.url"],
    ),
    "the patients of a Bundle": (
        lambda a, b: collection(patient(id=a.number), patient(id=b.number)),
        ["Bundle.entry[1].resource"],
    ),
    "an identifier in a Bundle": (
        lambda a, b: collection(
            unclaimed() | {"subject": a.identified()}, patient(), unclaimed() | {"subject": b.identified()}
        ),
        ["Bundle.entry[2].resource.subject.identifier"],
    ),
    "a record in a Bundle": (
        lambda a, b: collection(finding(a), unclaimed() | {"encounter": {"reference": b.visit}}),
        ["Bundle.entry[1].resource.encounter"],
    ),
    "contained subjects in a Bundle": (
        lambda a, b: collection(
            *(unclaimed() | {"subject": THIS, "contained": held("Patient", birthDate=f"200{x.number}")} for x in (a, b))
        ),
        ["Bundle.entry[1].resource.contained"],
    ),
    "contained subjects": (
        lambda a, b: made(
            "Account",
            status="active",
            contained=[held("Patient")[0], *([{"resourceType": "Patient", "id": "y"}] if a != b else ())],
            subject=[THIS, {"reference": "#y"} if a != b else THIS],
        ),
        ["Account.contained[1]"],
    ),
    "a subject in a Bundle": (
        lambda a, b: collection(finding(a), finding(b)),
        ["Bundle.entry[1].resource.subject"],
    ),
}


def places(got: Got) -> list[str]:
    """Where an answer says that somebody is named who may not be."""
    issues = got.json.get("issue", [])
    return [i["expression"][0] for i in issues if "names another" in i["details"]["text"]]


@pytest.mark.parametrize("name", list(SECOND))
def test_a_record_about_one_person_names_no_other(client: Client, two: tuple[People, People], name: str) -> None:
    (build, at), (mine, other) = SECOND[name], two
    refused, passed = build(mine, other), build(mine, mine)
    type = refused["resourceType"]
    got = client("POST", f"/fhir/{type}", refused)
    if name == "an extension of a patient":
        # The new record is a third person's: its link may name anyone, its extension no one.
        passed = {k: v for k, v in passed.items() if k != "extension"}
    assert (got.status, places(got)) == (422, at)
    assert places(client("POST", f"/fhir/{type}/$validate?mode=create", refused)) == at
    there = created(client, passed)
    got = client("PUT", f"/fhir/{type}/{there.id}", refused | {"id": there.id}, {"if-match": there.headers["etag"]})
    assert (got.status, places(got)) == (422, at)


CONTAINED: dict[str, tuple[Build, str]] = {
    "as performer": (
        lambda a, b: finding(a, contained=held("Patient", name=[{"text": "B"}]), performer=[THIS]),
        "Observation",
    ),
    "as focus": (lambda a, b: finding(a, contained=held("Patient"), focus=[THIS]), "Observation"),
    "a Person": (lambda a, b: finding(a, contained=held("Person"), focus=[THIS]), "Observation"),
    "in the directory": (
        lambda a, b: made("Organization", name="A payer", contained=held("Patient"), extension=held_by()),
        "Organization",
    ),
    "in a list": (
        lambda a, b: made("List", status="current", mode="working", contained=held("Patient"), entry=[{"item": THIS}]),
        "List",
    ),
}


def held_by() -> list[Json]:
    return extension(valueReference=THIS)


@pytest.mark.parametrize("name", list(CONTAINED))
def test_a_contained_person_is_nobody_but_the_subject(client: Client, two: tuple[People, People], name: str) -> None:
    build, type = CONTAINED[name]
    got = client("POST", f"/fhir/{type}", build(*two))
    assert (got.status, f"{type}.contained[0]" in places(got)) == (422, True)


def test_a_contained_subject_stands_alone(client: Client, two: tuple[People, People]) -> None:
    mine, _ = two
    request = made("ServiceRequest", status="active", intent="order", subject=THIS, contained=held("Patient"))
    assert client("POST", "/fhir/ServiceRequest", request).status == 201
    got = client("POST", "/fhir/ServiceRequest", request | {"requester": mine.ref})
    assert (got.status, places(got)) == (422, ["ServiceRequest.requester"])
    known = made(
        "DocumentReference",
        status="current",
        type=TEXT,
        subject=mine.ref,
        contained=held("Patient"),
        context={"sourcePatientInfo": THIS},
        content=[{"attachment": FILE | {"url": "https://ehr.example.org/1"}}],
    )
    assert client("POST", "/fhir/DocumentReference", known).status == 201


def test_contained_staff_and_relatives_pass(client: Client, two: tuple[People, People]) -> None:
    mine, other = two
    for kind, more in (("Practitioner", {}), ("RelatedPerson", {"patient": mine.ref})):
        resource = finding(mine, contained=held(kind, **more), performer=[THIS])
        assert client("POST", "/fhir/Observation", resource).status == 201
    got = client("POST", "/fhir/Observation", resource | {"contained": held("RelatedPerson", patient=other.ref)})
    assert (got.status, places(got)) == (422, ["Observation.contained[0].patient"])


def test_an_identifier_of_nobody_here_passes(client: Client, two: tuple[People, People]) -> None:
    unknown = {"type": "Patient", "identifier": {"system": MRN, "value": "3"}}
    assert client("POST", "/fhir/Observation", finding(two[0], performer=[unknown])).status == 201


def test_words_like_an_address_pass(client: Client, two: tuple[People, People]) -> None:
    mine, other = two
    for said in ("Patient/family", f"told {other.patient}", f"https://ehr.example.org/{other.patient}"):
        assert client("POST", "/fhir/Observation", finding(mine, valueString=said)).status == 201


def test_identifiers_that_are_no_references_pass(client: Client, two: tuple[People, People]) -> None:
    mine, other = two
    label = {"system": MRN, "value": other.number}
    tube = made("Specimen", subject=mine.ref, container=[{"identifier": [label], "type": TEXT}])
    assert client("POST", "/fhir/Specimen", tube).status == 201
    answers = made("QuestionnaireResponse", identifier=label, status="completed", subject=mine.ref)
    assert client("POST", "/fhir/QuestionnaireResponse", answers).status == 201


def test_a_bundle_about_one_person_passes(client: Client, two: tuple[People, People]) -> None:
    mine, _ = two
    who = {"reference": "Patient/p0"}
    by_urn = {"reference": "urn:uuid:0a0a0a0a-0000-4000-8000-000000000000"}
    found = finding(mine, performer=[by_urn]) | {"subject": who}
    assert client("POST", "/fhir/Bundle", collection(patient(), found, made("Practitioner"))).status == 201


def test_lists_and_groups_are_about_many(client: Client, two: tuple[People, People]) -> None:
    people = [{"item": one.ref} for one in two]
    assert client("POST", "/fhir/List", made("List", status="current", mode="working", entry=people)).status == 201
    members = [{"entity": one.ref} for one in two]
    assert client("POST", "/fhir/Group", made("Group", type="person", actual=True, member=members)).status == 201
