"""Law: no statement that leads to a record goes round the predicate, and it is applied before limits and counts."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from adapter.released import Predicate
from adapter.store.statements import narrowed

from .conftest import OPEN, Desk, observation, put
from .serving import listening

RECORDS = re.compile(
    r"\b(?:FROM|JOIN)\s+(version|token|moment|parked|pending|unmapped|superseded|\{\})(?![a-z_])", re.IGNORECASE
)

# The only statements that may read records or index rows without a predicate, each with its reason.
UNNARROWED = {
    "head": "a part of statements that are narrowed",
    "current": "the writer looks at the record it is about to write; what it answers a client is checked by the caller",
    "currents": "`current` for many records at once",
    "holders": "consequences and uniqueness inside the commit must see every record, also one the client may not see",
    "referrers": "a deletion lists every reference to what it deletes, also those of records the client may not see",
    "values": "plans a search: the values found only become conditions of a statement that is narrowed",
    "any_pending": "a yes or no for the writer",
    "says": "a yes or no for whoever starts the program, about a code that the maps have lost",
    "stale": "upkeep: drops index rows of old versions, answers nobody",
    "indexed": "upkeep: rebuilds the index, answers nobody",
    "place_deletions": "upkeep: rebuilds the index, answers nobody",
    "grounds": "of records that were found under the predicate: on which consent they were shown",
    "pointing_to": "a screen with two results of one test is parked, be it hidden or not; only staff are told",
    "unmapped_of_nobody": "all that names a Patient who is joined goes along; what is told of it is narrowed after",
    "act_unlisted": "verifies the chain of acts for whoever keeps the store; a yes or no",
    "unsigned": "verifies the chain of acts for whoever keeps the store; a yes or no",
    "patients_of": "narrows a privacy officer's search of the ledger to the patients of a record",
    "labels": "the writer looks at the record it is about to write",
    "naming": "the writer labels those who name what it writes, answers nobody",
    "naming_any": "upkeep: labels those who name another record, answers nobody",
    "differing_labels": "upkeep: labels all versions of a record alike, answers nobody",
    "labels_of": "upkeep: labels all versions of a record alike, answers nobody",
    "ties_of": "explains a decision to staff; the record that it is about is narrowed",
    "acts_on": "who wrote a record; what is shown of an act is narrowed by `written`",
    "waiting": "a record that comes may be another person's than those that wait for it think; only staff are told",
    "seen_otherwise": "upkeep: makes what others see of records anew, answers nobody",
    "rendered_types": "upkeep: makes what others see of records anew, answers nobody",
    "act_size": "a number, for whoever may see all of them",
    "newest": "the numbers from which the writer goes on, and to which a history goes",
    "resume": "how far a restored store has come, answers nobody",
    "stretch": "a number, up to which a statement that is narrowed looks",
    "consents_since": "of whom all is new in an export that is narrowed",
    "changed_after": "whom something is about that has changed; a push of it is narrowed, and whoever is seen is asked",
    "last_live": "where a Task stood before it was deleted, for the table of moves",
    "own_now": "the writer labels anew what it is about to write",
    "sent_without": "a yes or no for the writer: whether a sender has since said nothing of a label",
    "texts": "what the privacy officer, who sees all, takes a label back of",
    "deleted_stretch": "turns the numbers of deletions into stretches, of which each is narrowed when it is read",
    "at_or_after": "turns a time into a number, from which a history that is narrowed begins",
}
# Python that composes statements: every other string with FROM and a table is a mistake.
QUERIES = Path(__file__).resolve().parents[2] / "adapter" / "store" / "queries"
COMPOSED = {"adapter/store/composer.py", "adapter/store/terms.py", "adapter/store/bounds.py"}
# For whoever keeps the store: all of it goes to a file of his, or is compared and told of by type and id.
COMPOSED |= {"adapter/store/backup.py", "adapter/store/check.py"}
# The one other place: what the predicate itself asks.
COMPOSED |= {f"adapter/consent/{name}.py" for name in ("predicate", "permits", "care", "referrers", "outsiders")}
COMPOSED |= {"adapter/consent/naming.py", "adapter/consent/principal.py"}
PYTHON = {
    ("adapter/store/upkeep.py", "DELETE FROM "): "rebuilding the index empties it first",
    ("adapter/store/postgres_connection.py", ") SELECT * FROM unnest("): "the rows that are inserted",
    ("adapter/store/postgres_connection.py", "SELECT count(*) FROM pg_stat_activity"): "who else is there",
    ("adapter/store/postgres_connection.py", "SELECT 1 FROM pg_catalog"): "whether there are tables",
    ("adapter/store/postgres_sql.py", "JOIN LATERAL"): "a way to say a join, whose statement is narrowed outside it",
    ("adapter/store/postgres_connection.py", "SELECT coalesce(max(number), 0) FROM migration"): "the schema's number",
}


def test_every_fixed_statement_that_reads_records_is_narrowed_or_listed() -> None:
    texts = [(path.stem, path.read_text()) for path in QUERIES.rglob("*.sql")]
    reading = [(name, text) for name, text in texts if re.search(r"\bSELECT\b", text) and RECORDS.search(text)]
    assert {name for name, text in reading if "{predicate}" not in text} == set(UNNARROWED)
    assert {"read", "vread", "parked", "unmapped", "pending", "totals"} <= {name for name, _ in reading}


def test_each_select_inside_a_statement_is_narrowed_of_its_own() -> None:
    for path in QUERIES.rglob("*.sql"):
        text = path.read_text()
        # Which version is the newest is no matter of consent: the row that it leads to is narrowed.
        text = text.replace("v.vid = (SELECT w.vid FROM version w", "")
        # A subquery of a join leads to nothing that is not narrowed outside it.
        text = re.sub(r"LATERAL \((?:[^()]|\([^()]*\))*\)", "", text)
        # Whether there are other versions of a record that is narrowed tells of no other record.
        text = re.sub(r"EXISTS \(SELECT 1 FROM version (\w) WHERE \1\.type = v\.type AND \1\.id = v\.id", "", text)
        if "{predicate}" in text:
            selects = [found for found in RECORDS.finditer(text) if found[0].upper().startswith("FROM")]
            assert text.count("{predicate}") == max(1, len(selects)), path.name


def test_sql_is_written_in_the_store_only_and_composed_in_two_modules(root: Path) -> None:
    strays = []
    for path in sorted((root / "adapter").rglob("*.py")):
        name = path.relative_to(root).as_posix()
        for text in _strings(path):
            if (
                name not in COMPOSED
                and re.search(r"\bFROM\b", text)
                and (RECORDS.search(text + " {}") or "SELECT" in text)
            ):
                strays.append((name, text))
    allowed = {key for key in PYTHON if any(name == key[0] and text.startswith(key[1]) for name, text in strays)}
    assert allowed == set(PYTHON)
    assert [
        stray
        for stray in strays
        if not any(stray[0] == name and stray[1].startswith(text) for name, text in PYTHON)
        and not stray[0].startswith("adapter/ingest/")
    ] == []


def _strings(path: Path) -> list[str]:
    """Every string of a module that is not a docstring."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


