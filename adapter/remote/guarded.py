"""The network as far as it may be reached: named hosts, at addresses that were looked at before anything is sent there.

A name is answered for by others, who may lead it to this machine or its neighbours, and elsewhere with each answer. So
all that a name leads to must be good, the connection goes to an address that was looked at, and nobody is followed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[list[str]]]

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
"""Networks of an organization's own (RFC 1918, 6598, 4193). A machine's link is none: a cloud keeps its keys there."""

SECONDS = 10.0
"""What the look-up of a name may take where the request does not say."""

# Addresses of the old internet written as ones of the new: what is behind them is not looked at.
_DISGUISED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))


class Refused(httpx.TransportError):
    """Nothing was sent, or what answered is no answer: the address is one that is not to be reached. Trying again
    helps only if its name is led elsewhere."""


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public internet, as it stands and not in a disguise."""
    if isinstance(address, IPv6Address) and any(address in network for network in _DISGUISED):
        return False
    odd = address.is_multicast or getattr(address, "ipv4_mapped", None) or getattr(address, "is_site_local", False)
    return address.is_global and not odd


class Guard:
    """Says where a connection may go.

    `hosts`: the names that may be reached, each also as `name:port`, where it is that port alone; None for any name.
    `networks`: addresses that may be reached though they are not public. Without TLS only loopback is, where it is
    one of them.
    """

    def __init__(
        self, hosts: Iterable[str] | None = None, networks: Sequence[Network] = (), resolve: Resolve = resolved
    ) -> None:
        self._hosts = None if hosts is None else frozenset(host.lower() for host in hosts)
        self._networks, self._resolve = tuple(networks), resolve

    async def addresses(self, url: httpx.URL) -> list[str]:
        """The addresses to connect to, the first that answers; all that the name leads to must be good.

        `Refused` for an address that must not be reached, OSError or UnicodeError for a name that leads nowhere.
        """
        host, port = self._named(url)
        found = [ip_address(one.partition("%")[0]) for one in await self._resolve(host, port)]
        if not found or not all(self._is_good(address) for address in found):
            raise Refused("it leads to no public address")
        if url.scheme == "http" and not all(_is_in(LOOPBACK, address) for address in found):
            raise Refused("it is not an https address")
        return [str(address) for address in found]

    def _named(self, url: httpx.URL) -> tuple[str, int]:
        if url.scheme not in ("https", "http"):
            raise Refused("it is not an https address")
        if url.userinfo or not url.host:
            raise Refused("it is not the address of a host alone")
        port = url.port or (443 if url.scheme == "https" else 80)
        name = f"[{url.host}]" if ":" in url.host else url.host
        if self._hosts is not None and self._hosts.isdisjoint((url.host, name, f"{name}:{port}")):
            raise Refused("its host is not one that may be reached")
        return url.host, port

    def _is_good(self, address: IPv4Address | IPv6Address) -> bool:
        return _is_in(self._networks, address) or is_public(address)


class Guarded(httpx.AsyncBaseTransport):
    """Sends where a `Guard` lets it; each name has connections of its own, for one certificate proves one name.

    Fails with `Refused` before anything is sent, and for an answer that sends elsewhere.
    """

    def __init__(self, guard: Guard, limits: httpx.Limits | None = None) -> None:
        self._guard, self._limits = guard, limits or httpx.Limits(max_connections=20, max_keepalive_connections=4)
        self._behind: dict[str, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the first of the addresses that lets itself be connected to."""
        addresses = await self._addresses(request)
        for address in addresses[:-1]:
            try:
                return await self._sent(request, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._sent(request, addresses[-1])

    async def aclose(self) -> None:
        """Drop all connections."""
        for transport in self._behind.values():
            await transport.aclose()

    async def _addresses(self, request: httpx.Request) -> list[str]:
        seconds = request.extensions.get("timeout", {}).get("connect") or SECONDS
        try:
            async with asyncio.timeout(seconds):
                return await self._guard.addresses(request.url)
        except (OSError, UnicodeError, TimeoutError):
            raise httpx.ConnectError("its name leads nowhere", request=request) from None

    async def _sent(self, request: httpx.Request, address: str) -> httpx.Response:
        name = request.url.host
        if name not in self._behind:
            self._behind[name] = httpx.AsyncHTTPTransport(verify=_trusted(), trust_env=False, limits=self._limits)
        # The name stays in Host and in the certificate that is asked for.
        to, extensions = request.url.copy_with(host=address), {**request.extensions, "sni_hostname": name}
        pinned = httpx.Request(
            request.method, to, headers=request.headers, stream=request.stream, extensions=extensions
        )
        answer = await self._behind[name].handle_async_request(pinned)
        if answer.has_redirect_location:
            await answer.aclose()
            raise Refused("it sends to another address, which is not followed", request=request)
        return answer


def guarded_client(
    guard: Guard, timeout: httpx.Timeout | float = SECONDS, limits: httpx.Limits | None = None
) -> httpx.AsyncClient:
    """A client that reaches what the guard lets it, whatever the environment says of proxies."""
    transport = Guarded(guard, limits)
    return httpx.AsyncClient(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed. They are read once: it takes as long as an answer, and the loop would wait."""
    return httpx.create_ssl_context(trust_env=False)


def _is_in(networks: Iterable[Network], address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in networks)
