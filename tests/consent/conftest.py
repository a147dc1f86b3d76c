"""The shipped maps, and the calendar of a program in Denver."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapter.fhir.dates import Calendar
from adapter.fhir.elements import Definitions
from adapter.mapping.load import Maps, load


@pytest.fixture(scope="session")
def maps(root: Path) -> Maps:
    return load(root / "mappings", Definitions.load(root / "profiles" / "r4"))


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar(ZoneInfo("America/Denver"))
