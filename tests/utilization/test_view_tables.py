"""Tables of views over folders of exported NDJSON: which files are read, what is written, what is told."""

from __future__ import annotations

import csv
import gzip
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from adapter.__main__ import cli
from adapter.utilization.views import View
from adapter.utilization.views_tables import Rows, files_of, replaced, write_table


def session(id: str, minutes: str, episode: str = "e1", **more: Any) -> str:
    """An Encounter as a line, its minutes as they are written."""
    said = {
        "resourceType": "Encounter",
        "id": id,
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": "Patient/ada"},
        "episodeOfCare": [{"reference": f"EpisodeOfCare/{episode}"}],
        "period": {"start": "2026-02-03T17:00:00-07:00"},
        "length": {"value": "MINUTES", "code": "min", "system": "http://unitsofmeasure.org"},
        **more,
    }
    return json.dumps(said).replace('"MINUTES"', minutes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An export with two files of sessions, one of them gzipped, one of episodes, and a bad line."""
    made = tmp_path / "exported"
    made.mkdir()
    (made / "Encounter.000.ndjson").write_text(f"{session('s1', '180')}\n\n{session('s2', '45.50')}\n")
    with gzip.open(made / "Encounter.001.ndjson.gz", "wt") as file:
        file.write(session("s3", "90", episode="e2") + "\n")
    episode = {"resourceType": "EpisodeOfCare", "id": "e1", "status": "active", "patient": {"reference": "Patient/ada"}}
    (made / "EpisodeOfCare.ndjson").write_text(json.dumps(episode))
    (made / "manifest.json").write_text("{}")
    return made


def cells(out: Path) -> list[dict[str, str]]:
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["views", *map(str, arguments)])


def test_a_table_is_made_of_every_file_of_its_type(folder: Path, views: dict[str, View], tmp_path: Path) -> None:
    rows = Rows(views["sessions"], folder, pytest.fail)
    write_table(rows, tmp_path / "sessions.csv", StringIO())
    assert [(row["id"], row["minutes_attended"]) for row in cells(tmp_path / "sessions.csv")] == [
        ("s1", "180"), ("s2", "45.50"), ("s3", "90"),
    ]  # fmt: skip


def test_a_type_does_not_take_the_files_of_another_that_begins_alike(tmp_path: Path) -> None:
    for name in ("Medication.ndjson", "MedicationRequest.ndjson", "Medication-1.ndjson.gz", "Medication.csv"):
        (tmp_path / name).touch()
    assert [path.name for path in files_of(tmp_path, "Medication")] == ["Medication-1.ndjson.gz", "Medication.ndjson"]


def test_parquet_has_numbers_as_numbers_and_times_as_they_were_written(folder: Path, tmp_path: Path) -> None:
    assert run("run", folder, "--view", "sessions", "--out", tmp_path / "s.parquet").exit_code == 0
    with duckdb.connect() as connection:
        every = connection.read_parquet(str(tmp_path / "s.parquet"))
        read = every.project("id, minutes_attended, started_at, attending")
        assert read.fetchall()[1] == ("s2", 45.5, "2026-02-03T17:00:00-07:00", None)
        assert [str(type) for type in read.types] == ["VARCHAR", "DOUBLE", "VARCHAR", "BIGINT"]


def test_a_query_joins_views_and_is_written_as_they_are(folder: Path, tmp_path: Path) -> None:
    sql = (
        "select episodes.status, sum(minutes_attended) as minutes from sessions"
        " left join episodes on episodes.id = sessions.episode group by all order by minutes"
    )
    shown = run("query", folder, sql)
    assert (shown.exit_code, shown.stdout.splitlines()) == (0, ["status,minutes", ",90.0", "active,225.5"])
    assert run("query", folder, sql, "--out", tmp_path / "q.parquet").exit_code == 0
    with duckdb.connect() as connection:
        assert connection.read_parquet(str(tmp_path / "q.parquet")).fetchall() == [(None, 90.0), ("active", 225.5)]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("selec 1", "DuckDB: Parser Error: syntax error"),
        ("select nothing from sessions", "DuckDB: Binder Error: "),
        ("select * from nowhere", "DuckDB: Catalog Error: "),
        ("create table t (i int)", "a query is one SELECT"),
        ("select 1; select 2", "a query is one SELECT"),
    ],
)
def test_a_query_that_finds_no_table_is_refused(sql: str, message: str, folder: Path) -> None:
    ended = run("query", folder, sql)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert message in ended.stderr


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "is not JSON"),
        ("[1]", "is no Encounter"),
        ('{"resourceType": "Patient"}', "is no Encounter"),
        ("[" * 100_000, "is not JSON"),
        (session("s9", "1", subject=[{"reference": f"Patient/{n}"} for n in "ab"]), "column participant has 2 values"),
        (session("s9", "NaN"), "is not JSON"),
        (session("s9", "1e99999999999999999999"), "is not JSON"),
        (session("s9", "1e400"), "column minutes_attended is no decimal"),
        (session("s9", "1e-999999999"), "column minutes_attended is no decimal"),
        (session("s9", '"45"'), "column minutes_attended is no decimal"),
        (session("s9", "true"), "column minutes_attended is no decimal"),
        (session("s9", "1", status=True), "column status is no code"),
        (session("\ud83d", "1"), "column id is no id"),
        (session("s9", "1").replace("s9", "\udce9"), "is not JSON"),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_with_its_place_and_the_others_go_on(line: str, why: str, folder: Path) -> None:
    with (folder / "Encounter.000.ndjson").open("a", errors="surrogateescape") as file:
        file.write(line + "\n" + session("s4", "1") + "\n")
    ended = run("run", folder, "--view", "sessions")
    assert ended.exit_code == 1
    assert [row.split(",")[0] for row in ended.stdout.splitlines()] == ["id", "s1", "s2", "s4", "s3"]
    assert f"Encounter.000.ndjson:4: {'view sessions: ' * ('column' in why)}{why}" in ended.stderr
    assert "bad lines: 1" in ended.stderr


def test_a_formula_in_a_cell_stays_a_text_in_a_sheet(folder: Path) -> None:
    goal = {"resourceType": "Goal", "id": "g", "lifecycleStatus": "active", "description": {"text": "=1+1"}}
    (folder / "Goal.ndjson").write_text(json.dumps(goal))
    assert ",'=1+1,active," in run("run", folder, "--view", "goals").stdout


def test_a_folder_without_the_type_gives_no_rows_and_says_so(folder: Path) -> None:
    ended = run("run", folder, "--view", "coverages")
    assert (ended.exit_code, len(ended.stdout.splitlines())) == (0, 1)
    assert "no Coverage*.ndjson; coverages has no rows" in ended.stderr


def test_a_folder_without_ndjson_is_refused(tmp_path: Path) -> None:
    ended = run("run", tmp_path, "--view", "coverages")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "holds no TYPE*.ndjson" in ended.stderr


def test_a_damaged_file_leaves_the_table_that_was_there(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    out.write_text("before")
    packed = folder / "Encounter.001.ndjson.gz"
    packed.write_bytes(packed.read_bytes()[:-9])
    ended = run("run", folder, "--view", "sessions", "--out", out)
    assert ended.exit_code == 1
    assert "Encounter.001.ndjson.gz: " in ended.stderr
    assert (out.read_text(), [path.name for path in tmp_path.glob(".*")]) == ("before", [])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_is_for_its_owner_alone(folder: Path, tmp_path: Path, suffix: str) -> None:
    for command in (("run", folder, "--view", "sessions"), ("query", folder, "select id from sessions")):
        assert run(*command, "--out", tmp_path / f"t.{suffix}").exit_code == 0
        assert (tmp_path / f"t.{suffix}").stat().st_mode & 0o777 == 0o600


def test_parquet_is_its_owner_s_alone_from_its_first_byte_on(
    folder: Path, views: dict[str, View], tmp_path: Path
) -> None:
    with replaced(tmp_path / "t.parquet") as part:
        Rows(views["sessions"], folder, pytest.fail).write_parquet(part)
        assert (part.stat().st_size > 0, part.stat().st_mode & 0o777) == (True, 0o600)


WHOLE = {"name": "typed", "resource": "Observation", "select": [{"column": []}]}


@pytest.mark.parametrize("said", ["45.7", '"45"', "true", "9223372036854775808", "1e3"])
def test_an_integer_is_one_or_its_line_is_bad(said: str, tmp_path: Path) -> None:
    own, out = tmp_path / "typed.json", tmp_path / "t.parquet"
    columns = [{"name": "n", "path": "value.ofType(integer)", "type": "integer"}, {"name": "any", "path": "status"}]
    own.write_text(json.dumps({**WHOLE, "select": [{"column": columns}]}))
    line = '{"resourceType": "Observation", "valueInteger": SAID, "status": 1.50}'
    (tmp_path / "Observation.ndjson").write_text("\n".join(line.replace("SAID", one) for one in ("45", said)))
    ended = run("run", tmp_path, "--view", own, "--out", out)
    assert (ended.exit_code, "Observation.ndjson:2: view typed: column n is no integer" in ended.stderr) == (1, True)
    with duckdb.connect() as connection:
        assert connection.read_parquet(str(out)).fetchall() == [(45, "1.50")]


def test_a_gzipped_file_that_is_damaged_inside_is_told(folder: Path) -> None:
    packed = folder / "Encounter.001.ndjson.gz"
    held = bytearray(packed.read_bytes())
    held[30:60] = b"\xff" * 30
    packed.write_bytes(held)
    ended = run("run", folder, "--view", "sessions")
    assert ended.exit_code == 1
    assert "Encounter.001.ndjson.gz: Error -3 while decompressing data" in ended.stderr


def test_an_export_that_is_not_at_its_end_makes_no_table(folder: Path) -> None:
    (folder / ".export.json").write_text("{}")
    assert run("run", folder, "--view", "sessions").exit_code == 0  # its manifest is there: it has just ended
    (folder / "manifest.json").unlink()
    for arguments in (("run", folder, "--view", "sessions"), ("query", folder, "select * from sessions")):
        ended = run(*arguments)
        assert (ended.exit_code, ended.stdout) == (1, "")
        assert "its export is not at its end: there is no manifest.json yet" in ended.stderr


def test_a_query_may_write_the_name_of_a_view_in_any_case(folder: Path) -> None:
    assert run("query", folder, "select count(*) as n from SESSIONS").stdout.split() == ["n", "3"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--view", "nothing"), "nothing is no view; there are authorizations, "),
        (("--view", "sessions", "--out", "s.xlsx"), "s.xlsx: a table is written as .csv or .parquet"),
        (("--view", "nowhere.json"), "nowhere.json: No such file or directory"),
    ],
)
def test_what_cannot_be_run_is_said(arguments: tuple[str, ...], message: str, folder: Path) -> None:
    ended = run("run", folder, *arguments)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert message in ended.stderr


def test_a_view_of_ones_own_is_checked_and_run(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "mine.json"
    select = [{"column": [{"name": "s", "path": "id"}]}]
    view: dict[str, Any] = {"name": "mine", "resource": "Encounter", "select": select}
    own.write_text(json.dumps(view))
    assert run("check", own).stdout == "1 views: no faults\n"
    assert run("run", folder, "--view", own).stdout.split() == ["s", "s1", "s2", "s3"]
    own.write_text(json.dumps({**view, "name": "other", "pivot": []}))
    ended = run("check", own)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "mine.json: ViewDefinition: pivot is not supported" in ended.stderr
    own.write_text(json.dumps({**view, "select": [{"column": [{"name": "s", "path": "id", "type": ["a"]}]}]}))
    assert "mine.json: select[0].column[0]: ['a'] is no primitive type" in run("check", own).stderr
    own.write_text("[" * 100_000)
    assert "mine.json: ViewDefinition: not JSON" in run("check", own).stderr


def test_the_views_that_are_shipped_are_listed_and_sound() -> None:
    assert run("check").stdout == "9 views: no faults\n"
    listed = run("list").stdout
    assert "sessions (Encounter): Sessions that were attended\n  id, participant, episode," in listed


PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "views.md"
MINUTES, KEPT = re.findall(r"```sql\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_minutes_of_the_page_are_those_written_down_or_else_counted(folder: Path) -> None:
    break_ = {"start": "2026-02-08T18:00:00-07:00", "end": "2026-02-08T18:15:00-07:00"}
    period = {"start": "2026-02-08T17:00:00-07:00", "end": "2026-02-08T20:00:00-07:00"}
    extension = "https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-session-break"
    counted = json.loads(session("s4", "0", period=period, extension=[{"url": extension, "valuePeriod": break_}]))
    lines = [
        json.dumps({name: value for name, value in counted.items() if name != "length"}),
        session("s5", "3.5", period={"start": "2026-02-09T00:10:00-07:00"}).replace('"min"', '"h"'),
        session("s6", "60", status="entered-in-error"),
    ]
    (folder / "Encounter.002.ndjson").write_text("\n".join(lines))
    assert run("query", folder, MINUTES).stdout.splitlines() == [
        "episode,week,sessions,minutes",
        "e1,2026-02-02,3,390.5",
        "e1,2026-02-09,1,210.0",
        "e2,2026-02-02,1,90.0",
    ]


def test_the_attendance_of_the_page_is_counted_by_what_became_of_a_booking(folder: Path) -> None:
    link = "https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link"
    late = "https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-absence"
    episode = {"url": link, "valueReference": {"reference": "EpisodeOfCare/e1"}}
    absence = {"url": late, "valueCoding": {"code": "late-cancelled"}}
    told = (("fulfilled", []), ("noshow", []), ("cancelled", [absence]), ("cancelled", []))
    bookings = [
        {"resourceType": "Appointment", "id": f"b{n}", "status": status, "extension": [episode, *more]}
        for n, (status, more) in enumerate(told)
    ]
    (folder / "Appointment.ndjson").write_text("\n".join(map(json.dumps, bookings)))
    assert run("query", folder, KEPT).stdout.splitlines() == ["episode,kept,missed,cancelled_late", "e1,1,1,1"]
