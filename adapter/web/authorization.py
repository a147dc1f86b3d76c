"""The routes of requests for authorization at the native door: one as a file for its payer."""

from __future__ import annotations

import asyncio
from typing import Any

from adapter.exchange.aftercare_document import MAKE
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


def _making() -> Json:
    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    content = {"application/fhir+json": {"schema": {"type": "object"}}}
    told = {"200": {"description": "a Bundle that begins with the Claim", "content": content}}
    return {"parameters": [id], "responses": told | REFUSED}


ROUTES = (
    NativeRoute(
        *("GET", f"{REQUEST}/{{id}}/$document", MAKE, "As a Bundle for its payer", _document, _making),
        concept=REQUEST,
        tag=REQUEST,
        outside=True,
    ),
)
