"""JSON in and out: nothing lost, nothing doubled, nothing that could hurt a reader."""

from __future__ import annotations

import json as stdlib
import pickle
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir import json
from adapter.fhir.json import DEPTH, DIGITS, Lexeme, dump, parse, plain, same
from adapter.fhir.outcome import LIMIT
from adapter.problems import Kind, Problem
from adapter.settings import Settings

NUMBERS = st.one_of(
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?", fullmatch=True),
)
STRINGS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
WORDS = st.sampled_from(["id", "value", "a:b", "é", "x"])


def written(spaced: bool, escaped: bool) -> st.SearchStrategy[str]:
    """JSON texts in the ways that senders write: with doubled keys, odd digits, whitespace and escapes."""
    space = " " if spaced else ""
    string = STRINGS.map(lambda text: stdlib.dumps(text, ensure_ascii=escaped))
    key = WORDS.map(lambda text: stdlib.dumps(text, ensure_ascii=escaped))
    leaf = st.one_of(NUMBERS, string, st.sampled_from(["true", "false", "null"]))

    def holding(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        members = st.lists(st.tuples(key, inner), max_size=4)
        return st.one_of(
            st.lists(inner, max_size=4).map(lambda found: "[" + f",{space}".join(found) + "]"),
            members.map(lambda found: "{" + f",{space}".join(f"{k}:{space}{v}" for k, v in found) + "}"),
        )

    return st.recursive(leaf, holding, max_leaves=12)


class Doubled(Exception):
    pass


def read_slowly(text: str) -> Any:
    """What every text means, said in the plainest way: the standard library with all its hooks."""

    def number(text: str) -> int | float:
        value: int | float = orjson.loads(text)
        return value if orjson.dumps(value).decode() == text else Lexeme(text)

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise Doubled
        return dict(pairs)

    return stdlib.loads(text, parse_float=number, parse_int=number, object_pairs_hook=members)


TEXTS = st.tuples(st.booleans(), st.booleans()).flatmap(lambda how: written(*how))


@given(TEXTS)
def test_both_paths_give_one_verdict_and_one_value(text: str) -> None:
    try:
        expected = read_slowly(text)
    except Doubled:
        with pytest.raises(Problem) as caught:
            parse(text.encode())
        assert {issue.code for issue in caught.value.issues} == {"structure"}
        return
    found = parse(text.encode())
    assert found == expected
    assert repr(found) == repr(expected)
    assert same(found, expected)


@given(TEXTS)
def test_what_is_printed_reads_the_same(text: str) -> None:
    try:
        value = parse(text.encode())
    except Problem:
        return
    assert repr(parse(dump(value))) == repr(value)


@pytest.mark.parametrize(
    "text", ["1.10", "1e2", "1E2", "-0", "100000000000000000000000", "0.1000000000000000055", "1.0e-7"]
)
def test_a_number_is_printed_as_it_was_written(text: str) -> None:
    body = b'{"value":%b}' % text.encode()
    assert dump(parse(body)) == body
    assert parse(body)["value"] == Lexeme(text)


@pytest.mark.parametrize("text", ["1", "-17", "1.5", "0.0", "9223372036854775807"])
def test_a_number_that_prints_alike_is_a_plain_number(text: str) -> None:
    assert type(parse(text.encode())) in (int, float)
    assert not isinstance(parse(text.encode()), Lexeme)


def test_a_lexeme_is_told_apart_by_its_digits() -> None:
    assert Lexeme("1.10") != Lexeme("1.1")
    assert Lexeme("1.10") != 1.1
    number = 1.1
    assert number != Lexeme("1.10")
    assert Lexeme("1.10") == Lexeme("1.10")
    assert len({Lexeme("1.10"), Lexeme("1.1"), 1.1}) == 3
    assert Lexeme("1.10") + 1 == pytest.approx(2.1)
    assert pickle.loads(pickle.dumps(Lexeme("1.10"))).text == "1.10"


def test_same_is_json_equality_with_digits() -> None:
    assert same({"a": 1, "b": [Lexeme("1.10")]}, {"b": [Lexeme("1.10")], "a": 1})
    assert not same(Lexeme("1.10"), 1.1)
    assert not same(True, 1)
    assert not same(1, 1.0)
    assert not same([1, 2], [2, 1])


def test_plain_leaves_no_lexeme() -> None:
    assert plain({"a": [Lexeme("1.10")]}) == {"a": [1.1]}


def test_only_json_is_printed() -> None:
    with pytest.raises(TypeError):
        dump({"a": object()})


def test_keys_named_twice_are_all_named_with_their_places() -> None:
    body = b'{"resourceType":"Patient","id":"a","name":[{"text":"x"},{"text":"x","text":"y"}],"id":"b"}'
    with pytest.raises(Problem) as caught:
        parse(body)
    assert caught.value.kind is Kind.INVALID
    assert {issue.expression for issue in caught.value.issues} == {"Patient.id", "Patient.name[1].text"}


def test_a_doubled_key_is_seen_behind_an_escaped_colon() -> None:
    with pytest.raises(Problem):
        parse(b'{"a":"x","a":"\\u003a"}')


def test_a_key_of_any_length_makes_a_short_message() -> None:
    with pytest.raises(Problem) as caught:
        parse(b'{"%b":1,"%b":2}' % (b"k" * 5000, b"k" * 5000))
    assert [(issue.message, issue.expression) for issue in caught.value.issues] == [
        ("An element whose name is not a FHIR name is there twice.", None)
    ]


def test_no_more_doubled_keys_are_told_than_a_person_can_read() -> None:
    with pytest.raises(Problem) as caught:
        parse(b"[" + b",".join([b'{"a":1,"a":2}'] * 20_000) + b"]")
    assert len(caught.value.issues) == LIMIT


def test_extensions_in_extensions_without_end_are_too_long() -> None:
    for levels in (40, 5_000):
        opened, closed = b'"extension":[{"url":"a",' * levels, b"}]" * levels
        with pytest.raises(Problem) as caught:
            parse(b'{"resourceType":"Patient",%b"valueCode":"x"%b}' % (opened, closed))
        assert caught.value.kind is Kind.UNPROCESSABLE
        assert [issue.code for issue in caught.value.issues] == ["too-long"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "structure", id="nothing"),
        pytest.param(b'{"a":1,}', "structure", id="a comma too many"),
        pytest.param(b'{"a":1} x', "structure", id="something after the end"),
        pytest.param(b"\xef\xbb\xbf{}", "structure", id="a byte order mark"),
        pytest.param(b'{"a":"\xff"}', "value", id="invalid UTF-8"),
        pytest.param(b'{"a":"\\ud800"}', "value", id="half a surrogate pair"),
        pytest.param(b'{"a":"\\udc00x"}', "value", id="the other half"),
        pytest.param(b'{"a":"x\\u0000"}', "value", id="NUL"),
        pytest.param(b'{"a":"\\\\\\u0000"}', "value", id="NUL after a backslash"),
        pytest.param(b'{"a":NaN}', "value", id="NaN"),
        pytest.param(b'{"a":-Infinity}', "value", id="Infinity"),
        pytest.param(b'{"a":nan}', "structure", id="what no library writes"),
        pytest.param(b'{"a":"\0"}', "value", id="NUL as it is"),
        pytest.param(b'{"a":1e400}', "value", id="a number too large"),
        pytest.param(b'{"a":0.%b}' % (b"1" * 400), "value", id="400 digits"),
        pytest.param(b'{"a":%b}' % (b"1" * (DIGITS + 1)), "value", id="a whole number too long"),
    ],
)
def test_a_bad_body_is_refused_with_its_code(body: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(body)
    assert caught.value.kind is Kind.INVALID
    assert [issue.code for issue in caught.value.issues] == [code]
    assert caught.value.__cause__ is None


def test_a_backslash_before_u0000_is_just_text() -> None:
    assert parse(b'"\\\\u0000"') == "\\u0000"


@pytest.mark.parametrize("opened", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [DEPTH + 1, 254, 255, 1024, 1025, 10_000, 1_000_000])
def test_deep_json_is_refused(opened: bytes, depth: int) -> None:
    closed = b"]" if opened == b"[" else b"}"
    for body in (opened * depth + b"1" + closed * depth, opened * depth):
        with pytest.raises(Problem) as caught:
            parse(body)
        assert caught.value.kind is Kind.INVALID


@pytest.mark.parametrize("padding", [b"", b" " * 5000])
def test_json_of_the_greatest_depth_is_read(padding: bytes) -> None:
    body = b"[" * DEPTH + b"1" + b"]" * DEPTH
    assert dump(parse(padding + body)) == body
    body = b'{"a":' * DEPTH + b"1.10" + b"}" * DEPTH
    assert dump(parse(body + padding)) == body


@pytest.mark.parametrize("padding", [b"", b" " * 5000])
def test_fewer_levels_may_be_asked_for(padding: bytes) -> None:
    for opened, closed in ((b"[", b"]"), (b'{"a":', b"}")):
        body = opened * 20 + b"1" + closed * 20
        assert dump(parse(padding + body, 20)) == body
        with pytest.raises(Problem, match="deeper than 19 levels"):
            parse(padding + body, 19)


def test_no_setting_goes_beyond_what_is_read_at_all() -> None:
    least, most = (getattr(bound, "ge", None) or bound.le for bound in Settings.model_fields["depth_limit"].metadata)
    assert least < Settings().depth_limit <= most <= DEPTH


def test_brackets_in_strings_have_no_depth() -> None:
    body = b'{"a":"' + b"[{" * 4000 + b'"}'
    assert dump(parse(body)) == body


def test_the_fast_path_leaves_the_slow_readers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_KEEPS_DIGITS", "_SEES_DOUBLES"):
        monkeypatch.delattr(json, name)
    for body in (b'{"a":[1,2.5,"x y"]}', b'{\n  "a": [1, 2.5, "x y"]\n}', b'{"a": "caf\xc3\xa9 \\" \\n"}'):
        assert parse(body)["a"]
