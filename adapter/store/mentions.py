"""Who names whom: what a record's text says of another, by a `display` or an identifier beside the reference, tells of
whatever that record tells of (42 CFR 2.12(d): the protection follows what is said).

A name once said stays in a version that can still be read, so rows of `mention` are never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import chain

from adapter.store.database import Database
from adapter.store.statements import MANY, repeated, statement
from adapter.store.version import Version

Record = tuple[str, str]
"""(type, id)"""


class Mentions:
    """The names that one transaction says, and the records whose labels rose in it."""

    def __init__(self, database: Database, together: Callable[[int, int], int]) -> None:
        self._database = database
        self._together = together
        self._said: set[Record] = set()
        self._new: set[Record] = set()
        self._risen: set[Record] = set()

    def note(self, version: Version, named: Collection[Record], *, risen: bool) -> list[tuple[str, str, str, str]]:
        """Take note of a version whose own labels are new (`risen`); answers the rows of `mention` it brings."""
        self._said.update(named)
        if risen:
            (self._new if version.version == 1 else self._risen).add((version.type, version.id))
        return [(type, id, version.type, version.id) for type, id in named]

    def spread(self, *, awaited: bool) -> None:
        """Label those who name a record as the record itself; once all is written that this transaction writes.

        `awaited`: references waited for some of what came, so it may have been named before it was there.
        """
        told = self._said | self._risen | (self._new if awaited else set())
        if told:
            spread(self._database, self._together, sorted(told))
        for noted in (self._said, self._new, self._risen):
            noted.clear()


def spread(database: Database, together: Callable[[int, int], int], told: Collection[Record] | None = None) -> None:
    """Label the records that name these, or any, as those are labelled."""
    raised: dict[Record, int] = {}
    for type, id, labels, own in _naming(database, told):
        raised[type, id] = together(raised.get((type, id), labels), own)
        if raised[type, id] == labels:
            del raised[type, id]
    database.executemany(statement("spread_labels"), [(labels, *record) for record, labels in raised.items()])


def _naming(database: Database, told: Collection[Record] | None) -> Iterable[tuple[str, str, int, int]]:
    """(type, id, labels) of records that name one of these, or any, and what that one tells of itself."""
    if told is None:
        return database.execute(statement("naming_any")).fetchall()
    keys = list(told)
    parts = (keys[start : start + MANY] for start in range(0, len(keys), MANY))
    return chain.from_iterable(
        database.execute(repeated("naming", len(part)), tuple(chain.from_iterable(part))).fetchall() for part in parts
    )
