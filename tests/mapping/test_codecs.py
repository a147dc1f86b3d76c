"""Every codec of the closed list: what it writes it reads back, and its fast form refuses what the careful one does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.json import Lexeme, same
from adapter.mapping.codecs import NUMBERS, Codec, Options, Unfit, unfit
from adapter.mapping.findings import Finding
from adapter.mapping.joints import Joint, Several
from adapter.mapping.paths import Path
from adapter.mapping.rows import CODECS, Row
from adapter.mapping.tables import JointTable, Table
from tests.laws.strategies import value

SYSTEM = "urn:colours"
TABLE = Table(
    "colour",
    {"red": {"system": SYSTEM, "code": "r", "display": "Red"}, "blue": {"system": SYSTEM, "code": "b"}},
    {(SYSTEM, "r"): "red", ("urn:old", "R"): "red", (SYSTEM, "b"): "blue"},
    {"r": "red", "R": "red", "b": "blue"},
)
FOUND = {
    "positive": {"valueCodeableConcept": {"system": SYSTEM, "code": "pos"}, "interpretation": {"code": "POS"}},
    "negative": {"valueCodeableConcept": {"system": SYSTEM, "code": "neg"}, "interpretation": {"code": "NEG"}},
    "invalid": {"valueCodeableConcept": {"system": SYSTEM, "code": "inv"}},
}
JOINT = JointTable(
    "state",
    ("status", "reason"),
    {"done": {"status": "finished"}, "late": {"status": "cancelled", "reason": {"system": SYSTEM, "code": "late"}}},
    {},
)
CONFIRMED = {"valueCodeableConcept": {"system": SYSTEM, "code": "pos"}, "interpretation": {"code": "A"}}
FINDINGS = JointTable("finding", ("valueCodeableConcept", "interpretation"), FOUND, {"positive": (CONFIRMED,)})


def made(name: str) -> Codec:
    table = {"joint": JOINT, "finding": FINDINGS}.get(name, TABLE)
    columns = ("code", "CodeableConcept")
    return CODECS[name](Options(table, ("Patient",), None, TABLE, columns))


CODEC_ROWS = [pytest.param(Row(name, (Path("x", (), ("x",)),), made(name)), id=name) for name in CODECS]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=4)
    | st.sampled_from(["red", "2026-01-01", 0.5, Lexeme("1.10")]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["value", "unit", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("row", CODEC_ROWS)
@given(data=st.data())
def test_what_a_codec_writes_it_reads_back(row: Row, data: st.DataObject) -> None:
    native = data.draw(value(row))
    codec = row.codec
    if isinstance(codec, Several):
        elements = codec.write_all(native)
        assert same(codec.read_all(elements), native)
        assert not any(codec.spare_all(elements))
    else:
        kind, element = codec.write_choice(native, codec.types)
        assert same(codec.read_choice(kind, element), native)
        assert not isinstance(element, dict) or codec.spare(element) == ()


def fast(codec: Codec, native: Any) -> Any:
    """The fresh builder's expression, evaluated as it stands in compiled source."""
    assert codec.inline is not None
    text = codec.inline.replace("{first}", "(v := record)").replace("{v}", "v").replace("{at}_", "")
    return eval(text, {"record": native, "NUMBERS": NUMBERS, "unfit": unfit, **codec.constants()})


@pytest.mark.parametrize("row", [row for row in CODEC_ROWS if row.values[0].codec.inline])
@given(data=st.data())
def test_the_fast_form_writes_and_refuses_what_the_careful_form_does(row: Row, data: st.DataObject) -> None:
    native = data.draw(JSON | value(row))
    try:
        expected = row.codec.write(native)
    except (Unfit, TypeError, AttributeError, KeyError, ValueError):
        with pytest.raises((Unfit, TypeError, AttributeError, KeyError, ValueError)):
            fast(row.codec, native)
    else:
        assert same(fast(row.codec, native), expected)


def coded(*codes: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for system, code in codes]}


def test_an_accepted_code_is_read_and_never_written() -> None:
    concept = made("concept")
    assert concept.read(coded(("urn:old", "R"))) == "red"
    assert concept.write("red") == {"coding": [{"system": SYSTEM, "code": "r", "display": "Red"}]}


def test_codings_that_say_two_words_are_not_read() -> None:
    assert made("concept").read(coded((SYSTEM, "r"), (SYSTEM, "b"))) is None


def test_a_coding_of_another_system_beside_ours_is_spare() -> None:
    element = coded((SYSTEM, "r"), ("urn:other", "x"))
    assert made("concept").read(element) == "red"
    assert made("concept").spare({**element, "text": "reddish"}) == ("coding", "text")


@pytest.mark.parametrize(
    "reference",
    ["https://other.example/fhir/Patient/1", "urn:uuid:1", "#p", "Patient/1/_history/2", "Practitioner/1", "Patient/"],
)
def test_only_a_relative_reference_to_a_declared_type_is_an_id(reference: str) -> None:
    assert made("reference").read({"reference": reference}) is None
    assert made("reference").read({"identifier": {"value": "1"}}) is None


