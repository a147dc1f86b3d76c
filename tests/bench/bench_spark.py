"""Encounters converted and summed up: one process, two, and Spark with two threads, to one process as the floor.

`BENCH_ENCOUNTERS` says how many: 200,000, or say 5,000,000 where there is time. Without pyspark or Java what Spark does
is left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.spark.attendance import sessions

ROOT = Path(__file__).resolve().parent.parent.parent
NUMBER = int(os.environ.get("BENCH_ENCOUNTERS", "200000"))
SUMS = (
    "import sys; from adapter.settings import Settings; from adapter.ingest.converting import Rules;"
    " from adapter.spark.weeks import facts, sums; sums(facts(Rules.of(Settings()), open(sys.argv[1], 'rb')))"
)


def seconds(*arguments: str) -> float:
    """How long a command of the adapter takes, from its start to its end."""
    quiet = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    began = time.perf_counter()
    quietly = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=quiet, check=True, **quietly)
    return time.perf_counter() - began


def rows() -> list[tuple[str, str, float, str, str]]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "Encounter.ndjson"
        with file.open("w") as out:
            out.writelines(f"{line}\n" for line in sessions(NUMBER, episodes=max(NUMBER // 40, 1)))
        return list(_measured(folder, str(file)))


def _measured(folder: str, file: str) -> list[tuple[str, str, float, str, str]]:
    convert = ("-m", "adapter", "convert", "--to", "native", file)
    spark = ("-m", "adapter", "spark")
    local = ("--master", "local[2]", file, "--out")
    alone, summed = seconds(*convert), seconds("-c", SUMS, file)
    found = [("convert, 2 processes", seconds(*convert, "--workers", "2"), alone)]
    if find_spec("pyspark") and shutil.which("java"):
        by_spark = seconds(*spark, "convert", "--to", "native", *local, f"{folder}/c")
        found.append(("Spark convert, local[2]", by_spark, alone))
        found.append(("Spark weeks, local[2]", seconds(*spark, "weeks", *local, f"{folder}/w"), summed))
    return [
        ("scale", f"{what}, {NUMBER:,} encounters", took / floor, "< 1", f"{NUMBER / took:,.0f}/s; one {floor:.0f} s")
        for what, took, floor in found
    ]
