"""Z13: a client that goes away in the middle of an answer leaves its row in the ledger, marked, and nothing else."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import uvicorn

from adapter import app
from adapter.consent.predicate import everything
from adapter.server import configured
from adapter.store.ledger_places import opened_ledger
from tests.doors.clients import register, token_of
from tests.doors.serving import Client, Clock, opened, served

STEP = 1 << 20


class Still(Clock):
    """Stands, so that a token lasts for as long as the test does."""

    def __call__(self) -> object:  # type: ignore[override]
        return self.now


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, str, Path]]:
    """(port, token, store) of a server with 24 megabytes of records."""
    with opened(folder, clock=Still()) as program, socket.create_server(("127.0.0.1", 0)) as listener:  # type: ignore[arg-type]
        staff = Client(served(program, everything("staff")))
        data = base64.b64encode(bytes(STEP)).decode()
        for _ in range(18):
            made = staff("POST", "/fhir/Binary", {"resourceType": "Binary", "contentType": "image/png", "data": data})
            assert made.status == 201, made.body
        register(program, "own", "program-ehr", "system/*.rs", agreement="qsoa")
        with closing(Client(app.asgi(program))) as asking:
            token = token_of(asking, program, id="own", form={"scope": "system/*.rs"})
        dispatcher = app.asgi(program)
        server = uvicorn.Server(configured(dispatcher))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until = time.monotonic() + 30
            while not server.started and time.monotonic() < until:
                time.sleep(0.01)
            yield listener.getsockname()[1], token, Path(str(program.settings.store))
        finally:
            server.should_exit = True
            thread.join(30)
            staff.close()


def asked(port: int, token: str, url: str) -> socket.socket:
    """A connection on which this was asked, with little room for the answer."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    said = f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    connection.sendall(said.encode())
    return connection


def rows(store: Path) -> tuple[int, int]:
    """How many disclosures there are, and how many were interrupted."""
    with opened_ledger(store) as ledger:
        disclosed, interrupted = (
            ledger.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("disclosure", "interrupted")
        )
    return disclosed, interrupted


def test_an_answer_whose_reader_goes_away_is_marked(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, token, store):
        url = "/fhir/Binary?_count=20"
        with asked(port, token, url) as patient:
            whole = 0
            while part := patient.recv(STEP):
                whole += len(part)
        assert whole > 18 * STEP
        assert rows(store) == (1, 0)
        with asked(port, token, url) as hasty:
            assert hasty.recv(1_000).startswith(b"HTTP/1.1 200")
        until = time.monotonic() + 10
        while rows(store) != (2, 1) and time.monotonic() < until:
            time.sleep(0.05)
        assert rows(store) == (2, 1)
        with asked(port, token, "/fhir/Binary?_summary=count") as after:
            assert after.recv(1_000).startswith(b"HTTP/1.1 200")
