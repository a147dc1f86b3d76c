"""Histories at the FHIR door: one record's, a type's, everything's, as R4 lays them out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors.people import created, observation, patient
from tests.doors.serving import BASE, Client, Got, door


def entries(got: Got) -> list[tuple[str, str, str, str | None]]:
    """(method, url, status, versionId) of each entry of a Bundle that is valid R4."""
    assert got.status == 200, got.body
    assert door().check(got.json) == []
    assert got.json["type"] == "history"
    return [
        (
            entry["request"]["method"],
            entry["request"]["url"],
            entry["response"]["status"],
            entry["resource"]["meta"]["versionId"] if "resource" in entry else None,
        )
        for entry in got.json.get("entry", ())
    ]


@pytest.fixture
def told(client: Client) -> str:
    """A patient who was created, changed, deleted and brought back."""
    made = created(client, patient())
    address = f"/fhir/Patient/{made.id}"
    changed = patient(id=made.id, gender="other")
    assert client("PUT", address, changed).status == 200
    assert client("DELETE", address).status == 204
    assert client("PUT", address, changed).status == 201
    return made.id


def test_a_history_tells_how_each_version_came_to_be_newest_first(client: Client, told: str) -> None:
    got = client("GET", f"/fhir/Patient/{told}/_history")
    assert entries(got) == [
        ("PUT", f"Patient/{told}", "200 OK", "4"),
        ("DELETE", f"Patient/{told}", "204 No Content", None),
        ("PUT", f"Patient/{told}", "200 OK", "2"),
        ("POST", "Patient", "201 Created", "1"),
    ]
    assert got.json["total"] == 4
    assert {entry["fullUrl"] for entry in got.json["entry"]} == {f"{BASE}/Patient/{told}"}
    assert [entry["response"]["etag"] for entry in got.json["entry"]] == ['W/"4"', 'W/"3"', 'W/"2"', 'W/"1"']
    newest = got.json["entry"][0]
    assert newest["response"]["lastModified"] == newest["resource"]["meta"]["lastUpdated"]
    assert newest["resource"] == client("GET", f"/fhir/Patient/{told}").json


def test_the_history_of_a_deleted_record_begins_with_its_deletion(client: Client) -> None:
    made = created(client, patient())
    client("DELETE", f"/fhir/Patient/{made.id}")
    assert client("GET", f"/fhir/Patient/{made.id}").status == 410
    assert [entry[0] for entry in entries(client("GET", f"/fhir/Patient/{made.id}/_history"))] == ["DELETE", "POST"]


def test_the_histories_of_a_type_and_of_everything_are_its_writes_in_order(client: Client, told: str) -> None:
    result = created(client, observation(f"Patient/{told}"))
    [first, *others] = entries(client("GET", "/fhir/_history"))
    assert first == ("POST", "Observation", "201 Created", "1")
    assert others == entries(client("GET", "/fhir/Patient/_history"))
    [only] = client("GET", "/fhir/Observation/_history").json["entry"]
    assert only["resource"] == result.json


def followed(client: Client, address: str) -> list[Any]:
    """The entries of all pages."""
    found: list[Any] = []
    while address:
        got = client("GET", address).json
        found += got.get("entry", ())
        address = next((link["url"] for link in got["link"] if link["relation"] == "next"), "").removeprefix(BASE)
        address = f"/fhir{address}" if address else ""
    return found


@pytest.mark.parametrize("address", ["/fhir/Patient/{}/_history", "/fhir/Patient/_history", "/fhir/_history"])
def test_pages_together_are_the_whole(client: Client, told: str, address: str) -> None:
    created(client, observation(f"Patient/{told}"))
    address = address.format(told)
    whole = client("GET", address).json["entry"]
    assert followed(client, f"{address}?_count=1") == whole
    self_link = client("GET", f"{address}?_count=9000&_since=2020").json["link"][0]["url"]
    assert self_link == f"{BASE}{address.removeprefix('/fhir')}?_since=2020&_count=200"


def test_what_was_made_since_a_time(client: Client, told: str) -> None:
    versions = client("GET", f"/fhir/Patient/{told}/_history").json["entry"]
    second = versions[2]["response"]["lastModified"]
    since = client("GET", f"/fhir/Patient/{told}/_history?_since={second}")
    assert [entry[3] for entry in entries(since)] == ["4", None, "2"]
    assert since.json["total"] == 3
    nothing = client("GET", f"/fhir/Patient/{told}/_history?_since=2030")
    assert (entries(nothing), nothing.json["total"]) == ([], 0)


def test_what_was_current_at_a_time(client: Client, told: str) -> None:
    versions = client("GET", f"/fhir/Patient/{told}/_history").json["entry"]
    at = client("GET", f"/fhir/Patient/{told}/_history?_at={versions[2]['response']['lastModified']}")
    assert [entry[3] for entry in entries(at)] == ["2"]
    assert len(entries(client("GET", f"/fhir/Patient/{told}/_history?_at=2026-03-02"))) == 4


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/fhir/Patient/none/_history", 404),
        ("GET", "/fhir/Patient/none/_history?_since=2020", 404),
        ("GET", "/fhir/Nothing/_history", 404),
        ("GET", "/fhir/ValueSet/_history", 404),
        ("GET", "/fhir/Patient/_history?_since=yesterday", 400),
        ("GET", "/fhir/Patient/_history?_count=0", 400),
        ("GET", "/fhir/Patient/_history?_id=1", 400),
        ("POST", "/fhir/Patient/_history", 405),
        ("DELETE", "/fhir/_history", 405),
        ("HEAD", "/fhir/_history", 200),
    ],
)
def test_what_is_no_history_is_refused(client: Client, method: str, address: str, status: int) -> None:
    got = client(method, address)
    assert (got.status, method == "HEAD" or "issue" in got.json) == (status, True)
