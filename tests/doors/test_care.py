"""In whose care somebody is: what says so, when it ends, and that nobody says it of himself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter import app
from adapter.consent.predicate import everything
from adapter.problems import Kind, Problem
from adapter.store.ledger import Ledger
from tests.doors import staff
from tests.doors.serving import Client, Got, opened, served
from tests.doors.test_roles import ABSENT, MINE, OTHERS, House, document, masked
from tests.store.told import refusing

Json = dict[str, Any]
ROLE = "b0000000-0000-4000-8000-000000000901"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Two participants with a session each, in nobody's care."""
    with opened(tmp_path) as program:
        house = House(program, Client(served(program, everything("the office"))), Client(app.asgi(program)))
        staff.app(program)
        try:
            for person in (MINE, OTHERS):
                got = house.office("PUT", f"/iop/participant/{person}", document("participant", person))
                assert got.status == 201
                house.records["session", person] = house.made("session", person)
            yield house
        finally:
            house.office.close()
            house.door.close()


def sees(house: House, participant: str = MINE, roles: str = "counselor") -> bool:
    """Whether somebody has a participant in his care, as far as a session tells."""
    got = house.ask(roles, "GET", f"/iop/session/{house.records['session', participant]}")
    assert got.status in (200, 404)
    return got.status == 200


def changed(house: House, roles: str, concept: str, id: str, **more: Any) -> Got:
    return house.ask(roles, "PATCH", f"/iop/{concept}/{id}", more, if_match=house.seen(concept, id))


def member(person: str = "Practitioner/pr-counselor", **more: Any) -> Json:
    return {"member": person, "role": "addiction_counselor", **more}


def test_a_care_team_a_doctor_s_name_and_a_care_manager_say_it(house: House) -> None:
    assert not sees(house)
    team = house.cared(MINE, "counselor")
    assert sees(house)
    house.office("PATCH", f"/iop/care_team/{team}", {"status": "inactive"}, {"if-match": 'W/"1"'})
    assert not sees(house)
    etag = house.seen("participant", MINE)
    doctor = {"general_practitioners": ["Practitioner/pr-counselor"]}
    assert house.office("PATCH", f"/iop/participant/{MINE}", doctor, {"if-match": etag}).status == 200
    assert sees(house)
    etag = house.seen("participant", MINE)
    house.office("PATCH", f"/iop/participant/{MINE}", {"general_practitioners": None}, {"if-match": etag})
    assert not sees(house)
    episode = {"participant": MINE, "status": "active", "admitted_on": "2026-01-02T09:00:00-07:00"}
    got = house.office("POST", "/iop/episode", episode | {"care_manager": "Practitioner/pr-counselor"})
    assert got.status == 201, got.body
    assert sees(house)
    assert not sees(house, OTHERS)


def test_a_member_that_is_a_role_is_whoever_holds_it(house: House) -> None:
    team = document("care_team", MINE) | {"status": "active", "members": [member(f"PractitionerRole/{ROLE}")]}
    assert house.office("POST", "/iop/care_team", team).status == 201
    assert not sees(house)
    held = document("clinician_role", MINE) | {"active": True, "clinician": "pr-counselor"}
    got = house.office("PUT", f"/iop/clinician_role/{ROLE}", held)
    assert got.status == 201, got.body
    assert sees(house)


def test_it_ends_with_the_membership(house: House) -> None:
    past = member(until="2026-03-02T09:00:00Z", **{"from": "2026-01-01T09:00:00Z"})
    team = document("care_team", MINE) | {"status": "active", "members": [past]}
    assert house.office("POST", "/iop/care_team", team).status == 201
    assert not sees(house)


def test_what_one_did_once_puts_nobody_into_ones_care(house: House) -> None:
    """Sessions and bookings are written by those whom they name."""
    led = document("session", MINE) | {"clinicians": [{"clinician": "Practitioner/pr-counselor", "role": "lead"}]}
    assert house.office("POST", "/iop/session", led).status == 201
    assert not sees(house)


def test_nobody_puts_somebody_elses_participant_into_his_own_care(house: House) -> None:
    own = house.cared(MINE, "counselor")
    strange = house.cared(OTHERS, "prescriber")
    mine = document("care_team", OTHERS) | {"status": "active", "members": [member()]}
    made = house.ask("counselor", "POST", "/iop/care_team", mine)
    nobody = house.ask(
        "counselor", "POST", "/iop/care_team", document("care_team", ABSENT) | mine | {"participant": ABSENT}
    )
    assert made.status == 422
    assert masked(made) == masked(nobody)
    etag = house.seen("care_team", strange)
    for method in ("PUT", "PATCH"):
        got = house.ask("counselor", method, f"/iop/care_team/{strange}", mine, if_match=etag)
        assert got.status in (404, 412), (method, got.body)
    assert changed(house, "counselor", "care_team", own, participant=OTHERS).status == 422
    assert (
        changed(house, "counselor", "participant", OTHERS, general_practitioners=["Practitioner/pr-counselor"]).status
        == 404
    )
    assert not sees(house, OTHERS)


