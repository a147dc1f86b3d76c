"""What an export is of: what its client may see now and could see when it asked, of those who are meant.

It is asked of the store each time, so what is kept of an export holds nothing of any record, and what a client may not
see any more is in no file of it from then on. 42 CFR 2.31(a)(6); https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

import orjson

from adapter.callers import Caller
from adapter.consent.predicate import about, new_since, on_later_pages, until, whatever_scopes
from adapter.consent.stretches import in_stretches
from adapter.export.choosing import chosen, heard, part_of
from adapter.export.rosters import roster, source
from adapter.fhir.dates import milliseconds
from adapter.fhir.subset import Part
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.rules import END
from adapter.store.exports import Chosen, Export, before
from adapter.store.store import Store

ROSTERS, KEPT_MS = 16, 60_000
"""Rosters that are remembered, and how long each is."""
_KEPT: WeakKeyDictionary[Store, dict[tuple[Any, ...], tuple[int, frozenset[str]]]] = WeakKeyDictionary()


class Puller(NamedTuple):
    """A client as it stands now, and what it may see."""

    caller: Caller
    predicate: Predicate


class Pullers(Protocol):
    """Who the clients of exports are now."""

    def __call__(self, one: Export, now_ms: int) -> Puller | None:
        """The client that asked for an export, and what it may see at this moment; None where it may not ask any
        more."""


def asked(one: Export) -> dict[str, Any]:
    """What of the records is asked for."""
    said: dict[str, Any] = orjson.loads(one.asked)
    return said


@dataclass(frozen=True, slots=True)
class Meant:
    """What an export has of the records: those that may be seen, of each type those that match, and which part."""

    program: Program
    reader: Predicate
    seen: Predicate
    lasting: Predicate
    """What of that it may see whenever it was written."""
    one: Export

    @property
    def types(self) -> list[str]:
        """The types that are asked for."""
        return list(asked(self.one)["types"])

    @property
    def since(self) -> int | None:
        """Since when, in ms since 1970."""
        return _since(self.one)

    def chosen(self, type: str) -> Chosen | None:
        """Which records of a type match its filters; None where it has none."""
        made = datetime.fromtimestamp(self.one.made_ms / 1000, UTC)
        return chosen(self.program, self.reader, heard(asked(self.one))[0], type, made)

    def part(self, type: str) -> Part:
        """What of each is in a line."""
        return part_of(heard(asked(self.one))[1], type)


def meant(program: Program, puller: Puller, one: Export) -> Meant:
    """What is in an export of its client now. Problem(NOT_FOUND) where it has that roster no more."""
    patients = _patients(program, puller.predicate, puller.caller, one)
    new = _new(program, puller.predicate, _since(one))
    seen, lasting = in_stretches(new, puller.caller.kind), on_later_pages(puller.predicate)
    return Meant(program, puller.predicate, _within(seen, one, patients), _within(lasting, one, patients), one)


def _since(one: Export) -> int | None:
    since: int | None = asked(one)["since"]
    return since


def _new(program: Program, predicate: Predicate, since: int | None) -> Predicate:
    """What of it is new since then."""
    return predicate if since is None else new_since(predicate, since, *before(program.store, since))


def _within(predicate: Predicate, one: Export, patients: frozenset[str] | None) -> Predicate:
    """What of it was written before the end that is asked for, of those who are meant."""
    until_ms = asked(one)["until"]
    found = predicate if until_ms is None else until(predicate, until_ms)
    return found if patients is None else about(found, patients)


def _patients(program: Program, predicate: Predicate, caller: Caller, one: Export) -> frozenset[str] | None:
    """Whom it is about; None for all there are. Bulk clients ask for scopes of what they pull alone, so who the members
    are is asked whatever the scopes: of the records that say so none is shown by that."""
    named, place = asked(one)["patients"], one.place.partition("/")
    if place[0] != "Group":
        return None if named is None else frozenset(named)
    found = _roster(program, on_later_pages(whatever_scopes(predicate, source(caller))), caller, place[2], one.t)
    if found is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    return found if named is None else found & frozenset(named)


def _roster(program: Program, predicate: Predicate, caller: Caller, id: str, t: int) -> frozenset[str] | None:
    """Who is on a roster at a time, asked once for the files of an export that are fetched one after the other, while
    nothing is written. It only says of whom records are looked for: each of these is judged when it is found."""
    said = frozenset((name, value) for name, value in predicate.parameters.items() if name != "c_now")
    key = (id, t, program.store.moment, caller, predicate.sql, said)
    kept, now = _KEPT.setdefault(program.store, {}), milliseconds(program.clock())
    at, patients = kept.get(key, (END, None))
    if patients is None or not 0 <= now - at <= KEPT_MS:
        if (found := roster(program, predicate, caller, id, t)) is None:
            return None
        patients = found.patients
        if len(kept) >= ROSTERS:
            kept.clear()
        kept[key] = now, patients
    return patients
