"""Scopes narrow what a kind of client may and never widen it; what they add to a search cannot be forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.callers import Caller, ClientKind, Purpose, Scope
from adapter.consent.matrix import Verdict
from adapter.consent.scopes import (
    BY_PART,
    LETTERS,
    NARROWED,
    Allowed,
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


def ask(who: Caller | None, interaction: str, type: str, **how: Any) -> Allowed:
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
        assert ask(None, "capabilities", "").whole() is Verdict.OPEN
        assert ask(None, "read", "ValueSet").whole() is Verdict.OPEN
        assert refused(Kind.LOGIN, None, "read", "Patient") == "a token is needed here"
        refused(Kind.LOGIN, None, "$expand", "ValueSet")

    def test_a_scope_cannot_give_what_the_kind_may_not(self) -> None:
        everything = Scope("system", "*", "cruds")
        assert refused(Kind.FORBIDDEN, caller(ClientKind.PAYER, everything), "read", "Observation") == (
            "this kind of client may not do this here"
        )

    def test_what_says_nothing_of_anybody_needs_no_scope(self) -> None:
        assert ask(caller(ClientKind.PAYER), "$expand", "ValueSet").whole() is Verdict.TOKEN

    def test_a_batch_is_asked_entry_by_entry(self) -> None:
        assert ask(caller(ClientKind.PROVIDER_EHR), "batch", "").whole() is Verdict.READ_ONLY
        refused(Kind.FORBIDDEN, caller(ClientKind.PROVIDER_EHR), "transaction", "")

    def test_a_consent_is_widened_by_no_client(self) -> None:  # D30
        for kind in ClientKind:
            if level_of(kind) == "system":
                refused(Kind.FORBIDDEN, caller(kind, Scope("system", "*", "cruds")), "update", "Consent")


OFFICERS = ("$disclosures", "$intermediaries", "$breach-scope", "$explain")
ONLY = {"$emergency-access": ClientKind.PROVIDER_EHR} | dict.fromkeys(OFFICERS, ClientKind.PRIVACY_OFFICER)
"""What the program's own EHR may not."""
UNBOUND = sorted(set(LETTERS) - NARROWED - ONLY.keys() - {"history-type", "history-system"})


class TestLetters:
    def test_a_missing_scope_for_writing_is_told(self) -> None:  # D28
        said = refused(Kind.FORBIDDEN, ehr(Scope("system", "Goal", "rs")), "create", "Goal")
        assert said == "the token has no scope for this: system/Goal.c is needed"

    def test_a_type_that_no_scope_names_is_refused(self) -> None:  # D29
        refused(Kind.FORBIDDEN, ehr(Scope("system", "Goal", "cruds")), "read", "Observation")

    @pytest.mark.parametrize("interaction", sorted(LETTERS))
    def test_each_interaction_needs_its_letters_and_no_others(self, interaction: str) -> None:
        type = "" if interaction in ("history-system", "$breach-scope", "$explain") else "Patient"
        system = interaction.startswith("history-") and interaction != "history-instance"
        kind = ONLY.get(interaction) or (ClientKind.PRIVACY_OFFICER if system else ClientKind.PROGRAM_EHR)
        needed, word = LETTERS[interaction], Verdict.NAMED if interaction == "$emergency-access" else Verdict.ALL
        assert ask(caller(kind, Scope(level_of(kind), "*", needed)), interaction, type).whole() is word
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
        assert ask(ehr(Scope("system", "Goal", "cs")), "create", "Goal", conditional=True).whole() is Verdict.ALL
        refused(Kind.FORBIDDEN, ehr(Scope("system", "Goal", "c")), "create", "Goal", conditional=True)


