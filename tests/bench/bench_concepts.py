"""Targets 1 and 5 for every concept: each fixture that its map makes fresh, the median and the worst of the concepts.

The floors: `loads` of the resource's bytes for parsing and validation, `loads` + `dumps` of the record's bytes for the
way to FHIR. Target 4's floor is code by hand, which there is for the session only (bench_mapping).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import orjson

from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump, parse
from adapter.fhir.schema import Door
from adapter.mapping.concept import Concept
from adapter.mapping.load import load
from adapter.problems import Problem

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, SECONDS = 15, 0.004
DEFINITIONS = Definitions.load(ROOT / "profiles" / "r4")
MAPS = load(ROOT / "mappings", DEFINITIONS)
Row = tuple[str, str, float, str, str]


def rows() -> list[Row]:
    """Two rows a target: the median of the concepts and the worst of them, each by its full fixture."""
    door = Door(DEFINITIONS)
    checked: dict[str, float] = {}
    written: dict[str, float] = {}
    for concept, record in whole_records():
        resource = concept.to_fhir(record)
        body, said = dump(resource), dump(record)
        if door.check(parse(body)):
            raise AssertionError(concept.name)
        checked[concept.name] = ratio(lambda: door.check(parse(body)), lambda: orjson.loads(body))  # noqa: B023
        written[concept.name] = ratio(
            lambda: dump(concept.to_fhir(parse(said))),  # noqa: B023
            lambda: orjson.dumps(orjson.loads(said)),  # noqa: B023
        )
    return [
        *spread("1", "parse + validate, full fixtures", checked, "<= 5"),
        *spread("5", "native bytes -> FHIR bytes, full fixtures", written, "<= 4"),
    ]


def whole_records() -> Iterator[tuple[Concept, dict[str, Any]]]:
    """Each concept with its full fixture, numbers read as plain ones so that the fast path is measured."""
    for name, concept in MAPS.concepts.items():
        record = json.loads((ROOT / "fixtures" / name / "full" / "native.json").read_text())
        for computed in ("incomplete", *(field.name for field in concept.fields if field.computed)):
            record.pop(computed, None)
        try:
            concept.to_fhir(record)
        except Problem as problem:
            raise AssertionError(f"{name}: {problem.message}") from problem
        yield concept, record


def spread(number: str, what: str, found: dict[str, float], wanted: str) -> Iterator[Row]:
    """The median and the worst of a ratio, and who it is."""
    worst = max(found, key=lambda name: found[name])
    yield number, f"{what}: median of {len(found)} concepts", median(found.values()), wanted, ""
    yield number, f"{what}: worst", found[worst], wanted, worst


def ratio(candidate: Callable[[], object], floor: Callable[[], object]) -> float:
    """The median of per-round ratios, in processor time."""
    once = process_time()
    candidate()
    times = max(1, int(SECONDS / max(process_time() - once, 1e-6)))
    return median(timed(candidate, times) / timed(floor, times) for _ in range(ROUNDS))


def timed(work: Callable[[], object], times: int) -> float:
    """Seconds of processor time for so many calls."""
    begun = process_time()
    for _ in range(times):
        work()
    return process_time() - begun


if __name__ == "__main__":
    for row in rows():
        print(*row, sep=" | ")
