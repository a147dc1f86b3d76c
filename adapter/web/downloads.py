"""A file of bulk data on its way: whole or from where it broke off, packed or plain, by the rules of the moment.

What is sent plain, and is what was found when the export was made, has a strong ETag, and a range of it can be had.
Each part is compared before it goes, so under one ETag nobody is sent other bytes: where what may be sent has become
another, the rest is refused, and the file has no ETag from then on. RFC 9110, 8.8.3, 13 and 14.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import replace
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
"""How often a part is read of which something is taken back while it is read."""
FRESH_MS = 1_000
"""How long what was read ahead is good at most, where a coverage ends or a restriction begins by time alone; a consent
that ends is asked about when the part is recorded."""
ALONE = 8
"""Parts that are not read ahead after one that was read in vain."""
_RANGE = re.compile(r"bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})", re.ASCII | re.IGNORECASE)
VARY = ("vary", "accept-encoding")
Parts = AsyncGenerator[Released, None]
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
    try:
        async with aclosing(rest):
            yield first
            async for part in rest:
                yield part
    except Problem:
        raise DisconnectedError from None


async def _stretches(asked: Asked, file: File) -> Parts:
    """The parts of a file, each in the ledger before it goes."""
    meant = await asked.ask(file.meant)
    reads = (partial(file.part, meant, one) for one in file.stretches(meant))
    async with aclosing(_disclosed(Ahead(asked, reads))) as parts:
        async for part in parts:
            if part is not None:
                yield part


async def _known(asked: Asked, file: File, span: Span) -> Parts:
    """The bytes of a span, each part as it was found first or not at all."""
    meant = await asked.ask(file.meant)
    wanted = [*_within(file.parts, span)]
    reads = (partial(file.known, meant, part) for part, _ in wanted)
    try:
        async with aclosing(_disclosed(Ahead(asked, reads))) as parts:
            for part, (begin, end) in wanted:
                if (lines := await anext(parts)) is not None:
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


async def _disclosed(ahead: Ahead) -> AsyncGenerator[Released | None, None]:
    """What each reads, once it is in the ledger; the next is read while one is on its way."""
    try:
        while (reading := await ahead.turn()) is not None:
            ahead.begin()
            yield await ahead.disclosed(reading)
    finally:
        await ahead.close()


class Reading(NamedTuple):
    """What was read, for its reader as he stood, at `at_ms` and while the store was at `moment`."""

    read: Read
    at_ms: int
    moment: int
    entrant: Entrant
    part: Released | None


class Ahead:
    """Reads one thing after another, the next before it is its turn.

    What was read ahead is good as long as nothing was written since, and for `FRESH_MS`; else it is read anew, and then
    for a while nothing ahead: others write, or its reader is slow, and each part would be read twice.
    """

    def __init__(self, asked: Asked, reads: Iterator[Read]) -> None:
        self._asked, self._reads = asked, reads
        self._task: asyncio.Task[Reading | None] | None = None
        self._alone = 0

    async def turn(self) -> Reading | None:
        """The next, as it may be seen now; None behind the last."""
        if self._task is None:
            reading = await self._asked.ask(self._following)
        elif (reading := await self._taken()) is not None:
            entrant = await asyncio.to_thread(self._as_it_stands, reading)
            if entrant is None:
                self._alone = ALONE
                reading = await self._asked.ask(partial(self._reading, reading.read))
            else:
                reading = reading._replace(entrant=entrant)
        # A file that was begun is not cut off because others ask much meanwhile.
        self._asked = replace(self._asked, due=True)
        return reading

    def begin(self) -> None:
        """Read the next, if that is likely to be good when it is its turn."""
        if self._alone:
            self._alone -= 1
        else:
            self._task = asyncio.create_task(self._asked.ask(self._following))

    async def disclosed(self, reading: Reading) -> Released | None:
        """What was read, once it is in the ledger; read anew where something of it has just been taken back."""
        tries = 1
        while True:
            try:
                await reading.entrant.disclose(self._asked.call, "$export", reading.part)
                return reading.part
            except Problem as problem:
                if problem.kind is not Kind.BUSY or tries == TRIES:
                    raise
            tries += 1
            await asyncio.sleep(0)
            reading = await self._asked.ask(partial(self._reading, reading.read))

    async def close(self) -> None:
        """Nobody waits for what is read ahead: whatever it comes to, its place at the desk is free."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.exception()  # else the loop says that nobody has heard of it
            self._task = None

    def _taken(self) -> asyncio.Task[Reading | None]:
        """No frame keeps it: its error would hold the frame, and that the parts, until the collector comes."""
        task, self._task = self._task, None
        assert task is not None
        return task

    def _following(self) -> Reading | None:
        read = next(self._reads, None)
        return None if read is None else self._reading(read)

    def _reading(self, read: Read) -> Reading:
        """Who asks is asked first: what is taken back while it is read is seen by his stamp when it is recorded."""
        program = self._asked.program
        at_ms, moment, entrant = milliseconds(program.clock()), program.store.moment, self._asked.entrant.renewed()
        return Reading(read, at_ms, moment, entrant, read())

    def _as_it_stands(self, reading: Reading) -> Entrant | None:
        """Its reader as he stands now, while what was read is what he would be told now."""
        entrant = self._asked.entrant.renewed()  # before the moment, which is not later then than his stamp
        age = milliseconds(self._asked.program.clock()) - reading.at_ms
        return entrant if self._asked.program.store.moment == reading.moment and 0 <= age <= FRESH_MS else None


async def _packed(parts: Parts, press: Press) -> Parts:
    """The same as it is packed; the last of it belongs to the last part."""
    last: Released | None = None
    async with aclosing(parts):
        async for part in parts:
            if last is not None:
                yield reprint(last, press.compress)
            last = part
    if last is not None:
        yield reprint(last, lambda body: press.compress(body) + press.flush())
