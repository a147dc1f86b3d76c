"""Laws of the policy over small worlds, and for each a planted fault that its test finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, find, given, seed, settings
from hypothesis import strategies as st

from adapter.callers import ClientKind
from adapter.consent import policy
from adapter.consent.labels import PART2
from adapter.consent.policy import INTERNAL, Decision, decide, in_emergency
from adapter.rules import ANY, BEGINNING, END, EVERY_LABEL, Effect, Grant
from tests.conftest import FULL
from tests.consent.worlds import LABELS, PERMITTED, World, emergencies_met, grants, terms, worlds

Law = Callable[[World, dict[str, Any], Any], bool]
DENY, EXCEPTION = grants(Effect.DENY), grants(Effect.EXCEPTION)


def answers(world: World, said: dict[str, Any]) -> list[Decision]:
    said = said | {"emergencies": world.emergencies, "saying": world.facts}
    return [decide(world.caller, one, world.grants, world.ties, world.now, **said) for one in world.facts]


def seen(world: World, said: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (one.type, one.id)
        for one, decision in zip(world.facts, answers(world, said), strict=True)
        if decision.permitted
    }


def permits_in(world: World) -> Iterator[int]:
    return (index for index, grant in enumerate(world.grants) if grant.effect is Effect.PERMIT)


def more_grants_show_no_more(world: World, said: dict[str, Any], more: Grant) -> bool:
    return seen(world._replace(grants=(*world.grants, more)), said) <= seen(world, said)


def fewer_permissions_show_no_more(world: World, said: dict[str, Any], more: Any) -> bool:
    del more
    without = (world.grants[:index] + world.grants[index + 1 :] for index in permits_in(world))
    before = seen(world, said)
    return all(seen(world._replace(grants=fewer), said) <= before for fewer in without)


def narrower(grant: Grant, other: Grant) -> Iterator[Grant]:
    """The permission, narrowed in one way after the other to what another one says too."""
    if grant.type == ANY:
        yield replace(grant, type=other.type)
    if grant.record == ANY:
        yield replace(grant, record=other.record)
    yield replace(grant, labels=grant.labels & other.labels)
    for first, last in (("data_from", "data_until"), ("valid_from", "valid_until")):
        yield replace(grant, **{first: max(getattr(grant, first), getattr(other, first))})
        yield replace(grant, **{last: min(getattr(grant, last), getattr(other, last))})


def a_narrower_permission_shows_no_more(world: World, said: dict[str, Any], other: Grant) -> bool:
    before = seen(world, said)
    for index in permits_in(world):
        for less in narrower(world.grants[index], other):
            changed = (*world.grants[:index], less, *world.grants[index + 1 :])
            if not seen(world._replace(grants=changed), said) <= before:
                return False
    return True


def a_wider_refusal_shows_no_more(world: World, said: dict[str, Any], other: Any) -> bool:
    del other
    wide: dict[str, Any] = {"recipient": ANY, "purpose": ANY, "type": ANY, "record": ANY, "labels": EVERY_LABEL}
    wide |= {"data_from": BEGINNING, "data_until": END, "valid_from": BEGINNING, "valid_until": END}
    for name, value in wide.items():
        wider = tuple(g if g.effect is Effect.PERMIT else replace(g, **{name: value}) for g in world.grants)
        if not seen(world._replace(grants=wider), said) <= seen(world, said):
            return False
    return True


def more_labels_show_no_more(world: World, said: dict[str, Any], labels: int) -> bool:
    """Of records that were labelled: 0 is none."""
    labelled = world._replace(facts=tuple(one for one in world.facts if one.labels))
    more = tuple(replace(one, labels=one.labels | labels) for one in labelled.facts)
    return seen(labelled._replace(facts=more), said) <= seen(labelled, said)


def every_patient_must_permit(world: World, said: dict[str, Any], more: Any) -> bool:
    del more
    for patient in ("p1", "p2"):
        about = tuple(one for one in world.facts if patient in one.patients)
        alone = tuple(replace(one, patients=frozenset((patient,))) for one in about)
        if not seen(world._replace(facts=about), said) <= seen(world._replace(facts=alone), said):
            return False
    return True


def nothing_of_part_2_leaves_without_a_consent_for_it(world: World, said: dict[str, Any], more: Any) -> bool:
    """Nor is any consent named that does not permit it by itself. Save in an emergency."""
    if world.caller.kind in INTERNAL or in_emergency(world.caller):
        return True
    more = said | {"saying": world.facts}
    for one, decision in zip(world.facts, answers(world, said), strict=True):
        if not (decision.permitted and one.patients and one.labels & PART2):
            continue
        alone = tuple(g for g in world.grants if g.consent == decision.consent or g.patient != min(one.patients))
        if decision.consent is None or not decide(world.caller, one, alone, world.ties, world.now, **more).permitted:
            return False
        if not any(g.effect is Effect.PERMIT and g.consent == decision.consent for g in world.grants):
            return False
    return True


def nobody_without_a_tie_sees_a_patient(world: World, said: dict[str, Any], more: Any) -> bool:
    """Save a facility that a consent names, and in an emergency."""
    del more
    if world.caller.kind not in (ClientKind.PROVIDER_EHR, ClientKind.PAYER) or in_emergency(world.caller):
        return True
    return all(not one.patients for one in world.facts if (one.type, one.id) in seen(world._replace(ties=()), said))


def in_an_emergency_only_what_this_person_opened_is_seen(world: World, said: dict[str, Any], more: Any) -> bool:
    """And of each record by all whom it is about."""
    del more
    who = world.caller.client, world.caller.user
    own = tuple(e for e in world.emergencies if (e.client, e.person) == who and e.opened <= world.now < e.closed)
    if not in_emergency(world.caller):
        return seen(world._replace(emergencies=()), said) == seen(world, said)
    opened = {one.patient for one in own}
    return all(one.patients <= opened for one in world.facts if (one.type, one.id) in seen(world, said))


def neither_order_nor_repetition_matters(world: World, said: dict[str, Any], more: Any) -> bool:
    del more
    other = world._replace(grants=(*reversed(world.grants), *world.grants), ties=(*reversed(world.ties), *world.ties))
    return answers(other, said) == answers(world, said)


# Faults, as a change of what the policy is asked or of one of its parts.
def newest_permission_only(original: Any) -> Any:
    def faulty(asked: Any, patient: str, given: tuple[Grant, ...], *rest: Any) -> Decision:
        last = max((g.consent for g in given if g.effect is Effect.PERMIT and g.patient == patient), default=None)
        kept = tuple(g for g in given if g.effect is not Effect.PERMIT or g.consent == last)
        return original(asked, patient, kept, *rest)  # type: ignore[no-any-return]

    return faulty


def effect_unread(effect: Effect) -> Callable[[Any], Any]:
    def plant(original: Any) -> Any:
        def faulty(asked: Any, patient: str, given: tuple[Grant, ...], *rest: Any) -> Decision:
            read = (replace(g, effect=Effect.PERMIT) if g.effect is effect else g for g in given)
            return original(asked, patient, tuple(read), *rest)  # type: ignore[no-any-return]

        return faulty

    return plant


def labels_the_wrong_way_round(original: Any) -> Any:
    """A record with every label of the permission is covered, in the place of one with no other."""

    def faulty(grant: Grant, asked: Any, tied: bool) -> bool:
        covered = grant.labels & ~asked.facts.labels == 0
        return covered and bool(original(replace(grant, labels=EVERY_LABEL), asked, tied))

    return faulty


def refused_only_if_all_is_said(original: Any) -> Any:
    return lambda grant, asked: grant.purpose != ANY and original(grant, asked)


def first_patient_decides(original: Any) -> Any:
    return lambda caller, facts, *rest, **said: original(
        caller, replace(facts, patients=frozenset(sorted(facts.patients)[:1])), *rest, **said
    )


def everybody_is_tied(original: Any) -> Any:
    del original
    return lambda *rest: True


def opened_by_anybody(original: Any) -> Any:
    return lambda asked, opened: original(
        asked, [replace(one, client=asked.caller.client, person=str(asked.caller.user)) for one in opened]
    )


def the_first_found_is_named(original: Any) -> Any:
    def faulty(asked: Any, patient: str, given: tuple[Grant, ...], *rest: Any) -> Decision:
        decision = original(asked, patient, given, *rest)
        first = next((g.consent for g in given if g.effect is Effect.PERMIT), None)
        return replace(decision, consent=first if decision.consent else None)  # type: ignore[no-any-return]

    return faulty


NONE = st.none()
FINDING = settings(max_examples=8_000, phases=[Phase.generate], database=None)
SOON = 3
"""The number of worlds that find each fault soon; others do after more of them."""
LAWS: list[tuple[Law, Any, str, Callable[[Any], Any]]] = [
    (more_grants_show_no_more, DENY, "_of_patient", effect_unread(Effect.DENY)),
    (more_grants_show_no_more, EXCEPTION, "_of_patient", effect_unread(Effect.EXCEPTION)),
    (fewer_permissions_show_no_more, NONE, "_of_patient", newest_permission_only),
    (a_narrower_permission_shows_no_more, grants(Effect.PERMIT), "_permits", labels_the_wrong_way_round),
    (a_wider_refusal_shows_no_more, NONE, "refuses", refused_only_if_all_is_said),
    (more_labels_show_no_more, st.sampled_from((*LABELS, *PERMITTED)), "_permits", labels_the_wrong_way_round),
    (every_patient_must_permit, NONE, "decide", first_patient_decides),
    (nothing_of_part_2_leaves_without_a_consent_for_it, NONE, "_of_patient", the_first_found_is_named),
    (nobody_without_a_tie_sees_a_patient, NONE, "_is_tied", everybody_is_tied),
    (in_an_emergency_only_what_this_person_opened_is_seen, NONE, "_in_emergency", opened_by_anybody),
    (neither_order_nor_repetition_matters, NONE, "_of_patient", the_first_found_is_named),
]
BY_LAW = pytest.mark.parametrize(
    ("law", "more", "part", "plant"), LAWS, ids=lambda value: getattr(value, "__name__", "")
)


@BY_LAW
def test_the_policy_keeps_its_laws(law: Law, more: Any, part: str, plant: Any) -> None:
    del part, plant

    @given(worlds(), terms(), more)
    @settings(max_examples=2 * settings.default.max_examples)
    def proof(world: World, said: dict[str, Any], other: Any) -> None:
        assert law(world, said, other)

    proof()


@BY_LAW
def test_a_policy_that_breaks_a_law_is_found(
    law: Law, more: Any, part: str, plant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = globals() if part == "decide" else vars(policy)
    monkeypatch.setitem(target, part, plant(target[part]))
    broken = find(
        st.tuples(worlds(), terms(), more),
        lambda case: not law(*case),
        settings=FINDING,
        random=Random(SOON),
    )
    assert broken


REASONS = [
    (True, "the program's own use, 2.12(c)"),
    (False, "the program's own use, 2.12(c)"),
    (False, "a counseling note, 2.31(b)"),
    (False, "it came with a referral, and waits for intake"),
    (False, "another side of the record than this kind of client sees"),
    (False, "it was never labelled"),
    (False, "it names others than those it is about"),
    (False, "it is held to others"),
    (True, "about no patient"),
    (False, "about no patient"),
    (False, "the purpose is none of this kind of client"),
    (True, "it names the client, 2.32(b)"),
    (False, "it does not name the client, or is not in force for it"),
    (False, "nothing that this client sees says that it is its principal diagnosis"),
    (False, "an emergency is opened by a person, and the token names none, 2.51(c)"),
    (False, "refused, 2.26 or a consent that denies"),
    (False, "no tie to the patient"),
    (True, "not under part 2, 45 CFR 164.506"),
    (True, "a medical emergency, 2.51"),
    (False, "no emergency is open for the patient"),
    (True, "a consent, 2.31"),
    (False, "no consent, 2.13(a)"),
]


def test_the_worlds_reach_every_answer_and_no_other() -> None:
    found: set[tuple[bool, str]] = set()
    # The rarest answers are about emergencies, which are one purpose of many.
    looked_at = worlds() if FULL else st.one_of(worlds(), emergencies_met())
    for number in range(80):

        @seed(number)
        @given(looked_at, terms())
        @settings(max_examples=200, phases=[Phase.generate], database=None)
        def look(world: World, said: dict[str, Any]) -> None:
            found.update((one.permitted, one.reason) for one in answers(world, said))

        look()
        if found >= set(REASONS) and not FULL:
            break
    assert found == set(REASONS)
