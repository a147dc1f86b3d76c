"""Logging in by an outside identity provider that really runs, and every ID token that does not prove anybody."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from adapter import app
from adapter.interactions.program import Program
from adapter.settings import read_settings
from tests.doors import staff
from tests.doors.serving import Client, Got, opened
from tests.doors.staff import Browser, back, exchange, now_of

pytestmark = pytest.mark.storeless

KEY = RSAKey.generate_key(2_048, {"kid": "one"})
OTHER = RSAKey.generate_key(2_048, {"kid": "one"})
CURVE = ECKey.generate_key("P-256", {"kid": "two"})
Json = dict[str, Any]


class Issuer:
    """An identity provider: a token endpoint that gives what the test has put there, and says who asked."""

    def __init__(self) -> None:
        self.keys: list[Any] = [KEY, CURVE]
        self.token: Any = None
        self.discovery: Json = {}
        self.asked: list[tuple[Json, str | None]] = []
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/.well-known/openid-configuration":
                    return self.answer(issuer.configuration() | issuer.discovery)
                return self.answer({"keys": [key.as_dict(private=False) for key in issuer.keys]})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                issuer.asked.append((dict(parse_qsl(body)), self.headers.get("authorization")))
                self.answer({"id_token": issuer.token, "access_token": "x", "token_type": "Bearer"})

            def answer(self, said: Json) -> None:
                text = json.dumps(said).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(text)))
                self.send_header("cache-control", "no-store")
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def configuration(self) -> Json:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in names.items()}}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.server.shutdown()
    issuer.server.server_close()


@pytest.fixture
def program(tmp_path: Path, issuer: Issuer) -> Iterator[Program]:
    (tmp_path / "oidc").write_text("s3cret\n")
    said = {"oidc_issuer": issuer.url, "oidc_client_id": "the-adapter", "oidc_secret_file": tmp_path / "oidc"}
    with opened(tmp_path, **said) as program:
        staff.app(program)
        staff.account(program, "ada", password=None, totp=None, issuer=issuer.url, subject="u-1")
        yield program


@pytest.fixture
def browser(program: Program) -> Iterator[Browser]:
    client = Client(app.asgi(program))
    try:
        yield Browser(client)
    finally:
        client.close()


def sent_there(browser: Browser) -> Json:
    """What the provider is asked when the browser comes to it."""
    got = browser.authorize()
    assert got.status == 303, got.body
    return dict(parse_qsl(urlsplit(got.headers["location"]).query))


def claims(issuer: Issuer, program: Program, asked: Json, **more: Any) -> Json:
    now = int(now_of(program).timestamp())
    made = {"iss": issuer.url, "aud": "the-adapter", "sub": "u-1", "nonce": asked["nonce"], "iat": now, "exp": now + 60}
    return {name: value for name, value in (made | more).items() if value is not None}


def signed(said: Json, key: Any = KEY, alg: str = "RS256", **header: Any) -> str:
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jws.serialize_compact({"alg": alg, "kid": key.kid, **header}, json.dumps(said), key, registry=registry)


def returned(browser: Browser, asked: Json, **more: str) -> Got:
    """The browser comes back."""
    said = {"code": "their-code", "state": asked["state"]} | more
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    query = "&".join(f"{name}={value}" for name, value in said.items() if value)
    return browser.client("GET", f"/oauth/callback?{query}", headers={"cookie": cookies} if cookies else {})


def test_somebody_logs_in_there_and_the_app_gets_its_token_here(
    issuer: Issuer, program: Program, browser: Browser
) -> None:
    asked = sent_there(browser)
    assert (asked["scope"], asked["code_challenge_method"], asked["client_id"]) == ("openid", "S256", "the-adapter")
    issuer.token = signed(claims(issuer, program, asked))
    said = back(returned(browser, asked))
    form, proof = issuer.asked[0]
    assert form["code"] == "their-code"
    assert staff.challenge_of(form["code_verifier"]) == asked["code_challenge"]
    assert form["redirect_uri"] == asked["redirect_uri"] == "http://127.0.0.1:8000/oauth/callback"
    assert proof is not None
    assert urlsafe_b64decode(proof.partition(" ")[2]).decode() == "the-adapter:s3cret"
    got = exchange(browser.client, said["code"])
    assert got.status == 200
    bearer = {"authorization": f"Bearer {got.json['access_token']}"}
    assert browser.client("GET", "/iop/participant", headers=bearer).status == 200


def test_a_token_by_a_curve_is_as_good(issuer: Issuer, program: Program, browser: Browser) -> None:
    asked = sent_there(browser)
    issuer.token = signed(claims(issuer, program, asked, aud=["the-adapter"]), CURVE, "ES256")
    assert back(returned(browser, asked))["code"]


# What an ID token says that is wrong.
WRONG: dict[str, Json] = {
    "another issuer": {"iss": "https://evil.example"},
    "another client": {"aud": "somebody-else"},
    "several clients": {"aud": ["the-adapter", "somebody-else"]},
    "no client": {"aud": None},
    "another log-in": {"nonce": "x" * 32},
    "no nonce": {"nonce": None},
    "a nonce that is none": {"nonce": 7},
    "long ago": {"exp": 1_000_000_000},
    "no end": {"exp": None},
    "a truth for an end": {"exp": True},
    "the future": {"iat": 9_000_000_000},
    "no beginning": {"iat": None},
    "nobody": {"sub": None},
    "nobody's name": {"sub": ""},
    "a number": {"sub": 1},
    "somebody unknown": {"sub": "u-2"},
}


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_prove_somebody_of_the_staff_gives_no_code(
    issuer: Issuer, program: Program, browser: Browser, what: str
) -> None:
    asked = sent_there(browser)
    issuer.token = signed(claims(issuer, program, asked, **WRONG[what]))
    assert back(returned(browser, asked))["error"] == "access_denied"


def test_a_signature_that_is_not_the_provider_s_gives_no_code(
    issuer: Issuer, program: Program, browser: Browser
) -> None:
    asked = sent_there(browser)
    said = claims(issuer, program, asked)
    head, body, tail = signed(said).split(".")
    public = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    tokens = [
        signed(said, OTHER),
        signed(said, KEY, "RS256", kid="unknown"),
        f"{head}.{body}.{tail[:-8]}AAAAAAAA",
        f"{head}.{body}.",
        "eyJhbGciOiJub25lIn0." + body + ".",
        signed(said, public, "HS256", kid="one"),
        signed(said, KEY, "RS512"),
        signed(said, KEY, "RS256", jwk=OTHER.as_dict(private=False)),
        "x",
        "x" * 20_000,
    ]
    for token in tokens:
        issuer.token = token
        assert back(returned(browser, asked))["error"] == "access_denied", token[:40]
    issuer.token = signed(said)
    assert back(returned(browser, asked))["code"]


def test_who_comes_back_otherwise_than_he_went_gets_nothing(issuer: Issuer, program: Program, browser: Browser) -> None:
    asked = sent_there(browser)
    issuer.token = signed(claims(issuer, program, asked))
    assert back(returned(browser, asked, code="", error="access_denied"))["error"] == "access_denied"
    assert back(returned(browser, asked, iss="https://evil.example"))["error"] == "access_denied"
    assert returned(browser, asked | {"state": "x"}).status == 400
    assert returned(Browser(browser.client), asked).status == 400
    other = Browser(browser.client)
    sent_there(other)
    assert returned(other, asked).status == 400
    staff.later(program, 601)
    assert returned(browser, asked).status == 400


def test_a_disabled_account_and_an_officer_without_a_second_factor_are_refused(
    issuer: Issuer, program: Program, browser: Browser
) -> None:
    asked = sent_there(browser)
    officer = staff.account(program, "olga", "privacy-officer", issuer=issuer.url, subject="u-9")
    for methods, good in ((None, False), (["pwd"], False), (["pwd", "otp"], True), ("mfa", False), (["mfa"], True)):
        issuer.token = signed(claims(issuer, program, asked, sub="u-9", amr=methods))
        assert ("code" in back(returned(browser, asked))) == good, methods
    program.store.change_staff(lambda known: known.enable(officer, False)).result(30)
    assert back(returned(browser, asked))["error"] == "access_denied"


def test_a_provider_that_is_away_or_odd_is_told_of(issuer: Issuer, program: Program, browser: Browser) -> None:
    for odd in ({"issuer": "https://evil.example"}, {"token_endpoint": None}, {"jwks_uri": "file:///etc/passwd"}):
        issuer.discovery = odd
        got = browser.authorize()
        assert (got.status, got.headers["content-type"]) == (503, "text/html; charset=utf-8"), odd
    issuer.discovery = {}
    asked = sent_there(browser)
    issuer.token = 7
    assert returned(browser, asked).status == 503


def test_no_password_opens_a_program_whose_staff_prove_themselves_elsewhere(program: Program, browser: Browser) -> None:
    staff.account(program, "pat")
    browser.authorize()
    assert browser.log_in("pat", code=staff.one_time(now_of(program))).status == 400


def test_the_settings_go_together() -> None:
    assert read_settings({}, oidc_issuer="https://id.example", oidc_client_id="a").oidc_client_id == "a"
    for said in (
        {"oidc_issuer": "https://id.example"},
        {"oidc_client_id": "a"},
        {"oidc_issuer": "http://id.example", "oidc_client_id": "a"},
        {"oidc_issuer": "id.example", "oidc_client_id": "a"},
    ):
        with pytest.raises(ValueError, match=r"identity provider|go together"):
            read_settings({}, **said)
