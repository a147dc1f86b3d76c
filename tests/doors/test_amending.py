"""A facility changes or withdraws what it sent: whatever the program has done meanwhile, it is answered alike.

Without a consent every request of the table is asked of referrals that went every way that a referral can go, and
answered by the same status, headers and bytes; afterwards all that the facility sees is the same too.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adapter.fhir.canonical import code_system
from adapter.fhir.dates import instant_of, milliseconds
from tests.conftest import PROOF
from tests.doors.packets import PLACER, packet, resources
from tests.doors.receiving import Receiver
from tests.doors.serving import Got
from tests.doors.subscribers import place_to_tell, subscribed, subscriber, work
from tests.doors.test_guarded import OTHERS, THEIRS, Place, Sender, officer, placed
from tests.doors.test_non_interference import Still
from tests.doors.test_referrals import SUBMIT, covering, moved, settled, told

Json = dict[str, Any]
AMENDS = "system/*.rs system/Bundle.c system/ServiceRequest.ud system/Task.u"
ABSENT = "00000000-0000-7000-8000-fffffffffffe"
SYSTEM = "https://house.example/referrals"
PATCHES = "application/json-patch+json"


class Referral(NamedTuple):
    """One that was sent: its number, the ids of its records, and the person it came with."""

    number: str
    request: str
    task: str
    patient: str


class World:
    """A program, the facility that refers to it, and others who ask."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.house = place.client("facility", THEIRS, AMENDS)
        self.other = place.client("facility", OTHERS, AMENDS)
        self._numbers = iter(range(100, 100_000))

    def sent(self, **changes: Any) -> Referral:
        """A referral, just received; `changes` are elements of its request."""
        number, parts = f"ref-{next(self._numbers):05}", resources()
        parts["urn:uuid:r"] |= {"identifier": [{"type": PLACER, "system": SYSTEM, "value": number}], **changes}
        # Another person each time: nobody is looked for among those who were referred before.
        parts["urn:uuid:p"]["identifier"] = [{"system": "https://house.example/mrn", "value": number}]
        got = self.house("POST", SUBMIT, packet("collection", parts))
        assert got.status == 201, got.body
        said = told(got)
        ids = said["referral"]["reference"], said["task"]["for"]["reference"]
        return Referral(number, ids[0].partition("/")[2], said["task"]["id"], ids[1].partition("/")[2])


