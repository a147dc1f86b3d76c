"""Medical emergencies, 42 CFR 2.51: who tried to open which, and which of them are open."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from adapter.callers import Caller
from adapter.problems import Kind, Problem
from adapter.rules import Emergency
from adapter.store.database import Database
from adapter.store.pages import pages
from adapter.store.statements import statement

ACCESS = "$emergency-access"
"""The interaction under which the ledger has them."""
MINUTES = 60
"""How long one is open."""
MOST, OF_CLIENT, WITHIN_MS = 5, 20, 3_600_000
"""How many one person may try to open in an hour, and all persons at one client, which says itself who they are."""


class Opening(NamedTuple):
    """What is written down of one, 2.51(c): the nature of the emergency, the person's name, whom it was said to be of,
    and until when (ms) it is open; None for an attempt that found nobody."""

    reason: str
    name: str
    asked: str
    until_ms: int | None

    @property
    def query(self) -> bytes:
        """As the ledger has it, beside who, for whom and when."""
        return orjson.dumps(self._asdict())


class Told(NamedTuple):
    """One as the ledger tells it; `patient` is None for an attempt that found nobody."""

    n: int
    at_ms: int
    client: str
    organization: str
    person: str
    token: str
    purpose: str
    opening: Opening
    patient: str | None


def try_to_open(database: Database, id: str, patient: str, caller: Caller, now_ms: int) -> None:
    """Note that a person tries to open one; Problem(THROTTLED) for too many in an hour."""
    who = {"client": caller.client, "person": caller.user}
    tried = database.execute(statement("tried_emergencies"), {**who, "since": now_ms - WITHIN_MS}).fetchone()
    if tried[0] >= MOST or tried[1] >= OF_CLIENT:
        who_has = f"this person has opened {MOST}" if tried[0] >= MOST else f"this client has opened {OF_CLIENT}"
        raise Problem(Kind.THROTTLED, f"{who_has} emergencies within an hour: call the program")
    database.execute(statement("insert_emergency"), {**who, "id": id, "patient": patient, "opened": now_ms})


def open_it(database: Database, id: str, until_ms: int) -> None:
    """Let what was noted be open until then."""
    database.execute(statement("open_emergency"), {"id": id, "closed": until_ms})


def emergencies_of(database: Database, patients: frozenset[str], now_ms: int) -> list[Emergency]:
    """Those of these patients that are open."""
    rows = database.execute(statement("open_emergencies"), {"now": now_ms})
    return [one for row in rows if (one := Emergency(*row)).patient in patients]


def told(ledger: Database) -> Iterator[Told]:
    """All that were opened or tried, in order."""
    for *about, query, patient in pages(ledger, "told_emergencies", {"n": 0}):
        n, at_ms, client, organization, person, token, purpose = about
        yield Told(n, at_ms, client, organization, person, token, purpose, _opening(query), patient)


def _opening(query: str) -> Opening:
    said: dict[str, Any] = orjson.loads(b64decode(query))
    return Opening(**said)
