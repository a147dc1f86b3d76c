"""What an export is narrowed by, where consents are asked once for many records, shows each record that the predicate
shows, and no other: in generated worlds, on both databases, also of records that have been changed since."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.callers import ClientKind
from adapter.consent.labels import LABELLED, PART2
from adapter.consent.permits import permitted_all
from adapter.consent.predicate import new_since, of_caller, on_later_pages
from adapter.consent.stretches import in_stretches, of_type
from adapter.released import Predicate
from adapter.rules import ANY, END, Effect, Facts, Grant, Tie
from adapter.store.database import Database
from adapter.store.statements import narrowed, statement
from tests.consent.test_predicate import (
    COVERS,
    PAYER,
    PERMIT,
    VISIT,
    WORLDS,
    WRITTEN,
    database,
    filled,
    predicates,
    stored,
)
from tests.consent.worlds import HIV, SUD, TYPES, World, emergencies_met, facts, worlds

__all__ = ["database"]
BEFORE, CHANGED, AFTER = 50, 100, 200
"""Logical times: as all was at first, when the changes were made, and as it is now."""


def changed(database: Database, world: World, now: list[Facts]) -> None:
    """The first records of the world are not what they were any more, but these."""
    for n, (was, one) in enumerate(zip(world.facts, now, strict=False), 1):
        database.execute(statement("close_version"), (CHANGED, n))
        row = stored(CHANGED + n, replace(one, type=was.type, id=was.id, rendering=was.rendering))
        database.execute(statement("insert_version"), (*row[:3], 2, *row[4:]))


def shown(database: Database, predicate: Predicate, type: str, t: int) -> list[tuple[str, str, int]]:
    """The versions of a type in an export at a time."""
    values = {"type": type, "after": 0, "last": END, "t": t, "c_t": t}
    sql = narrowed("exported", predicate).replace("{chosen}", "TRUE").replace("{columns}", "v.type, v.id, v.version")
    found = database.execute(sql, {**predicate.parameters, **values}).fetchall()
    return [tuple(row) for row in found]


def compare(database: Database, predicate: Predicate, world: World) -> None:
    """Both ways show the same, at both times."""
    for type in sorted({one.type for one in world.facts}):
        for t in (BEFORE, AFTER):
            each = shown(database, on_later_pages(predicate), type, t)
            at_once = of_type(in_stretches(predicate, world.caller.kind), world.now, type)
            assert shown(database, at_once, type, t) == each


@settings(max_examples=WORLDS, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.one_of(worlds(), worlds([ClientKind.PAYER, ClientKind.PROVIDER_EHR]), emergencies_met()),
    st.lists(facts(), max_size=2),
    st.sampled_from((LABELLED, 0)),
)
def test_what_is_asked_once_shows_what_is_asked_of_each(
    database: Database, world: World, now: list[Facts], free: int
) -> None:
    filled(database, world)
    for predicate in predicates(world, consent_free=free):
        compare(database, predicate, world)
    changed(database, world, now)
    for predicate in predicates(world, consent_free=free):
        compare(database, predicate, world)
        compare(database, new_since(predicate, WRITTEN + 1, BEFORE, ["p2"]), world)


REFUSAL, EXCEPTION = (replace(PERMIT, effect=effect, labels=HIV) for effect in (Effect.DENY, Effect.EXCEPTION))


@pytest.mark.parametrize(
    ("grants", "tie", "together"),
    [
        ((PERMIT,), COVERS, True),
        ((PERMIT, replace(REFUSAL, recipient="Organization/o2")), COVERS, True),
        ((PERMIT, replace(REFUSAL, type="Observation")), COVERS, True),
        ((PERMIT, replace(EXCEPTION, consent="c2")), COVERS, True),
        ((replace(PERMIT, data_from=1, data_until=4),), replace(COVERS, valid_from=1, valid_until=4), True),
        # Of what follows the record may be seen all the same: it is asked about by itself.
        ((PERMIT, REFUSAL), COVERS, False),
        ((PERMIT, replace(REFUSAL, recipient=ANY, record="Encounter/r2")), COVERS, False),
        ((PERMIT, EXCEPTION), COVERS, False),
        ((PERMIT,), replace(COVERS, valid_from=2), False),
        ((PERMIT,), replace(COVERS, valid_until=3), False),
        ((replace(PERMIT, data_from=2),), COVERS, False),
        ((replace(PERMIT, data_until=3),), COVERS, False),
        ((replace(PERMIT, record="Encounter/r1"),), COVERS, False),
        ((replace(PERMIT, labels=PART2 | HIV),), COVERS, False),
        ((replace(PERMIT, valid_until=3),), COVERS, False),
    ],
)
def test_records_are_asked_about_together_where_one_consent_is_for_all(
    database: Database, grants: tuple[Grant, ...], tie: Tie, together: bool
) -> None:
    visits = tuple(replace(VISIT, id=f"r{n}", date=n) for n in (1, 2, 3))
    filled(database, World(PAYER, grants, (tie,), visits, 3))
    said = of_caller(PAYER, frozenset(TYPES), 3).parameters | {"type": "Encounter", "labels": PART2 | SUD}
    group = "SELECT 'p1' AS patients, CAST(:labels AS BIGINT) AS labels, 1 AS first, 3 AS last, 1 AS dated"
    ((found,),) = database.execute(f"SELECT {permitted_all(PAYER.kind)} FROM ({group}) s", said).fetchall()
    assert bool(found) is together


LATER = ("deny", "exception", "permit", "tie")
"""What of the rules may have come after an earlier time."""


@settings(max_examples=WORLDS, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.one_of(worlds(), emergencies_met()), st.sets(st.sampled_from(LATER), min_size=1), st.sampled_from((LABELLED, 0))
)
def test_nothing_is_shown_of_an_earlier_time_that_is_not_shown_now(
    database: Database, world: World, later: set[str], free: int
) -> None:
    filled(database, world)
    for name in later:
        table, of = ("tie", "TRUE") if name == "tie" else ("permit", f"effect = '{name}'")
        database.execute(f"UPDATE {table} SET from_t = {AFTER} WHERE {of}")
    for predicate in predicates(world, consent_free=free):
        then, now = (found_at(database, predicate, t) for t in (BEFORE, END))
        assert then <= now
        if later <= {"deny", "exception"}:
            assert then == now


def found_at(database: Database, predicate: Predicate, t: int) -> set[tuple[str, str]]:
    """What a reader sees by the permissions of a time."""
    sql = f"SELECT v.type, v.id FROM version v WHERE ({predicate.condition})"
    said = predicate.parameters | ({"c_t": t} if "c_t" in predicate.parameters else {})
    return {(type, id) for type, id in database.execute(sql, said)}