@contextmanager
def worlds(folder: Path, **changes: Any) -> Iterator[World]:
    with placed(folder, Still(), **changes) as place:
        yield World(place)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all: each referral is of its own person."""
    with worlds(tmp_path_factory.mktemp("amending")) as world:
        yield world


# What the program does meanwhile.


def reviewed(world: World, one: Referral) -> None:
    assert moved(world.place, one.task, "in_review").status == 200


def taken(world: World, one: Referral) -> None:
    settled(world.place, one.task)


def known(world: World, one: Referral) -> None:
    person = {"resourceType": "Patient", "name": [{"family": "Quill", "given": ["Ada"]}], "birthDate": "1990-05-17"}
    settled(world.place, one.task, participant=world.place.staff("POST", "/fhir/Patient", person).id)


def goes(*states: str) -> Callable[[World, Referral], None]:
    def go(world: World, one: Referral) -> None:
        taken(world, one)
        for state in states:
            reason = {"state_reason": {"text": "No bed"}} if state == "declined" else {}
            got = moved(world.place, one.task, state, **reason)
            assert got.status == 200, got.body

    return go


def task_deleted(world: World, one: Referral) -> None:
    taken(world, one)
    assert world.place.staff("DELETE", f"/fhir/Task/{one.task}").status == 204


def request_deleted(world: World, one: Referral) -> None:
    task_deleted(world, one)
    assert world.place.staff("DELETE", f"/fhir/ServiceRequest/{one.request}").status == 204


def edited(world: World, one: Referral) -> None:
    taken(world, one)
    record = world.place.staff("GET", f"/fhir/ServiceRequest/{one.request}").json
    record |= {"priority": "stat", "note": [{"text": "The program's"}]}
    assert world.place.staff("PUT", f"/fhir/ServiceRequest/{one.request}", record).status == 200


def revoked_here(world: World, one: Referral) -> None:
    taken(world, one)
    record = world.place.staff("GET", f"/fhir/ServiceRequest/{one.request}").json
    got = world.place.staff("PUT", f"/fhir/ServiceRequest/{one.request}", record | {"status": "revoked"})
    assert got.status == 200, got.body


def merged(world: World, one: Referral) -> None:
    taken(world, one)
    person = {"resourceType": "Patient", "name": [{"family": "Quill", "given": ["Ada"]}], "birthDate": "1990-05-17"}
    into = world.place.staff("POST", "/fhir/Patient", person).id
    got = world.place.staff("POST", f"/iop/participant/{one.patient}/$merge", {"into": into})
    assert got.status == 200, got.body


MEANWHILE: dict[str, Callable[[World, Referral], None]] = {
    "nothing": lambda world, one: None,
    "in review": reviewed,
    "somebody new": taken,
    "somebody who is here": known,
    "accepted": goes("accepted"),
    "scheduled": goes("accepted", "scheduled"),
    "admitted": goes("accepted", "scheduled", "admitted"),
    "declined": goes("declined"),
    "cancelled": goes("cancelled"),
    "waitlisted": goes("waitlisted"),
    "Task deleted": task_deleted,
    "all deleted": request_deleted,
    "request edited": edited,
    "request revoked": revoked_here,
    "person merged": merged,
}


def ended(world: World, one: Referral) -> None:
    """A consent covered it, and was taken back."""
    world.place.revoked(covers(world, one))


def covers(world: World, one: Referral) -> Json:
    """A consent that names the facility, of the person as he is known now."""
    stored = world.place.staff("GET", f"/fhir/Patient/{one.patient}").json
    after = [link["other"]["reference"] for link in stored.get("link", ()) if link["type"] == "replaced-by"]
    return covering(world.place, after[0].partition("/")[2] if after else one.patient)


# What the sender asks: each of them alone, of a referral of its own.
Ask = Callable[[Sender, Referral], Got]


def shown(house: Sender, type: str, id: str) -> Json:
    got = house("GET", f"/fhir/{type}/{id}")
    assert got.status == 200, got.body
    return dict(got.json)


def request(stale: bool = False, drop: Sequence[str] = (), **changes: Any) -> Ask:
    """A PUT of the request as it is seen, with changes."""

    def ask(house: Sender, one: Referral) -> Got:
        body = {**shown(house, "ServiceRequest", one.request), **changes}
        body = {name: said for name, said in body.items() if name not in drop}
        headers = {"if-match": 'W/"99"'} if stale else {}
        return house("PUT", f"/fhir/ServiceRequest/{one.request}", body, **headers)

    return ask


def task(**changes: Any) -> Ask:
    """A PUT of the Task as it is seen, with changes."""

    def ask(house: Sender, one: Referral) -> Got:
        return house("PUT", f"/fhir/Task/{one.task}", {**shown(house, "Task", one.task), **changes})

    return ask


def patch(*operations: Json, **headers: str) -> Ask:
    def ask(house: Sender, one: Referral) -> Got:
        body = json.dumps(operations).encode()
        return house("PATCH", f"/fhir/Task/{one.task}", body, **{"content-type": PATCHES, **headers})

    return ask


def path_patch(house: Sender, one: Referral) -> Got:
    part = [{"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": "Task.status"}]
    part.append({"name": "value", "valueCode": "cancelled"})
    body = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": part}]}
    return house("PATCH", f"/fhir/Task/{one.task}", body)


def plain(method: str, address: str, body: Any = None, **headers: str) -> Ask:
    def ask(house: Sender, one: Referral) -> Got:
        return house(method, f"/fhir/{address}".format(**one._asdict()), body, **headers)

    return ask


def sought(status: str, number: str = "") -> Ask:
    def ask(house: Sender, one: Referral) -> Got:
        body = shown(house, "ServiceRequest", one.request) | {"status": status}
        return house("PUT", f"/fhir/ServiceRequest?identifier={SYSTEM}|{number or one.number}", body)

    return ask


def validated(type: str, mode: str, **changes: Any) -> Ask:
    def ask(house: Sender, one: Referral) -> Got:
        id = one.request if type == "ServiceRequest" else one.task
        body = {**shown(house, type, id), **changes} if mode == "update" else None
        given = [{"name": "mode", "valueCode": mode}]
        given += [{"name": "resource", "resource": body}] if body else []
        return house("POST", f"/fhir/{type}/{id}/$validate", {"resourceType": "Parameters", "parameter": given})

    return ask


def then(*asks: Ask) -> Ask:
    """One after the other; the answer is the last."""

    def ask(house: Sender, one: Referral) -> Got:
        return [each(house, one) for each in asks][-1]

    return ask


CANCEL = {"op": "replace", "path": "/status", "value": "cancelled"}
IS_RECEIVED = {"op": "test", "path": "/status", "value": "received"}
IS_ACCEPTED = {"op": "test", "path": "/status", "value": "accepted"}
REASON = {"text": "Went elsewhere"}
PART = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
AFTERCARE = {"system": code_system("referral-kind"), "code": "aftercare"}
ELSEWHERE = [{"reference": "https://house.example/fhir/Observation/1"}]
ASKS: dict[str, tuple[Ask, int]] = {
    "revokes": (request(status="revoked"), 200),
    "revokes twice": (then(request(status="revoked"), request(status="revoked")), 409),
    "revokes and takes it back": (then(request(status="revoked"), request(status="active")), 409),
    "says it was an error": (request(status="entered-in-error"), 200),
    "holds": (request(status="on-hold"), 200),
    "holds and goes on": (then(request(status="on-hold"), request(status="active")), 200),
    "completes": (request(status="completed"), 409),
    "changes what it asks": (request(priority="urgent"), 200),
    "changes and revokes": (then(request(priority="urgent"), request(status="revoked")), 200),
    "takes something out": (request(drop=["supportingInfo"]), 200),
    "changes nothing": (request(), 200),
    "refers elsewhere": (request(reasonReference=ELSEWHERE), 200),
    "refers to nothing": (request(reasonReference=[{"reference": "urn:uuid:z"}]), 422),
    "refers to a hidden record": (request(encounter={"reference": f"Encounter/{ABSENT}"}), 200),
    "refers to itself": (request(basedOn=[{"reference": "ServiceRequest/x"}]), 200),
    "another person": (request(subject={"reference": f"Patient/{ABSENT}"}), 422),
    "another number": (request(identifier=[{"system": SYSTEM, "value": "other"}]), 422),
    "another who asks": (request(requester={"reference": f"Organization/{OTHERS}"}), 422),
    "a part of it": (request(meta={"tag": [PART]}), 422),
    "a referral out of there": (request(category=[{"coding": [AFTERCARE]}]), 200),
    "no request any more": (request(intent="nothing"), 422),
    "an unknown element": (request(nothing=1), 400),
    "an older version": (request(stale=True, status="revoked"), 412),
    "another id": (request(id=ABSENT), 400),
    "revokes by its number": (sought("revoked"), 200),
    "by a number that is none": (sought("revoked", "none"), 404),
    "patches the request": (plain("PATCH", "ServiceRequest/{request}", b"[]", **{"content-type": PATCHES}), 403),
    "deletes what is active": (plain("DELETE", "ServiceRequest/{request}"), 409),
    "deletes by its number": (plain("DELETE", "ServiceRequest?identifier=" + SYSTEM + "|{number}"), 409),
    "cancels": (task(status="cancelled"), 200),
    "cancels, and says why": (task(status="cancelled", statusReason=REASON), 200),
    "cancels twice": (then(task(status="cancelled"), task(status="cancelled")), 200),
    "cancels and revokes": (then(task(status="cancelled"), request(status="revoked")), 200),
    "cancels after it revoked": (then(request(status="revoked"), task(status="cancelled")), 200),
    "takes a cancellation back": (then(task(status="cancelled"), task(status="received")), 422),
    "says why, and no more": (task(statusReason=REASON), 422),
    "accepts": (task(status="accepted"), 422),
    "gives it to somebody": (task(status="cancelled", owner={"reference": f"Organization/{OTHERS}"}), 422),
    "patches": (patch(CANCEL), 200),
    "patches what is received": (patch(IS_RECEIVED, CANCEL), 200),
    "patches what is accepted": (patch(IS_ACCEPTED, CANCEL), 422),
    "patches by a path": (path_patch, 200),
    "patches version 1": (patch(CANCEL, **{"if-match": 'W/"1"'}), 200),
    "patches version 1000": (patch(CANCEL, **{"if-match": 'W/"1000"'}), 412),
    "patches a note": (patch({"op": "add", "path": "/note", "value": [{"text": "x"}]}), 422),
    "deletes the Task": (plain("DELETE", "Task/{task}"), 403),
    "tries to revoke": (validated("ServiceRequest", "update", status="revoked"), 200),
    "tries to complete": (validated("ServiceRequest", "update", status="completed"), 200),
    "tries to cancel": (validated("Task", "update", status="cancelled"), 200),
    "tries to delete": (validated("ServiceRequest", "delete"), 200),
    "changes a Patient": (plain("DELETE", "Patient/{patient}"), 403),
}
DRAFTS: dict[str, tuple[Ask, int]] = {
    "deletes": (plain("DELETE", "ServiceRequest/{request}"), 204),
    "deletes twice": (then(*[plain("DELETE", "ServiceRequest/{request}")] * 2), 204),
    "deletes by its number": (plain("DELETE", "ServiceRequest?identifier=" + SYSTEM + "|{number}"), 204),
    "deletes an older version": (plain("DELETE", "ServiceRequest/{request}", **{"if-match": 'W/"9"'}), 412),
    "makes it active": (request(status="active"), 200),
    "active, then deleted": (then(request(status="active"), plain("DELETE", "ServiceRequest/{request}")), 409),
    "tries to delete": (validated("ServiceRequest", "delete"), 200),
}


def again(house: Sender, one: Referral) -> Got:
    """It is deleted, and sent again as it was read before."""
    body = shown(house, "ServiceRequest", one.request)
    assert house("DELETE", f"/fhir/ServiceRequest/{one.request}").status == 204
    return house("PUT", f"/fhir/ServiceRequest/{one.request}", body)


DRAFTS["deletes, and changes it"] = (again, 410)


def resent(house: Sender, one: Referral) -> Got:
    """It is deleted, and referred again under its number."""
    assert house("DELETE", f"/fhir/ServiceRequest/{one.request}").status == 204
    parts = resources()
    parts["urn:uuid:r"] |= {"identifier": [{"type": PLACER, "system": SYSTEM, "value": one.number}]}
    return house("POST", SUBMIT, packet("collection", parts))


DRAFTS["deletes, and refers again"] = (resent, 409)


def seen_of(house: Sender, one: Referral) -> list[Got]:
    """All that its sender sees of a referral."""
    records = [f"ServiceRequest/{one.request}", f"Task/{one.task}"]
    found = [f"{record}{more}" for record in records for more in ("", "/_history", "/_history/2")]
    found += [f"Task?_id={one.task}&status=received", f"ServiceRequest?_id={one.request}&status=active"]
    return [house("GET", f"/fhir/{address}") for address in found]


def masked(got: Got, one: Referral, house: Sender) -> tuple[Any, ...]:
    """An answer without the ids and the number of the referral, and what it says besides of other parts."""
    body, headers = got.body, str({name: said for name, said in got.headers.items() if name != "date"})
    parts = sorted({*one, *_others(house, one)})
    for id in sorted(parts, key=len, reverse=True):
        name = one._fields[one.index(id)] if id in one else "part"
        body, headers = body.replace(id.encode(), name.encode()), headers.replace(id, name)
    return got.status, headers, body


def _others(house: Sender, one: Referral) -> list[str]:
    """The ids of the other parts of it."""
    found = house("GET", f"/fhir/AllergyIntolerance?patient={one.patient}").json.get("entry", [])
    return [entry["resource"]["id"] for entry in found]


def asked(world: World, name: str, meanwhile: str, consent: str, *, draft: bool = False) -> list[tuple[Any, ...]]:
    """The answer, and then all that is seen."""
    one = world.sent(status="draft" if draft else "active")
    MEANWHILE[meanwhile](world, one)
    if consent == "ended":
        ended(world, one)
    ask, status = (DRAFTS if draft else ASKS)[name]
    got = ask(world.house, one)
    assert got.status == status, (name, meanwhile, consent, got.body)
    return [masked(each, one, world.house) for each in (got, *seen_of(world.house, one))]


WAYS = [(meanwhile, consent) for meanwhile in MEANWHILE for consent in ("none", "ended")]
CORE = frozenset({"revokes", "changes what it asks", "cancels", "deletes"})
"""Asked of referrals that went every way, or at smaller sizes many; the others of some, and each way by many."""
EVERY = {"quick": 6, "ci": 6, "full": len(WAYS)}[PROOF]
SOME = {"quick": 1, "ci": 1, "full": len(WAYS)}[PROOF]
CASES = [*((name, False) for name in ASKS), *((name, True) for name in DRAFTS)]


@pytest.mark.parametrize(("name", "draft"), CASES, ids=lambda one: one if isinstance(one, str) else "draft" * one)
def test_a_sender_is_answered_alike_whatever_the_program_did(world: World, name: str, draft: bool) -> None:
    first = asked(world, name, "nothing", "none", draft=draft)
    for meanwhile, consent in random.Random(name).sample(WAYS, EVERY if name in CORE else SOME):
        found = asked(world, name, meanwhile, consent, draft=draft)
        for n, (one, other) in enumerate(zip(found, first, strict=True)):
            assert one == other, (meanwhile, consent, n)


@pytest.mark.parametrize("seed", range({"quick": 4, "ci": 4, "full": 400}[PROOF]))
def test_so_is_whatever_it_asks_in_whatever_order_while_the_program_goes_on(world: World, seed: int) -> None:
    """Of two referrals the same is asked; the program does something with one of them, at any time, and ends a
    consent."""
    draw = random.Random(seed)
    names, (meanwhile, consent) = draw.choices([*ASKS], k=draw.randint(2, 6)), draw.choice(WAYS)
    when, found = draw.randrange(len(names)), list[list[tuple[Any, ...]]]()
    for goes_on in (True, False):
        one, answers = world.sent(), list[tuple[Any, ...]]()
        for n, name in enumerate(names):
            if goes_on and n == when:
                # What the sender has withdrawn goes no further.
                with suppress(AssertionError):
                    MEANWHILE[meanwhile](world, one)
                if consent == "ended":
                    ended(world, one)
            answers.append(masked(ASKS[name][0](world.house, one), one, world.house))
        found.append([*answers, *(masked(each, one, world.house) for each in seen_of(world.house, one))])
    assert found[0] == found[1], names


def test_the_comparison_would_see_a_difference(world: World) -> None:
    """Where a consent lets it be told how the referrals go on, the same requests are answered otherwise."""
    answers = []
    for meanwhile in ("nothing", "admitted"):
        one = world.sent()
        MEANWHILE[meanwhile](world, one)
        covers(world, one)
        answers.append([masked(each, one, world.house) for each in (ASKS["cancels"][0](world.house, one),)])
    assert answers[0] != answers[1]


def test_what_it_did_not_send_is_absent(world: World) -> None:
    """Another facility's, a record of the program's own, and an id that never was."""
    one = world.sent()
    foreign = world.place.staff("GET", f"/fhir/ServiceRequest/{one.request}").json
    fresh = {name: said for name, said in foreign.items() if name not in ("id", "meta", "identifier")}
    own = world.place.staff("POST", "/fhir/ServiceRequest", fresh).id
    answers = []
    for id in (one.request, own, ABSENT):
        body = {**foreign, "id": id, "status": "revoked"}
        headers = {"content-type": PATCHES}
        for request in (
            ("PUT", f"ServiceRequest/{id}", body),
            ("DELETE", f"ServiceRequest/{id}"),
            ("PUT", f"Task/{id}", {"resourceType": "Task", "id": id, "status": "cancelled", "intent": "order"}),
        ):
            got = world.other(request[0], f"/fhir/{request[1]}", *request[2:])
            answers.append((id, request[0], got.status, got.body.replace(id.encode(), b"")))
        got = world.other("PATCH", f"/fhir/Task/{id}", json.dumps([CANCEL]).encode(), **headers)
        answers.append((id, "PATCH", got.status, got.body))
    assert {status for _, _, status, _ in answers} == {404}
    assert len({body for *_, body in answers}) == 1


def states(world: World, one: Referral) -> tuple[str, str]:
    """Where the program's records stand: the status of the request, the state of the Task; "" for what is deleted."""
    request = world.place.staff("GET", f"/fhir/ServiceRequest/{one.request}")
    record = world.place.staff("GET", f"/iop/referral_task/{one.task}")
    return (request.json["status"] if request.status == 200 else "", record.json.get("state", ""))


