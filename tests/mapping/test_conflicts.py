"""Facts of one record that cannot both hold: refused with one place in the path and the other in the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.json import parse
from adapter.mapping.conflicts import CHECKS
from adapter.mapping.load import Maps
from adapter.mapping.rules import named
from adapter.problems import Problem

Record = dict[str, Any]
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
EARLY, LATE = "2026-03-04", "2026-03-05"
STEPS = [{"from_week": 9, "hours_a_week": 3.5}, {"from_week": 7, "hours_a_week": 7}]
CASES: list[tuple[str, Record, list[tuple[str, str]]]] = [
    ("episode_course", {"planned_hours_a_week": 10.5, "taper": STEPS}, []),
    ("episode_course", {"planned_hours_a_week": 7, "taper": [STEPS[1], {"from_week": 8, "hours_a_week": 7}]}, []),
    (
        "episode_course",
        {"planned_hours_a_week": 6, "taper": STEPS},
        [("taper[1].hours_a_week", "planned_hours_a_week")],
    ),
    (
        "episode_course",
        {"taper": [{"from_week": 9, "hours_a_week": 8}, STEPS[1]]},
        [("taper[0].hours_a_week", "taper[1].hours_a_week")],
    ),
    (
        "episode_course",
        {"levels_of_care": [{"from": EARLY}, {"from": LATE, "until": EARLY}]},
        [("levels_of_care[1].until", "levels_of_care[1].from")],
    ),
    (
        "episode_course",
        {"status_history": [{"from": LATE, "until": EARLY}]},
        [("status_history[0].until", "status_history[0].from")],
    ),
    ("diagnosis_dates", {"onset_on": "2025", "ended_on": "2025-01"}, []),
    ("diagnosis_dates", {"onset_on": LATE, "ended_on": EARLY}, [("ended_on", "onset_on")]),
    ("diagnosis_dates", {"onset_on": LATE, "status_since": EARLY}, [("status_since", "onset_on")]),
    ("diagnosis_dates", {"id": "d1", "co_occurring_with": ["d2", "d1"]}, [("co_occurring_with", "id")]),
    ("plan_dates", {"starts_on": LATE, "ends_on": EARLY}, [("ends_on", "starts_on")]),
    ("plan_dates", {"starts_on": LATE, "next_review_on": EARLY}, [("next_review_on", "starts_on")]),
    ("plan_dates", {"starts_on": LATE, "reviews": [{"on": LATE}, {"on": EARLY}]}, [("reviews[1].on", "starts_on")]),
    ("plan_dates", {"id": "p1", "replaces": ["p1"]}, [("replaces", "id")]),
    ("goal_dates", {"started_on": LATE, "targets": [{"due_on": EARLY}]}, [("targets[0].due_on", "started_on")]),
    ("goal_dates", {"started_on": LATE, "reviews": [{"on": EARLY}]}, [("reviews[0].on", "started_on")]),
    ("goal_dates", {"started_on": EARLY, "targets": [{"due_on": LATE}], "reviews": [{"on": LATE}]}, []),
    ("make_up", {"id": "b1", "make_up_of": "b2", "rescheduled_to": "b3"}, []),
    ("make_up", {"id": "b1", "make_up_of": "b1"}, [("make_up_of", "id")]),
    ("make_up", {"id": "b1", "rescheduled_to": "b1"}, [("rescheduled_to", "id")]),
    ("make_up", {"make_up_of": "b2", "rescheduled_to": "b2"}, [("make_up_of", "rescheduled_to")]),
    ("explained_positive", {"explained_by": ["MedicationRequest/m"], "result": {"finding": "positive"}}, []),
    (
        "explained_positive",
        {"explained_by": ["MedicationRequest/m"], "result": {"finding": "negative"}},
        [("explained_by", "result")],
    ),
    ("explained_positive", {"id": "r1", "confirms": ["r1"]}, [("confirms", "id")]),
    ("life_dates", {"birth_date": LATE, "deceased": EARLY}, [("deceased", "birth_date")]),
    ("life_dates", {"birth_date": LATE, "deceased": False}, []),
]


@pytest.mark.parametrize(("rule", "record", "places"), CASES)
def test_a_rule_names_both_places(rule: str, record: Record, places: list[tuple[str, str]]) -> None:
    found = named()[rule](record)
    assert [path for path, _ in found] == [path for path, _ in places]
    for (_, reason), (_, other) in zip(found, places, strict=True):
        assert other in reason


BAD: list[tuple[str, Record, str, str]] = [
    ("session", {"status": "cancelled"}, "attendance", "status"),
    ("session", {"status": "planned", "attendance": None}, "minutes_attended", "status"),
    ("session", {"minutes_attended": 30}, "minutes_attended", "started_at, ended_at and breaks"),
    ("session", {"ended_at": "2026-02-03T16:00:00-07:00", "breaks": None}, "ended_at", "started_at"),
    ("episode", {"discharged_on": "2026-01-11"}, "discharged_on", "admitted_on"),
    ("episode", {"planned_hours_a_week": 5}, "taper[0].hours_a_week", "planned_hours_a_week"),
    ("diagnosis", {"ended_on": "2013", "clinical_status": "resolved"}, "ended_on", "onset_on"),
    ("drug_result", {"result": {"finding": "negative", "value": 900, "unit": "ng/mL"}}, "result.finding", "cutoff"),
    ("drug_result", {"result": {"finding": "positive", "value": 3, "unit": "ng/mL"}}, "result.finding", "cutoff"),
    ("drug_result", {"result": {"finding": "negative", "value": -1, "unit": "ng/mL"}}, "result.value", "0 or more"),
    ("diagnosis", {"remission": "early"}, "remission", "clinical_status"),
    ("treatment_plan", {"ends_on": "2026-01-11"}, "ends_on", "starts_on"),
    ("goal", {"started_on": "2026-03-01"}, "targets[1].due_on", "started_on"),
    ("booking", {"make_up_of": "d0000000-0000-4000-8000-000000000002"}, "make_up_of", "rescheduled_to"),
    ("drug_result", {"result": {"finding": "negative"}}, "explained_by", "result"),
    ("participant", {"deceased": "1990-02-27"}, "deceased", "birth_date"),
]


@pytest.mark.parametrize(("concept", "change", "place", "other"), BAD, ids=[f"{c}-{p}" for c, _, p, _ in BAD])
def test_a_full_record_made_contradictory_is_refused_at_both_places(
    maps: Maps, concept: str, change: Record, place: str, other: str
) -> None:
    record = parse((FIXTURES / concept / "full" / "native.json").read_bytes())
    maps.concepts[concept].to_fhir(record)
    record = {name: value for name, value in {**record, **change}.items() if value is not None}
    with pytest.raises(Problem) as refused:
        maps.concepts[concept].to_fhir(record)
    assert any(issue.expression == place and other in issue.message for issue in refused.value.issues)


@given(
    st.dictionaries(
        st.sampled_from(sorted({name for _, record, _ in CASES for name in record})),
        st.none()
        | st.integers()
        | st.sampled_from([EARLY, LATE, "d1"])
        | st.lists(
            st.integers() | st.sampled_from([*STEPS, {"from_week": "7"}, {"from": LATE, "until": EARLY}]), max_size=3
        ),
    )
)
def test_no_rule_ever_raises(record: Record) -> None:
    for rule in CHECKS:
        rule(record)
