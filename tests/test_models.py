"""The typed face: what it alters on the way is known to the last case, and a resource comes back as it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump, parse
from adapter.models import typed, untyped

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = sorted((ROOT / "fixtures").glob("*/*/fhir.json"))
OBSERVATION = {"resourceType": "Observation", "status": "final", "code": {"text": "mood"}}
NOT_IN_R4B = {
    "EffectEvidenceSynthesis",
    "RiskEvidenceSynthesis",
    *("MedicinalProduct" + rest for rest in (
        "", "Authorization", "Contraindication", "Indication", "Ingredient", "Interaction", "Manufactured", "Packaged",
        "Pharmaceutical", "UndesirableEffect",
    )),
    *("Substance" + rest for rest in (
        "NucleicAcid", "Polymer", "Protein", "ReferenceInformation", "SourceMaterial", "Specification",
    )),
}  # fmt: skip


def texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """(path, text) of every primitive, numbers as they are written."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{path}[{index}]")
    else:
        yield path, dump(value).decode()


def altered(sent: bytes) -> dict[str, tuple[str, str]]:
    """path -> (as sent, as the model prints it) wherever these differ."""
    before, after = parse(sent), parse(typed(sent).model_dump_json().encode())
    was, now = dict(texts(before, before["resourceType"])), dict(texts(after, before["resourceType"]))
    return {path: (was.get(path, ""), now.get(path, "")) for path in {**was, **now} if was.get(path) != now.get(path)}


def test_what_a_model_alters_of_the_fixtures_is_the_milliseconds_of_instants() -> None:
    found = {f"{file.parent.parent.name}/{file.parent.name} {path}": change
             for file in FIXTURES for path, change in altered(file.read_bytes()).items()}  # fmt: skip
    assert set(found) == {
        "booking/full Appointment.start",
        "booking/full Appointment.end",
        "booking/no-show Appointment.start",
        "booking/no-show Appointment.end",
        "booking/odd Appointment.start",
        "booking/odd Appointment.end",
        "drug_result/full Observation.issued",
        "drug_screen_panel/full Observation.issued",
    }
    assert all(now == was.replace(".000", "") for was, now in found.values())


@pytest.mark.parametrize(
    ("element", "sent", "printed"),
    [
        ("valueQuantity.value", "1.10", "1.1"),
        ("valueQuantity.value", "10.0", "10.0"),
        ("valueQuantity.value", "1e2", "100"),
        ("valueQuantity.value", "1.5e3", "1500"),
        ("valueQuantity.value", "0.1234567890123456789", "0.12345678901234568"),
        ("effectiveDateTime", '"2026-03"', '"2026-03"'),
        ("effectiveDateTime", '"2026-03-02T10:00:00-05:00"', '"2026-03-02T10:00:00-05:00"'),
        ("effectiveDateTime", '"2026-03-02T10:00:00+00:00"', '"2026-03-02T10:00:00Z"'),
        ("effectiveDateTime", '"2026-03-02T10:00:00.000Z"', '"2026-03-02T10:00:00Z"'),
        ("effectiveDateTime", '"2026-03-02T10:00:00.1Z"', '"2026-03-02T10:00:00.100000Z"'),
        ("effectiveDateTime", '"2026-03-02T10:00:00.123456789Z"', '"2026-03-02T10:00:00.123456Z"'),
        ("valueTime", '"10:00:00.50"', '"10:00:00.500000"'),
    ],
)
def test_a_decimal_or_a_time_is_printed_anew_and_goes_back_as_it_was_sent(
    element: str, sent: str, printed: str
) -> None:
    name, _, inner = element.partition(".")
    held = f'{{"{inner}":{sent}}}' if inner else sent
    text = json.dumps(OBSERVATION, separators=(",", ":")).removesuffix("}").encode() + f',"{name}":{held}}}'.encode()
    assert altered(text) == ({} if sent == printed else {f"Observation.{element}": (sent, printed)})
    assert dump(untyped(typed(text), parse(text))) == text


@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: f"{file.parent.parent.name}/{file.parent.name}")
def test_a_model_that_was_not_changed_goes_back_to_the_byte(file: Path) -> None:
    sent = parse(file.read_bytes())
    assert dump(untyped(typed(sent), sent)) == dump(sent)


def test_only_what_was_changed_is_printed_anew() -> None:
    sent = parse(
        b'{"status":"final","resourceType":"Observation","code":{"text":"mood"},"issued":"2026-03-02T10:00:00.000Z",'
        b'"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.10}},{"code":{"text":"b"}}]}'
    )
    model: Any = typed(sent)
    model.status = "amended"
    model.component.pop()
    model.language = "en"
    assert dump(untyped(model, sent)) == (
        b'{"status":"amended","resourceType":"Observation","code":{"text":"mood"},"issued":"2026-03-02T10:00:00.000Z",'
        b'"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.10}}],"language":"en"}'
    )


def test_every_type_of_r4_has_a_model_but_eighteen() -> None:
    without = set()
    for type in Definitions.load(ROOT / "profiles" / "r4").types:
        try:
            typed({"resourceType": type})
        except ValueError as wrong:
            if "is not a resource type of R4B" in str(wrong):
                without.add(type)
    assert without == NOT_IN_R4B
    assert len(NOT_IN_R4B) == 18


def test_what_the_model_refuses_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="gender"):
        typed({"resourceType": "Patient", "gender": ["female"]})
    with pytest.raises(ValueError, match="None is not a resource type"):
        typed("{}")


def test_nothing_else_here_imports_the_library() -> None:
    users = {path.name for path in (ROOT / "adapter").rglob("*.py") if "fhir.resources" in path.read_text()}
    assert users == {"models.py"}
