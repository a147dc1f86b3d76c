"""What an aggregate lets be said once (a drug screen: one result of each test), looked at whatever door it comes by.

Who types the whole document is refused. Records that come one by one are stored, since none of them alone is wrong, and
the record that lists them is parked: a positive beside a negative of the same test is for a person to settle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from adapter.interactions.draft import Draft, Entry
from adapter.interactions.program import Program
from adapter.mapping.rooted import Rooted
from adapter.store.transaction import Transaction

Resource = dict[str, Any]


def park_said_twice(program: Program, transaction: Transaction, draft: Draft) -> None:
    """Park every root record of the draft, or of a record in it, whose members contradict each other."""
    for aggregate in program.maps.aggregates.values():
        if isinstance(aggregate, Rooted) and aggregate.once:
            rule = _Rule(program, draft, aggregate)
            for id, reason in rule.contradictions():
                _park(transaction, draft, rule.type, id, rule.path, reason)


def _park(transaction: Transaction, draft: Draft, type: str, id: str, path: str, reason: str) -> None:
    """With the version that is written of it now; one that is not written is marked as it stands."""
    entry = draft.open(type, id) if draft.holds(type, id) else None
    if entry is None or entry.admitted is None or not entry.changed:
        transaction.suspect(type, id, path, reason)
    else:
        entry.admitted = replace(entry.admitted, parked=(*entry.admitted.parked, (path, reason)))


def _is(entry: Entry, concept: str) -> bool:
    return entry.admitted is not None and entry.admitted.concept == concept and entry.changed


class _Rule:
    """One aggregate's rule over one draft."""

    def __init__(self, program: Program, draft: Draft, aggregate: Rooted) -> None:
        self._program, self._draft, self._aggregate = program, draft, aggregate
        self._root = program.maps.concepts[aggregate.root]
        self.type = self._root.resource_type
        link = next(field for field in self._root.fields if field.name == aggregate.link)
        self.path = f"{self.type}.{link.path}"
        self._members = link.to[0]

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """(id of a root, what is said twice)."""
        for id in sorted(set(self._roots())):
            resource = self._draft.current(self.type, id)
            if resource is not None and self._program.maps.concept_of(resource) is self._root:
                for (key, word), first, again in self._aggregate.said_twice(self._document(resource)):
                    yield id, f"{first} and {again} are two records of one {key} ({word})"

    def _roots(self) -> Iterator[str]:
        parameter = next(
            name
            for name, found in self._program.maps.definitions.search_parameters(self.type).items()
            if found.expression == self.path
        )
        yield from (entry.id for entry in self._draft if _is(entry, self._aggregate.root))
        members = [(self._members, entry.id) for entry in self._draft if _is(entry, self._aggregate.member)]
        if members:
            yield from self._draft.pointing(self.type, parameter, members)

    def _document(self, root: Resource) -> Resource:
        """The aggregate's document of a root and of those of its members that are there."""
        record = self._root.to_native(root)[0]
        listed = (self._draft.current(self._members, id) for id in record.get(self._aggregate.link, ()))
        member = self._program.maps.concepts[self._aggregate.member]
        members = [
            member.to_native(found)[0] for found in listed if found and self._program.maps.concept_of(found) is member
        ]
        return self._aggregate.join({self._aggregate.root: [record], self._aggregate.member: members})
