"""Opaque links to the next page of a search: they carry the whole search, and show none of it.

A link may stand in a proxy's log, so it is sealed: what was searched for, the logical time and the sort key cannot be
read or changed without the deployment's secret. https://hl7.org/fhir/R4/http.html#paging
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b, shake_256
from hmac import compare_digest
from typing import Any

import orjson

from adapter.problems import Kind, Problem

_SEAL = 16


def seal(content: list[Any], secret: bytes) -> str:
    """The content as text for a URL, encrypted and authenticated (the seal of the content is also its nonce)."""
    plain = orjson.dumps(content)
    mark = blake2b(plain, key=_key(secret, b"seal"), digest_size=_SEAL).digest()
    return urlsafe_b64encode(mark + _stream(plain, mark, secret)).decode().rstrip("=")


def unseal(text: str, secret: bytes) -> list[Any]:
    """What was sealed; Problem(INVALID) for a link that this server did not make."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise _forged() from None
    mark, plain = raw[:_SEAL], _stream(raw[_SEAL:], raw[:_SEAL], secret)
    if not compare_digest(mark, blake2b(plain, key=_key(secret, b"seal"), digest_size=_SEAL).digest()):
        raise _forged()
    content: list[Any] = orjson.loads(plain)
    return content


def _stream(data: bytes, mark: bytes, secret: bytes) -> bytes:
    """The data added to a key stream that is never used for other data: encrypts and decrypts."""
    stream = shake_256(_key(secret, b"stream") + mark).digest(len(data))
    return (int.from_bytes(data) ^ int.from_bytes(stream)).to_bytes(len(data))


def _key(secret: bytes, use: bytes) -> bytes:
    return blake2b(secret, person=b"page " + use, digest_size=32).digest()


def _forged() -> Problem:
    return Problem(Kind.INVALID, "this page link was not made by this server; start the search again", "_page")
