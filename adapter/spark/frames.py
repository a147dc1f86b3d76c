"""Conversion and weekly sums as Spark DataFrames, over NDJSON or Parquet wherever Spark reads it.

What is sent to the executors is the name of a function and the rules; they need this package and what it needs, and
neither pandas nor Arrow. https://spark.apache.org/docs/latest/api/python/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Literal

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, input_file_name
from pyspark.sql.functions import sum as total

from adapter.ingest.converting import Direction, Rules
from adapter.spark.lines import Line, converted
from adapter.spark.weeks import Fact, facts

Form = Literal["ndjson", "parquet"]

_LINES = ", ".join(f"{name} string" for name in Line._fields)
_NAMES, _NUMBERS = Fact._fields[:2], Fact._fields[2:]
_FACTS = ", ".join([*(f"{name} string" for name in _NAMES), *(f"{name} long" for name in _NUMBERS)])


def lines(spark: SparkSession, paths: Sequence[str]) -> DataFrame:
    """(value, file) of every line: of NDJSON, also gzipped, or of Parquet's column `value` where a path ends so.

    A value is its bytes: as text Spark would put U+FFFD for what is not UTF-8, and nobody would know.
    """
    kept = [path for path in paths if path.rstrip("/").endswith(".parquet")]
    others = [path for path in paths if path not in kept]
    frames = [spark.read.parquet(*kept).select("value")] if kept else []
    frames += [spark.read.text(others, lineSep="\n")] if others else []
    read = [frame.select(col("value").cast("binary"), input_file_name().alias("file")) for frame in frames]
    return read[0].union(read[1]) if len(read) > 1 else read[0]


def conversion(spark: SparkSession, rules: Rules, direction: Direction, read: DataFrame) -> DataFrame:
    """(kind, type, value) of every line: see `Line`."""
    return spark.createDataFrame(read.rdd.mapPartitions(partial(converted, rules, direction)), _LINES)


def write(made: DataFrame, out: str, form: Form) -> None:
    """A conversion in folders `kind=.../type=...`, in one pass over its lines; a folder that is there is refused."""
    writer = made.write.partitionBy("kind", "type")
    writer.parquet(out) if form == "parquet" else writer.text(out)


def bad_lines(spark: SparkSession, out: str, form: Form) -> int:
    """How many lines of a conversion that was written could not be converted."""
    # Of a folder without a line nothing else tells what its Parquet has; and text then has no kinds.
    read = spark.read.schema(_LINES).parquet(out) if form == "parquet" else spark.read.text(out)
    return read.where("kind = 'bad'").count() if "kind" in read.columns else 0


def weeks(spark: SparkSession, rules: Rules, read: DataFrame) -> DataFrame:
    """The weekly sums of FHIR lines (Encounter, Appointment), ordered by episode and week."""
    found = spark.createDataFrame(read.rdd.mapPartitions(partial(_facts, rules)), _FACTS)
    added = [total(name).alias(name) for name in _NUMBERS]
    return found.groupBy(*_NAMES).agg(*added).orderBy(*_NAMES)


def _facts(rules: Rules, rows: Iterator[Any]) -> Iterator[Fact]:
    return facts(rules, (bytes(line) for line, _ in rows))
