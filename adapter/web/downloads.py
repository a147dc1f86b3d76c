"""A file of bulk data on its way: whole or from where it broke off, packed or plain, by the rules of the moment.

What is sent plain, and is what was found when the export was made, has a strong ETag, and a range of it can be had.
Each part is compared before it goes, so under one ETag nobody is sent other bytes: where what may be sent has become
another, the rest is refused, and the file has no ETag from then on. RFC 9110, 8.8.3, 13 and 14.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing
from functools import partial
from typing import NamedTuple

from adapter.consent.gate import publish, reprint
from adapter.export.fetching import NDJSON, File
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump
from adapter.fhir.outcome import operation_outcome
from adapter.interactions.answer import Answer
from adapter.problems import Issue, Kind, Problem
from adapter.released import Released
from adapter.store.exports import Part
from adapter.web.access import Entrant
from adapter.web.asked import Asked
from adapter.web.call import DisconnectedError
from adapter.web.packing import PRESSES, Press, coding

TRIES = 5
"""How often a part is read again of which something was taken back while it was read."""
FRESH_MS = 1_000
"""How long what was read ahead is good, as far as time alone ends what may be seen; what is written is seen at once."""
_RANGE = re.compile(r"bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})", re.ASCII | re.IGNORECASE)
VARY = ("vary", "accept-encoding")
Parts = AsyncIterator[Released]
Read = Callable[[], Released | None]


class Span(NamedTuple):
    """Bytes of a file, from `begin` to before `end`."""

    begin: int
    end: int


async def download(asked: Asked, file: File) -> Answer:
    """200 with a file, 206 with the range that is asked for, 416 where it has no such bytes."""
    packed = coding(_said(asked, b"accept-encoding"))
    span = _span(asked, file, packed)
    if file.etag is None or (span is None and packed):
        return await _whole(asked, file, packed)
    if span is not None and span.begin >= span.end:
        why = Issue("value", f"the file has {file.size} bytes", "Range")
        headers = (VARY, ("content-range", f"bytes */{file.size}"))
        return Answer(416, publish(dump(operation_outcome([why]))), told=True, headers=headers)
    try:
        return await _pinned(asked, file, span)
    except Problem as problem:
        if problem.kind is not Kind.PRECONDITION:
            raise
    return await _whole(asked, file, packed)


def _said(asked: Asked, header: bytes) -> str:
    return asked.call.header(header) or ""


def _span(asked: Asked, file: File, packed: str | None) -> Span | None:
    """The range that is asked for; None where all is to be sent: of several ranges, too, and of what is not what its
    reader has. Who says nothing of what he has, and takes it packed, may have the beginning of that."""
    match = _RANGE.fullmatch(_said(asked, b"range").strip())
    having = _said(asked, b"if-range").strip()
    if match is None or file.etag is None or having not in ("", file.etag) or (packed and not having):
        return None
    first, last = match.groups()
    if not first:
        return Span(max(file.size - int(last), 0), file.size) if last else None
    if last and int(last) < int(first):
        return None
    return Span(int(first), min(int(last) + 1, file.size) if last else file.size)


async def _whole(asked: Asked, file: File, packed: str | None) -> Answer:
    """What may be seen of it now."""
    headers = (VARY, *((("content-encoding", packed),) if packed else ()))
    if asked.call.method == "HEAD":
        return Answer(200, media=NDJSON, headers=headers, parts=_nothing())
    flow = await _begun(_stretches(asked, file))
    return Answer(200, media=NDJSON, headers=headers, parts=_packed(flow, PRESSES[packed]()) if packed else flow)


async def _pinned(asked: Asked, file: File, span: Span | None) -> Answer:
    """What it was found to be. Problem(PRECONDITION) where it is not that any more, seen before the first byte."""
    etag, size, (begin, end) = file.etag, file.size, span or Span(0, file.size)
    headers: tuple[tuple[str, str], ...] = (VARY, ("accept-ranges", "bytes"))
    if asked.call.method == "HEAD":
        return Answer(200, etag=etag, media=NDJSON, headers=headers, parts=_nothing())
    flow = await _begun(_known(asked, file, Span(begin, end)))
    headers = (*headers, ("content-length", str(end - begin)))
    if span is None:
        return Answer(200, etag=etag, media=NDJSON, headers=headers, parts=flow)
    headers = (*headers, ("content-range", f"bytes {begin}-{end - 1}/{size}"))
    return Answer(206, etag=etag, media=NDJSON, headers=headers, parts=flow)


async def _begun(parts: Parts) -> Parts:
    """The same, of which the first is made: what is wrong before the first line is told as it always is."""
    return _all(await anext(parts, None), parts)


async def _nothing() -> Parts:
    return
    yield


async def _all(first: Released | None, rest: Parts) -> Parts:
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


async def _stretches(asked: Asked, file: File) -> Parts:
    """The parts of a file, each in the ledger before it goes."""
    meant = await asked.ask(file.meant)
    async with aclosing(_recorded(asked, (partial(file.part, meant, one) for one in file.stretches(meant)))) as parts:
        async for part in parts:
            yield part


async def _known(asked: Asked, file: File, span: Span) -> Parts:
    """The bytes of a span, each part as it was found first or not at all."""
    meant = await asked.ask(file.meant)
    wanted = [*_within(file.parts, span)]
    reads = (partial(file.known, meant, part) for part, _ in wanted)
    try:
        async with aclosing(_recorded(asked, reads)) as parts:
            for part, (begin, end) in wanted:
                lines = await anext(parts)
                yield lines if (begin, end) == (0, part.size) else reprint(lines, _cut(begin, end))
    except Problem as problem:
        if problem.kind is Kind.PRECONDITION:
            await file.forget_parts()
        raise


def _within(parts: Iterable[Part], span: Span) -> Iterator[tuple[Part, Span]]:
    """The parts of a file that a span has bytes of, and which of their bytes."""
    at = 0
    for part in parts:
        begin, end = max(span.begin - at, 0), min(span.end - at, part.size)
        at += part.size
        if begin < end:
            yield part, Span(begin, end)


def _cut(begin: int, end: int) -> Callable[[bytes], bytes]:
    return lambda body: body[begin:end]


class Reading(NamedTuple):
    """What was read, by whom as he stood then, at `at_ms`, and how to read it again."""

    read: Read
    at_ms: int
    entrant: Entrant
    part: Released | None


async def _recorded(asked: Asked, reads: Iterator[Read]) -> AsyncGenerator[Released, None]:
    """What each reads, where that is anything, once it is in the ledger; the next is read while one is on its way."""
    ahead = asyncio.ensure_future(asked.ask(lambda: _following(asked, reads)))
    try:
        while (reading := await ahead) is not None:
            ahead = asyncio.ensure_future(asked.ask(lambda: _following(asked, reads)))
            if (part := await _told(asked, reading)) is not None:
                yield part
    finally:
        await asyncio.wait([ahead])
        ahead.cancelled() or ahead.exception()  # else the loop complains of what nobody waits for any more


def _following(asked: Asked, reads: Iterator[Read]) -> Reading | None:
    read = next(reads, None)
    return None if read is None else _reading(asked, read)


def _reading(asked: Asked, read: Read) -> Reading:
    return Reading(read, milliseconds(asked.program.clock()), asked.entrant.renewed(), read())


async def _told(asked: Asked, reading: Reading) -> Released | None:
    """What was read, in the ledger; read anew where something of it was taken back, or it was read too long ago."""
    for attempt in range(TRIES):
        if milliseconds(asked.program.clock()) - reading.at_ms > FRESH_MS:
            reading = await asked.ask(partial(_reading, asked, reading.read))
        try:
            await reading.entrant.disclose(asked.call, "$export", reading.part)
            return reading.part
        except Problem as problem:
            if problem.kind is not Kind.BUSY or attempt == TRIES - 1:
                raise
            await asyncio.sleep(0)
            reading = await asked.ask(partial(_reading, asked, reading.read))
    return None


async def _packed(parts: Parts, press: Press) -> Parts:
    """The same as it is packed; the last of it belongs to the last part."""
    last: Released | None = None
    async for part in parts:
        if last is not None:
            yield reprint(last, press.compress)
        last = part
    if last is not None:
        yield reprint(last, lambda body: press.compress(body) + press.flush())
