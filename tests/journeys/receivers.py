"""A second program over real HTTP, as the server of a partner, and a worker that does what is due now."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn

from adapter import app
from adapter.remote import backend
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.store.partners import PartnerRow, Partners
from tests.doors.clients import register
from tests.doors.serving import Clock
from tests.doors.test_guarded import OTHERS, THEIRS, Place, placed

SCOPES = "system/*.rs system/Bundle.c system/ServiceRequest.u system/Task.u"


@dataclass
class Pair:
    """A program that refers, and one that is referred to; one clock is good for both."""

    iop: Place
    clinic: Place
    clock: Clock

    def work(self, minutes: float = 0) -> None:
        """Do what is due so many minutes from now."""
        self.clock.now += timedelta(minutes=minutes)
        worked(self.iop)


def worked(place: Place) -> None:
    """Do all that is due."""
    ledger = Ledger(place_of(place.program.settings.store), place.program.clock)
    try:

        async def work() -> None:
            worker = app.worker(app.clients(place.program, ledger))
            try:
                await worker.finish()
            finally:
                await worker.end()

        asyncio.run(work())
    finally:
        ledger.close()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def six_ports() -> int:
    """The first of six ports in a row that nobody listens at."""
    for first in range(20_000 + os.getpid() * 6 % 30_000, 60_000, 6):
        with ExitStack() as held:
            try:
                for port in range(first, first + 6):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise AssertionError("no six ports are free")


@contextmanager
def running(application: Any, port: int) -> Iterator[None]:
    """An application on a port of this machine."""
    config = uvicorn.Config(application, host="127.0.0.1", port=port, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < until
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join(30)


@contextmanager
def over_http(place: Place) -> Iterator[str]:
    """The program's guarded doors on its own port; the base of its FHIR API."""
    dispatcher = app.asgi(place.program)
    try:
        with running(dispatcher, place.program.settings.port):
            yield place.program.base_url
    finally:
        dispatcher.close()


@contextmanager
def pair(folder: Path) -> Iterator[Pair]:
    """A program of ours and a clinic that runs the same; we are a facility there, and prove who we are by a key."""
    clock, key = Clock(), folder / "key.jwk"
    private = backend.new_key("ES384", None)
    backend.save(private, key)
    public = json.loads(backend.public_set(private))
    with (
        placed(folder / "clinic", clock, port=free_port()) as clinic,
        placed(folder / "iop", clock, port=free_port(), partner_networks="127.0.0.0/8") as iop,
        over_http(clinic) as base,
    ):
        register(clinic.program, "iop", "facility", SCOPES, "TREAT", jwks=public, organization=OTHERS)
        add_partner(iop, "clinic", base, client="iop", key_file=str(key))
        yield Pair(iop, clinic, clock)


def add_partner(place: Place, name: str, base: str, **more: Any) -> None:
    said = {"client": None, "key_file": None, "scope": SCOPES, "quirks": "plain", "hosts": "", **more}
    row = PartnerRow(name, said.pop("organization", THEIRS), base, **said, enabled=True, made_ms=0)
    place.program.store.write(lambda t: Partners(t.database).add(row)).result()