def listed(world: World, one: Referral) -> list[str]:
    """What the work list says that the sender said."""
    items, url = [], f"/iop/parked?limit=200&participant={one.patient}"
    items = world.place.staff("GET", url).json["items"]
    return sorted(item["reason"] for item in items if "the sender" in item["reason"])


NOT_DONE = "the sender withdrew it"
CARRIED: list[tuple[str, str, tuple[str, str], str]] = [
    # what the program did, what the sender asks, where the records stand then, what the work list says
    ("nothing", "revokes", ("revoked", "cancelled"), ""),
    ("nothing", "cancels", ("active", "cancelled"), ""),
    ("nothing", "changes what it asks", ("active", "received"), ""),
    ("in review", "revokes", ("revoked", "cancelled"), ""),
    ("somebody new", "revokes", ("revoked", "cancelled"), ""),
    ("somebody new", "says it was an error", ("entered-in-error", "cancelled"), ""),
    ("somebody new", "cancels", ("active", "cancelled"), ""),
    ("waitlisted", "cancels", ("active", "cancelled"), ""),
    ("accepted", "cancels", ("active", "cancellation_requested"), "asks for it to be cancelled"),
    ("accepted", "revokes", ("active", "cancellation_requested"), NOT_DONE),
    ("scheduled", "revokes", ("active", "cancellation_requested"), NOT_DONE),
    ("admitted", "revokes", ("active", "admitted"), NOT_DONE),
    ("admitted", "cancels", ("active", "admitted"), NOT_DONE),
    ("admitted", "changes what it asks", ("active", "admitted"), "changed priority (version 2"),
    ("declined", "cancels", ("active", "declined"), NOT_DONE),
    ("declined", "revokes", ("revoked", "declined"), ""),
    ("cancelled", "cancels", ("active", "cancelled"), ""),
    ("cancelled", "revokes", ("revoked", "cancelled"), ""),
    ("request edited", "changes what it asks", ("active", "in_review"), "changed priority"),
    ("request edited", "takes something out", ("active", "in_review"), ""),
    ("request edited", "revokes", ("revoked", "cancelled"), ""),
    ("request edited", "holds", ("on-hold", "in_review"), ""),
    ("request revoked", "holds", ("revoked", "cancelled"), "changed status"),
    ("request revoked", "revokes", ("revoked", "cancelled"), ""),
    ("Task deleted", "revokes", ("revoked", ""), ""),
    ("Task deleted", "cancels", ("active", ""), NOT_DONE),
    ("all deleted", "cancels", ("", ""), NOT_DONE),
    ("all deleted", "revokes", ("", ""), NOT_DONE),
]


