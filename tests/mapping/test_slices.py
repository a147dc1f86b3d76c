"""A slice's fast test says what its conditions say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.mapping.slices import Slice

SLICES = [
    Slice("url", match={"url": "a"}),
    Slice("linkId", match={"linkId": "a"}),
    Slice("number", match={"linkId": 1}),
    Slice("dotted", match={"kind.text": "a"}),
    Slice("both", match={"linkId": "a", "url": "b"}),
    Slice("to", at=("actor",), to=("Patient",)),
    Slice("itself", to=("Patient",)),
    Slice("coded", keys=frozenset({("s", "a")})),
]
SAID: st.SearchStrategy[Any] = st.sampled_from(["a", "b", "aa", 1, True])
REFERENCE = st.sampled_from([{"reference": "Patient/1"}, {"reference": "Location/1"}, {"display": "a"}])
MEMBER = st.fixed_dictionaries(
    {},
    optional={
        "url": st.sampled_from(["a", "b"]),
        "linkId": SAID | st.lists(SAID, max_size=2),
        "kind": st.sampled_from([{"text": "a"}, {"text": "b"}, {}]),
        "actor": REFERENCE,
        "reference": st.sampled_from(["Patient/1", "Location/1"]),
        "coding": st.lists(st.sampled_from([{"system": "s", "code": "a"}, {"code": "a"}]), max_size=2),
    },
)


@pytest.mark.parametrize("slice", SLICES, ids=lambda slice: slice.name)
@given(member=MEMBER)
def test_the_fast_test_of_a_slice_agrees_with_its_conditions(slice: Slice, member: dict[str, Any]) -> None:
    assert bool(slice.test()(member)) == slice.has(member)
