"""The token endpoint: who gets a token and for what, and every bad request of the acceptance list."""

from __future__ import annotations

import json
import tomllib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OctKey

from adapter.interactions.program import Program
from adapter.web.smart.attempts import MOST
from tests.doors.clients import FORM, TOKEN_URL, Asking, Json, ask, asking, key, key_set, register, token_of
from tests.doors.serving import Client, Got

ROWS: dict[str, Json] = tomllib.loads(Path(__file__).with_name("bad_tokens.toml").read_text("utf-8"))
ELSEWHERE = {"B14", "B18", "B20", "B21"}
"""Rows that are more than one request: in the tests below, and in test_key_sets.py."""

Sent = str | tuple[str, dict[str, str], str]


def part(said: Any) -> str:
    return urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def with_header(asked: Asking, **more: Any) -> str:
    asked.header |= more
    return asked.said_form()


def unsigned(asked: Asking) -> str:
    asked.header["alg"] = "none"
    return asked.said_form(f"{part(asked.said_header())}.{part(asked.said_claims())}.")


def with_public_key(asked: Asking) -> str:
    asked.header["alg"] = "HS256"
    return asked.said_form(asked.assertion(OctKey.import_key(json.dumps(key_set(key())["keys"][0]))))


def changed(asked: Asking) -> str:
    head, _, signature = asked.assertion().split(".")
    return asked.said_form(f"{head}.{part(asked.said_claims() | {'jti': 'x' * 32})}.{signature}")


def exp_is_nan(asked: Asking) -> str:
    asked.claims["exp"] = float("nan")
    return asked.said_form()


def long_jti(asked: Asking) -> str:
    asked.claims["jti"] = "x" * 129
    return asked.said_form()


def padded(asked: Asking, size: int) -> str:
    return with_header(asked, padding="x" * size)


def signed_by(asked: Asking, *named: Any) -> str:
    asked.key, asked.id = key(*named), "other"
    return asked.said_form()


MAKE: dict[str, Callable[[Asking], Sent]] = {
    "no_jwt": lambda asked: asked.said_form("this.is.nothing"),
    "deep": lambda asked: asked.said_form(
        f"{part(asked.said_header())}.{urlsafe_b64encode(b'[' * 5_000).decode().rstrip('=')}.x"
    ),
    "claims_that_are_a_list": lambda asked: asked.said_form(f"{part(asked.said_header())}.{part([1])}.x"),
    "not_ascii": lambda asked: asked.said_form("é" + asked.assertion()),
    "alg_none": unsigned,
    "hs256_with_the_public_key": with_public_key,
    "rs256": lambda asked: with_header(asked, alg="RS256") if signed_by(asked, "RSA") else "",
    "signature_of_another_key": lambda asked: asked.said_form(asked.assertion(key("EC", "key-2"))),
    "claims_changed": changed,
    "rsa_of_1024_bits": lambda asked: signed_by(asked, "RSA", "weak", 1_024),
    "kid_of_two_keys": lambda asked: signed_by(asked, "RSA", "twice"),
    "kid_of_another_type": lambda asked: asked.said_form(with_kid(asked, "of-rsa")),
    "key_for_encryption": lambda asked: signed_by(asked, "EC", "secret"),
    "crit": lambda asked: crit(asked, ["exp"], exp=1),
    "b64": lambda asked: crit(asked, None, b64=False),
    "jwk": lambda asked: with_header(asked, jwk=key_set(key())["keys"][0]),
    "exp_is_no_number": exp_is_nan,
    "long_jti": long_jti,
    "nine_kilobytes": lambda asked: padded(asked, 9 << 10),
    "header_of_five_megabytes": lambda asked: asked.said_form("x" * (5 << 20)),
    "many_scopes": lambda asked: many(asked),
    "grant_type_twice": lambda asked: asked.said_form() + "&grant_type=client_credentials",
    "in_the_address": lambda asked: (asked.said_form(), FORM, "?scope=system/Patient.rs"),
    "json": lambda asked: ("{}", {"content-type": "application/json"}, ""),
    "authorization_too": lambda asked: (asked.said_form(), FORM | {"authorization": "Basic ZWhyOng="}, ""),
}


def with_kid(asked: Asking, kid: str) -> str:
    asked.id, asked.header["kid"] = "other", kid
    return asked.assertion()


def crit(asked: Asking, names: list[str] | None, **more: Any) -> str:
    """What a signing library would not make."""
    head = asked.said_header() | more | ({"crit": names} if names else {})
    rest = asked.assertion().partition(".")[2]
    return asked.said_form(f"{part(head)}.{rest}")


