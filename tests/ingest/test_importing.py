"""An import as a whole: the same from every format and when repeated, careful with what others wrote, resumable."""

from __future__ import annotations

import io
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bhsim import export_csv
from rich.console import Console

from adapter.fhir.json import parse
from adapter.ingest.importing import import_source
from adapter.interactions.changes import Change, Terms, apply
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from tests.ingest.practice import READER, altered, ask, imported, natives, opened, texts
from tests.store.serving import POSTGRES

TYPES = (
    *("Patient", "Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService"),
    *("EpisodeOfCare", "Appointment", "Encounter", "Observation"),
)


def as_ndjson(practice: Path, folder: Path) -> Path:
    """The tables as NDJSON files, numbers as numbers and empty cells left out where another row told of the column."""
    folder.mkdir()
    for (table,) in ask(practice, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
        columns = [name for (name,) in ask(practice, f"SELECT name FROM pragma_table_info('{table}')")]
        rows = (dict(zip(columns, row, strict=True)) for row in ask(practice, f"SELECT * FROM {table}"))
        lines = (
            json.dumps({name: cell for name, cell in row.items() if cell is not None or number == 0}) + "\n"
            for number, row in enumerate(rows)
        )
        (folder / f"{table}.ndjson").write_text("".join(lines), encoding="utf-8")
    return folder


def test_sqlite_csv_and_ndjson_give_the_same_records_to_the_byte(practice: Path, tmp_path: Path) -> None:
    export_csv(practice, tmp_path / "csv")
    (tmp_path / "one").mkdir()
    stored = []
    for number, path in enumerate((practice, tmp_path / "csv", as_ndjson(practice, tmp_path / "ndjson"))):
        with opened(tmp_path / "one", f"{number}.db") as program:  # one secret, so one id for each key
            report = imported(program, path)
            stored.append(texts(program, *TYPES))
            assert (report.refused, sum(count.made for count in report.records.values()) > 0) == (0, True)
    assert stored[0] == stored[1] == stored[2]


def test_importing_twice_changes_nothing(practice: Path, program: Program) -> None:
    first = imported(program, practice)
    before = program.store.t
    again = imported(program, practice)
    assert program.store.t == before
    for concept, count in again.records.items():
        assert (count.made, count.changed, count.refused) == (0, 0, 0)
        assert count.unchanged == first.records[concept].made == count.expected


def test_the_ids_of_an_import_depend_on_the_deployments_secret(
    practice: Path, program: Program, tmp_path: Path
) -> None:
    imported(program, practice)
    with opened(tmp_path / "other") as other:
        imported(other, practice)
        assert not texts(program, "Patient").keys() & texts(other, "Patient").keys()


def test_a_changed_row_changes_its_record_and_no_other(practice: Path, program: Program, tmp_path: Path) -> None:
    imported(program, practice)
    key = min(natives(program, "booking"))
    script = (
        f"UPDATE visits SET visit_status = 'NO_SHOW', actual_start = NULL, actual_end = NULL WHERE visit_id = '{key}'"
    )
    report = imported(program, altered(practice, tmp_path / "altered.db", script.replace("NO_SHOW", "CANCELED")))
    assert sum(count.changed for count in report.records.values()) == report.records["booking"].changed == 1
    assert natives(program, "booking")[key]["status"] == "cancelled"


def test_a_cell_that_was_emptied_empties_the_field(practice: Path, program: Program, tmp_path: Path) -> None:
    imported(program, practice)
    report = imported(program, altered(practice, tmp_path / "altered.db", "UPDATE visits SET documented_at = NULL"))
    assert report.records["session"].changed == report.records["session"].expected
    assert not any("documented_at" in session for session in natives(program, "session").values())


def write(program: Program, kind: Any, type: str, id: str, content: dict[str, Any] | None = None) -> None:
    change = Change(kind, type, id, content)
    program.store.write(lambda transaction: apply(program, transaction, [change], Terms())).result()


def test_what_others_added_to_a_record_stays(practice: Path, program: Program, tmp_path: Path) -> None:
    imported(program, practice)
    key, participant = next(iter(natives(program, "participant").items()))
    patient = parse(texts(program, "Patient")["Patient", participant["id"]])
    patient["telecom"] = [{"system": "phone", "value": "555-0100"}]
    patient["photo"] = [{"title": "no concept covers this"}]
    patient["identifier"].append({"system": "urn:example:ehr", "value": "E-1"})
    write(program, "update", "Patient", participant["id"], patient)
    assert imported(program, practice).records["participant"].changed == 0
    script = f"UPDATE individuals SET date_of_birth = '1970-01-01' WHERE individual_id = '{key}'"
    assert imported(program, altered(practice, tmp_path / "altered.db", script)).records["participant"].changed == 1
    changed = parse(texts(program, "Patient")["Patient", participant["id"]])
    assert changed == patient | {"birthDate": "1970-01-01"}


def test_what_the_source_says_is_put_right_again(practice: Path, program: Program) -> None:
    imported(program, practice)
    participant = next(iter(natives(program, "participant").values()))
    patient = parse(texts(program, "Patient")["Patient", participant["id"]])
    write(program, "update", "Patient", participant["id"], patient | {"birthDate": "1900-01-01"})
    assert imported(program, practice).records["participant"].changed == 1
    assert parse(texts(program, "Patient")["Patient", participant["id"]]) == patient


def test_a_record_that_was_deleted_here_is_not_brought_back(practice: Path, program: Program) -> None:
    imported(program, practice)
    (id, key) = next((record["id"], key) for key, record in natives(program, "screening").items())
    write(program, "delete", "Observation", id)
    report = imported(program, practice)
    assert [refusal.reason for refusal in report.refusals] == ["was deleted here; an import does not bring it back"]
    assert report.records["screening"].refused == 1
    assert key not in natives(program, "screening")


def test_a_visit_that_the_ehr_wrote_before_is_the_same_record(practice: Path, program: Program, tmp_path: Path) -> None:
    imported(program, altered(practice, tmp_path / "first.db", "DELETE FROM visits; DELETE FROM assessments;"
                              " DELETE FROM assessment_responses; DELETE FROM assessment_scores"))  # fmt: skip
    (visit, individual), *_ = ask(practice, "SELECT visit_id, individual_id FROM visits WHERE visit_status = 'NO_SHOW'")
    person = natives(program, "participant")[individual]["id"]
    system = next(system for system in program.identifying if system.endswith("/visit"))
    appointment = {
        "resourceType": "Appointment", "id": "written-by-the-ehr", "identifier": [{"system": system, "value": visit}],
        "status": "proposed", "participant": [{"actor": {"reference": f"Patient/{person}"}, "status": "accepted"}],
    }  # fmt: skip
    program.store.write(
        lambda transaction: apply(
            program,
            transaction,
            [Change("update", "Appointment", "written-by-the-ehr", appointment)],
            Terms(creates=True),
        )
    ).result()
    report = imported(program, practice)
    assert natives(program, "booking")[visit]["id"] == "written-by-the-ehr"
    assert report.records["booking"].changed == 1
    assert report.pending == 0


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: how a full disk looks to a program that is not root."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(POSTGRES, reason="fills the disk under SQLite's file")
def test_a_full_disk_leaves_the_store_as_before_the_batch_and_a_second_import_completes_it(
    practice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.ingest.batches.BATCH", 20)
    with opened(tmp_path / "full") as program:
        log = program.settings.store.with_name("iop.db-wal")
        with little_room(log.stat().st_size + 300_000), pytest.raises(Problem) as problem:
            imported(program, practice)
        assert problem.value.kind is Kind.BUSY
        assert "import again for the rest" in problem.value.message
        stored = len(texts(program, *TYPES))
        assert f"; {stored} records of this import are stored" in problem.value.message
        assert stored % 20 in (0, 1) or stored > 20
    with opened(tmp_path / "full") as program:
        assert len(texts(program, *TYPES)) == stored > 0
        report = imported(program, practice)
        assert report.refused == 0
        assert sum(count.unchanged for count in report.records.values()) == stored
        assert program.store.totals(READER).pending == 0


def test_a_visit_moved_to_another_client_is_refused_alone_out_of_its_whole_batch(
    practice: Path, program: Program, tmp_path: Path
) -> None:
    imported(program, practice)
    (visit, other), *_ = ask(
        practice,
        "SELECT visit_id, (SELECT max(individual_id) FROM individuals i WHERE i.individual_id != visits.individual_id)"
        " FROM visits WHERE visit_status = 'COMPLETED'",
    )
    script = f"UPDATE visits SET individual_id = '{other}' WHERE visit_id = '{visit}';"
    script += "UPDATE visits SET visit_status = 'CANCELED' WHERE visit_status = 'SCHEDULED'"
    report = imported(program, altered(practice, tmp_path / "altered.db", script))
    refusal = report.refusals[-1]
    assert (refusal.concept, "cannot be moved to another person" in refusal.reason) == ("session", True)
    assert report.records["session"].refused == 1
    assert report.records["booking"].changed >= 2


def test_two_rows_that_were_linked_into_one_record_do_not_overwrite_each_other(
    practice: Path, program: Program
) -> None:
    imported(program, practice)
    (_, one), (_, two), *_ = natives(program, "site").items()
    write(program, "delete", "Location", two["id"])
    location = parse(texts(program, "Location")["Location", one["id"]])
    location["identifier"].append(two["identifiers"][0])
    write(program, "update", "Location", one["id"], location)
    report = imported(program, practice)  # what pointed to the one that was deleted now points to the other
    assert (report.records["site"].unchanged, report.refused) == (3, 0)
    before = program.store.t
    imported(program, practice)
    assert program.store.t == before
    assert any("was linked to the record of another row" in note for note in report.notes)


def test_progress_is_told_for_reading_and_writing_and_ends_at_the_whole(practice: Path, program: Program) -> None:
    told: dict[str, tuple[int, int]] = {}
    import_source(program, "bhsim", [practice], lambda what, done, total: told.__setitem__(what, (done, total)))
    tables = [name for (name,) in ask(practice, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    rows = {name: ask(practice, f"SELECT count(*) FROM {name}")[0][0] for name in tables}
    making = ("locations", "programs", "employees", "employee_programs", "individuals", "individual_programs", "visits")
    imported = sum(rows[name] for name in (*making, "assessments"))
    assert told == {"reading rows": (sum(rows.values()),) * 2, "importing rows": (imported,) * 2}


def test_the_report_reads_as_tables_and_as_json_and_every_refusal_goes_to_its_stream(
    practice: Path, program: Program, tmp_path: Path
) -> None:
    every = io.StringIO()
    path = altered(practice, tmp_path / "altered.db", "UPDATE individuals SET sex = '?'")
    report = import_source(program, "bhsim", [path], every=every)
    assert [json.loads(line)["concept"] for line in every.getvalue().splitlines()] == ["participant"] * 3
    said = json.loads(report.json())
    assert said["records"]["participant"]["refused"] == said["refused_count"] == 3
    assert said["rows"]["visits"]["read"] == said["rows"]["visits"]["used"]
    console = Console(file=io.StringIO(), width=200)
    console.print(report.table())
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "refused altered.db:individuals row 1 as participant: sex is not one of [words.sex]" in shown
    assert "references in the store wait" in shown
