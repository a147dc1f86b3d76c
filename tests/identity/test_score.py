"""How sure it is that two people are one: the cases one by one, and what holds of all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.identity.evidence import evidence_of
from adapter.identity.rules import Grade, rules_in
from adapter.identity.score import Score, compared
from adapter.settings import Settings

pytestmark = pytest.mark.storeless
Json = dict[str, Any]
RULES = rules_in(Settings().mappings)
CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text())["case"]
SSN = "http://hl7.org/fhir/sid/us-ssn"
ADA: Json = {
    "resourceType": "Patient",
    "name": [{"family": "Quill-Nowak", "given": ["Ada", "Marie"]}],
    "birthDate": "1984-03-07",
    "gender": "female",
    "telecom": [{"system": "phone", "value": "555-010-4477"}, {"system": "email", "value": "ada@example.org"}],
    "address": [{"line": ["12 Elm Street"], "city": "Portland", "postalCode": "97201"}],
    "identifier": [{"system": "urn:example:member", "value": "M-1"}, {"system": SSN, "value": "123-45-6789"}],
}


def scored(one: Json, other: Json) -> Score:
    return compared(RULES, evidence_of(one), evidence_of(other))


def changed(change: Json) -> Json:
    """The first with these elements; "" takes one away."""
    return {name: value for name, value in (ADA | change).items() if value != ""}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_two_people_are_thought_of_as_the_case_says(case: Json) -> None:
    found = scored(ADA, changed(case.get("change", {})))
    assert found.grade == case["grade"], found


def names() -> st.SearchStrategy[Json]:
    family = st.sampled_from(["Quill", "Quil", "Nowak", "Quill-Nowak", "Quill Nowak", "Ada", "O'Dell", "Ødegård", ""])
    given = st.lists(st.sampled_from(["Ada", "Adah", "Zoe", "A", "Marie", "Quill"]), max_size=3)
    use = st.sampled_from(["official", "old", "maiden"])
    return st.fixed_dictionaries({"family": family, "given": given}, optional={"use": use})


def people() -> st.SearchStrategy[Json]:
    """People who have much in common, and say much or little."""
    days = ["1984-03-07", "1984-07-03", "1984-03-01", "1984", "1984-03", "1990-12-12"]
    telecom = st.sampled_from(
        [
            *({"system": "phone", "value": value} for value in ("555-010-4477", "+1 555 010 4477", "12")),
            {"system": "email", "value": "ada@example.org"},
        ]
    )
    place = st.fixed_dictionaries(
        {"postalCode": st.sampled_from(["97201", "97201-1234", "10001"])},
        optional={"line": st.lists(st.sampled_from(["12 Elm Street", "12 Elm Stret", "9 Oak"]), max_size=2)},
    )
    number = st.fixed_dictionaries(
        {
            "system": st.sampled_from([SSN, "urn:example:member"]),
            "value": st.sampled_from(["123-45-6789", "6789", "987-65-6789", "M-1"]),
        }
    )
    optional: dict[str, st.SearchStrategy[Any]] = {
        "name": st.lists(names(), min_size=1, max_size=3),
        "birthDate": st.sampled_from(days),
        "gender": st.sampled_from(["female", "male", "other", "unknown"]),
        "telecom": st.lists(telecom, max_size=3),
        "address": st.lists(place, max_size=2),
        "identifier": st.lists(number, max_size=3),
    }
    return st.fixed_dictionaries({"resourceType": st.just("Patient")}, optional=optional)


@given(people(), people())
def test_it_does_not_matter_who_is_named_first(one: Json, other: Json) -> None:
    found, again = scored(one, other), scored(other, one)
    assert (found.score, found.grade) == (again.score, again.grade)
    assert set(found.findings) == set(again.findings)
    assert 0 <= found.score <= 1


@given(people(), people())
def test_whoever_is_contradicted_is_never_certain(one: Json, other: Json) -> None:
    found = scored(one, other)
    against = {("given", "other"), ("birth_date", "other"), ("social_security", "other")}
    assert found.grade is not Grade.CERTAIN or not against & set(found.findings)


@given(people())
def test_the_same_with_name_day_and_something_beside_them_is_certain(one: Json) -> None:
    whole = ADA | {name: value for name, value in one.items() if name in ("gender", "telecom", "address")}
    assert scored(whole, whole).grade is Grade.CERTAIN


@given(people(), people())
def test_what_agrees_beside_all_else_never_makes_it_less_sure(one: Json, other: Json) -> None:
    more = {"system": "email", "value": "both@example.org"}
    both = ({**who, "telecom": [*who.get("telecom", ()), more]} for who in (one, other))
    assert scored(*both).score >= scored(one, other).score


def test_people_of_whom_nothing_is_known_are_not_the_same() -> None:
    assert scored({"resourceType": "Patient"}, {"resourceType": "Patient"}).grade is Grade.CERTAINLY_NOT
    assert not evidence_of({"resourceType": "Patient", "gender": "female"}).enough
