"""Intake says by one call who somebody is and where the referral goes; who comes again, and who is declined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.doors.packets import form, packet, resources
from tests.doors.records import posted
from tests.doors.serving import Got
from tests.doors.test_guarded import OURS, THEIRS, Place, Sender, officer
from tests.doors.test_hidden import reader
from tests.doors.test_proposals import LIST, listed, said
from tests.doors.test_referrals import SCOPES, SUBMIT, covering, moved, told

Json = dict[str, Any]
LEVEL = {
    "coding": [{"system": "https://iop-fhir-adapter.org/fhir/CodeSystem/level-of-care", "code": "level-2-1"}],
}
FULL = {"text": "No place before May"}


@pytest.fixture
def house(place: Place) -> Sender:
    """A facility."""
    return place.client("facility", THEIRS, SCOPES)


def person() -> Json:
    return {name: value for name, value in resources()["urn:uuid:p"].items() if name != "identifier"}


def referred(house: Sender, **more: Json) -> Json:
    """A referral to a level of care: its Task."""
    parts = resources() | more
    parts["urn:uuid:r"]["orderDetail"] = [LEVEL]
    got = house("POST", SUBMIT, packet("collection", parts))
    assert got.status == 201, got.body
    return dict(told(got)["task"])


def settle(place: Place, task: Json, participant: str = "new", **more: Any) -> Got:
    return place.staff("POST", f"/iop/intake/{task['id']}/$settle", {"participant": participant, **more})


def episode(place: Place, participant: str, status: str) -> str:
    ended = {"discharged_on": "2025-06-30", "discharge_reason": "completed"} if status == "finished" else {}
    return posted(
        place.staff,
        "episode",
        {"participant": participant, "status": status, "admitted_on": "2025-04-01", **ended},
    ).id


def test_the_list_goes_on_in_the_order_of_arrival_whatever_is_said_of_one_meanwhile(
    place: Place, house: Sender
) -> None:
    tasks = [referred(house, **{"urn:uuid:r": numbered(n)})["id"] for n in range(3)]
    first = place.staff("GET", "/iop/intake?limit=1").json
    moved(place, tasks[0], "in_review")
    seen, url = [item["task"] for item in first["items"]], first.get("next")
    while url:
        page = place.staff("GET", url.partition("8000")[2]).json
        seen += [item["task"] for item in page["items"]]
        url = page.get("next")
    assert seen == tasks
    assert [item["task"] for item in place.staff("GET", "/iop/intake").json["items"]] == tasks


ELSEWHERE = {"reference": "https://house.example/fhir/Organization/77"}
BY_NUMBER = {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}, "display": "The IOP"}
ASKED: dict[str, tuple[list[Json], list[Any], bool]] = {
    "by the sender's own address, alone": ([ELSEWHERE], [f"Organization/{OURS}"], False),
    "by our number, with others": (
        [BY_NUMBER, {"display": "Peers"}],
        [f"Organization/{OURS}", {"name": "Peers"}],
        False,
    ),
    "by an address, with others": ([ELSEWHERE, {"display": "Peers"}], [{"name": "Peers"}], True),
    "somebody of the sender's": ([{"reference": "https://house.example/fhir/Practitioner/9"}], [], True),
}


@pytest.mark.parametrize("name", ASKED)
def test_who_is_asked_is_the_program_where_it_is_named(place: Place, house: Sender, name: str) -> None:
    performers, known, parked = ASKED[name]
    number = [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}]
    tag = place.staff("GET", f"/iop/organization/{OURS}").headers["etag"]
    got = place.staff("PATCH", f"/iop/organization/{OURS}", {"identifiers": number}, {"if-match": tag})
    assert got.status == 200, got.body
    task = referred(house, **{"urn:uuid:r": {**numbered(1), "performer": performers}})
    id = task["focus"]["reference"].partition("/")[2]
    record = place.staff("GET", f"/iop/step_down_referral/{id}").json
    assert [one for one in record.get("performers", []) if one] == known
    [item] = place.staff("GET", "/iop/intake").json["items"]
    assert any("not a relative reference" in why for why in item["parked"]) is parked
    sent = house("GET", f"/fhir/ServiceRequest/{id}").json
    assert all("reference" not in one for one in sent["performer"])
    tag = house("GET", f"/fhir/ServiceRequest/{id}").headers["etag"]
    changer = place.client("facility", THEIRS, f"{SCOPES} system/ServiceRequest.u")
    got = changer("PUT", f"/fhir/ServiceRequest/{id}", {**sent, "priority": "urgent"}, **{"if-match": tag})
    assert got.status == 200, got.body
    assert place.staff("GET", f"/fhir/ServiceRequest/{id}").json["priority"] == "urgent"


def numbered(number: int) -> Json:
    sent = resources()["urn:uuid:r"]
    return {**sent, "identifier": [{"system": "urn:example:referral", "value": f"R-{number}"}]}


REFUSED: dict[str, tuple[Callable[[Place], Json], int]] = {
    "nobody who is here": (lambda place: {"participant": "00000000-0000-7000-8000-0000000000ff"}, 422),
    "somebody who is not alike": (lambda place: {"participant": place.participant()}, 409),
    "somebody who waits himself": (lambda place: {"participant": waits(place)}, 409),
}


def waits(place: Place) -> str:
    items = place.staff("GET", "/iop/intake").json["items"]
    return str(items[-1]["participant"]["id"])


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_names_what_intake_has_said(place: Place, house: Sender, name: str) -> None:
    task, _ = (referred(house, **{"urn:uuid:r": numbered(n)}) for n in range(2))
    body, status = REFUSED[name]
    got = settle(place, task, **body(place))
    assert got.status == status, got.body
    assert [issue["expression"] for issue in got.json["issue"]] == [["participant"]]


def test_a_former_participant_is_settled_accepted_and_admitted_by_one_call(place: Place, house: Sender) -> None:
    known = place.staff("POST", "/fhir/Patient", person()).id
    former = episode(place, known, "finished")
    ended, live = place.consent(known), place.consent(known, purposes=["treatment"])
    place.revoked(ended)
    over = place.consent(known, expires_with=None, expires_on="2026-02-01")
    task = referred(house, **{"urn:uuid:c": form()})
    [item] = place.staff("GET", "/iop/intake").json["items"]
    assert [(one["participant"], one["standing"], one["grade"]) for one in item["candidates"]] == [
        (known, "former", "probable")
    ]
    got = settle(place, task, known, consents="both", move="admitted", started_at="2026-03-02T09:00:00-05:00")
    assert got.status == 200, got.body
    answer = got.json
    assert (answer["participant"], answer["state"]) == (known, "admitted")
    assert answer["episodes"] == {"current": [], "former": [former]}
    assert answer["consents"] == {
        "in_force": [{"consent": live["id"], "names_sender": False}],
        "ended": sorted([ended["id"], over["id"]]),
    }
    assert [one["prompt"] for one in answer["prompts"]] == ["two_way_consent", "consent_proposed"]
    assert answer["prompts"][0]["organization"] == f"Organization/{THEIRS}"
    assert answer["prompts"][1]["proposal"] == listed(place.staff, kind="consent")[0]["proposal"]
    opened = place.staff("GET", f"/iop/episode/{answer['episode']}").json
    assert (opened["status"], opened["referrals"]) == ("active", [task["focus"]["reference"].partition("/")[2]])
    assert opened["admitted_on"].startswith("2026-03-02")
    assert place.staff("GET", f"/iop/episode/{former}").json["status"] == "finished"
    assert place.staff("GET", f"/iop/consent/{ended['id']}").json["status"] == "inactive"
    history = officer(place)("GET", f"/fhir/Task/{task['id']}/_history").json["entry"]
    steps = [entry["resource"]["businessStatus"]["coding"][0]["code"] for entry in reversed(history)]
    assert steps == ["2.0", "in-review", "3.0", "5.1.4"]
    assert place.staff("GET", "/iop/intake").json["items"] == []


def test_each_step_of_one_call_is_told_where_a_consent_lets_it(place: Place, house: Sender) -> None:
    task = referred(house)
    patient = task["for"]["reference"].partition("/")[2]
    covering(place, patient)
    assert settle(place, task, move="scheduled").status == 200
    seen = house("GET", f"/fhir/Task/{task['id']}").json
    assert seen["businessStatus"]["coding"][0]["code"] == "5.1.1"


def test_a_consent_that_names_the_sender_leaves_nothing_to_ask_for(place: Place, house: Sender) -> None:
    known = place.staff("POST", "/fhir/Patient", person()).id
    current = episode(place, known, "active")
    covering(place, known)
    task = referred(house)
    got = settle(place, task, known, consents="both", move="accepted").json
    assert got["consents"]["in_force"][0]["names_sender"] is True
    assert got["prompts"] == [{"prompt": "episode_open", "episode": current, "why": got["prompts"][0]["why"]}]
    assert "episode" not in got


@pytest.mark.parametrize(
    ("more", "status", "where"),
    [
        ({"move": "home"}, 422, "move"),
        ({"move": "completed"}, 409, "move"),
        ({"move": 1}, 422, "move"),
        ({"move": "declined"}, 422, "state_reason"),
        ({"state_reason": FULL}, 422, "state_reason"),
        ({"move": "admitted", "started_at": "soon"}, 422, "started_at"),
        ({"move": "accepted", "started_at": "2026-03-02T09:00:00Z"}, 422, "started_at"),
        ({"move": "received", "started_at": "2026-03-02T09:00:00Z"}, 422, "started_at"),
    ],
)
def test_a_move_that_cannot_be_made_settles_nothing(
    place: Place, house: Sender, more: Json, status: int, where: str
) -> None:
    task = referred(house)
    t = place.program.store.t
    got = settle(place, task, **more)
    assert (got.status, got.expressions) == (status, [where]), got.body
    assert place.program.store.t == t
    assert place.staff("GET", "/iop/intake").json["items"][0]["state"] == "received"


def test_a_reason_goes_with_the_state_that_it_was_said_with(place: Place, house: Sender) -> None:
    task = referred(house)
    assert moved(place, task["id"], "declined", state_reason=FULL).status == 200
    assert settle(place, task, move="admitted").status == 200
    record = place.staff("GET", f"/fhir/Task/{task['id']}").json
    assert record["businessStatus"]["coding"][0]["code"] == "5.1.4"
    assert "statusReason" not in record


def test_a_reason_is_said_anew_of_where_it_stands(place: Place, house: Sender) -> None:
    task, other = referred(house), {"text": "Lives too far away"}
    assert moved(place, task["id"], "declined", state_reason=FULL).status == 200
    assert settle(place, task, move="declined", state_reason=other).status == 200
    record = place.staff("GET", f"/iop/referral_task/{task['id']}").json
    assert (record["state"], record["state_reason"]) == ("declined", other)


def test_nobody_is_a_candidate_who_waits_for_intake_himself(place: Place, house: Sender) -> None:
    referred(house)
    parts = resources()
    parts["urn:uuid:r"]["identifier"][0]["value"] = "R-2"
    assert house("POST", SUBMIT, packet("collection", parts)).status == 201
    items = place.staff("GET", "/iop/intake").json["items"]
    assert [item["candidates"] for item in items] == [[], []]
    place.staff("POST", "/fhir/Patient", person())
    items = place.staff("GET", "/iop/intake").json["items"]
    assert [one["standing"] for item in items for one in item["candidates"]] == ["known", "known"]


def test_no_candidate_is_told_whom_the_asker_does_not_see(place: Place, house: Sender) -> None:
    known = place.staff("POST", "/fhir/Patient", person()).id
    referred(house)
    limited = reader(place.program, known)
    try:
        [item] = limited("GET", "/iop/intake").json["items"]
    finally:
        limited.close()
    assert item["candidates"] == []
    assert place.staff("GET", "/iop/intake").json["items"][0]["candidates"][0]["participant"] == known


def services(place: Place) -> dict[str, str]:
    """The program's directory: two of the level that is asked for, groups of one of them, and others."""
    site = posted(place.staff, "site", {"name": "East", "status": "active"}).id
    made: dict[str, Json] = {
        "evening": {"level_of_care": "level_2_1", "kind": "co_occurring_iop", "sites": [site]},
        "partial": {"level_of_care": "level_2_5"},
        "gone": {"level_of_care": "level_2_1", "active": False},
    }
    ids = {
        name: posted(place.staff, "program", {"name": name, "organization": OURS, **more}).id
        for name, more in made.items()
    }
    groups: dict[str, Json] = {"open": {}, "shut": {"access": ["closed"]}, "over": {"period": {"end": "2025-01-01"}}}
    for name, more in groups.items():
        group = {"name": name, "program": ids["evening"], "capacity": 8, **more}
        ids[name] = posted(place.staff, "therapy_group", group).id
    return ids


