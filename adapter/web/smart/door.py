"""The door for tokens: the endpoints under `/oauth` and SMART's discovery document.

Errors are OAuth's (RFC 6749, section 5.2), not FHIR's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from adapter.consent.gate import publish
from adapter.fhir.dates import milliseconds
from adapter.fhir.form_pairs import form_pairs
from adapter.fhir.json import dump
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.web.call import Call, DisconnectedError, Receive, Scope, Send, Told
from adapter.web.desk import Desk
from adapter.web.errors import challenge, logged
from adapter.web.negotiation import FORM, check_content
from adapter.web.smart.addresses import (
    AUTHORIZE,
    CALLBACK,
    DISCOVERY,
    INTROSPECT,
    LOGIN,
    REVOKE,
    TOKEN,
    configuration,
    root_of,
)
from adapter.web.smart.bearer import Bearers, digest_of
from adapter.web.writer import JSON, Header, Reply, write

if TYPE_CHECKING:
    from adapter.remote.jwks import KeySets
    from adapter.web.smart.grants import Grants
    from adapter.web.smart.login import Login

LONGEST = 32 << 10
"""Bytes of a form: an assertion and the scopes, in percent-encoding."""

# RFC 6749, section 5.1: what holds a token, or tells of one, is kept by nobody.
NOT_KEPT: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"pragma", b"no-cache"),
    (b"x-content-type-options", b"nosniff"),
)
OPEN: tuple[Header, ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"cache-control", b"public, max-age=300"),
    (b"x-content-type-options", b"nosniff"),
)
_ERRORS = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant", "invalid_scope", "unsupported_grant_type"),
        *("invalid_token", "temporarily_unavailable", "server_error", "unauthorized_client"),
    }
)
_OF_KIND = {
    Kind.BUSY: "temporarily_unavailable",
    Kind.OVERTIME: "temporarily_unavailable",
    Kind.LOGIN: "invalid_token",
    Kind.FAULT: "server_error",
}
Work = Callable[[Call], Awaitable[Reply]]


class SmartDoor:
    """The ASGI application of `{prefix}/oauth` and the discovery document.

    `key_sets` fetches the keys of clients that have them at an address; without it, one is made.
    """

    def __init__(self, program: Program, prefix: str, desk: Desk, told: Told, key_sets: KeySets | None = None) -> None:
        self._program, self._desk, self._told, self._key_sets = program, desk, told, key_sets
        self._start = len(prefix)
        self._lock = asyncio.Lock()
        self._made: tuple[Grants, Login] | None = None
        self.bearers = Bearers(program.store)
        self._works: dict[str, tuple[str, str, Work]] = {
            TOKEN: ("POST", "token", self._token),
            INTROSPECT: ("POST", "introspect", self._introspect),
            REVOKE: ("POST", "revoke", self._revoke),
            AUTHORIZE: ("GET", "authorize", self._authorize),
            LOGIN: ("POST", "login", self._login),
            CALLBACK: ("GET", "callback", self._callback),
            DISCOVERY: ("GET", "discovery", self._discovery),
        }

    async def load(self) -> tuple[Grants, Login]:
        """Import what checks signatures and fetches keys, once: a quarter of a second that no start waits for."""
        async with self._lock:
            if self._made is None:
                self._made = await asyncio.to_thread(self._build)
            return self._made

    def _build(self) -> tuple[Grants, Login]:
        from adapter.remote.jwks import KeySets
        from adapter.web.smart.grants import Grants
        from adapter.web.smart.login import Login, provider_of

        grants = Grants(self._program, self._desk, self._key_sets or KeySets())
        return grants, Login(self._program, self._desk, provider_of(self._program))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope, receive, self._desk)
        try:
            answer = await self._answered(call)
            await write(send, answer, call)
            self._told(call, answer.status)
        except DisconnectedError:
            return
        finally:
            call.over()

    async def _answered(self, call: Call) -> Reply:
        method, name, work = self._works.get(call.path[self._start :], ("", "", None))
        try:
            if work is None:
                raise Problem(Kind.NOT_SUPPORTED, "there is nothing at this address")
            call.interaction = name
            if call.method != method and not (call.method == "HEAD" and method == "GET"):
                raise Problem(Kind.METHOD, f"this address takes {method}", method)
            return await work(call)
        except Problem as problem:
            return refusal(logged(call, problem)[0] if problem.kind is Kind.FAULT else problem)
        except DisconnectedError:
            raise
        except Exception as unknown:
            return refusal(logged(call, unknown)[0])

    async def _token(self, call: Call) -> Reply:
        if b"authorization" in call.headers:
            raise _bad("a client proves itself by its assertion alone, without Authorization")
        grants, _ = self._made or await self.load()
        return _told(await grants.grant(await _form(call)))

    async def _authorize(self, call: Call) -> Reply:
        _, login = self._made or await self.load()
        return await login.authorize(call)

    async def _callback(self, call: Call) -> Reply:
        _, login = self._made or await self.load()
        return await login.callback(call)

    async def _login(self, call: Call) -> Reply:
        _, login = self._made or await self.load()
        return await login.login(call, await _form(call))

    async def _revoke(self, call: Call) -> Reply:
        """RFC 7009: whoever has a token may end it; one that is not known is as good as ended."""
        form = await _form(call)
        digest = digest_of(form.get("token") or "")
        if not form.get("token"):
            raise _bad("token is not there")
        held = self.bearers.held(digest, milliseconds(self._program.clock()))
        if held is not None and form.get("client_id", held.client) == held.client:
            await asyncio.wrap_future(self._program.store.change_staff(lambda staff: staff.revoke(digest)))
        return Reply(200, None, [], NOT_KEPT)

    async def _introspect(self, call: Call) -> Reply:
        """RFC 7662: what a token of the client's own says; of any other token, that it is not active."""
        now = self._program.clock()
        caller = self.bearers.caller_of(call.headers, now)
        token = (await _form(call)).get("token")
        if not token:
            raise _bad("token is not there")
        now_ms = int(now.timestamp() * 1000)
        held = self.bearers.held(digest_of(token), now_ms)
        own = held is not None and (held.client, held.person) == (caller.client, caller.user)
        if held is None or not own or not held.stands or held.expires_ms <= now_ms:
            return _told({"active": False})
        person = {"fhirUser": self._program.link("Practitioner", held.person)} if held.roles and held.person else {}
        return _told(
            {
                "active": True,
                **person,
                "scope": held.scopes,
                "client_id": held.client,
                "token_type": "bearer",
                "iat": held.issued_ms // 1000,
                "exp": held.expires_ms // 1000,
                "iss": root_of(self._program),
            }
        )

    async def _discovery(self, call: Call) -> Reply:
        return Reply(200, publish(dump(configuration(self._program))), [JSON], OPEN)


