"""The routes of intake at the native door: `/iop/intake`, and what intake says of one referral."""

from __future__ import annotations

import asyncio
from typing import Any

from adapter.interactions.answer import Answer
from adapter.referral.intake import KNOWN, LIST, SETTLE, intake, settle
from adapter.web.call import Call
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import Native, body_of
from adapter.web.negotiation import only

Json = dict[str, Any]


async def _list(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    only(pairs, KNOWN)
    return await native.desk.ask(lambda: intake(native.program, native.predicate, pairs))


async def _settle(native: Native, call: Call) -> Answer:
    body = await body_of(native, call)
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
    NativeRoute("GET", "intake", LIST, "Referrals of which nobody has said who the person is", _list, dict),
    NativeRoute("POST", "intake/{id}/$settle", SETTLE, "Say who the person of a referral is", _settle, _described),
)
