"""Our server beside other people's FHIR servers: the same data and questions over HTTP, one server at a time.

Asked for by name only (`tests/bench/run.py peers`): it installs the others, the HAPI FHIR JPA server from Maven's
repository and Sekmet from Python's. Every server is one process, ours with one worker; all but HAPI's H2 keep on disk,
ours and PostgreSQL with each commit synced. All questions are asked for some seconds before any is measured, so that
every server is warm. It prints what each did in a table, then where answers differ from ours; its rows are our rates as
ratios to those of the peers.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from pathlib import Path
from statistics import mean, median, quantiles
from time import perf_counter, sleep
from typing import NamedTuple

import httpx
from rich.console import Console
from rich.table import Table

from tests.bench.asked import SIZE, Answer, answer, created, questions, transactions
from tests.bench.peers import PEERS, running
from tests.clients.installing import Missing

SECONDS, CONNECTIONS, IMPORTERS, CHECKED = 2, 16, 4, 5
WARM_TRANSACTIONS, LONGEST_TURN, PATIENCE = 20, 10, 5_000
JSON = {"Content-Type": "application/fhir+json"}
COMPARED = (
    ("ours, SQLite", "Sekmet, SQLite"),
    ("ours, SQLite", "HAPI, H2 in memory"),
    ("ours, PostgreSQL", "HAPI, PostgreSQL"),
)
IMPORT, CREATE = f"import, transactions of {SIZE}", "create"
Row = tuple[str, str, float, str, str]


class Speed(NamedTuple):
    """Requests a second (resources, of an import), p50 and p99 in ms, how many answers were errors.

    What takes too long to be asked at once so often is asked for `alone`, one at a time.
    """

    rate: float
    p50: float
    p99: float
    errors: int = 0
    alone: bool = False

    def __str__(self) -> str:
        failed = f" {self.errors} ERRORS" if self.errors else "*" if self.alone else ""
        return f"{self.rate:,.{0 if self.rate >= 10 else 2}f}/s {self.p50:,.1f} {self.p99:,.1f}{failed}"


class Measured(NamedTuple):
    """Of one server: the speed of each question that it answers, and the first answers to each."""

    speeds: dict[str, Speed]
    answers: dict[str, list[Answer]]


def rows() -> list[Row]:
    """Our rates as ratios to the peers'; prints the table of all measurements."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    console, measured = Console(width=150), dict[str, Measured]()
    for peer in PEERS:
        with tempfile.TemporaryDirectory(prefix="iop-peer-") as folder:
            try:
                with running(peer, Path(folder)) as base:
                    console.print(f"  {peer.name}: {_version(base)}", style="dim")
                    measured[peer.name] = _measure(base, Path(folder), peer.warm)
                    console.print("; ".join(f"{what}: {speed}" for what, speed in measured[peer.name].speeds.items()))
            except (Missing, httpx.HTTPError) as missing:
                console.print(f"  {peer.name} left out: {missing!r}")
    if measured:
        console.print(_table(measured))
    for line in _differences(measured):
        console.print(f"  {line}")
    return [row for pair in COMPARED if set(pair) <= set(measured) for row in _ratios(*pair, measured)]


def _version(base: str) -> str:
    software = httpx.get(f"{base}/metadata", timeout=60).json().get("software", {})
    return f"{software.get('name')} {software.get('version')}"


def _measure(base: str, folder: Path, warm: int) -> Measured:
    measured = Measured({}, {})
    with httpx.Client(timeout=300) as client:
        ids, measured.speeds[IMPORT] = _import(client, base)
        asked = questions(ids)
        for question in asked:
            told = _asked(client, [f"{base}/{path}" for path in question.paths])
            measured.answers[question.name] = [answer(question, one.status_code, one.json()) for _, one in told]
            if all(one.status_code == 200 for _, one in told):
                measured.speeds[question.name] = _alone([took for took, _ in told])
        for seconds in (warm, SECONDS):
            for question in asked:
                if question.name in measured.speeds and measured.speeds[question.name].p50 < PATIENCE:
                    measured.speeds[question.name] = _speed(client, folder, base, question.paths, seconds)
        body = json.dumps(created(ids["Patient"][0]), separators=(",", ":")).encode()
        status = _timed(client, f"{base}/Observation", body)[1].status_code
        measured.answers[CREATE] = [Answer(status)]
        for seconds in (warm, SECONDS) if status == 201 else ():
            measured.speeds[CREATE] = _load(folder, base, ["Observation"], seconds, body)
    return measured


def _speed(client: httpx.Client, folder: Path, base: str, paths: list[str], seconds: int) -> Speed:
    """Under load for so long, or until each connection must have two answers; what is too slow for it, alone."""
    times = [took for took, _ in _asked(client, [f"{base}/{path}" for path in paths])]
    turn = CONNECTIONS * min(times) / 1000
    if turn > LONGEST_TURN:
        return _alone(times)
    speed = _load(folder, base, paths, max(seconds, ceil(2 * turn)))
    sleep(turn)  # what wrk did not wait for may still be worked on
    return speed


