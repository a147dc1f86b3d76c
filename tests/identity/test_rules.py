"""The file of rules is refused at the start with file and line, and every refusal at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapter.identity.rules import FILE, Grade, rules_in
from adapter.problems import Problem
from adapter.settings import Settings

pytestmark = pytest.mark.storeless
SHIPPED = (Settings().mappings / FILE).read_text()
FAULTS = [
    ("prior = 17", "prior = true", "'prior' must be a number from 0 to 64"),
    ("prior = 17", "prior = 17\nfavourite = 1", "unknown section 'favourite'"),
    ("certain  = 0.99", "certain  = 1.2", "'certain' must be a number from 0 to 1"),
    ("possible = 0.1", "possible = 0.95", "each grade must begin below the one before"),
    ("possible = 0.1", "", "'possible' must be a number"),
    ("unsure       = 0.98", "unsure       = 0.995", "'unsure' must be below the least score of 'certain'"),
    ("[points.email]", "[points.e_mail]", "unknown kind of evidence 'e_mail'"),
    ("[points.email]\nsame    = 9", "", "[points.email] is missing, or no table"),
    ("postal  = 2 ", "zip     = 2 ", "unknown word 'zip'"),
    ("other   = -12", "other   = 12", "'other' must be a number from -64 to 0"),
    ("last4   = 6", "last4   = -6", "'last4' must be a number from 0 to 64"),
    ("overlap = 0.5", "overlap = 2", "'overlap' must be a number from 0 to 1"),
    ("minutes = 15", 'minutes = "15"', "'minutes' must be a number from 0 to 1440"),
    ("prior = 17", "prior = = 17", "not TOML"),
]


@pytest.mark.parametrize(("before", "after", "said"), FAULTS, ids=[said for _, _, said in FAULTS])
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert SHIPPED.count(before) == 1
    (tmp_path / FILE).write_text(SHIPPED.replace(before, after))
    with pytest.raises(Problem) as refused:
        rules_in(tmp_path)
    issue = next(issue for issue in refused.value.issues if said in issue.message)
    name, _, line = (issue.expression or "").partition(":")
    assert name == f"{tmp_path.name}/{FILE}"
    assert 1 <= int(line) <= len(SHIPPED.splitlines()) + 1


def test_a_score_has_the_grade_of_the_least_that_it_reaches() -> None:
    rules = rules_in(Settings().mappings)
    grades = [rules.grade(score) for score in (1, 0.99, 0.9899, 0.9, 0.1, 0.0999, 0)]
    certain, probable, possible, never = Grade
    assert grades == [certain, certain, probable, probable, possible, never, never]
