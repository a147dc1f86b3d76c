"""What has happened by a change, for those who want to be told, and those who were sent it: rows in the commit of the
change, at every door.

A change is looked at once it is written, against the topics of its type; most types have none, and cost a look-up.
"""

from __future__ import annotations

from collections.abc import Iterable

from adapter.fhir.dates import Calendar, milliseconds
from adapter.interactions.draft import Entry
from adapter.interactions.program import Program
from adapter.store.aftercare import Sendings
from adapter.store.jobs import Jobs
from adapter.store.subscriptions import Subscriptions
from adapter.store.transaction import Transaction
from adapter.store.version import Version

_SENT = {"ServiceRequest": "aftercare_referral", "Task": "referral_task"}
"""What of a referral out of the program its receiver is told of."""
ENDING = "ending"
"""The kind of the jobs that look at an authorization some days before it ends; the key is its id."""
_DAY = 24 * 3_600_000


def tell(program: Program, transaction: Transaction, written: Iterable[tuple[Entry, Version]]) -> None:
    """Have everybody told of what these changes mean who has subscribed to it; who may see it is asked when it is
    sent."""
    topics = list(program.maps.topics.values())
    watched = {topic.resource for topic in topics}
    few = program.settings.authorization_units_left
    for entry, version in written:
        if entry.type in _SENT and (version.concept == _SENT[entry.type] or version.deleted or entry.moved):
            Sendings(transaction.database).tell(entry.id, milliseconds(program.clock()))
        if entry.type in watched:
            for topic in topics:
                if topic.resource != entry.type:
                    continue
                event = topic.happened(entry.before, entry.after, version.concept, few)
                if event is not None:
                    Subscriptions(transaction.database).tell(event, program.new_id(), version)
                if (end := topic.ends(entry.after, version.concept)) is not None:
                    Jobs(transaction.database).ask(ENDING, entry.id, time_to_tell(program, end))


def time_to_tell(program: Program, end: str) -> int:
    """When it is told that an authorization ends on a day, in ms since 1970."""
    last = Calendar(program.zone).interval(end)[1]
    return last - program.settings.authorization_days_left * _DAY
