"""The routes of requests for authorization at the native door: one is sent to its payer, made a file for it, or
reviewed while treatment goes on."""

from __future__ import annotations

import asyncio
from typing import Any

from adapter.exchange.aftercare_document import MAKE
from adapter.exchange.authorization_asking import SUBMIT, submit
from adapter.exchange.authorization_document import REQUEST, request_document
from adapter.fhir.json import parse
from adapter.interactions.answer import Answer
from adapter.problems import Kind, Problem, named
from adapter.review.asking import APPROVE, DAYS, REVIEW, SAYS, approval_of, approve, look
from adapter.review.sending import ask
from adapter.web.aftercare import matrix_of
from adapter.web.call import Call
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import DOCUMENT, Native
from adapter.web.negotiation import check_content, none_of, only
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


async def _review(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    only(pairs, DAYS)
    program, id = native.program, call.scope["path_params"]["id"]
    matrix = await asyncio.to_thread(matrix_of, program.maps, program.definitions, program.settings.mappings)
    return await native.desk.ask(lambda: look(program, native.predicate, matrix, id, pairs))


async def _approve(native: Native, call: Call) -> Answer:
    none_of(call.parameters())
    program, id = native.program, call.scope["path_params"]["id"]
    body = await call.body(program.settings.resource_limit)
    check_content(call, DOCUMENT)
    said, sends = _said(body)
    approved = approval_of(program, native.predicate, said)
    matrix = await asyncio.to_thread(matrix_of, program.maps, program.definitions, program.settings.mappings)
    if not sends:
        return await approve(program, native.predicate, matrix, id, approved, call.request_id)
    return await asyncio.wrap_future(await asyncio.to_thread(ask, program, native.predicate, matrix, id, approved))


def _said(body: bytes) -> tuple[dict[str, str], bool]:
    """What was looked at, and whether it is to be sent; Problem(INVALID) for anything else."""
    said = parse(body)
    if not isinstance(said, dict):
        raise Problem(Kind.INVALID, f"an approval is an object with {', '.join(SAYS)}", code="structure")
    for name in said:
        if name not in (*SAYS, SEND):
            raise Problem(
                Kind.INVALID, f"{named(name)} is none of {', '.join((*SAYS, SEND))}", named(name), code="structure"
            )
    for name in SAYS:
        if not isinstance(said.get(name), str):
            raise Problem(Kind.INVALID, f"say the {name} that you looked at, as text", name, code="required")
    sends = said.get(SEND, False)
    if not isinstance(sends, bool):
        raise Problem(Kind.INVALID, "send is true or false", SEND, code="value")
    return {name: said[name] for name in SAYS}, sends


SEND = "send"
_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _submitting() -> Json:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {"parameters": [_ID], "responses": {"202": {"description": "it will be sent", "content": content}} | REFUSED}


def _making() -> Json:
    content = {"application/fhir+json": {"schema": {"type": "object"}}}
    told = {"200": {"description": "a Bundle that begins with the Claim", "content": content}}
    return {"parameters": [_ID], "responses": told | REFUSED}


def _looking() -> Json:
    schema = {"type": "string", "format": "date"}
    asked = [{"name": name, "in": "query", "schema": schema} for name in DAYS]
    content = {"application/json": {"schema": {"type": "object"}}}
    told = {"200": {"description": "the document as it would go, and what would stay behind", "content": content}}
    return {"parameters": [_ID, *asked], "responses": told | REFUSED}


def _approving() -> Json:
    words = {name: {"type": "string"} for name in SAYS} | {SEND: {"type": "boolean"}}
    said = {"type": "object", "properties": words, "required": [*SAYS]}
    content = {"application/fhir+json": {"schema": {"type": "object"}}}
    told: Json = {"200": {"description": "a Bundle of type document, which is in the ledger", "content": content}}
    told["202"] = {"description": "it will be sent", "content": {"application/json": {"schema": {"type": "object"}}}}
    asked = {"required": True, "content": {"application/json": {"schema": said}}}
    return {"parameters": [_ID], "requestBody": asked, "responses": told | REFUSED}


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
    NativeRoute(
        *(
            "GET",
            f"{REQUEST}/{{id}}/${REVIEW}",
            REVIEW,
            "Look at the packet of its concurrent review",
            _review,
            _looking,
        ),
        concept=REQUEST,
        tag=REQUEST,
    ),
    NativeRoute(
        *("POST", f"{REQUEST}/{{id}}/${REVIEW}", APPROVE, "Approve that packet for its payer", _approve, _approving),
        concept=REQUEST,
        tag=REQUEST,
        outside=True,
    ),
)