@pytest.mark.parametrize(
    ("element", "minutes"),
    [
        ({"value": 3, "unit": "h"}, 180),
        ({"value": 3.5, "system": "http://unitsofmeasure.org", "code": "h"}, 210),
        ({"value": 90, "system": "http://unitsofmeasure.org", "code": "s"}, None),
        ({"value": 1.1, "unit": "h"}, 66),
        ({"value": 2.55, "unit": "h"}, 153),
        ({"value": Lexeme("0.70"), "unit": "h"}, 42),
        ({"value": 1.01, "unit": "h"}, None),
        ({"value": -60, "unit": "min"}, None),
        ({"value": 10**400, "unit": "min"}, None),
        ({"value": 3, "system": "urn:hours", "code": "h"}, None),
        ({"value": 180, "system": "http://unitsofmeasure.org", "code": "min", "comparator": "<"}, None),
    ],
)
def test_durations_are_read_as_whole_minutes_or_not_at_all(element: dict[str, Any], minutes: int | None) -> None:
    assert made("minutes").read(element) == minutes


@pytest.mark.parametrize(
    ("kind", "element", "points"),
    [
        ("string", "12", 12),
        ("string", "012", None),
        ("string", "twelve", None),
        ("integer", 12, 12),
        ("Quantity", {"value": 12, "unit": "{score}"}, 12),
        ("Quantity", {"value": 12, "code": "mm"}, None),
        ("Quantity", {"value": 12}, 12),
        ("Quantity", {"value": Lexeme("12.0"), "system": "http://unitsofmeasure.org", "code": "{score}"}, 12),
        ("Quantity", {"value": 12.5}, None),
        ("Quantity", {"value": 12, "system": "urn:other", "code": "1"}, None),
        ("Quantity", {"value": 12, "comparator": ">"}, None),
        ("Quantity", {"value": 12, "system": "http://unitsofmeasure.org"}, None),
        ("Quantity", {}, None),
        ("integer", -1, None),
        ("string", "9" * 5000, None),
        ("dateTime", "12", None),
    ],
)
def test_a_score_is_read_from_what_senders_use(kind: str, element: Any, points: int | None) -> None:
    assert made("score").read_choice(kind, element) == points


@pytest.mark.parametrize(
    ("elements", "native"),
    [
        ((("string", "Positive"), None, None), {"finding": "positive"}),
        ((("string", "NEG"), None, None), {"finding": "negative"}),
        ((("string", "pos."), None, None), {"finding": "positive"}),
        ((("string", "none detected"), None, None), None),
        ((("string", "Negative. CONFIRMATION POSITIVE for fentanyl 12 ng/mL"), None, None), None),
        ((("string", "neg (specimen dilute, invalid)"), None, None), None),
        ((("string", "Negligible"), None, None), None),
        ((("string", "Posterior"), None, None), None),
        ((("string", "Non-negative"), None, None), None),
        ((("string", "Negative?"), None, None), None),
        ((None, {"coding": [{"code": "POS"}]}, None), {"finding": "positive"}),
        ((None, {"coding": [{"code": "A"}]}, None), None),
        ((("string", "Positive"), {"coding": [{"code": "A"}]}, None), {"finding": "positive"}),
        ((("string", "Negative"), {"coding": [{"code": "A"}]}, None), None),
        ((("CodeableConcept", coded((SYSTEM, "pos"))), {"coding": [{"code": "A"}]}, None), {"finding": "positive"}),
        ((("Quantity", {"value": 50, "unit": "ng/mL"}), {"coding": [{"code": "A"}]}, None), None),
        ((("Quantity", {"value": 50, "unit": "apples"}), {"coding": [{"code": "NEG"}]}, None), None),
        ((("string", "Negative"), {"text": "POSITIVE"}, None), None),
        ((("string", "Negative"), {"coding": [{"code": "NEG"}], "text": "see comment"}, None), None),
        ((("string", "Negative"), {"coding": [{"code": "NEG"}, {"code": "AA"}]}, None), None),
        ((("CodeableConcept", {**coded((SYSTEM, "neg")), "text": "Negative"}), None, None), {"finding": "negative"}),
        (
            (("CodeableConcept", {**coded((SYSTEM, "neg")), "text": "Not detected"}), None, None),
            {"finding": "negative"},
        ),
        ((("CodeableConcept", {**coded((SYSTEM, "neg")), "text": "Positive"}), None, None), None),
        ((("CodeableConcept", {**coded((SYSTEM, "neg")), "text": "Detected"}), None, None), None),
        ((("CodeableConcept", {**coded((SYSTEM, "neg")), "text": "to be confirmed"}), None, None), None),
        ((("CodeableConcept", coded((SYSTEM, "neg"), (SYSTEM, "unheard of"))), None, None), None),
        ((("CodeableConcept", coded((SYSTEM, "neg"), ("urn:lab", "N1"))), None, None), {"finding": "negative"}),
        (
            (
                ("CodeableConcept", {"coding": [{"system": SYSTEM, "code": "neg", "display": "Presumptive POS"}]}),
                None,
                None,
            ),
            None,
        ),
        ((("CodeableConcept", coded((SYSTEM, "neg"))), {"coding": [{"code": "POS"}]}, None), None),
        (
            (("Quantity", {"value": 50, "unit": "ng/mL"}), {"coding": [{"code": "POS"}]}, None),
            {"finding": "positive", "value": 50, "unit": "ng/mL"},
        ),
        ((None, None, coded((SYSTEM, "r"))), {"missing": "red"}),
        ((("string", "Positive"), None, coded((SYSTEM, "r"))), None),
    ],
)
def test_a_finding_is_read_from_value_and_interpretation_that_agree(elements: Any, native: Any) -> None:
    finding = made("finding")
    assert isinstance(finding, Finding)
    assert finding.read_all(elements) == native


