"""Pages: every match once, at the logical time of the first page, whatever is written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapter.fhir.index import Index
from adapter.fhir.parameters import page_token
from adapter.fhir.query import Query
from adapter.problems import Problem
from adapter.store.version import Page

from .conftest import OPEN, SECRET, Clock, Desk, observation
from .serving import open_store


def pages(desk: Desk, query: Query) -> Iterator[Page]:
    """The pages of a search, each link followed as a client would."""
    page = desk.store.search(OPEN, query)
    yield page
    while page.next:
        token = page_token(query, page.next, SECRET)
        page = desk.store.search(OPEN, desk.query(query.type, ("_page", token)))
        yield page


SORTS = [
    (),
    (("_sort", "date"),),
    (("_sort", "_lastUpdated"),),
    (("_sort", "-_lastUpdated"),),
    (("_sort", "-status,_id"),),
]
NARROW = [(), (("code", "1"),), (("code", "1,2"),), (("date", "ge2026-02"),), (("status", "final"), ("patient", "p1"))]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("terms", NARROW)
def test_pages_show_every_match_once_while_records_come_go_and_change(
    desk: Desk,
    sort: tuple[tuple[str, str], ...],
    terms: tuple[tuple[str, str], ...],
) -> None:
    # Many share one date, so the version number must break the tie.
    desk.put(
        *(
            observation(f"o{n:02}", f"2026-02-{n % 3 + 1:02}", f"loinc|{n % 2 + 1}", "final" if n % 4 else "amended")
            for n in range(40)
        )
    )
    query = desk.query("Observation", *terms, *sort, ("_count", "7"))
    expected = [version.id for version in desk.store.search(OPEN, desk.query("Observation", *terms, *sort)).versions]
    found = []
    for number, page in enumerate(pages(desk, query)):
        found += [version.id for version in page.versions]
        desk.delete("Observation", f"o{number:02}")
        desk.put(
            observation(f"o{39 - number:02}", "2026-02-03", "loinc|1"),
            observation(f"new{number}", "2026-02-02", "loinc|1"),
        )
        assert page.t == 1
    assert found == expected
    assert len(found) == len(set(found)) > 7


def test_the_last_page_has_no_link_even_when_it_is_full(desk: Desk) -> None:
    desk.put(*(observation(f"o{number}") for number in range(4)))
    sizes = [len(page.versions) for page in pages(desk, desk.query("Observation", ("_count", "2")))]
    assert sizes == [2, 2]


def test_a_total_stays_that_of_the_first_page(desk: Desk) -> None:
    desk.put(*(observation(f"o{number}") for number in range(5)))
    totals = []
    for page in pages(desk, desk.query("Observation", ("_count", "2"), ("_total", "accurate"))):
        totals.append(page.total)
        desk.put(observation(f"new{len(totals)}"))
    assert totals == [5, 5, 5]


def test_a_link_keeps_the_concept_of_its_search(desk: Desk) -> None:
    desk.put(*(observation(f"a{number}") for number in range(3)), concept="a")
    desk.put(*(observation(f"b{number}") for number in range(3)), concept="b")
    query = desk.query("Observation", ("_count", "2"))
    query = type(query)(**{name: getattr(query, name) for name in query.__slots__} | {"concept": "a"})
    assert [version.id for page in pages(desk, query) for version in page.versions] == ["a2", "a1", "a0"]


def test_a_link_expires_when_the_rows_it_needs_are_gone(desk: Desk) -> None:
    desk.put(*(observation(f"o{number}") for number in range(4)))
    query = desk.query("Observation", ("_count", "2"))
    link = desk.store.search(OPEN, query).next
    assert link is not None
    asked = desk.query("Observation", ("_page", page_token(query, link, SECRET)))
    desk.put(observation("o0", status="amended"))
    desk.clock.on(minutes=14)
    desk.put(observation("o1"))
    assert [version.id for version in desk.store.search(OPEN, asked).versions] == ["o1", "o0"]
    desk.clock.on(minutes=2)
    desk.put(observation("o9"))
    desk.do(lambda transaction: None)  # the writer has rested since: upkeep is done
    with pytest.raises(Problem, match="expired") as refused:
        desk.store.search(OPEN, asked)
    assert refused.value.kind.status == 410
    assert sorted(desk.ids("Observation")) == ["o0", "o1", "o2", "o3", "o9"]


def test_a_link_of_another_store_s_future_is_refused(desk: Desk, index: Index, clock: Clock) -> None:
    desk.put(*(observation(f"o{number}") for number in range(4)))
    query = desk.query("Observation", ("_count", "2"))
    link = desk.store.search(OPEN, query).next
    assert link is not None
    younger = Desk(open_store(index, clock), clock)
    with pytest.raises(Problem, match="expired"):
        younger.store.search(OPEN, younger.query("Observation", ("_page", page_token(query, link, SECRET))))
    younger.store.close()


def test_upkeep_drops_exactly_the_rows_of_superseded_versions(desk: Desk) -> None:
    desk.put(observation("a"), observation("b"))
    counted = "SELECT (SELECT count(*) FROM token), (SELECT count(*) FROM moment), (SELECT count(*) FROM superseded)"

    def rows() -> tuple[int, ...]:
        desk.do(lambda transaction: None)  # the writer has rested since
        [counts] = desk.rows(counted)
        return counts

    before = rows()
    for number in range(3):
        desk.put(observation("a", f"2026-02-1{number}", f"loinc|{number}"))
    desk.delete("Observation", "b")
    assert rows() == (before[0] + 3 * before[0] // 2, before[1] + 3, 4)
    desk.clock.on(minutes=16)
    desk.put(observation("c"))
    assert rows() == before
    assert desk.ids("Observation") == ["a", "c"]


def test_a_link_lasts_as_long_as_said_even_when_its_rows_are_still_there(desk: Desk) -> None:
    desk.put(*(observation(f"o{number}") for number in range(4)))
    query = desk.query("Observation", ("_count", "1"))
    link = desk.store.search(OPEN, query).next
    assert link is not None
    desk.clock.on(minutes=15)
    second = desk.query("Observation", ("_page", page_token(query, link, SECRET)))
    assert [version.id for version in desk.store.search(OPEN, second).versions] == ["o2"]
    desk.clock.on(seconds=1)
    with pytest.raises(Problem, match="expired") as refused:
        desk.store.search(OPEN, desk.query("Observation", ("_page", page_token(query, link, SECRET))))
    assert refused.value.kind.status == 410