@pytest.mark.parametrize(
    ("meanwhile", "name", "stands", "said"), CARRIED, ids=lambda one: one if isinstance(one, str) else ""
)
def test_what_the_sender_says_is_done_where_it_may_be_and_told_to_staff_where_not(
    world: World, meanwhile: str, name: str, stands: tuple[str, str], said: str
) -> None:
    one = world.sent()
    MEANWHILE[meanwhile](world, one)
    ask, status = ASKS[name]
    assert ask(world.house, one).status == status
    assert states(world, one) == stands
    lines = listed(world, one)
    assert [said in line for line in lines] == [True] * bool(said), lines


@pytest.mark.parametrize("meanwhile", ["somebody who is here", "person merged"])
def test_of_somebody_who_is_known_it_is_the_record_of_whom_it_is(world: World, meanwhile: str) -> None:
    one = world.sent()
    MEANWHILE[meanwhile](world, one)
    assert ASKS["changes and revokes"][0](world.house, one).status == 200
    record = world.place.staff("GET", f"/fhir/ServiceRequest/{one.request}").json
    assert (record["status"], record["priority"]) == ("revoked", "urgent")
    assert record["subject"]["reference"] != f"Patient/{one.patient}"
    assert states(world, one)[1] == "cancelled"


def test_a_draft_that_is_deleted_is_kept_by_the_program_as_an_error(world: World) -> None:
    one = world.sent(status="draft")
    assert world.house("DELETE", f"/fhir/ServiceRequest/{one.request}").status == 204
    assert world.house("GET", f"/fhir/ServiceRequest/{one.request}").status == 410
    assert states(world, one) == ("entered-in-error", "cancelled")
    [item] = [
        item for item in world.place.staff("GET", "/iop/intake?limit=200").json["items"] if item["task"] == one.task
    ]
    assert (item["state"], item["parked"][-1]) == ("cancelled", "consent not evidenced")


