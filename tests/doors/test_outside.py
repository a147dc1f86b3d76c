"""Access tokens of another issuer (A6, RFC 9068): what is let in, and for how much; everything else is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from pydantic import ValidationError

from adapter.remote.jwks import KeySets
from adapter.settings import Settings
from adapter.web.access import Clients
from adapter.web.smart.outside import Outside
from tests.doors.clients import key_set, register
from tests.doors.test_guarded import OURS, Place, Sender, disclosures, placed
from tests.doors.test_key_sets import leading

ISSUER, JWKS = "https://id.example", "https://id.example/jwks"
BASE = "http://127.0.0.1:8000/fhir"
RSA = RSAKey.generate_key(2_048, {"kid": "r"})
EC = ECKey.generate_key("P-256", {"kid": "e"})
OTHER = RSAKey.generate_key(2_048, {"kid": "r"})


@dataclass
class Issuing:
    """The issuer, and a place that hears it."""

    place: Place

    def token(self, key: Any = RSA, header: Any = None, **claims: Any) -> str:
        """A good token, changed so."""
        now = int(self.place.program.clock().timestamp())
        said = {"iss": ISSUER, "aud": BASE, "sub": "7", "client_id": "ehr", "jti": "t-1", "iat": now, "exp": now + 900}
        said |= {"scope": "openid system/Patient.rs system/Observation.rs"} | claims
        said = {name: value for name, value in said.items() if value is not None}
        made = {"alg": "RS256" if key.key_type == "RSA" else "ES256", "kid": key.kid, "typ": "at+jwt"} | (header or {})
        registry = jws.JWSRegistry(algorithms=[made["alg"]], strict_check_header=False)
        return jws.serialize_compact(made, json.dumps(said), key, registry=registry)

    def sender(self, *args: Any, **claims: Any) -> Sender:
        """A client with such a token."""
        return Sender(self.place.guarded, self.token(*args, **claims))


@pytest.fixture
def issuing(tmp_path: Path) -> Iterator[Issuing]:
    """A server that takes the tokens of an issuer, whose keys are published."""
    with placed(tmp_path, issuer=ISSUER, issuer_jwks=JWKS) as place, respx.mock(assert_all_called=False) as network:
        network.get("https://10.0.0.7/jwks").mock(return_value=httpx.Response(200, json=key_set(RSA, EC)))
        access = next(iter(place.guarded.served._programs.values())).fhir._access
        assert isinstance(access, Clients)
        access._outside = Outside(place.program, KeySets(leading("10.0.0.7"), private=True))
        register(place.program, kind="program-ehr", scopes="system/Patient.rs", agreement="qsoa", organization=OURS)
        yield Issuing(place)


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS256", "ES256"])
def test_a_token_of_the_issuer_proves_a_client_within_its_registration(issuing: Issuing, key: Any) -> None:
    person = issuing.place.participant()
    own = issuing.sender(key)
    assert own("GET", f"/fhir/Patient/{person}").status == 200
    assert own("GET", "/fhir/Observation").status == 403  # the token says so, the registration does not
    assert issuing.sender(key, aud=["https://other", BASE])("GET", "/fhir/Patient").status == 200
    assert disclosures(issuing.place)[0] == ("program-ehr", "qsoa", "read", [(person, "qsoa")])
    assert issuing.sender(key, scope="openid")("GET", "/fhir/Patient").status == 403


def test_a_client_that_is_disabled_is_refused_with_its_next_request(issuing: Issuing) -> None:
    own = issuing.sender()
    assert own("GET", "/fhir/Patient").status == 200
    issuing.place.program.store.change_clients(lambda clients: clients.enable("ehr", False)).result(30)
    got = own("GET", "/fhir/Patient")
    assert (got.status, got.codes) == (401, ["security"])


BAD: dict[str, tuple[tuple[Any, ...], dict[str, Any], str]] = {
    "of another issuer": ((), {"iss": "https://evil.example"}, "security"),
    "for another server": ((), {"aud": "https://other.example"}, "security"),
    "for a list of others": ((), {"aud": ["https://other.example"]}, "security"),
    "without an audience": ((), {"aud": None}, "security"),
    "that has ended": ((), {"exp": 1}, "expired"),
    "without an end": ((), {"exp": None}, "expired"),
    "whose end is a text": ((), {"exp": "never"}, "security"),
    "of tomorrow": ((), {"iat": 99_999_999_999}, "security"),
    "not good yet": ((), {"nbf": 99_999_999_999}, "security"),
    "without its time": ((), {"iat": None}, "security"),
    "without a name": ((), {"jti": None}, "security"),
    "of no client": ((), {"client_id": None}, "security"),
    "of a client nobody knows": ((), {"client_id": "nobody"}, "security"),
    "for a purpose it is not registered for": ((), {"purpose_of_use": "ETREAT"}, "security"),
    "that is an assertion": ((RSA, {"typ": "JWT"}), {}, "security"),
    "signed by another's key": ((OTHER,), {}, "security"),
    "signed by a key nobody knows": ((RSA, {"kid": "x"}), {}, "security"),
    "that brings its key": ((RSA, {"jwk": {}}), {}, "security"),
    "that says where its key is": ((RSA, {"x5u": "https://evil.example"}), {}, "security"),
}


@pytest.mark.storeless
@pytest.mark.parametrize("name", BAD)
def test_a_token_that_is_not_good_is_refused(issuing: Issuing, name: str) -> None:
    args, claims, code = BAD[name]
    got = issuing.sender(*args, **claims)("GET", "/fhir/Patient")
    assert (got.status, got.codes) == (401, [code])
    assert got.headers["www-authenticate"].endswith('error="invalid_token"')


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_an_algorithm_that_proves_nothing_is_refused(issuing: Issuing, alg: str) -> None:
    _, payload, signature = issuing.token().split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": "r", "typ": "at+jwt"}).encode()).decode()
    for end in (signature, "AA"):
        got = Sender(issuing.place.guarded, f"{forged.rstrip('=')}.{payload}.{end}")("GET", "/fhir/Patient")
        assert (got.status, got.codes) == (401, ["security"])


def test_people_do_not_come_in_as_clients(issuing: Issuing) -> None:
    register(issuing.place.program, "boss", "privacy-officer", "user/*.cruds")
    got = issuing.sender(client_id="boss", scope="user/*.cruds")("GET", "/fhir/Patient")
    assert (got.status, got.codes) == (401, ["security"])


def test_a_token_of_our_own_is_good_beside_it_and_one_of_the_issuer_is_none_elsewhere(
    issuing: Issuing, tmp_path: Path
) -> None:
    assert issuing.place.client("program-ehr", OURS)("GET", "/fhir/Patient").status == 200
    (tmp_path / "east").mkdir()
    with placed(tmp_path / "east") as elsewhere:
        register(elsewhere.program, kind="program-ehr", agreement="qsoa", organization=OURS)
        got = Sender(elsewhere.guarded, issuing.token())("GET", "/fhir/Patient")
        assert got.status == 401


@pytest.mark.parametrize(
    "said", [{"issuer": ISSUER}, {"issuer_jwks": JWKS}, {"issuer": ISSUER, "issuer_jwks": "http://id.example/jwks"}]
)
def test_an_issuer_is_named_with_its_keys(said: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(**said)  # type: ignore[arg-type]
