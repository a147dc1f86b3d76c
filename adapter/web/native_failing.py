"""What could not be told, at the native door: the list, and another try."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from adapter.interactions.answer import Answer
from adapter.notifications.failing import KNOWN, deliveries, replay
from adapter.web.call import Call
from adapter.web.native_verbs import Native
from adapter.web.negotiation import none_of, once
from adapter.web.openapi import REFUSED


class FailingRoute(NamedTuple):
    """One line of the door."""

    name: str
    method: str
    path: str
    work: Callable[[Native, Call], Awaitable[Answer]]
    summary: str
    status: int


async def _listed(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    once(pairs, KNOWN)
    return await native.desk.ask(lambda: deliveries(native.program, native.predicate, pairs))


async def _replay(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    return await replay(native.program, native.predicate, call.scope["path_params"]["id"])


ROUTES = (
    FailingRoute("deliveries", "GET", "/deliveries", _listed, "Clients that cannot be told of what happens", 200),
    FailingRoute("replay", "POST", "/deliveries/{id}/$replay", _replay, "Tell what waits, now", 202),
)


def described(route: FailingRoute) -> dict[str, Any]:
    """What it takes and gives."""
    schema = {"type": "object"}
    given = {"description": "how they stand", "content": {"application/json": {"schema": schema}}}
    words = [{"name": word, "in": "query", "schema": {"type": "string"}} for word in KNOWN if route.method == "GET"]
    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {"parameters": words or [id], "responses": {str(route.status): given} | REFUSED}
