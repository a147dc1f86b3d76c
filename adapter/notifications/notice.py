"""What a client is sent: a Bundle whose first entry says which subscription it is and how that stands.

https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription-notification-r4.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from adapter.consent.gate import publish, release
from adapter.consent.security import high_water
from adapter.fhir.dates import instant_of
from adapter.fhir.json import dump
from adapter.interactions.program import Program
from adapter.notifications.criteria import EMPTY, GUIDE
from adapter.released import Predicate, Released, Shown
from adapter.store.subscriptions import Delivery, Subscription

Resource = dict[str, Any]
Type = Literal["handshake", "heartbeat", "event-notification", "query-status", "query-event"]


def status(
    program: Program, one: Subscription, type: Type, events: Sequence[Delivery] = (), content: str = EMPTY
) -> Resource:
    """How a subscription stands, as Parameters: `backport-subscription-status-r4`."""
    parameters: list[Resource] = [
        {"name": "subscription", "valueReference": {"reference": program.link("Subscription", one.id)}},
        {"name": "topic", "valueCanonical": program.maps.topics[one.topic].url},
        {"name": "status", "valueCode": one.status},
        {"name": "type", "valueCode": type},
        {"name": "events-since-subscription-start", "valueString": str(one.numbered)},
    ]
    parameters += [{"name": "notification-event", "part": _event(program, event, content)} for event in events]
    if one.failure and type == "query-status":
        parameters.append({"name": "error", "valueCodeableConcept": {"text": one.failure}})
    profile = f"{GUIDE}backport-subscription-status-r4"
    return {"resourceType": "Parameters", "meta": {"profile": [profile]}, "parameter": parameters}


def _event(program: Program, event: Delivery, content: str) -> list[Resource]:
    parts: list[Resource] = [
        {"name": "event-number", "valueString": str(event.number)},
        {"name": "timestamp", "valueInstant": instant_of(event.at_ms)},
    ]
    if content != EMPTY:
        parts.append({"name": "focus", "valueReference": {"reference": program.link(event.type, event.id)}})
    return parts


def sign_of_life(program: Program, one: Subscription, type: Type, id: str, now_ms: int) -> Released:
    """A handshake or a heartbeat: it tells of nobody."""
    return publish(dump(_bundle(program, one, status(program, one, type), id, now_ms)))


def notification(
    program: Program,
    predicate: Predicate,
    one: Subscription,
    events: Sequence[Delivery],
    shown: Sequence[Shown],
    *,
    id: str,
    now_ms: int,
    type: Type = "event-notification",
    content: str | None = None,
) -> Released:
    """Events that the reader of this predicate may see. It says that something happened to somebody here, so it leaves
    by the gate, and `shown` are the records it is about, whatever of them it names."""
    content = content or one.content
    bundle = _bundle(program, one, status(program, one, type, events, content), id, now_ms)
    if labels := high_water(predicate, program.settings.posture):
        bundle["meta"]["security"] = labels
    if content != EMPTY:
        focuses = dict.fromkeys((event.type, event.id) for event in events)
        bundle["entry"] += [_entry(program.link(*focus), "/".join(focus)) for focus in focuses]
    return release(predicate, dump(bundle), shown)


def _bundle(program: Program, one: Subscription, first: Resource, id: str, now_ms: int) -> Resource:
    about = {"fullUrl": f"urn:uuid:{one.id}", "resource": first, **_asked(f"Subscription/{one.id}/$status")}
    return {
        "resourceType": "Bundle",
        "id": id,
        "meta": {"profile": [f"{GUIDE}backport-subscription-notification-r4"]},
        "type": "history",
        "timestamp": instant_of(now_ms),
        "entry": [about],
    }


def _entry(address: str, url: str) -> Resource:
    return {"fullUrl": address, **_asked(url)}


def _asked(url: str) -> Mapping[str, Any]:
    """R4 wants a request and a response in each entry of a history."""
    return {"request": {"method": "GET", "url": url}, "response": {"status": "200"}}
