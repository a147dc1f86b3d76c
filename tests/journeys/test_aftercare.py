"""A referral out of the program is sent by staff: what is asked for, what is refused, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.store.partners import PartnerRow, Partners
from tests.doors.records import posted
from tests.doors.serving import Got
from tests.doors.test_guarded import OTHERS, OURS, THEIRS, Place, placed

Json = dict[str, Any]
MEETS = {"performers": [f"Organization/{THEIRS}"]}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A program with one partner."""
    with placed(tmp_path) as place:
        partner(place, "clinic")
        yield place


def partner(place: Place, name: str, organization: str = THEIRS, base: str = "https://ehr.example/fhir") -> None:
    row = PartnerRow(name, organization, base, None, None, "", "plain", "", True, 0)
    place.program.store.write(lambda t: Partners(t.database).add(row)).result()


def referral(place: Place, participant: str, **more: Any) -> str:
    """An order of weekly therapy by the program."""
    said = {"participant": participant, "status": "active", "intent": "order", "service": "weekly_therapy"}
    said |= {"requester": f"Organization/{OURS}", "authored_at": "2026-03-01T10:00:00Z", **MEETS, **more}
    episode = {"participant": participant, "status": "active", "organization": OURS, "admitted_on": "2026-01-05"}
    said["episode"] = posted(place.staff, "episode", episode).id
    got = place.staff("POST", "/iop/aftercare_referral", said)
    assert got.status == 201, got.body
    return got.id


def sent(place: Place, id: str, **said: Any) -> Got:
    return place.staff("POST", f"/iop/aftercare_referral/{id}/$send", said)


def listed(place: Place, query: str = "") -> list[Json]:
    got = place.staff("GET", f"/iop/aftercare{query}")
    assert got.status == 200, got.body
    return list(got.json["items"])


def test_what_is_to_be_sent_has_a_task_of_its_own_that_says_who_is_asked_and_until_when(place: Place) -> None:
    id = referral(place, place.participant(), priority="urgent")
    got = sent(place, id)
    assert got.status == 202, got.body
    told = got.json
    assert (told["state"], told["partner"], told["receiver"]) == ("sent", "clinic", f"Organization/{THEIRS}")
    task = place.staff("GET", f"/fhir/Task/{told['task']}").json
    assert (task["status"], task["focus"]["reference"]) == ("requested", f"ServiceRequest/{id}")
    assert task["priority"] == "urgent"
    [own] = task["identifier"]
    assert (own["system"], own["value"]) == (f"{place.program.base_url}/Task", told["task"])
    assert own["type"]["coding"][0]["code"] == "PLAC"
    assert listed(place) == [told]


def test_asked_for_again_before_it_was_sent_it_is_one(place: Place) -> None:
    id = referral(place, place.participant())
    first, again = sent(place, id), sent(place, id, partner="clinic", due_by="2026-04-01")
    assert again.status == 202, again.body
    assert again.json["task"] == first.json["task"]
    assert again.json["due_by"] == "2026-04-01"
    assert place.staff("GET", "/fhir/Task").json["total"] == 1


