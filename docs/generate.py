"""Writes the generated pages of this folder from the maps, fixtures and profiles. `make docs` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs.generator.context import Context
from docs.generator.pages import concept_pages

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "docs"


def write(folder: Path, pages: dict[str, str]) -> None:
    """Replace what is generated in a folder, so that nothing stays of a map that has gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


def main() -> None:
    """Generate and write everything."""
    pages = concept_pages(Context.of(ROOT))
    write(HERE / "concepts", pages)
    print(f"docs/concepts: {len(pages)} pages, {sum(map(len, pages.values())):,} characters")


if __name__ == "__main__":
    main()
