"""What is stored of who may see one record: its labels and patients, and the rows of consents, ties and emergencies."""

from __future__ import annotations

from typing import NamedTuple

from adapter.released import Predicate
from adapter.rules import END, Bond, Effect, Emergency, Facts, Grant, Tie
from adapter.store.database import Database
from adapter.store.emergencies import emergencies_of
from adapter.store.statements import narrowed, statement


class Standing(NamedTuple):
    """All that is asked about one record."""

    facts: Facts
    grants: tuple[Grant, ...]
    ties: tuple[Tie, ...]
    emergencies: tuple[Emergency, ...]
    saying: tuple[Facts, ...] = ()
    """What is asked about the records that say that it is their principal diagnosis."""


def standing(database: Database, predicate: Predicate, type: str, id: str, now_ms: int) -> Standing | None:
    """Of the newest version of a record; None for one that is not there for whoever asks."""
    facts = _facts(database, predicate, type, id)
    if facts is None:
        return None
    patients = facts.patients
    grants = [
        Grant(consent, patient, Effect(effect), *said)
        for one in sorted(patients)
        for consent, patient, effect, *said in database.execute(statement("permits_of"), {"patient": one})
    ]
    ties = [
        Tie(Bond(bond), *said)
        for one in (*sorted(patients), f"{type}/{id}")
        for bond, *said in database.execute(statement("ties_of"), {"patient": one})
    ]
    sources = dict.fromkeys(tie.source for tie in ties if tie.bond is Bond.PRINCIPAL)
    saying = [found for one in sources if (found := _facts(database, predicate, *one.split("/")))]
    opened = tuple(emergencies_of(database, patients, now_ms))
    return Standing(facts, tuple(grants), tuple(ties), opened, tuple(saying))


def beginnings(database: Database, patient: str, after_ms: int) -> list[int]:
    """When what consents permit of a patient, or what ties him to somebody, begins after then, or a refusal of his
    ends: ms since 1970."""
    asked = {"patient": patient, "after": after_ms, "never": END}
    return [at for (at,) in database.execute(statement("beginnings"), asked)]


def _facts(database: Database, predicate: Predicate, type: str, id: str) -> Facts | None:
    values = {**predicate.parameters, "type": type, "id": id}
    row = database.execute(narrowed("facts", predicate), values).fetchone()
    if row is None:
        return None
    sort, updated = row[4], row[5]
    held = None if row[6] is None else frozenset(row[6].split())
    date = None if sort == updated else sort
    return Facts(
        row[0], row[1], frozenset(row[2].split()), row[3], date, predicate.rendering, held, staged=bool(row[7])
    )