@pytest.mark.parametrize(
    ("unit", "known"),
    [
        (unit, True)
        for unit in ("ng/mL", "ng/ml", "mg/dL", "%", "[pH]", "[degF]", "d", "10*3/uL", "{sessions}/wk", "/wk", "kg.m-2")
    ]
    + [
        (unit, False)
        for unit in ("apples", "whatever", "units", "NG/ML", "", "mL/", "ng//mL", "{", "mg dL", "x" * 5000)
    ],
)
def test_a_unit_is_one_of_ucum_or_refused(unit: str, known: bool) -> None:
    quantity, element = made("quantity"), {"value": 3, "system": "http://unitsofmeasure.org", "code": unit}
    assert (quantity.read(element) is not None) == known
    if known:
        assert quantity.write({"value": 3, "unit": unit})["code"] == unit
    else:
        with pytest.raises(Unfit):
            quantity.write({"value": 3, "unit": unit})


@pytest.mark.parametrize(("unit", "known"), [("ng/mL", True), ("m", False), ("units", False), ("U", False)])
def test_a_unit_without_a_system_is_read_only_when_it_can_mean_nothing_else(unit: str, known: bool) -> None:
    assert (made("quantity").read({"value": 3, "unit": unit}) is not None) == known


@pytest.mark.parametrize(
    ("kind", "element", "native"),
    [
        ("integer", 0, 0),
        ("string", "3", 3),
        ("string", "three", None),
        ("Quantity", {"value": 3}, 3),
        ("Quantity", {"value": 3, "unit": "mg"}, None),
        ("CodeableConcept", coded((SYSTEM, "r")), "red"),
        ("CodeableConcept", {"text": "reddish"}, None),
        ("CodeableConcept", {}, None),
        ("boolean", True, None),
    ],
)
def test_an_answer_is_points_or_a_word(kind: str, element: Any, native: Any) -> None:
    assert made("answer").read_choice(kind, element) == native


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("integer", -3), ("minutes", -5), ("score", -1), ("hours", -1), ("hours", 169), ("rating", -1), ("rating", 5)],
)
def test_what_is_counted_is_not_below_nothing(name: str, wrong: int) -> None:
    with pytest.raises(Unfit):
        made(name).write(wrong)


def test_a_name_with_a_gap_among_its_given_names_is_read_without_the_gap() -> None:
    element = {"family": "Testperson", "given": ["Testa", None], "_given": [None, {"id": "x"}], "prefix": [None]}
    assert made("human_name").read(element) == {"family": "Testperson", "given": ["Testa"]}
    assert "_given" in made("human_name").spare(element)


@pytest.mark.parametrize(
    ("element", "native", "spare"),
    [
        ({"reference": "Patient/1"}, "1", ()),
        ({"reference": "Patient/1", "display": "One"}, "1", ("display",)),
        ({"display": "State Board"}, {"name": "State Board"}, ()),
        ({"display": "State Board", "type": "Organization"}, {"name": "State Board"}, ("type",)),
        ({"reference": "#board", "display": "State Board"}, None, None),
        ({"identifier": {"value": "1"}, "display": "State Board"}, None, None),
    ],
)
def test_a_reference_that_is_no_more_than_a_name_is_read_as_the_name(element: Any, native: Any, spare: Any) -> None:
    named = made("named_reference")
    assert named.read(element) == native
    assert native is None or named.spare(element) == spare


@pytest.mark.parametrize("wrong", [[], [{"value": "1"}, {"value": "2"}], {"value": "1"}, [{}], [{"number": "1"}]])
def test_where_r4_has_room_for_one_identifier_a_second_is_refused(wrong: Any) -> None:
    sole = made("sole_identifier")
    assert sole.write([{"system": "urn:x", "value": "1"}]) == {"system": "urn:x", "value": "1"}
    with pytest.raises(Unfit):
        sole.write(wrong)


def test_a_joint_word_needs_the_elements_it_does_not_name_to_be_absent() -> None:
    joint = made("joint")
    assert isinstance(joint, Joint)
    assert joint.read_all(("finished", None)) == "done"
    assert joint.read_all(("finished", coded((SYSTEM, "late")))) is None
    assert joint.write_all("late") == ("cancelled", {"coding": [{"system": SYSTEM, "code": "late"}]})
