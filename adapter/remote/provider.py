"""An outside identity provider: where it sends people, the codes it gives, and the keys that it signs by.

OpenID Connect: https://openid.net/specs/openid-connect-core-1_0.html, .../openid-connect-discovery-1_0.html
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from adapter.problems import Kind, Problem
from adapter.remote.jwks import KeySets

Said = dict[str, Any]
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Provider:
    """The provider that an operator has named; what it says of itself is kept as long as it permits, an hour at most.

    Problem(NOT_FOUND) whenever it cannot be had, or says something else than the standard.
    """

    def __init__(self, issuer: str, client_id: str, secret: str | None, fetcher: KeySets | None = None) -> None:
        self.issuer, self.client_id, self._secret = issuer, client_id, secret
        self._fetcher = fetcher or KeySets(private=True, loopback=issuer.startswith("http:"))

    async def address(self, parameters: dict[str, str]) -> str:
        """Where a browser is sent."""
        said = (await self._discovered())["authorization_endpoint"]
        return f"{said}{'&' if '?' in said else '?'}{urlencode({'client_id': self.client_id, **parameters})}"

    async def id_token(self, code: str, verifier: str, redirect_uri: str) -> str:
        """The ID token for a code; nothing in it is proved yet."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        form |= {"code_verifier": verifier, "client_id": self.client_id}
        answer = _object(await self._fetcher.send((await self._discovered())["token_endpoint"], form, self._proof()))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise _odd("its answer holds no ID token")
        return token

    async def keys(self, holds: Callable[[bytes], bool]) -> bytes:
        """The set of its keys, one that was kept if it `holds` what is looked for."""
        return await self._fetcher.fetch((await self._discovered())["jwks_uri"], holds)

    def _proof(self) -> dict[str, str]:
        """RFC 6749, section 2.3.1; a client without a secret is public."""
        if self._secret is None:
            return {}
        pair = f"{quote(self.client_id, safe='')}:{quote(self._secret, safe='')}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    async def _discovered(self) -> dict[str, str]:
        place = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        said = _object(await self._fetcher.fetch(place, lambda body: True))
        if said.get("issuer") != self.issuer:
            raise _odd("it says that it is another issuer")
        secure = "https://" if self.issuer.startswith("https:") else "http"
        if not all(isinstance(said.get(name), str) and said[name].startswith(secure) for name in _ENDPOINTS):
            raise _odd(f"it does not say all of {', '.join(_ENDPOINTS)}")
        return {name: said[name] for name in _ENDPOINTS}


def _object(body: bytes) -> Said:
    try:
        said = orjson.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise _odd("it does not answer as JSON")
    return said


def _odd(why: str) -> Problem:
    return Problem(Kind.NOT_FOUND, f"the identity provider: {why}")
