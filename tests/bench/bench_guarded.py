"""What it costs that clients prove themselves, that consents are asked and that each answer is recorded first.

Two servers with the same records, one guarded and one `--open`, and a floor of static bytes, in the same rounds. The
reader is another provider's EHR under a consent, the writer the program's own EHR. A read adds a look-up of the token,
the predicate, and a row in a ledger on the disk, so its rate at one connection is bound by how often the disk syncs:
that rate is measured beside it.
"""

from __future__ import annotations

import http.client
import json
import shutil
import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, time
from typing import Any

from tests.bench.bench_http import FLOOR, OBSERVATION, ROUNDS, Load, _bundle, _run, free_port, server
from tests.bench.bench_ledger import _fsyncs
from tests.doors.clients import FORM, Asking, key, key_set

Row = tuple[str, str, float, str, str]
RECORDS = 1_000
SOONER, TOKENS, AT_ONCE = 400, 200, 8
"""Single reads of each server, tokens asked for, and how many ask at once."""
WANTED = {1: ">= 0.25", 16: ">= 0.5", 64: ">= 0.65"}

SERVED = """
import json, sys, time
from pathlib import Path
import uvicorn
from adapter import app
from adapter.consent.predicate import everything
from adapter.settings import Settings
from adapter.store.clients import Token
from adapter.web.smart.bearer import digest_of, new_token
from tests.bench.bench_guarded import bundles
from tests.doors.clients import register
from tests.doors.serving import Client, served
from tests.doors.test_guarded import OURS, THEIRS, Place
port, folder, open_reason = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] or None
base = f"http://127.0.0.1:{port}"
settings = Settings(store=folder / "iop.db", secret_file=folder / "secret", base_url=f"{base}/fhir", port=port,
                    organizations=OURS)
with app.opened(settings) as program:
    staff = Client(served(program, everything("measuring")))
    place, headers = Place(program, staff, staff), {"host": f"127.0.0.1:{port}"}
    for id in (OURS, THEIRS):
        staff("PUT", f"/iop/organization/{id}", {"name": "Invented Health", "active": True}, headers)
    patient = place.participant()
    place.treated(patient)
    place.consent(patient)
    for bundle in bundles(patient):
        assert staff("POST", "/fhir", bundle, headers).status == 200
    first = staff("GET", "/fhir/Observation?_count=1", None, headers).json["entry"][0]["resource"]["id"]
    tokens, now = {}, int(time.time() * 1000)
    for kind, organization in (("provider-ehr", THEIRS), ("program-ehr", OURS)):
        register(program, kind, kind, "system/*.cruds", "TREAT", organization=organization,
                 agreement="qsoa" if kind == "program-ehr" else None, jwks=json.loads(sys.argv[4]))
        tokens[kind] = new_token()
        kept = Token(digest_of(tokens[kind]), kind, "system/*.cruds", "TREAT", None, None, now, now + 3_600_000)
        program.store.change_clients(lambda clients: clients.issue(kept, tokens[kind], now)).result(30)
    (folder / "given.json").write_text(json.dumps({"patient": patient, "first": first, "tokens": tokens}))
    staff.close()
    uvicorn.run(app.asgi(program, open_reason=open_reason), port=port, loop="uvloop", http="httptools",
                access_log=False, log_level="error", server_header=False, proxy_headers=False)
"""


def bundles(patient: str) -> list[dict[str, Any]]:
    """Transactions with `RECORDS` screenings of a patient, each with a time of its own."""
    about = OBSERVATION | {"subject": {"reference": f"Patient/{patient}"}}
    made = [
        about | {"effectiveDateTime": f"2026-0{1 + n % 9}-{1 + n % 28:02}T{n % 24:02}:00:00Z"} for n in range(RECORDS)
    ]
    requests = [{"resource": one, "request": {"method": "POST", "url": "Observation"}} for one in made]
    return [
        {"resourceType": "Bundle", "type": "transaction", "entry": requests[at : at + 100]}
        for at in range(0, RECORDS, 100)
    ]


