"""What comes over a connection before there is a request: endless heads, silence, no HTTP, too many at a time."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import uvicorn

from adapter import app
from adapter.server import configured
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
        server = uvicorn.Server(configured(served, http=protocol))
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


UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAAAA\r\n"
PERSON = b'{"resourceType":"Patient","gender":"other"}'
_BEGIN = b"POST /fhir/Patient HTTP/1.1\r\n" + HOST + b"Content-Type: application/fhir+json\r\n%s"
CHUNKED = _BEGIN + b"Transfer-Encoding: chunked\r\n\r\n"
POST = _BEGIN + b"Content-Length: %d\r\n\r\n"


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_upgrade_that_is_not_granted_changes_nothing(port: int, size: int) -> None:
    asked = POST % (UPGRADE, len(PERSON)) + PERSON
    chunked = CHUNKED % UPGRADE + b"%x\r\n%s\r\n0\r\n\r\n" % (len(PERSON), PERSON)
    got = PING.replace(b"Connection: close\r\n", UPGRADE)
    whole = asked + chunked + got + asked + PING
    with connected(port) as connection:
        for at in range(0, len(whole), size):
            connection.sendall(whole[at : at + size])
        answer = rest(connection)
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"201", b"201", b"200", b"201", b"200"]


def test_the_body_of_a_request_with_an_upgrade_is_no_request(port: int) -> None:
    hidden = b"POST /fhir/Patient HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n"
    with connected(port) as connection:
        connection.sendall(POST % (UPGRADE, len(hidden)))
        time.sleep(0.1)
        connection.sendall(hidden + PING)
        assert rest(connection).count(b"HTTP/1.1 ") == 2


def test_what_was_asked_whole_is_answered_before_what_is_broken_ends_the_connection(port: int) -> None:
    asked = POST % (b"", len(PERSON)) + PERSON
    for broken in (
        b"\x00 no http\r\n\r\n",
        CHUNKED % b"" + b"ZZ\r\n",
    ):
        with connected(port) as connection:
            connection.sendall(asked * 5 + broken)
            answer = rest(connection)
        assert answer.count(b"HTTP/1.1 201 ") == 5


def test_a_broken_body_is_told(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(CHUNKED % b"" + b"ZZ\r\n")
        assert outcome(rest(connection))[:2] == (400, "invalid")


def test_who_has_said_all_there_is_to_say_is_answered(port: int) -> None:
    with connected(port) as connection:
        connection.sendall((POST % (b"", len(PERSON)) + PERSON) * 2)
        connection.shutdown(socket.SHUT_WR)
        assert rest(connection).count(b"HTTP/1.1 201 ") == 2


def test_a_body_that_nobody_waits_for_does_not_hold_a_connection(hurried: int) -> None:
    with connected(hurried) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"x")
        assert rest(connection) == b""


def test_a_reader_that_does_not_read_is_not_waited_for(tmp_path: Path) -> None:
    with listening(tmp_path, Hurried) as port:
        large = b'{"resourceType":"Patient","name":[{"text":"%s"}]}' % (b"x" * 1_000_000)
        with connected(port) as connection:
            for _ in range(8):
                connection.sendall(POST % (b"Prefer: return=minimal\r\n", len(large)) + large)
                assert connection.recv(65536).startswith(b"HTTP/1.1 201 ")
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.settimeout(30)
            slow.connect(("127.0.0.1", port))
            slow.sendall(PING)
            time.sleep(2)
            # What the sockets held is still there to be read; the rest was given up.
            assert len(rest(slow)) < 8_000_000


def test_a_connection_too_many_is_answered_once_and_the_others_go_on(tmp_path: Path) -> None:
    class Few(BoundedHttp):
        connection_limit = 3

    asked = PING.replace(b"Connection: close\r\n", b"")
    with listening(tmp_path, Few) as port, ExitStack() as stack:
        held = [stack.enter_context(connected(port)) for _ in range(3)]
        for _ in range(2):
            with connected(port) as one_more:
                one_more.sendall(asked)
                assert outcome(rest(one_more))[0] == 503
            for connection in held:
                connection.sendall(asked)
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_what_is_refused_before_there_is_a_request_is_counted(tmp_path: Path) -> None:
    with listening(tmp_path, BoundedHttp) as port:
        with connected(port) as connection:
            connection.sendall(b"\x00\r\n\r\n")
            assert "date" in outcome(rest(connection))[2]
        with connected(port) as connection:
            connection.sendall(PING.replace(b"/fhir/Patient", b"/metrics"))
            assert b'le="+Inf",program="",status="400",type=""} 1.0' in rest(connection)


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
