"""Scopes narrow what a kind of client may ask for and never widen it."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.callers import Caller, ClientKind, Purpose, Scope
from adapter.consent.matrix import Verdict
from adapter.consent.scopes import (
    BY_PART,
    LETTERS,
    check,
    check_include,
    check_path,
    goes_along,
    level,
    permits,
)
from adapter.problems import Kind, Problem
from tests.consent.release import matrix

LAB = Scope("system", "Observation", "rs", (("category", "laboratory"),))
KNOWN = frozenset({"category", "status", "code"})


def caller(kind: ClientKind, *scopes: Scope) -> Caller:
    return Caller("c", kind, "o", Purpose.TREATMENT, scopes, "t", "p" if level_of(kind) == "user" else None)


def level_of(kind: ClientKind) -> str:
    return "user" if kind in (ClientKind.STAFF, ClientKind.PRIVACY_OFFICER) else "system"


def ask(who: Caller | None, interaction: str, type: str, **how: Any) -> Verdict:
    return check(matrix(), who, interaction, type, **how)


def refused(kind: Kind, who: Caller | None, interaction: str, type: str, **how: Any) -> str:
    with pytest.raises(Problem) as raised:
        ask(who, interaction, type, **how)
    assert raised.value.kind is kind
    return raised.value.message


def ehr(*scopes: Scope) -> Caller:
    return caller(ClientKind.PROGRAM_EHR, *scopes)


class TestTheKindDecidesFirst:
    def test_without_a_token_there_is_only_what_is_open(self) -> None:
        assert ask(None, "capabilities", "") is Verdict.OPEN
        assert ask(None, "read", "ValueSet") is Verdict.OPEN
        assert refused(Kind.LOGIN, None, "read", "Patient") == "a token is needed here"
        refused(Kind.LOGIN, None, "$expand", "ValueSet")

    def test_a_scope_cannot_give_what_the_kind_may_not(self) -> None:
        everything = Scope("system", "*", "cruds")
        assert refused(Kind.FORBIDDEN, caller(ClientKind.PAYER, everything), "read", "Observation") == (
            "this kind of client may not do this here"
        )

    def test_what_says_nothing_of_anybody_needs_no_scope(self) -> None:
        assert ask(caller(ClientKind.PAYER), "$expand", "ValueSet") is Verdict.TOKEN

    def test_a_batch_is_asked_entry_by_entry(self) -> None:
        assert ask(caller(ClientKind.PROVIDER_EHR), "batch", "") is Verdict.READ_ONLY
        refused(Kind.FORBIDDEN, caller(ClientKind.PROVIDER_EHR), "transaction", "")

    def test_a_consent_is_widened_by_no_client(self) -> None:  # D30
        for kind in ClientKind:
            if level_of(kind) == "system":
                refused(Kind.FORBIDDEN, caller(kind, Scope("system", "*", "cruds")), "update", "Consent")


OFFICERS = ("$disclosures", "$intermediaries", "$breach-scope", "$explain")
ONLY = {"$emergency-access": ClientKind.PROVIDER_EHR, "$submit-referral": ClientKind.FACILITY} | dict.fromkeys(
    OFFICERS, ClientKind.PRIVACY_OFFICER
)
"""What the program's own EHR may not."""
OWN = frozenset({"$status", "$events"})
"""What is asked of a client's own Subscriptions."""
OF = {"$utilization": "EpisodeOfCare", "$submit": "Claim"} | dict.fromkeys(OWN, "Subscription")
"""The type of which an interaction is there; of others it is there for Patients."""
LISTED = frozenset({"history-type", "history-system"})


class TestLetters:
    def test_a_missing_scope_for_writing_is_told(self) -> None:  # D28
        said = refused(Kind.FORBIDDEN, ehr(Scope("system", "Goal", "rs")), "create", "Goal")
        assert said == "the token has no scope for this: system/Goal.c is needed"

    def test_a_type_that_no_scope_names_is_refused(self) -> None:  # D29
        refused(Kind.FORBIDDEN, ehr(Scope("system", "Goal", "cruds")), "read", "Observation")

    @pytest.mark.parametrize("interaction", sorted(LETTERS))
    def test_each_interaction_needs_its_letters_and_no_others(self, interaction: str) -> None:
        officers = ("history-system", "$breach-scope", "$explain", "$submit-referral")
        type = "" if interaction in officers else "Patient"
        type = OF.get(interaction, type)
        system = interaction.startswith("history-") and interaction != "history-instance"
        kind = ONLY.get(interaction) or (ClientKind.PRIVACY_OFFICER if system else ClientKind.PROGRAM_EHR)
        words = {"$emergency-access": Verdict.NAMED, "$submit-referral": Verdict.REFERRAL}
        needed, word = LETTERS[interaction], words.get(interaction, Verdict.ALL)
        word = Verdict.OWN if interaction in OWN else word
        assert ask(caller(kind, Scope(level_of(kind), "*", needed)), interaction, type) is word
        for letter in needed:
            others = "cruds".replace(letter, "")
            refused(Kind.FORBIDDEN, caller(kind, Scope(level_of(kind), "*", others)), interaction, type)

    def test_every_cell_that_a_scope_must_cover_has_its_letters(self) -> None:
        free = {Verdict.NO, Verdict.OPEN, Verdict.TOKEN}
        asked = {deed for (_, deed), row in matrix().clients.cells.items() if set(row.words.values()) - free}
        assert asked == set(LETTERS) | BY_PART

    def test_all_records_of_all_types_need_a_scope_for_all_types(self) -> None:
        each = [Scope("user", type, "cruds") for type, _ in matrix().clients.cells if type]
        refused(Kind.FORBIDDEN, caller(ClientKind.PRIVACY_OFFICER, *each), "history-system", "")

    def test_people_need_scopes_of_people_and_machines_those_of_machines(self) -> None:
        refused(Kind.FORBIDDEN, caller(ClientKind.STAFF, Scope("system", "*", "cruds")), "read", "Patient")
        refused(Kind.FORBIDDEN, ehr(Scope("user", "*", "cruds"), Scope("patient", "*", "cruds")), "read", "Patient")
        assert level(ehr()) == "system"

    def test_a_write_that_depends_on_a_search_needs_the_letter_for_searching(self) -> None:
        assert ask(ehr(Scope("system", "Goal", "cs")), "create", "Goal", conditional=True) is Verdict.ALL
        refused(Kind.FORBIDDEN, ehr(Scope("system", "Goal", "c")), "create", "Goal", conditional=True)


