"""How long an answer takes does not tell a hidden patient from one who is not there, however many records there are.

Requests of both alternate, and the quickest answers are compared; the bench `hidden` compares all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from time import perf_counter

import pytest

from tests.doors import staff
from tests.doors.test_guarded import THEIRS, Json, Place, Sender, placed
from tests.doors.test_non_interference import Still
from tests.doors.test_payers import covered

VISITS, FEW, TURNS = 1_000, 10, 400
MOST = 0.001
"""Seconds that it may take longer; to look at so many visits takes twice as long."""
ABSENT = "00000000-0000-7000-8000-fffffffffffe"
SEARCHES = (
    "Encounter?patient={}",
    "Encounter?subject=Patient/{}",
    "Encounter?patient=Patient/{}&_total=accurate",
    "Encounter?subject={}&_summary=count",
    "Patient/{}/Encounter",
    "Encounter?patient={}&date=ge2026-01&_sort=_lastUpdated",
)
CHAINED = (
    "Encounter?patient._id={}",
    "Patient?_has:Encounter:patient:subject=Patient/{}",
)
SCOPE = "Patient/{}/$consent-scope"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with placed(tmp_path_factory.mktemp("timing"), Still()) as place:
        yield place


def visited(place: Place) -> str:
    """Somebody whom the provider treats and the payer covers, with many visits, and no consent; the id."""
    person = place.participant()
    place.treated(person)
    covered(place, person)
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    visit = {"resourceType": "Encounter", "status": "finished", "class": kind}
    visit |= {"subject": {"reference": f"Patient/{person}"}}
    for at in range(0, VISITS, 250):
        days = [visit | {"period": {"start": f"2026-01-{1 + n % 28:02}"}} for n in range(at, at + 250)]
        entries = [{"resource": one, "request": {"method": "POST", "url": "Encounter"}} for one in days]
        got = place.staff("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert got.status == 200, got.body
    return person


def refusal(person: str) -> Json:
    """A restriction of everything that the organization asks for."""
    named = [{"recipient": f"Organization/{THEIRS}"}]
    said = {"participant": person, "status": "active", "decision": "deny", "kind": "restriction", "recipients": named}
    return said | {"laws": ["part2"], "policy_rule": "part2", "signed_at": "2026-01-12"}


@pytest.fixture(scope="module")
def hidden(place: Place) -> Sequence[str]:
    """One without a consent, and one with a consent and a refusal."""
    silent, refusing = visited(place), visited(place)
    place.consent(refusing)
    got = place.staff("POST", "/iop/consent", refusal(refusing))
    assert got.status == 201, got.body
    return silent, refusing


def gap(sender: Sender, url: str, id: str) -> float:
    """By how many seconds the answer about this one takes longer than about nobody; neither shows any.

    What is delayed by something else on the machine is asked again.
    """
    quickest = [math.inf, math.inf]
    for turn in range(TURNS):
        for place in (0, 1) if turn % 2 else (1, 0):
            asked = url.format((id, ABSENT)[place])
            begun = perf_counter()
            got = sender("GET", f"/fhir/{asked}")
            quickest[place] = min(quickest[place], perf_counter() - begun)
            assert (got.status, got.json.get("total", 0)) == (200, 0), got.body
        if turn >= FEW and abs(quickest[0] - quickest[1]) < MOST:
            break
    return quickest[0] - quickest[1]


@pytest.mark.parametrize("kind", ["provider-ehr", "payer"])
def test_a_search_by_a_hidden_patient_takes_as_long_as_by_an_absent_one(
    place: Place, hidden: Sequence[str], kind: str
) -> None:
    sender = place.client(kind, scopes="system/*.rs")
    for url in SEARCHES if kind == "payer" else (*SEARCHES, *CHAINED, SCOPE):
        for id in hidden:
            assert gap(sender, url, id) < MOST, url


def test_for_the_staff_too_whose_care_they_are_not_in(place: Place, hidden: Sequence[str]) -> None:
    staff.app(place.program, "office")
    account = staff.account(place.program, "c1", "counselor")
    counselor = Sender(place.guarded, staff.token(place.program, account, "office", "user/*.rs"))
    for url in (*SEARCHES, *CHAINED):
        assert gap(counselor, url, hidden[0]) < MOST, url


def test_who_may_see_the_patient_finds_all(place: Place) -> None:
    shown = visited(place)
    place.consent(shown)
    for kind in ("provider-ehr", "payer"):
        sender = place.client(kind, scopes="system/*.rs")
        for url in SEARCHES:
            found = sender("GET", f"/fhir/{url.format(shown)}").json
            assert "entry" in found or found["total"] == VISITS, (kind, url)
