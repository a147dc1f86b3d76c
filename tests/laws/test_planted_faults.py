"""One planted fault for each law: a concept that breaks it, and the law's own check failing because of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from adapter.fhir.elements import Definitions
from adapter.mapping.concept import MappedConcept
from adapter.mapping.edits import clone
from adapter.mapping.load import load
from adapter.mapping.residue import Residue
from tests.laws import laws
from tests.laws.additions import decorated
from tests.laws.strategies import Record, changed, records

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = Definitions.load(ROOT / "profiles" / "r4")
SESSION = load(ROOT / "mappings", DEFINITIONS).concepts["session"]
QUICK = settings(max_examples=200, database=None, phases=[Phase.generate], report_multiple_bugs=False)


class Faulty:
    """A concept like another, save one fault."""

    def __init__(self, sound: MappedConcept) -> None:
        self.sound = sound

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sound, name)


class Restless(Faulty):
    """Breaks law 1: makes a new version of what did not change."""

    def to_fhir(self, record: Record, onto: Record | None = None, **options: bool) -> Record:
        return clone(self.sound.to_fhir(record, onto, **options))


class Deaf(Faulty):
    """Breaks law 2: loses the seconds of when a session began."""

    def to_fhir(self, record: Record, onto: Record | None = None, **options: bool) -> Record:
        resource = clone(self.sound.to_fhir(record, onto, **options))
        resource["period"]["start"] = resource["period"]["start"][:10]
        return resource


class Careless(Faulty):
    """Breaks law 3: writes every change as a fresh resource."""

    def to_fhir(self, record: Record, onto: Record | None = None, **options: bool) -> Record:
        return self.sound.to_fhir(record, None, **options)


class Stale(Faulty):
    """Breaks law 4: writes the new value over the old one and leaves the rest of the element as it was."""

    def to_fhir(self, record: Record, onto: Record | None = None, **options: bool) -> Record:
        return merged(onto or {}, self.sound.to_fhir(record, onto, **options))


class Blind(Faulty):
    """Breaks law 5: does not look inside the elements that rows own."""

    def to_native(self, resource: Record) -> tuple[Record, list[Residue]]:
        record, residue = self.sound.to_native(resource)
        return record, [note for note in residue if note.path.count(".") == 1]


def merged(old: Record, new: Record) -> Record:
    """`new` with the members of its objects that only `old` has."""
    both = {
        name: merged(old[name], value) if isinstance(value, dict) and isinstance(old.get(name), dict) else value
        for name, value in new.items()
    }
    return {**old, **both}


def untouched(concept: Any, resource: Record, marks: Any, record: Record, other: Record) -> None:
    laws.untouched(concept, resource)


def heard(concept: Any, resource: Record, marks: Any, record: Record, other: Record) -> None:
    laws.heard(concept, record, None)


def kept(concept: Any, resource: Record, marks: Any, record: Record, other: Record) -> None:
    laws.kept(concept, resource, marks, other)


def fresh(concept: Any, resource: Record, marks: Any, record: Record, other: Record) -> None:
    laws.fresh(concept, resource, marks, other)


def seen(concept: Any, resource: Record, marks: Any, record: Record, other: Record) -> None:
    laws.seen(concept, resource, marks)


def holds(law: Callable[..., None], concept: Any) -> None:
    """Run one law on cases made for the sound concept; raises AssertionError where it is broken."""

    @QUICK
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        record = data.draw(records(SESSION))
        resource, marks = data.draw(decorated(SESSION, DEFINITIONS, record))
        other = {"id": record["id"], **data.draw(changed(SESSION.shape, record))}
        assume(not laws.refused(SESSION, other, resource))
        law(concept, resource, marks, record, other)

    run()


@pytest.mark.parametrize(
    ("law", "fault"), [(untouched, Restless), (heard, Deaf), (kept, Careless), (fresh, Stale), (seen, Blind)]
)
def test_each_law_bites(law: Callable[..., None], fault: type[Faulty]) -> None:
    with pytest.raises(AssertionError):
        holds(law, fault(SESSION))
