"""What is stored of who may see one record: its labels and patients, and the rows of consents, ties and emergencies."""

from __future__ import annotations

from typing import NamedTuple

from adapter.released import Predicate
from adapter.rules import Bond, Effect, Emergency, Facts, Grant, Tie
from adapter.store.database import Database
from adapter.store.emergencies import emergencies_of
from adapter.store.statements import narrowed, statement


class Standing(NamedTuple):
    """All that is asked about one record."""

    facts: Facts
    grants: tuple[Grant, ...]
    ties: tuple[Tie, ...]
    emergencies: tuple[Emergency, ...]


def standing(database: Database, predicate: Predicate, type: str, id: str, now_ms: int) -> Standing | None:
    """Of the newest version of a record; None for one that is not there for whoever asks."""
    values = {**predicate.parameters, "type": type, "id": id}
    row = database.execute(narrowed("facts", predicate), values).fetchone()
    if row is None:
        return None
    patients, sort, updated = frozenset(row[2].split()), row[4], row[5]
    held = None if row[6] is None else frozenset(row[6].split())
    date = None if sort == updated else sort
    facts = Facts(row[0], row[1], patients, row[3], date, predicate.rendering, held, staged=bool(row[7]))
    grants = [
        Grant(consent, patient, Effect(effect), *said)
        for one in sorted(patients)
        for consent, patient, effect, *said in database.execute(statement("permits_of"), {"patient": one})
    ]
    ties = [
        Tie(Bond(bond), *said)
        for one in sorted(patients)
        for bond, *said in database.execute(statement("ties_of"), {"patient": one})
    ]
    return Standing(facts, tuple(grants), tuple(ties), tuple(emergencies_of(database, patients, now_ms)))
