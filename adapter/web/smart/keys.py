"""Keys that clients sign with: which are good enough, and sets of them (JWKS). RFC 7517, RFC 7518."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from adapter.problems import Unreadable

KEY_TYPES: Mapping[str, str] = {"ES384": "EC", "RS384": "RSA"}
"""The algorithms that SMART names, and the type of their keys."""

ISSUED: Mapping[str, str] = {**KEY_TYPES, "RS256": "RSA", "ES256": "EC"}
"""Those that an issuer of access tokens may sign by: RFC 9068 wants RS256 of all."""

CURVES: Mapping[str, str] = {"ES256": "P-256", "ES384": "P-384"}

MODULUS = (2_048, 8_192)
"""Least and most bits of an RSA key: fewer can be broken, more cost too much to check."""

_EXPONENT = 2**32
_SECRET = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
_WANTED = {"RSA": ("n", "e"), "EC": ("crv", "x", "y")}

Jwk = Mapping[str, Any]


def keys_of(text: str | bytes) -> list[Jwk]:
    """The keys of a set; Unreadable for what is none."""
    try:
        said = orjson.loads(text)
    except ValueError:
        raise Unreadable("is not JSON") from None
    keys = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise Unreadable('is not a set of keys: {"keys": [...]}')
    return keys


def check_key(key: Jwk) -> None:
    """Unreadable, with the reason, for a key that no assertion could be checked with."""
    if any(name in key for name in _SECRET):
        raise Unreadable("holds a private key: register the public one, and replace this, which others have seen")
    if not isinstance(key.get("kid"), str) or not key["kid"]:
        raise Unreadable("has a key without a name (kid)")
    algorithm = next((name for name, type in KEY_TYPES.items() if type == key.get("kty")), "")
    if public_key(key, algorithm) is None:
        raise Unreadable(f"has a key that is neither RSA of {MODULUS[0]} bits or more nor EC on P-384: {key['kid']}")


def public_key(key: Jwk, algorithm: str) -> RSAKey | ECKey | None:
    """The key, if it is for signatures by this algorithm, and strong enough; None else."""
    type = ISSUED.get(algorithm)
    operations = key.get("key_ops", ["verify"])
    if key.get("kty") != type or key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        return None
    if not isinstance(operations, list) or "verify" not in operations or not _is_strong(key, algorithm):
        return None
    parts = {name: key[name] for name in ("kty", *_WANTED[str(type)])}
    try:
        return RSAKey.import_key(parts) if type == "RSA" else ECKey.import_key(parts)
    except (JoseError, ValueError, TypeError):
        return None


def _is_strong(key: Jwk, algorithm: str) -> bool:
    if any(not isinstance(key.get(name), str) for name in _WANTED[key["kty"]]):
        return False
    if key["kty"] == "EC":
        return bool(key["crv"] == CURVES[algorithm])
    modulus, exponent = _number(key["n"]), _number(key["e"])
    return MODULUS[0] <= modulus.bit_length() <= MODULUS[1] and 2 < exponent < _EXPONENT and exponent % 2 == 1


def _number(text: str) -> int:
    try:
        return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return 0
