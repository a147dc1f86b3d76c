"""The routes of referrals out of the program at the native door: the list, to have one sent, or made a document."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path
from typing import Any

from adapter.consent.matrix import Matrix
from adapter.exchange.aftercare_asking import SAYS, SEND, send
from adapter.exchange.aftercare_document import MAKE, document
from adapter.exchange.aftercare_listing import KNOWN, LIST, REFERRAL, aftercare
from adapter.fhir.elements import Definitions
from adapter.interactions.answer import Answer
from adapter.interactions.types import served_by
from adapter.mapping.load import Maps
from adapter.problems import Kind, Problem
from adapter.web.call import Call
from adapter.web.cells import fhir_cells, native_cells
from adapter.web.fhir import ROUTES as FHIR
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import DOCUMENT, Native
from adapter.web.negotiation import check_content, none_of, only
from adapter.web.openapi import REFUSED

Json = dict[str, Any]
TO = "recipient"


async def _list(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    only(pairs, KNOWN)
    return await native.desk.ask(lambda: aftercare(native.program, native.predicate, pairs))


async def _send(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    body = await call.body(native.program.settings.resource_limit)
    if body:
        check_content(call, DOCUMENT)
    return await asyncio.wrap_future(send(native.program, native.predicate, call.scope["path_params"]["id"], body))


async def _document(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    only(pairs, (TO,))
    if not pairs:
        raise Problem(Kind.INVALID, "say for whom: recipient=Organization/ID", TO, code="required")
    program, id = native.program, call.scope["path_params"]["id"]
    matrix = await asyncio.to_thread(matrix_of, program.maps, program.definitions, program.settings.mappings)
    return await document(program, native.predicate, matrix, id, pairs[0][1], call.request_id)


@lru_cache(8)
def matrix_of(maps: Maps, definitions: Definitions, mappings: Path) -> Matrix:
    """What kinds of clients may see, also where nobody must prove who asks."""
    concepts = [*maps.concepts, *maps.aggregates]
    return Matrix.load(mappings / "release", fhir_cells(served_by(maps, definitions), FHIR), native_cells(concepts))


_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _sending() -> Json:
    said = {"type": "object", "properties": {name: {"type": "string"} for name in SAYS}}
    return {"parameters": [_ID], "requestBody": {"content": {"application/json": {"schema": said}}}} | _given(202)


def _making() -> Json:
    schema = {"type": "string", "description": "Organization/ID"}
    to = {"name": TO, "in": "query", "required": True, "schema": schema}
    content = {"application/fhir+json": {"schema": {"type": "object"}}}
    told = {"200": {"description": "a Bundle of type document", "content": content}}
    return {"parameters": [_ID, to], "responses": told | REFUSED}


def _listing() -> Json:
    asked = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in KNOWN]
    return {"parameters": asked} | _given(200)


def _given(status: int) -> Json:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {"responses": {str(status): {"description": "how it stands", "content": content}} | REFUSED}


ROUTES = (
    NativeRoute("GET", "aftercare", LIST, "Referrals out of the program that are open", _list, _listing),
    NativeRoute(
        *("POST", f"{REFERRAL}/{{id}}/$send", SEND, "Send it to a partner", _send, _sending),
        concept=REFERRAL,
        tag=REFERRAL,
        status=202,
    ),
    NativeRoute(
        *("GET", f"{REFERRAL}/{{id}}/$document", MAKE, "As a document", _document, _making),
        concept=REFERRAL,
        tag=REFERRAL,
        outside=True,
    ),
)