def many(asked: Asking) -> str:
    asked.form["scope"] = " ".join(f"system/Observation.rs?code={number}" for number in range(65))
    return asked.said_form()


@pytest.fixture
def registered(program: Program) -> Program:
    """With a client whose request is good, and one with keys that are not."""
    register(program)
    odd = [key("RSA"), key("RSA", "weak", 1_024), key("RSA", "twice"), key("RSA", "of-rsa")]
    keys = key_set(*odd)["keys"]
    keys += key_set(key("RSA", "another"))["keys"]
    keys[-1]["kid"] = "twice"
    keys.append(key_set(key("EC", "secret"))["keys"][0] | {"use": "enc"})
    register(program, "other", jwks={"keys": keys})
    return program


def sent(client: Client, asked: Asking, row: Json) -> Got:
    asked.header |= row.get("header", {})
    asked.claims |= row.get("claims", {}) | {name: asked.now + far for name, far in row.get("seconds", {}).items()}
    asked.form |= row.get("form", {})
    asked.drop = tuple(row.get("drop", ()))
    made = MAKE[row["make"]](asked) if "make" in row else asked.said_form()
    form, headers, query = (made, FORM, "") if isinstance(made, str) else made
    return client("POST", f"/oauth/token{query}", form.encode(), headers)


@pytest.mark.storeless
@pytest.mark.parametrize("name", ROWS)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_bad_request_gets_no_token_and_the_error_of_its_row(name: str, client: Client, registered: Program) -> None:
    row = ROWS[name]
    got = sent(client, asking(registered), row)
    assert (got.status, got.json["error"]) == (row["status"], row["error"]), got.body
    assert got.headers["cache-control"] == "no-store"
    assert set(got.json) == {"error", "error_description"}
    assert "access_token" not in got.json
    assert ask(client, asking(registered, 2).said_form()).status == 200


def test_every_row_of_the_acceptance_list_is_there() -> None:
    assert {name.rstrip("abcdefghijklmno") for name in ROWS} | ELSEWHERE == {f"B{number}" for number in range(1, 22)}
    assert {row["make"] for row in ROWS.values() if "make" in row} == set(MAKE)


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_a_client_gets_a_token_for_what_it_is_registered_for(kind: str, client: Client, program: Program) -> None:
    register(program, jwks=key_set(key(kind)))
    wanted = "system/Patient.read system/Observation.crus?code=1 system/Encounter.rs"
    got = ask(client, asking(program, key=key(kind), form={"scope": wanted}).said_form())
    assert got.status == 200, got.body
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["pragma"] == "no-cache"
    token = got.json.pop("access_token") if isinstance(got.json, dict) else ""
    assert len(token) == 43
    told = {name: value for name, value in got.json.items() if name != "access_token"}
    assert told == {
        "token_type": "bearer",
        "expires_in": 300,
        "scope": "system/Patient.rs system/Observation.rs?code=1",
    }


@pytest.mark.parametrize("audience", [TOKEN_URL, "http://127.0.0.1:8000"])
def test_an_assertion_is_made_for_the_token_endpoint_or_the_issuer(
    audience: str, client: Client, program: Program
) -> None:
    register(program)
    assert ask(client, asking(program, claims={"aud": audience}).said_form()).status == 200


def test_a_clock_that_is_a_minute_off_does_no_harm(client: Client, program: Program) -> None:
    register(program)
    for number, off in enumerate((-290, -60, 0, 55)):
        asked = asking(program, number)
        asked.claims |= {"iat": asked.now + off, "exp": asked.now + off + 300}
        assert ask(client, asked.said_form()).status == 200, off


def test_an_assertion_need_not_say_when_it_was_made(client: Client, program: Program) -> None:
    register(program)
    asked = asking(program, drop=("iat", "typ"))
    asked.claims["exp"] = asked.now + 299
    assert ask(client, asked.said_form()).status == 200


@pytest.mark.parametrize(
    ("said", "purpose"),
    [
        (None, "TREAT"),
        (["HPAYMT"], "HPAYMT"),
        (["urn:oid:2.16.840.1.113883.5.8#HPAYMT"], "HPAYMT"),
        (["http://terminology.hl7.org/CodeSystem/v3-ActReason#TREAT"], "TREAT"),
    ],
)
def test_a_token_is_for_the_purpose_that_the_assertion_names_or_the_first_registered(
    said: list[str] | None, purpose: str, client: Client, program: Program
) -> None:
    register(program)
    extensions = {"extensions": {"hl7-b2b": {"version": "1", "purpose_of_use": said}}} if said else {}
    token = token_of(client, program, claims=extensions)
    headers = {b"authorization": f"Bearer {token}".encode()}
    assert client.served._programs[""].smart.bearers.caller_of(headers, program.clock()).purpose == purpose


