"""A page costs what its rows cost: the searches people make walk an index in order and sort nothing.

Told by SQLite's own plan, not by a clock. https://sqlite.org/eqp.html
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from adapter.consent.predicate import everything
from adapter.fhir.query import Cursor

from .conftest import Desk, observation
from .serving import POSTGRES, listening

OPEN = everything("a test of invented records")
Pairs = tuple[tuple[str, str], ...]
pytestmark = pytest.mark.skipif(POSTGRES, reason="SQLite's own plans")


def plan(desk: Desk, pairs: Pairs, concept: str | None = None, cursor: Cursor | None = None) -> list[str]:
    """The steps of the statement that makes the page."""
    desk.put(observation("a"), observation("b", code="loinc|2"), observation("c", code="other|1"))
    with desk.store._asked() as database, listening(database) as asked:
        desk.store.search(OPEN, replace(desk.query("Observation", *pairs), concept=concept, cursor=cursor))
    [paged] = [sql for sql in asked if "v.body" in sql]
    return [step for *_, step in desk.rows(f"EXPLAIN QUERY PLAN {paged}")]


@pytest.mark.parametrize(
    ("pairs", "begins"),
    [
        ((), "SEARCH x USING PRIMARY KEY (parameter=? AND value=?)"),
        ((("_sort", "date"),), "SEARCH x USING PRIMARY KEY (parameter=? AND value=?)"),
        ((("code", "http://loinc.example|1"),), "SEARCH x USING PRIMARY KEY (parameter=? AND value=?)"),
        (
            (("code", "http://loinc.example|1"), ("status", "final")),
            "SEARCH x USING PRIMARY KEY (parameter=? AND value=?)",
        ),
        (
            (("patient", "p1"), ("date", "ge2026-01"), ("date", "lt2026-03")),
            "SEARCH x USING PRIMARY KEY (parameter=? AND value=? AND sort<?)",
        ),
        (
            (("patient", "p1"), ("date", "2026-02")),
            "SEARCH x USING PRIMARY KEY (parameter=? AND value=? AND sort>? AND sort<?)",
        ),
        ((("date", "2026-02"),), "SEARCH x USING PRIMARY KEY (parameter=? AND sort>? AND sort<?)"),
        ((("_sort", "-_lastUpdated"),), "SEARCH v USING INDEX version_type (type=?)"),
    ],
)
def test_a_page_walks_one_index_in_order(desk: Desk, pairs: Pairs, begins: str) -> None:
    steps = plan(desk, pairs)
    assert steps[0] == begins
    assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN")]
    assert all(
        "PRIMARY KEY" in step or "INTEGER PRIMARY KEY" in step for step in steps[1:] if step.startswith("SEARCH")
    )


@pytest.mark.parametrize(
    "pairs", [(("code", "1"),), (("code", "1,2"), ("status", "final")), (("subject", "Patient/p1,Group/g"),)]
)
def test_alternatives_are_merged_in_order(desk: Desk, pairs: Pairs) -> None:
    steps = plan(desk, pairs)
    assert any(step.startswith("MERGE (UNION)") for step in steps)
    assert not [step for step in steps if "TEMP B-TREE" in step]


def test_a_later_page_begins_where_the_one_before_ended(desk: Desk) -> None:
    cursor = Cursor(1, 1772000000000, 2)
    steps = plan(desk, (("code", "http://loinc.example|1"),), cursor=cursor)
    assert steps[0] == "SEARCH x USING PRIMARY KEY (parameter=? AND value=? AND (sort,vid)<(?,?))"
    assert plan(desk, (("_sort", "_lastUpdated"),), cursor=cursor)[0] == (
        "SEARCH v USING INDEX version_type (type=? AND rowid>?)"
    )


def test_the_records_of_a_concept_are_a_walk_of_their_own(desk: Desk) -> None:
    steps = plan(desk, (), "a_concept")
    assert steps[0] == "SEARCH x USING PRIMARY KEY (parameter=? AND value=?)"
    assert not [step for step in steps if "TEMP B-TREE" in step]


def test_many_alternatives_are_looked_up_for_each_candidate_and_not_gathered_beforehand(desk: Desk) -> None:
    codes = ",".join(f"http://loinc.example|{number}" for number in range(1, 40))
    steps = plan(desk, (("code", codes),))
    assert any("CORRELATED" in step for step in steps)
    assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith(("LIST", "SCAN"))]
    assert "SEARCH y USING PRIMARY KEY (parameter=? AND value=? AND sort=? AND vid=?)" in steps


@pytest.mark.parametrize(("listed", "begins"), [("parked", "INDEX parked_patient"), ("unmapped", "PRIMARY KEY")])
def test_what_waits_for_one_person_is_found_by_that_person(desk: Desk, listed: str, begins: str) -> None:
    """A summary of a roster asks so of each member."""
    with desk.store._asked() as database, listening(database) as asked:
        getattr(desk.store, listed)(OPEN, "p1")
    [steps] = [[step for *_, step in desk.rows(f"EXPLAIN QUERY PLAN {sql}")] for sql in asked]
    assert re.match(rf"SEARCH . USING (COVERING )?{begins} \(patient=\?", steps[0]), steps
    assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN")]
