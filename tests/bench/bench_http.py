"""Reads, creates and transactions over HTTP, each beside a floor on the same server in the same rounds.

Floors are bare ASGI: static bytes for reads; for creates, the raw body committed to SQLite with synchronous=FULL, once
for each request, and once more by a thread that commits together whatever waits, as ours does. Servers are processes of
their own on free loopback ports, started with uvicorn, uvloop and httptools; the load comes from `wrk` (Debian package
`wrk`).
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROUNDS = 5
SECONDS = 2
Row = tuple[str, str, float, str, str]
Json = dict[str, Any]

OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "category": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                    "code": "survey",
                    "display": "Survey",
                }
            ]
        }
    ],
    "code": {
        "coding": [
            {
                "system": "http://loinc.org",
                "code": "70274-6",
                "display": "Generalized anxiety disorder 7 item (GAD-7) total score",
            }
        ],
        "text": "GAD-7",
    },
    "effectiveDateTime": "2026-03-02T09:00:00-05:00",
    "issued": "2026-03-02T14:05:00.000Z",
    "valueInteger": 12,
    "note": [{"text": "filled in before the group, invented for this measurement and about nobody; " * 4}],
    "referenceRange": [{"low": {"value": 0, "unit": "{score}"}, "high": {"value": 21, "unit": "{score}"}}],
}
"""A screening of about 1.1 kB: claimed by a concept, so it is checked, read by its map and indexed."""

FLOOR = """
import asyncio, sqlite3, sys, threading, queue
import uvicorn
body = open(sys.argv[2], "rb").read()
together = sys.argv[4] == "together"
jobs = queue.SimpleQueue()

def writer(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL"); db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE body (id INTEGER PRIMARY KEY, text BLOB)")
    while True:
        batch = [jobs.get()]
        while together and not jobs.empty():
            batch.append(jobs.get())
        db.execute("BEGIN")
        db.executemany("INSERT INTO body (text) VALUES (?)", [(text,) for text, _, _ in batch])
        db.execute("COMMIT")
        for _, loop, done in batch:
            loop.call_soon_threadsafe(done.set_result, None)

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive(); await send({"type": "lifespan.startup.complete"})
        await receive(); await send({"type": "lifespan.shutdown.complete"})
        return
    status = 200
    if scope["method"] == "POST":
        status, text, more = 201, b"", True
        while more:
            message = await receive()
            text += message.get("body", b"")
            more = message.get("more_body", False)
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        jobs.put((text, loop, done))
        await done
    await send({"type": "http.response.start", "status": status, "headers": [
        (b"content-type", b"application/fhir+json"), (b"etag", b'W/"1"'), (b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})

threading.Thread(target=writer, args=(sys.argv[3],), daemon=True).start()
uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="error")
"""

OURS = """
import sys
from pathlib import Path
import uvicorn
from adapter import app
from adapter.settings import Settings
port, folder = int(sys.argv[1]), Path(sys.argv[2])
base = f"http://127.0.0.1:{port}/fhir"
store = sys.argv[3] if len(sys.argv) > 3 else folder / "iop.db"
settings = Settings(store=store, secret_file=folder / "secret", base_url=base, port=port)
with app.opened(settings) as program:
    served = app.asgi(program, open_reason="measuring")
    uvicorn.run(served, port=port, loop="uvloop", http="httptools", access_log=False, log_level="error",
                server_header=False, proxy_headers=False)
"""


@dataclass(frozen=True)
class Load:
    """One kind of request for wrk: its address, for a POST its body, and an access token."""

    url: str
    connections: int = 16
    body: bytes | None = None
    token: str | None = None


def rows() -> list[Row]:
    """The table's rows: target number, what, ratio (median of rounds), target, detail."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        ours, floor = free_port(), free_port()
        servers.enter_context(server(OURS, ours, str(folder / "ours")))
        base = f"http://127.0.0.1:{ours}/fhir"
        patient = create(base, {"resourceType": "Patient", "gender": "unknown"})[0].removeprefix(f"{base}/")
        screening = OBSERVATION | {"subject": {"reference": patient}}
        body = json.dumps(screening, separators=(",", ":")).encode()
        location, stored = create(base, screening)
        (folder / "static").write_bytes(stored)
        servers.enter_context(server(FLOOR, floor, str(folder / "static"), str(folder / "floor.db"), "together"))
        raw, alone = f"http://127.0.0.1:{floor}/", free_port()
        servers.enter_context(server(FLOOR, alone, str(folder / "static"), str(folder / "alone.db"), "alone"))
        read = compare(folder, Load(location), Load(raw))
        created = compare(folder, Load(f"{base}/Observation", body=body), Load(raw, body=body))
        single = compare(folder, Load(f"{base}/Observation", body=body), Load(f"http://127.0.0.1:{alone}/", body=body))
        bundle = compare(folder, Load(base, 4, _bundle(screening)), Load(raw, 4, _bundle(screening)))
    return [
        ("7", "HTTP read by id / bare ASGI, static bytes", *read[:1], ">= 0.38", read[1]),
        ("9", "HTTP create / bare ASGI + one commit of each raw body, FULL", *single[:1], ">= 0.22", single[1]),
        ("9", "HTTP create / the same, waiting bodies committed together", *created[:1], "shown", created[1]),
        ("(10)", "HTTP transaction of 100 creates / the raw Bundle committed once", *bundle[:1], "shown", bundle[1]),
    ]


def compare(folder: Path, ours: Load, floor: Load) -> tuple[float, str]:
    """Median ratio of requests a second over interleaved rounds."""
    pairs = [(_run(folder, ours), _run(folder, floor)) for _ in range(ROUNDS)]
    detail = f"{statistics.median(a for a, _ in pairs):,.0f}/s against {statistics.median(b for _, b in pairs):,.0f}/s"
    return statistics.median(a / b for a, b in pairs), detail


def _run(folder: Path, load: Load) -> float:
    """Requests a second; any answer that is not 2xx fails the measurement."""
    command = ["wrk", "-t1", f"-c{load.connections}", f"-d{SECONDS}s"]
    if load.token is not None:
        command += ["-H", f"Authorization: Bearer {load.token}"]
    if load.body is not None:
        script, file = folder / "post.lua", folder / "post.json"
        file.write_bytes(load.body)
        script.write_text(
            f'wrk.method="POST"\nlocal f=io.open("{file}","rb")\nwrk.body=f:read("*a")\nf:close()\n'
            'wrk.headers["Content-Type"]="application/fhir+json"\n'
        )
        command += ["-s", str(script)]
    said = subprocess.run([*command, load.url], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"wrk against {load.url} did not go well:\n{said}")
    return float(found[1])


def create(base: str, resource: Json) -> tuple[str, bytes]:
    """The address of a new resource, and its bytes."""
    headers = {"Content-Type": "application/fhir+json"}
    request = urllib.request.Request(f"{base}/{resource['resourceType']}", json.dumps(resource).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return answer.headers["Location"].rpartition("/_history/")[0], answer.read()


def _bundle(resource: Json, size: int = 100) -> bytes:
    entry = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [entry] * size}).encode()


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server(source: str, port: int, *arguments: str) -> Iterator[None]:
    """A server process, waited for until it accepts, ended by its own id."""
    process = subprocess.Popen([sys.executable, "-c", source, str(port), *arguments])
    try:
        _wait(process, port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit("the server did not start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the server does not accept connections")


if __name__ == "__main__":
    for row in rows():
        print(row)
