"""A request for authorization goes to its payer: as a file, with what a payer may see and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.consent.notice import SHORT
from tests.doors import staff
from tests.doors.serving import Got, door
from tests.doors.test_guarded import OTHERS, THEIRS, Place, Sender, disclosures, placed
from tests.doors.test_payers import RESTRICTED, covered
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
    return [row["reason"] for row in place.staff("GET", "/iop/parked").json["items"] if row["id"] == id]


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
