"""Searches of several types at once: what all types have, type by type, in pages at one time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.interactions import search_all
from adapter.interactions.program import Program
from tests.doors.people import created, observation, path, patient, reference
from tests.doors.serving import BASE, Client, Got, client_of, opened
from tests.doors.test_batch import batch
from tests.doors.test_transaction import entry

TAG = {"system": "https://clinic.example/tags", "code": "seen"}


@pytest.fixture
def people(client: Client) -> list[Got]:
    """Three patients, one of them tagged, with two findings each."""
    made = [created(client, patient(**({"meta": {"tag": [TAG]}} if number == 1 else {}))) for number in range(3)]
    for person in made:
        for _ in range(2):
            created(client, observation(reference(person)))
    return made


def found(got: Got) -> list[str]:
    """The types that were found, in their order."""
    assert got.status == 200, got.body
    return [one["resource"]["resourceType"] for one in got.json.get("entry", ())]


def link(got: Got, relation: str) -> str:
    return next((one["url"] for one in got.json["link"] if one["relation"] == relation), "")


def test_records_come_type_by_type(client: Client, people: list[Got]) -> None:
    both = client("GET", "/fhir?_type=Patient,Observation")
    assert found(both) == ["Observation"] * 6 + ["Patient"] * 3
    assert link(both, "self") == f"{BASE}?_type=Patient,Observation&_count=50"
    assert (both.json["total"], link(both, "next")) == (9, "")
    assert found(client("GET", "/fhir")) == found(both)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert found(client("POST", "/fhir/_search", b"_type=Patient", form)) == ["Patient"] * 3
    [inside] = batch(client, entry("GET", "?_type=Patient")).json["entry"]
    assert inside["resource"]["total"] == 3


@pytest.mark.parametrize(
    ("query", "many"),
    [
        ("_tag=https://clinic.example/tags|seen", 1),
        ("_tag=other", 0),
        ("_id={id}", 1),
        ("_type=Observation&_id={id}", 0),
        ("_lastUpdated=gt2020", 9),
        ("_lastUpdated=lt2020", 0),
        ("_lastUpdated=gt2020&_profile:missing=true", 9),
        ("_security=x&_source=urn:x", 0),
        ("_type=Patient&_tag:not=seen", 2),
    ],
)
def test_conditions_hold_for_every_type(query: str, many: int, client: Client, people: list[Got]) -> None:
    assert len(found(client("GET", f"/fhir?{query.format(id=people[0].id)}"))) == many


@pytest.mark.parametrize("count", [1, 2, 4, 6, 8])
def test_pages_show_the_time_of_the_first(count: int, client: Client, people: list[Got]) -> None:
    whole = [one["fullUrl"] for one in client("GET", "/fhir").json["entry"]]
    got = client("GET", f"/fhir?_count={count}")
    created(client, patient())
    client("DELETE", f"/fhir/{reference(people[0])}")
    seen: list[Any] = []
    while got:
        seen += [one["fullUrl"] for one in got.json["entry"]]
        assert len(got.json["entry"]) <= count
        following = link(got, "next")
        got = client("GET", path(following)) if following else None
    assert seen == whole


def test_a_page_that_ends_with_the_last_record_has_no_next(client: Client, people: list[Got]) -> None:
    got = client("GET", "/fhir?_count=9")
    assert (len(found(got)), link(got, "next")) == (9, "")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("gender=female", "not-supported"),
        ("_sort=_id", "not-supported"),
        ("_include=Observation:subject", "not-supported"),
        ("_type=Wizard", "value"),
        ("_type=ValueSet", "value"),
        ("_type=Patient&_type=Observation", "invalid"),
        ("_count=0", "invalid"),
        ("_lastUpdated=soon", "invalid"),
        ("_page=x", "invalid"),
    ],
)
def test_what_not_every_type_has_is_refused(query: str, code: str, client: Client) -> None:
    got = client("GET", f"/fhir?{query}")
    assert (got.status, got.codes[0]) == (400, code)


def test_a_link_of_another_list_is_refused(client: Client, people: list[Got]) -> None:
    following = link(client("GET", "/fhir?_count=1"), "next").removeprefix(BASE)
    assert client("GET", f"/fhir/Patient{following}").status == 400
    assert client("GET", f"/fhir{following}&_type=Patient").status == 400


def test_looking_through_the_types_is_given_up(
    client: Client, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(0, 1000, program.settings.statement_seconds))
    monkeypatch.setattr(search_all, "monotonic", lambda: float(next(seconds)))
    got = client("GET", "/fhir?_tag=none")
    assert (got.status, got.codes) == (504, ["timeout"])
    assert client("GET", "/fhir?_type=Patient&_tag=none").status == 200


def test_a_larger_page_than_is_made_is_lowered_and_said_so(tmp_path: Path) -> None:
    with opened(tmp_path, page_limit=3, page_size=2) as program, client_of(program) as client:
        for _ in range(4):
            created(client, patient())
        got = client("GET", "/fhir?_count=99")
        assert len(found(got)) == 3
        assert link(got, "self").endswith("?_count=3")


def test_a_page_whose_next_no_address_could_name_is_refused(client: Client, people: list[Got]) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for values, status in ((5, 200), (100, 400)):
        tags = ",".join(f"{number}{'a' * 100}" for number in range(values))
        got = client("POST", "/fhir/_search", f"_count=1&_tag:not={tags}".encode(), form)
        assert got.status == status, got.body
        assert status == 200 or got.codes == ["too-costly"]
    following = client("POST", "/fhir/_search", b"_count=1", form)
    assert client("GET", path(link(following, "next"))).status == 200
