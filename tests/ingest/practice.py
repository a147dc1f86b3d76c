"""A small practice for tests of the import: three clients of the synthetic practice system, to be spoilt on purpose."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from adapter import app
from adapter.consent.predicate import everything
from adapter.fhir.json import parse
from adapter.fhir.query import Query
from adapter.ingest.importing import import_source
from adapter.ingest.report import Report
from adapter.interactions.program import Program
from adapter.settings import Settings
from tests.store.serving import place

READER = everything("tests of the import look at all that it stored")
KEPT = 3


def trimmed(whole: Path, path: Path) -> Path:
    """A copy of a practice's database with its first clients only, and the staff they met."""
    path.write_bytes(whole.read_bytes())
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(f"""
            DELETE FROM individuals WHERE rowid > {KEPT};
            DELETE FROM individual_programs WHERE individual_id NOT IN (SELECT individual_id FROM individuals);
            DELETE FROM visits WHERE individual_id NOT IN (SELECT individual_id FROM individuals);
            DELETE FROM assessments WHERE individual_id NOT IN (SELECT individual_id FROM individuals);
            DELETE FROM assessment_responses WHERE assessment_id NOT IN (SELECT assessment_id FROM assessments);
            DELETE FROM assessment_scores WHERE assessment_id NOT IN (SELECT assessment_id FROM assessments);
            DELETE FROM visit_productivity WHERE visit_id NOT IN (SELECT visit_id FROM visits);
            DELETE FROM employees WHERE employee_id NOT IN (SELECT employee_id FROM visits);
            DELETE FROM employee_programs WHERE employee_id NOT IN (SELECT employee_id FROM employees);
        """)
    return path


def altered(practice: Path, path: Path, script: str) -> Path:
    """A copy of a practice's database with something done to it."""
    path.write_bytes(practice.read_bytes())
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(script)
    return path


def ask(practice: Path, sql: str) -> list[tuple[Any, ...]]:
    """What the practice's own database says."""
    with closing(sqlite3.connect(practice)) as database:
        return database.execute(sql).fetchall()


@contextmanager
def opened(folder: Path, name: str = "iop.db") -> Iterator[Program]:
    """A program with a store and a secret in this folder."""
    with app.opened(Settings(store=place(folder / name), secret_file=folder / "secret")) as program:
        yield program


def imported(program: Program, *paths: Path) -> Report:
    """The report of importing these files of the synthetic practice system."""
    return import_source(program, "bhsim", paths)


def natives(program: Program, concept: str) -> dict[str, dict[str, Any]]:
    """The live native records of a concept by their key in the practice system."""
    mapped = program.maps.concepts[concept]
    versions = program.store.search(READER, Query(mapped.resource_type, count=1_000_000, concept=concept)).versions
    records = [mapped.to_native(parse(version.text))[0] for version in versions]
    return {record["identifiers"][0]["value"]: record for record in records}


def texts(program: Program, *types: str) -> dict[tuple[str, str], bytes]:
    """The stored texts of all live resources of these types."""
    pages = [program.store.search(READER, Query(type, count=1_000_000)) for type in types]
    return {(version.type, version.id): version.text for page in pages for version in page.versions}
