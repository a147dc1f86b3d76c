"""The public keys of others, fetched from the address that was registered for them. RFC 7517, section 5.

An address is given by whoever registers clients, and its name is answered for by others: what it leads to is looked
at before anything is sent there, and the connection goes to the address that was looked at.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic

import httpx

from adapter.problems import Kind, Problem

SECONDS, LONGEST = 5.0, 64 << 10
"""What an answer may take, its name's look-up included, and its bytes."""

KEPT, UNSAID, AGAIN = 3_600.0, 60.0, 10.0
"""Seconds: the most that keys are kept, how long where the answer does not say, and between two looks for a new one."""

# Addresses of the old internet written as ones of the new: what is behind them is not looked at.
_DISGUISED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))
_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})')

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(slots=True)
class _Kept:
    body: bytes
    fetched: float
    until: float


class KeySets:
    """Fetches sets of keys and keeps them as long as their owner permits, an hour at most.

    `loopback` lets it go to this machine, without TLS; `private` to a network of the operator's own, who named the
    address himself.
    """

    def __init__(
        self,
        resolve: Resolve = resolved,
        clock: Callable[[], float] = monotonic,
        *,
        loopback: bool = False,
        private: bool = False,
    ) -> None:
        self._resolve, self._clock, self._loopback, self._private = resolve, clock, loopback, private
        self._kept: dict[str, _Kept] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._down: dict[str, float] = {}

    async def fetch(self, url: str, holds: Callable[[bytes], bool]) -> bytes:
        """The set at an address, one that was kept if it `holds` what is looked for.

        Problem(NOT_FOUND) when it cannot be had: the server is down, slow, sends something else or elsewhere, or is on
        a private network. Whoever comes meanwhile waits for the same answer.
        """
        async with self._locks.setdefault(url, asyncio.Lock()):
            kept, now = self._kept.get(url), self._clock()
            if kept and now < kept.until and (now < kept.fetched + AGAIN or holds(kept.body)):
                return kept.body
            if now < self._down.get(url, 0):
                raise _unreachable("it could not be had a moment ago")
            self._down[url] = now + AGAIN
            body, seconds = await self._in_time(httpx.URL(url))
            del self._down[url]
            self._kept[url] = _Kept(body, now, now + seconds)
            return body

    async def send(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
        """The answer to a form that is sent to an address; Problem(NOT_FOUND) as for `fetch`."""
        body, _ = await self._in_time(httpx.URL(url), form, headers)
        return body

    async def _in_time(
        self, url: httpx.URL, form: Mapping[str, str] | None = None, more: Mapping[str, str] | None = None
    ) -> tuple[bytes, float]:
        try:
            async with asyncio.timeout(SECONDS):
                return await self._fetched(url, form, more or {})
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, UnicodeError):
            raise _unreachable("it cannot be reached in time") from None

    async def _fetched(
        self, url: httpx.URL, form: Mapping[str, str] | None, more: Mapping[str, str]
    ) -> tuple[bytes, float]:
        address = await self._address(url)
        # The name stays in Host and in the certificate that is asked for.
        request_url = url.copy_with(host=address)
        headers = {"Host": url.netloc.decode("ascii"), "Accept": "application/json", "Accept-Encoding": "identity"}
        headers |= more
        method = "GET" if form is None else "POST"
        extensions = {"sni_hostname": url.host}
        async with (
            httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream(method, request_url, data=form, headers=headers, extensions=extensions) as answer,
        ):
            if answer.status_code != 200 or answer.headers.get("content-encoding", "identity") != "identity":
                raise _unreachable("it is answered otherwise than by 200")
            body = b""
            async for part in answer.aiter_raw():
                body += part
                if len(body) > LONGEST:
                    raise _unreachable(f"it is longer than {LONGEST} bytes")
            return body, lasting(answer.headers.get("cache-control"))

    async def _address(self, url: httpx.URL) -> str:
        """The address to connect to; all that the name leads to must be good, for the next answer may be another."""
        if url.scheme != "https" and not (self._loopback and url.scheme == "http"):
            raise _unreachable("it is not an https address")
        if url.userinfo or not url.host:
            raise _unreachable("it is not the address of a host alone")
        found = await self._resolve(url.host, url.port or 443)
        if not found or not all(self._is_good(ip_address(one.partition("%")[0])) for one in found):
            raise _unreachable("it leads to no public address")
        return found[0]

    def _is_good(self, address: IPv4Address | IPv6Address) -> bool:
        if self._private:
            return self._loopback or not address.is_loopback
        return (self._loopback and address.is_loopback) or is_public(address)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public internet, as it stands and not in a disguise."""
    if isinstance(address, IPv6Address) and any(address in network for network in _DISGUISED):
        return False
    odd = address.is_multicast or getattr(address, "ipv4_mapped", None) or getattr(address, "is_site_local", False)
    return address.is_global and not odd


def lasting(cache_control: str | None) -> float:
    """The seconds that an answer may be kept, by its Cache-Control. RFC 9111, section 5.2.2."""
    if cache_control is None:
        return UNSAID
    said = cache_control.lower()
    if "no-store" in said or "no-cache" in said:
        return 0.0
    found = _AGE.search(said)
    return min(float(found[1]), KEPT) if found else UNSAID


def _unreachable(why: str) -> Problem:
    return Problem(Kind.NOT_FOUND, f"the address that was registered: {why}")
