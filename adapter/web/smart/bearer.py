"""Who sends a request: the client, and of the staff the person, that a bearer token proves; one look-up. RFC 6750.

Tokens are random and kept by their digest, so one that was revoked, or whose client, agreement or account has ended, is
refused with the next request; what a person's roles are is asked anew with each. Where the database says that nobody
has written anything since, the last answer is that answer.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from math import inf
from typing import NamedTuple

from adapter.callers import Caller, ClientKind, Purpose
from adapter.fhir.dates import milliseconds
from adapter.problems import Kind, Problem
from adapter.store.clients import Bearer, Clients
from adapter.store.database import Database
from adapter.store.store import Store
from adapter.web.smart.scopes import parsed

TOKEN_BYTES = 32
OFFICER = "privacy-officer"
"""The role that makes somebody of the staff a client of that kind."""
_SHORT = 16
_KEPT = 4_096
"""Tokens of which the last answer is kept."""
_BEARER = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] ([A-Za-z0-9\-._~+/]{1,512}=*)")


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str | bytes) -> str:
    """What a token is kept by."""
    return sha256(token.encode() if isinstance(token, str) else token).hexdigest()


class _Answer(NamedTuple):
    """What was known of a token at a moment, by a connection that marked its database so."""

    held: Bearer
    database: Database
    mark: int
    at_ms: int

    def holds(self, database: Database, mark: int, now_ms: int) -> bool:
        """Whether asking again would say the same."""
        until = inf if self.held.changes_ms is None else self.held.changes_ms
        return self.database is database and self.mark == mark and self.at_ms <= now_ms < until


class Bearers:
    """The tokens that one program has given out."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._answers: dict[str, _Answer] = {}

    def caller_of(self, headers: Mapping[bytes, bytes], now: datetime) -> Caller:
        """The client that the headers prove; a repeated header is joined with commas.

        Problem(LOGIN): `login` where there is no bearer token, `security` for one that is unknown here, revoked, or
        whose client may not ask now, `expired` for one that has ended.
        """
        found = _BEARER.fullmatch(headers.get(b"authorization", b""))
        if not found:
            raise Problem(Kind.LOGIN, "send one access token of this server: Authorization: Bearer ...")
        digest, now_ms = digest_of(found[1]), milliseconds(now)
        held = self.held(digest, now_ms)
        if held is None or not held.stands:
            raise Problem(Kind.LOGIN, "the access token is not known here, or was revoked", code="security")
        if held.expires_ms <= now_ms:
            raise Problem(Kind.LOGIN, "the access token has expired", code="expired")
        return _caller(held, digest)

    def held(self, digest: str, now_ms: int) -> Bearer | None:
        """What is known of a token."""
        with self._store.asking() as database:
            # Before the question: what is committed between the two makes the answer newer than its mark.
            if (mark := database.mark()) is None:
                return Clients(database).bearer(digest, now_ms)
            last = self._answers.get(digest)
            if last is not None and last.holds(database, mark, now_ms):
                return last.held
            held = Clients(database).bearer(digest, now_ms)
            self._keep(digest, held and _Answer(held, database, mark, now_ms))
            return held

    def _keep(self, digest: str, answer: _Answer | None) -> None:
        """Of what nobody was given nothing is kept: whoever guesses would fill the room."""
        if answer is None:
            self._answers.pop(digest, None)
            return
        if len(self._answers) >= _KEPT:
            self._answers.clear()
        self._answers[digest] = answer


@lru_cache(4_096)
def _caller(held: Bearer, digest: str) -> Caller:
    """Who holds a token that says so."""
    roles = tuple(held.roles.split())
    return Caller(
        client=held.client,
        kind=_kind_of(held.kind, roles),
        organization=held.organization,
        purpose=Purpose(held.purpose),
        scopes=parsed(held.scopes),
        token=digest[:_SHORT],
        user=held.person,
        roles=roles,
        name=held.person_name,
    )


def _kind_of(registered: str, roles: tuple[str, ...]) -> ClientKind:
    """A privacy officer is one of the staff, whatever others call themselves."""
    kind = ClientKind(registered)
    return ClientKind.PRIVACY_OFFICER if kind is ClientKind.STAFF and OFFICER in roles else kind
