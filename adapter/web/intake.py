"""The routes of intake at the native door: `/iop/intake`, and what intake says of one referral."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from adapter.interactions.answer import Answer
from adapter.referral.intake import KNOWN, LIST, SETTLE, intake, settle
from adapter.web.call import Call
from adapter.web.native_verbs import DOCUMENT, Native
from adapter.web.negotiation import check_content, none_of, once

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class IntakeRoute:
    """An address below `/iop`, what it is called and how it is described; `operation` is its own name in OpenAPI, where
    another address is called the same."""

    method: str
    path: str
    name: str
    summary: str
    work: Callable[[Native, Call], Awaitable[Answer]]
    describe: Callable[[], Json]
    operation: str = ""


async def _list(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    none_of([(name, value) for name, value in pairs if name not in KNOWN])
    once(pairs, KNOWN)
    return await native.desk.ask(lambda: intake(native.program, native.predicate, pairs))


async def _settle(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    check_content(call, DOCUMENT)
    body = await call.body(native.program.settings.resource_limit)
    return await asyncio.wrap_future(settle(native.program, native.predicate, call.scope["path_params"]["id"], body))


def _described() -> Json:
    who = {"type": "string", "description": "`new`, or the id of the participant who it is."}
    more: Json = {"unlike": {"type": "boolean"}, "consents": {"enum": ["both"]}, "directory": {"type": "boolean"}}
    more["move"] = {"type": "string", "description": "A state of a referral_task to which it goes at once."}
    more["state_reason"] = {"type": "object", "description": "Why, as in a referral_task: declined needs it."}
    more["started_at"] = {"type": "string", "description": "When the admission begins; else now."}
    said = {"type": "object", "properties": {"participant": who} | more, "required": ["participant"]}
    body = {"required": True, "content": {"application/json": {"schema": said}}}
    task = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "description": "The Task."}
    return {"parameters": [task], "requestBody": body}


INTAKE = (
    IntakeRoute("GET", "intake", LIST, "Referrals of which nobody has said who the person is", _list, dict),
    IntakeRoute("POST", "intake/{id}/$settle", SETTLE, "Say who the person of a referral is", _settle, _described),
)
