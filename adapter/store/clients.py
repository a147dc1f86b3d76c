"""The clients of a program in its database: their keys and agreements, their tokens, and the assertions they used.

SMART Backend Services: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
"""

from __future__ import annotations

from typing import NamedTuple

from adapter.problems import Kind, Problem
from adapter.store.database import Database
from adapter.store.statements import statement

LOOKED_AT_MS = 3_600_000
"""How long a token that has ended is still known as such."""


class Client(NamedTuple):
    """A client as registered; `agreed` says that the agreement that its kind needs, if any, stands now.

    `redirect_uris` are the addresses to which an app of the staff may send people back, `endpoints` those at which a
    client may be told of what happens.
    """

    id: str
    kind: str
    organization: str
    name: str
    scopes: str
    purposes: str
    jwks: str | None
    jwks_uri: str | None
    enabled: bool
    made_ms: int
    agreed: bool
    redirect_uris: str | None = None
    endpoints: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it may ask at all."""
        return bool(self.enabled and self.agreed)


class Agreement(NamedTuple):
    """A contract with a client, from a time until before another, or without end. `reviewed` are the resource types
    beyond the minimum for payment that it lets a payer's reviewer be told, blanks between."""

    client: str
    kind: str
    agreement: str
    from_ms: int
    until_ms: int | None
    reviewed: str = ""


class Token(NamedTuple):
    """An access token, by its digest."""

    digest: str
    client: str
    scopes: str
    purpose: str
    person: str | None
    person_name: str | None
    issued_ms: int
    expires_ms: int


class Bearer(NamedTuple):
    """What a token says, whether its client and the person `stands` now, and the `roles` of that person; `changes_ms`
    is when that is next otherwise though nobody writes anything."""

    client: str
    scopes: str
    purpose: str
    person: str | None
    person_name: str | None
    issued_ms: int
    expires_ms: int
    kind: str
    organization: str
    stands: bool
    roles: str
    changes_ms: int | None


class Clients:
    """Questions and changes on one connection; whoever makes several changes wraps them in a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bearer(self, digest: str, now_ms: int) -> Bearer | None:
        """What the token of this digest says: one look-up, so what was ended a moment ago has ended."""
        row = self._database.execute(statement("bearer"), {"digest": digest, "now": now_ms}).fetchone()
        return Bearer(*row) if row else None

    def named(self, id: str, now_ms: int) -> Client | None:
        """The client of this id."""
        return next(iter(self._found(id, now_ms)), None)

    def listed(self, now_ms: int) -> list[Client]:
        """All clients, by id."""
        return self._found(None, now_ms)

    def _found(self, id: str | None, now_ms: int) -> list[Client]:
        return [Client(*row) for row in self._database.execute(statement("clients"), {"id": id, "now": now_ms})]

    def agreements(self, client: str) -> list[Agreement]:
        """The agreements with a client."""
        return [Agreement(*row) for row in self._database.execute(statement("agreements"), {"client": client})]

    def reviewed_by(self, organization: str, now_ms: int) -> frozenset[str]:
        """The resource types that contracts with a payer let its reviewer be told now."""
        rows = self._database.execute(statement("reviewed_by"), {"organization": organization, "now": now_ms})
        return frozenset(type for (said,) in rows for type in said.split())

    def add(self, client: Client) -> None:
        """Register a client, enabled; Problem(CONFLICT) when there is one of this id."""
        if not self._database.execute(statement("insert_client"), client._asdict()).rowcount:
            raise Problem(Kind.CONFLICT, f"there is a client {client.id} already")

    def add_or_keep(self, client: Client) -> None:
        """Register a client, unless there is one of this id."""
        self._database.execute(statement("insert_client"), client._asdict())

    def agree(self, agreement: Agreement) -> None:
        """Write down an agreement, or its new dates."""
        self._database.execute(statement("set_agreement"), agreement._asdict())

    def enable(self, id: str, enabled: bool) -> None:
        """Let a client ask, or not any more; a disabled one loses its tokens. Problem(NOT_FOUND) for an unknown one."""
        if not self._database.execute(statement("set_enabled"), {"id": id, "enabled": int(enabled)}).rowcount:
            raise Problem(Kind.NOT_FOUND, f"there is no client {id}")
        if not enabled:
            self.revoke(id)

    def set_keys(self, id: str, jwks: str | None, jwks_uri: str | None) -> None:
        """Replace what a client proves itself with."""
        self._database.execute(statement("set_keys"), {"id": id, "jwks": jwks, "jwks_uri": jwks_uri})

    def change(self, client: Client) -> None:
        """Write down what a client is registered for now, and end its tokens, which say what it was."""
        self._database.execute(statement("set_client"), client._asdict())
        self.revoke(client.id)

    def revoke(self, id: str) -> None:
        """End all tokens of a client."""
        self._database.execute(statement("revoke"), {"client": id})

    def issue(self, token: Token, jti: str, until_ms: int) -> bool:
        """Keep a token for an assertion; False, and nothing kept, when that assertion was used before.

        `until_ms` is when the assertion would be refused for its age: until then its `jti` is remembered.
        """
        used = {"client": token.client, "jti": jti, "until_ms": until_ms}
        if not self._database.execute(statement("insert_assertion"), used).rowcount:
            return False
        self._database.execute(statement("drop_assertions"), {"now": token.issued_ms})
        self._database.execute(statement("drop_access_tokens"), {"before": token.issued_ms - LOOKED_AT_MS})
        self._database.execute(statement("insert_access_token"), token._asdict())
        return True
