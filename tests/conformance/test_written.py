"""What the project writes, before validators that it did not write: every error is explained, or there is none.

HL7's validator and Medplum's get everything; pyrofile-validator, which takes a fifth of a second for each, gets the
fixtures, what the import emits, and one generated record of each concept.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance.conftest import MAKERS, Ask
from tests.conformance.defended import Defence
from tests.conformance.filters import Filter, Finding, Subject
from tests.conformance.subjects import emitted, fixtures, generated, maps, reviewed
from tests.conftest import PROOF

GENERATED = 1 if PROOF == "quick" else 20
Verdicts = dict[str, list[list[Finding]]]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Subject]:
    """Every fixture, a sample of everything that an import emits, and generated records of every concept."""
    of_maps = [one for concept in maps().concepts.values() for one in generated(concept, GENERATED)]
    return [*fixtures(), *reviewed(), *emitted(tmp_path_factory.mktemp("import")), *of_maps]


def for_pyrofile(subject: Subject) -> bool:
    return not subject.name.startswith("generated/") or subject.name.endswith("/0")


@pytest.fixture(scope="session")
def verdicts(filters: dict[str, Filter | str], written: list[Subject], ask: Ask) -> Verdicts:
    """What each validator that is here says; they work at the same time."""
    here = [name for name in MAKERS if isinstance(filters[name], Filter)]
    given = {name: list(filter(for_pyrofile, written)) if name == "pyrofile" else written for name in here}
    with ThreadPoolExecutor() as pool:
        answers = {name: pool.submit(ask, name, subjects) for name, subjects in given.items()}
        return {name: answer.result() for name, answer in answers.items()}


@pytest.mark.parametrize("validator", MAKERS)
def test_a_validator_that_we_did_not_write_finds_no_error_that_is_not_explained(
    validator: str, filters: dict[str, Filter | str], verdicts: Verdicts, defence: Defence
) -> None:
    if validator not in verdicts:
        pytest.skip(f"{validator}: {filters[validator]}")
    left = [finding for findings in verdicts[validator] for finding in defence.left(findings)]
    assert not left, "\n".join(f"{f.subject}: {f.place}: {f.message}" for f in left[:40])


def test_every_type_and_every_concept_is_among_what_was_looked_at(written: list[Subject]) -> None:
    counted = Counter(subject.name.split("/")[0] for subject in written)
    assert counted["generated"] == GENERATED * len(maps().concepts)
    assert {subject.name.split("/")[1] for subject in written if subject.name.startswith("fixture/")} == set(
        maps().concepts
    )
    assert counted["emitted"] > 40


def test_every_rule_of_the_defence_was_needed(verdicts: Verdicts, defence: Defence) -> None:
    if PROOF == "quick":
        pytest.skip("one generated record of each concept does not need every rule")
    for findings in verdicts.values():
        for found in findings:
            defence.left(found)
    asked = [rule for rule in defence.rules if rule.validator in verdicts and not rule.rare]
    assert [rule for rule in asked if rule not in defence.used] == []
