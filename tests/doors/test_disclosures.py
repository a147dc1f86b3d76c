"""What the privacy officer asks the ledger over the API: 42 CFR 2.25, 2.24, 2.16(b)."""

from __future__ import annotations

import csv
import io
from base64 import b64decode
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapter.fhir.schema import Door
from adapter.store.clients import Clients
from tests.doors.balp import check_shapes
from tests.doors.serving import Got, parts
from tests.doors.test_guarded import THEIRS, Place, Sender, disclosures, officer

Json = dict[str, Any]
NOWHERE = "00000000-0000-7000-8000-0000000000ff"


def told(place: Place) -> tuple[str, Sender]:
    """A patient of whom a provider read and searched, and the provider."""
    person = place.participant()
    place.session(person)
    place.treated(person)
    place.consent(person)
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Patient/{person}").status == 200
    assert provider("GET", "/fhir/Encounter?status=finished", **{"x-request-id": "r-1"}).status == 200
    return person, provider


def events(got: Got) -> list[Json]:
    assert got.status == 200, got.body
    assert got.json["type"] == "collection"
    made = [entry["resource"] for entry in got.json.get("entry", ())]
    for event in made:
        assert Door(parts()[0]).check(event) == []
        check_shapes(event)
    return made


def rows(got: Got) -> list[dict[str, str]]:
    assert got.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(got.body.decode())))


def test_an_account_says_what_left_to_whom_when_and_what_for(place: Place) -> None:
    person, _ = told(place)
    asking = officer(place)
    read, searched = events(asking("GET", f"/fhir/Patient/{person}/$disclosures"))
    assert read["type"]["code"] == "110106"
    assert read["entity"][0]["what"] == {"reference": f"Patient/{person}"}
    assert read["entity"][1]["what"] == {"reference": f"Patient/{person}/_history/1"}
    assert read["agent"][1]["who"] == {"reference": f"Organization/{THEIRS}", "display": "Invented Health"}
    assert read["purposeOfEvent"][0]["coding"][0]["code"] == "TREAT"
    assert next(e["what"]["reference"] for e in read["entity"] if "description" in e).startswith("Consent/")
    assert searched["entity"][-1]["what"] == {"identifier": {"value": "r-1"}}
    sheet = rows(asking("GET", f"/fhir/Patient/{person}/$disclosures?_outputFormat=text/csv&_pretty=true"))
    assert [(row["recipient"], row["description"]) for row in sheet] == [
        ("Invented Health", "1 Patient"),
        ("Invented Health", "1 Encounter"),
    ]
    # That it was asked for is in the ledger too, and stays inside.
    assert disclosures(place)[-1] == ("privacy-officer", "internal", "$disclosures", [(person, "internal")])
    everything = events(asking("GET", f"/fhir/Patient/{person}/$disclosures?inside=true"))
    assert len(everything) == 4


def test_it_comes_in_pages(place: Place) -> None:
    person, provider = told(place)
    for _ in range(3):
        provider("GET", f"/fhir/Patient/{person}")
    asking = officer(place)
    address, found = f"/fhir/Patient/{person}/$disclosures?_count=2", []
    while address:
        got = asking("GET", address)
        found += events(got)
        following = [link["url"] for link in got.json["link"] if link["relation"] == "next"]
        address = f"{urlsplit(following[0]).path}?{urlsplit(following[0]).query}" if following else ""
    assert len({event["id"] for event in found}) == len(found) == 5


def test_a_breach_is_asked_of_by_client_person_patient_and_time(place: Place) -> None:
    person, provider = told(place)
    other = place.participant()
    assert provider("GET", f"/fhir/Patient/{other}").status == 404
    asking = officer(place)
    id = asking("GET", "/fhir/$breach-scope").json["entry"][0]["resource"]["agent"][1]["name"]
    read, searched = events(asking("GET", f"/fhir/$breach-scope?client={id}"))
    assert (read["subtype"][0]["code"], read["action"]) == ("read", "R")
    assert (searched["subtype"][0]["code"], searched["action"]) == ("search-type", "E")
    (query,) = (b64decode(e["query"]) for e in searched["entity"] if "query" in e)
    assert query == b"GET /fhir/Encounter?status=finished"
    assert len(events(asking("GET", f"/fhir/$breach-scope?client={id}&patient={person}"))) == 2
    assert events(asking("GET", f"/fhir/$breach-scope?client={id}&patient={other}")) == []
    assert events(asking("GET", f"/fhir/$breach-scope?client={id}&until=2026-03-01")) == []
    sheet = rows(asking("GET", f"/fhir/$breach-scope?client={id}&_outputFormat=text/csv"))
    assert [row["interaction"] for row in sheet] == ["read", "search-type"]
    assert disclosures(place)[-1][-1] == [(person, "internal")]
    form = {"resourceType": "Parameters", "parameter": [{"name": "client", "valueString": id}]}
    assert len(events(asking("POST", "/fhir/$breach-scope", form))) == 2


