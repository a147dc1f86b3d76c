"""What somebody outside sent with referrals: which records, and which referral was sent before.

42 CFR 2.13(c): whoever sent them sees these, and none of the program's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from adapter.released import Predicate
from adapter.store.database import Database
from adapter.store.statements import narrowed, statement
from adapter.store.transaction import Transaction
from adapter.store.version import Version


class Submission(NamedTuple):
    """A referral that was sent: `called` is what its sender calls it, `digest` that of what was sent, `records` are the
    addresses (`Type/id`) of what was made of its parts, in their order, "" for one of which no record was made."""

    organization: str
    called: str
    digest: str
    referral: str
    task: str
    records: tuple[str, ...]


def submitted(database: Database, organization: str, called: str) -> Submission | None:
    """What was made of a referral of this sender; None where it was not sent before."""
    row = database.execute(statement("submission"), (organization, called)).fetchone()
    if row is None:
        return None
    organization, called, digest, referral, task, records = row
    return Submission(organization, called, digest, referral, task, tuple(orjson.loads(records)))


def submit(database: Database, sent: Submission, at_ms: int) -> None:
    """Note that a referral was sent, and that all its records came with it, for intake alone as yet."""
    said = (*sent[:-1], orjson.dumps(sent.records).decode(), at_ms)
    database.execute(statement("insert_submission"), said)
    rows = [(*record.split("/"), sent.organization, sent.task, 1) for record in sent.records if record]
    database.executemany(statement("insert_sent"), rows)


def taken_over(database: Database, task: str, types: Iterable[str]) -> int:
    """Let what came with a referral be the program's, save records of these types; how many were for intake alone."""
    values = {"task": task, "kept": f" {' '.join(sorted(types))} "}
    return database.execute(statement("take_over"), values).rowcount


def staged_with(database: Database, type: str, id: str) -> str | None:
    """The Task with which a record came that is for intake alone; None for any other."""
    row = database.execute(statement("staged_with"), (type, id)).fetchone()
    return row[0] if row else None


def was_sent(database: Database, type: str, id: str) -> bool:
    """Whether a record came with a referral."""
    return sender_of(database, type, id) is not None


def not_sent(database: Database, versions: Sequence[Version]) -> list[Version]:
    """Those of some versions whose records did not come with a referral."""
    records = orjson.dumps([f"{one.type}/{one.id}" for one in versions]).decode()
    sent = set(database.execute(statement("sent_among"), {"records": records}).fetchall()) if versions else set()
    return [one for one in versions if (one.type, one.id) not in sent]


def fulfils(transaction: Transaction, predicate: Predicate, version: Version) -> bool:
    """Whether a version that is current in a transaction fulfils a predicate."""
    values = {**predicate.parameters, "vid": version.vid}
    return transaction.database.execute(narrowed("fulfils", predicate), values).fetchone() is not None


def last_live(database: Database, type: str, id: str) -> Version | None:
    """A record as it was last, though it is deleted now; None for one that never was."""
    row = database.execute(statement("last_live"), (type, id)).fetchone()
    return Version(*row) if row else None


def sender_of(database: Database, type: str, id: str) -> tuple[str, str] | None:
    """The organization that sent a record, and the Task of the referral that it came with; None for any other."""
    row = database.execute(statement("sender_of"), (type, id)).fetchone()
    return (row[0], row[1]) if row else None


def records_of(database: Database, task: str) -> list[tuple[str, str]]:
    """(type, id) of all that came with a referral."""
    return [(type, id) for type, id in database.execute(statement("sent_with"), (task,))]
