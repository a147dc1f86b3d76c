"""A program refers on to a clinic that runs the same adapter, over real HTTP, and follows what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.exchange.aftercare import UNCOVERED
from adapter.fhir.dates import milliseconds
from adapter.store.aftercare import AFTERCARE
from adapter.store.jobs import Jobs
from adapter.store.partners import Partners
from adapter.store.transaction import Transaction
from tests.doors.test_guarded import OTHERS, THEIRS, Place, disclosures, officer
from tests.journeys.receivers import Pair, pair
from tests.journeys.test_aftercare import listed, moved, referral, sent

Json = dict[str, Any]
FULL = {"codes": [{"system": "urn:example:why", "code": "full", "display": "No room"}], "text": "No room until May"}


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Pair]:
    """The two programs."""
    with pair(tmp_path) as both:
        yield both


def person(place: Place) -> str:
    """Somebody whom the clinic treats from now on."""
    id = place.participant()
    place.treated(id)
    return id


def asked(place: Place, participant: str, **more: Any) -> str:
    """A referral with a goal, a diagnosis and a medication; the id of its Task."""
    subject = {"reference": f"Patient/{participant}"}
    goal = {"resourceType": "Goal", "lifecycleStatus": "active", "subject": subject, "description": {"text": "Sober"}}
    ill = {"resourceType": "Condition", "subject": subject, "code": {"text": "Invented"}}
    pills = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": subject}
    pills |= {"medicationCodeableConcept": {"text": "Invented"}}
    goals, problems, medications = (written(place, one) for one in (goal, ill, pills))
    said: Json = {"goals": [goals], "problems": [f"Condition/{problems}"]}
    said["medications"] = [f"MedicationRequest/{medications}"]
    got = sent(place, referral(place, participant, **said, **more))
    assert got.status == 202, got.body
    return str(got.json["task"])


def written(place: Place, resource: Json) -> str:
    got = place.staff("POST", f"/fhir/{resource['resourceType']}", resource)
    assert got.status == 201, got.body
    return got.id


def waiting(clinic: Place) -> list[Json]:
    return list(clinic.staff("GET", "/iop/intake").json["items"])


def test_a_referral_goes_to_a_clinic_and_its_course_comes_back_until_it_is_closed(both: Pair) -> None:
    who = person(both.iop)
    both.iop.consent(who)
    task = asked(both.iop, who)
    both.work()
    [item] = listed(both.iop)
    assert "sent_at" in item, str(item)
    [there] = waiting(both.clinic)
    assert there["parts"]["Goal"] == there["parts"]["Condition"] == there["parts"]["MedicationRequest"] == 1
    assert there["parts"]["Consent"] == 1  # its scope, which permits nothing there
    assert there["sender"] == f"Organization/{OTHERS}"
    both.work(2)
    assert listed(both.iop)[0]["state"] == "received"
    got = both.clinic.staff("POST", f"/iop/intake/{there['task']}/$settle", {"participant": "new"})
    assert got.status == 200, got.body
    both.clinic.consent(got.json["participant"], recipients=[{"recipient": f"Organization/{OTHERS}"}])
    for state in ("accepted", "scheduled", "admitted", "completed"):
        assert moved(both.clinic, there["task"], state).status == 200
        both.work(16)
        assert both.iop.staff("GET", f"/iop/referral_task/{task}").json["state"] == state
    record = both.iop.staff("GET", f"/iop/aftercare_referral/{item['referral']}").json
    assert (record["status"], record["answer"], record["outcome"]) == ("completed", "accepted", "attended")
    assert listed(both.iop) == []
    episodes = both.clinic.staff("GET", "/fhir/EpisodeOfCare").json
    assert episodes["total"] == 1


def settled(both: Pair, participant: str = "new") -> str:
    """Intake of the clinic says who it is; the id of the Task there."""
    [there] = waiting(both.clinic)
    said = {"participant": participant, "unlike": participant != "new"}
    got = both.clinic.staff("POST", f"/iop/intake/{there['task']}/$settle", said)
    assert got.status == 200, got.body
    both.clinic.consent(got.json["participant"], recipients=[{"recipient": f"Organization/{OTHERS}"}])
    return str(there["task"])


def stands(both: Pair, task: str) -> str:
    return str(both.iop.staff("GET", f"/iop/referral_task/{task}").json["state"])


def told_of(place: Place) -> list[Any]:
    """What the ledger has of what was sent to the clinic."""
    return [one for one in disclosures(place) if one[2] == "$submit-referral"]


def parked(place: Place, task: str) -> list[str]:
    return [one["reason"] for one in place.staff("GET", "/iop/parked").json["items"] if one["id"] == task]


def test_somebody_whom_the_clinic_knows_already_is_still_the_person_of_the_referral(both: Pair) -> None:
    who = person(both.iop)
    both.iop.consent(who)
    task = asked(both.iop, who)
    both.work()
    there = settled(both, both.clinic.participant())
    assert moved(both.clinic, there, "accepted").status == 200
    both.work(2)
    assert stands(both, task) == "accepted", listed(both.iop)
    assert parked(both.iop, task) == []


def test_what_leaves_is_in_the_ledger_under_its_consent_and_what_moves_is_signed_by_the_partner(both: Pair) -> None:
    who = person(both.iop)
    consent = both.iop.consent(who)
    task = asked(both.iop, who)
    both.work()
    [one] = told_of(both.iop)
    assert (one[0], one[1], one[3]) == ("provider-ehr", consent["id"], [(who, consent["id"])])
    both.work(2)
    got = officer(both.iop)("GET", f"/fhir/Provenance?target=Task/{task}")
    signers = [agent["who"] for one in got.json["entry"] for agent in one["resource"]["agent"]]
    assert {"reference": f"Organization/{THEIRS}"} in signers


def test_without_a_consent_nothing_leaves_and_staff_see_why_until_there_is_one(both: Pair) -> None:
    who = person(both.iop)
    task = asked(both.iop, who)
    both.work()
    assert waiting(both.clinic) == []
    assert told_of(both.iop) == []
    [item] = listed(both.iop)
    assert item["unsent"] == [f"ServiceRequest/{item['referral']}"]
    assert "sent_at" not in item
    assert item["failure"] == UNCOVERED
    assert parked(both.iop, task) == [UNCOVERED]
    both.iop.consent(who)
    both.work(16)
    assert len(waiting(both.clinic)) == 1
    assert "unsent" not in listed(both.iop)[0]


def test_a_consent_that_is_taken_back_before_it_is_sent_keeps_it_here(both: Pair) -> None:
    who = person(both.iop)
    consent = both.iop.consent(who)
    asked(both.iop, who)
    both.iop.revoked(consent)
    both.work()
    assert waiting(both.clinic) == []
    assert told_of(both.iop) == []


def test_a_consent_that_is_taken_back_afterwards_lets_the_answer_come_and_nothing_more_leave(both: Pair) -> None:
    who = person(both.iop)
    consent = both.iop.consent(who)
    task = asked(both.iop, who)
    both.work()
    both.iop.revoked(consent)
    there = settled(both)
    assert moved(both.clinic, there, "accepted").status == 200
    before = disclosures(both.iop)
    both.work(2)
    assert stands(both, task) == "accepted"
    assert disclosures(both.iop) == before


def test_a_partner_that_is_disabled_is_sent_nothing_until_it_is_enabled_again(both: Pair) -> None:
    who = person(both.iop)
    both.iop.consent(who)
    asked(both.iop, who)

    def enabled(enabled: bool) -> None:
        now = milliseconds(both.iop.program.clock())
        both.iop.program.store.write(lambda t: Partners(t.database).enable("clinic", enabled, now)).result()

    enabled(False)
    both.work()
    assert waiting(both.clinic) == []
    assert "is disabled" in listed(both.iop)[0]["failure"]
    enabled(True)
    both.work(1)
    assert len(waiting(both.clinic)) == 1
    assert "failure" not in listed(both.iop)[0]


def test_what_no_consent_covers_stays_behind_and_is_named_to_staff_alone(both: Pair) -> None:
    who = person(both.iop)
    both.iop.consent(who, exceptions=[{"decision": "deny", "record_types": ["medication"]}])
    asked(both.iop, who)
    both.work()
    [item] = listed(both.iop)
    [unsent] = item["unsent"]
    assert unsent.startswith("MedicationRequest/")
    [there] = waiting(both.clinic)
    assert "MedicationRequest" not in there["parts"]
    assert there["parts"]["Goal"] == 1


def test_killed_between_sending_and_remembering_it_is_one_referral_there(both: Pair) -> None:
    who = person(both.iop)
    both.iop.consent(who)
    task = asked(both.iop, who)
    both.work()

    def forgotten(transaction: Transaction) -> None:
        transaction.database.execute("DELETE FROM partner_record")
        transaction.database.execute("UPDATE aftercare SET sent_ms = NULL, person = NULL")
        Jobs(transaction.database).renew(AFTERCARE, task, 0)

    both.iop.program.store.write(forgotten).result()
    both.work()
    assert len(waiting(both.clinic)) == 1
    assert len(told_of(both.iop)) == 2  # twice its bytes have left
    both.work(2)
    assert stands(both, task) == "received"


def test_steps_that_were_taken_between_two_questions_are_gone_one_by_one(both: Pair) -> None:
    who = person(both.iop)
    both.iop.consent(who)
    task = asked(both.iop, who)
    both.work()
    there = settled(both)
    for state in ("accepted", "scheduled", "admitted", "completed"):
        assert moved(both.clinic, there, state).status == 200
    both.work(16)
    assert stands(both, task) == "completed", listed(both.iop)
    history = officer(both.iop)("GET", f"/fhir/Task/{task}/_history").json["entry"]
    said = [one["resource"]["status"] for one in reversed(history)]
    assert said == ["requested", "received", "accepted", "in-progress", "in-progress", "completed"]


def test_a_decline_is_told_with_its_reason_and_the_person_waits_for_somebody_else(both: Pair) -> None:
    who = person(both.iop)
    both.iop.consent(who)
    task = asked(both.iop, who)
    both.work()
    there = settled(both)
    assert moved(both.clinic, there, "declined", state_reason=FULL).status == 200
    both.work(2)
    [item] = listed(both.iop)
    assert (item["state"], item["answer_reason"]) == ("declined", "No room")  # free text is not told to who sent it
    got = sent(both.iop, item["referral"])
    assert got.status == 409
    assert "has answered this referral" in got.body.decode()
    assert stands(both, task) == "declined"
