"""Group at the FHIR door: the rosters of a client are made when it asks; other Groups are records as all are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from adapter.callers import Caller, ClientKind
from adapter.export.rosters import PREFIX, is_asked_for, read_roster, search_rosters, source
from adapter.interactions.answer import Answer
from adapter.problems import Kind, Problem
from adapter.web.asked import Asked, Handler, Route
from adapter.web.negotiation import Pairs, none_of, unless

HERE = "Group"


Search = Callable[[Asked, str, Pairs, str | None], Awaitable[Answer]]


def roster_routes(search: Search, read: Handler, form: Callable[[Asked], Awaitable[Pairs]]) -> Iterator[Route]:
    """Routes in the place of `search` and `read`, which go on showing the Groups that are stored."""

    async def found(asked: Asked) -> Answer:
        caller, pairs = asked.entrant.caller, await form(asked) if asked.call.method == "POST" else asked.pairs
        if caller is None or (caller.kind is not ClientKind.PAYER and not is_asked_for(pairs)):
            return await search(asked, HERE, pairs, None)
        asked.entrant.check_read([source(caller)])
        return await asked.ask(lambda: search_rosters(asked.program, asked.predicate, caller, pairs))

    async def one(asked: Asked) -> Answer:
        caller = asked.entrant.caller
        if caller is None or (caller.kind is not ClientKind.PAYER and not asked.id.startswith(PREFIX)):
            return await read(asked)
        return await _one(asked, caller)

    yield Route("GET", "/*", "search-type", found, HERE)
    yield Route("POST", "/*/_search", "search-type", found, HERE)
    yield Route("GET", "/*/*", "read", one, HERE)


async def _one(asked: Asked, caller: Caller) -> Answer:
    none_of(asked.pairs)
    asked.entrant.check_read([source(caller)])
    given = unless(asked.call)
    found = await asked.ask(lambda: read_roster(asked.program, asked.predicate, caller, asked.id, given))
    if found is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    return found
