"""Parse, R4 validation and the rules of claimed profiles against `orjson.loads` of the same bytes, in processor time.

The slow path is the same resource with one decimal that orjson would not print again (`180.50`).
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).resolve().parent))

import samples

from adapter.fhir.elements import Definitions
from adapter.fhir.json import parse
from adapter.fhir.profile_rules import ProfileRules
from adapter.fhir.schema import Door

ROOT = Path(__file__).resolve().parents[2]
PROFILES = ROOT / "profiles"
RULES = ProfileRules.load(PROFILES)
ROUNDS, SECONDS = 101, 0.004
Row = tuple[str, str, float, str, str]


def rows() -> list[Row]:
    """Targets 1 and 2 of the design: single resources on both paths, and a Bundle of 100."""
    door = Door(Definitions.load(PROFILES / "r4"))
    cases = {"Observation": samples.observation(), "Encounter": samples.encounter(), "CarePlan": samples.care_plan()}
    measured = [_row("1", name, orjson.dumps(made), door, "<= 5") for name, made in cases.items()]
    measured += [_row("1", f"{name}, slow path", _altered(made), door, "<= 12") for name, made in cases.items()]
    pretty = json.dumps(samples.observation(), indent=2).encode()
    measured.append(_row("1", "Observation, indented", pretty, door, "<= 5"))
    for case in ("session", "drug_screen_panel", "treatment_plan"):
        own = orjson.loads((ROOT / "fixtures" / case / "full" / "fhir.json").read_bytes())
        measured.append(_row("1", f"{case} under its own profile", orjson.dumps(own), door, "told"))
    measured.append(_row("2", "Bundle of 100", orjson.dumps(samples.bundle()), door, "<= 3"))
    return measured


def _altered(resource: dict[str, Any]) -> bytes:
    """The resource with a trailing zero in one number."""
    text = orjson.dumps(resource)
    numbers = ((b"180.5", b"180.50"), (b'"value":180', b'"value":180.00'), (b'"duration":180', b'"duration":180.00'))
    for plain, exact in numbers:
        if plain in text:
            return text.replace(plain, exact, 1)
    raise ValueError("no number to alter")


def _row(number: str, what: str, body: bytes, door: Door, target: str) -> Row:
    def candidate() -> None:
        resource = parse(body)
        if door.check(resource) or RULES.check_claims(resource):
            raise AssertionError(what)

    candidate()
    gc.collect()
    gc.freeze()  # as the server does at its start
    ratio, floor = _ratio(candidate, lambda: orjson.loads(body))
    return number, f"parse + validate, {what}", ratio, target, f"{len(body):,} B, floor {floor * 1e6:.1f} µs"


def _ratio(candidate: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """Median of per-round ratios, and the median time of the floor in seconds."""
    once = process_time()
    candidate()
    times = max(1, int(SECONDS / max(process_time() - once, 1e-6)))
    floors, ratios = [], []
    for _ in range(ROUNDS):
        base = _timed(floor, times)
        floors.append(base / times)
        ratios.append(_timed(candidate, times) / base)
    return median(ratios), median(floors)


def _timed(work: Callable[[], object], times: int) -> float:
    begun = process_time()
    for _ in range(times):
        work()
    return process_time() - begun


if __name__ == "__main__":
    for row in rows():
        print(*row, sep=" | ")
