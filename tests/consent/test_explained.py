"""What is said of a decision is what the policy goes by."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent import policy
from adapter.consent.explained import explain, grant_faults, tie_faults
from adapter.consent.labels import OTHER, PART2
from adapter.consent.policy import INTERNAL, Asked, decide, in_emergency
from adapter.rules import ANY, Effect, Facts, Grant
from tests.consent.worlds import World, worlds


@given(worlds())
def test_the_decision_is_that_of_the_policy(world: World) -> None:
    for facts in world.facts:
        rules = world.grants, world.ties, world.now
        said = explain(world.caller, facts, *rules, world.emergencies, world.facts)
        more: dict[str, Any] = {"emergencies": world.emergencies, "saying": world.facts}
        assert said.decision == decide(world.caller, facts, *rules, **more)


@given(worlds())
def test_a_consent_or_tie_applies_where_no_fault_of_it_is_told_and_nowhere_else(world: World) -> None:
    if world.caller.kind in INTERNAL or in_emergency(world.caller):
        return
    for facts in world.facts:
        asked = Asked(world.caller, facts, world.now)
        for patient in facts.patients:
            own = [tie for tie in world.ties if tie.patient == patient]
            tied = any(not tie_faults(tie, asked) for tie in own)
            assert tied == policy._is_tied(asked, patient, world.ties)
            for grant in (grant for grant in world.grants if grant.patient == patient):
                applies = (
                    policy._permits(grant, asked, tied)
                    if grant.effect is Effect.PERMIT
                    else policy.refuses(grant, asked)
                )
                assert applies == (not grant_faults(grant, asked, tied)), grant_faults(grant, asked, tied)


def test_a_label_without_a_kind_is_said_to_be_its_senders() -> None:
    caller = Caller("c", ClientKind.PROVIDER_EHR, "o", Purpose.TREATMENT, (), "token")
    facts = Facts("Condition", "a", frozenset(("p",)), PART2 | OTHER)
    grant = Grant("consent", "p", Effect.PERMIT, ANY, ANY, labels=PART2)
    said = explain(caller, facts, [grant], [], 0)
    named = "a sensitivity that its sender named, now or in an earlier version"
    words = f"{named}, by V, R alone or a label not known here"
    assert said.labels == ("42CFRPart2", words)
    assert any(f"it does not cover {words}" in line for line in said.lines)
