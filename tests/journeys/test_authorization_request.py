"""A request for authorization goes to its payer, as a file or to its server: what a payer may see, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapter.consent.notice import SHORT
from tests.doors import staff
from tests.doors.serving import Clock, Got, door
from tests.doors.test_guarded import OTHERS, THEIRS, Place, Sender, disclosures, placed
from tests.doors.test_payers import RESTRICTED, covered
from tests.journeys.receivers import add_partner, free_port, running, worked
from tests.journeys.test_aftercare_pair import written

Json = dict[str, Any]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with placed(tmp_path) as place:
        yield place


def organization(place: Place, name: str) -> str:
    return written(place, {"resourceType": "Organization", "name": name})


def request(place: Place, person: str, **more: Any) -> str:
    """A request with a supporting screen, a note of its own and a diagnosis in codes."""
    screen = {"resourceType": "Observation", "status": "final", "code": {"text": "PHQ-9"}, "valueString": "Canary"}
    screened = written(place, screen | {"subject": {"reference": f"Patient/{person}"}})
    diagnosis = {"codes": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F10.20"}]}
    said = {"participant": person, "status": "active", "form": "professional", "created_at": "2026-03-01"}
    said |= {"provider": f"Organization/{organization(place, 'An invented program')}", "priority": "normal"}
    facts = [{"number": 1, "kind": {"text": "Screening"}, "record": f"Observation/{screened}"}]
    facts += [{"number": 2, "kind": {"text": "Message"}, "words": "Canary"}]
    amount = {"value": 12, "unit": "days"}
    coverages = [{"number": 1, "coverage": covered(place, person), "asked": True}]
    said |= {"diagnoses": [{"number": 1, "diagnosis": diagnosis}], "facts": facts, "coverages": coverages}
    said |= {"services": [{"number": 1, "service": "sud_intensive_outpatient", "amount": amount}], "payer": THEIRS}
    got = place.staff("POST", "/iop/authorization_request", {k: v for k, v in (said | more).items() if v is not None})
    assert got.status == 201, got.body
    return got.id


def made(place: Place, id: str, who: Sender | None = None) -> Got:
    return (who or place.staff)("GET", f"/iop/authorization_request/{id}/$document")


def parked(place: Place, id: str) -> list[str]:
    """What staff still have to look at."""
    rows = place.staff("GET", "/iop/parked").json["items"]
    return [row["reason"] for row in rows if row["id"] == id and "resolution" not in row]


def test_it_begins_with_the_claim_and_holds_what_the_payer_sees_of_what_it_points_to(place: Place) -> None:
    person = place.participant()
    consent = place.consent(person)
    id = request(place, person)
    got = made(place, id)
    assert got.status == 200, got.body
    assert got.headers["content-type"] == "application/fhir+json"
    assert got.headers["x-confidentiality-notice"] == SHORT
    bundle = got.json
    assert not door().check(bundle)
    types = [one["resource"]["resourceType"] for one in bundle["entry"]]
    assert types == ["Claim", "Patient", "Coverage", "Organization", "Organization"]
    assert bundle["entry"][0]["fullUrl"] == f"{place.program.base_url}/Claim/{id}"
    claim = bundle["entry"][0]["resource"]
    assert claim["item"][0]["quantity"]["value"] == 12
    assert claim["patient"]["reference"] == bundle["entry"][1]["fullUrl"]
    assert b"Canary" not in got.body
    [row] = disclosures(place)
    assert row[:3] == ("payer", consent["id"], "$document")
    reasons = " ".join(parked(place, id))
    assert "Observation/" in reasons
    assert "supportingInfo 2" in reasons


@pytest.mark.parametrize("why", ["no consent", "not a member", "restricted", "not there"])
def test_what_the_payer_may_not_see_is_not_there_and_nothing_is_disclosed(place: Place, why: str) -> None:
    person = place.participant()
    if why != "no consent":
        place.consent(person)
    id = request(place, person)
    if why == "restricted":
        place.consent(person, **RESTRICTED)
    if why == "not a member":
        coverage = place.staff("GET", f"/fhir/Coverage?patient={person}").json["entry"][0]["resource"]
        ended = coverage | {"payor": [{"reference": f"Organization/{OTHERS}"}]}
        assert place.staff("PUT", f"/fhir/Coverage/{coverage['id']}", ended).status == 200
    got = made(place, "nobody" if why == "not there" else id)
    assert got.status == 404
    assert disclosures(place) == []


def test_a_draft_and_a_request_to_nobody_are_refused(place: Place) -> None:
    person = place.participant()
    place.consent(person)
    assert made(place, request(place, person, status="draft")).status == 409
    assert made(place, request(place, person, payer=None)).status == 409
    assert place.staff("GET", "/iop/authorization_request/x/$document?x=1").status == 400


def test_only_who_may_write_a_request_has_it_made(place: Place) -> None:
    person = place.participant()
    place.consent(person)
    id = request(place, person)
    statuses = {role: made(place, id, somebody(place, role)).status for role in ("billing", "counselor", "intake")}
    assert statuses == {"billing": 200, "counselor": 403, "intake": 403}


def somebody(place: Place, role: str) -> Sender:
    id, scopes = f"a-{role}", "user/*.cruds"
    staff.app(place.program, id)
    return Sender(place.guarded, staff.token(place.program, staff.account(place.program, id, role), id, scopes))


class Payer:
    """The server of a payer; `says` is its answer to the next request."""

    def __init__(self) -> None:
        self.heard: list[tuple[Json, dict[str, str]]] = []
        self.says: Json | None = None
        self.app = Starlette(routes=[Route("/fhir/Claim/$submit", self._submit, methods=["POST"])])

    async def _submit(self, request: Request) -> Response:
        bundle = json.loads(await request.body())
        self.heard.append((bundle, dict(request.headers)))
        said = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": self.says or approved()}]}
        return Response(json.dumps(said), 200, media_type="application/fhir+json")


def approved(**more: Any) -> Json:
    """An answer as payers give it, which points to records of theirs."""
    detail = "http://hl7.org/fhir/us/davinci-pas/STructureDefinition/x"
    elsewhere = {"url": detail, "valueReference": {"reference": "Organization/theirs"}}
    money = "http://terminology.hl7.org/CodeSystem/adjudication"
    return {
        "resourceType": "ClaimResponse",
        "id": "77",
        "identifier": [{"system": "urn:example:payer", "value": "55"}],
        "status": "active",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]},
        "use": "preauthorization",
        "patient": {"reference": "Patient/theirs"},
        "created": "2026-03-02",
        "insurer": {"reference": "Organization/theirs"},
        "request": {"reference": "Claim/theirs"},
        "outcome": "complete",
        "disposition": "Approved",
        "preAuthRef": "AUTH-9",
        "item": [
            {
                "itemSequence": 1,
                "extension": [elsewhere],
                "adjudication": [{"category": {"coding": [{"system": money, "code": "submitted"}]}}],
            }
        ],
    } | more


class There:
    """A program, and the server of a payer."""

    def __init__(self, place: Place, payer: Payer, clock: Clock) -> None:
        self.place, self.payer, self.clock = place, payer, clock
        self.person = place.participant()

    def submitted(self, id: str) -> Got:
        return self.place.staff("POST", f"/iop/authorization_request/{id}/$submit")

    def answers(self) -> list[Json]:
        return list(self.place.staff("GET", f"/iop/authorization?participant={self.person}").json["records"])


@pytest.fixture
def there(tmp_path: Path) -> Iterator[There]:
    with at(tmp_path) as there:
        yield there


@contextmanager
def at(folder: Path) -> Iterator[There]:
    clock, port, payer = Clock(), free_port(), Payer()
    with placed(folder, clock, partner_networks="127.0.0.0/8") as place, running(payer.app, port):
        add_partner(place, "plan", f"http://127.0.0.1:{port}/fhir", organization=THEIRS)
        yield There(place, payer, clock)


def test_a_request_is_sent_once_and_the_answer_is_an_authorization(there: There) -> None:
    consent = there.place.consent(there.person)
    id = request(there.place, there.person)
    assert [there.submitted(id).status for _ in range(2)] == [202, 202]
    worked(there.place)
    [(bundle, headers)] = there.payer.heard
    assert bundle["entry"][0]["resource"]["resourceType"] == "Claim"
    assert headers["x-confidentiality-notice"] == SHORT
    assert "Canary" not in json.dumps(bundle)
    [row] = disclosures(there.place)
    assert row[:3] == ("payer", consent["id"], "Claim/$submit")
    [answer] = there.answers()
    assert (answer["number"], answer["request"], answer["payer"]) == ("AUTH-9", id, THEIRS)
    assert "incomplete" not in answer
    resource = there.place.staff("GET", f"/fhir/ClaimResponse/{answer['id']}").json
    assert resource["item"][0]["extension"][0]["valueReference"] == {"display": "Organization of the payer"}
    assert "theirs" not in json.dumps(resource)
    assert there.submitted(id).status == 409
    assert any("Observation/" in reason for reason in parked(there.place, id))


def test_one_that_waits_is_asked_again_and_its_answer_takes_the_place(there: There) -> None:
    there.place.consent(there.person)
    id = request(there.place, there.person)
    there.payer.says = approved(outcome="queued", preAuthRef=None, disposition="Pended")
    there.payer.says = {name: value for name, value in there.payer.says.items() if value is not None}
    there.submitted(id)
    worked(there.place)
    assert [one["outcome"] for one in there.answers()] == ["queued"]
    there.payer.says = None
    assert there.submitted(id).status == 202
    worked(there.place)
    assert [one["outcome"] for one in there.answers()] == ["complete"]
    assert len({bundle["identifier"]["value"] for bundle, _ in there.payer.heard}) == 1


def test_without_a_consent_nothing_leaves_until_there_is_one(there: There) -> None:
    id = request(there.place, there.person)
    there.submitted(id)
    worked(there.place)
    assert (there.payer.heard, disclosures(there.place)) == ([], [])
    assert any("no consent lets the payer" in reason for reason in parked(there.place, id))
    there.place.consent(there.person)
    there.clock.now += timedelta(minutes=16)
    worked(there.place)
    assert len(there.payer.heard) == 1
    assert not any("no consent lets the payer" in reason for reason in parked(there.place, id))


@pytest.mark.parametrize("says", [{"resourceType": "OperationOutcome", "issue": []}, approved(use="claim")])
def test_an_answer_that_is_none_is_named_to_staff_and_nothing_is_taken(there: There, says: Json) -> None:
    there.place.consent(there.person)
    id = request(there.place, there.person)
    there.payer.says = says
    there.submitted(id)
    worked(there.place)
    assert there.answers() == []
    failing = there.place.staff("GET", "/iop/deliveries").json["items"]
    assert [(one["kind"], one["request"]) for one in failing] == [("authorize", id)]


def test_a_bad_answer_is_not_taken(there: There) -> None:
    there.place.consent(there.person)
    id = request(there.place, there.person)
    there.payer.says = approved(status="perhaps")
    there.submitted(id)
    worked(there.place)
    assert there.answers() == []
    assert any("answer is not taken" in reason for reason in parked(there.place, id))


def test_what_cannot_be_sent_is_refused(there: There) -> None:
    place, person = there.place, there.person
    assert there.submitted("nobody").status == 404
    assert there.submitted(request(place, person, status="draft")).status == 409
    assert there.submitted(request(place, person, payer=OTHERS)).status == 409
