"""The token endpoint's work: a form in, an access token out. RFC 6749 section 4.4, RFC 7523 section 2.2.

https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from adapter.callers import ClientKind, Purpose, Scope
from adapter.consent.predicate import nobody
from adapter.fhir.dates import milliseconds
from adapter.interactions.program import Program
from adapter.interactions.search import limits
from adapter.interactions.types import served
from adapter.problems import Kind, Problem, Unreadable
from adapter.remote.jwks import KeySets
from adapter.store.clients import Client, Token
from adapter.store.staff import Code
from adapter.web.desk import Desk
from adapter.web.smart.addresses import audiences
from adapter.web.smart.apps import answers
from adapter.web.smart.assertions import Assertion, Proof, check_claims, check_header, matching, opened, refused, verify
from adapter.web.smart.attempts import Attempts
from adapter.web.smart.bearer import digest_of, new_token
from adapter.web.smart.keys import Jwk, keys_of
from adapter.web.smart.scopes import granted, known, listed, parsed, read

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECONDS = 300
"""How long a token lasts: SMART wants no more."""
PERSON_SECONDS = 900
"""How long a person's does: whoever walks away from a screen is logged off, 45 CFR 164.312(a)(2)(iii)."""
PEOPLE = frozenset((ClientKind.STAFF, ClientKind.PRIVACY_OFFICER))

Form = Mapping[str, str]


class Grants:
    """Gives tokens to the clients of one program."""

    def __init__(self, program: Program, desk: Desk, key_sets: KeySets) -> None:
        self._program, self._desk, self._key_sets = program, desk, key_sets
        self._attempts = Attempts()
        self._audiences = audiences(program)
        self._known = known(served(program), program.store.index, limits(program, nobody()))

    async def grant(self, form: Form) -> dict[str, Any]:
        """The answer to a form: a token for what of its scopes the client may have.

        Problem(INVALID) for a form that asks for something else, or for nothing it may have; Problem(LOGIN) for a
        client that has not proved itself or may not ask now; Problem(THROTTLED) after too many of those.
        """
        if form.get("grant_type") == "authorization_code":
            return await self._exchanged(form)
        check_form(form)
        now = self._program.clock()
        assertion = opened(form["client_assertion"])
        self._attempts.check(assertion.issuer, now)
        try:
            client, proof = await self._proved(assertion, form, now)
        except Problem as problem:
            if problem.kind is Kind.LOGIN:
                self._attempts.failed(assertion.issuer, now)
            raise
        asked = read(form["scope"], self._known)
        scopes = granted(asked, parsed(client.scopes))
        if not scopes:
            why = "the client is registered for none of these scopes"
            raise Problem(Kind.INVALID, why, "scope", code="invalid_scope")
        return await self._issued(client, proof, scopes, _purpose(client, proof), now)

    async def _exchanged(self, form: Form) -> dict[str, Any]:
        """A token for the code that an app of the staff was given; it was somebody's, and is bound to the app, the
        address and the challenge that it was given for."""
        for name in ("code", "client_id", "redirect_uri", "code_verifier"):
            if not form.get(name):
                raise Problem(Kind.INVALID, f"{name} is not there", name, code="invalid_request")
        now_ms = milliseconds(self._program.clock())
        code, client = await self._desk.ask(partial(self._code, digest_of(form["code"]), now_ms))
        if code is None or client is None or code.expires_ms <= now_ms or not _is_for(code, form):
            raise _not_good()
        token = new_token()
        of = (code.scopes, client.purposes.split()[0], code.person, None, now_ms, now_ms + PERSON_SECONDS * 1000)
        kept = Token(digest_of(token), client.id, *of)
        if not await asyncio.wrap_future(self._program.store.change_staff(lambda staff: staff.exchange(code, kept))):
            raise _not_good()
        return {"access_token": token, "token_type": "bearer", "expires_in": PERSON_SECONDS, "scope": code.scopes}

    def _code(self, digest: str, now_ms: int) -> tuple[Code | None, Client | None]:
        """What is known of a code, and its app, if that may ask now."""
        with self._program.store.staff() as staff:
            code = staff.code(digest)
        with self._program.store.clients() as clients:
            client = clients.named(code.client, now_ms) if code else None
        return code, client if client and client.stands else None

    async def _proved(self, assertion: Assertion, form: Form, now: datetime) -> tuple[Client, Proof]:
        """The client that the assertion proves."""
        id, store = assertion.issuer, self._program.store

        def find() -> Client | None:
            with store.clients() as clients:
                return clients.named(id, milliseconds(now))

        client = await self._desk.ask(find)
        if client is None or not client.stands or form.get("client_id", id) != id:
            raise refused("the client is not registered here, or may not ask now")
        if client.kind in PEOPLE:
            why = "this kind of client acts for people: they log in, at the authorization endpoint"
            raise Problem(Kind.INVALID, why, "grant_type", code="unauthorized_client")
        check_header(assertion.header, client.jwks_uri)
        proof = check_claims(assertion.claims, id, self._audiences, now)
        keys = await self._keys(client, assertion.header)
        await self._desk.ask(partial(verify, assertion, keys))
        return client, proof

    async def _keys(self, client: Client, header: Mapping[str, Any]) -> list[Jwk]:
        """The keys that the header may mean: those that were registered, else those at the client's address."""
        try:
            held = matching(keys_of(client.jwks), header) if client.jwks else []
            if held or client.jwks_uri is None:
                return held

            def holds(body: bytes) -> bool:
                return bool(matching(keys_of(body), header))

            return matching(keys_of(await self._key_sets.fetch(client.jwks_uri, holds)), header)
        except Unreadable as why:
            raise refused(f"what is at the address of the client's keys {why}") from None
        except Problem as problem:
            raise refused(problem.message) from None

    async def _issued(
        self, client: Client, proof: Proof, scopes: tuple[Scope, ...], purpose: Purpose, now: datetime
    ) -> dict[str, Any]:
        token, said, now_ms = new_token(), listed(scopes), milliseconds(now)
        person, name = proof.person or (None, None)
        kept = Token(digest_of(token), client.id, said, purpose, person, name, now_ms, now_ms + SECONDS * 1000)
        issued = self._program.store.change_clients(lambda clients: clients.issue(kept, proof.jti, proof.until_ms))
        if not await asyncio.wrap_future(issued):
            raise refused("the assertion was used before")
        return {"access_token": token, "token_type": "bearer", "expires_in": SECONDS, "scope": said}


