"""The route of program days at the native door: one participant's days with their units, and why they are so many."""

from __future__ import annotations

from typing import Any

from adapter.interactions.answer import Answer
from adapter.utilization.program_days import KNOWN, LIST, program_days
from adapter.web.call import Call
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import Native
from adapter.web.negotiation import only
from adapter.web.openapi import REFUSED

Json = dict[str, Any]


async def _list(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    only(pairs, KNOWN)
    return await native.desk.ask(lambda: program_days(native.program, native.predicate, pairs))


def _listing() -> Json:
    asked: list[Json] = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in KNOWN]
    content = {"application/json": {"schema": {"type": "object"}}}
    told = {"200": {"description": "the days, the newest first", "content": content}}
    return {"parameters": asked, "responses": told | REFUSED}


ROUTES = (NativeRoute("GET", LIST, LIST, "A participant's days, counted", _list, _listing, tag="utilization"),)