SEARCHES = [
    (),
    (("code", "1"),),
    (("code", "1,2"),),
    (("code", "http://loinc.example|"),),
    (("status:not", "final"),),
    (("_id", "a,b"),),
    (("date", "ge2026-02"),),
    (("date", "2026"), ("patient", "p1")),
    (("_sort", "_lastUpdated"),),
    (("_sort", "status"),),
    (("_lastUpdated", "ge2020"),),
    (("category:missing", "true"),),
    (("patient", "p1"), ("_sort", "_lastUpdated")),
    (("value-quantity", "gt1"),),
    (("combo-code", "1"),),
]


@pytest.mark.parametrize("pairs", SEARCHES)
def test_every_statement_of_a_search_that_reads_a_body_or_counts_holds_the_predicate(
    desk: Desk,
    pairs: tuple[tuple[str, str], ...],
) -> None:
    desk.put(*(observation(f"o{number}", code=f"loinc|{number % 3}") for number in range(6)))
    query = replace(desk.query("Observation", *pairs), total=True, count=2)
    permitted = Predicate("TRUE /* permitted */", {})
    with desk.store._asked() as database, listening(database) as asked:
        desk.store.search(permitted, query)
        desk.store.count(permitted, query)
    listed = {path.read_text().partition("\n")[0] for path in QUERIES.rglob("*.sql") if path.stem in UNNARROWED}
    reading = [sql for sql in asked if RECORDS.search(sql) and sql.partition("\n")[0] not in listed]
    assert reading
    for sql in reading:
        arms = len(re.findall(r"\bUNION\b", sql)) + 1
        assert sql.count("/* permitted */") == arms, sql


@pytest.mark.parametrize("pairs", SEARCHES)
def test_what_is_hidden_is_neither_shown_nor_counted_nor_a_gap_in_a_page(
    desk: Desk, pairs: tuple[tuple[str, str], ...]
) -> None:
    desk.put(
        *(observation(f"o{number:02}", status="amended", categories=()) for number in range(12)),
        observation("a"),
        observation("b"),
    )
    some = Predicate("v.id > :c_after", {"c_after": "o05"})
    query = desk.query("Observation", *pairs)
    seen = {version.id for version in desk.store.search(some, query).versions}
    all_seen = {version.id for version in desk.store.search(OPEN, query).versions}
    assert seen == {id for id in all_seen if id > "o05"}
    assert desk.store.count(some, query) == len(seen)
    page = desk.store.search(some, replace(query, count=3, total=True))
    assert len(page.versions) == min(3, len(seen))
    assert page.total == len(seen)


def test_a_hidden_record_is_absent_from_reads_and_lists(desk: Desk) -> None:
    waiting = {"parked": [("code", "odd")], "references": [("Observation.subject", "Patient", "p1")]}
    desk.do(lambda transaction: put(transaction, observation("a"), None, **waiting))
    nothing = Predicate("v.id <> :c_hidden", {"c_hidden": "a"})
    assert desk.store.read(nothing, "Observation", "a") is None
    assert desk.store.vread(nothing, "Observation", "a", 1) is None
    assert desk.store.parked(nothing) == desk.store.unmapped(nothing) == desk.store.pending(nothing) == []
    assert sum(desk.store.totals(nothing)) == 0
    assert sum(desk.store.totals(OPEN)) == 3


def test_hiding_the_newest_version_does_not_show_an_older_one(desk: Desk) -> None:
    desk.put(observation("a"))
    desk.put(observation("a"))
    first_only = Predicate("v.version = 1", {})
    assert desk.store.read(first_only, "Observation", "a") is None
    assert desk.store.search(first_only, desk.query("Observation")).versions == []


def test_a_statement_without_a_place_for_the_predicate_cannot_be_narrowed() -> None:
    with pytest.raises(LookupError, match="no place for a predicate"):
        narrowed("current", OPEN)
