"""CSV, SQLite and NDJSON files row by row: what is wrong with a file is named with its line, and stops the import."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from adapter.ingest.csv_rows import RECORD_BYTES, csv_header, csv_rows
from adapter.ingest.faults import MOST, Faults
from adapter.ingest.ndjson_rows import ndjson_rows
from adapter.ingest.sqlite_rows import sqlite_header, sqlite_rows, sqlite_tables
from adapter.problems import Problem

pytestmark = pytest.mark.storeless


def told(read: Callable[[Faults], object]) -> list[tuple[str | None, str]]:
    """(place, message) of every fault that a reading finds."""
    faults = Faults()

    def run() -> None:
        read(faults)
        faults.settle()

    with pytest.raises(Problem) as problem:
        run()
    return [(issue.expression, issue.message) for issue in problem.value.issues]


def csv_file(folder: Path, content: bytes) -> Path:
    path = folder / "visits.csv"
    path.write_bytes(content)
    return path


def test_cells_come_in_the_order_asked_for_with_the_line_on_which_their_record_begins(tmp_path: Path) -> None:
    path = csv_file(tmp_path, b'a,b,c\r\n1,"two\nlines",3\r\n\r\n4,5,6\r\n')
    assert csv_header(path, Faults()) == ["a", "b", "c"]
    assert list(csv_rows(path, ["c", "b"], Faults())) == [(2, ["3", "two\nlines"]), (5, ["6", "5"])]


def test_the_mark_that_spreadsheets_put_before_utf_8_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert csv_header(csv_file(tmp_path, b"\xef\xbb\xbfa,b\n"), Faults()) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"a,b\n1,2\n3\n", 3, "has 1 cells where the header has 2"),
        (b"a,b\n1,2,3\n", 2, "has 3 cells where the header has 2"),
        (b'a,b\n1,2\n3,"cut', 3, "never closed"),
        (b'a,b\n1,"x"y\n', 2, "not a CSV record"),
        (b"a,b\n1,2\n3,\xff\n", 3, "not UTF-8 at byte 3"),
        (b'a,b\n1,"2\n' + b"x,y\n" * 50_000, 2, "is a quote not closed?"),
        (b"a,b\n" + b"1," * RECORD_BYTES, 2, "is a quote not closed?"),
        (b"a,b\n1,120\n1,12", 3, "the last line has no line end"),
    ],
    ids=[
        "few cells",
        "many cells",
        "cut off",
        "stray quote",
        "not UTF-8",
        "open quote",
        "endless line",
        "cut in a cell",
    ],
)
def test_a_damaged_csv_file_is_refused_with_its_line(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    path = csv_file(tmp_path, content)
    faults = told(lambda faults: list(csv_rows(path, ["a", "b"], faults)))
    assert faults[0][0] == f"visits.csv:{line}"
    assert message in faults[0][1]


def test_a_file_in_utf_16_is_told_what_it_is(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b\n1,2\n".encode("utf-16"))
    assert told(lambda faults: csv_header(path, faults))[0] == ("visits.csv:1", "is UTF-16; export the file as UTF-8")


def test_every_fault_is_told_at_once_but_no_more_than_anybody_reads(tmp_path: Path) -> None:
    path = csv_file(tmp_path, b"a,b\n" + b"1\n" * 3)
    assert len(told(lambda faults: list(csv_rows(path, ["a", "b"], faults)))) == 3
    path = csv_file(tmp_path, b"a,b\n" + b"1\n" * 1_000)
    assert len(told(lambda faults: list(csv_rows(path, ["a", "b"], faults)))) == MOST + 1


def test_sqlite_tables_are_read_by_name_and_views_are_not_tables(tmp_path: Path) -> None:
    path = tmp_path / "practice #1?.db"
    with closing(sqlite3.connect(path)) as made, made:
        made.executescript("CREATE TABLE visits (id TEXT, n REAL); CREATE VIEW w AS SELECT 1;")
        made.execute("INSERT INTO visits VALUES ('0012', 0.5), (NULL, 7)")
    assert sqlite_tables(path) == ["visits"]
    assert sqlite_header(path, "visits") == ["id", "n"]
    assert list(sqlite_rows(path, "visits", ["n", "id"], Faults())) == [(1, [0.5, "0012"]), (2, [7.0, None])]


def test_a_file_that_is_no_database_and_text_that_is_not_utf_8_are_named(tmp_path: Path) -> None:
    path = tmp_path / "practice.db"
    path.write_bytes(b"not a database, whatever its name says" * 50)
    assert "cannot be read as an SQLite database" in told(lambda faults: sqlite_tables(path))[0][1]
    path.unlink()
    with closing(sqlite3.connect(path)) as made, made:
        made.executescript("CREATE TABLE t (a); INSERT INTO t VALUES ('x'), (CAST(x'FF' AS TEXT));")
    assert told(lambda faults: list(sqlite_rows(path, "t", ["a"], faults))) == [
        ("practice.db:t row 2", "holds text that is not UTF-8, or a BLOB")
    ]


def test_ndjson_rows_are_cells_by_name_and_an_absent_key_is_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "visits.ndjson"
    path.write_bytes(b'{"id": "007", "n": 3, "ok": true}\n\n{"id": "008", "n": 1.50, "x": 18446744073709551616}')
    rows = list(ndjson_rows(path, ["id", "n", "ok", "x"], ("id", "n", "ok", "x"), Faults()))
    assert rows == [(1, ["007", "3", "true", None]), (3, ["008", "1.50", None, "18446744073709551616"])]


def test_a_column_that_no_line_of_ndjson_has_was_dropped_and_one_that_is_null_was_not(tmp_path: Path) -> None:
    path = tmp_path / "visits.ndjson"
    path.write_bytes(b'{"id": "1", "n": null}\n{"id": "2"}\n')
    assert told(lambda faults: list(ndjson_rows(path, ["id"], ("id", "n", "ok", "x"), faults))) == [
        ("visits.ndjson", "column 'ok' is in no line; where it is empty, say null"),
        ("visits.ndjson", "column 'x' is in no line; where it is empty, say null"),
    ]
    path.write_bytes(b"\n")
    faults = Faults()
    assert list(ndjson_rows(path, ["id"], ("id", "n"), faults)) == []
    faults.settle()


def test_a_line_whose_names_are_no_columns_is_told_without_them(tmp_path: Path) -> None:
    path = tmp_path / "visits.ndjson"
    path.write_bytes(b'{"id": "1"}\n{"Ada Quill": "1999-01-01"}\n')
    assert told(lambda faults: list(ndjson_rows(path, ["id"], ("id",), faults))) == [
        ("visits.ndjson:2", "is not a row: most of its names are no column of this table")
    ]


def test_wrong_ndjson_rows_are_each_named_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "visits.ndjson"
    path.write_bytes(b'{"id": "1", "new": 2}\n{"id": \n[1]\n{"id": ["1"]}\n{"id": "1", "id": "2"}\n')
    faults = told(lambda faults: list(ndjson_rows(path, ["id"], ("id",), faults)))
    assert [place for place, _ in faults] == [f"visits.ndjson:{line}" for line in (1, 2, 3, 4, 5)]
    assert faults[0][1] == "unknown column 'new'"


def test_a_line_of_ndjson_that_is_too_long_is_refused_and_the_next_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "visits.ndjson"
    path.write_bytes(b'{"id": "' + b"x" * 3 * RECORD_BYTES + b'"}\n{"id": "2"}\n')
    faults = Faults()
    assert list(ndjson_rows(path, ["id"], ("id",), faults)) == [(2, ["2"])]
    with pytest.raises(Problem, match="longer than"):
        faults.settle()
