"""The odd cases of a practice's rows, each handled on purpose: one alteration of a sound practice, one consequence."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from adapter.ingest.importing import import_source
from adapter.ingest.report import Report
from adapter.ingest.sources import load_source
from adapter.interactions.program import Program
from tests.ingest.practice import altered, ask, imported, natives

# A session of 40 minutes in the first client's second enrollment, which the alterations below start from.
ONE_VISIT = """
    DELETE FROM visits; DELETE FROM assessments; DELETE FROM assessment_responses; DELETE FROM assessment_scores;
    DELETE FROM visit_productivity;
    INSERT INTO visits SELECT '0000000001', individual_id, program_id, (SELECT min(employee_id) FROM employees),
        (SELECT visit_type_id FROM visit_types WHERE description = 'Group Therapy'),
        (SELECT location_id FROM locations WHERE location_name = 'North Center'), 'COMPLETED', '2026-09-01T09:00', 60,
        '2026-09-01T09:05', '2026-09-01T09:45', 40, NULL, NULL, 3
    FROM individual_programs WHERE enrollment_id = (SELECT min(enrollment_id) FROM individual_programs
        WHERE start_date < '2026-09-01' AND (end_date IS NULL OR end_date > '2026-09-01'));
"""
ONE_SCREENING = (
    ONE_VISIT
    + """
    INSERT INTO assessments SELECT '0000000009', individual_id, program_id, visit_id,
        (SELECT instrument_id FROM assessment_instruments WHERE instrument_code = 'GAD7'), '2026-09-01T09:30',
        'COMPLETE', 1 FROM visits;
    INSERT INTO assessment_responses SELECT printf('%012d', item_number), question_id, '0000000009', item_number,
        (SELECT min(option_id) FROM answer_options), item_number % 4 FROM assessment_questions
        WHERE instrument_id = (SELECT instrument_id FROM assessments);
    INSERT INTO assessment_scores VALUES ('0000000003', '0000000009', 12, 'GAD7_SUM_V1');
