"""What one resource must pass before it is stored: valid R4, and whatever profile of ours it claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.json import parse
from adapter.interactions.admission import admit
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem

Json = dict[str, Any]


@pytest.fixture
def session(root: Path) -> Json:
    made: Json = parse((root / "fixtures" / "session" / "full" / "fhir.json").read_bytes())
    return made


def test_a_claim_of_our_profile_is_held_to_it_with_every_issue_at_once(program: Program, session: Json) -> None:
    del session["episodeOfCare"], session["period"]["start"]
    with pytest.raises(Problem) as caught:
        admit(program, session)
    assert caught.value.kind is Kind.UNPROCESSABLE  # it is well formed, and says too little
    places = {issue.expression for issue in caught.value.issues}
    assert places == {"Encounter.episodeOfCare", "Encounter.period.start"}


def test_the_same_is_admitted_without_the_claim(program: Program, session: Json) -> None:
    del session["episodeOfCare"], session["meta"]
    assert admit(program, session).concept == "session"


def test_what_is_not_r4_is_told_first_and_alone(program: Program, session: Json) -> None:
    del session["episodeOfCare"]
    session["status"] = "attended"
    with pytest.raises(Problem) as caught:
        admit(program, session)
    assert [issue.expression for issue in caught.value.issues] == ["Encounter.status"]
