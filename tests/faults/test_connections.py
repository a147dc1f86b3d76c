"""What comes over a connection before there is a request: endless heads, silence, no HTTP, too many at a time."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import uvicorn

from adapter import app
from adapter.web.protocol import BoundedHttp
from tests.doors.serving import opened

HOST = b"Host: 127.0.0.1\r\n"
PING = b"GET /fhir/Patient HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"


class Hurried(BoundedHttp):
    """Does not wait long."""

    silence_seconds = 0.3
    connection_limit = 3


@contextmanager
def listening(folder: Path, protocol: type[BoundedHttp]) -> Iterator[int]:
    """A server on a free port of the loopback; answers the port."""
    with opened(folder) as program, socket.create_server(("127.0.0.1", 0)) as listener:
        served = app.asgi(program, open_reason="a test")
        server = uvicorn.Server(uvicorn.Config(served, http=protocol, ws="none", log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until = time.monotonic() + 30
            while not server.started and time.monotonic() < until:
                time.sleep(0.01)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A patient server."""
    with listening(tmp_path_factory.mktemp("patient"), BoundedHttp) as found:
        yield found


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One that waits 0.3 seconds and takes three connections."""
    with listening(tmp_path_factory.mktemp("hurried"), Hurried) as found:
        yield found


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def rest(connection: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def outcome(answer: bytes) -> tuple[int, str, dict[str, str]]:
    """(status, issue code, headers) of an answer that is an OperationOutcome."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    assert headers["content-type"].startswith("application/fhir+json")
    assert int(headers["content-length"]) == len(body)
    said = json.loads(body)
    assert said["resourceType"] == "OperationOutcome"
    return int(first.split()[1]), said["issue"][0]["code"], headers


def poured(port: int, begun: bytes, part: bytes, most: int = 64 << 20) -> tuple[int, bytes]:
    """Send `begun` and then `part` again and again; (bytes taken until the server hung up, its answer)."""
    with connected(port) as connection:
        connection.sendall(begun)
        sent = 0
        try:
            while sent < most:
                connection.sendall(part)
                sent += len(part)
        except OSError:
            pass
        return sent, rest(connection)


ENDLESS = {
    "an address": (b"GET /fhir/Patient?name=", b"a" * 65536),
    "a header's value": (b"GET /fhir/Patient HTTP/1.1\r\n" + HOST + b"X-Long: ", b"a" * 65536),
    "a header's name": (b"GET /fhir/Patient HTTP/1.1\r\n" + HOST, b"a" * 65536),
    "headers": (b"GET /fhir/Patient HTTP/1.1\r\n" + HOST, b"X-More: again\r\n" * 4096),
    "empty lines before a request": (b"\r\n", b"\r\n" * 32768),
    "trailers": (
        b"POST /fhir/Patient HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n",
        b"X-More: again\r\n" * 4096,
    ),
    "a chunk's extension": (
        b"POST /fhir/Patient HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1;x=",
        b"a" * 65536,
    ),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_never_ends_is_not_kept(port: int, what: str) -> None:
    sent, _ = poured(port, *ENDLESS[what])
    # What the sockets' own buffers hold comes on top of what the server took.
    assert sent < 32 << 20


def test_a_head_that_is_too_long_is_told_so(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /fhir/Patient HTTP/1.1\r\n" + HOST + b"X-Long: ")
        time.sleep(0.2)
        connection.sendall(b"a" * (BoundedHttp.silence_limit + 1))
        assert outcome(rest(connection))[:2] == (431, "too-long")


def test_what_is_no_http_is_refused_in_fhirs_form(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"\x16\x03\x01 this is TLS to a plain port\r\n\r\n")
        status, code, headers = outcome(rest(connection))
        assert (status, code) == (400, "invalid")
        assert headers["connection"] == "close"
        assert headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("begun", [b"", b"G", b"GET /fhir/Patient HTTP/1.1\r\nHost: 127.0", b"\r\n"])
def test_a_request_that_does_not_come_is_not_waited_for(hurried: int, begun: bytes) -> None:
    with connected(hurried) as connection:
        connection.sendall(begun)
        assert outcome(rest(connection))[:2] == (408, "timeout")


def test_a_head_that_trickles_is_not_waited_for(hurried: int) -> None:
    with connected(hurried) as connection:
        connection.sendall(b"GET /fhir/Patient HTTP/1.1\r\n" + HOST)
        connection.settimeout(0.05)
        answer = b""
        for _ in range(600):
            try:
                connection.sendall(b"X-A: b\r\n")
                answer = connection.recv(65536)
            except TimeoutError:
                continue
            break
        assert outcome(answer)[:2] == (408, "timeout")


def test_a_head_in_pieces_is_read(port: int) -> None:
    with connected(port) as connection:
        for at in range(len(PING)):
            connection.sendall(PING[at : at + 1])
        assert rest(connection).startswith(b"HTTP/1.1 200 ")


def test_a_connection_that_has_asked_is_kept_for_more(port: int) -> None:
    asked = PING.replace(b"Connection: close\r\n", b"")
    with connected(port) as connection:
        for _ in range(3):
            connection.sendall(asked)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(asked + asked + PING)
        assert rest(connection).count(b"HTTP/1.1 200 ") == 3


def test_too_many_connections_are_answered_and_health_is_told(tmp_path: Path) -> None:
    class Few(BoundedHttp):
        connection_limit = 3

    with listening(tmp_path, Few) as port, ExitStack() as stack:
        for _ in range(3):
            held = stack.enter_context(connected(port))
            held.sendall(b"G")
        with connected(port) as connection:
            connection.sendall(PING)
            status, code, headers = outcome(rest(connection))
            assert (status, code, headers["retry-after"]) == (503, "transient", "1")
        with connected(port) as connection:
            connection.sendall(PING.replace(b"/fhir/Patient", b"/health/live"))
            assert rest(connection).startswith(b"HTTP/1.1 200 ")
        with connected(port) as connection:
            connection.sendall(PING.replace(b"/fhir/Patient", b"/metrics"))
            assert b'door="",interaction="",le="+Inf",program="",status="503",type=""} 1.0' in rest(connection)
        stack.close()
        with connected(port) as connection:
            connection.sendall(PING)
            assert rest(connection).startswith(b"HTTP/1.1 200 ")
