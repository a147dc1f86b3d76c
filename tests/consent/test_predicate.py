"""What the SQL of a predicate lets through is what the oracle permits: in generated worlds, on both databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent.labels import LABELLED, NOTES, PART2
from adapter.consent.policy import CLASSES, CONSENT, DIAGNOSIS, INTERNAL, NAMED, decide, in_care, shows
from adapter.consent.predicate import at, of_caller, of_named, of_person, of_reviewer
from adapter.fhir.index import Rows
from adapter.released import Predicate, own_ground
from adapter.rules import ANY, SCOPE, Bond, Effect, Facts, Grant, Tie
from adapter.store.connections import connect
from adapter.store.database import Database
from adapter.store.migrate import migrate, migrations
from adapter.store.rule_rows import permit_rows, tie_rows
from adapter.store.statements import KEPT, narrowed, statement
from adapter.store.version import Version
from tests.consent.worlds import HIV, MH, PATIENTS, SUD, TYPES, StaffWorld, World, emergencies_met, staff_worlds, worlds
from tests.store.serving import POSTGRES, cluster

# The tests on PostgreSQL have one size in .ci/run and by themselves.
WORLDS = {"quick": 500 if POSTGRES else 100, "ci": 500, "full": 10_000}[os.environ.get("TEST_PROOF", "quick")]
# Of what follows from the rules and is no answer by itself half as many.
BESIDE = max(WORLDS // 2, 100)
WRITTEN = 1_000_000
"""When every record was written, in ms: the sort key of one without a date of its own."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Tables without records."""
    if POSTGRES:
        from adapter.store.postgres_connection import opened

        with opened(cluster().database()) as shared:
            migrate(shared, migrations("postgres"))
            yield shared
        return
    with closing(connect(tmp_path_factory.mktemp("store") / "worlds.db", durable=False)) as own:
        migrate(own, migrations())
        yield own


def filled(database: Database, world: World | StaffWorld) -> None:
    """The world as rows."""
    for table in ("version", "permit", "tie", "emergency", "sent"):
        database.execute(f"DELETE FROM {table}")
    grants = world.grants if isinstance(world, World) else ()
    rows, ties = Rows(None, 0, [], [], [], grants=grants), tuple(t for t in world.ties if t.bond is not Bond.PRINCIPAL)
    saying = version(0, Facts("Consent", "c", frozenset(), 0))
    database.executemany(statement("insert_version"), [stored(n, facts) for n, facts in enumerate(world.facts, 1)])
    database.executemany(statement("insert_permit"), permit_rows(saying, rows))
    database.executemany(statement("insert_tie"), tie_rows(saying, rows._replace(ties=ties)))
    for n, facts in enumerate(world.facts, 1):
        own = tuple(tie for tie in world.ties if tie.source == f"{facts.type}/{facts.id}")
        database.executemany(statement("insert_tie"), tie_rows(version(n, facts), rows._replace(ties=own)))
    sent = [(facts.type, facts.id, "o2", "t", 1) for facts in world.facts if facts.staged]
    database.executemany(statement("insert_sent"), sent)
    for one in world.emergencies if isinstance(world, World) else ():
        said = {"id": one.id, "patient": one.patient, "client": one.client, "person": one.person}
        database.execute(statement("insert_emergency"), {**said, "opened": one.opened})
        database.execute(statement("open_emergency"), {"id": one.id, "closed": one.closed})


def version(number: int, facts: Facts) -> Version:
    sort = WRITTEN if facts.date is None else facts.date
    about = " ".join(sorted(facts.patients))
    own = (0, b"{}", facts.labels)
    return Version(number, facts.type, facts.id, 1, WRITTEN, number, False, sort, None, facts.concept, about, *own)


def stored(number: int, facts: Facts) -> tuple[Any, ...]:
    held = None if facts.addressees is None else " ".join(sorted(facts.addressees))
    return (*version(number, facts)[:-1], 0, facts.labels, facts.rendering, held)


def seen(database: Database, world: World, **more: Any) -> set[tuple[str, str]]:
    """What the SQL lets through."""
    found = set[tuple[str, str]]()
    for predicate in predicates(world, **more):
        sql = f"SELECT v.type, v.id FROM version v WHERE ({predicate.condition})"
        found |= {(type, id) for type, id in database.execute(sql, predicate.parameters)}
    return found


def predicates(world: World, **more: Any) -> list[Predicate]:
    """Of Consents, those whom they name have one of their own."""
    if world.caller.kind not in NAMED:
        return [of_caller(world.caller, frozenset(TYPES), world.now, **more)]
    named = of_named(world.caller, world.now, operations_allowed=more.get("operations_allowed", False))
    return [of_caller(world.caller, frozenset(TYPES) - {CONSENT}, world.now, **more), named]


