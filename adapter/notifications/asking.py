"""What a client asks of its subscriptions: how they stand, and what it has missed.

https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-status.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from adapter.callers import Caller
from adapter.consent.gate import release
from adapter.consent.security import high_water
from adapter.fhir.bundle import searchset
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation, Parameter
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.notifications.criteria import EMPTY, ID_ONLY
from adapter.notifications.notice import notification, status
from adapter.notifications.sight import Readers, seen
from adapter.notifications.subscribing import own
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.subscriptions import Delivery, Subscription, Subscriptions
from adapter.store.transaction import Transaction
from adapter.store.version import Version

_GUIDE = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription"
STATUS = Operation(
    "status",
    f"{_GUIDE}-status",
    "How subscriptions stand",
    (
        Parameter("id", "string", "Of all subscriptions, those with these ids.", many=True),
        Parameter("status", "code", "Of all subscriptions, those with these statuses.", many=True),
    ),
    (Parameter("return", "Bundle", "A searchset of Parameters.", required=True),),
    clients=True,
)
EVENTS = Operation(
    "events",
    f"{_GUIDE}-events",
    "Events of a subscription",
    (
        Parameter("eventsSinceNumber", "string", "The first number; else all that are kept."),
        Parameter("eventsUntilNumber", "string", "The last number; else up to the newest."),
        Parameter("content", "code", "empty or id-only; else as the subscription says."),
    ),
    (Parameter("return", "Bundle", "A notification of the type query-event.", required=True),),
    clients=True,
)
_LAST = 1 << 62


class Told(NamedTuple):
    """Events that a client is told now, and the versions by which it may be."""

    subscription: Subscription
    events: list[Delivery]
    shown: list[Version]


def stand(program: Program, predicate: Predicate, caller: Caller, id: str | None, given: Inputs) -> Answer:
    """200 with how one stands, or all of a client's; Problem(NOT_FOUND) for one that is not its own."""
    if id is not None:
        if given.said:
            raise Problem(Kind.INVALID, "of one subscription nothing more is asked", next(iter(given.said)))
        found = [own(program, caller, id)]
    else:
        with program.store.asking() as database:
            found = Subscriptions(database).listed(caller.client, None, "", program.settings.page_limit)
        ids, statuses = given.all("id"), given.all("status")
        found = [one for one in found if (not ids or one.id in ids) and (not statuses or one.status in statuses)]
    made = [(f"{program.link('Subscription', one.id)}/$status", one) for one in found]
    entries = [(url, dump(status(program, one, "query-status"))) for url, one in made]
    labels = high_water(predicate, program.settings.posture)
    body = searchset(entries, [("self", f"{program.base_url}/Subscription/$status")], len(entries), security=labels)
    return Answer(200, release(predicate, body, ()))


async def missed(
    program: Program, predicate: Predicate, readers: Readers, caller: Caller, id: str, given: Inputs
) -> Answer:
    """200 with the events of these numbers that the client may see now; so many at most as go on a page.

    What waits to be sent is numbered first, by what the subscription may be told whatever this token sees: whoever asks
    because its endpoint was down hears of that too.
    """
    since, until = _number(given, "eventsSinceNumber", 1), _number(given, "eventsUntilNumber", _LAST)
    content = given.one("content")
    if content not in (None, EMPTY, ID_ONLY):
        raise Problem(Kind.INVALID, f"content is {EMPTY} or {ID_ONLY}", "content", code="not-supported")
    one = await asyncio.to_thread(own, program, caller, id)
    if one.client != caller.client:
        raise Problem(Kind.FORBIDDEN, "what a client is told of is for that client")
    told = await _told(program, predicate, readers, one, (since, until))
    now_ms, message = milliseconds(program.clock()), program.new_id()
    made = notification(
        *(program, predicate, told.subscription, told.events, told.shown),
        id=message,
        now_ms=now_ms,
        type="query-event",
        content=content,
    )
    return Answer(200, made)


async def _told(
    program: Program, predicate: Predicate, readers: Readers, one: Subscription, numbers: tuple[int, int]
) -> Told:
    limit = program.settings.page_limit
    known = await asyncio.to_thread(_known, program, readers, one, limit)

    def work(transaction: Transaction) -> tuple[Subscription | None, list[Delivery]]:
        kept = Subscriptions(transaction.database)
        kept.number(one.id, known, limit)
        found = kept.numbered(one.id, *numbers, limit)
        kept.told(one.id, found)
        return kept.named(one.id), found

    current, found = await asyncio.wrap_future(program.store.write(work))
    versions = await asyncio.to_thread(seen, program, predicate, found)
    events = [event for event in found if event.n in versions]
    return Told(current or one, events, [version for event in events for version in versions[event.n]])


def _known(program: Program, readers: Readers, one: Subscription, limit: int) -> Mapping[int, bool]:
    """Of what waits to be told, whether it may be."""
    reader = readers(one, milliseconds(program.clock()), program.maps.topics[one.topic].resource)
    if reader is None:
        return {}
    with program.store.asking() as database:
        waiting = Subscriptions(database).waiting(one.id, limit)
    versions = seen(program, reader.predicate, waiting)
    return {event.n: event.n in versions for event in waiting}


def _number(given: Inputs, name: str, default: int) -> int:
    said = given.one(name)
    if said is None:
        return default
    if not said.isascii() or not said.isdecimal() or len(said) > 18:
        raise Problem(Kind.INVALID, f"{name} is the number of an event", name, code="value")
    return int(said)
