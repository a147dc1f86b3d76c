"""SMART's fhirclient for Python: R4 4.0.1 models of its own, strict in what they read. PyPI: fhirclient

It sends no preconditions and knows no PATCH; a program that needs them uses the client's own HTTP session, as here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fhirclient import client as smart
from fhirclient import server as http
from fhirclient.models import bundle, capabilitystatement, observation, operationoutcome, patient
from fhirclient.models.fhirelementfactory import FHIRElementFactory
from requests import HTTPError, Response

from tests.clients.records import MRN, batch, mark, marked, notes, replacing, transaction
from tests.clients.serving import Server


@pytest.fixture
def client(server: Server) -> Iterator[smart.FHIRClient]:
    made = smart.FHIRClient(settings={"app_id": "tests", "api_base": server.base})
    yield made
    made.server.session.close()


def created(client: smart.FHIRClient, word: str) -> patient.Patient:
    """A marked patient, as the server answers it."""
    return patient.Patient(patient.Patient(marked(word)).create(client.server))


def outcome(response: Response) -> operationoutcome.OperationOutcome:
    """What a refusal says, by the client's model."""
    return operationoutcome.OperationOutcome(response.json())


def test_it_is_ready_without_a_login(client: smart.FHIRClient) -> None:
    assert client.prepare()
    assert client.ready
    statement = client.server.capabilityStatement
    assert isinstance(statement, capabilitystatement.CapabilityStatement)
    assert (statement.fhirVersion, statement.rest[0].mode) == ("4.0.1", "server")
    assert {one.type for one in statement.rest[0].resource} >= {"Patient", "Encounter", "Appointment"}


def test_a_record_is_created_read_changed_and_deleted(client: smart.FHIRClient) -> None:
    made = created(client, mark())
    read = patient.Patient.read(made.id, client.server)
    assert read.as_json() == made.as_json()
    read.gender = "other"
    changed = read.update()
    assert (changed["gender"], changed["meta"]["versionId"]) == ("other", "2")
    assert read.delete() is None
    with pytest.raises(HTTPError) as gone:
        patient.Patient.read(made.id, client.server)
    assert (gone.value.response.status_code, outcome(gone.value.response).issue[0].code) == (410, "deleted")


def test_every_record_that_is_there_is_read_by_its_models(client: smart.FHIRClient) -> None:
    """The client refuses what is not R4 by its models: they judge all that the fixtures became."""
    read = 0
    for claim in client.server.request_json("metadata")["rest"][0]["resource"]:
        page = bundle.Bundle.read_from(claim["type"], client.server)
        for entry in page.entry or ():
            assert type(entry.resource) is type(FHIRElementFactory.instantiate(claim["type"], None))
            read += 1
    assert read > 50


def test_a_search_pages_to_the_end(client: smart.FHIRClient) -> None:
    subject = f"Patient/{created(client, mark()).id}"
    made = {observation.Observation(note).create(client.server)["id"] for note in notes(subject, 7)}
    search = observation.Observation.where({"subject": subject, "_count": "3", "_sort": "date"})
    pages = list(search.perform_iter(client.server))
    assert [len(page.entry) for page in pages] == [3, 3, 1]
    assert {entry.resource.id for page in pages for entry in page.entry} == made
    assert [one.effectiveDateTime.date.day for one in search.perform_resources_iter(client.server)] == [
        1,
        2,
        3,
        4,
        5,
        6,
        7,
    ]


def test_a_search_follows_links_both_ways(client: smart.FHIRClient) -> None:
    word = mark()
    person = created(client, word)
    made = observation.Observation(notes(f"Patient/{person.id}", 1)[0]).create(client.server)
    chained = observation.Observation.where({"subject": {"$type": "Patient", "identifier": f"{MRN}|{word}"}})
    assert [one.id for one in chained.perform_resources_iter(client.server)] == [made["id"]]
    with_person = list(chained.include("subject").perform_resources_iter(client.server))
    assert [type(one) for one in with_person] == [observation.Observation, patient.Patient]
    about = patient.Patient.where({"_id": person.id}).include("subject", observation.Observation, reverse=True)
    assert {one.id for one in about.perform_resources_iter(client.server)} == {person.id, made["id"]}


def test_a_reference_is_resolved_by_the_client(client: smart.FHIRClient) -> None:
    person = created(client, mark())
    made = observation.Observation(notes(f"Patient/{person.id}", 1)[0]).create(client.server)
    note = observation.Observation.read(made["id"], client.server)
    assert note.subject.resolved(patient.Patient).id == person.id


def test_a_transaction_and_a_batch_are_answered_entry_by_entry(client: smart.FHIRClient) -> None:
    done = bundle.Bundle(bundle.Bundle(transaction(mark())).create(client.server))
    assert (done.type, [entry.response.status[:3] for entry in done.entry]) == ("transaction-response", ["201"] * 2)
    note = done.entry[1].response.location.split("/")[-3]
    read = bundle.Bundle(bundle.Bundle(batch(f"Observation/{note}", "Patient/none")).create(client.server))
    assert [entry.response.status[:3] for entry in read.entry] == ["200", "404"]
    assert read.entry[0].resource.id == note
    assert read.entry[1].response.outcome.issue[0].code == "not-found"


def test_history_and_everything_are_bundles_of_its_models(client: smart.FHIRClient) -> None:
    person = created(client, mark())
    note = observation.Observation(notes(f"Patient/{person.id}", 1)[0]).create(client.server)
    person.gender = "other"
    person.update(client.server)
    history = bundle.Bundle.read_from(f"Patient/{person.id}/_history", client.server)
    assert [entry.resource.gender for entry in history.entry] == ["other", "female"]
    first = patient.Patient.read_from(f"Patient/{person.id}/_history/1", client.server)
    assert first.gender == "female"
    everything = bundle.Bundle.read_from(f"Patient/{person.id}/$everything", client.server)
    assert {entry.resource.id for entry in everything.entry} == {person.id, note["id"]}


def test_preconditions_and_patches_by_its_session(client: smart.FHIRClient) -> None:
    session, base, word = client.server.session, client.server.base_uri, mark()
    kind = {"Content-Type": http.FHIRJSONMimeType}
    sent = json.dumps(marked(word))
    condition = kind | {"If-None-Exist": f"identifier={MRN}|{word}"}
    made, again = (session.post(f"{base}Patient", sent, headers=condition) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.headers["Location"] == again.headers["Location"]
    address = f"{base}Patient/{made.json()['id']}"
    patched = session.patch(address, json.dumps(replacing("Patient.gender", "other")), headers=kind)
    assert patient.Patient(patched.json()).gender == "other"
    kind = {"Content-Type": "application/json-patch+json", "If-Match": made.headers["ETag"]}
    stale = session.patch(address, json.dumps([{"op": "remove", "path": "/gender"}]), headers=kind)
    assert (stale.status_code, outcome(stale).issue[0].code) == (412, "conflict")
    again = session.patch(address, stale.request.body, headers=kind | {"If-Match": patched.headers["ETag"]})
    assert patient.Patient(again.json()).gender is None


def test_what_is_wrong_is_told_so_that_its_models_read_it(client: smart.FHIRClient) -> None:
    with pytest.raises(http.FHIRNotFoundException) as absent:
        patient.Patient.read("none", client.server)
    assert outcome(absent.value.response).issue[0].code == "not-found"
    with pytest.raises(HTTPError) as refused:
        client.server.post_json("Patient", marked(mark(), gender="F", nickname="A"))
    told = outcome(refused.value.response)
    assert {place for issue in told.issue for place in issue.expression} == {"Patient.gender", "Patient.nickname"}