"""
)


@pytest.fixture
def alter(practice: Path, program: Program, tmp_path: Path) -> Any:
    """Imports the practice with something done to it."""

    def run(script: str, before: str = ONE_VISIT) -> Report:
        return imported(program, altered(practice, tmp_path / "altered.db", before + script))

    return run


def reasons(report: Report) -> list[str]:
    return [f"{refusal.concept}: {refusal.reason}" for refusal in report.refusals]


def test_no_cell_is_repeated_in_what_the_import_tells(practice: Path, program: Program, tmp_path: Path) -> None:
    columns = {
        table.name: [name for name in table.columns if name != table.key]
        for table in load_source(program.settings.mappings / "sources", "bhsim", program.maps).tables.values()
    }
    every = io.StringIO()
    refused = 0
    for number in range(max(map(len, columns.values()))):
        spoilt = "".join(
            f"UPDATE {table} SET {names[number]} = 'Quillfeather ' || rowid WHERE rowid % 2; "
            for table, names in columns.items()
            if number < len(names)
        )
        path = altered(practice, tmp_path / f"{number}.db", "PRAGMA ignore_check_constraints = ON; " + spoilt)
        report = import_source(program, "bhsim", [path], every=every)
        refused += report.refused
        assert "Quillfeather" not in report.json() + every.getvalue()
    assert refused > 100


def test_keys_keep_their_leading_zeros(practice: Path, program: Program) -> None:
    imported(program, practice)
    keys = {key for (key,) in ask(practice, "SELECT employee_id FROM employees")}
    assert any(key.startswith("0") for key in keys)
    assert natives(program, "clinician").keys() == keys


def test_a_key_that_lost_its_zeros_refuses_its_row_and_what_points_to_it(alter: Any, program: Program) -> None:
    report = alter("UPDATE visits SET visit_id = '1'")
    assert [r for r in reasons(report) if "leading zeros" in r] == reasons(report)
    assert {refusal.concept for refusal in report.refusals} == {"booking", "session"}
    assert report.tables["visits"].refused == 1


def test_sex_x_is_other_and_a_sex_that_nobody_translated_is_refused_not_guessed(alter: Any, program: Program) -> None:
    report = alter("UPDATE individuals SET sex = 'X'; UPDATE individuals SET sex = 'U' WHERE rowid = 1")
    assert {record["sex"] for record in natives(program, "participant").values()} == {"other"}
    assert reasons(report) == ["participant: sex is not one of [words.sex]"]
    assert report.refusals[0].place == "altered.db:individuals row 1"


def test_people_of_one_name_and_birth_date_stay_two_participants(alter: Any, program: Program) -> None:
    alter("UPDATE individuals SET full_name = 'Ada Quill', date_of_birth = '1990-01-01'")
    participants = natives(program, "participant")
    assert len(participants) == len({record["id"] for record in participants.values()}) == 3


def test_a_participant_whose_row_is_refused_leaves_references_that_wait_and_resolve_later(
    alter: Any, practice: Path, program: Program
) -> None:
    report = alter("DELETE FROM individuals")
    assert report.records["booking"].made == 1
    assert report.pending > 0
    report = imported(program, practice)
    assert report.pending == 0
    assert natives(program, "booking")["0000000001"]["participant"] in {
        record["id"] for record in natives(program, "participant").values()
    }


def test_a_time_without_zone_keeps_that_its_zone_was_assumed(alter: Any, program: Program) -> None:
    alter("UPDATE visits SET actual_start = '2026-09-01T09:05:00-04:00', actual_end = '2026-09-01T13:45:00Z'")
    session, booking = natives(program, "session")["0000000001"], natives(program, "booking")["0000000001"]
    assert (session["started_at"], session["ended_at"]) == ("2026-09-01T09:05:00-04:00", "2026-09-01T13:45:00Z")
    assert "zone_assumed" not in session
    assert (booking["planned_start"], booking["zone_assumed"]) == ("2026-09-01T09:00:00-04:00", True)
    assert booking["planned_end"] == "2026-09-01T10:00:00-04:00"


def test_hours_that_the_clock_shows_twice_or_never_are_noted_in_the_report(alter: Any, program: Program) -> None:
    report = alter(
        "UPDATE individual_programs SET start_date = '2026-03-01';"
        " UPDATE visits SET scheduled_start = '2026-03-08T02:30', actual_start = '2025-11-02T01:30',"
        " actual_end = '2025-11-02T02:10'"
    )
    assert natives(program, "booking")["0000000001"]["planned_start"] == "2026-03-08T02:30:00-05:00"
    noted = [note for note in report.notes if "clock" in note or "twice" in note]
    assert len(noted) == 2
    assert all(report.notes[note] == (1, "altered.db:visits row 1") for note in noted)


def test_visits_that_overlap_are_two_sessions_and_never_a_group_meeting(alter: Any, program: Program) -> None:
    alter("""INSERT INTO visits SELECT '0000000002', individual_id, program_id, employee_id, visit_type_id, location_id,
        'COMPLETED', scheduled_start, 60, actual_start, actual_end, 40, NULL, NULL, 3 FROM visits""")
    sessions = natives(program, "session")
    assert sessions.keys() == {"0000000001", "0000000002"}
    assert not any("meeting" in session for session in sessions.values())


def test_only_a_visit_that_was_kept_is_a_session(alter: Any, program: Program) -> None:
    alter("UPDATE visits SET visit_status = 'NO_SHOW', actual_start = NULL, actual_end = NULL")
    assert natives(program, "session") == {}
    assert natives(program, "booking")["0000000001"]["status"] == "no_show"


def test_minutes_that_do_not_fit_the_times_are_stored_and_parked(alter: Any, program: Program) -> None:
    report = alter("UPDATE visits SET actual_duration_minutes = 90")
    assert report.records["session"].parked == report.records["session"].made == 1
    assert natives(program, "session")["0000000001"]["minutes_attended"] == 90


def test_a_visit_outside_of_every_enrollment_is_kept_without_episode_and_noted(alter: Any, program: Program) -> None:
    report = alter("UPDATE visits SET scheduled_start = '2020-01-01T09:00'")
    assert "episode" not in natives(program, "booking")["0000000001"]
    assert natives(program, "session")["0000000001"]["incomplete"][0]["path"] == "Encounter.episodeOfCare"
    assert report.records["session"].parked == 1
    note = "booking: scheduled_start lies in no row of individual_programs, so that link is left open"
    assert report.notes[note] == (1, "altered.db:visits row 1")


def test_of_several_enrollments_in_one_program_a_visit_belongs_to_the_one_that_was_running(
    alter: Any, program: Program
) -> None:
    alter("""INSERT INTO individual_programs SELECT '000000001', individual_id, program_id, '2025-01-01', '2025-02-01'
        FROM visits; INSERT INTO visits SELECT '0000000002', individual_id, program_id, employee_id, visit_type_id,
        location_id, 'NO_SHOW', '2025-02-01T18:00', 60, NULL, NULL, NULL, NULL, NULL, 0 FROM visits""")
    episodes = {record["id"]: key for key, record in natives(program, "episode").items()}
    bookings = natives(program, "booking")
    assert episodes[bookings["0000000002"]["episode"]] == "000000001"
    assert episodes[bookings["0000000001"]["episode"]] != "000000001"


def test_between_two_enrollments_that_share_a_day_the_import_does_not_choose(alter: Any, program: Program) -> None:
    report = alter("""INSERT INTO individual_programs SELECT '000000001', individual_id, program_id, '2026-09-01', NULL
        FROM visits""")
    assert "episode" not in natives(program, "booking")["0000000001"]
    assert any("lies in two rows of individual_programs" in note for note in report.notes)


def test_a_rescheduled_visit_points_to_the_next_one_through_a_whole_chain(alter: Any, program: Program) -> None:
    copy = """INSERT INTO visits SELECT '{0}', individual_id, program_id, employee_id, visit_type_id, location_id,
        'RESCHEDULED', scheduled_start, 60, NULL, NULL, NULL, NULL, '{1}', 0 FROM visits
        WHERE visit_id = '0000000001';"""
    report = alter(copy.format("0000000002", "0000000003") + copy.format("0000000003", "0000000001"))
    bookings = natives(program, "booking")
    assert bookings["0000000002"]["rescheduled_to"] == bookings["0000000003"]["id"]
    assert bookings["0000000003"]["rescheduled_to"] == bookings["0000000001"]["id"]
    assert {bookings[f"000000000{n}"]["status"] for n in (2, 3)} == {"rescheduled"}
    assert report.pending == 0


def test_a_complete_screening_has_its_total_and_its_items_in_order(alter: Any, program: Program) -> None:
    report = alter("", before=ONE_SCREENING)
    screening = natives(program, "screening")["0000000009"]
    assert (screening["instrument"], screening["total"], screening["status"]) == ("gad7", 12, "final")
    assert screening["items"] == [{"item": f"gad7_{n}", "answer": n % 4} for n in range(1, 8)]
    assert report.tables["assessment_responses"].used == 7
    assert screening["session"] == natives(program, "session")["0000000001"]["id"]


def test_an_unfinished_screening_says_why_it_has_no_total(alter: Any, program: Program) -> None:
    report = alter(
        "UPDATE assessments SET status = 'INCOMPLETE'; DELETE FROM assessment_scores;"
        " DELETE FROM assessment_responses WHERE item_number > 3",
        before=ONE_SCREENING,
    )
    screening = natives(program, "screening")["0000000009"]
    assert (screening["status"], screening["total_missing"]) == ("preliminary", "items_unanswered")
    assert "total" not in screening
    assert len(screening["items"]) == 3
    assert report.records["screening"].parked == 0


def test_a_complete_screening_without_its_score_says_that_the_total_is_unknown(alter: Any, program: Program) -> None:
    alter("DELETE FROM assessment_scores", before=ONE_SCREENING)
    screening = natives(program, "screening")["0000000009"]
    assert (screening["total_missing"], screening["status"]) == ("unknown", "final")
    assert "total" not in screening


def test_a_later_revision_of_a_screening_is_a_correction(alter: Any, program: Program) -> None:
    alter("UPDATE assessments SET revision_number = 2", before=ONE_SCREENING)
    assert natives(program, "screening")["0000000009"]["status"] == "corrected"


def test_answers_and_scores_of_no_assessment_are_refused_each_with_its_row(alter: Any) -> None:
    report = alter(
        "UPDATE assessment_responses SET assessment_id = '0000000008' WHERE item_number < 3;"
        " UPDATE assessment_scores SET assessment_id = '0000000008'",
        before=ONE_SCREENING,
    )
    assert report.tables["assessment_responses"].refused == 2
    assert report.tables["assessment_scores"].refused == 1
    assert {refusal.reason for refusal in report.refusals} == {"assessment_id names no row of assessments"}
    assert {refusal.place for refusal in report.refusals} == {
        "altered.db:assessment_scores row 1",
        "altered.db:assessment_responses row 1",
        "altered.db:assessment_responses row 2",
    }


def test_a_wrong_answer_refuses_its_screening_and_names_the_row_of_the_answer(alter: Any) -> None:
    report = alter(
        "PRAGMA ignore_check_constraints = ON;"
        " UPDATE assessment_responses SET response_value = 'often' WHERE item_number = 4",
        before=ONE_SCREENING,
    )
    assert reasons(report) == ["screening: altered.db:assessment_responses row 4: response_value is not a whole number"]
    assert report.tables["assessment_responses"].refused == 7


def test_a_key_used_twice_is_refused_the_second_time_and_names_the_first(alter: Any, program: Program) -> None:
    report = alter("""CREATE TABLE free AS SELECT * FROM individuals; DROP TABLE individuals;
        ALTER TABLE free RENAME TO individuals; INSERT INTO individuals SELECT * FROM individuals WHERE rowid = 1;
        INSERT INTO individuals VALUES (NULL, 'Ada Quill', '1990-01-01', 'F')""")
    assert [(refusal.place, refusal.reason) for refusal in report.refusals] == [
        ("altered.db:individuals row 5", "individual_id is empty"),
        ("altered.db:individuals row 4", "individual_id is that of altered.db:individuals row 1 as well"),
    ]
    assert len(natives(program, "participant")) == 3


def test_a_wrong_row_is_refused_with_every_reason_and_stops_no_other(alter: Any, program: Program) -> None:
    report = alter("""INSERT INTO visits SELECT '0000000002', individual_id, program_id, employee_id, 'dance',
        location_id, 'SCHEDULED', 'tomorrow', 60, NULL, NULL, NULL, NULL, NULL, 0 FROM visits""")
    (refusal,) = report.refusals
    none = "is not a time (YYYY-MM-DDThh:mm, with or without seconds and offset)"
    assert refusal.reason.split("; ") == [
        "visit_types has no row for its visit_type_id",
        f"scheduled_start {none}",
        f"scheduled_start or scheduled_duration_minutes {none}",
    ]
    assert natives(program, "booking").keys() == {"0000000001"}
    assert (report.tables["visits"].used, report.tables["visits"].refused) == (1, 1)


def test_what_the_door_of_fhir_refuses_is_refused_with_its_path(alter: Any) -> None:
    report = alter("UPDATE programs SET description = char(1) WHERE program_code = 'MH-OP';")
    (refusal,) = report.refusals
    assert refusal.concept == "program"
    assert refusal.reason.startswith("HealthcareService.name: ")