def test_one_role_does_not_put_people_into_the_care_of_the_other(house: House) -> None:
    """A biller may change every participant, and intake every episode and every clinician's role."""
    doctor = {"general_practitioners": ["Practitioner/pr-counselor.billing"]}
    goal = house.made("goal", OTHERS)
    got = changed(house, "counselor billing", "participant", OTHERS, **doctor)
    assert (got.status, got.codes) == (422, ["business-rule"])
    assert house.ask("counselor billing", "GET", f"/iop/goal/{goal}").status == 404
    episode = {"participant": OTHERS, "status": "planned", "care_manager": "Practitioner/pr-peer-mentor.intake"}
    assert house.ask("peer-mentor intake", "POST", "/iop/episode", episode).status == 422
    team = document("care_team", OTHERS) | {"status": "active", "members": [member(f"PractitionerRole/{ROLE}")]}
    assert house.office("POST", "/iop/care_team", team).status == 201
    held = document("clinician_role", OTHERS) | {"active": True, "clinician": "pr-peer-mentor.intake"}
    assert house.ask("peer-mentor intake", "POST", "/iop/clinician_role", held).status == 422
    other = episode | {"care_manager": "Practitioner/pr-counselor"}
    assert house.ask("peer-mentor intake", "POST", "/iop/episode", other).status == 201
    assert (
        house.ask("intake", "POST", "/iop/episode", episode | {"care_manager": "Practitioner/pr-intake"}).status == 201
    )


def test_who_has_somebody_in_his_care_may_go_on_and_let_others_in(house: House) -> None:
    team = house.cared(MINE, "counselor")
    members = [member(), member("Practitioner/pr-peer-mentor")]
    assert changed(house, "counselor", "care_team", team, members=members).status == 200
    assert sees(house, MINE, "peer-mentor")


def test_what_cannot_be_recorded_is_shown_to_nobody_of_the_staff(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = Problem(Kind.BUSY, "the disclosure cannot be recorded, so nothing is disclosed; try again")
    session, person = house.records["session", MINE], document("participant", MINE)
    with monkeypatch.context() as full:
        full.setattr(Ledger, "_appended", refusing(busy))
        for path in (f"session/{session}", "session", "parked"):
            got = house.ask("program-lead", "GET", f"/iop/{path}")
            assert (got.status, got.codes) == (503, ["transient"]), path
            assert MINE not in got.body.decode()
        made = house.ask("program-lead", "POST", "/iop/participant", person)
        assert (made.status, made.codes) == (201, ["transient"])
        assert b"sex" not in made.body
    assert house.ask("program-lead", "GET", made.headers["location"].partition("8000")[2]).status == 200


def fhir(house: House, roles: str, method: str, path: str, body: Any = None, **headers: str) -> Got:
    return house.ask(roles, method, f"/fhir/{path}", body, **headers)


def visit(participant: str, **more: Any) -> Json:
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": f"Patient/{participant}"},
        "episodeOfCare": [{"reference": f"EpisodeOfCare/{participant}"}],
        **more,
    }


def test_the_same_words_hold_at_fhir(house: House) -> None:
    house.cared(MINE, "counselor", "billing")
    mine, others = (house.records["session", person] for person in (MINE, OTHERS))
    assert fhir(house, "counselor", "GET", f"Encounter/{mine}").status == 200
    hidden, absent = (fhir(house, "counselor", "GET", f"Encounter/{id}") for id in (others, ABSENT))
    assert (hidden.status, hidden.body) == (404, absent.body)
    assert fhir(house, "counselor", "GET", "Encounter?_total=accurate").json["total"] == 1
    assert fhir(house, "program-lead", "GET", "Encounter?_total=accurate").json["total"] == 2
    assert fhir(house, "counselor", "GET", "Encounter?patient.gender=unknown&_summary=count").json["total"] == 1
    # K32: by type where a role may nothing of it, else by record.
    assert fhir(house, "billing", "GET", "DocumentReference").status == 403
    assert fhir(house, "peer-mentor", "GET", "MedicationRequest").status == 403
    result, screening = house.made("drug_result", MINE), house.made("screening", MINE)
    assert fhir(house, "intake", "GET", f"Observation/{result}").status == 404
    assert fhir(house, "program-lead", "GET", f"Observation/{result}").status == 200
    assert fhir(house, "counselor", "GET", f"{'Observation'}/{screening}").status in (200, 404)
    assert fhir(house, "counselor", "GET", "_history").status == 403
    assert fhir(house, "privacy-officer", "GET", "_history").status == 200


def test_writing_at_fhir_is_held_to_them_too(house: House) -> None:
    house.cared(MINE, "counselor", "billing", "prescriber")
    told = {person: fhir(house, "counselor", "POST", "Encounter", visit(person)) for person in (MINE, OTHERS, ABSENT)}
    session = fhir(house, "counselor", "GET", f"Encounter/{house.records['session', MINE]}").json
    assert fhir(house, "counselor", "PUT", f"Encounter/{session['id']}", session).status == 200
    other = house.office("GET", f"/fhir/Encounter/{house.records['session', OTHERS]}").json
    assert fhir(house, "counselor", "PUT", f"Encounter/{other['id']}", other).status == 405
    assert masked(told[OTHERS])[0] == masked(told[ABSENT])[0] == 422
    assert told[MINE].status in (201, 422)
    assert fhir(house, "billing", "PUT", f"Encounter/{session['id']}", session).status == 403
    assert fhir(house, "counselor", "DELETE", f"Encounter/{session['id']}").status == 403
    assert fhir(house, "program-lead", "DELETE", f"Encounter/{session['id']}").status == 204
    # A record that no map reads: nobody writes one.
    basic = {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": f"Patient/{MINE}"}}
    assert fhir(house, "program-lead", "POST", "Basic", basic).status == 403
    team = house.cared(OTHERS, "prescriber")
    resource = house.office("GET", f"/fhir/CareTeam/{team}").json
    members = [
        *resource["participant"],
        {**resource["participant"][0], "member": {"reference": "Practitioner/pr-counselor"}},
    ]
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": resource | {"participant": members}, "request": {"method": "PUT", "url": f"CareTeam/{team}"}}
        ],
    }
    assert fhir(house, "counselor", "POST", "", bundle).status in (404, 405, 422)
    assert not sees(house, OTHERS)
