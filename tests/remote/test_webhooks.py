"""What a receiver may do to whoever tells it something, and that it comes to nothing: over real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapter.released import Released
from adapter.remote.guarded import LOOPBACK, Guard
from adapter.remote.webhooks import LONGEST_WAIT, Message, Outcome, Webhooks, is_address, secret_of, signature

BODY = Released(b'{"resourceType":"Bundle"}', "ehr", "consent")
SECRET = secret_of(b"a key of thirty-two bytes at least", "one")


def sent(url: str, seconds: float = 2, released: Released = BODY, guard: Guard | None = None) -> Outcome:
    """What becomes of a message."""

    async def send() -> Outcome:
        hooks = Webhooks(LOOPBACK, guard)
        try:
            return await hooks.send(Message(url, "ehr", "event-1", released), SECRET, 1_772_000_000, seconds)
        finally:
            await hooks.close()

    return asyncio.run(send())


@contextmanager
def listening(does: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that does something with each connection; its port."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            connection.settimeout(5)
            try:
                with context.wrap_socket(connection, server_side=True) if context else connection as one:
                    does(one)
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        over.set()
        thread.join()
        server.close()


def answering(text: bytes) -> Callable[[socket.socket], None]:
    def does(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(text)

    return does


def trickling(head: bytes) -> Callable[[socket.socket], None]:
    """A byte now and then, for ever."""

    def does(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.05)

    return does


def resetting(connection: socket.socket) -> None:
    connection.recv(100)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    connection.close()


def test_an_answer_of_success_is_one_whatever_its_body_is() -> None:
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n"
    for does in (answering(b"HTTP/1.1 204 No Content\r\n\r\n"), trickling(endless)):
        began = time.monotonic()
        with listening(does) as port:
            assert sent(f"http://127.0.0.1:{port}/") == Outcome(True)
            assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", "it was answered 500"),
        (b"HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n", "it was answered 404"),
        (b"HTTP/1.1 302 There\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n", "not followed"),
        (b"HTTP/1.1 308 There\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", "not followed"),
        (b"this is no HTTP\r\n\r\n", "the connection was lost, or the answer is none"),
        (b"", "the connection was lost, or the answer is none"),
    ],
)
def test_any_other_answer_is_a_failure_and_nobody_is_followed(answer: bytes, why: str) -> None:
    with listening(answering(answer)) as port:
        outcome = sent(f"http://127.0.0.1:{port}/")
    assert not outcome.arrived
    assert outcome.reached
    assert why in outcome.why


def test_a_receiver_says_when_to_come_again_within_limits() -> None:
    for said, wait in (("120", 120), ("999999", LONGEST_WAIT), ("-1", 0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0)):
        with listening(
            answering(f"HTTP/1.1 429 No\r\nretry-after: {said}\r\ncontent-length: 0\r\n\r\n".encode())
        ) as port:
            assert sent(f"http://127.0.0.1:{port}/").wait == wait


def test_a_receiver_that_trickles_its_head_or_says_nothing_is_left_in_time() -> None:
    def silent(connection: socket.socket) -> None:
        connection.recv(65_536)
        time.sleep(0.6)

    for does in (trickling(b"HTTP/1.1 200 OK\r\nx: "), silent):
        began = time.monotonic()
        with listening(does) as port:
            outcome = sent(f"http://127.0.0.1:{port}/", seconds=0.4)
            assert time.monotonic() - began < 1
        assert (outcome.arrived, outcome.reached, outcome.why) == (False, True, "it was not answered in time")


def test_a_connection_that_breaks_off_may_have_told_it_and_one_that_was_never_made_has_not() -> None:
    with listening(resetting) as port:
        assert sent(f"http://127.0.0.1:{port}/")[:2] == (False, True)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert sent(f"http://127.0.0.1:{port}/")[:2] == (False, False)


def test_no_certificate_but_a_good_one_is_told_anything(tmp_path: Path) -> None:
    heard: list[bytes] = []
    for days in (-1, 30):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(tmp_path, days))
        with listening(lambda connection: heard.append(connection.recv(100)), context) as port:
            assert sent(f"https://127.0.0.1:{port}/")[:2] == (False, False)
    assert b"".join(heard) == b""


def certificate(folder: Path, days: int) -> Path:
    """Of this machine, signed by itself, good until so many days from now."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / f"{days}.pem"
    path.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_name_that_leads_to_a_private_network_is_told_nothing() -> None:
    for address in ("10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "100.64.0.1"):

        async def leads(host: str, port: int, to: str = address) -> list[str]:
            return [to]

        outcome = sent("https://clinic.example/", guard=Guard(resolve=leads))
        assert not outcome.arrived
        assert "public" in outcome.why


def test_what_was_released_for_another_is_not_sent() -> None:
    with pytest.raises(ValueError, match="another recipient"):
        sent("http://127.0.0.1:1/", released=Released(b"{}", "somebody else", "consent"))


def test_a_signature_is_of_id_time_and_body() -> None:
    base = signature(SECRET, "a", 1, b"{}")
    assert base.startswith("v1,")
    assert (
        len({base, signature(SECRET, "b", 1, b"{}"), signature(SECRET, "a", 2, b"{}"), signature(SECRET, "a", 1, b"")})
        == 4
    )
    assert secret_of(b"k" * 32, "one") != secret_of(b"k" * 32, "two")


def test_an_endpoint_is_an_https_address_of_a_host_alone() -> None:
    for good in ("https://clinic.example/told", "https://clinic.example:8443/a?b=c", "http://127.0.0.1:9/x"):
        assert is_address(good)
    for bad in (
        *("http://clinic.example/", "https://user@clinic.example/", "https://clinic.example:22/", "https:///x", "x"),
        *(
            "htt://clinic.example/",
            "https://clinic.example/#a",
            "https://clinic.example/ a",
            "https://clinic.example:0/",
        ),
        *("https://clinic.example/\r\nHost: x", "https://[::1/", "https://clinic.example:99999/"),
    ):
        assert not is_address(bad), bad
