"""Writes the generated pages of this folder from the maps, fixtures and profiles. `make docs` runs it.

`inbound.md` also needs the published examples beside the repository; without them it stays as it is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs.generator.agreement_page import agreement_page
from docs.generator.authorization_page import authorization_page
from docs.generator.ccda_page import ccda_page
from docs.generator.context import Context
from docs.generator.form_page import form_page
from docs.generator.inbound_page import coverage, inbound_page
from docs.generator.pages import concept_pages

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "docs"
DATA = Path(os.environ.get("TEST_SHARED_DATA", ROOT.parent / "shared" / "data"))


def write(folder: Path, pages: dict[str, str]) -> None:
    """Replace what is generated in a folder, so that nothing stays of a map that has gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


def main() -> None:
    """Generate and write everything."""
    context = Context.of(ROOT)
    pages = concept_pages(context)
    write(HERE / "concepts", pages)
    print(f"docs/concepts: {len(pages)} pages, {sum(map(len, pages.values())):,} characters")
    (HERE / "agreement.md").write_text(agreement_page(ROOT), encoding="utf-8")
    (HERE / "authorization.md").write_text(authorization_page(context), encoding="utf-8")
    (HERE / "ccda.md").write_text(ccda_page(ROOT), encoding="utf-8")
    (HERE / "referral-form.md").write_text(form_page(context), encoding="utf-8")
    if not DATA.is_dir():
        print(f"docs/inbound.md: left as it is, there are no published examples at {DATA}")
        return
    text = inbound_page(ROOT, coverage(ROOT, DATA))
    (HERE / "inbound.md").write_text(text, encoding="utf-8")
    print(f"docs/inbound.md: {len(text):,} characters")


if __name__ == "__main__":
    main()
