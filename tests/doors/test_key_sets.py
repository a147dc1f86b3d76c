"""Keys at an address (B8, B18): what is fetched, what is not, and how long it is kept."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from time import perf_counter
from typing import Any

import httpx
import pytest
import respx

from adapter.interactions.program import Program
from adapter.problems import Problem
from adapter.remote import jwks
from adapter.remote.guarded import is_public
from adapter.remote.jwks import AGAIN, KEPT, LONGEST, UNSAID, KeySets, lasting
from adapter.web.smart.door import SmartDoor
from tests.doors.clients import ask, asking, key, key_set, register
from tests.doors.serving import Client, client_of

pytestmark = pytest.mark.storeless

URL = "https://keys.example/jwks.json"
PUBLIC = "93.184.216.34"
FETCHED = f"https://{PUBLIC}/jwks.json"


class Seconds:
    """A clock of the cache."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def leading(*addresses: str) -> Callable[[str, int], Any]:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


def published(*keys: Any, **more: Any) -> httpx.Response:
    return httpx.Response(200, json=key_set(*keys), **more)


@contextmanager
def fetching(program: Program, key_sets: KeySets) -> Iterator[Client]:
    """A client of a server that fetches keys so."""
    with client_of(program) as client:
        doors = client.served._programs[""]
        door = SmartDoor(program, "", doors.desk, doors.smart._told, key_sets)
        client.served._alone = client.served._programs[""] = replace(doors, smart=door)  # type: ignore[index]
        yield client


def status(client: Client, program: Program, number: int = 1, **changes: Any) -> int:
    return ask(client, asking(program, number, **changes).said_form()).status


@respx.mock
def test_keys_are_fetched_by_name_from_the_address_that_was_looked_at(program: Program) -> None:
    route = respx.get(FETCHED).mock(return_value=published(key()))
    register(program, jwks_uri=URL)
    with fetching(program, KeySets(leading(PUBLIC))) as client:
        assert status(client, program) == 200
        assert status(client, program, 2, header={"jku": URL}) == 200
    assert route.call_count == 1
    request = route.calls.last.request
    assert request.headers["host"] == "keys.example"
    assert request.extensions["sni_hostname"] == "keys.example"
    assert "authorization" not in request.headers


OTHER = ["https://KEYS.example/jwks.json", "https://keys.example:443/jwks.json", "https://keys.example./jwks.json"]
OTHER += ["https://user@keys.example/jwks.json", "https://keys.example.evil.example/jwks.json", "", 5, None]


@pytest.mark.parametrize("jku", OTHER)
def test_an_address_in_the_assertion_that_is_not_the_registered_one_is_not_fetched(
    jku: Any, program: Program, respx_mock: respx.MockRouter
) -> None:
    """B8."""
    register(program, jwks_uri=URL)
    with fetching(program, KeySets(leading(PUBLIC))) as client:
        asked = asking(program)
        head = urlsafe_b64encode(json.dumps(asked.said_header() | {"jku": jku}).encode()).decode().rstrip("=")
        signed = asked.assertion().partition(".")[2]
        assert ask(client, asked.said_form(f"{head}.{signed}")).status == 401
    assert respx_mock.calls.call_count == 0


PRIVATE = ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1"]
PRIVATE += ["fe80::1%eth0", "fc00::1", "fec0::1", "::ffff:93.184.216.34", "::ffff:127.0.0.1", "64:ff9b::a00:1"]
PRIVATE += ["2002:a00:1::", "224.0.0.1", "ff02::1", "255.255.255.255", "::", "::127.0.0.1", "2001::1", "192.0.2.1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_of_a_private_network_is_asked_also_beside_a_public_one(
    address: str, program: Program, respx_mock: respx.MockRouter
) -> None:
    """B18."""
    register(program, jwks_uri=URL)
    for number, found in enumerate([(address,), (PUBLIC, address)]):
        with fetching(program, KeySets(leading(*found))) as client:
            assert status(client, program, number) == 401
    assert respx_mock.calls.call_count == 0


def test_public_addresses_are_public() -> None:
    assert all(is_public(ip_address(one)) for one in (PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "8.8.8.8"))


@pytest.mark.parametrize("url", ["http://keys.example/jwks.json", "https://u:p@keys.example/", "file:///etc/passwd"])
def test_only_https_is_asked(url: str, program: Program) -> None:
    register(program, jwks_uri=url)
    with fetching(program, KeySets(leading(PUBLIC))) as client:
        assert status(client, program) == 401


