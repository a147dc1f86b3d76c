"""Native records as NDJSON: each line a whole record, idempotent by its id or its key, refused alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapter.ingest.importing import import_source
from adapter.ingest.report import Report
from adapter.interactions.changes import Change, Terms, apply
from adapter.interactions.program import Program
from adapter.problems import Problem
from tests.ingest.practice import imported, natives, texts

SITE = {"concept": "site", "id": "0b0e7a53-0000-4000-8000-000000000001", "name": "North Center"}


def lines(program: Program, folder: Path, *records: Any) -> Report:
    path = folder / "records.ndjson"
    path.write_bytes(b"".join(r if isinstance(r, bytes) else json.dumps(r).encode() + b"\n" for r in records))
    return import_source(program, "native", [path])


def key(program: Program, kind: str, value: str) -> dict[str, str]:
    return {"system": next(system for system in program.identifying if system.endswith(f"/{kind}")), "value": value}


def test_a_line_is_made_changed_or_left_unchanged(program: Program, tmp_path: Path) -> None:
    counts = [lines(program, tmp_path, SITE | change).records["site"] for change in ({}, {}, {"name": "South"})]
    assert [(count.made, count.unchanged, count.changed) for count in counts] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]


def test_a_record_without_id_is_found_by_its_practice_key_and_may_point_by_one(
    program: Program, tmp_path: Path
) -> None:
    site = {"concept": "site", "name": "North", "identifiers": [key(program, "location", "00012")]}
    program_ = {"concept": "program", "name": "IOP", "identifiers": [key(program, "program", "0001")]}
    program_["sites"] = [key(program, "location", "00012")]
    report = lines(program, tmp_path, program_, site)
    assert (report.refused, report.pending) == (0, 0)
    assert natives(program, "program")["0001"]["sites"] == [natives(program, "site")["00012"]["id"]]
    again = lines(program, tmp_path, program_, site)
    assert sum(count.unchanged for count in again.records.values()) == 2


def test_each_bad_line_is_refused_with_its_number_and_stops_no_other(program: Program, tmp_path: Path) -> None:
    report = lines(
        program, tmp_path, {"concept": "mood"}, b'{"concept": "site",\n', {"concept": "site", "name": "no id"},
        SITE | {"shoe_size": 42}, {**SITE, "id": "not/an/id"}, b"\xff\n", SITE, b'{"concept": "site", "na',
    )  # fmt: skip
    assert [refusal.place.partition(":")[2] for refusal in report.refusals] == ["1", "2", "3", "4", "5", "6", "8"]
    assert report.records["site"].made == 1
    assert "shoe_size" in report.refusals[3].reason
    assert (report.tables["records.ndjson"].read, report.tables["records.ndjson"].refused) == (8, 7)


@pytest.mark.parametrize("concept", ["site", "group_meeting"])
@pytest.mark.parametrize("id", ["john-smith", {"a": 1}, ""])
def test_a_line_cannot_choose_a_telling_or_a_broken_id(program: Program, tmp_path: Path, concept: str, id: Any) -> None:
    named = [key(program, "location", "00012")]
    report = lines(program, tmp_path, SITE | {"concept": concept, "id": id, "identifiers": named}, SITE)
    assert [refusal.place.partition(":")[2] for refusal in report.refusals] == ["1"]
    assert report.refusals[0].reason.startswith("id: ")
    assert report.records["site"].made == 1


def test_a_record_that_points_to_one_that_is_not_there_waits_for_it(program: Program, tmp_path: Path) -> None:
    part = SITE | {"id": "0b0e7a53-0000-4000-8000-000000000002", "part_of": SITE["id"]}
    assert lines(program, tmp_path, part).pending == 1
    assert lines(program, tmp_path, SITE).pending == 0


def test_what_is_computed_is_not_taken_from_a_line_and_not_taken_away_by_one(
    root: Path, program: Program, tmp_path: Path
) -> None:
    full = {"concept": "session"} | json.loads((root / "fixtures" / "session" / "full" / "native.json").read_text())
    [refusal] = lines(program, tmp_path, full).refusals
    assert refusal.reason == "attending is computed: leave it out or as it is stored"
    untyped = {name: value for name, value in full.items() if name != "attending"}
    assert lines(program, tmp_path, untyped).records["session"].made == 1
    [stored] = natives(program, "session").values()
    assert stored["attending"] == 1
    for again in (untyped, untyped | {"attending": 1}):
        assert lines(program, tmp_path, again).records["session"].unchanged == 1
    assert len(lines(program, tmp_path, untyped | {"attending": 2}).refusals) == 1


def test_what_is_computed_in_a_member_of_a_list_is_not_taken_from_a_line(
    root: Path, program: Program, tmp_path: Path
) -> None:
    path = root / "fixtures" / "authorization" / "full" / "native.json"
    full = {"concept": "authorization"} | json.loads(path.read_text())
    [refusal] = lines(program, tmp_path, full).refusals
    assert "services[0].used is computed" in refusal.reason


def test_a_time_without_offset_is_read_in_the_zone_of_the_program(program: Program, tmp_path: Path) -> None:
    named = {"id": SITE["id"], "identifiers": [key(program, "location", "00012")]}
    meeting = {"concept": "booking", "status": "booked", "participant": SITE["id"], **named}
    times = {"planned_start": "2026-01-05T09:00:00", "planned_end": "2026-01-05T10:00:00"}
    assert lines(program, tmp_path, meeting | times).refused == 0
    [stored] = natives(program, "booking").values()
    assert (stored["planned_start"], stored["zone_assumed"]) == ("2026-01-05T09:00:00-05:00", True)


def test_only_ndjson_holds_native_records(practice: Path, program: Program) -> None:
    with pytest.raises(Problem, match="native records are NDJSON"):
        import_source(program, "native", [practice])


def test_what_was_imported_and_written_out_natively_comes_back_unchanged(
    practice: Path, program: Program, tmp_path: Path
) -> None:
    imported(program, practice)
    records = [
        {"concept": name, **record} for name in ("participant", "booking", "session", "screening", "program")
        for record in natives(program, name).values()
    ]  # fmt: skip
    report = lines(program, tmp_path, *records)
    assert sum(count.unchanged for count in report.records.values()) == len(records)


def test_a_group_meeting_is_one_line_and_is_written_or_refused_whole(
    root: Path, program: Program, tmp_path: Path
) -> None:
    form = json.loads((root / "fixtures" / "group_meeting" / "full" / "native.json").read_text())
    del form["attending"]
    for line in form["roster"]:
        line.pop("booking", None)
        line.pop("session", None)
    form = {"concept": "group_meeting"} | form
    assert lines(program, tmp_path, form).records["group_meeting"].made == 1
    before = program.store.t
    assert lines(program, tmp_path, form).records["group_meeting"].unchanged == 1
    assert lines(program, tmp_path, form | {"mood": "bright"}).refusals[0].reason.startswith("mood")
    assert program.store.t == before


def test_a_record_read_from_another_type_is_left_as_it_is_and_never_doubled(program: Program, tmp_path: Path) -> None:
    subject, id = (f"0b0e7a53-0000-4000-8000-00000000000{number}" for number in (2, 3))
    statement = {
        "resourceType": "MedicationStatement",
        "id": id,
        "status": "active",
        "medicationCodeableConcept": {"text": "naltrexone"},
        "subject": {"reference": f"Patient/{subject}"},
    }
    changes = [
        Change("update", "Patient", subject, {"resourceType": "Patient", "id": subject}),
        Change("update", "MedicationStatement", id, statement),
    ]
    program.store.write(lambda transaction: apply(program, transaction, changes, Terms(creates=True))).result()
    record, _ = program.maps.concepts["medication"].to_native(statement)
    line = {"concept": "medication"} | record
    report = lines(program, tmp_path, line, line | {"status": "completed", "intent": "plan"})
    assert (report.records["medication"].unchanged, report.refused) == (1, 1)
    assert "read from a MedicationStatement" in report.refusals[0].reason
    assert texts(program, "MedicationRequest") == {}
