"""The FHIR door: a table of routes, looked up by the shape of the address, and one plain function for each.

https://hl7.org/fhir/R4/http.html. No web framework here: between the server's protocol and the store there is only
this table, because the hot path is paid by every reader.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import partial

from adapter.consent.gate import release, reprint
from adapter.fhir.form_pairs import form_pairs
from adapter.fhir.json import parse
from adapter.fhir.xml_in import XmlReader
from adapter.fhir.xml_out import XmlWriter
from adapter.interactions.answer import Answer
from adapter.interactions.capabilities import Offered, capabilities
from adapter.interactions.condition import Condition
from adapter.interactions.conditional import conditional_delete, conditional_update
from adapter.interactions.create import create
from adapter.interactions.delete import delete
from adapter.interactions.history import history
from adapter.interactions.part import part_asked
from adapter.interactions.patch import patch
from adapter.interactions.program import Program
from adapter.interactions.published import read_published, search_published
from adapter.interactions.read import read
from adapter.interactions.search import is_short, search, wanted
from adapter.interactions.search_all import search_all
from adapter.interactions.terminology_capabilities import terminology_capabilities
from adapter.interactions.types import check_served, served
from adapter.interactions.update import update
from adapter.interactions.vread import vread
from adapter.problems import Kind, Problem, named
from adapter.web import amendments, claims, referrals
from adapter.web.access import Access
from adapter.web.aims import patcher_in, sought
from adapter.web.asked import Asked, Route
from adapter.web.call import FORM_LIMIT, Call, DisconnectedError, Receive, Scope, Send, Told
from adapter.web.desk import Desk
from adapter.web.errors import answered, refusal, unshown
from adapter.web.export import export_routes
from adapter.web.negotiation import (
    FORM,
    Pairs,
    beside,
    check_content,
    general,
    indented,
    lenient,
    none_of,
    only,
    prefer,
    prefers_xml,
    unless,
)
from adapter.web.operations import OPERATIONS
from adapter.web.posting import posted
from adapter.web.rosters import roster_routes
from adapter.web.subscriptions import subscription_routes
from adapter.web.table import Found, RouteTable
from adapter.web.trail import trail_routes
from adapter.web.utilization import utilization_routes
from adapter.web.writer import FHIR_JSON, FHIR_XML, Reply, reply, write

_VERSION = re.compile(r"[1-9][0-9]{0,8}")


async def _metadata(asked: Asked) -> Answer:
    only(asked.pairs, ("mode",))
    mode = asked.pairs[0][1] if asked.pairs else "full"
    if mode == "terminology":
        return terminology_capabilities(asked.program)
    # Of `normative` R4 lets a server answer with more: it may ignore the mode (http.html#capabilities).
    if mode not in ("full", "normative"):
        raise Problem(Kind.INVALID, "the modes are full, normative and terminology", "mode", code="not-supported")
    guarded = asked.entrant.guarded
    there = [(operation, on) for operation, on in OFFERED.operations if guarded or not operation.clients]
    return capabilities(asked.program, OFFERED._replace(operations=there, guarded=guarded))


async def _read(asked: Asked) -> Answer:
    part = part_asked(asked.program, asked.type, asked.pairs)
    return read(asked.program, asked.predicate, asked.type, asked.id, unless(asked.call), part)


async def _vread(asked: Asked) -> Answer:
    part = part_asked(asked.program, asked.type, asked.pairs)
    version = asked.parts[2]
    if not _VERSION.fullmatch(version):
        raise Problem(Kind.NOT_FOUND, "there is no such version of the resource")
    return vread(asked.program, asked.predicate, asked.type, asked.id, int(version), unless(asked.call), part)


async def _create(asked: Asked) -> Answer:
    none_of(asked.pairs)
    sought = asked.call.header(b"if-none-exist")
    condition = (
        Condition.of(asked.program, asked.predicate, asked.type, sought, "If-None-Exist")
        if sought is not None
        else None
    )
    if condition is not None:
        asked.entrant.check_query(condition.query)
    limit = asked.program.settings.bundle_limit if asked.type == "Bundle" else asked.program.settings.resource_limit
    body = await asked.body(limit)
    return await asyncio.wrap_future(
        create(asked.program, asked.predicate, asked.type, body, prefer(asked.call), condition)
    )


async def _update(asked: Asked) -> Answer:
    none_of(asked.pairs)
    if_match = asked.if_match()
    limit = asked.program.settings.bundle_limit if asked.type == "Bundle" else asked.program.settings.resource_limit
    body = await asked.body(limit)
    return await asyncio.wrap_future(
        update(asked.program, asked.predicate, asked.type, asked.id, body, if_match, prefer(asked.call))
    )


async def _delete(asked: Asked) -> Answer:
    none_of(asked.pairs)
    return await asyncio.wrap_future(delete(asked.program, asked.predicate, asked.type, asked.id, asked.if_match()))


async def _history(asked: Asked) -> Answer:
    type, id, *_ = (*asked.parts, None, None)
    return await asked.ask(lambda: history(asked.program, asked.predicate, type, id, asked.pairs))


async def _search(asked: Asked) -> Answer:
    pairs = await _form(asked) if asked.call.method == "POST" else asked.pairs
    return await _found(asked, asked.type, pairs, None)


async def _search_all(asked: Asked) -> Answer:
    pairs = await _form(asked) if asked.call.method == "POST" else asked.pairs
    asked.entrant.check_types([type for name, said in pairs if name == "_type" for type in said.split(",")], pairs)
    return await asked.ask(lambda: search_all(asked.program, asked.predicate, pairs))


async def _compartment(asked: Asked) -> Answer:
    pairs = await _form(asked) if asked.call.method == "POST" else asked.pairs
    type = asked.parts[2]
    check_served(served(asked.program), type)
    return await _found(asked, type, pairs, asked.id)


async def _found(asked: Asked, type: str, pairs: Pairs, patient: str | None) -> Answer:
    easy = lenient(asked.call) and asked.entrant.lenient
    program, predicate, check = asked.program, asked.predicate, asked.entrant.check_query
    understood = partial(wanted, program, predicate, type, pairs, check, lenient=easy, patient=patient)
    query = understood() if is_short(pairs) else None
    if query is not None and query.small:
        return await asked.soon(lambda: search(program, predicate, query))
    return await asked.ask(lambda: search(program, predicate, query or understood()))


async def _form(asked: Asked) -> Pairs:
    """The parameters in the address and in the form."""
    check_content(asked.call, FORM)
    asked.call.form = await asked.call.body(min(FORM_LIMIT, asked.program.settings.resource_limit))
    form = form_pairs(asked.call.form)
    said = dict(asked.call.parameters())
    for name, value in form:
        if said.get(name, value) != value:
            raise Problem(Kind.INVALID, f"the address and the form disagree on {named(name)}", named(name))
    pairs, pretty, xml = general(form)
    asked.call.pretty |= pretty
    asked.call.xml = asked.call.xml if xml is None else xml
    both = [pair for pair in asked.pairs if pair not in pairs]
    return [*both, *pairs]


async def _update_found(asked: Asked) -> Answer:
    condition, if_match = sought(asked), asked.if_match()
    body = await asked.body(asked.program.settings.resource_limit)
    updated = conditional_update(asked.program, asked.predicate, body, condition, if_match, prefer(asked.call))
    return await asyncio.wrap_future(updated)


async def _delete_found(asked: Asked) -> Answer:
    deleted = conditional_delete(asked.program, asked.predicate, sought(asked), asked.if_match())
    return await asyncio.wrap_future(deleted)


async def _patch(asked: Asked) -> Answer:
    none_of(asked.pairs)
    return await _patched(asked, asked.id)


async def _patch_found(asked: Asked) -> Answer:
    return await _patched(asked, sought(asked))


async def _patched(asked: Asked, aim: str | Condition) -> Answer:
    if_match, patcher = asked.if_match(), await patcher_in(asked)
    done = patch(asked.program, asked.predicate, asked.type, aim, patcher, if_match, prefer(asked.call))
    return await asyncio.wrap_future(done)


async def _read_published(asked: Asked) -> Answer:
    none_of(asked.pairs)
    return read_published(asked.program, asked.type, asked.id)


async def _search_published(asked: Asked) -> Answer:
    pairs = await _form(asked) if asked.call.method == "POST" else asked.pairs
    return search_published(asked.program, asked.type, pairs)


ROUTES = (
    Route("GET", "/metadata", "capabilities", _metadata, "system"),
    Route("POST", "/", "transaction", posted, "system"),
    # The last of two at one address: which of them it is, only the body says.
    Route("POST", "/", "batch", posted, "system"),
    Route("GET", "/", "search-system", _search_all, "system"),
    Route("POST", "/_search", "search-system", _search_all, "system"),
    Route("GET", "/*", "search-type", _search),
    Route("POST", "/*/_search", "search-type", _search),
    Route("POST", "/*", "create", _create),
    Route("GET", "/*/*/*", "search-compartment", _compartment, "Patient"),
    Route("POST", "/*/*/*/_search", "search-compartment", _compartment, "Patient"),
    Route("GET", "/*/*", "read", _read),
    Route("GET", "/*/*/_history/*", "vread", _vread),
    Route("GET", "/*/*/_history", "history-instance", _history),
    Route("GET", "/*/_history", "history-type", _history),
    Route("GET", "/_history", "history-system", _history, "system"),
    Route("PUT", "/*/*", "update", _update),
    Route("DELETE", "/*/*", "delete", _delete),
    Route("PATCH", "/*/*", "patch", _patch),
    Route("PATCH", "/*", "patch", _patch_found),
    Route("PUT", "/*", "update", _update_found),
    Route("DELETE", "/*", "delete", _delete_found),
    Route("GET", "/*", "search-type", _search_published, "published"),
    Route("POST", "/*/_search", "search-type", _search_published, "published"),
    Route("GET", "/*/*", "read", _read_published, "published"),
    *trail_routes(_search, _read, _form),
    *roster_routes(_found, _read, _form),
    *subscription_routes(_search, _read, _create, _delete, _form),
    *OPERATIONS,
    *export_routes(),
    *utilization_routes(),
    *referrals.ROUTES,
    *claims.ROUTES,
)
OFFERED = Offered(
    tuple(dict.fromkeys(route.interaction for route in ROUTES)),
    tuple((route.operation, route.on) for route in ROUTES if route.operation),
)
# What a request may be made to depend on, for each interaction; a cache may ask of all that is read if it changed.
_CACHED = frozenset({b"if-none-match", b"if-modified-since"})
_HEADERS = _CACHED | {b"if-match", b"if-none-exist", b"if-unmodified-since"}
# What would be done again when it is sent again.
_ON_ONE = frozenset({"PUT", "PATCH", "DELETE"})
_REPEATED = frozenset({"create", "patch", "batch", "transaction"})
PRECONDITIONS: Mapping[str, frozenset[bytes]] = {
    "create": frozenset({b"if-none-exist"}),
    "update": frozenset({b"if-match"}),
    "patch": frozenset({b"if-match"}),
    "delete": frozenset({b"if-match"}),
}


def _check_preconditions(call: Call, interaction: str) -> None:
    """400 for a precondition that would be ignored: its sender relies on it."""
    allowed = PRECONDITIONS.get(interaction) or (_CACHED if call.method in ("GET", "HEAD") else frozenset())
    for name in _HEADERS & call.headers.keys():
        if name not in allowed:
            said = name.decode().title()
            raise Problem(Kind.INVALID, f"{said} is not supported for this interaction", said, code="not-supported")
    if b"idempotency-key" in call.headers and interaction in _REPEATED:
        why = "Idempotency-Key is not supported: R4 has If-None-Exist for what must be made once"
        raise Problem(Kind.INVALID, why, "Idempotency-Key", code="not-supported")


def _is_done(call: Call) -> bool:
    """Whether something has been written: whoever were told to try again would write it twice."""
    return call.interaction in _REPEATED or call.interaction in ("update", "delete")


class FhirDoor:
    """The ASGI application of a program's `/fhir`: `prefix` is where it stands, `access` says who is let in."""

    def __init__(self, program: Program, access: Access, prefix: str, desk: Desk, told: Told) -> None:
        self._program = program
        self._told = told
        self._desk = desk
        self._access = access
        self._start = len(prefix)
        self._reader, self._writer = XmlReader(program.definitions), XmlWriter(program.definitions)
        self._table = RouteTable(program, ROUTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope, receive, self._desk)
        found = self._table.find(call.path[self._start :].removeprefix("/"))
        try:
            answer = await answered(call, self._program.link, self._judged(call, found), found.methods)
            laid_out = self._laid_out(call, answer)
            laid_out.headers += self._access.headers
            await self._written(send, laid_out, call)
            self._told(call, answer.status)
        except DisconnectedError:
            return
        finally:
            call.over()

    async def _written(self, send: Send, laid_out: Reply, call: Call) -> None:
        """Send it; where its reader is gone before the end, that is remarked beside what was recorded of it."""
        try:
            await write(send, laid_out, call)
        finally:
            if call.disclosed and call.gone:
                self._access.interrupted(call.disclosed)

    def _laid_out(self, call: Call, answer: Reply) -> Reply:
        """The answer as the client wants it printed. What XML cannot say of a write is told in JSON: it is done."""
        if answer.released is None or not (call.xml or call.pretty) or FHIR_JSON not in answer.headers:
            return answer
        if not call.xml:
            answer.released = reprint(answer.released, indented)
            return answer
        try:
            released = reprint(answer.released, lambda body: self._writer.write(parse(body), pretty=call.pretty))
        except Problem as problem:
            return (
                answer if call.method in ("POST", "PUT", "PATCH", "DELETE") else self._laid_out(call, refusal(problem))
            )
        return Reply(answer.status, released, [FHIR_XML, *answer.headers[1:]])

    async def _judged(self, call: Call, found: Found) -> Reply:
        """The answer; a refusal is noted, and nobody waits for that."""
        try:
            return await self._answer(call, found)
        except Problem as problem:
            call.refused(problem)
            raise

    async def _answer(self, call: Call, found: Found) -> Reply:
        at = found.methods.get(call.method)
        pairs, call.pretty, xml = general(beside(call, at.media) if at and at.media else call.parameters())
        call.xml = xml is True if call.media or (at and at.lines) or xml is not None else prefers_xml(call)
        route, parts = self._table.route(found, call.method), found.parts
        call.interaction, call.type = route.interaction, parts[0] if parts else ""
        entrant = await self._access.admit(call)
        conditional = b"if-none-exist" in call.headers or (call.method in _ON_ONE and len(parts) == 1)
        word = entrant.check(referrals.asked_for(route, entrant), route.of(parts), conditional=conditional)
        _check_preconditions(call, route.interaction)
        asked = Asked(self._program, entrant, self._desk, call, parts, pairs, self._reader, self._table)
        try:
            given = reply(await amendments.handler(route, word)(asked))
        except Problem as problem:
            if problem.shown:
                name = route.name if route.operation else call.interaction
                await entrant.disclose(call, name, release(entrant.predicate, b"", problem.shown))
            raise
        try:
            name = route.name if route.operation else call.interaction
            await entrant.disclose(call, name, given.released or given.tells)
        except Problem as problem:
            if problem.kind is not Kind.BUSY or not _is_done(call):
                raise
            return unshown(given)
        return given
