"""The document of a referral out of the program, before validators that we did not write."""

from __future__ import annotations

import pytest

from tests.conformance.conftest import MAKERS, Ask
from tests.conformance.defended import Defence
from tests.conformance.filters import Subject
from tests.doors.test_guarded import placed
from tests.journeys.test_aftercare import partner
from tests.journeys.test_aftercare_document import full, made
from tests.journeys.test_aftercare_pair import person


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """A document with a section of each kind that a referral can have."""
    with placed(tmp_path_factory.mktemp("document")) as place:
        partner(place, "clinic")
        who = person(place)
        place.consent(who)
        return Subject("document/aftercare", made(place, full(place, who)).json)


@pytest.mark.parametrize("validator", MAKERS)
def test_a_validator_that_we_did_not_write_finds_no_error_that_is_not_explained(
    validator: str, written: Subject, ask: Ask, defence: Defence
) -> None:
    [found] = ask(validator, [written])
    left = list(defence.left(found))
    assert not left, "\n".join(f"{one.place}: {one.message}" for one in left[:40])
