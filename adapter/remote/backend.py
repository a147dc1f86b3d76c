"""A client of SMART Backend Services: its key, what it signs with it, and the token it gets for that.

https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
"""

from __future__ import annotations

import json
import os
import secrets
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from adapter.problems import Kind, Problem

SECONDS, RSA_BITS = 10.0, 3_072
_TYPES = {"EC": "ES384", "RSA": "RS384"}
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Key = ECKey | RSAKey


def new_key(algorithm: str, kid: str | None) -> Key:
    """A new key pair for ES384 or RS384, with a random name if none is given."""
    parameters: Any = {"kid": kid or secrets.token_hex(8), "alg": algorithm, "key_ops": ["sign"]}
    return (
        RSAKey.generate_key(RSA_BITS, parameters) if algorithm == "RS384" else ECKey.generate_key("P-384", parameters)
    )


def save(key: Key, path: Path) -> None:
    """Write a private key to a new file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(key.as_dict(private=True), file)


def saved(path: Path) -> Key:
    """The private key in a file; Problem(INVALID) for what is none that SMART knows."""
    try:
        said = json.loads(path.read_text("utf-8"))
        key = (RSAKey if said["kty"] == "RSA" else ECKey).import_key(said)
    except (ValueError, TypeError, KeyError, JoseError):
        raise Problem(Kind.INVALID, f"{path} is not a private key in JSON (JWK) for ES384 or RS384") from None
    if not key.is_private or key.kid is None or (key.key_type == "EC" and said.get("crv") != "P-384"):
        raise Problem(Kind.INVALID, f"{path} is not a private key for ES384 or RS384 with a name (kid)")
    return key


def public_set(key: Key) -> str:
    """The set of public keys (JWKS) that its owner registers."""
    return json.dumps({"keys": [key.as_dict(private=False) | {"key_ops": ["verify"]}]}, indent=2)


def assertion(
    key: Key,
    client: str,
    audience: str,
    now: float,
    purpose: str | None = None,
    person: tuple[str, str] | None = None,
) -> str:
    """What proves a client to a token endpoint, once, within five minutes; `person` is an id and a name."""
    claims: dict[str, Any] = {"iss": client, "sub": client, "aud": audience, "jti": secrets.token_urlsafe(24)}
    claims |= {"iat": int(now), "exp": int(now) + 300}
    if purpose:
        named = dict(zip(("subject_id", "subject_name"), person or (), strict=False))
        claims["extensions"] = {"hl7-b2b": {"version": "1", "purpose_of_use": [purpose], **named}}
    algorithm = _TYPES[key.key_type]
    header: Any = {"alg": algorithm, "kid": key.kid, "typ": "JWT"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a key is short is for the server to say
        return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[algorithm])


def _why(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return (
            f"{error.request.url} answers {error.response.status_code}; is this the address of its FHIR API (.../fhir)?"
        )
    return str(error)


def ask_token(
    base: str,
    client: str,
    key: Key,
    scope: str,
    purpose: str | None,
    clock: Callable[[], float],
    person: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """What the token endpoint of a FHIR API answers; Problem(FORBIDDEN) with its reason when it gives no token."""
    try:
        with httpx.Client(timeout=SECONDS) as http:
            found = http.get(f"{base.rstrip('/')}/.well-known/smart-configuration")
            endpoint = str(found.raise_for_status().json()["token_endpoint"])
            form = {"grant_type": "client_credentials", "client_assertion_type": _ASSERTION, "scope": scope}
            form["client_assertion"] = assertion(key, client, endpoint, clock(), purpose, person)
            answer = http.post(endpoint, data=form)
            said = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Problem(Kind.NOT_FOUND, f"{base} cannot be asked for a token: {_why(error)}") from None
    except (ValueError, KeyError, TypeError):
        raise Problem(Kind.NOT_FOUND, f"what {base} answers is not what SMART says") from None
    if answer.status_code != 200 or not isinstance(said, dict) or "access_token" not in said:
        why = f"{said.get('error')}: {said.get('error_description')}" if isinstance(said, dict) else "no reason given"
        raise Problem(Kind.FORBIDDEN, f"no token for {client} from {endpoint}: {why}")
    return said
