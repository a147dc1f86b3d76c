"""Where connections may go (Z21, B18): named hosts at good addresses, whatever a name is led to afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
import respx

from adapter.remote.guarded import LOOPBACK, PRIVATE, Guard, Network, Refused, guarded_client

pytestmark = pytest.mark.storeless
PUBLIC, OTHER = "93.184.216.34", "93.184.216.35"
URL = "https://ehr.example/fhir/Patient"


def leading(*addresses: str) -> Callable[[str, int], Awaitable[list[str]]]:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


def got(url: str, guard: Guard, **more: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with guarded_client(guard, 5) as client:
            return await client.get(url, **more)

    return asyncio.run(ask())


def refused(url: str, guard: Guard, **more: Any) -> str:
    with pytest.raises(Refused) as found:
        got(url, guard, **more)
    return str(found.value)


@respx.mock
def test_a_name_is_asked_at_the_address_that_was_looked_at_and_proves_itself_by_its_own_name() -> None:
    route = respx.get(f"https://{PUBLIC}/fhir/Patient").respond(200)
    assert got(URL, Guard(["EHR.example"], resolve=leading(PUBLIC))).status_code == 200
    request = route.calls.last.request
    assert request.headers["host"] == "ehr.example"
    assert request.extensions["sni_hostname"] == "ehr.example"


HOSTS = [
    "https://other.example/",
    "https://ehr.example.evil.example/",
    "https://ehr.example./",
    "https://xehr.example/",
]


@pytest.mark.parametrize("url", HOSTS)
def test_no_other_name_is_asked(url: str, respx_mock: respx.MockRouter) -> None:
    assert "may be reached" in refused(url, Guard(["ehr.example"], resolve=leading(PUBLIC)))
    assert not respx_mock.calls


@respx.mock
def test_a_name_may_be_bound_to_its_port() -> None:
    respx.get(f"https://{PUBLIC}:8443/").respond(200)
    guard = Guard(["ehr.example:8443"], resolve=leading(PUBLIC))
    assert got("https://ehr.example:8443/", guard).status_code == 200
    assert "may be reached" in refused("https://ehr.example/", guard)


NOWHERE = ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1"]
NOWHERE += ["fe80::1%eth0", "fc00::1", "fec0::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1"]


@pytest.mark.parametrize("address", NOWHERE)
@pytest.mark.parametrize("beside", [(), (PUBLIC,)])
def test_an_address_inside_is_not_asked_also_behind_a_public_one(
    address: str, beside: Sequence[str], respx_mock: respx.MockRouter
) -> None:
    assert "no public address" in refused(URL, Guard(["ehr.example"], resolve=leading(*beside, address)))
    assert not respx_mock.calls


@pytest.mark.parametrize(("networks", "address"), [(PRIVATE, "10.1.2.3"), ((ip_network("10.1.0.0/16"),), "10.1.2.3")])
def test_a_network_that_is_allowed_is_asked(networks: Sequence[Network], address: str) -> None:
    with respx.mock:
        respx.get(f"https://{address}/fhir/Patient").respond(200)
        assert got(URL, Guard(["ehr.example"], networks, leading(address))).status_code == 200
    assert "no public address" in refused(URL, Guard(["ehr.example"], networks, leading("169.254.169.254")))


@pytest.mark.parametrize("url", ["http://ehr.example/", "ftp://ehr.example/", "https://u:p@ehr.example/"])
def test_only_https_to_a_host_alone_is_asked(url: str, respx_mock: respx.MockRouter) -> None:
    refused(url, Guard(["ehr.example"], LOOPBACK, leading(PUBLIC)))
    assert not respx_mock.calls


@respx.mock
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_answer_that_sends_elsewhere_is_none_even_for_a_client_that_would_follow(status: int) -> None:
    there = respx.route(host="169.254.169.254").respond(200)
    respx.get(f"https://{PUBLIC}/fhir/Patient").respond(status, headers={"location": "http://169.254.169.254/"})
    said = refused(URL, Guard(["ehr.example"], resolve=leading(PUBLIC)), follow_redirects=True)
    assert "not followed" in said
    assert not there.called


def test_the_environment_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch, respx_mock: respx.MockRouter) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    route = respx_mock.get(f"https://{PUBLIC}/fhir/Patient").respond(200)
    assert got(URL, Guard(["ehr.example"], resolve=leading(PUBLIC))).status_code == 200
    assert route.called


async def _listening(asked: list[bytes]) -> asyncio.Server:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


def test_a_name_that_is_led_elsewhere_afterwards_is_looked_at_again_and_not_followed_there() -> None:
    """A name that flips between a good address and one inside: each connection goes to what was looked at."""
    answers = [["127.0.0.2"], ["127.0.0.2", "127.0.0.1"], ["169.254.169.254"]]

    async def flipping(host: str, port: int) -> list[str]:
        return answers.pop(0)

    async def run() -> tuple[list[int], list[bytes]]:
        asked: list[bytes] = []
        async with await _listening(asked) as server:
            port = server.sockets[0].getsockname()[1]
            guard, url = Guard([f"ehr.example:{port}"], LOOPBACK, flipping), f"http://ehr.example:{port}/"
            async with guarded_client(guard, 5) as client:
                with pytest.raises(httpx.ConnectError):
                    await client.get(url)
                first = (await client.get(url)).status_code
                with pytest.raises(Refused):
                    await client.get(url)
        return [first], asked

    statuses, asked = asyncio.run(run())
    assert statuses == [200]
    assert len(asked) == 1
    assert b"\r\nHost: ehr.example:" in asked[0]


def test_a_name_that_leads_nowhere_is_a_connection_that_fails() -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(httpx.ConnectError):
        got(URL, Guard(["ehr.example"], resolve=nowhere))


def test_the_look_up_of_a_name_has_an_end() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return [PUBLIC]

    with pytest.raises(httpx.ConnectError):
        got(URL, Guard(["ehr.example"], resolve=never), timeout=0.1)
