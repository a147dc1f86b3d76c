"""Searches as clients send them: parts of resources, what goes along, links that say what was done, leniency."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from adapter.fhir.subset import SUBSETTED
from tests.doors.people import created, observation, patient, reference
from tests.doors.serving import BASE, Client, Got


def measured(subject: str, **more: Any) -> dict[str, Any]:
    """A result with a quantity."""
    made = observation(subject, valueQuantity={"value": 1.1, "unit": "mg"}, **more)
    del made["valueString"]
    return made


@pytest.fixture
def person(client: Client) -> str:
    """A patient with a result; the id."""
    made = created(client, patient(name=[{"family": "Invented", "given": ["Ada"]}]))
    created(client, measured(reference(made)))
    return made.id


def entries(got: Got, mode: str) -> list[Any]:
    """The resources found, or those that go along."""
    assert got.status == 200, got.body
    return [entry["resource"] for entry in got.json.get("entry", ()) if entry["search"]["mode"] == mode]


def test_a_summary_of_a_search_leaves_out_what_r4_does_not_count_to_it(client: Client, person: str) -> None:
    [whole] = entries(client("GET", "/fhir/Observation"), "match")
    [part] = entries(client("GET", "/fhir/Observation?_summary=true"), "match")
    assert part["meta"]["tag"] == [SUBSETTED]
    assert part["meta"]["versionId"] == whole["meta"]["versionId"]
    assert part["code"] == whole["code"]
    got = client("GET", "/fhir/Patient?_elements=gender&_revinclude=Observation:patient")
    assert set(entries(got, "match")[0]) == {"resourceType", "id", "meta", "gender"}
    assert entries(got, "include") == [whole]


def test_a_read_takes_the_same_parts_with_the_same_version(client: Client, person: str) -> None:
    whole = client("GET", f"/fhir/Patient/{person}")
    for address in (f"/fhir/Patient/{person}", f"/fhir/Patient/{person}/_history/1"):
        part = client("GET", f"{address}?_elements=gender")
        assert (part.status, part.headers["etag"]) == (200, whole.headers["etag"])
        assert set(part.json) == {"resourceType", "id", "meta", "gender"}
        for wrong in ("_summary=count", "_elements=colour", "colour=red", "_summary=true&_elements=gender"):
            refused = client("GET", f"{address}?{wrong}")
            assert (refused.status, refused.json["resourceType"]) == (400, "OperationOutcome")


def test_a_part_is_not_written_back_as_if_it_were_the_whole(client: Client, person: str) -> None:
    part = client("GET", f"/fhir/Patient/{person}?_summary=true").json
    refused = client("PUT", f"/fhir/Patient/{person}", part)
    assert refused.status == 422
    assert refused.expressions == ["Patient.meta.tag"]
    assert client("GET", f"/fhir/Patient/{person}").json["meta"]["versionId"] == "1"


def test_digits_stay_in_a_part(client: Client) -> None:
    sent = b'{"resourceType":"Observation","status":"final","code":{"text":"m"},"valueQuantity":{"value":1.10}}'
    made = client("POST", "/fhir/Observation", sent)
    assert b'"value":1.10' in client("GET", f"/fhir/Observation/{made.id}?_summary=true").body


def test_what_goes_along_comes_after_the_matches_with_a_link_of_its_own(client: Client, person: str) -> None:
    got = client("GET", "/fhir/Observation?_include=Observation:patient")
    assert [entry["search"]["mode"] for entry in got.json["entry"]] == ["match", "include"]
    assert got.json["entry"][1]["fullUrl"] == f"{BASE}/Patient/{person}"
    assert got.json["total"] == 1
    assert got.json["link"][0]["url"] == f"{BASE}/Observation?_include=Observation:patient&_count=50"


def test_what_is_pointed_to_by_its_version_goes_along_as_that_version(client: Client, person: str) -> None:
    now = patient(id=person, gender="male")
    assert client("PUT", f"/fhir/Patient/{person}", now).status == 200
    created(client, measured(f"Patient/{person}/_history/1"))
    got = client("GET", "/fhir/Observation?_include=Observation:patient")
    assert sorted(one["meta"]["versionId"] for one in entries(got, "include")) == ["1", "2"]
    for version in (1, 1, 9):
        created(client, measured(f"Patient/{person}/_history/{version}"))
    [old] = entries(client("GET", "/fhir/Observation?_include=Observation:patient&_count=3"), "include")
    assert (old["id"], old["meta"]["versionId"], old["gender"]) == (person, "1", "female")
    client("DELETE", f"/fhir/Patient/{person}")
    [kept] = entries(client("GET", "/fhir/Observation?_include=Observation:patient"), "include")
    assert kept["meta"]["versionId"] == "1"
    deleted = client("GET", "/fhir/Patient?_revinclude=Observation:patient")
    assert entries(deleted, "include") == []


def test_includes_go_along_with_every_page(client: Client, person: str) -> None:
    created(client, observation(f"Patient/{person}"))
    url, seen = "/fhir/Observation?_include=Observation:patient&_count=1", 0
    while url:
        got = client("GET", url)
        assert [one["id"] for one in entries(got, "include")] == [person]
        seen += len(entries(got, "match"))
        following = [link["url"] for link in got.json["link"] if link["relation"] == "next"]
        url = following[0].replace(BASE, "/fhir") if following else ""
    assert seen == 2


@pytest.mark.parametrize(
    "search",
    ["subject:Patient.name=inv", "patient.family=inv", "patient.name:exact=Invented", "value-quantity=1.1||mg"],
)
def test_the_same_search_by_post_finds_the_same(client: Client, person: str, search: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    by_get = client("GET", f"/fhir/Observation?{search}")
    by_post = client("POST", "/fhir/Observation/_search", search.encode(), form)
    assert len(entries(by_get, "match")) == 1
    assert by_post.body == by_get.body


def test_a_lenient_search_says_what_it_left_out(client: Client, person: str) -> None:
    lenient = {"Prefer": "handling=lenient"}
    for method, url, body in (
        ("GET", "/fhir/Patient?colour=red&name=inv", None),
        ("POST", "/fhir/Patient/_search", b"colour=red&name=inv"),
    ):
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        got = client(method, url, body, lenient | form)
        assert [one["id"] for one in entries(got, "match")] == [person]
        [outcome] = entries(got, "outcome")
        assert outcome["issue"][0]["severity"] == "warning"
        assert outcome["issue"][0]["expression"] == ["colour"]
        assert got.json["link"][0]["url"] == f"{BASE}/Patient?name=inv&_count=50"
        assert client(method, url, body, form).status == 400


def test_a_batch_reads_parts_too(client: Client, person: str) -> None:
    asked = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [
            {"request": {"method": "GET", "url": f"Patient/{person}?_elements=gender"}},
            {"request": {"method": "GET", "url": f"Patient/{person}?colour=red"}},
            {"request": {"method": "GET", "url": "Observation?patient.name=inv&_include=Observation:patient"}},
        ],
    }
    part, refused, found = client("POST", "/fhir", asked).json["entry"]
    assert set(part["resource"]) == {"resourceType", "id", "meta", "gender"}
    assert refused["response"]["status"].startswith("400")
    assert len(found["resource"]["entry"]) == 2


def test_a_conditional_write_can_follow_a_reference(client: Client, person: str) -> None:
    key = {"system": "https://lab.example/results", "value": "7"}
    made = created(client, measured(f"Patient/{person}", identifier=[key]))
    url = f"/fhir/Observation?identifier={quote(key['system'])}|7&patient.name"
    assert client("DELETE", f"{url}=xyz").status == 204
    assert client("GET", f"/fhir/Observation/{made.id}").status == 200
    assert client("DELETE", f"{url}=inv").status == 204
    assert client("GET", f"/fhir/Observation/{made.id}").status == 410


def test_in_xml_as_in_json(client: Client, person: str) -> None:
    got = client("GET", "/fhir/Observation?_include=Observation:patient&_summary=true&_format=xml")
    assert got.status == 200
    assert got.body.count(b"<mode value=") == 2
    assert b"SUBSETTED" in got.body
