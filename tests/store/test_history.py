"""Histories against a plain list of what was written: any times asked for, pages read while others write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.fhir.history import History, history_token, parse_history
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.problems import Problem
from adapter.store.version import Page

from .conftest import OPEN, SECRET, Clock, Desk, observation
from .serving import POSTGRES, listening, open_store

ONLY_A = OPEN.__class__("v.id = 'a'", OPEN.parameters)
SCOPES: list[tuple[str | None, str | None]] = [(None, None), ("Observation", None), ("Patient", None)]
SCOPES += [("Observation", id) for id in "abc"]


def asked(desk: Desk, of: tuple[str | None, str | None], *pairs: tuple[str, str]) -> History:
    """The history that a client asks for."""
    limits = Limits("http://here/fhir", 50, 200, SECRET, desk.clock())
    return parse_history(*of, pairs, desk.store.index.calendar, limits)


def pages(desk: Desk, history: History) -> Iterator[Page]:
    """Its pages, each link followed as a client would."""
    page = desk.store.history(OPEN, history)
    yield page
    while page.next:
        token = history_token(history, page.next, SECRET)
        page = desk.store.history(OPEN, asked(desk, (history.type, history.id), ("_page", token)))
        yield page


def shown(desk: Desk, of: tuple[str | None, str | None], *pairs: tuple[str, str]) -> list[tuple[str, int]]:
    """(id, version) of every entry on all its pages."""
    return [(v.id, v.version) for page in pages(desk, asked(desk, of, *pairs)) for v in page.versions]


@dataclass
class Written:
    """A version as the model knows it: when it was made and when it stopped being the newest (seconds)."""

    id: str
    version: int
    made: int
    until: int | None = None


writes = st.lists(
    st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 2)), min_size=1, max_size=25
)  # (id, whether it is deleted, seconds that pass before)


def played(desk: Desk, story: list[tuple[str, bool, int]]) -> list[Written]:
    """The story written, and what the model knows of it."""
    done: list[Written] = []
    now = 0
    for number, (id, deleted, passed) in enumerate(story):
        now += passed
        desk.clock.on(seconds=passed)
        last = next((one for one in reversed(done) if one.id == id), None)
        if deleted and (last is None or desk.store.read(OPEN, "Observation", id).deleted):  # type: ignore[union-attr]
            continue
        if deleted:
            desk.delete("Observation", id)
        else:
            desk.put(observation(id, code=f"s|{number}"))
        if last:
            last.until = now
        done.append(Written(id, last.version + 1 if last else 1, now))
    return done


@settings(deadline=None)
@given(writes, st.integers(-1, 30), st.integers(1, 4), st.integers(1, 30))
def test_a_history_shows_what_was_made_since_and_what_was_current_at(
    index: Index, story: list[tuple[str, bool, int]], time: int, width: int, count: int
) -> None:
    clock = Clock()
    start = clock.now
    store = open_store(index, clock)
    try:
        desk = Desk(store, clock)
        done = played(desk, story)
        clock.now = start
        clock.on(seconds=time)
        moment = clock.now.isoformat(timespec="seconds").replace("+00:00", "Z")
        for type, id in SCOPES:
            mine = [one for one in reversed(done) if type != "Patient" and id in (None, one.id)]
            pages = ("_count", str(count))
            assert shown(desk, (type, id), pages) == [(one.id, one.version) for one in mine]
            since = [(one.id, one.version) for one in mine if one.made >= time]
            assert shown(desk, (type, id), ("_since", moment), pages) == since
            at = [(w.id, w.version) for w in mine if w.made < time + 1 and (w.until is None or w.until > time)]
            assert shown(desk, (type, id), ("_at", moment), pages) == at
    finally:
        store.close()


@pytest.mark.parametrize("of", SCOPES[:2] + SCOPES[3:4])
def test_pages_show_every_version_once_while_others_write(desk: Desk, of: tuple[str | None, str | None]) -> None:
    for number in range(12):
        desk.put(observation("a", code=f"s|{number}"), observation("b", code=f"s|{number}"))
    expected = [(v.id, v.version) for v in desk.store.history(OPEN, asked(desk, of)).versions]
    found = []
    for page in pages(desk, asked(desk, of, ("_count", "5"))):
        found += [(version.id, version.version) for version in page.versions]
        assert page.total in (None, 12)
        desk.put(observation("a", status="amended"))
        desk.put(observation("a", status="final"))
        desk.delete("Observation", "a")
    assert found == expected
    assert len(set(found)) == len(found) >= 12


def test_the_total_is_that_of_the_record_and_counts_only_what_is_permitted(desk: Desk) -> None:
    for number in range(3):
        desk.put(observation("a", code=f"s|{number}"), observation("b", code=f"s|{number}"))
    page = desk.store.history(OPEN, asked(desk, ("Observation", "a"), ("_count", "2")))
    assert (len(page.versions), page.total) == (2, 3)
    assert desk.store.history(OPEN, asked(desk, ("Observation", None), ("_count", "2"))).total is None
    permitted = desk.store.history(ONLY_A, asked(desk, (None, None)))
    assert ({v.id for v in permitted.versions}, permitted.total) == ({"a"}, 3)
    assert desk.store.history(ONLY_A, asked(desk, ("Observation", "b"))).total == 0


@pytest.mark.parametrize(
    ("pairs", "named"),
    [
        ([("_since", "yesterday")], ["_since"]),
        ([("_since", "2026-03-01T17:00:00 05:00")], ["_since"]),
        ([("_count", "0")], ["_count"]),
        ([("_count", "-1"), ("_at", "")], ["_count", "_at"]),
        ([("_count", "2"), ("_count", "2")], ["_count"]),
        ([("_sort", "_lastUpdated")], ["_sort"]),
        ([("_page", "x"), ("_count", "2")], ["_page"]),
        ([("_page", "x")], ["_page"]),
    ],
)
def test_what_cannot_be_served_is_named(desk: Desk, pairs: list[tuple[str, str]], named: list[str]) -> None:
    with pytest.raises(Problem) as refused:
        asked(desk, ("Observation", None), *pairs)
    assert [issue.expression for issue in refused.value.issues] == named


def test_a_page_link_is_good_for_its_own_history_alone(desk: Desk) -> None:
    desk.put(observation("a"), observation("b"))
    history = asked(desk, ("Observation", None), ("_count", "1"))
    following = desk.store.history(OPEN, history).next
    assert following is not None
    with pytest.raises(Problem):
        asked(desk, ("Observation", "a"), ("_page", history_token(history, following, SECRET)))


@pytest.mark.skipif(POSTGRES, reason="SQLite's own plans")
@pytest.mark.parametrize(
    ("of", "begins"),
    [
        ((None, None), "SEARCH v USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (("Observation", None), "SEARCH v USING INDEX version_type (type=? AND rowid>? AND rowid<?)"),
        (("Observation", "a"), "SEARCH v USING INDEX version_key (type=? AND id=? AND rendering=?)"),
    ],
)
def test_a_page_walks_one_index_in_order(desk: Desk, of: tuple[str | None, str | None], begins: str) -> None:
    desk.put(observation("a"), observation("b"))
    with desk.store._asked() as database, listening(database) as said:
        desk.store.history(OPEN, asked(desk, of, ("_since", "2026-03-01"), ("_at", "2026-03-01")))
    [paged] = [sql for sql in said if "v.body" in sql]
    steps = [step for *_, step in desk.rows(f"EXPLAIN QUERY PLAN {paged}")]
    assert steps == [begins]