def test_a_number_whose_draft_was_deleted_is_not_used_again(world: World) -> None:
    got = resent(world.house, world.sent(status="draft"))
    assert (got.status, got.expressions) == (409, ["ServiceRequest.identifier"])
    assert "another number" in got.body.decode()


def test_under_a_consent_it_is_judged_by_what_it_is_told(world: World) -> None:
    """Accepted, the request is not changed; cancelled, the Task goes on as far as it is told."""
    one = world.sent()
    MEANWHILE["accepted"](world, one)
    consent = covers(world, one)
    got = request(status="revoked")(world.house, one)
    assert (got.status, got.expressions) == (409, ["ServiceRequest.status"])
    got = task(status="cancelled")(world.house, one)
    assert got.status == 200, got.body
    assert (got.json["status"], got.json["businessStatus"]["coding"][0]["code"]) == ("in-progress", "5.2")
    assert int(got.headers["etag"][3:-1]) > 1000
    assert moved(world.place, one.task, "cancelled").status == 200
    assert shown(world.house, "Task", one.task)["status"] == "cancelled"
    world.place.revoked(consent)
    left = world.house("GET", f"/fhir/Task/{one.task}")
    assert (left.json["status"], left.headers["etag"]) == ("cancelled", 'W/"2"')


@pytest.mark.parametrize(
    ("meanwhile", "status"), [("admitted", 409), ("declined", 409), ("scheduled", 200), ("waitlisted", 200)]
)
def test_under_a_consent_a_cancellation_is_legal_as_the_table_of_moves_says(
    world: World, meanwhile: str, status: int
) -> None:
    one = world.sent()
    MEANWHILE[meanwhile](world, one)
    covers(world, one)
    assert task(status="cancelled")(world.house, one).status == status


