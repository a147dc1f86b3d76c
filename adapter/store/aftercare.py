"""Referrals out of the program that are sent to partners, in its database: which partner, when, what stayed behind."""

from __future__ import annotations

from typing import NamedTuple

from adapter.store.database import Database
from adapter.store.jobs import Jobs
from adapter.store.statements import statement

AFTERCARE, CHANGE = "aftercare", "aftercare-change"
"""The kinds of their jobs: to send one and ask where it stands, to tell what has changed since. The key is the id of
the Task."""


class Sending(NamedTuple):
    """A referral as it is sent by its `task` to a partner; `sent_ms` is None until it has been.

    `person` is what the partner's Task says that it is for; `unsent` are addresses of what no consent lets it see,
    `unheard` is what it says of the Task that could not be written here: lines.
    """

    task: str
    referral: str
    partner: str
    asked_ms: int
    sent_ms: int | None = None
    person: str | None = None
    unsent: str = ""
    unheard: str = ""


class Sendings:
    """Questions and changes on one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, task: str) -> Sending | None:
        """How the referral of a Task is sent; None for one that is not sent by this program itself."""
        row = self._database.execute(statement("aftercare"), {"task": task}).fetchone()
        return Sending(*row) if row else None

    def tell(self, id: str, now_ms: int) -> None:
        """Have the receivers of this referral, or of that of this Task, told of what has changed."""
        jobs = Jobs(self._database)
        for task, partner in self._database.execute(statement("aftercare_of"), {"id": id}).fetchall():
            jobs.ask(CHANGE, task, now_ms, lane=partner)

    def set(self, sending: Sending) -> None:
        """Write down how it stands; to which partner it goes stays as it was said first."""
        self._database.execute(statement("set_aftercare"), sending._asdict())
