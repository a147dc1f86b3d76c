"""A server in processes of its own, which tests stop, kill and start again, and what clients do to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.clients.serving import HTTP
from tests.store.serving import Cluster, programs

ROOT = Path(__file__).resolve().parents[2]
KEYS = "https://clinic.example.org/keys"
SIZES = {"quick": 0, "ci": 1, "full": 2}
Json = dict[str, Any]


def rounds(quick: int, ci: int, full: int) -> int:
    """How often a proof is made at the size that is asked for."""
    return (quick, ci, full)[SIZES[os.environ.get("TEST_PROOF", "quick")]]


def working(said: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """`iop-adapter work` with these settings."""
    with log.open("ab") as told:
        command = [sys.executable, "-m", "adapter", "work"]
        return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **said}, stdout=told, stderr=told)


class Server:
    """`iop-adapter serve` on a free loopback port, with two workers where the store is PostgreSQL."""

    def __init__(self, folder: Path, store: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}/fhir"
        self._workers = 2 if store.startswith("postgresql:") else 1
        self._log = folder / "server.log"
        self._environment = {**os.environ, "IOP_STORE": store, "IOP_SECRET_FILE": str(folder / "secret")}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns when it answers."""
        command = [sys.executable, "-m", "adapter", "serve", "--open"]
        command += ["--port", str(self.port), "--workers", str(self._workers)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if HTTP.get(f"http://127.0.0.1:{self.port}/health", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"the server did not start: {self.said()}")

    def kill(self) -> None:
        """kill -9 of all its processes."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> int:
        """Ask it to stop; answers its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(30)

    def said(self) -> str:
        """What it wrote so far."""
        return self._log.read_text()


@contextmanager
def started(folder: Path, kind: str) -> Iterator[Server]:
    """A server on an empty store of this kind; `cluster` of it is the PostgreSQL server, which it has for itself."""
    found, cluster = programs(), None
    store = str(folder / "iop.db")
    if kind == "postgresql":
        assert found is not None
        cluster = Cluster(found, safe=True)
        store = cluster.database()
    server = Server(folder, store)
    server.cluster = cluster  # type: ignore[attr-defined]
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
        if cluster is not None:
            cluster.remove()


def patient(key: str) -> Json:
    """An invented person with a key."""
    return {"resourceType": "Patient", "gender": "unknown", "identifier": [{"system": KEYS, "value": key}]}


def observation(key: str, subject: str, value: int = 0) -> Json:
    """An invented result with a key."""
    return {
        "resourceType": "Observation",
        "identifier": [{"system": KEYS, "value": key}],
        "status": "final",
        "code": {"text": "Invented"},
        "subject": {"reference": subject},
        "valueInteger": value,
    }


def packet(key: str) -> Json:
    """A transaction that makes a person and two results, unless they are there."""
    made = [("Patient", patient(key))]
    made += [("Observation", observation(f"{key}-{part}", f"urn:uuid:{_uuid(key)}")) for part in "ab"]
    entries = []
    for type, resource in made:
        said = f"identifier={KEYS}|{resource['identifier'][0]['value']}"
        entry = {"resource": resource, "request": {"method": "POST", "url": type, "ifNoneExist": said}}
        if type == "Patient":
            entry["fullUrl"] = f"urn:uuid:{_uuid(key)}"
        entries.append(entry)
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _uuid(key: str) -> str:
    return f"00000000-0000-4000-8000-{int(key.replace('-', '')):012d}"


def total(client: httpx.Client, type: str, **asked: str) -> int:
    """How many there are, counted by the server."""
    answer = client.get(f"/{type}", params={**asked, "_count": "0", "_total": "accurate"})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["total"])
