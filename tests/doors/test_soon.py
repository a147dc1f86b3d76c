"""Searches that take a moment are answered by the event loop itself, and what takes longer by a thread."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event, get_ident
from time import sleep
from typing import Any

import pytest

from adapter.consent.predicate import everything
from adapter.interactions.program import Program
from adapter.interactions.search import SMALL, is_short, search, wanted
from adapter.problems import Kind, Problem
from adapter.store.connections import WAITS
from adapter.store.database import Database
from adapter.web.desk import AT_ONCE, MOMENT, Desk
from tests.store.serving import POSTGRES

from .people import created, patient
from .serving import Client, opened

on_a_file = pytest.mark.skipif(POSTGRES, reason="a question that travels is always a thread's")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with opened(tmp_path_factory.mktemp("soon")) as made:
        yield made


@pytest.fixture
def desk(program: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """On a machine that is never slow, whatever it has to do; what was slow once is so for good."""
    monkeypatch.setattr("adapter.web.desk.PROMPT", 60)
    monkeypatch.setattr("adapter.web.desk.SHARE", 1e9)
    with closing(Desk(program.settings)) as made:
        yield made


def soon(desk: Desk, program: Program, work: Callable[[], object] = lambda: None) -> bool:
    """Whether the thread that asks does the work itself."""
    done: list[int] = []

    def noted() -> None:
        done.append(get_ident())
        work()

    asyncio.run(desk.soon(noted, program.store))
    return done == [get_ident()]


def late() -> None:
    """As what the store says when a question takes too long."""
    raise Problem(Kind.OVERTIME, "this takes longer")


@pytest.mark.parametrize(
    ("name", "value", "small"),
    [
        ("_count", str(SMALL), True),
        ("_count", str(SMALL + 1), False),
        ("_include", "Observation:subject", False),
        ("_elements", "status", False),
        ("_sort", "-date", True),
        ("_sort", "code", False),
        ("subject:Patient.gender", "male", False),
        ("_has:Provenance:target:agent", "Practitioner/a", False),
        ("_id", "a", True),
        ("_id", ",".join(["a" * 60] * 20), False),
        ("_summary", "true", False),
        ("_summary", "count", True),
    ],
)
def test_many_records_and_parts_of_them_take_more(program: Program, name: str, value: str, small: bool) -> None:
    asked = wanted(program, everything("a test"), "Observation", [(name, value)], lambda query: None)
    assert (asked.small and is_short(asked.pairs)) == small


@on_a_file
def test_what_takes_a_moment_needs_no_thread(desk: Desk, program: Program) -> None:
    assert soon(desk, program)
    assert soon(desk, program)


@pytest.mark.skipif(not POSTGRES, reason="of a file a question does not travel")
def test_what_travels_is_a_thread_s(desk: Desk, program: Program) -> None:
    assert not soon(desk, program)


@on_a_file
def test_what_takes_longer_is_begun_anew_in_a_thread_and_all_that_comes_then(desk: Desk, program: Program) -> None:
    here = get_ident()
    assert not soon(desk, program, lambda: late() if get_ident() == here else None)
    assert not soon(desk, program)


@on_a_file
def test_what_was_slow_beside_the_store_makes_threads_do_what_comes_then(
    desk: Desk, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.web.desk.PROMPT", 0)
    assert soon(desk, program)
    assert not soon(desk, program)


@on_a_file
def test_what_waited_for_threads_was_not_slow(desk: Desk, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter.web.desk.PROMPT", 0)

    async def beside_a_thread() -> None:
        done = Event()
        working = asyncio.create_task(desk.ask(done.wait))
        await asyncio.sleep(0)
        await desk.soon(lambda: None, program.store)
        done.set()
        await working

    asyncio.run(beside_a_thread())
    assert soon(desk, program)


def test_a_refusal_is_answered_and_not_asked_again(desk: Desk, program: Program) -> None:
    asked = []

    def refused() -> None:
        asked.append(1)
        raise Problem(Kind.INVALID, "no")

    with pytest.raises(Problem, match="no"):
        soon(desk, program, refused)
    assert len(asked) == 1


@on_a_file
def test_who_waits_for_a_turn_hears_that_all_is_slow_by_now(desk: Desk, program: Program) -> None:
    here, on_loop = get_ident(), list[bool]()

    def slow() -> None:
        on_loop.append(get_ident() == here)
        if on_loop[-1]:
            late()

    async def all_of_them() -> None:
        works = [lambda: None] * AT_ONCE + [slow] * 2 * AT_ONCE
        await asyncio.gather(*(desk.soon(work, program.store) for work in works))

    asyncio.run(all_of_them())
    assert on_loop.count(True) == 1


@on_a_file
def test_between_a_few_of_them_there_is_room_for_others(desk: Desk, program: Program) -> None:
    turn, done = [0], Counter[int]()

    async def others() -> None:
        while done.total() < 3 * AT_ONCE:
            turn[0] += 1
            await asyncio.sleep(0)

    async def all_of_them() -> None:
        works = (desk.soon(lambda: done.update(turn), program.store) for _ in range(3 * AT_ONCE))
        await asyncio.gather(*works, others())

    asyncio.run(all_of_them())
    assert max(done.values()) == AT_ONCE


@on_a_file
def test_a_page_of_large_texts_is_given_up(program: Program, client: Client) -> None:
    """Each of its statements is of a few steps."""
    narrative = f'<div xmlns="http://www.w3.org/1999/xhtml">{"x" * 1_500_000}</div>'
    for _ in range(12):
        created(client, patient() | {"text": {"status": "additional", "div": narrative}})
    asked = wanted(program, everything("a test"), "Patient", [], lambda query: None)
    hurried = program.store.hurried(MOMENT)
    assert hurried is not None
    with hurried, pytest.raises(Problem) as told:
        search(program, everything("a test"), asked)
    assert told.value.kind is Kind.OVERTIME
    assert len(client("GET", "/fhir/Patient").json["entry"]) == 12


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """How the desk was asked, and whether for the rest of what had been written."""
    said = list[tuple[str, bool]]()
    for name in ("soon", "ask"):
        whole = getattr(Desk, name)

        async def noted(*given: Any, whole: Any = whole, due: bool = False) -> Any:
            said.append((whole.__name__, due))
            return await whole(*given, due=due)

        monkeypatch.setattr(Desk, name, noted)
    return said


@pytest.mark.parametrize(
    ("query", "way"),
    [("status=final", "soon"), ("_elements=status", "ask"), (f"status={','.join(['final'] * 200)}", "ask")],
)
def test_a_small_search_over_the_door_is_soon(
    client: Client, asked: list[tuple[str, bool]], query: str, way: str
) -> None:
    client("GET", f"/fhir/Observation?{query}")
    assert asked[:1] == [(way, False)]


def test_a_full_desk_answers_the_rest_of_a_write_and_nothing_else(
    desk: Desk, program: Program, client: Client, asked: list[tuple[str, bool]]
) -> None:
    desk.asked = desk._most
    with pytest.raises(Problem) as told:
        asyncio.run(desk.soon(lambda: 1, program.store))
    assert told.value.kind is Kind.BUSY
    assert asyncio.run(desk.soon(lambda: 1, program.store, due=True)) == 1
    asked.clear()
    read = {"request": {"method": "GET", "url": "Observation?status=final"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [read]}
    assert client("POST", "/fhir", bundle).status == 200
    assert ("soon", True) in asked


def works(database: Database) -> None:
    """Until it is told that it takes too long."""
    while True:
        database.check_time()


@on_a_file
def test_what_a_question_waits_for_others_hardly_counts(program: Program) -> None:
    """Else none would be soon answered again beside threads that work, and threads would do all that comes."""
    hurried, again = (program.store.hurried(0.05) for _ in "12")
    assert hurried is not None
    assert again is not None
    with hurried, program.store.asking() as database:
        sleep(0.1)
        database.check_time()
        with pytest.raises(Problem):
            works(database)
    with again, program.store.asking() as database:
        sleep(0.05 * WAITS)
        with pytest.raises(Problem):
            database.check_time()


@on_a_file
def test_a_thread_s_question_may_take_its_time_again(program: Program) -> None:
    hurried = program.store.hurried(MOMENT)
    assert hurried is not None
    with program.store.asking() as database:
        given = _long(database)
    with hurried, pytest.raises(Problem) as told, program.store.asking() as database:
        _long(database)
    assert told.value.kind is Kind.OVERTIME
    with program.store.asking() as database:
        assert _long(database) == given


def _long(database: Database) -> object:
    """A question of some ten milliseconds."""
    sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100000) SELECT max(x) FROM c"
    return database.execute(sql).fetchone()
