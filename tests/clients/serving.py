"""A server as a client meets it: a process of its own on a free loopback port, with invented records."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.store.serving import place

ROOT = Path(__file__).resolve().parents[2]
# Documents that hold what the server computes or names itself: they are read so, and not taken back as they stand.
COMPUTED = {"authorization", "drug_screen", "group_meeting", "service", "session"}
# This one names two people, to show what is made of it.
ODD = {("treatment_plan", "full")}
START_SECONDS = 30
HTTP = httpx.Client(timeout=START_SECONDS, limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)
"""For what is asked by hand: a client of its own each time would read all certificates of the web each time."""


@dataclass(frozen=True)
class Server:
    """A running server: the base of its FHIR API, the file that it logs to, and its settings."""

    base: str
    log: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def native(self) -> str:
        """The base of its native API."""
        return self.base.removesuffix("fhir") + "iop"

    def faults(self) -> list[str]:
        """What it logged about errors of its own."""
        return [line for line in self.log.read_text("utf-8").splitlines() if "fault" in line or "Traceback" in line]


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server over a new store in `folder`; stopped as an operator stops it, it must end well."""
    with serving(folder, environment_of(folder)) as server:
        _import(server.base.removesuffix("/fhir"))
        yield server


@contextmanager
def serving(folder: Path, environment: dict[str, str], *, guarded: bool = False) -> Iterator[Server]:
    """A server over the store that the environment names, as it is; `guarded` asks who comes."""
    base = f"http://127.0.0.1:{environment['IOP_PORT']}"
    log = folder / "log"
    with log.open("wb") as told:
        command = [sys.executable, "-m", "adapter", "serve", *([] if guarded else ["--open"])]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=told, stderr=subprocess.STDOUT)
        try:
            _await(process, base, log)
            yield Server(f"{base}/fhir", log, environment)
        finally:
            process.terminate()
            ended = process.wait(START_SECONDS)
    assert ended == 0, log.read_text("utf-8")[-2000:]


def environment_of(folder: Path) -> dict[str, str]:
    """The settings of a server of its own on a free port, with its store in this folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IOP_")}
    store = {"IOP_STORE": str(place(folder / "iop.db")), "IOP_SECRET_FILE": str(folder / "secret")}
    return kept | store | {"IOP_PORT": str(port)}


def _import(base: str) -> None:
    """The fixtures of every concept, sent natively as one NDJSON, of which every line must be taken."""
    paths = [path for case in ("full", "minimal") for path in sorted(ROOT.glob(f"fixtures/*/{case}/native.json"))]
    lines = []
    for path in paths:
        concept, case = path.parts[-3:-1]
        if concept not in COMPUTED and (concept, case) not in ODD:
            lines.append(json.dumps({"concept": concept} | json.loads(path.read_text("utf-8"))))
    headers = {"Content-Type": "application/x-ndjson"}
    told = HTTP.post(f"{base}/iop/$import", content="\n".join(lines), headers=headers, timeout=START_SECONDS)
    outcomes = [json.loads(line) for line in told.text.splitlines()]
    assert [one["outcome"] for one in outcomes] == ["created"] * len(lines), told.text


def _await(process: subprocess.Popen[bytes], base: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            if HTTP.get(f"{base}/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"no answer within {START_SECONDS} seconds: {log.read_text('utf-8')}")
