"""Subscription at the FHIR door: for clients that prove themselves it is kept apart from the records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from adapter.callers import Caller
from adapter.interactions.answer import Answer
from adapter.notifications.asking import EVENTS, STATUS, missed, stand
from adapter.notifications.subscribing import read_subscription, search_subscriptions, subscribe, unsubscribe
from adapter.problems import Kind, Problem
from adapter.web.asked import Asked, Handler, Route
from adapter.web.negotiation import Pairs, none_of
from adapter.web.smart.scopes import listed

TYPE, INSTANCE = "/*", "/*/*"
HERE = "Subscription"


def subscription_routes(
    search: Handler, read: Handler, create: Handler, delete: Handler, form: Callable[[Asked], Awaitable[Pairs]]
) -> Iterator[Route]:
    """Routes in the place of these, which go on keeping Subscriptions as records, that nobody is told by, for whoever
    reaches a server that was started open."""

    def known(handler: Callable[[Asked, Caller], Awaitable[Answer]], otherwise: Handler) -> Handler:
        async def handle(asked: Asked) -> Answer:
            caller = asked.entrant.caller
            return await (otherwise(asked) if caller is None else handler(asked, caller))

        return handle

    async def found(asked: Asked, caller: Caller) -> Answer:
        pairs = await form(asked) if asked.call.method == "POST" else asked.pairs
        return await asked.ask(lambda: search_subscriptions(asked.program, asked.predicate, caller, pairs))

    finding = known(found, search)
    yield Route("GET", TYPE, "search-type", finding, HERE)
    yield Route("POST", f"{TYPE}/_search", "search-type", finding, HERE)
    yield Route("POST", TYPE, "create", known(_create, create), HERE)
    yield Route("GET", INSTANCE, "read", known(_read, read), HERE)
    yield Route("DELETE", INSTANCE, "delete", known(_delete, delete), HERE)
    for method in ("GET", "POST"):
        yield Route(method, f"{TYPE}/$status", "operation", known(_status, _closed), HERE, STATUS)
        yield Route(method, f"{INSTANCE}/$status", "operation", known(_status, _closed), HERE, STATUS)
        yield Route(method, f"{INSTANCE}/$events", "operation", known(_events, _closed), HERE, EVENTS)


async def _closed(asked: Asked) -> Answer:
    raise Problem(Kind.FORBIDDEN, "this server was started open: nobody is told of anything")


async def _create(asked: Asked, caller: Caller) -> Answer:
    none_of(asked.pairs)
    if asked.call.header(b"if-none-exist") is not None:
        why = "a Subscription is made without a condition: search for those that you have"
        raise Problem(Kind.INVALID, why, "If-None-Exist", code="not-supported")
    body = await asked.body(asked.program.settings.resource_limit)
    scopes, check = listed(caller.scopes), asked.entrant.check_read
    return await subscribe(asked.program, asked.predicate, caller, scopes, body, check)


async def _read(asked: Asked, caller: Caller) -> Answer:
    none_of(asked.pairs)
    return await asked.ask(lambda: read_subscription(asked.program, asked.predicate, caller, asked.id))


async def _delete(asked: Asked, caller: Caller) -> Answer:
    none_of(asked.pairs)
    return await unsubscribe(asked.program, caller, asked.id, asked.if_match())


async def _status(asked: Asked, caller: Caller) -> Answer:
    id, given = asked.id if len(asked.parts) > 1 else None, await asked.inputs(STATUS)
    return await asked.ask(lambda: stand(asked.program, asked.predicate, caller, id, given))


async def _events(asked: Asked, caller: Caller) -> Answer:
    given, readers = await asked.inputs(EVENTS), asked.entrant.subscribers
    assert readers is not None
    return await missed(asked.program, asked.predicate, readers, caller, asked.id, given)
