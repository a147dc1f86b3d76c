"""`$export` at the FHIR door: asked for, how it stands, its files, and its end."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

from adapter.callers import Caller
from adapter.consent.gate import reprint
from adapter.export.asking import GROUP, PATIENT, Checks, Kickoff, begin, passing_over
from adapter.export.fetching import NDJSON, File, forget, status
from adapter.export.rosters import names
from adapter.export.sight import Meant, Puller
from adapter.fhir.query import Query
from adapter.interactions.answer import Answer
from adapter.problems import Kind, Problem
from adapter.released import Released
from adapter.store.exports import Stretch
from adapter.web.asked import Asked, Route
from adapter.web.call import DisconnectedError
from adapter.web.negotiation import lenient, none_of, preferences
from adapter.web.smart.scopes import listed

TRIES = 5
"""How often a part is read again of which something was taken back while it was read."""
_GZIP = re.compile(r"(?:^|[,\s])(?:x-)?gzip(?!\s*;\s*q=0(?:\.0*)?(?:\s*,|\s*$))", re.IGNORECASE)


def _known(asked: Asked) -> Caller:
    caller = asked.entrant.caller
    if caller is None:
        raise Problem(Kind.FORBIDDEN, "this server was started open: nobody is there for whom an export could be kept")
    return caller


async def _begin(asked: Asked) -> Answer:
    caller, place = _known(asked), "/".join(asked.parts)
    if "respond-async" not in preferences(asked.call):
        raise Problem(Kind.INVALID, "an export is asked for with `Prefer: respond-async`", "Prefer", code="required")
    if asked.type == "Group" and asked.id not in names(asked.program, caller):
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    pairs, over = passing_over(asked.pairs, lenient=lenient(asked.call) and asked.entrant.lenient)
    operation = GROUP if asked.type == "Group" else PATIENT
    given = await replace(asked, pairs=list(pairs)).inputs(operation)
    kickoff = Kickoff(caller, place, listed(caller.scopes), given, asked.pairs, over)
    checks = Checks(asked.entrant.check_read, lambda query: _check_search(asked, query))
    return await begin(asked.program, asked.predicate, kickoff, checks)


def _check_search(asked: Asked, query: Query) -> None:
    """As if it were asked by itself."""
    entrant = asked.entrant.renewed()
    entrant.check("search-type", query.type)
    entrant.check_query(query)


async def _status(asked: Asked) -> Answer:
    none_of(asked.pairs)
    caller = _known(asked)
    return await asked.ask(lambda: status(asked.program, caller, asked.predicate, asked.type, asked.id))


async def _forget(asked: Asked) -> Answer:
    none_of(asked.pairs)
    return await forget(asked.program, _known(asked), asked.predicate, asked.type, asked.id)


async def _file(asked: Asked) -> Answer:
    none_of(asked.pairs)
    caller, ledger, (type, id, n) = _known(asked), asked.entrant.ledger, asked.parts
    if ledger is None:
        raise Problem(Kind.FAULT, "an export without a ledger is about to leave")
    file = await asked.ask(lambda: File(asked.program, Puller(caller, asked.predicate), ledger, type, id, n))
    packed = bool(_GZIP.search(asked.call.header(b"accept-encoding") or ""))
    headers = (("vary", "accept-encoding"), *((("content-encoding", "gzip"),) if packed else ()))
    if asked.call.method == "HEAD":
        return Answer(200, media=NDJSON, headers=headers, parts=_nothing())
    parts = _parts(asked, file)
    first = await anext(parts, None)  # what is wrong before the first line is told as it always is
    flow = _all(first, parts)
    return Answer(200, media=NDJSON, headers=headers, parts=_packed(flow) if packed else flow)


async def _nothing() -> AsyncIterator[Released]:
    return
    yield


async def _all(first: Released | None, rest: AsyncIterator[Released]) -> AsyncIterator[Released]:
    """What follows on a part that was made already. Its reader is cut off where it cannot go on: half a file that ended
    well would be taken for the whole."""
    if first is None:
        return
    yield first
    try:
        async for part in rest:
            yield part
    except Problem:
        raise DisconnectedError from None


async def _parts(asked: Asked, file: File) -> AsyncIterator[Released]:
    """The parts of a file, each in the ledger before it goes."""
    meant = await asked.ask(file.meant)
    stretches = file.stretches(meant)
    while (stretch := await asked.ask(lambda: next(stretches, None))) is not None:
        if (part := await _part(asked, file, meant, stretch)) is not None:
            yield part


async def _part(asked: Asked, file: File, meant: Meant, stretch: Stretch) -> Released | None:
    for attempt in range(TRIES):
        entrant = asked.entrant.renewed()
        part = await asked.ask(lambda: file.part(meant, stretch))
        try:
            await entrant.disclose(asked.call, "$export", part)
            return part
        except Problem as problem:
            if problem.kind is not Kind.BUSY or attempt == TRIES - 1:
                raise
            await asyncio.sleep(0)
    return None


async def _packed(parts: AsyncIterator[Released]) -> AsyncIterator[Released]:
    """The same as gzip has it, RFC 1952; the last of it belongs to the last part."""
    press = zlib.compressobj(1, zlib.DEFLATED, 31)
    last: Released | None = None
    async for part in parts:
        if last is not None:
            yield reprint(last, press.compress)
        last = part
    if last is not None:
        yield reprint(last, lambda body: press.compress(body) + press.flush())


def export_routes() -> Iterator[Route]:
    """At rosters, and at all patients."""
    for on, place, operation in (("Group", "/*/*", GROUP), ("Patient", "/*", PATIENT)):
        for method in ("GET", "POST"):
            yield Route(method, f"{place}/$export", "operation", _begin, on, operation)
        for method, handler in (("GET", _status), ("DELETE", _forget)):
            yield Route(method, "/*/$export/*", "operation", handler, on, operation)
        yield Route("GET", "/*/$export/*/*", "operation", _file, on, operation, lines=True)
