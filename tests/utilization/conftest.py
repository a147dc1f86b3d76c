"""The definitions, maps and views of the house, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapter.fhir.elements import Definitions
from adapter.mapping.load import Maps, load
from adapter.utilization.views import View
from adapter.utilization.views_reading import read_views

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    return Definitions.load(ROOT / "profiles" / "r4")


@pytest.fixture(scope="session")
def maps(definitions: Definitions) -> Maps:
    return load(ROOT / "mappings", definitions)


@pytest.fixture(scope="session")
def views(definitions: Definitions) -> dict[str, View]:
    return {view.name: view for view in read_views(sorted((ROOT / "mappings" / "views").glob("*.json")), definitions)}
