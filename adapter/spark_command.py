"""The commands for Apache Spark: `iop-adapter spark --help` lists them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from adapter.problems import Kind, Problem
from adapter.terminal import chosen_settings, problems_told, tell

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

spark = typer.Typer(no_args_is_help=True, help="More records than one machine takes, by Apache Spark.")


class Form(StrEnum):
    """How output is written."""

    NDJSON = "ndjson"
    PARQUET = "parquet"


Paths = Annotated[
    list[str], typer.Argument(help="NDJSON files or patterns, or .parquet with a column `value`, as Spark reads them.")
]
Out = Annotated[str, typer.Option(help="A folder to be made, wherever Spark writes.")]
Written = Annotated[Form, typer.Option("--format", help="How it is written.")]
Master = Annotated[str | None, typer.Option(help="Spark's master, as local[2]; else what spark-submit says.")]


@spark.command()
def convert(
    paths: Paths,
    to: Annotated[Literal["fhir", "native"], typer.Option(help="What to make of each line.")],
    out: Out,
    format: Written = Form.NDJSON,
    master: Master = None,
) -> None:
    """Convert native records or FHIR resources into OUT/kind=converted, residue and bad; exit code 1 for bad lines."""
    with problems_told(), _session(master) as session:
        from adapter.ingest.converting import Rules
        from adapter.spark import frames

        rules = Rules.of(chosen_settings())
        frames.write(frames.conversion(session, rules, to, frames.lines(session, paths)), out, format.value)
        bad = frames.bad_lines(session, out, format.value)
    if bad:
        tell(f"bad lines: {bad}, in {out}/kind=bad")
        raise typer.Exit(1)


@spark.command()
def weeks(paths: Paths, out: Out, format: Written = Form.PARQUET, master: Master = None) -> None:
    """Sum what was attended by episode and week, of FHIR lines: minutes of sessions, what became of bookings."""
    with problems_told(), _session(master) as session:
        from adapter.ingest.converting import Rules
        from adapter.spark import frames

        added = frames.weeks(session, Rules.of(chosen_settings()), frames.lines(session, paths))
        added.write.parquet(out) if format is Form.PARQUET else added.write.json(out)


@contextmanager
def _session(master: str | None) -> Iterator[SparkSession]:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        told = "Spark needs the extra `spark` and Java 17: pip install 'iop-fhir-adapter[spark]'"
        raise Problem(Kind.NOT_SUPPORTED, told) from None
    builder = SparkSession.builder.appName("iop-adapter").config("spark.hadoop.fs.permissions.umask-mode", "077")
    session = (builder.master(master) if master else builder).getOrCreate()
    try:
        yield session
    except PySparkException as wrong:
        raise Problem(Kind.UNPROCESSABLE, f"Spark: {str(wrong).splitlines()[0]}") from None
    finally:
        session.stop()
