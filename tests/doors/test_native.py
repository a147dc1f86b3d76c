"""The program's own API: records in native words, each with its version, under every verb."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.interactions.native_patch import merged
from adapter.interactions.program import Program
from tests.doors.people import created, observation, patient
from tests.doors.records import UUID, ada, booking, posted
from tests.doors.serving import BASE, Client, client_of, opened

IOP = BASE.replace("/fhir", "/iop")
LINES = {"content-type": "application/x-ndjson"}
Json = dict[str, Any]


def test_a_record_is_written_natively_and_read_as_a_resource(client: Client) -> None:
    made = posted(client, "participant", ada())
    assert made.headers["location"] == f"{IOP}/participant/{made.id}"
    assert made.headers["etag"] == 'W/"1"'
    resource = client("GET", f"/fhir/Patient/{made.id}").json
    assert (resource["gender"], resource["birthDate"]) == ("female", "1990-01-02")
    assert client("GET", f"/iop/participant/{made.id}").json == made.json == {"id": made.id} | made.json


def test_a_resource_is_read_natively_with_what_the_map_does_not_cover(client: Client) -> None:
    made = created(client, patient(birthDate="1990-01-02", photo=[{"title": "portrait"}]))
    plain = client("GET", f"/iop/participant/{made.id}").json
    whole = client("GET", f"/iop/participant/{made.id}?with=residue").json
    assert "residue" not in plain
    assert "Patient.photo" in [item["path"] for item in whole["residue"]]


def test_a_put_makes_the_record_so_and_can_be_repeated(client: Client) -> None:
    made = posted(client, "participant", ada())
    address, wanted, seen = (
        f"/iop/participant/{made.id}",
        made.json | {"sex": "other"},
        {"If-Match": made.headers["etag"]},
    )
    once, twice = client("PUT", address, wanted, seen), client("PUT", address, wanted, seen)
    assert [(got.status, got.headers["etag"]) for got in (once, twice)] == [(200, 'W/"2"')] * 2
    assert once.body == twice.body


def test_a_put_of_a_new_id_creates_it_once(client: Client) -> None:
    address = "/iop/participant/6b1f7c1e-4c1d-4b60-9a0e-0f3b1c2d4e5f"
    assert [client("PUT", address, ada()).status for _ in "ab"] == [201, 200]
    assert client("PUT", address, ada(sex="male")).status == 428
    telling = client("PUT", "/iop/participant/ada-invented", ada())
    assert (telling.status, telling.expressions) == (422, ["id"])
    assert client("PUT", address.replace("6b1f", "7b1f"), ada(), {"If-Match": 'W/"1"'}).status == 412


@pytest.mark.parametrize(("method", "body"), [("PUT", ada(sex="other")), ("PATCH", {"sex": "other"}), ("DELETE", None)])
def test_a_record_that_is_there_is_changed_only_by_who_saw_its_version(
    client: Client, method: str, body: Json | None
) -> None:
    address = f"/iop/participant/{posted(client, 'participant', ada()).id}"
    blind = client(method, address, body)
    assert (blind.status, blind.codes) == (428, ["required"])
    stale = client(method, address, body, {"If-Match": 'W/"7"'})
    assert (stale.status, stale.codes) == (412, ["conflict"])
    assert client(method, address, body, {"If-Match": "*"}).status == 400
    assert client("GET", address).headers["etag"] == 'W/"1"'
    assert client(method, address, body, {"If-Match": 'W/"1"'}).status == (204 if method == "DELETE" else 200)


def test_a_patch_changes_what_it_names_and_null_removes(client: Client) -> None:
    made = posted(client, "participant", ada(identifiers=[{"system": "https://clinic.example/mrn", "value": "1"}]))
    got = client(
        "PATCH",
        f"/iop/participant/{made.id}",
        {"sex": "male", "identifiers": None},
        {"If-Match": 'W/"1"', "Content-Type": "application/merge-patch+json"},
    )
    assert got.json == {name: value for name, value in made.json.items() if name != "identifiers"} | {"sex": "male"}


# The examples of RFC 7386, appendix A, that concern objects.
@pytest.mark.parametrize(
    ("held", "change", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_is_that_of_the_rfc(held: Json, change: Json, result: Json) -> None:
    assert merged(held, change) == result


def test_a_deleted_record_is_not_there_and_not_listed(client: Client) -> None:
    made = posted(client, "participant", ada())
    assert client("DELETE", f"/iop/participant/{made.id}", headers={"If-Match": made.headers["etag"]}).status == 204
    assert client("GET", f"/iop/participant/{made.id}").status == 404
    assert client("GET", "/iop/participant").json == {"records": []}
    assert client("GET", f"/fhir/Patient/{made.id}/_history/1").status == 200


def test_a_record_is_found_only_under_its_own_concept(client: Client) -> None:
    who = created(client, patient())
    made = created(client, observation(f"Patient/{who.id}"))
    for concept in ("screening", "drug_result"):
        assert client("GET", f"/iop/{concept}/{made.id}").status == 404
        assert client("GET", f"/iop/{concept}").json["records"] == []


def test_a_reader_who_has_the_version_gets_no_body(client: Client) -> None:
    made = posted(client, "participant", ada())
    got = client("GET", f"/iop/participant/{made.id}", headers={"If-None-Match": made.headers["etag"]})
    assert (got.status, got.body) == (304, b"")


def test_a_list_is_filtered_by_participant_and_date_and_paged(client: Client) -> None:
    one, other = (posted(client, "participant", ada()).id for _ in "ab")
    made = [posted(client, "booking", booking(one, day)).id for day in (3, 4, 5, 6)]
    posted(client, "booking", booking(other, 4))
    first = client("GET", f"/iop/booking?participant={one}&limit=3")
    assert first.headers["etag"].startswith('W/"')
    second = client("GET", first.json["next"].removeprefix(IOP.removesuffix("/iop")))
    assert [record["id"] for record in first.json["records"] + second.json["records"]] == made[::-1]
    assert "next" not in second.json
    days = client("GET", f"/iop/booking?participant={one}&date=ge2026-03-04&date=lt2026-03-06").json["records"]
    assert [record["id"] for record in days] == [made[2], made[1]]


def test_a_filter_that_is_not_known_is_refused_with_those_that_are(client: Client) -> None:
    got = client("GET", "/iop/booking?patient=x")
    assert (got.status, got.expressions) == (400, ["patient"])
    assert "participant, episode, date, limit, page" in got.json["issue"][0]["details"]["text"]


def test_a_practice_key_stands_for_a_record_that_is_there_or_still_to_come(client: Client, program: Program) -> None:
    system = sorted(program.identifying)[0]
    key = {"system": system, "value": "0042"}
    early = posted(client, "booking", booking(key, 3))
    waiting = client("GET", "/iop/pending").json["items"]
    assert [item["target_id"] for item in waiting] == [early.json["participant"]]
    arrived = posted(client, "participant", ada(identifiers=[key]))
    assert arrived.id == early.json["participant"]
    assert client("GET", "/iop/pending").json == {"items": []}
    assert posted(client, "booking", booking(key, 4)).json["participant"] == arrived.id
    again = client("POST", "/iop/participant", ada(identifiers=[key]))
    assert (again.status, again.codes, again.headers["location"]) == (
        409,
        ["duplicate"],
        f"{IOP}/participant/{arrived.id}",
    )


def test_a_key_of_several_possible_types_must_say_which(client: Client, program: Program) -> None:
    who = posted(client, "participant", ada()).id
    key = {"system": sorted(program.identifying)[0], "value": "7"}
    got = client("POST", "/iop/booking", booking(who, 3, clinicians=[{"clinician": key}]))
    assert (got.status, got.expressions) == (422, ["clinicians[0].clinician"])
    made = posted(client, "booking", booking(who, 3, clinicians=[{"clinician": key | {"type": "Practitioner"}}]))
    assert made.json["clinicians"][0]["clinician"].startswith("Practitioner/")


WRONG: dict[str, tuple[Any, int, list[str]]] = {
    "an unknown field": (ada(nickname="A"), 422, ["nickname"]),
    "a word that is not in the table": (ada(sex="F"), 422, ["sex"]),
    "a wrong type": (ada(birth_date=1990), 422, ["birth_date"]),
    "a day that is not in the calendar": (ada(birth_date="1990-02-30"), 422, ["birth_date"]),
    "a day that is none beside other faults": (
        ada(birth_date="1990-02-30", sex="F", nickname="A"),
        422,
        [
            "birth_date",
            "sex",
            "nickname",
        ],
    ),
    "another kind of record": (ada(concept="goal"), 400, ["concept"]),
    "a missing field": ({"sex": "female"}, 422, ["names"]),
    "a list": ([], 400, []),
    "an empty body": (b"", 400, []),
    "a key twice": (b'{"sex":"male","sex":"female"}', 400, ["sex"]),
    "half a body": (b'{"sex":"male"', 400, []),
    "an id of one's own": (ada(id="6b1f7c1e-4c1d-4b60-9a0e-0f3b1c2d4e5f"), 400, ["id"]),
    "twenty megabytes": (b'"' + b"a" * (20 << 20) + b'"', 413, []),
    "ten thousand levels": (b"[" * 10_000, 400, []),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_record_is_told_in_native_fields_and_changes_nothing(
    fault: str, client: Client, program: Program
) -> None:
    body, status, places = WRONG[fault]
    got = client("POST", "/iop/participant", body)
    assert (got.status, [place for place in places if place not in got.expressions]) == (status, []), got.body
    assert got.json["resourceType"] == "OperationOutcome"
    assert program.store.t == 0


def test_a_document_may_say_what_it_is_as_a_line_of_an_import_does(client: Client) -> None:
    made = posted(client, "participant", ada(concept="participant"))
    assert "concept" not in made.json
    tag = {"If-Match": made.headers["etag"]}
    assert client("PUT", f"/iop/participant/{made.id}", ada(concept="participant", sex="male"), tag).status == 200
    asked = client("POST", "/fhir/$to-fhir?concept=participant", ada(concept="participant"))
    assert asked.status == 200, asked.body


@pytest.mark.parametrize(
    ("url", "place", "told"),
    [
        ("/iop/booking?limit=-1", "limit", "limit: is not a whole number, 0 or more"),
        ("/iop/booking?date=tomorrow", "date", "date: "),
        ("/iop/$import?atomic=maybe", "atomic", "atomic: true or false"),
    ],
)
def test_a_wrong_parameter_is_told_by_the_name_it_was_sent_by(client: Client, url: str, place: str, told: str) -> None:
    got = client(*(("POST", url, b"", LINES) if "$import" in url else ("GET", url)))
    assert (got.status, got.expressions) == (400, [place])
    assert got.json["issue"][0]["details"]["text"].startswith(told)


def test_every_fault_of_a_document_over_several_records_is_told(client: Client) -> None:
    lines = [{"substance": "cocaine"}, {"test": "no_such_test", "status": "final"}, {"id": UUID, "status": "final"}]
    got = client("POST", "/iop/drug_screen", {"participant": UUID, "status": "final", "results": lines})
    assert got.status == 422
    assert set(got.expressions) == {
        "panel", "results[0].substance", "results[0].status", "results[0].test", "results[2].id",
    }  # fmt: skip
    two = [{"test": "no_such_test", "status": "final"}, {"test": "cocaine", "status": "over"}]
    got = client("POST", "/iop/drug_screen", {"participant": UUID, "status": "final", "panel": "x", "results": two})
    assert {"panel", "results[0].test", "results[1].status"} <= set(got.expressions)


def test_a_line_of_a_meeting_cannot_name_a_record_that_is_not_its(client: Client) -> None:
    who = posted(client, "participant", ada()).id
    line = {"participant": who, "attendance": "attended", "session": UUID}
    got = client("POST", "/iop/group_meeting", {"kind": "group", "roster": [line]})
    assert (got.status, got.expressions) == (422, ["roster[0].session"])


@pytest.mark.parametrize(
    ("method", "url", "headers", "status"),
    [
        ("GET", "/iop/nothing", {}, 404),
        ("GET", "/iop", {}, 404),
        ("GET", "/elsewhere", {}, 404),
        ("DELETE", "/iop/participant", {}, 405),
        ("POST", "/iop/participant", {"Content-Type": "text/plain"}, 415),
        ("GET", "/iop/participant", {"Accept": "text/html"}, 406),
        ("GET", "/iop/participant/x?with=all", {}, 400),
        ("POST", "/iop/participant?limit=1", {}, 400),
        ("GET", "/iop/parked?limit=0", {}, 400),
        ("GET", "/iop/unmapped?page=AAAA", {}, 400),
        ("POST", "/iop/$import", {"Content-Type": "application/json"}, 415),
    ],
)
def test_a_wrong_request_gets_an_operation_outcome_too(
    client: Client,
    method: str,
    url: str,
    headers: dict[str, str],
    status: int,
) -> None:
    got = client(method, url, b"{}" if method == "POST" else None, headers)
    assert (got.status, got.json["resourceType"]) == (status, "OperationOutcome")
    assert ("allow" in got.headers) == (status == 405)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("/iop/unmapped?participant=a&participant=b", "participant"),
        ("/iop/parked?limit=1&limit=2", "limit"),
        ("/iop/pending?page=a&page=a", "page"),
        ("/iop/booking?limit=1&limit=2", "limit"),
        ("/iop/booking?page=a&page=b", "page"),
        ("/iop/group_meeting?through=booking&through=session", "through"),
        ("/iop/participant/x?with=residue&with=residue", "with"),
        ("/iop/$import?atomic=true&atomic=false", "atomic"),
    ],
)
def test_a_parameter_that_can_mean_one_thing_is_said_once(client: Client, url: str, name: str) -> None:
    got = client(*(("POST", url, b"", LINES) if "$import" in url else ("GET", url)))
    assert (got.status, got.codes, got.expressions) == (400, ["invalid"], [name])


def test_a_list_that_the_reader_has_is_not_sent_again(client: Client) -> None:
    posted(client, "participant", ada())
    for url in ("/iop/participant?limit=1", "/iop/group_meeting?limit=1"):
        had = {"If-None-Match": client("GET", url).headers["etag"]}
        got = client("GET", url, headers=had)
        assert (got.status, got.body, got.headers["etag"]) == (304, b"", had["If-None-Match"])
        assert client("GET", url, headers={"If-None-Match": 'W/"other"'}).status == 200


def test_a_list_that_goes_on_is_another_than_one_that_ends(client: Client) -> None:
    older = posted(client, "participant", ada())
    posted(client, "participant", ada())
    had = {"If-None-Match": client("GET", "/iop/participant?limit=1").headers["etag"]}
    client("DELETE", f"/iop/participant/{older.id}", headers={"If-Match": older.headers["etag"]})
    got = client("GET", "/iop/participant?limit=1", headers=had)
    assert (got.status, "next" in got.json) == (200, False)


def test_a_native_write_may_not_turn_a_record_into_another_concept(client: Client, program: Program) -> None:
    who = posted(client, "participant", ada()).id
    made = posted(client, "booking", booking(who, 3))
    got = client("PUT", f"/iop/session/{made.id}", {"participant": who})
    assert got.status in (404, 409, 422)
    assert client("GET", f"/iop/booking/{made.id}").headers["etag"] == 'W/"1"'


def test_what_a_map_could_not_read_is_on_the_work_list(client: Client) -> None:
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    who = created(client, patient())
    survey = observation(f"Patient/{who.id}", category=[{"coding": [{"system": category, "code": "survey"}]}])
    made = created(client, survey)
    items = client("GET", f"/iop/parked?participant={who.id}").json["items"]
    assert {item["id"] for item in items} == {made.id}
    assert all(item["reason"] and item["path"] for item in items)
    record = client("GET", f"/iop/screening/{made.id}").json
    assert {item["path"] for item in record["incomplete"]} == {item["path"] for item in items}


def test_work_lists_are_paged(tmp_path: Path) -> None:
    with opened(tmp_path, references="pending") as program, client_of(program) as client:
        made = {created(client, observation(f"Patient/p{number}")).id for number in range(5)}
        seen, url = [], "/iop/pending?limit=2"
        while url:
            page = client("GET", url).json
            seen += [item["id"] for item in page["items"]]
            url = page.get("next", "").removeprefix(IOP.removesuffix("/iop"))
    assert (len(seen), set(seen)) == (5, made)
