"""The line to one partner's server: one queue, one breaker and one token, so that a slow partner holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import NoReturn

import httpx

from adapter.remote.answers import Answer, Judge, Resource
from adapter.remote.breaker import Breaker
from adapter.remote.faults import ILL, Fault, Wrong
from adapter.remote.guarded import Guard, Refused, guarded_client
from adapter.remote.patience import Patience, Sleep, persisting
from adapter.remote.tokens import Identity, Tokens


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `what` says it in messages. Without `again` it is not sent twice where the first may have been
    heard."""

    method: str
    url: str
    what: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    again: bool = True


class Line:
    """Asks one partner's server; a context, which closes its connections at the end."""

    def __init__(
        self,
        partner: str,
        base: str,
        guard: Guard,
        now: Callable[[], datetime],
        *,
        identity: Identity | None = None,
        patience: Patience | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: Callable[[], float] = monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        patience = patience or Patience()
        self._partner, self._patience, self._seconds, self._sleep = partner, patience, seconds, sleep
        timeout = httpx.Timeout(patience.read, connect=patience.connect, pool=patience.whole)
        self._client = guarded_client(guard, timeout, httpx.Limits(max_connections=patience.at_once))
        self._headers = {"accept": "application/fhir+json", "accept-encoding": "identity", **(headers or {})}
        self._turns, self._waiting, self._until = asyncio.Semaphore(patience.at_once), 0, 0.0
        self._breaker = Breaker(patience.failures, patience.rest, seconds)
        self._tokens = Tokens(partner, base, identity, self._plain, now) if identity else None
        self.judge = Judge(partner, now)

    async def __aenter__(self) -> Line:
        return self

    async def __aexit__(self, *wrong: object) -> None:
        await self._client.aclose()

    async def ask(self, ask: Ask) -> tuple[Answer, Resource | None]:
        """The answer and the resource in it, none where it says that all is well without one.

        `Fault` when it cannot be had, however often it was tried.
        """
        return await persisting(self._patience, self._sleep, lambda: self._in_turn(ask))

    async def _in_turn(self, ask: Ask) -> tuple[Answer, Resource | None]:
        if self._waiting >= self._patience.waiting:
            raise Fault(self._partner, Wrong.CROWDED, f"{self._waiting} requests wait for their turn already")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            await self._hold()
            return await self._watched(ask)
        finally:
            self._turns.release()

    async def _hold(self) -> None:
        """Leave it alone for as long as it has asked to be."""
        left = self._until - self._seconds()
        if left > self._patience.longest:
            raise Fault(self._partner, Wrong.THROTTLED, "it has asked to be left alone", after=left)
        if left > 0:
            await self._sleep(left)

    async def _watched(self, ask: Ask) -> tuple[Answer, Resource | None]:
        if left := self._breaker.left():
            raise Fault(self._partner, Wrong.RESTING, "it is not asked for a while, for it has failed", after=left)
        try:
            found = await self._proved(ask)
        except Fault as fault:
            if fault.wrong in ILL:
                self._breaker.failed()
            else:
                self._breaker.worked()
            if fault.after:
                self._until = max(self._until, self._seconds() + fault.after)
            raise
        except BaseException:
            self._breaker.left_off()
            raise
        self._breaker.worked()
        return found

    async def _proved(self, ask: Ask) -> tuple[Answer, Resource | None]:
        """The answer to a request with a token; one that is not taken is renewed, once."""
        if self._tokens is None:
            answer = await self._sent(ask)
        else:
            token = await self._tokens.token()
            answer = await self._sent(ask, token)
            if answer.status == 401:
                self._tokens.drop(token)
                answer = await self._sent(ask, await self._tokens.token())
        try:
            return answer, self.judge.resource(answer, ask.what)
        except Fault as fault:
            # Who is throttled has not been heard; any other may have been.
            fault.again = fault.again and (ask.again or fault.wrong is Wrong.THROTTLED)
            raise

    async def _plain(self, url: str, what: str, form: dict[str, str] | None) -> Answer:
        """The answer to what is asked without a token: for one."""
        content = str(httpx.QueryParams(form)).encode() if form else None
        headers = {"accept": "application/json"} | (
            {"content-type": "application/x-www-form-urlencoded"} if form else {}
        )
        answer = await self._sent(Ask("POST" if form else "GET", url, what, headers, content))
        if answer.status in (400, 401, 403):
            raise self.judge.fault(Wrong.LOGIN, f"{what} is answered {answer.status}", answer)
        self.judge.check_status(answer, what)
        return answer

    async def _sent(self, ask: Ask, token: str | None = None) -> Answer:
        headers = {**self._headers, **ask.headers} | ({"authorization": f"Bearer {token}"} if token else {})
        try:
            async with (
                asyncio.timeout(self._patience.whole),
                self._client.stream(ask.method, ask.url, headers=headers, content=ask.content) as answer,
            ):
                return await self._whole(answer, ask)
        except Refused as refused:
            raise Fault(self._partner, Wrong.ELSEWHERE, f"{ask.what}: {refused}") from None
        except httpx.InvalidURL:
            raise Fault(self._partner, Wrong.ELSEWHERE, f"{ask.what}: its address is none") from None
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            why = "its certificate is not good" if "CERTIFICATE" in str(error) else "it cannot be connected to"
            raise Fault(self._partner, Wrong.UNREACHABLE, f"{ask.what}: {why}") from None
        except (httpx.TimeoutException, TimeoutError):
            self._unheard(ask, Wrong.LATE, "the answer takes too long")
        except httpx.HTTPError:
            self._unheard(ask, Wrong.UNREACHABLE, "the connection breaks")

    def _unheard(self, ask: Ask, wrong: Wrong, why: str) -> NoReturn:
        fault = Fault(self._partner, wrong, f"{ask.what}: {why}")
        fault.again = ask.again
        raise fault from None

    async def _whole(self, answer: httpx.Response, ask: Ask) -> Answer:
        """The answer with its body, if it is as it was asked for and not too long."""
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise self.judge.fault(Wrong.NOT_FHIR, f"{ask.what} is answered packed, which was not asked for")
        body = bytearray()
        async for part in answer.aiter_raw():
            body += part
            if len(body) > self._patience.body:
                raise self.judge.fault(
                    Wrong.TOO_LARGE, f"{ask.what} is answered by more than {self._patience.body} bytes"
                )
        return Answer(answer.status_code, dict(answer.headers), bytes(body))
