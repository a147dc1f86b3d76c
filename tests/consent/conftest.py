"""The shipped maps, and a program in Denver that reads consents with them."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapter.consent.grants import Program
from adapter.fhir.dates import Calendar
from adapter.fhir.elements import Definitions
from adapter.mapping.load import Maps, load

OURS = "program"


@pytest.fixture(scope="session")
def maps(root: Path) -> Maps:
    return load(root / "mappings", Definitions.load(root / "profiles" / "r4"))


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar(ZoneInfo("America/Denver"))


@pytest.fixture(scope="session")
def program(maps: Maps, calendar: Calendar) -> Program:
    return Program(maps.tables, calendar, frozenset((OURS,)))
