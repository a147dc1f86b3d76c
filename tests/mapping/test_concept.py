"""What one concept does with one record or resource: refusals with every issue, parking, order, what goes and stays."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.fhir.json import Lexeme
from adapter.mapping.concept import Concept
from adapter.problems import Problem
from tests.mapping.conftest import Spoil

CONCEPT = "concepts/breath_test.toml"
RECORD: dict[str, Any] = {
    "id": "b1",
    "participant": "p1",
    "status": "final",
    "collected_at": "2026-03-04T09:00:00-05:00",
    "result": Lexeme("0.010"),
    "checks": [{"check": "mouth_rinsed", "result": "yes"}, {"check": "waited"}],
}


@pytest.fixture
def concept(loaded: Spoil) -> Concept:
    return loaded().concepts["breath_test"]


def issues(concept: Concept, record: Any, onto: Any = None, **options: bool) -> list[tuple[str | None, str]]:
    with pytest.raises(Problem) as refused:
        concept.to_fhir(record, onto, **options)
    return [(issue.expression, issue.message) for issue in refused.value.issues]


def test_digits_are_written_as_they_were_typed(concept: Concept) -> None:
    assert concept.to_fhir(RECORD)["valueQuantity"]["value"] == Lexeme("0.010")


def test_every_fault_of_a_record_is_told_at_once_with_its_place(concept: Concept) -> None:
    record = {
        "id": 7,
        "status": "finel",
        "result": True,
        "colour": "red",
        "collected_at": "",
        "checks": [{"check": "waited", "result": 1}, {"check": "waited", "note": "x"}, {}, {"result": "yes"}],
    }
    assert sorted(place or "" for place, _ in issues(concept, record)) == [
        "checks[0].result",
        "checks[1]",
        "checks[1].note",
        "checks[2]",
        "checks[3].check",
        "collected_at",
        "colour",
        "id",
        "participant",
        "result",
        "status",
    ]


@pytest.mark.parametrize("record", [None, [], "text", 7])
def test_what_is_no_object_is_refused(concept: Concept, record: Any) -> None:
    assert issues(concept, record) == [(None, "A record is an object.")]


def test_a_word_that_is_not_in_the_table_is_told_with_those_that_are(concept: Concept) -> None:
    [(_, message)] = issues(concept, {**RECORD, "status": "amended"})
    assert message.endswith("known: final, preliminary, corrected")


@pytest.mark.parametrize("value", [[], ""])
def test_an_empty_value_is_refused_rather_than_lost(concept: Concept, value: Any) -> None:
    assert issues(concept, {**RECORD, "checks" if value == [] else "collected_at": value})


def test_an_unknown_code_is_parked_and_makes_the_record_incomplete(concept: Concept) -> None:
    resource = {**concept.to_fhir(RECORD), "status": "registered"}
    record, residue = concept.to_native(resource)
    assert "status" not in record
    assert record["incomplete"] == [
        {"path": "Observation.status", "reason": "code registered is not in table result_status"}
    ]
    assert [tuple(note) for note in residue] == [
        ("Observation.status", "park", "code registered is not in table result_status")
    ]


def test_an_accepted_code_stays_as_it_was_sent_until_the_word_changes(concept: Concept) -> None:
    resource = {**concept.to_fhir(RECORD), "status": "amended"}
    record, _ = concept.to_native(resource)
    assert record["status"] == "corrected"
    assert concept.to_fhir({**record, "collected_at": "2026-03-05"}, resource)["status"] == "amended"


def test_what_is_parked_survives_a_native_write(concept: Concept) -> None:
    resource = {**concept.to_fhir(RECORD), "status": "registered"}
    record, _ = concept.to_native(resource)
    written = concept.to_fhir({**record, "collected_at": "2026-03-05"}, resource)
    assert written["status"] == "registered"
    assert written["effectiveDateTime"] == "2026-03-05"


def test_what_is_parked_can_be_put_right_natively(concept: Concept) -> None:
    resource = {**concept.to_fhir(RECORD), "status": "registered"}
    record, _ = concept.to_native(resource)
    written = concept.to_fhir({**record, "status": "final"}, resource)
    assert concept.to_native(written)[0] == RECORD


def test_incomplete_is_accepted_only_as_it_was_read(concept: Concept) -> None:
    resource = {**concept.to_fhir(RECORD), "status": "registered"}
    record, _ = concept.to_native(resource)
    assert concept.to_fhir(record, resource) is resource
    told = issues(concept, {**record, "incomplete": [{"path": "x", "reason": "y"}]}, resource)
    assert told == [("incomplete", "incomplete is computed: leave it out or as it was read")]
    assert issues(concept, {**RECORD, "incomplete": []}) == told


def test_a_required_field_may_be_missing_at_import_and_is_parked(concept: Concept) -> None:
    record = {"id": "b1", "status": "final"}
    resource = concept.to_fhir(record, park=True)
    assert concept.to_native(resource)[0] == {
        **record,
        "incomplete": [{"path": "Observation.subject", "reason": "missing"}],
    }


def test_a_required_field_that_was_there_cannot_be_removed(concept: Concept) -> None:
    resource = concept.to_fhir(RECORD)
    left = {name: value for name, value in RECORD.items() if name != "status"}
    assert issues(concept, left, resource) == [("status", "status is missing")]


def test_another_branch_of_a_choice_goes_when_the_value_is_written(concept: Concept) -> None:
    resource = {**concept.to_fhir(RECORD), "valueString": "0.01", "_valueString": {"id": "v"}}
    del resource["valueQuantity"]
    record, _ = concept.to_native(resource)
    assert record["incomplete"] == [{"path": "Observation.value", "reason": "a string is not read here"}]
    written = concept.to_fhir({**record, "result": 0}, resource)
    assert [name for name in written if "value" in name] == ["valueQuantity"]


def test_members_follow_the_record_and_foreign_ones_keep_their_place(concept: Concept) -> None:
    foreign = {"code": {"text": "blown twice"}}
    resource = concept.to_fhir(RECORD)
    resource["component"].insert(1, foreign)
    assert concept.to_native(resource)[0]["incomplete"] == [
        {"path": "Observation.component[1]", "reason": "no readable key, or the key of another member"}
    ]
    written = concept.to_fhir({**RECORD, "checks": [{"check": "waited"}, RECORD["checks"][0]]}, resource)
    assert [member["code"] for member in written["component"]][1] == foreign["code"]
    assert [item["check"] for item in concept.to_native(written)[0]["checks"]] == ["waited", "mouth_rinsed"]


def test_two_members_with_one_key_are_parked_and_never_merged(concept: Concept) -> None:
    resource = concept.to_fhir(RECORD)
    resource["component"].append(dict(resource["component"][0]))
    record, _ = concept.to_native(resource)
    assert record["checks"] == [{"check": "waited"}]
    assert len(record["incomplete"]) == 2
    [(place, message)] = issues(concept, {**record, "checks": RECORD["checks"]}, resource)
    assert (place, "keeps this value from being read back" in message) == ("checks", True)


def test_a_stale_narrative_is_replaced_by_a_short_one(concept: Concept) -> None:
    narrative = {"status": "additional", "div": "<div>0.01</div>"}
    resource = {**concept.to_fhir(RECORD), "text": narrative}
    assert concept.to_fhir(RECORD, resource)["text"] is narrative
    written = concept.to_fhir({**RECORD, "result": 0}, resource)["text"]
    assert written["status"] == "generated"
    assert "0.01" not in written["div"]


def test_a_list_beneath_an_object_that_empties_leaves_nothing_behind(concept: Concept) -> None:
    resource = concept.to_fhir({**RECORD, "given": "by mouth"})
    assert resource["method"] == {"text": "by mouth"}
    assert "method" not in concept.to_fhir(RECORD, resource)
    kept = {**resource, "method": {"text": "by mouth", "coding": [{"code": "x"}]}}
    assert concept.to_fhir(RECORD, kept)["method"] == {"coding": [{"code": "x"}]}


def test_residue_has_the_policy_of_the_longest_path(concept: Concept) -> None:
    resource = {
        **concept.to_fhir(RECORD),
        "note": [{"text": "x"}],
        "device": {"display": "x"},
        "modifierExtension": [{}],
    }
    resource["meta"] = {**resource["meta"], "tag": [{"code": "x"}]}
    resource["component"][0]["interpretation"] = [{"text": "x"}]
    _, residue = concept.to_native(resource)
    assert {note.path: note.policy for note in residue} == {
        "Observation.note": "show",
        "Observation.device": "keep",
        "Observation.modifierExtension": "refuse",
        "Observation.meta.tag": "keep",
        "Observation.component[0].interpretation": "park",
    }


def test_the_fixed_category_is_written_where_it_is_missing_when_something_else_changes(concept: Concept) -> None:
    resource = {name: value for name, value in concept.to_fhir(RECORD).items() if name != "category"}
    assert concept.to_fhir(RECORD, resource) is resource
    assert concept.to_fhir({**RECORD, "result": 0}, resource)["category"] == concept.to_fhir(RECORD)["category"]


def test_a_computed_field_is_refused_from_a_person_unless_it_is_as_stored(loaded: Spoil) -> None:
    concept = loaded(CONCEPT, 'unit = "g/dL"', 'unit = "g/dL", computed = true').concepts["breath_test"]
    resource = concept.to_fhir(RECORD)
    assert concept.to_fhir(RECORD, resource, by_hand=True) is resource
    told = [("result", "result is computed: leave it out or as it is stored")]
    assert issues(concept, {**RECORD, "result": 1}, resource, by_hand=True) == told
    assert issues(concept, RECORD, by_hand=True) == told


def test_a_door_can_tell_its_findings_in_native_words(concept: Concept) -> None:
    told = [
        concept.field_at(f"Observation.{place}")
        for place in ("subject.reference", "component[1].code.coding[0]", "method.text", "note[0].text")
    ]
    assert told == ["participant", "checks", "given", None]


def test_a_resource_belongs_to_the_concept_that_its_structure_says(loaded: Spoil) -> None:
    maps = loaded()
    resource = maps.concepts["breath_test"].to_fhir(RECORD)
    assert maps.concept_of(resource) is maps.concepts["breath_test"]
    assert maps.concept_of({**resource, "category": []}) is None
    assert maps.concept_of({"resourceType": "Basic"}) is None
