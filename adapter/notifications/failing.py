"""What could not be told, for the program's staff: whose endpoint, since when, why; and to try it again.

It names no person: what an event is about, the client that is not reached hears when it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from adapter.consent.gate import release
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem, named
from adapter.released import Predicate
from adapter.rules import END
from adapter.store.jobs import Jobs
from adapter.store.subscriptions import NOTIFY, Failing, Subscriptions
from adapter.store.transaction import Transaction

KNOWN = ("after", "limit")


def deliveries(program: Program, predicate: Predicate, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with the subscriptions whose clients cannot be told, by id; behind the id `after`, so many (`limit`)."""
    for name, _ in pairs:
        if name not in KNOWN:
            why = f"unknown parameter {named(name)}; known are {', '.join(KNOWN)}"
            raise Problem(Kind.INVALID, why, named(name), code="not-supported")
    said = dict(pairs)
    limit = said.get("limit", str(program.settings.page_size))
    if not limit.isascii() or not limit.isdigit() or len(limit) > 9 or not int(limit):
        raise Problem(Kind.INVALID, "limit is a whole number from 1", "limit", code="value")
    count = min(int(limit), program.settings.page_limit)
    with program.store.asking() as database:
        found = Subscriptions(database).failing(said.get("after", ""), count + 1)
    body: dict[str, Any] = {"items": list(map(_item, found[:count]))}
    if len(found) > count:
        address = f"{program.base_url.removesuffix('/fhir')}/iop/deliveries"
        body["next"] = program.page_link(address, [("after", found[count - 1].id), ("limit", limit)])
    return Answer(200, release(predicate, dump(body), ()))


def _item(one: Failing) -> dict[str, Any]:
    tried = {"next_attempt_at": instant_of(one.next_ms)} if one.next_ms < END else {}
    return {
        "subscription": one.id,
        "client": one.client,
        "topic": one.topic,
        "status": one.status,
        "waiting": one.waiting,
        "failing_since": instant_of(one.failing_ms),
        "reason": one.failure,
        "attempts": one.attempts,
        **tried,
    }


async def replay(program: Program, predicate: Predicate, id: str) -> Answer:
    """202: all that one subscription was still to be told is tried now; Problem(NOT_FOUND) for one that does not fail.

    One that was given up is active again; one that never had its handshake begins with that.
    """
    now_ms = milliseconds(program.clock())

    def work(transaction: Transaction) -> Failing:
        kept = Subscriptions(transaction.database)
        one, failing = kept.named(id), next((f for f in kept.failing("", 1 << 30) if f.id == id), None)
        if one is None or failing is None:
            raise Problem(Kind.NOT_FOUND, "no subscription of this id fails to be told")
        status = one.status if one.status != "error" else "active" if one.shaken else "requested"
        kept.stand(one._replace(status=status, failing_ms=now_ms), now_ms)
        Jobs(transaction.database).renew(NOTIFY, id, now_ms)
        return failing._replace(status=status, attempts=0, next_ms=now_ms)

    failing = await asyncio.wrap_future(program.store.write(work))
    return Answer(202, release(predicate, dump(_item(failing)), ()))
