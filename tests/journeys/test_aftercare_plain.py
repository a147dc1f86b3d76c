"""A program refers on to a partner with a plain FHIR server, which may say whatever it likes of the Task."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from adapter.store.aftercare import AFTERCARE
from adapter.store.jobs import RESTS, Job, Jobs
from adapter.store.partners import Partners
from tests.doors.serving import Clock
from tests.doors.test_guarded import OTHERS, THEIRS, Place, placed
from tests.journeys.plain import Plain
from tests.journeys.receivers import add_partner, free_port, running, worked
from tests.journeys.test_aftercare import listed, moved, sent
from tests.journeys.test_aftercare_pair import asked, parked, person

Json = dict[str, Any]


class There:
    """A program with a person who has consented, and the server of the clinic."""

    def __init__(self, place: Place, plain: Plain, clock: Clock, called: str | None = None) -> None:
        self.place, self.plain, self.clock = place, plain, clock
        self.who = person(place)
        self.consent = place.consent(self.who)
        if called is not None:
            _called(place, self.who, called)
        self.task = asked(place, self.who)
        worked(place)

    def later(self, minutes: float = 16) -> None:
        """Do what is due then."""
        self.clock.now += timedelta(minutes=minutes)
        worked(self.place)

    @property
    def item(self) -> Json:
        """How it stands on the list."""
        return listed(self.place)[0]

    @property
    def job(self) -> Job:
        with self.place.program.store.asking() as database:
            job = Jobs(database).named(AFTERCARE, self.task)
        assert job is not None
        return job


def _called(place: Place, who: str, name: str) -> None:
    """The clinic has pushed this person to us, under what it calls him."""
    with place.program.store.asking() as database:
        base = Partners(database).named("clinic").base
    record = place.staff("GET", f"/fhir/Patient/{who}").json
    record["identifier"] = [*record.get("identifier", ()), {"system": f"{base}/Patient", "value": name}]
    assert place.staff("PUT", f"/fhir/Patient/{who}", record).status == 200


@contextmanager
def at(folder: Path, plain: Plain, called: str | None = None) -> Iterator[There]:
    clock, port = Clock(), free_port()
    with placed(folder, clock, partner_networks="127.0.0.0/8") as place, running(plain.app, port):
        add_partner(place, "clinic", f"http://127.0.0.1:{port}/fhir")
        yield There(place, plain, clock, called)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[There]:
    """A server that takes transactions."""
    with at(tmp_path, Plain()) as there:
        yield there


def test_a_plain_server_gets_records_that_point_to_each_other_and_carry_our_numbers(there: There) -> None:
    plain = there.plain
    [request], [task], [patient] = (plain.of(type) for type in ("ServiceRequest", "Task", "Patient"))
    assert task["focus"]["reference"] == f"ServiceRequest/{request['id']}"
    assert task["for"] == request["subject"] == {"reference": f"Patient/{patient['id']}"}
    assert task["identifier"][-1]["value"] == there.task
    assert [one["type"]["coding"][0]["code"] for one in task["identifier"]] == ["PLAC"]
    [goal] = plain.of("Goal")
    assert request["extension"][-1]["valueReference"]["reference"] == f"Goal/{goal['id']}"
    [scope] = plain.of("Consent")
    assert (scope["patient"], "actor" in scope["provision"]) == (request["subject"], False)
    assert "sent_at" in there.item


def test_a_server_without_transactions_gets_them_one_by_one_and_each_once(tmp_path: Path) -> None:
    with at(tmp_path, Plain(transaction=False)) as there:
        assert len(there.plain.of("ServiceRequest")) == len(there.plain.of("Task")) == 1
        there.place.program.store.write(lambda t: t.database.execute("DELETE FROM partner_record")).result()
        again = "UPDATE aftercare SET sent_ms = NULL"
        there.place.program.store.write(lambda t: t.database.execute(again)).result()
        there.place.program.store.write(lambda t: Jobs(t.database).renew(AFTERCARE, there.task, 0)).result()
        there.later()
        assert len(there.plain.of("ServiceRequest")) == len(there.plain.of("Task")) == 1
        assert "sent_at" in there.item


def test_one_that_takes_no_task_is_not_asked_and_staff_are_told(tmp_path: Path) -> None:
    with at(tmp_path, Plain(refuses=("Task",))) as there:
        assert "sent_at" in there.item
        assert any("takes no Task" in reason for reason in parked(there.place, there.task))
        there.later()
        assert there.plain.asked == []
        assert moved(there.place, there.task, "accepted").status == 200


def test_one_that_takes_no_referral_is_failing_and_nothing_counts_as_sent(tmp_path: Path) -> None:
    with at(tmp_path, Plain(refuses=("ServiceRequest",))) as there:
        assert "the partner offers no create of ServiceRequest" in there.item["failure"]
        assert "sent_at" not in there.item
        assert there.job.at_ms == RESTS
        assert there.plain.held == {}
        there.plain.takes_all()
        there.clock.now += timedelta(hours=1)
        assert sent(there.place, there.item["referral"]).status == 202
        worked(there.place)
        assert "sent_at" in there.item


def test_somebody_whom_the_partner_pushed_here_is_there_the_one_that_it_calls_so(tmp_path: Path) -> None:
    with at(tmp_path, Plain(), called="77") as there:
        assert there.plain.of("Patient") == []
        [request], [task] = there.plain.of("ServiceRequest"), there.plain.of("Task")
        assert request["subject"] == task["for"] == {"reference": "Patient/77"}
        assert "sent_at" in there.item
        there.plain.stands("accepted")
        there.later()
        assert there.item["state"] == "accepted"


@pytest.mark.parametrize("transaction", [True, False])
def test_somebody_of_whom_it_is_not_known_who_he_is_there_is_not_sent_and_nothing_of_his(
    tmp_path: Path, transaction: bool
) -> None:
    with at(tmp_path, Plain(transaction=transaction), called="no id") as there:
        assert there.plain.bodies == []
        assert "the person came from the partner" in there.item["failure"]
        assert "sent_at" not in there.item


def test_where_the_person_is_not_taken_the_referral_is_not_sent_without_him(tmp_path: Path) -> None:
    with at(tmp_path, Plain(transaction=False, rejects=("Patient",))) as there:
        assert there.plain.of("ServiceRequest") == []
        assert "the referral is not taken (Patient/" in there.item["failure"]


def test_one_that_staff_close_before_it_is_sent_stays_here(tmp_path: Path) -> None:
    with at(tmp_path, Plain(refuses=("ServiceRequest",))) as there:
        there.plain.takes_all()
        referral = f"/iop/aftercare_referral/{there.item['referral']}"
        tag = there.place.staff("GET", referral).headers["etag"]
        closed = {"status": "completed", "closed_on": "2026-03-02", "outcome": "lost_contact"}
        assert there.place.staff("PATCH", referral, closed, {"if-match": tag}).status == 200
        got = there.place.staff("POST", f"/iop/deliveries/{AFTERCARE}/{there.task}/$replay")
        assert got.status == 202, got.body
        worked(there.place)
        assert there.plain.of("ServiceRequest") == []


def changed(place: Place, record: str, **said: Any) -> None:
    """Staff change a record (`concept/ID`)."""
    tag = place.staff("GET", f"/iop/{record}").headers["etag"]
    got = place.staff("PATCH", f"/iop/{record}", said, {"if-match": tag})
    assert got.status == 200, got.body


TO_OTHERS = f"Organization/{OTHERS}"
MEANWHILE: dict[str, tuple[str, Json, Json, str]] = {
    "it asks others": (
        *("aftercare_referral", {"performers": [TO_OTHERS]}, {"performers": [f"Organization/{THEIRS}"]}),
        "the referral asks others than clinic",
    ),
    "it is not to be done": (
        *("aftercare_referral", {"do_not_perform": True}, {"do_not_perform": False}),
        "says that this is not to be done",
    ),
    "it is on hold": ("aftercare_referral", {"status": "on_hold"}, {"status": "active"}, "the referral is on_hold"),
    "its Task is for others": (
        *("referral_task", {"owner": TO_OTHERS}, {"owner": f"Organization/{THEIRS}"}),
        f"its Task is for {TO_OTHERS}, not for clinic",
    ),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_one_that_staff_change_while_it_waits_is_not_sent_until_they_have_it_sent_again(
    tmp_path: Path, name: str
) -> None:
    concept, change, back, why = MEANWHILE[name]
    with at(tmp_path, Plain(refuses=("ServiceRequest",))) as there:
        there.plain.takes_all()
        id = there.task if concept == "referral_task" else there.item["referral"]
        changed(there.place, f"{concept}/{id}", **change)
        replay = f"/iop/deliveries/{AFTERCARE}/{there.task}/$replay"
        assert there.place.staff("POST", replay).status == 202
        there.later(61)
        assert there.plain.held == {}
        assert "sent_at" not in there.item
        [failing] = there.place.staff("GET", "/iop/deliveries").json["items"]
        assert why in failing["reason"]
        assert there.job.at_ms == RESTS
        changed(there.place, f"{concept}/{id}", **back)
        assert sent(there.place, there.item["referral"]).status == 202
        there.later(0)
        assert len(there.plain.of("ServiceRequest")) == 1


def test_what_becomes_of_it_is_asked_by_its_version_and_heard_with_what_came_of_it(there: There) -> None:
    there.later(2)
    there.later()
    assert [tag for _, tag in there.plain.asked] == ['W/"1"', 'W/"1"']
    output = [{"type": {"text": "First visit"}, "valueReference": {"reference": "Appointment/7"}}]
    there.plain.stands("accepted", output=output, note=[{"text": "Call ahead"}])
    there.later()
    there.later()
    record = there.place.staff("GET", f"/iop/referral_task/{there.task}").json
    assert (record["state"], record["notes"]) == ("accepted", ["Call ahead", "First visit: Appointment/7"])
    there.plain.stands("in-progress", "5.1.4")
    there.later()
    there.plain.stands("completed")
    there.later()
    assert listed(there.place) == []
    assert there.job.at_ms == RESTS
    before = len(there.plain.asked)
    there.later(600)
    assert len(there.plain.asked) == before


def test_what_our_own_staff_have_moved_meanwhile_is_not_moved_back(there: There) -> None:
    assert moved(there.place, there.task, "accepted").status == 200
    there.plain.stands("received")
    there.later()
    assert there.item["state"] == "accepted"
    [why] = there.item["not_taken"]
    assert why.startswith("the partner says received, and a referral that is accepted becomes")
    assert parked(there.place, there.task) == [why]
    there.plain.stands("in-progress", "5.1.1")
    there.later()
    assert there.item["state"] == "scheduled"
    assert "not_taken" not in there.item


def test_a_jump_is_not_taken_unless_the_history_tells_of_the_steps(there: There) -> None:
    for status in ("accepted", "in-progress", "completed"):
        there.plain.stands(status)
    there.later()
    assert there.item["state"] == "sent"
    assert "completed" in there.item["not_taken"][0]
    there.plain.history = True
    there.later()
    assert listed(there.place) == []
    assert there.place.staff("GET", f"/iop/referral_task/{there.task}").json["state"] == "completed"


ANOTHER = "of another referral or another person"
ODD: dict[str, tuple[Json, str]] = {
    "another person": ({"for": {"reference": "Patient/other"}}, ANOTHER),
    "nobody": ({"for": None}, ANOTHER),
    "another referral": ({"focus": {"reference": "ServiceRequest/9"}}, ANOTHER),
    "an unknown state": ({"status": "pending"}, "a state that no table has: pending"),
    "an unknown business state": (
        {"businessStatus": {"coding": [{"code": "99"}]}},
        "a state that no table has: accepted 99",
    ),
    "a focus that is none": ({"focus": "ServiceRequest/1"}, ANOTHER),
    "a business state that is no concept": ({"businessStatus": "3.0"}, "a state that no table has: accepted"),
    "codes that are no list": ({"businessStatus": {"coding": "3.0"}}, "a state that no table has: accepted"),
    "codes that are no codings": ({"businessStatus": {"coding": ["3.0"]}}, "a state that no table has: accepted"),
    "a status that is none": ({"status": {"code": "accepted"}}, "a state that no table has"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_of_a_task_is_kept_for_staff_and_not_applied(there: There, name: str) -> None:
    odd, why = ODD[name]
    there.plain.says = lambda task: answered({**task, "status": "accepted", **odd, "meta": {"versionId": "7"}})
    there.later(2)
    there.later()
    assert there.item["state"] == "sent"
    [said] = there.item["not_taken"]
    assert why in said
    assert parked(there.place, there.task) == [said]
    there.plain.says = None
    there.plain.stands("accepted")
    there.later()
    assert there.item["state"] == "accepted"


SHAPES: dict[str, Json] = {
    "a reason": {"statusReason": {"text": 7}},
    "notes": {"note": {"text": "x"}},
    "outputs": {"output": [{"type": [], "valueReference": {"reference": 7}}, 7]},
    "a number for a version": {"meta": {"versionId": 7}},
    "a version that is no id": {"meta": {"versionId": "x y"}},
    "a meta that is none": {"meta": "7"},
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_of_another_shape_fails_nothing_and_the_next_answer_is_heard(there: There, name: str) -> None:
    there.plain.says = lambda task: answered({**task, "status": "accepted", "meta": {"versionId": "7"}, **SHAPES[name]})
    there.later(2)
    there.later()
    assert "failure" not in there.item
    assert there.job.failing_ms is None
    there.plain.says = None
    there.plain.stands("accepted")
    there.later()
    assert there.item["state"] == "accepted"


def answered(said: Any, status: int = 200, media: str = "application/fhir+json") -> Response:
    return Response(json.dumps(said), status, media_type=media)


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing"}]}
FAULTS: dict[str, tuple[Callable[[Json], Response], bool]] = {
    "gone": (lambda task: answered(OUTCOME, 410), False),
    "an error that says 200": (lambda task: answered(OUTCOME), False),
    "a page": (lambda task: answered("<html>", media="text/html"), False),
    "another record": (lambda task: answered({"resourceType": "Patient", "id": task["id"]}), False),
    "another Task": (lambda task: answered({**task, "id": "other"}), False),
    "a mark that no text has": (lambda task: answered({**task, "note": [{"text": "a\u0000b"}]}), True),
    "half a letter": (lambda task: answered({**task, "note": [{"text": "\ud83d"}]}), True),
    "not now": (lambda task: answered(OUTCOME, 503), True),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_task_is_a_fault_and_staff_may_have_it_asked_again(there: There, name: str) -> None:
    says, again = FAULTS[name]
    there.plain.says = says
    there.later(2)
    assert there.item["state"] == "sent"
    assert there.item["failure"].startswith("partner clinic: a Task")
    assert (there.job.at_ms < RESTS) is again
    there.plain.says = None
    there.plain.stands("accepted")
    got = there.place.staff("POST", f"/iop/deliveries/{AFTERCARE}/{there.task}/$replay")
    assert got.status == 202, got.body
    there.later(0)
    assert there.item["state"] == "accepted"
    assert "failure" not in there.item


def test_the_partner_s_words_of_others_are_kept_short_and_a_refusal_without_a_reason_says_so(there: There) -> None:
    there.plain.stands("rejected", note=[{"text": "x" * 5_000}, {"text": 7}, "y"])
    there.later()
    record = there.place.staff("GET", f"/iop/referral_task/{there.task}").json
    assert record["state_reason"] == {"text": "The partner gives no reason"}
    assert [len(note) for note in record["notes"]] == [200]
    assert there.item["answer"] == "declined"


def test_one_who_declined_may_be_followed_by_another(there: There) -> None:
    there.plain.stands("rejected")
    there.later()
    add_partner(there.place, "other", "http://127.0.0.1:1/fhir", organization=OTHERS)
    got = sent(there.place, there.item["referral"], partner="other")
    assert got.status == 409
    assert "asks others" in got.body.decode()


def test_what_one_answered_is_not_told_to_another_who_is_asked_next(tmp_path: Path) -> None:
    other, port = Plain(), free_port()
    with at(tmp_path, Plain()) as there, running(other.app, port):
        there.plain.stands("rejected", statusReason={"text": "We do not take him back"})
        there.later()
        referral = there.item["referral"]
        assert there.item["answer_reason"] == "We do not take him back"
        add_partner(there.place, "other", f"http://127.0.0.1:{port}/fhir", organization=OTHERS)
        there.place.treated(there.who, OTHERS)
        performers = [f"Organization/{THEIRS}", f"Organization/{OTHERS}"]
        changed(there.place, f"aftercare_referral/{referral}", performers=performers)
        assert sent(there.place, referral, partner="other").status == 202
        worked(there.place)
        [request] = other.of("ServiceRequest")
        said = [one["url"].rpartition("/")[2] for one in request["extension"]]
        assert said == ["workflow-episodeOfCare", "resource-pertainsToGoal"]
        query = f"recipient=Organization/{OTHERS}"
        got = there.place.staff("GET", f"/iop/aftercare_referral/{referral}/$document?{query}")
        assert got.status == 200, got.body
        for told in (got.body, *other.bodies):
            assert b"take him back" not in told
            assert b"referral-answer" not in told
        assert there.item["answer"] == "declined"
