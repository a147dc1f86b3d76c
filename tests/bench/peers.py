"""Servers to be measured, each a process of its own on a free loopback port: ours, Sekmet, the HAPI FHIR JPA server.

What cannot be installed or started raises Missing, which says why.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.bench import bench_http as http
from tests.clients import installing
from tests.clients.installing import Missing
from tests.store.serving import Cluster, programs

HAPI = Path(__file__).resolve().parent / "hapi"
START_SECONDS = 120


class Peer(NamedTuple):
    """A server: its name in the table, and the command that runs it in a folder at a port.

    `warm`: for how many seconds each question is asked before any is measured; Java compiles what it runs long after.
    """

    name: str
    command: Callable[[Path, int, str], Sequence[object]]
    postgres: bool = False
    warm: int = 1


def _ours(folder: Path, port: int, uri: str) -> Sequence[object]:
    return (sys.executable, "-c", http.OURS, port, folder, *([uri] if uri else []))


def _sekmet(folder: Path, port: int, uri: str) -> Sequence[object]:
    program = installing.environment("sekmet") / "sekmet"
    # It says itself that its log of all traffic is to be off when it is under load; the rest is as it comes.
    settings = {"base_url": f"http://127.0.0.1:{port}/fhir", "port": port, "data_dir": "data", "log_inbound": False}
    (folder / "settings.yaml").write_text(json.dumps(settings))
    return (program, "serve", "--config", "settings.yaml", "--host", "127.0.0.1")


def _hapi(folder: Path, port: int, uri: str) -> Sequence[object]:
    absent = [name for name in ("java", "javac", "mvn") if shutil.which(name) is None]
    if absent:
        raise Missing(f"{', '.join(absent)} not on this machine")
    library, classes = installing.BUILD / "hapi", folder / "classes"

    def install() -> None:
        shutil.rmtree(library, ignore_errors=True)
        goal = ("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={library}")
        installing.run("mvn", "-q", "-B", "-f", HAPI / "pom.xml", *goal)

    installing.once("hapi", HAPI / "pom.xml", install)
    installing.run("javac", "-cp", f"{library}/*", "-d", classes, HAPI / "Peer.java")
    database = f"jdbc:{uri.replace('iop@', '')}" if uri else "jdbc:h2:mem:peer;DB_CLOSE_DELAY=-1"
    return ("java", "-Xmx4g", "-cp", f"{classes}:{library}/*", "Peer", port, database, "iop")


PEERS = (
    Peer("ours, SQLite", _ours),
    Peer("ours, PostgreSQL", _ours, postgres=True),
    Peer("HAPI, H2 in memory", _hapi, warm=3),
    Peer("HAPI, PostgreSQL", _hapi, postgres=True, warm=3),
    Peer("Sekmet, SQLite", _sekmet),
)


@contextmanager
def running(peer: Peer, folder: Path) -> Iterator[str]:
    """The base of the FHIR API of a running server, the only one meanwhile; raises Missing."""
    found = programs()
    if not peer.postgres:
        with _process(peer, folder, "") as base:
            yield base
        return
    if found is None:
        raise Missing("PostgreSQL's programs are not on this machine")
    cluster = Cluster(found, safe=True)
    try:
        with _process(peer, folder, cluster.database()) as base:
            yield base
    finally:
        cluster.remove()


@contextmanager
def _process(peer: Peer, folder: Path, uri: str) -> Iterator[str]:
    port = http.free_port()
    base, log = f"http://127.0.0.1:{port}/fhir", folder / "log"
    command = [str(part) for part in peer.command(folder, port, uri)]
    with log.open("wb") as told:
        process = subprocess.Popen(command, cwd=folder, stdout=told, stderr=subprocess.STDOUT)
        try:
            _await(process, base, log)
            yield base
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen[bytes], base: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{base}/metadata", timeout=30):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise Missing(f"it did not start: {log.read_text('utf-8', 'replace')[-300:]}")
