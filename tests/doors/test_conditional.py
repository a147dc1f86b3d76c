"""Updates and deletions of what a search finds: none, one or several, alone, in Bundles, and in many hands at once."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.interactions.program import Program
from tests.doors.people import created, observation, patient, reference
from tests.doors.serving import Client
from tests.doors.test_transaction import ADA, entry, sent, statuses

MRN = "https://clinic.example/mrn"
KEY = {"system": MRN, "value": "4711"}
SOUGHT = f"Patient?identifier={MRN}|4711"
URL = f"/fhir/{SOUGHT}"


def test_an_update_makes_what_is_not_there_and_then_changes_it(client: Client) -> None:
    made = client("PUT", URL, patient(identifier=[KEY]))
    assert (made.status, made.headers["etag"]) == (201, 'W/"1"')
    same = client("PUT", URL, patient(identifier=[KEY]))
    changed = client("PUT", URL, patient(identifier=[KEY], gender="male"))
    assert [(got.status, got.id, got.headers["etag"]) for got in (same, changed)] == [
        (200, made.id, 'W/"1"'), (200, made.id, 'W/"2"'),
    ]  # fmt: skip
    assert client("PUT", URL, patient(id=made.id, identifier=[KEY])).status == 200


def test_a_deletion_deletes_the_one_or_does_nothing(client: Client, program: Program) -> None:
    before = program.store.t
    assert client("DELETE", URL).status == 204
    assert program.store.t == before
    made = created(client, patient(identifier=[KEY]))
    assert client("DELETE", URL).status == 204
    assert client("GET", f"/fhir/Patient/{made.id}").status == 410
    assert client("DELETE", URL).status == 204


@pytest.mark.parametrize(
    ("method", "body", "headers", "status", "places"),
    [
        ("PUT", patient(id="other", identifier=[KEY]), {}, 400, ["Patient.id"]),
        ("PUT", patient(identifier=[KEY]), {"If-Match": 'W/"7"'}, 412, []),
        ("DELETE", None, {"If-Match": 'W/"7"'}, 412, []),
        ("PUT", patient(gender="F"), {}, 422, ["Patient.gender"]),
        ("PUT", observation("Patient/x"), {}, 400, ["resourceType"]),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    client: Client, program: Program, method: str, body: Any, headers: dict[str, str], status: int, places: list[str]
) -> None:
    created(client, patient(identifier=[KEY]))
    before = program.store.t
    got = client(method, URL, body, headers)
    assert (got.status, [place for place in places if place not in got.expressions]) == (status, []), got.body
    assert program.store.t == before


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("query", ["gender=male", f"identifier={MRN}|4711&_count=1", "identifier=4711", "x=1"])
def test_a_condition_must_name_one_by_a_whole_identifier(client: Client, method: str, query: str) -> None:
    got = client(method, f"/fhir/Patient?{query}", patient() if method == "PUT" else None)
    assert got.status == 400
    assert client("GET", "/fhir/Patient?_summary=count").json["total"] == 0


def test_several_matches_are_refused(client: Client) -> None:
    for _ in "ab":
        created(client, patient(identifier=[KEY]))
    for got in (client("PUT", URL, patient(identifier=[KEY])), client("DELETE", URL)):
        assert (got.status, got.codes) == (412, ["multiple-matches"])


def test_nothing_found_with_an_id_or_a_version_is_refused(client: Client) -> None:
    assert client("PUT", URL, patient(id="mine", identifier=[KEY])).status == 405
    got = client("PUT", URL, patient(identifier=[KEY]), {"If-Match": 'W/"1"'})
    assert got.status == 412


def test_of_many_parallel_updates_on_one_condition_one_creates(client: Client) -> None:
    answers = client.together([("PUT", URL, patient(identifier=[KEY]), {})] * 32)
    assert sorted(got.status for got in answers) == [200] * 31 + [201]
    assert len({got.id for got in answers}) == 1


def test_a_transaction_updates_and_deletes_what_it_finds_and_refers_to_it(client: Client) -> None:
    other = {"system": MRN, "value": "0815"}
    there, gone = created(client, patient(identifier=[KEY])), created(client, patient(identifier=[other]))
    got = sent(
        client,
        entry("DELETE", f"Patient?identifier={MRN}|0815"),
        entry("PUT", SOUGHT, patient(identifier=[KEY], gender="male"), ADA),
        entry("POST", "Observation", observation(ADA)),
        entry("DELETE", f"Patient?identifier={MRN}|none"),
        entry("PUT", f"Patient?identifier={MRN}|new", patient(identifier=[{"system": MRN, "value": "new"}])),
        Prefer="return=representation",
    )
    assert statuses(got) == ["204", "200", "201", "204", "201"]
    assert got.json["entry"][2]["resource"]["subject"]["reference"] == reference(there)
    assert client("GET", f"/fhir/Patient/{gone.id}").status == 410


def test_a_transaction_may_replace_what_it_deletes_under_the_same_condition(client: Client) -> None:
    there = created(client, patient(identifier=[KEY]))
    got = sent(client, entry("DELETE", SOUGHT), entry("PUT", SOUGHT, patient(identifier=[KEY], gender="male")))
    assert statuses(got) == ["204", "201"]
    [left] = client("GET", URL).json["entry"]
    assert left["resource"]["id"] != there.id


def test_a_transaction_that_cannot_do_one_of_them_does_none(client: Client, program: Program) -> None:
    created(client, patient(identifier=[KEY]))
    before = program.store.t
    got = sent(client, entry("DELETE", SOUGHT), entry("PUT", f"Patient?identifier={MRN}|x", patient(id="mine")))
    assert (got.status, got.expressions) == (405, ["Bundle.entry[1].resource.id"])
    assert program.store.t == before


def test_a_condition_beyond_ascii_is_refused_rather_than_read_as_another(client: Client) -> None:
    condition = {"If-None-Exist": "identifier=https://clinic.example/mrn|Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}"}
    got = client("POST", "/fhir/Patient", patient(), condition)
    assert (got.status, got.codes, got.expressions) == (400, ["value"], ["If-None-Exist"])
