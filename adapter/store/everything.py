"""One record and all that points to it, in pages at one time: what `$everything` reads.

https://hl7.org/fhir/R4/operation-patient-everything.html
"""

from __future__ import annotations

import orjson

from adapter.fhir import tokens
from adapter.fhir.everything import Everything
from adapter.fhir.query import Cursor
from adapter.released import Predicate
from adapter.store.database import Database
from adapter.store.statements import narrowed
from adapter.store.version import Page, Version


def everything(connection: Database, predicate: Predicate, asked: Everything, t: int) -> Page:
    """A page in the order in which the records were written; its total is known when it is the only one."""
    values = {
        **predicate.parameters,
        "type": asked.type,
        "id": asked.id,
        "numbers": orjson.dumps(asked.numbers).decode(),
        "value": tokens.target(f"{asked.type}/{asked.id}"),
        "naturals": orjson.dumps(asked.naturals).decode(),
        "dated": asked.dated,
        "start": asked.start,
        "end": asked.end,
        "since": asked.since,
        "after": asked.cursor.vid if asked.cursor else 0,
        "t": t,
        "c_t": t,
        "limit": asked.count + 1,
    }
    found = [Version(*row) for row in connection.execute(narrowed("everything", predicate), values)]
    versions, more = found[: asked.count], len(found) > asked.count
    only = asked.cursor is None and not more
    return Page(versions, len(versions) if only else None, t, Cursor(t, 0, versions[-1].vid) if more else None)