def test_one_assertion_gives_one_token_among_64_requests_at_a_time(client: Client, program: Program) -> None:
    """B14."""
    register(program)
    form = asking(program).said_form().encode()
    answers = client.together([("POST", "/oauth/token", form, FORM)] * 64)
    assert sorted(got.status for got in answers) == [200] + [401] * 63
    assert {got.json["error"] for got in answers if got.status == 401} == {"invalid_client"}


NEEDED = {"program-ehr": "qsoa", "payer": "contract"}


@pytest.mark.parametrize("kind", NEEDED)
def test_a_client_without_the_agreement_that_its_kind_needs_gets_no_token(
    kind: str, client: Client, program: Program
) -> None:
    """B20, K29."""
    register(program, kind=kind)
    assert ask(client, asking(program, 1).said_form()).status == 401
    register(program, "agreed", kind=kind, agreement=NEEDED[kind])
    assert ask(client, asking(program, 2, id="agreed").said_form()).status == 200
    program.store.change_clients(lambda clients: clients.enable("agreed", False)).result(30)
    got = ask(client, asking(program, 3, id="agreed").said_form())
    assert (got.status, got.json["error"]) == (401, "invalid_client")


def test_after_too_many_bad_assertions_a_client_has_to_wait(client: Client, program: Program) -> None:
    """B21: its own failures count, those of others do not."""
    register(program)
    register(program, "quiet")
    for number in range(MOST):
        assert ask(client, asking(program, number, claims={"aud": "x"}).said_form()).status == 401
    got = ask(client, asking(program, 99).said_form())
    assert (got.status, got.json["error"]) == (429, "temporarily_unavailable")
    assert int(got.headers["retry-after"]) == 60
    assert ask(client, asking(program, 100, id="quiet").said_form()).status == 200
    for _ in range(61):
        program.clock()
    assert ask(client, asking(program, 101).said_form()).status == 200


def test_discovery_is_open_to_any_origin_and_says_what_works(client: Client, program: Program) -> None:
    got = client("GET", "/fhir/.well-known/smart-configuration", headers={"origin": "https://anywhere.example"})
    assert got.status == 200
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.headers["content-type"] == "application/json"
    assert got.json["token_endpoint"] == TOKEN_URL
    assert got.json["token_endpoint_auth_signing_alg_values_supported"] == ["ES384", "RS384"]
    assert got.json["grant_types_supported"] == ["authorization_code", "client_credentials"]
    register(program, scopes="system/*.cruds")
    for number, scope in enumerate(one for one in got.json["scopes_supported"] if one.startswith("system/")):
        assert ask(client, asking(program, number, form={"scope": scope}).said_form()).json["scope"] == scope


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/oauth/token", 405),
        ("POST", "/oauth/nothing", 404),
        ("POST", "/fhir/.well-known/smart-configuration", 405),
        ("GET", "/oauth/introspect", 405),
    ],
)
def test_what_is_not_there_is_told_as_oauth_does(method: str, path: str, status: int, client: Client) -> None:
    got = client(method, path)
    assert got.status == status
    assert got.json["error"] == "invalid_request"
    assert ("allow" in got.headers) == (status == 405)


def test_introspection_tells_of_the_clients_own_tokens_only(client: Client, program: Program) -> None:
    register(program)
    register(program, "other")
    mine, others = token_of(client, program, 1), token_of(client, program, 2, id="other")
    headers = FORM | {"authorization": f"Bearer {mine}"}

    def told(token: str, headers: dict[str, str] = headers) -> Got:
        return client("POST", "/oauth/introspect", f"token={token}".encode(), headers)

    got = told(mine).json
    assert got.pop("exp") - got.pop("iat") == 300
    assert got == {
        "active": True,
        "scope": "system/Patient.rs",
        "client_id": "ehr",
        "token_type": "bearer",
        "iss": "http://127.0.0.1:8000",
    }
    assert told(others).json == told("nothing").json == {"active": False}
    refused = told(mine, FORM)
    assert (refused.status, refused.headers["www-authenticate"]) == (401, 'Bearer realm="fhir"')
    program.store.change_clients(lambda clients: clients.enable("ehr", False)).result(30)
    assert told(mine).status == 401
