"""The reads of a batch or transaction: each answered as the door answers its address, together bounded.

https://hl7.org/fhir/R4/http.html#transaction
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from adapter.fhir.bundle import Entry
from adapter.fhir.form_pairs import form_pairs
from adapter.interactions.answer import Answer
from adapter.interactions.entry_request import Step
from adapter.interactions.places import at
from adapter.interactions.posted import told
from adapter.problems import Kind, Problem
from adapter.web.asked import Asked
from adapter.web.call import Aim, Call, Message
from adapter.web.entitlements import APART
from adapter.web.errors import logged

QUESTIONS = 2
"""All reads of a Bundle may take as long as so many searches."""
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class EntryReads:
    """The reads of one Bundle.

    Once their answers are longer than one answer may be, the others are refused (403, `too-costly`), and once they have
    taken too long, the others are given up (504, `timeout`). R4 lets a server refuse to perform a search by 403.
    """

    def __init__(self, asked: Asked) -> None:
        settings = asked.program.settings
        self._asked = asked
        self._bytes, self._seconds = settings.answer_limit, float(QUESTIONS * settings.statement_seconds)

    async def answer(self, s: Step) -> Answer:
        """What one read finds, or why not."""
        began = monotonic()
        try:
            self._check()
            answer = await self._asked_again(s)
            self._bytes -= len(answer.body.body) if answer.body else 0
            self._check()
        except Exception as error:
            # The writes of the Bundle are done: what breaks here is the fault of this entry alone.
            known = error if isinstance(error, Problem) and error.kind is not Kind.FAULT else None
            if known:
                self._asked.call.refused(known, aim_of(self._asked, s.entry))
            answer = told(self._asked.program, self._asked.predicate, known or logged(self._asked.call, error)[0])
        finally:
            self._seconds -= monotonic() - began
        # A read answers without waiting for anything, and others want to be heard in between.
        await asyncio.sleep(0)
        return answer

    def _check(self) -> None:
        if self._bytes < 0:
            why = "the reads of this Bundle find more than one answer may hold; ask for fewer, or one by one"
            raise Problem(Kind.FORBIDDEN, why, code="too-costly")
        if self._seconds <= 0:
            raise Problem(Kind.OVERTIME, "the reads of this Bundle take longer than the server may give them")

    async def _asked_again(self, s: Step) -> Answer:
        """The entry as a request of its own at this door."""
        path, _, query = s.entry.url.removeprefix("/").partition("?")
        limit = self._asked.program.settings.url_limit
        if len(s.entry.url) > limit:
            raise Problem(Kind.URI_TOO_LONG, f"the address is longer than {limit} bytes")
        found = self._asked.table.find(path)
        route = self._asked.table.route(found, "GET")
        self._asked.entrant.check(route.name, route.of(found.parts))
        if route.lines:
            raise Problem(Kind.INVALID, "a file goes into no Bundle: ask for it by itself")
        tag = s.entry.if_none_match
        headers = [(b"if-none-match", tag.encode())] if tag is not None else []
        call = Call({"method": "GET", "path": path, "headers": headers}, _nobody, self._asked.desk)
        pairs = form_pairs(query)
        answer = await route.handler(replace(self._asked, call=call, parts=found.parts, pairs=pairs, due=True))
        if answer.media:
            raise Problem(Kind.INVALID, f"what is {answer.media} goes into no Bundle: ask for it by itself")
        return answer


def aim_of(asked: Asked, entry: Entry) -> Aim:
    """What an entry asks for, as a request of its own would: of nothing that there is here, its method and path."""
    path = entry.url.removeprefix("/").partition("?")[0]
    methods, parts = asked.table.find(path)
    route = methods.get(entry.method)
    address = f"{asked.call.path.rstrip('/')}/{path}"
    return Aim(route.interaction, route.of(parts), address) if route else Aim(_VERBS.get(entry.method, ""), "", address)


def check_routes(asked: Asked, steps: Sequence[Step]) -> None:
    """A transaction that asks where nothing is to be read, or what its sender may not, is refused before anything is
    written."""
    for s in steps:
        if s.kind is not None:
            check_write(asked, s)
        else:
            try:
                found = asked.table.find(s.entry.url.removeprefix("/").partition("?")[0])
                route = asked.table.route(found, "GET")
                asked.entrant.check(route.name, route.of(found.parts))
            except Problem as problem:
                raise at(problem, f"{s.entry.place}.request.url") from None


def check_write(asked: Asked, s: Step) -> None:
    """403 for a write that its sender may not ask for, naming the entry."""
    assert s.kind is not None
    try:
        conditional = s.unless is not None or s.sought is not None
        asked.entrant.check("patch" if s.patcher else s.kind, s.type, conditional=conditional)
        if s.type == APART and asked.entrant.caller is not None:
            why = f"a {APART} is made and ended by itself, in no Bundle"
            raise Problem(Kind.INVALID, why, code="not-supported")
        for condition in (s.unless, s.sought):
            if condition is not None:
                asked.entrant.check_query(condition.query)
    except Problem as problem:
        raise at(problem, f"{s.entry.place}.request") from None


async def _nobody() -> Message:
    """A read has no body."""
    return {"type": "http.request", "body": b"", "more_body": False}
