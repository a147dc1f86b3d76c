"""A practice's files, made once for all tests of the import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.ingest.demo import demo_data
from adapter.interactions.program import Program
from tests.ingest.practice import opened, trimmed


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a practice with three clients."""
    folder = tmp_path_factory.mktemp("practice")
    return trimmed(demo_data(folder, clients=12), folder / "practice.db")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A program with an empty store."""
    with opened(tmp_path / "program") as program:
        yield program
