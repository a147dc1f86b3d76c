"""The authorization endpoint: somebody of the staff logs in, and the app that sent him gets a code for a token.

RFC 6749 section 4.1, RFC 7636 (PKCE), RFC 9207 (the issuer in the answer), RFC 9700 (best practice).
https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Mapping
from datetime import datetime

from adapter.callers import ClientKind
from adapter.consent.predicate import nobody
from adapter.fhir.dates import milliseconds
from adapter.fhir.form_pairs import form_pairs
from adapter.fhir.page_links import seal, unseal
from adapter.interactions.program import Program
from adapter.interactions.search import limits
from adapter.interactions.types import served
from adapter.problems import Kind, Problem
from adapter.remote.provider import Provider
from adapter.store.clients import Client
from adapter.store.staff import Account, Code
from adapter.web.call import Call
from adapter.web.desk import Desk
from adapter.web.smart import factors
from adapter.web.smart.addresses import AUTHORIZE, CALLBACK, LOGIN, root_of
from adapter.web.smart.apps import Wanted, may_return, read_wanted
from adapter.web.smart.bearer import OFFICER, digest_of, new_token
from adapter.web.smart.identity_provider import Trip, identity, new_trip, there
from adapter.web.smart.pages import login_page, origin_of, refusal_page, sent_back
from adapter.web.smart.scopes import granted, known, listed, parsed, read
from adapter.web.writer import Header, Reply

log = logging.getLogger(__name__)

CODE_MS, FORM_MS = 60_000, 600_000
"""How long a code can be exchanged, and how long the form can be sent."""
# What apps ask for besides records, and what there is nothing of here: left out of what is granted, as SMART has it.
_BESIDES = frozenset(("openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter"))
_BESIDES |= {"offline_access", "online_access"}
_COOKIE = r"(?:^|;)\s*{}=([A-Za-z0-9_-]{{32}})\s*(?:;|$)"
_SEALED, _TRIP = "log-in", "log-in elsewhere"


def provider_of(program: Program) -> Provider | None:
    """The identity provider that the settings name, if any."""
    settings = program.settings
    if not settings.oidc_issuer:
        return None
    secret = settings.oidc_secret_file.read_text("utf-8").strip() if settings.oidc_secret_file else None
    return Provider(settings.oidc_issuer, settings.oidc_client_id, secret)


MOST_WAITING = 32
"""Log-ins that wait for their turn."""


class Login:
    """Logs the staff of one program in."""

    def __init__(self, program: Program, desk: Desk, provider: Provider | None = None) -> None:
        self._program, self._desk, self._provider = program, desk, provider
        self._root = root_of(program)
        self._cookie = "__Secure-iop-login" if self._root.startswith("https:") else "iop-login"
        self._hashing, self._waiting = asyncio.Semaphore(1), 0
        self._known = known(served(program), program.store.index, limits(program, nobody()))

    async def authorize(self, call: Call) -> Reply:
        """The form, for a request that a registered app may make; else the app is told what is wrong, or where it is
        none that is known, the person."""
        try:
            wanted, client = await self._wanted(form_pairs(call.scope["query_string"]))
        except Problem as problem:
            return refusal_page(problem.kind.status, problem.message)
        if isinstance(wanted, str):
            return sent_back(wanted)
        mark, cookie = self._mark(call)
        if self._provider is None:
            return self._form(wanted, client, mark, cookie)
        trip = new_trip()
        state = self._sealed(mark, _TRIP, [trip.nonce, trip.verifier], wanted)
        try:
            return sent_back(await there(self._provider, trip, f"{self._root}{CALLBACK}", state), cookie)
        except Problem as problem:
            return _unreached(problem)

    async def callback(self, call: Call) -> Reply:
        """Somebody comes back from the outside provider: on to the app, with a code if he has an account."""
        now, said = self._program.clock(), dict(form_pairs(call.scope["query_string"]))
        try:
            if self._provider is None:
                raise Problem(Kind.NOT_SUPPORTED, "staff log in by no outside provider here")
            (nonce, verifier), wanted = self._opened(call, said.get("state", ""), _TRIP, 2, now)
            await self._app(wanted.client)
        except Problem as problem:
            return refusal_page(problem.kind.status, problem.message)
        try:
            code = await self._returned(self._provider, said, Trip(nonce, verifier), wanted, now)
        except Problem as problem:
            if problem.kind is not Kind.LOGIN:
                return _unreached(problem)
            log.info("log-in by client=%s refused: %s", wanted.client, problem.message)
            return sent_back(wanted.back(self._root, error="access_denied"))
        return sent_back(wanted.back(self._root, code=code))

    async def _returned(
        self, provider: Provider, said: Mapping[str, str], trip: Trip, wanted: Wanted, now: datetime
    ) -> str:
        """A code for whoever has an account by what the provider proves; a privacy officer needs a second factor."""
        if not said.get("code") or said.get("iss", provider.issuer) != provider.issuer:
            raise Problem(Kind.LOGIN, "the provider has let nobody in")
        found = await identity(provider, trip, f"{self._root}{CALLBACK}", said["code"], now)

        def look() -> Account | None:
            with self._program.store.staff() as staff:
                return staff.known_as(provider.issuer, found.subject)

        account = await self._desk.ask(look)
        if account is None or not account.enabled:
            raise Problem(Kind.LOGIN, "nobody of the staff has this subject")
        if OFFICER in account.roles.split() and not found.strong:
            raise Problem(Kind.LOGIN, "a privacy officer proves himself by a second factor")
        code, kept = self._code(wanted, account, now)
        await asyncio.wrap_future(self._program.store.change_staff(lambda staff: staff.keep(kept, milliseconds(now))))
        log.info("user=%s logged in by client=%s", account.practitioner, wanted.client)
        return code

    async def login(self, call: Call, form: Mapping[str, str]) -> Reply:
        """The way back to the app with a code, or the form again."""
        now = self._program.clock()
        try:
            wanted, client, mark = await self._sent(call, form, now)
        except Problem as problem:
            return refusal_page(problem.kind.status, problem.message)
        if form.get("cancel"):
            return sent_back(wanted.back(self._root, error="access_denied"))
        account, counter = await self._proved(form, now)
        if account is None or counter is None:
            return self._refused(wanted, client, mark, form)
        code, kept = self._code(wanted, account, now)
        admitted = self._program.store.change_staff(
            lambda staff: staff.admit(account, counter, kept, milliseconds(now))
        )
        if not await asyncio.wrap_future(admitted):
            return self._refused(wanted, client, mark, form)
        log.info("user=%s logged in by client=%s", account.practitioner, client.id)
        return sent_back(wanted.back(self._root, code=code))

    def _refused(self, wanted: Wanted, client: Client, mark: str, form: Mapping[str, str]) -> Reply:
        """The form again. The log has a digest of the name: people type their password there, too."""
        log.warning("log-in by client=%s refused: name digest %s", client.id, digest_of(form.get("name", ""))[:12])
        return self._form(wanted, client, mark, wrong=True)

    def _code(self, wanted: Wanted, account: Account, now: datetime) -> tuple[str, Code]:
        code, until = new_token(), milliseconds(now) + CODE_MS
        of = (wanted.client, wanted.redirect_uri, wanted.challenge, wanted.scope, account.practitioner)
        return code, Code(digest_of(code), *of, until)

    async def _wanted(self, pairs: list[tuple[str, str]]) -> tuple[Wanted | str, Client]:
        """What is asked, its scopes as they can be granted, or the address at which the app is told what is wrong.

        Problem(INVALID) for a client or an address that is not registered: nobody is sent there.
        """
        said = {name: value for name, value in pairs if value}
        if len({name for name, _ in pairs}) < len(pairs):
            raise Problem(Kind.INVALID, "a parameter is there twice")
        client = await self._app(said.get("client_id", ""))
        redirect_uri = said.get("redirect_uri", "")
        if not may_return(redirect_uri, client.redirect_uris):
            raise Problem(Kind.INVALID, "the app is not registered with this redirect_uri")
        wanted, wrong = read_wanted(client.id, redirect_uri, said, self._program.base_url)
        try:
            if wrong:
                raise wrong
            return self._granted(wanted, client), client
        except Problem as problem:
            error = {"error": problem.issues[0].code, "error_description": problem.message}
            return wanted.back(self._root, **error), client

    def _granted(self, wanted: Wanted, client: Client) -> Wanted:
        asked = " ".join(word for word in wanted.scope.split(" ") if word not in _BESIDES)
        scopes = granted(read(asked, self._known), parsed(client.scopes))
        if not scopes:
            why = "the app is registered for none of these scopes"
            raise Problem(Kind.INVALID, why, "scope", code="invalid_scope")
        return Wanted(wanted.client, wanted.redirect_uri, wanted.state, listed(scopes), wanted.challenge)

    async def _app(self, id: str) -> Client:
        """A registered app of the staff that may ask now."""
        now_ms = milliseconds(self._program.clock())

        def find() -> Client | None:
            with self._program.store.clients() as clients:
                return clients.named(id, now_ms)

        client = await self._desk.ask(find)
        if client is None or client.kind != ClientKind.STAFF or not client.stands:
            raise Problem(Kind.INVALID, "this app is not registered here, or may not ask now")
        return client

    async def _sent(self, call: Call, form: Mapping[str, str], now: datetime) -> tuple[Wanted, Client, str]:
        """What the form was made for; Problem(INVALID) for one that another page has sent, or that is too old."""
        said = {name: call.header(name.encode()) for name in ("origin", "sec-fetch-site")}
        if said["origin"] not in (None, origin_of(self._root)) or said["sec-fetch-site"] not in (None, "same-origin"):
            raise Problem(Kind.INVALID, "the form was not sent from this server's page")
        _, asked = self._opened(call, form.get("request", ""), _SEALED, 0, now)
        return asked, await self._app(asked.client), self._marked(call) or ""

    def _sealed(self, mark: str, purpose: str, more: list[str], wanted: Wanted) -> str:
        """What is asked, bound to a browser and for some minutes, as text that only this server reads."""
        until = milliseconds(self._program.clock()) + FORM_MS
        of = [wanted.client, wanted.redirect_uri, wanted.state, wanted.scope, wanted.challenge]
        return seal([digest_of(mark), until, *more, *of], self._program.secret, purpose)

    def _opened(self, call: Call, text: str, purpose: str, count: int, now: datetime) -> tuple[list[str], Wanted]:
        """What was sealed: so many words and what is asked; Problem(INVALID) for another browser's, or too old."""
        mark = self._marked(call)
        held, until_ms, *said = unseal(text, self._program.secret, purpose, "request")
        if not mark or held != digest_of(mark) or until_ms < milliseconds(now):
            raise Problem(Kind.INVALID, "this is too old, or cookies are refused: go back to the app and begin again")
        return said[:count], Wanted(*said[count:])

    async def _proved(self, form: Mapping[str, str], now: datetime) -> tuple[Account | None, int | None]:
        """Who has proved himself, and the count of his code; whatever is wrong takes the same work."""
        name, store = form.get("name", "").strip().lower()[:64], self._program.store
        may = await asyncio.wrap_future(store.change_staff(lambda staff: staff.attempt(name, milliseconds(now))))

        def look() -> tuple[Account | None, int | None]:
            with store.staff() as staff:
                account = staff.named(name)
            code = re.sub(r"\s", "", form.get("code", ""))
            good = factors.proves(form.get("password", ""), account.password if account else None)
            counter = factors.counter_of(code, account.totp if account else None, self._program.secret, now)
            return account if good and may and account and account.enabled else None, counter

        if self._waiting >= MOST_WAITING:
            raise Problem(Kind.BUSY, "many log in at this moment; try again")
        self._waiting += 1
        try:
            # One at a time: each takes a thread of those that answer searches for a tenth of a second.
            async with self._hashing:
                return await self._desk.ask(look)
        finally:
            self._waiting -= 1

    def _marked(self, call: Call) -> str | None:
        """What the cookie says; behind TLS only the one that came by it counts."""
        found = re.search(_COOKIE.format(self._cookie), call.hint(b"cookie") or "")
        return found[1] if found else None

    def _form(self, wanted: Wanted, client: Client, mark: str, *headers: Header, wrong: bool = False) -> Reply:
        request, action = self._sealed(mark, _SEALED, [], wanted), f"{self._root}{LOGIN}"
        page = login_page(client.name, self._program.name, action, request, wanted.redirect_uri, wrong=wrong)
        page.headers += headers
        return page

    def _mark(self, call: Call) -> tuple[str, Header]:
        """What ties a form to the browser that it was sent to; one that it has already stays, for a second window."""
        mark = self._marked(call) or secrets.token_urlsafe(24)
        more = "; Secure" if self._cookie.startswith("__Secure-") else ""
        path = f"/{self._root.partition('://')[2].partition('/')[2]}".rstrip("/") + AUTHORIZE.rpartition("/")[0]
        said = f"{self._cookie}={mark}; Path={path}; Max-Age={FORM_MS // 1000}; HttpOnly; SameSite=Lax{more}"
        return mark, (b"set-cookie", said.encode())


def _unreached(problem: Problem) -> Reply:
    log.warning("%s", problem.message)
    return refusal_page(503, "The identity provider cannot be reached now. Try again later.")
