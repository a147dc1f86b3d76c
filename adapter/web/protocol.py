"""HTTP as uvicorn reads it, with bounds on what comes before an application is asked, and FHIR's form for refusals.

Neither uvicorn nor httptools bounds how long a request's head may grow or take, nor how long a new connection may say
nothing; a header of a gigabyte would be held whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapter.problems import Kind, Problem
from adapter.web.call import BUSY
from adapter.web.errors import refusal
from adapter.web.writer import STANDING


class BoundedHttp(HttpToolsProtocol):
    """One connection."""

    connection_limit = 1_000
    """More open connections than this: their requests are marked `BUSY`."""
    silence_limit = 128 << 10
    """Most bytes after which a line, a head or a chunk's size must have ended; longer than any address and headers."""
    silence_seconds = 30.0
    """How long these may take, and the first request of a connection."""

    _heard = False
    _in_head = False
    _silent = 0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The client has this long for its first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and count what it makes nothing of."""
        self._heard = False
        super().data_received(data)
        if self.transport.is_closing():
            return
        self._silent = 0 if self._heard else self._silent + len(data)
        if self._silent > self.silence_limit:
            self._refuse(Problem(Kind.HEADERS_TOO_LONG, f"the headers are longer than {self.silence_limit} bytes"))
        elif self._in_head or not self._heard:
            self._wait()
        else:
            self._wait_no_more()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._heard = self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A request's head is there."""
        self._heard, self._in_head = True, False
        if len(self.connections) > self.connection_limit or len(self.tasks) >= self.connection_limit:
            self.scope["state"][BUSY] = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._heard = True
        super().on_body(body)

    def on_chunk_header(self) -> None:
        """A chunk begins."""
        self._heard = True

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._heard = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused like all else; `msg` is uvicorn's word for it."""
        self._refuse(Problem(Kind.INVALID, "this is no HTTP request"))

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.silence_seconds, self._too_slow)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self._answering:
            self._wait()
        else:
            self._refuse(Problem(Kind.TIMEOUT, "the request did not arrive in time"))

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, problem: Problem) -> None:
        """Answer, unless an answer is half sent, and hang up."""
        if not self._answering:
            self.transport.write(b"".join(_answer(problem)))
        self.transport.close()


def _answer(problem: Problem) -> Iterator[bytes]:
    """The whole answer, as it goes over the wire."""
    reply = refusal(problem)
    body = reply.released.body if reply.released else b""
    yield b"HTTP/1.1 %d %s\r\n" % (reply.status, HTTPStatus(reply.status).phrase.encode())
    for name, value in (*reply.headers, *STANDING, (b"content-length", b"%d" % len(body)), (b"connection", b"close")):
        yield b"%s: %s\r\n" % (name, value)
    yield b"\r\n" + body
