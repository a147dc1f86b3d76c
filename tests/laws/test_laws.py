"""The five laws over every concept file: a new file is tested by being there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapter.fhir.elements import Definitions
from adapter.fhir.json import same
from adapter.mapping.concept import MappedConcept
from adapter.mapping.load import load
from tests.laws import laws
from tests.laws.additions import decorated
from tests.laws.strategies import changed, records

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = Definitions.load(ROOT / "profiles" / "r4")
MAPS = load(ROOT / "mappings", DEFINITIONS)
# For each law and concept.
SHARE = settings(max_examples={"quick": 8, "ci": 35, "full": 1_000}[os.environ.get("TEST_PROOF", "quick")])
CONCEPTS = [pytest.param(concept, id=name) for name, concept in MAPS.concepts.items()]


@pytest.mark.parametrize("concept", CONCEPTS)
@SHARE
@given(data=st.data())
def test_a_record_and_its_resource_keep_the_five_laws(concept: MappedConcept, data: st.DataObject) -> None:
    """All of one case: to draw it takes longer than to look at it."""
    record = data.draw(records(concept))
    assert same(concept.to_fhir(record, park=True), concept.carefully(record, park=True))
    laws.heard(concept, record, None)
    resource, marks = data.draw(decorated(concept, DEFINITIONS, record))
    laws.untouched(concept, resource)
    laws.seen(concept, resource, marks)
    other = {"id": record["id"], **data.draw(changed(concept.shape, record))}
    assume(not laws.refused(concept, other, resource))
    laws.heard(concept, other, resource)
    laws.kept(concept, resource, marks, other)
    laws.fresh(concept, resource, marks, other)
