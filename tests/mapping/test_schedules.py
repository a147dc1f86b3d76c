"""A schedule: what the native word would narrow is carried, or the schedule is not read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.json import parse
from adapter.mapping.load import Maps

Json = dict[str, Any]
OFTEN = {"frequency": 1, "period": 4, "periodUnit": "h"}
SAID = {"times": 1, "every": 4, "per": "hour"}
READ: list[tuple[Json, Json]] = [
    (OFTEN, SAID),
    ({**OFTEN, "periodMax": 6}, {**SAID, "every_max": 6}),
    ({**OFTEN, "period": 1, "periodMax": 2}, {"times": 1, "per": "hour", "every_max": 2}),
    ({**OFTEN, "frequencyMax": 2}, {**SAID, "times_max": 2}),
    ({"when": ["AC"], "offset": 30}, {"when": ["AC"], "offset": 30}),
    ({**OFTEN, "dayOfWeek": ["mon"], "timeOfDay": ["09:00:00"]}, {**SAID, "days": ["mon"], "at": ["09:00:00"]}),
    ({**OFTEN, "count": 6}, {**SAID, "count": 6}),
]
PARKED: list[Json] = [
    {**OFTEN, "count": 6, "countMax": 8},
    {**OFTEN, "duration": 30, "durationMax": 45, "durationUnit": "min"},
    {**OFTEN, "duration": 1, "durationUnit": "h"},
    {**OFTEN, "boundsDuration": {"value": 7, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}},
    {**OFTEN, "boundsRange": {"low": {"value": 5}, "high": {"value": 7}}},
]


def prescribed(order: Json, timing: Json) -> Json:
    """Of one dose."""
    return order | {"dosageInstruction": [{"sequence": 1, "text": "As told", "timing": timing}]}


def planned(plan: Json, timing: Json) -> Json:
    """Of one activity."""
    code = {"coding": [{"system": "http://snomed.info/sct", "code": "76168009"}]}
    return plan | {"activity": [{"detail": {"status": "scheduled", "code": code, "scheduledTiming": timing}}]}


def referred(referral: Json, timing: Json) -> Json:
    """Of what is asked for after care."""
    return {name: value for name, value in referral.items() if not name.startswith("occurrence")} | {
        "occurrenceTiming": timing
    }


# Concept, where its schedule stands natively, the element's place, how a resource gets one.
HOLDERS = {
    "medication": ("doses[0].schedule", "MedicationRequest.dosageInstruction[0].timing", prescribed),
    "treatment_plan": ("activities[0].schedule", "CarePlan.activity[0].detail.scheduledTiming", planned),
    "aftercare_referral": ("schedule", "ServiceRequest.occurrenceTiming", referred),
}


def at(value: Any, place: str) -> Any:
    """What stands at a place, None where nothing does."""
    for name, index in re.findall(r"(\w+)(\[0\])?", place):
        value = value.get(name)
        value = value[0] if index else value
    return value


class Holder:
    """A concept with a schedule, and a resource of it."""

    def __init__(self, root: Path, maps: Maps, name: str) -> None:
        self.field, self.path, self.timed = HOLDERS[name]
        self.concept = maps.concepts[name]
        self.given: Json = parse((root / "fixtures" / name / "minimal" / "fhir.json").read_bytes())

    def read(self, timing: Json) -> tuple[Any, Json, list[Any]]:
        """The native schedule or None, the record, its residue."""
        record, residue = self.concept.to_native(self.timed(self.given, timing))
        return at(record, self.field), record, residue


@pytest.fixture(params=HOLDERS)
def holder(root: Path, maps: Maps, request: pytest.FixtureRequest) -> Holder:
    return Holder(root, maps, request.param)


@pytest.mark.parametrize(("repeat", "said"), READ)
def test_what_a_schedule_says_is_read_and_written_back(holder: Holder, repeat: Json, said: Json) -> None:
    value, record, residue = holder.read({"repeat": repeat})
    assert value == said
    assert "incomplete" not in record, residue
    fresh = holder.concept.to_fhir(record)
    assert at(fresh, holder.path.partition(".")[2]) == {"repeat": repeat}


@pytest.mark.parametrize("repeat", PARKED)
def test_a_schedule_that_would_read_as_another_is_parked(holder: Holder, repeat: Json) -> None:
    parked(holder, {"repeat": repeat})


@pytest.mark.parametrize("repeat", [{}, OFTEN])
def test_a_schedule_of_certain_moments_is_parked(holder: Holder, repeat: Json) -> None:
    parked(holder, {"event": ["2026-03-02"]} | ({"repeat": repeat} if repeat else {}))


def parked(holder: Holder, timing: Json) -> None:
    value, record, _ = holder.read(timing)
    assert value is None
    assert holder.path in [item["path"] for item in record["incomplete"]]


def test_the_code_of_a_schedule_beside_its_parts_is_shown(holder: Holder) -> None:
    value, record, residue = holder.read({"repeat": OFTEN, "code": {"text": "Q4H"}})
    assert value == SAID
    assert "incomplete" not in record
    assert [(note.path, note.policy) for note in residue] == [(f"{holder.path}.code", "show")]
