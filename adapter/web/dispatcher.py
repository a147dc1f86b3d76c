"""The front: `/fhir` goes to its own table of routes, all else to the native door, which loads in the background."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain

from adapter.consent.gate import publish
from adapter.consent.notice import PLACE, page
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.web.access import Access
from adapter.web.call import BUSY, Receive, Scope, Send, Told, request_id
from adapter.web.desk import Desk
from adapter.web.errors import refusal
from adapter.web.fhir import FhirDoor
from adapter.web.hosts import host_name
from adapter.web.insiders import Insiders
from adapter.web.metrics import PROMETHEUS
from adapter.web.smart.addresses import DISCOVERY
from adapter.web.smart.door import SmartDoor
from adapter.web.watch import Watch
from adapter.web.writer import JSON, TEXT, Reply, write

# More than any client's headers with its tokens; each counts with its colon, blank and line end.
HEADER_LIMIT, HEADER_COST = 16 << 10, 4

log = logging.getLogger(__name__)


class LateDoor:
    """The native door, imported and built in a thread after the start; so are the maps compiled that nobody has asked
    for by then."""

    def __init__(self, program: Program, insiders: Insiders, prefix: str, desk: Desk, told: Told) -> None:
        self._made_of = (program, insiders, prefix, desk, told)
        self._lock = asyncio.Lock()
        self._door: object = None

    async def load(self) -> None:
        """Import and build the door, once."""
        async with self._lock:
            if self._door is None:
                self._door = await asyncio.to_thread(self._build)

    def _build(self) -> object:
        from adapter.web.native import native_door

        program = self._made_of[0]
        for concept in program.maps.concepts.values():
            concept.make()
        return native_door(*self._made_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._door is None:
            await self.load()
        await self._door(scope, receive, send)  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors of one program, how long an address they take, in bytes, and whether it can write and be asked.

    `smart.bearers.caller_of(headers, now)` says who sends a request.
    """

    fhir: FhirDoor
    native: LateDoor
    smart: SmartDoor
    desk: Desk
    url_limit: int
    base_url: str
    ready: Callable[[], bool]
    close: Callable[[], object]


def doors(
    program: Program, access: Access, insiders: Insiders, prefix: str, watch: Watch, close: Callable[[], object] = tuple
) -> Doors:
    """The doors of a program that stands at `prefix` ("" or "/name"): `access` says who is let in at `/fhir`,
    `insiders` who at `/iop`; `close` is called after the last request."""
    desk, name = Desk(program.settings), program.name
    told = watch.of(name, "fhir", lambda: (desk.asked, *program.store.counts))
    fhir = FhirDoor(program, access, f"{prefix}/fhir", desk, told)
    told = watch.of(name, "iop")
    native = LateDoor(program, insiders, prefix, desk, told)
    smart = SmartDoor(program, prefix, desk, watch.of(name, "oauth"))
    ready = partial(_is_ready, program, access)
    return Doors(fhir, native, smart, desk, program.settings.url_limit, program.base_url, ready, close)


def _is_ready(program: Program, access: Access) -> bool:
    """Whether the store writes and answers, and somebody can be let in."""
    try:
        return access.alive and program.store.alive and program.store.t >= 0
    except Problem:
        return False


def nothing() -> None:
    """Does nothing."""


