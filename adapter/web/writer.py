"""The one writer of answers: it takes `Released` and nothing else, so a forgotten release is a type error."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache

from adapter.interactions.answer import Answer
from adapter.released import Released
from adapter.web.call import Call, DisconnectedError, Send

Header = tuple[bytes, bytes]

FHIR_JSON: Header = (b"content-type", b"application/fhir+json; charset=utf-8")
FHIR_XML: Header = (b"content-type", b"application/fhir+xml; charset=utf-8")
JSON: Header = (b"content-type", b"application/json")
TEXT: Header = (b"content-type", b"text/plain; charset=utf-8")
# Records are about persons: no shared cache may keep them, and a reader's own must ask again.
STANDING: tuple[Header, ...] = (
    (b"cache-control", b"private, no-cache"),
    (b"vary", b"accept"),
    (b"x-content-type-options", b"nosniff"),
)


PART = 64 << 10
"""Bytes of a body that are handed over without waiting for its reader."""


@dataclass(slots=True)
class Reply:
    """A status, what may leave, and headers, beside those that every answer of its kind has."""

    status: int
    released: Released | None = None
    headers: list[Header] = field(default_factory=list)
    standing: tuple[Header, ...] = STANDING
    tells: Released | None = None
    """What it tells of records without showing them."""
    parts: AsyncGenerator[Released, None] | None = None
    """A body that is made while it goes, and whose length is not known."""


def reply(answer: Answer, content_type: Header = FHIR_JSON) -> Reply:
    """An interaction's answer as a reply, with ETag, Last-Modified and Location where it has them."""
    content_type = (b"content-type", answer.media.encode()) if answer.media else content_type
    headers = [content_type] if answer.body or answer.parts else []
    if answer.etag:
        headers.append((b"etag", answer.etag.encode()))
    if answer.updated:
        headers.append((b"last-modified", http_date(answer.updated // 1000)))
    if answer.location:
        headers.append((b"location", answer.location.encode()))
    headers += [(name.encode(), value.encode()) for name, value in answer.headers]
    return Reply(answer.status, answer.body, headers, tells=answer.tells, parts=answer.parts)


@lru_cache(maxsize=4096)
def http_date(second: int) -> bytes:
    """A second since 1970 as an HTTP date."""
    return formatdate(second, usegmt=True).encode()


async def write(send: Send, reply: Reply, call: Call | None = None, *, head: bool = False) -> None:
    """Send the reply to a call, by the name that the client gave it; to HEAD (`head` says so) without its body."""
    body = reply.released.body if reply.released else b""
    headers = [*reply.headers, *reply.standing]
    if call and call.request_id:
        headers.append((b"x-request-id", call.request_id.encode()))
    if reply.status not in (204, 304) and reply.parts is None:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    head = head or (call is not None and call.method == "HEAD")
    if reply.parts is not None and call is not None and not head:
        await _flow(send, reply.parts, call)
        return
    body = b"" if head else body
    await send({"type": "http.response.body", "body": body, "more_body": len(body) > PART})
    if len(body) > PART:
        # Goes when the answer has been taken, or nobody is there to take it.
        await send({"type": "http.response.body", "body": b""})


async def _flow(send: Send, parts: AsyncGenerator[Released, None], call: Call) -> None:
    """Send the parts, each once the one before was taken; none for whoever is gone."""
    async with aclosing(parts):
        async for part in parts:
            await send({"type": "http.response.body", "body": part.body, "more_body": True})
            if call.gone:
                raise DisconnectedError  # before the next is recorded as shown
    await send({"type": "http.response.body", "body": b""})
