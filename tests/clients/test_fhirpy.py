"""fhirpy, sync: a client that speaks FHIR for Python programs. PyPI: fhirpy

What it does by the ways of one server alone (a merge patch, a create with its condition in the address) is shown too:
it is refused, with a reason that the client can read.
"""

from __future__ import annotations

import json

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome, ResourceNotFound

from tests.clients.records import MRN, batch, mark, marked, notes, replacing, transaction
from tests.clients.serving import Server


@pytest.fixture
def client(server: Server) -> SyncFHIRClient:
    return SyncFHIRClient(server.base)


def saying(server: Server, **headers: str) -> SyncFHIRClient:
    """A client that sends these headers with all it asks."""
    return SyncFHIRClient(server.base, extra_headers={name.replace("_", "-"): said for name, said in headers.items()})


def told(refusal: BaseException) -> tuple[str, str]:
    """The code and the sentence of a refusal's first issue."""
    outcome = json.loads(str(refusal)) if not getattr(refusal, "resource", None) else refusal.resource
    return outcome["issue"][0]["code"], outcome["issue"][0]["details"]["text"]


def test_a_record_is_created_read_changed_and_deleted(client: SyncFHIRClient) -> None:
    made = client.resource("Patient", **marked(mark()))
    made.save()
    assert made.meta.versionId == "1"
    read = client.reference("Patient", made.id).to_resource()
    assert read.serialize() == made.serialize()
    read["gender"] = "other"
    read.save()
    assert read.meta.versionId == "2"
    assert made.refresh().gender == "other"
    read.delete()
    with pytest.raises(ResourceNotFound) as gone:
        client.get("Patient", made.id)
    assert told(gone.value)[0] == "deleted"


def test_only_the_version_that_was_seen_is_changed(server: Server, client: SyncFHIRClient) -> None:
    made = client.resource("Patient", **marked(mark())).create()
    seen = saying(server, If_Match='W/"1"')
    seen.resource("Patient", **dict(made, gender="other")).update()
    # The client takes every 412 for several matches; the outcome inside says what it was.
    with pytest.raises(MultipleResourcesFound) as stale:
        seen.resource("Patient", **dict(made, gender="male")).update()
    assert told(stale.value)[0] == "conflict"
    assert client.get("Patient", made.id).gender == "other"


def test_a_search_pages_to_the_end(client: SyncFHIRClient) -> None:
    person = client.resource("Patient", **marked(mark())).create()
    made = {client.resource("Observation", **note).create().id for note in notes(f"Patient/{person.id}", 7)}
    found = client.resources("Observation").search(patient=person.id, date__ge="2026-03-01").sort("-date").limit(3)
    assert len(found.fetch()) == 3
    every = found.fetch_all()
    assert {one.id for one in every} == made
    assert [one.effectiveDateTime for one in every] == sorted((one.effectiveDateTime for one in every), reverse=True)
    assert found.first().id == every[0].id


def test_a_search_follows_links_both_ways(client: SyncFHIRClient) -> None:
    word = mark()
    person = client.resource("Patient", **marked(word)).create()
    made = client.resource("Observation", **notes(f"Patient/{person.id}", 1)[0]).create()
    chained = client.resources("Observation").search(subject__Patient__identifier=f"{MRN}|{word}")
    assert chained.get().id == made.id
    with_person = chained.include("Observation", "subject").fetch_raw()
    assert {entry.search.mode: entry.resource.id for entry in with_person.entry} == {
        "match": made.id,
        "include": person.id,
    }
    with_notes = client.resources("Patient").search(_id=person.id).revinclude("Observation", "subject").fetch_raw()
    assert {entry.resource.id for entry in with_notes.entry} == {person.id, made.id}
    backwards = client.resources("Patient").has("Observation", "patient", _id=made.id)
    assert backwards.get().id == person.id


def test_a_search_by_other_peoples_parameters_is_refused_and_done_when_asked_leniently(
    server: Server, client: SyncFHIRClient
) -> None:
    """The client counts by `_totalMethod`, which is not R4's `_total`."""
    word = mark()
    client.resource("Patient", **marked(word)).create()
    wanted = {"identifier": f"{MRN}|{word}"}
    with pytest.raises(OperationOutcome) as refused:
        client.resources("Patient").search(**wanted).count()
    code, text = told(refused.value)
    assert (code, text.partition(":")[0]) == ("not-supported", "_totalMethod")
    assert saying(server, Prefer="handling=lenient").resources("Patient").search(**wanted).count() == 1


