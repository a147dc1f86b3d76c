"""Hidden is absent: for a reader who may not see a record, every answer is the one for a record that never was."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from json import dumps, loads
from pathlib import Path
from typing import Any

import pytest

from adapter.interactions.program import Program
from adapter.released import Predicate
from tests.doors.people import created, observation, path, patient, reference
from tests.doors.serving import Client, Got, client_of, opened, served
from tests.interactions.test_changes import session

ABSENT = "00000000-0000-7000-8000-ffffffffffff"
HIDES = Predicate("v.id <> :c_hidden", {"c_recipient": "a test", "c_grant": "all but one", "c_hidden": ""})


@pytest.fixture
def hidden(client: Client) -> Got:
    """A patient with two versions that the limited reader may not see."""
    made = created(client, patient(identifier=[{"system": "https://clinic.example/mrn", "value": "1"}]))
    return client("PUT", f"/fhir/Patient/{made.id}", made.json | {"gender": "other"})


def reader(program: Program, hidden: str) -> Client:
    """A client that may see all but one record; close it when done."""
    predicate = Predicate(HIDES.sql, HIDES.parameters | {"c_hidden": hidden})
    return Client(served(program, predicate))


@pytest.fixture
def limited(program: Program, hidden: Got) -> Iterator[Client]:
    """A client that may see all but the hidden patient."""
    client = reader(program, hidden.id)
    yield client
    client.close()


def patches(url: str) -> dict[str, Any]:
    """A transaction that patches one record."""
    data = b64encode(dumps([{"op": "replace", "path": "/gender", "value": "male"}]).encode()).decode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": binary, "request": {"method": "PATCH", "url": url}}],
    }


PATCHES = patches("Patient/{id}")
PATCHES_FOUND = patches("Patient?identifier=https://clinic.example/mrn|1&_id={id}")
REQUESTS = {
    "read": ("GET", "/fhir/Patient/{id}", None, {}),
    "read with its version": ("GET", "/fhir/Patient/{id}", None, {"If-None-Match": 'W/"2"'}),
    "vread": ("GET", "/fhir/Patient/{id}/_history/1", None, {}),
    "history": ("GET", "/fhir/Patient/{id}/_history", None, {}),
    "history since": ("GET", "/fhir/Patient/{id}/_history?_since=2026", None, {}),
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
    "conditional delete": ("DELETE", "/fhir/Patient?identifier=https://clinic.example/mrn|1&_id={id}", None, {}),
    "delete": ("DELETE", "/fhir/Patient/{id}", None, {}),
    "delete of another version": ("DELETE", "/fhir/Patient/{id}", None, {"If-Match": 'W/"1"'}),
    "search by id": ("GET", "/fhir/Patient?_id={id}", None, {}),
    "read of a part": ("GET", "/fhir/Patient/{id}?_summary=true", None, {}),
    "everything": ("GET", "/fhir/Patient/{id}/$everything", None, {}),
    "compartment": ("GET", "/fhir/Patient/{id}/Patient", None, {}),
    "search by a part of the name": ("GET", "/fhir/Patient?name:contains=invented&_id={id}", None, {}),
    "search by a link to it": ("GET", "/fhir/Observation?patient._id={id}", None, {}),
    "patch in a Bundle": ("POST", "/fhir", PATCHES, {}),
    "conditional patch in a Bundle": ("POST", "/fhir", PATCHES_FOUND, {}),
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
        sent = loads(dumps(body).replace("{id}", id)) if body else None
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


def test_a_conditional_update_makes_one_of_its_own_beside_a_hidden_record(limited: Client, hidden: Got) -> None:
    got = limited("PUT", "/fhir/Patient?identifier=https://clinic.example/mrn|1", patient())
    assert (got.status, got.id != hidden.id) == (201, True)


def test_a_patch_of_a_hidden_record_is_one_of_none(limited: Client, hidden: Got) -> None:
    patch = b'[{"op":"replace","path":"/gender","value":"male"}]'
    kind = {"Content-Type": "application/json-patch+json"}
    one, other = (limited("PATCH", f"/fhir/Patient/{id}", patch, kind) for id in (hidden.id, ABSENT))
    assert (one.status, one.body) == (404, other.body)
    assert limited("PATCH", "/fhir/Patient?identifier=https://clinic.example/mrn|1", patch, kind).body == other.body


def test_a_batch_treats_a_hidden_record_as_absent(limited: Client, hidden: Got) -> None:
    requests = [
        ("GET", f"Patient/{hidden.id}"),
        ("GET", f"Patient/{hidden.id}/_history"),
        ("DELETE", f"Patient/{hidden.id}"),
    ]
    entries = [{"request": {"method": method, "url": url}} for method, url in requests]
    got = limited("POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert [entry["response"]["status"] for entry in got.json["entry"]] == ["404 Not Found"] * 3


def test_a_transaction_treats_a_hidden_record_as_absent(limited: Client, hidden: Got) -> None:
    def sent(*requests: dict[str, object]) -> Got:
        return limited("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": list(requests)})

    for url in ("Patient/{}", "Patient/{}/_history", "Patient/{}/_history/1"):
        read, absent = (sent({"request": {"method": "GET", "url": url.format(id)}}) for id in (hidden.id, "none"))
        assert (read.status, read.body) == (absent.status, absent.body) == (404, read.body)
    assert sent({"request": {"method": "DELETE", "url": f"Patient/{hidden.id}"}}).status == 404


def test_the_other_reader_sees_it_all_the_same(client: Client, limited: Client, hidden: Got) -> None:
    assert client("GET", f"/fhir/Patient/{hidden.id}").status == 200
    assert re.search(hidden.id, created(client, observation(reference(hidden))).body.decode())


# ---- what a reader writes: the same in a program with the hidden record and in one where it never was

Json = dict[str, Any]


def bundle(*entries: Json) -> Json:
    """A transaction."""
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def post(resource: Json, full_url: str | None = None, **request: str) -> Json:
    """A creating entry."""
    asked = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]} | request}
    return asked | ({"fullUrl": full_url} if full_url else {})


ADA = "urn:uuid:8f2c9d1e-0b7a-4a44-9c53-0d9c1a2b3c4d"
FINDING = observation("Patient/{hidden}")
LINKED = patient(link=[{"other": {"reference": "Patient/{hidden}"}, "type": "seealso"}])
KEYED = patient(identifier=[{"system": "{system}", "value": "0042"}])
NATIVE = {
    "names": [{"text": "Invented Ada"}],
    "sex": "female",
    "identifiers": [{"system": "{system}", "value": "0042"}],
}


def booked(who: Any) -> Json:
    """A native booking."""
    times = {"planned_start": "2026-02-06T17:00:00Z", "planned_end": "2026-02-06T18:00:00Z"}
    return {"participant": who, "status": "booked"} | times


NDJSON = {"content-type": "application/x-ndjson"}
Step = tuple[str, str, Any, dict[str, str]]
STORIES: dict[str, list[Step]] = {
    "a reference": [("POST", "/fhir/Observation", FINDING, {})],
    "a reference of ours, written absolutely": [
        ("POST", "/fhir/Observation", observation("http://127.0.0.1:8000/fhir/Patient/{hidden}"), {})
    ],
    "a reference in an update": [
        ("POST", "/fhir/Patient", patient(), {}),
        ("PUT", "/fhir/Patient/{last}", LINKED | {"id": "{last}"}, {}),
    ],
    "a reference in a transaction": [("POST", "/fhir", bundle(post(FINDING)), {})],
    "a native reference that waits": [
        ("POST", "/iop/booking", booked("{hidden}"), {}),
        ("GET", "/iop/pending", None, {}),
    ],
    "a native reference by key": [
        ("POST", "/iop/booking", booked({"system": "{system}", "value": "0042"}), {}),
        ("POST", "/iop/participant", NATIVE, {}),
        ("GET", "/iop/pending", None, {}),
    ],
    "a key, twice": [
        ("POST", "/fhir/Patient", KEYED, {}),
        ("POST", "/fhir/Patient", KEYED, {}),
        ("GET", "/fhir/Patient", None, {}),
        ("GET", "/iop/parked", None, {}),
    ],
    "a key, then nothing, then again": [
        ("POST", "/fhir/Patient", KEYED, {}),
        ("DELETE", "/fhir/Patient/{last}", None, {}),
        ("POST", "/fhir/Patient", KEYED, {}),
        ("GET", "/fhir/Patient", None, {}),
    ],
    "a key, and what is changed under it": [
        ("POST", "/fhir/Patient", KEYED, {}),
        ("PUT", "/fhir/Patient/{last}", KEYED | {"id": "{last}", "gender": "other"}, {"If-Match": 'W/"1"'}),
        ("PUT", "/fhir/Patient/{last}", patient(id="{last}"), {"If-Match": 'W/"2"'}),
        ("POST", "/fhir/Patient", KEYED, {}),
    ],
    "a key taken by an update": [
        ("POST", "/fhir/Patient", patient(), {}),
        ("PUT", "/fhir/Patient/{last}", KEYED | {"id": "{last}"}, {}),
        ("POST", "/fhir/Patient", KEYED, {}),
    ],
    "a condition": [
        ("POST", "/fhir/Patient", KEYED, {"If-None-Exist": "identifier={system}|0042"}),
        ("POST", "/fhir/Patient", KEYED, {"If-None-Exist": "identifier={system}|0042"}),
    ],
    "a key in a transaction": [
        ("POST", "/fhir", bundle(post(KEYED, ADA), post(observation(ADA))), {"Prefer": "return=representation"}),
        ("POST", "/fhir", bundle(post(KEYED, ADA, ifNoneExist="identifier={system}|0042"), post(FINDING)), {}),
        ("POST", "/fhir", bundle(post(KEYED, ADA, ifNoneExist="identifier={system}|0042")), {}),
        ("POST", "/fhir", bundle(post(KEYED)), {}),
    ],
    "a native key, twice": [
        ("POST", "/iop/participant", NATIVE, {}),
        ("POST", "/iop/participant", NATIVE, {}),
        ("GET", "/iop/participant", None, {}),
    ],
    "a native put": [("PUT", "/iop/participant/{hidden}", NATIVE, {})],
    "a native put of its version": [("PUT", "/iop/participant/{hidden}", NATIVE, {"If-Match": 'W/"1"'})],
    "a line of an import under its id": [
        ("POST", "/iop/$import", NATIVE | {"concept": "participant", "id": "{hidden}"}, NDJSON)
    ],
    "a line of an import under its key": [("POST", "/iop/$import", NATIVE | {"concept": "participant"}, NDJSON)] * 2,
    "a line of an import that points to its key": [
        ("POST", "/iop/$import", booked({"system": "{system}", "value": "0042"}) | {"concept": "booking"}, NDJSON),
        ("GET", "/iop/booking", None, {}),
        ("POST", "/iop/$import", NATIVE | {"concept": "participant"}, NDJSON),
        ("GET", "/iop/participant", None, {}),
        ("GET", "/iop/pending", None, {}),
    ],
}


def told(program: Program, hidden: str, steps: list[Step]) -> list[tuple[int, str]]:
    """The answers to a reader from whom one record is hidden; ids are told by the order in which they come."""
    client, said, ids, last = reader(program, hidden), [], {hidden: "HIDDEN"}, ""
    words = {"{hidden}": hidden, "{system}": sorted(program.identifying)[0]}
    for method, url, body, headers in steps:
        words["{last}"] = last
        sent = _filled(dumps(body), words).encode() if body else None
        asked = {name: _filled(value, words) for name, value in headers.items()}
        got = client(method, _filled(url, words), sent, asked)
        if got.status == 201 and "location" in got.headers:
            last = path(got.headers["location"]).split("/")[3]
        text = dumps([got.headers.get("location"), got.headers.get("etag"), loads(got.body or b"null")])
        said.append((got.status, _named(text, ids)))
    client.close()
    return said


def _filled(text: str, words: dict[str, str]) -> str:
    for word, meant in words.items():
        text = text.replace(word, meant)
    return text


def _named(text: str, ids: dict[str, str]) -> str:
    def name(found: re.Match[str]) -> str:
        return ids.setdefault(found[0], f"ID {len(ids)} of version {found[0][14]}")

    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", name, text)
    # The tag of a list is made of the ids in it.
    text = re.sub(r"(?<=W/..)[0-9a-f]{24}", "MARK", text)
    return re.sub(r"2026-03-02T[0-9:.]+Z|17[0-9]{11}", "TIME", text)


@pytest.mark.parametrize("story", STORIES)
def test_what_is_written_beside_a_hidden_record_is_as_if_it_never_was(story: str, tmp_path: Path) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    with opened(tmp_path / "with") as program, client_of(program) as client:
        key = {"system": sorted(program.identifying)[0], "value": "0042"}
        hidden = created(client, patient(identifier=[key])).id
        there = told(program, hidden, STORIES[story])
        unchanged = client("GET", f"/fhir/Patient/{hidden}")
        assert (unchanged.status, unchanged.headers["etag"]) == (200, 'W/"1"')
        assert program.store.write(lambda tx: tx.alias("Patient", key["system"], "0042")).result() == hidden
    with opened(tmp_path / "without") as program:
        assert told(program, ABSENT, STORIES[story]) == there


def test_staff_who_see_both_records_are_told_that_they_may_be_one(client: Client, program: Program) -> None:
    key = {"system": sorted(program.identifying)[0], "value": "0042"}
    hidden = created(client, patient(identifier=[key]))
    limited = reader(program, hidden.id)
    second = created(limited, patient(identifier=[key]))
    assert limited("GET", "/iop/parked").json["items"] == []
    limited.close()
    client("PUT", f"/fhir/Patient/{hidden.id}", hidden.json | {"gender": "other"})
    items = client("GET", "/iop/parked").json["items"]
    assert [(item["id"], item["path"], item["reason"]) for item in items] == [
        (hidden.id, "Patient.identifier", "another record may hold this identifier")
    ]
    mended = client("PUT", f"/fhir/Patient/{second.id}", second.json | {"gender": "male"})
    assert mended.status == 200
    again = client("POST", "/fhir/Patient", patient(identifier=[key]))
    assert (again.status, again.headers["location"].rpartition("/")[2]) == (409, hidden.id)


def test_a_hidden_members_reference_does_not_stop_a_meeting(client: Client, program: Program) -> None:
    """A rule of the program that touches a hidden person's session is not held to what the asker sees."""
    people = [created(client, patient()) for _ in "ab"]
    sessions = [session(person.id) for person in people]
    first = created(client, sessions[0])
    limited = reader(program, people[0].id)
    assert limited("POST", "/fhir/Encounter", sessions[1]).status == 201
    limited.close()
    assert client("GET", f"/fhir/Encounter/{first.id}").headers["etag"] == 'W/"2"'


def test_a_reference_waits_only_for_those_who_cannot_see_its_target(client: Client, program: Program) -> None:
    hidden = created(client, patient())
    limited = reader(program, hidden.id)
    made = limited("POST", "/iop/booking", booked(hidden.id))
    assert [item["id"] for item in limited("GET", "/iop/pending").json["items"]] == [made.id]
    limited.close()
    assert client("GET", "/iop/pending").json["items"] == []
