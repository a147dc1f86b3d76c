"""Who wants to be told of what, and what each is still to be told: rows in the transaction of what happened.

Kept apart from the records: a subscription is about its client, and no other client has it.
https://hl7.org/fhir/R4/subscription.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import orjson

from adapter.mapping.topics import Event
from adapter.store.database import Database
from adapter.store.jobs import Jobs
from adapter.store.statements import statement
from adapter.store.version import Version

NOTIFY = "notify"
"""The kind of the jobs that tell them; the key is the id of the subscription, which keeps its events in order."""

_ALL = 1 << 30


class Subscription(NamedTuple):
    """One as it stands; the columns of its table say what each is."""

    id: str
    client: str
    scopes: str
    purpose: str
    person: str | None
    topic: str
    patient: str | None
    episode: str | None
    referral: str | None
    endpoint: str
    content: str
    heartbeat_ms: int | None
    timeout_ms: int
    most: int
    end_ms: int
    body: str
    made_ms: int
    status: str = "requested"
    version: int = 1
    updated_ms: int = 0
    numbered: int = 0
    told_ms: int = 0
    failure: str | None = None

    @property
    def shaken(self) -> bool:
        """Whether its handshake was answered once."""
        return self.told_ms > self.made_ms


class Delivery(NamedTuple):
    """An event for one subscription: the version `n` of a record, at the logical time `t`; `event` is its stable id.

    `number` is None while it is not known that the client may see it; `told` says that it has been told when it asked.
    """

    n: int
    event: str
    type: str
    id: str
    t: int
    at_ms: int
    number: int | None
    told: int


class Subscriptions:
    """Questions and changes on one connection, within the transaction of what they go with. Times are ms since 1970."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, made: Subscription) -> None:
        """Keep a new one; the handshake is due at once."""
        self._database.execute(statement("insert_subscription"), made._asdict())
        Jobs(self._database).ask(NOTIFY, made.id, made.made_ms)

    def named(self, id: str) -> Subscription | None:
        """The one of this id."""
        row = self._database.execute(statement("subscription"), {"id": id}).fetchone()
        return Subscription(*row) if row else None

    def listed(self, client: str | None, status: str | None, after: str, limit: int) -> list[Subscription]:
        """Those of a client (None: of all), with a status (None: any), behind an id."""
        values = {"client": client, "status": status, "after": after, "limit": limit}
        return [Subscription(*row) for row in self._database.execute(statement("subscriptions"), values)]

    def endpoints(self, id: str) -> str | None:
        """Where a client may be told anything: addresses with blanks between."""
        row = self._database.execute(statement("endpoints_of"), (id,)).fetchone()
        return row[0] if row else None

    def drop(self, id: str) -> None:
        """Forget one, with what it was still to be told."""
        self._database.execute(statement("drop_deliveries"), (id,))
        self._database.execute(statement("drop_subscription"), (id,))
        Jobs(self._database).drop(NOTIFY, id)

    def stand(self, one: Subscription, now_ms: int) -> None:
        """Write down how it stands: its status, when it was told, what fails."""
        values = {"id": one.id, "status": one.status, "told": one.told_ms, "failure": one.failure, "now": now_ms}
        self._database.execute(statement("set_subscription"), values)

    def tell(self, event: Event, id: str, version: Version) -> None:
        """Have everybody told of an event who wants to be; `id` is its own."""
        about = {name: orjson.dumps(getattr(event, name)).decode() for name in ("patient", "episode", "referral")}
        values = {"n": version.vid, "event": id, "type": version.type, "id": version.id, "t": version.t}
        values |= {"at": version.updated_ms, "topic": event.topic, **about}
        if self._database.execute(statement("insert_deliveries"), values).rowcount:
            asked = {"kind": NOTIFY, "n": version.vid, "now": version.updated_ms}
            self._database.execute(statement("ask_deliveries"), asked)

    def tell_client(self, topic: str, client: str, event: Delivery) -> None:
        """Have a client told of what is no record, by each subscription of its own to a topic; `n` is not heard."""
        said = {"event": event.event, "type": event.type, "id": event.id, "t": event.t, "at": event.at_ms}
        for one in self.listed(client, None, "", _ALL):
            if one.topic == topic and one.status in ("active", "error") and one.end_ms > event.at_ms:
                self._database.execute(statement("insert_delivery"), {**said, "subscription": one.id})
                Jobs(self._database).ask(NOTIFY, one.id, event.at_ms)

    def waiting(self, id: str, limit: int) -> list[Delivery]:
        """What it is still to be told, in order."""
        values = {"subscription": id, "limit": limit}
        return [Delivery(*row) for row in self._database.execute(statement("deliveries_waiting"), values)]

    def number_waiting(self, id: str) -> int:
        """How many events it is still to be told."""
        row = self._database.execute(statement("deliveries_number"), {"subscription": id}).fetchone()
        return int(row[0]) if row else 0

    def numbered(self, id: str, since: int, until: int, limit: int) -> list[Delivery]:
        """The events with these numbers, as far as they are kept."""
        values = {"subscription": id, "since": since, "until": until, "limit": limit}
        return [Delivery(*row) for row in self._database.execute(statement("deliveries_numbered"), values)]

    def number(self, id: str, seen: Mapping[int, bool], limit: int) -> list[Delivery]:
        """Number what waits, of which it is known whether the client may see it, up to the first of which it is not.

        What may not be seen is forgotten, and takes no number: numbers without gaps tell of nothing that is hidden.
        """
        done: list[Delivery] = []
        for one in self.waiting(id, limit):
            if one.n not in seen:
                break
            if not seen[one.n]:
                self._database.execute(statement("drop_delivery"), (id, one.n))
            else:
                done.append(one if one.number is not None else self._next(id, one))
        return done

    def _next(self, id: str, one: Delivery) -> Delivery:
        self._database.execute(statement("number_next"), (id,))
        subscription = self.named(id)
        number = subscription.numbered if subscription else 0
        self._database.execute(statement("number_delivery"), {"subscription": id, "n": one.n, "number": number})
        return one._replace(number=number)

    def take_back(self, id: str, unsaid: Sequence[Delivery]) -> None:
        """Take the numbers back of events of which nothing was sent, if nothing with a later one was told."""
        for one in sorted(unsaid, reverse=True):
            given = {"id": id, "number": one.number}
            if one.told or not self._database.execute(statement("number_back"), given).rowcount:
                return
            self._database.execute(statement("number_delivery"), {"subscription": id, "n": one.n, "number": None})

    def sent(self, id: str, those: Collection[Delivery]) -> None:
        """They have arrived."""
        for one in those:
            self._database.execute(statement("delivery_sent"), (id, one.n))

    def told(self, id: str, those: Collection[Delivery]) -> None:
        """They are told by another way, and keep their numbers."""
        for one in those:
            self._database.execute(statement("delivery_told"), (id, one.n))

    def forget(self, id: str, before_ms: int) -> None:
        """Forget some of what has arrived and happened before then."""
        self._database.execute(statement("drop_old_deliveries"), {"subscription": id, "before": before_ms})
