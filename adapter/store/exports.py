"""All that a reader may see of a type at one time, a stretch of the store at a time, so that little is held.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from adapter.released import Predicate
from adapter.rules import END
from adapter.store.database import Database
from adapter.store.statements import narrowed, statement
from adapter.store.store import Store
from adapter.store.version import Version

STRETCH = 1_000
"""Versions of a stretch, hidden ones among them: what one statement may have to look at."""


class Stretch(NamedTuple):
    """Records of a type whose numbers are above `after` and at most `last`."""

    type: str
    after: int
    last: int


def stretches(store: Store, type: str, t: int, after: int = 0, last: int = END) -> Iterator[Stretch]:
    """Those that a type consists of at a time, between two numbers, in order."""
    while after < last:
        with store.asking() as database:
            found = database.execute(
                statement("stretch"), {"type": type, "after": after, "t": t, "limit": STRETCH}
            ).fetchone()
        if found is None or found[0] is None:
            return
        yield Stretch(type, after, min(found[0], last))
        after = found[0]


def exported(store: Store, predicate: Predicate, stretch: Stretch, t: int) -> list[Version]:
    """The live records of a stretch at a time, of those that the predicate permits."""
    with store.asking() as database:
        return _rows(database, predicate, stretch, t)


def whole(store: Store, predicate: Predicate, type: str, t: int) -> Iterator[Version]:
    """All of a type."""
    for stretch in stretches(store, type, t):
        yield from exported(store, predicate, stretch, t)


def _rows(database: Database, predicate: Predicate, stretch: Stretch, t: int) -> list[Version]:
    values = {**predicate.parameters, **stretch._asdict(), "t": t, "c_t": t}
    return [Version(*row) for row in database.execute(narrowed("exported", predicate), values)]
