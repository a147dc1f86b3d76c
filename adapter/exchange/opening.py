"""A partner as it is registered, ready to be asked: where it may be reached, how it is proved to, what is peculiar."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from adapter.consent.notice import headers
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.remote.backend import saved
from adapter.remote.guarded import Guard
from adapter.remote.line import Line
from adapter.remote.partner import Partner
from adapter.remote.patience import Patience
from adapter.remote.quirks import load_quirks
from adapter.remote.tokens import Identity
from adapter.store.partners import PartnerRow, Partners


def registered(program: Program, name: str) -> PartnerRow:
    """The partner of this name; Problem(NOT_FOUND) for none, Problem(FORBIDDEN) for one that is disabled."""
    with program.store.asking() as database:
        row = Partners(database).named(name)
    if not row.enabled:
        raise Problem(Kind.FORBIDDEN, f"the partner {name} is disabled")
    return row


@asynccontextmanager
async def opened(program: Program, row: PartnerRow, patience: Patience | None = None) -> AsyncIterator[Partner]:
    """A client of the partner's server, whose connections are closed at the end."""
    settings = program.settings
    quirks = load_quirks(settings.mappings / "partners", row.quirks)
    identity = Identity(row.client, saved(Path(row.key_file)), row.scope) if row.client and row.key_file else None
    networks = [ip_network(one.strip()) for one in settings.partner_networks.split(",") if one.strip()]
    guard = Guard([urlsplit(row.base).hostname or "", *row.hosts.split()], networks)
    notice = {name.decode(): value.decode() for name, value in headers(program.base_url)}
    line = Line(row.name, row.base, guard, program.clock, identity=identity, patience=patience, headers=quirks.headers)
    async with line:
        yield Partner(row.name, row.base, row.recipient, line, quirks, notice)
