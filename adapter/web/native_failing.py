"""Work that is done without anybody who waits, at the native door: to ask for it, what of it fails, and another try."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from adapter.exchange import aftercare_listing
from adapter.exchange import failing as exchanging
from adapter.exchange.asking import PATIENT, VERB, ask_push
from adapter.interactions.answer import Answer
from adapter.interactions.failing_jobs import KNOWN, LIST, Manners, failing, replay
from adapter.notifications import failing as notifying
from adapter.store.aftercare import AFTERCARE
from adapter.store.subscriptions import NOTIFY
from adapter.web.call import Call
from adapter.web.native_verbs import DOCUMENT, Native
from adapter.web.negotiation import check_content, none_of, once
from adapter.web.openapi import REFUSED

MANNERS: Manners = {NOTIFY: notifying.MANNER, AFTERCARE: aftercare_listing.MANNER, **exchanging.MANNERS}


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
    return await native.desk.ask(lambda: failing(native.program, native.predicate, MANNERS, pairs))


async def _replay(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    said = call.scope["path_params"]
    return await replay(native.program, native.predicate, MANNERS, said["kind"], said["key"])


async def _push(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    check_content(call, DOCUMENT)
    body = await call.body(native.program.settings.resource_limit)
    return await ask_push(native.program, native.predicate, call.scope["path_params"]["name"], body)


ROUTES = (
    FailingRoute("deliveries", "GET", f"/{LIST}", _listed, "Work that fails, or was given up", 200),
    FailingRoute("replay", "POST", f"/{LIST}/{{kind}}/{{key:path}}/$replay", _replay, "Do it now", 202),
    FailingRoute(VERB, "POST", f"/partners/{{name}}/${VERB}", _push, "Send a partner what it may see of somebody", 202),
)


def described(route: FailingRoute) -> dict[str, Any]:
    """What it takes and gives."""
    schema = {"type": "object"}
    given = {"description": "how they stand", "content": {"application/json": {"schema": schema}}}
    words = [{"name": word, "in": "query", "schema": {"type": "string"}} for word in KNOWN if route.method == "GET"]
    which = [
        {"name": word, "in": "path", "required": True, "schema": {"type": "string"}}
        for word in re.findall(r"{(\w+)", route.path)
    ]
    said = {"type": "object", "properties": {PATIENT: {"type": "string"}}, "required": [PATIENT]}
    body = {"requestBody": {"required": True, "content": {"application/json": {"schema": said}}}}
    takes = body if route.name == VERB else {}
    return {"parameters": [*words, *which], "responses": {str(route.status): given} | REFUSED, **takes}
