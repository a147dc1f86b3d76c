"""Brings a database to the schema of this code: numbered migrations, each in one transaction."""

from __future__ import annotations

from importlib.resources import files

from adapter.problems import Kind, Problem
from adapter.store.database import Database


def migrations(*folder: str) -> list[tuple[int, str]]:
    """(number, text) of every migration in `migrations/FOLDER`, in order; `0001_versions.sql` is number 1."""
    there = files(__package__).joinpath("migrations", *folder)
    named = sorted((file.name, file) for file in there.iterdir() if file.name.endswith(".sql"))
    return [(int(name[:4]), file.read_text("utf-8")) for name, file in named]


def migrate(database: Database, steps: list[tuple[int, str]]) -> None:
    """Apply the steps that the database does not have yet.

    A kill in the middle leaves the schema of the last complete step. Problem(FAULT) when the database has a newer
    schema than these steps: an older program must not write into it.
    """
    _check_no_newer(database, steps)
    for number, text in steps:
        if database.schema() >= number:
            continue
        with database.alone():
            if database.schema() < number:  # another process may have been quicker
                database.step(number, text)


def check_form(database: Database, folder: str = "") -> None:
    """For whoever only reads: Problem(CONFLICT) when the database does not have all steps of `migrations/FOLDER` yet,
    Problem(FAULT) when it has newer ones."""
    steps = migrations(*filter(None, (folder,)))
    _check_no_newer(database, steps)
    if (found := database.schema()) < steps[-1][0]:
        why = f"it is of an older form ({found}; this program reads {steps[-1][0]}): start the server once"
        raise Problem(Kind.CONFLICT, why, "IOP_STORE")


def _check_no_newer(database: Database, steps: list[tuple[int, str]]) -> None:
    found, known = database.schema(), steps[-1][0]
    if found > known:
        raise Problem(Kind.FAULT, f"the database has schema {found}, this program knows {known}: start a newer program")
