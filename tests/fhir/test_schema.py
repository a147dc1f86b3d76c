"""The door: several issues at once, resources inside resources, and no input that breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.elements import Definitions
from adapter.fhir.json import Lexeme, parse
from adapter.fhir.outcome import LIMIT, at_most, operation_outcome
from adapter.fhir.schema import Door

OBSERVATION = {"resourceType": "Observation", "status": "final", "code": {"text": "Breath alcohol"}}
DEFINITIONS = Definitions.load(Path(__file__).resolve().parents[2] / "profiles" / "r4")
DOOR = Door(DEFINITIONS)


def test_every_issue_is_told_at_once() -> None:
    issues = DOOR.check(
        {
            "resourceType": "Observation",
            "mood": 1,
            "status": "bogus",
            "subject": {"reference": "x"},
            "effectiveDateTime": "yesterday",
            "component": [{"valueString": ""}],
        }
    )
    assert {(issue.expression, issue.code) for issue in issues} == {
        ("Observation.mood", "structure"),
        ("Observation.status", "code-invalid"),
        ("Observation.code", "required"),
        ("Observation.subject.reference", "value"),
        ("Observation.effective", "value"),
        ("Observation.component[0].code", "required"),
        ("Observation.component[0].value", "value"),
    }
    assert all(issue.severity == "error" for issue in issues)


def test_one_element_is_complained_of_once_for_each_kind_of_fault() -> None:
    issues = DOOR.check({"resourceType": "Patient", "name": [{"family": ""}]})
    assert [(issue.expression, issue.code) for issue in issues] == [("Patient.name[0].family", "value")]


@pytest.mark.parametrize("value", [None, 1, "Patient", [], [{}], True, {}, {"resourceType": 7}, {"resourceType": None}])
def test_what_is_no_resource_is_refused(value: Any) -> None:
    issues = DOOR.check(value)
    assert len(issues) == 1
    assert issues[0].code in ("structure", "required")


def test_digits_are_no_reason_to_refuse() -> None:
    for text in ("1.10", "1e2", "-0.00", "0.12345678901234567890123"):
        quantity = parse(b'{"value":%b}' % text.encode())
        assert isinstance(quantity["value"], Lexeme)
        assert DOOR.check({**OBSERVATION, "valueQuantity": quantity}) == []


@pytest.mark.parametrize("text", ["1.0", "1.00", "1e0"])
def test_an_integer_is_written_as_one(text: str) -> None:
    issues = DOOR.check({**OBSERVATION, "valueInteger": parse(text.encode())})
    assert [issue.expression for issue in issues] == ["Observation.value"]


def test_a_lexeme_is_refused_where_no_number_belongs() -> None:
    issues = DOOR.check({**OBSERVATION, "status": Lexeme("1.10"), "bodySite": Lexeme("1.10")})
    assert {issue.expression for issue in issues} == {"Observation.status", "Observation.bodySite"}


def test_a_known_modifier_extension_is_let_in() -> None:
    url = "https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-known"
    resource = {"resourceType": "Patient", "modifierExtension": [{"url": url, "valueBoolean": True}]}
    assert Door(DEFINITIONS, frozenset((url,))).check(resource) == []
    assert [issue.code for issue in DOOR.check(resource)] == ["extension"]
    unfinished = {"resourceType": "Patient", "modifierExtension": [{"url": url}]}
    assert [issue.code for issue in Door(DEFINITIONS, frozenset((url,))).check(unfinished)] == ["invariant"]


def test_resources_in_resources_are_checked_as_what_they_say_they_are() -> None:
    inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {**OBSERVATION, "status": "x"}}]}
    outer = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": OBSERVATION}, {"resource": inner}]}
    assert [issue.expression for issue in DOOR.check(outer)] == ["Bundle.entry[1].resource.entry[0].resource.status"]


def test_a_fragment_in_an_entry_does_not_reach_another_entry() -> None:
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "managingOrganization": {"reference": "#o"},
        "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
    }
    stray = {**OBSERVATION, "performer": [{"reference": "#o"}]}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}, {"resource": stray}]}
    assert [issue.expression for issue in DOOR.check(bundle)] == ["Bundle.entry[1].resource.performer[0].reference"]


def test_the_few_codes_of_a_value_set_are_named() -> None:
    [issue] = DOOR.check({"resourceType": "Patient", "gender": "F"})
    assert "male, female, other, unknown" in issue.message


def test_a_list_has_a_limit() -> None:
    resource = {"resourceType": "Patient", "name": [{"text": "x"}] * 50_001}
    assert [(issue.expression, issue.code) for issue in DOOR.check(resource)] == [
        ("Patient.name", "too-long"),
        ("Patient", "informational"),
    ]


def test_a_string_has_a_limit() -> None:
    resource = {"resourceType": "Patient", "name": [{"text": "x" * 1_048_577}]}
    assert [(issue.expression, issue.code) for issue in DOOR.check(resource)] == [("Patient.name[0].text", "too-long")]


def test_deep_extensions_are_checked_to_the_ground() -> None:
    extension: dict[str, Any] = {"url": "x", "valueCode": "a b c "}
    for _ in range(28):
        extension = {"url": "x", "extension": [extension]}
    extension["url"] = "https://example.org/x"
    [issue] = DOOR.check({"resourceType": "Patient", "extension": [extension]})
    assert issue.expression == "Patient" + ".extension[0]" * 29 + ".value"


@pytest.mark.parametrize("name", sorted(DEFINITIONS.types)[::12])
def test_a_type_compiles_in_both_forms(name: str) -> None:
    issues = Door(DEFINITIONS).check({"resourceType": name, "_unheard": {}})
    assert f"{name}._unheard" in {issue.expression for issue in issues}


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 5),
        st.floats(allow_nan=False),
        st.just(Lexeme("1.10")),
        st.sampled_from(["", "final", "#p", "Patient/1", "2026-01-01", "x y "]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "id",
                    "status",
                    "code",
                    "coding",
                    "text",
                    "div",
                    "extension",
                    "url",
                    "valueString",
                    "_valueString",
                    "valuePeriod",
                    "start",
                    "end",
                    "contained",
                    "entry",
                    "resource",
                    "component",
                    "given",
                    "_given",
                    "name",
                    "reference",
                    "subject",
                    "meta",
                    "fullUrl",
                    "item",
                    "linkId",
                    "low",
                    "high",
                    "part",
                    "parameter",
                    "modifierExtension",
                    "value",
                    "response",
                    "outcome",
                    "type",
                    "request",
                    "authoredOn",
                    "lastModified",
                    "input",
                    "whenPrepared",
                    "whenHandedOver",
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)


def test_no_more_issues_are_told_than_a_person_can_read() -> None:
    entries = [{"resource": {"resourceType": "Patient", "name": [{f"k{n}": 1} for n in range(30)]}}] * 1_000
    issues = DOOR.check({"resourceType": "Bundle", "type": "collection", "entry": entries})
    assert len(issues) == LIMIT
    assert issues[-1].severity == "information"
    assert {issue.severity for issue in issues[:-1]} == {"error"}
    assert at_most(issues) == issues
    assert len(operation_outcome(issues * 10)["issue"]) == LIMIT


def test_of_a_large_resource_the_first_fault_is_told_and_that_there_may_be_more() -> None:
    resource = {"resourceType": "Patient", "name": [{f"k{n}": 1 for n in range(30)}] * 40_000}
    issues = DOOR.check(resource)
    assert [(issue.code, issue.severity) for issue in issues] == [
        ("structure", "error"),
        ("informational", "information"),
    ]


def test_a_large_resource_is_refused_although_its_first_fault_is_none() -> None:
    patient = {"resourceType": "Patient", "id": "p", "link": [{"type": "seealso", "other": {"reference": "#"}}]}
    large = {**patient, "name": [{"given": ["x"] * 6_000}]}
    assert DOOR.check(large) == []
    address = [{"period": {"start": "2026-01-02", "end": "2026-01-01"}}]
    assert [issue.expression for issue in DOOR.check({**large, "address": address})] == [
        "Patient.address[0].period.end"
    ]
    assert [issue.expression for issue in DOOR.check({**large, "telecom": [{"rank": 0}]})] == [
        "Patient.telecom[0].rank"
    ]


def nested(levels: int) -> dict[str, Any]:
    made: dict[str, Any] = {"url": "https://example.org/x", "valueCode": " "}
    for _ in range(levels):
        made = {"url": "https://example.org/x", "extension": [made]}
    return {"resourceType": "Patient", "extension": [made]}


def held(levels: int) -> dict[str, Any]:
    made: dict[str, Any] = {"resourceType": "Patient"}
    for _ in range(levels):
        made = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": made}]}
    return made


def parted(levels: int) -> dict[str, Any]:
    made: dict[str, Any] = {"name": "a", "valueString": "x"}
    for _ in range(levels):
        made = {"name": "a", "part": [made]}
    return {"resourceType": "Parameters", "parameter": [made]}


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param(nested(5_000), id="10 000 levels of extensions"),
        pytest.param(
            {**nested(5_000), "contained": [{"resourceType": "Patient", "id": "a"}]}, id="and something contained"
        ),
        pytest.param(held(4_000), id="4 000 Bundles"),
        pytest.param(parted(4_000), id="4 000 parts"),
        pytest.param({**OBSERVATION, "valueString": "\ud800"}, id="half a surrogate pair"),
        pytest.param({**OBSERVATION, "\ud800": 1}, id="half a surrogate pair for a name"),
        pytest.param({**OBSERVATION, "valueInteger": 2**70}, id="a huge whole number"),
        pytest.param({**OBSERVATION, "valueInteger": b"1"}, id="bytes"),
        pytest.param({**OBSERVATION, 1: 2}, id="a name that is no string"),
    ],
)
def test_what_is_not_json_is_refused(resource: dict[str, Any]) -> None:
    [issue] = DOOR.check(resource)
    assert issue.code == "structure"


@pytest.mark.parametrize("value", [True, 7, 1.5, [], {}])
def test_a_reference_that_is_no_string_is_refused(value: Any) -> None:
    issues = DOOR.check(
        {**OBSERVATION, "subject": {"reference": value}, "extension": [{"url": value, "valueCode": "x"}]}
    )
    assert {issue.expression for issue in issues} == {"Observation.subject.reference", "Observation.extension[0].url"}


def test_a_message_names_no_element_that_could_not_be_one() -> None:
    keys = {"Hazel Testcase": 1, "4711": 1, "x" * 65: 1, "nick": 1}
    issues = DOOR.check({"resourceType": "Patient", **keys, "name": [{"family": "x", "née": 1}]})
    assert {(issue.expression, issue.message) for issue in issues} == {
        ("Patient", "An element whose name is not a FHIR name is here."),
        ("Patient.name[0]", "An element whose name is not a FHIR name is here."),
        ("Patient.nick", "R4 has no element nick here."),
    }
    [issue, *_] = DOOR.check(
        {
            "resourceType": "Patient",
            "extension": [{"url": "https://example.org/x", "valueCode": "x", "value Hazel Testcase": 1}],
        }
    )
    assert "Hazel" not in issue.message


TYPES = ["Patient", "Observation", "Bundle", "Parameters", "Questionnaire", "Task", "MedicationDispense"]


@given(
    st.sampled_from(TYPES),
    st.dictionaries(
        st.sampled_from(
            [
                "contained",
                "entry",
                "parameter",
                "component",
                "name",
                "item",
                "extension",
                "text",
                "code",
                "subject",
                "period",
                "valueRange",
                "valuePeriod",
                "input",
                "status",
                "_status",
                "type",
                "meta",
                "whenPrepared",
                "authoredOn",
            ]
        ),
        JSON,
    ),
)
def test_no_json_value_breaks_the_door(kind: str, content: dict[str, Any]) -> None:
    for issue in DOOR.check({"resourceType": kind, **content}):
        assert issue.expression
        assert issue.message
