"""Of which events a client may be told: those whose resource it sees now, as it has been since then.

A client to whom a record is shown by a rendering sees no version of it while what it is shown stays the same; so of a
change that does not reach what it is shown, it is not told. Nor is it told of what it says itself of what it sent: that
would be told even where it changes nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from adapter.callers import Caller
from adapter.consent.referrers import OWN
from adapter.consent.sent import FIRST
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.exports import PLACES, Exports
from adapter.store.subscriptions import Delivery, Subscription
from adapter.store.version import Version


class Reader(NamedTuple):
    """A client as it stands now, and what it may see."""

    caller: Caller
    predicate: Predicate


class Readers(Protocol):
    """Who the clients of subscriptions are now."""

    def __call__(self, one: Subscription, now_ms: int, type: str) -> Reader | None:
        """The client by whom a subscription was made, and what it may see at this moment, mostly of one type; None
        where it may not be told anything: it is disabled, its agreement has ended, or its endpoint is not its own."""


def seen(program: Program, predicate: Predicate, events: Iterable[Delivery]) -> Mapping[int, Sequence[Version]]:
    """The versions by which the events may be told, none for what is no record; nothing for those that may not be. One
    look-up for each."""
    found: dict[int, Sequence[Version]] = {}
    for one in events:
        if one.type in PLACES:
            if _stands(program, predicate, one.id):
                found[one.n] = ()
        elif (version := program.store.read(predicate, one.type, one.id)) and _tells(version, one):
            found[one.n] = (version,)
    return found


def _stands(program: Program, predicate: Predicate, export: str) -> bool:
    """Whether an export is still kept, and its client is who reads."""
    with program.store.asking() as database:
        kept = Exports(database).named(export)
    return kept is not None and kept.client == predicate.parameters["c_recipient"]


def _tells(version: Version, one: Delivery) -> bool:
    """Whether what is seen has changed with an event. What its reader sent itself tells of its arrival alone: what he
    says of it later is no event of the program's (42 CFR 2.13(c))."""
    later = version.ground == OWN and version.version > FIRST
    return not version.deleted and version.t >= one.t and not later
