"""A rule was edited: days are counted again by it, once, and what is not otherwise gets no version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapter import app
from adapter.interactions.program import Program
from adapter.settings import Settings
from adapter.utilization.recounting import Recount, recount
from tests.doors.serving import client_of, opened, place
from tests.journeys.test_program_days import SHIPPED, Person, rules

__all__ = ["rules"]


@contextmanager
def kept(folder: Path, mappings: Path) -> Iterator[Program]:
    """A program whose store is there when it is opened again."""
    if not (folder / "secret").exists():
        (folder / "secret").write_bytes(os.urandom(app.SECRET_BYTES))
    settings = Settings(store=place(folder / "iop.db"), secret_file=folder / "secret", mappings=mappings)
    with app.opened(settings) as program:
        yield program


def versions(program: Program, person: Person) -> list[tuple[str, str]]:
    with client_of(program) as client:
        person.client = client
        return sorted((one["id"], one["meta"]["versionId"]) for one in person.resources())


def counted(program: Program, **more: object) -> tuple[Recount, list[str]]:
    said: list[str] = []
    return recount(program, said.append, **more), said  # type: ignore[arg-type]


def test_a_rule_that_was_edited_is_counted_by_and_only_once(tmp_path: Path, rules: Path) -> None:
    with kept(tmp_path, SHIPPED) as program, client_of(program) as client:
        person, other = Person(client), Person(client)
        person.covered("7")
        for one in (person, other):
            one.session("2026-03-02T09:00")
        assert person.units() == other.units() == {"2026-03-02": 1}
        assert counted(program)[0] == Recount(2)
        theirs = versions(program, other)
    with kept(tmp_path, rules) as program:
        before = versions(program, person)
        dry, said = counted(program, write=False)
        assert dry == Recount(2, made=1, ended=1)
        assert any("none -> 2026-03-02 12 (quarters: by the quarter of an hour)" in line for line in said)
        assert any("2026-03-02 1 (default: a day of three hours) -> none" in line for line in said)
        assert versions(program, person) == before
        assert counted(program, participant=person.id)[0] == Recount(1, made=1, ended=1)
        assert counted(program) == (Recount(2), [])
        assert versions(program, other) == theirs
        with client_of(program) as client:
            person.client = client
            assert person.units() == {"2026-03-02": 12}


def test_who_is_not_there_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as program:
        found, said = counted(program, participant="nobody")
        assert found == Recount(1, refused=1)
        assert said == ["Patient/nobody: there is no such participant"]
