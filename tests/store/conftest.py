"""Stores with invented records, and the two things every test does with them: write some, ask for some."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapter.consent.predicate import everything
from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.fhir.parameters import parse_search
from adapter.fhir.query import Query
from adapter.store.splice import prepare
from adapter.store.store import Store
from adapter.store.transaction import Transaction
from adapter.store.version import Page, Version

from .serving import open_store

OPEN = everything("a test of invented records")
SECRET = b"a secret for tests only"
LAB = "https://lab.example.org/results"
Resource = dict[str, Any]


class Clock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        """Move on, or back."""
        self.now += timedelta(**by)


class Desk:
    """A store with the short forms that tests use."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    def do(self, work: Callable[[Transaction], Any]) -> Any:
        """What the work answers, once it is on the disk."""
        return self.store.write(work).result(30)

    def put(self, *resources: Resource, concept: str | None = "a_concept", **more: Any) -> list[Version]:
        """Write these, in one transaction."""
        return self.do(lambda transaction: [put(transaction, resource, concept, **more) for resource in resources])

    def delete(self, type: str, id: str) -> Version:
        """Delete one."""
        return self.do(lambda transaction: transaction.delete(type, id))

    def rows(self, sql: str) -> list[Any]:
        """What the database itself answers."""
        with self.store._asked() as database:
            return [tuple(row) for row in database.execute(sql)]

    def query(self, type: str, *pairs: tuple[str, str]) -> Query:
        """The search that these parameters ask for."""
        limits = Limits("http://server.example/fhir", 50, 200, SECRET, self.clock.now)
        return parse_search(type, pairs, self.store.index, limits)

    def page(self, type: str, *pairs: tuple[str, str]) -> Page:
        """The first page."""
        return self.store.search(OPEN, self.query(type, *pairs))

    def ids(self, type: str, *pairs: tuple[str, str]) -> list[str]:
        """The ids on the first page, in its order."""
        return [version.id for version in self.page(type, *pairs).versions]


def put(transaction: Transaction, resource: Resource, concept: str | None = "a_concept", **more: Any) -> Version:
    """Write one resource as it stands."""
    return transaction.put(
        resource["resourceType"], resource["id"], resource, prepare(resource), "map", concept, **more
    )


def observation(
    id: str,
    taken: str | None = "2026-02-01T10:00:00Z",
    code: str = "loinc|1",
    status: str = "final",
    patient: str = "p1",
    categories: Sequence[str] = ("laboratory",),
    **more: Any,
) -> Resource:
    """An invented result; `code` is `system|code`."""
    system, _, value = code.rpartition("|")
    coding = {"system": f"http://{system}.example", "code": value} if system else {"code": value}
    made = {
        "resourceType": "Observation",
        "id": id,
        "status": status,
        "category": [{"coding": [{"system": "http://category.example", "code": name}]} for name in categories],
        "code": {"coding": [coding]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": taken,
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


@pytest.fixture(scope="session")
def index(root: Path) -> Index:
    """The index as shipped."""
    profiles = root / "profiles"
    return Index.load(profiles, Definitions.load(profiles / "r4"), ZoneInfo("America/New_York"))


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def desk(index: Index, clock: Clock) -> Iterator[Desk]:
    """An empty store in memory."""
    store = open_store(index, clock, identifying={LAB})
    yield Desk(store, clock)
    store.close()
