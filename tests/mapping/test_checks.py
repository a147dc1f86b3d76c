"""The rules over several fields: each says which field is wrong and why, and never raises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.mapping.checks import minutes_between
from adapter.mapping.load import Maps
from adapter.mapping.rules import named
from adapter.mapping.screening_checks import INSTRUMENTS
from adapter.mapping.tables import Table

START, END = "2026-03-04T09:00:00-05:00", "2026-03-04T12:00:00-05:00"
PAUSE = {"start": "2026-03-04T10:00:00-05:00", "end": "2026-03-04T10:15:00-05:00"}
SESSION = {"started_at": START, "ended_at": END}
ONE_DAY = {"started_at": "2026-03-04", "ended_at": "2026-03-04"}
PHQ2 = [{"item": "phq9_1", "answer": 2}, {"item": "phq9_2", "answer": "several_days"}]
CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("session_times", SESSION, []),
    ("session_times", {"started_at": END, "ended_at": START}, ["ended_at"]),
    ("session_times", {"started_at": START, "ended_at": "2026-03-04T16:00:00Z"}, []),
    ("session_times", {"started_at": START, "ended_at": "2026-03-04T13:59:00Z"}, ["ended_at"]),
    ("session_times", {"started_at": START, "ended_at": "2026-03-04"}, []),
    ("session_times", {**SESSION, "breaks": [PAUSE]}, []),
    ("session_times", {**SESSION, "breaks": [{"start": PAUSE["end"], "end": PAUSE["start"]}]}, ["breaks[0]"]),
    ("session_times", {**SESSION, "breaks": [{"start": END, "end": "2026-03-04T12:30:00-05:00"}]}, ["breaks[0]"]),
    ("minutes_attended", {**SESSION, "minutes_attended": 185}, []),
    ("minutes_attended", {**SESSION, "minutes_attended": 186}, ["minutes_attended"]),
    ("minutes_attended", {**SESSION, "breaks": [PAUSE], "minutes_attended": 165}, []),
    ("minutes_attended", {"started_at": START, "minutes_attended": 5}, []),
    ("minutes_attended", {**SESSION, "breaks": [{"start": START}], "minutes_attended": 185}, []),
    ("minutes_attended", {**SESSION, "breaks": [{"start": START}], "minutes_attended": 186}, ["minutes_attended"]),
    ("minutes_attended", {**SESSION, "breaks": [{"start": START}], "minutes_attended": 20}, []),
    (
        "minutes_attended",
        {**SESSION, "breaks": [PAUSE, {"start": START}], "minutes_attended": 171},
        ["minutes_attended"],
    ),
    ("minutes_attended", {**ONE_DAY, "minutes_attended": 1505}, []),
    ("minutes_attended", {**ONE_DAY, "minutes_attended": 1506}, ["minutes_attended"]),
    ("minutes_attended", {**ONE_DAY, "started_at": START, "minutes_attended": 9999}, ["minutes_attended"]),
    ("minutes_attended", {**ONE_DAY, "ended_at": "2026-03-05", "minutes_attended": 2940}, []),
    ("minutes_attended", {**ONE_DAY, "ended_at": "2026-03", "minutes_attended": 1446}, []),
    ("session_held", {"status": "cancelled", "attendance": "attended"}, ["attendance"]),
    ("session_held", {"status": "planned", "minutes_attended": 60}, ["minutes_attended"]),
    ("session_held", {"status": "cancelled", "minutes_attended": 0}, []),
    ("session_held", {"status": "in_progress", "attendance": "late"}, []),
    ("session_held", {"status": "completed", "attendance": "attended", "minutes_attended": 60}, []),
    ("session_held", {"status": "entered_in_error", "attendance": "attended", "minutes_attended": 60}, []),
    ("booking_times", {"status": "booked", "planned_start": START, "planned_end": END}, []),
    ("booking_times", {"status": "booked", "planned_start": START}, ["planned_end"]),
    ("booking_times", {"status": "booked", "planned_end": END}, ["planned_start"]),
    ("booking_times", {"status": "booked"}, ["planned_start"]),
    ("booking_times", {"status": "no_show"}, ["planned_start"]),
    ("booking_times", {"status": "waitlisted"}, []),
    ("booking_times", {"status": "booked", "planned_start": END, "planned_end": START}, ["planned_end"]),
    ("cancel_reason", {"status": "no_show", "reason": "patient"}, ["reason"]),
    ("cancel_reason", {"status": "no_show", "no_show_reason": "no_transport"}, []),
    ("cancel_reason", {"status": "excused", "reason": "illness"}, []),
    ("cancel_reason", {"status": "cancelled", "no_show_reason": "no_transport"}, ["no_show_reason"]),
    ("cancel_reason", {"status": "attended", "reason": "patient"}, ["reason"]),
    ("total_or_reason", {"total": 3}, []),
    ("total_or_reason", {"total": 3, "total_missing": "unknown"}, ["total_missing"]),
    ("total_or_reason", {}, ["total"]),
    ("total_or_reason", {"items": [{}]}, []),
    ("items_answered", {"items": [{"item": "phq9_9", "answer": 0}, {"item": "phq9_1", "missing": "declined"}]}, []),
    ("items_answered", {"items": [{"item": "phq9_1", "answer": 0}, {"item": "phq9_9"}]}, ["items[1].answer"]),
    ("items_answered", {"items": [{"item": "phq9_9", "answer": 3, "missing": "declined"}]}, ["items[0].missing"]),
    (
        "items_answered",
        {"instrument": "cssrs_risk", "total": "low_risk", "items": [{"item": "cssrs_risk", "answer": "low_risk"}]},
        ["items[0].item"],
    ),
    ("items_of_instrument", {"instrument": "gad7", "items": [{"item": "phq9_1", "answer": 0}]}, ["items[0].item"]),
    ("items_of_instrument", {"instrument": "phq2", "items": [{"item": "phq9_2", "answer": 3}]}, []),
    ("items_of_instrument", {"instrument": "gad7", "items": [{"item": "gad7_1", "answer": 9}]}, ["items[0].answer"]),
    ("items_of_instrument", {"instrument": "gad7", "items": [{"item": "gad7_1", "answer": "no"}]}, ["items[0].answer"]),
    ("items_of_instrument", {"instrument": "audit_c", "items": [{"item": "audit_c_2", "answer": "ten_or_more"}]}, []),
    ("items_of_instrument", {"instrument": "dast10", "items": [{"item": "phq9_1", "answer": 9}]}, []),
    ("items_of_instrument", {"instrument": [], "items": [{"item": [], "answer": []}, 3]}, []),
    ("items_of_instrument", {"instrument": "phq9", "items": [{"item": {}, "answer": {}}]}, []),
    ("total_of_items", {"instrument": "gad7", "total": 22}, ["total"]),
    ("total_of_items", {"instrument": "gad7", "total": 21}, []),
    ("total_of_items", {"instrument": "gad7", "total": "low_risk"}, ["total"]),
    ("total_of_items", {"instrument": "cssrs_screen", "total": "low_risk"}, []),
    ("total_of_items", {"instrument": "cssrs_screen", "total": 3}, ["total"]),
    ("total_of_items", {"instrument": "phq2", "total": 3, "items": PHQ2}, []),
    ("total_of_items", {"instrument": "phq2", "total": 4, "items": PHQ2}, ["total"]),
    ("total_of_items", {"instrument": "phq2", "total": 4, "items": PHQ2[1:]}, []),
    ("total_of_items", {"instrument": "phq2", "total": 0, "items": PHQ2[1:]}, ["total"]),
    ("total_of_items", {"instrument": "phq9", "total": 27, "items": [{"item": "phq9_difficulty", "answer": 3}]}, []),
    ("total_of_items", {"instrument": "dast10", "total": 11}, ["total"]),
    ("total_of_items", {"instrument": "mood", "total": 99}, []),
    ("total_of_items", {"instrument": "phq9", "total": {}}, []),
    ("booking_times", {"planned_start": START, "planned_end": END, "minutes_planned": 500}, ["minutes_planned"]),
    ("booking_times", {"planned_start": START, "planned_end": END, "minutes_planned": 1}, []),
    ("booking_times", {"status": "proposed", "minutes_planned": 500}, []),
    ("result_or_reason", {"status": "final"}, ["result"]),
    ("result_or_reason", {"status": "amended"}, ["result"]),
    ("result_or_reason", {"status": "corrected", "result": {"missing": "error"}}, []),
    ("result_or_reason", {"status": "registered"}, ["result"]),
    ("result_or_reason", {"status": "registered", "result": {"missing": "temp_unknown"}}, []),
    ("screen_has_results", {"status": "final"}, ["results"]),
    ("screen_has_results", {"status": "corrected", "readings": [{}]}, []),
    ("screen_has_results", {"status": "final", "results": ["1"]}, []),
    ("screen_has_results", {"status": "final", "missing": "declined"}, []),
    ("screen_has_results", {"status": "final", "missing": "declined", "results": ["1"]}, ["missing"]),
    ("screen_has_results", {"status": "cancelled", "missing": "unable", "readings": [{}]}, ["missing"]),
    ("screen_has_results", {"status": "registered", "missing": "temp_unknown"}, []),
    ("screen_has_results", {"status": "registered"}, ["results"]),
    ("screen_has_results", {"status": "preliminary"}, ["results"]),
    ("targets_measured", {"targets": [{"measure": {"text": "Days"}, "amount": {}}, {"due_on": "2026-04-01"}]}, []),
    ("targets_measured", {"targets": [{"due_on": "2026-04-01"}, {"yes_no": True}]}, ["targets[1].measure"]),
    ("whole_position", {"latitude": 39.7, "longitude": -105}, []),
    ("whole_position", {"latitude": 39.7}, ["longitude"]),
    ("whole_position", {"longitude": 39.7}, ["latitude"]),
    ("whole_position", {"latitude": 91, "longitude": -180.5}, ["latitude", "longitude"]),
    ("race_text", {"race": ["white"], "race_text": "White"}, []),
    ("race_text", {"race": ["white"], "ethnicity_detail": [{}]}, ["race_text", "ethnicity_text"]),
    ("discharge", {"status": "finished"}, ["admitted_on", "discharged_on"]),
    ("discharge", {"status": "finished", "admitted_on": "2026-03", "discharged_on": "2026-03-20"}, []),
    ("discharge", {"admitted_on": "2026-03-04", "discharged_on": "2026-03-03"}, ["discharged_on"]),
    ("discharge", {"status": "finished", "discharged_on": "2026-03-03"}, ["admitted_on"]),
    ("discharge", {"status": "active", "admitted_on": "2026-03-04", "discharged_on": "2026-03-05"}, ["discharged_on"]),
    ("discharge", {"status": "planned", "discharge_type": "completed"}, ["discharge_type"]),
    ("discharge", {"status": "waitlisted", "discharge_reason": "moved"}, ["discharge_reason"]),
    ("discharge", {"status": "cancelled", "discharge_reason": "moved"}, []),
    ("discharge", {"discharge_reason": "completed", "discharge_type": "not_completed"}, ["discharge_type"]),
    ("discharge", {"discharge_reason": "completed", "discharge_type": "transferred"}, []),
    ("discharge", {"discharge_reason": "dropped_out", "discharge_type": "completed"}, ["discharge_type"]),
    ("discharge", {"discharge_reason": "moved", "discharge_type": "completed"}, []),
    ("discharge", {"discharge_reason": "died", "disposition": "home"}, ["disposition"]),
    ("discharge", {"discharge_reason": "completed", "disposition": "died"}, ["disposition"]),
    ("discharge", {"discharge_reason": "died", "disposition": "died", "discharge_type": "not_completed"}, []),
    ("discharge", {"discharge_reason": "transferred", "disposition": "home"}, []),
    ("diagnosis_status", {"verification_status": "entered_in_error", "clinical_status": "active"}, ["clinical_status"]),
    ("diagnosis_status", {"ended_on": "2026-03-04", "clinical_status": "active"}, ["clinical_status"]),
    ("diagnosis_status", {"ended_on": "2026-03-04"}, ["clinical_status"]),
    ("diagnosis_status", {"onset_age": 19.5}, []),
    ("diagnosis_status", {"onset_age": -3}, ["onset_age"]),
    ("diagnosis_status", {"ended_on": "2026-03-04", "clinical_status": "resolved"}, []),
    ("diagnosis_status", {"remission": "early", "clinical_status": "active"}, ["remission"]),
    ("diagnosis_status", {"remission": "early", "clinical_status": "remission"}, []),
]


@pytest.mark.parametrize(("rule", "record", "fields"), CASES)
def test_a_rule_names_the_field_that_is_wrong(rule: str, record: dict[str, Any], fields: list[str]) -> None:
    assert [field for field, _ in named()[rule](record)] == fields


def test_every_instrument_and_every_question_of_the_tables_is_judged(maps: Maps) -> None:
    tables = {name: maps.tables[name] for name in ("instrument", "screening_item", "screening_answer")}
    words = {name: set(table.codings) for name, table in tables.items() if isinstance(table, Table)}
    assert set(INSTRUMENTS) == words["instrument"]
    assert {item for one in INSTRUMENTS.values() for item in one.items or ()} == words["screening_item"]
    assert {word for one in INSTRUMENTS.values() for _, scale in one.scored for word in scale} < words[
        "screening_answer"
    ]


def test_both_figures_are_told_when_minutes_do_not_fit() -> None:
    [(_, reason)] = named()["minutes_attended"]({**SESSION, "minutes_attended": 120})
    assert reason == "120 minutes typed, 180 computed from started_at, ended_at and breaks: more than 5 apart"


def test_the_tolerance_is_a_setting() -> None:
    assert named(60)["minutes_attended"]({**SESSION, "minutes_attended": 120}) == []


def test_a_break_without_an_end_leaves_nothing_to_compute() -> None:
    assert minutes_between({**SESSION, "breaks": [{"start": START}]}) is None


def test_what_two_breaks_share_is_counted_once() -> None:
    inner = {"start": PAUSE["start"], "end": PAUSE["start"]}
    assert minutes_between({**SESSION, "breaks": [PAUSE]}) == minutes_between(
        {**SESSION, "breaks": [PAUSE, PAUSE, inner]}
    )


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "started_at",
                "ended_at",
                "breaks",
                "minutes_attended",
                "planned_start",
                "planned_end",
                "status",
                "reason",
                "total",
                "instrument",
                "minutes_planned",
                "race",
                "admitted_on",
                "discharged_on",
                "ended_on",
                "clinical_status",
                "no_show_reason",
                "items",
                "targets",
                "latitude",
                "longitude",
            ]
        ),
        st.none()
        | st.integers()
        | st.text(max_size=3)
        | st.just(START)
        | st.lists(st.integers() | st.just(PAUSE), max_size=2),
    )
)
def test_no_rule_ever_raises(record: dict[str, Any]) -> None:
    for rule in named().values():
        rule(record)
