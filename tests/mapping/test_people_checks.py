"""The rules over intake, family, care team, contacts, safety and groups: what contradicts is told with both places."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.json import Lexeme
from adapter.mapping.people_checks import CHECKS
from adapter.mapping.rules import named

EARLY, LATE = "2026-01-02", "2026-03-04"
MEMBER = {"member": "Practitioner/1", "role": "therapist"}
ALCOHOL = {"rank": "primary", "substance": "alcohol"}
READING = {"finding": "positive", "value": 0.05, "unit": "g/dL"}
# (rule, record, fields of the findings, what the reasons name besides).
CASES: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    ("name_or_relationship", {}, ["names"], []),
    ("name_or_relationship", {"contact_roles": ["emergency_contact"]}, [], []),
    ("family_member_period", {"from": LATE, "until": EARLY}, ["until"], ["from"]),
    ("family_member_period", {"from": EARLY, "until": LATE}, [], []),
    ("care_team_members", {}, ["members"], []),
    ("care_team_members", {"members": [MEMBER]}, [], []),
    ("care_team_members", {"members": [MEMBER, {"member": "Practitioner/2"}]}, ["members[1].role"], []),
    ("care_team_members", {"members": [{**MEMBER, "on_behalf_of": "o"}]}, [], []),
    (
        "care_team_members",
        {"members": [{**MEMBER, "member": "PractitionerRole/1", "on_behalf_of": "o"}]},
        ["members[0].on_behalf_of"],
        ["members[0].member"],
    ),
    ("care_team_members", {"participant": "a", "members": [{"member": "Patient/a", "role": "participant"}]}, [], []),
    ("care_team_members", {"members": [{**MEMBER, "role": "participant"}]}, ["members[0].role"], ["members[0].member"]),
    (
        "care_team_members",
        {"participant": "a", "members": [{**MEMBER, "member": "Patient/a"}]},
        ["members[0].role"],
        ["members[0].member"],
    ),
    (
        "care_team_members",
        {"participant": "a", "members": [MEMBER, {"member": "Patient/b", "role": "participant"}]},
        ["members[1].member"],
        ["participant"],
    ),
    ("care_team_periods", {"from": EARLY, "until": LATE, "members": [{"from": EARLY, "until": EARLY}]}, [], []),
    ("care_team_periods", {"from": LATE, "until": EARLY, "members": [MEMBER]}, ["until"], ["from"]),
    (
        "care_team_periods",
        {"members": [MEMBER, {"from": LATE, "until": EARLY}]},
        ["members[1].until"],
        ["members[1].from"],
    ),
    ("substances_ranked", {"substances": [ALCOHOL]}, [], []),
    ("substances_ranked", {"substances": [{"rank": "secondary", "substance": "heroin"}, ALCOHOL]}, [], []),
    (
        "substances_ranked",
        {"substances": [ALCOHOL, {"rank": "secondary", "substance": "alcohol"}]},
        ["substances[1].substance"],
        ["substances[0].substance"],
    ),
    (
        "substances_ranked",
        {"substances": [{**ALCOHOL, "substance": "other"}, {"rank": "secondary", "substance": "other"}]},
        [],
        [],
    ),
    (
        "substances_ranked",
        {"substances": [ALCOHOL, {"rank": "tertiary", "substance": "heroin"}]},
        ["substances"],
        ["substances[1].rank", "secondary"],
    ),
    ("substance_use", {"substances": [{"frequency": "none", "days_used": 0, "first_use_age": 0}]}, [], []),
    (
        "substance_use",
        {"substances": [ALCOHOL, {"frequency": "none", "days_used": 3}]},
        ["substances[1].days_used"],
        ["substances[1].frequency", "3 days"],
    ),
    (
        "substance_use",
        {"substances": [{"frequency": "daily", "days_used": 0}]},
        ["substances[0].days_used"],
        ["substances[0].frequency"],
    ),
    (
        "substance_use",
        {"substances": [{"days_used": 31, "first_use_age": 131}]},
        ["substances[0].first_use_age", "substances[0].days_used"],
        [],
    ),
    ("admission_dates", {"first_contact_on": EARLY, "first_offered_on": EARLY, "assessed_at": LATE}, [], []),
    (
        "admission_dates",
        {"first_contact_on": LATE, "first_offered_on": EARLY},
        ["first_offered_on"],
        ["first_contact_on"],
    ),
    ("admission_dates", {"first_contact_on": LATE, "assessed_at": EARLY}, ["assessed_at"], ["first_contact_on"]),
    ("finding_and_amount", {"result": READING}, [], []),
    ("finding_and_amount", {"result": {**READING, "value": 0}}, ["result.finding"], ["result.value"]),
    ("finding_and_amount", {"result": {**READING, "value": Lexeme("0.000")}}, ["result.finding"], ["result.value"]),
    ("finding_and_amount", {"result": {**READING, "value": Lexeme("-0.01")}}, ["result.value"], []),
    ("finding_and_amount", {"result": READING, "cutoff": {"value": Lexeme("0.020"), "unit": "g/dL"}}, [], []),
    (
        "finding_and_amount",
        {"result": READING, "cutoff": {"value": 0.08, "unit": "g/dL"}},
        ["result.finding"],
        ["result.value", "cutoff"],
    ),
    (
        "finding_and_amount",
        {
            "result": {**READING, "finding": "negative", "value": Lexeme("0.080")},
            "cutoff": {"value": 0.08, "unit": "g/dL"},
        },
        ["result.finding"],
        ["result.value", "cutoff"],
    ),
    ("finding_and_amount", {"result": READING, "cutoff": {"value": 80, "unit": "mg/dL"}}, [], []),
    ("finding_and_amount", {"result": {**READING, "finding": "invalid", "value": 0}}, [], []),
    ("meetings_or_reason", {"status": "final"}, ["meetings"], []),
    ("meetings_or_reason", {"status": "final", "frequency": "some"}, [], []),
    ("meetings_or_reason", {"status": "registered"}, [], []),
    ("meetings_or_reason", {"status": "final", "meetings": 0, "missing": "declined"}, ["missing"], ["meetings"]),
    ("meetings_in_band", {"meetings": 3, "frequency": "one_to_three"}, [], []),
    ("meetings_in_band", {"meetings": 4, "frequency": "one_to_three"}, ["frequency"], ["meetings is 4"]),
    ("meetings_in_band", {"meetings": 45, "frequency": "eight_to_thirty"}, [], []),
    ("meetings_in_band", {"meetings": 0, "frequency": "some"}, ["frequency"], ["meetings is 0"]),
    ("contact_outcome", {"status": "completed", "outcome": "no_answer"}, [], []),
    ("contact_outcome", {"status": "not_done", "outcome": "reached"}, ["outcome"], ["status is not_done"]),
    (
        "contact_outcome",
        {"status": "completed", "not_done_reason": "no_consent"},
        ["not_done_reason"],
        ["status is completed"],
    ),
    ("contact_outcome", {"status": "stopped", "not_done_reason": "system_error"}, [], []),
    ("contact_times", {"at": EARLY, "received_at": LATE}, [], []),
    ("contact_times", {"at": LATE, "received_at": EARLY}, ["received_at"], ["at"]),
    ("contact_parties", {"participant": "a", "made_by": "Patient/a", "made_to": ["Practitioner/b"]}, [], []),
    ("contact_parties", {"participant": "a", "made_by": "Patient/b"}, ["made_by"], ["participant"]),
    (
        "contact_parties",
        {"participant": "a", "made_to": ["Patient/a", "Patient/b"]},
        ["made_to[1]"],
        ["participant"],
    ),
    ("flag_period", {"from": EARLY, "until": LATE}, [], []),
    ("flag_period", {"from": LATE, "until": EARLY}, ["until"], ["from"]),
    ("keeps_apart_without_a_name", {"kind": "no_contact", "rule": "R-0042"}, [], []),
    ("keeps_apart_without_a_name", {"kind": "no_contact"}, ["rule"], []),
    (
        "keeps_apart_without_a_name",
        {"kind": "no_contact", "rule": "7", "instructions": "Not with T."},
        ["instructions"],
        ["kind is no_contact"],
    ),
    ("keeps_apart_without_a_name", {"kind": "no_contact", "rule": "with Testa"}, ["rule"], []),
    ("keeps_apart_without_a_name", {"kind": "suicide_risk", "rule": "7"}, ["rule"], ["kind is no_contact"]),
    ("keeps_apart_without_a_name", {"kind": "suicide_risk", "instructions": "Ask each time."}, [], []),
    ("group_seats", {"capacity": 0}, ["capacity"], []),
    ("group_seats", {"capacity": 8, "period": {"start": EARLY, "end": LATE}}, [], []),
    ("group_seats", {"period": {"start": LATE, "end": EARLY}}, ["period.end"], ["period.start"]),
]


@pytest.mark.parametrize(("rule", "record", "fields", "others"), CASES)
def test_a_rule_names_the_field_that_is_wrong_and_the_other_place(
    rule: str, record: dict[str, Any], fields: list[str], others: list[str]
) -> None:
    found = named()[rule](record)
    assert [field for field, _ in found] == fields
    for other in others:
        assert all(other in reason for _, reason in found)


def test_every_rule_is_tried_with_a_record_it_refuses_and_one_it_lets_pass() -> None:
    for rule in (check.__name__ for check in CHECKS):
        outcomes = {bool(fields) for name, _, fields, _ in CASES if name == rule}
        assert True in outcomes, rule
        assert False in outcomes, rule


PARTS = ["rank", "substance", "days_used", "frequency", "member", "value", "unit", "finding", "start"]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 40)
    | st.text(max_size=3)
    | st.sampled_from([EARLY, "primary", "Patient/x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["rank", "substance", "days_used", "frequency", "member", "value", "unit", "finding", "start"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
FIELDS = sorted({name for _, record, _, _ in CASES for name in record})


@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_no_rule_ever_raises(record: dict[str, Any]) -> None:
    for rule in named().values():
        rule(record)
