"""Journey: two hundred clients of another's practice system become FHIR R4, and the demo serves them as it says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.ingest.demo import demo_data, things_to_try
from adapter.ingest.importing import import_source
from adapter.ingest.report import Report
from adapter.interactions.program import Program
from adapter.problems import Problem
from adapter.settings import Settings
from tests.ingest.practice import ask, natives, opened
from tests.journeys.receivers import six_ports

DEMO = pytest.mark.storeless
"""Its stores are SQLite files."""

ROOT = Path(__file__).resolve().parent.parent.parent

# The practice's words for a booking's status, said here once more and apart from the source file on purpose.
STATUS = {
    "SCHEDULED": "booked", "COMPLETED": "attended", "NO_SHOW": "no_show", "CANCELED": "cancelled",
    "RESCHEDULED": "rescheduled",
}  # fmt: skip


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred clients, always the same."""
    return demo_data(tmp_path_factory.mktemp("practice"), clients=200, seed=42)


@pytest.fixture(scope="module")
def arrived(practice: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Report]]:
    """A program that imported them."""
    with opened(tmp_path_factory.mktemp("program")) as program:
        yield program, import_source(program, "bhsim", [practice])


def counted(practice: Path, sql: str) -> Counter[Any]:
    """Counts of the practice's own database: the last column under all columns before it."""
    return Counter({row[0] if len(row) == 2 else row[:-1]: row[-1] for row in ask(practice, sql)})