def _is_for(code: Code, form: Form) -> bool:
    same = (code.client, code.redirect_uri) == (form["client_id"], form["redirect_uri"])
    return same and answers(form["code_verifier"], code.challenge)


def _not_good() -> Problem:
    why = "the code is not known, was used, has ended, or was given for another app, address or code_verifier"
    return Problem(Kind.INVALID, why, "code", code="invalid_grant")


def check_form(form: Form) -> None:
    """Problem(INVALID) for a form that does not ask for a token as SMART Backend Services do."""
    wanted = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    for name in (*wanted, "client_assertion", "scope"):
        if not form.get(name):
            code = "invalid_scope" if name == "scope" else "invalid_request"
            raise Problem(Kind.INVALID, f"{name} is not there", name, code=code)
    for name, value in wanted.items():
        if form[name] != value:
            code = "unsupported_grant_type" if name == "grant_type" else "invalid_request"
            raise Problem(Kind.INVALID, f"{name} is not {value}", name, code=code)


def _purpose(client: Client, proof: Proof) -> Purpose:
    """What the client asks for: what its assertion says, else the first that it is registered for."""
    registered = client.purposes.split()
    said = proof.purposes or tuple(registered[:1])
    if len(said) != 1 or said[0] not in registered:
        why = "the assertion does not name one purpose of use that the client is registered for"
        raise Problem(Kind.INVALID, why, "client_assertion", code="invalid_grant")
    return Purpose(said[0])
