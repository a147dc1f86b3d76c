"""The verbs of `/iop/{concept}` and `/iop/{concept}/{id}`: what each reads from a request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from adapter.interactions.answer import Answer
from adapter.interactions.forms import AnyForm
from adapter.interactions.native_aggregate import AggregateForm
from adapter.interactions.native_aggregate_list import THROUGH, list_aggregates
from adapter.interactions.native_delete import delete_document
from adapter.interactions.native_get import get
from adapter.interactions.native_list import READ_FROM, list_records
from adapter.interactions.native_patch import patch
from adapter.interactions.native_post import post
from adapter.interactions.native_put import put
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.web.call import Call, Told
from adapter.web.desk import Desk
from adapter.web.negotiation import Pairs, check_content, none_of, once, unless

DOCUMENT = frozenset({"application/json"})
MERGE = DOCUMENT | {"application/merge-patch+json"}
# What a list is told at most once; its filters may be repeated and narrow it further.
ONCE = ("limit", "page", THROUGH, READ_FROM)
LINES = frozenset({"application/x-ndjson", "application/ndjson"})


@dataclass(frozen=True, slots=True)
class Native:
    """One program's native door, for readers under one predicate."""

    program: Program
    predicate: Predicate
    desk: Desk
    told: Told
    forms: Mapping[str, AnyForm]


@dataclass(frozen=True, slots=True)
class Verb:
    """`one`: it concerns one document, by id; `takes` are the media types of its body."""

    method: str
    one: bool
    name: str
    summary: str
    handle: Callable[[Native, AnyForm, Call], Awaitable[Answer]]
    takes: frozenset[str] = frozenset()


async def _list(native: Native, kind: AnyForm, call: Call) -> Answer:
    pairs = call.parameters()
    once(pairs, ONCE)
    answer = await native.desk.ask(lambda: _listed(native, kind, pairs))
    had = answer.etag is not None and answer.etag in unless(call).tags
    return Answer(304, None, answer.etag) if had else answer


def _listed(native: Native, kind: AnyForm, pairs: Pairs) -> Answer:
    if isinstance(kind, AggregateForm):
        return list_aggregates(native.program, native.predicate, kind, pairs)
    return list_records(native.program, native.predicate, kind, pairs)


async def _get(native: Native, kind: AnyForm, call: Call) -> Answer:
    pairs = call.parameters()
    none_of([pair for pair in pairs if pair != ("with", "residue")])
    once(pairs, ("with",))
    return get(native.program, native.predicate, kind, _id(call), unless(call), residue=bool(pairs))


async def _post(native: Native, kind: AnyForm, call: Call) -> Answer:
    body = await body_of(native, call)
    return await asyncio.wrap_future(post(native.program, native.predicate, kind, body))


async def _put(native: Native, kind: AnyForm, call: Call) -> Answer:
    body = await body_of(native, call)
    return await asyncio.wrap_future(put(native.program, native.predicate, kind, _id(call), body, _if_match(call)))


async def _patch(native: Native, kind: AnyForm, call: Call) -> Answer:
    body = await body_of(native, call, MERGE)
    return await asyncio.wrap_future(patch(native.program, native.predicate, kind, _id(call), body, _if_match(call)))


async def _delete(native: Native, kind: AnyForm, call: Call) -> Answer:
    none_of(call.parameters())
    return await asyncio.wrap_future(
        delete_document(native.program, native.predicate, kind, _id(call), _if_match(call))
    )


VERBS = (
    Verb("GET", False, "list", "List, newest first", _list),
    Verb("POST", False, "create", "Write a new one; its id is given here", _post, DOCUMENT),
    Verb("GET", True, "get", "Read one", _get),
    Verb("PUT", True, "put", "Make it so; can be repeated", _put, DOCUMENT),
    Verb("PATCH", True, "patch", "Change fields (RFC 7386)", _patch, MERGE),
    Verb("DELETE", True, "delete", "Delete it; its history stays", _delete),
)


def _id(call: Call) -> str:
    id: str = call.scope["path_params"]["id"]
    return id


def _if_match(call: Call) -> str | None:
    """The ETag that the sender saw; a list of several or `*` would not say what was seen."""
    tag = call.header(b"if-match")
    if tag is not None and ("," in tag or tag.strip() == "*"):
        raise Problem(Kind.INVALID, "If-Match must be the one ETag that you saw", "If-Match", code="value")
    return tag


async def body_of(native: Native, call: Call, takes: frozenset[str] = DOCUMENT) -> bytes:
    """The body of a request that has no parameters."""
    none_of(call.parameters())
    check_content(call, takes)
    return await call.body(native.program.settings.resource_limit)
