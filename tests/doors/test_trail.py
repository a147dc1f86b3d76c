"""Who read and who wrote, as AuditEvents for the privacy officer, and who wrote, as Provenances for who may see it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapter.fhir.schema import Door
from adapter.ingest.importing import import_source
from adapter.interactions.audit_ids import REFUSAL, WROTE, id_of, parts_of
from adapter.interactions.provenances import _id_of
from adapter.interactions.trail_asked import EVENTS
from tests.doors.balp import check_shapes, claimed
from tests.doors.records import ada
from tests.doors.serving import BASE, Got, parts
from tests.doors.test_guarded import OTHERS, OURS, THEIRS, Place, Sender, masked, officer, placed

Json = dict[str, Any]
OWN = "system/*.cruds"
NOWHERE = "00000000-0000-7000-8000-0000000000ff"


def found(got: Got) -> list[Json]:
    assert got.status == 200, got.body
    made = [entry["resource"] for entry in got.json.get("entry", ())]
    for one in made:
        assert Door(parts()[0]).check(one) == []
        check_shapes(one)
    return made


def wrote(events: list[Json]) -> list[Json]:
    """Those of what was written."""
    return [event for event in events if event["agent"][-1]["type"]["coding"][0]["code"] == "AUT"]


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
    events = wrote(found(asking("GET", f"/fhir/AuditEvent?patient={made.id}")))
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
    assert wrote(entities) == events


def test_each_kind_of_event_names_the_profile_whose_shape_it_has(place: Place) -> None:
    """BALP: what `check_shapes` finds in order, which `found` asks of each."""
    ehr = place.client("program-ehr", OURS, OWN)
    person = ehr("POST", "/fhir/Patient", {"resourceType": "Patient"}, **{"x-request-id": "r-9"}).id
    for method, url, body in (
        ("GET", f"/fhir/Patient/{person}/_history", None),
        ("GET", f"/fhir/Patient/{person}/_history/1", None),
        ("GET", "/fhir/Patient", None),
        ("GET", f"/fhir/Patient/{person}/$everything", None),
        ("PUT", f"/fhir/Patient/{person}", {"resourceType": "Patient", "id": person, "gender": "male"}),
        ("DELETE", f"/fhir/Patient/{person}", None),
    ):
        assert ehr(method, url, body, prefer="return=minimal").status in (200, 204), url
    site = ehr("POST", "/fhir/Location", {"resourceType": "Location", "name": "North"}, prefer="return=minimal")
    address = site.headers["location"].split("/fhir/")[1].partition("/_history")[0]
    asking = officer(place)
    kinds = [claimed(event) - {"OAUTHaccessTokenUse.Opaque"} for event in about(asking, f"patient={person}")]
    expected = ["PatientCreate", "", "PatientRead", "PatientRead", "PatientQuery", "", "PatientUpdate", "PatientDelete"]
    assert kinds == [{name} if name else set() for name in expected]
    (made,) = about(asking, f"entity={address}")
    assert "Create" in claimed(made)
    (create, *_) = about(asking, f"patient={person}&_count=1")
    assert create["entity"][-1]["what"] == {"identifier": {"value": "r-9"}}
    assert create["agent"][0]["network"] == {"address": "127.0.0.1", "type": "2"}


def about(asking: Sender, asked: str) -> list[Json]:
    return found(asking("GET", f"/fhir/AuditEvent?{asked}"))


@pytest.mark.parametrize(
    ("proxies", "network"),
    [
        ("", {"address": "127.0.0.1", "type": "2"}),
        ("198.51.100.1", {"address": "127.0.0.1", "type": "2"}),
        ("198.51.100.1, 127.0.0.0/24", {"address": "2001:db8::7", "type": "2"}),
    ],
)
def test_only_what_a_known_proxy_says_of_an_address_is_believed(proxies: str, network: Json, tmp_path: Path) -> None:
    with placed(tmp_path, proxies=proxies) as place:
        ehr = place.client("program-ehr", OURS, OWN)
        said = {"x-forwarded-for": "192.0.2.1, 2001:db8::7"}
        person = ehr("POST", "/fhir/Patient", {"resourceType": "Patient"}, **said).id
        made, shown = about(officer(place), f"patient={person}")
        assert made["agent"][0]["network"] == shown["agent"][1]["network"] == network


def test_a_consent_that_lets_something_be_seen_is_a_decision(place: Place) -> None:
    person = place.participant()
    place.treated(person)
    consent = place.consent(person)
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Patient/{person}").status == 200
    asking = officer(place)
    decision, read = about(asking, f"patient={person}&agent=Organization/{THEIRS}")
    assert claimed(decision) == {"AuthZconsent", "OAUTHaccessTokenUse.Opaque"}
    assert [one["what"]["reference"] for one in decision["entity"]] == [
        f"Patient/{person}",
        f"Consent/{consent['id']}",
    ]
    assert "PatientRead" in claimed(read)
    (shown,) = [e["resource"] for e in asking("GET", f"/fhir/Patient/{person}/$disclosures").json["entry"]]
    check_shapes(shown)
    assert "PrivacyDisclosure.Source" in claimed(shown)
    for event in (decision, read, shown):
        assert re.fullmatch(r"event-[A-Za-z0-9\-.]{30,58}", event["id"])
        assert asking("GET", f"/fhir/AuditEvent/{event['id']}").json == event
    assert about(asking, f"patient={person}&type=110113") == [decision]
    assert about(asking, f"entity=Patient/{person}&type=rest&agent=Organization/{THEIRS}") == [read]


def test_a_record_finds_who_saw_it_and_who_wrote_it(place: Place) -> None:
    ehr = place.client("program-ehr", OURS, OWN)
    person, other = place.participant(), place.participant()
    mine, _ = place.session(person), place.session(other)
    assert ehr("GET", "/fhir/Encounter").status == 200
    assert ehr("GET", f"/fhir/Patient/{person}").status == 200
    asking = officer(place)
    assert deeds(about(asking, f"entity=Encounter/{mine}")) == [("create", "C"), ("search-type", "E")]
    assert len(about(asking, f"entity=Encounter/{mine}&patient={person}")) == 2
    assert about(asking, f"entity=Encounter/{mine}&patient={other}") == []
    seen = deeds(about(asking, f"agent=Organization/{OURS}"))
    assert seen == [("search-type", "E"), ("search-type", "E"), ("read", "R")]
    assert about(asking, f"agent=Organization/{OTHERS}") == []
    assert about(asking, "entity=Encounter/nothing") == []


def test_codes_are_lists_with_systems_and_references_may_be_whole(place: Place) -> None:
    person = place.participant()
    place.treated(person)
    place.consent(person)
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Patient/{person}").status == 200
    assert provider("GET", f"/fhir/Patient/{NOWHERE}").status == 404
    asking, of = officer(place), f"agent=Organization/{THEIRS}"
    decision, read, refusal = about(asking, of)
    types = "http://terminology.hl7.org/CodeSystem/audit-event-type"
    outcomes = "http://terminology.hl7.org/CodeSystem/audit-event-outcome"
    for asked, events in {
        "outcome=0,8": [decision, read, refusal],
        "outcome=4,8": [refusal],
        f"outcome={outcomes}|8": [refusal],
        "outcome=12": [],
        "type=rest,110113": [decision, read, refusal],
        f"type={types}|rest": [read],
        f"type={types}|": [read],
        "type=110113&outcome=0": [decision],
        "type=rest,110113&outcome=0": [decision, read],
    }.items():
        assert about(asking, f"{of}&{asked}") == events, asked
    for patient in (person, f"Patient/{person}", f"{BASE}/Patient/{person}"):
        assert about(asking, f"{of}&patient={patient}") == [decision, read]
    assert about(asking, f"agent={BASE}/Organization/{THEIRS}&entity={BASE}/Patient/{person}") == [decision, read]


def test_what_one_request_wrote_goes_over_pages(place: Place) -> None:
    ehr = place.client("program-ehr", OURS, OWN)
    people = [("POST", "Patient", {"resourceType": "Patient"}) for _ in range(5)]
    assert ehr("POST", "/fhir", bundle(*people), prefer="return=minimal").status == 200
    asking, ids = officer(place), []
    address = f"/fhir/AuditEvent?agent=Organization/{OURS}&_count=2"
    while address:
        got = asking("GET", address)
        ids += [event["id"] for event in found(got)]
        following = [link["url"] for link in got.json["link"] if link["relation"] == "next"]
        address = following[0].partition("8000")[2] if following else ""
    assert len(ids) == len(set(ids)) == 5


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


def test_a_bundle_is_an_event_for_each_record_and_one_provenance(place: Place) -> None:
    ehr = place.client("program-ehr", OURS, OWN)
    given = bundle(
        ("POST", "Patient", {"resourceType": "Patient"}),
        ("POST", "Patient", {"resourceType": "Patient"}),
    )
    entries = ehr("POST", "/fhir", given).json["entry"]
    first, second = (entry["response"]["location"].split("/")[-3] for entry in entries)
    asking = officer(place)
    for id in (first, second):
        (event,) = wrote(found(asking("GET", f"/fhir/AuditEvent?patient={id}")))
        assert deeds([event]) == [("create", "C")]
        assert {e["what"]["reference"].split("/")[1] for e in event["entity"]} == {id}
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
    signed = {
        person: "whoever reached the server that was started open",
        NOWHERE: "the program's own command or import",
    }
    for id, who in signed.items():
        (event,) = found(asking("GET", f"/fhir/AuditEvent?patient={id}"))
        assert event["agent"][0]["who"] == {"display": who}
    claims = {one["type"]: one for one in place.guarded("GET", "/fhir/metadata").json["rest"][0]["resource"]}
    assert [one["name"] for one in claims["AuditEvent"]["searchParam"]] == [*EVENTS]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("AuditEvent?action=C", "not-supported"),
        ("AuditEvent?date=soon", "value"),
        ("AuditEvent?date=zz2026", "value"),
        ("AuditEvent?agent=Patient/1", "value"),
        ("AuditEvent?entity=1", "value"),
        ("AuditEvent?patient=1&patient=2", "not-supported"),
        ("AuditEvent?type=rest&type=rest", "not-supported"),
        ("AuditEvent?patient=Group/1", "value"),
        ("AuditEvent?patient=1,2", "value"),
        ("AuditEvent?patient=http://elsewhere.example/fhir/Patient/1", "value"),
        ("AuditEvent?patient=", "value"),
        ("AuditEvent?outcome=banana", "value"),
        ("AuditEvent?outcome=0,", "value"),
        ("AuditEvent?outcome=urn:nonsense|0", "value"),
        ("AuditEvent?type=urn:nonsense|rest", "value"),
        ("AuditEvent?type=http://dicom.nema.org/resources/ontology/DCM|rest", "value"),
        ("AuditEvent?type=|rest", "value"),
        ("AuditEvent?type=|", "value"),
        ("AuditEvent?type=", "value"),
        ("AuditEvent?_count=0", "value"),
        ("AuditEvent?_page=x", "invalid"),
        ("Provenance", "not-supported"),
        ("Provenance?target=x", "not-supported"),
        ("Provenance?target=Patient/1&agent=x", "not-supported"),
    ],
)
def test_what_cannot_be_asked_is_told(officer_asks: tuple[Sender, str], address: str, code: str) -> None:
    got = officer_asks[0]("GET", f"/fhir/{address}")
    assert (got.status, got.codes) == (400, [code])


@pytest.mark.parametrize("id", ["act-0", "event-", "event-x", "told-1", "event-AAAA", "event-.-"])
def test_what_is_not_there_is_not_found(officer_asks: tuple[Sender, str], id: str) -> None:
    assert officer_asks[0]("GET", f"/fhir/AuditEvent/{id}").status == 404


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


def test_a_provenance_tells_no_more_of_whom_a_record_names_than_the_record_does(place: Place) -> None:
    ehr, person = place.client("program-ehr", OURS, OWN), place.participant()
    place.treated(person)
    named = [{"recipient": f"Organization/{THEIRS}"}]
    specific = {"kind": "specific", "recipients": named, "purposes": ["treatment"], "statements": ["right_to_revoke"]}
    until = {"expires_with": None, "expires_on": "2027-01-01"}
    place.consent(person, record_types=["session"], **specific, **until)
    clinical = {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}

    def condition(code: str, **more: str) -> Json:
        coding = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}
        whose = {"reference": f"Patient/{person}"}
        said = {"clinicalStatus": {"coding": [clinical]}, "subject": whose, "code": {"coding": [coding]}}
        return {"resourceType": "Condition", **said, **more}

    hidden = ehr("POST", "/fhir/Condition", condition("F11.20")).id
    reason = {"condition": {"reference": f"Condition/{hidden}", "display": "said"}}
    visit = place.session(person, diagnosis=[reason])
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Condition/{hidden}").status == 404
    for code in ("F11.20", "B20"):
        assert ehr("PUT", f"/fhir/Condition/{hidden}", condition(code, id=hidden)).status == 200
        (provenance,) = found(provider("GET", f"/fhir/Provenance?target=Encounter/{visit}"))
        shown = provider("GET", f"/fhir/Encounter/{visit}").json["meta"]["security"]
        assert provenance["meta"]["security"] == shown
        assert provider("GET", f"/fhir/Provenance/{provenance['id']}").json == provenance
    events = found(officer(place)("GET", f"/fhir/AuditEvent?entity=Encounter/{visit}"))
    assert any(one["code"] == "HIV" for event in events for one in event["meta"]["security"])


def test_ids_are_of_one_length_whatever_they_count(place: Place) -> None:
    program = place.program
    events = [
        id_of(program, kind, n, rest) for kind in (WROTE, REFUSAL) for n in (0, 7, 10**6, 2**39) for rest in (0, 9, 321)
    ]
    assert len({*map(len, events)}) == 1
    assert len({*events}) == len(events)
    assert parts_of(program, id_of(program, REFUSAL, 10**6, 321)) == (REFUSAL, 10**6, "00000321")
    assert len({len(_id_of(program, n)) for n in (1, 99, 10**6, 2**39)}) == 1
    assert all(len(id) <= 64 for id in (*events, _id_of(program, 2**39)))


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
