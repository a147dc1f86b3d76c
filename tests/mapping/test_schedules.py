"""A dose's schedule: what the native word would narrow is carried, or the dose is not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.elements import Definitions
from adapter.fhir.json import parse
from adapter.mapping.load import Maps, load

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


@pytest.fixture(scope="module")
def maps(root: Path) -> Maps:
    return load(root / "mappings", Definitions.load(root / "profiles" / "r4"))


def ordered(root: Path, repeat: Json) -> Json:
    """A prescription of one dose of this schedule."""
    order: Json = parse((root / "fixtures" / "medication" / "minimal" / "fhir.json").read_bytes())
    return order | {"dosageInstruction": [{"sequence": 1, "text": "As told", "timing": {"repeat": repeat}}]}


@pytest.mark.parametrize(("repeat", "said"), READ)
def test_what_a_schedule_says_is_read_and_written_back(root: Path, maps: Maps, repeat: Json, said: Json) -> None:
    medication, order = maps.concepts["medication"], ordered(root, repeat)
    record, residue = medication.to_native(order)
    assert record["doses"][0]["schedule"] == said
    assert "incomplete" not in record, residue
    fresh = medication.to_fhir(record)
    assert fresh["dosageInstruction"][0]["timing"] == {"repeat": repeat}


@pytest.mark.parametrize("repeat", PARKED)
def test_a_schedule_that_would_read_as_another_is_parked(root: Path, maps: Maps, repeat: Json) -> None:
    record, _ = maps.concepts["medication"].to_native(ordered(root, repeat))
    assert "schedule" not in record["doses"][0]
    assert [item["path"] for item in record["incomplete"]] == ["MedicationRequest.dosageInstruction[0].timing"]
