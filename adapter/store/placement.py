"""Whether part 2 protects a record, where that depends on the episode that it belongs to (`Rules.by_episode`).

42 CFR 2.12(e): of a facility that does other things too, the records of its part 2 program are covered. A record
belongs to the episodes that it points to in any of its versions, for what was said once can still be read; it is
outside part 2 where its newest version points to one and all of them say that they are. Whatever came with a referral
is protected: its sender may be a part 2 program (2.12(d)). A Patient points to none, and is outside where any episode
of his is: if a protected one beside it hid him, his absence would tell of it (2.13(c)(2)).
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

EPISODE, PERSON = "EpisodeOfCare", "Patient"
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

    def is_outside(self, type: str, id: str, labels: Labels, before: Version | None, *, sent: bool) -> bool:
        """Whether the next version of a record, after `before`, is outside part 2 as far as is known: one that was
        protected stays so until all its versions have been looked at."""
        freed = not sent and self._is_freed(type, id, labels)
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
            placed = (self._database.execute(statement("placed_in"), (one,)).fetchall() for one in self._turned)
            records = sorted(self._moved.union((type, id) for rows in placed for type, id in rows))
            self._moved.clear()
            self._turned.clear()
            yield from records

    def _is_freed(self, type: str, id: str, labels: Labels) -> bool:
        if not labels.outside:
            return False
        if type == PERSON:
            return any(id in (self._freed(episode) or ()) for episode in episodes_of(self._database, id))
        return bool(labels.episodes) and all(self._freed(one) is not None for one in labels.episodes)

    def _freed(self, episode: str) -> Freed:
        if episode not in self._known:
            self._known[episode] = freed(self._database, self._index, self._current(EPISODE, episode))
        return self._known[episode]


def placements(version: Version, labels: Labels) -> list[Row]:
    """The rows of `placement` that a version brings."""
    rows: list[Row] = [(episode, version.type, version.id) for episode in labels.episodes if episode]
    if version.type == EPISODE:
        rows += [(version.id, PERSON, patient) for patient in version.patients.split()]
    return rows


def is_outside(database: Database, index: Index, record: Record, texts: Iterable[_Resource | None]) -> bool:
    """Whether a record whose versions say this, in their order (None: it is deleted), is outside part 2 now."""
    type, id = record
    told = [index.rows(type, said).labels for said in texts if said is not None]
    if not told or not all(one.outside for one in told) or _was_sent(database, record):
        return False
    if type == PERSON:
        return any(id in (_newest(database, index, episode) or ()) for episode in episodes_of(database, id))
    named = sorted({episode for one in told for episode in one.episodes})
    return bool(told[-1].episodes) and all(_newest(database, index, one) is not None for one in named)


def free_records(database: Database, index: Index) -> set[Record]:
    """The records that belong to an episode outside part 2, or did."""
    found, known = set[Record](), dict[str, Freed]()
    for episode, type, id in database.execute(statement("placed")).fetchall():
        if episode not in known:
            known[episode] = _newest(database, index, episode)
        if known[episode] is not None:
            found.add((type, id))
    return found


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
