"""Clients that prove themselves as SMART Backend Services do, with keys of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from adapter.fhir.dates import milliseconds
from adapter.interactions.program import Program
from adapter.store.clients import Agreement, Client
from tests.doors.serving import Client as Sender
from tests.doors.serving import Got

TOKEN_URL = "http://127.0.0.1:8000/oauth/token"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM = {"content-type": "application/x-www-form-urlencoded"}
KINDS = {"EC": "ES384", "RSA": "RS384"}
Json = dict[str, Any]
Key = ECKey | RSAKey


@cache
def key(kind: str = "EC", kid: str = "key-1", size: int = 2_048) -> Key:
    """A key that is made once in a test run."""
    parameters: Any = {"kid": kid}
    if kind == "RSA":
        return RSAKey.generate_key(size, parameters)
    return ECKey.generate_key("P-384" if size == 2_048 else "P-256", parameters)


def key_set(*keys: Key) -> Json:
    """The public keys as a client publishes them."""
    return {"keys": [dict(one.as_dict(private=False)) for one in keys]}


def register(
    program: Program,
    id: str = "ehr",
    kind: str = "provider-ehr",
    scopes: str = "system/Patient.rs system/Observation.rs",
    purposes: str = "TREAT HPAYMT",
    jwks: Json | None = None,
    jwks_uri: str | None = None,
    agreement: str | None = None,
    organization: str = "",
) -> None:
    """Register a client, with an agreement of a kind that has begun."""
    now = milliseconds(program.clock())
    keys = json.dumps(jwks or key_set(key())) if jwks_uri is None or jwks else None
    client = Client(
        id, kind, organization or f"org-of-{id}", f"The {id}", scopes, purposes, keys, jwks_uri, True, now, False
    )
    program.store.change_clients(lambda clients: clients.add(client)).result(30)
    if agreement:
        made = Agreement(id, agreement, "A-1", now - 1, None)
        program.store.change_clients(lambda clients: clients.agree(made)).result(30)


@dataclass
class Asking:
    """What a client sends for a token; a test changes of it what it is about."""

    now: int
    jti: str
    id: str = "ehr"
    key: Key = field(default_factory=key)
    header: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()

    def said_header(self) -> Json:
        """The header."""
        made = {"alg": KINDS[self.key.key_type], "kid": self.key.kid, "typ": "JWT"} | self.header
        return {name: value for name, value in made.items() if name not in self.drop}

    def said_claims(self) -> Json:
        """The claims."""
        made = {"iss": self.id, "sub": self.id, "aud": TOKEN_URL, "jti": self.jti}
        made |= {"iat": self.now, "exp": self.now + 300} | self.claims
        return {name: value for name, value in made.items() if name not in self.drop}

    def assertion(self, key: Any = None) -> str:
        """The signed assertion."""
        header, body = self.said_header(), json.dumps(self.said_claims())
        registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        registry.max_header_length = 1 << 20
        return jws.serialize_compact(header, body, key or self.key, registry=registry)

    def said_form(self, assertion: str | None = None) -> str:
        """The form, percent-encoded."""
        made = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "scope": "system/Patient.rs"}
        made |= {"client_assertion": assertion or self.assertion()} | self.form
        return urlencode({name: value for name, value in made.items() if name not in self.drop})


def asking(program: Program, number: int = 1, **changes: Any) -> Asking:
    """A good request, now."""
    return Asking(int(program.clock().timestamp()), f"{number:032d}", **changes)


def ask(sender: Sender, form: str, headers: Mapping[str, str] = FORM, prefix: str = "") -> Got:
    """The answer of the token endpoint."""
    return sender("POST", f"{prefix}/oauth/token", form.encode(), headers)


def token_of(sender: Sender, program: Program, number: int = 1, **changes: Any) -> str:
    """An access token."""
    got = ask(sender, asking(program, number, **changes).said_form())
    assert got.status == 200, got.body
    return str(got.json["access_token"])
