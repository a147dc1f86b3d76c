"""The front of the house: hosts, mounting, health, and what refuses the start."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from adapter import app
from adapter.consent.predicate import everything
from adapter.interactions.program import Program
from adapter.problems import Problem
from adapter.settings import Settings
from adapter.web.desk import Desk
from adapter.web.dispatcher import HEADER_COST, HEADER_LIMIT
from adapter.web.insiders import Openly
from adapter.web.native import native_door
from tests.doors.people import created, patient
from tests.doors.serving import Client, client_of, opened
from tests.store.serving import place


def test_a_server_without_a_reason_to_be_open_does_not_start(program: Program) -> None:
    with pytest.raises(ValueError, match="must say why"):
        app.asgi(program, open_reason="")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "clinic.example"])
def test_an_open_server_listens_on_loopback_only(host: str, tmp_path: Path) -> None:
    with opened(tmp_path, host=host) as program, pytest.raises(Problem, match="loopback only"):
        app.asgi(program, open_reason="a test")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_has_several_names(host: str, tmp_path: Path) -> None:
    with opened(tmp_path, host=host) as program:
        assert app.asgi(program, open_reason="a test")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("LOCALHOST:99", 200),
        ("[::1]:8000", 200),
        ("", 400),
        ("rebound.example", 400),
        ("127.0.0.1.rebound.example", 400),
        ("localhost.rebound.example:8000", 400),
    ],
)
def test_the_server_answers_under_its_own_names_only(client: Client, host: str, status: int) -> None:
    assert client("GET", "/health", headers={"Host": host}).status == status


async def raw(client: Client, headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    """Status and body of a request for the server's health with exactly these headers."""
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "http", "method": "GET", "path": "/health", "query_string": b"", "headers": headers}
    await client.served(scope, receive, send)
    return said[0]["status"], said[1]["body"]


@pytest.mark.parametrize("second", [b"localhost", b"rebound.example"])
def test_a_request_that_names_two_hosts_is_refused(client: Client, second: bytes) -> None:
    host = (b"host", b"localhost")
    assert asyncio.run(raw(client, [host]))[0] == 200
    status, body = asyncio.run(raw(client, [host, (b"host", second)]))
    assert (status, json.loads(body)["issue"][0]["expression"]) == (400, ["Host"])


@pytest.mark.parametrize("pretty", [("?_pretty=true", b""), ("", b"_pretty=true"), ("?_pretty=true", b"_pretty=true")])
def test_a_search_by_form_is_printed_for_the_eye_too(client: Client, pretty: tuple[str, bytes]) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    query, body = pretty
    got = client("POST", f"/fhir/Patient/_search{query}", body, form)
    assert got.body.startswith(b'{\n  "resourceType": "Bundle",')
    assert client("POST", f"/fhir/Patient/_search{query}", body + b"&colour=red", form).body.startswith(b"{\n  ")


