"""The tables of views in DuckDB: as Parquet, and asked by SQL that joins them.

https://duckdb.org/docs/stable/clients/python/relational_api
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

import duckdb
import orjson

from adapter.problems import Kind, Problem
from adapter.utilization.views import Column, Row, View
from adapter.utilization.views_tables import Rows, Tell, digits

_ALONE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_TYPES = {"boolean": "BOOLEAN", "decimal": "DOUBLE"}
_TYPES |= dict.fromkeys(("integer", "integer64", "positiveInt", "unsignedInt"), "BIGINT")


def write_parquet(out: Path, rows: Rows) -> None:
    """A Parquet file; dates and times are texts as they were written, since R4 has them of any precision."""
    with _connected() as connection, _told(), _read(connection, rows) as table:
        _write(table, out)


@contextmanager
def asked(sql: str, views: Iterable[View], folder: Path, tell: Tell) -> Iterator[tuple[Found, int]]:
    """What a query finds, the views being its tables, and how many lines of the folder were bad.

    UNPROCESSABLE, in DuckDB's words, for a query that it does not understand.
    """
    bad = 0
    with _connected() as connection, _told():
        _check(sql)
        for view in views:
            rows = Rows(view, folder, tell)
            with _read(connection, rows) as table:
                table.create(view.name)
            bad += rows.bad
        yield Found(connection, sql), bad


def _check(sql: str) -> None:
    said = duckdb.extract_statements(sql)
    if [one.type for one in said] != [duckdb.StatementType.SELECT]:
        raise Problem(Kind.UNPROCESSABLE, "a query is one SELECT")


class Found:
    """The table that a query finds, each time that it is read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, sql: str) -> None:
        self._connection, self._sql = connection, sql
        self.columns = [Column(name) for name in connection.sql(sql).columns]

    def __iter__(self) -> Iterator[Row]:
        self._connection.execute(self._sql)
        while some := self._connection.fetchmany(1000):
            yield from some

    def write_parquet(self, out: Path) -> None:
        """The rows as a Parquet file."""
        _write(self._connection.sql(self._sql), out)


@contextmanager
def _connected() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB, which puts what memory does not hold where nobody else may read it, and not where the command runs; and
    which fetches no extension of itself from anywhere."""
    with TemporaryDirectory() as folder, duckdb.connect(config={"temp_directory": folder, **_ALONE}) as connection:
        yield connection


def _write(table: duckdb.DuckDBPyRelation, out: Path) -> None:
    """Into the file that is there, and is its owner's alone; by a file of its own DuckDB would make another one."""
    table.write_parquet(str(out), compression="zstd", use_tmp_file=False)


@contextmanager
def _read(connection: duckdb.DuckDBPyConnection, rows: Rows) -> Iterator[duckdb.DuckDBPyRelation]:
    """The rows as a relation, by way of a file that its owner alone may read, and that is gone in the end."""
    types = {column.name: _TYPES.get(column.type, "VARCHAR") + "[]" * column.many for column in rows.columns}
    with NamedTemporaryFile(suffix=".ndjson") as file:
        for row in rows:
            cells = {column.name: _cell(column, value) for column, value in zip(rows.columns, row, strict=True)}
            file.write(orjson.dumps(cells, default=digits) + b"\n")
        file.flush()
        yield connection.read_json(file.name, columns=types, format="newline_delimited")


def _cell(column: Column, value: Any) -> Any:
    """A value as JSON; of a column of texts as one, with all of its digits, which DuckDB would take for a number's."""
    if isinstance(value, list):
        return [_cell(column, one) for one in value]
    if column.type != "string" or value is None or isinstance(value, str):
        return value
    return orjson.dumps(value, default=digits).decode()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as wrong:
        raise Problem(Kind.UNPROCESSABLE, f"DuckDB: {wrong}") from None
