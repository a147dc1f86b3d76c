"""The routes of requests for authorization at the native door: one is sent to its payer, or made a file for it."""

from __future__ import annotations

import asyncio
from typing import Any

from adapter.exchange.aftercare_document import MAKE
from adapter.exchange.authorization_asking import SUBMIT, submit
from adapter.exchange.authorization_document import REQUEST, request_document
from adapter.interactions.answer import Answer
from adapter.web.aftercare import matrix_of
from adapter.web.call import Call
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import Native
from adapter.web.negotiation import none_of
from adapter.web.openapi import REFUSED

Json = dict[str, Any]


async def _document(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    program, id = native.program, call.scope["path_params"]["id"]
    matrix = await asyncio.to_thread(matrix_of, program.maps, program.definitions, program.settings.mappings)
    return await request_document(program, native.predicate, matrix, id, call.request_id)


async def _submit(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    return await asyncio.wrap_future(submit(native.program, native.predicate, call.scope["path_params"]["id"]))


_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _submitting() -> Json:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {"parameters": [_ID], "responses": {"202": {"description": "it will be sent", "content": content}} | REFUSED}


def _making() -> Json:
    content = {"application/fhir+json": {"schema": {"type": "object"}}}
    told = {"200": {"description": "a Bundle that begins with the Claim", "content": content}}
    return {"parameters": [_ID], "responses": told | REFUSED}


ROUTES = (
    NativeRoute(
        *("POST", f"{REQUEST}/{{id}}/$submit", SUBMIT, "Send it to its payer", _submit, _submitting),
        concept=REQUEST,
        tag=REQUEST,
        status=202,
    ),
    NativeRoute(
        *("GET", f"{REQUEST}/{{id}}/$document", MAKE, "As a Bundle for its payer", _document, _making),
        concept=REQUEST,
        tag=REQUEST,
        outside=True,
    ),
)
