"""Writes `profiles/r4` from HL7's unedited R4 4.0.1 definitions: `make profiles` runs it, a test repeats it.

https://hl7.org/fhir/R4/definitions.html
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent))

from generator import tables
from generator.rows import Table
from generator.sources import Sources, fetch
from generator.strict import Strict

OUTPUT = Path(__file__).resolve().parent / "r4"


def generate(sources: Sources) -> dict[str, str]:
    """File name to text, the same for the same sources."""
    table = Table(sources)
    return {
        "elements.json": _sections(tables.elements(table)),
        "search-parameters.json": _lines(tables.search_parameters(sources, table)),
        "patient-compartment.json": _lines(tables.patient_compartment(table)),
        "schema.json": _lines(dict(sorted(Strict(table).definitions.items()))),
        "invariants.json": _lines(tables.constraints(table)),
    }


def _sections(content: dict[str, Any]) -> str:
    """An object of objects, one line per inner member."""
    parts = [
        f"{json.dumps(name)}:{_lines(inner) if isinstance(inner, dict) else _compact(inner) + chr(10)}"
        for name, inner in content.items()
    ]
    return "{" + ",".join(parts) + "}\n"


def _lines(content: dict[str, Any]) -> str:
    """One object, one member a line, so that a change of one definition is one changed line."""
    return "{\n" + ",\n".join(f"{json.dumps(key)}:{_compact(value)}" for key, value in content.items()) + "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def main() -> None:
    """Generate and write every file, fetching the sources first where they are not there."""
    OUTPUT.mkdir(exist_ok=True)
    for name, text in generate(Sources(fetch())).items():
        (OUTPUT / name).write_text(text, encoding="utf-8")
        print(f"{name}: {len(text):,} characters")


if __name__ == "__main__":
    main()
