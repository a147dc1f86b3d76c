"""Who of the staff may log in: accounts, attempts that failed, and the codes that their apps exchange for tokens.

OAuth 2.0: https://www.rfc-editor.org/rfc/rfc6749#section-4.1
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from adapter.problems import Kind, Problem
from adapter.store.clients import LOOKED_AT_MS, Token
from adapter.store.database import Database
from adapter.store.statements import statement

FAILURES, LOCKED_MS = 5, 300_000
"""Attempts that may fail, and how long a name is locked after them."""
_FORGOTTEN_MS = 3_600_000
"""After how long without an attempt the failures of a name are forgotten."""


class Account(NamedTuple):
    """Somebody of the staff; `password` is a hash, `totp` sealed, `counter` that of the last one-time code accepted."""

    name: str
    practitioner: str
    roles: str
    password: str | None
    totp: str | None
    counter: int
    issuer: str | None
    subject: str | None
    enabled: bool
    made_ms: int


class Code(NamedTuple):
    """An authorization code, by its digest; `token` is the digest of what it was exchanged for."""

    digest: str
    client: str
    redirect_uri: str
    challenge: str
    scopes: str
    person: str
    expires_ms: int
    token: str | None = None


class Staff:
    """Questions and changes on one connection; whoever makes several changes wraps them in a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def named(self, name: str) -> Account | None:
        """The account of this name."""
        return next(iter(self._found(name)), None)

    def listed(self) -> list[Account]:
        """All accounts, by name."""
        return self._found(None)

    def known_as(self, issuer: str, subject: str) -> Account | None:
        """The account that an outside issuer proves."""
        values = {"issuer": issuer, "subject": subject}
        row = self._database.execute(statement("staff_of_subject"), values).fetchone()
        return Account(*row) if row else None

    def _found(self, name: str | None) -> list[Account]:
        return [Account(*row) for row in self._database.execute(statement("staff"), {"name": name})]

    def add(self, account: Account) -> None:
        """Open an account; Problem(CONFLICT) when its name, Practitioner or outside subject has one."""
        if not self._database.execute(statement("insert_staff"), account._asdict()).rowcount:
            why = f"there is an account of this name, Practitioner or outside subject already: {account.name}"
            raise Problem(Kind.CONFLICT, why)

    def enable(self, account: Account, enabled: bool) -> None:
        """Let somebody log in, or not any more; then his tokens end too."""
        values = {"name": account.name, "enabled": int(enabled)}
        self._database.execute(statement("set_staff_enabled"), values)
        if not enabled:
            self.log_out(account)

    def set_roles(self, name: str, roles: str) -> None:
        """What somebody is in the program from now on, his tokens included."""
        self._database.execute(statement("set_staff_roles"), {"name": name, "roles": roles})

    def set_proof(self, account: Account) -> None:
        """Replace what somebody proves himself with; his tokens end, and the name is not locked any more."""
        self._database.execute(statement("set_staff_proof"), account._asdict())
        self._database.execute(statement("drop_attempt"), {"name": _digest(account.name)})
        self.log_out(account)

    def log_out(self, account: Account) -> None:
        """End all tokens and codes of somebody."""
        for name in ("revoke_person", "drop_codes_of"):
            self._database.execute(statement(name), {"person": account.practitioner})

    def attempt(self, name: str, now_ms: int) -> bool:
        """Whether somebody may try to log in under a name, known or not; the attempt counts as failed until `admit`."""
        values = {"name": _digest(name), "now": now_ms, "until": now_ms + LOCKED_MS, "most": FAILURES}
        claimed = self._database.execute(statement("claim_attempt"), values).rowcount > 0
        self._database.execute(statement("drop_attempts"), {"before": now_ms - _FORGOTTEN_MS})
        return claimed

    def admit(self, account: Account, counter: int, code: Code, now_ms: int) -> bool:
        """Keep a code for somebody who proved himself by a one-time code of this counter.

        False, and nothing kept, when that or a later one was used before, or the account has been disabled meanwhile.
        """
        values = {"name": account.name, "counter": counter}
        if not self._database.execute(statement("use_counter"), values).rowcount:
            return False
        self._database.execute(statement("drop_attempt"), {"name": _digest(account.name)})
        self.keep(code, now_ms)
        return True

    def keep(self, code: Code, now_ms: int) -> None:
        """Keep a code."""
        self._database.execute(statement("drop_codes"), {"before": now_ms - LOOKED_AT_MS})
        self._database.execute(statement("insert_code"), code._asdict())

    def code(self, digest: str) -> Code | None:
        """What is known of a code."""
        row = self._database.execute(statement("code"), {"digest": digest}).fetchone()
        return Code(*row) if row else None

    def exchange(self, code: Code, token: Token) -> bool:
        """Give a token for a code, once; False when it was exchanged before: then that token ends too.

        Who has a code that was used may have got it as a thief, or from one: RFC 6749, section 4.1.2.
        """
        values = {"digest": code.digest, "token": token.digest}
        if not self._database.execute(statement("spend_code"), values).rowcount:
            held = self.code(code.digest)
            self.revoke(held.token if held and held.token else "")
            return False
        self._database.execute(statement("drop_access_tokens"), {"before": token.issued_ms - LOOKED_AT_MS})
        self._database.execute(statement("insert_access_token"), token._asdict())
        return True

    def revoke(self, digest: str) -> None:
        """End a token."""
        self._database.execute(statement("revoke_token"), {"digest": digest})


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()
