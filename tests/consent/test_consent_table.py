"""The consent decision table, row by row: K1 to K44."""

from __future__ import annotations

import pytest

from adapter.consent.grants import Program, grants_of
from adapter.mapping.load import Maps
from tests.consent.table import NOW, ROWS, TABLE, Row, answer, consents_of, form, grants_in, standing_of, without

DECIDED = [row for row in ROWS if "decided_by" not in row]
MISSING = [(row, missing) for row in DECIDED for missing in row.get("each_missing", ())]


def named(value: object) -> str:
    return f"{value['id']} {value['what']}" if isinstance(value, dict) else str(value)


def test_every_row_of_the_table_is_here() -> None:
    assert list(dict.fromkeys(row["id"] for row in ROWS)) == [f"K{number}" for number in range(1, 45)]


def test_every_row_is_decided_by_the_policy_or_names_who_decides() -> None:
    for row in ROWS:
        assert row["ground"]
        assert ("decided_by" in row) != ("answer" in row), row["id"]
        assert row.get("answer") in (None, "permit", "deny")
        assert (row.get("answer") == "permit") or "consent" not in row
    elsewhere = {row["id"] for row in ROWS} - {row["id"] for row in DECIDED}
    assert elsewhere == {f"K{n}" for n in (8, 18, 20, 22, 23, 24, 27, 29, 30, 32, 41, 42, 43)}


@pytest.mark.parametrize("row", [row for row in DECIDED if "each_missing" not in row], ids=named)
def test_the_policy_answers_as_the_table_says(row: Row, program: Program) -> None:
    decision = answer(row, program)
    assert (decision.permitted, decision.consent) == (row["answer"] == "permit", row.get("consent"))


@pytest.mark.parametrize(("row", "missing"), MISSING, ids=named)
def test_a_consent_that_lacks_an_element_permits_nothing_and_says_which(
    row: Row, missing: str, program: Program
) -> None:
    (whole,) = consents_of(row)
    lacking = without(whole, missing)
    assert answer(row, program, [whole]).permitted
    assert not answer(row, program, [lacking]).permitted
    grants, issues = grants_of(lacking, program)
    assert grants == ()
    assert missing.split(",")[0].partition(":")[0] in {issue.expression for issue in issues}
    assert any("2.31(a)(" in issue.message for issue in issues)


@pytest.mark.parametrize("row", [row for row in DECIDED if row["answer"] == "deny"], ids=named)
def test_what_gives_no_permission_though_it_looks_like_one_says_why(row: Row, program: Program) -> None:
    for record in consents_of(row):
        grants, issues = grants_of(record, program, standing_of(row, program.calendar))
        assert grants or issues or record["status"] != "active"


@pytest.mark.parametrize("name", TABLE["forms"])
def test_the_forms_are_consents_that_the_map_reads_whole(name: str, maps: Maps) -> None:
    concept = maps.concepts["consent"]
    record, residue = concept.to_native(concept.to_fhir(form(name)))
    assert record == form(name)
    assert not [note for note in residue if note.policy == "park"]


def test_a_table_is_read_at_one_time_only(program: Program) -> None:
    """Grants depend on no clock: the same consent gives the same rows whenever it is read."""
    row = next(row for row in DECIDED if row["id"] == "K44")
    assert grants_in(row, program) == grants_in({**row, "now": NOW}, program)
