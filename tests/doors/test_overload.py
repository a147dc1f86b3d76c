"""Too much at a time is refused with a time to come back, and what costs little goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapter.consent.predicate import everything
from adapter.interactions.program import Program
from adapter.released import Predicate

from .people import created, observation, patient, reference
from .serving import Client, Got, client_of, opened, served

# A condition that SQLite and PostgreSQL both take half a second or more over, for observations only.
SLOW = (
    "(v.type <> 'Observation' OR (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1500000)"
    " SELECT max(x) FROM c) > v.vid)"
)


@contextmanager
def slow_client(program: Program) -> Iterator[Client]:
    predicate = Predicate(SLOW, everything("a test").parameters)
    client = Client(served(program, predicate))
    try:
        yield client
    finally:
        client.close()


def in_their_order(client: Client, requests: list[tuple[str, str]]) -> list[tuple[str, Got]]:
    """What each is answered, first answers first."""
    answered: list[tuple[str, Got]] = []

    async def one(method: str, url: str) -> None:
        answered.append((url, await client.send(method, url)))

    async def all_of_them() -> None:
        await asyncio.gather(*(one(*request) for request in requests))

    client._loop.run_until_complete(all_of_them())
    return answered


def test_a_slow_search_holds_up_no_read_and_no_other_search(tmp_path: Path) -> None:
    with opened(tmp_path, statement_seconds=60) as program, client_of(program) as client:
        made = created(client, patient())
        created(client, observation(reference(made)))
        asked = [("GET", "/fhir/Observation"), ("GET", "/fhir/Patient"), ("GET", f"/fhir/{reference(made)}")]
        with slow_client(program) as slow:
            told = in_their_order(slow, asked)
        assert [url for url, _ in told][-1] == "/fhir/Observation"
        assert {got.status for _, got in told} == {200}


def test_searches_beyond_those_that_may_wait_are_told_when_to_come_back(tmp_path: Path) -> None:
    with (
        opened(tmp_path, search_threads=1, search_queue=1, statement_seconds=60) as program,
        client_of(program) as client,
    ):
        made = created(client, patient())
        created(client, observation(reference(made)))
        with slow_client(program) as slow:
            told = [got for _, got in in_their_order(slow, [("GET", "/fhir/Observation")] * 5)]
            assert slow("GET", "/fhir/Patient").status == 200
        assert Counter(got.status for got in told) == {200: 2, 503: 3}
        for got in told[:3]:
            assert (got.codes, got.headers["retry-after"]) == (["transient"], "1")


def test_bodies_beyond_what_can_be_held_are_refused_and_the_room_comes_back(tmp_path: Path) -> None:
    narrative = f'<div xmlns="http://www.w3.org/1999/xhtml">{"x" * 600_000}</div>'
    big: dict[str, Any] = patient() | {"text": {"status": "additional", "div": narrative}}
    with opened(tmp_path, bodies_limit=1 << 20) as program, client_of(program) as client:
        for _ in range(3):
            told = client.together([("POST", "/fhir/Patient", big, {})] * 3)
            assert Counter(got.status for got in told) == {201: 1, 503: 2}
            assert all(got.headers["retry-after"] == "1" for got in told if got.status == 503)
        assert created(client, big).status == 201
