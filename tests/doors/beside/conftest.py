"""The tests in this folder are those of one program alone, run at west while east is full and stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.interactions.program import Program
from tests.doors.mounted import at, client_at, fill
from tests.doors.serving import Client, opened


@pytest.fixture(scope="session")
def east(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The other program, with something of everything."""
    folder = tmp_path_factory.mktemp("beside")
    with at(folder, "east") as east, at(folder, "west") as west, client_at(east, west, "east") as client:
        fill(client, sorted(east.identifying)[0])
        yield east


@pytest.fixture
def program(east: Program, tmp_path: Path) -> Iterator[Program]:
    """A program beside it, which leaves it as it was."""
    before = east.store.t
    with opened(tmp_path) as program:
        yield program
    assert east.store.t == before


@pytest.fixture
def client(east: Program, program: Program) -> Iterator[Client]:
    """A client of the program beside the other."""
    with client_at(east, program) as client:
        yield client
