"""The rules of consents, referrals and tasks: each names one place in its path and the other in its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.json import parse
from adapter.mapping.load import Maps
from adapter.mapping.referral_checks import CHECKS, ELEMENTS
from adapter.mapping.rules import named
from adapter.problems import Problem

Record = dict[str, Any]
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
EARLY, LATE = "2026-03-04", "2026-03-05T09:00:00-05:00"
NOT_REACHED = {"verified": False, "verified_at": "2026-02-03"}
TPO = ["treatment", "payment", "operations"]
NOTES: Record = {"kind": "counseling_notes", "decision": "permit", "sensitivities": ["psychotherapy_notes"]}
CASES: list[tuple[str, Record, list[tuple[str, str]]]] = [
    ("consent_dates", {"starts_on": EARLY, "expires_on": LATE}, []),
    ("consent_dates", {"starts_on": LATE, "expires_on": EARLY}, [("expires_on", "starts_on")]),
    ("consent_dates", {"signed_at": LATE, "expires_on": EARLY}, [("expires_on", "signed_at")]),
    ("consent_dates", {"signed_at": LATE, "revoked_at": EARLY}, [("revoked_at", "signed_at")]),
    ("consent_dates", {"data_from": LATE, "data_until": EARLY}, [("data_until", "data_from")]),
    (
        "consent_dates",
        {"exceptions": [{}, {"data_from": LATE, "data_until": EARLY}]},
        [("exceptions[1].data_until", "exceptions[1].data_from")],
    ),
    ("consent_dates", {"status": "active", "revoked_at": LATE}, [("revoked_at", "status")]),
    ("consent_dates", {"status": "inactive", "revoked_at": LATE}, []),
    ("consent_dates", {"revoked_how": "paper"}, [("revoked_how", "revoked_at")]),
    ("consent_scope", {"kind": "tpo", "purposes": TPO}, []),
    ("consent_scope", {"kind": "tpo", "purposes": ["treatment", "research"]}, [("purposes", "research")]),
    ("consent_scope", {"purposes": [*TPO, "research"]}, [("purposes", "research")]),
    ("consent_scope", {"kind": "specific", "purposes": [*TPO, "research"]}, []),
    ("consent_scope", {"purposes": ["legal_proceedings", "payment"]}, [("purposes", "legal_proceedings")]),
    ("consent_scope", {"kind": "legal_proceedings", "purposes": ["legal_proceedings"]}, []),
    ("consent_scope", {"kind": "legal_proceedings", "purposes": ["payment"]}, [("purposes", "kind")]),
    ("consent_scope", {"kind": "restriction", "decision": "permit"}, [("decision", "kind")]),
    ("consent_scope", {"kind": "restriction", "decision": "deny"}, []),
    ("consent_scope", {"kind": "tpo", "expires_with": "no_expiry"}, []),
    ("consent_scope", {"purposes": TPO, "expires_with": "no_expiry"}, []),
    ("consent_scope", {"kind": "specific", "expires_with": "no_expiry"}, [("expires_with", "kind")]),
    (
        "consent_scope",
        {"kind": "tpo", "expires_with": "no_expiry", "expires_on": LATE},
        [("expires_with", "expires_on")],
    ),
    (
        "consent_scope",
        {"decision": "permit", "exceptions": [{"decision": "deny"}, {"decision": "permit"}]},
        [("exceptions", "exceptions[1].decision")],
    ),
    ("consent_scope", {"kind": "tpo", "decision": "deny"}, []),
    ("consent_scope", {**NOTES, "kind": "tpo"}, [("sensitivities", "kind is tpo")]),
    ("consent_scope", {**NOTES, "sensitivities": ["psychotherapy_notes", "hiv"]}, [("sensitivities", "hiv")]),
    ("consent_scope", {**NOTES, "record_types": ["document", "session"]}, [("record_types", "session")]),
    ("consent_scope", {**NOTES, "sensitivities": ["substance_use"]}, [("sensitivities", "substance_use")]),
    ("consent_scope", {**NOTES, "record_types": ["document"]}, []),
    (
        "consent_scope",
        {**NOTES, "kind": "restriction", "decision": "deny", "sensitivities": [*NOTES["sensitivities"], "hiv"]},
        [],
    ),
    (
        "consent_scope",
        {"decision": "deny", "exceptions": [{"decision": "permit", "sensitivities": ["psychotherapy_notes", "hiv"]}]},
        [("exceptions[0].sensitivities", "hiv")],
    ),
    ("consent_verified", {"status": "active", "verifications": [{"verified": True}]}, []),
    ("consent_verified", {"status": "inactive", "verifications": [{"verified": False}]}, []),
    (
        "consent_verified",
        {"status": "active", "verifications": [{"verified": True}, {"verified": False}]},
        [("verifications[1].verified", "status is active")],
    ),
    (
        "consent_verified",
        {"status": "active", "verifications": [NOT_REACHED, {"verified": True, "verified_at": "2026-02-04"}]},
        [],
    ),
    (
        "consent_verified",
        {"status": "active", "verifications": [NOT_REACHED, {"verified": True, "verified_at": "2026-02-02"}]},
        [("verifications[0].verified", "status is active")],
    ),
    (
        "consent_verified",
        {"participant": "p1", "verifications": [{"verified": True, "asked": "Patient/p2"}]},
        [("verifications[0].asked", "participant")],
    ),
    ("consent_verified", {"participant": "p1", "verifications": [{"verified": True, "asked": "Patient/p1"}]}, []),
    ("consent_elements", {}, [("policy_rule", "policies")]),
    ("consent_elements", {"policies": [{}]}, []),
    ("facility_stay", {"facility_admitted_on": EARLY, "facility_discharged_on": EARLY, "requested_start": EARLY}, []),
    (
        "facility_stay",
        {"facility_admitted_on": "2026-03-06", "facility_discharged_on": EARLY},
        [("facility_discharged_on", "facility_admitted_on")],
    ),
    (
        "facility_stay",
        {"facility_discharged_on": "2026-03-07", "requested_start": LATE},
        [("requested_start", "facility_discharged_on")],
    ),
    (
        "facility_stay",
        {"facility_discharged_on": "2026-03-07", "requested_period": {"start": LATE, "end": EARLY}},
        [
            ("requested_period.end", "requested_period.start"),
            ("requested_period.start", "facility_discharged_on"),
        ],
    ),
    (
        "referral_course",
        {"authored_at": LATE, "answer": "accepted", "answered_on": EARLY},
        [("answered_on", "authored_at")],
    ),
    ("referral_course", {"authored_at": LATE, "closed_on": EARLY}, [("closed_on", "authored_at")]),
    (
        "referral_course",
        {"answer": "accepted", "answered_on": "2026-03-05", "closed_on": EARLY},
        [("closed_on", "answered_on")],
    ),
    (
        "referral_course",
        {"planned_period": {"start": LATE, "end": EARLY}},
        [("planned_period.end", "planned_period.start")],
    ),
    ("referral_course", {"status": "active", "closed_on": EARLY}, [("closed_on", "status")]),
    ("referral_course", {"status": "completed", "closed_on": EARLY, "outcome": "attended", "answer": "accepted"}, []),
    ("referral_course", {"outcome": "attended"}, [("outcome", "closed_on")]),
    ("referral_course", {"answered_on": EARLY}, [("answered_on", "answer")]),
    ("referral_course", {"answer_reason": "Full"}, [("answer_reason", "answer")]),
    ("referral_course", {"answer": "declined", "outcome": "attended", "closed_on": EARLY}, [("outcome", "answer")]),
    ("task_course", {"authored_at": LATE, "changed_at": EARLY}, [("changed_at", "authored_at")]),
    ("task_course", {"started_at": LATE, "ended_at": EARLY, "state": "completed"}, [("ended_at", "started_at")]),
    ("task_course", {"ended_at": EARLY, "state": "scheduled"}, [("ended_at", "state")]),
    ("task_course", {"state": "declined"}, [("state_reason", "declined")]),
    ("task_course", {"state": "declined", "state_reason": {"text": "Full"}, "ended_at": EARLY}, []),
]


@pytest.mark.parametrize(("rule", "record", "places"), CASES)
def test_a_rule_names_both_places(rule: str, record: Record, places: list[tuple[str, str]]) -> None:
    found = named()[rule](record)
    assert [path for path, _ in found] == [path for path, _ in places]
    for (_, reason), (_, other) in zip(found, places, strict=True):
        assert other in reason


@pytest.fixture
def tpo() -> Record:
    record: Record = parse((FIXTURES / "consent" / "tpo" / "native.json").read_bytes())
    return record


def refused(maps: Maps, concept: str, record: Record) -> list[str | None]:
    with pytest.raises(Problem) as told:
        maps.concepts[concept].to_fhir(record)
    return [issue.expression for issue in told.value.issues]


@pytest.mark.parametrize("element", ELEMENTS, ids=[element for element, *_ in ELEMENTS])
def test_an_active_part_2_consent_without_one_element_is_refused(
    maps: Maps, tpo: Record, element: tuple[str, ...]
) -> None:
    assert refused(maps, "consent", {k: v for k, v in tpo.items() if k not in element}) == [element[1]]


@pytest.mark.parametrize("statement", [0, 1, 2, 3])
def test_an_active_part_2_consent_whose_form_does_not_tell_is_refused(maps: Maps, tpo: Record, statement: int) -> None:
    tpo["statements"].pop(statement)
    assert refused(maps, "consent", tpo) == ["statements"]


def test_only_the_single_consent_may_have_no_end(maps: Maps, tpo: Record) -> None:
    del tpo["expires_with"]
    maps.concepts["consent"].to_fhir(tpo)
    specific = {**tpo, "kind": "specific", "purposes": ["treatment"]}
    assert refused(maps, "consent", specific) == ["expires_on"]
    for end in ({"expires_on": "2027-01-01"}, {"expires_with": "end_of_treatment"}, {"expires_when": "When I move."}):
        maps.concepts["consent"].to_fhir({**specific, **end})


@pytest.mark.parametrize(
    "change",
    [
        {"status": "draft"},
        {"decision": "deny"},
        {"laws": ["hipaa"], "policy_rule": "hipaa"},
    ],
)
def test_a_consent_that_permits_nothing_under_part_2_may_be_unfinished(maps: Maps, tpo: Record, change: Record) -> None:
    maps.concepts["consent"].to_fhir({k: v for k, v in tpo.items() if k not in ("signed_at", "recipients")} | change)


def test_a_received_consent_that_lacks_an_element_is_parked(maps: Maps, tpo: Record) -> None:
    consent = maps.concepts["consent"]
    record, _ = consent.to_native(consent.to_fhir({k: v for k, v in tpo.items() if k != "signed_at"}, park=True))
    assert [item["path"] for item in record["incomplete"]] == ["signed_at"]


@given(
    st.dictionaries(
        st.sampled_from(sorted({name for _, record, _ in CASES for name in record})),
        st.none()
        | st.integers()
        | st.sampled_from([EARLY, LATE, "active", "permit", "part2", "tpo", "no_expiry", "declined"])
        | st.lists(st.integers() | st.sampled_from(TPO) | st.just({"decision": "permit"}), max_size=3)
        | st.just({"start": LATE, "end": 3}),
    )
)
def test_no_rule_ever_raises(record: Record) -> None:
    for rule in CHECKS:
        rule(record)
