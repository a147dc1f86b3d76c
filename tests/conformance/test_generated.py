"""The full size: thousands of generated records of each concept, before the two validators that must find no error."""

from __future__ import annotations

import pytest

from tests.conformance.conftest import Ask
from tests.conformance.defended import Defence
from tests.conformance.subjects import generated, maps
from tests.conftest import FULL

COUNT = 2_000 if FULL else 20


@pytest.mark.slow
@pytest.mark.parametrize("concept", sorted(maps().concepts))
def test_no_generated_record_has_an_error_that_is_not_explained(concept: str, ask: Ask, defence: Defence) -> None:
    subjects = generated(maps().concepts[concept], COUNT)
    found = [finding for name in ("java", "medplum") for findings in ask(name, subjects) for finding in findings]
    left = defence.left(found)
    assert not left, "\n".join(f"{f.validator}: {f.subject}: {f.place}: {f.message}" for f in left[:40])
