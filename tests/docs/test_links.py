"""Every link between the pages, and from the README to them, leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.generate import HERE

PAGES = sorted(HERE.rglob("*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(HERE).as_posix())
def test_every_link_of_a_page_leads_to_a_file_and_a_heading(page: Path) -> None:
    for path, heading in set(LINK.findall(page.read_text(encoding="utf-8"))):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        assert not heading or heading in headings(target), f"{path}#{heading}"


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made by what shows it."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-") for text in found}


def test_the_readme_links_to_every_page_for_analysts(root: Path) -> None:
    linked = set(re.findall(r"\]\((docs/[^)]+)\)", (root / "README.md").read_text(encoding="utf-8")))
    assert {"docs/concepts/README.md", "docs/changing-maps.md", "docs/inbound.md"} <= linked
