"""The public keys of others, fetched from the address that was registered for them. RFC 7517, section 5."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

import httpx

from adapter.problems import Kind, Problem
from adapter.remote.guarded import LOOPBACK, PRIVATE, Guard, Refused, Resolve, guarded_client, resolved

SECONDS, LONGEST = 5.0, 64 << 10
"""What an answer may take, its name's look-up included, and its bytes."""

KEPT, UNSAID, AGAIN = 3_600.0, 60.0, 10.0
"""Seconds: the most that keys are kept, how long where the answer does not say, and between two looks for a new one."""

_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})')


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
        self._guard = Guard(None, (*(PRIVATE if private else ()), *(LOOPBACK if loopback else ())), resolve)
        self._clock = clock
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
        except Refused as refused:
            raise _unreachable(str(refused)) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, UnicodeError):
            raise _unreachable("it cannot be reached in time") from None

    async def _fetched(
        self, url: httpx.URL, form: Mapping[str, str] | None, more: Mapping[str, str]
    ) -> tuple[bytes, float]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **more}
        method = "GET" if form is None else "POST"
        async with (
            guarded_client(self._guard, SECONDS) as client,
            client.stream(method, url, data=form, headers=headers) as answer,
        ):
            if answer.status_code != 200 or answer.headers.get("content-encoding", "identity") != "identity":
                raise _unreachable("it is answered otherwise than by 200")
            body = b""
            async for part in answer.aiter_raw():
                body += part
                if len(body) > LONGEST:
                    raise _unreachable(f"it is longer than {LONGEST} bytes")
            return body, lasting(answer.headers.get("cache-control"))


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
