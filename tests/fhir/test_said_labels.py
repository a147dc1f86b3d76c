"""The labels that a resource's sender says of it, wherever they stand, and the resource without some of them."""

from __future__ import annotations

from typing import Any

from adapter.fhir.said_labels import said, without

V, ODD, BARE = {"system": "urn:c", "code": "V"}, {"system": "urn:x", "code": "odd", "display": "Odd"}, {"code": "bare"}


def test_they_stand_in_meta_of_what_is_contained_and_of_a_document() -> None:
    inner = {"resourceType": "Condition", "meta": {"security": [V, ODD]}}
    document: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "meta": {"security": [V], "profile": ["urn:p"]},
        "contained": [inner],
        "securityLabel": [{"coding": [ODD, BARE]}, {"coding": [V]}, {"text": "in words"}],
    }
    assert list(said(document)) == [("urn:c", "V"), ("urn:x", "odd"), ("", "bare")]
    left = without(document, {("urn:c", "V"), ("", "bare")})
    assert left["meta"] == {"profile": ["urn:p"]}
    assert left["contained"] == [{"resourceType": "Condition", "meta": {"security": [ODD]}}]
    assert left["securityLabel"] == [{"coding": [ODD]}, {"text": "in words"}]
    assert without(document, {("urn:x", "other")}) is document
    assert document["meta"]["security"] == [V]  # what was given stays


def test_what_a_consent_speaks_of_is_no_label_of_its_own() -> None:
    consent = {"resourceType": "Consent", "meta": {"security": [V]}, "provision": {"securityLabel": [V, ODD]}}
    assert list(said(consent)) == [("urn:c", "V")]
    assert without(consent, {("urn:c", "V")}) == {"resourceType": "Consent", "provision": {"securityLabel": [V, ODD]}}
    only = {"resourceType": "Consent", "provision": {"securityLabel": [V]}}
    assert without(only, {("urn:c", "V")}) is only


def test_what_is_empty_and_no_label_stays() -> None:
    odd: dict[str, Any] = {"resourceType": "Basic", "meta": {"security": [V]}, "extension": [], "active": False}
    assert without(odd, {("urn:c", "V")}) == {"resourceType": "Basic", "extension": [], "active": False}
