"""What is put before the validators: fixtures, what the import of a practice system emits, and generated records."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from adapter.consent.predicate import everything
from adapter.consent.renderings import REVIEW, load_review, profile
from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump, parse
from adapter.fhir.profile_rules import ProfileRules
from adapter.fhir.query import Query
from adapter.fhir.schema import Door
from adapter.ingest.demo import demo_data
from adapter.ingest.importing import import_source
from adapter.interactions.counseling import counseling_notes
from adapter.mapping.concept import MappedConcept
from adapter.mapping.load import Maps, load
from tests.conformance.filters import Subject
from tests.conformance.plausible import Plausible
from tests.ingest.practice import opened
from tests.laws.strategies import Record, records

ROOT = Path(__file__).resolve().parents[2]
SEED = int(os.environ.get("TEST_SEED", "20261126"))
CLIENTS, OF_EACH_TYPE = 20, 10
BOOKING = "Appointment"
READER = everything("the conformance run looks at all that was imported")


@cache
def definitions() -> Definitions:
    return Definitions.load(ROOT / "profiles" / "r4")


@cache
def maps() -> Maps:
    return load(ROOT / "mappings", definitions())


def fixtures() -> Iterator[Subject]:
    """Every resource of fixtures/, those received from others too."""
    for path in sorted((ROOT / "fixtures").glob("*/*/fhir.json")):
        yield Subject(f"fixture/{path.parent.parent.name}/{path.parent.name}", parse(path.read_bytes()))


def reviewed() -> Iterator[Subject]:
    """What a payer's reviewer is told of them."""
    review = load_review(ROOT / "mappings" / "release", maps(), lambda resource, outside: 1)
    for name, resource in fixtures():
        type = resource["resourceType"]
        narrowed = resource | (
            {"participant": [*filter(_is_patients, resource["participant"])]} if type == BOOKING else {}
        )
        if type in review.parameters and (left := review.cut_of(type).whole(narrowed)):
            meta = {"profile": [profile(REVIEW, type)]}
            yield Subject(f"review/{name}", {"resourceType": type, "id": resource["id"], "meta": meta, **left})


def emitted(folder: Path) -> Iterator[Subject]:
    """Of each type, the first resources that the import of a synthetic practice's files has stored."""
    practice = demo_data(folder, clients=CLIENTS, seed=42)
    with opened(folder) as program:
        import_source(program, "bhsim", [practice])
        for type in sorted({concept.resource_type for concept in program.maps.concepts.values()}):
            found = program.store.search(READER, Query(type, count=OF_EACH_TYPE))
            for version in found.versions:
                yield Subject(f"emitted/{type}/{version.id}", parse(version.text))
        for rendering in program.store.index.renderings:
            reader = replace(READER, rendering=rendering.number)
            for type in rendering.parameters:
                for version in program.store.search(reader, Query(type, count=3)).versions:
                    yield Subject(f"emitted/{rendering.name}/{type}/{version.id}", parse(version.text))


def _is_patients(participant: Record) -> bool:
    return str(participant.get("actor", {}).get("reference", "")).startswith("Patient/")


class OurDoor:
    """Our own verdict on one resource alone: whether it is R4, fulfils what it claims, and is no counseling note."""

    def __init__(self) -> None:
        self._door = Door(definitions())
        self._profiles = ProfileRules.load(ROOT / "profiles")

    def complaints(self, resource: Record) -> list[str]:
        """Everything it refuses the resource for, as text; steps of `interactions.admission.admit`."""
        issues = self._door.check(resource) or self._profiles.check_claims(resource)
        issues = issues or counseling_notes(resource, dump(resource))
        if not issues and (concept := maps().concept_of(resource)):
            residue = concept.to_native(resource)[1]
            return [f"{found.path}: {found.reason}" for found in residue if found.policy == "refuse"]
        return [f"{issue.expression}: {issue.message}" for issue in issues]


def generated(concept: MappedConcept, count: int) -> list[Subject]:
    """Resources of whole records made from the map itself; the same for the same seed."""
    made: list[Subject] = []
    plausible = Plausible(definitions(), OurDoor().complaints)
    for turn in range(40):
        for record in _drawn(concept, max(count, 20), SEED + turn):
            said = plausible.record(concept, record) if len(made) < count else None
            if said is not None:
                name = f"generated/{concept.name}/{len(made)}"
                made.append(Subject(name, concept.to_fhir(said)))
        if len(made) == count:
            return made
    raise AssertionError(f"{concept.name}: of {40 * max(count, 20)} records the door takes {len(made)}")


def _drawn(concept: MappedConcept, count: int, first: int) -> list[Record]:
    """Records that the strategies of the laws make from a seed."""
    made: list[Record] = []

    @seed(first)
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(record=records(concept))
    def draw(record: Record) -> None:
        made.append(record)

    draw()
    return made
