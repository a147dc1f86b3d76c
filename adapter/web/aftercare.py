"""The routes of referrals out of the program at the native door: the list, and to have one sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from adapter.exchange.aftercare_asking import SAYS, SEND, send
from adapter.exchange.aftercare_listing import KNOWN, LIST, REFERRAL, aftercare
from adapter.interactions.answer import Answer
from adapter.web.call import Call
from adapter.web.native_verbs import DOCUMENT, Native
from adapter.web.negotiation import check_content, none_of, once
from adapter.web.openapi import REFUSED

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AftercareRoute:
    """One address below `/iop`; `concept` is whose records it is about, "" for the list."""

    method: str
    path: str
    name: str
    concept: str
    summary: str
    work: Callable[[Native, Call], Awaitable[Answer]]
    describe: Callable[[], Json]
    status: int = 200


async def _list(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    once(pairs, KNOWN)
    return await native.desk.ask(lambda: aftercare(native.program, native.predicate, pairs))


async def _send(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    body = await call.body(native.program.settings.resource_limit)
    if body:
        check_content(call, DOCUMENT)
    return await asyncio.wrap_future(send(native.program, native.predicate, call.scope["path_params"]["id"], body))


_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _sending() -> Json:
    said = {"type": "object", "properties": {name: {"type": "string"} for name in SAYS}}
    return {"parameters": [_ID], "requestBody": {"content": {"application/json": {"schema": said}}}} | _given(202)


def _listing() -> Json:
    asked = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in KNOWN]
    return {"parameters": asked} | _given(200)


def _given(status: int) -> Json:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {"responses": {str(status): {"description": "how it stands", "content": content}} | REFUSED}


ROUTES = (
    AftercareRoute("GET", "aftercare", LIST, "", "Referrals out of the program that are open", _list, _listing),
    AftercareRoute(
        "POST", f"{REFERRAL}/{{id}}/$send", SEND, REFERRAL, "Send it to a partner", _send, _sending, status=202
    ),
)
