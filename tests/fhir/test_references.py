"""References, derived ids and OperationOutcomes."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.outcome import operation_outcome
from adapter.fhir.references import derived_id, references, split, without
from adapter.problems import Issue


def test_every_literal_reference_is_found_with_its_place() -> None:
    encounter = {
        "resourceType": "Encounter",
        "subject": {"reference": "Patient/p", "display": "Alder"},
        "participant": [{"individual": {"reference": "Practitioner/a"}}, {"individual": {"display": "nobody"}}],
        "contained": [{"resourceType": "Location", "managingOrganization": {"reference": "#o"}}],
        "extension": [{"url": "http://example.org/x", "valueReference": {"reference": "urn:uuid:1", "type": "Group"}}],
    }
    assert {place: found["reference"] for place, found in references(encounter)} == {
        "Encounter.subject": "Patient/p",
        "Encounter.participant[0].individual": "Practitioner/a",
        "Encounter.contained[0].managingOrganization": "#o",
        "Encounter.extension[0].valueReference": "urn:uuid:1",
    }


def test_other_elements_called_reference_are_not_references() -> None:
    issue = {"resourceType": "DetectedIssue", "status": "final", "reference": "https://example.org/paper"}
    expression = {"language": "text/cql", "reference": "https://example.org/library"}
    assert list(references(issue)) == []
    assert list(references({"resourceType": "Measure", "group": [{"population": [{"criteria": expression}]}]})) == []


def test_the_reference_found_is_the_one_in_the_resource() -> None:
    resource = {"resourceType": "Encounter", "subject": {"reference": "Patient/p"}}
    for _, found in references(resource):
        found["reference"] = "Patient/q"
    assert resource["subject"] == {"reference": "Patient/q"}


def test_a_reference_is_taken_out_with_all_that_says_nothing_without_it() -> None:
    gone, kept = {"reference": "Encounter/e", "display": "Alder"}, {"reference": "Encounter/f"}
    resource = {
        "resourceType": "Encounter",
        "partOf": gone,
        "diagnosis": [{"condition": gone}, {"condition": kept}],
        "location": [{"id": "l", "location": gone}],
        "extension": [
            {"url": "http://example.org/x", "valueReference": gone},
            {"url": "http://example.org/y", "extension": [{"url": "of", "valueReference": gone}]},
            {"url": "http://example.org/z", "valueString": "Encounter/e"},
        ],
        "participant": [{"individual": gone, "type": [{"text": "host"}]}],
        "_given": [None, {"id": "g"}],
    }
    assert without(resource, ["Encounter/e"]) == {
        "resourceType": "Encounter",
        "diagnosis": [{"condition": kept}],
        "extension": [{"url": "http://example.org/z", "valueString": "Encounter/e"}],
        "participant": [{"type": [{"text": "host"}]}],
        "_given": [None, {"id": "g"}],
    }
    assert resource["partOf"] == gone
    assert without(resource, ["Encounter/g"]) == resource


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Patient/p-1", ("Patient", "p-1")),
        ("Patient/p/_history/3", ("Patient", "p")),
        ("#p", None),
        ("Patient", None),
        ("https://ehr.example.org/Patient/p", None),
        ("urn:uuid:0192f1c4-7d0e-7a51-9c1e-6b1f0a3c9d21", None),
        ("Patient?identifier=x", None),
        ("Patient/a_b", None),
        ("Patient/" + "a" * 65, None),
        ("", None),
    ],
)
def test_a_relative_reference_is_taken_apart(text: str, parts: tuple[str, str] | None) -> None:
    assert split(text) == parts


def test_a_derived_id_is_a_uuid_of_version_8() -> None:
    made = uuid.UUID(derived_id(b"secret", "Encounter", "https://practice.example.org/visits", "V0004711"))
    assert made.version == 8
    assert made.variant == uuid.RFC_4122


def test_a_derived_id_stays_the_same_for_ever() -> None:
    """A change here gives every imported record a second id."""
    made = derived_id(b"secret", "Encounter", "https://practice.example.org/visits", "V0004711")
    assert made == "20e7e2cf-da6a-8025-bc6a-3d45d773c9f6"


Key = tuple[bytes, str, str, str]
KEYS = st.tuples(st.binary(max_size=4), st.text(max_size=3), st.text(max_size=3), st.text(max_size=3))


@given(KEYS, KEYS)
def test_two_keys_have_one_id_only_when_they_are_one_key(a: Key, b: Key) -> None:
    # HMAC pads a short key with zeros, so secrets are compared without trailing ones.
    same_key = a[0].rstrip(b"\0") == b[0].rstrip(b"\0") and a[1:] == b[1:]
    assert (derived_id(*a) == derived_id(*b)) is same_key


def test_neighbouring_parts_do_not_run_together() -> None:
    assert derived_id(b"s", "T", "ab", "c") != derived_id(b"s", "T", "a", "bc")


def test_an_outcome_holds_every_issue_in_order() -> None:
    made = operation_outcome(
        [
            Issue("required", "status is required.", "Encounter.status"),
            Issue("informational", "Not checked.", None, "information"),
        ]
    )
    assert made == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "required",
                "details": {"text": "status is required."},
                "expression": ["Encounter.status"],
            },
            {"severity": "information", "code": "informational", "details": {"text": "Not checked."}},
        ],
    }


def test_an_outcome_without_issues_says_that_all_is_well() -> None:
    assert [issue["severity"] for issue in operation_outcome([])["issue"]] == ["information"]
