"""What staff are told of a subscription whose client cannot be told, and what its replay is.

It names no person: what an event is about, the client that is not reached hears when it is.
"""

from __future__ import annotations

from adapter.interactions.failing_jobs import Manner, Told
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.database import Database
from adapter.store.jobs import Job
from adapter.store.subscriptions import Subscriptions
from adapter.store.transaction import Transaction


def _told(program: Program, predicate: Predicate, database: Database, job: Job) -> Told | None:
    kept = Subscriptions(database)
    one = kept.named(job.key)
    if one is None:
        return None
    said = {"client": one.client, "topic": one.topic, "status": one.status}
    return Told({**said, "waiting": kept.number_waiting(one.id)})


def _renewed(transaction: Transaction, job: Job, now_ms: int) -> None:
    """One that was given up is active again; one that never had its handshake begins with that."""
    kept = Subscriptions(transaction.database)
    one = kept.named(job.key)
    if one and one.status == "error":
        kept.stand(one._replace(status="active" if one.shaken else "requested"), now_ms)


MANNER = Manner(_told, _renewed)
