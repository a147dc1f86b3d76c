"""What one concept does with one record or resource: refusals with every issue, parking, order, what goes and stays."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.fhir.json import Lexeme
from adapter.mapping import members
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


def test_the_key_of_a_member_is_not_compared_with_that_of_each_other(
    loaded: Spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0

    class Key(bytes):
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return bytes.__eq__(self, other)

        __hash__ = bytes.__hash__

    key_of = members.key_of
    monkeypatch.setattr(members, "key_of", lambda item, keys: Key(key_of(item, keys)))
    rows = "".join(f'many{n} = {{ code = "m{n}" }}\n' for n in range(200))
    concept = loaded("tables/check.toml", "[rows]\n", f"[rows]\n{rows}").concepts["breath_test"]
    component = [{"code": {"coding": [{"system": "urn:check", "code": f"m{n}"}]}} for n in range(200)]
    record, _ = concept.to_native({**concept.to_fhir(RECORD), "component": component})
    assert len(record["checks"]) == 200
    assert compared < 1000


@pytest.mark.parametrize("status", ["generated", "extensions"])
def test_a_stale_narrative_is_replaced_by_a_short_one(concept: Concept, status: str) -> None:
    narrative = {"status": status, "div": "<div>0.01</div>"}
    resource = {**concept.to_fhir(RECORD), "text": narrative}
    assert concept.to_fhir(RECORD, resource)["text"] is narrative
    written = concept.to_fhir({**RECORD, "result": 0}, resource)["text"]
    assert written["status"] == "generated"
    assert "0.01" not in written["div"]


def test_a_narrative_that_says_more_than_the_data_is_kept(concept: Concept) -> None:
    narrative = {"status": "additional", "div": "<div>He was calm.</div>"}
    resource = {**concept.to_fhir(RECORD), "text": narrative}
    assert concept.to_fhir({**RECORD, "result": 0}, resource)["text"] == narrative


def test_a_list_beneath_an_object_that_empties_leaves_nothing_behind(concept: Concept) -> None:
    resource = concept.to_fhir({**RECORD, "given": "by mouth"})
    assert resource["method"] == {"text": "by mouth"}
    assert "method" not in concept.to_fhir(RECORD, resource)


@pytest.mark.parametrize("given", ["by tube", None])
def test_codings_do_not_go_on_saying_what_the_text_no_longer_says(concept: Concept, given: str | None) -> None:
    resource = {
        **concept.to_fhir(RECORD),
        "method": {"text": "by mouth", "coding": [{"code": "mouth"}], "_text": {"id": "t"}},
    }
    record = {**RECORD, "given": given} if given else RECORD
    assert concept.to_fhir(record, resource).get("method") == ({"text": given} if given else None)


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


OTHERS_LABEL = [{"coding": [{"system": "urn:other", "code": "toxicology"}]}]


def test_what_others_sent_is_not_relabelled(loaded: Spoil) -> None:
    concept = loaded(
        CONCEPT, 'category = { table = "category", is = "laboratory" }\n\n[fixed]', 'device = "absent"\n\n[fixed]'
    )
    made = concept.concepts["breath_test"]
    resource = {**made.to_fhir(RECORD), "category": OTHERS_LABEL}
    assert made.to_fhir({**RECORD, "result": 0}, resource)["category"] == OTHERS_LABEL


def test_a_fixed_element_is_added_where_the_resource_would_else_be_of_no_concept(loaded: Spoil) -> None:
    whens = '[[when]]\ncategory = { table = "category", is = "laboratory" }\n[[when]]\ncomponent = "present"\n\n[fixed]'
    concept = loaded(
        CONCEPT, '[when]\ncategory = { table = "category", is = "laboratory" }\n\n[fixed]', whens
    ).concepts["breath_test"]
    resource = {**concept.to_fhir(RECORD), "category": OTHERS_LABEL}
    left = {name: value for name, value in RECORD.items() if name != "checks"}
    assert concept.to_fhir({**RECORD, "result": 0}, resource)["category"] == OTHERS_LABEL
    assert [c["coding"][0]["code"] for c in concept.to_fhir(left, resource)["category"]] == ["toxicology", "laboratory"]


def test_what_the_fixed_member_says_besides_is_seen(concept: Concept) -> None:
    resource = concept.to_fhir(RECORD)
    resource["category"][0]["text"] = "Toxicology"
    assert [note.path for note in concept.to_native(resource)[1]] == ["Observation.category[0].text"]


def test_the_words_of_a_reference_are_shown(concept: Concept) -> None:
    resource = concept.to_fhir(RECORD)
    resource["subject"]["display"] = "Somebody else"
    assert [tuple(note)[:2] for note in concept.to_native(resource)[1]] == [("Observation.subject.display", "show")]


BRANCH = 'given        = { element = "effectiveDateTime", as = "moment", optional = true }'


def test_a_branch_that_no_field_says_is_not_deleted(loaded: Spoil) -> None:
    rows = (
        CONCEPT,
        'collected_at = { element = "effective[x]", as = "moment", optional = true }',
        'collected_at = { element = "effectiveDateTime", as = "moment", optional = true }',
    )
    concept = loaded(*rows).concepts["breath_test"]
    record = {name: value for name, value in RECORD.items() if name != "collected_at"}
    resource = {**concept.to_fhir(record), "effectivePeriod": {"start": "2026-03-04"}}
    [(_, message)] = issues(concept, RECORD, resource)
    assert "as effectivePeriod, which no field says" in message
    assert concept.to_fhir({**record, "result": 0}, resource)["effectivePeriod"] == {"start": "2026-03-04"}


def test_a_contained_resource_goes_with_the_last_reference_to_it(loaded: Spoil) -> None:
    row = 'given        = { element = "specimen", as = "reference", to = "Specimen", optional = true }\n'
    concept = loaded(CONCEPT, 'given        = { element = "method.text", as = "text", optional = true }\n', row)
    made = concept.concepts["breath_test"]
    inner = [
        {"resourceType": "Specimen", "id": "tube", "collection": {"collector": {"reference": "#nurse"}}},
        {"resourceType": "Practitioner", "id": "nurse"},
        {"resourceType": "Device", "id": "meter"},
    ]
    resource = {
        **made.to_fhir(RECORD),
        "contained": inner,
        "specimen": {"reference": "#tube"},
        "device": {"reference": "#meter"},
    }
    record, _ = made.to_native(resource)
    assert record["incomplete"] == [{"path": "Observation.specimen", "reason": "not a relative reference to Specimen"}]
    assert made.to_fhir({**record, "result": 0}, resource)["contained"] == inner
    assert made.to_fhir({**record, "given": "s1"}, resource)["contained"] == inner[2:]
    del resource["device"], inner[2]
    assert "contained" not in made.to_fhir({**record, "given": "s1"}, resource)


def test_null_is_refused_and_not_taken_for_absent(concept: Concept) -> None:
    resource = concept.to_fhir(RECORD)
    for onto in (None, resource):
        assert issues(concept, {**RECORD, "given": None}, onto)[0] == (
            "given",
            "given: null is not a value: leave the field out",
        )
    assert issues(concept, {**RECORD, "checks": [{"check": "waited", "result": None}]})[0][0] == "checks[0].result"


REQUIRED = 'fields.result = { element = "valueString", as = "text" }'


def test_a_member_may_go_on_lacking_what_it_lacked(loaded: Spoil) -> None:
    concept = loaded(CONCEPT, 'fields.result = { element = "valueString", as = "text", optional = true }', REQUIRED)
    made = concept.concepts["breath_test"]
    assert issues(made, RECORD) == [("checks[1].result", "checks[1].result is missing")]
    resource = made.to_fhir(RECORD, park=True)
    record, _ = made.to_native(resource)
    assert [item["path"] for item in record["incomplete"]] == ["Observation.component[1].valueString"]
    written = made.to_fhir({**record, "collected_at": "2026-03-05"}, resource)
    assert made.to_native(written)[0]["checks"] == record["checks"]
    lost = [{"check": "mouth_rinsed"}, {"check": "waited"}]
    assert issues(made, {**record, "checks": lost}, resource) == [("checks[0].result", "checks[0].result is missing")]
    added = [*record["checks"][:1], {"check": "waited", "result": "yes"}]
    assert made.to_native(made.to_fhir({**record, "checks": added}, resource))[0]["checks"] == added


def test_key_order_does_not_decide_what_is_kept(loaded: Spoil) -> None:
    row = 'numbers = { element = "identifier", as = "identifier", list = true, optional = true }\n'
    made = loaded(CONCEPT, 'given        = { element = "method.text", as = "text", optional = true }\n', row).concepts[
        "breath_test"
    ]
    number = {"system": "urn:n", "value": "1"}
    resource = made.to_fhir({**RECORD, "numbers": [number]})
    resource["identifier"][0]["extension"] = [{"url": "urn:x", "valueBoolean": True}]
    other = {"system": "urn:n", "value": "2"}
    written = made.to_fhir({**RECORD, "numbers": [dict(reversed(number.items())), other]}, resource)
    assert written["identifier"] == [resource["identifier"][0], other]


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