def test_the_list_of_an_intermediary_may_be_of_one_consent(place: Place) -> None:
    person, _ = told(place)
    asking = officer(place)
    found = events(asking("GET", f"/fhir/Patient/{person}/$intermediaries"))
    consent = next(e["what"]["reference"] for e in found[0]["entity"] if "description" in e).partition("/")[2]
    assert len(events(asking("GET", f"/fhir/Patient/{person}/$intermediaries?consent={consent}"))) == 2
    other = place.consent(place.participant())["id"]
    assert events(asking("GET", f"/fhir/Patient/{person}/$intermediaries?consent={other}")) == []
    assert asking("GET", f"/fhir/Patient/{person}/$intermediaries?consent=other").status == 404
    assert list(rows(asking("GET", f"/fhir/Patient/{person}/$intermediaries?_outputFormat=text/csv"))[0]) == [
        "entity",
        "date",
        "description",
    ]


def test_who_was_never_told_anything_and_is_known_has_an_empty_scope(place: Place) -> None:
    asking, provider = officer(place), place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Patient/{NOWHERE}").status == 404
    somebody = place.staff("POST", "/fhir/Practitioner", {"resourceType": "Practitioner", "active": True}).id
    assert events(asking("GET", f"/fhir/$breach-scope?practitioner={somebody}")) == []
    (refusal,) = (e["resource"] for e in asking("GET", "/fhir/AuditEvent?outcome=8").json["entry"])
    token = next(agent["policy"][0] for agent in refusal["agent"] if "policy" in agent)
    assert events(asking("GET", f"/fhir/$breach-scope?token={token}")) == []
    place.program.store.change_clients(lambda clients: clients.revoke("provider-ehr-2")).result(30)
    assert events(asking("GET", f"/fhir/$breach-scope?token={token}")) == []


def test_a_recipient_without_a_record_is_called_what_its_client_is_registered_as(place: Place) -> None:
    person, ehr = place.participant(), place.client("program-ehr", NOWHERE)
    assert ehr("GET", f"/fhir/Patient/{person}").status == 200
    place.program.store.change_clients(named).result(30)
    asking = officer(place)
    row = rows(asking("GET", f"/fhir/Patient/{person}/$disclosures?_outputFormat=text/csv&inside=true"))[0]
    assert row["recipient"] == "Invented Hospital"


def named(clients: Clients) -> None:
    """Give the EHR a name."""
    one = next(client for client in clients.listed(0) if client.kind == "program-ehr")
    clients.change(one._replace(name="Invented Hospital"))


def test_in_a_batch_a_sheet_is_refused_and_the_rest_is_told(place: Place) -> None:
    person, _ = told(place)
    urls = (f"Patient/{person}/$disclosures", f"Patient/{person}/$disclosures?_outputFormat=text/csv", "$breach-scope")
    more = (f"AuditEvent?patient={person}", f"Provenance?target=Patient/{person}", f"$explain?record=Patient/{person}")
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": url}} for url in (*urls, *more)],
    }
    asking = officer(place)
    entries = asking("POST", "/fhir", batch).json["entry"]
    assert [entry["response"]["status"][:3] for entry in entries] == ["200", "400", "200", "200", "200", "400"]
    assert len(entries[0]["resource"]["entry"]) == 2
    assert disclosures(place)[-1][2] == "batch"


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("Patient/{person}/$disclosures?since=2020-01-01", 400, "invalid"),
        ("Patient/{person}/$disclosures?since=soon", 400, "value"),
        ("Patient/{person}/$disclosures?_outputFormat=pdf", 400, "not-supported"),
        ("Patient/{person}/$disclosures?_outputFormat=text/csv&_count=2", 400, "invalid"),
        ("Patient/{person}/$disclosures?client=x", 400, "not-supported"),
        (f"Patient/{NOWHERE}/$disclosures", 404, "not-found"),
        (f"Patient/{NOWHERE}/$intermediaries", 404, "not-found"),
        ("$breach-scope?client=nobody", 404, "not-found"),
        (f"$breach-scope?patient={NOWHERE}", 404, "not-found"),
        ("$breach-scope?practitioner=nobody", 404, "not-found"),
        ("$breach-scope?token=0123456789abcdef", 404, "not-found"),
        ("$breach-scope?since=2026-03-02&until=2026-03-01", 400, "value"),
        ("$breach-scope?since=2026-03-01&until=2026-03-01", 400, "value"),
        ("$breach-scope?until=0001", 400, "value"),
        ("Patient/{person}/$disclosures?since=2126-01-01", 400, "value"),
        ("Patient/{person}/$intermediaries?since=2026-03-02&until=2026-03-01", 400, "value"),
        ("$breach-scope?after=x", 400, "value"),
    ],
)
def test_what_cannot_be_told_is_refused(officer_asks: tuple[Sender, str], address: str, status: int, code: str) -> None:
    asking, person = officer_asks
    got = asking("GET", f"/fhir/{address.format(person=person)}")
    assert (got.status, got.codes) == (status, [code])


@pytest.mark.parametrize("kind", ["program-ehr", "provider-ehr", "payer", "facility", "staff"])
def test_nobody_else_may_ask(place: Place, kind: str) -> None:
    person, _ = told(place)
    scopes = "user/*.cruds" if kind == "staff" else "system/*.cruds"
    other = place.client(kind, scopes=scopes)
    for address in (f"Patient/{person}/$disclosures", f"Patient/{NOWHERE}/$disclosures", "$breach-scope"):
        got = other("GET", f"/fhir/{address}")
        assert (got.status, got.codes) == (403, ["forbidden"])
    assert place.staff("GET", f"/fhir/Patient/{person}/$disclosures").status == 403
