"""A program in memory and a client of its doors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.interactions.program import Program
from tests.doors.serving import Client, client_of, opened
from tests.interactions.two_people import People, somebody


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A program that forgets everything when closed."""
    with opened(tmp_path) as program:
        yield program


@pytest.fixture
def client(program: Program) -> Iterator[Client]:
    """A client that may see all."""
    with client_of(program) as client:
        yield client


@pytest.fixture
def two(client: Client) -> tuple[People, People]:
    """Two people who have nothing to do with each other."""
    return somebody(client, "1"), somebody(client, "2")
