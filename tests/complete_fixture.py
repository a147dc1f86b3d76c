"""Writes what is missing of fixtures: `python tests/complete_fixture.py CONCEPT/CASE ...`.

From native.json come fhir.json and residue.json; of a case whose name begins with `received`, from fhir.json come
native.json and residue.json. What it writes is what the map does today: read it before you commit it as a promise.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if __package__ in (None, ""):
    sys.path.insert(0, str(ROOT))

from adapter.app import read_maps  # noqa: E402
from adapter.fhir.json import dump, parse  # noqa: E402
from adapter.mapping.load import Maps  # noqa: E402
from adapter.problems import Problem  # noqa: E402
from adapter.settings import Settings  # noqa: E402


def complete(maps: Maps, case: Path) -> list[str]:
    """Write the missing files of one case and name them; raises Problem where the map refuses what is there."""
    concept = maps.concepts[case.parent.name]
    if not case.name.startswith("received") and not (case / "fhir.json").exists():
        _write(case / "fhir.json", concept.to_fhir(parse((case / "native.json").read_bytes())))
    record, residue = concept.to_native(parse((case / "fhir.json").read_bytes()))
    made = {"native.json": record, "residue.json": [note._asdict() for note in residue]}
    missing = {name: value for name, value in made.items() if not (case / name).exists()}
    for name, value in missing.items():
        _write(case / name, value)
    return list(missing)


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(json.loads(dump(value)), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main(names: list[str]) -> None:
    """Complete each case named."""
    maps = read_maps(Settings(mappings=ROOT / "mappings", profiles=ROOT / "profiles"))
    for name in names:
        try:
            complete(maps, ROOT / "fixtures" / name)
        except Problem as problem:
            issues = "\n".join(f"  {issue.expression or ''}: {issue.message}" for issue in problem.issues)
            raise SystemExit(f"{name}: {problem.message}\n{issues}") from None
        print(f"{name}: complete")


if __name__ == "__main__":
    main(sys.argv[1:])