REFUSED: dict[str, tuple[Json, Json, int, str]] = {
    "a draft": ({"status": "draft"}, {}, 409, "is draft"),
    "one that was withdrawn": ({"status": "revoked"}, {}, 409, "is revoked"),
    "what is not to be done": ({"do_not_perform": True}, {}, 409, "not to be done"),
    "nobody": ({"performers": [{"name": "A peer group"}]}, {}, 409, "nobody whom the referral asks"),
    "others": ({"performers": [f"Organization/{OTHERS}"]}, {"partner": "clinic"}, 409, "asks others"),
    "an unknown partner": ({}, {"partner": "nobody"}, 422, "there is no partner nobody"),
    "another word": ({}, {"partners": "clinic"}, 400, "only partner, due_by"),
    "a partner that is none": ({}, {"partner": 7}, 422, "partner is not as"),
    "a day that is none": ({}, {"due_by": "soon"}, 422, "no date or time"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_sent_is_refused_with_the_reason_and_leaves_nothing(place: Place, name: str) -> None:
    more, said, status, why = REFUSED[name]
    id = referral(place, place.participant(), **more)
    got = sent(place, id, **said)
    assert got.status == status, got.body
    assert why in got.body.decode()
    assert place.staff("GET", "/fhir/Task").json["total"] == 0


def test_of_several_partners_one_must_be_named_and_one_that_is_disabled_is_asked_nothing(place: Place) -> None:
    partner(place, "other", THEIRS)
    id = referral(place, place.participant())
    got = sent(place, id)
    assert got.status == 409
    assert "clinic, other" in got.body.decode()
    place.program.store.write(lambda t: Partners(t.database).enable("other", False, 0)).result()
    assert "is disabled" in sent(place, id, partner="other").body.decode()
    assert sent(place, id).json["partner"] == "clinic"


def test_what_is_not_there_and_what_is_no_referral_out_are_absent(place: Place) -> None:
    absent = sent(place, "00000000-0000-7000-8000-000000000000")
    request = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "code": {"text": "x"}}
    request |= {"subject": {"reference": f"Patient/{place.participant()}"}}
    other = sent(place, place.staff("POST", "/fhir/ServiceRequest", request).id)
    assert (absent.status, other.status, absent.body) == (404, 404, other.body)


def moved(place: Place, task: str, state: str, **more: Any) -> Got:
    at = place.staff("GET", f"/iop/referral_task/{task}")
    said = {"state": state, "changed_at": "2026-03-05T10:00:00Z", **more}
    return place.staff("PATCH", f"/iop/referral_task/{task}", said, {"if-match": at.headers["etag"]})


def test_what_staff_hear_of_it_answers_the_referral_and_in_the_end_closes_it(place: Place) -> None:
    id = referral(place, place.participant())
    task = sent(place, id).json["task"]
    assert moved(place, task, "waitlisted").status == 200
    assert place.staff("GET", f"/iop/aftercare_referral/{id}").json["answer"] == "waitlisted"
    for state in ("accepted", "scheduled", "admitted", "completed"):
        got = moved(place, task, state)
        assert got.status == 200, got.body
    record = place.staff("GET", f"/iop/aftercare_referral/{id}").json
    assert (record["answer"], record["answered_on"]) == ("accepted", "2026-03-05")
    assert (record["status"], record["closed_on"], record["outcome"]) == ("completed", "2026-03-05", "attended")
    assert listed(place) == []


def test_one_that_was_declined_stays_on_the_list_and_may_go_to_somebody_else(place: Place) -> None:
    partner(place, "other", OTHERS)
    both = [f"Organization/{THEIRS}", f"Organization/{OTHERS}"]
    id = referral(place, place.participant(), performers=both)
    task = sent(place, id, partner="clinic").json["task"]
    assert sent(place, id, partner="other").status == 409
    assert moved(place, task, "declined", state_reason={"text": "No room until May"}).status == 200
    [item] = listed(place)
    assert (item["state"], item["answer"], item["answer_reason"]) == ("declined", "declined", "No room until May")
    again = sent(place, id, partner="other")
    assert again.status == 202, again.body
    assert again.json["task"] != task
    assert [(one["partner"], one["state"]) for one in listed(place)] == [("other", "sent")]


def test_the_list_tells_what_is_overdue_and_goes_on_page_by_page(place: Place) -> None:
    ids = [referral(place, place.participant()) for _ in range(3)]
    sent(place, ids[0], due_by="2026-01-01")
    sent(place, ids[1], due_by="2099-01-01")
    assert [one["referral"] for one in listed(place, "?overdue=true")] == [ids[0]]
    seen, url = [], "/iop/aftercare?limit=1"
    while url:
        page = place.staff("GET", url).json
        seen += [one["referral"] for one in page["items"]]
        url = "/iop" + page["next"].split("/iop")[1] if "next" in page else ""
    assert sorted(seen) == sorted(ids)
    for wrong in ("?overdue=maybe", "?limit=0", "?page=x", "?since=1"):
        assert place.staff("GET", f"/iop/aftercare{wrong}").status == 400
