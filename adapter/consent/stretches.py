"""What a reader may see, said for a statement that looks at many records of one type at a time: bulk data.

It is what `predicate` says, record for record; a test compares the two over generated worlds.
https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

from dataclasses import replace

from adapter.callers import ClientKind
from adapter.consent.outsiders import principal, seen, seen_in_stretches
from adapter.consent.policy import DIAGNOSIS, OUTSIDE
from adapter.consent.predicate import ALL, at, on_later_pages
from adapter.released import Predicate
from adapter.store.bounds import CURRENT


def of_another_time(predicate: Predicate) -> Predicate:
    """What a reader may see `on_later_pages`, where nearly all that is looked at is current: that is asked about as it
    is, and not looked up again."""
    later = on_later_pages(predicate)
    if later is predicate or later.beside:
        return later
    each = predicate.sql.replace(CURRENT, ALL)
    return replace(predicate, sql=f"({each}) AND (v.until_t IS NULL OR {later.sql})")


def in_stretches(predicate: Predicate, kind: ClientKind) -> Predicate:
    """What a reader of this kind may see `on_later_pages`, of the versions of `:type` above `:after` up to `:last`.

    Most patients have one consent that covers all of their records: consents are asked once for these together, and
    for each record of the others.
    """
    whole = of_another_time(predicate)
    if kind not in OUTSIDE or whole.beside:
        return whole
    # The first is of the version itself; of the last of its record, which may be in no stretch, each is asked about.
    return replace(whole, sql=whole.sql.replace(seen(kind, True), seen_in_stretches(kind, predicate.rendering), 1))


def of_type(predicate: Predicate, now_ms: int, type: str) -> Predicate:
    """What the same reader may see at another moment of records of this type and of no other."""
    then = at(predicate, now_ms, type)
    return then if type == DIAGNOSIS else replace(then, sql=then.sql.replace(principal(), ALL))
