"""How fast a payer pulls its members over HTTP, and with how much memory: against a file that is sent as it lies.

The same bytes go both ways: from the store, each line asked for by consent and coverage and recorded in the ledger; and
from a file in blocks of 1 MiB, by the barest of servers. Targets 15 to 17 and 19.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles
from time import perf_counter, sleep
from typing import Any

from adapter.settings import Database, Settings
from tests.bench.bench_http import free_port, server
from tests.doors.test_guarded import OURS
from tests.store.serving import place

Row = tuple[str, str, float, str, str]
MEMBERS, VISITS = int(os.environ.get("BENCH_MEMBERS", "100")), 200
ROUNDS = 3
READS = 2_000

FLOOR = """
import sys, uvicorn
place = sys.argv[2]
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"application/fhir+ndjson")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    with open(place, "rb") as file:
        while block := file.read(1 << 20):
            await send({"type": "http.response.body", "body": block, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="error")
"""

MADE = """
import json, sys, time
from pathlib import Path
from adapter import app
from adapter.consent.predicate import everything
from adapter.store.clients import Token
from adapter.web.smart.bearer import digest_of, new_token
from tests.bench.bench_export import bundle, settings_of
from tests.doors.clients import register
from tests.doors.serving import Client, served
from tests.doors.test_guarded import OURS, THEIRS, Place
port, folder, members, visits = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
with app.opened(settings_of(sys.argv[5], folder, port)) as program:
    staff, headers = Client(served(program, everything("measuring"))), {"host": f"127.0.0.1:{port}"}
    place = Place(program, lambda *said: staff(*said[:3], {**dict(*said[3:]), **headers}), staff)
    for id in (OURS, THEIRS):
        place.staff("PUT", f"/iop/organization/{id}", {"name": "Invented Health", "active": True})
    for _ in range(members):
        patient = place.participant()
        place.consent(patient)
        assert place.staff("POST", "/fhir", bundle(patient, THEIRS, visits)).status == 200
    now, token = int(time.time() * 1000), new_token()
    register(program, "payer", "payer", "system/*.rs", "HPAYMT", organization=THEIRS, agreement="contract")
    kept = Token(digest_of(token), "payer", "system/*.rs", "HPAYMT", None, None, now, now + 3_600_000)
    program.store.change_clients(lambda clients: clients.issue(kept, token, now)).result(30)
    (folder / "token").write_text(token)
    staff.close()
"""

SERVED = """
import os, sys, uvicorn
from pathlib import Path
from adapter import app
from tests.bench.bench_export import settings_of
port, folder = int(sys.argv[1]), Path(sys.argv[2])
(folder / "process").write_text(str(os.getpid()))
with app.opened(settings_of(sys.argv[3], folder, port)) as program:
    uvicorn.run(app.asgi(program, works=True), port=port, loop="uvloop", http="httptools",
                access_log=False, log_level="error", server_header=False, proxy_headers=False)
"""


PULLED = """
import sys
from tests.bench.bench_export import _fetch
port, token, *files = sys.argv[1:]
print("begun", flush=True)
while True:
    _fetch(int(port), files, token)
"""


def settings_of(store: str, folder: Path, port: int) -> Settings:
    """Those of the server that is measured."""
    where = {"secret_file": folder / "secret", "base_url": f"http://127.0.0.1:{port}/fhir", "port": port}
    where["export_poll_seconds"] = 0
    return Settings.model_validate({"store": store, "organizations": OURS, **where})


def bundle(patient: str, payer: str, visits: int) -> dict[str, Any]:
    """A transaction with a coverage of a patient and visits, each on a day of its own."""
    about = {"reference": f"Patient/{patient}"}
    coverage = {"resourceType": "Coverage", "status": "active", "beneficiary": about, "period": {"start": "2025-01-01"}}
    coverage |= {"payor": [{"reference": f"Organization/{payer}"}]}
    made = [coverage, *(_visit(about, number) for number in range(visits))]
    entries = [{"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in made]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _visit(about: dict[str, str], number: int) -> dict[str, Any]:
    day = f"2026-0{1 + number % 3}-{1 + number % 28:02}"
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "76464004"}], "text": "Group psychotherapy"}],
        "subject": about,
        "period": {"start": f"{day}T17:00:00Z", "end": f"{day}T20:00:00Z"},
    }


def rows() -> list[Row]:
    """The table's rows: target number, what, ratio (best of rounds), target, detail."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder, port, floor = Path(name), free_port(), free_port()
        found = place(folder / "iop.db")
        store = found.uri if isinstance(found, Database) else str(found)
        made = [sys.executable, "-c", MADE, str(port), str(folder), str(MEMBERS), str(VISITS), store]
        subprocess.run(made, check=True)
        servers.enter_context(server(SERVED, port, str(folder), store))
        token, process = (folder / "token").read_text(), int((folder / "process").read_text())
        planned, files = _begun(port, token)
        plain, before = _fetch(port, files, token), _resident(process)
        (folder / "lines").write_bytes(plain)
        servers.enter_context(server(FLOOR, floor, str(folder / "lines")))
        seconds = [[_timed(port, files, token, packed) for packed in (False, True)] for _ in range(ROUNDS)]
        bare = min(_timed(floor, ["/"], "", False) for _ in range(ROUNDS))
        grown = _resident(process) - before
        told = _told(plain, planned, min(s for s, _ in seconds), min(s for _, s in seconds), bare, grown)
        first = json.loads(plain.splitlines()[0])["id"]
        return [*told, _beside(port, f"/fhir/Encounter/{first}", token, files)]


def _beside(port: int, url: str, token: str, files: list[str]) -> Row:
    """How much longer the slowest of a hundred reads takes while files are fetched one after another."""
    alone = _slowest(port, url, token)
    pulling = [sys.executable, "-c", PULLED, str(port), token, *files]
    with subprocess.Popen(pulling, stdout=subprocess.PIPE) as pull:
        try:
            assert pull.stdout is not None
            pull.stdout.readline()
            during = _slowest(port, url, token)
        finally:
            pull.kill()
    told = f"{during * 1e3:.2f} ms, {alone * 1e3:.2f} ms without"
    return "15/16", "p99 of a read during an export / without one", during / alone, "<= 2", told


def _slowest(port: int, url: str, token: str) -> float:
    """Seconds that 99 of a hundred reads do not exceed, one after another on a connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    for _ in range(READS):
        begun = perf_counter()
        connection.request("GET", url, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        took.append(perf_counter() - begun)
        if answer.status != 200:
            raise SystemExit(f"{url}: {answer.status}")
    return quantiles(took, n=100)[-1]


def _told(plain: bytes, planned: float, one: float, packed: float, bare: float, grown: float) -> list[Row]:
    lines = plain.count(b"\n")
    speeds = " against ".join(f"{len(plain) / seconds / 1e6:,.0f} MB/s" for seconds in (one, bare))
    rate = f"{lines:,} lines, {lines / one:,.0f}/s; {speeds}"
    wanted = ">= 0.2" if os.environ.get("TEST_STORE") == "postgresql" else ">= 0.4"
    return [
        ("15/16", "export with consent and ledger / a file as it lies", bare / one, wanted, rate),
        ("17", "the same as gzip / uncompressed", one / packed, ">= 0.55", f"{lines / packed:,.0f} lines/s"),
        (
            "L8",
            "lines a second from being asked for to the last",
            lines / (planned + one),
            ">= 3000",
            f"{planned:.2f} s until the list",
        ),
        ("19", "MB that the server grows by", grown, "<= 64", f"{2 * ROUNDS} times all files"),
    ]


def _begun(port: int, token: str) -> tuple[float, list[str]]:
    """Seconds until the files are known, and these."""
    group = json.loads(_got(port, "/fhir/Group", token)[1])["entry"][0]["resource"]["id"]
    start = perf_counter()
    asked = _got(port, f"/fhir/Group/{group}/$export?_type=Encounter", token)[0]
    status = str(asked.getheader("content-location")).partition(f":{port}")[2]
    while True:
        answer, body = _got(port, status, token)
        if answer.status != 202:
            break
        sleep(0.05)
    listed = json.loads(body)["output"]
    return perf_counter() - start, [one["url"].partition(f":{port}")[2] for one in listed]


def _got(port: int, url: str, token: str, packed: bool = False) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    said = {"Authorization": f"Bearer {token}", "Prefer": "respond-async", "Accept-Encoding": "gzip" if packed else ""}
    connection.request("GET", url, headers={name: value for name, value in said.items() if value})
    answer = connection.getresponse()
    parts = []
    while part := answer.read(1 << 20):
        parts.append(part)
    if answer.status not in (200, 202):
        raise SystemExit(f"{url}: {answer.status} {b''.join(parts)[:300]!r}")
    return answer, b"".join(parts)


def _fetch(port: int, files: list[str], token: str, packed: bool = False) -> bytes:
    return b"".join(_got(port, file, token, packed)[1] for file in files)


def _timed(port: int, files: list[str], token: str, packed: bool) -> float:
    begun = perf_counter()
    _fetch(port, files, token, packed)
    return perf_counter() - begun


def _resident(process: int) -> float:
    """MB of memory that a process has."""
    said = Path(f"/proc/{process}/status").read_text()
    return int(said.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    for row in rows():
        print(row)
