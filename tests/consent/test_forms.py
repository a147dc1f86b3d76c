"""From form to answer: what narrows a consent, ends it or cannot be read shows no more; a refusal likewise."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest

from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent.grants import Program, grants_of
from adapter.consent.labels import LABELLED, PART2, mask
from adapter.consent.policy import decide, side_of
from adapter.rules import Bond, Facts, Tie
from tests.consent.table import NOW, Record, form

DATES = ("2025-12-01", "2026-03-10", None)
LABELS = (LABELLED, PART2 | LABELLED, *(PART2 | mask(codes) for codes in (["SUD"], ["SUD", "HIV"], ["SUD", "STD"])))
TYPES = ("Encounter", "Observation", "Procedure")
CALLERS = (
    Caller("a", ClientKind.PROVIDER_EHR, "provider", Purpose.TREATMENT, (), "t"),
    Caller("b", ClientKind.PAYER, "payer", Purpose.PAYMENT, (), "t"),
    Caller("c", ClientKind.FACILITY, "facility", Purpose.TREATMENT, (), "t"),
)
TIES = (
    Tie(Bond.TREATS, "pat", "provider", "CareTeam/t"),
    Tie(Bond.TREATS, "pat", "facility", "CareTeam/t"),
    Tie(Bond.COVERS, "pat", "payer", "Coverage/c"),
)
NARROWING: list[dict[str, Any]] = [
    {"record_types": ["session"]},
    {"sensitivities": ["substance_use"]},
    {"sensitivities": ["hiv"]},
    {"confidentiality": ["normal"]},
    {"data_from": "2026-01-01"},
    {"data_until": "2026-01-01"},
    {"starts_on": "2026-04-01"},
    {"expires_on": "2026-03-10"},
    {"expires_on": "2026-03-09"},
    {"purposes": ["payment"]},
    {"records": [{"record": "Encounter/r", "meaning": "and_dependents"}]},
    {"records": [{"record": "Encounter/r", "meaning": "by_author"}]},
    {"topics": [{"text": "A letter"}]},
    {"actions": ["use"]},
    {"exceptions": [{"decision": "deny"}]},
    {"exceptions": [{"decision": "deny", "sensitivities": ["hiv"]}]},
    {"exceptions": [{"decision": "deny", "record_types": ["service"], "purposes": ["payment"]}]},
    {"recipients": [{"recipient": "Organization/provider"}]},
    {"recipients": [{"recipient": "Organization/provider", "intermediary": True}]},
    {"status": "inactive"},
    {"kind": "counseling_notes"},
    {"incomplete": [{"path": "Consent.provision.code[0]", "reason": "?"}]},
]


def shown(program: Program, *records: Record) -> set[tuple[str, Facts]]:
    """Who sees which of the records that there may be."""
    grants = [grant for record in records for grant in grants_of(record, program)[0]]
    dates = [None if date is None else program.calendar.interval(date)[0] for date in DATES]
    now = program.calendar.interval(NOW)[0]
    every = [Facts(*said[:2], frozenset(("pat",)), *said[2:]) for said in product(TYPES, ("r", "s"), LABELS, dates)]
    return {
        (caller.client, facts)
        for caller, facts in product(CALLERS, every)
        if decide(caller, side(caller, facts), grants, TIES, now, consent_free=0).permitted
    }


def side(caller: Caller, facts: Facts) -> Facts:
    """What the client sees of a record."""
    return replace(facts, rendering=side_of(caller.kind, facts.type))


def wide(**changed: Any) -> Record:
    """A consent for everything."""
    return {**form("tpo", ("sensitivities", "expires_with")), "confidentiality": ["restricted"], **changed}


def test_the_widest_consent_shows_all(program: Program) -> None:
    assert len(shown(program, wide())) == len(CALLERS) * len(TYPES) * 2 * len(LABELS) * len(DATES)


@pytest.mark.parametrize("first", range(len(NARROWING)))
def test_what_narrows_a_consent_shows_no_more(first: int, program: Program) -> None:
    once = shown(program, wide(**NARROWING[first]))
    assert once < shown(program, wide()) or NARROWING[first] == {"expires_on": "2026-03-10"}
    for more in NARROWING:
        if more.keys() & NARROWING[first].keys():
            continue
        assert shown(program, wide(**NARROWING[first], **more)) <= once


@pytest.mark.parametrize(("one", "other"), [*combinations(range(0, len(NARROWING), 3), 2)])
def test_two_consents_show_what_each_shows_and_no_more(one: int, other: int, program: Program) -> None:
    """An exception takes out of its own consent alone; each record is shown by one of the two."""
    a, b = wide(id="a", **NARROWING[one]), wide(id="b", **NARROWING[other])
    assert shown(program, a, b) == shown(program, a) | shown(program, b)


REFUSALS: list[dict[str, Any]] = [{**change, "decision": "deny"} for change in NARROWING if "exceptions" not in change]


@pytest.mark.parametrize("change", REFUSALS, ids=str)
def test_a_refusal_shows_no_more_and_one_not_understood_shows_nothing(change: dict[str, Any], program: Program) -> None:
    refusal = form("refusal", ("recipients", "purposes"), id="no", **change)
    before = shown(program, wide())
    assert shown(program, wide(), refusal) <= before
    unread = {**refusal, "status": "active", "incomplete": [{"path": "Consent.provision.other", "reason": "?"}]}
    assert shown(program, wide(), unread) == set()


def test_a_record_without_a_date_is_in_no_period_of_a_consent_and_in_each_of_a_refusal(program: Program) -> None:
    during = {"data_from": "2020-01-01", "data_until": "2020-12-31"}
    assert None in {facts.date for _, facts in shown(program, wide())}
    assert None not in {facts.date for _, facts in shown(program, wide(data_from="2020-01-01"))}
    refused = form("refusal", ("recipients", "purposes"), **during)
    assert {facts.date is None for _, facts in shown(program, wide(), refused)} == {False}
