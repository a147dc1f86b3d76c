"""Somebody of the staff logs in: the form, each refusal, the code, the token and its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter import app as application
from adapter.interactions.program import Program
from adapter.store.staff import FAILURES, LOCKED_MS
from tests.doors import staff
from tests.doors.clients import FORM
from tests.doors.serving import Client, Got, opened
from tests.doors.staff import BACK, Browser, back, exchange, later, now_of, one_time

HERE = "http://127.0.0.1:8000"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with opened(tmp_path) as program:
        staff.app(program)
        staff.account(program)
        yield program


@pytest.fixture
def client(program: Program) -> Iterator[Client]:
    client = Client(application.asgi(program))
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def browser(client: Client) -> Browser:
    return Browser(client)


def logged_in(program: Program, browser: Browser) -> Got:
    browser.authorize()
    return browser.log_in(code=one_time(now_of(program)))


def active(client: Client, token: str) -> bool:
    got = client("POST", "/oauth/introspect", f"token={token}".encode(), {**FORM, "authorization": f"Bearer {token}"})
    return got.status == 200 and got.json["active"]


def test_somebody_logs_in_and_his_app_gets_a_token_for_what_it_may(
    program: Program, client: Client, browser: Browser
) -> None:
    page = browser.authorize(
        scope="openid fhirUser user/Patient.rs user/Observation.cruds system/Group.rs", aud=f"{HERE}/fhir"
    )
    assert page.status == 200
    assert "The &lt;desk&gt; asks to work for you" in page.body.decode()
    said = back(browser.log_in("Ada ", code=one_time(now_of(program))))
    assert (said["state"], said["iss"]) == ("state-1", HERE)
    got = exchange(client, said["code"])
    assert (got.status, got.headers["cache-control"]) == (200, "no-store")
    assert got.json["expires_in"] == 900
    assert got.json["scope"] == "user/Patient.rs user/Observation.cruds"
    token = got.json["access_token"]
    told = client("POST", "/oauth/introspect", f"token={token}".encode(), {**FORM, "authorization": f"Bearer {token}"})
    assert told.json["fhirUser"] == f"{HERE}/fhir/Practitioner/pr-ada"
    bearer = {"authorization": f"Bearer {token}"}
    assert client("GET", "/iop/participant", headers=bearer).json == {"records": []}
    assert client("GET", "/fhir/Patient", headers=bearer).status == 200
    later(program, 901)
    assert client("GET", "/iop/participant", headers=bearer).status == 401


def test_the_page_says_all_by_itself_and_is_kept_by_nobody(browser: Browser) -> None:
    page = browser.authorize()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert f"form-action 'self' {BACK.rpartition('/')[0]}" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["set-cookie"].endswith("; Path=/oauth; Max-Age=600; HttpOnly; SameSite=Lax")
    text = page.body.decode()
    assert "<script" not in text
    assert "http" not in text.replace(f'action="{HERE}/oauth/login"', "")
    for name in ("name", "password", "code"):
        assert f'<label for="{name}">' in text


# What is wrong with the app's own request, and whether it is told at its address.
UNKNOWN = {
    "client": {"client_id": "nobody"},
    "no client": {"client_id": None},
    "a machine": {"client_id": "machine"},
    "address": {"redirect_uri": "http://127.0.0.1:7001/other"},
    "no address": {"redirect_uri": None},
    "another host": {"redirect_uri": "http://127.0.0.2:7001/back"},
    "a user's name": {"redirect_uri": "http://x@127.0.0.1:7001/back"},
    "a fragment": {"redirect_uri": f"{BACK}#x"},
    "https": {"redirect_uri": BACK.replace("http:", "https:")},
}
TOLD = {
    "unsupported_response_type": {"response_type": "token"},
    "invalid_request": {"code_challenge": None},
    "invalid_request 2": {"code_challenge_method": "plain"},
    "invalid_request 3": {"code_challenge_method": None},
    "invalid_request 4": {"code_challenge": "x" * 42},
    "invalid_request 5": {"aud": "http://elsewhere.example/fhir"},
    "invalid_request 6": {"state": "x" * 2_049},
    "request_not_supported": {"request": "e30."},
    "invalid_scope": {"scope": "user/Nope.rs"},
    "invalid_scope 2": {"scope": "system/Patient.rs"},
    "invalid_scope 3": {"scope": None},
    "invalid_scope 4": {"scope": "openid"},
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_nobody_is_sent_to_an_app_that_is_not_registered_so(program: Program, browser: Browser, what: str) -> None:
    staff.app(program, "machine", kind="provider-ehr")
    got = browser.authorize(**UNKNOWN[what])
    assert (got.status, got.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "location" not in got.headers


@pytest.mark.parametrize("what", TOLD)
def test_a_registered_app_is_told_what_is_wrong_with_its_request(browser: Browser, what: str) -> None:
    said = back(browser.authorize(**TOLD[what]))
    assert said["error"] == what.partition(" ")[0]
    assert said["iss"] == HERE
    assert "code" not in said


def test_a_parameter_that_is_there_twice_is_refused(client: Client) -> None:
    assert client("GET", "/oauth/authorize?client_id=desk&client_id=desk").status == 400


def test_an_app_on_loopback_takes_any_port(program: Program, browser: Browser) -> None:
    assert browser.authorize(redirect_uri="http://127.0.0.1:50123/back").status == 200
    assert browser.authorize(redirect_uri="http://127.0.0.1/back").status == 200


def test_who_is_not_known_or_not_proved_is_answered_alike(program: Program, browser: Browser) -> None:
    staff.account(program, "eve", enabled=False)
    program.store.change_staff(lambda known: known.enable(known.named("eve"), False)).result(30)  # type: ignore[arg-type]
    staff.account(program, "out", password=None, totp=None, issuer="https://id.example", subject="1")
    code = one_time(now_of(program))
    browser.authorize()
    answers = [
        browser.log_in(*said, code=given)
        for said, given in (
            (("nobody",), code),
            (("ada", "wrong"), code),
            (("ada",), one_time(now_of(program).replace(year=2020))),
            (("ada",), ""),
            (("ada",), "１２３４５６"),
            (("eve",), code),
            (("out", ""), code),
            (("",), code),
        )
    ]

    def masked(got: Got) -> tuple[int, bytes, list[str]]:
        return (
            got.status,
            got.body.replace(got.body.split(b'name="request" value="')[1].split(b'"')[0], b""),
            [*got.headers],
        )

    assert {got.status for got in answers} == {403}
    assert len({str(masked(got)) for got in answers}) == 1
    assert b'role="alert"' in answers[0].body
    assert back(browser.log_in(code=code))["code"]


def test_a_one_time_code_works_once_and_no_older_one_after_it(program: Program, browser: Browser) -> None:
    before, now = one_time(now_of(program).replace(second=1)), now_of(program)
    assert back(logged_in(program, browser))["code"]
    browser.authorize()
    for code in (one_time(now), before):
        assert browser.log_in(code=code).status == 403
    later(program, 60)
    assert back(browser.log_in(code=one_time(now_of(program))))["code"]


def test_a_name_is_locked_for_minutes_after_some_failures_known_or_not(program: Program, browser: Browser) -> None:
    browser.authorize()
    for _ in range(FAILURES):
        assert browser.log_in(password="wrong", code="000000").status == 403
    for _ in range(2):
        browser.authorize()
        assert browser.log_in(code=one_time(now_of(program))).status == 403
    later(program, LOCKED_MS // 1000)
    browser.authorize()
    assert back(browser.log_in(code=one_time(now_of(program))))["code"]
    attempts = [program.store.change_staff(lambda known: known.attempt("nobody", 10)).result(30) for _ in range(7)]
    assert attempts == [True] * FAILURES + [False] * 2


def test_a_form_is_of_the_browser_it_was_sent_to_and_of_this_page(program: Program, browser: Browser) -> None:
    browser.authorize()
    code = one_time(now_of(program))
    other = Browser(browser.client)
    other.request = browser.request
    assert other.log_in(code=code).status == 400
    other.authorize()
    other.request = browser.request
    assert other.log_in(code=code).status == 400
    for header, said in (("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")):
        assert browser.log_in(code=code, **{header: said}).status == 400
    assert browser.log_in(code=code, request="x").status == 400
    assert browser.log_in(code=code, request="").status == 400
    assert back(browser.log_in(code=code, origin=HERE, **{"sec-fetch-site": "same-origin"}))["code"]
    browser.authorize()
    later(program, 601)
    assert browser.log_in(code=one_time(now_of(program))).status == 400


def test_who_cancels_is_sent_back_without_a_code(browser: Browser) -> None:
    browser.authorize()
    said = back(browser.log_in("", "", cancel="1"))
    assert said == {"error": "access_denied", "iss": HERE, "state": "state-1"}


def test_a_code_is_for_its_app_its_address_and_its_verifier(program: Program, client: Client, browser: Browser) -> None:
    staff.app(program, "other")
    code = back(logged_in(program, browser))["code"]
    for changes in (
        {"client_id": "other"},
        {"redirect_uri": "http://127.0.0.1:7002/back"},
        {"code_verifier": "w" * 43},
        {"code_verifier": "v" * 42},
        {"code_verifier": staff.challenge_of()},
        {"code": "x"},
    ):
        got = exchange(client, code, **changes)
        assert (got.status, got.json["error"]) == (400, "invalid_grant"), changes
    for name in ("code", "client_id", "redirect_uri", "code_verifier"):
        assert exchange(client, code, **{name: ""}).json["error"] == "invalid_request"
    assert exchange(client, code).status == 200


def test_a_code_works_once_and_for_a_minute_and_who_uses_it_again_ends_its_token(
    program: Program, client: Client, browser: Browser
) -> None:
    code = back(logged_in(program, browser))["code"]
    token = exchange(client, code).json["access_token"]
    assert active(client, token)
    assert exchange(client, code).json["error"] == "invalid_grant"
    assert not active(client, token)
    later(program, 60)
    code = back(logged_in(program, browser))["code"]
    later(program, 60)
    assert exchange(client, code).json["error"] == "invalid_grant"


def test_tokens_end_with_the_account_its_proof_and_the_app(program: Program, client: Client, browser: Browser) -> None:
    held = staff.account(program, "bob")
    for end in ("disable", "reset", "app", "revoke"):
        token = staff.token(program, held, scopes=f"user/Patient.{'r' if end == 'app' else 'rs'}")
        assert active(client, token)
        if end == "disable":
            program.store.change_staff(lambda known: known.enable(held, False)).result(30)
            assert not active(client, token)
            program.store.change_staff(lambda known: known.enable(held, True)).result(30)
        elif end == "reset":
            program.store.change_staff(lambda known: known.set_proof(held)).result(30)
        elif end == "app":
            program.store.change_clients(lambda clients: clients.enable("desk", False)).result(30)
            assert browser.authorize().status == 400
            program.store.change_clients(lambda clients: clients.enable("desk", True)).result(30)
        else:
            got = client("POST", "/oauth/revoke", f"token={token}&client_id=other".encode(), FORM)
            assert got.status == 200
            assert active(client, token)
            assert client("POST", "/oauth/revoke", f"token={token}&client_id=desk".encode(), FORM).status == 200
            assert client("POST", "/oauth/revoke", b"token=unknown", FORM).status == 200
            assert client("POST", "/oauth/revoke", b"", FORM).json["error"] == "invalid_request"
        assert not active(client, token)


def test_an_app_of_the_staff_gets_no_token_of_its_own(program: Program, client: Client) -> None:
    from tests.doors.clients import ask, asking, register

    register(program, "keyed", "staff", scopes="user/Patient.rs")
    got = ask(client, asking(program, id="keyed", form={"scope": "user/Patient.rs"}).said_form())
    assert (got.status, got.json["error"]) == (400, "unauthorized_client")


def test_discovery_says_how_people_log_in(client: Client) -> None:
    said = client("GET", "/fhir/.well-known/smart-configuration").json
    assert said["authorization_endpoint"] == f"{HERE}/oauth/authorize"
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert "authorization_code" in said["grant_types_supported"]
    assert {"client-public", "permission-user"} <= set(said["capabilities"])
