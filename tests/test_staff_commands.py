"""The commands about the staff's accounts, and a log-in over HTTP at a server that runs beside them."""

from __future__ import annotations

import re
import subprocess
from base64 import b32decode
from collections.abc import Iterator
from html import unescape
from time import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tests.clients.serving import HTTP, ROOT, Server, environment_of, serving
from tests.command_line import called, command, started
from tests.doors.staff import VERIFIER, challenge_of

REGISTERED, BACK = "http://127.0.0.1/back", "http://127.0.0.1:49152/back"


class Office:
    """The command line of whoever keeps the accounts, and a browser with an app."""

    def __init__(self, server: Server, environment: dict[str, str]) -> None:
        self.server, self._environment = server, environment

    def __call__(self, *arguments: str, good: bool = True, given: str = "") -> str:
        """What a command prints: on standard output if it ends well, else on standard error."""
        ended = called(self._environment, *arguments, said=given)
        assert (ended.returncode == 0) == good, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        return ended.stdout if good else ended.stderr

    def token(self, name: str, password: str, secret: str) -> str | None:
        """An access token by way of the form; None where nobody is let in."""
        root = self.server.base.removesuffix("/fhir")
        asked = {"response_type": "code", "client_id": "desk", "redirect_uri": BACK, "scope": "user/*.rs", "state": "s"}
        asked |= {"code_challenge": challenge_of(), "code_challenge_method": "S256"}
        with httpx.Client(timeout=30) as browser:
            page = browser.get(f"{root}/oauth/authorize", params=asked)
            assert page.status_code == 200, page.text
            found = re.search(r'name="request" value="([^"]*)"', page.text)
            assert found
            code = TOTP(b32decode(secret), 6, SHA1(), 30).generate(int(time())).decode()
            form = {"request": unescape(found[1]), "name": name, "password": password, "code": code}
            sent = browser.post(f"{root}/oauth/login", data=form)
        if sent.status_code != 303:
            assert sent.status_code == 403
            return None
        said = parse_qs(urlsplit(sent.headers["location"]).query)
        form = {"grant_type": "authorization_code", "code": said["code"][0], "client_id": "desk"}
        form |= {"redirect_uri": BACK, "code_verifier": VERIFIER}
        got = HTTP.post(f"{root}/oauth/token", data=form)
        assert got.status_code == 200, got.text
        return str(got.json()["access_token"])

    def printed(self, name: str, password: str, secret: str) -> str:
        """The token that the command line prints while somebody logs in by his browser."""
        asked = command("staff", "token", "--client", "desk", "--url", self.server.base)
        with subprocess.Popen(
            asked, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as app:
            assert app.stdout is not None
            assert app.stderr is not None
            app.stderr.readline()
            with httpx.Client(timeout=30) as browser:
                page = browser.get(app.stderr.readline().strip())
                found = re.search(r'name="request" value="([^"]*)"', page.text)
                assert found
                code = TOTP(b32decode(secret), 6, SHA1(), 30).generate(int(time())).decode()
                form = {"request": unescape(found[1]), "name": name, "password": password, "code": code}
                sent = browser.post(f"{self.server.base.removesuffix('/fhir')}/oauth/login", data=form)
                assert browser.get(sent.headers["location"]).status_code == 200
            return app.stdout.read().strip()

    def asks(self, token: str, path: str) -> int:
        """The status of what somebody asks natively."""
        return HTTP.get(f"{self.server.native}/{path}", headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A command line, and a server on a store that it made."""
    folder = tmp_path_factory.mktemp("staff")
    environment = environment_of(folder)
    office = Office(Server("", folder / "log"), environment)
    said = ("--kind", "staff", "--organization", "o1", "--scope", "user/*.cruds", "--purpose", "TREAT")
    with serving(folder, environment, guarded=True) as server:
        office("client", "add", "desk", *said, "--redirect-uri", REGISTERED)
        office.server = server
        yield office
    assert server.faults() == []


def secret_of(told: str) -> str:
    """What the authenticator app gets."""
    address = next(line for line in told.splitlines() if "otpauth://" in line)
    return parse_qs(urlsplit(address.split()[-1]).query)["secret"][0]


def test_somebody_is_given_an_account_logs_in_and_loses_it(office: Office) -> None:
    told = office("staff", "add", "ada", "--practitioner", "pr-1", "--role", "counselor")
    password, secret = told.split()[1], secret_of(told)
    token = office.token("ada", password, secret)
    assert token is not None
    assert office.asks(token, "session") == 200
    assert office.asks(token, "unmapped") == 403
    office("staff", "roles", "ada", "counselor", "program-lead")
    assert office.asks(token, "unmapped") == 200
    assert "roles       counselor program-lead" in office("staff", "list")
    office("staff", "disable", "ada")
    assert office.asks(token, "session") == 401
    assert office.token("ada", password, secret) is None
    office("staff", "enable", "ada")
    new = office("staff", "reset", "ada", "--password-stdin", given="a passphrase of her own\n")
    assert office.token("ada", password, secret_of(new)) is None
    assert office.token("ada", "a passphrase of her own", secret_of(new)) is not None


def test_the_command_line_logs_somebody_in_by_his_browser(office: Office) -> None:
    told = office("staff", "add", "fay", "--practitioner", "pr-6", "--role", "program-lead")
    token = office.printed("fay", told.split()[1], secret_of(told))
    assert office.asks(token, "unmapped") == 200


def test_nothing_secret_is_listed_or_kept_in_the_clear(office: Office) -> None:
    told = office("staff", "add", "bob", "--practitioner", "pr-2", "--role", "billing")
    listed = office("staff", "list")
    assert told.split()[1] not in listed
    assert secret_of(told) not in listed


WRONG = [
    (("add", "Ada B", "--practitioner", "p", "--role", "counselor"), "name"),
    (("add", "eve", "--practitioner", "p/1", "--role", "counselor"), "practitioner"),
    (("add", "eve", "--practitioner", "p", "--role", "friend"), "--role"),
    (("add", "eve", "--practitioner", "p", "--role", "counselor", "--password-stdin"), "password"),
    (("add", "eve", "--practitioner", "p", "--role", "counselor", "--subject", "1"), "issuer"),
    (("disable", "nobody"), "nobody of the staff"),
    (("roles", "nobody", "counselor"), "nobody of the staff"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG)
def test_what_is_wrong_is_told_and_opens_no_account(office: Office, arguments: tuple[str, ...], told: str) -> None:
    assert told in office("staff", *arguments, good=False, given="short\n")
    assert "eve" not in office("staff", "list")


def test_an_app_that_is_not_registered_is_told_at_once(office: Office) -> None:
    told = office("staff", "token", "--client", "nobody", "--url", office.server.base, good=False)
    assert "the server lets nobody log in by this app" in told


def test_somebody_of_whom_there_is_no_record_gets_an_account_and_it_is_said(office: Office) -> None:
    """Standard error is told of what ends well too."""
    ended = started(office._environment, "staff", "add", "gus", "--practitioner", "pr-7", "--role", "intake")
    assert ended.returncode == 0
    assert "there is no Practitioner/pr-7 in this store yet" in ended.stderr


def test_two_accounts_are_not_one_person(office: Office) -> None:
    office("staff", "add", "cy", "--practitioner", "pr-3", "--role", "intake")
    again = ("staff", "add", "cy", "--practitioner", "pr-4", "--role", "intake")
    assert "already" in office(*again, good=False)
    assert "already" in office("staff", "add", "dy", "--practitioner", "pr-3", "--role", "intake", good=False)


def test_an_app_has_addresses_and_a_machine_has_keys(office: Office) -> None:
    said = ("--organization", "o1", "--purpose", "TREAT")
    staff = ("client", "add", "x", "--kind", "staff", *said, "--scope", "user/*.rs")
    assert "redirect-uri" in office(*staff, good=False)
    for address in ("http://clinic.example/back", "https://a@clinic.example/", "http://localhost/back", "javascript:1"):
        assert "--redirect-uri" in office(*staff, "--redirect-uri", address, good=False)
    wide = ("client", "add", "x", "--kind", "staff", *said, "--scope", "system/*.rs", "--redirect-uri", REGISTERED)
    assert "--scope" in office(*wide, good=False)
    officer = ("client", "add", "x", "--kind", "privacy-officer", *said, "--scope", "user/*.rs")
    assert "a person with that role" in office(*officer, "--redirect-uri", REGISTERED, good=False)
    payer = ("client", "add", "x", "--kind", "payer", *said, "--scope", "system/*.rs")
    assert "only an app of the staff" in office(*payer, "--redirect-uri", REGISTERED, good=False)
