"""The generated R4 definitions: made from the sources, complete, and without HL7's prose."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir import invariants

PUBLISHED_ONLY = {
    "CapabilityStatement",
    "CodeSystem",
    "ElementDefinition",
    "ImplementationGuide",
    "MessageDefinition",
    "MoneyQuantity",
    "NamingSystem",
    "StructureDefinition",
    "StructureMap",
    "TerminologyCapabilities",
    "TestReport",
    "TestScript",
}
OUT_OF_REACH = {"CareTeam.participant ctm-1", "Consent ppc-2", "Consent ppc-3", "Consent ppc-4", "Consent ppc-5"}


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "profiles" / "r4"


@pytest.fixture(scope="module")
def schema(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "schema.json").read_bytes())


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from nodes(child)


def leaves(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, (dict, list)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from leaves(child)


def test_the_committed_files_are_what_the_generator_makes(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root / "profiles"))
    generator = importlib.import_module("generate_r4")
    sources = importlib.import_module("generator.sources")
    path = sources.find()
    if path is None:
        pytest.skip("the R4 sources are not here; `make profiles` fetches them")
    made = generator.generate(sources.Sources(path))
    assert set(made) == {file.name for file in folder.glob("*.json")}
    for name, text in made.items():
        assert text == (folder / name).read_text(encoding="utf-8"), f"{name} differs: run `make profiles`"


def test_another_artifact_is_refused(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root / "profiles"))
    sources = importlib.import_module("generator.sources")
    other = tmp_path / "other.jar"
    other.write_bytes(b"edited")
    with pytest.raises(SystemExit, match="sha256"):
        sources.Sources(other)


def test_every_definition_that_is_referred_to_is_there(schema: dict[str, Any]) -> None:
    targets = {node["$ref"] for node in nodes(schema) if isinstance(node.get("$ref"), str)}
    assert targets <= {f"#/definitions/{name}" for name in schema}


def test_every_rule_of_the_schema_has_its_check(schema: dict[str, Any]) -> None:
    rules = {node["rule"] for node in nodes(schema) if isinstance(node.get("rule"), str)}
    assert len(rules) > 100
    for rule in rules:
        assert callable(invariants.check(rule)), rule


def test_no_object_is_open(schema: dict[str, Any]) -> None:
    for name, definition in schema.items():
        if "properties" in definition:
            assert definition["additionalProperties"] is False, name


def test_what_is_unchecked_is_only_what_this_server_does_not_keep(folder: Path) -> None:
    listed = json.loads((folder / "invariants.json").read_bytes())
    unchecked = {name for name, (_, where, _) in listed.items() if where == "unchecked"}
    kept = {name for name in unchecked if name.partition(" ")[0].partition(".")[0] not in PUBLISHED_ONLY}
    assert kept == OUT_OF_REACH


def test_the_files_stay_small_and_hold_no_prose(folder: Path) -> None:
    texts = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.json")}
    assert sum(map(len, texts.values())) < 3_000_000
    for name, text in texts.items():
        strings = [node for node in leaves(json.loads(text)) if not node.startswith(("^", "http"))]
        wordy = [found for found in strings if len(found.split()) > 25 and "(" not in found]
        assert not wordy, name


def teardown_module() -> None:
    for name in [name for name in sys.modules if name == "generate_r4" or name.split(".")[0] == "generator"]:
        del sys.modules[name]
