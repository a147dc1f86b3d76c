"""The routes of `/iop/proposals`: what staff are asked about records, and what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from adapter.identity import proposed_pairs, proposed_records
from adapter.identity.proposals import KNOWN, LIST, Find, proposals
from adapter.identity.saying import SAY, SAY_ALL, WORDS, Also, say_of, say_of_many
from adapter.interactions.answer import Answer
from adapter.referral import elsewhere
from adapter.web.call import Call
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import Native, body_of
from adapter.web.negotiation import only

Json = dict[str, Any]
KINDS: Mapping[str, Find] = {
    "consent": proposed_records.consents,
    "record": proposed_records.records,
    "same": proposed_pairs.same,
    "person": proposed_pairs.persons,
    elsewhere.KIND: elsewhere.alternatives,
}
ALSO: Also = {elsewhere.KIND: elsewhere.decide}


async def _list(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    only(pairs, KNOWN)
    return await native.desk.ask(lambda: proposals(native.program, native.predicate, KINDS, pairs))


async def _say(native: Native, call: Call) -> Answer:
    body = await body_of(native, call)
    name: str = call.scope["path_params"]["id"]
    return await asyncio.wrap_future(say_of(native.program, native.predicate, ALSO, name, body))


async def _say_all(native: Native, call: Call) -> Answer:
    body = await body_of(native, call)
    return await asyncio.wrap_future(say_of_many(native.program, native.predicate, ALSO, body))


_SAID: Json = {
    "say": {"enum": [*WORDS]},
    "reason": {"type": "string", "description": "Why; a refusal needs it."},
}
_PEOPLE: Json = {
    "unlike": {"type": "boolean", "description": "They are one person although nothing says so."},
    "consents": {"enum": ["both"], "description": "The consents of each are for the records of both."},
}


def _described_list() -> Json:
    words = {"participant": "Of one participant.", "limit": "Items of a page.", "page": "The page that a link names."}
    asked = [
        {"name": name, "in": "query", "schema": {"type": "string"}, "description": said} for name, said in words.items()
    ]
    asked.append({"name": "kind", "in": "query", "schema": {"enum": [*KINDS]}, "description": "Of one kind."})
    items = {"items": {"type": "array", "items": {"type": "object"}}, "next": {"type": "string"}}
    return {"parameters": asked, "responses": _responses("what waits, and a page more", items)}


def _described_one() -> Json:
    keep = {"keep": {"type": "string", "description": "Which of two stays; else the one written first."}}
    keep["service"] = {"type": "string", "description": "Which of the alternatives of a declined referral."}
    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    id["description"] = "The `proposal` of an item."
    return {"parameters": [id], **_takes(_SAID | _PEOPLE | keep)}


def _described_many() -> Json:
    listed = {"type": "array", "items": {"type": "string"}}
    which = {
        "items": listed | {"description": "The `proposal`s of items."},
        "document": {"type": "string", "description": "All that a DocumentReference told, by its id."},
        "types": listed | {"description": "Of a document, only records of these types."},
    }
    return _takes(_SAID | _PEOPLE | which)


def _takes(properties: Json) -> Json:
    schema = {"type": "object", "properties": properties, "required": ["say"]}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    listed = {"type": "array", "items": {"type": "string"}}
    given = {"items": listed, "said": {"type": "string"}, "records": listed, "left": listed}
    return {"requestBody": body, "responses": _responses("what was said, and the records that it wrote", given)}


def _responses(said: str, properties: Json) -> Json:
    schema = {"application/json": {"schema": {"type": "object", "properties": properties}}}
    refused = {"description": "an OperationOutcome that says why; nothing was written"}
    return {"200": {"description": said, "content": schema}, "default": refused}


PROPOSALS = (
    NativeRoute("GET", LIST, LIST, "What others told and what may be one, for staff to say", _list, _described_list),
    NativeRoute(
        *("POST", f"{LIST}/{SAY_ALL}", SAY, "Say what several are", _say_all, _described_many), operation="say_all"
    ),
    NativeRoute("POST", f"{LIST}/{{id}}", SAY, "Say what one proposal is", _say, _described_one),
)
