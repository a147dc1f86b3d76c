"""Subscriptions of a client: made, read, searched and ended; those of others are not there.

https://hl7.org/fhir/R4/subscription.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from adapter.callers import EMERGENCIES, Caller, ClientKind
from adapter.consent.gate import release
from adapter.consent.security import high_water
from adapter.fhir.bundle import searchset
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump, parse
from adapter.fhir.page_links import seal, unseal
from adapter.fhir.parameters import PAGE
from adapter.interactions.admission import refused
from adapter.interactions.answer import Answer, etag
from adapter.interactions.doors import received
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs, address
from adapter.notifications.criteria import asked, topic_of
from adapter.problems import Kind, Problem, named
from adapter.released import Predicate
from adapter.remote.webhooks import secret_of
from adapter.store.subscriptions import Subscription, Subscriptions
from adapter.store.transaction import Transaction

Resource = dict[str, Any]
MOST = 1_000
"""Subscriptions of one client."""
PARAMETERS = {"_id": "token", "status": "token"}
"""What they are searched by."""
SECRET = "Webhook-Secret"
"""The line of `channel.header` that tells a client by what its notifications are signed."""
_STATUSES = ("requested", "active", "error", "off")


async def subscribe(
    program: Program, predicate: Predicate, caller: Caller, scopes: str, body: bytes, check: Callable[[list[str]], None]
) -> Answer:
    """201; Problem(FORBIDDEN) for a topic or in an emergency, whoever it is about, Problem(UNPROCESSABLE) for an
    endpoint that is not registered for the client and whatever else is not heard.

    `scopes` are those of its token: by these it will see what it is told of; `check` refuses types that they do not
    cover.
    """
    if caller.purpose in EMERGENCIES:
        raise Problem(Kind.FORBIDDEN, "in an emergency one looks; nobody is told of what happens later")
    resource = received(program, body, "Subscription")
    if issues := program.door.check(resource):
        raise refused(issues)
    topic, now = topic_of(program, caller.kind, resource), program.clock()
    if topic.resource:
        check([topic.resource])
    said = asked(program, topic, resource, now)
    id, by = program.new_id(), (caller.client, scopes, caller.purpose.value, caller.user)
    text = dump({name: value for name, value in resource.items() if name != "id"}).decode()
    made = Subscription(id, *by, topic.name, **said, body=text, made_ms=milliseconds(now))
    await asyncio.wrap_future(program.store.write(lambda transaction: _add(transaction, made)))
    made = made._replace(updated_ms=made.made_ms)
    told = release(predicate, dump(shown(program, made, secret=True)), ())
    return Answer(201, told, etag(1), made.made_ms, program.link("Subscription", id))


def _add(transaction: Transaction, made: Subscription) -> None:
    kept = Subscriptions(transaction.database)
    if made.endpoint not in (kept.endpoints(made.client) or "").split():
        why = "this address is not registered for the client; who runs the program does that: client change --endpoint"
        raise Problem(Kind.UNPROCESSABLE, why, "Subscription.channel.endpoint", code="value")
    if len(kept.listed(made.client, None, "", MOST)) >= MOST:
        raise Problem(Kind.UNPROCESSABLE, f"a client has {MOST} subscriptions at most", code="too-costly")
    kept.add(made)


def shown(program: Program, one: Subscription, *, secret: bool = False) -> Resource:
    """A subscription as it stands, with the secret for its own client."""
    said: Resource = parse(one.body.encode())
    meta = {**said.get("meta", {}), "versionId": str(one.version), "lastUpdated": instant_of(one.updated_ms)}
    made = {"resourceType": "Subscription", "id": one.id, "meta": meta, **said}
    made |= {"meta": meta, "status": one.status, "channel": dict(said["channel"])}
    if one.failure:
        made["error"] = one.failure
    if secret:
        made["channel"]["header"] = [f"{SECRET}: {secret_of(program.secret, one.id)}"]
    return made


def own(program: Program, caller: Caller, id: str) -> Subscription:
    """A subscription of this client, or of anybody for a privacy officer; Problem(NOT_FOUND) for any other id."""
    with program.store.asking() as database:
        found = Subscriptions(database).named(id)
    if found is None or (found.client != caller.client and caller.kind is not ClientKind.PRIVACY_OFFICER):
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    return found


def read_subscription(program: Program, predicate: Predicate, caller: Caller, id: str) -> Answer:
    """200 with it as it stands."""
    one = own(program, caller, id)
    text = dump(shown(program, one, secret=one.client == caller.client))
    return Answer(200, release(predicate, text, ()), etag(one.version), one.updated_ms)


def search_subscriptions(program: Program, predicate: Predicate, caller: Caller, pairs: Pairs) -> Answer:
    """200 with a page of them, by id; without their secrets."""
    said = _said(pairs)
    count, after = _page(program, predicate, said)
    with program.store.asking() as database:
        kept = Subscriptions(database)
        found = kept.listed(_whose(caller), said.get("status"), after, count + 1)
        if "_id" in said:
            one = kept.named(said["_id"])
            found = [f for f in ([one] if one else []) if f.client == caller.client or _whose(caller) is None]
            found = [f for f in found if said.get("status") in (None, f.status) and f.id > after]
    links = [("self", address(program, "Subscription", pairs))]
    if len(found) > count:
        token = seal([found[count - 1].id], program.link_key(predicate), _purpose(said))
        more = [pair for pair in pairs if pair[0] != PAGE]
        links.append(("next", program.page_link(f"{program.base_url}/Subscription", [*more, (PAGE, token)])))
    entries = [(program.link("Subscription", one.id), dump(shown(program, one))) for one in found[:count]]
    body = searchset(entries, links, None, security=high_water(predicate, program.settings.posture))
    return Answer(200, release(predicate, body, ()))


def _whose(caller: Caller) -> str | None:
    return None if caller.kind is ClientKind.PRIVACY_OFFICER else caller.client


def _said(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    said: dict[str, str] = {}
    for name, value in pairs:
        if name not in (*PARAMETERS, "_count", PAGE) or name in said:
            why = f"Subscriptions are searched by {' and '.join(PARAMETERS)}, each once"
            raise Problem(Kind.INVALID, why, named(name), code="not-supported")
        said[name] = value
    if (status := said.get("status")) is not None:
        system, _, code = status.rpartition("|")
        if code not in _STATUSES or system not in ("", "http://hl7.org/fhir/subscription-status"):
            raise Problem(Kind.INVALID, f"status is one of {', '.join(_STATUSES)}", "status", code="value")
        said["status"] = code
    return said


def _page(program: Program, predicate: Predicate, said: dict[str, str]) -> tuple[int, str]:
    """How many on a page, and behind which id it begins."""
    settings, count = program.settings, said.get("_count", str(program.settings.page_size))
    if not count.isascii() or not count.isdecimal() or not 0 < len(count) < 10 or int(count) == 0:
        raise Problem(Kind.INVALID, "_count is 1 or more", "_count", code="value")
    after = unseal(said[PAGE], program.link_key(predicate), _purpose(said))[0] if PAGE in said else ""
    return min(int(count), settings.page_limit), str(after)


def _purpose(said: dict[str, str]) -> str:
    return f"subscriptions {said.get('status')} {said.get('_id')}"


async def unsubscribe(program: Program, caller: Caller, id: str, if_match: int | None) -> Answer:
    """204: it is gone, with all that it was still to be told."""
    one = own(program, caller, id)
    if if_match not in (None, one.version):
        raise Problem(Kind.PRECONDITION, f"the record is no longer at version {if_match}; read it again")
    await asyncio.wrap_future(program.store.write(lambda t: Subscriptions(t.database).drop(id)))
    return Answer(204)
