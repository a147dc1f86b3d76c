"""Work that is done without anybody who waits, at the native door: to ask for it, what of it fails, and another try."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from adapter.exchange import aftercare_listing, authorization_asking
from adapter.exchange import failing as exchanging
from adapter.exchange.asking import PATIENT, VERB, ask_push
from adapter.interactions.answer import Answer
from adapter.interactions.failing_jobs import KNOWN, LIST, Manners, failing, replay
from adapter.notifications import failing as notifying
from adapter.review import sending
from adapter.store.aftercare import AFTERCARE, CHANGE
from adapter.store.subscriptions import NOTIFY
from adapter.web.call import Call
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import Native, body_of
from adapter.web.negotiation import none_of, only
from adapter.web.openapi import REFUSED

Json = dict[str, Any]
Work = Callable[[Native, Call], Awaitable[Answer]]
_REFERRED = dict.fromkeys((AFTERCARE, CHANGE), aftercare_listing.MANNER)
_ASKED = {authorization_asking.AUTHORIZE: authorization_asking.MANNER, sending.ATTACH: sending.MANNER}
MANNERS: Manners = {NOTIFY: notifying.MANNER, **_REFERRED, **_ASKED, **exchanging.MANNERS}


async def _listed(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    only(pairs, KNOWN)
    return await native.desk.ask(lambda: failing(native.program, native.predicate, MANNERS, pairs))


async def _replay(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    said = call.scope["path_params"]
    return await replay(native.program, native.predicate, MANNERS, said["kind"], said["key"])


async def _push(native: Native, call: Call) -> Answer:
    body = await body_of(native, call)
    return await ask_push(native.program, native.predicate, call.scope["path_params"]["name"], body)


def _described(path: str, status: int, takes: Json | None = None) -> Json:
    """What an address takes and gives."""
    given = {"description": "how they stand", "content": {"application/json": {"schema": {"type": "object"}}}}
    words = () if status == 202 else KNOWN
    asked: list[Json] = [{"name": word, "in": "query", "schema": {"type": "string"}} for word in words]
    asked += [
        {"name": word, "in": "path", "required": True, "schema": {"type": "string"}}
        for word in re.findall(r"{(\w+)", path)
    ]
    body = {"requestBody": {"required": True, "content": {"application/json": {"schema": takes}}}} if takes else {}
    return {"parameters": asked, "responses": {str(status): given} | REFUSED, **body}


def _route(method: str, path: str, name: str, summary: str, work: Work, takes: Json | None = None) -> NativeRoute:
    status = 200 if method == "GET" else 202
    describe = partial(_described, path, status, takes)
    return NativeRoute(method, path, name, summary, work, describe, tag="notifications", status=status)


_ABOUT: Json = {"type": "object", "properties": {PATIENT: {"type": "string"}}, "required": [PATIENT]}
ROUTES = (
    _route("GET", LIST, "deliveries", "Work that fails, or was given up", _listed),
    _route("POST", f"{LIST}/{{kind}}/{{key:path}}/$replay", "replay", "Do it now", _replay),
    _route("POST", f"partners/{{name}}/${VERB}", VERB, "Send a partner what it may see of somebody", _push, _ABOUT),
)