def test_what_it_says_before_a_consent_is_what_is_told_under_it(world: World) -> None:
    one = world.sent()
    MEANWHILE["admitted"](world, one)
    assert task(status="cancelled", statusReason=REASON)(world.house, one).status == 200
    consent = covers(world, one)
    assert shown(world.house, "Task", one.task)["status"] == "in-progress"
    world.place.revoked(consent)
    assert shown(world.house, "Task", one.task)["statusReason"] == REASON


def test_it_is_signed_and_in_the_trail_of_the_program(world: World) -> None:
    one = world.sent()
    for name in ("changes what it asks", "cancels"):
        assert ASKS[name][0](world.house, one).status == 200
    found = officer(world.place)("GET", f"/fhir/Provenance?target=ServiceRequest/{one.request}").json["entry"]
    assert all(THEIRS in json.dumps(entry["resource"]["agent"]) for entry in found)
    assert len(found) == 2


def test_a_scope_with_an_argument_is_asked_of_what_is_seen(world: World) -> None:
    scopes = (
        "system/*.rs system/Bundle.c system/Task.u?status=received,cancelled system/ServiceRequest.u?status=revoked"
    )
    narrow = world.place.client("facility", THEIRS, scopes)
    one, other = world.sent(), world.sent()
    MEANWHILE["admitted"](world, one)
    assert task(status="cancelled")(narrow, one).status == 200
    assert request(status="revoked")(narrow, other).status == 403
    assert shown(world.house, "ServiceRequest", other.request)["status"] == "active"


