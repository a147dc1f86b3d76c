"""Journey B: a group meeting is recorded natively as one form, and a session of it is read as an Encounter."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.fhir.canonical import profile
from adapter.interactions.program import Program
from tests.doors.people import created, patient
from tests.doors.serving import BASE, Client, Got

IOP = BASE.replace("/fhir", "/iop")
Json = dict[str, Any]


@pytest.fixture
def people(client: Client) -> list[tuple[str, str]]:
    """Three participants with their episodes."""
    found = []
    for _ in range(3):
        who = created(client, patient()).id
        organization = created(client, {"resourceType": "Organization", "name": "An invented program"}).id
        episode = created(
            client,
            {
                "resourceType": "EpisodeOfCare",
                "status": "active",
                "patient": {"reference": f"Patient/{who}"},
                "managingOrganization": {"reference": f"Organization/{organization}"},
                "period": {"start": "2026-02-01"},
            },
        )
        found.append((who, episode.id))
    return found


def line(person: tuple[str, str], attendance: str, **more: Any) -> Json:
    """One line of the roster."""
    return {"participant": person[0], "episode": person[1], "attendance": attendance} | more


def meeting(people: list[tuple[str, str]], **more: Any) -> Json:
    """Two came, one of them late, and one did not."""
    return {
        "kind": "group",
        "topic": "triggers",
        "mode": "in_person",
        "planned_start": "2026-03-02T14:00:00Z",
        "planned_end": "2026-03-02T17:00:00Z",
        "started_at": "2026-03-02T09:00:00-05:00",
        "ended_at": "2026-03-02T12:00:00-05:00",
        "roster": [
            line(people[0], "attended", minutes_attended=180),
            line(people[1], "late", minutes_attended=160, started_at="2026-03-02T09:20:00-05:00"),
            line(people[2], "no_show"),
        ],
    } | more


@pytest.fixture
def recorded(client: Client, people: list[tuple[str, str]]) -> Got:
    """The meeting, recorded."""
    got = client("POST", "/iop/group_meeting", meeting(people))
    assert got.status == 201, got.body
    return got


def encounters(client: Client) -> list[Json]:
    """Every session as a resource."""
    return [entry["resource"] for entry in client("GET", "/fhir/Encounter").json.get("entry", ())]


def count(resource: Json) -> int:
    """The number attending that a session says."""
    group = next(e for e in resource["extension"] if e["url"] == profile("iop-group-session"))
    return next(
        value
        for part in group["extension"]
        for key, value in part.items()
        if part["url"] == "attending" and key != "url"
    )


def test_one_form_becomes_a_session_for_each_who_came_and_a_booking_for_all(
    client: Client, recorded: Got, program: Program
) -> None:
    assert recorded.headers["location"] == f"{IOP}/group_meeting/{recorded.id}"
    assert (recorded.json["attending"], len(encounters(client))) == (2, 2)
    statuses = sorted(e["resource"]["status"] for e in client("GET", "/fhir/Appointment").json["entry"])
    assert statuses == ["fulfilled", "fulfilled", "noshow"]
    assert (
        len(
            {
                entry["resource"]["meta"]["lastUpdated"]
                for entry in client("GET", f"/fhir/Encounter?meeting={recorded.id}").json["entry"]
            }
        )
        == 1
    )


def test_a_session_of_it_is_an_encounter_that_names_one_person_only(
    client: Client,
    recorded: Got,
    people: list[tuple[str, str]],
) -> None:
    for resource in encounters(client):
        read = client("GET", f"/fhir/Encounter/{resource['id']}")
        who = resource["subject"]["reference"].partition("/")[2]
        assert [id for id, _ in people if id in read.body.decode()] == [who]
        assert count(resource) == 2


def test_the_form_is_read_back_as_it_was_written(client: Client, recorded: Got, people: list[tuple[str, str]]) -> None:
    got = client("GET", f"/iop/group_meeting/{recorded.id}")
    assert got.body == recorded.body
    assert got.headers["etag"] == recorded.headers["etag"]
    written = meeting(people)
    assert {name: got.json[name] for name in written if name != "roster"} == {
        n: v for n, v in written.items() if n != "roster"
    }
    for said, held in zip(
        sorted(written["roster"], key=lambda one: one["participant"]), got.json["roster"], strict=True
    ):
        assert said.items() <= held.items()
    assert (
        client("GET", f"/iop/group_meeting/{recorded.id}", headers={"If-None-Match": got.headers["etag"]}).status == 304
    )


def test_a_shared_field_is_corrected_in_one_place_and_one_commit(
    client: Client, recorded: Got, program: Program
) -> None:
    before = program.store.t
    got = client(
        "PUT",
        f"/iop/group_meeting/{recorded.id}",
        recorded.json | {"topic": "cravings"},
        {"If-Match": recorded.headers["etag"]},
    )
    assert (got.status, got.json["topic"], program.store.t) == (200, "cravings", before + 1)
    assert got.headers["etag"] != recorded.headers["etag"]
    assert all(
        b"cravings" in client("GET", f"/fhir/Encounter/{resource['id']}").body for resource in encounters(client)
    )


def test_putting_it_again_changes_nothing(client: Client, recorded: Got, program: Program) -> None:
    before = program.store.t
    got = client("PUT", f"/iop/group_meeting/{recorded.id}", recorded.json, {"If-Match": recorded.headers["etag"]})
    assert (got.status, got.headers["etag"], program.store.t) == (200, recorded.headers["etag"], before)


def test_a_late_add_and_a_removal_move_the_head_count(
    client: Client, recorded: Got, people: list[tuple[str, str]]
) -> None:
    roster = recorded.json["roster"]
    came = [
        one | ({"attendance": "attended", "minutes_attended": 180} if one["attendance"] == "no_show" else {})
        for one in roster
    ]
    document = {name: value for name, value in recorded.json.items() if name != "attending"}
    added = client(
        "PUT", f"/iop/group_meeting/{recorded.id}", document | {"roster": came}, {"If-Match": recorded.headers["etag"]}
    )
    assert (added.status, added.json["attending"]) == (200, 3), added.body
    assert {count(resource) for resource in encounters(client)} == {3}
    document = {name: value for name, value in added.json.items() if name != "attending"}
    fewer = document | {"roster": [one for one in added.json["roster"] if one["participant"] != people[0][0]]}
    removed = client("PUT", f"/iop/group_meeting/{recorded.id}", fewer, {"If-Match": added.headers["etag"]})
    assert (removed.status, removed.json["attending"]) == (200, 2), removed.body
    assert {count(resource) for resource in encounters(client)} == {2}


def test_a_session_deleted_by_an_ehr_moves_the_head_count_of_the_form(client: Client, recorded: Got) -> None:
    client("DELETE", f"/fhir/Encounter/{encounters(client)[0]['id']}")
    got = client("GET", f"/iop/group_meeting/{recorded.id}")
    assert (got.json["attending"], got.headers["etag"] != recorded.headers["etag"]) == (1, True)


def test_a_head_count_of_ones_own_is_refused(client: Client, recorded: Got) -> None:
    got = client(
        "PUT",
        f"/iop/group_meeting/{recorded.id}",
        recorded.json | {"attending": 9},
        {"If-Match": recorded.headers["etag"]},
    )
    assert (got.status, got.expressions) == (422, ["attending"])


def test_one_wrong_line_writes_none(client: Client, people: list[tuple[str, str]], program: Program) -> None:
    before = program.store.t
    wrong = meeting(people)
    wrong["roster"][1]["attendance"] = "perhaps"
    got = client("POST", "/iop/group_meeting", wrong)
    assert (got.status, [place for place in got.expressions if place.startswith("roster[1]")] != []) == (422, True)
    assert program.store.t == before


def test_meetings_are_listed_once_each_over_all_pages(
    client: Client, recorded: Got, people: list[tuple[str, str]]
) -> None:
    other = client("POST", "/iop/group_meeting", meeting(people, topic="sleep"))
    assert other.status == 201
    seen, url = [], "/iop/group_meeting?limit=2"
    while url:
        page = client("GET", url).json
        seen += [record["id"] for record in page["records"]]
        url = page.get("next", "").removeprefix(IOP.removesuffix("/iop"))
    assert sorted(seen) == sorted([recorded.id, other.id])
    mine = client("GET", f"/iop/group_meeting?participant={people[2][0]}").json["records"]
    assert len(mine) == 2
    assert client("GET", "/iop/group_meeting?date=2026-04-01").json["records"] == []


def test_a_meeting_that_is_only_sessions_is_listed_too(client: Client, recorded: Got) -> None:
    for entry in client("GET", "/fhir/Appointment").json["entry"]:
        client("DELETE", f"/fhir/Appointment/{entry['resource']['id']}")
    seen, url = [], "/iop/group_meeting"
    while url:
        page = client("GET", url).json
        seen += [record["id"] for record in page["records"]]
        url = page.get("next", "").removeprefix(IOP.removesuffix("/iop"))
    assert seen == [recorded.id]


def test_a_deleted_meeting_takes_its_records_with_it(client: Client, recorded: Got) -> None:
    assert client("DELETE", f"/iop/group_meeting/{recorded.id}").status == 428
    assert (
        client("DELETE", f"/iop/group_meeting/{recorded.id}", headers={"If-Match": recorded.headers["etag"]}).status
        == 204
    )
    assert client("GET", f"/iop/group_meeting/{recorded.id}").status == 404
    assert encounters(client) == []


def test_a_drug_screen_is_one_form_over_a_panel_and_its_results(
    client: Client, people: list[tuple[str, str]], program: Program
) -> None:
    who, episode = people[0]
    words = {field.name: field.words for field in program.maps.concepts["drug_result"].fields}
    screen = {
        "participant": who,
        "episode": episode,
        "status": "final",
        "collected_at": "2026-03-02T09:00:00-05:00",
        "panel": program.maps.concepts["drug_screen_panel"].fields[5].words[0],
        "results": [
            {"status": "final", "test": test, "result": {"finding": finding}}
            for test, finding in zip(words["test"][:2], ("negative", "positive"), strict=True)
        ],
    }
    got = client("POST", "/iop/drug_screen", screen)
    assert got.status == 201, got.body
    panel = client("GET", f"/fhir/Observation/{got.id}").json
    assert len(panel["hasMember"]) == 2
    assert [record["id"] for record in client("GET", "/iop/drug_screen").json["records"]] == [got.id]
    fewer = client(
        "PUT",
        f"/iop/drug_screen/{got.id}",
        got.json | {"results": got.json["results"][:1]},
        {"If-Match": got.headers["etag"]},
    )
    assert (fewer.status, len(fewer.json["results"])) == (200, 1), fewer.body
    gone = {r["id"] for r in got.json["results"]} - {r["id"] for r in fewer.json["results"]}
    assert client("GET", f"/fhir/Observation/{gone.pop()}").status == 410
