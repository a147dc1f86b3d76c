"""The release files of the repository, and copies of them with a fault planted."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from adapter.consent.grid import Offered
from adapter.consent.matrix import Matrix
from adapter.fhir.elements import Definitions
from adapter.interactions.types import served_by
from adapter.mapping.load import load
from adapter.problems import Problem
from adapter.web.cells import fhir_cells, native_cells
from adapter.web.fhir import ROUTES

ROOT = Path(__file__).resolve().parents[2]
RELEASE = ROOT / "mappings" / "release"


@cache
def offered() -> tuple[Offered, Offered]:
    """What both doors offer, from the app's own routes, maps and definitions."""
    definitions = Definitions.load(ROOT / "profiles" / "r4")
    maps = load(ROOT / "mappings", definitions)
    return fhir_cells(served_by(maps, definitions), ROUTES), native_cells([*maps.concepts, *maps.aggregates])


@cache
def matrix() -> Matrix:
    """The matrix as it is shipped."""
    return Matrix.load(RELEASE, *offered())


def refusals(folder: Path, name: str, changes: dict[str, str], more: Offered | None = None) -> list[str]:
    """What is said against copies of the files with texts replaced in one of them, `line` standing for its line."""
    text = (RELEASE / name).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    copies = folder / "release"
    copies.mkdir()
    for path in RELEASE.glob("*.toml"):
        (copies / path.name).write_text(text if path.name == name else path.read_text(encoding="utf-8"))
    fhir, native = offered()
    try:
        Matrix.load(copies, {**fhir, **(more or {})}, native)
    except Problem as problem:
        found = [issue.message for issue in problem.issues]
        lines = text.splitlines()
        assert all(re.match(rf"release/{name}:\d+: ", one) for one in found)
        return [
            re.sub(r":(\d+):", lambda said: f": {lines[int(said[1]) - 1].split('=')[0].strip()}:", m) for m in found
        ]
    return []
