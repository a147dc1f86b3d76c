"""Which Patients are one person: those that were joined, into which, and what that wrote.

https://hl7.org/fhir/R4/patient-definitions.html#Patient.link
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from adapter.released import Predicate
from adapter.store.database import Database
from adapter.store.statements import narrowed, statement
from adapter.store.version import Version


class Joining(NamedTuple):
    """Into which Patient another was joined, and the number of the version that this wrote of the other."""

    survivor: str
    vid: int


class Moved(NamedTuple):
    """A record that was written when two Patients were joined, as this version of it."""

    type: str
    id: str
    version: int


class Joined:
    """Questions and changes on one connection; whoever makes several changes wraps them in a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def into(self, id: str) -> Joining | None:
        """How a Patient was joined into another."""
        row = self._database.execute(statement("joined_into"), (id,)).fetchone()
        return Joining(*row) if row else None

    def survivor(self, id: str) -> str | None:
        """Where the records of a Patient are at last, if it was joined into another."""
        found = None
        while (joining := self.into(found or id)) is not None:
            found = joining.survivor
        return found

    def losers(self, id: str) -> list[str]:
        """Which Patients were joined into one."""
        return [loser for (loser,) in self._database.execute(statement("joined_from"), (id,))]

    def person(self, id: str) -> list[str]:
        """The ids of all Patients that are the same person, sorted; of one who was never joined his own."""
        found, waiting = set[str](), [self.survivor(id) or id]
        while waiting:
            found.add(one := waiting.pop())
            waiting += self.losers(one)
        return sorted(found)

    def moved(self, loser: str) -> list[Moved]:
        """What the joining of a Patient wrote, sorted."""
        return [Moved(*row) for row in self._database.execute(statement("joined_records"), (loser,))]

    def note(self, loser: str, joining: Joining, at_ms: int, moved: Sequence[Moved]) -> None:
        """Write down that a Patient was joined into another, and what that wrote."""
        with self._database.together(1 + len(moved)):
            self._database.fill("insert_joined", [(loser, *joining, at_ms)])
            self._database.fill("insert_joined_record", [(loser, *one) for one in moved])

    def forget(self, loser: str) -> None:
        """It is joined no more."""
        for name in ("drop_joined", "drop_joined_records"):
            self._database.execute(statement(name), (loser,))

    def unplaced(self) -> Iterator[tuple[str, str]]:
        """(type, id) of records of which the index does not know whom they are about."""
        yield from (tuple(row) for row in self._database.execute(statement("unmapped_of_nobody")).fetchall())

    def version(self, predicate: Predicate, type: str, id: str, number: int) -> Version | None:
        """One version of a record, as the transaction has it."""
        values = {**predicate.parameters, "type": type, "id": id, "version": number}
        row = self._database.execute(narrowed("vread", predicate), values).fetchone()
        return Version(*row) if row else None

    def park_with(self, patient: str, moved: Sequence[Moved]) -> None:
        """What waits for a person in these records waits with another Patient."""
        self._database.executemany(statement("park_with"), [(patient, one.type, one.id) for one in moved])

    def ties(self, patient: str, now_ms: int) -> list[tuple[str, str]]:
        """(bond, id) of those whom the records tie to a patient, now or later."""
        return [tuple(row) for row in self._database.execute(statement("tied_to"), (patient, now_ms)).fetchall()]

    def move_emergencies(self, loser: str, survivor: str, now_ms: int) -> None:
        """Whoever may read the records of one in a medical emergency may read on."""
        values = {"patient": loser, "into": survivor, "now": now_ms}
        self._database.execute(statement("move_emergency"), values)