class Dispatcher:
    """The ASGI application. `programs` by prefix; requests that name none of `hosts` are refused; `ended` is called at
    the end."""

    def __init__(
        self,
        programs: Mapping[str, Doors],
        hosts: Collection[str],
        watch: Watch,
        ended: Callable[[], None] = nothing,
        proxies: str = "",
    ) -> None:
        """`proxies` are addresses whose X-Forwarded-For is believed."""
        self._programs = programs
        self._hosts = frozenset(hosts)
        self._alone = programs.get("")
        self._own = {
            "/health": self._ready,
            "/health/ready": self._ready,
            "/health/live": self._live,
            "/metrics": self._metrics,
        }
        self._watch = watch
        self._ended = ended
        self._heard: Callable[..., Awaitable[None]] = self._http
        if proxies:
            from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

            self._heard = ProxyHeadersMiddleware(self._http, proxies)  # type: ignore[arg-type]  # its own words of ASGI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._heard(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._unheard(scope["headers"])
        if problem:
            return await self._refuse(scope, send, problem)
        path: str = scope["path"]
        if path in self._own:
            return await write(send, await self._own[path](), head=scope["method"] == "HEAD")
        if BUSY in scope.get("state", ()):
            return await self._refuse(scope, send, Problem(Kind.BUSY, "too many connections are open"))
        prefix, rest = ("", path) if self._alone else _split(path)
        found = self._alone or self._programs.get(prefix)
        if found is None:
            return await self._refuse(scope, send, Problem(Kind.NOT_SUPPORTED, "there is nothing at this address"))
        if _length(scope) > found.url_limit:
            problem = Problem(Kind.URI_TOO_LONG, f"the address is longer than {found.url_limit} bytes")
            return await self._refuse(scope, send, problem)
        if rest == PLACE and scope["method"] in ("GET", "HEAD"):
            return await write(send, _statement(found), head=scope["method"] == "HEAD")
        if rest == DISCOVERY or rest.startswith("/oauth/"):
            return await found.smart(scope, receive, send)
        if rest == "/fhir" or rest.startswith("/fhir/"):
            return await found.fhir(scope, receive, send)
        return await found.native(scope, receive, send)

    async def _refuse(self, scope: Scope, send: Send, problem: Problem) -> None:
        """What reaches no door is told of too."""
        id = request_id(next((value for name, value in scope["headers"] if name == b"x-request-id"), b""))
        self.refused(problem.kind.status, id)
        given = refusal(problem)
        given.headers += [(b"x-request-id", id.encode())] if id else []
        await write(send, given, head=scope["method"] == "HEAD")

    def refused(self, status: int, request_id: str | None = None) -> None:
        """Tell of a request that was refused before it came to a door."""
        self._watch.refused(status, request_id)

    async def _live(self) -> Reply:
        return Reply(200, publish(b'{"status":"pass"}'), [JSON])

    async def _ready(self) -> Reply:
        # In a thread of its own: a database that is away takes its time to say so.
        ready = await asyncio.gather(*(asyncio.to_thread(found.ready) for found in self._programs.values()))
        if all(ready):
            return await self._live()
        return Reply(503, publish(b'{"status":"fail"}'), [JSON])

    async def _metrics(self) -> Reply:
        return Reply(200, publish(await asyncio.to_thread(self._watch.metrics.text)), [PROMETHEUS])

    def _unheard(self, headers: Collection[tuple[bytes, bytes]]) -> Problem | None:
        """Why a request with these headers reaches no door."""
        if sum(map(len, chain.from_iterable(headers))) + HEADER_COST * len(headers) > HEADER_LIMIT:
            return Problem(Kind.HEADERS_TOO_LONG, f"the headers are longer than {HEADER_LIMIT} bytes")
        named = [value for name, value in headers if name == b"host"]
        # RFC 9112, 3.2: a second one is refused, else the two ends of a proxy could each believe another.
        if len(named) != 1 or host_name(named[0]) not in self._hosts:
            return Problem(Kind.INVALID, "this server does not answer under the name in the Host header", "Host")
        return None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        programs = self._programs.values()
        loading = [asyncio.create_task(door.load()) for found in programs for door in (found.native, found.smart)]
        # What is loaded now stays; the collector need not look at it again, nor start for every few hundred objects.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        await send({"type": "lifespan.startup.complete"})
        leaving = asyncio.create_task(self._leaving())
        await receive()
        leaving.cancel()
        await asyncio.gather(*loading)
        await asyncio.to_thread(self.close)
        await send({"type": "lifespan.shutdown.complete"})

    async def _leaving(self) -> None:
        """Tell the other workers every second what this one has done."""
        while self._watch.metrics.shared:
            await asyncio.sleep(1)
            await asyncio.to_thread(self._watch.metrics.leave)

    def close(self) -> None:
        """After the last request."""
        try:
            for found in self._programs.values():
                found.desk.close()
                found.close()
            self._watch.close()
        finally:
            self._ended()


def _statement(doors: Doors) -> Reply:
    """What those to whom records are disclosed are told, for anybody to read."""
    return Reply(200, publish(page(doors.base_url).encode()), [TEXT])


def _length(scope: Scope) -> int:
    """Of the address as it was sent, before anything in it was decoded."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return len(path) + len(query) + bool(query)


def _split(path: str) -> tuple[str, str]:
    """`/name/fhir/Patient` as `/name` and `/fhir/Patient`."""
    name, _, rest = path.removeprefix("/").partition("/")
    return f"/{name}", f"/{rest}"
