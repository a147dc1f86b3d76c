"""HTTP as uvicorn reads it, with bounds on what comes before an application is asked, and FHIR's form for refusals.

Neither uvicorn nor httptools bounds how long a request's head may grow or take, how long a connection may say nothing,
or how long an answer may wait for its reader.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http import HTTPStatus

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapter.problems import Kind, Problem
from adapter.web.call import BUSY, GONE
from adapter.web.errors import refusal
from adapter.web.writer import STANDING

LINGER_SECONDS = 1.0
"""How long input is still taken, and thrown away, after a refusal: who is reset while sending never reads it."""


class BoundedHttp(HttpToolsProtocol):
    """One connection."""

    connection_limit = 1_000
    """Connections beyond so many are answered 503 (`BUSY`) once, and closed."""
    silence_limit = 128 << 10
    """Most bytes after which a line, a head or a chunk's size must have ended; longer than any address and headers."""
    silence_seconds = 30.0
    """How long these may take, the first request of a connection, and the reader of an answer."""

    _heard = False
    _in_head = False
    _muted = False
    _refused = False
    _surplus = False
    _silent = 0
    _unread = 0
    _deadline: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The client has this long for its first request."""
        super().connection_made(transport)
        self._surplus = len(self.connections) > self.connection_limit
        self.parser = _Parser(self)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._wait_no_more()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and count what it makes nothing of."""
        self._heard = False
        if not self._refused:
            super().data_received(data)
        if self.transport.is_closing():
            return
        self._silent = 0 if self._heard else self._silent + len(data)
        if self._silent > self.silence_limit:
            self._too_much()
        elif self._in_head or not self._heard or not self._answering:
            self._wait()
        else:
            self._wait_no_more()

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client sends no more; what it has asked whole is answered."""
        self._refused = self._answering and not self.cycle.more_body
        return self._refused

    def go_on(self, rest: bytes) -> None:
        """An upgrade is asked for, which nobody has to grant (RFC 9110, 7.8), but the parser leaves the body to it.

        So a parser of its own reads the body, as the head announced it, and what follows.
        """
        framing = [part for part in self.headers if part[0] in (b"content-length", b"transfer-encoding")]
        head = b"".join(b"%s: %s\r\n" % part for part in framing)
        self.parser, self._muted = _Parser(self), True
        self.parser.feed_data(b"POST / HTTP/1.1\r\n" + head + b"\r\n" + rest)

    def on_message_begin(self) -> None:
        """A request begins, and its time."""
        if not self._muted:
            self._heard = self._in_head = True
            self._wait_no_more()
            super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of an address."""
        if not self._muted:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        if not self._muted:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A request's head is there."""
        if self._muted:
            self._muted = False
            return
        self._heard, self._in_head = True, False
        if self._surplus or len(self.tasks) >= self.connection_limit:
            self.scope["state"][BUSY] = True
        super().on_headers_complete()
        cycle = self.cycle
        self.scope["state"][GONE] = lambda: cycle.disconnected
        if self._surplus or self.parser.get_method() == b"CONNECT":
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._heard = True
        super().on_body(body)

    def on_chunk_header(self) -> None:
        """A chunk begins."""
        self._heard = True

    def on_message_complete(self) -> None:
        """A request is whole; one with an upgrade only when its body is."""
        self._heard = True
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is given; what else was asked whole is answered before a connection that is over is closed."""
        if self._refused and (not self.pipeline or self.pipeline[-1][0].more_body):
            self._hang_up()
            return
        super().on_response_complete()
        if self.transport.is_closing():
            self._hang_up()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more was asked."""
        self._hang_up()

    def pause_writing(self) -> None:
        """Much of an answer waits for its reader."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """It was read."""
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None
        super().resume_writing()

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
        elif self._in_head or self.cycle is None:
            self._refuse(Problem(Kind.TIMEOUT, "the request did not arrive in time"))
        else:
            self._hang_up()

    def _too_much(self) -> None:
        if self._refused:
            self.transport.abort()
        else:
            self._refuse(Problem(Kind.HEADERS_TOO_LONG, f"the headers are longer than {self.silence_limit} bytes"))

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, problem: Problem) -> None:
        """Take no more; answer what was asked whole, else say why, and hang up."""
        self._refused = True
        broken = self._answering and self.cycle.more_body and not self.cycle.response_started and not self.pipeline
        if broken:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if broken or not self._answering:
            self.app.refused(problem.kind.status)
            self.transport.write(b"".join(self._answer(problem)))
            self.transport.write_eof()
            self.loop.call_later(LINGER_SECONDS, self._hang_up)

    def _hang_up(self) -> None:
        """Close the connection, also when what was sent is not read."""
        self.transport.close()
        self._watch_reader()

    def _watch_reader(self) -> None:
        if self._reader is None:
            self._unread = self.transport.get_write_buffer_size()
            self._reader = self.loop.call_later(self.silence_seconds, self._is_read)

    def _is_read(self) -> None:
        self._reader, before = None, self._unread
        if self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        else:
            self._watch_reader()

    def _answer(self, problem: Problem) -> Iterator[bytes]:
        """The whole answer, as it goes over the wire."""
        reply = refusal(problem)
        body = reply.released.body if reply.released else b""
        length = (b"content-length", b"%d" % len(body)), (b"connection", b"close")
        yield b"HTTP/1.1 %d %s\r\n" % (reply.status, HTTPStatus(reply.status).phrase.encode())
        for name, value in (*self.server_state.default_headers, *reply.headers, *STANDING, *length):
            yield b"%s: %s\r\n" % (name, value)
        yield b"\r\n" + body


class _Parser(httptools.HttpRequestParser):
    """Reads requests of one connection, those that ask for an upgrade too."""

    def __init__(self, connection: BoundedHttp) -> None:
        super().__init__(connection)
        self._connection = connection
        self.set_dangerous_leniencies(lenient_data_after_close=True)

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        """Read on."""
        try:
            super().feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self.get_method() == b"CONNECT":
                raise
            self._connection.go_on(bytes(data)[upgrade.args[0] :])
