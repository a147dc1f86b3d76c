"""Notifications: how long after a change its subscriber has it, at 50 changes a second; how fast a backlog drains.

A receiver in a process of its own, over loopback; the worker is in the program's process, as it is served by default.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapter import app
from adapter.fhir.dates import milliseconds
from adapter.interactions.changes import Change, Terms, apply
from adapter.interactions.program import Program
from adapter.rules import END
from adapter.settings import Settings
from adapter.store.clients import Agreement, Client
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.store.subscriptions import NOTIFY, Subscription, Subscriptions

SECONDS, RATE = 10, 50
SUBSCRIPTIONS = 20
"""Of as many addresses; each change is for one of them."""
BACKLOG = int(os.environ.get("BENCH_BACKLOG", "3000"))
"""Events that wait when the worker begins; 100,000 for the figure of the design."""
SCOPES = "system/EpisodeOfCare.rs system/Subscription.crds"
Row = tuple[str, str, float, str, str]


def receive(told: Connection, silent: bool) -> None:
    """Answers 204, and tells when each event came; or only how many, every thousand."""
    came: list[tuple[str, float]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            entries = json.loads(body)["entry"]
            if len(entries) > 1:
                came.append((entries[1]["fullUrl"].rpartition("/")[2], time.time()))
                if not silent or len(came) % 500 == 0:
                    told.send((len(came), *came[-1]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Is silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_port)
    server.serve_forever(0.1)


@contextmanager
def receiver(*, silent: bool = False) -> Iterator[tuple[str, Connection]]:
    """Its address, and what it tells."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=receive, args=(there, silent), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/", here
    finally:
        process.kill()
        process.join()


@contextmanager
def program(url: str, subscriptions: int) -> Iterator[Program]:
    """A program whose client is told at the address, of one person by each of its subscriptions."""
    with TemporaryDirectory() as folder:
        place = {"store": Path(folder) / "iop.db", "secret_file": Path(folder) / "secret"}
        with app.opened(Settings(**place, notify_networks="127.0.0.0/8")) as made:  # type: ignore[arg-type]
            now = milliseconds(made.clock())
            client = Client("ehr", "program-ehr", "ours", "EHR", SCOPES, "TREAT", None, None, True, now, False)
            client = client._replace(endpoints=url)
            agreed = Agreement("ehr", "qsoa", "A-1", now - 1, None)
            made.store.change_clients(lambda clients: (clients.add(client), clients.agree(agreed))).result()
            for n in range(subscriptions):
                about = (f"s{n}", "ehr", SCOPES, "TREAT", None, "admitted", person(n), None, None, url, "id-only")
                one = Subscription(*about, None, 10_000, 1, END, "{}", now, status="active")
                made.store.write(lambda t, one=one: Subscriptions(t.database).add(one)).result()  # type: ignore[misc]
            yield made


def person(n: int) -> str:
    return f"00000000-0000-4000-8000-{n:012d}"


def admit(made: Program, number: int, of: Callable[[int], int]) -> list[str]:
    """Write so many episodes, in one commit; their ids."""
    changes = [
        Change(
            "create",
            "EpisodeOfCare",
            resource={
                "resourceType": "EpisodeOfCare",
                "status": "active",
                "patient": {"reference": f"Patient/{person(of(n))}"},
            },
        )
        for n in range(number)
    ]
    written = made.store.write(lambda t: apply(made, t, changes, Terms(references="pending"))).result()
    return [outcome.version.id for outcome in written]


@contextmanager
def at_work(made: Program) -> Iterator[None]:
    ledger = Ledger(place_of(made.settings.store), made.clock)
    worker = app.InProcess(app.worker(app.clients(made, ledger)))
    try:
        yield
    finally:
        worker.close()
        ledger.close()


def first_delivery() -> Row:
    """From before the change is written to when the receiver has it."""
    with receiver() as (url, told), program(url, SUBSCRIPTIONS) as made, at_work(made):
        begun: dict[str, float] = {}
        start = time.time()
        for n in range(SECONDS * RATE):
            time.sleep(max(0.0, start + n / RATE - time.time()))
            at = time.time()
            begun[admit(made, 1, lambda _, n=n: n % SUBSCRIPTIONS)[0]] = at  # type: ignore[misc]
        took: list[float] = []
        while len(took) < len(begun) and told.poll(20):
            _, id, came = told.recv()
            took.append(came - begun[id])
    took.sort()
    p99 = took[int(len(took) * 0.99) - 1]
    detail = f"{len(took)} of {len(begun)} told; median {took[len(took) // 2]:.3f} s, p99 {p99:.3f} s"
    return "N1", f"first delivery at {RATE} events a second: p99, seconds", p99, "<= 2", detail


def backlog() -> Iterator[Row]:
    """The last tenth of a backlog drains as fast as the first, and memory stays as it is."""
    with receiver(silent=True) as (url, told), program(url, 1) as made:
        for at in range(0, BACKLOG, 500):
            admit(made, min(500, BACKLOG - at), lambda _: 0)
        began, before, marks = time.time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
        with at_work(made):
            while (not marks or marks[-1][0] < BACKLOG // 500 * 500) and told.poll(60):
                number, _, came = told.recv()
                marks.append((number, came))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    rates = [500 / (b - a) for (_, a), (_, b) in zip([(0, began), *marks], marks, strict=False)]
    steady = rates[-1] / max(rates[0], 1e-9)
    rate = marks[-1][0] / (marks[-1][1] - began)
    detail = (
        f"{marks[-1][0]} events of one subscription, {rate:.0f}/s, first 500 {rates[0]:.0f}/s, last {rates[-1]:.0f}/s"
    )
    yield "N2", "backlog: last rate to first", steady, ">= 0.8", detail
    yield "N3", "backlog: memory grown, MiB", grown, "flat", f"{NOTIFY} of {BACKLOG}"


def rows() -> list[Row]:
    """What `run.py` prints."""
    return [first_delivery(), *backlog()]
