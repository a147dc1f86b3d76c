"""What may leave for somebody outside, once it is in the ledger of disclosures: 42 CFR 2.13, 2.25."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adapter.callers import Caller
from adapter.consent.gate import recorded, release
from adapter.consent.notice import VERSION
from adapter.exchange.accounting import accounted
from adapter.interactions.program import Program
from adapter.released import Predicate, Released
from adapter.store.disclosure import Disclosure, entry
from adapter.store.ledger import Ledger
from adapter.store.version import Version


async def leaving(
    program: Program,
    ledger: Ledger,
    whom: tuple[Caller, Predicate],
    body: bytes,
    versions: Sequence[Version],
    name: str,
    request: str | None = None,
) -> Released:
    """The body, which shows these versions, for whom a predicate is; Problem(BUSY) where the ledger cannot be written,
    or a consent is gone."""
    caller, predicate = whom
    released = release(predicate, body, versions)
    grounds = await asyncio.to_thread(accounted, program.store, predicate, released.shown)
    rows = [
        entry(Disclosure(caller, ground or released.grant, name, listed, VERSION, request))
        for ground, listed in grounds.items()
    ]
    positions = await asyncio.wrap_future(ledger.write_together(rows))
    return recorded(released, positions[-1])
