"""Labels as a recipient reads them: those of the sender and ours, and what of them comes back."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.consent.labels import (
    ACT_CODE,
    CONFIDENTIALITY,
    LABELLED,
    MARKS,
    OTHER,
    PART2,
    codes,
    confidentiality,
    mask,
)
from adapter.consent.predicate import everything
from adapter.consent.security import high_water, sent_back, shown, together
from adapter.fhir.json import dump
from adapter.released import Asker, Predicate
from adapter.rules import EVERY_LABEL
from adapter.store.splice import place, prepare, stamp
from adapter.store.version import Version

READER = Predicate("TRUE", {}, asker=Asker("ehr", "program-ehr", "o", None, "token", "TREAT"))
SUD, HIV = mask(["SUD"]), mask(["HIV"])
ORDINARY = PART2 | SUD
RESTRICTED = {"system": CONFIDENTIALITY, "code": "R"}
Json = dict[str, Any]


def coding(code: str, system: str = ACT_CODE, **more: Any) -> Json:
    return {"system": system, "code": code, **more}


def stored(resource: Json, own: int) -> Version:
    text = prepare(resource)
    cut = place(resource, text)
    body = stamp(text, cut, 3, b"2026-03-01T12:00:00.000Z")
    return Version(1, "Basic", "a", 3, 0, 0, False, 0, None, None, "", cut, body, own)


def labelled(*said: Json) -> Json:
    return {"resourceType": "Basic", "id": "a", "meta": {"security": list(said)}}


_sensitivities = st.integers(1, 1 << 18).map(lambda bits: bits & mask(codes(EVERY_LABEL)) | OTHER) | st.sampled_from(
    [LABELLED, PART2 | LABELLED, ORDINARY, ORDINARY | HIV]
)
_codings = st.one_of(
    st.sampled_from("ULMNRV").map(lambda code: coding(code, CONFIDENTIALITY)),
    st.sampled_from(["HIV", "SUD", "42CFRPart2", "PSY", "NORDSCLCD"]).map(coding),
    st.builds(coding, st.sampled_from(["HIV", "X"]), display=st.sampled_from(["said so", "1"])),
    st.builds(coding, st.just("R"), st.just(CONFIDENTIALITY), display=st.just("restricted")),
    st.builds(coding, st.sampled_from(["R", "HIV"]), st.just("urn:of-another")),
)
_said = st.lists(_codings, max_size=4, unique_by=lambda one: orjson.dumps(one))


@pytest.mark.parametrize("own", [LABELLED, PART2, PART2 | LABELLED, ORDINARY, ORDINARY | HIV, OTHER, mask(["PSYTHPN"])])
def test_the_marks_say_what_goes_with_labels(own: int) -> None:
    found = [(mark.system, mark.code) for mark in MARKS if own & mark.some and not own & mark.none]
    assert found == [(CONFIDENTIALITY, confidentiality(own)), *((ACT_CODE, code) for code in codes(own))]


@given(_said, _sensitivities)
def test_of_confidentialities_one_is_shown_the_highest_and_nothing_else_of_the_senders_is_lost(
    said: list[Json], own: int
) -> None:
    found = together(said, own)
    levels = [one["code"] for one in found if one["system"] == CONFIDENTIALITY]
    told = [one["code"] for one in said if one["system"] == CONFIDENTIALITY]
    assert levels == [max([*told, confidentiality(own)], key="ULMNRV".index)]
    others = [one for one in said if one["system"] != CONFIDENTIALITY]
    assert [one for one in found if one in others] == others
    assert {one["code"] for one in found if one["system"] == ACT_CODE} >= set(codes(own))
    assert len({(one["system"], one["code"]) for one in found if one not in others}) == len(found) - len(others)


@given(_said, _sensitivities, st.booleans())
def test_what_is_sent_back_as_it_was_shown_is_what_is_stored(said: list[Json], own: int, last: bool) -> None:
    resource = labelled(*said) if said else {"resourceType": "Basic", "id": "a"}
    if last:
        resource = {"resourceType": "Basic", "id": "a", "text": "x", **resource}
    version = stored(resource, own)
    sent = orjson.loads(shown(READER, version))
    assert sent["meta"]["security"] == together(said, own)
    back = sent_back(READER, version, {**sent, "meta": {k: v for k, v in sent["meta"].items() if k == "security"}})
    assert back == resource


@given(_said, _sensitivities)
def test_a_sender_who_says_again_what_he_said_has_said_it(said: list[Json], own: int) -> None:
    version = stored(labelled(*said) if said else {"resourceType": "Basic", "id": "a"}, own)
    assert sent_back(READER, version, labelled(*said)) == labelled(*said)
    assert sent_back(READER, version, {"resourceType": "Basic", "id": "a"}) == {"resourceType": "Basic", "id": "a"}


@given(_said, _sensitivities)
def test_what_is_sent_back_with_words_for_our_labels_is_still_what_was_shown(said: list[Json], own: int) -> None:
    version = stored(labelled(*said) if said else {"resourceType": "Basic", "id": "a"}, own)
    seen = orjson.loads(shown(READER, version))["meta"]["security"]
    worded = [one if one in said else {**one, "display": "in words"} for one in seen]
    back = sent_back(READER, version, labelled(*worded))
    assert back == (labelled(*said) if said else {"resourceType": "Basic", "id": "a"})


@given(_said, _sensitivities, _codings)
def test_a_label_that_comes_back_with_others_is_the_senders_and_ours_are_not(
    said: list[Json], own: int, more: Json
) -> None:
    version = stored(labelled(*said), own) if said else stored({"resourceType": "Basic", "id": "a"}, own)
    seen = orjson.loads(shown(READER, version))["meta"]["security"]
    if more in seen or (more["system"], more["code"]) in {(one["system"], one["code"]) for one in said}:
        return
    back = sent_back(READER, version, labelled(*seen, more))["meta"]["security"]
    assert sorted(map(dump, back)) == sorted(map(dump, [*said, more]))


@given(_said, _sensitivities, st.lists(_codings, max_size=6))
def test_of_what_a_sender_gives_nothing_is_taken_but_what_was_shown_as_ours(
    said: list[Json], own: int, given: list[Json]
) -> None:
    version = stored(labelled(*said) if said else {"resourceType": "Basic", "id": "a"}, own)
    ours = [one for one in together(said, own) if one not in said]
    back = sent_back(READER, version, labelled(*given)).get("meta", {}).get("security", [])
    names = {(one["system"], one["code"]) for one in given}
    whole = not all((one["system"], one["code"]) in names for one in ours)
    assert not whole or back == given
    assert len([one for one in back if one in given]) >= len(given) - len(ours)


def test_who_sends_less_than_all_of_ours_says_it_himself() -> None:
    lower, hiv = coding("N", CONFIDENTIALITY), coding("HIV", display="said")
    version = stored(labelled(lower, hiv), ORDINARY | HIV)
    for less in ([RESTRICTED], [RESTRICTED, coding("SUD")], [lower], [lower, hiv], [coding("U", CONFIDENTIALITY)]):
        assert sent_back(READER, version, labelled(*less)) == labelled(*less)
    assert sent_back(READER, version, labelled(RESTRICTED, coding("42CFRPart2"), coding("SUD"))) == labelled(lower)
    assert sent_back(READER, None, labelled(RESTRICTED)) == labelled(RESTRICTED)


@pytest.mark.parametrize(
    "meta",
    [None, [], "x", *({"security": odd} for odd in ({}, [], [None, 1, "x"], [{"code": ["R"]}]))],
)
def test_what_is_not_well_formed_goes_on_to_be_refused(meta: Any) -> None:
    given = {"resourceType": "Basic", "meta": meta}
    assert sent_back(READER, stored({"resourceType": "Basic"}, ORDINARY), given) == given


def test_a_server_without_authorization_sends_and_takes_what_is_stored() -> None:
    version = stored({"resourceType": "Basic"}, ORDINARY)
    openly = everything("a test")
    assert shown(openly, version) == version.body
    assert sent_back(openly, version, labelled(RESTRICTED)) == labelled(RESTRICTED)
    assert high_water(openly, "part2") == []


def test_long_labels_are_shown_and_not_remembered() -> None:
    version = stored(labelled(coding("X", display="x" * 5000)), ORDINARY)
    assert [one["code"] for one in orjson.loads(shown(READER, version))["meta"]["security"]] == [
        *("R", "X", "42CFRPart2", "SUD")
    ]


@pytest.mark.parametrize(("posture", "said"), [("part2", 2), ("mixed", 2), ("hipaa", 1)])
def test_a_bundle_says_by_its_posture_what_may_be_in_it(posture: str, said: int) -> None:
    assert high_water(READER, posture) == [coding("V", CONFIDENTIALITY), coding("42CFRPart2")][:said]
