"""Ties: which organizations treat a patient and which pay for it, as the records say."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.consent.ties import ties_of
from adapter.fhir.dates import Calendar
from adapter.rules import BEGINNING, END, Bond, Tie

PATIENT = {"reference": "Patient/p"}
ORGANIZATION = {"reference": "Organization/o"}
YEAR = {"start": "2026-01-01", "end": "2026-12-31"}


def team(**more: Any) -> dict[str, Any]:
    member = {"member": ORGANIZATION, "period": {"start": "2026-03-01"}}
    made = {"resourceType": "CareTeam", "id": "t", "status": "active", "subject": PATIENT, "participant": [member]}
    return {**made, "period": YEAR, **more}


def coverage(**more: Any) -> dict[str, Any]:
    made = {"resourceType": "Coverage", "id": "c", "status": "active", "beneficiary": PATIENT, "payor": [ORGANIZATION]}
    return {**made, "period": YEAR, **more}


def episode(**more: Any) -> dict[str, Any]:
    made = {"resourceType": "EpisodeOfCare", "id": "e", "status": "active", "patient": PATIENT, "period": YEAR}
    return {**made, "careManager": {"reference": "Practitioner/x"}, **more}


def role(**more: Any) -> dict[str, Any]:
    made = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "Practitioner/x"}}
    return {**made, "period": YEAR, **more}


def test_a_member_treats_while_it_is_one_and_the_team_is_one(calendar: Calendar) -> None:
    during = calendar.interval("2026-03-01")[0], calendar.interval("2026-12-31")[1]
    assert ties_of(team(), calendar) == (Tie(Bond.TREATS, "p", "o", "CareTeam/t", *during),)


def test_the_general_practitioner_treats(calendar: Calendar) -> None:
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "generalPractitioner": [{"reference": "PractitionerRole/x"}, ORGANIZATION],
    }
    treating, caring = Bond.TREATS, Bond.CARES
    assert ties_of(patient, calendar) == (
        Tie(treating, "p", "o", "Patient/p", BEGINNING, END),
        Tie(caring, "p", "PractitionerRole/x", "Patient/p", BEGINNING, END),
    )
    assert ties_of({**patient, "active": False}, calendar) == ()


def test_a_member_of_the_staff_cares_while_he_is_one_and_treats_for_no_organization(calendar: Calendar) -> None:
    for who in ("Practitioner/x", "PractitionerRole/x"):
        member = {"member": {"reference": who}, "onBehalfOf": ORGANIZATION, "period": {"end": "2026-06-30"}}
        during = calendar.interval("2026-01-01")[0], calendar.interval("2026-06-30")[1]
        assert ties_of(team(participant=[member]), calendar) == (Tie(Bond.CARES, "p", who, "CareTeam/t", *during),)


@pytest.mark.parametrize("status", ["planned", "waitlist", "active", "onhold"])
def test_the_care_manager_cares_until_the_episode_ends(calendar: Calendar, status: str) -> None:
    end = calendar.interval("2026-12-31")[1]
    expected = Tie(Bond.CARES, "p", "Practitioner/x", "EpisodeOfCare/e", BEGINNING, end)
    assert ties_of(episode(status=status), calendar) == (expected,)


def first(condition: str = "Condition/c", **more: Any) -> dict[str, Any]:
    return {"condition": {"reference": condition}, "rank": 1, **more}


def visit(*diagnoses: Any, **more: Any) -> dict[str, Any]:
    who = {"reference": "Patient/p"}
    return {"resourceType": "Encounter", "id": "e", "status": "finished", "subject": who, "diagnosis": diagnoses} | more


def test_a_visit_an_episode_or_a_claim_says_which_diagnosis_is_the_principal_one(calendar: Calendar) -> None:
    def tie(source: str) -> Tie:
        return Tie(Bond.PRINCIPAL, "Condition/c", "p", source)

    who = {"reference": "Patient/p"}
    episodes = {
        "resourceType": "EpisodeOfCare",
        "id": "e",
        "status": "finished",
        "patient": who,
        "diagnosis": [first()],
    }
    kind = {"coding": [{"code": "principal"}]}
    said = [{"diagnosisReference": {"reference": "Condition/c/_history/2"}, "type": [kind]}]
    claim = {"resourceType": "Claim", "id": "e", "status": "active", "patient": who, "diagnosis": said}
    assert ties_of(visit(first(), first("Condition/d", rank=2)), calendar) == (tie("Encounter/e"),)
    assert ties_of(visit(first(use={"coding": [{"code": "AD"}]})), calendar) == (tie("Encounter/e"),)
    assert ties_of(episodes, calendar) == (tie("EpisodeOfCare/e"),)
    assert ties_of(claim, calendar) == (tie("Claim/e"),)


def test_nothing_else_does(calendar: Calendar) -> None:
    beside = first(use={"coding": [{"code": "CM"}]})
    for one in (
        *(visit(), visit(beside), visit(first("Procedure/c")), visit(first("https://x.example/Condition/c"))),
        *(visit({"condition": {"display": "a name"}, "rank": 1}), visit(first(), subject={"reference": "Group/g"})),
        *(visit(first(), status="cancelled"), visit(first(), status="entered-in-error"), visit(first(rank=2))),
        {"resourceType": "Claim", "id": "e", "status": "active", "patient": {"reference": "Patient/p"}},
    ):
        assert ties_of(one, calendar) == (), one


def test_who_holds_a_role_is_told_by_the_role(calendar: Calendar) -> None:
    own, (begin, _), (_, end) = "PractitionerRole/r", calendar.interval("2026-01-01"), calendar.interval("2026-12-31")
    assert ties_of(role(), calendar) == (Tie(Bond.HOLDS, own, "Practitioner/x", own, begin, end),)


def test_every_payor_pays_to_the_end_of_the_last_day_in_the_program_s_zone(calendar: Calendar) -> None:
    both = coverage(payor=[ORGANIZATION, {"reference": "Organization/second"}], order=2)
    tied = ties_of(both, calendar)
    assert [(tie.bond, tie.organization) for tie in tied] == [(Bond.COVERS, "o"), (Bond.COVERS, "second")]
    assert tied[0].valid_until == calendar.interval("2027-01-01T00:00:00-07:00")[0]


def test_without_a_period_a_tie_has_no_end(calendar: Calendar) -> None:
    made = coverage()
    del made["period"]
    assert ties_of(made, calendar)[0].valid_until == END


@pytest.mark.parametrize(
    "resource",
    [
        team(status="inactive"),
        team(status="entered-in-error"),
        team(subject={"reference": "Group/g"}),
        team(participant=[{"member": {"reference": "RelatedPerson/x"}, "onBehalfOf": ORGANIZATION}]),
        team(participant=[{"member": {"display": "My doctor"}}]),
        team(participant=[{"member": ORGANIZATION, "period": {"start": "2027-01-02"}}]),
        coverage(status="cancelled"),
        coverage(status="draft"),
        coverage(payor=[PATIENT]),
        coverage(payor=[{"reference": "https://elsewhere.example/fhir/Organization/o"}]),
        {"resourceType": "Patient", "id": "p", "managingOrganization": ORGANIZATION},
        episode(status="finished"),
        episode(status="cancelled"),
        episode(patient={"reference": "Group/g"}),
        episode(careManager={"display": "Somebody"}),
        role(active=False),
        role(practitioner={"display": "Somebody"}),
        {"resourceType": "Encounter", "id": "e", "subject": PATIENT, "serviceProvider": ORGANIZATION},
    ],
)
def test_what_is_not_active_or_names_no_organization_ties_nobody(resource: dict[str, Any], calendar: Calendar) -> None:
    assert ties_of(resource, calendar) == ()
