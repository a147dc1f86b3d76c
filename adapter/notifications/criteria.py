"""What a Subscription asks for, read from the resource that a client sends; all that is wrong is told at once.

Backport in its R4 form: https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from adapter.callers import ClientKind
from adapter.fhir.dates import milliseconds
from adapter.fhir.references import split
from adapter.interactions.program import Program
from adapter.mapping.topics import FILTERS, Topic
from adapter.problems import Issue, Kind, Problem
from adapter.rules import END

Resource = Mapping[str, Any]
GUIDE = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
FILTER = f"{GUIDE}backport-filter-criteria"
CONTENT = f"{GUIDE}backport-payload-content"
HEARTBEAT, TIMEOUT, MOST = (f"{GUIDE}backport-{name}" for name in ("heartbeat-period", "timeout", "max-count"))
PAYLOAD = "application/fhir+json"
EMPTY, ID_ONLY = "empty", "id-only"
NUMBERS = {HEARTBEAT: (60, 86_400), TIMEOUT: (1, 30), MOST: (1, 100)}
"""From and to: seconds between two signs of life, seconds that the receiver may take, events in one notification."""
SECONDS = 10
"""What a receiver may take where the subscription does not say."""

_HEARD = frozenset({"resourceType", "id", "meta", "language", "text", "status", "contact", "end", "reason", "criteria"})
_ELEMENTS = _HEARD | {"_criteria", "channel"}
_CHANNEL = frozenset({"extension", "type", "endpoint", "payload", "_payload"})
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_TYPES = dict(zip(FILTERS, ("Patient", "EpisodeOfCare", "ServiceRequest"), strict=True))
Wrong = Iterator[Issue]


def topic_of(program: Program, kind: ClientKind, resource: Resource) -> Topic:
    """The topic in `criteria`; Problem(UNPROCESSABLE) for one that is not there, Problem(FORBIDDEN) for one
    that is not for this kind of client."""
    said, place = str(resource.get("criteria")), "Subscription.criteria"
    topic = next((one for one in program.maps.topics.values() if said.partition("|")[0] == one.url), None)
    if topic is None:
        why = "criteria is the canonical URL of a topic; /metadata lists those that there are"
        raise Problem(Kind.UNPROCESSABLE, why, place, code="not-supported")
    if kind not in topic.kinds:
        raise Problem(Kind.FORBIDDEN, "this topic is not for this kind of client", place)
    return topic


def asked(program: Program, topic: Topic, resource: Resource, now: datetime) -> Mapping[str, Any]:
    """What the columns of a subscription are to hold; one Problem(UNPROCESSABLE) with everything that is not heard:
    whoever asks for it relies on it."""
    found: dict[str, Any] = dict.fromkeys(FILTERS)
    issues = [*_elements(resource), *_criteria(program, topic, resource, found), *_channel(resource, found)]
    issues += _end(program, resource, now, found)
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    return found


def _elements(resource: Resource) -> Wrong:
    for place, given, heard in (("", resource, _ELEMENTS), (".channel", resource["channel"], _CHANNEL)):
        for name in given.keys() - heard:
            why = f"{name} is not supported"
            if name == "header":
                why = "no headers of others are sent: what tells that a notification is ours is its signature"
            yield Issue("not-supported", why, f"Subscription{place}.{name.lstrip('_')}")
    if resource["status"] != "requested":
        yield Issue("value", "a new Subscription is requested; it is active after the handshake", "Subscription.status")
    if resource["channel"]["type"] != "rest-hook":
        yield Issue("not-supported", "the only type of channel is rest-hook", "Subscription.channel.type")


def _criteria(program: Program, topic: Topic, resource: Resource, found: dict[str, Any]) -> Wrong:
    given = resource.get("_criteria", {})
    for n, extension in enumerate(given.get("extension", ())):
        place = f"Subscription.criteria.extension[{n}]"
        text = extension.get("valueString")
        if extension.get("url") != FILTER or not isinstance(text, str):
            yield Issue("not-supported", "the only extension here is backport-filter-criteria, a string", place)
            continue
        type, mark, said = text.rpartition("?")
        if mark and type != topic.resource:
            yield Issue("value", f"the filters of this topic are of {topic.resource or 'nothing'}", place)
        for part in said.split("&"):
            yield from _filter(program, topic, part, place, found)


def _filter(program: Program, topic: Topic, part: str, place: str, found: dict[str, Any]) -> Wrong:
    name, _, value = part.partition("=")
    if name not in topic.filters:
        known = f"{', '.join(topic.filters)}, each =Type/id" if topic.filters else "nothing"
        yield Issue("not-supported", f"this topic is filtered by {known}", place)
        return
    named = unquote(value).removeprefix(f"{program.base_url}/")
    type, id = split(named) or (_TYPES[name], named)
    if type != _TYPES[name] or not _ID.fullmatch(id):
        yield Issue("value", f"{name} is one {_TYPES[name]}/id", place)
    elif found[name] not in (None, id):
        yield Issue("value", f"{name} is said twice: nothing is of both", place)
    else:
        found[name] = id


def _channel(resource: Resource, found: dict[str, Any]) -> Wrong:
    channel, place = resource["channel"], "Subscription.channel"
    if channel.get("payload") != PAYLOAD:
        yield Issue("not-supported", f"the only payload is {PAYLOAD}", f"{place}.payload")
    found["content"] = ID_ONLY
    for n, one in enumerate(channel.get("_payload", {}).get("extension", ())):
        if one.get("url") != CONTENT or one.get("valueCode") not in (EMPTY, ID_ONLY):
            why = f"payload-content is {EMPTY} or {ID_ONLY}: read what is named, and you see it as it is then"
            yield Issue("not-supported", why, f"{place}.payload.extension[{n}]")
        found["content"] = one.get("valueCode")
    said: dict[str, int] = {}
    for n, one in enumerate(channel.get("extension", ())):
        value = one.get("valueUnsignedInt", one.get("valuePositiveInt"))
        low, high = NUMBERS.get(str(one.get("url")), (0, 0))
        if not high or not isinstance(value, int) or not low <= value <= high:
            names = ", ".join(f"{url.rpartition('/')[2]} ({a} to {b})" for url, (a, b) in NUMBERS.items())
            yield Issue("not-supported", f"the extensions here are {names}", f"{place}.extension[{n}]")
        else:
            said[one["url"]] = value
    found["endpoint"] = channel.get("endpoint", "")
    found["heartbeat_ms"] = said[HEARTBEAT] * 1000 if HEARTBEAT in said else None
    found["timeout_ms"], found["most"] = said.get(TIMEOUT, SECONDS) * 1000, said.get(MOST, 1)


def _end(program: Program, resource: Resource, now: datetime, found: dict[str, Any]) -> Wrong:
    found["end_ms"] = END
    if "end" in resource:
        found["end_ms"] = program.store.index.calendar.asked(resource["end"])[0]
        if found["end_ms"] <= milliseconds(now):
            yield Issue("value", "the end is over", "Subscription.end")
