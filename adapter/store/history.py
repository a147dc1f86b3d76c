"""Histories: versions in the order in which they were made, newest first, at one logical time.

Version numbers, logical times and commit times all grow together, so a time is turned into a number by halving, and
`_since` then reads no older version. https://hl7.org/fhir/R4/http.html#history
"""

from __future__ import annotations

from typing import Any

from adapter.fhir.history import History
from adapter.fhir.query import Cursor
from adapter.released import Predicate
from adapter.store.database import Database
from adapter.store.statements import narrowed, statement
from adapter.store.version import Page, Version


def history(connection: Database, predicate: Predicate, asked: History, t: int) -> Page:
    """One page at logical time `t`; the total is known for one record, and where the first page is the last."""
    values = {**predicate.parameters, **_span(connection, asked, t), "type": asked.type, "id": asked.id}
    values |= {"t": t, "c_t": t}
    before = values["before"]
    if asked.cursor is not None:
        values["before"] = min(before, asked.cursor.vid)
    name = "history_all" if asked.type is None else "history_type" if asked.id is None else "history_record"
    rows = connection.execute(narrowed(name, predicate), {**values, "limit": asked.count + 1})
    found = [Version(*row) for row in rows]
    versions, more = found[: asked.count], len(found) > asked.count
    total = len(versions) if asked.cursor is None and not more else None
    if total is None and asked.id is not None:
        counted = connection.execute(narrowed("count_history", predicate), {**values, "before": before})
        total = counted.fetchone()[0]
    return Page(versions, total, t, Cursor(t, 0, versions[-1].vid) if more else None)


def _span(connection: Database, asked: History, t: int) -> dict[str, Any]:
    """The version numbers [first, before) and the time `over` that the parameters stand for."""
    last, now, _ = connection.execute(statement("newest")).fetchone()
    first, before, over = 0, last + 1, -1
    if asked.since is not None:
        first, _ = first_since(connection, asked.since, last)
    if asked.at is not None:
        low, high = asked.at
        before, _ = first_since(connection, high, last)
        # Not current any more from the first commit after `low` on: that at `low` itself still ended it in time.
        _, following = first_since(connection, low + 1, last)
        over = min(following - 1, now)
    return {"first": first, "before": before, "over": over}


def first_since(connection: Database, ms: int, last: int) -> tuple[int, int]:
    """(vid, t) of the first version made at this time or later; what follows the last one if there is none."""
    low, high, t = 1, last + 1, None
    while low < high:
        middle = (low + high) // 2
        vid, updated, at = connection.execute(statement("at_or_after"), {"vid": middle}).fetchone()
        if updated >= ms:
            high, t = middle, at
        else:
            low = vid + 1
    return low, 1 << 62 if t is None else t