class TestReferrals:
    def test_a_part_of_a_referral_is_covered_by_the_scope_for_its_bundle_and_stands_nowhere_else(self) -> None:
        facility = caller(ClientKind.FACILITY, Scope("system", "Bundle", "c"))
        assert ask(facility, "create", "AllergyIntolerance", packed=True).whole() is Verdict.REFERRAL
        assert ask(facility, "create", "Consent", packed=True).whole() is Verdict.REFERRAL_DRAFT
        refused(Kind.FORBIDDEN, facility, "create", "ServiceRequest", packed=True)
        said = refused(Kind.FORBIDDEN, facility, "create", "AllergyIntolerance")
        assert said == "this kind of client may send this as a part of a referral only"

    def test_a_claim_is_no_part_of_one(self) -> None:
        refused(Kind.FORBIDDEN, caller(ClientKind.FACILITY, Scope("system", "*", "c")), "create", "Claim", packed=True)


class TestArguments:
    def test_they_are_added_to_a_search(self) -> None:
        allowed = ask(ehr(LAB), "search-type", "Observation")
        added = [("code", "x"), ("category", "laboratory")]
        assert allowed.search([("code", "x")], KNOWN) == (Verdict.ALL, added)

    def test_those_of_several_scopes_are_alternatives(self) -> None:
        vital = Scope("system", "Observation", "s", (("category", "vital-signs"),))
        _, pairs = ask(ehr(LAB, vital), "search-type", "Observation").search([], KNOWN)
        assert pairs == [("category", "laboratory,vital-signs")]

    def test_alternatives_that_no_search_can_say_are_refused_but_serve_a_read(self) -> None:
        final = Scope("system", "Observation", "rs", (("status", "final"),))
        with pytest.raises(Problem) as raised:
            ask(ehr(LAB, final), "search-type", "Observation").search([], KNOWN)
        assert raised.value.kind is Kind.FORBIDDEN
        one = ask(ehr(LAB, final), "read", "Observation").one(lambda pairs: pairs == (("status", "final"),))
        assert one is Verdict.ALL

    def test_a_parameter_that_the_type_does_not_have_is_refused_not_passed_over(self) -> None:
        with pytest.raises(Problem) as raised:
            ask(ehr(LAB), "search-type", "Observation").search([], {"code"})
        assert raised.value.kind is Kind.FORBIDDEN

    def test_a_record_outside_of_them_is_as_absent(self) -> None:
        with pytest.raises(Problem) as raised:
            ask(ehr(LAB), "read", "Observation").one(lambda pairs: False)
        assert raised.value.kind is Kind.NOT_FOUND
        assert ask(ehr(LAB), "read", "Observation").one(lambda pairs: True) is Verdict.ALL

    def test_without_them_nobody_is_asked_whether_the_record_is_covered(self) -> None:
        def asked(_: object) -> bool:
            raise AssertionError

        whole = Scope("system", "Observation", "r")
        assert ask(ehr(LAB, whole), "read", "Observation").one(asked) is Verdict.ALL

    @pytest.mark.parametrize("interaction", UNBOUND)
    def test_they_cover_nothing_but_reading_and_searching(self, interaction: str) -> None:
        arguments = Scope("system", "Patient", "cruds", (("gender", "female"),))
        said = refused(Kind.FORBIDDEN, ehr(arguments), interaction, "Patient")
        assert said == "the token's scopes for Patient have arguments, and scopes with arguments are not served yet"

    def test_the_verdict_is_not_to_be_had_past_them(self) -> None:
        allowed = ask(ehr(LAB), "read", "Observation")
        assert not [name for name in vars(Allowed) if name[:1] != "_" and name not in ("search", "one", "whole")]
        with pytest.raises(Problem):
            allowed.whole()

    @pytest.mark.parametrize(
        "argument",
        [("category:not", "x"), ("subject.name", "x"), ("_filter", "x"), ("category", ""), ("category", "a,"),
         ("category", "a\\"), ("", "x")],
    )  # fmt: skip
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
        with pytest.raises(Problem) as raised:
            check_path(matrix(), ehr(LAB), ["Observation"])
        assert raised.value.kind is Kind.FORBIDDEN

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

    def test_what_goes_along_is_what_the_kind_may_include_and_the_scopes_cover_whole(self) -> None:
        payer = caller(ClientKind.PAYER, Scope("system", "Patient", "r"))
        check_include(matrix(), payer, "Encounter:patient")
        with pytest.raises(Problem):
            check_include(matrix(), payer, "Encounter:patient", iterate=True)
        with pytest.raises(Problem):
            check_include(matrix(), payer, "Encounter:episode-of-care")
        check_include(matrix(), ehr(), "Encounter:episode-of-care", iterate=True)
        assert goes_along(matrix(), payer, "Patient") is Verdict.OWN_MEMBERS
        assert goes_along(matrix(), payer, "Encounter") is Verdict.NO
        assert goes_along(matrix(), ehr(LAB), "Observation") is Verdict.NO