def test_every_row_of_the_practice_is_used_or_ignored_for_a_reason(
    practice: Path, arrived: tuple[Program, Report]
) -> None:
    _, report = arrived
    tables = [name for (name,) in ask(practice, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    assert {name: count.read for name, count in report.tables.items()} == {
        name: ask(practice, f"SELECT count(*) FROM {name}")[0][0] for name in tables
    }
    assert report.refused == report.pending == 0
    assert sum(count.parked for count in report.records.values()) == 0
    assert sum(count.ignored for count in report.tables.values()) == sum(report.ignored.values())


def test_bookings_are_counted_as_the_practice_counts_its_visits(
    practice: Path, arrived: tuple[Program, Report]
) -> None:
    program, _ = arrived
    codes = {record["id"]: record["identifiers"][1]["value"] for record in natives(program, "program").values()}
    records = natives(program, "booking").values()
    bookings = Counter((codes[record["program"]], record["status"]) for record in records)
    sql = "SELECT program_code, visit_status, count(*) FROM visits JOIN programs USING (program_id) GROUP BY 1, 2"
    visits = counted(practice, sql)
    assert bookings == Counter({(code, STATUS[status]): count for (code, status), count in visits.items()})
    assert sum(count for (code, _), count in bookings.items() if code == "SA-IOP") > 300


def test_sessions_are_the_visits_that_were_kept_each_in_the_enrollment_that_was_running(
    practice: Path, arrived: tuple[Program, Report]
) -> None:
    program, _ = arrived
    episodes = {record["id"]: key for key, record in natives(program, "episode").items()}
    sessions = {key: episodes[record["episode"]] for key, record in natives(program, "session").items()}
    assert sessions == dict(ask(practice, """
        SELECT visit_id, enrollment_id FROM visits v JOIN individual_programs p USING (individual_id, program_id)
        WHERE visit_status = 'COMPLETED' AND substr(scheduled_start, 1, 10) BETWEEN start_date
            AND coalesce(end_date, '9999')"""))  # fmt: skip


def test_minutes_attended_add_up_for_every_kind_of_session(practice: Path, arrived: tuple[Program, Report]) -> None:
    program, _ = arrived
    minutes: Counter[str] = Counter()
    for record in natives(program, "session").values():
        minutes[record["kind"]] += record["minutes_attended"]
    kinds = counted(practice, """SELECT description, sum(actual_duration_minutes) FROM visits
        JOIN visit_types USING (visit_type_id) GROUP BY 1""")  # fmt: skip
    assert sorted(minutes.values()) == sorted(kinds.values())
    assert minutes["group"] == kinds["Group Therapy"]


def test_screenings_carry_every_total_and_every_answer(practice: Path, arrived: tuple[Program, Report]) -> None:
    program, _ = arrived
    screenings = natives(program, "screening")
    assert {key: record["total"] for key, record in screenings.items() if "total" in record} == dict(
        ask(practice, "SELECT assessment_id, total_score FROM assessment_scores")
    )
    answers = [item["answer"] for record in screenings.values() for item in record["items"]]
    assert [(len(answers), sum(answers))] == ask(
        practice, "SELECT count(*), sum(response_value) FROM assessment_responses"
    )
    incomplete = Counter(record.get("total_missing") for record in screenings.values())["items_unanswered"]
    assert [(incomplete,)] == ask(practice, "SELECT count(*) FROM assessments WHERE status = 'INCOMPLETE'")


def test_people_are_as_many_as_there_are_with_their_sex_and_their_repeated_names(
    practice: Path, arrived: tuple[Program, Report]
) -> None:
    program, _ = arrived
    people = natives(program, "participant").values()
    sexes = counted(practice, "SELECT sex, count(*) FROM individuals GROUP BY 1")
    assert Counter(person["sex"] for person in people) == Counter(female=sexes["F"], male=sexes["M"], other=sexes["X"])
    names = Counter(person["names"][0]["text"] for person in people)
    assert names == counted(practice, "SELECT full_name, count(*) FROM individuals GROUP BY 1")
    assert max(names.values()) > 1


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, str]]:
    """A running demo server of a few clients: its settings, and what it printed before it served."""
    folder, port = tmp_path_factory.mktemp("demo"), six_ports()
    command = [sys.executable, "-m", "adapter", "demo", "--folder", str(folder), "--clients", "12", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        watchdog = threading.Timer(120, process.kill)
        watchdog.start()
        printed = ""
        assert process.stdout is not None
        while "what is incomplete" not in printed and (line := process.stdout.readline()):
            printed += line
        while "disclosures accounting" not in printed and (line := process.stdout.readline()):
            printed += line
        settings = Settings(base_url=f"http://127.0.0.1:{port}/fhir")
        waited = subprocess.run(
            [
                "curl",
                "-s",
                "--retry",
                "60",
                "--retry-delay",
                "1",
                "--retry-connrefused",
                f"{settings.base_url}/metadata",
            ],
            capture_output=True,
        )
        assert waited.returncode == 0, printed
        yield settings, printed
        process.terminate()
        process.wait()
        watchdog.cancel()


@DEMO
@pytest.mark.skipif(shutil.which("curl") is None, reason="the commands that the demo prints are for curl")
def test_every_command_that_the_demo_prints_works_as_printed(demo: tuple[Settings, str]) -> None:
    settings, printed = demo
    assert things_to_try(settings).strip() in re.sub(r"[ \t]+\n", "\n", printed)
    commands = re.findall(r"^  (curl .*)$", printed.partition("step by step")[0], re.MULTILINE)
    answers = [
        json.loads(subprocess.run(command, shell=True, capture_output=True, check=True).stdout) for command in commands
    ]
    assert len(answers) == 13
    *found, made, wrong, visit, parked = answers
    for answer in found:
        assert answer.get("resourceType") != "OperationOutcome", answer
        assert answer.get("resourceType") != "Bundle" or answer.get("entry") or answer["total"] > 0
    assert made["name"] == [{"family": "Quill", "given": ["Ada"]}]
    assert wrong["resourceType"] == "OperationOutcome"
    assert "gendre" in json.dumps(wrong)
    assert visit["id"] in {item["id"] for item in parked["items"]}


@DEMO
@pytest.mark.skipif(shutil.which("curl") is None, reason="the commands that the demo prints are for curl")
def test_a_consent_lets_a_provider_see_and_a_payer_less_and_the_ledger_has_both(
    demo: tuple[Settings, str],
) -> None:
    _, printed = demo
    commands = re.findall(r"^  ([^ #].*)$", printed.partition("step by step")[2], re.MULTILINE)
    assert len(commands) == 9
    script = "; echo; ".join(commands)
    ran = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    _, before, consent, after, scope, visit, _, least, *ledger = ran.stdout.split("\n")
    assert json.loads(before)["issue"][0]["code"] == "not-found"
    assert json.loads(after)["name"] == [{"family": "Quill", "given": ["Ada"]}]
    assert json.loads(consent)["id"] in scope
    assert "F10.20" in visit
    assert set(json.loads(visit)) - set(json.loads(least)) == {"reasonCode"}
    assert "Invented Family Medicine" in ledger[1]
    assert any("Invented Health Plan" in line for line in ledger)
    keys = list(Path(re.search(r"--key (\S+)", commands[0])[1]).parent.iterdir())  # type: ignore[index]
    assert {key.stem for key in keys} == {"program-ehr", "provider-ehr", "payer", "facility", "at-the-clinic"}
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}


def test_a_demo_keeps_its_files_and_makes_no_others(tmp_path: Path) -> None:
    first = demo_data(tmp_path, clients=12)
    written = first.stat().st_mtime_ns
    assert demo_data(tmp_path, clients=12) == first
    assert first.stat().st_mtime_ns == written
    with pytest.raises(Problem, match="holds another practice"):
        demo_data(tmp_path, clients=12, seed=7)
