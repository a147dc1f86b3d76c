"""The text that is stored and the version and time spliced into it, for resources of any shape."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.json import dump, parse
from adapter.store.splice import bare, labelled, place, prepare, security_at, stamp

pytestmark = pytest.mark.storeless

UPDATED = b"2026-03-01T12:00:00.000Z"
_text = st.text(max_size=8) | st.sampled_from(['"meta":{', '\\"meta":{', "é", ',"meta":{"versionId":"1"'])
_value = st.recursive(
    _text | st.integers(-9, 9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_text, inner, max_size=2),
    max_leaves=5,
)
_meta = st.dictionaries(st.sampled_from(["profile", "tag", "versionId", "lastUpdated", "source"]), _value, min_size=1)


@st.composite
def resources(draw: st.DrawFn) -> dict[str, Any]:
    """Members in any order, a contained resource with a meta of its own among them."""
    members = draw(st.dictionaries(st.sampled_from(["text", "status", "note", "language"]), _value))
    members |= {"resourceType": "Basic", "id": draw(st.sampled_from(["a", "meta"]))}
    if draw(st.booleans()):
        members["meta"] = draw(_meta)
    if draw(st.booleans()):
        members["contained"] = [{"resourceType": "Basic", "id": "a", "meta": {"profile": ["x"]}}]
    return {name: members[name] for name in draw(st.permutations(sorted(members)))}


@given(resources(), st.integers(1, 10**9))
def test_version_and_time_go_in_and_nothing_else_changes(resource: dict[str, Any], version: int) -> None:
    text = prepare(resource)
    stored = orjson.loads(text)
    cut = place(stored, text)
    body = stamp(text, cut, version, UPDATED)
    sent = orjson.loads(body)
    assert bare(body, cut, version) == text
    assert sent["meta"] == {"versionId": str(version), "lastUpdated": UPDATED.decode(), **stored.get("meta", {})}
    without = {name: value for name, value in sent.items() if name != "meta"}
    assert without == {name: value for name, value in resource.items() if name != "meta"}
    assert [name for name in sent if name in stored] == list(stored) == [name for name in resource if name in stored]


_inner = {"url": "x", "valueMeta": {"security": [{"code": "]"}]}}
_labels = st.lists(st.fixed_dictionaries({"code": _text}, optional={"extension": st.just([_inner])}), min_size=1)


@given(resources(), st.integers(1, 10**9), st.none() | _labels, st.booleans())
def test_labels_go_in_where_there_are_none_and_are_found_where_there_are(
    resource: dict[str, Any], version: int, said: list[Any] | None, first: bool
) -> None:
    resource["note"] = {"security": [{"code": "of another"}]}
    if said is not None:
        rest = {"extension": [_inner], **resource.get("meta", {})}
        resource["meta"] = {"security": said, **rest} if first else {**rest, "security": said}
    text = prepare(resource)
    stored = orjson.loads(text)
    cut = place(stored, text)
    body = stamp(text, cut, version, UPDATED)
    at = security_at(body, cut, version)
    if said is not None:
        assert at is not None
        assert orjson.loads(body[slice(*at)]) == said
        return
    assert at is None
    sent, plain = orjson.loads(labelled(body, cut, version, b'["ours"]')), orjson.loads(body)
    plain["meta"]["security"] = ["ours"]
    assert (sent, list(sent)) == (plain, list(plain))
    assert list(sent["meta"])[:3] == ["versionId", "lastUpdated", "security"]


@given(resources())
def test_preparing_takes_out_the_servers_members_and_leaves_the_resource_alone(resource: dict[str, Any]) -> None:
    before = dump(resource)
    stored = orjson.loads(prepare(resource))
    assert dump(resource) == before
    assert not {"versionId", "lastUpdated"} & set(stored.get("meta", ()))
    assert stored.get("meta") != {}


@pytest.mark.parametrize("number", ["1.10", "1e2", "0.0000000000000000000000001"])
def test_digits_before_the_meta_are_kept_as_they_were_written(number: str) -> None:
    body = (
        b'{"resourceType":"Observation","id":"a","valueQuantity":{"value":%s},"meta":{"source":"x"}}' % number.encode()
    )
    resource = parse(body)
    text = prepare(resource)
    assert text == body
    cut = place(resource, text)
    assert stamp(text, cut, 7, UPDATED) == body.replace(
        b'"meta":{', b'"meta":{"versionId":"7","lastUpdated":"2026-03-01T12:00:00.000Z",'
    )
