"""A partner as it is registered, ready to be asked: where it may be reached, how it is proved to, what is peculiar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from adapter.consent.notice import headers
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.remote.backend import saved
from adapter.remote.guarded import Guard
from adapter.remote.line import Line
from adapter.remote.partner import Partner
from adapter.remote.patience import Patience, Sleep
from adapter.remote.quirks import load_quirks
from adapter.remote.tokens import Identity
from adapter.store.partners import PartnerRow, Partners

ERRANDS = Patience(tries=2, longest=0.0)
"""Of jobs, which are tried again later: they hold up neither the others of their partner nor a worker that stops."""
RENEWED = 3_600.0
"""Seconds after which a partner's server is asked anew what it can do."""


def registered(program: Program, name: str) -> PartnerRow:
    """The partner of this name; Problem(NOT_FOUND) for none, Problem(FORBIDDEN) for one that is disabled."""
    with program.store.asking() as database:
        row = Partners(database).named(name)
    if not row.enabled:
        raise Problem(Kind.FORBIDDEN, f"the partner {name} is disabled")
    return row


@dataclass(frozen=True, slots=True)
class Passing:
    """How time passes for a line: seconds that never go back, and a pause."""

    seconds: Callable[[], float] = monotonic
    sleep: Sleep = asyncio.sleep


@asynccontextmanager
async def opened(
    program: Program, row: PartnerRow, patience: Patience | None = None, passing: Passing | None = None
) -> AsyncIterator[Partner]:
    """A client of the partner's server, whose connections are closed at the end."""
    settings = program.settings
    quirks = load_quirks(settings.mappings / "partners", row.quirks)
    identity = Identity(row.client, saved(Path(row.key_file)), row.scope) if row.client and row.key_file else None
    networks = [ip_network(one.strip()) for one in settings.partner_networks.split(",") if one.strip()]
    guard = Guard([urlsplit(row.base).hostname or "", *row.hosts.split()], networks)
    notice = {name.decode(): value.decode() for name, value in headers(program.base_url)}
    passing = passing or Passing()
    line = Line(
        *(row.name, row.base, guard, program.clock),
        identity=identity,
        patience=patience,
        headers=quirks.headers,
        seconds=passing.seconds,
        sleep=passing.sleep,
    )
    async with line:
        yield Partner(row.name, row.base, row.recipient, line, quirks, notice)


class _Open(NamedTuple):
    row: PartnerRow
    partner: Partner
    line: AsyncExitStack
    since: float


class Lines:
    """One line to each partner that the jobs of a process ask: they share its breaker, its token and its connections.

    For one job of a partner at a time, as those of a lane are.
    """

    def __init__(self, program: Program, passing: Passing | None = None) -> None:
        self._program, self._passing = program, passing or Passing()
        self._open: dict[str, _Open] = {}

    async def to(self, row: PartnerRow) -> Partner:
        """The partner; of one that is registered otherwise than before the line is a new one."""
        row, now = row._replace(every_minutes=None, followed=None), self._passing.seconds()
        known = self._open.get(row.name)
        if known and known.row == row:
            if now - known.since > RENEWED:
                known.partner.forget()
                self._open[row.name] = known._replace(since=now)
            return known.partner
        if known:
            await known.line.aclose()
        line = AsyncExitStack()
        partner = await line.enter_async_context(opened(self._program, row, ERRANDS, self._passing))
        self._open[row.name] = _Open(row, partner, line, now)
        return partner

    async def close(self) -> None:
        """Close all connections."""
        for one in self._open.values():
            await one.line.aclose()
        self._open.clear()
