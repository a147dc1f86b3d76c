"""The program's EHR asks a payer for authorization by `Claim/$submit`: one commit, one request, one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doors.serving import Got, door
from tests.doors.test_guarded import OURS, THEIRS, Place, Sender, disclosures, placed
from tests.journeys.receivers import worked
from tests.journeys.test_authorization_request import There, approved, at, parked

Json = dict[str, Any]
EHR = "https://ehr.invented.example/fhir"
SUBMIT = "/fhir/Claim/$submit"
SYSTEM = "urn:example:ehr"
CODES = "http://terminology.hl7.org/CodeSystem"


def named(value: str) -> Json:
    return {"identifier": [{"system": SYSTEM, "value": value}]}


def coded(system: str, code: str) -> Json:
    return {"coding": [{"system": f"{CODES}/{system}", "code": code}]}


def claim(number: str) -> Json:
    return {
        "resourceType": "Claim",
        **named(number),
        "status": "active",
        "type": coded("claim-type", "professional"),
        "use": "preauthorization",
        "patient": {"reference": "Patient/1"},
        "created": "2026-03-01",
        "insurer": {"reference": "Organization/payer"},
        "provider": {"reference": f"{EHR}/Organization/program"},
        "priority": coded("processpriority", "normal"),
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/1"}}],
        "item": [
            {
                "sequence": 1,
                "productOrService": {
                    "coding": [{"system": "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "code": "H0015"}]
                },
                "quantity": {"value": 12, "system": "http://unitsofmeasure.org", "code": "d", "unit": "days"},
            }
        ],
    }


def packet(person: str, number: str = "R-1") -> Json:
    """A Bundle as EHRs send it: addresses of their own, and the person by a number that the program knows."""
    coverage = {"resourceType": "Coverage", **named("M-1"), "status": "active", "subscriberId": "S-1"}
    coverage |= {"beneficiary": {"reference": "Patient/1"}, "payor": [{"reference": "Organization/payer"}]}
    coverage |= {"relationship": coded("subscriber-relationship", "self"), "period": {"start": "2026-01-01"}}
    parts = {
        "Claim/9": claim(number),
        "Patient/1": {"resourceType": "Patient", **named(person), "gender": "female"},
        "Coverage/1": coverage,
        "Organization/payer": {"resourceType": "Organization", **named("payer"), "name": "Invented Health"},
        "Organization/program": {"resourceType": "Organization", **named("program"), "name": "An invented program"},
    }
    entries = [{"fullUrl": f"{EHR}/{name}", "resource": resource} for name, resource in parts.items()]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": "2026-03-01T09:00:00Z", "entry": entries}


class Ehr:
    """The program's EHR, at a program that knows a person and a payer by its numbers."""

    def __init__(self, place: Place, person: str) -> None:
        self.place, self.person = place, person
        self.client: Sender = place.client("program-ehr", OURS, "system/*.cruds")
        for type, id, number in (("Patient", person, "P-1"), ("Organization", THEIRS, "payer")):
            whole = place.staff("GET", f"/fhir/{type}/{id}").json
            assert place.staff("PUT", f"/fhir/{type}/{id}", whole | named(number)).status == 200

    def sends(self, number: str = "R-1", change: Callable[[Json], Any] = lambda _: None) -> Got:
        body = packet("P-1", number)
        change(body)
        return self.client("POST", SUBMIT, body)

    def stored(self) -> list[int]:
        """How many of each there are."""
        types = ("Claim", "Patient", "Coverage", "Organization", "ClaimResponse")
        return [self.place.staff("GET", f"/fhir/{type}?_summary=count").json["total"] for type in types]


@pytest.fixture
def ehr(tmp_path: Path) -> Iterator[Ehr]:
    with placed(tmp_path) as place:
        yield Ehr(place, place.participant())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ehr]:
    """One for all that stores nothing."""
    with placed(tmp_path_factory.mktemp("shared")) as place:
        yield Ehr(place, place.participant())


@pytest.fixture
def there(tmp_path: Path) -> Iterator[There]:
    with at(tmp_path) as there:
        yield there


def answer(got: Got) -> Json:
    """The ClaimResponse, which the Bundle begins with."""
    assert got.status == 200, got.body
    assert door().check(got.json) == []
    assert got.json["type"] == "collection"
    return dict(got.json["entry"][0]["resource"])


def test_it_is_a_request_of_the_program_with_what_it_points_to(ehr: Ehr) -> None:
    said = answer(got := ehr.sends())
    assert (said["resourceType"], said["outcome"], said["use"]) == ("ClaimResponse", "queued", "preauthorization")
    assert ehr.stored() == [1, 1, 1, 4, 0]
    id = said["request"]["reference"].rpartition("/")[2]
    record = ehr.place.staff("GET", f"/iop/authorization_request/{id}").json
    assert (record["participant"], record["payer"], record["status"]) == (ehr.person, THEIRS, "active")
    assert record["services"][0]["amount"] == {"value": 12, "unit": "days"}
    coverage = ehr.place.staff("GET", f"/iop/coverage/{record['coverages'][0]['coverage']}").json
    assert (coverage["participant"], coverage["payer"]) == (ehr.person, f"Organization/{THEIRS}")
    told = got.json["entry"][1]["resource"]["issue"]
    assert [one["expression"] for one in told] == [
        ["Bundle.entry[1]"],
        ["Bundle.entry[3]"],
        ["Bundle.entry[0].resource.insurer"],
    ]
    assert "no partner" in said["disposition"]
    assert [row[:3] for row in disclosures(ehr.place)][-1] == ("program-ehr", "qsoa", "$submit")


