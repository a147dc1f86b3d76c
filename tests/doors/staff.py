"""Somebody of the staff, an app, and the way from its request for a code to a token."""

from __future__ import annotations

import re
from base64 import b32decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from adapter.fhir.dates import milliseconds
from adapter.interactions.program import Program
from adapter.store.clients import Client as Registered
from adapter.store.clients import Token
from adapter.store.staff import Account
from adapter.web.smart import factors
from adapter.web.smart.bearer import digest_of
from tests.doors.clients import FORM
from tests.doors.serving import Client, Got

BACK = "http://127.0.0.1:7001/back"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "a passphrase of Ada's"
VERIFIER = "v" * 43
WHOLE = "user/*.cruds"
_NUMBERS = count(1)
HASHED = factors.hashed(PASSWORD)


def challenge_of(verifier: str = VERIFIER) -> str:
    """PKCE's S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def app(program: Program, id: str = "desk", redirects: str = BACK, scopes: str = WHOLE, kind: str = "staff") -> None:
    """Register an app."""
    now = milliseconds(program.clock())
    made = Registered(id, kind, "o1", "The <desk>", scopes, "TREAT", None, None, True, now, False, redirects)
    program.store.change_clients(lambda clients: clients.add(made)).result(30)


def account(program: Program, name: str = "ada", roles: str = "counselor", **more: Any) -> Account:
    """Open an account; the Practitioner is called as the account is."""
    made = Account(name, f"pr-{name}", roles, HASHED, None, 0, None, None, True, milliseconds(program.clock()))
    made = made._replace(totp=factors.sealed(SECRET, program.secret))._replace(**more)
    program.store.change_staff(lambda staff: staff.add(made)).result(30)
    return made


def token(program: Program, made: Account, app: str = "desk", scopes: str = WHOLE) -> str:
    """A token as the log-in gives it."""
    text, now = f"token-{next(_NUMBERS)}", milliseconds(program.clock())
    kept = Token(digest_of(text), app, scopes, "TREAT", made.practitioner, None, now, now + 86_400_000)
    program.store.change_clients(lambda clients: clients.issue(kept, text, now + 1)).result(30)
    return text


def one_time(at: datetime, secret: str = SECRET) -> str:
    """The code that an authenticator shows."""
    return TOTP(b32decode(secret), 6, SHA1(), 30).generate(int(at.timestamp())).decode()


def now_of(program: Program) -> datetime:
    """The program's time, which its clock does not go on by."""
    return getattr(program.clock, "now", datetime.now(UTC))


def later(program: Program, seconds: int) -> None:
    """Time passes."""
    program.clock.now += timedelta(seconds=seconds)  # type: ignore[attr-defined]


@dataclass
class Browser:
    """What a browser does: keeps cookies, fills forms in, and follows nothing."""

    client: Client
    cookies: dict[str, str] = field(default_factory=dict)
    request: str = ""

    def authorize(self, **changes: str | None) -> Got:
        """An app sends somebody here."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "desk",
            "redirect_uri": BACK,
            "scope": "user/*.rs",
            "state": "state-1",
            "code_challenge": challenge_of(),
            "code_challenge_method": "S256",
            **changes,
        }
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        got = self._sent("GET", f"/oauth/authorize?{query}")
        found = re.search(r'name="request" value="([^"]*)"', got.body.decode())
        self.request = unescape(found[1]) if found else ""
        return got

    def log_in(self, name: str = "ada", password: str = PASSWORD, code: str = "", **more: str) -> Got:
        """Somebody fills the form in and sends it."""
        headers = {key: more.pop(key) for key in ("origin", "sec-fetch-site") if key in more}
        form = urlencode({"request": self.request, "name": name, "password": password, "code": code, **more})
        return self._sent("POST", "/oauth/login", form.encode(), {**FORM, **headers})

    def _sent(self, method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Got:
        cookies = (
            {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        )
        got = self.client(method, url, body, {**(headers or {}), **cookies})
        if "set-cookie" in got.headers:
            name, _, value = got.headers["set-cookie"].partition(";")[0].partition("=")
            self.cookies[name] = value
        return got


def back(got: Got) -> dict[str, str]:
    """What an app is told at its address."""
    assert got.status == 303, got.body
    said = urlsplit(got.headers["location"])
    assert f"{said.scheme}://{said.netloc}{said.path}" == BACK
    return dict(parse_qsl(said.query))


def exchange(client: Client, code: str, /, **changes: str) -> Got:
    """An app asks for a token."""
    form = {"grant_type": "authorization_code", "code": code, "client_id": "desk", "redirect_uri": BACK}
    form |= {"code_verifier": VERIFIER} | changes
    return client("POST", "/oauth/token", urlencode(form).encode(), FORM)
