"""Conversion and weekly sums by Spark, against those of one process: row for row. Needs pyspark and Java."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from adapter.ingest.converting import Converted, Direction, Outputs, Rules, converter_of
from adapter.settings import Settings
from adapter.spark.weeks import Fact, facts, sums
from tests.spark.attendance import bookings, sessions

pytestmark = [
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed: make spark"),
    pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java"),
    pytest.mark.filterwarnings("default"),  # pyspark's own
    pytest.mark.storeless,
]

ROOT = Path(__file__).resolve().parent.parent.parent
RULES = Rules.of(Settings())


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Spark in two threads of this machine, heard by it alone."""
    from pyspark.sql import SparkSession

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": str(ROOT)}
    builder = SparkSession.builder.master("local[2]").appName("test")
    for name, value in {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def alone(direction: Direction, lines: list[str]) -> tuple[list[Any], int, int]:
    """(values, findings, bad lines) of one process."""
    out, done = Outputs(io.BytesIO(), io.BytesIO(), io.StringIO()), Converted()
    numbered = [(number, line.encode()) for number, line in enumerate(lines) if line.strip()]
    converter_of(RULES).convert_lines(direction, "in", numbered, out, done)
    assert isinstance(out.lines, io.BytesIO)
    return sorted(out.lines.getvalue().decode().splitlines()), done.residue, done.bad


@pytest.fixture(scope="module")
def native() -> list[str]:
    """Every fixture's record as a line, and lines that are bad."""
    concepts = {path.stem for path in (ROOT / "mappings" / "concepts").glob("*.toml")}
    read = [
        {"concept": file.parent.parent.name, **json.loads(file.read_text())}
        for file in sorted((ROOT / "fixtures").glob("*/*/native.json"))
        if file.parent.parent.name in concepts
    ]
    return [*(json.dumps(record) for record in read), "{", "", '{"concept": "mood"}', '{"concept": "site", "x": 1.10}']


def written(spark: Any, folder: Path, direction: Direction, form: str, *paths: Path) -> dict[str, list[str]]:
    """The values of a conversion that Spark wrote and read back, by kind."""
    from adapter.spark import frames

    made = frames.conversion(spark, RULES, direction, frames.lines(spark, [str(path) for path in paths]))
    frames.write(made, str(folder), "parquet" if form == "parquet" else "ndjson")
    kinds: dict[str, list[str]] = {"converted": [], "residue": [], "bad": []}
    schema = "kind string, type string, value string"
    read = spark.read.schema(schema).parquet(str(folder)) if form == "parquet" else spark.read.text(str(folder))
    for row in read.select("kind", "value").collect() if "kind" in read.columns else ():
        kinds[row[0]].append(row[1])
    assert frames.bad_lines(spark, str(folder), "parquet" if form == "parquet" else "ndjson") == len(kinds["bad"])
    return {kind: sorted(values) for kind, values in kinds.items()}


def test_spark_converts_every_line_as_one_process_does_and_back(spark: Any, native: list[str], tmp_path: Path) -> None:
    one, other = tmp_path / "one.ndjson", tmp_path / "other.ndjson.gz"
    one.write_text("\n".join(native[::2]))
    with gzip.open(other, "wt") as file:
        file.write("\n".join(native[1::2]))
    to_fhir = written(spark, tmp_path / "fhir.parquet", "fhir", "parquet", one, other)
    expected, findings, bad = alone("fhir", native)
    assert to_fhir["converted"] == expected
    assert (len(to_fhir["residue"]), len(to_fhir["bad"])) == (findings, bad)
    assert bad >= 3
    assert {json.loads(line)["line"] for line in to_fhir["bad"]} <= set(native)
    whole = tmp_path / "fhir.parquet" / "kind=converted" / "*" / "*.parquet"
    back = written(spark, tmp_path / "native", "native", "ndjson", whole)
    assert (back["converted"], len(back["residue"]), len(back["bad"])) == alone("native", expected)


def test_spark_adds_up_weeks_as_one_process_does(spark: Any, tmp_path: Path) -> None:
    from adapter.spark import frames

    lines = [*sessions(300), *bookings(300), "{"]
    (tmp_path / "in.ndjson").write_text("\n".join(lines))
    found = frames.weeks(spark, RULES, frames.lines(spark, [str(tmp_path / "in.ndjson")])).collect()
    expected = sums(facts(RULES, map(str.encode, lines)))
    assert [Fact(*row) for row in found] == expected
    assert len(expected) > 10
    assert sum(fact.minutes for fact in expected) > 0


NAMED = b'{"concept": "site", "name": "Caf\xe9 \xe2\x98\x95"}'


def test_bytes_that_are_no_utf_8_make_a_bad_line_here_as_in_one_process(spark: Any, tmp_path: Path) -> None:
    from adapter.spark import frames

    (tmp_path / "in.ndjson").write_bytes(NAMED + b"\n" + NAMED.replace(b"\xe9", "\ufffd".encode()) + b"\r\n")
    made = written(spark, tmp_path / "out", "fhir", "ndjson", tmp_path / "in.ndjson")
    assert [json.loads(line)["name"] for line in made["converted"]] == ["Caf\ufffd \u2615"]
    assert [json.loads(line)["line"] for line in made["bad"]] == [NAMED.decode(errors="backslashreplace")]
    [row] = frames.weeks(spark, RULES, frames.lines(spark, [str(tmp_path / "in.ndjson")])).collect()
    assert Fact(*row) == Fact(bad=2)


@pytest.mark.parametrize("command", [("weeks",), ("convert", "--to", "native")])
def test_what_a_command_writes_is_its_owner_s_alone(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text("\n".join(sessions(3)))
    run = [sys.executable, "-m", "adapter", "spark", *command, "--master", "local[1]", "--out", "out", "in.ndjson"]
    made = os.environ | {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    ended = subprocess.run(run, cwd=tmp_path, env=made, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    paths = [tmp_path / "out", *(tmp_path / "out").rglob("*")]
    assert len(paths) > 2
    assert {str(path) for path in paths if path.stat().st_mode & 0o077} == set()


@pytest.mark.parametrize("form", ["ndjson", "parquet"])
def test_nothing_makes_nothing(form: str, spark: Any, tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text("\n\n")
    made = written(spark, tmp_path / "out", "fhir", form, tmp_path / "in.ndjson")
    assert made == {"converted": [], "residue": [], "bad": []}
