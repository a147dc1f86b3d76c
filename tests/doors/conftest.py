"""A program in memory and a client of its doors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapter.interactions.program import Program
from tests.doors.receiving import Receiver, receiving
from tests.doors.serving import Client, client_of, opened

if TYPE_CHECKING:
    from tests.doors.test_guarded import Place, Sender


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
def receiver() -> Iterator[Receiver]:
    """Somebody on this machine who is told of what happens."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def officer_asks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sender, str]]:
    """A privacy officer of a program with one person, for questions that change nothing; and the person's id."""
    from tests.doors.test_guarded import officer, placed

    with placed(tmp_path_factory.mktemp("asked")) as place:
        yield officer(place), place.participant()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """An empty program with three organizations, whose clients prove themselves."""
    from tests.doors.test_guarded import placed

    with placed(tmp_path) as place:
        yield place
