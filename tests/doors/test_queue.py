"""What is asked of a partner and sent to it by jobs: in its turn, again for a day, in one list for staff, and once.

The rows Z18 to Z20 of the list of faults, by the worker itself; the partner's server is played, and time is handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from adapter.exchange.waiting import waiting
from adapter.fhir.dates import milliseconds
from adapter.store.jobs import RESTS, Jobs
from adapter.store.partners import FOLLOW, PULL, PUSH, Partners
from tests.doors import staff
from tests.doors.partners import Ehr, Worker, busy, consented, job, partnered, pushed, registered, told
from tests.doors.test_guarded import THEIRS, Place, Sender, disclosures

Json = dict[str, Any]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with partnered(tmp_path) as place:
        yield place


@pytest.fixture
def work(place: Place) -> Worker:
    return Worker(place)


@pytest.fixture
def ehr(respx_mock: respx.MockRouter) -> Ehr:
    respx_mock._assert_all_called = False
    return Ehr(respx_mock)


def failing(place: Place) -> list[Json]:
    """What staff see of what fails."""
    return list(place.staff("GET", "/iop/deliveries").json["items"])


def test_a_push_that_was_asked_for_is_done_in_its_turn_and_what_has_not_changed_is_not_sent_again(
    place: Place, ehr: Ehr, work: Worker
) -> None:
    registered(place, ehr)
    id = consented(place)
    got = place.staff("POST", f"/iop/partners/{ehr.name}/$push", {"patient": id})
    assert (got.status, got.json["key"]) == (202, f"ehr/{id}")
    assert ehr.asked == []
    work()
    assert [one["resourceType"] for one in ehr.sent] == ["Patient", "Encounter"]
    pushed(place, ehr, id)
    work()
    assert len(ehr.sent) == 2
    assert {row[2] for row in disclosures(place)} == {"create"}
    assert failing(place) == []


def test_429_with_retry_after_is_heeded_and_nothing_is_lost(place: Place, ehr: Ehr, work: Worker) -> None:
    """Z18."""
    registered(place, ehr)
    ids = [consented(place) for _ in range(3)]
    for id in ids:
        pushed(place, ehr, id)
    ehr.answers = busy(429, retry_after="600")
    work()
    assert len(ehr.asked) <= len(ids)
    asked = len(ehr.asked)
    work(seconds=300)
    assert len(ehr.asked) == asked
    [first, *_] = failing(place)
    assert (first["kind"], first["partner"]) == (PUSH, "ehr")
    assert "throttled" in first["reason"]
    ehr.answers = lambda request: None
    work(seconds=900)
    assert len(ehr.held("Patient")) == len(ids)
    assert failing(place) == []


@pytest.mark.parametrize("wrong", ["503", "reset", "slow", "html", "cut"])
def test_what_fails_is_tried_for_a_day_then_staff_see_it_and_replay_it(
    place: Place, ehr: Ehr, work: Worker, wrong: str, respx_mock: respx.MockRouter
) -> None:
    """Z19, and what of Z20 may pass by itself."""

    def answers(request: httpx.Request) -> httpx.Response:
        if wrong in ("reset", "slow"):
            raise {"reset": httpx.ReadError, "slow": httpx.ReadTimeout}[wrong]("as a test has it")
        if wrong == "cut":
            return httpx.Response(200, content=b'{"resourceType":"Pat', headers={"content-type": "application/json"})
        return (
            httpx.Response(503, html="<p>Ada Quill</p>") if wrong == "503" else httpx.Response(502, html="<p>Ada</p>")
        )

    registered(place, ehr)
    id = consented(place)
    pushed(place, ehr, id)
    ehr.answers = answers
    started = place.program.clock().timestamp()
    for _ in range(60):
        work(hours=0.5)
    stands = job(place.program, PUSH, f"ehr/{id}")
    assert (stands.at_ms, stands.holder) == (RESTS, None)
    assert 8 <= stands.attempts <= 30
    assert ehr.sent == []
    assert place.program.clock().timestamp() - started > 86_400
    [item] = failing(place)
    assert (item["key"], item["participant"], item["attempts"]) == (f"ehr/{id}", id, stands.attempts)
    assert "Ada" not in item["reason"]
    assert "next_attempt_at" not in item
    asked = len(ehr.asked)
    work(hours=100)
    assert len(ehr.asked) == asked
    ehr.answers = lambda request: None
    assert place.staff("POST", f"/iop/deliveries/push/ehr/{id}/$replay").status == 202
    work()
    assert [one["resourceType"] for one in ehr.sent] == ["Patient", "Encounter"]
    assert failing(place) == []


def test_a_partner_that_is_down_is_left_alone_and_holds_up_no_other(
    place: Place, ehr: Ehr, work: Worker, respx_mock: respx.MockRouter
) -> None:
    """Z19: the breaker is one for all jobs of a partner."""
    other = Ehr(respx_mock, "other", 8)
    for one in (ehr, other):
        registered(place, one)
    ids = [consented(place) for _ in range(8)]
    for id in ids:
        pushed(place, ehr, id)
        pushed(place, other, id)
    ehr.answers = busy(503)
    work()
    # Two tries of each job, and after the fifth failure none.
    assert len(ehr.asked) <= 6
    assert len(other.held("Patient")) == len(ids)
    assert {item["partner"] for item in failing(place)} == {"ehr"}


def test_jobs_of_one_partner_go_one_at_a_time(place: Place, ehr: Ehr, work: Worker) -> None:
    registered(place, ehr)
    under_way: list[int] = []

    def answers(request: httpx.Request) -> None:
        with place.program.store.asking() as database:
            held = database.execute("SELECT count(*) FROM job WHERE lane = 'ehr' AND holder IS NOT NULL").fetchone()
        under_way.append(held[0])

    ehr.answers = answers  # type: ignore[assignment]
    for _ in range(4):
        pushed(place, ehr, consented(place))
    told(place, lambda partners: partners.pull("ehr", 0))
    work()
    assert set(under_way) == {1}


@pytest.mark.parametrize(
    ("body", "kind", "word"),
    [
        (b"<html>Ada</html>", "text/html", "not-fhir"),
        (
            b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing"}]}',
            "application/fhir+json",
            "outcome",
        ),
        (b'{"resourceType":"Patient","id":"x"}', "application/fhir+json", "not-fhir"),
    ],
)
def test_200_that_is_no_answer_is_given_up_at_once_and_says_why(
    place: Place, ehr: Ehr, work: Worker, body: bytes, kind: str, word: str
) -> None:
    """Z20."""
    registered(place, ehr)
    pushed(place, ehr, consented(place))
    ehr.answers = lambda request: httpx.Response(200, content=body, headers={"content-type": kind})
    work()
    [item] = failing(place)
    assert word in item["reason"]
    assert "next_attempt_at" not in item


def test_a_record_about_somebody_else_is_left_and_kept_in_mind_until_it_is_taken(
    place: Place, ehr: Ehr, work: Worker
) -> None:
    """Z20."""
    ehr.has["Patient", "p1"] = {"resourceType": "Patient", "id": "p1", "gender": "unknown"}
    wrong = {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}, "onsetDateTime": "never"}
    ehr.has["Condition", "c1"] = wrong
    registered(place, ehr, every=30)
    work()
    assert len(place.staff("GET", "/fhir/Patient").json["entry"]) == 1
    [item] = failing(place)
    assert (item["kind"], item["key"], item["left"], item["attempts"]) == (PULL, "ehr", 1, 0)
    del ehr.has["Condition", "c1"]
    work(hours=0.5)
    assert failing(place)[0]["left"] == 1
    ehr.has["Condition", "c1"] = {name: said for name, said in wrong.items() if name != "onsetDateTime"}
    work(hours=0.5)
    assert failing(place) == []
    assert len(place.staff("GET", "/fhir/Condition").json["entry"]) == 1


def test_a_partner_is_pulled_from_as_often_as_was_said(place: Place, ehr: Ehr, work: Worker) -> None:
    registered(place, ehr, every=30)

    def pulls() -> int:
        return sum(one.url.path.endswith("/Patient") for one in ehr.asked)

    work()
    work(hours=0.4)
    assert pulls() == 1
    work(hours=0.2)
    assert pulls() == 2
    told(place, lambda partners: partners.keep_to("ehr", None, False, 0))
    work(hours=1)
    work(hours=9)
    assert pulls() == 3
    assert job(place.program, PULL, "ehr").at_ms == RESTS


def test_what_changes_of_patients_whom_the_partner_may_see_is_pushed_and_of_no_others(
    place: Place, ehr: Ehr, work: Worker
) -> None:
    before = consented(place)
    registered(place, ehr, follows=True)
    work()
    assert ehr.asked == []
    seen, hidden = consented(place), place.participant()
    place.session(hidden)
    work(seconds=40)
    assert {one["identifier"][-1]["value"] for one in ehr.sent if one["resourceType"] == "Patient"} == {seen}
    with place.program.store.asking() as database:
        assert Jobs(database).named(PUSH, f"ehr/{hidden}") is None
    place.session(before)
    work(seconds=40)
    assert len(ehr.held("Patient")) == 2
    place.treated(hidden)
    place.consent(hidden)
    work(seconds=40)
    assert len(ehr.held("Patient")) == 3
    asked = len(ehr.asked)
    work(seconds=40)
    assert len(ehr.asked) == asked
    assert job(place.program, FOLLOW, "ehr").failure is None


BEGINS = {"kind": None, "laws": None, "expires_with": None, "expires_on": "2999-01-01", "starts_on": "2026-04-15"}
LATER = {"start": "2026-05-01T00:00:00-04:00"}


def test_what_a_consent_or_a_care_team_opens_by_its_date_is_pushed_then(place: Place, ehr: Ehr, work: Worker) -> None:
    registered(place, ehr, follows=True)
    by_consent, by_team, by_both, never = (place.participant() for _ in range(4))
    place.treated(by_consent)
    place.consent(by_consent, **BEGINS)
    team = {"resourceType": "CareTeam", "status": "active", "period": LATER}
    team["participant"] = [{"member": {"reference": f"Organization/{THEIRS}"}}]
    for id in (by_team, by_both):
        assert place.staff("POST", "/fhir/CareTeam", team | {"subject": {"reference": f"Patient/{id}"}}).status == 201
    place.consent(by_team)
    place.consent(by_both, **BEGINS)
    place.consent(never, **BEGINS)
    work()
    assert ehr.asked == []
    work(hours=24 * 50)
    assert [one["identifier"][-1]["value"] for one in ehr.held("Patient")] == [by_consent]
    work(hours=24 * 20)
    sent = [one["identifier"][-1]["value"] for one in ehr.held("Patient")]
    assert (sent[0], set(sent)) == (by_consent, {by_consent, by_team, by_both})
    with place.program.store.asking() as database:
        assert Jobs(database).named(PUSH, f"ehr/{never}") is None
    assert failing(place) == []


def test_what_a_second_consent_opens_later_of_somebody_who_is_seen_is_pushed_then(
    place: Place, ehr: Ehr, work: Worker
) -> None:
    registered(place, ehr, follows=True)
    id = place.participant()
    place.session(id)
    place.treated(id)
    place.consent(id, exceptions=[{"decision": "deny", "record_types": ["session"]}])
    place.consent(id, **BEGINS)
    work()
    assert (len(ehr.held("Patient")), ehr.held("Encounter")) == (1, [])
    work(hours=24 * 50)
    assert len(ehr.held("Encounter")) == 1


@pytest.mark.parametrize("part", [{}, {"record_types": ["session"]}])
def test_what_a_refusal_has_held_back_is_pushed_when_it_ends_by_its_date(
    place: Place, ehr: Ehr, work: Worker, part: Json
) -> None:
    registered(place, ehr, follows=True)
    id = place.participant()
    place.session(id)
    place.treated(id)
    place.consent(id)
    until = {"kind": None, "laws": None, "expires_with": None, "expires_on": "2026-04-15"}
    place.consent(id, decision="deny", **until, **part)
    work()
    assert (len(ehr.held("Patient")), ehr.held("Encounter")) == (1 if part else 0, [])
    work(hours=24 * 50)
    assert len(ehr.held("Encounter")) == 1
    assert job(place.program, PUSH, f"ehr/{id}").at_ms == RESTS


def test_what_would_open_later_is_not_pushed_once_the_partner_is_not_followed(
    place: Place, ehr: Ehr, work: Worker
) -> None:
    registered(place, ehr, follows=True)
    id = place.participant()
    place.treated(id)
    place.consent(id, **BEGINS)
    work()
    assert job(place.program, PUSH, f"ehr/{id}").at_ms < RESTS
    told(place, lambda partners: partners.keep_to("ehr", None, False, milliseconds(place.program.clock())))
    work(hours=24 * 50)
    assert ehr.asked == []


def test_a_look_that_ends_after_the_partner_is_not_followed_any_more_follows_it_no_further(
    place: Place, ehr: Ehr
) -> None:
    registered(place, ehr, follows=True)
    with place.program.store.asking() as database:
        after = Partners(database).named("ehr").followed or 0
    for follows in (False, True):
        consented(place)
        told(place, lambda partners, follows=follows: partners.keep_to("ehr", None, follows, 0))  # type: ignore[misc]
        with place.program.store.asking() as database:
            before = Partners(database).named("ehr").followed
        said: list[bool] = []
        told(place, lambda partners, said=said: said.append(partners.follow("ehr", after, after + 1)))  # type: ignore[misc]
        with place.program.store.asking() as database:
            assert (said, Partners(database).named("ehr").followed) == ([False], before)


def test_a_consent_that_ends_while_the_partner_is_waited_for_lets_nothing_be_sent(
    place: Place, ehr: Ehr, work: Worker
) -> None:
    registered(place, ehr)
    id = place.participant()
    place.session(id)
    place.treated(id)
    place.consent(id, kind=None, laws=None, expires_with=None, expires_on="2026-03-02")

    def late(request: httpx.Request) -> None:
        work.on(hours=24 if request.url.path.endswith("/metadata") else 0)

    ehr.answers = late
    pushed(place, ehr, id)
    work()
    assert [one.method for one in ehr.asked] == ["GET"]
    assert disclosures(place) == []
    work(hours=1)
    assert "nothing was sent" in str(job(place.program, PUSH, f"ehr/{id}").failure)


def test_what_a_partner_pushed_here_is_not_pushed_back_to_it(place: Place, ehr: Ehr, work: Worker) -> None:
    registered(place, ehr, follows=True)
    id = consented(place)
    person = place.staff("GET", f"/fhir/Patient/{id}").json
    names = [*person.get("identifier", []), {"system": f"{ehr.base}/Patient", "value": "p1"}]
    assert place.staff("PUT", f"/fhir/Patient/{id}", {**person, "identifier": names}).status == 200
    work()
    assert [one["resourceType"] for one in ehr.sent] == ["Encounter"]


def test_a_partner_that_is_disabled_is_sent_nothing_until_it_is_enabled(place: Place, ehr: Ehr, work: Worker) -> None:
    registered(place, ehr, every=30, follows=True)
    work()
    id = consented(place)
    pushed(place, ehr, id)
    told(place, lambda partners: partners.enable("ehr", False, 0))
    asked = len(ehr.asked)
    work(hours=1)
    work(hours=1)
    assert len(ehr.asked) == asked
    stands = job(place.program, PUSH, f"ehr/{id}")
    assert (stands.at_ms, stands.failure) == (RESTS, "the partner is disabled: nothing was asked and nothing sent")
    assert place.staff("POST", "/iop/partners/ehr/$push", {"patient": id}).status == 403
    told(place, lambda partners: partners.enable("ehr", True, 0))
    work()
    assert len(ehr.held("Patient")) == 1


def test_a_consent_that_is_gone_when_its_turn_comes_lets_nothing_be_sent(place: Place, ehr: Ehr, work: Worker) -> None:
    registered(place, ehr)
    id = place.participant()
    place.treated(id)
    consent = place.consent(id)
    pushed(place, ehr, id)
    place.revoked(consent)
    work()
    assert ehr.asked == []
    stands = job(place.program, PUSH, f"ehr/{id}")
    assert stands.at_ms == RESTS
    assert "nothing was sent" in str(stands.failure)
    assert failing(place) == []


def test_a_record_that_the_partner_refuses_holds_up_neither_the_others_nor_what_changes_later(
    place: Place, ehr: Ehr, work: Worker
) -> None:
    registered(place, ehr)
    id = consented(place)
    ehr.answers = lambda request: httpx.Response(422) if request.url.path.endswith("/Encounter") else None
    pushed(place, ehr, id)
    work()
    assert len(ehr.held("Patient")) == 1
    [item] = failing(place)
    assert (item["left"], item["attempts"]) == (1, 0)
    ehr.answers = lambda request: None
    pushed(place, ehr, id)
    work()
    assert len(ehr.held("Encounter")) == 1
    assert failing(place) == []


def test_what_a_partner_has_no_place_for_is_named_and_is_no_failure(place: Place, ehr: Ehr, work: Worker) -> None:
    registered(place, ehr)
    ehr.types = ("Patient",)
    id = consented(place)
    pushed(place, ehr, id)
    work()
    assert len(ehr.held("Patient")) == 1
    assert failing(place) == []
    stands = job(place.program, PUSH, f"ehr/{id}")
    assert "offers no create of Encounter" in stands.payload
    assert stands.failure is not None


def test_whoever_runs_the_program_is_told_how_each_stands_that_has_not_ended_well(
    place: Place, ehr: Ehr, work: Worker
) -> None:
    registered(place, ehr, every=30)
    work()
    refused, fails, waits = (consented(place) for _ in range(3))
    hidden = place.participant()

    def answers(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/Patient") and fails in request.content.decode():
            return httpx.Response(503)
        return httpx.Response(422) if request.url.path.endswith("/Encounter") else None

    ehr.answers = answers
    for id in (hidden, refused, fails):
        pushed(place, ehr, id)
    work()
    pushed(place, ehr, waits)
    with place.program.store.asking() as database:
        found = {one.job.key.rpartition("/")[2]: one for one in waiting(database, "ehr")}
    states = {id: one.state for id, one in found.items()}
    assert states == {"ehr": "waiting", hidden: "ended", refused: "ended", fails: "failing", waits: "waiting"}
    told = "\n".join(line for one in found.values() for line in one.lines(place.program.zone))
    assert f"push ehr/{fails}: failing, due 2026-03-02T" in told
    assert "1 attempts" in told
    assert "  left Encounter/" in told
    assert "Ada" not in told
    for one in found.values():
        assert one.said(place.program.zone)["state"] == one.state


def person(place: Place, role: str) -> Sender:
    """Somebody of the staff with a role."""
    id = f"{role}-{next(place.numbers)}"
    staff.app(place.program, id)
    token = staff.token(place.program, staff.account(place.program, id, role), id, "user/*.cruds")
    return Sender(place.guarded, token)


@pytest.mark.parametrize(
    ("role", "status"), [("intake", 202), ("program-lead", 202), ("counselor", 403), ("billing", 403)]
)
def test_who_of_the_staff_may_have_something_pushed(place: Place, ehr: Ehr, role: str, status: int) -> None:
    registered(place, ehr)
    id = consented(place)
    asks = person(place, role)
    assert (
        asks("POST", "/iop/partners/ehr/$push", {"patient": id}, **{"content-type": "application/json"}).status
        == status
    )


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("ehr", {"patient": "00000000-0000-7000-8000-00000000ffff"}, 404),
        ("none", {"patient": "here"}, 404),
        ("ehr", {"patient": 5}, 422),
        ("ehr", {"patient": "x y/../z"}, 404),
        ("ehr", {}, 422),
        ("ehr", {"patient": "here", "now": True}, 422),
        ("ehr", [], 400),
        ("ehr", b"{", 400),
        ("ehr", b"", 400),
        ("e%2Fhr", {"patient": "here"}, 404),
    ],
)
def test_what_cannot_be_pushed_is_refused_and_nothing_is_asked_for(
    place: Place, ehr: Ehr, name: str, body: Any, status: int
) -> None:
    registered(place, ehr)
    id = consented(place)
    if isinstance(body, dict) and body.get("patient") == "here":
        body["patient"] = id
    assert place.staff("POST", f"/iop/partners/{name}/$push", body).status == status
    with place.program.store.asking() as database:
        assert database.execute("SELECT count(*) FROM job WHERE kind = 'push'").fetchone()[0] == 0


def test_the_pages_of_what_fails_name_each_once(place: Place, ehr: Ehr, work: Worker) -> None:
    registered(place, ehr)
    ids = [consented(place) for _ in range(5)]
    for id in ids:
        pushed(place, ehr, id)
    ehr.answers = busy(503)
    work()
    url, keys = "/iop/deliveries?limit=2", []
    while url:
        page = place.staff("GET", url).json
        keys += [item["key"] for item in page["items"]]
        url = page.get("next", "").partition("8000")[2] or page.get("next", "")
        url = url[url.index("/iop") :] if url else ""
    assert sorted(keys) == sorted(f"ehr/{id}" for id in ids)
    for wrong in ("limit=0", "limit=x", "page=x", "after=x"):
        assert place.staff("GET", f"/iop/deliveries?{wrong}").status == 400