def test_sent_twice_or_by_many_hands_at_once_it_is_one(ehr: Ehr) -> None:
    who = {"authorization": f"Bearer {ehr.client.token}", "content-type": "application/fhir+json"}
    sent = [("POST", SUBMIT, packet("P-1"), who)] * 8
    got = [*ehr.place.guarded.together(sent), ehr.sends()]
    assert len({answer(one)["request"]["reference"] for one in got}) == 1
    assert ehr.stored() == [1, 1, 1, 4, 0]
    assert answer(ehr.sends("R-2"))["request"] != answer(ehr.sends())["request"]
    assert ehr.stored() == [2, 1, 1, 4, 0]


def test_another_request_under_the_same_identifier_is_refused_and_nothing_is_changed(ehr: Ehr) -> None:
    id = answer(ehr.sends())["request"]["reference"].rpartition("/")[2]

    def more(body: Json) -> None:
        body["entry"][0]["resource"]["item"][0]["quantity"]["value"] = 20

    got = ehr.sends(change=more)
    assert (got.status, got.expressions) == (409, ["Bundle.entry[0].resource.identifier"])
    stored = ehr.place.staff("GET", f"/fhir/Claim/{id}")
    assert stored.json["item"][0]["quantity"]["value"] == 12
    closed = stored.json | {"status": "cancelled"}
    assert ehr.place.staff("PUT", f"/fhir/Claim/{id}", closed).status == 200
    assert ehr.sends().status == 409


def test_parts_by_their_address_here_are_those_records(ehr: Ehr) -> None:
    base = ehr.place.program.base_url

    def ours(body: Json) -> None:
        body["entry"][1]["fullUrl"] = f"{base}/Patient/{ehr.person}"
        del body["entry"][1]["resource"]["identifier"]
        body["entry"][0]["resource"]["patient"] = {"reference": f"{base}/Patient/{ehr.person}"}
        body["entry"][2]["resource"]["beneficiary"] = {"reference": f"{base}/Patient/{ehr.person}"}

    said = answer(ehr.sends(change=ours))
    assert said["patient"]["reference"] == f"{base}/Patient/{ehr.person}"
    assert ehr.stored() == [1, 1, 1, 4, 0]
    again = answer(ehr.sends(change=put("entry", 0, "fullUrl", said["request"]["reference"])))
    assert again["request"] == said["request"]
    assert ehr.sends("R-7", put("entry", 0, "fullUrl", f"{base}/Claim/nothing")).status == 422
    assert ehr.stored() == [1, 1, 1, 4, 0]


def put(*path: Any) -> Callable[[Json], None]:
    """Sets what is at a path to the last; None takes it out."""
    *inside, last, value = path

    def change(body: Json) -> None:
        at: Any = body
        for step in inside:
            at = at[step]
        if value is None:
            del at[last]
        else:
            at[last] = value

    return change