class TestReferrals:
    def test_a_part_of_a_referral_is_covered_by_the_scope_for_its_bundle_and_stands_nowhere_else(self) -> None:
        facility = caller(ClientKind.FACILITY, Scope("system", "Bundle", "c"))
        assert ask(facility, "create", "AllergyIntolerance", packed=True) is Verdict.REFERRAL
        assert ask(facility, "create", "Consent", packed=True) is Verdict.REFERRAL_DRAFT
        assert ask(facility, "create", "ServiceRequest", packed=True) is Verdict.REFERRAL
        assert ask(facility, "$submit-referral", "") is Verdict.REFERRAL
        said = refused(Kind.FORBIDDEN, facility, "create", "AllergyIntolerance")
        assert said == "this kind of client may send this as a part of a referral only"

    def test_a_claim_is_no_part_of_one(self) -> None:
        refused(Kind.FORBIDDEN, caller(ClientKind.FACILITY, Scope("system", "*", "c")), "create", "Claim", packed=True)


class TestArguments:
    @pytest.mark.parametrize("interaction", sorted(set(LETTERS) - ONLY.keys() - LISTED - OF.keys()))
    def test_a_scope_with_arguments_lets_ask_what_one_without_does(self, interaction: str) -> None:
        narrow = Scope("system", "Patient", "cruds", (("gender", "female"),))
        assert ask(ehr(narrow), interaction, "Patient") is Verdict.ALL

    def test_those_of_several_scopes_are_alternatives_and_one_without_them_is_enough(self) -> None:
        vital = Scope("system", "Observation", "s", (("category", "vital-signs"),))
        reach = permits((LAB, vital), "s", "Observation", "system")
        assert reach.alternatives == {LAB.arguments, vital.arguments}
        assert not reach.whole
        assert permits((LAB, Scope("system", "*", "r")), "r", "Observation", "system").whole

    @pytest.mark.parametrize(
        "argument",
        [("category:not", "x"), ("subject.name", "x"), ("_filter", "x"), ("category", ""), ("", "x")],
    )
    def test_one_that_is_no_plain_search_covers_nothing(self, argument: tuple[str, str]) -> None:
        assert not permits([Scope("system", "Goal", "rs", (argument,))], "r", "Goal", "system")


class TestPaths:
    def test_a_chain_leads_through_types_that_may_be_searched_alone(self) -> None:  # E6
        who = ehr(Scope("system", "Encounter", "s"), Scope("system", "Patient", "s"))
        assert check_path(matrix(), who, ["Encounter", "Patient"]) == [Verdict.ALL, Verdict.ALL]
        assert check_path(matrix(), who, ["Encounter"], has=True) == [Verdict.ALL]
        with pytest.raises(Problem) as raised:
            check_path(matrix(), who, ["Observation"])
        assert raised.value.kind is Kind.FORBIDDEN
        assert check_path(matrix(), ehr(LAB), ["Observation"]) == [Verdict.ALL]

    def test_it_is_no_longer_than_it_may_be(self) -> None:  # E5
        who = ehr(Scope("system", "*", "s"))
        for types, has in ((["Encounter"] * 3, False), (["Encounter"] * 2, True)):
            with pytest.raises(Problem) as raised:
                check_path(matrix(), who, types, has=has)
            assert raised.value.kind is Kind.INVALID
            assert raised.value.issues[0].code == "not-supported"

    @pytest.mark.parametrize("kind", [ClientKind.PAYER, ClientKind.FACILITY])
    def test_payers_and_facilities_have_none(self, kind: ClientKind) -> None:
        for has in (False, True):
            with pytest.raises(Problem) as raised:
                check_path(matrix(), caller(kind, Scope("system", "*", "s")), ["Patient"], has=has)
            assert raised.value.kind is Kind.FORBIDDEN

    def test_what_goes_along_is_what_the_kind_may_include_and_the_scopes_cover(self) -> None:
        payer = caller(ClientKind.PAYER, Scope("system", "Patient", "r"))
        check_include(matrix(), payer, "Encounter:patient")
        with pytest.raises(Problem):
            check_include(matrix(), payer, "Encounter:patient", iterate=True)
        with pytest.raises(Problem):
            check_include(matrix(), payer, "Encounter:episode-of-care")
        check_include(matrix(), ehr(), "Encounter:episode-of-care", iterate=True)
        assert goes_along(matrix(), payer, "Patient") is Verdict.OWN_MEMBERS
        assert goes_along(matrix(), payer, "Encounter") is Verdict.NO
        assert goes_along(matrix(), ehr(LAB), "Observation") is Verdict.ALL
