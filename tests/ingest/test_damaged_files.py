"""Files that are not what the source file says: the import is refused with file and line, and nothing is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from bhsim import export_csv

from adapter.interactions.program import Program
from adapter.problems import Problem
from tests.ingest.practice import altered, ask, imported


@pytest.fixture
def folder(practice: Path, tmp_path: Path) -> Path:
    """The practice's tables as CSV files."""
    export_csv(practice, tmp_path / "csv")
    return tmp_path / "csv"


def edit(name: str, change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Path], None]:
    """An alteration of one CSV file, by its lines."""

    def run(folder: Path) -> None:
        path = folder / name
        path.write_bytes(b"\r\n".join(change(path.read_bytes().split(b"\r\n"))))

    return run


def header(old: bytes, new: bytes) -> Callable[[Path], None]:
    return edit("visits.csv", lambda lines: [lines[0].replace(old, new), *lines[1:]])


DAMAGE = {
    "a cut line": (
        edit("visits.csv", lambda lines: [*lines[:5], lines[5][:40]]),
        "visits.csv:6",
        "cells where the header",
    ),
    "an open quote": (
        edit("individuals.csv", lambda lines: [*lines[:2], b'7,"x']),
        "individuals.csv:3",
        "never closed",
    ),
    "not UTF-8": (
        edit("individuals.csv", lambda lines: [lines[0], b"\xe9" + lines[1]]),
        "individuals.csv:2",
        "not UTF-8",
    ),
    "a new column": (header(b"visit_status", b"visit_status,mood"), "visits.csv:1", "unknown column 'mood'"),
    "a renamed column": (header(b"visit_status", b"status"), "visits.csv:1", "column 'visit_status' is missing"),
    "a column twice": (header(b"visit_status", b"visit_id"), "visits.csv:1", "column 'visit_id' is there twice"),
    "a lost header": (
        edit("individuals.csv", lambda lines: lines[1:]),
        "individuals.csv:1",
        "is not a header: most of its cells are no column of this table",
    ),
    "a cut cell": (
        edit("visits.csv", lambda lines: lines[:-1]),
        "visits.csv:LAST",
        "the last line has no line end",
    ),
    "an empty file": (edit("visits.csv", lambda lines: [b""]), "visits.csv:1", "has no header line"),
    "no such table": (lambda folder: (folder / "visits.csv").unlink(), "bhsim", "table 'visits' is missing"),
    "an unknown table": (
        lambda folder: (folder / "moods.csv").touch(),
        "moods.csv",
        "table 'moods' is not in the source",
    ),
    "another file": (lambda folder: (folder / "notes.txt").touch(), "notes.txt", "is not a file that can be imported"),
}


@pytest.mark.parametrize(("spoil", "place", "message"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_folder_is_refused_with_its_place_and_nothing_is_written(
    spoil: Callable[[Path], None], place: str, message: str, folder: Path, practice: Path, program: Program
) -> None:
    names = [cell for (cell,) in ask(practice, "SELECT full_name FROM individuals")]
    last = (folder / "visits.csv").read_bytes().count(b"\r\n")
    spoil(folder)
    before = program.store.t
    with pytest.raises(Problem) as problem:
        imported(program, folder)
    place = place.replace("LAST", str(last))
    assert not any(name in issue.message for name in names for issue in problem.value.issues)
    assert any(issue.expression == place and message in issue.message for issue in problem.value.issues)
    assert program.store.t == before


def test_all_that_is_wrong_with_a_folder_is_told_at_once(folder: Path, program: Program) -> None:
    for name in ("a renamed column", "an unknown table", "another file"):
        DAMAGE[name][0](folder)
    with pytest.raises(Problem) as problem:
        imported(program, folder)
    assert len(problem.value.issues) == 4


def test_a_table_given_twice_is_refused(practice: Path, folder: Path, program: Program) -> None:
    with pytest.raises(Problem, match=r"given twice, also in practice\.db"):
        imported(program, practice, folder / "visits.csv")


def test_an_empty_folder_is_refused(tmp_path: Path, program: Program) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Problem, match="the folder is empty"):
        imported(program, tmp_path / "empty")


def test_a_database_whose_columns_changed_is_refused(practice: Path, tmp_path: Path, program: Program) -> None:
    script = "ALTER TABLE visits RENAME COLUMN visit_status TO status; ALTER TABLE individuals ADD COLUMN mood TEXT"
    with pytest.raises(Problem) as problem:
        imported(program, altered(practice, tmp_path / "altered.db", script))
    assert {(issue.expression, issue.message) for issue in problem.value.issues} == {
        ("altered.db:individuals", "unknown column 'mood'"),
        ("altered.db:visits", "unknown column 'status'"),
        ("altered.db:visits", "column 'visit_status' is missing"),
    }


def test_a_database_cut_off_in_the_middle_is_refused(practice: Path, tmp_path: Path, program: Program) -> None:
    path = tmp_path / "cut.db"
    whole = practice.read_bytes()
    path.write_bytes(whole[: len(whole) // 8 // 4096 * 4096])
    before = program.store.t
    with pytest.raises(Problem, match="cannot be read as an SQLite database"):
        imported(program, path)
    assert program.store.t == before


def test_an_ignored_table_may_change_or_be_missing(practice: Path, tmp_path: Path, program: Program) -> None:
    path = altered(
        practice, tmp_path / "altered.db", "DROP TABLE simulation_metadata; ALTER TABLE answer_options ADD more"
    )
    assert imported(program, path).refused == 0


def test_a_source_that_nobody_described_is_refused_naming_those_that_are(program: Program, practice: Path) -> None:
    from adapter.ingest.importing import import_source

    with pytest.raises(Problem, match="no source 'acme'; there is bhsim, and native"):
        import_source(program, "acme", [practice])


def test_the_practices_own_file_is_never_written(practice: Path, program: Program) -> None:
    with closing(sqlite3.connect(practice)) as database:
        database.execute("PRAGMA journal_mode").fetchone()
    before = (practice.read_bytes(), sorted(path.name for path in practice.parent.iterdir()))
    imported(program, practice)
    assert (practice.read_bytes(), sorted(path.name for path in practice.parent.iterdir())) == before
