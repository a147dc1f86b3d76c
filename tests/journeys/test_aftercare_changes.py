"""A referral that was sent is changed or withdrawn here, and its receiver is told by itself, as far as that may be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from starlette.responses import Response

from adapter.exchange.aftercare_telling import UNCOVERED
from adapter.store.aftercare import CHANGE
from adapter.store.jobs import Jobs
from tests.doors.test_guarded import OTHERS, Place, disclosures, officer
from tests.journeys.plain import Plain
from tests.journeys.receivers import Pair, pair
from tests.journeys.test_aftercare import listed, moved
from tests.journeys.test_aftercare_pair import asked, parked, person, settled, waiting, written
from tests.journeys.test_aftercare_plain import There, at, changed

Json = dict[str, Any]
REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[There]:
    """A plain server that takes transactions, and was sent a referral."""
    with at(tmp_path, Plain()) as there:
        yield there


def request(there: There) -> Json:
    [request] = there.plain.of("ServiceRequest")
    return request


def task(there: There) -> Json:
    [task] = there.plain.of("Task")
    return task


def updates(place: Place) -> list[tuple[Any, ...]]:
    """What the ledger has of what was told afterwards: on which ground, of whom."""
    return [(one[1], one[3]) for one in disclosures(place) if one[2] == "update"]


def test_what_changes_in_a_referral_takes_its_place_there_and_nothing_else_does(there: There) -> None:
    before, tag = request(there), f'W/"{request(there)["meta"]["versionId"]}"'
    there.plain.held[f"ServiceRequest/{before['id']}"]["note"] = [{"text": "Of the clinic"}]
    changed(
        there.place, f"aftercare_referral/{there.item['referral']}", instructions="Bring the card", priority="urgent"
    )
    assert there.item["untold"] == "what has changed waits to be told"
    there.later(0)
    now = request(there)
    assert (now["patientInstruction"], now["priority"]) == ("Bring the card", "urgent")
    assert now["note"] == [{"text": "Of the clinic"}]
    assert now["extension"] == before["extension"]
    assert now["subject"] == before["subject"]
    assert there.plain.put == [(f"ServiceRequest/{before['id']}", tag)]
    assert updates(there.place) == [(updates(there.place)[0][0], [(there.who, updates(there.place)[0][0])])]
    assert "untold" not in there.item
    there.later()
    assert len(there.plain.put) == 1


def test_what_its_receiver_has_said_in_lists_that_both_write_stays_beside_ours(there: There) -> None:
    before, referral = request(there), there.item["referral"]
    record = there.plain.held[f"ServiceRequest/{before['id']}"]
    extension, note, label = {"url": "urn:theirs", "valueString": "x"}, {"text": "Theirs"}, {"code": "T", "system": "u"}
    record |= {"extension": [extension, *before["extension"]], "note": [note]}
    record["meta"]["security"] = [*before["meta"].get("security", []), label]
    goal = {"resourceType": "Goal", "lifecycleStatus": "active", "subject": {"reference": f"Patient/{there.who}"}}
    new = written(there.place, {**goal, "description": {"text": "Work"}})
    ours = there.place.staff("GET", f"/fhir/ServiceRequest/{referral}").json
    said = {"valueReference": {"reference": f"Goal/{new}"}, "url": ours["extension"][-1]["url"]}
    ours |= {"extension": [*ours["extension"], said], "note": [{"text": "Ours"}]}
    ours["meta"]["security"] = [*ours["meta"].get("security", []), {"system": REASONS, "code": "TREAT"}]
    assert there.place.staff("PUT", f"/fhir/ServiceRequest/{referral}", ours).status == 200
    there.later(0)
    now = request(there)
    assert [one["url"] for one in now["extension"]] == ["urn:theirs", *(one["url"] for one in ours["extension"])]
    assert now["note"] == [note, {"text": "Ours"}]
    codes = [one["code"] for one in now["meta"]["security"]]
    assert {"T", "TREAT"} <= set(codes)
    assert len(codes) == len(set(codes))
    changed(there.place, f"aftercare_referral/{referral}", notes=None)
    there.later(0)
    assert request(there)["note"] == [note]


def test_what_its_receiver_has_ended_is_not_opened_there_again_and_staff_are_told(there: There) -> None:
    place = f"ServiceRequest/{request(there)['id']}"
    there.plain.held[place]["status"] = "completed"
    changed(there.place, f"aftercare_referral/{there.item['referral']}", status="on_hold")
    there.later(0)
    assert (request(there)["status"], there.plain.put) == ("completed", [])
    referral = there.item["referral"]
    [why] = [why for why in parked(there.place, referral) + parked(there.place, there.task) if place in why]
    assert why.startswith("what has changed is not told, as it has ended at the partner")


def test_it_is_told_by_whatever_door_it_changes_and_of_a_task_what_its_requester_says(there: There) -> None:
    record = there.place.staff("GET", f"/fhir/ServiceRequest/{there.item['referral']}").json
    got = there.place.staff("PUT", f"/fhir/ServiceRequest/{record['id']}", {**record, "patientInstruction": "By bus"})
    assert got.status == 200, got.body
    changed(there.place, f"referral_task/{there.task}", due_by="2026-06-01", notes=["Ours alone"])
    there.plain.stands("accepted", owner={"reference": "Organization/theirs"})
    there.later()
    assert request(there)["patientInstruction"] == "By bus"
    assert task(there)["restriction"]["period"]["end"].startswith("2026-06-01")
    assert (task(there)["status"], task(there)["owner"]) == ("accepted", {"reference": "Organization/theirs"})
    assert "note" not in task(there)
    there.later()
    assert there.item["state"] == "accepted"


def test_what_is_heard_or_noted_of_an_answer_is_not_told_in_return(there: There) -> None:
    there.plain.stands("accepted")
    there.later(2)
    there.later()
    assert there.item["answer"] == "accepted"
    assert moved(there.place, there.task, "scheduled").status == 200
    closed = {"status": "completed", "closed_on": "2026-03-06", "outcome": "lost_contact"}
    changed(there.place, f"aftercare_referral/{there.item['referral']}", **closed)
    there.later()
    assert there.plain.put == []
    assert updates(there.place) == []


def test_what_it_points_to_since_goes_first_and_is_pointed_to_there(there: There) -> None:
    goal = {"resourceType": "Goal", "lifecycleStatus": "active", "subject": {"reference": f"Patient/{there.who}"}}
    new = written(there.place, {**goal, "description": {"text": "Work"}})
    record = f"aftercare_referral/{there.item['referral']}"
    goals = there.place.staff("GET", f"/iop/{record}").json["goals"]
    changed(there.place, record, goals=[*goals, new])
    there.later(0)
    at = {one["description"]["text"]: f"Goal/{one['id']}" for one in there.plain.of("Goal")}
    pointed = [one["valueReference"]["reference"] for one in request(there)["extension"] if "valueReference" in one]
    assert pointed[-2:] == [at["Sober"], at["Work"]]


def test_somebody_who_was_joined_with_another_here_stays_who_he_is_there(there: There) -> None:
    other = person(there.place)
    joins = {"into": other, "unlike": True, "consents": "both"}
    got = there.place.staff("POST", f"/iop/participant/{there.who}/$merge", joins)
    assert got.status == 200, got.body
    there.later(0)
    assert there.plain.put == []
    before = request(there)
    changed(there.place, f"aftercare_referral/{there.item['referral']}", instructions="Bring the card")
    there.later(0)
    assert (request(there)["patientInstruction"], request(there)["subject"]) == ("Bring the card", before["subject"])
    assert len(there.plain.of("Patient")) == 1


WITHDRAWALS: dict[str, tuple[str, Json, bool]] = {
    "the referral is revoked": ("aftercare_referral", {"status": "revoked"}, True),
    "it was made in error": ("aftercare_referral", {"status": "entered_in_error"}, False),
    "its Task is cancelled": ("referral_task", {"state": "cancelled", "state_reason": {"text": "Moved away"}}, True),
    "so, without a consent": ("referral_task", {"state": "cancelled", "state_reason": {"text": "Moved away"}}, False),
    "its Task was made in error": ("referral_task", {"state": "entered_in_error"}, False),
}


@pytest.mark.parametrize("name", WITHDRAWALS)
def test_a_withdrawal_is_told_whatever_the_consent_is_by_then(tmp_path: Path, name: str) -> None:
    concept, said, covered = WITHDRAWALS[name]
    with at(tmp_path, Plain()) as there:
        there.plain.stands("accepted", "5.1.1")
        before = {type: [*there.plain.of(type)] for type in ("Task", "ServiceRequest")}
        if not covered:
            there.place.revoked(there.consent)
        id = there.task if concept == "referral_task" else there.item["referral"]
        changed(there.place, f"{concept}/{id}", **said)
        there.later(0)
        assert (task(there)["status"], request(there)["status"]) == ("cancelled", "revoked")
        if not covered:  # nothing that it had not
            for [was], [now] in zip(before.values(), map(there.plain.of, before), strict=True):
                assert {**now, "status": "", "meta": ""} == {**was, "status": "", "meta": ""}
        elif "state_reason" in said:
            assert task(there)["statusReason"] == {"text": "Moved away"}
        grounds = {ground for ground, _ in updates(there.place)}
        assert (grounds == {"withdrawal"}) is not covered
        assert all(shown and shown[0][0] == there.who for _, shown in updates(there.place))
        assert len(there.plain.put) == len(updates(there.place)) == 2
        there.later()
        assert len(there.plain.put) == 2


def test_a_withdrawal_without_a_consent_is_in_the_account_that_a_patient_is_owed(there: There) -> None:
    there.place.revoked(there.consent)
    changed(there.place, f"aftercare_referral/{there.item['referral']}", status="revoked")
    there.later(0)
    got = officer(there.place)("GET", f"/fhir/Patient/{there.who}/$disclosures?_count=50")
    assert got.status == 200, got.body
    told = [json.dumps(one["resource"]) for one in got.json["entry"]]
    mentioned = [one for one in told if f"ServiceRequest/{listed_referral(there)}" in one]
    assert len(mentioned) >= 2
    assert "Consent/withdrawal" not in str(told)


def listed_referral(there: There) -> str:
    return str(there.place.staff("GET", f"/iop/referral_task/{there.task}").json["referral"])


def test_one_that_is_deleted_is_withdrawn_there(there: There) -> None:
    for address in (f"Task/{there.task}", f"ServiceRequest/{there.item['referral']}"):
        got = there.place.staff("DELETE", f"/fhir/{address}")
        assert got.status == 204, got.body
    there.later(0)
    assert (task(there)["status"], request(there)["status"]) == ("cancelled", "revoked")


def test_what_has_ended_there_is_left_as_it_is(there: There) -> None:
    there.plain.stands("completed")
    changed(there.place, f"aftercare_referral/{there.item['referral']}", status="revoked")
    there.later(0)
    assert (task(there)["status"], request(there)["status"]) == ("completed", "revoked")


def test_a_task_that_its_receiver_has_ended_withdraws_nothing_there(there: There) -> None:
    there.place.revoked(there.consent)
    changed(there.place, f"referral_task/{there.task}", due_by="2026-06-01")
    there.later(0)
    assert there.item["untold"] == UNCOVERED
    there.plain.stands("cancelled")
    there.later()
    assert there.place.staff("GET", f"/iop/referral_task/{there.task}").json["state"] == "cancelled"
    there.later()
    changed(there.place, f"referral_task/{there.task}", notes=["They have no room"])
    there.later(0)
    assert (there.plain.put, request(there)["status"]) == ([], "active")
    assert "untold" not in there.place.staff("GET", "/iop/aftercare").json


def test_without_a_consent_no_change_is_told_until_there_is_one(there: There) -> None:
    there.place.revoked(there.consent)
    changed(there.place, f"aftercare_referral/{there.item['referral']}", instructions="Bring the card")
    there.later(0)
    assert there.plain.put == []
    assert there.item["untold"] == UNCOVERED
    there.place.consent(there.who)
    there.later()
    assert request(there)["patientInstruction"] == "Bring the card"
    assert "untold" not in there.item


def test_what_changed_there_meanwhile_is_read_anew(there: There) -> None:
    changes = iter([lambda: there.plain.stands("accepted")])
    there.plain.meanwhile = lambda: next(changes, lambda: None)()
    changed(there.place, f"referral_task/{there.task}", state="cancelled")
    there.later(0)
    assert [place.partition("/")[0] for place, _ in there.plain.put] == ["Task", "Task", "ServiceRequest"]
    assert task(there)["status"] == "cancelled"


def _not_asked(there: There) -> None:
    changed(there.place, f"aftercare_referral/{there.item['referral']}", performers=[f"Organization/{OTHERS}"])


def _not_its(there: There) -> None:
    changed(there.place, f"referral_task/{there.task}", owner=f"Organization/{OTHERS}")


def _another_person(there: There) -> None:
    there.plain.held[f"ServiceRequest/{request(there)['id']}"]["subject"] = {"reference": "Patient/other"}
    changed(there.place, f"aftercare_referral/{there.item['referral']}", instructions="x")


NOT_TOLD: dict[str, tuple[Callable[[There], None], str]] = {
    "it asks others": (_not_asked, "asks others than clinic"),
    "its Task is for others": (_not_its, "not for clinic"),
    "it is of another person there": (_another_person, "another person there now"),
}


@pytest.mark.parametrize("name", NOT_TOLD)
def test_what_is_not_told_is_for_staff_to_see(there: There, name: str) -> None:
    change, why = NOT_TOLD[name]
    change(there)
    there.later(0)
    assert there.plain.put == []
    assert why in there.item["untold"]
    [failing] = there.place.staff("GET", "/iop/deliveries").json["items"]
    assert (failing["kind"], failing["key"]) == (CHANGE, there.task)
    assert why in failing["reason"]


def test_one_that_is_refused_is_done_again_when_staff_say_so_and_is_asked_about_meanwhile(tmp_path: Path) -> None:
    plain = Plain(transaction=False)
    with at(tmp_path, plain) as there:
        plain._rejects = ("ServiceRequest",)
        changed(there.place, f"aftercare_referral/{there.item['referral']}", instructions="x")
        there.later(0)
        assert "(refused)" in there.item["untold"]
        plain.stands("accepted")
        there.later()
        assert there.item["state"] == "accepted"
        plain._rejects = ()
        got = there.place.staff("POST", f"/iop/deliveries/{CHANGE}/{there.task}/$replay")
        assert got.status == 202, got.body
        there.later(0)
        assert request(there)["patientInstruction"] == "x"
        assert "untold" not in there.item


def test_a_withdrawal_that_fails_stands_on_the_list_though_the_referral_is_closed(there: There) -> None:
    there.plain.says = lambda task: Response("{}", 503)
    changed(there.place, f"aftercare_referral/{there.item['referral']}", status="revoked")
    there.later(0)
    body = there.place.staff("GET", "/iop/aftercare").json
    assert body["items"] == []
    [item] = body["untold"]
    assert (item["task"], item["state"]) == (there.task, "cancelled")
    assert "unavailable" in item["untold"]
    there.plain.says = None
    there.later(10)
    assert (task(there)["status"], request(there)["status"]) == ("cancelled", "revoked")
    assert "untold" not in there.place.staff("GET", "/iop/aftercare").json


def test_what_was_changed_while_it_went_is_told_afterwards(tmp_path: Path) -> None:
    with at(tmp_path, Plain(refuses=("ServiceRequest",))) as there:
        there.plain.takes_all()
        id = there.item["referral"]

        def withdrawn() -> None:
            there.plain.arrived = lambda: None
            by_staff = partial(changed, there.place, f"aftercare_referral/{id}", status="revoked")
            one = Thread(target=by_staff)
            one.start()
            one.join()

        there.plain.arrived = withdrawn
        got = there.place.staff("POST", f"/iop/deliveries/aftercare/{there.task}/$replay")
        assert got.status == 202, got.body
        there.later(0)
        assert (task(there)["status"], request(there)["status"]) == ("cancelled", "revoked")


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Pair]:
    """Two programs that run the same."""
    with pair(tmp_path) as both:
        yield both


def sent_to(both: Pair) -> tuple[str, str, Json]:
    """A referral that has arrived; its id, that of its Task, and the consent."""
    who = person(both.iop)
    consent = both.iop.consent(who)
    id = asked(both.iop, who)
    both.work()
    return str(listed(both.iop)[0]["referral"]), id, consent


def test_a_clinic_that_runs_the_same_takes_the_change_and_the_withdrawal(both: Pair) -> None:
    referral, id, _ = sent_to(both)
    changed(both.iop, f"aftercare_referral/{referral}", instructions="Bring the card", priority="urgent")
    changed(both.iop, f"referral_task/{id}", due_by="2026-06-01")
    both.work()
    [there] = waiting(both.clinic)
    record = both.clinic.staff("GET", f"/fhir/ServiceRequest/{there['referral']}").json
    assert (record["patientInstruction"], record["priority"]) == ("Bring the card", "urgent")
    [goal] = [one["valueReference"]["reference"] for one in record["extension"] if "Goal/" in str(one)]
    assert both.clinic.staff("GET", f"/fhir/{goal}").status == 200
    assert any("of a Task the partner takes alone" in why for why in parked(both.iop, id))
    changed(both.iop, f"aftercare_referral/{referral}", status="revoked")
    both.work()
    assert waiting(both.clinic) == [] or waiting(both.clinic)[0]["state"] == "cancelled"
    record = both.clinic.staff("GET", f"/fhir/ServiceRequest/{there['referral']}").json
    assert record["status"] == "revoked"
    assert both.clinic.staff("GET", f"/iop/referral_task/{there['task']}").json["state"] == "cancelled"
    assert both.iop.staff("GET", "/iop/deliveries").json["items"] == []


def test_one_that_a_clinic_has_accepted_asks_it_to_cancel_and_staff_are_told_what_it_keeps(both: Pair) -> None:
    referral, id, consent = sent_to(both)
    there = settled(both)
    assert moved(both.clinic, there, "accepted").status == 200
    both.work(2)
    both.iop.revoked(consent)
    changed(both.iop, f"aftercare_referral/{referral}", status="revoked")
    both.work()
    assert both.clinic.staff("GET", f"/iop/referral_task/{there}").json["state"] == "cancellation_requested"
    assert any("keeps the request as it was" in why for why in parked(both.iop, id))
    with both.iop.program.store.asking() as database:
        job = Jobs(database).named(CHANGE, id)
    assert job is not None
    assert job.failure is None