def test_who_is_declined_is_helped_elsewhere_and_the_sender_is_told_nothing(place: Place, house: Sender) -> None:
    ids, task = services(place), referred(house)
    before = house("GET", "/fhir/ServiceRequest").json["entry"]
    got = settle(place, task, move="declined", state_reason=FULL)
    assert got.status == 200, got.body
    assert [(one["name"], one["service"]) for one in got.json["alternatives"]] == [
        ("evening", f"HealthcareService/{ids['evening']}"),
        ("open", f"HealthcareService/{ids['open']}"),
    ]
    assert got.json["alternatives"][1]["capacity"] == 8
    [item] = listed(place.staff, kind="alternative")
    assert item["alternatives"] == got.json["alternatives"]
    assert item["why"]["reason"] == FULL
    for service, status in ((ids["partial"], 422), (None, 422)):
        more = {"service": f"HealthcareService/{service}"} if service else {}
        assert said(place.staff, item["proposal"], "accept", **more).status == status
    got = said(place.staff, item["proposal"], "accept", service=f"HealthcareService/{ids['evening']}")
    assert got.status == 200, got.body
    [at] = got.json["records"]
    draft = place.staff("GET", f"/iop/aftercare_referral/{at.partition('/')[2]}").json
    assert (draft["status"], draft["performers"]) == ("draft", [f"HealthcareService/{ids['evening']}"])
    assert (draft["requested_level_of_care"], draft["requester"]) == ("level_2_1", f"Organization/{OURS}")
    assert "episode" not in draft
    assert listed(place.staff) == []
    assert said(place.staff, item["proposal"], "accept", service=item["alternatives"][0]["service"]).status == 404
    assert house("GET", "/fhir/ServiceRequest").json["entry"] == before
    covering(place, task["for"]["reference"].partition("/")[2])
    assert "evening" not in house("GET", f"/fhir/Task/{task['id']}").body.decode()
    assert len(house("GET", "/fhir/ServiceRequest").json["entry"]) == 1


def test_who_is_declined_before_intake_knows_him_has_alternatives_on_the_list(place: Place, house: Sender) -> None:
    services(place)
    task = referred(house)
    at = place.staff("GET", f"/iop/referral_task/{task['id']}").headers["etag"]
    match = {"if-match": at}
    url = f"/iop/referral_task/{task['id']}"
    got = place.staff("PATCH", url, {"state": "declined"}, match)
    assert (got.status, got.expressions) == (422, ["state_reason"])
    assert place.staff("PATCH", url, {"state": "declined", "state_reason": FULL}, match).status == 200
    [item] = place.staff("GET", "/iop/intake").json["items"]
    assert [one["name"] for one in item["alternatives"]] == ["evening", "open"]
    assert listed(place.staff) == []
    name = f"alternative:Task:{task['id']}"
    assert said(place.staff, name, "reject", reason="x").status == 404
    assert settle(place, task).status == 200
    assert said(place.staff, name, "reject", reason="He goes home").status == 200
    assert listed(place.staff, kind="alternative") == []
    assert said(place.staff, "alternative:Task:nobody", "reject", reason="x").status == 404
    assert place.staff("POST", f"{LIST}/$say", {"items": [name], "say": "reject", "reason": "x"}).status == 404
