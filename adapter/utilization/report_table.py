"""A report as a table: a row for each figure and part, as CSV (RFC 4180) or Parquet (an extra: `pyarrow`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping

from adapter.problems import Kind, Problem
from adapter.utilization.report import Report, named_unit, number, value_of
from adapter.utilization.report_withheld import Told

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
COLUMNS = ("figure", "code", "unit", "by", "part", "value", "of", "withheld", "start", "end")
"""`code` is a billed code, or a level of care; a ratio is `value` of so many, `of`. Hours are to two decimals."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Row = tuple[str, str, str, str, str, float | None, float | None, bool, str, str]


def rows(report: Report) -> Iterator[Row]:
    """The rows, in the order of the report."""
    by = {one.code: one.by for one in report.figures}
    period = report.window.first.isoformat(), report.window.last.isoformat()
    for told in report.told:
        cell = told.cell
        value, over = (None, None) if told.withheld else _numbers(told)
        yield (
            *(cell.figure, cell.of, named_unit(cell.unit), by[cell.figure], cell.part, value, over),
            told.withheld,
            *period,
        )


def _numbers(told: Told) -> tuple[float, float | None]:
    over = told.cell.over
    return number(value_of(told.cell)), None if over is None else number(over)


def as_csv(report: Report) -> bytes:
    """UTF-8, with a line of names. A text that a spreadsheet would take for a formula has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows(report):
        writer.writerow([f"'{one}" if isinstance(one, str) and one.startswith(_FORMULA) else one for one in row])
    return out.getvalue().encode()


def as_parquet(report: Report) -> bytes:
    """One row group. Problem(NOT_ACCEPTABLE) where the extra is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise Problem(Kind.NOT_ACCEPTABLE, "this server has no Parquet: the extra `parquet` is not installed") from None
    kinds = (*[pyarrow.string()] * 5, pyarrow.float64(), pyarrow.float64(), pyarrow.bool_(), *[pyarrow.string()] * 2)
    columns = list(zip(*rows(report), strict=True)) or [()] * len(COLUMNS)
    made = [pyarrow.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    out = io.BytesIO()
    parquet.write_table(pyarrow.table(made, names=list(COLUMNS)), out)
    return out.getvalue()


TABLES: Mapping[str, Callable[[Report], bytes]] = {CSV: as_csv, PARQUET: as_parquet}
"""By media type."""
