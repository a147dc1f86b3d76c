"""The reads of a batch or transaction: each answered as the door answers its address.

https://hl7.org/fhir/R4/http.html#transaction
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from adapter.fhir.form_pairs import form_pairs
from adapter.interactions.answer import Answer
from adapter.interactions.entry_request import Step
from adapter.interactions.places import at
from adapter.interactions.posted import told
from adapter.problems import Kind, Problem
from adapter.web.asked import Asked
from adapter.web.call import ADDRESS_LIMIT, Call, Message


class EntryReads:
    """The reads of one Bundle."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    async def answer(self, s: Step) -> Answer:
        """What one read finds, or why not."""
        try:
            answer = await self._asked_again(s)
        except Problem as problem:
            answer = told(self._asked.program, problem)
        # A read answers without waiting for anything, and others want to be heard in between.
        await asyncio.sleep(0)
        return answer

    async def _asked_again(self, s: Step) -> Answer:
        """The entry as a request of its own at this door."""
        path, _, query = s.entry.url.partition("?")
        if len(s.entry.url) > ADDRESS_LIMIT:
            raise Problem(Kind.URI_TOO_LONG, f"the address is longer than {ADDRESS_LIMIT} bytes")
        found = self._asked.table.find(path)
        route = self._asked.table.route(found, "GET")
        tag = s.entry.if_none_match
        headers = [(b"if-none-match", tag.encode())] if tag is not None else []
        call = Call({"method": "GET", "path": path, "headers": headers}, _nobody, self._asked.desk)
        pairs = form_pairs(query)
        return await route.handler(replace(self._asked, call=call, parts=found.parts, pairs=pairs, due=True))


def check_routes(asked: Asked, steps: Sequence[Step]) -> None:
    """A transaction that reads where nothing is to be read is refused before anything is written."""
    for s in steps:
        if s.kind is None:
            try:
                asked.table.route(asked.table.find(s.entry.url.partition("?")[0]), "GET")
            except Problem as problem:
                raise at(problem, f"{s.entry.place}.request.url") from None


async def _nobody() -> Message:
    """A read has no body."""
    return {"type": "http.request", "body": b"", "more_body": False}
