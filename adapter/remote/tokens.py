"""The access token of this program at a partner's server: asked for by a signed assertion, kept, and renewed in time.

https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import orjson

from adapter.remote.answers import Answer
from adapter.remote.backend import Key, assertion
from adapter.remote.faults import Fault, Wrong

UNSAID, EARLY = 300.0, 30.0
"""Seconds: how long a token lasts of which that is not said, and how long before its end a new one is asked for."""
_JWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Send = Callable[[str, str, dict[str, str] | None], Awaitable[Answer]]
"""Sends a request to an address, a form if there is one; the second text says what it is for."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What this program is called at a partner's server, how it proves that, and what it asks for."""

    client: str
    key: Key
    scope: str


class Tokens:
    """Those of one partner; whoever needs one while it is asked for waits for the same."""

    def __init__(self, partner: str, base: str, who: Identity, send: Send, now: Callable[[], datetime]) -> None:
        self._partner, self._base, self._who, self._send, self._now = partner, base, who, send, now
        self._lock = asyncio.Lock()
        self._token, self._until, self._endpoint = "", 0.0, ""

    async def token(self) -> str:
        """One that is good for a while yet. `Fault` where none can be had."""
        async with self._lock:
            if self._now().timestamp() >= self._until:
                await self._renew()
            return self._token

    def drop(self, token: str) -> None:
        """It was not taken: the next one is another."""
        if token == self._token:
            self._until, self._endpoint = 0.0, ""

    async def _renew(self) -> None:
        endpoint = self._endpoint = self._endpoint or await self._discovered()
        now = self._now().timestamp()
        form = {"grant_type": "client_credentials", "scope": self._who.scope, "client_assertion_type": _JWT}
        form["client_assertion"] = assertion(self._who.key, self._who.client, endpoint, now)
        said = _object(await self._send(endpoint, "the request for a token", form))
        token, kind, lasts = said.get("access_token"), said.get("token_type"), said.get("expires_in", UNSAID)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            self._refuse("the request for a token is answered without one")
        if str(kind).lower() != "bearer" or isinstance(lasts, bool) or not isinstance(lasts, int | float):
            self._refuse("the request for a token is answered by one that is no bearer's")
        self._token, self._until = token, now + max(lasts - min(EARLY, lasts / 4), 0.0)

    async def _discovered(self) -> str:
        said = _object(await self._send(f"{self._base}/.well-known/smart-configuration", "its SMART settings", None))
        endpoint = said.get("token_endpoint")
        if not isinstance(endpoint, str) or not endpoint.startswith(("https://", "http://")):
            self._refuse("its SMART settings name no token endpoint")
        return endpoint

    def _refuse(self, why: str) -> NoReturn:
        raise Fault(self._partner, Wrong.LOGIN, why)


def _object(answer: Answer) -> dict[str, Any]:
    """The JSON object in an answer; an empty one where there is none."""
    try:
        said = orjson.loads(answer.body)
    except ValueError:
        return {}
    return said if answer.status == 200 and isinstance(said, dict) else {}