SCOPES = st.lists(
    st.builds(
        Scope,
        st.sampled_from(["system", "user"]),
        st.sampled_from(["*", "Observation", "Patient"]),
        st.sampled_from(["r", "s", "rs", "cruds", "cud"]),
        st.lists(
            st.tuples(st.sampled_from(["category", "status"]), st.sampled_from(["a", "b", "a,b", ""])), max_size=2
        ).map(tuple),
    ),
    max_size=4,
).map(tuple)
RECORDS = [{"category": c, "status": s} for c in "abc" for s in "abc"]
CELLS = st.tuples(st.sampled_from(sorted(LETTERS)), st.sampled_from(["Observation", "Patient"]))


def found(record: dict[str, str], pairs: Any) -> bool:
    """FHIR's own meaning of a search: each parameter must match, and of its values one."""
    return all(record[name] in value.split(",") for name, value in pairs)


def seen(kind: ClientKind, scopes: tuple[Scope, ...], interaction: str, type: str) -> list[bool]:
    """Which records a caller gets, in the only ways there are to get them."""
    try:
        allowed = ask(caller(kind, *scopes), interaction, type)
        if interaction.startswith("search-"):
            pairs = allowed.search([], KNOWN)[1]
            return [found(record, pairs) for record in RECORDS]
    except Problem:
        return [False] * len(RECORDS)
    return [_one(allowed, record) for record in RECORDS]


def _one(allowed: Allowed, record: dict[str, str]) -> bool:
    try:
        allowed.one(lambda pairs: found(record, pairs))
    except Problem:
        return False
    return True


def covers(scopes: tuple[Scope, ...], letter: str, type: str, record: dict[str, str], level: str) -> bool:
    """The oracle: some scope covers the record, in SMART's own words."""
    return any(
        s.level == level and letter in s.letters and s.type in ("*", type) and found(record, s.arguments)
        for s in scopes
    )


@given(st.sampled_from(list(ClientKind)), SCOPES, SCOPES, CELLS)
def test_fewer_scopes_never_show_more_of_a_record_and_none_shows_what_no_scope_covers(
    kind: ClientKind, scopes: tuple[Scope, ...], more: tuple[Scope, ...], cell: tuple[str, str]
) -> None:
    few, many = seen(kind, scopes, *cell), seen(kind, scopes + more, *cell)
    for n, record in enumerate(RECORDS):
        for letter in LETTERS[cell[0]]:
            covered = covers(scopes, letter, cell[1], record, level_of(kind))
            assert not few[n] or covered
        if cell[0] == "read":
            assert few[n] <= many[n]


@given(st.sampled_from(list(ClientKind)), SCOPES, st.data(), CELLS)
def test_a_narrower_scope_never_shows_more(
    kind: ClientKind, scopes: tuple[Scope, ...], data: st.DataObject, cell: tuple[str, str]
) -> None:
    if not scopes:
        return
    at = data.draw(st.integers(0, len(scopes) - 1))
    one = scopes[at]
    argument = data.draw(st.tuples(st.sampled_from(["category", "status"]), st.sampled_from(["a", "b"])))
    narrower = Scope(one.level, one.type, one.letters, (*one.arguments, argument))
    before = [any_covers(kind, scopes, cell, record) for record in RECORDS]
    after = seen(kind, (*scopes[:at], narrower, *scopes[at + 1 :]), *cell)
    assert all(shown <= covered for shown, covered in zip(after, before, strict=True))


def any_covers(kind: ClientKind, scopes: tuple[Scope, ...], cell: tuple[str, str], record: dict[str, str]) -> bool:
    return all(covers(scopes, letter, cell[1], record, level_of(kind)) for letter in LETTERS[cell[0]])
