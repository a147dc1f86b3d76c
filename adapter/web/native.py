"""The program's own API, `/iop`: every concept and aggregate with the same verbs, the work lists, import, OpenAPI.

Starlette gives the routing, FastAPI the OpenAPI; bodies are read and answers written by the code of the FHIR door.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from adapter.consent.gate import publish
from adapter.consent.notice import headers
from adapter.consent.predicate import nobody
from adapter.exchange.aftercare_listing import LIST as AFTERCARE
from adapter.fhir.json import dump
from adapter.identity.proposals import LIST as PROPOSED
from adapter.interactions import native_import
from adapter.interactions.answer import Answer
from adapter.interactions.forms import AnyForm, form, forms
from adapter.interactions.native import native_link
from adapter.interactions.native_record import RecordForm
from adapter.interactions.program import Program
from adapter.interactions.work_lists import KNOWN, LISTS, work_list
from adapter.problems import Kind, Problem
from adapter.referral.intake import LIST
from adapter.utilization.program_days import LIST as DAYS
from adapter.web import aftercare, authorization, native_failing, program_days
from adapter.web.call import Call, DisconnectedError, Told
from adapter.web.desk import Desk
from adapter.web.errors import answered, logged, unshown
from adapter.web.insiders import Insider, Insiders
from adapter.web.intake import INTAKE
from adapter.web.labelling import LABELLING
from adapter.web.native_joining import CONCEPT, JOININGS, Joining
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import DOCUMENT, LINES, VERBS, Native, Verb
from adapter.web.negotiation import check_accept, check_content, none_of, only
from adapter.web.openapi import components, described, fhir_paths, importing, listing, success
from adapter.web.population import POPULATION
from adapter.web.proposals import PROPOSALS
from adapter.web.writer import FHIR_JSON, JSON, Header, Reply, reply, write

Json = dict[str, Any]
Work = Callable[[Native, Call], Awaitable[Answer]]
Endpoint = Callable[[Request], Awaitable[Response]]
NDJSON: Header = (b"content-type", b"application/x-ndjson")
ANSWERED = {NDJSON: LINES, FHIR_JSON: DOCUMENT | {"application/fhir+json"}}
"""What must be accepted of whoever asks, where that is not a native document."""


class ReleasedResponse(Response):
    """A Starlette response that is written by the one writer."""

    def __init__(self, given: Reply, call: Call) -> None:
        super().__init__()
        self._given, self._call = given, call

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await write(send, self._given, self._call)


class Table:
    """The routes, and what each is described as when somebody asks: most servers are never asked."""

    def __init__(self, root: str) -> None:
        self.routes: list[Route] = []
        self._root = root
        self._told: list[Callable[[], Json]] = []

    def add(
        self,
        path: str,
        method: str,
        endpoint: Endpoint,
        summary: str,
        name: str,
        tag: str,
        describe: Callable[[], Json] = dict,
        status: int = 200,
    ) -> None:
        """`status` is what a success is described as: the answer itself says its own."""
        path = f"{self._root}/{path}"
        self.routes.append(Route(path, endpoint, methods=[method]))
        said: Json = {"methods": [method], "summary": summary, "tags": [tag], "status_code": status}
        said |= {"operation_id": name, "response_class": Response}
        self._told.append(lambda: {"path": path, "endpoint": endpoint, "openapi_extra": describe()} | said)

    @cached_property
    def description(self) -> Json:
        """The OpenAPI; FastAPI takes a third of a second to import and to make its own routes of these."""
        from fastapi import FastAPI

        app = FastAPI(title="IOP native API")
        for told in self._told:
            app.add_api_route(**told())
        return app.openapi()


def native_door(program: Program, insiders: Insiders, prefix: str, desk: Desk, told: Told) -> Starlette:
    """The ASGI application of `{prefix}/iop`; `insiders` says who is let in."""
    native = Native(program, nobody(), desk, told, forms(program))
    door, table = Door(native, insiders), Table(f"{prefix}/iop")
    work = door.endpoint(("import", ""), _import, NDJSON)
    summary = "Import NDJSON, one report line a record"
    table.add("$import", "POST", work, summary, "import", "import", partial(importing, LINES))
    for name in LISTS:
        work = door.endpoint((name, ""), _listed(name))
        table.add(name, "GET", work, f"What is {name}", name, "work lists", partial(listing, name))
    others = (aftercare, native_failing, program_days, authorization)
    listed = (*INTAKE, *PROPOSALS, *LABELLING, *POPULATION)
    for route in (*listed, *(route for module in others for route in module.ROUTES)):
        _add_route(table, door, route)
    for kind in native.forms.values():
        for verb in VERBS:
            _add_verb(table, door, kind, verb)
    for joining in JOININGS:
        _add_joining(table, door, joining)
    work = door.endpoint(("openapi", ""), _openapi(table, prefix))
    table.add("openapi.json", "GET", work, "This description", "openapi", "discovery")
    app = Starlette(routes=table.routes, exception_handlers={HTTPException: _nowhere(table, native)})
    app.router.redirect_slashes = False
    return app


def _add_route(table: Table, door: Door, route: NativeRoute) -> None:
    kind = door.native.forms.get(route.concept)
    work = door.endpoint((route.name, route.concept), route.work, FHIR_JSON if route.outside else JSON, kind=kind)
    table.add(route.path, route.method, work, route.summary, route.called, route.tag, route.describe, route.status)


def _add_verb(table: Table, door: Door, kind: AnyForm, verb: Verb) -> None:
    path = f"{kind.name}/{{id}}" if verb.one else kind.name
    program = door.native.program

    async def work(native: Native, call: Call) -> Answer:
        return await verb.handle(native, kind, call)

    def link(type: str, id: str) -> str:
        own = isinstance(kind, RecordForm) and type in kind.concept.resource_types
        return native_link(program, kind.name, id) if own else program.link(type, id)

    endpoint = door.endpoint((verb.name, kind.name), work, link=link, kind=kind)
    name, describe = f"{verb.name}_{kind.name}", partial(described, program, kind, verb)
    table.add(path, verb.method, endpoint, verb.summary, name, kind.name, describe, success(verb))


def _add_joining(table: Table, door: Door, joining: Joining) -> None:
    path, kind = f"{CONCEPT}/{{id}}/${joining.name}", door.native.forms[CONCEPT]
    work = door.endpoint((joining.name, CONCEPT), joining.handle, kind=kind)
    table.add(path, "POST", work, joining.summary, f"{joining.name}_{CONCEPT}", CONCEPT, joining.described)


class Door:
    """What every request passes through: who asks, what is there for him, the work, and the record of the answer."""

    def __init__(self, native: Native, insiders: Insiders) -> None:
        self.native, self._insiders = native, insiders

    def endpoint(
        self,
        what: tuple[str, str],
        work: Work,
        content_type: Header = JSON,
        link: Callable[[str, str], str] | None = None,
        kind: AnyForm | None = None,
    ) -> Endpoint:
        """`what` is what is done to which concept, as the watch is told; `kind` is of what, None at the base."""
        native = self.native

        async def endpoint(request: Request) -> Response:
            call = Call(request.scope, request.receive, native.desk)
            call.interaction, call.type = what
            try:
                given = await answered(call, link or native.program.link, self._answer(call, kind, work, content_type))
            except DisconnectedError:
                given = Reply(400)
            finally:
                call.over()
            native.told(call, given.status)
            return ReleasedResponse(given, call)

        return endpoint

    async def _answer(self, call: Call, kind: AnyForm | None, work: Work, content_type: Header) -> Reply:
        insider, status = self._admitted(call), 500
        try:
            predicate = insider.predicate_for(call.interaction, kind)
            check_accept(call, ANSWERED.get(content_type, DOCUMENT))
            given = await _recorded(
                insider, call, reply(await work(replace(self.native, predicate=predicate), call), content_type)
            )
            if content_type is FHIR_JSON:  # it is for somebody outside
                given.headers += headers(self.native.program.base_url)
            status = given.status
            return given
        except Problem as problem:
            status = problem.kind.status
            call.refused(problem)
            raise
        finally:
            insider.tell(call, status)

    def _admitted(self, call: Call) -> Insider:
        try:
            return self._insiders.admit(call)
        except Problem as problem:
            call.refused(problem)
            raise


async def _recorded(insider: Insider, call: Call, given: Reply) -> Reply:
    """The answer, once it is in the ledger; what was written is told without it if it cannot be."""
    try:
        await insider.record(call, given.released)
    except Problem as problem:
        if problem.kind is not Kind.BUSY or call.method in ("GET", "HEAD"):
            raise
        return unshown(given)
    return given


def _listed(name: str) -> Work:
    async def work(native: Native, call: Call) -> Answer:
        pairs = call.parameters()
        only(pairs, KNOWN)
        return await native.desk.ask(lambda: work_list(native.program, native.predicate, name, pairs))

    return work


async def _import(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    only(pairs, ("atomic",))
    if any(value not in ("true", "false") for _, value in pairs):
        raise Problem(Kind.INVALID, "atomic: true or false", "atomic", code="value")
    atomic = ("atomic", "true") in pairs
    check_content(call, LINES)
    body = await call.body(native.program.settings.bundle_limit)
    limit = native.program.settings.entry_limit
    lines = await native.desk.ask(lambda: native_import.lines_of(body, limit))
    done: list[native_import.Report] = []
    for units in native_import.portions(lines, atomic=atomic):
        futures = [
            native_import.submit(native.program, native.predicate, lambda name: form(native.forms, name), unit)
            for unit in units
        ]
        told = (_told(call, unit, future, atomic) for unit, future in zip(units, futures, strict=True))
        done += chain.from_iterable(await asyncio.gather(*told))
    return native_import.report(native.predicate, done)


async def _told(
    call: Call, unit: native_import.Unit, future: Future[list[native_import.Report]], atomic: bool
) -> list[native_import.Report]:
    """What became of one unit of work; where each line stands for itself, its trouble is told in its own report."""
    try:
        return await asyncio.wrap_future(future)
    except Exception as error:
        if atomic:
            raise
        if isinstance(error, Problem) and error.kind is not Kind.FAULT:
            return native_import.refused(unit, error)
        return native_import.refused(unit, logged(call, error)[0])


def _openapi(table: Table, prefix: str) -> Work:
    async def work(native: Native, call: Call) -> Answer:
        none_of(call.parameters())
        description = await native.desk.ask(lambda: table.description)
        paths = description["paths"] | fhir_paths(native.program, prefix)
        return Answer(
            200, publish(dump(description | {"paths": paths, "components": components(native.forms.values())}))
        )

    return work


def _methods(table: Table, scope: Scope) -> set[str]:
    """Every method of an address: the router itself names only those of the first route that has it."""
    there = (route for route in table.routes if route.matches(scope)[0] is not Match.NONE)
    return {method for route in there for method in route.methods or ()}


def _nowhere(table: Table, native: Native) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What the router itself refuses: an address that is not there, a method that an address does not have."""

    async def handler(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)

        async def refused() -> Reply:
            if error.status_code == 405:
                raise Problem(Kind.METHOD, "this method is not possible here")
            known = ", ".join((*native.forms, *LISTS, LIST, PROPOSED, AFTERCARE, DAYS))
            why = f"there is nothing at this address; /fhir/metadata tells of FHIR, under /iop there are {known}"
            raise Problem(Kind.NOT_SUPPORTED, f"{why}, and what /iop/openapi.json describes")

        methods = _methods(table, request.scope) if error.status_code == 405 else set[str]()
        call = Call(request.scope, request.receive, native.desk)
        given = await answered(call, native.program.link, refused(), methods)
        native.told(call, given.status)
        return ReleasedResponse(given, call)

    return handler
