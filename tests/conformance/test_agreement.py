"""Our door beside HL7's validator: the same mutants before both, and its recorded verdicts beside ours."""

from __future__ import annotations

import json
import os
import re

import pytest

from adapter.fhir.json import parse
from adapter.problems import Problem
from tests.conformance import tools
from tests.conformance.agreement import HERE, Judged, explained, reasons, result
from tests.conformance.conftest import Ask
from tests.conformance.defended import Defence
from tests.conformance.mutants import KINDS, mutants
from tests.conformance.recorded import Recorded, recorded
from tests.conformance.subjects import SEED, OurDoor

FOUND = tools.BUILD / "agreement.json"
# .ci/run takes a sample of the mutants: a quarter of each kind, so that it stays short. All else takes all.
SAMPLED = os.environ.get("AGREEMENT") == "sample"
whole = pytest.mark.skipif(SAMPLED, reason="counted over all mutants by `make conformance`; this run takes a sample")


@pytest.fixture(scope="session")
def judged(ask: Ask) -> list[Judged]:
    """Every mutant and every recorded case, with both verdicts; skips where HL7's validator is not here."""
    ours, defence, made = OurDoor(), Defence(), list(mutants())[:: 4 if SAMPLED else 1]
    theirs = ask("java", [mutant.subject for mutant in made])
    verdicts = [
        Judged(
            mutant.kind,
            mutant.subject.name,
            ours.complaints(mutant.subject.resource),
            [finding.message for finding in defence.left(findings)],
        )
        for mutant, findings in zip(made, theirs, strict=True)
    ]
    cases = recorded(tools.recorded_cases())
    return verdicts + [Judged("recorded", f"recorded/{case.name}", _ours(ours, case), case.errors) for case in cases]


def _ours(door: OurDoor, case: Recorded) -> list[str]:
    try:
        resource = parse(case.text)
    except Problem as problem:
        return [problem.message]
    return door.complaints(resource)


@whole
def test_there_are_five_hundred_mutants_and_a_hundred_recorded_cases(judged: list[Judged]) -> None:
    recorded_ones = sum(1 for one in judged if one.kind == "recorded")
    assert recorded_ones > 100
    assert len(judged) - recorded_ones >= 500


def test_every_disagreement_is_explained(judged: list[Judged]) -> None:
    _, left = explained(judged)
    assert not left, "\n".join(f"{one.name}: {one.cell}: {(one.ours or one.theirs)[0]}" for one in left[:40])


@whole
def test_every_explanation_was_needed(judged: list[Judged]) -> None:
    counts, _ = explained(judged)
    assert [reason.why for reason in reasons() if reason.why not in counts] == []


def test_no_mutant_that_is_faulty_by_r4_gets_past_our_door(judged: list[Judged]) -> None:
    passed = [one.name for one in judged if one.kind not in ("recorded", "extension") and not one.ours]
    assert not passed


@whole
def test_what_was_found_is_what_is_published(judged: list[Judged]) -> None:
    kept = json.loads((HERE / "agreement.json").read_bytes())
    if kept["seed"] != SEED:
        pytest.skip(f"published are the mutants of seed {kept['seed']}; these are other ones, of seed {SEED}")
    meanings = {kind.__name__: (kind.__doc__ or "").strip() for kind in KINDS}
    versions = dict(re.findall(r"<artifactId>([\w.-]+)</artifactId>\s*<version>([\w.-]+)</version>", _pom()))
    validator, cases = (f"{name} {versions[name]}" for name in ("org.hl7.fhir.validation", "fhir-test-cases"))
    meanings |= {"recorded": "Cases of HL7's own, with the verdict that it recorded."}
    found = result(judged, meanings, seed=SEED, validator=validator, cases=cases)
    FOUND.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert found == kept, f"another result: if it is right, copy {FOUND} over agreement.json and run `make docs`"


def _pom() -> str:
    return (HERE / "pom.xml").read_text("utf-8")
