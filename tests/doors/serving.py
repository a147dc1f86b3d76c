"""A program in memory and a client that calls its ASGI application directly, for tests of every door."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from adapter import app
from adapter.fhir.elements import Definitions
from adapter.fhir.schema import Door
from adapter.interactions.program import Program
from adapter.mapping.load import Maps, load
from adapter.released import Predicate
from adapter.settings import Settings
from adapter.web.access import Anyone
from adapter.web.call import GONE
from adapter.web.dispatcher import Dispatcher, doors
from adapter.web.hosts import allowed_hosts
from adapter.web.insiders import Openly
from adapter.web.watch import Watch
from tests.store.serving import place

FHIR = "application/fhir+json"
BASE = "http://127.0.0.1:8000/fhir"
Json = dict[str, Any]


@cache
def parts() -> tuple[Definitions, Maps]:
    """The R4 definitions and the shipped maps, loaded once."""
    settings = Settings()
    definitions = Definitions.load(settings.profiles / "r4")
    return definitions, load(settings.mappings, definitions)


@cache
def door() -> Door:
    """Tells whether what we answer is valid R4."""
    return Door(parts()[0])


class Clock:
    """A clock that goes one second further each time it is read, so that nothing depends on the time of the test."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def counted_ids(first: int = 1) -> Callable[[], str]:
    """Ids in the form of UUIDs that count up."""
    numbers = itertools.count(first)
    return lambda: f"00000000-0000-7000-8000-{next(numbers):012x}"


@contextmanager
def opened(
    folder: Path, first_id: int = 1, clock: Callable[[], datetime] | None = None, **changes: Any
) -> Iterator[Program]:
    """A program that forgets everything when closed."""
    key = folder / "secret"
    if not key.exists():
        key.parent.mkdir(parents=True, exist_ok=True)
        key.write_bytes(os.urandom(app.SECRET_BYTES))
    settings = Settings(store=place(folder / "iop.db"), secret_file=key, **changes)
    ids = counted_ids(first_id)
    program = app.assemble(settings, *parts(), clock=clock or Clock(), new_id=ids, durable=False)
    try:
        yield program
    finally:
        program.store.close()


def served(program: Program, predicate: Predicate) -> Dispatcher:
    """The program as the readers under a predicate see it."""
    watch, anyone = Watch(program.settings), Anyone(predicate)
    return Dispatcher(
        {"": doors(program, anyone, Openly(predicate), "", watch)}, allowed_hosts(program.settings), watch
    )


@dataclass
class Got:
    """An answer as the client saw it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def id(self) -> str:
        """The id of the resource or document in the body."""
        return str(self.json["id"])

    @property
    def codes(self) -> list[str]:
        """The issue codes of an OperationOutcome."""
        return [issue["code"] for issue in self.json["issue"]]

    @property
    def expressions(self) -> list[str]:
        """Every expression of an OperationOutcome."""
        return [place for issue in self.json["issue"] for place in issue.get("expression", ())]


class Client:
    """Sends requests to an ASGI application on a loop of its own; close it when done."""

    def __init__(self, served: Dispatcher) -> None:
        self.served = served
        self.meanwhile: Callable[[Json], object] | None = None
        """Done in a thread with each message of an answer, before the message is taken."""
        self.gone = False
        """Whether it went away."""
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """Stop the server, end the loop and its threads."""
        self.served.close()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def __call__(self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Got:
        """One request. A body that is not bytes is sent as JSON of the kind that the address takes."""
        return self._loop.run_until_complete(self.send(method, url, body, headers))

    def together(self, requests: list[tuple[str, str, Any, dict[str, str]]]) -> list[Got]:
        """Many requests at once."""

        async def all_of_them() -> list[Got]:
            return await asyncio.gather(*(self.send(*request) for request in requests))

        return self._loop.run_until_complete(all_of_them())

    async def send(self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Got:
        """One request, awaited."""
        parts = urlsplit(url)
        said = {"host": "127.0.0.1:8000"} | {name.lower(): value for name, value in (headers or {}).items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            said.setdefault("content-type", FHIR if "/fhir" in parts.path else "application/json")
        messages: list[Json] = []
        waiting = [{"type": "http.request", "body": body or b"", "more_body": False}]

        async def receive() -> Json:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if self.meanwhile is not None:
                await asyncio.to_thread(self.meanwhile, message)
            messages.append(message)

        state = {GONE: lambda: self.gone}
        await self.served(_scope(method, parts.path, parts.query, said) | {"state": state}, receive, send)
        start, *rest = messages
        return Got(
            start["status"],
            {name.decode(): value.decode() for name, value in start["headers"]},
            b"".join(message["body"] for message in rest),
        )


def _scope(method: str, path: str, query: str, headers: Mapping[str, str]) -> Json:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }


@contextmanager
def client_of(program: Program) -> Iterator[Client]:
    """A client of the program's doors, for a reader who may see all."""
    client = Client(app.asgi(program, open_reason="a test"))
    try:
        yield client
    finally:
        client.close()
