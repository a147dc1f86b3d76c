"""What the client sends and wants back is read as HTTP and R4 say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.json import dump
from adapter.interactions.read import NOTHING, Unless
from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.web.call import Call
from adapter.web.desk import Desk
from adapter.web.negotiation import (
    check_accept,
    check_content,
    general,
    indented,
    media_type,
    prefer,
    prefers_xml,
    unless,
)


def call(**headers: str) -> Call:
    """A request with these headers."""
    said = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    return Call(
        {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": said}, receive, Desk(Settings())
    )


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_printing_for_the_eye_changes_white_space_only(value: Any) -> None:
    printed = indented(dump(value))
    assert json.loads(printed) == json.loads(dump(value))
    assert dump(json.loads(printed)) == dump(value)


def test_printing_for_the_eye_looks_like_everybodys() -> None:
    value = {"a": [1, {"b": 'x, {y}: \\"[z]'}], "c": {}, "d": [], "e": "\\"}
    assert indented(dump(value)).decode() == json.dumps(value, indent=2)


def test_printing_for_the_eye_keeps_digits_as_they_are() -> None:
    assert indented(b'{"value":1.10,"other":1e2}') == b'{\n  "value": 1.10,\n  "other": 1e2\n}'


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        "application/fhir+json",
        "application/json",
        "text/json",
        "text/html, */*;q=0.1",
        "application/fhir+json; fhirVersion=4.0",
        "application/fhir+xml, application/fhir+json;q=0.5",
        "APPLICATION/FHIR+JSON",
    ],
)
def test_json_is_given_to_who_takes_it(accept: str) -> None:
    check_accept(call(accept=accept))


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/fhir+xml",
        "application/fhir+json;q=0",
        "application/fhir+json; fhirVersion=3.0",
        "image/*",
        "nonsense",
    ],
)
def test_json_is_not_forced_on_who_refuses_it(accept: str) -> None:
    with pytest.raises(Problem) as refused:
        check_accept(call(accept=accept))
    assert refused.value.kind is Kind.NOT_ACCEPTABLE


@pytest.mark.parametrize(
    "said", ["application/fhir+json", 'application/fhir+json; charset="UTF-8"', "Application/FHIR+JSON;fhirversion=4.0"]
)
def test_a_fhir_body_is_taken_under_its_media_type(said: str) -> None:
    check_content(call(content_type=said), {"application/fhir+json"})


def test_a_media_type_is_read_with_its_parameters() -> None:
    assert media_type(' Text/JSON ; Charset="utf-8";x') == ("text/json", {"charset": "utf-8", "x": ""})


def test_the_parameters_of_every_address_are_taken_out() -> None:
    assert general([("a", "1"), ("_format", "application/fhir json"), ("_pretty", "true"), ("b", "2")]) == (
        [("a", "1"), ("b", "2")],
        True,
        False,
    )
    assert general([("_pretty", "false")]) == ([], False, None)
    assert general([("_format", "xml")]).xml is True


@pytest.mark.parametrize(
    ("accept", "xml"),
    [
        ("application/fhir+xml", True),
        ("text/xml", True),
        ("*/*", False),
        ("application/fhir+json, application/fhir+xml", False),
        ("application/fhir+xml, application/fhir+json", True),
        ("application/fhir+xml;q=0.5, application/fhir+json", False),
        ("application/fhir+xml;q=0.5, */*;q=0.1", True),
        ("application/fhir+xml;q=0, application/json;q=0.1", False),
        ("application/fhir+xml; fhirVersion=5.0, text/json", False),
        ("text/html, application/xml;q=0.9", True),
        ("application/fhir+xml;q=often", True),
    ],
)
def test_the_format_that_weighs_most_is_answered_and_json_where_the_client_does_not_care(
    accept: str, xml: bool
) -> None:
    assert prefers_xml(call(accept=accept)) is xml


@pytest.mark.parametrize("accept", ["text/html", "application/fhir+xml;q=0", "application/fhir+xml;fhirVersion=3.0"])
def test_a_client_that_takes_neither_is_refused(accept: str) -> None:
    with pytest.raises(Problem, match="answers as"):
        prefers_xml(call(accept=accept))


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("return=minimal", "minimal"),
        ('return="OperationOutcome"', "OperationOutcome"),
        ("respond-async, return=minimal; x=1", "minimal"),
        ("return=everything", "representation"),
        ("", "representation"),
    ],
)
def test_the_preference_is_read_and_others_passed_over(header: str, wanted: str) -> None:
    assert prefer(call(prefer=header)) == wanted


def test_preconditions_of_a_read_are_read() -> None:
    assert unless(call()) is NOTHING
    assert unless(call(if_none_match='W/"1", "2"')) == Unless(frozenset({'W/"1"', 'W/"2"'}))
    assert unless(call(if_modified_since="Mon, 02 Mar 2026 09:00:01 GMT")) == Unless(since=1772442001)
    assert unless(call(if_modified_since="soon")) is NOTHING


def test_a_tag_decides_alone_where_both_are_given() -> None:
    both = unless(call(if_none_match='W/"1"', if_modified_since="Mon, 02 Mar 2099 09:00:01 GMT"))
    assert (both.fresh('W/"2"', 0), both.fresh('W/"1"', 0)) == (False, True)


def test_a_time_is_compared_to_the_second() -> None:
    seen = Unless(since=100)
    assert (seen.fresh("", 100_999), seen.fresh("", 101_000)) == (True, False)
