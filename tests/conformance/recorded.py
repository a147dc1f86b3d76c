"""Verdicts of HL7's validator as HL7 recorded them, of the cases that ask what our door is asked.

Those are resources of R4 in JSON, held to R4 alone: no further packages, profiles or settings are given with them.
https://github.com/FHIR/fhir-test-cases
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = "org/hl7/fhir/testcases/validator/"
R4 = ("4.0", "4.0.1")
# What a case may say beside its file and verdict without asking for something else: remarks, verdicts of other
# validators, and a second run with a profile, whose verdict stands apart.
ASKS_NOTHING = {"name", "file", "version", "module", "java", "profile", "matchetype"} | {
    "description",
    "documentation",
    "explanation",
    "notes",
    "firely-sdk-current",
    "firely-sdk-wip",
}


class Recorded(NamedTuple):
    """A case: its name, the text of the resource, and the errors that HL7's validator found."""

    name: str
    text: bytes
    errors: list[str]


def recorded(archive: Path) -> Iterator[Recorded]:
    """The applicable cases of the archive, in its order."""
    with zipfile.ZipFile(archive) as held:
        for case in json.loads(held.read(f"{FOLDER}manifest.json"))["test-cases"]:
            if case.get("version") in R4 and case["file"].endswith(".json") and "java" in case and applicable(case):
                yield Recorded(case["name"], held.read(FOLDER + case["file"]), _errors(held, case["java"]))


def applicable(case: dict[str, Any]) -> bool:
    """Whether the case says nothing that changes the question."""
    return case.keys() <= ASKS_NOTHING


def _errors(held: zipfile.ZipFile, said: dict[str, Any]) -> list[str]:
    outcome = said.get("outcome", {})
    if isinstance(outcome, str):
        outcome = json.loads(held.read(f"{FOLDER}outcomes/{outcome}"))
    found = [issue for issue in outcome.get("issue", ()) if issue["severity"] in ("error", "fatal")]
    return [issue.get("details", {}).get("text", "") for issue in found]
