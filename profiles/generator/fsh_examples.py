"""Examples of each profile: what its map makes of three fixtures, as JSON, since FSH cannot say a year or `1.10`.

https://hl7.org/fhir/R4/implementationguide-definitions.html#ImplementationGuide.definition.resource.example_x_
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapter.fhir.json import dump, parse
from adapter.mapping.concept import Concept

from .fsh_text import hyphenated

CASES = ("full", "minimal", "odd")


def resources(concept: Concept, fixtures: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(case, resource) of the examples of one concept; raises SystemExit naming a fixture that is not there."""
    for case in CASES:
        file = fixtures / concept.name / case / "native.json"
        if not file.is_file():
            raise SystemExit(f"fixtures/{concept.name}/{case}/native.json is missing: every profile has three examples")
        yield case, concept.to_fhir(parse(file.read_bytes()))


def examples(concept: Concept, fixtures: Path) -> Iterator[tuple[str, str]]:
    """(file name, text) of the same."""
    for case, resource in resources(concept, fixtures):
        yield f"{hyphenated(concept.name)}-{case}.json", _pretty(dump(resource).decode())


def _pretty(text: str) -> str:
    """Indented, with every number as it is written."""
    return json.dumps(json.loads(text, parse_float=_Digits), indent=2, ensure_ascii=False) + "\n"


class _Digits(float):
    """A decimal that prints the digits it was read from."""

    def __new__(cls, text: str) -> _Digits:
        made = super().__new__(cls, text)
        made.text = text
        return made

    text: str

    def __repr__(self) -> str:
        return self.text