def permitted(world: World, **more: Any) -> set[tuple[str, str]]:
    """What the oracle permits."""
    caller, grants, ties, records, now, opened = world
    more |= {"emergencies": opened, "saying": records}
    return {(f.type, f.id) for f in records if decide(caller, f, grants, ties, now, **more).permitted}


@settings(max_examples=WORLDS, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(worlds())
def test_the_sql_lets_through_what_the_oracle_permits(database: Database, world: World) -> None:
    compared(database, world)


@settings(max_examples=max(WORLDS, 600), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(worlds(sorted(NAMED), (CONSENT,)))
def test_of_consents_that_name_who_asks(database: Database, world: World) -> None:
    compared(database, world)


@settings(max_examples=WORLDS, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(worlds([ClientKind.PAYER], ("Observation", "Observation", "Goal")), st.sampled_from((0, LABELLED)))
def test_of_what_a_reviewer_is_told(database: Database, world: World, free: int) -> None:
    """Each ground is asked for as well: it is what the ledger has."""
    whole = world._replace(facts=tuple(replace(one, rendering=0, addressees=None) for one in world.facts))
    filled(database, whole)
    predicate = of_reviewer(world.caller, frozenset({"Observation"}), world.now, consent_free=free)
    caller, grants, ties, records, now, _ = whole
    said = {
        one.id: decide(caller, one, grants, ties, now, consent_free=free, review=True)
        for one in records
        if one.type == "Observation"
    }
    alone = {one.id for one in records if one.type == "Observation" and len(one.patients) == 1}
    sql = f"SELECT v.id, {own_ground(predicate.ground)} FROM version v WHERE ({predicate.condition})"
    found = dict(database.execute(sql, predicate.parameters).fetchall())
    assert set(found) == {id for id, one in said.items() if one.permitted}
    assert {id: found[id] for id in alone & set(found)} == {
        id: said[id].consent or "hipaa" for id in alone & set(found)
    }


PAYER = Caller("client", ClientKind.PAYER, "o1", Purpose.PAYMENT, (), "token")
PERMIT = Grant("c1", "p1", Effect.PERMIT, "Organization/o1", "HPAYMT")
COVERS = Tie(Bond.COVERS, "p1", "o1", "Coverage/c")
SCOPED = Facts(CONSENT, "c1", frozenset({"p1"}), PART2 | SUD, 2, SCOPE)
VISIT = Facts("Encounter", "r1", frozenset({"p1"}), PART2 | SUD, 2, 1)
PRINCIPAL = Tie(Bond.PRINCIPAL, "Condition/r1", "p1", "Encounter/r1")


def test_a_reviewer_is_told_on_the_consent_that_names_the_class(database: Database) -> None:
    """Not on the first that covers the record: that one names none."""
    result = Facts("Observation", "r1", frozenset({"p1"}), PART2 | SUD, 2)
    named = replace(PERMIT, consent="c2", type="Observation")
    filled(database, World(PAYER, (PERMIT, named), (COVERS,), (result,), 3))
    predicate = of_reviewer(PAYER, frozenset({"Observation"}), 3, consent_free=0)
    still = predicate.still.replace("s.value", "'p1'")
    sql = f"SELECT {own_ground(predicate.ground)}, {still} FROM version v WHERE ({predicate.condition})"
    assert [(ground, bool(lasts)) for ground, lasts in database.execute(sql, predicate.parameters)] == [("c2", True)]
    filled(database, World(PAYER, (PERMIT,), (COVERS,), (result,), 3))
    assert [bool(lasts) for (lasts,) in database.execute(f"SELECT {still} FROM version v", predicate.parameters)] == [
        False
    ]


@pytest.mark.parametrize(
    ("grants", "tie", "shown"),
    [
        ((PERMIT,), COVERS, True),
        ((PERMIT,), replace(COVERS, valid_until=1), True),
        ((PERMIT,), replace(COVERS, valid_from=4), False),
        ((PERMIT, replace(PERMIT, effect=Effect.EXCEPTION)), COVERS, False),
        ((PERMIT, replace(PERMIT, effect=Effect.EXCEPTION, consent="c2")), COVERS, True),
        ((PERMIT, replace(PERMIT, effect=Effect.DENY, consent="c2")), COVERS, False),
        ((replace(PERMIT, type="Observation", record="Observation/r1", data_until=1),), COVERS, True),
        ((replace(PERMIT, consent="c2"),), COVERS, False),
        ((replace(PERMIT, labels=PART2 | MH),), COVERS, False),
        ((replace(PERMIT, valid_until=3),), COVERS, False),
    ],
)
def test_a_consent_is_there_for_whom_it_permits_anything(
    database: Database, grants: tuple[Grant, ...], tie: Tie, shown: bool
) -> None:
    world = World(PAYER, grants, (tie,), (SCOPED,), 3)
    filled(database, world)
    assert seen(database, world) == permitted(world) == ({(CONSENT, "c1")} if shown else set())


@pytest.mark.parametrize(
    ("visit", "tie", "shown"),
    [
        (VISIT, PRINCIPAL, True),
        (VISIT, replace(PRINCIPAL, organization="p2"), False),
        (VISIT, replace(PRINCIPAL, patient="Condition/r2"), False),
        (replace(VISIT, patients=frozenset({"p1", "p2"})), PRINCIPAL, False),
        (replace(VISIT, labels=PART2 | SUD | HIV), PRINCIPAL, False),
        (replace(VISIT, addressees=frozenset({"o2"})), PRINCIPAL, False),
        (replace(VISIT, date=9), PRINCIPAL, False),
        (replace(VISIT, staged=True), PRINCIPAL, False),
        (replace(VISIT, labels=PART2 | SUD | NOTES), PRINCIPAL, False),
        (replace(VISIT, rendering=0), PRINCIPAL, False),
    ],
)
def test_a_diagnosis_is_there_for_who_sees_what_says_that_it_is_the_principal_one(
    database: Database, visit: Facts, tie: Tie, shown: bool
) -> None:
    covers = replace(COVERS, valid_until=5)
    diagnosis = replace(VISIT, type=DIAGNOSIS)
    world = World(PAYER, (replace(PERMIT, labels=PART2 | SUD),), (covers, tie), (visit, diagnosis), 3)
    filled(database, world)
    assert seen(database, world) == permitted(world)
    assert ((DIAGNOSIS, "r1") in permitted(world)) is shown


@settings(max_examples=max(WORLDS, 600), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(worlds((ClientKind.PAYER,), ("Encounter", DIAGNOSIS)))
def test_of_diagnoses_that_a_visit_names(database: Database, world: World) -> None:
    compared(database, world)


def compared(database: Database, world: World) -> None:
    """Also where some records are outside part 2, and the law of the state lets some of those go."""
    filled(database, world)
    for more in ({}, {"operations_allowed": True}, {"consent_free": LABELLED | MH}):
        assert seen(database, world, **more) == permitted(world, **more)


@settings(max_examples=BESIDE, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(worlds())
def test_of_diagnoses_alone_it_says_the_same_in_fewer_words(database: Database, world: World) -> None:
    filled(database, world)
    alone = of_caller(world.caller, frozenset({DIAGNOSIS}), world.now)
    sql = f"SELECT v.type, v.id FROM version v WHERE ({alone.condition})"
    found = {(type, id) for type, id in database.execute(sql, alone.parameters)}
    assert found == {one for one in permitted(world) if one[0] == DIAGNOSIS}


def test_what_a_payer_may_see_is_asked_by_statements_that_are_kept() -> None:
    caller = Caller("client", ClientKind.PAYER, "o1", Purpose.PAYMENT, (), "token")
    for types in (frozenset({DIAGNOSIS}), frozenset(TYPES) - {DIAGNOSIS}):
        assert len(narrowed("read", of_caller(caller, types, 0))) < KEPT


@pytest.mark.storeless
def test_at_another_moment_a_predicate_says_all_else_as_before() -> None:
    caller = Caller("client", ClientKind.PAYER, "o1", Purpose.PAYMENT, (), "token")
    before = of_caller(caller, frozenset(TYPES), 0, drafts=frozenset({"Task"}), policy="1")
    after = at(before, 7, "Encounter")
    assert replace(after, parameters=before.parameters) == before
    changed = {name for name, value in after.parameters.items() if value != before.parameters[name]}
    assert (changed, after.parameters["c_now"]) == ({"c_now", "c_types"}, 7)


@settings(max_examples=WORLDS, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(emergencies_met())
def test_in_an_emergency_too(database: Database, world: World) -> None:
    filled(database, world)
    assert seen(database, world) == permitted(world)


def opened(database: Database, predicate: Predicate, type: str) -> set[str]:
    """The patients of whom there can be anything to see in records of a type."""
    sql = statement("opened").replace("{opened}", predicate.opened)
    said = {**predicate.parameters, "type": type, "patients": orjson.dumps(PATIENTS).decode()}
    return {patient for (patient,) in database.execute(sql, said)}


@settings(max_examples=BESIDE, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(world=st.one_of(worlds(), emergencies_met()), free=st.sampled_from((LABELLED, LABELLED, LABELLED | MH, 0)))
def test_a_patient_of_whom_anything_is_permitted_is_looked_for(database: Database, world: World, free: int) -> None:
    """Also by who asks for what its kind has no purpose for: it is shown nothing of anybody."""
    if world.caller.kind in INTERNAL:
        return
    filled(database, world)
    usual, *named = predicates(world, consent_free=free)
    shown = permitted(world, consent_free=free)
    for facts in world.facts:
        if (facts.type, facts.id) in shown:
            predicate = named[0] if named and facts.type == CONSENT else usual
            assert facts.patients <= opened(database, predicate, facts.type)


@pytest.mark.parametrize("kind", [ClientKind.PROVIDER_EHR, ClientKind.PAYER, ClientKind.FACILITY])
def test_a_patient_of_whom_nothing_is_permitted_is_not_looked_for(database: Database, kind: ClientKind) -> None:
    """Without a tie, with a tie alone, with a consent to another type, and with a refusal of all."""
    purpose = Purpose.PAYMENT if kind is ClientKind.PAYER else Purpose.TREATMENT
    caller = Caller("client", kind, "o1", purpose, (), "token")
    tie = Tie(Bond.COVERS if kind is ClientKind.PAYER else Bond.TREATS, "p1", "o1", "CareTeam/t")
    permit = Grant("c1", "p1", Effect.PERMIT, sorted(CLASSES[kind])[0], purpose.value, "Observation")
    refusal = Grant("c2", "p1", Effect.DENY, "Organization/o1", ANY)
    worlds = {(): [(), (permit,)], (tie,): [(), (permit,), (permit, refusal), (refusal,)]}
    found = []
    for ties, grants in ((ties, one) for ties, several in worlds.items() for one in several):
        filled(database, World(caller, grants, ties, (), 1_000))
        predicate = of_caller(caller, frozenset(TYPES), 1_000, consent_free=0)
        found.append([opened(database, predicate, type) for type in ("Observation", "Encounter")])
    nobody = [set[str](), set[str]()]
    assert found == [nobody, nobody, nobody, [{"p1"}, set()], nobody, nobody]


@settings(max_examples=BESIDE, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(staff_worlds())
def test_of_types_that_are_apart_those_in_ones_care_are_looked_for(database: Database, world: StaffWorld) -> None:
    filled(database, world)
    predicate = of_person(world.caller, world.shown, world.now, apart=frozenset({"Encounter"}))
    cared = {one for one in PATIENTS if in_care("Practitioner/me", one, world.ties, world.now)}
    assert opened(database, predicate, "Encounter") == cared
    assert opened(database, predicate, "Observation") == set(PATIENTS)


def test_what_is_of_a_type_that_the_client_may_not_ask_for_is_not_there(database: Database) -> None:
    world = next(w for w in _examples() if permitted(w))
    filled(database, world)
    assert seen(database, world)
    narrow = of_caller(world.caller, frozenset({"Basic"}), world.now)
    assert database.execute(f"SELECT 1 FROM version v WHERE ({narrow.condition})", narrow.parameters).fetchall() == []


def _examples() -> Iterator[World]:
    from hypothesis import find

    yield find(worlds(), lambda world: bool(permitted(world)))


@settings(max_examples=WORLDS, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(staff_worlds())
def test_the_sql_shows_somebody_of_the_staff_what_the_oracle_does(database: Database, world: StaffWorld) -> None:
    filled(database, world)
    caller, shown, ties, records, now = world
    for types in (None, frozenset({"Encounter"})):
        predicate = of_person(caller, shown, now, types=types)
        found = database.execute(f"SELECT v.type, v.id FROM version v WHERE ({predicate.sql})", predicate.parameters)
        expected = {
            (f.type, f.id) for f in records if shows(caller, shown, f, ties, now) and (types is None or f.type in types)
        }
        assert {(type, id) for type, id in found} == expected


@settings(max_examples=BESIDE, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(staff_worlds())
def test_who_is_in_somebodys_care_is_the_same_for_both(database: Database, world: StaffWorld) -> None:
    filled(database, world)
    predicate = of_person(world.caller, world.shown, world.now)
    sql = statement("cared").replace("{care}", predicate.care)
    found = database.execute(sql, {**predicate.parameters, "patients": '["p1","p2","p3"]'})
    assert {patient for (patient,) in found} == {
        patient for patient in ("p1", "p2", "p3") if in_care("Practitioner/me", patient, world.ties, world.now)
    }


def test_the_staffs_worlds_reach_every_answer() -> None:
    from hypothesis import find

    def answers(world: StaffWorld) -> set[bool]:
        return {shows(world.caller, world.shown, one, world.ties, world.now) for one in world.facts}

    for wanted in ({True}, {False}, {True, False}):
        assert find(staff_worlds(), lambda world, wanted=wanted: answers(world) == wanted)  # type: ignore[misc]
    role = find(
        staff_worlds(),
        lambda w: (
            in_care("Practitioner/me", "p1", w.ties, w.now)
            and all(tie.organization != "Practitioner/me" for tie in w.ties if tie.bond is Bond.CARES)
        ),
    )
    assert role
