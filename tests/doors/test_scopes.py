"""The grammar of scopes, and what of them is granted."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.callers import Scope
from adapter.problems import Problem, Unreadable
from adapter.web.smart.scopes import (
    ANY_TYPE,
    LETTERS,
    granted,
    in_order,
    includes,
    listed,
    parse,
    parsed,
    printed,
    read,
)

pytestmark = pytest.mark.storeless

LETTER_SETS = st.sets(st.sampled_from(LETTERS), min_size=1).map(in_order)
TYPES = st.sampled_from(["*", "Patient", "Observation", "Encounter"])
VALUES = st.text(min_size=1, max_size=12).filter(str.isprintable)
NAMES = st.sampled_from([*sorted(ANY_TYPE), "code", "category", "patient", "value-quantity"])
ARGUMENTS = st.lists(st.tuples(NAMES, VALUES), max_size=3, unique=True).map(tuple)
SCOPES = st.builds(Scope, st.sampled_from(["system", "user"]), TYPES, LETTER_SETS, ARGUMENTS)
# Few values, so that scopes meet.
NEAR = st.builds(
    Scope,
    st.sampled_from(["system", "user"]),
    TYPES,
    LETTER_SETS,
    st.lists(st.tuples(st.sampled_from(["code", "category"]), st.sampled_from("ab")), max_size=2, unique=True).map(
        tuple
    ),
)


@given(SCOPES)
def test_what_is_printed_is_read_as_the_same(scope: Scope) -> None:
    text = printed(scope)
    assert parse(text) == scope
    assert text.isascii()
    assert text.isprintable()
    assert " " not in text
    assert '"' not in text
    assert "\\" not in text


@given(st.lists(SCOPES, min_size=1, max_size=4))
def test_a_list_that_is_printed_is_read_as_the_same(scopes: list[Scope]) -> None:
    assert parsed(listed(scopes)) == tuple(scopes)
    assert read(listed(scopes), lambda type, parameter, value: True) == tuple(dict.fromkeys(scopes))


@given(st.text(alphabet=string.ascii_letters + string.digits + "/.*?&=:%_- ", max_size=40))
def test_any_text_is_a_scope_or_is_refused(text: str) -> None:
    try:
        scope = parse(text)
    except Unreadable:
        return
    assert parse(printed(scope)) == scope


@pytest.mark.parametrize(
    ("old", "new"),
    [("read", "rs"), ("write", "cud"), ("*", "cruds")],
)
def test_version_1_is_read_as_what_it_means(old: str, new: str) -> None:
    assert printed(parse(f"system/Patient.{old}")) == f"system/Patient.{new}"


@pytest.mark.parametrize(
    "text",
    [
        *("", "system", "system/Patient", "Patient.rs", "system/Patient.", "system/Patient.sr", "system/Patient.rr"),
        *("system/Patient.x", "system/patient.rs", "patient/Patient.rs", "launch", "openid", "system/Pati ent.rs"),
        *("system/Patient.rs?", "system/Patient.rs?a", "system/Patient.rs?a=", "system/Patient.rs?a=1&"),
        *(
            "system/Patient.read?a=1",
            "system/Patient.rs?a:not=1",
            "system/Patient.rs?a.b=1",
            "system/Patient.rs?_has=1",
        ),
        *("system/Patient.rs?_filter=1", "system/Patient.rs?_sort=a", "system/Patient.rs?_include=a"),
        *("system/Patient.rs?a=%ff", "system/Patient.rs?a=%00", "system/Patient.rs\n", "system/*.*?x"),
    ],
)
def test_what_is_no_scope_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse(text)


@given(st.lists(NEAR, min_size=1, max_size=4), st.lists(NEAR, max_size=4), NEAR)
def test_what_is_granted_is_what_both_permit(asked: list[Scope], held: list[Scope], one: Scope) -> None:
    got = granted(asked, held)
    for scope in got:
        assert any(includes(other, scope) for other in asked)
        assert any(includes(other, scope) for other in held)
        assert not any(includes(other, scope) for other in got if other is not scope)
    if any(includes(other, one) for other in asked) and any(includes(other, one) for other in held):
        assert any(includes(other, one) for other in got)


def test_more_scopes_or_longer_ones_than_a_client_needs_are_refused() -> None:
    def any_one(type: str, parameter: str, value: str) -> bool:
        return True

    for text in (" ".join(["system/Patient.rs"] * 65), "system/Patient.rs?name=" + "x" * 8_192):
        with pytest.raises(Problem) as refused:
            read(text, any_one)
        assert refused.value.issues[0].code == "invalid_scope"


def test_a_scope_of_all_types_is_narrowed_to_what_is_registered() -> None:
    held: Any = parsed("system/Patient.rs system/Observation.cruds?category=laboratory")
    assert listed(granted(parsed("system/*.rs"), held)) == (
        "system/Patient.rs system/Observation.rs?category=laboratory"
    )
