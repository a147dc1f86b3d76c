"""Whether part 2 protects a record, where that depends on the episode that it belongs to (`Rules.by_episode`).

42 CFR 2.12(e): of a facility that does other things too, the records of its part 2 program are covered. A record
belongs to the episodes that it points to in any of its versions, for what was said once can still be read; it is
outside part 2 where its newest version points to one and all of them say that they are. Whatever came with a referral
is protected: its sender may be a part 2 program (2.12(d)). A Patient points to none, and is outside where any episode
of his is: if a protected one beside it hid him, his absence would tell of it (2.13(c)(2)). So is a Coverage of his that
points to none: it says by whom he is insured, whatever he is treated for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import orjson

from adapter.fhir.index import Index
from adapter.rules import COVERED, Labels
from adapter.store.database import Database, Row
from adapter.store.mentions import Record
from adapter.store.statements import statement
from adapter.store.version import Version

EPISODE, PERSON, COVERAGE = "EpisodeOfCare", "Patient", "Coverage"
Freed = frozenset[str] | None
"""The ids of the Patients of an episode outside part 2; None of any other."""
_Resource = dict[str, Any]


class Placements:
    """The records that one transaction writes and moves; `current` is the newest version of a record as it sees it."""

    def __init__(self, database: Database, index: Index, current: Callable[[str, str], Version | None]) -> None:
        self._database, self._index, self._current = database, index, current
        self._known: dict[str, Freed] = {}
        self._turned: set[str] = set()
        self._moved: set[Record] = set()

    def is_outside(
        self, type: str, id: str, labels: Labels, patients: Sequence[str], before: Version | None, *, sent: bool
    ) -> bool:
        """Whether the next version of a record, after `before`, is outside part 2 as far as is known: one that was
        protected stays so until all its versions have been looked at."""
        freed = not sent and self._is_freed(type, labels, patients)
        if before is not None and freed == bool(before.own & COVERED):
            self.move(type, id)
            return False
        return freed

    def turn(
        self, version: Version | None, id: str, episode: _Resource | None, patients: Sequence[str], *, sent: bool
    ) -> None:
        """An episode will say this (None: it is deleted), of these patients; `version` is the one before."""
        before = self._known[id] if id in self._known else freed(self._database, self._index, version)
        frees = episode is not None and not sent and self._index.frees(episode)
        self._known[id] = frozenset(patients) if frees and not _was_sent(self._database, (EPISODE, id)) else None
        if self._known[id] != before:
            self._turned.add(id)

    def move(self, type: str, id: str) -> None:
        """What all versions of a record, and what others see of it, are labelled with must be found anew."""
        self._moved.add((type, id))

    def has_moved(self, type: str, id: str) -> bool:
        """Whether that is so of a record, asked once: who asks does it."""
        moved = (type, id) in self._moved
        self._moved.discard((type, id))
        return moved

    def unsettled(self) -> Iterator[Record]:
        """Those records, and those that belong to episodes that say otherwise now; once what was written is there."""
        while self._moved or self._turned:
            placed = {record for one in self._turned for record in self._placed_in(one)}
            placed |= {record for type, id in placed if type == PERSON for record in self._placed_in(_of_person(id))}
            records = sorted(self._moved | placed)
            self._moved.clear()
            self._turned.clear()
            yield from records

    def _placed_in(self, whole: str) -> list[Record]:
        return [(type, id) for type, id in self._database.execute(statement("placed_in"), (whole,)).fetchall()]

    def _is_freed(self, type: str, labels: Labels, patients: Sequence[str]) -> bool:
        if not labels.outside:
            return False
        if _goes_by_person(type, labels):
            return bool(patients) and all(map(self._is_freed_person, patients))
        return bool(labels.episodes) and all(self._freed(one) is not None for one in labels.episodes)

    def _is_freed_person(self, id: str) -> bool:
        return any(id in (self._freed(episode) or ()) for episode in episodes_of(self._database, id))

    def _freed(self, episode: str) -> Freed:
        if episode not in self._known:
            self._known[episode] = freed(self._database, self._index, self._current(EPISODE, episode))
        return self._known[episode]


def placements(version: Version, labels: Labels) -> list[Row]:
    """The rows of `placement` that a version brings."""
    rows: list[Row] = [(episode, version.type, version.id) for episode in labels.episodes if episode]
    if version.type == EPISODE:
        rows += [(version.id, PERSON, patient) for patient in version.patients.split()]
    if version.type == COVERAGE:
        rows += [(_of_person(patient), COVERAGE, version.id) for patient in version.patients.split()]
    return rows


def _of_person(id: str) -> str:
    """What stands for all episodes of a Patient, whichever they are, in the place of one."""
    return f"{PERSON}/{id}"


def _goes_by_person(type: str, labels: Labels) -> bool:
    return type == PERSON or (type == COVERAGE and not labels.episodes)


def is_outside(database: Database, index: Index, record: Record, texts: Iterable[_Resource | None]) -> bool:
    """Whether a record whose versions say this, in their order (None: it is deleted), is outside part 2 now."""
    type, id = record
    rows = [index.rows(type, said) for said in texts if said is not None]
    told = [one.labels for one in rows]
    if not told or not all(one.outside for one in told) or _was_sent(database, record):
        return False
    if type not in (PERSON, COVERAGE) and not told[-1].episodes:
        return False
    named = sorted({episode for one in told for episode in one.episodes})
    people = {
        one for said in rows if _goes_by_person(type, said.labels) for one in index.patients(type, id, said) or [""]
    }
    return all(_newest(database, index, one) is not None for one in named) and all(
        _is_free(database, index, one) for one in sorted(people)
    )


def free_records(database: Database, index: Index) -> set[Record]:
    """The records that belong to an episode outside part 2, or did."""
    found, known = set[Record](), dict[str, bool]()
    for whole, type, id in database.execute(statement("placed")).fetchall():
        if whole not in known:
            type_of, _, person = whole.partition("/")
            by_person = type_of == PERSON and bool(person)
            known[whole] = (
                _is_free(database, index, person) if by_person else _newest(database, index, whole) is not None
            )
        if known[whole]:
            found.add((type, id))
    return found


def _is_free(database: Database, index: Index, person: str) -> bool:
    """Whether an episode of a Patient is outside part 2."""
    return any(person in (_newest(database, index, episode) or ()) for episode in episodes_of(database, person))


def freed(database: Database, index: Index, version: Version | None) -> Freed:
    """Whose an episode is that is outside part 2 as its newest version says; an episode that is not there is not."""
    if version is None or version.deleted or not index.frees(orjson.loads(version.body)):
        return None
    return None if _was_sent(database, (EPISODE, version.id)) else frozenset(version.patients.split())


def episodes_of(database: Database, patient: str) -> list[str]:
    """The episodes that are about a Patient, or were."""
    return [episode for (episode,) in database.execute(statement("episodes_of"), (patient,)).fetchall()]


def _was_sent(database: Database, record: Record) -> bool:
    """Whether somebody outside sent a record with a referral."""
    return database.execute(statement("sender_of"), record).fetchone() is not None


def _newest(database: Database, index: Index, episode: str) -> Freed:
    row = database.execute(statement("current"), (EPISODE, episode, 0)).fetchone()
    return freed(database, index, Version(*row) if row else None)
