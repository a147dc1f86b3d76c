"""An app of the staff on a command line: it sends somebody to a browser, waits on loopback, and gets the token.

RFC 8252 (native apps), RFC 7636 (PKCE), RFC 9207 (the issuer in the answer).
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from adapter.problems import Kind, Problem

SECONDS = 300
"""How long somebody may take to log in."""
PATH = "/back"
_DONE = b"<!doctype html><html lang=en><title>Done</title><p>You can close this window."


class _Back(HTTPServer):
    """Listens on loopback, at a free port, for the browser that comes back."""

    timeout = 1.0
    said: dict[str, str] | None = None


class _Handler(BaseHTTPRequestHandler):
    server: _Back

    def do_GET(self) -> None:
        """Take what the browser brings along."""
        at = urlsplit(self.path)
        known = at.path == PATH
        if known:
            self.server.said = dict(parse_qsl(at.query))
        self.send_response(200 if known else 404)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(_DONE if known else b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address holds the code."""


def ask_token(
    base: str, client: str, scope: str, tell: Callable[[str], None], seconds: int = SECONDS
) -> dict[str, Any]:
    """What the token endpoint of a FHIR API answers once somebody has logged in; `tell` says where he is to go.

    Problem(FORBIDDEN) with the reason when there is no token, Problem(NOT_FOUND) for a server that is none.
    """
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    try:
        with httpx.Client(timeout=10) as http, _Back(("127.0.0.1", 0), _Handler) as back:
            said = http.get(f"{base.rstrip('/')}/.well-known/smart-configuration").raise_for_status().json()
            redirect = f"http://127.0.0.1:{back.server_address[1]}{PATH}"
            asked = {"response_type": "code", "client_id": client, "redirect_uri": redirect, "scope": scope}
            asked |= {"state": state, "code_challenge": challenge, "code_challenge_method": "S256", "aud": base}
            address = f"{said['authorization_endpoint']}?{urlencode(asked)}"
            _check_asked(http.get(address), redirect)
            tell(address)
            code = _code(back, state, said["issuer"], seconds)
            form = {"grant_type": "authorization_code", "code": code, "client_id": client, "redirect_uri": redirect}
            got: dict[str, Any] = http.post(said["token_endpoint"], data=form | {"code_verifier": verifier}).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        raise Problem(Kind.NOT_FOUND, f"{base} cannot be asked for a token, or does not answer as SMART says") from None
    if "access_token" not in got:
        raise Problem(Kind.FORBIDDEN, f"no token: {got.get('error')}: {got.get('error_description')}")
    return got


def _check_asked(answer: httpx.Response, redirect: str) -> None:
    """Problem(FORBIDDEN) where nobody could log in by this address, so that nobody waits for it."""
    to = answer.headers.get("location", "")
    if answer.is_error or to.startswith(redirect):
        why = dict(parse_qsl(urlsplit(to).query)).get("error", f"HTTP status {answer.status_code}")
        raise Problem(Kind.FORBIDDEN, f"the server lets nobody log in by this app, or not for this: {why}")


def _code(back: _Back, state: str, issuer: str, seconds: int) -> str:
    """The code that the browser brings; one that does not belong to what was asked is refused."""
    until = monotonic() + seconds
    while back.said is None:
        if monotonic() > until:
            raise Problem(Kind.FORBIDDEN, "nobody has logged in in time")
        back.handle_request()
    if (back.said.get("state"), back.said.get("iss")) != (state, issuer):
        raise Problem(Kind.FORBIDDEN, "what came back is not the answer to what was asked")
    if "code" not in back.said:
        raise Problem(Kind.FORBIDDEN, f"nobody was logged in: {back.said.get('error', 'no reason given')}")
    return back.said["code"]
