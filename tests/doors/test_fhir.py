"""The FHIR door as its clients use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapter.interactions.program import Program
from tests.doors.people import created, observation, path, patient, reference
from tests.doors.serving import BASE, Client, client_of, opened


def test_a_created_resource_is_read_back_as_it_was_sent(client: Client) -> None:
    name = b'"name":[{"given":["Ada"],"family":"Inv\xc3\xa9nt\xf0\x9f\x8c\xb1ed"}]'
    sent = b'{"resourceType":"Patient",' + name + b',"birthDate":"1990-01-02"}'
    made = client("POST", "/fhir/Patient", sent)
    assert made.status == 201
    assert made.headers["location"] == f"{BASE}/Patient/{made.id}/_history/1"
    read = client("GET", f"/fhir/Patient/{made.id}")
    assert read.status == 200
    assert read.body == made.body
    meta = f'"meta":{{"versionId":"1","lastUpdated":"{read.json["meta"]["lastUpdated"]}"}}'
    start = f'{{"resourceType":"Patient","id":"{made.id}",{meta},'
    assert read.body == start.encode() + sent.removeprefix(b'{"resourceType":"Patient",')
    assert (read.headers["etag"], read.headers["content-type"]) == ('W/"1"', "application/fhir+json; charset=utf-8")


def test_decimals_come_back_as_they_were_written(client: Client) -> None:
    sent = b'{"resourceType":"Observation","status":"final","code":{"text":"mass"},"valueQuantity":{"value":1.10}}'
    made = client("POST", "/fhir/Observation", sent)
    assert b'"valueQuantity":{"value":1.10}' in client("GET", f"/fhir/Observation/{made.id}").body


def test_the_clients_id_version_and_time_are_not_used(client: Client) -> None:
    made = created(client, patient(id="mine", meta={"versionId": "9", "lastUpdated": "1999-01-01T00:00:00Z"}))
    assert made.id != "mine"
    assert made.json["meta"]["versionId"] == "1"
    assert made.json["meta"]["lastUpdated"].startswith("2026-03-02T09:00:")


def test_each_change_makes_a_version_and_no_change_makes_none(client: Client) -> None:
    made = created(client, patient())
    address = f"/fhir/Patient/{made.id}"
    changed = client("PUT", address, patient(id=made.id, gender="other"))
    again = client("PUT", address, dict(reversed(patient(id=made.id, gender="other").items())))
    assert [changed.status, changed.headers["etag"], again.status, again.headers["etag"]] == [
        200,
        'W/"2"',
        200,
        'W/"2"',
    ]
    assert again.body == changed.body
    assert client("GET", f"{address}/_history/1").json["gender"] == "female"
    assert client("GET", f"{address}/_history/3").status == 404


def test_trailing_zeros_of_a_decimal_are_a_change(client: Client) -> None:
    made = created(
        client,
        {"resourceType": "Observation", "status": "final", "code": {"text": "mass"}, "valueQuantity": {"value": 1.1}},
    )
    text = client("GET", f"/fhir/Observation/{made.id}").body.replace(b"1.1}", b"1.10}")
    assert client("PUT", f"/fhir/Observation/{made.id}", text).headers["etag"] == 'W/"2"'


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [("return=minimal", None), ("return=representation", "Patient"), ("return=OperationOutcome", "OperationOutcome")],
)
def test_a_write_returns_what_the_client_prefers(client: Client, prefer: str, kind: str | None) -> None:
    made = client("POST", "/fhir/Patient", patient(), {"Prefer": prefer})
    assert made.status == 201
    assert (made.json["resourceType"] if made.body else None) == kind


def test_a_reader_who_has_the_version_gets_no_body(client: Client) -> None:
    made = created(client, patient())
    address = f"/fhir/Patient/{made.id}"
    fresh = client("GET", address, headers={"If-None-Match": 'W/"7", W/"1"'})
    assert (fresh.status, fresh.body, fresh.headers["etag"]) == (304, b"", 'W/"1"')
    assert client("GET", address, headers={"If-None-Match": '"2"'}).status == 200
    assert client("GET", address, headers={"If-Modified-Since": made.headers["last-modified"]}).status == 304
    assert client("GET", address, headers={"If-Modified-Since": "Sun, 01 Mar 2026 00:00:00 GMT"}).status == 200
    assert client("GET", address, headers={"If-Modified-Since": "yesterday"}).status == 200


def test_a_deleted_resource_is_gone_but_its_history_stays(client: Client) -> None:
    made = created(client, patient())
    address = f"/fhir/Patient/{made.id}"
    assert client("DELETE", address).status == 204
    assert client("DELETE", address).status == 204
    gone = client("GET", address)
    assert (gone.status, gone.codes) == (410, ["deleted"])
    assert client("GET", f"{address}/_history/1").status == 200
    assert client("GET", f"{address}/_history/2").status == 410
    assert client("GET", "/fhir/Patient").json["total"] == 0


def test_an_update_brings_a_deleted_resource_back_as_the_next_version(client: Client) -> None:
    made = created(client, patient())
    client("DELETE", f"/fhir/Patient/{made.id}")
    back = client("PUT", f"/fhir/Patient/{made.id}", patient(id=made.id))
    assert (back.status, back.headers["etag"]) == (201, 'W/"3"')


def test_only_the_version_that_was_seen_is_changed(client: Client) -> None:
    made = created(client, patient())
    address, changed = f"/fhir/Patient/{made.id}", patient(id=made.id, gender="other")
    assert client("PUT", address, changed, {"If-Match": 'W/"1"'}).status == 200
    stale = client("PUT", address, patient(id=made.id, gender="male"), {"If-Match": 'W/"1"'})
    assert (stale.status, stale.codes) == (412, ["conflict"])
    assert client("DELETE", address, headers={"If-Match": 'W/"1"'}).status == 412
    assert client("DELETE", address, headers={"If-Match": 'W/"2"'}).status == 204


def test_of_two_writers_of_one_version_one_is_refused(client: Client) -> None:
    made = created(client, patient())
    tries = [
        ("PUT", f"/fhir/Patient/{made.id}", patient(id=made.id, gender=gender), {"If-Match": 'W/"1"'})
        for gender in ("male", "other")
    ]
    assert sorted(got.status for got in client.together(tries)) == [200, 412]


def test_of_many_parallel_conditional_creates_one_creates(client: Client) -> None:
    body = patient(identifier=[{"system": "https://clinic.example/mrn", "value": "4711"}])
    header = {"If-None-Exist": "identifier=https://clinic.example/mrn|4711"}
    got = client.together([("POST", "/fhir/Patient", body, header)] * 64)
    assert sorted(answer.status for answer in got) == [200] * 63 + [201]
    assert len({answer.headers["location"] for answer in got}) == 1


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        (None, "Patient"),
        ("return=representation", "Patient"),
        ("return=minimal", None),
        ("return=OperationOutcome", "OperationOutcome"),
    ],
)
def test_a_conditional_create_that_finds_one_returns_what_the_client_prefers(
    client: Client, prefer: str | None, kind: str | None
) -> None:
    body = patient(identifier=[{"system": "https://clinic.example/mrn", "value": "4711"}])
    header = {"If-None-Exist": "identifier=https://clinic.example/mrn|4711"}
    made = client("POST", "/fhir/Patient", body, header)
    again = client("POST", "/fhir/Patient", body | {"gender": "other"}, header | ({"Prefer": prefer} if prefer else {}))
    assert (again.status, again.headers["location"], again.headers["etag"]) == (200, made.headers["location"], 'W/"1"')
    assert (again.json["resourceType"] if again.body else None) == kind
    assert kind != "Patient" or again.body == made.body


def test_a_conditional_create_that_matches_several_is_refused(client: Client) -> None:
    body = patient(identifier=[{"system": "https://clinic.example/mrn", "value": "1"}])
    created(client, body)
    created(client, body)
    several = client("POST", "/fhir/Patient", body, {"If-None-Exist": "identifier=https://clinic.example/mrn|1"})
    assert (several.status, several.codes) == (412, ["multiple-matches"])


def test_a_practice_key_names_one_record_whatever_door_it_comes_by(client: Client, program: Program) -> None:
    system = sorted(program.identifying)[0]
    body = patient(identifier=[{"system": system, "value": "0042"}])
    made = created(client, body)
    again = client("POST", "/fhir/Patient", body)
    assert (again.status, again.codes) == (409, ["duplicate"])
    assert again.headers["location"] == f"{BASE}/Patient/{made.id}"
    other = created(client, patient())
    taken = client("PUT", f"/fhir/Patient/{other.id}", body | {"id": other.id})
    assert (taken.status, taken.expressions) == (409, ["Patient.identifier"])


def test_a_deleted_records_key_brings_it_back_under_its_id(client: Client, program: Program) -> None:
    body = patient(identifier=[{"system": sorted(program.identifying)[0], "value": "0042"}])
    made = created(client, body)
    client("DELETE", f"/fhir/Patient/{made.id}")
    back = created(client, body)
    assert (back.id, back.headers["etag"]) == (made.id, 'W/"3"')


def test_a_reference_to_a_record_that_is_not_there_is_refused_with_its_place(client: Client) -> None:
    got = client(
        "POST", "/fhir/Observation", observation("Patient/none", performer=[{"reference": "Practitioner/none"}])
    )
    assert (got.status, got.codes) == (422, ["not-found", "not-found"])
    assert got.expressions == ["Observation.subject", "Observation.performer[0]"]


def test_a_reference_by_our_own_absolute_address_is_local(client: Client) -> None:
    made = created(client, patient())
    assert created(client, observation(f"{BASE}/Patient/{made.id}")).status == 201
    elsewhere = client("POST", "/fhir/Observation", observation(f"https://ehr.example/fhir/Patient/{made.id}"))
    assert (elsewhere.status, elsewhere.codes) == (422, ["value"])


def test_a_record_does_not_change_its_person(client: Client) -> None:
    one, other = created(client, patient()), created(client, patient())
    made = created(client, observation(reference(one)))
    got = client("PUT", f"/fhir/Observation/{made.id}", observation(reference(other), id=made.id))
    assert (got.status, got.codes, got.expressions) == (422, ["business-rule"], ["Observation.subject"])


def test_a_reference_may_wait_where_the_program_says_so(tmp_path: Path) -> None:
    with opened(tmp_path, references="pending") as program, client_of(program) as client:
        created(client, observation("Patient/to-come"))
        waiting = client("GET", "/iop/pending").json["items"]
    assert [(item["target_type"], item["target_id"], item["path"]) for item in waiting] == [
        ("Patient", "to-come", "Observation.subject")
    ]


def test_a_program_may_demand_that_updates_name_their_version(tmp_path: Path) -> None:
    with opened(tmp_path, require_if_match=True) as program, client_of(program) as client:
        made = created(client, patient())
        got = client("PUT", f"/fhir/Patient/{made.id}", patient(id=made.id, gender="other"))
    assert (got.status, got.codes) == (428, ["required"])


def test_a_search_says_what_it_applied_and_pages_without_loss(client: Client) -> None:
    subject = reference(created(client, patient()))
    made = {created(client, observation(subject, effectiveDateTime=f"2026-03-0{day}")).id for day in range(1, 8)}
    seen, url = [], f"/fhir/Observation?patient={subject}&_count=3"
    while url:
        page = client("GET", url).json
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        url = path(links["next"]) if "next" in links else ""
        created(client, observation(subject, effectiveDateTime="2026-03-04"))
    assert (len(seen), set(seen)) == (7, made)
    first = client("GET", f"/fhir/Observation?patient={subject}&_count=3").json
    assert first["link"][0] == {"relation": "self", "url": f"{BASE}/Observation?patient={subject}&_count=3"}
    assert {entry["search"]["mode"] for entry in first["entry"]} == {"match"}
    assert first["entry"][0]["fullUrl"].startswith(f"{BASE}/Observation/")


def test_a_search_by_form_is_the_same_search(client: Client) -> None:
    subject = reference(created(client, patient()))
    created(client, observation(subject))
    form = {"content-type": "application/x-www-form-urlencoded"}
    got = client("POST", "/fhir/Observation/_search?_count=5", f"patient={subject}".encode(), form)
    assert (got.status, got.json["total"]) == (200, 1)
    clash = client("POST", "/fhir/Observation/_search?_count=5", b"_count=6", form)
    assert (clash.status, clash.expressions) == (400, ["_count"])


def test_a_count_is_answered_without_entries(client: Client) -> None:
    created(client, patient())
    got = client("GET", "/fhir/Patient?_summary=count").json
    assert (got["total"], "entry" in got) == (1, False)


def test_head_says_what_get_would_without_the_body(client: Client) -> None:
    made = created(client, patient())
    got = client("HEAD", f"/fhir/Patient/{made.id}")
    assert (got.status, got.body, int(got.headers["content-length"])) == (200, b"", len(made.body))


def test_an_answer_for_the_eye_holds_the_same(client: Client) -> None:
    made = created(client, patient())
    pretty = client("GET", f"/fhir/Patient/{made.id}?_pretty=true&_format=json")
    assert pretty.json == made.json
    assert pretty.body.startswith(b'{\n  "resourceType": "Patient",\n  "id": ')


def test_a_move_to_another_concept_is_made_and_said(client: Client) -> None:
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    made = created(client, observation(reference(created(client, patient()))))
    moved = made.json | {"category": [{"coding": [{"system": category, "code": "survey"}]}]}
    got = client("PUT", f"/fhir/Observation/{made.id}", moved, {"Prefer": "return=OperationOutcome"})
    assert got.status == 200
    assert "now read as screening, before as no concept" in got.json["issue"][0]["details"]["text"]


def test_a_resource_that_no_concept_claims_is_kept_whole_and_listed(client: Client) -> None:
    subject = reference(created(client, patient()))
    vaccine = {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": {"text": "influenza"},
        "patient": {"reference": subject},
        "occurrenceDateTime": "2026-01-05",
    }
    made = created(client, vaccine)
    assert client("GET", f"/fhir/Immunization/{made.id}").json["vaccineCode"] == {"text": "influenza"}
    items = client("GET", f"/iop/unmapped?participant={subject.partition('/')[2]}").json["items"]
    assert [(item["type"], item["id"]) for item in items] == [("Immunization", made.id)]


def test_what_points_to_a_deleted_record_is_listed(client: Client) -> None:
    subject = created(client, patient())
    made = created(client, observation(reference(subject)))
    client("DELETE", f"/fhir/Patient/{subject.id}")
    items = client("GET", "/iop/pending").json["items"]
    assert [(item["id"], item["target_id"], item["path"]) for item in items] == [
        (made.id, subject.id, "Observation.subject")
    ]
    kept = client("PUT", f"/fhir/Observation/{made.id}", observation(reference(subject), id=made.id, status="amended"))
    assert kept.status == 200
    assert len(client("GET", "/iop/pending").json["items"]) == 1
    client("PUT", f"/fhir/Patient/{subject.id}", patient(id=subject.id))
    assert client("GET", "/iop/pending").json["items"] == []


def test_a_record_deleted_with_what_it_points_to_leaves_nothing_to_list(client: Client) -> None:
    subject = created(client, patient())
    made = created(client, observation(reference(subject)))
    entries = [
        {"request": {"method": "DELETE", "url": url}} for url in (f"Patient/{subject.id}", f"Observation/{made.id}")
    ]
    client("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert client("GET", "/iop/pending").json["items"] == []


DOCUMENT = {
    "resourceType": "Bundle",
    "type": "document",
    "identifier": {"system": "https://clinic.example/documents", "value": "1"},
    "timestamp": "2026-03-02T09:00:00Z",
    "entry": [
        {
            "fullUrl": "urn:uuid:8f2c9d1e-0b7a-4a44-9c53-0d9c1a2b3c4d",
            "resource": {
                "resourceType": "Composition",
                "status": "final",
                "type": {"text": "discharge summary"},
                "subject": {"reference": "urn:uuid:9f2c9d1e-0b7a-4a44-9c53-0d9c1a2b3c4d"},
                "date": "2026-03-02",
                "author": [{"reference": "Practitioner/elsewhere"}],
                "title": "Discharge",
            },
        },
        {"fullUrl": "urn:uuid:9f2c9d1e-0b7a-4a44-9c53-0d9c1a2b3c4d", "resource": patient()},
    ],
}


def test_a_document_is_kept_with_its_own_names(client: Client) -> None:
    made = created(client, DOCUMENT)
    assert made.json["entry"] == DOCUMENT["entry"]
    inside = {"resource": DOCUMENT, "request": {"method": "POST", "url": "Bundle"}}
    ada = {
        "fullUrl": "urn:uuid:9f2c9d1e-0b7a-4a44-9c53-0d9c1a2b3c4d",
        "resource": patient(),
        "request": {"method": "POST", "url": "Patient"},
    }
    got = client(
        "POST",
        "/fhir",
        {"resourceType": "Bundle", "type": "transaction", "entry": [inside, ada]},
        {"Prefer": "return=representation"},
    )
    assert got.json["entry"][0]["resource"]["entry"] == DOCUMENT["entry"]


@pytest.mark.parametrize(
    ("wrong", "place"),
    [({"id": {"x": 1}}, "Patient.id"), ({"meta": {"versionId": {"a": 1}}}, "Patient.meta.versionId")],
)
def test_what_is_left_out_must_be_well_formed_too(wrong: dict[str, object], place: str, client: Client) -> None:
    got = client("POST", "/fhir/Patient", patient(**wrong))
    assert (got.status, got.expressions) == (400, [place])


@pytest.mark.parametrize("shaping", ["_count=1", "_sort=_id", "_summary=count", "_total=accurate", "_count=0"])
def test_a_condition_does_not_shape_a_result(shaping: str, client: Client) -> None:
    body = patient(identifier=[{"system": "https://clinic.example/mrn", "value": "1"}])
    created(client, body)
    created(client, body)
    header = {"If-None-Exist": f"identifier=https://clinic.example/mrn|1&{shaping}"}
    got = client("POST", "/fhir/Patient", body, header)
    assert (got.status, got.expressions) == (400, ["If-None-Exist"])


@pytest.mark.parametrize(
    ("method", "address", "header"),
    [
        ("POST", "/fhir/Patient", "If-Match"),
        ("POST", "/fhir/Patient", "If-None-Match"),
        ("PUT", "/fhir/Patient/{id}", "If-None-Match"),
        ("PUT", "/fhir/Patient/{id}", "If-Unmodified-Since"),
        ("PUT", "/fhir/Patient/{id}", "If-None-Exist"),
        ("DELETE", "/fhir/Patient/{id}", "If-None-Match"),
        ("GET", "/fhir/Patient/{id}", "If-Match"),
        ("GET", "/fhir/Patient", "If-None-Exist"),
        ("POST", "/fhir", "If-Match"),
    ],
)
def test_a_precondition_that_would_be_ignored_is_refused(
    method: str, address: str, header: str, client: Client, program: Program
) -> None:
    made = created(client, patient())
    before = program.store.t
    url = address.replace("{id}", made.id)
    got = client(method, url, patient(id=made.id) if method in ("POST", "PUT") else None, {header: "*"})
    assert (got.status, got.codes, got.expressions) == (400, ["not-supported"], [header])
    assert program.store.t == before


def test_each_page_names_itself(client: Client) -> None:
    for _ in range(3):
        created(client, patient())
    first = {link["relation"]: link["url"] for link in client("GET", "/fhir/Patient?_count=2").json["link"]}
    second = {link["relation"]: link["url"] for link in client("GET", path(first["next"])).json["link"]}
    assert second == {"self": first["next"]}


def test_an_appointment_does_not_change_its_person(client: Client) -> None:
    one, other = created(client, patient()), created(client, patient())

    def booking(who: str, **more: object) -> dict[str, object]:
        people = [{"actor": {"reference": who}, "status": "accepted"}]
        return {"resourceType": "Appointment", "status": "proposed", "participant": people} | more

    made = created(client, booking(reference(one)))
    got = client("PUT", f"/fhir/Appointment/{made.id}", booking(reference(other), id=made.id))
    assert (got.status, got.codes, got.expressions) == (422, ["business-rule"], ["Appointment.participant"])
