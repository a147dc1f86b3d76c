"""The partners of a program in its database: where their servers are, and which of their records is which of ours."""

from __future__ import annotations

from typing import NamedTuple

from adapter.problems import Kind, Problem
from adapter.store.database import Database
from adapter.store.statements import statement


class PartnerRow(NamedTuple):
    """A partner as registered; `client` and `key_file` are what this program is called there and proves itself with,
    none at a server that asks nobody. `hosts` may be reached beside that of `base`."""

    name: str
    organization: str
    base: str
    client: str | None
    key_file: str | None
    scope: str
    quirks: str
    hosts: str
    enabled: bool
    made_ms: int

    @property
    def recipient(self) -> str:
        """Who it is in the ledger and as an author; no client can be called so."""
        return f"partner:{self.name}"


class Link(NamedTuple):
    """The record `type/remote` of a partner is ours of this `id`. `remote_version` and `version` are those that were
    last brought together (0: never); `theirs` says that it came from there, and is not sent back."""

    type: str
    remote: str
    id: str
    remote_version: str | None
    version: int
    theirs: bool


class Partners:
    """Questions and changes on one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def named(self, name: str) -> PartnerRow:
        """The partner of this name; Problem(NOT_FOUND) for an unknown one."""
        found = self._found(name)
        if not found:
            raise Problem(Kind.NOT_FOUND, f"there is no partner {name}")
        return found[0]

    def listed(self) -> list[PartnerRow]:
        """All partners, by name."""
        return self._found(None)

    def add(self, partner: PartnerRow) -> None:
        """Register a partner, enabled; Problem(CONFLICT) when there is one of this name."""
        if not self._database.execute(statement("insert_partner"), partner._asdict()).rowcount:
            raise Problem(Kind.CONFLICT, f"there is a partner {partner.name} already")

    def enable(self, name: str, enabled: bool) -> None:
        """Ask and send to a partner, or not any more; Problem(NOT_FOUND) for an unknown one."""
        if not self._database.execute(statement("enable_partner"), {"name": name, "enabled": int(enabled)}).rowcount:
            raise Problem(Kind.NOT_FOUND, f"there is no partner {name}")

    def _found(self, name: str | None) -> list[PartnerRow]:
        return [PartnerRow(*row) for row in self._database.execute(statement("partners"), {"name": name})]


class Links:
    """Which records of one partner are which of ours, and how far they were taken."""

    def __init__(self, database: Database, partner: str) -> None:
        self._database, self._partner = database, partner

    def of(self, type: str, remote: str) -> Link | None:
        """The link of a partner's record."""
        return self._one("partner_record", {"type": type, "remote": remote})

    def ours(self, type: str, id: str) -> Link | None:
        """The link of a record of ours."""
        return self._one("partner_record_ours", {"type": type, "id": id})

    def all(self, type: str) -> list[Link]:
        """Those of a type."""
        values = {"partner": self._partner, "type": type}
        return [Link(*row) for row in self._database.execute(statement("partner_records"), values)]

    def set(self, link: Link) -> None:
        """Write down a link, or what was brought together now."""
        values = {"partner": self._partner, **link._asdict(), "theirs": int(link.theirs)}
        self._database.execute(statement("set_partner_record"), values)

    def mark(self, type: str) -> str | None:
        """How far the records of a type were taken."""
        row = self._database.execute(statement("partner_mark"), {"partner": self._partner, "type": type}).fetchone()
        return str(row[0]) if row else None

    def set_mark(self, type: str, mark: str) -> None:
        """They were taken as far as that."""
        values = {"partner": self._partner, "type": type, "mark": mark}
        self._database.execute(statement("set_partner_mark"), values)

    def _one(self, name: str, values: dict[str, str]) -> Link | None:
        row = self._database.execute(statement(name), {"partner": self._partner, **values}).fetchone()
        return Link(*row) if row else None
