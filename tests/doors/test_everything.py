"""Compartments and `$everything`: all that is about one person, and nothing that is about another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors.people import created, observation, patient, reference
from tests.doors.serving import BASE, Client, Got

Ref = dict[str, str]


def to(got: Got) -> Ref:
    return {"reference": reference(got)}


@pytest.fixture
def people(client: Client) -> list[Got]:
    """Two patients, each with an episode, visits, results and a plan; one clinic for both."""
    clinic = created(client, {"resourceType": "Organization", "name": "Invented clinic"})
    made = []
    for number in (1, 2):
        person = created(client, patient(birthDate=f"199{number}-01-01", managingOrganization=to(clinic)))
        episode = {
            "resourceType": "EpisodeOfCare",
            "status": "active",
            "patient": to(person),
            "period": {"start": "2026-01-01"},
        }
        stay = created(client, episode)
        for month in ("2026-01", "2026-02", "2026-03"):
            created(client, visit(person, stay, month))
        created(client, observation(reference(person)))
        made += [person, stay]
    return made


def visit(person: Got, stay: Got, month: str) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": to(person),
        "episodeOfCare": [to(stay)],
        "period": {"start": f"{month}-05T10:00:00-05:00", "end": f"{month}-05T13:00:00-05:00"},
    }


def found(got: Got, mode: str = "match") -> list[str]:
    assert got.status == 200, got.body
    entries = [entry for entry in got.json.get("entry", ()) if entry["search"]["mode"] == mode]
    return [entry["resource"]["resourceType"] for entry in entries]


def followed(client: Client, url: str) -> list[Any]:
    """The entries of all pages."""
    listed = []
    while url:
        got = client("GET", url)
        assert got.status == 200, got.body
        listed += got.json.get("entry", [])
        url = next((link["url"] for link in got.json["link"] if link["relation"] == "next"), "").replace(BASE, "/fhir")
    return listed


def test_a_compartment_holds_what_is_about_the_patient(client: Client, people: list[Got]) -> None:
    address = f"/fhir/{reference(people[0])}"
    assert found(client("GET", f"{address}/Encounter")) == ["Encounter"] * 3
    assert found(client("GET", f"{address}/Encounter?date=2026-02")) == ["Encounter"]
    assert found(client("GET", f"{address}/Patient")) == ["Patient"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert found(client("POST", f"{address}/Encounter/_search", b"date=2026-02", form)) == ["Encounter"]
    whose = {e["resource"]["subject"]["reference"] for e in client("GET", f"{address}/Observation").json["entry"]}
    assert whose == {reference(people[0])}


def test_the_links_of_a_compartment_stay_in_it(client: Client, people: list[Got]) -> None:
    place = f"{reference(people[0])}/Encounter"
    first = client("GET", f"/fhir/{place}?_count=2").json
    links = {link["relation"]: link["url"] for link in first["link"]}
    assert links["self"] == f"{BASE}/{place}?_count=2"
    assert links["next"].startswith(f"{BASE}/{place}?_page=")
    assert len(followed(client, f"/fhir/{place}?_count=2")) == 3
    other = links["next"].replace(reference(people[0]), reference(people[2]))
    for elsewhere in (other, links["next"].replace(place, "Encounter")):
        assert client("GET", elsewhere.replace(BASE, "/fhir")).status == 400


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("Organization", 404, "no Organization is ever"),
        ("Wizard", 404, "is not served"),
        ("Encounter?colour=red", 400, "not a search parameter"),
        ("Encounter/1", 404, "nothing at this address"),
    ],
)
def test_a_compartment_that_cannot_be_is_refused(
    client: Client, people: list[Got], address: str, status: int, says: str
) -> None:
    got = client("GET", f"/fhir/{reference(people[0])}/{address}")
    assert got.status == status
    assert says in got.json["issue"][0]["details"]["text"]


def test_everything_of_a_patient_comes_with_what_it_is_understood_by(client: Client, people: list[Got]) -> None:
    got = client("GET", f"/fhir/{reference(people[0])}/$everything")
    assert sorted(found(got)) == ["Encounter"] * 3 + ["EpisodeOfCare", "Observation", "Patient"]
    assert found(got, "include") == ["Organization"]
    assert got.json["total"] == 6
    text = got.body.decode()
    assert reference(people[2]) not in text
    body = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueCode": "Encounter"}]}
    assert found(client("POST", f"/fhir/{reference(people[0])}/$everything", body)) == ["Patient"] + ["Encounter"] * 3


def test_everything_of_an_episode_comes_with_whose_it_is(client: Client, people: list[Got]) -> None:
    got = client("GET", f"/fhir/{reference(people[1])}/$everything")
    assert sorted(found(got)) == ["Encounter"] * 3 + ["EpisodeOfCare"]
    assert found(got, "include") == ["Patient"]


def test_everything_in_pages_is_everything_at_one_time(client: Client, people: list[Got]) -> None:
    url = f"/fhir/{reference(people[0])}/$everything?_count=2"
    following = next(link["url"] for link in client("GET", url).json["link"] if link["relation"] == "next")
    created(client, observation(reference(people[0])))
    late = followed(client, following.replace(BASE, "/fhir"))
    assert len([entry for entry in late if entry["search"]["mode"] == "match"]) == 4
    again = [entry["fullUrl"] for entry in followed(client, url) if entry["search"]["mode"] == "match"]
    assert len(again) == len(set(again)) == 7
    assert client("GET", following.replace(BASE, "/fhir").replace(people[0].id, people[2].id)).status == 400


@pytest.mark.parametrize(("asked", "told"), [("?_count=999999", 200), ("?_type=Encounter&_count=2", 2), ("", 50)])
def test_the_self_link_of_everything_says_how_many_are_on_a_page(
    client: Client, people: list[Got], asked: str, told: int
) -> None:
    got = client("GET", f"/fhir/{reference(people[0])}/$everything{asked}")
    url = next(link["url"] for link in got.json["link"] if link["relation"] == "self")
    assert url.partition("?")[2].split("&")[-1] == f"_count={told}"


def test_dates_of_care_and_of_writing_narrow_it(client: Client, people: list[Got]) -> None:
    address = f"/fhir/{reference(people[0])}/$everything"
    assert sorted(found(client("GET", f"{address}?start=2026-02-01&end=2026-02-28"))) == [
        "Encounter",
        "EpisodeOfCare",
        "Patient",
    ]
    assert sorted(found(client("GET", f"{address}?start=2026-03-01"))) == [
        "Encounter",
        "EpisodeOfCare",
        "Observation",
        "Patient",
    ]
    assert found(client("GET", f"{address}?_since=2999-01-01T00:00:00Z")) == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("_type=Wizard", 400),
        ("start=soon", 400),
        ("_count=0", 400),
        ("colour=red", 400),
        ("_page=x", 400),
        ("start=2026&start=2027", 400),
    ],
)
def test_everything_refuses_what_it_cannot_hear(client: Client, people: list[Got], query: str, status: int) -> None:
    got = client("GET", f"/fhir/{reference(people[0])}/$everything?{query}")
    assert (got.status, got.json["resourceType"]) == (status, "OperationOutcome")


def test_everything_of_nobody_is_not_there(client: Client, people: list[Got]) -> None:
    assert client("GET", "/fhir/Patient/none/$everything").status == 404
    assert client("GET", "/fhir/Patient/$everything").status == 404
    client("DELETE", f"/fhir/{reference(people[0])}")
    assert client("GET", f"/fhir/{reference(people[0])}/$everything").status == 410
