"""The documents that leave the program, before validators that we did not write."""

from __future__ import annotations

import pytest

from tests.conformance.conftest import MAKERS, Ask
from tests.conformance.defended import Defence
from tests.conformance.filters import Subject
from tests.doors.test_guarded import placed
from tests.journeys.test_aftercare import partner
from tests.journeys.test_aftercare_document import full, made
from tests.journeys.test_aftercare_pair import person
from tests.journeys.test_concurrent_review import Story


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Subject]:
    """A referral with a section of each kind that it can have, and the packet of a concurrent review."""
    with placed(tmp_path_factory.mktemp("document")) as place:
        partner(place, "clinic")
        who = person(place)
        place.consent(who)
        referral = Subject("document/aftercare", made(place, full(place, who)).json)
    with placed(tmp_path_factory.mktemp("review")) as place:
        return [referral, Subject("document/review", Story(place).approved().json)]


@pytest.mark.parametrize("validator", MAKERS)
def test_a_validator_that_we_did_not_write_finds_no_error_that_is_not_explained(
    validator: str, written: list[Subject], ask: Ask, defence: Defence
) -> None:
    for subject, found in zip(written, ask(validator, written), strict=True):
        left = list(defence.left(found))
        assert not left, "\n".join(f"{subject.name}, {one.place}: {one.message}" for one in left[:40])
