"""The partners of a program in its database: where their servers are, and which of their records is which of ours."""

from __future__ import annotations

from typing import NamedTuple

from adapter.problems import Kind, Problem
from adapter.store.database import Database
from adapter.store.jobs import Jobs
from adapter.store.statements import statement

PULL, PUSH, FOLLOW = "pull", "push", "follow"
"""The kinds of its jobs. The key of one is the partner's name, with a slash and the patient's id for what is pushed.
Those that ask its server are in a lane of that name."""


class PartnerRow(NamedTuple):
    """A partner as registered; `client` and `key_file` are what this program is called there and proves itself with,
    none at a server that asks nobody. `hosts` may be reached beside that of `base`. It is pulled from `every_minutes`,
    and pushed what has changed here after the version `followed`; None: only when somebody asks."""

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
    every_minutes: int | None = None
    followed: int | None = None

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

    def enable(self, name: str, enabled: bool, now_ms: int) -> None:
        """Ask and send to a partner, or not any more; Problem(NOT_FOUND) for an unknown one. One that is enabled is
        asked and sent at once what it was not meanwhile."""
        if not self._database.execute(statement("enable_partner"), {"name": name, "enabled": int(enabled)}).rowcount:
            raise Problem(Kind.NOT_FOUND, f"there is no partner {name}")
        if enabled:
            Jobs(self._database).wake(name, now_ms)
            self._begin(self.named(name), now_ms)

    def keep_to(self, name: str, every_minutes: int | None, follows: bool, now_ms: int) -> None:
        """Pull from it so often, and push what changes here from now on; Problem(NOT_FOUND) for an unknown one."""
        row = self.named(name)
        newest: int = self._database.execute(statement("newest")).fetchone()[0]
        followed = (newest if row.followed is None else row.followed) if follows else None
        values = {"name": name, "every": every_minutes, "followed": followed}
        self._database.execute(statement("set_partner_habits"), values)
        self._begin(row._replace(every_minutes=every_minutes, followed=followed), now_ms)

    def move(self, name: str, base: str) -> None:
        """Ask it at another address from now on, which has the same records; Problem(NOT_FOUND) for an unknown one."""
        if not self._database.execute(statement("move_partner"), {"name": name, "base": base}).rowcount:
            raise Problem(Kind.NOT_FOUND, f"there is no partner {name}")

    def _begin(self, row: PartnerRow, now_ms: int) -> None:
        """Have it done what is done without being asked for, and nothing else of that."""
        if row.every_minutes is not None:
            self.pull(row.name, now_ms)
        if row.followed is not None:
            Jobs(self._database).ask(FOLLOW, row.name, now_ms)
        else:
            Jobs(self._database).rest(PUSH, row.name, now_ms)

    def pull(self, name: str, now_ms: int) -> None:
        """Have it pulled from."""
        Jobs(self._database).ask(PULL, name, now_ms, lane=name)

    def push(self, name: str, patient: str, now_ms: int) -> None:
        """Have it sent what the consent allows of a patient."""
        Jobs(self._database).ask(PUSH, f"{name}/{patient}", now_ms, lane=name)

    def changed(self, after: int, limit: int) -> list[tuple[int, list[str]]]:
        """The versions that were written after one, and whom they are about; of deletions that is not said."""
        rows = self._database.execute(statement("changed_after"), {"after": after, "limit": limit})
        return [(vid, patients.split()) for vid, patients in rows]

    def follow(self, name: str, after: int, until: int) -> bool:
        """What has changed after one version up to another is to be pushed, or nothing of it; False where the partner
        is not followed after that version any more."""
        values = {"name": name, "after": after, "followed": until}
        return bool(self._database.execute(statement("set_followed"), values).rowcount)

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
