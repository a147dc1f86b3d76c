"""Parts of resources, by R4's own flags."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.fhir.elements import Definitions
from adapter.fhir.schema import Door
from adapter.fhir.subset import SUBSETTED, WHOLE, Part, Subsets, is_part

DEFINITIONS = Definitions.load(Path(__file__).resolve().parents[2] / "profiles" / "r4")
PARTS = Subsets(DEFINITIONS)
TAGGED = {"tag": [SUBSETTED]}
ENCOUNTER: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "e",
    "meta": {"versionId": "1", "tag": [{"code": "x"}]},
    "text": {"status": "generated", "div": "<div/>"},
    "modifierExtension": [{"url": "urn:m", "valueString": "m"}],
    "status": "finished",
    "_status": {"id": "s"},
    "class": {"code": "AMB"},
    "participant": [
        {"id": "q", "period": {"start": "2026"}, "individual": {"reference": "Practitioner/1"}},
        {"type": [{"text": "guest"}]},
    ],
    "location": [{"location": {"reference": "Location/1"}, "status": "active"}],
}


def test_a_summary_keeps_what_r4_marks_and_what_must_be_there() -> None:
    made = PARTS.of(ENCOUNTER, Part("true"))
    assert made == {
        "resourceType": "Encounter",
        "id": "e",
        "meta": {"versionId": "1", "tag": [{"code": "x"}, SUBSETTED]},
        "modifierExtension": [{"url": "urn:m", "valueString": "m"}],
        "status": "finished",
        "_status": {"id": "s"},
        "class": {"code": "AMB"},
        "participant": [{"individual": {"reference": "Practitioner/1"}}, {"type": [{"text": "guest"}]}],
    }
    assert ENCOUNTER["meta"] == {"versionId": "1", "tag": [{"code": "x"}]}


def test_the_text_alone_and_the_data_alone() -> None:
    text = PARTS.of(ENCOUNTER, Part("text"))
    assert set(text) == {"resourceType", "id", "meta", "text", "modifierExtension", "status", "_status", "class"}
    data = PARTS.of(ENCOUNTER, Part("data"))
    assert {**data, "meta": ENCOUNTER["meta"]} == {k: v for k, v in ENCOUNTER.items() if k != "text"}


def test_elements_come_with_what_is_mandatory_and_choices_by_their_stem() -> None:
    result = {"resourceType": "Observation", "status": "final", "code": {"text": "c"}, "valueString": "v", "note": []}
    assert PARTS.of(result, Part(elements=("value",))) == {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "c"},
        "valueString": "v",
        "meta": TAGGED,
    }


def test_the_whole_is_the_resource_itself_and_a_part_is_marked_once() -> None:
    assert PARTS.of(ENCOUNTER, WHOLE) is ENCOUNTER
    once = PARTS.of(ENCOUNTER, Part("data"))
    assert not is_part(ENCOUNTER)
    assert is_part(once)
    assert PARTS.of(once, Part("true"))["meta"]["tag"].count(SUBSETTED) == 1


@pytest.mark.parametrize("part", [Part("true"), Part("text"), Part("data"), Part(elements=("identifier", "status"))])
def test_a_part_of_a_published_example_is_well_formed_and_nothing_in_it_is_changed(
    shared_data: Path, part: Part
) -> None:
    door, seen = Door(DEFINITIONS), 0
    for path in sorted((shared_data / "r4-examples").glob("*.json")):
        whole = orjson.loads(path.read_bytes())
        if door.check(whole):
            continue
        made = PARTS.of(whole, part)
        found = [issue for issue in door.check(made) if issue.code != "invariant"]
        assert found == [], path.name
        assert _within(made, whole)
        seen += 1
    assert seen > 100


def _within(part: Any, whole: Any) -> bool:
    if isinstance(part, dict):
        return all(key == "meta" or (key in whole and _within(value, whole[key])) for key, value in part.items())
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(_within, part, whole))
    return bool(part == whole)
