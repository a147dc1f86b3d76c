"""The shipped maps of intake, family, care team, breath tests, mutual support, contacts, safety flags and groups:
what belongs to which, what an edit keeps, and what never gets in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.json import parse
from adapter.fhir.schema import Door
from adapter.mapping.concept import MappedConcept
from adapter.mapping.edits import clone
from adapter.mapping.load import Maps
from adapter.mapping.rows import Field
from adapter.problems import Problem

Record = dict[str, Any]
LOINC = "http://loinc.org"
OURS = "https://iop-fhir-adapter.org/fhir/CodeSystem"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


@pytest.fixture(scope="module")
def door(maps: Maps) -> Door:
    return Door(maps.definitions)


def fixture(root: Path, concept: str, case: str, name: str = "fhir") -> Record:
    content: Record = parse((root / "fixtures" / concept / case / f"{name}.json").read_bytes())
    return content


def coded(system: str, code: str) -> Record:
    return {"coding": [{"system": system, "code": code}]}


def without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}


def refusal(concept: Any, record: Record) -> list[str]:
    with pytest.raises(Problem) as refused:
        concept.to_fhir(record)
    return [issue.message for issue in refused.value.issues]


ALCOHOL = {"rank": "primary", "substance": "alcohol"}
# (concept, rule, fields of its full fixture said otherwise (None = left out), how the refusal begins).
CONTRADICTIONS: list[tuple[str, str, Record, str]] = [
    (
        "family_member",
        "name_or_relationship",
        {"names": None, "relationships": None, "contact_roles": None},
        "names: a name",
    ),
    ("family_member", "family_member_period", {"until": "2025"}, "until: before from"),
    ("care_team", "care_team_members", {"members": None}, "members: a care team has members"),
    ("care_team", "care_team_periods", {"until": "2025-12-31"}, "until: before from"),
    (
        "intake_assessment",
        "substances_ranked",
        {"substances": [ALCOHOL, {**ALCOHOL, "rank": "secondary"}]},
        "substances[1].substance: the same as substances[0].substance",
    ),
    (
        "intake_assessment",
        "substance_use",
        {"substances": [{**ALCOHOL, "frequency": "none", "days_used": 2}]},
        "substances[0].days_used: 2 days, and substances[0].frequency says none",
    ),
    ("intake_assessment", "admission_dates", {"first_offered_on": "2025-12"}, "first_offered_on: before first_contact"),
    ("breath_test", "result_or_reason", {"result": None}, "result: it says what was found"),
    (
        "breath_test",
        "finding_and_amount",
        {"result": {"finding": "negative", "value": 0.045, "unit": "g/210/L"}},
        "result.finding: negative, and result.value is not below cutoff",
    ),
    ("breath_test", "day_known", {"taken_at": "2026-02"}, "taken_at: to the day at least"),
    ("mutual_support", "meetings_or_reason", {"missing": "declined"}, "missing: there is meetings"),
    ("mutual_support", "meetings_in_band", {"meetings": 2}, "frequency: eight_to_thirty, and meetings is 2"),
    ("contact", "contact_outcome", {"status": "not_done"}, "outcome: left_message, and status is not_done"),
    ("contact", "contact_times", {"received_at": "2026-02-04"}, "received_at: before at"),
    ("contact", "contact_parties", {"made_to": ["Patient/other"]}, "made_to[0]: a participant other than the record's"),
    ("safety_flag", "flag_period", {"until": "2026-02-02"}, "until: before from"),
    (
        "safety_flag",
        "keeps_apart_without_a_name",
        {"kind": "no_contact", "rule": "R-7"},
        "instructions: not where kind",
    ),
    ("therapy_group", "group_seats", {"capacity": 0}, "capacity: 1 or more"),
]
CONCEPTS = sorted({concept for concept, *_ in CONTRADICTIONS})


@pytest.mark.parametrize(("concept", "rule", "change", "told"), CONTRADICTIONS)
def test_a_record_that_contradicts_itself_is_refused_by_its_rule_and_parked_when_it_was_sent(
    root: Path, maps: Maps, concept: str, rule: str, change: Record, told: str
) -> None:
    record = fixture(root, concept, "full", "native") | change
    record = {name: value for name, value in record.items() if value is not None}
    assert [message.startswith(told) for message in refusal(maps.concepts[concept], record)] == [True]
    sent = maps.concepts[concept].to_fhir(record, park=True)
    heard, _ = maps.concepts[concept].to_native(sent)
    assert [told.startswith(item["path"]) for item in heard["incomplete"]] == [True]


def test_every_rule_of_these_maps_is_tried(maps: Maps) -> None:
    declared = set()
    for name in CONCEPTS:
        concept = maps.concepts[name]
        assert isinstance(concept, MappedConcept)
        declared |= {(name, rule) for rule in concept.checks}
    assert {(concept, rule) for concept, rule, *_ in CONTRADICTIONS} == declared


@pytest.mark.parametrize(
    ("categories", "code", "more", "concept"),
    [
        (["laboratory"], (f"{OURS}/breath-measure", "alcohol-amount"), {}, "breath_test"),
        (["laboratory"], (LOINC, "104133-4"), {}, "breath_test"),
        (["laboratory"], (LOINC, "42242-8"), {}, "drug_result"),
        (["laboratory"], (LOINC, "no such code"), {}, "drug_result"),
        (["laboratory"], (LOINC, "104133-4"), {"hasMember": [{"reference": "Observation/1"}]}, "drug_screen_panel"),
        (["laboratory"], (LOINC, "104133-4"), {"component": [{}]}, "drug_screen_panel"),
        (["laboratory", "drug-screen"], (LOINC, "104133-4"), {}, "drug_screen_panel"),
        (["exam"], (LOINC, "104133-4"), {}, None),
        (["social-history", "mutual-support"], (OURS, "anything"), {}, "mutual_support"),
        (["social-history"], (LOINC, "72166-2"), {}, None),
        (["survey", "mutual-support"], (OURS, "anything"), {}, "screening"),
    ],
)
def test_an_observation_is_one_thing(
    maps: Maps, categories: list[str], code: tuple[str, str], more: Record, concept: str | None
) -> None:
    own = ("drug-screen", "mutual-support")
    category = [coded(f"{OURS}/observation-category" if name in own else CATEGORY, name) for name in categories]
    observation = {"resourceType": "Observation", "category": category, "code": coded(*code), **more}
    found = maps.concept_of(observation)
    assert (found.name if found else None) == concept


@pytest.mark.parametrize(
    ("words", "concept"),
    [
        (["program"], "program"),
        (["therapy-group"], "therapy_group"),
        (["program", "therapy-group"], "therapy_group"),
        ([], None),
    ],
)
def test_a_group_is_not_a_program(maps: Maps, words: list[str], concept: str | None) -> None:
    category = [coded(f"{OURS}/service-category", word) for word in words]
    found = maps.concept_of({"resourceType": "HealthcareService", **({"category": category} if words else {})})
    assert (found.name if found else None) == concept


def everything(fields: Iterable[Field]) -> Iterable[Field]:
    for field in fields:
        yield field
        yield from everything(field.fields)


def test_no_field_of_a_group_can_hold_a_person_of_its_own(maps: Maps) -> None:
    targets = {target for field in everything(maps.concepts["therapy_group"].fields) for target in field.to}
    assert targets == {"HealthcareService", "Organization", "Location", "Practitioner", "PractitionerRole"}


@pytest.mark.parametrize(
    "addition",
    [
        {"extension": [{"url": "http://example.org/member", "valueReference": {"reference": "Patient/p1"}}]},
        {"contained": [{"resourceType": "Group", "id": "g", "type": "person", "actual": True}]},
    ],
)
def test_what_may_say_who_is_in_a_group_is_refused(root: Path, maps: Maps, addition: Record) -> None:
    group = {**fixture(root, "therapy_group", "minimal"), **addition}
    _, residue = maps.concepts["therapy_group"].to_native(group)
    assert [note.policy for note in residue] == ["refuse"]


def test_what_our_own_extensions_of_a_group_hold_besides_is_shown(root: Path, maps: Maps) -> None:
    _, residue = maps.concepts["therapy_group"].to_native(fixture(root, "therapy_group", "received-ehr"))
    assert {note.policy for note in residue if "extension" in note.path} == {"show"}


def test_two_primary_substances_are_refused_with_both_places(root: Path, maps: Maps) -> None:
    record = fixture(root, "intake_assessment", "full", "native")
    record["substances"][1]["rank"] = "primary"
    [told] = [text for text in refusal(maps.concepts["intake_assessment"], record) if "same rank" in text]
    assert "substances[1]" in told
    assert "substances[0]" in told


def test_two_primary_substances_that_were_sent_are_both_parked_and_neither_is_read(root: Path, maps: Maps) -> None:
    record, residue = maps.concepts["intake_assessment"].to_native(
        fixture(root, "intake_assessment", "received-two-primaries")
    )
    assert "substances" not in record
    assert [note.path for note in residue if note.policy == "park"] == [
        "QuestionnaireResponse.item[0].item[0]",
        "QuestionnaireResponse.item[0].item[1]",
    ]


@pytest.mark.parametrize("rating", [5, -1, 2.0, "2", True])
def test_a_rating_is_0_to_4(root: Path, maps: Maps, rating: Any) -> None:
    record = {**fixture(root, "intake_assessment", "minimal", "native"), "dimension_6": rating}
    assert refusal(maps.concepts["intake_assessment"], record) == ["dimension_6: expected a whole number, 0 to 4"]


def test_answers_to_other_questionnaires_are_not_an_intake(root: Path, maps: Maps) -> None:
    answers = fixture(root, "intake_assessment", "minimal")
    assert maps.concept_of({**answers, "questionnaire": "http://example.org/Questionnaire/phq-9"}) is None
    assert maps.concept_of(without(answers, "questionnaire")) is None


def test_an_edit_of_one_answer_leaves_questions_of_others_and_their_words(root: Path, maps: Maps, door: Door) -> None:
    intake, sent = maps.concepts["intake_assessment"], fixture(root, "intake_assessment", "received-ehr")
    record, _ = intake.to_native(sent)
    made = intake.to_fhir({**record, "employment": "student"}, sent)
    expected = clone(sent)
    expected["item"][1]["item"][0]["answer"][0]["valueCoding"] = {
        "system": f"{OURS}/employment",
        "code": "student",
        "display": "Student",
    }
    assert made == expected
    assert door.check(made) == []


def test_a_question_that_is_no_longer_answered_goes_and_one_in_other_words_stays_unanswered(
    root: Path, maps: Maps, door: Door
) -> None:
    intake, full = maps.concepts["intake_assessment"], fixture(root, "intake_assessment", "full")
    record, _ = intake.to_native(full)
    asked = {item["linkId"]: item for item in full["item"]}
    asked["legal"]["item"][1]["text"] = "Arrested lately?"
    made = intake.to_fhir(without(record, "legal_status", "arrests"), full)
    [legal] = [item for item in made["item"] if item["linkId"] == "legal"]
    assert legal["item"] == [{"linkId": "arrests", "text": "Arrested lately?"}]
    asked["legal"]["item"][1]["text"] = "Arrests in the last 30 days"
    assert "legal" not in [
        item["linkId"] for item in intake.to_fhir(without(record, "legal_status", "arrests"), full)["item"]
    ]
    assert door.check(made) == []


def test_a_substance_is_found_by_its_rank_and_keeps_what_was_asked_besides(root: Path, maps: Maps, door: Door) -> None:
    intake, sent = maps.concepts["intake_assessment"], fixture(root, "intake_assessment", "received-ehr")
    entry = sent["item"][3]["item"][0]
    entry["item"].append({"linkId": "needles_shared", "answer": [{"valueBoolean": False}]})
    record, _ = intake.to_native(sent)
    record["substances"] = [
        {"rank": "secondary", "substance": "alcohol"},
        {**record["substances"][0], "route": "smoking"},
    ]
    made = intake.to_fhir(record, sent)
    [second, first] = made["item"][3]["item"]
    assert [item["linkId"] for item in second["item"]] == ["rank", "substance"]
    assert {"linkId": "needles_shared", "answer": [{"valueBoolean": False}]} in first["item"]
    assert door.check(made) == []


@pytest.mark.parametrize("place", [("social", "employment"), ("dimensions", "dimension_1")])
def test_two_answers_where_one_is_asked_are_parked(root: Path, maps: Maps, place: tuple[str, str]) -> None:
    group, question = place
    sent = fixture(root, "intake_assessment", "full")
    [asked] = [q for g in sent["item"] if g["linkId"] == group for q in g["item"] if q["linkId"] == question]
    asked["answer"].append(clone(asked["answer"][0]))
    record, _ = maps.concepts["intake_assessment"].to_native(sent)
    assert question not in record
    assert len(record["incomplete"]) == 2


def test_the_question_texts_are_ours_and_each_question_is_asked_once(maps: Maps) -> None:
    intake = maps.concepts["intake_assessment"]
    assert isinstance(intake, MappedConcept)
    asked = [path.steps[1].slice for row in intake.shape.rows for path in row.paths if path.steps[0].key == "item"]
    assert len({slice.match["linkId"] for slice in asked}) == len(asked) == 32
    assert all(slice.new.keys() == {"linkId", "text"} for slice in asked)
    ratings = [slice.new["text"] for slice in asked if slice.name.startswith("dimension_")]
    assert ratings == [
        f"Dimension {number}" for number in range(1, 7)
    ]  # the criteria's own words are not ours to print


@pytest.mark.parametrize("kind", ["suicide_risk", "no_contact"])
def test_the_number_of_a_rule_belongs_to_a_rule_that_keeps_people_apart(root: Path, maps: Maps, kind: str) -> None:
    flag, record = maps.concepts["safety_flag"], fixture(root, "safety_flag", "odd", "native")
    if kind == "no_contact":
        assert flag.to_fhir({**record, "kind": kind})
    else:
        assert refusal(flag, {**record, "kind": kind}) == ["rule: only where kind is no_contact"]


def test_a_flag_of_another_kind_is_not_ours_to_read(root: Path, maps: Maps) -> None:
    flag = fixture(root, "safety_flag", "minimal")
    drug = {**flag, "category": [coded("http://terminology.hl7.org/CodeSystem/flag-category", "drug")]}
    assert maps.concept_of(drug) is None


def test_a_communication_of_another_kind_is_not_a_contact(root: Path, maps: Maps) -> None:
    contact = fixture(root, "contact", "minimal")
    assert maps.concept_of({**contact, "category": [{"text": "chat"}]}) is None
    assert maps.concept_of(without(contact, "category")) is None


def test_moving_a_contact_to_another_booking_keeps_what_else_it_was_about(root: Path, maps: Maps) -> None:
    contact, sent = maps.concepts["contact"], fixture(root, "contact", "received-ehr")
    record, _ = contact.to_native(sent)
    made = contact.to_fhir({**record, "booking": "b2"}, sent)
    assert made["about"] == [{"reference": "Appointment/b2"}, sent["about"][1]]


def test_an_emergency_contact_is_still_the_mother(root: Path, maps: Maps) -> None:
    family, full = maps.concepts["family_member"], fixture(root, "family_member", "full")
    record, _ = family.to_native(full)
    made = family.to_fhir(without(record, "contact_roles"), full)
    assert [entry["coding"][0]["code"] for entry in made["relationship"]] == ["MTH"]


def test_members_of_a_team_are_matched_by_who_and_role(root: Path, maps: Maps) -> None:
    team, full = maps.concepts["care_team"], fixture(root, "care_team", "full")
    record, _ = team.to_native(full)
    full["participant"][1]["member"]["display"] = "A. Clinician"
    made = team.to_fhir({**record, "members": record["members"][1:]}, full)
    assert made["participant"] == full["participant"][1:]
