"""Brings a database to the schema of this code: numbered `migrations/*.sql`, each in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.resources import files

from adapter.problems import Kind, Problem
from adapter.store.connections import transaction


def migrations() -> list[tuple[int, str]]:
    """(number, text) of every migration, in order; `0001_versions.sql` is number 1."""
    folder = files(__package__).joinpath("migrations")
    named = sorted((file.name, file) for file in folder.iterdir() if file.name.endswith(".sql"))
    return [(int(name[:4]), file.read_text("utf-8")) for name, file in named]


def migrate(connection: sqlite3.Connection, steps: list[tuple[int, str]]) -> None:
    """Apply the steps that the database does not have yet.

    A kill in the middle leaves the schema of the last complete step. Problem(FAULT) when the database has a newer
    schema than these steps: an older program must not write into it.
    """
    found, known = _schema(connection), steps[-1][0]
    if found > known:
        raise Problem(Kind.FAULT, f"the database has schema {found}, this program knows {known}: start a newer program")
    for number, text in steps:
        if _schema(connection) >= number:
            continue
        with transaction(connection):
            if _schema(connection) < number:  # another process may have been quicker
                for sql in _split(text):
                    connection.execute(sql)
                connection.execute(f"PRAGMA user_version = {number}")


def _schema(connection: sqlite3.Connection) -> int:
    number: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return number


def _split(text: str) -> Iterator[str]:
    """The statements of a script; `executescript` would commit before the first one."""
    part = ""
    for line in text.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""
