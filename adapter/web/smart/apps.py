"""Apps of the staff: public clients that send people to log in, and the addresses they may be sent back to.

RFC 8252 (native apps), RFC 9700 (exact addresses), RFC 7636 (PKCE).
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from secrets import compare_digest
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from adapter.problems import Kind, Problem

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_STATE = 2_048


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an app asks for when it sends somebody to log in, once it is known to be a registered one."""

    client: str
    redirect_uri: str
    state: str
    scope: str
    challenge: str

    def back(self, issuer: str, **said: str) -> str:
        """The address that somebody is sent back to, and what is said there. RFC 9207: with the issuer."""
        pairs = {**said, "iss": issuer} | ({"state": self.state} if self.state else {})
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(pairs)}"


def check_redirect(address: str) -> None:
    """Problem(INVALID) for an address that no app may be registered with."""
    said = _split(address)
    good = said is not None and (said.scheme == "https" or _is_loopback(said) or _is_own_scheme(said))
    if said is None or not good or said.fragment or "@" in said.netloc or not re.fullmatch(r"[!-~]{1,512}", address):
        why = "an app is sent back to by https, to http://127.0.0.1 or [::1], or by a scheme such as org.example.app:"
        raise Problem(Kind.INVALID, why, "--redirect-uri")


def may_return(address: str, registered: str | None) -> bool:
    """Whether it is one of the registered addresses; on loopback the app takes any port (RFC 8252, section 7.3)."""
    return any(_same(address, one) for one in (registered or "").split())


def _same(address: str, registered: str) -> bool:
    if address == registered:
        return True
    asked, known = _split(address), _split(registered)
    if asked is None or known is None or not _is_loopback(known) or asked.hostname != known.hostname:
        return False
    return asked._replace(netloc=known.netloc) == known and asked.netloc == _loopback(asked)


def _loopback(said: SplitResult) -> str:
    """How the host of an address is written with its port, if it has one."""
    host = f"[{said.hostname}]" if ":" in (said.hostname or "") else said.hostname or ""
    return host if said.port is None else f"{host}:{said.port}"


def _is_loopback(said: SplitResult) -> bool:
    try:
        return said.scheme == "http" and ip_address(said.hostname or "").is_loopback
    except ValueError:
        return False


def _is_own_scheme(said: SplitResult) -> bool:
    return bool(_SCHEME.fullmatch(said.scheme)) and not said.netloc


def _split(address: str) -> SplitResult | None:
    try:
        said = urlsplit(address)
        return said if said.port != 0 and (said.hostname or not said.scheme.startswith("http")) else None
    except ValueError:
        return None


def read_wanted(client: str, redirect_uri: str, said: dict[str, Any], base_url: str) -> tuple[Wanted, Problem | None]:
    """What is asked, and what is wrong with it in a way that the app is to be told."""
    state = str(said.get("state", ""))
    wanted = Wanted(client, redirect_uri, state[:_STATE], said.get("scope", ""), said.get("code_challenge", ""))
    wrong = None
    if said.get("response_type") != "code":
        wrong = _wrong("unsupported_response_type", "response_type is not code")
    elif len(state) > _STATE:
        wrong = _wrong("invalid_request", "state is too long")
    elif said.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(wanted.challenge):
        wrong = _wrong("invalid_request", "code_challenge is not one of PKCE by S256")
    elif said.get("aud", base_url) != base_url:
        wrong = _wrong("invalid_request", "aud is not the address of this FHIR API")
    elif said.get("request") or said.get("request_uri"):
        wrong = _wrong("request_not_supported", "request objects are not supported")
    return wanted, wrong


def answers(verifier: str, challenge: str) -> bool:
    """Whether a verifier is the one that a challenge was made of. RFC 7636, section 4.6."""
    return bool(_VERIFIER.fullmatch(verifier)) and compare_digest(challenge_of(verifier), challenge)


def challenge_of(verifier: str) -> str:
    """The challenge of a verifier, by S256."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii", "replace")).digest()).rstrip(b"=").decode()


def _wrong(error: str, why: str) -> Problem:
    return Problem(Kind.INVALID, why, code=error)
