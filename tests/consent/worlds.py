"""Small worlds in which who asks, consents, ties and records meet often: for laws, and to compare SQL with the oracle.

`worlds()` gives (caller, grants, ties, facts, now, emergencies); a record's (type, id) is there once; ids,
organizations and times are few, so that what is generated is about one another; times stand at the edges of each
other's intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any, NamedTuple

from hypothesis import strategies as st

from adapter.callers import EMERGENCIES, Caller, ClientKind, Purpose
from adapter.consent.duties import Shown
from adapter.consent.labels import LABELLED, NOTES, OTHER, OTHERS, PART2, mask, with_narrower
from adapter.consent.policy import side_of
from adapter.rules import ANY, BEGINNING, END, EVERY_LABEL, Bond, Effect, Emergency, Facts, Grant, Tie

PATIENTS = ("p1", "p1", "p1", "p2")
ORGANIZATIONS = ("o1", "o1", "o1", "o2")
CONSENTS = ("c1", "c2", "c3")
TYPES = ("Encounter", "Encounter", "Encounter", "Condition", "Observation", "Organization", "Consent")
IDS = ("r1", "r2", "r3")
TIMES = (0, 1, 2, 3)
SUD, HIV, MH = (mask([code]) for code in ("SUD", "HIV", "MH"))
LABELS = (
    *[PART2 | SUD] * 4,
    *[PART2 | SUD | HIV] * 2,
    PART2 | LABELLED,
    PART2 | SUD | OTHER,
    LABELLED,
    LABELLED,
    MH,
    SUD | HIV,
    0,
    PART2 | SUD | NOTES,
    PART2 | SUD | OTHERS,
)
"""What records are labelled."""
PERMITTED = (
    EVERY_LABEL & ~NOTES,
    EVERY_LABEL,
    PART2 | with_narrower(["SUD"]),
    PART2 | SUD | HIV,
    PART2 | MH,
    LABELLED,
    0,
)
REFUSED = (EVERY_LABEL, EVERY_LABEL, OTHER | HIV, OTHER | with_narrower(["BH"]), LABELLED, PART2)
CLASSES = tuple(
    f"class/{code}"
    for code in (
        "treating-providers",
        "health-plans",
        "third-party-payers",
        "program-helpers",
        "intermediary-participants",
    )
)
NAMED = tuple(f"Organization/{organization}" for organization in ORGANIZATIONS)
PURPOSES = (*["TREAT"] * 6, *["HPAYMT"] * 6, "HOPERAT", "ETREAT", "HRESCH")
PEOPLE = ("u1", "u1", "u1", "u2")
RECORDS = (*[ANY] * 9, "Encounter/r1", "Observation/r1", "Encounter/r2")
CLASSES_OF = {
    ClientKind.PROVIDER_EHR: "class/treating-providers",
    ClientKind.FACILITY: "class/treating-providers",
    ClientKind.PAYER: "class/health-plans",
}
KINDS = (
    *[ClientKind.PROVIDER_EHR] * 8,
    *[ClientKind.PAYER] * 8,
    *[ClientKind.FACILITY] * 5,
    *[ClientKind.PROGRAM_EHR] * 4,
    ClientKind.PRIVACY_OFFICER,
)
USUAL = {ClientKind.PAYER: Purpose.PAYMENT}


class World(NamedTuple):
    """Who asks for what, where this is on record."""

    caller: Caller
    grants: tuple[Grant, ...]
    ties: tuple[Tie, ...]
    facts: tuple[Facts, ...]
    now: int
    emergencies: tuple[Emergency, ...] = ()


WINDOWS = (
    *[(BEGINNING, END)] * 75,
    *[(first, last) for first in (BEGINNING, *TIMES) for last in (*TIMES, END)],
)
"""[from, until): mostly open on both sides; some end where others begin, some are empty."""
ABOUT = tuple(frozenset(who) for who in (["p1"], ["p1"], ["p1"], ["p2"], PATIENTS, PATIENTS, []))


HELD = (*[None] * 4, frozenset({"o1"}), frozenset({"o1", "o2"}), frozenset({"o2"}), frozenset[str]())
"""Whom a rendering is held to."""


def each_of(*domains: Sequence[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """One member of each domain, as a single draw: worlds are many, and draws are what takes time."""
    sizes = [len(domain) for domain in domains]

    def members(number: int) -> tuple[Any, ...]:
        chosen = []
        for domain, size in zip(domains, sizes, strict=True):
            number, at = divmod(number, size)
            chosen.append(domain[at])
        return tuple(chosen)

    return st.integers(0, prod(sizes) - 1).map(members)


def callers(kinds: Sequence[ClientKind] = KINDS) -> st.SearchStrategy[Caller]:
    """A client of any kind; mostly it asks for what its kind asks for."""

    def caller(said: tuple[Any, ...]) -> Caller:
        kind, organization, other, person = said
        purpose = other or USUAL.get(kind, Purpose.TREATMENT)
        return Caller("client", kind, organization, purpose, (), "token", person)

    return each_of(kinds, ORGANIZATIONS, (*[None] * 5, *Purpose), (*PEOPLE, None)).map(caller)


def grants(*effects: Effect) -> st.SearchStrategy[Grant]:
    """A row of a consent, of the effects or of any; only a refusal or an exception is for anybody, or any purpose."""
    return st.one_of([_grants(effect) for effect in effects or (*[Effect.PERMIT] * 4, Effect.DENY, Effect.EXCEPTION)])


def _grants(effect: Effect) -> st.SearchStrategy[Grant]:
    permits = effect is Effect.PERMIT
    wide = () if permits else (ANY, ANY)
    return each_of(
        CONSENTS,
        PATIENTS,
        (*NAMED, *NAMED, *CLASSES[:3] * 2, *CLASSES, *wide),
        (*PURPOSES, *wide),
        (*[ANY] * 5, *TYPES),
        RECORDS,
        PERMITTED if permits else REFUSED,
        WINDOWS,
        WINDOWS,
    ).map(lambda said: Grant(said[0], said[1], effect, *said[2:7], *said[7], *said[8]))


def ties() -> st.SearchStrategy[Tie]:
    """An organization that treats or covers a patient."""
    bonds = tuple(bond for bond in Bond if bond is not Bond.PRINCIPAL)
    chosen = each_of(bonds, PATIENTS, ORGANIZATIONS, WINDOWS)
    return chosen.map(lambda said: Tie(*said[:3], "CareTeam/t", *said[3]))


def principals(records: Sequence[Facts], how: int) -> tuple[Tie, ...]:
    """Of which diagnoses the visits say that they are the principal ones: mostly of those that they are about too."""
    visits = [one for one in records if one.type == "Encounter"]
    diagnoses = [one for one in records if one.type == "Condition"]
    return tuple(
        Tie(Bond.PRINCIPAL, f"Condition/{one.id}", "p2" if how == 1 else "p1", f"Encounter/{visit.id}")
        for visit in visits[:2]
        for one in diagnoses
        if how
    )


def emergencies() -> st.SearchStrategy[Emergency]:
    """An emergency, mostly of who asks, mostly open."""
    chosen = each_of(IDS, PATIENTS, (*["client"] * 5, "other"), PEOPLE, (*[(BEGINNING, END)] * 20, *WINDOWS[75:]))
    return chosen.map(lambda said: Emergency(*said[:4], *said[4]))


def facts(types: Sequence[str] = TYPES) -> st.SearchStrategy[Facts]:
    """One record: about one patient, mostly."""
    chosen = each_of(types, IDS, ABOUT, LABELS, (None, *TIMES), (0, 0, 0, 1), HELD, (*[False] * 7, True))
    return chosen.map(lambda said: Facts(*said[:-1], staged=said[-1]))


def fitting(caller: Caller, grant: Grant, how: int) -> Grant:
    """Mostly a row that has to do with who asks: it names the organization (1, 2), or its class (3 and more)."""
    if how == 0 or caller.kind not in CLASSES_OF:
        return grant
    recipient = f"Organization/{caller.organization}" if how < 3 else CLASSES_OF[caller.kind]
    return replace(grant, recipient=recipient, purpose=caller.purpose.value)


def fitting_tie(caller: Caller, tie: Tie, how: int) -> Tie:
    """Mostly a tie of the organization that asks."""
    bond = Bond.COVERS if caller.kind is ClientKind.PAYER else Bond.TREATS
    return replace(tie, bond=bond, organization=caller.organization) if how else tie


def fitting_side(caller: Caller, facts: Facts, how: int) -> Facts:
    """Mostly the side of a record that the client sees; what is no rendering is held to nobody, nor is a scope."""
    rendering = side_of(caller.kind, facts.type) if how else facts.rendering
    if facts.type == "Consent":
        return replace(facts, id=f"c{facts.id[1:]}", rendering=rendering, addressees=None)
    return replace(facts, rendering=rendering, addressees=facts.addressees if rendering else None)


@st.composite
def worlds(draw: Any, kinds: Sequence[ClientKind] = KINDS, types: Sequence[str] = TYPES) -> World:
    """A world; see the module. Of these kinds of clients and types of records."""
    caller, how = draw(callers(kinds)), st.integers(0, 4)
    said = draw(st.lists(st.tuples(grants(), how), min_size=1, max_size=5))
    tied = draw(st.lists(st.tuples(ties(), how), min_size=1, max_size=3))
    open_ones = draw(st.lists(emergencies(), max_size=2, unique_by=lambda one: one.id)) if _may_open(caller) else ()
    sides = st.tuples(facts(types), how)
    records = draw(st.lists(sides, min_size=2, max_size=4, unique_by=lambda one: (one[0].type, one[0].id)))
    return World(
        caller,
        tuple(fitting(caller, *one) for one in said),
        (*(fitting_tie(caller, *one) for one in tied), *principals([one for one, _ in records], draw(how))),
        tuple(fitting_side(caller, *one) for one in records),
        draw(st.sampled_from(TIMES)),
        tuple(open_ones),
    )


class StaffWorld(NamedTuple):
    """Somebody of the staff, in whose care people are, and records of several kinds."""

    caller: Caller
    shown: Shown
    ties: tuple[Tie, ...]
    facts: tuple[Facts, ...]
    now: int


PERSONS = ("Practitioner/me", "Practitioner/me", "Practitioner/other", "PractitionerRole/r1", "PractitionerRole/r2")
CONCEPTS = ("session", "session", "diagnosis", "drug_result", None)
SHOWN = tuple(
    Shown(frozenset(all), frozenset(assigned), False, "diagnosis" in all)
    for all, assigned in (
        ([], ["session"]),
        (["diagnosis"], ["session", "drug_result", "other"]),
        (["other", "session"], ["diagnosis"]),
        ([], ["session", "diagnosis", "drug_result", "other"]),
    )
)
"""What duties show."""


def care() -> st.SearchStrategy[Tie]:
    """Somebody who cares for a patient, as himself or in a role; or who holds such a role."""
    cares = each_of((Bond.CARES,), PATIENTS, PERSONS, WINDOWS)
    holds = each_of((Bond.HOLDS,), PERSONS[3:], PERSONS[:3], WINDOWS)
    others = each_of((Bond.TREATS, Bond.COVERS), PATIENTS, PERSONS, WINDOWS)
    return st.one_of(cares, cares, holds, others).map(lambda said: Tie(*said[:3], "CareTeam/t", *said[3]))


@st.composite
def staff_worlds(draw: Any) -> StaffWorld:
    """A world; see the module."""
    caller = Caller("app", ClientKind.STAFF, "o1", Purpose.TREATMENT, (), "token", "me")
    records = draw(st.lists(facts(), min_size=2, max_size=4, unique_by=lambda one: (one.type, one.id)))
    concepts = draw(st.lists(st.sampled_from(CONCEPTS), min_size=len(records), max_size=len(records)))
    return StaffWorld(
        caller,
        draw(st.sampled_from(SHOWN)),
        tuple(draw(st.lists(care(), min_size=1, max_size=4))),
        tuple(replace(one, concept=concept) for one, concept in zip(records, concepts, strict=True)),
        draw(st.sampled_from(TIMES)),
    )


@st.composite
def emergencies_met(draw: Any) -> World:
    """A world in which somebody at another provider asks because of an emergency."""
    world, purposes = draw(worlds()), sorted(EMERGENCIES)
    kind, person = ClientKind.PROVIDER_EHR, draw(st.sampled_from((*PEOPLE, None)))
    caller = replace(world.caller, kind=kind, purpose=draw(st.sampled_from(purposes)), user=person)
    opened = draw(st.lists(emergencies(), min_size=1, max_size=3, unique_by=lambda one: one.id))
    return world._replace(caller=caller, emergencies=tuple(opened))


def _may_open(caller: Caller) -> bool:
    return caller.purpose in EMERGENCIES


def terms() -> st.SearchStrategy[dict[str, Any]]:
    """What a deployment configures: the keyword arguments of the oracle."""
    free = st.sampled_from((LABELLED, LABELLED, LABELLED | MH, 0))
    return st.fixed_dictionaries({"operations_allowed": st.booleans(), "consent_free": free})
