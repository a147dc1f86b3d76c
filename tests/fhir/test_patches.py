"""Whatever a patch asks, it is done or refused: nothing else is raised, and what is done can be printed and read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.elements import Definitions
from adapter.fhir.fhirpath_patch import fhirpath_patch
from adapter.fhir.json import dump, parse
from adapter.fhir.json_patch import json_patch
from adapter.fhir.patch_work import Work
from adapter.interactions.patch import patched
from adapter.problems import Kind, Problem

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = Definitions.load(ROOT / "profiles" / "r4")
TEXTS = [path.read_bytes() for path in sorted((ROOT / "fixtures").glob("*/full/fhir.json"))]
VALUES: list[Any] = [None, 1, "x", [], {}, [1, {"a": 2}], True]
TYPED: list[Any] = [
    {"valueString": "x"},
    {"valueInteger": 1},
    {"valueCodeableConcept": {"text": "x"}},
    {"valueReference": {"reference": "Patient/1"}},
    {"valuePeriod": {"start": "2026"}},
    {"part": [{"name": "text", "valueString": "x"}]},
    {"_valueCode": {"extension": [{"url": "u", "valueCode": "x"}]}},
    {},
]

STEPS = ["", "", ".first()", ".last()", "[0]", ".where(system = 'x')", ".text", ".value", ".x("]
NAMES = ["text", "coding", "value", "note", "identifier", "x", ""]


def members(value: Any) -> list[tuple[str | int, Any]]:
    """The members of an object by name, of a list by number."""
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def pointers(value: Any, at: str = "") -> Iterator[str]:
    """Every JSON Pointer into a value."""
    yield at
    for name, child in members(value):
        yield from pointers(child, f"{at}/{name}")


def expressions(value: Any, at: str) -> Iterator[str]:
    """Every FHIRPath into a resource that names one element."""
    yield at
    for name, child in members(value):
        yield from expressions(child, f"{at}[{name}]" if isinstance(name, int) else f"{at}.{name}")


@st.composite
def json_patches(draw: st.DrawFn) -> tuple[bytes, bytes]:
    text = draw(st.sampled_from(TEXTS))
    known = sorted(pointers(parse(text)))
    path = st.builds(str.__add__, st.sampled_from(known), st.sampled_from(["", "", "/-", "/99", "/x", "/0", "~", "/"]))
    kinds = st.sampled_from(["add", "remove", "replace", "move", "copy", "test"])
    one = st.fixed_dictionaries({"op": kinds, "path": path, "from": path, "value": st.sampled_from(VALUES)})
    return text, dump(draw(st.lists(one, min_size=1, max_size=4)))


@st.composite
def fhirpath_patches(draw: st.DrawFn) -> tuple[bytes, dict[str, Any]]:
    text = draw(st.sampled_from(TEXTS))
    resource = parse(text)
    path = draw(st.sampled_from(sorted(expressions(resource, resource["resourceType"]))))
    step = draw(st.sampled_from(STEPS))
    number = {"valueInteger": draw(st.integers(-1, 3))}
    parts = [
        {"name": "type", "valueCode": draw(st.sampled_from(["add", "insert", "delete", "replace", "move"]))},
        {"name": "path", "valueString": path + step},
        {
            "name": "name",
            "valueString": draw(st.sampled_from(["text", "coding", "value", "note", "identifier", "x", ""])),
        },
        {"name": "value", **draw(st.sampled_from(TYPED))},
        *({"name": name, **number} for name in ("index", "source", "destination")),
    ]
    return text, {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}


def done_or_refused(text: bytes, patcher: Any) -> None:
    with suppress(Problem):
        made = patched(text, patcher(), Work())
        assert parse(dump(made)) == made


@given(json_patches())
def test_any_json_patch_is_done_or_refused(given: tuple[bytes, bytes]) -> None:
    done_or_refused(given[0], lambda: json_patch(given[1], 1 << 21))


@given(fhirpath_patches())
def test_any_fhirpath_patch_is_done_or_refused(given: tuple[bytes, dict[str, Any]]) -> None:
    done_or_refused(given[0], lambda: fhirpath_patch(DEFINITIONS, given[1]))


def read_by(patcher: Any, resource: dict[str, Any], most: int) -> Kind | None:
    """How a patch with so much work left is refused, if it is."""
    try:
        patcher(resource, Work(most))
    except Problem as problem:
        return problem.kind
    return None


def test_an_element_named_by_its_number_costs_no_more_in_a_long_list() -> None:
    lines = {"resourceType": "Patient", "telecom": [{"value": str(number)} for number in range(1000)]}
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "Patient.telecom[999].value"},
        {"name": "value", "valueString": "x"},
    ]
    patch = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    assert read_by(fhirpath_patch(DEFINITIONS, patch), lines, 100) is None
    assert lines["telecom"][999] == {"value": "x"}
    parts[1]["valueString"] = "Patient.telecom.where(value = '5').value"
    searching = fhirpath_patch(DEFINITIONS, patch)
    assert [read_by(searching, lines, most) for most in (1000, 5000)] == [Kind.TOO_COSTLY, None]


def test_what_a_json_patch_copies_is_counted() -> None:
    resource = {"resourceType": "Patient", "telecom": [{"value": "x" * 1000}]}
    copying = json_patch(dump([{"op": "copy", "from": "/telecom/0", "path": "/telecom/-"}] * 10), 1 << 21)
    assert [read_by(copying, parse(dump(resource)), most) for most in (1000, 2000)] == [Kind.TOO_COSTLY, None]
