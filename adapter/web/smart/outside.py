"""Access tokens of another issuer, which the program's operator names: JWTs for clients that are registered here.

RFC 9068 (JWT profile for OAuth 2.0 access tokens). Such a token is good until it ends, or its client does.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from adapter.callers import Caller, ClientKind, Purpose, Scope
from adapter.consent.predicate import nobody
from adapter.fhir.dates import milliseconds
from adapter.interactions.program import Program
from adapter.interactions.search import limits
from adapter.interactions.types import served
from adapter.problems import Kind, Problem, Unreadable
from adapter.store.clients import Client
from adapter.web.smart.keys import ISSUED, Jwk, keys_of, public_key
from adapter.web.smart.scopes import granted, known, parsed, read

if TYPE_CHECKING:
    from adapter.remote.jwks import KeySets

LONGEST, SKEW = 8 << 10, 60
"""Bytes of a token, and seconds that its issuer's clock may be ahead of ours."""

_TYPES = ("at+jwt", "application/at+jwt")
_REFUSED = ("crit", "b64", "jwk", "jku", "x5u", "x5c")
_PEOPLE = (ClientKind.STAFF, ClientKind.PRIVACY_OFFICER)
_SHORT = 16
_BEARER = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] ([\w-]+\.[\w-]+\.[\w-]+)", re.ASCII)

Claims = Mapping[str, Any]


def jwt_in(authorization: bytes) -> bytes | None:
    """The token in a header that may be of another issuer: none of ours has dots."""
    found = _BEARER.fullmatch(authorization)
    return found[1] if found else None


class Outside:
    """The issuer of one program's settings; `key_sets` fetches its keys, and is made where there is none."""

    def __init__(self, program: Program, key_sets: KeySets | None = None) -> None:
        settings = program.settings
        self._program, self._key_sets = program, key_sets
        self._issuer, self._jwks = settings.issuer, settings.issuer_jwks
        self._audience = settings.audience or program.base_url
        self._known = known(served(program), program.store.index, limits(program, nobody()))

    async def caller_of(self, token: bytes, now: datetime) -> Caller:
        """The client that a token proves.

        Problem(LOGIN): `expired` for one that has ended, `security` for whatever else is not right with it, a client
        that may not ask now among them; `login` when the issuer's keys cannot be had.
        """
        header, claims = _opened(token)
        await self._check_signature(token, header)
        self._check_claims(claims, now.timestamp())
        with self._program.store.clients() as clients:
            client = clients.named(claims["client_id"], milliseconds(now))
        if client is None or not client.stands or client.kind in _PEOPLE:
            raise _refused("its client is not registered here, or may not ask now")
        return self._caller(client, claims, token)

    async def _check_signature(self, token: bytes, header: Claims) -> None:
        from joserfc.errors import JoseError
        from joserfc.jws import JWSRegistry, extract_compact, validate_compact

        registry = JWSRegistry(algorithms=list(ISSUED), strict_check_header=False)
        registry.max_header_length = registry.max_payload_length = LONGEST
        held = await self._keys(header)
        key = public_key(held[0], header["alg"]) if len(held) == 1 else None
        try:
            good = key is not None and validate_compact(
                extract_compact(token, registry=registry), key, registry=registry
            )
        except (JoseError, ValueError, TypeError):
            good = False
        if not good:
            raise _refused("it is not signed by one key of its issuer")

    async def _keys(self, header: Claims) -> list[Jwk]:
        """The keys of the issuer that the header may mean."""

        def meant(body: bytes) -> list[Jwk]:
            return [key for key in keys_of(body) if (key.get("kid"), key.get("kty")) == wanted]

        wanted = header["kid"], ISSUED[header["alg"]]
        if self._key_sets is None:
            self._key_sets = await asyncio.to_thread(_key_sets)
        try:
            return meant(await self._key_sets.fetch(self._jwks, lambda body: bool(meant(body))))
        except (Unreadable, Problem):
            raise Problem(Kind.LOGIN, "the keys of the token's issuer cannot be had now") from None

    def _check_claims(self, claims: Claims, now: float) -> None:
        """RFC 9068, section 2.2 and 4."""
        audience = claims.get("aud")
        if claims.get("iss") != self._issuer:
            raise _refused("it is of another issuer")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise _refused("it is for another server")
        for name in ("sub", "client_id", "jti"):
            if not isinstance(claims.get(name), str) or not claims[name]:
                raise _refused(f"{name} is not there")
        if any(type(claims.get(name, 0)) not in (int, float) for name in ("exp", "iat", "nbf")) or "iat" not in claims:
            raise _refused("exp, iat or nbf is no time")
        if max(claims["iat"], claims.get("nbf", 0)) > now + SKEW:
            raise _refused("it is not good yet")
        if claims.get("exp", 0) <= now:
            raise Problem(Kind.LOGIN, "the access token has expired", code="expired")

    def _scopes(self, word: str) -> tuple[Scope, ...]:
        try:
            return read(word, self._known)
        except Problem:
            return ()

    def _caller(self, client: Client, claims: Claims, token: bytes) -> Caller:
        """What the client may have of what the token says; scopes of other servers are not heard."""
        asked = [scope for word in str(claims.get("scope", "")).split() for scope in self._scopes(word)]
        purposes = client.purposes.split()
        said = claims.get("purpose_of_use", purposes[0])
        if said not in purposes:
            raise _refused("its client is not registered for its purpose of use")
        return Caller(
            client=client.id,
            kind=ClientKind(client.kind),
            organization=client.organization,
            purpose=Purpose(said),
            scopes=granted(asked, parsed(client.scopes)),
            token=sha256(token).hexdigest()[:_SHORT],
        )


def _key_sets() -> KeySets:
    from adapter.remote.jwks import KeySets

    return KeySets(private=True)


def _opened(token: bytes) -> tuple[Claims, Claims]:
    """The header and the claims of a token, of which nothing is proved yet."""
    from joserfc.errors import JoseError
    from joserfc.jws import extract_compact

    try:
        if len(token) > LONGEST:
            raise ValueError
        signed = extract_compact(token)
        header, claims = signed.headers(), orjson.loads(signed.payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise _refused("it is no signed JWT") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise _refused("it is no signed JWT")
    if str(header.get("typ", "")).lower() not in _TYPES or str(header.get("alg")) not in ISSUED:
        raise _refused(f"it is no at+jwt signed by one of {', '.join(ISSUED)}")
    if any(name in header for name in _REFUSED) or not isinstance(header.get("kid"), str):
        raise _refused("its header does not name one key of its issuer, and nothing else")
    return header, claims


def _refused(why: str) -> Problem:
    return Problem(Kind.LOGIN, f"the access token is not good here: {why}", code="security")
