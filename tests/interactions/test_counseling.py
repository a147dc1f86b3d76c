"""What says of itself that it is a SUD counseling note, and where; and what only sounds like one."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.fhir.json import dump, parse
from adapter.interactions.admission import admit
from adapter.interactions.counseling import CODES, counseling_notes, is_note
from adapter.interactions.program import Program
from adapter.problems import Problem

pytestmark = pytest.mark.storeless

Json = dict[str, Any]

NOTES = (
    "SUD counseling note",
    "Counselling session notes",
    "Counseling progress note",
    "Counselor note",
    "Counselor's individual session note",
    "Notes of the counseling session",
    "Notes taken during her group psychotherapy",
    "Note: counseling session",
    "Progress note (counseling session)",
    "Counseling_note",
    "counseling-note",
    "COUNSELING NOTE",
    "https://ehr.example.org/forms/counseling-note",
    "Psychotherapy Note",
    "Psychotherapist's notes",
    "Process notes",
    "Process session note",
    "Mental health Group counseling note",
    "Discharge summary. Counseling note",
)
FRIENDS = (
    "Progress note",
    "Group progress note",
    "Group therapy note",
    "Case management note",
    "Nutrition counseling",
    "Nutrition counseling note",
    "Genetic counseling note",
    "Pharmacy Counseling note",
    "Counseling attendance, noted weekly",
    "Counseling attendance note",
    "Counseling. Progress note",
    "Progress note by addiction counselor",
    "Referral note for counseling",
    "Intake process note",
    "Process group progress note",
    "Consent to release psychotherapy notes",
    "Authorization for the use of SUD counseling notes",
    "Discharge summary",
)


@pytest.mark.parametrize("said", NOTES)
def test_its_own_words_tell_a_counseling_note(said: str) -> None:
    assert is_note(said)
    assert is_note(said.lower())


def test_words_run_together_are_taken_apart() -> None:
    assert is_note("SudCounselingNote")


@pytest.mark.parametrize("said", FRIENDS)
def test_other_notes_and_other_counseling_pass(said: str) -> None:
    assert not is_note(said)


@pytest.mark.parametrize(
    "code", ["counseling-note", "Counseling-Note", "PSYTHPN", "HIPAAPsyNotes", "34787-2", "47042-7", "34843-3"]
)
def test_a_code_tells_it_in_any_system_and_without_display(code: str) -> None:
    for coding in ({"system": "http://loinc.org", "code": code}, {"code": code}):
        resource = {"resourceType": "Encounter", "type": [{"coding": [{"code": "11506-3"}, coding]}]}
        assert places(resource) == ["Encounter.type[0].coding[1]"]


@pytest.mark.parametrize("code", ["11506-3", "34869-8", "34786-4", "347872", "134787-2", "R"])
def test_other_codes_pass(code: str) -> None:
    assert places({"resourceType": "Encounter", "type": [{"coding": [{"code": code}]}]}) == []


def test_what_is_written_with_escapes_is_read_as_what_it_means() -> None:
    said = parse(rb'{"resourceType": "Basic", "code": {"text": "\u0063ounseling n\u006fte"}, "n": 1.50}')
    assert places(said) == ["Basic.code"]


def test_a_resource_in_a_consent_answers_for_itself() -> None:
    note = {"resourceType": "DocumentReference", "type": {"coding": [{"code": "counseling-note"}]}}
    about = {"resourceType": "Consent", "category": [{"coding": [{"code": "PSYTHPN"}]}], "contained": [note]}
    assert places(about) == ["Consent.contained[0].type.coding[0]"]


def test_a_note_made_fresh_by_its_map_is_refused_too(program: Program) -> None:
    document = program.maps.concepts["document"]
    record = {
        "id": "d0000000-0000-4000-8000-000000000001",
        "participant": "p0000000-0000-4000-8000-000000000001",
        "status": "current",
        "type": "progress_note",
        "categories": ["clinical_note"],
        "files": [{"file": {"content_type": "text/plain", "data": "eA=="}}],
    }
    assert admit(program, document.to_fhir(record), document).concept == "document"
    with pytest.raises(Problem, match=r"42 CFR 2\.11"):
        admit(program, document.to_fhir(record | {"type": "counseling_note"}, park=True), document)


def places(resource: Json) -> list[str | None]:
    return [issue.expression for issue in counseling_notes(resource, dump(resource))]


@pytest.mark.parametrize("code", sorted(CODES))
def test_no_code_is_overlooked_by_the_look_at_the_bytes(code: str) -> None:
    assert places({"resourceType": "Basic", "code": {"coding": [{"code": code}]}}) == ["Basic.code.coding[0]"]
