"""What was refused, as the ledger has it: how often to whom for which reason, never whether anything was hidden."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import NamedTuple

from adapter.fhir.dates import milliseconds
from adapter.store.database import Database
from adapter.store.disclosure import storable
from adapter.store.pages import pages
from adapter.store.reports import Period, date_of
from adapter.store.statements import statement


class Refused(NamedTuple):
    """Requests of one client from one address that were refused for one reason, `number` of them since `since_ms`;
    `token`, `address` and `request` are those of the first. Without a client, the token proved nobody."""

    batch: int
    n: int
    at_ms: int
    since_ms: int
    number: int
    client: str
    kind: str
    organization: str
    person: str | None
    purpose: str
    network: str | None
    interaction: str
    type: str
    status: int
    reason: str
    token: str
    address: str
    request: str | None


class Denied(NamedTuple):
    """The same in a sheet."""

    since: str
    until: str
    number: int
    status: int
    reason: str
    client: str
    kind: str
    organization: str
    person: str
    network: str
    interaction: str
    type: str
    first_address: str
    first_request: str


def row(
    since_ms: int, number: int, who: tuple[str | int | None, ...], first: tuple[str | None, ...]
) -> tuple[object, ...]:
    """A row without batch and number: `who` are the columns from client to reason, `first` the last three."""
    said = (storable(one) if isinstance(one, str) else one for one in (*who, *first))
    return since_ms, number, *said


def refused_in(database: Database, period: Period, after: tuple[int, int] = (0, 0)) -> Iterator[Refused]:
    """What was refused in a period, behind a position, in order."""
    before = database.execute(statement("batch_before"), (milliseconds(period.since),)).fetchone()
    begin = max(after, (before[0], 2**62) if before else (0, 0))
    until = milliseconds(period.until)
    for found in pages(database, "refused_between", {"batch": begin[0], "n": begin[1]}, until=until):
        yield Refused(*found)


def denied(database: Database, period: Period, zone: tzinfo) -> Iterator[Denied]:
    """The same for a sheet."""
    for one in refused_in(database, period):
        yield Denied(
            *(date_of(one.since_ms, zone), date_of(one.at_ms, zone), one.number, one.status, one.reason, one.client),
            *(one.kind, one.organization, one.person or "", one.network or "", one.interaction, one.type),
            *(one.address, one.request or ""),
        )
