"""A practice's files, made once for all tests of the import."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapter.app import now
from adapter.ingest.demo import demo_data
from adapter.interactions.program import Program
from adapter.mapping.load import Maps
from tests.ingest.practice import opened, trimmed
from tests.store.serving import open_store


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a practice with three clients."""
    folder = tmp_path_factory.mktemp("practice")
    return trimmed(demo_data(folder, clients=12), folder / "practice.db")


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Definitions, maps and indexes, loaded once."""
    with opened(tmp_path_factory.mktemp("house")) as program:
        yield program


@pytest.fixture(scope="session")
def maps(house: Program) -> Maps:
    """The maps of the house."""
    return house.maps


@pytest.fixture
def program(house: Program) -> Iterator[Program]:
    """A program with an empty store, which is gone afterwards."""
    store = open_store(house.store.index, now, identifying=house.identifying)
    yield replace(house, store=store)
    store.close()
