"""Opaque links to the next page of a search: they carry the whole search, and show none of it.

A link may stand in a proxy's log, so it is sealed: what was searched for, the logical time and the sort key cannot be
read or changed without the deployment's secret. https://hl7.org/fhir/R4/http.html#paging
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from adapter.problems import Kind, Problem


def seal(content: list[Any], secret: bytes, purpose: str) -> str:
    """The content as text for a URL, encrypted and authenticated (AES-SIV, RFC 5297: the same link for the same page).

    `secret` is the reader's, `purpose` names the kind of list; only with the same is it unsealed.
    """
    return urlsafe_b64encode(_cipher(secret).encrypt(orjson.dumps(content), [purpose.encode()])).decode().rstrip("=")


def unseal(text: str, secret: bytes, purpose: str, parameter: str = "_page") -> list[Any]:
    """What was sealed for this purpose; Problem(INVALID), naming the parameter, for any other link."""
    try:
        sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        content: list[Any] = orjson.loads(_cipher(secret).decrypt(sealed, [purpose.encode()]))
    except (binascii.Error, ValueError, InvalidTag):
        raise Problem(
            Kind.INVALID, "this page link was not made by this server for you and this list; start again", parameter
        ) from None
    return content


@lru_cache(maxsize=1024)
def _cipher(secret: bytes) -> AESSIV:
    return AESSIV(blake2b(secret, person=b"page links", digest_size=64).digest())
