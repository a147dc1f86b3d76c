"""Hidden is absent: for a reader who may not see a record, every answer is the one for a record that never was."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.web.dispatcher import Dispatcher, doors
from adapter.web.hosts import allowed_hosts
from tests.doors.people import created, observation, patient, reference
from tests.doors.serving import Client, Got

ABSENT = "00000000-0000-7000-8000-ffffffffffff"
HIDES = Predicate("v.id <> :c_hidden", {"c_recipient": "a test", "c_grant": "all but one", "c_hidden": ""})


@pytest.fixture
def hidden(client: Client) -> Got:
    """A patient with two versions that the limited reader may not see."""
    made = created(client, patient(identifier=[{"system": "https://clinic.example/mrn", "value": "1"}]))
    return client("PUT", f"/fhir/Patient/{made.id}", made.json | {"gender": "other"})


@pytest.fixture
def limited(program: Program, hidden: Got) -> Iterator[Client]:
    """A client that may see all but the hidden patient."""
    predicate = Predicate(HIDES.sql, HIDES.parameters | {"c_hidden": hidden.id})
    client = Client(Dispatcher({"": doors(program, predicate, "")}, allowed_hosts(program.settings)))
    yield client
    client.close()


REQUESTS = {
    "read": ("GET", "/fhir/Patient/{id}", None, {}),
    "read with its version": ("GET", "/fhir/Patient/{id}", None, {"If-None-Match": 'W/"2"'}),
    "vread": ("GET", "/fhir/Patient/{id}/_history/1", None, {}),
    "update": ("PUT", "/fhir/Patient/{id}", {"resourceType": "Patient", "id": "{id}"}, {}),
    "update of its version": (
        "PUT",
        "/fhir/Patient/{id}",
        {"resourceType": "Patient", "id": "{id}"},
        {"If-Match": 'W/"2"'},
    ),
    "update of another version": (
        "PUT",
        "/fhir/Patient/{id}",
        {"resourceType": "Patient", "id": "{id}"},
        {"If-Match": 'W/"1"'},
    ),
    "delete": ("DELETE", "/fhir/Patient/{id}", None, {}),
    "delete of another version": ("DELETE", "/fhir/Patient/{id}", None, {"If-Match": 'W/"1"'}),
    "search by id": ("GET", "/fhir/Patient?_id={id}", None, {}),
    "native read": ("GET", "/iop/participant/{id}", None, {}),
    "native read with residue": ("GET", "/iop/participant/{id}?with=residue", None, {}),
    "native delete": ("DELETE", "/iop/participant/{id}", None, {"If-Match": 'W/"2"'}),
    "native patch": ("PATCH", "/iop/participant/{id}", {"sex": "female"}, {"If-Match": 'W/"2"'}),
    "what is unmapped": ("GET", "/iop/unmapped?participant={id}", None, {}),
    "what is parked": ("GET", "/iop/parked?participant={id}", None, {}),
}


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_hidden_record_is_answered_as_one_that_never_was(
    request_: str,
    limited: Client,
    hidden: Got,
    program: Program,
) -> None:
    method, url, body, headers = REQUESTS[request_]
    before = program.store.t
    answers = []
    for id in (hidden.id, ABSENT):
        sent = {name: value.replace("{id}", id) for name, value in body.items()} if body else None
        got = limited(method, url.replace("{id}", id), sent, headers)
        answers.append((got.status, got.headers, got.body.replace(id.encode(), b"ID")))
    assert answers[0] == answers[1]
    assert program.store.t == before


def test_a_hidden_record_is_in_no_page_and_no_count(limited: Client, client: Client, hidden: Got) -> None:
    seen = created(client, patient())
    page = limited("GET", "/fhir/Patient?_total=accurate").json
    assert [entry["resource"]["id"] for entry in page["entry"]] == [seen.id]
    assert page["total"] == 1
    assert limited("GET", "/fhir/Patient?_summary=count").json["total"] == 1
    assert [r["id"] for r in limited("GET", "/iop/participant").json["records"]] == [seen.id]


def test_a_condition_does_not_match_a_hidden_record(limited: Client, hidden: Got) -> None:
    header = {"If-None-Exist": "identifier=https://clinic.example/mrn|1"}
    assert limited("POST", "/fhir/Patient", patient(), header).status == 201


def test_a_transaction_treats_a_hidden_record_as_absent(limited: Client, hidden: Got) -> None:
    def sent(*requests: dict[str, object]) -> Got:
        return limited("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": list(requests)})

    read = sent({"request": {"method": "GET", "url": f"Patient/{hidden.id}"}})
    assert read.json["entry"][0]["response"]["status"] == "404 Not Found"
    assert sent({"request": {"method": "DELETE", "url": f"Patient/{hidden.id}"}}).status == 404


def test_the_other_reader_sees_it_all_the_same(client: Client, limited: Client, hidden: Got) -> None:
    assert client("GET", f"/fhir/Patient/{hidden.id}").status == 200
    assert re.search(hidden.id, created(client, observation(reference(hidden))).body.decode())
