"""Initiation and engagement agree with the test cases that the measure's keepers publish."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapter.utilization.population_treatment import Outcome, Story, codes_in, outcome, read

pytestmark = pytest.mark.storeless
MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
_ORDER = ("Patient", "Condition")


def test_every_published_case_is_counted_as_its_report_says(shared_data: Path) -> None:
    bundles = sorted((shared_data / "qicore-sud").glob("*.json"))
    if not bundles:
        pytest.skip("no published cases of the measure")
    found, expected = {}, {}
    for path in bundles:
        resources = [entry["resource"] for entry in json.loads(path.read_text())["entry"]]
        report = next(one for one in resources if one["resourceType"] == "MeasureReport")
        story = Story()
        for resource in sorted(resources, key=lambda one: one["resourceType"] not in _ORDER):
            if resource["resourceType"] != "MeasureReport":
                read(story, codes_in(MAPPINGS), resource)
        found[path.name] = outcome(story, date(2025, 1, 1), date(2025, 12, 31))
        expected[path.name] = _said(report)
    assert len(found) >= 24
    assert found == expected


def _said(report: dict[str, Any]) -> Outcome:
    first, second = (
        {one["code"]["coding"][0]["code"]: bool(one["count"]) for one in group["population"]}
        for group in report["group"]
    )
    return Outcome(first["initial-population"], first["denominator-exclusion"], first["numerator"], second["numerator"])
