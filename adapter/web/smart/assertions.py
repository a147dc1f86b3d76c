"""A client's assertion: a JWT, signed with a key of its own, that it sends instead of a password. RFC 7523.

https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil, isfinite
from typing import Any

import orjson
from joserfc.errors import JoseError
from joserfc.jws import CompactSignature, JWSRegistry, extract_compact, validate_compact

from adapter.problems import Kind, Problem
from adapter.web.smart.keys import KEY_TYPES, public_key

LONGEST = 8 << 10
"""Bytes of an assertion."""

LIFETIME, SKEW = 300, 60
"""Seconds that an assertion may last, and that the client's clock may be ahead of ours."""

# Keys that the sender brings along, or has fetched, prove nothing; what a critical header means is not known here.
_REFUSED = ("crit", "b64", "jwk", "x5u", "x5c")
_JTI = re.compile(r"[!-~]{16,128}")
_NAME = re.compile(r"\S(.{0,126}\S)?")
_REGISTRY = JWSRegistry(algorithms=list(KEY_TYPES), strict_check_header=False)
_REGISTRY.max_header_length = _REGISTRY.max_payload_length = _REGISTRY.max_signature_length = LONGEST

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion as it came: nothing in it is proved yet."""

    signed: CompactSignature
    header: Mapping[str, Any]
    claims: Claims

    @property
    def issuer(self) -> str:
        """The client that it is said to be of; "" where it does not say."""
        said = self.claims.get("iss")
        return said if isinstance(said, str) else ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a good assertion says: its name, until when (ms) it would be good, the purposes and the person it names.

    `person` is what the client calls the person who asks, and the person's name.
    """

    jti: str
    until_ms: int
    purposes: tuple[str, ...] = ()
    person: tuple[str, str] | None = None


def refused(why: str) -> Problem:
    """401: the client has not proved itself."""
    return Problem(Kind.LOGIN, why, "client_assertion", code="invalid_client")


def opened(text: str) -> Assertion:
    """The parts of an assertion; Problem(INVALID) for one that is too long, before any of it is decoded."""
    if len(text) > LONGEST:
        why = f"the assertion is longer than {LONGEST} bytes"
        raise Problem(Kind.INVALID, why, "client_assertion", code="invalid_request")
    try:
        signed = extract_compact(text.encode("ascii"), registry=_REGISTRY)
        header, claims = signed.headers(), orjson.loads(signed.payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise refused("the assertion is not a signed JWT") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise refused("the assertion is not a signed JWT")
    return Assertion(signed, header, claims)


def check_header(header: Mapping[str, Any], jwks_uri: str | None) -> None:
    """Refuses a header that asks for something else than one of the client's registered keys."""
    if str(header.get("alg")) not in KEY_TYPES:
        raise refused(f"the assertion is not signed by one of {', '.join(KEY_TYPES)}")
    if any(name in header for name in _REFUSED):
        raise refused(f"the assertion's header has one of {', '.join(_REFUSED)}")
    if not isinstance(header.get("typ", "JWT"), str) or header.get("typ", "JWT").upper() != "JWT":
        raise refused("the assertion's typ is not JWT")
    if not isinstance(header.get("kid"), str):
        raise refused("the assertion does not name its key (kid)")
    if "jku" in header and (jwks_uri is None or header["jku"] != jwks_uri):
        raise refused("the assertion's jku is not the address that is registered")


def matching(keys: Iterable[Mapping[str, Any]], header: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The keys of a set that the header may mean, by `kid` and type."""
    wanted = header["kid"], KEY_TYPES[header["alg"]]
    return [key for key in keys if (key.get("kid"), key.get("kty")) == wanted]


def verify(assertion: Assertion, keys: list[Mapping[str, Any]]) -> None:
    """Refuses an assertion that is not signed by the one key that it names."""
    if len(keys) != 1:
        raise refused("the assertion's kid and type name no key of the client, or more than one")
    key = public_key(keys[0], assertion.header["alg"])
    try:
        good = key is not None and validate_compact(assertion.signed, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):
        good = False
    if not good:
        raise refused("the assertion is not signed by the key that it names, or that key is not good for it")


def check_claims(claims: Claims, client: str, audiences: Collection[str], now: datetime) -> Proof:
    """What the claims prove for a client; refuses those that were made for another server, time or client."""
    if claims.get("iss") != client or claims.get("sub") != client:
        raise refused("iss and sub are not both the client's id")
    audience = claims.get("aud")
    if not isinstance(audience, str) or audience not in audiences:
        raise refused("aud is not this server's token endpoint")
    until = _check_times(claims, now.timestamp())
    jti = claims.get("jti")
    if not isinstance(jti, str) or not _JTI.fullmatch(jti):
        raise refused("jti is not 16 to 128 visible characters of ASCII")
    said = _business(claims)
    if said is None:
        return Proof(jti, ceil(until * 1000))
    return Proof(jti, ceil(until * 1000), _purposes(said), _person(said))


def _check_times(claims: Claims, now: float) -> float:
    """When it ends. Its life is counted from `iat`, so that a clock that is a little ahead does no harm; SMART wants
    none, and without it from now."""
    expires, issued, begins = (_seconds(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None:
        raise refused("exp is not there")
    if expires <= now or expires - (now if issued is None else issued) > LIFETIME:
        raise refused(f"exp has passed, or is more than {LIFETIME} seconds after iat")
    if max(issued or 0, begins or 0) > now + SKEW:
        raise refused(f"iat or nbf is more than {SKEW} seconds ahead")
    return expires


def _seconds(claims: Claims, name: str) -> float | None:
    said = claims.get(name)
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not isfinite(said):
        raise refused(f"{name} is not a number")
    return float(said)


def _business(claims: Claims) -> Mapping[str, Any] | None:
    """UDAP's extension `hl7-b2b`, if there is one: https://hl7.org/fhir/us/udap-security/b2b.html."""
    extensions = claims.get("extensions")
    said = extensions.get("hl7-b2b") if isinstance(extensions, dict) else None
    if said is not None and not isinstance(said, dict):
        raise _unclear("hl7-b2b is no object")
    return said


def _purposes(said: Mapping[str, Any]) -> tuple[str, ...]:
    """The purposes of use, as codes."""
    named = said.get("purpose_of_use")
    if not isinstance(named, list) or not named or not all(isinstance(one, str) for one in named):
        raise _unclear("hl7-b2b names no purpose_of_use")
    return tuple(dict.fromkeys(one.rpartition("#")[2] for one in named))


def _person(said: Mapping[str, Any]) -> tuple[str, str] | None:
    """The person who asks (`subject_id`, `subject_name`); one without a name is nobody who could be asked later."""
    if "subject_id" not in said and "subject_name" not in said:
        return None
    person = said.get("subject_id"), said.get("subject_name")
    if not all(isinstance(one, str) and _NAME.fullmatch(one) and one.isprintable() for one in person):
        raise _unclear("hl7-b2b names a person by subject_id and subject_name, each of up to 128 characters")
    return str(person[0]), str(person[1])


def _unclear(why: str) -> Problem:
    return Problem(Kind.INVALID, why, "client_assertion", code="invalid_grant")