def test_a_transaction_and_a_batch_are_answered_entry_by_entry(client: SyncFHIRClient) -> None:
    done = client.resource("Bundle", **transaction(mark()))
    answer = client.execute("", data=done.serialize())
    assert [entry.response.status[:3] for entry in answer.entry] == ["201", "201"]
    places = [entry.response.location.split("/")[-4:-2] for entry in answer.entry]
    note = client.get("Observation", places[1][1])
    assert note.subject.reference == "/".join(places[0])
    read = client.execute("", data=batch(f"Observation/{note.id}", "Patient/none"))
    assert [entry.response.status[:3] for entry in read.entry] == ["200", "404"]


def test_a_create_with_a_condition_creates_once(server: Server) -> None:
    word = mark()
    client, plain = saying(server, If_None_Exist=f"identifier={MRN}|{word}"), SyncFHIRClient(server.base)
    first, again = (client.resource("Patient", **marked(word)).create() for _ in range(2))
    assert (again.id, again.meta.versionId) == (first.id, "1")
    assert plain.resources("Patient").search(identifier=f"{MRN}|{word}").get().id == first.id
    # The client's own way has the condition in the address, where R4 has none.
    with pytest.raises(OperationOutcome) as refused:
        plain.resources("Patient").search(identifier=f"{MRN}|{word}").get_or_create(
            plain.resource("Patient", **marked(word))
        )
    assert told(refused.value) == ("not-supported", "unknown parameter identifier")


def test_an_update_and_a_deletion_with_a_condition(client: SyncFHIRClient) -> None:
    word = mark()
    sought = client.resources("Patient").search(identifier=f"{MRN}|{word}")
    made, new = sought.update(client.resource("Patient", **marked(word)))
    same, again = sought.update(client.resource("Patient", **marked(word, gender="other")))
    assert (new, again, same.id, same.gender) == (True, False, made.id, "other")
    assert sought.delete() == (None, 204)
    assert sought.fetch() == []


def test_a_patch_is_by_fhirpath_and_a_merge_is_refused(client: SyncFHIRClient) -> None:
    made = client.resource("Patient", **marked(mark())).create()
    address = f"Patient/{made.id}"
    patched = client.execute(address, method="patch", data=replacing("Patient.gender", "other"))
    assert (patched.gender, patched.meta.versionId) == ("other", "2")
    with pytest.raises(OperationOutcome) as refused:
        client.patch("Patient", made.id, gender="male")
    assert told(refused.value)[0] in ("structure", "invalid", "required")
    assert client.get("Patient", made.id).gender == "other"


def test_the_statement_history_and_everything_are_had(client: SyncFHIRClient) -> None:
    statement = client.execute("metadata", method="get")
    assert statement.fhirVersion == "4.0.1"
    person = client.resource("Patient", **marked(mark())).create()
    person["gender"] = "other"
    person.save()
    note = client.resource("Observation", **notes(f"Patient/{person.id}", 1)[0]).create()
    history = person.execute("_history", method="get")
    assert [entry.resource.meta.versionId for entry in history.entry] == ["2", "1"]
    assert client.execute(f"Patient/{person.id}/_history/1", method="get").gender == "female"
    everything = person.execute("$everything", method="get")
    assert {entry.resource.id for entry in everything.entry} == {person.id, note.id}


def test_what_is_wrong_is_told_so_that_the_client_can_read_it(client: SyncFHIRClient) -> None:
    with pytest.raises(OperationOutcome) as refused:
        client.resource("Patient", gender="F", nickname="A").save()
    issues = refused.value.resource["issue"]
    assert {place for issue in issues for place in issue["expression"]} == {"Patient.gender", "Patient.nickname"}
    assert client.resource("Patient", **marked(mark())).is_valid()
    assert not client.resource("Patient", gender="F").is_valid()
    with pytest.raises(ResourceNotFound) as absent:
        client.get("Patient", "none")
    assert told(absent.value)[0] == "not-found"