def test_headers_over_the_cap_are_refused(client: Client) -> None:
    host = (b"host", b"localhost")
    room = HEADER_LIMIT - sum(map(len, host)) - len(b"cookie") - 2 * HEADER_COST
    assert asyncio.run(raw(client, [host, (b"cookie", b"a" * room)]))[0] == 200
    status, body = asyncio.run(raw(client, [host, (b"cookie", b"a" * (room + 1))]))
    assert (status, json.loads(body)["issue"][0]["code"]) == (431, "too-long")
    assert asyncio.run(raw(client, [host, *[(b"x", b"")] * (HEADER_LIMIT // HEADER_COST)]))[0] == 431


def test_several_programs_in_one_process_share_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "a", base_url="http://127.0.0.1:8000/east/fhir") as east, opened(tmp_path / "b") as west:
        client = Client(app.asgi({"east": east, "west": west}, open_reason="a test"))
        try:
            made = client("POST", "/east/fhir/Patient", patient())
            assert made.headers["location"].startswith("http://127.0.0.1:8000/east/fhir/Patient/")
            assert client("GET", f"/east/fhir/Patient/{made.id}").status == 200
            assert client("GET", f"/east/iop/participant/{made.id}").status == 200
            assert client("GET", f"/west/fhir/Patient/{made.id}").status == 404
            assert client("GET", f"/fhir/Patient/{made.id}").status == 404
        finally:
            client.close()


def test_the_key_is_made_once_and_is_the_owners_only(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "secret"
    made = app.secret(place)
    assert (len(made), app.secret(place), os.stat(place).st_mode & 0o777) == (32, made, 0o600)
    assert [path.name for path in place.parent.iterdir()] == ["secret"]


def test_a_key_that_is_none_refuses_the_start(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(Problem, match="at least 32 bytes"):
        app.secret(tmp_path / "secret")


def test_an_acknowledged_record_is_there_after_a_restart(tmp_path: Path) -> None:
    settings = Settings(store=place(tmp_path / "iop.db"), secret_file=tmp_path / "secret")
    with app.opened(settings) as program, client_of(program) as client:
        made = created(client, patient())
    with app.opened(settings) as program, client_of(program) as client:
        assert client("GET", f"/fhir/Patient/{made.id}").body == made.body


def test_a_key_that_is_lost_is_not_made_anew(tmp_path: Path) -> None:
    settings = Settings(store=place(tmp_path / "iop.db"), secret_file=tmp_path / "secret")
    with app.opened(settings):
        pass
    (tmp_path / "secret").unlink()
    with pytest.raises(Problem, match="there is no key"), app.opened(settings):
        pass
    assert not (tmp_path / "secret").exists()


def test_a_store_refuses_another_key_than_its_own(tmp_path: Path) -> None:
    settings = Settings(store=place(tmp_path / "iop.db"), secret_file=tmp_path / "secret")
    with app.opened(settings) as program:
        assert program.store.t == 0
    (tmp_path / "secret").write_bytes(b"x" * 32)
    with pytest.raises(Problem, match="IOP_SECRET_FILE"):
        app.build(settings)


def test_the_application_starts_and_stops_when_told(program: Program) -> None:
    said: list[Any] = []

    async def run() -> None:
        orders = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

        async def receive() -> Any:
            return next(orders)

        async def send(message: Any) -> None:
            said.append(message["type"])

        await app.asgi(program, open_reason="a test")({"type": "lifespan"}, receive, send)

    collecting = gc.get_threshold()
    try:
        asyncio.run(run())
    finally:
        gc.set_threshold(*collecting)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_new_ids_are_uuids_of_version_7_in_the_order_of_time() -> None:
    new_id = app.random_ids()
    made = [new_id() for _ in range(3 * app.DRAWS)]
    assert all(str(uuid.UUID(id)) == id and uuid.UUID(id).version == 7 for id in made)
    assert all(uuid.UUID(id).variant == uuid.RFC_4122 for id in made)
    assert [id[:13] for id in made] == sorted(id[:13] for id in made)
    assert len(set(made)) == len(made)


def test_threads_never_get_the_same_id() -> None:
    new_id = app.random_ids()
    with ThreadPoolExecutor(4) as pool:
        made = [id for batch in pool.map(lambda _: [new_id() for _ in range(2_000)], range(4)) for id in batch]
    assert len(set(made)) == 8_000


def test_every_native_route_answers_by_the_writer(program: Program) -> None:
    door = native_door(program, Openly(everything("a test")), "", Desk(program.settings), lambda call, status: None)
    assert {route.endpoint.__qualname__ for route in door.routes} == {"Door.endpoint.<locals>.endpoint"}  # type: ignore[attr-defined]
    assert len(door.routes) > 100


def test_an_address_with_a_slash_at_its_end_is_another_and_is_not_there(client: Client) -> None:
    assert client("GET", "/iop/participant").status == 200
    assert client("GET", "/iop/participant/").status == 404


def test_a_server_that_can_no_longer_write_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as program, client_of(program) as client:
        assert client("GET", "/health").body == b'{"status":"pass"}'
        program.store.close()
        got = client("GET", "/health")
        assert (got.status, got.body) == (503, b'{"status":"fail"}')