def _import(client: httpx.Client, base: str) -> tuple[dict[str, list[str]], Speed]:
    """The ids that the server gave, and how fast it took them when it was warm, several transactions at a time."""
    bodies = [json.dumps(bundle, separators=(",", ":")).encode() for bundle in transactions()]
    warm, rest = bodies[:WARM_TRANSACTIONS], bodies[WARM_TRANSACTIONS:]
    with ThreadPoolExecutor(IMPORTERS) as pool:
        sent = list(pool.map(lambda body: _timed(client, base, body), warm))
        begun = perf_counter()
        sent += pool.map(lambda body: _timed(client, base, body), rest)
        took = perf_counter() - begun
    ids: dict[str, list[str]] = {"Patient": [], "Observation": []}
    for _, told in sent:
        if told.status_code != 200:
            raise Missing(f"it did not take a transaction: {told.status_code} {told.text[:300]}")
        for entry in told.json()["entry"]:
            type, id = entry["response"]["location"].partition("/_history/")[0].split("/")[-2:]
            ids[type].append(id)
    marks = quantiles([each for each, _ in sent[len(warm) :]], n=100)
    return ids, Speed(len(rest) * SIZE / took, marks[49], marks[98])


def _asked(client: httpx.Client, urls: list[str]) -> list[tuple[float, httpx.Response]]:
    """The first few, one after the other; fewer where they try one's patience."""
    told = [_timed(client, urls[0])]
    for url in (urls * CHECKED)[1:CHECKED]:
        if told[-1][0] < PATIENCE:
            told.append(_timed(client, url))
    return told


def _alone(times: list[float]) -> Speed:
    return Speed(1000 / mean(times), median(times), max(times), alone=True)


def _timed(client: httpx.Client, url: str, body: bytes | None = None) -> tuple[float, httpx.Response]:
    """How many ms an answer took, and the answer."""
    begun = perf_counter()
    told = client.request("POST", url, content=body, headers=JSON) if body else client.get(url)
    return (perf_counter() - begun) * 1000, told


def _load(folder: Path, base: str, paths: list[str], seconds: int, body: bytes | None = None) -> Speed:
    """What wrk measures."""
    script, root = folder / "ask.lua", "/" + base.split("/", 3)[3]
    (folder / "paths").write_text("\n".join(f"{root}/{path}" for path in paths))
    (folder / "body").write_bytes(body or b"")
    method = "POST" if body else "GET"
    script.write_text(
        f'local f=io.open("{folder}/body","rb")\nlocal body=f:read("*a")\nf:close()\n'
        f'if #body>0 then wrk.headers["Content-Type"]="{JSON["Content-Type"]}" else body=nil end\n'
        f'local paths,n={{}},0\nfor line in io.lines("{folder}/paths") do paths[#paths+1]=line end\n'
        f'request=function() n=n+1; return wrk.format("{method}",paths[(n-1)%#paths+1],nil,body) end\n'
    )
    return _wrk(base, script, seconds)


def _wrk(base: str, script: Path, seconds: int) -> Speed:
    options = ("-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "60s", "-s", str(script))
    said = subprocess.run(["wrk", *options, base], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    marks = [re.search(rf"\b{part}%\s+([\d.]+)(us|ms|s|m)\b", said) for part in (50, 99)]
    if rate is None or None in marks:
        raise SystemExit(f"wrk against {base} said:\n{said}")
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    errors = (int(wrong[1]) if wrong else 0) + (sum(map(int, lost.groups())) if lost else 0)
    units = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
    p50, p99 = (float(mark[1]) * units[mark[2]] for mark in marks if mark)
    return Speed(float(rate[1]), p50, p99, errors)


def _table(measured: dict[str, Measured]) -> Table:
    table = Table(title=f"{CONNECTIONS} connections: a second, p50 and p99 in ms ({IMPORTERS} for the import; * one)")
    table.add_column("what")
    for name in measured:
        table.add_column(name, justify="right")
    for what in dict.fromkeys(what for one in measured.values() for what in (*one.speeds, *one.answers)):
        cells = [str(one.speeds.get(what, one.answers.get(what, ["-"])[0])) for one in measured.values()]
        table.add_row(what, *cells)
    return table


def _differences(measured: dict[str, Measured]) -> list[str]:
    """Where the first answers of a peer are not those of the first server of the table."""
    if not measured:
        return []
    (first, known), *others = measured.items()
    told = []
    for name, one in others:
        for what, answers in one.answers.items():
            apart = [pair for pair in zip(answers, known.answers[what], strict=False) if pair[0] != pair[1]]
            if apart:
                told.append(f"{what}: {name} says {apart[0][0]}; {first} {apart[0][1]} ({len(apart)} answers differ)")
    return told or ["all answers that were compared are the same"]


def _ratios(ours: str, theirs: str, measured: dict[str, Measured]) -> list[Row]:
    """Of what both were asked under the same load."""
    mine, other = measured[ours].speeds, measured[theirs].speeds
    return [
        (
            "-",
            f"{what}: {ours} / {theirs}",
            mine[what].rate / other[what].rate,
            "shown",
            f"{mine[what]} | {other[what]}",
        )
        for what in mine
        if what in other and other[what].rate and not other[what].alone
    ]


if __name__ == "__main__":
    for row in rows():
        print(row)