NOTICE: Json = {"resourceType": "Subscription", "status": "requested", "reason": "x", "criteria": "Patient?"}
CLAIMED = ("entry", 0, "resource")
FAULTS: dict[str, tuple[Callable[[Json], None], int, str]] = {
    "a transaction": (put("type", "searchset"), 422, "Bundle.type"),
    "no Claim": (put(*CLAIMED, {"resourceType": "Basic", "code": {"text": "x"}}), 422, "Bundle.entry"),
    "a claim for payment": (put(*CLAIMED, "use", "claim"), 422, "Bundle.entry[0].resource.use"),
    "a draft": (put(*CLAIMED, "status", "draft"), 422, "Bundle.entry[0].resource.status"),
    "no identifier": (put(*CLAIMED, "identifier", None), 422, "Bundle.entry[0].resource.identifier"),
    "no payer": (put(*CLAIMED, "insurer", None), 422, "Bundle.entry[0].resource.insurer"),
    "no name": (put("entry", 2, "fullUrl", None), 422, "Bundle.entry[2].fullUrl"),
    "one name twice": (put("entry", 2, "fullUrl", f"{EHR}/Patient/1"), 400, "Bundle.entry[2].fullUrl"),
    "no resource": (put("entry", 2, "resource", None), 422, "Bundle.entry[2].resource"),
    "not R4": (put("entry", 2, "resource", "status", "maybe"), 422, "Bundle.entry[2].resource.status"),
    "an unknown type": (
        put("entry", 4, "resource", {"resourceType": "Nothing"}),
        400,
        "Bundle.entry[4].resource.resourceType",
    ),
    "one record twice": (
        put("entry", 4, "resource", "identifier", [{"system": SYSTEM, "value": "payer"}]),
        *(422, "Bundle.entry[4].resource.identifier"),
    ),
    "what is no record": (
        put("entry", 4, "resource", NOTICE | {"channel": {"type": "rest-hook"}}),
        *(422, "Bundle.entry[4].resource"),
    ),
    "no Patient": (put("entry", 1, "resource", {"resourceType": "Basic", "code": {"text": "x"}}), 422, "Bundle.entry"),
    "nobody here": (
        put("entry", 1, "resource", "identifier", [{"system": SYSTEM, "value": "other"}]),
        *(422, "Bundle.entry[1].resource.identifier"),
    ),
    "somebody of another age": (
        put("entry", 1, "resource", "birthDate", "1950-01-01"),
        *(422, "Bundle.entry[1].resource.birthDate"),
    ),
    "another's address": (
        put("entry", 1, "fullUrl", "http://127.0.0.1:8000/fhir/Patient/nobody"),
        *(422, "Bundle.entry[1].fullUrl"),
    ),
    "somebody else": (put(*CLAIMED, "patient", {"reference": "Patient/2"}), 422, "Bundle.entry[0].resource.patient"),
    "what does not come": (
        put(*CLAIMED, "facility", {"reference": "Location/5"}),
        *(422, "Bundle.entry[0].resource.facility"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_named_by_its_place_and_nothing_is_stored(shared: Ehr, fault: str) -> None:
    change, status, place = FAULTS[fault]
    got = shared.sends(change=change)
    assert (got.status, place in got.expressions) == (status, True), got.body
    assert shared.stored() == [0, 1, 0, 3, 0]


def test_all_that_is_wrong_is_said_at_once(shared: Ehr) -> None:
    def wrong(body: Json) -> None:
        put("type", "searchset")(body)
        put(*CLAIMED, "use", "claim")(body)
        put("entry", 3, "fullUrl", None)(body)

    got = shared.sends(change=wrong)
    assert {"Bundle.type", "Bundle.entry[0].resource.use", "Bundle.entry[3].fullUrl"} <= set(got.expressions)


def test_others_than_the_programs_ehr_and_who_lacks_a_scope_are_refused(shared: Ehr) -> None:
    for kind in ("provider-ehr", "payer", "facility", "staff", "privacy-officer"):
        scopes = "user/*.cruds" if kind in ("staff", "privacy-officer") else "system/*.cruds"
        assert shared.place.client(kind, THEIRS, scopes)("POST", SUBMIT, packet("P-1")).status == 403, kind
    few = shared.place.client("program-ehr", OURS, "system/Claim.crs system/Patient.r system/ClaimResponse.r")
    got = few("POST", SUBMIT, packet("P-1"))
    assert (got.status, got.expressions) == (403, [f"Bundle.entry[{n}].resource" for n in (2, 3, 4)])
    assert shared.place.guarded("POST", SUBMIT, packet("P-1")).status == 401
    assert shared.stored() == [0, 1, 0, 3, 0]


def test_it_comes_as_xml_and_in_parameters_too(ehr: Ehr) -> None:
    given = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": packet("P-1")}]}
    assert answer(ehr.client("POST", SUBMIT, given))["outcome"] == "queued"
    got = ehr.client("POST", SUBMIT, packet("P-1"), accept="application/fhir+xml")
    assert (got.status, b"<ClaimResponse" in got.body) == (200, True)
    assert ehr.client("POST", SUBMIT, {"resourceType": "Claim"}).status == 422
    assert ehr.client("POST", SUBMIT, b"", **{"content-type": "application/fhir+json"}).status == 400


def test_it_goes_to_the_payer_by_a_consent_and_the_payers_answer_is_the_answer(there: There) -> None:
    ehr = Ehr(there.place, there.person)
    assert "once a consent covers it" in answer(ehr.sends())["disposition"]
    worked(there.place)
    assert there.payer.heard == []
    there.place.consent(there.person)
    ehr.sends()
    worked(there.place)
    [(bundle, _)] = there.payer.heard
    assert bundle["entry"][0]["resource"]["item"][0]["quantity"]["value"] == 12
    said = answer(ehr.sends())
    assert (said["outcome"], said["preAuthRef"], said["patient"]["reference"]) == (
        *("complete", "AUTH-9"),
        f"Patient/{there.person}",
    )
    worked(there.place)
    assert len(there.payer.heard) == 1
    assert not any("no consent" in reason for reason in parked(there.place, said["request"]["reference"][6:]))


def test_while_the_payer_says_that_it_waits_so_does_the_answer(there: There) -> None:
    there.place.consent(there.person)
    ehr = Ehr(there.place, there.person)
    waiting = approved(outcome="queued", disposition="Pended by the payer")
    there.payer.says = {name: value for name, value in waiting.items() if name != "preAuthRef"}
    ehr.sends()
    worked(there.place)
    assert answer(ehr.sends())["disposition"] == "Pended by the payer"
    there.payer.says = None
    worked(there.place)
    assert answer(ehr.sends())["outcome"] == "complete"
