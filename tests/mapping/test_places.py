"""A finding about native fields is told at the FHIR element of the field, with the indexes of the resource."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.elements import Definitions
from adapter.fhir.json import parse
from adapter.mapping.load import Maps, load
from adapter.mapping.places import element_place

CASES = [
    ("authorization_request/received-conflict", "services[0].diagnoses", "Claim.item[0].diagnosisSequence"),
    ("screening/received-answers", "items[2].answer", "Observation.component[2].value"),
    ("care_team/received-us-core", "members[2].role", "CareTeam.participant[2].role"),
    ("care_team/received-us-core", "members", "CareTeam.participant"),
    ("session/received-ehr", "ended_at", "Encounter.period.end"),
    ("session/received-ehr", "no_such_field", "Encounter"),
]


@pytest.fixture(scope="module")
def shipped(root: Path) -> Maps:
    return load(root / "mappings", Definitions.load(root / "profiles" / "r4"))


@pytest.mark.parametrize(("case", "field", "place"), CASES)
def test_a_field_is_told_as_its_element(shipped: Maps, root: Path, case: str, field: str, place: str) -> None:
    concept: Any = shipped.concepts[case.partition("/")[0]]
    resource = parse((root / "fixtures" / case / "fhir.json").read_bytes())
    assert element_place(concept.shape, resource, field) == place


def test_every_field_of_every_shipped_concept_has_an_element(shipped: Maps) -> None:
    for concept in shipped.concepts.values():
        shape = getattr(concept, "shape", None)
        for name in shape.names if shape else ():
            bare = {"resourceType": concept.resource_type}
            place = element_place(shape, bare, name)
            assert place.startswith(f"{concept.resource_type}."), (concept.name, name)
            assert concept.field_at(place) is not None, (concept.name, name, place)
