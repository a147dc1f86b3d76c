"""The rules of services, medications, allergies, coverage, authorizations and documents: each names both places."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.json import Lexeme
from adapter.mapping.document_checks import UNKNOWN
from adapter.mapping.rules import named

HOURS = {"start": "2026-03-04T09:00:00-05:00", "end": "2026-03-04T12:00:00-05:00"}
BACK = {"start": "2026-03-04", "end": "2026-03-03"}
ASKED = {"coverages": [{"number": 1, "asked": True}]}
APRIL = {"starts_on": "2026-04-01", "ends_on": "2026-04-30"}
URL = {"file": {"url": "Binary/1"}}
CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("service_day", {"status": "completed"}, ["day"]),
    ("service_day", {"status": "in_progress"}, ["day"]),
    ("service_day", {"status": "not_done"}, []),
    ("service_day", {"status": "completed", "day": "2026-03-04"}, []),
    ("service_day", {"status": "completed", "period": HOURS}, []),
    ("service_day", {"status": "completed", "period": BACK}, ["period"]),
    ("service_units", {"units": 0}, ["units"]),
    ("service_units", {"units": -1}, ["units"]),
    ("service_units", {"units": 1, "status": "not_done"}, ["units"]),
    ("service_units", {"units": 2, "units_counted": 1}, ["units"]),
    ("service_units", {"units": Lexeme("1.0"), "units_counted": 1}, []),
    ("service_units", {"units": 12, "minutes_per_unit": 15, "period": HOURS}, []),
    ("service_units", {"units": Lexeme("12.9"), "minutes_per_unit": 15, "period": HOURS}, []),
    ("service_units", {"units": 13, "minutes_per_unit": 15, "period": HOURS}, ["units"]),
    ("service_units", {"units": 13, "period": HOURS}, []),
    ("service_units", {"units": 13, "minutes_per_unit": 15, "period": BACK}, []),
    ("sessions_once", {"session": "a", "more_sessions": ["b"]}, []),
    ("sessions_once", {"session": "a", "more_sessions": ["b", "a"]}, ["more_sessions"]),
    ("sessions_once", {"more_sessions": ["b", "b"]}, ["more_sessions"]),
    ("reported_by_whom", {"participant": "p", "reported": "Patient/p"}, []),
    ("reported_by_whom", {"participant": "p", "reported": "Patient/q"}, ["reported"]),
    ("reported_by_whom", {"participant": "p", "reported": "RelatedPerson/q"}, []),
    ("reported_by_whom", {"participant": "p", "prescriber": "Patient/p", "intent": "order"}, ["intent"]),
    ("reported_by_whom", {"participant": "p", "prescriber": "Patient/p", "intent": "plan"}, []),
    ("ordered_by_whom", {"intent": "order"}, ["prescriber"]),
    ("ordered_by_whom", {"intent": "order", "prescriber": "Practitioner/q"}, []),
    ("ordered_by_whom", {"intent": "filler_order"}, ["prescriber"]),
    ("ordered_by_whom", {"intent": "plan"}, []),
    ("supply_dates", {"fill_within": BACK}, ["fill_within"]),
    ("supply_dates", {"prescribed_on": "2026-03-05", "fill_within": {"end": "2026-03-04"}}, ["fill_within"]),
    ("supply_dates", {"prescribed_on": "2026-03-05", "fill_within": {"start": "2026-03-04"}}, []),
    ("dose_given", {}, ["given_at"]),
    ("dose_given", {"given_within": HOURS}, []),
    ("dose_given", {"given_within": BACK}, ["given_within"]),
    ("dose_given", {"given_at": "2026", "route": {"text": "Mouth"}}, ["dose"]),
    ("dose_given", {"given_at": "2026", "status": "not_done", "observed": True}, ["observed"]),
    ("dose_given", {"given_at": "2026", "status": "not_done", "observed": False}, []),
    ("dose_given", {"given_at": "2026", "status": "completed", "observed": True}, []),
    ("allergy_state", {"clinical_status": "active"}, []),
    ("allergy_state", {}, ["clinical_status"]),
    ("allergy_state", {"certainty": "entered_in_error"}, []),
    ("allergy_state", {"certainty": "entered_in_error", "clinical_status": "active"}, ["clinical_status"]),
    ("allergy_state", {"clinical_status": "active", "onset_age": 131}, ["onset_age"]),
    ("allergy_state", {"clinical_status": "active", "onset_on": "2019", "last_on": "2018"}, ["last_on"]),
    ("member_known", {}, ["identifiers"]),
    ("member_known", {"identifiers": [{"type": "account_number"}]}, ["identifiers"]),
    ("member_known", {"identifiers": [{"type": "member_number"}]}, []),
    ("member_known", {"subscriber_id": "S"}, []),
    ("coverage_dates", {"starts_on": "2026-02", "ends_on": "2026-01"}, ["ends_on"]),
    ("coverage_dates", {"order": 0}, ["order"]),
    ("coverage_dates", {**APRIL, "order": 1}, []),
    ("subscriber_is_who", {"participant": "p", "relationship": "self", "subscriber": "Patient/p"}, []),
    (
        "subscriber_is_who",
        {"participant": "p", "relationship": "self", "subscriber": "RelatedPerson/r"},
        ["relationship"],
    ),
    ("subscriber_is_who", {"participant": "p", "relationship": "child", "subscriber": "Patient/p"}, ["relationship"]),
    ("subscriber_is_who", {"participant": "p", "relationship": "child", "subscriber": "Patient/q"}, ["subscriber"]),
    ("subscriber_is_who", {"participant": "p", "payer": "Patient/q"}, ["payer"]),
    ("subscriber_is_who", {"participant": "p", "relationship": "self"}, []),
    ("request_whole", {**ASKED, "status": "active", "services": [{"number": 1}]}, []),
    ("request_whole", {**ASKED, "status": "active"}, ["services"]),
    ("request_whole", {**ASKED, "status": "draft"}, []),
    ("request_whole", {"status": "draft"}, ["coverages"]),
    ("request_whole", {"coverages": [{"asked": True}, {"asked": True}]}, ["coverages"]),
    ("request_whole", {**ASKED, "services": [{"number": 1, "diagnoses": [2]}]}, ["services[0].diagnoses"]),
    ("request_whole", {**ASKED, "services": [{"facts": [2]}], "facts": [{"number": 2}]}, []),
    ("request_whole", {**ASKED, "services": [{"number": 0}]}, ["services[0].number"]),
    ("request_dates", {"starts_on": "2026-04-30", "ends_on": "2026-04-01"}, ["ends_on"]),
    ("request_dates", {**APRIL, "services": [{"period": {"start": "2026-03-31"}}]}, ["services[0].period"]),
    ("request_dates", {**APRIL, "services": [{"period": {"end": "2026-05-01"}}]}, ["services[0].period"]),
    ("request_dates", {**APRIL, "services": [{"period": {"start": "2026-04-02", "end": "2026-04-09"}}]}, []),
    ("request_dates", {"facts": [{"period": BACK}]}, ["facts[0].period"]),
    ("authorization_dates", {"starts_on": "2026-04-30", "ends_on": "2026-04-01"}, ["ends_on"]),
    ("authorization_dates", {"services": [{"period": BACK}]}, ["services[0].period"]),
    ("authorization_dates", {"services": [{"number": 0}]}, ["services[0].number"]),
    ("authorization_decided", {"decision": "approved", "outcome": "queued", "number": "1"}, ["decision"]),
    ("authorization_decided", {"decision": "pended", "outcome": "complete"}, ["decision"]),
    ("authorization_decided", {"status": "active", "outcome": "complete"}, ["decision"]),
    ("authorization_decided", {"status": "active", "outcome": "complete", "words": "Not medically necessary"}, []),
    (
        "authorization_decided",
        {"status": "active", "outcome": "complete", "services": [{"review": {"text": "A1"}}]},
        [],
    ),
    (
        "authorization_decided",
        {"status": "active", "outcome": "complete", "services": [{"review": {"text": "A1"}}, {"number": 2}]},
        ["services[1].review"],
    ),
    ("authorization_decided", {"decision": "approved", "outcome": "error", "number": "1"}, ["decision"]),
    ("authorization_decided", {"decision": "denied", "outcome": "error"}, []),
    ("authorization_decided", {"status": "cancelled", "outcome": "complete"}, []),
    ("authorization_decided", {"status": "active", "outcome": "partial"}, []),
    ("authorization_decided", {"decision": "pended", "outcome": "queued"}, []),
    ("authorization_decided", {"decision": "approved", "outcome": "complete", "status": "active"}, ["number"]),
    ("authorization_decided", {"decision": "denied", "services": [{"amount": {"value": 3}}]}, ["services[0].amount"]),
    ("authorization_decided", {"decision": "denied", "services": [{"amount": {"value": 0}}]}, []),
    ("authorization_decided", {"services": [{"amount": {"value": -3}}]}, ["services[0].amount"]),
    ("document_type_coded", {"type": "progress_note"}, []),
    ("document_type_coded", {"type": {"text": "Letter"}}, ["type"]),
    ("document_type_coded", {"type": {"codes": [{"system": "urn:x", "code": "UNK"}]}}, ["type"]),
    ("document_type_coded", {"type": {"codes": [{"system": "http://loinc.org", "code": "57133-1"}]}}, []),
    ("document_type_coded", {"type": {"codes": [{"system": UNKNOWN[0], "code": UNKNOWN[1]}], "text": "Letter"}}, []),
    ("document_content", {"files": [URL]}, []),
    ("document_content", {}, ["files"]),
    ("document_content", {"files": []}, ["files"]),
    ("document_content", {"files": [{"file": {"title": "Lost"}}]}, ["files[0].file"]),
    ("document_content", {"files": [{"file": {"data": "eA=="}}]}, ["files[0].file"]),
    ("document_period", {"covers": BACK}, ["covers"]),
]


@pytest.mark.parametrize(("rule", "record", "fields"), CASES)
def test_a_rule_names_the_field_that_is_wrong(rule: str, record: dict[str, Any], fields: list[str]) -> None:
    assert [field for field, _ in named()[rule](record)] == fields


@pytest.mark.parametrize(
    ("rule", "record", "other"),
    [
        ("coverage_dates", {"starts_on": "2026-02", "ends_on": "2026-01"}, "starts_on"),
        ("authorization_dates", {"starts_on": "2026-04-30", "ends_on": "2026-04-01"}, "starts_on"),
        ("authorization_dates", {**APRIL, "services": [{"period": {"end": "2026-05-01"}}]}, "ends_on"),
        ("service_units", {"units": 2, "units_counted": 1}, "units_counted 1"),
        ("service_units", {"units": 13, "minutes_per_unit": 15, "period": HOURS}, "180 minutes of period"),
        ("sessions_once", {"session": "a", "more_sessions": ["a"]}, "session"),
        ("authorization_decided", {"decision": "approved", "outcome": "queued"}, "outcome"),
        ("subscriber_is_who", {"participant": "p", "relationship": "child", "subscriber": "Patient/p"}, "subscriber"),
        ("authorization_decided", {"services": [{"amount": {"value": -3}}]}, "less than none"),
        (
            "authorization_decided",
            {"decision": "withdrawn", "services": [{"amount": {"value": 3}}]},
            "decision is withdrawn",
        ),
        ("allergy_state", {"clinical_status": "active", "onset_on": "2019", "last_on": "2018"}, "onset_on"),
        ("supply_dates", {"prescribed_on": "2026-03-05", "fill_within": {"end": "2026-03-04"}}, "prescribed_on"),
    ],
)
def test_a_contradiction_is_told_with_both_of_its_places(rule: str, record: dict[str, Any], other: str) -> None:
    [(_, reason)] = named()[rule](record)
    assert other in reason


NAMES = sorted({name for _, record, _ in CASES for name in record})
JUNK = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.sampled_from([Lexeme("1e400"), 0.5, "Patient/p", "approved"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["start", "end", "number", "value", "amount", "period", "file", "codes", "text", "type"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=6))
def test_no_rule_ever_raises(record: dict[str, Any]) -> None:
    for rule in named().values():
        rule(record)
