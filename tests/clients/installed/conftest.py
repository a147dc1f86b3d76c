"""Only `make clients` collects this folder: what its tests run is installed by the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients import installing

Programs = Callable[[str], Path]


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The folder of the programs of an environment; skips, with the reason, where it cannot be installed."""

    def found(name: str) -> Path:
        try:
            return installing.environment(name)
        except installing.Missing as missing:
            pytest.skip(f"{name}: {missing}")

    return found


@pytest.fixture(scope="session")
def scripts() -> Path:
    """The folder of the JavaScript clients and their scripts; skips, with the reason, where it cannot be installed."""
    try:
        return installing.scripts()
    except installing.Missing as missing:
        pytest.skip(f"JavaScript clients: {missing}")