async def _form(call: Call) -> dict[str, str]:
    """The pairs of a form, each name once; what is empty counts as absent (RFC 6749, section 3.2)."""
    if call.scope["query_string"]:
        raise _bad("parameters go in the body, not in the address")
    check_content(call, FORM)
    pairs = form_pairs(await call.body(LONGEST))
    if len({name for name, _ in pairs}) < len(pairs):
        raise _bad("a parameter is there twice")
    return {name: value for name, value in pairs if value}


def _bad(why: str) -> Problem:
    return Problem(Kind.INVALID, why, code="invalid_request")


def _told(said: dict[str, Any]) -> Reply:
    return Reply(200, publish(dump(said)), [JSON], NOT_KEPT)


def refusal(problem: Problem) -> Reply:
    """The OAuth error of a Problem."""
    said = problem.issues[0].code
    error = said if said in _ERRORS else _OF_KIND.get(problem.kind, "invalid_request")
    # OAuth knows no other status for what a client sends too much of, or in another form.
    status = 400 if problem.kind in (Kind.TOO_LONG, Kind.MEDIA_TYPE) else problem.kind.status
    body = {"error": error, "error_description": problem.message.replace('"', "'").replace("\\", "/")}
    answer = Reply(status, publish(dump(body)), [JSON], NOT_KEPT)
    if problem.kind is Kind.LOGIN and said != "invalid_client":
        answer.headers.append(challenge(problem))
    if problem.kind in (Kind.THROTTLED, Kind.BUSY):
        answer.headers.append((b"retry-after", b"60" if problem.kind is Kind.THROTTLED else b"1"))
    if problem.kind is Kind.METHOD:
        answer.headers.append((b"allow", (problem.expression or "").encode()))
    return answer
