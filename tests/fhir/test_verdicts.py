"""What the door lets in and what it refuses: our own cases, HL7's examples, and fhir.resources as a second opinion."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump, parse
from adapter.fhir.schema import Door

CASES = Path(__file__).resolve().parent / "verdicts"
BAD = [parse(line) for line in (CASES / "bad.jsonl").read_bytes().splitlines()]
GOOD = [parse(line) for line in (CASES / "good.jsonl").read_bytes().splitlines()]
REFUSED: dict[str, dict[str, list[str]]] = json.loads((CASES / "examples.json").read_bytes())
UNKNOWN_TO_FHIR_RESOURCES = {  # its Extension has no `_value...`
    "an extension with a value that is only an extension",
    "an extension with a value that has an extension",
}


@pytest.fixture(scope="module")
def door(root: Path) -> Door:
    return Door(Definitions.load(root / "profiles" / "r4"))


def named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("case", named(BAD))
def test_a_bad_resource_is_refused_where_it_is_bad(door: Door, case: dict[str, Any]) -> None:
    issues = door.check(case["resource"])
    assert (case["expression"], case["code"]) in {(issue.expression, issue.code) for issue in issues}


@pytest.mark.parametrize("case", named(GOOD))
def test_a_good_resource_is_let_in(door: Door, case: dict[str, Any]) -> None:
    assert door.check(case["resource"]) == []


def test_every_class_of_fault_has_two_cases_or_more() -> None:
    assert len(BAD) >= 72
    assert len(GOOD) >= 10
    assert min(Counter(case["class"] for case in BAD).values()) >= 2
    assert len({case["name"] for case in BAD + GOOD}) == len(BAD + GOOD)


def test_no_message_repeats_what_was_sent(door: Door) -> None:
    secret = "Hazel-Testcase-4711"
    resource = {
        "resourceType": "Patient",
        "gender": secret,
        "birthDate": secret,
        "active": secret,
        "name": [{"family": [secret]}],
        "maritalStatus": secret,
        "managingOrganization": {"reference": secret},
    }
    issues = door.check(resource)
    assert len(issues) == 6
    assert not any(secret in issue.message + (issue.expression or "") for issue in issues)


def examples(shared_data: Path, source: str) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of every example resource in a folder or an HL7 package."""
    if not source.endswith(".tgz"):
        yield from ((path.name, path.read_bytes()) for path in sorted((shared_data / source).glob("*.json")))
        return
    with tarfile.open(shared_data / "packages" / source) as package:
        for member in package:
            name = member.name.removeprefix("package/example/")
            if name != member.name and name.endswith(".json") and not name.startswith("."):
                content = package.extractfile(member)
                assert content is not None
                yield name, content.read()


@pytest.mark.parametrize("source", list(REFUSED))
def test_published_examples_are_let_in_or_refused_for_a_reason_written_down(
    door: Door, shared_data: Path, source: str
) -> None:
    refused: dict[str, set[str | None]] = {}
    count = 0
    for name, body in examples(shared_data, source):
        count += 1
        issues = door.check(parse(body))
        if issues:
            refused[name] = {issue.expression for issue in issues}
    assert count > 20
    assert refused == {name: {expression} for name, (expression, _) in REFUSED[source].items()}


def test_published_examples_are_printed_as_they_were_read(shared_data: Path) -> None:
    for _, body in examples(shared_data, "r4-examples"):
        value = parse(body)
        assert parse(dump(value)) == value


@pytest.mark.parametrize("case", named(GOOD))
def test_fhir_resources_agrees_that_a_good_resource_is_good(case: dict[str, Any]) -> None:
    """It has no 4.0.1; its R4B differs in nothing that these cases use."""
    body = dump(case["resource"])
    model = get_fhir_model_class(case["resource"]["resourceType"])
    if case["name"] in UNKNOWN_TO_FHIR_RESOURCES:
        with pytest.raises(ValidationError):
            model.model_validate_json(body)
    else:
        model.model_validate_json(body)


class Unsound(dict[str, Any]):
    """Takes every type as known and no resource as valid in its usual form, so that the whole schema decides."""

    def __missing__(self, kind: str) -> Any:
        return lambda found: False

    def __contains__(self, kind: object) -> bool:
        return True


def test_the_quick_form_of_the_schema_gives_the_verdicts_of_the_whole(
    door: Door, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Door(Definitions.load(root / "profiles" / "r4"))
    monkeypatch.setattr(whole, "_usual", Unsound())
    monkeypatch.setattr(whole, "_is_sound", lambda resource: False)
    for case in BAD + GOOD:
        assert whole.check(case["resource"]) == door.check(case["resource"]), case["name"]
