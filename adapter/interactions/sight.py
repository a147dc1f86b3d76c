"""What the asker of a write can see inside its transaction, so that a hidden record answers as one that never was.

The keys of records are the difficult part: a key held by a hidden record must look free, and what is then made under
it must look as if it had the key to itself. https://hl7.org/fhir/R4/security.html
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from adapter.consent.predicate import sees_all
from adapter.fhir.json import parse
from adapter.fhir.query import Match, Query, Tokens
from adapter.fhir.references import derived_id
from adapter.interactions.admission import identifying_keys
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.transaction import Transaction

# More records than this under one identifying key are never looked at: the first already says that it is taken.
HOLDERS = 10
# What an id is derived from when the one before it is not free: the id before it, in a system that no key can have.
NEXT = "\n"


@dataclass(frozen=True, slots=True)
class Sight:
    """One asker in one transaction. `predicate` None is the program itself, as when its operator imports its files."""

    program: Program
    transaction: Transaction
    predicate: Predicate | None

    @property
    def limited(self) -> bool:
        """Whether anything can be hidden from the asker."""
        return self.predicate is not None and not sees_all(self.predicate)

    def sees(self, type: str, id: str) -> bool:
        """Whether a stored record, live or deleted, is there for the asker."""
        if self.predicate is None or not self.limited:
            return self.transaction.current(type, id) is not None
        return self.transaction.sees(self.predicate, type, id)

    def named(self, type: str, system: str, value: str) -> str | None:
        """The id of the record, live or deleted, that a key names for the asker."""
        id = self.transaction.alias(type, system, value)
        if id is None or self.sees(type, id):
            return id
        return next(iter(self.holders(type, system, value)), None)

    def holders(self, type: str, system: str, value: str) -> list[str]:
        """The ids of the live records seen by the asker that carry the key, whether or not it names them."""
        field = self.program.store.index.parameters(type).get("identifier")
        if field is None or self.predicate is None:
            return []
        query = Query(type, (Tokens(field, (Match.token(system, value),)),), count=HOLDERS)
        return [version.id for version in self.transaction.find(self.predicate, query)]

    def new_id(self, resource: dict[str, Any], taken: Collection[str] = ()) -> str:
        """The id of a new resource: that of its first identifying key, so that what waits for it finds it; else random.

        It may be that of a record that the asker sees.
        """
        key = next(identifying_keys(self.program, resource), None)
        return self.home(resource["resourceType"], *key, taken) if key else self.program.new_id()

    def home(self, type: str, system: str, value: str, taken: Collection[str] = ()) -> str:
        """The id of a record first seen under this key: the first derived from it that is free, or has it.

        All are of one form, so an id does not tell that another was not free. `taken` may not be used either.
        """
        id = derived_id(self.program.secret, type, system, value)
        while id in taken or not self._fits(type, id, (system, value)):
            id = derived_id(self.program.secret, type, NEXT, id)
        return id

    def _fits(self, type: str, id: str, key: tuple[str, str]) -> bool:
        """Whether the id is free, or of a record seen by the asker that is deleted or has the key still."""
        version = self.transaction.current(type, id)
        if version is None or not self.sees(type, id):
            return version is None
        return version.deleted or key in identifying_keys(self.program, parse(version.text))
