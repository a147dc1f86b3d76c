"""Who read and who wrote, as AuditEvents for the privacy officer, and who wrote, as Provenances for who may see it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapter.fhir.schema import Door
from adapter.ingest.importing import import_source
from tests.doors.records import ada
from tests.doors.serving import Got, parts
from tests.doors.test_guarded import OURS, Place, masked, officer

Json = dict[str, Any]
OWN = "system/*.cruds"
NOWHERE = "00000000-0000-7000-8000-0000000000ff"


def found(got: Got) -> list[Json]:
    assert got.status == 200, got.body
    made = [entry["resource"] for entry in got.json.get("entry", ())]
    for one in made:
        assert Door(parts()[0]).check(one) == []
    return made


def deeds(events: list[Json]) -> list[tuple[str, str]]:
    return [(event["subtype"][0]["code"], event["action"]) for event in events]


def bundle(*entries: tuple[str, str, Json]) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": f"urn:uuid:00000000-0000-4000-8000-00000000000{n}", "resource": resource}
            | {"request": {"method": method, "url": url}}
            for n, (method, url, resource) in enumerate(entries)
        ],
    }


def test_each_write_is_an_audit_event_of_who_made_it(place: Place) -> None:
    ehr = place.client("program-ehr", OURS, OWN)
    made = ehr("POST", "/fhir/Patient", {"resourceType": "Patient", "gender": "other"})
    changed = {**made.json, "gender": "male"}
    assert ehr("PUT", f"/fhir/Patient/{made.id}", changed).status == 200
    assert ehr("PUT", f"/fhir/Patient/{made.id}", changed).status == 200  # makes no version
    assert ehr("DELETE", f"/fhir/Patient/{made.id}").status == 204
    asking = officer(place)
    events = [e for e in found(asking("GET", f"/fhir/AuditEvent?patient={made.id}")) if e["id"].startswith("act-")]
    assert deeds(events) == [("create", "C"), ("update", "U"), ("delete", "D")]
    create = events[0]
    assert create["agent"][0]["who"] == {"reference": f"Organization/{OURS}"}
    assert create["agent"][0]["name"].startswith("program-ehr")
    assert [e["what"]["reference"] for e in create["entity"]] == [
        f"Patient/{made.id}",
        f"Patient/{made.id}/_history/1",
    ]
    codes = {label["code"] for label in create["meta"]["security"]}
    assert {"R", "42CFRPart2", "SUD"} <= codes
    assert asking("GET", f"/fhir/AuditEvent/{create['id']}").json == create
    entities = found(asking("GET", f"/fhir/AuditEvent?entity=Patient/{made.id}"))
    assert [e for e in entities if e["id"].startswith("act-")] == events


def test_reads_and_writes_stand_together_by_time(place: Place) -> None:
    ehr = place.client("program-ehr", OURS, OWN)
    made = ehr("POST", "/fhir/Patient", {"resourceType": "Patient"}, prefer="return=minimal")
    id = made.headers["location"].split("/")[-3]
    assert ehr("GET", f"/fhir/Patient/{id}").status == 200
    changed = {"resourceType": "Patient", "id": id, "gender": "male"}
    assert ehr("PUT", f"/fhir/Patient/{id}", changed, prefer="return=minimal").status == 200
    events = found(officer(place)("GET", f"/fhir/AuditEvent?patient=Patient/{id}"))
    assert deeds(events) == [("create", "C"), ("read", "R"), ("update", "U")]
    assert [event["recorded"] for event in events] == sorted(event["recorded"] for event in events)


def test_a_bundle_is_one_event_and_one_provenance(place: Place) -> None:
    ehr = place.client("program-ehr", OURS, OWN)
    given = bundle(
        ("POST", "Patient", {"resourceType": "Patient"}),
        ("POST", "Patient", {"resourceType": "Patient"}),
    )
    entries = ehr("POST", "/fhir", given).json["entry"]
    first, second = (entry["response"]["location"].split("/")[-3] for entry in entries)
    asking = officer(place)
    (event,) = (e for e in found(asking("GET", f"/fhir/AuditEvent?patient={first}")) if e["id"].startswith("act-"))
    assert deeds([event]) == [("create", "C")]
    assert {e["what"]["reference"].split("/")[1] for e in event["entity"]} == {first, second}
    (provenance,) = found(ehr("GET", f"/fhir/Provenance?target=Patient/{first}"))
    assert {t["reference"] for t in provenance["target"]} == {f"Patient/{id}/_history/1" for id in (first, second)}
    assert ehr("GET", f"/fhir/Provenance/{provenance['id']}").json == provenance


def test_it_is_searched_by_date_and_agent_in_pages(place: Place) -> None:
    ehr = place.client("program-ehr", OURS, OWN)
    for _ in range(3):
        assert ehr("POST", "/fhir/Patient", {"resourceType": "Patient"}, prefer="return=minimal").status == 201
    place.program.clock.now += timedelta(days=2)  # type: ignore[attr-defined]
    later = place.client("program-ehr", OURS, OWN)
    assert later("POST", "/fhir/Patient", {"resourceType": "Patient"}, prefer="return=minimal").status == 201
    asking = officer(place)
    address, listed = f"/fhir/AuditEvent?agent=Organization/{OURS}&date=lt2026-03-03&_count=1", []
    while address:
        got = asking("GET", address)
        page = found(got)
        assert len(page) == 1
        listed += page
        following = [link["url"] for link in got.json["link"] if link["relation"] == "next"]
        address = f"{urlsplit(following[0]).path}?{urlsplit(following[0]).query}" if following else ""
    assert deeds(listed) == [("create", "C")] * 3
    assert len(found(asking("GET", f"/fhir/AuditEvent?agent=Organization/{OURS}&date=ge2026-03-04"))) == 1
    assert len(found(asking("GET", f"/fhir/AuditEvent?agent=Organization/{OURS}&date=2026-03-04"))) == 1
    assert found(asking("GET", "/fhir/AuditEvent?agent=Practitioner/p")) == []
    form = f"agent=Organization/{OURS}&date=ge2026-03-04".encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    posted = asking.client("POST", "/fhir/AuditEvent/_search", form, {"authorization": f"Bearer {asking.token}"} | kind)
    assert len(found(posted)) == 1


def test_what_the_program_writes_itself_is_signed_too(place: Place, tmp_path: Path) -> None:
    person = place.participant()
    native = tmp_path / "people.ndjson"
    native.write_text(json.dumps({"concept": "participant", "id": NOWHERE, **ada()}) + "\n")
    assert import_source(place.program, "native", [native]).refused == 0
    asking = officer(place)
    signed = {person: "whoever reached the server that was started open", NOWHERE: "its own command or import"}
    for id, who in signed.items():
        (event,) = found(asking("GET", f"/fhir/AuditEvent?patient={id}"))
        assert event["agent"][0]["who"] == {"display": f"iop: {who}"}
    claims = {one["type"]: one for one in place.guarded("GET", "/fhir/metadata").json["rest"][0]["resource"]}
    assert [one["name"] for one in claims["AuditEvent"]["searchParam"]] == ["patient", "date", "agent", "entity"]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("AuditEvent?action=C", "not-supported"),
        ("AuditEvent?date=soon", "value"),
        ("AuditEvent?date=zz2026", "value"),
        ("AuditEvent?agent=Patient/1", "value"),
        ("AuditEvent?entity=1", "value"),
        ("AuditEvent?patient=1&patient=2", "not-supported"),
        ("AuditEvent?_count=0", "value"),
        ("AuditEvent?_page=x", "invalid"),
        ("Provenance", "not-supported"),
        ("Provenance?target=x", "not-supported"),
        ("Provenance?target=Patient/1&agent=x", "not-supported"),
    ],
)
def test_what_cannot_be_asked_is_told(place: Place, address: str, code: str) -> None:
    got = officer(place)("GET", f"/fhir/{address}")
    assert (got.status, got.codes) == (400, [code])


@pytest.mark.parametrize("id", ["act-0", "act-999", "told-1", "told-9-x", "act-x", "told-x"])
def test_what_is_not_there_is_not_found(place: Place, id: str) -> None:
    assert officer(place)("GET", f"/fhir/AuditEvent/{id}").status == 404


def test_a_provider_sees_who_wrote_what_it_sees_and_no_part_of_more(place: Place) -> None:
    """`with_target`: every target must be there for it."""
    ehr = place.client("program-ehr", OURS, OWN)
    shown, hidden = place.participant(), place.participant()
    visit = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "period": {"start": "2026-02-04T17:00:00Z", "end": "2026-02-04T18:00:00Z"},
    }
    of = {who: visit | {"subject": {"reference": f"Patient/{who}"}} for who in (shown, hidden)}
    alone = ehr("POST", "/fhir/Encounter", of[shown]).id
    both = ehr("POST", "/fhir", bundle(("POST", "Encounter", of[shown]), ("POST", "Encounter", of[hidden])))
    together = both.json["entry"][0]["response"]["location"].split("/")[-3]
    place.treated(shown)
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert found(provider("GET", f"/fhir/Provenance?target=Encounter/{alone}")) == []
    consent = place.consent(shown)
    (provenance,) = found(provider("GET", f"/fhir/Provenance?target=Encounter/{alone}"))
    assert provenance["target"] == [{"reference": f"Encounter/{alone}/_history/1"}]
    assert provider("GET", f"/fhir/Provenance/{provenance['id']}").status == 200
    assert provider("GET", f"/fhir/Encounter/{together}").status == 200
    assert found(provider("GET", f"/fhir/Provenance?target=Encounter/{together}")) == []
    (whole,) = found(ehr("GET", f"/fhir/Provenance?target=Encounter/{together}"))
    hidden_one = provider("GET", f"/fhir/Provenance/{whole['id']}")
    assert masked(hidden_one) == masked(provider("GET", "/fhir/Provenance/act-999999"))
    place.revoked(consent)
    assert found(provider("GET", f"/fhir/Provenance?target=Encounter/{alone}")) == []
    assert provider("GET", f"/fhir/Provenance/{provenance['id']}").status == 404


def test_a_clients_own_are_those_of_what_it_wrote(place: Place) -> None:
    """`own`: what staff or another client wrote is not among them."""
    one, other = (place.client("program-ehr", OURS, OWN) for _ in range(2))
    person = place.participant()
    assert found(one("GET", f"/fhir/Provenance?target=Patient/{person}")) == []
    made = one("POST", "/fhir/Patient", {"resourceType": "Patient"}).id
    (provenance,) = found(one("GET", f"/fhir/Provenance?target=Patient/{made}"))
    assert found(other("GET", f"/fhir/Provenance?target=Patient/{made}")) == []
    assert other("GET", f"/fhir/Provenance/{provenance['id']}").status == 404
    assert len(found(officer(place)("GET", f"/fhir/Provenance?target=Patient/{person}"))) == 1


def test_nobody_else_reads_audit_events_and_nobody_writes_them(place: Place) -> None:
    event = {"resourceType": "AuditEvent"}
    for kind in ("program-ehr", "provider-ehr", "payer", "facility"):
        client = place.client(kind, OURS, OWN)
        assert client("GET", "/fhir/AuditEvent").status == 403
        assert client("GET", "/fhir/AuditEvent/act-1").status == 403
        assert client("POST", "/fhir/AuditEvent", event).status == 403
    asking = officer(place)
    assert asking("POST", "/fhir/AuditEvent", event).status == 403
    assert asking("PUT", "/fhir/AuditEvent/act-1", event).status == 403
    assert asking("DELETE", "/fhir/AuditEvent/act-1").status == 403
    assert place.client("payer", OURS, OWN)("GET", "/fhir/Provenance?target=Patient/1").status == 403
