"""The routes of `/iop` that join two participants and part them again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from adapter.identity.native import merge, unmerge
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.web.call import Call
from adapter.web.native_verbs import DOCUMENT, Native
from adapter.web.negotiation import check_content, none_of

CONCEPT = "participant"
"""Whose records they are."""
_TAKES: dict[str, Any] = {
    "into": {"type": "string", "format": "uuid"},
    "consents": {"type": "string", "enum": ["both"]},
    "unlike": {"type": "boolean"},
}
_LISTED = {"type": "array", "items": {"type": "string"}}


@dataclass(frozen=True, slots=True)
class Joining:
    """One of the two: `POST /iop/participant/{id}/$NAME`."""

    name: str
    summary: str
    work: Callable[[Program, Predicate, str, bytes], Future[Answer]]
    takes: bool

    async def handle(self, native: Native, call: Call) -> Answer:
        """The answer, once it is written."""
        none_of(call.parameters())
        body = await call.body(native.program.settings.resource_limit)
        if body:
            check_content(call, DOCUMENT)
        id: str = call.scope["path_params"]["id"]
        return await asyncio.wrap_future(self.work(native.program, native.predicate, id, body))

    def described(self) -> dict[str, Any]:
        """What it takes and gives, for OpenAPI."""
        given = {"id": {"type": "string"}, "records": _LISTED}
        given |= {"into": {"type": "string"}} if self.takes else {"from": {"type": "string"}, "stay": _LISTED}
        told = {"application/json": {"schema": {"type": "object", "properties": given}}}
        id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        schema = {"type": "object", "properties": _TAKES, "required": ["into"]}
        takes = {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
        refused = {"description": "an OperationOutcome that says why"}
        responses = {"200": {"description": "what was changed", "content": told}, "default": refused}
        return {"parameters": [id], "responses": responses, **(takes if self.takes else {})}


JOININGS = (
    Joining("merge", "Join the record into another of the same person", merge, takes=True),
    Joining("unmerge", "Undo that", unmerge, takes=False),
)
