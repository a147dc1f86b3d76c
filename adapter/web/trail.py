"""AuditEvent and Provenance at the FHIR door: for clients that prove themselves they are made of rows, `trail`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from adapter.callers import ClientKind
from adapter.interactions.answer import Answer
from adapter.interactions.audit_ids import PREFIX
from adapter.interactions.provenances import provenance, provenances
from adapter.interactions.trail import event, events
from adapter.problems import Kind, Problem
from adapter.web.asked import Asked, Handler, Route
from adapter.web.negotiation import Pairs, none_of

_OWN = frozenset({ClientKind.PROGRAM_EHR, ClientKind.FACILITY})
"""Kinds that see of the Provenances only what they wrote themselves."""


def trail_routes(search: Handler, read: Handler, form: Callable[[Asked], Awaitable[Pairs]]) -> Iterator[Route]:
    """Routes in the place of `search` and `read`, which go on showing what is stored to whoever reaches a server that
    was started open, and where an id is of that."""

    async def found(asked: Asked) -> Answer:
        if asked.entrant.caller is None:
            return await search(asked)
        return await _found(asked, await form(asked) if asked.call.method == "POST" else asked.pairs)

    async def one(asked: Asked) -> Answer:
        made = asked.id.startswith(("act-", PREFIX)) and await _one(asked)
        return made or await read(asked)

    for type in ("AuditEvent", "Provenance"):
        yield Route("GET", "/*", "search-type", found, type)
        yield Route("POST", "/*/_search", "search-type", found, type)
        yield Route("GET", "/*/*", "read", one, type)


async def _found(asked: Asked, pairs: Pairs) -> Answer:
    """A page of what the client may see."""
    program, predicate, ledger = asked.program, asked.predicate, asked.entrant.ledger
    if asked.type == "Provenance":
        own, whole = _sight(asked)
        return await asked.ask(lambda: provenances(program, predicate, pairs, own=own, whole=whole))
    if ledger is None:
        raise Problem(Kind.FAULT, "there is no ledger to read")
    if asked.call.refusals is not None and (written := asked.call.refusals.write()) is not None:
        # What was refused until now is among it; a ledger that fails says so with the next disclosure.
        await asyncio.wait([asyncio.wrap_future(written)])
    return await asked.ask(lambda: events(program, predicate, ledger, pairs))


async def _one(asked: Asked) -> Answer | None:
    """One of them; None for an id that is of something stored."""
    program, predicate, ledger, id = asked.program, asked.predicate, asked.entrant.ledger, asked.id
    if ledger is None:
        return None
    none_of(asked.pairs)
    if asked.type == "Provenance":
        own, whole = _sight(asked)
        return await asked.ask(lambda: provenance(program, predicate, id, own=own, whole=whole))
    if not id.startswith(PREFIX):
        return None
    return await asked.ask(lambda: event(program, predicate, ledger, id))


def _sight(asked: Asked) -> tuple[bool, bool]:
    """Whether only what it wrote itself, and only acts that it sees whole."""
    caller = asked.entrant.caller
    kind = caller.kind if caller else None
    return kind in _OWN, kind is not ClientKind.PRIVACY_OFFICER