def test_without_the_scopes_nothing_is_changed(world: World) -> None:
    one, reads = world.sent(), world.place.client("facility", THEIRS, "system/*.rs system/Bundle.c")
    assert request(status="revoked")(reads, one).status == 403
    assert task(status="cancelled")(reads, one).status == 403


def test_an_etag_is_required_where_the_program_wants_one(tmp_path: Path) -> None:
    with worlds(tmp_path, require_if_match=True) as world:
        one = world.sent()
        assert request(status="revoked")(world.house, one).status == 428
        body = shown(world.house, "ServiceRequest", one.request) | {"status": "revoked"}
        headers = {"if-match": 'W/"1"', "prefer": "return=minimal"}
        got = world.house("PUT", f"/fhir/ServiceRequest/{one.request}", body, **headers)
        assert (got.status, got.body, got.headers["etag"]) == (200, b"", 'W/"2"')


@pytest.mark.parametrize("state", ["admitted", "completed", "received"])
def test_a_task_that_was_deleted_goes_on_from_where_it_stood(world: World, state: str) -> None:
    one = world.sent()
    MEANWHILE["declined"](world, one)
    record = world.place.staff("GET", f"/fhir/Task/{one.task}").json
    assert world.place.staff("DELETE", f"/fhir/Task/{one.task}").status == 204
    codes = {"admitted": "5.1.4", "completed": "7.0", "received": "2.0"}
    status = {"admitted": "in-progress", "completed": "completed", "received": "received"}[state]
    system = record["businessStatus"]["coding"][0]["system"]
    made = record | {"status": status, "businessStatus": {"coding": [{"system": system, "code": codes[state]}]}}
    got = world.place.staff("PUT", f"/fhir/Task/{one.task}", made)
    assert (got.status, got.expressions) == (409, ["Task.status"]), got.body
    assert world.place.staff("PUT", f"/fhir/Task/{one.task}", record).status == 201


def test_intake_sees_what_the_sender_said_of_what_waits(world: World) -> None:
    one = world.sent()
    assert moved(world.place, one.task, "declined", state_reason={"text": "No bed"}).status == 200
    assert task(status="cancelled")(world.house, one).status == 200
    items = world.place.staff("GET", "/iop/intake?limit=200").json["items"]
    [item] = [item for item in items if item["task"] == one.task]
    assert (item["state"], NOT_DONE in " ".join(item["parked"])) == ("declined", True)


@pytest.mark.parametrize("settles", [taken, known])
def test_what_was_withdrawn_before_intake_looked_stays_so(
    world: World, settles: Callable[[World, Referral], None]
) -> None:
    one = world.sent()
    assert request(status="revoked")(world.house, one).status == 200
    before = [masked(each, one, world.house) for each in seen_of(world.house, one)]
    settles(world, one)
    assert states(world, one) == ("revoked", "cancelled")
    assert [masked(each, one, world.house) for each in seen_of(world.house, one)] == before
    covers(world, one)
    told_now = shown(world.house, "Task", one.task)
    assert (told_now["status"], told_now["for"]["reference"]) == ("cancelled", f"Patient/{one.patient}")


