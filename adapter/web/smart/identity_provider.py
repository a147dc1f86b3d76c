"""Logging in by an outside identity provider: the browser goes there and comes back, and its ID token says who it is.

OpenID Connect, code flow with PKCE and nonce: https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry, deserialize_compact, extract_compact

from adapter.problems import Kind, Problem
from adapter.remote.provider import Provider
from adapter.web.smart.apps import challenge_of

ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "ES384"]
SKEW, LONGEST = 60, 16 << 10
"""Seconds that its clock may differ, and bytes of a token."""
FACTORS = (
    frozenset(("pwd", "pin", "kba")),
    frozenset(("otp", "hwk", "swk", "sc", "sms", "tel", "pop")),
    frozenset(("face", "fpt", "iris", "retina", "vbm")),
)
"""What one knows, has and is, in the words of `amr` (RFC 8176); two of them are two factors, as `mfa` is."""
_REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_REGISTRY.max_payload_length = LONGEST

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trip:
    """One way there and back: what only its two ends know."""

    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to the provider, and whether he proved it by a second factor."""

    subject: str
    strong: bool


def new_trip() -> Trip:
    """A new one."""
    return Trip(secrets.token_urlsafe(24), secrets.token_urlsafe(32))


async def there(provider: Provider, trip: Trip, redirect_uri: str, state: str) -> str:
    """Where the browser is sent."""
    said = {"response_type": "code", "scope": "openid", "redirect_uri": redirect_uri, "state": state}
    said |= {"nonce": trip.nonce, "code_challenge": challenge_of(trip.verifier), "code_challenge_method": "S256"}
    return await provider.address(said)


async def identity(provider: Provider, trip: Trip, redirect_uri: str, code: str, now: datetime) -> Identity:
    """Who came back with a code; Problem(LOGIN) for a token that does not prove it, Problem(NOT_FOUND) when nobody can
    be asked."""
    token = await provider.id_token(code, trip.verifier, redirect_uri)
    if len(token) > LONGEST:
        raise _refused("the ID token is too long")
    header = _header(token)
    body = await provider.keys(lambda kept: any(key.get("kid") == header.get("kid") for key in _keys(kept)))
    try:
        signed = deserialize_compact(token, _chosen(_keys(body), header), registry=_REGISTRY)
        claims = orjson.loads(signed.payload)
    except (JoseError, ValueError, TypeError, KeyError):
        raise _refused("the ID token is not signed by a key of the provider") from None
    _check(claims, provider, trip, now.timestamp())
    methods = claims.get("amr")
    said = {one for one in methods if isinstance(one, str)} if isinstance(methods, list) else set()
    return Identity(claims["sub"], "mfa" in said or sum(not said.isdisjoint(factor) for factor in FACTORS) > 1)


def _header(token: str) -> dict[str, Any]:
    try:
        header = extract_compact(token.encode("ascii"), registry=_REGISTRY).headers()
    except (JoseError, ValueError, TypeError):
        raise _refused("the ID token is not a signed JWT") from None
    if header.get("alg") not in ALGORITHMS or any(name in header for name in ("crit", "b64", "jwk", "x5u", "x5c")):
        raise _refused(f"the ID token is not signed by one of {', '.join(ALGORITHMS)}")
    return dict(header)


def _keys(body: bytes) -> list[dict[str, Any]]:
    try:
        said = orjson.loads(body)
    except ValueError:
        return []
    keys = said.get("keys") if isinstance(said, dict) else None
    return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []


def _chosen(keys: list[dict[str, Any]], header: Mapping[str, Any]) -> Any:
    """The one key that a header names, for signatures by its algorithm; of one key alone the name may be left out."""
    kind = "EC" if header["alg"].startswith("ES") else "RSA"
    fit = [key for key in keys if key.get("kty") == kind and key.get("use", "sig") == "sig"]
    fit = [key for key in fit if key.get("alg", header["alg"]) == header["alg"]]
    named = [key for key in fit if key.get("kid") == header.get("kid")] if "kid" in header else fit
    if len(named) != 1:
        raise ValueError("no key, or more than one")
    return KeySet.import_key_set({"keys": [named[0]]}).keys[0]


def _check(claims: Any, provider: Provider, trip: Trip, now: float) -> None:
    """OpenID Connect Core, section 3.1.3.7."""
    if not isinstance(claims, dict) or claims.get("iss") != provider.issuer:
        raise _refused("the ID token is of another issuer")
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    if provider.client_id not in listed or (len(listed) > 1 and claims.get("azp") != provider.client_id):
        raise _refused("the ID token was made for another client")
    if _seconds(claims, "exp") <= now - SKEW or _seconds(claims, "iat") > now + SKEW:
        raise _refused("the ID token has expired, or is of the future")
    if not isinstance(claims.get("nonce"), str) or not secrets.compare_digest(claims["nonce"], trip.nonce):
        raise _refused("the ID token is of another log-in")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise _refused("the ID token names nobody")


def _seconds(claims: Claims, name: str) -> float:
    said = claims.get(name)
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise _refused(f"the ID token does not say {name}")
    return float(said)


def _refused(why: str) -> Problem:
    return Problem(Kind.LOGIN, why)
