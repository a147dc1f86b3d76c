"""What the pages are made from, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generator.context import Context


@pytest.fixture(scope="session")
def context(root: Path) -> Context:
    """The maps with their files."""
    return Context.of(root)