@pytest.mark.parametrize("meanwhile", ["nothing", "accepted", "admitted", "declined"])
def test_its_subscription_tells_it_nothing_of_what_it_says_itself(
    tmp_path: Path, receiver: Receiver, meanwhile: str
) -> None:
    with place_to_tell(tmp_path) as place:
        world = World(place)
        house = subscriber(world.place, receiver, "facility", THEIRS, f"{AMENDS} system/Subscription.crds")
        subscribed(house, receiver, "referral-status-changed")
        one = world.sent()
        work(world.place)
        MEANWHILE[meanwhile](world, one)
        told_before = len(receiver.events)
        assert task(status="cancelled")(world.house, one).status == 200
        work(world.place)
        assert len(receiver.events) == told_before


def test_another_request_that_came_with_it_is_not_the_referral(world: World) -> None:
    parts = resources()
    parts["urn:uuid:r"] |= {"identifier": [{"type": PLACER, "system": SYSTEM, "value": "with another"}]}
    fulfil = {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]}
    about = {"focus": {"reference": "urn:uuid:r"}, "for": {"reference": "urn:uuid:p"}, "code": fulfil}
    parts["urn:uuid:t"] = {"resourceType": "Task", "status": "requested", "intent": "order", **about}
    parts["urn:uuid:x"] = {name: said for name, said in parts["urn:uuid:r"].items() if name != "identifier"}
    said = told(world.house("POST", SUBMIT, packet("collection", parts)))
    referral, person = said["referral"]["reference"].partition("/")[2], said["task"]["for"]["reference"]
    found = world.house("GET", f"/fhir/ServiceRequest?subject={person}").json["entry"]
    [other] = [entry["resource"]["id"] for entry in found if entry["resource"]["id"] != referral]
    one = Referral("with another", other, said["task"]["id"], person.partition("/")[2])
    assert request(status="revoked")(world.house, one).status == 200
    assert states(world, one) == ("revoked", "received")
    assert shown(world.house, "Task", one.task)["status"] == "received"
    assert "category" not in world.place.staff("GET", f"/fhir/ServiceRequest/{other}").json


def test_when_a_task_changed_is_said_on_each_side_by_who_changed_it(tmp_path: Path) -> None:
    clock = Still()
    with placed(tmp_path, clock) as place:
        world = World(place)
        for ask in (task(status="cancelled"), request(status="revoked")):
            one, came = world.sent(), instant(clock)
            settles = later(clock)
            taken(world, one)
            assert shown(world.house, "Task", one.task)["lastModified"] == came
            assert place.staff("GET", f"/fhir/Task/{one.task}").json["lastModified"] == settles
            says = later(clock)
            assert ask(world.house, one).status == 200
            assert shown(world.house, "Task", one.task)["lastModified"] == says
            assert place.staff("GET", f"/fhir/Task/{one.task}").json["lastModified"] == says
            later(clock)


def test_when_a_referral_was_received_stays_whatever_becomes_of_its_task(tmp_path: Path) -> None:
    clock = Still()
    with placed(tmp_path, clock) as place:
        world = World(place)
        one, came = world.sent(), instant(clock)
        later(clock)
        reviewed(world, one)
        later(clock)
        assert task(status="cancelled")(world.house, one).status == 200
        [item] = place.staff("GET", "/iop/intake").json["items"]
        assert (item["state"], item["received_at"]) == ("cancelled", came)


def test_who_is_accepted_after_all_and_cancelled_is_so_for_no_old_reason(world: World) -> None:
    one = world.sent()
    MEANWHILE["declined"](world, one)
    assert moved(world.place, one.task, "accepted").status == 200
    assert request(status="revoked")(world.house, one).status == 200
    assert states(world, one)[1] == "cancellation_requested"
    assert "statusReason" not in world.place.staff("GET", f"/fhir/Task/{one.task}").json


def instant(clock: Still) -> str:
    return instant_of(milliseconds(clock.now))


def later(clock: Still) -> str:
    """Ten seconds go by."""
    clock.now += timedelta(seconds=10)
    return instant(clock)


def test_what_changes_nothing_makes_no_version(world: World) -> None:
    one = world.sent()
    for name in ("changes nothing", "patches by a path"):
        got = ASKS[name][0](world.house, one)
    assert got.headers["etag"] == 'W/"2"'
    assert world.house("GET", f"/fhir/ServiceRequest/{one.request}").headers["etag"] == 'W/"1"'
    assert path_patch(world.house, one).headers["etag"] == 'W/"2"'
