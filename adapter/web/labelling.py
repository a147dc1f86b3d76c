"""The routes of the privacy officer about labels at the native door: `/iop/labels/{type}/{id}`."""

from __future__ import annotations

import asyncio
from typing import Any

from adapter.interactions.answer import Answer, version_of
from adapter.interactions.said_labels import LABELS, TAKE_BACK, labels_of, take_labels_back
from adapter.web.call import Call
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import Native, body_of
from adapter.web.negotiation import none_of

Json = dict[str, Any]


async def _labels(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    return await native.desk.ask(lambda: labels_of(native.program, native.predicate, *_record(call)))


async def _take_back(native: Native, call: Call) -> Answer:
    tag = call.header(b"if-match")
    seen = None if tag is None else version_of(tag, "If-Match")
    body = await body_of(native, call)
    done = take_labels_back(native.program, native.predicate, *_record(call), body, seen)
    return await asyncio.wrap_future(done)


def _record(call: Call) -> tuple[str, str]:
    params: dict[str, str] = call.scope["path_params"]
    return params["type"], params["id"]


def _place() -> list[Json]:
    named = {"type": "The resource type.", "id": "The id of the record."}
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": why}
        for name, why in named.items()
    ]


def _described() -> Json:
    return {"parameters": _place()}


def _taking_back() -> Json:
    label = {"type": "string", "description": "system|code"}
    properties = {"take_back": {"type": "array", "items": label, "minItems": 1}, "reason": {"type": "string"}}
    said = {"type": "object", "properties": properties, "required": ["take_back", "reason"]}
    body = {"required": True, "content": {"application/json": {"schema": said}}}
    return {"parameters": _place(), "requestBody": body}


_PATH = "labels/{type}/{id}"
LABELLING = (
    NativeRoute("GET", _PATH, LABELS, "What a record is labelled, and why", _labels, _described),
    NativeRoute("POST", _PATH, TAKE_BACK, "Take back labels that were said by mistake", _take_back, _taking_back),
)
