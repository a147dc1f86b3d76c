"""What staff are asked about records, and what they said: records that somebody else told of, and two that may be one.

https://hl7.org/fhir/R4/provenance.html tells who said it, of the versions that this wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from adapter.released import Predicate
from adapter.store.database import Database
from adapter.store.statements import narrowed, statement
from adapter.store.version import Version

SAME, DIFFERENT = "same", "different"


class Proposed(NamedTuple):
    """A record that waits for somebody to say that it is the program's; `document` is the id of the DocumentReference
    that it was read from, "" for none."""

    version: Version
    document: str


class Key(NamedTuple):
    """Where something of a record is kept: of two that may be one the first by id, and the `other`."""

    type: str
    id: str
    other: str = ""


def pair(type: str, one: str, other: str) -> Key:
    """The key of two records, whichever is named first."""
    return Key(type, *sorted((one, other)))


def propose(database: Database, records: Iterable[tuple[str, str, str]], at_ms: int) -> None:
    """Have staff asked about these records, as (type, id, document)."""
    database.executemany(statement("insert_proposal"), [(*record, at_ms) for record in records])


def say(database: Database, key: Key, said: str, reason: str | None, at_ms: int) -> None:
    """Write down what staff said."""
    database.execute(statement("say_proposal"), (*key, said, reason, at_ms))


def said_of(database: Database, key: Key) -> str | None:
    """What staff said; None while they have not."""
    row = database.execute(statement("said_of"), key).fetchone()
    return row[0] if row else None


def waits(database: Database, type: str, id: str) -> bool:
    """Whether it was proposed that a record be the program's, and nobody has said anything."""
    row = database.execute(statement("proposed_in"), (type, id)).fetchone()
    return row is not None and row[1] is None


class Asked(NamedTuple):
    """A question of the list, on one connection for one reader; `patient` None for everybody."""

    database: Database
    predicate: Predicate
    patient: str | None
    limit: int

    def proposed(self, after: tuple[str, str], document: str | None = None) -> list[Proposed]:
        """The records that wait, by (type, id)."""
        values = {"patient": self.patient, "document": document, **_after(after)}
        return [Proposed(Version(*row[:-1]), row[-1]) for row in self._rows("proposed", values)]

    def unsaid(self, type: str, parameter: int, token: str, after: str) -> list[Version]:
        """The records of a type with a token, by id, of which nobody has said anything."""
        values = {"type": type, "parameter": parameter, "value": token, "after": after, "patient": self.patient}
        return [Version(*row) for row in self._rows("unsaid", values)]

    def suspected(self, reason: str, after: tuple[str, str], *, people: bool) -> list[Version]:
        """The Patients, or all other records, that are parked for this reason, by (type, id)."""
        values = {"reason": reason, "patient": self.patient, "people": int(people), **_after(after)}
        return [Version(*row) for row in self._rows("suspected", values)]

    def persons(self, after: str) -> list[Version]:
        """The Patients who are here, by id."""
        return [Version(*row) for row in self._rows("persons", {"after": after})]

    def _rows(self, name: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        said = {**self.predicate.parameters, **values, "limit": self.limit}
        return self.database.execute(narrowed(name, self.predicate, values), said).fetchall()


def _after(last: tuple[str, str]) -> dict[str, Any]:
    return {"after_type": last[0], "after_id": last[1]}