BAD: dict[str, Any] = {
    "a server error": httpx.Response(503, json=key_set(key())),
    "not found": httpx.Response(404),
    "a redirect to this machine's cloud": httpx.Response(302, headers={"location": "http://169.254.169.254/"}),
    "too long": httpx.Response(200, content=b'{"keys":[' + b" " * LONGEST + b"]}"),
    "compressed": httpx.Response(200, content=b"", headers={"content-encoding": "gzip"}),
    "no JSON": httpx.Response(200, content=b"<html>"),
    "no set": httpx.Response(200, json={"keys": "x"}),
    "no key": httpx.Response(200, json={"keys": []}),
    "a connection that fails": httpx.ConnectError("x"),
    "a certificate of another": httpx.ConnectError("certificate verify failed"),
}


@respx.mock
@pytest.mark.parametrize("name", BAD)
def test_whatever_else_the_address_answers_proves_nobody(name: str, program: Program) -> None:
    """B18."""
    answer = BAD[name]
    how = {"side_effect": answer} if isinstance(answer, Exception) else {"return_value": answer}
    route = respx.get(FETCHED).mock(**how)
    register(program, jwks_uri=URL)
    with fetching(program, KeySets(leading(PUBLIC))) as client:
        got = ask(client, asking(program).said_form())
    assert (got.status, got.json["error"]) == (401, "invalid_client")
    assert route.call_count == 1


@respx.mock
def test_a_server_that_does_not_answer_is_waited_for_once_by_all(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B18."""
    monkeypatch.setattr(jwks, "SECONDS", 0.3)
    asked = []

    async def never(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        await asyncio.sleep(60)
        raise AssertionError

    respx.get(FETCHED).mock(side_effect=never)
    register(program, jwks_uri=URL)
    forms = [asking(program, number).said_form().encode() for number in range(8)]
    began = perf_counter()
    with fetching(program, KeySets(leading(PUBLIC))) as client:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answers = client.together([("POST", "/oauth/token", form, headers) for form in forms])
    assert {got.status for got in answers} == {401}
    assert perf_counter() - began < 2
    assert len(asked) == 1


@respx.mock
def test_keys_are_kept_as_long_as_their_owner_says_and_not_when_he_is_gone(program: Program) -> None:
    seconds = Seconds()
    route = respx.get(FETCHED).mock(return_value=published(key(), headers={"cache-control": "max-age=90"}))
    register(program, jwks_uri=URL)
    with fetching(program, KeySets(leading(PUBLIC), seconds)) as client:
        assert status(client, program, 1) == 200
        route.mock(return_value=httpx.Response(500))
        seconds.now = 89
        assert status(client, program, 2) == 200
        assert route.call_count == 1
        seconds.now = 90
        assert status(client, program, 3) == 401
        route.mock(return_value=published(key()))
        seconds.now = 90 + AGAIN
        assert status(client, program, 4) == 200


@respx.mock
def test_a_new_key_is_looked_for_and_not_at_each_request(program: Program) -> None:
    seconds = Seconds()
    route = respx.get(FETCHED).mock(return_value=published(key(), headers={"cache-control": "max-age=3600"}))
    register(program, jwks_uri=URL)
    new = key("EC", "key-2")
    with fetching(program, KeySets(leading(PUBLIC), seconds)) as client:
        assert status(client, program, 1) == 200
        route.mock(return_value=published(key(), new))
        assert status(client, program, 2, key=new) == 401
        assert route.call_count == 1
        seconds.now = AGAIN
        assert status(client, program, 3, key=new) == 200
        assert status(client, program, 4) == 200
        assert route.call_count == 2


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        *((None, UNSAID), ("no-store", 0), ("no-cache, max-age=60", 0), ("max-age=60", 60), ("public, max-age=0", 0)),
        *(("max-age=86400", KEPT), ("s-maxage=5", UNSAID), ('Max-Age="7"', 7), ("nonsense", UNSAID)),
    ],
)
def test_how_long_is_said_by_cache_control(said: str | None, seconds: float) -> None:
    assert lasting(said) == seconds


def test_the_real_network_is_not_asked_for_this_machine_by_name() -> None:
    with pytest.raises(Problem):
        asyncio.run(KeySets().fetch("https://localhost:1/jwks.json", lambda body: True))


def test_registered_keys_stand_beside_those_at_an_address(program: Program) -> None:
    register(program, jwks=json.loads(json.dumps(key_set(key()))), jwks_uri=URL)
    with fetching(program, KeySets(leading("127.0.0.1"))) as client:
        assert status(client, program) == 200
