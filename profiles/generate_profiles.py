"""Writes our profiles from the maps: FSH, compiled definitions, and the rules of the door. `make profiles` runs it.

https://hl7.org/fhir/R4/profiling.html
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path[:0] = [str(folder) for folder in Path(__file__).resolve().parents[:2]]

from generator import package, sushi
from generator.door_rules import DoorRules
from generator.expansion import Expansion
from generator.fsh import Project
from generator.parents import Packages
from generator.published import published, sections
from generator.sources import Sources, fetch

from adapter.fhir.elements import Definitions
from adapter.mapping.load import load

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "profiles"
BUILD = ROOT / "build" / "profiles"
ARCHIVES = ROOT.parent / "shared" / "data" / "packages"


def project(sources: Sources, archives: Path, build: Path) -> Project:
    """The project of this checkout, its packages unpacked into the build folder."""
    definitions = Definitions.load(HERE / "r4")
    cache = build / "home" / ".fhir" / "packages"
    folders = (package.core(sources, definitions, cache), package.us_core(archives, cache))
    return Project(ROOT, load(ROOT / "mappings", definitions), Packages(*folders))


def generate(made: Project, compiler: Path, build: Path) -> dict[str, str]:
    """File name below profiles/ to text, the same for the same maps and sources."""
    files = made.files()
    defined = made.defined()
    # Where SUSHI looks for definitions that are JSON already: it lists them in the ImplementationGuide.
    given = {f"input/vocabulary/{key.replace('/', '-')}.json": json.dumps(one) for key, one in defined.items()}
    compiled = sushi.compiled(compiler, files | given, build) | defined
    rules = DoorRules(compiled, made.packages, made.definitions, Expansion(compiled, made.packages)).rules()
    return {
        "rules.json": sections(rules),
        **{f"fsh/{name}": text for name, text in files.items()},
        **{f"iop/{name}": text for name, text in published(compiled).items()},
    }


def write(files: dict[str, str]) -> None:
    """Replace what is generated, so that nothing stays of a map that has gone."""
    for folder in ("fsh", "iop"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    for name, text in files.items():
        target = HERE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def main() -> None:
    """Generate and write everything, fetching the sources and the compiler first where they are not there."""
    try:
        made = project(Sources(fetch()), ARCHIVES, BUILD)
    except package.UsCoreMissing as missing:
        raise SystemExit(f"profiles not generated: {missing}") from missing
    files = generate(made, sushi.fetch(BUILD), BUILD)
    write(files)
    print(f"{len(files)} files, {sum(map(len, files.values())):,} characters")
    print(f"profiles described and not mapped yet: {', '.join(made.waiting()) or 'none'}")


if __name__ == "__main__":
    main()
