"""What clients can be told of: which change of which resource makes an event of which topic. Pure.

SubscriptionTopic of R5, in the R4 form of the Subscriptions R5 Backport IG:
https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from adapter.callers import ClientKind
from adapter.fhir.canonical import BASE, profile
from adapter.fhir.elements import Definitions
from adapter.fhir.references import split
from adapter.mapping.declarations import Declaration
from adapter.mapping.facts import number

Resource = Mapping[str, Any]
FILTERS = ("patient", "episode", "referral")
"""What a topic may be narrowed by."""
ITSELF = "id"
"""Stands for the resource itself among the elements of filters."""
JOBS = ("export",)
"""Work whose end is an event."""
_KEYS = ("title", "resource", "concept", "changed", "from", "to", "runs_out", "filters", "for", "job")
_USE, _LEFT = profile("iop-authorization-use"), "left"


class Event(NamedTuple):
    """Something happened to a resource; the ids of whom and what it is about, by which a subscription may narrow."""

    topic: str
    patient: tuple[str, ...]
    episode: tuple[str, ...]
    referral: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """`before` and `after` are statuses, "" for a resource that was not there; without them, `changed` are elements of
    which one is another now. With `runs_out` it is about an authorization of which little is left, or whose time ends.
    `filters` has the element of each filter, `kinds` who may ask for it. With `job` it is of no resource, but of work
    that a client asked for."""

    name: str
    title: str
    resource: str = ""
    concept: str | None = None
    changed: tuple[str, ...] = ()
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    runs_out: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)
    kinds: frozenset[ClientKind] = frozenset()
    job: str | None = None

    @property
    def url(self) -> str:
        """Its canonical URL."""
        return f"{BASE}/SubscriptionTopic/{self.name}"

    def happened(
        self, before: Resource | None, after: Resource | None, concept: str | None, few: int = 0
    ) -> Event | None:
        """The event that a change of one of its resources is, if it is one; a deletion is none. `few` is how much of an
        authorization is little."""
        if after is None or (self.concept is not None and concept != self.concept):
            return None
        if self.runs_out:
            was, left = _left(before), _left(after)
            if not any(value <= few and not (number in was and was[number] <= few) for number, value in left.items()):
                return None
        elif self.changed:
            if before is not None and all(before.get(name) == after.get(name) for name in self.changed):
                return None
        elif _status(before) not in self.before or _status(after) not in self.after:
            return None
        return self.event(after)

    def event(self, after: Resource) -> Event:
        """The event of a resource, whatever has changed in it."""
        return Event(self.name, **{name: tuple(_ids(after, self.filters.get(name))) for name in FILTERS})

    def ends(self, after: Resource | None, concept: str | None) -> str | None:
        """The last day of an authorization that is in force; None for what is none, or has none."""
        if not self.runs_out or after is None or concept != self.concept or "preAuthRef" not in after:
            return None
        end = after.get("preAuthPeriod", {}).get("end")
        return end if isinstance(end, str) and after.get("status") == "active" else None


Topics = Mapping[str, Topic]


def topics(file: Declaration, definitions: Definitions, concepts: Mapping[str, str]) -> Topics:
    """The topics of a file; what is wrong with it is noted. `concepts` has the resource that each concept writes."""
    return {name: _topic(file, name, definitions, concepts) for name in file.content}


def _topic(file: Declaration, name: str, definitions: Definitions, concepts: Mapping[str, str]) -> Topic:
    said, title = file.section(name), file.text(file.section(name), "title", name)
    file.only(said, _KEYS, "key", name)
    kinds = _kinds(file, name, said)
    if (job := said.get("job")) is not None:
        if job not in JOBS or said.keys() - {"title", "job", "for"}:
            file.refuse(f"a topic of a job has nothing but title, for, and job: {', '.join(JOBS)}", name, "job")
        return Topic(name, title, kinds=kinds, job=str(job))
    resource, concept, filters = file.text(said, "resource", name), said.get("concept"), said.get("filters", {})
    if concept is not None and concepts.get(concept) != resource:
        file.refuse(f"{concept!r} is no concept that writes a {resource}", name, "concept")
    if sum(map(bool, (said.get("changed"), said.get("from") and said.get("to"), said.get("runs_out")))) != 1:
        file.refuse("say what has `changed`, or `from` which status `to` which, or that it `runs_out`", name)
    for element in (*said.get("changed", ()), *(one for one in filters.values() if one != ITSELF)):
        if not definitions.element(f"{resource}.{element}"):
            file.refuse(f"unknown element {resource}.{element}", name)
    if unknown := filters.keys() - set(FILTERS):
        file.refuse(f"unknown filter {sorted(unknown)[0]!r}; known: {', '.join(FILTERS)}", name, "filters")
    states = frozenset(said.get("from", ())), frozenset(said.get("to", ()))
    changed, runs_out = tuple(said.get("changed", ())), said.get("runs_out") is True
    return Topic(name, title, resource, concept, changed, *states, runs_out, filters=filters, kinds=kinds)


def _kinds(file: Declaration, name: str, said: Mapping[str, Any]) -> frozenset[ClientKind]:
    kinds = [kind for kind in said.get("for", ()) if kind in set(ClientKind)]
    if not kinds or len(kinds) < len(said.get("for", ())):
        file.refuse(f"'for' must name kinds of clients: {', '.join(ClientKind)}", name, "for")
    return frozenset(map(ClientKind, kinds))


def _status(resource: Resource | None) -> str:
    return "" if resource is None else str(resource.get("status", ""))


def _left(resource: Resource | None) -> Mapping[Any, Decimal]:
    """What is left of each approved service of an authorization, by its number."""
    found = {}
    for item in (resource or {}).get("item", ()):
        uses = (one.get("extension", ()) for one in item.get("extension", ()) if one.get("url") == _USE)
        said = (part.get("valueDecimal") for use in uses for part in use if part.get("url") == _LEFT)
        if (left := number(next(said, None))) is not None:
            found[item.get("itemSequence")] = left
    return found


def _ids(resource: Resource, element: str | None) -> Iterator[str]:
    """The ids in a reference, or in a list of them."""
    if element == ITSELF:
        yield str(resource[ITSELF])
        return
    said = resource.get(element or "", ())
    for one in said if isinstance(said, list) else [said]:
        if one and (found := split(str(one.get("reference", "")))):
            yield found[1]
