"""One HTTP request as the doors see it: method, path, parameters, headers, and a body that is read with a cap."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import Future
from time import perf_counter
from typing import Any, NamedTuple, Protocol

from adapter.callers import Caller
from adapter.fhir.form_pairs import form_pairs
from adapter.problems import Kind, Problem
from adapter.web.desk import Desk

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BUSY = "busy"
"""In `scope["state"]` of a request that came while too many connections were open."""
GONE = "gone"
"""In `scope["state"]`: what tells whether the client went away before the whole answer was taken from us."""

# A sender that trickles its body, or never begins it, holds a connection; after this many seconds it is told so.
BODY_SECONDS = 30.0
_NONE: Mapping[str, Any] = {}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._~\-]{1,64}")
# Bytes of a form: more than all values that one search may have, if they are as long as ids and codes are.
FORM_LIMIT = 256 << 10


class Aim(NamedTuple):
    """What a request, or one entry of a batch, asks for: R4's interaction, the type and the path."""

    interaction: str
    type: str
    path: str


class Noting(Protocol):
    """Where refusals are noted."""

    def note(self, call: Call, problem: Problem, aim: Aim) -> None:
        """Note one, in the background; whatever fails, it raises nothing. To be called in the loop of the server."""

    def write(self) -> Future[None] | None:
        """Write down what was noted."""


class DisconnectedError(Exception):
    """The client went away while its body was being read: there is nobody to answer."""


class Call:
    """Wraps an ASGI scope; headers are looked up in lower case, a repeated one is joined with commas.

    `pretty` becomes true when the address or a form asks for an answer printed for the eye, `xml` when the client wants
    the answer as XML, `media` what else it is wanted as; `interaction` and `type` are said by the door once it knows
    them, `caller` once a token proves one, `form` is the body of a search, `disclosed` has the positions of its answer
    in the ledger, `refusals` is where it is noted that something is refused. Its body counts at the `desk` until it is
    `over`.
    """

    __slots__ = (
        "_desk",
        "_gone",
        "_held",
        "_receive",
        "caller",
        "disclosed",
        "form",
        "headers",
        "interaction",
        "media",
        "method",
        "path",
        "pretty",
        "refusals",
        "scope",
        "started",
        "type",
        "xml",
    )

    def __init__(self, scope: Scope, receive: Receive, desk: Desk) -> None:
        self.scope = scope
        self._desk, self._held = desk, 0
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self._receive = receive
        self.pretty = self.xml = False
        self.started = perf_counter()
        self.interaction = self.type = self.media = ""
        self.form = b""
        self.disclosed: list[int] = []
        self.caller: Caller | None = None
        self.refusals: Noting | None = None
        self._gone: Callable[[], bool] = scope.get("state", _NONE).get(GONE, _here)
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            headers[name] = headers[name] + b", " + value if name in headers else value
        self.headers = headers

    def header(self, name: bytes) -> str | None:
        """The header's text, or None; 400 for characters beyond ASCII, which may mean anything (RFC 9110, 5.5)."""
        try:
            return self.headers[name].decode("ascii") if name in self.headers else None
        except UnicodeDecodeError:
            said = name.decode().title()
            raise Problem(Kind.INVALID, f"{said} holds characters beyond ASCII", said, code="value") from None

    def hint(self, name: bytes) -> str | None:
        """The text of a header that no answer depends on; None, too, for one that is not ASCII."""
        value = self.headers.get(name, b"")
        return value.decode() if value and value.isascii() else None

    @property
    def network(self) -> str | None:
        """The network address that it came from; none through a socket that has none."""
        client = self.scope.get("client")
        return str(client[0])[:64] if client else None

    def asked(self, *, searched: bool) -> bytes | None:
        """What it asks, as it came: the whole request of a search (BALP's Query), of others what follows the path."""
        query: bytes = self.scope.get("query_string", b"")
        if not searched:
            return b"&".join(filter(None, (query, self.form))) or None
        path: bytes = self.scope.get("raw_path") or self.path.encode()
        line = b" ".join((self.method.encode(), path.partition(b"?")[0]))
        return b"".join((line, b"?" * bool(query), query, b"\r\n\r\n" * bool(self.form), self.form))

    def refused(self, problem: Problem, aim: Aim | None = None) -> None:
        """Have it noted why it, or what one of its entries aims at, is not answered, where that is."""
        if self.refusals is not None:
            self.refusals.note(self, problem, aim or Aim(self.interaction, self.type, self.path))

    @property
    def request_id(self) -> str | None:
        """What the client calls this request, if it says so in a form that can be logged."""
        return request_id(self.headers.get(b"x-request-id", b""))

    def parameters(self) -> list[tuple[str, str]]:
        """The pairs of the query string, in order, empty values kept."""
        query: bytes = self.scope["query_string"]
        return form_pairs(query) if query else []

    async def body(self, limit: int) -> bytes:
        """The whole body; 413 as soon as it is known to be longer than `limit` bytes, 408 when it does not come."""
        parts: list[bytes] = []
        await self.take(limit, parts.append)
        return b"".join(parts)

    async def take(self, limit: int, part: Callable[[bytes], None]) -> None:
        """The same, handed to `part` piece by piece as it comes."""
        announced = self.header(b"content-length")
        if announced and announced.isdigit() and int(announced) > limit:
            raise _too_long(limit)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await self._received(limit, part)
        except TimeoutError:
            raise Problem(Kind.TIMEOUT, "the body did not arrive in time") from None

    async def _received(self, limit: int, part: Callable[[bytes], None]) -> None:
        length, more = 0, True
        while more:
            message = await self._receive()
            piece = _part(message)
            length += len(piece)
            if length > limit:
                raise _too_long(limit)
            self._desk.hold(len(piece))
            self._held = length
            part(piece)
            more = message.get("more_body", False)

    @property
    def gone(self) -> bool:
        """Whether the client went away before the whole answer was taken from us."""
        return self._gone()

    def over(self) -> None:
        """It has been answered."""
        self._desk.let_go(self._held)
        self._held = 0


def request_id(said: bytes) -> str | None:
    """What a client calls its request, if it can be logged."""
    return said.decode() if said.isascii() and _REQUEST_ID.fullmatch(said.decode()) else None


Told = Callable[[Call, int], None]
"""What is told of each request that has been answered, with its status."""


def _here() -> bool:
    return False


def _part(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise DisconnectedError
    part: bytes = message.get("body", b"")
    return part


def _too_long(limit: int) -> Problem:
    return Problem(Kind.TOO_LONG, f"the body is larger than the {limit} bytes that are taken here")