class Served:
    """A server that was started, and what it holds."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port, self.base = port, f"http://127.0.0.1:{port}"
        given = json.loads((folder / "given.json").read_text())
        self.patient, self.read, self.tokens = given["patient"], f"/fhir/Observation/{given['first']}", given["tokens"]

    def connection(self) -> http.client.HTTPConnection:
        """One to it."""
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def load(self, url: str, connections: int, body: bytes | None = None) -> Load:
        """A request with the token of whoever does such a thing."""
        kind = "provider-ehr" if body is None else "program-ehr"
        return Load(f"{self.base}{url}", connections, body, self.tokens[kind])


def rows() -> list[Row]:
    """The table's rows: target number, what, ratio (median of rounds), target, detail."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    keys = json.dumps(key_set(key()))
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        made = []
        for what, reason in (("guarded", ""), ("open", "measuring")):
            (folder / what).mkdir()
            port = free_port()
            servers.enter_context(server(SERVED, port, str(folder / what), reason, keys))
            made.append(Served(folder / what, port))
        guarded, opened = made
        static, floor = folder / "static", free_port()
        static.write_bytes(_get(opened, opened.connection())[1])
        servers.enter_context(server(FLOOR, floor, str(static), str(folder / "floor.db"), "together"))
        syncs = f"the disk syncs {_fsyncs(folder / 'synced'):,.0f} times a second"
        return [*_rates(folder, guarded, opened, f"http://127.0.0.1:{floor}/", syncs), *_alone(guarded, opened, syncs)]


def _rates(folder: Path, guarded: Served, opened: Served, floor: str, syncs: str) -> list[Row]:
    found = []
    for many, wanted in WANTED.items():
        loads = [guarded.load(guarded.read, many), opened.load(opened.read, many), Load(floor, many)]
        found.append(_row("read", many, wanted, _compare(folder, *loads), f"; one ledger row each, {syncs}"))
    newest = "/fhir/Observation?_sort=-date&_count=50"
    for many in WANTED:
        loads = [one.load(newest, many) for one in (guarded, opened)]
        found.append(_row("50 newest", many, ">= 0.6" if many == 16 else "shown", _compare(folder, *loads)))
    for many in (1, 4):
        loads = [
            one.load("/fhir", many, _bundle(OBSERVATION | {"subject": {"reference": f"Patient/{one.patient}"}}))
            for one in (guarded, opened)
        ]
        found.append(_row("transaction of 100", many, "shown", _compare(folder, *loads)))
    return found


def _compare(folder: Path, *loads: Load) -> list[list[float]]:
    """Requests a second of each load, in rounds."""
    return [[_run(folder, load) for load in loads] for _ in range(ROUNDS)]


def _row(what: str, many: int, wanted: str, rounds: list[list[float]], more: str = "") -> Row:
    ratio = statistics.median(one[0] / one[1] for one in rounds)
    rates = [statistics.median(rates) for rates in zip(*rounds, strict=True)]
    detail = " against ".join(f"{rate:,.0f}/s" for rate in rates)
    floor = f", {rates[0] / rates[2]:.2f} of static bytes" if len(rates) > 2 else ""
    return "L7", f"{what}, {many} connections: guarded / --open", ratio, wanted, f"{detail}{floor}{more}"


def _alone(guarded: Served, opened: Served, syncs: str) -> list[Row]:
    """What one read takes longer, in ms, and tokens a second."""
    ways = [(one, one.connection()) for one in (guarded, opened)]
    rounds = [[_get(*way)[0] for way in ways] for _ in range(SOONER)]
    one, other = (statistics.median(seconds) * 1e3 for seconds in zip(*rounds, strict=True))
    added, told = one - other, f"{one:.2f} ms, {other:.2f} ms"
    forms = [_asking(guarded, number).said_form() for number in range(TOKENS)]
    begun = perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = set(pool.map(lambda form: _post(guarded, form), forms))
    if statuses != {200}:
        raise SystemExit(f"tokens were refused: {statuses}")
    rate = TOKENS / (perf_counter() - begun)
    return [
        ("L7", "one read: ms that it takes longer, median", added, "< 1", f"{told}; {syncs}"),
        ("L6", f"tokens a second, {AT_ONCE} at once (ES384)", rate, ">= 100", f"{TOKENS} in all"),
    ]


def _asking(one: Served, number: int) -> Asking:
    url = f"{one.base}/oauth/token"
    return Asking(int(time()), f"{number:032}", "provider-ehr", claims={"aud": url}, form={"scope": "system/*.rs"})


def _get(one: Served, connection: http.client.HTTPConnection) -> tuple[float, bytes]:
    """Seconds and body of one read, on a connection that stays open."""
    begun = perf_counter()
    connection.request("GET", one.read, headers={"Authorization": f"Bearer {one.tokens['provider-ehr']}"})
    answer = connection.getresponse()
    body = answer.read()
    seconds = perf_counter() - begun
    if answer.status != 200:
        raise SystemExit(f"{one.read}: {answer.status} {body[:300]!r}")
    return seconds, body


def _post(one: Served, form: str) -> int:
    connection = one.connection()
    connection.request("POST", "/oauth/token", form, dict(FORM))
    return connection.getresponse().status


if __name__ == "__main__":
    for row in rows():
        print(row)
