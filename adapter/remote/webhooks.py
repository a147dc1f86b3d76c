"""Telling others of something at an address of theirs: signed, in time, and not followed anywhere.

Signed as Standard Webhooks has it, so that a receiver finds a library for it: HMAC-SHA256 over id, time and body,
https://www.standardwebhooks.com. The id is the same each time that something is told again.
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from adapter.released import Released
from adapter.remote.guarded import Guard, Guarded, Network, Refused

PREFIX = "whsec_"
"""What a secret begins with."""
PUBLISHED = "published"
FHIR = "application/fhir+json"
LONGEST_WAIT = 3_600
"""Seconds that a receiver may ask us to wait (Retry-After)."""


class Message(NamedTuple):
    """What is sent to whom: `recipient` is the client, for whom the body was released; `id` tells duplicates."""

    endpoint: str
    recipient: str
    id: str
    released: Released
    headers: Sequence[tuple[bytes, bytes]] = ()


class Outcome(NamedTuple):
    """What became of it. `reached` is False where nothing of it was sent; `wait` are the seconds that the receiver asks
    for; `why` it did not arrive names no person."""

    arrived: bool
    reached: bool = True
    why: str = ""
    wait: int = 0


def secret_of(key: bytes, subscription: str) -> str:
    """The secret of a subscription, which follows from the deployment's key: it is kept nowhere."""
    made = blake2b(subscription.encode(), key=key[:64], person=b"webhook", digest_size=32).digest()
    return PREFIX + b64encode(made).decode()


def signature(secret: str, id: str, seconds: int, body: bytes) -> str:
    """The signature of a message sent at that time, seconds since 1970."""
    key = b64decode(secret.removeprefix(PREFIX))
    made = hmac.digest(key, b"%s.%d.%s" % (id.encode(), seconds, body), "sha256")
    return f"v1,{b64encode(made).decode()}"


class Webhooks:
    """Sends messages; one for each process, closed at its end."""

    def __init__(self, networks: Sequence[Network] = (), guard: Guard | None = None) -> None:
        """`networks` are those beside the public internet that may be reached. Which addresses are a client's own is
        asked before, of its registration."""
        self._transport = Guarded(guard or Guard(networks=networks), httpx.Limits(max_keepalive_connections=16))
        self._client = httpx.AsyncClient(transport=self._transport, follow_redirects=False, trust_env=False)

    async def send(self, message: Message, secret: str, now: int, seconds: float) -> Outcome:
        """Send a message at the time `now`; it takes so many seconds at most, whatever the receiver does.

        The body of the answer is not read. ValueError for what was released for somebody else.
        """
        released = message.released
        if released.recipient != message.recipient and released.grant != PUBLISHED:
            raise ValueError("what is sent was released for another recipient")
        headers: list[tuple[bytes, bytes]] = [
            (b"content-type", FHIR.encode()),
            (b"user-agent", b"iop-fhir-adapter"),
            (b"webhook-id", message.id.encode()),
            (b"webhook-timestamp", str(now).encode()),
            (b"webhook-signature", signature(secret, message.id, now, released.body).encode()),
            *message.headers,
        ]
        try:
            async with asyncio.timeout(seconds):
                return await self._sent(message.endpoint, headers, released.body, seconds)
        except TimeoutError:
            return Outcome(False, why="it was not answered in time")

    async def _sent(
        self, endpoint: str, headers: Iterable[tuple[bytes, bytes]], body: bytes, seconds: float
    ) -> Outcome:
        try:
            sent = self._client.stream("POST", endpoint, content=body, headers=list(headers), timeout=seconds)
            async with sent as answer:
                return _outcome(answer)
        except Refused as refused:
            return Outcome(False, why=str(refused))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Outcome(False, reached=False, why="no connection could be made")
        except httpx.TimeoutException:
            return Outcome(False, why="it was not answered in time")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
            return Outcome(False, why="the connection was lost, or the answer is none")

    async def close(self) -> None:
        """Drop all connections."""
        await self._client.aclose()


def is_address(endpoint: str) -> bool:
    """Whether it could be told something there: an https address of a host alone, or one of this machine's own."""
    try:
        said = urlsplit(endpoint)
        good = said.hostname and said.port not in (0, 22) and not (said.username or said.password or said.fragment)
    except ValueError:
        return False
    plain = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    local = said.scheme == "http" and said.hostname in ("127.0.0.1", "::1", "localhost")
    return bool(good and plain and (said.scheme == "https" or local))


def _outcome(answer: httpx.Response) -> Outcome:
    if answer.is_success:
        return Outcome(True)
    said = answer.headers.get("retry-after", "")
    wait = min(int(said), LONGEST_WAIT) if said.isascii() and said.isdigit() and len(said) < 10 else 0
    return Outcome(False, why=f"it was answered {answer.status_code}", wait=wait)
