"""The door: several issues at once, resources inside resources, and no input that breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.elements import Definitions
from adapter.fhir.json import Lexeme, parse
from adapter.fhir.schema import Door

OBSERVATION = {"resourceType": "Observation", "status": "final", "code": {"text": "Breath alcohol"}}
DEFINITIONS = Definitions.load(Path(__file__).resolve().parents[2] / "profiles" / "r4")
DOOR = Door(DEFINITIONS)


def test_every_issue_is_told_at_once() -> None:
    issues = DOOR.check({"resourceType": "Observation", "mood": 1, "status": "bogus", "subject": {"reference": "x"},
                         "effectiveDateTime": "yesterday", "component": [{"valueString": ""}]})
    assert {(issue.expression, issue.code) for issue in issues} == {
        ("Observation.mood", "structure"), ("Observation.status", "code-invalid"), ("Observation.code", "required"),
        ("Observation.subject.reference", "value"), ("Observation.effective", "value"),
        ("Observation.component[0].code", "required"), ("Observation.component[0].value", "value"),
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
    patient = {"resourceType": "Patient", "id": "p", "managingOrganization": {"reference": "#o"},
               "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}]}
    stray = {**OBSERVATION, "performer": [{"reference": "#o"}]}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}, {"resource": stray}]}
    assert [issue.expression for issue in DOOR.check(bundle)] == ["Bundle.entry[1].resource.performer[0].reference"]


def test_the_few_codes_of_a_value_set_are_named() -> None:
    [issue] = DOOR.check({"resourceType": "Patient", "gender": "F"})
    assert "male, female, other, unknown" in issue.message


def test_a_list_has_a_limit() -> None:
    resource = {"resourceType": "Patient", "name": [{"text": "x"}] * 50_001}
    assert [(issue.expression, issue.code) for issue in DOOR.check(resource)] == [("Patient.name", "too-long")]


def test_a_string_has_a_limit() -> None:
    resource = {"resourceType": "Patient", "name": [{"text": "x" * 1_048_577}]}
    assert [(issue.expression, issue.code) for issue in DOOR.check(resource)] == [("Patient.name[0].text", "too-long")]


def test_deep_extensions_are_checked_to_the_ground() -> None:
    extension: dict[str, Any] = {"url": "x", "valueCode": "a b c "}
    for _ in range(28):
        extension = {"url": "x", "extension": [extension]}
    [issue] = DOOR.check({"resourceType": "Patient", "extension": [extension]})
    assert issue.expression == "Patient" + ".extension[0]" * 29 + ".value"


@pytest.mark.parametrize("name", sorted(DEFINITIONS.types)[::12])
def test_a_type_compiles_in_both_forms(name: str) -> None:
    issues = Door(DEFINITIONS).check({"resourceType": name, "_unheard": {}})
    assert f"{name}._unheard" in {issue.expression for issue in issues}


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False), st.just(Lexeme("1.10")),
              st.sampled_from(["", "final", "#p", "Patient/1", "2026-01-01", "x y "])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([
            "resourceType", "id", "status", "code", "coding", "text", "div", "extension", "url", "valueString",
            "_valueString", "valuePeriod", "start", "end", "contained", "entry", "resource", "component", "given",
            "_given", "name", "reference", "subject", "meta", "fullUrl", "item", "linkId", "low", "high", "part",
            "parameter", "modifierExtension", "value", "response", "outcome", "type", "request", "authoredOn",
            "lastModified", "input", "whenPrepared", "whenHandedOver"]), inner, max_size=5)),
    max_leaves=25)


TYPES = ["Patient", "Observation", "Bundle", "Parameters", "Questionnaire", "Task", "MedicationDispense"]


@given(st.sampled_from(TYPES),
       st.dictionaries(st.sampled_from(["contained", "entry", "parameter", "component", "name", "item", "extension",
                                        "text", "code", "subject", "period", "valueRange", "valuePeriod", "input",
                                        "status", "_status", "type", "meta", "whenPrepared", "authoredOn"]), JSON))
def test_no_json_value_breaks_the_door(kind: str, content: dict[str, Any]) -> None:
    for issue in DOOR.check({"resourceType": kind, **content}):
        assert issue.expression
        assert issue.message
