"""What clients of a running server may rely on, whatever is killed or restarted under it, on both stores.

The oracle is what the server acknowledged, kept by the clients.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.store.serving import programs

from .served import KEYS, Server, observation, packet, patient, rounds, started, total

NO_POSTGRES = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed")
STORES = ["sqlite", pytest.param("postgresql", marks=NO_POSTGRES)]
CLIENTS = 4


@pytest.fixture(scope="module", params=STORES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that these tests leave alive."""
    with started(tmp_path_factory.mktemp("server"), request.param) as server:
        yield server


class Sender(threading.Thread):
    """Sends packets one after the other, each again until it is acknowledged; `sent` are all keys it has begun."""

    def __init__(self, number: int, base: str, stop: threading.Event) -> None:
        super().__init__()
        self._number, self._base, self._stop_now = number, base, stop
        self.sent: list[str] = []
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()

    def run(self) -> None:
        with httpx.Client(timeout=20) as client:
            while not self._stop_now.is_set():
                self.sent.append(f"{self._number}{len(self.sent):06d}")
                while not self._stop_now.is_set() and not self._once(client, self.sent[-1]):
                    time.sleep(0.02)

    def _once(self, client: httpx.Client, key: str) -> bool:
        try:
            answer = client.post(self._base, json=packet(key))
        except httpx.TransportError:
            return False
        self.answers[answer.status_code] += 1
        if answer.status_code != 200:
            return False
        self.acknowledged.append(key)
        return True


def sending(server: Server) -> tuple[list[Sender], threading.Event]:
    """Clients that have begun to send."""
    stop = threading.Event()
    senders = [Sender(number, server.base, stop) for number in range(1, CLIENTS + 1)]
    for sender in senders:
        sender.start()
    return senders, stop


def ended(senders: list[Sender], stop: threading.Event) -> None:
    """They have stopped."""
    stop.set()
    for sender in senders:
        sender.join(60)


def check(server: Server, senders: list[Sender]) -> None:
    """What was acknowledged is there, once and whole; what was not is whole or absent."""
    with httpx.Client(base_url=server.base, timeout=60) as client:
        found: Counter[str] = Counter()
        page = client.get("/Patient", params={"_count": "200", "_elements": "identifier"}).json()
        while True:
            found.update(entry["resource"]["identifier"][0]["value"] for entry in page.get("entry", ()))
            after = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
            if after is None:
                break
            page = client.get(after).json()
        acknowledged = {key for sender in senders for key in sender.acknowledged}
        assert acknowledged <= set(found) <= {key for sender in senders for key in sender.sent}
        assert set(found.values()) == {1}
        assert total(client, "Observation") == 2 * len(found)
        assert total(client, "Observation", **{"patient:missing": "true"}) == 0
        history = client.get("/_history", params={"_count": "1"}).json()
        assert history["entry"][0]["resource"]["meta"]["versionId"] == "1"


@pytest.mark.parametrize("kind", STORES)
def test_a_server_killed_at_any_instant_loses_nothing_and_doubles_nothing(kind: str, tmp_path: Path) -> None:
    rng = random.Random(4)
    with started(tmp_path, kind) as server:
        senders, stop = sending(server)
        try:
            for _ in range(rounds(1, 2, 200)):
                time.sleep(rng.uniform(0.05, 0.6))
                server.kill()
                server.start()
            until = time.monotonic() + 60
            while not all(sender.acknowledged for sender in senders) and time.monotonic() < until:
                time.sleep(0.05)
        finally:
            ended(senders, stop)
        assert all(sender.acknowledged for sender in senders)
        check(server, senders)


@NO_POSTGRES
def test_postgresql_restarted_under_load_is_told_as_busy_and_nothing_is_lost(tmp_path: Path) -> None:
    with started(tmp_path, "postgresql") as server:
        senders, stop = sending(server)
        try:
            for mode in ("fast", "immediate") * rounds(1, 1, 20):
                time.sleep(0.4)
                server.cluster.stop(mode)  # type: ignore[attr-defined]
                time.sleep(0.4)
                before = [len(sender.acknowledged) for sender in senders]
                server.cluster.start()  # type: ignore[attr-defined]
                until = time.monotonic() + 10
                while any(len(s.acknowledged) <= n for s, n in zip(senders, before, strict=True)):
                    assert time.monotonic() < until, "no recovery within 10 seconds"
                    time.sleep(0.05)
        finally:
            ended(senders, stop)
        check(server, senders)
        answers = sum((sender.answers for sender in senders), Counter())
        assert set(answers) == {200, 503}


@NO_POSTGRES
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the workers in /proc")
def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    with started(tmp_path, "postgresql") as server:
        assert server.process is not None
        senders, stop = sending(server)
        try:
            for _ in range(rounds(1, 1, 20)):
                time.sleep(0.4)
                killed = min(workers(server.process.pid))
                os.kill(killed, signal.SIGKILL)
                before = [len(sender.acknowledged) for sender in senders]
                until = time.monotonic() + 30
                while any(len(s.acknowledged) <= n for s, n in zip(senders, before, strict=True)):
                    assert time.monotonic() < until, "the other worker does not go on"
                    time.sleep(0.05)
                while len(set(workers(server.process.pid)) - {killed}) < 2:
                    assert time.monotonic() < until, "the worker is not replaced"
                    time.sleep(0.05)
        finally:
            ended(senders, stop)
        check(server, senders)


def workers(parent: int) -> list[int]:
    """The processes that a server has started to serve."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            status = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(status[1]) == parent and b"spawn_main" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def test_sixty_four_conditional_creates_at_once_make_one(server: Server) -> None:
    async def once(number: int) -> None:
        key = f"once-{number}"
        condition = {"If-None-Exist": f"identifier={KEYS}|{key}"}
        limits = httpx.Limits(max_connections=64)
        async with httpx.AsyncClient(base_url=server.base, timeout=60, limits=limits) as client:
            sent = [client.post("/Patient", json=patient(key), headers=condition) for _ in range(64)]
            answers = await asyncio.gather(*sent)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 63}
        assert len({answer.headers["location"] for answer in answers}) == 1

    for number in range(rounds(2, 3, 200)):
        asyncio.run(once(number))
    with httpx.Client(base_url=server.base, timeout=60) as client:
        assert total(client, "Patient", identifier=f"{KEYS}|once-0") == 1


def test_updates_with_if_match_lose_nothing(server: Server) -> None:
    with httpx.Client(base_url=server.base, timeout=60) as client:
        subject = client.post("/Patient", json=patient("counter")).json()["id"]
        made = client.post("/Observation", json=observation("counter", f"Patient/{subject}")).json()
    many = rounds(10, 10, 200)

    def count_up() -> None:
        with httpx.Client(base_url=server.base, timeout=60) as client:
            done = 0
            while done < many:
                got = client.get(f"/Observation/{made['id']}")
                changed = {**got.json(), "valueInteger": got.json()["valueInteger"] + 1}
                put = client.put(f"/Observation/{made['id']}", json=changed, headers={"If-Match": got.headers["etag"]})
                assert put.status_code in (200, 412)
                done += put.status_code == 200

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with httpx.Client(base_url=server.base, timeout=60) as client:
        last = client.get(f"/Observation/{made['id']}").json()
    assert (last["valueInteger"], last["meta"]["versionId"]) == (4 * many, str(4 * many + 1))


def test_a_reader_sees_each_row_once_while_two_thousand_writes_land(server: Server) -> None:
    with httpx.Client(base_url=server.base, timeout=60) as client:
        subject = client.post("/Patient", json=patient("paged")).json()["id"]

    def bundle(start: int, many: int) -> dict[str, object]:
        made = [observation(f"paged-{n}", f"Patient/{subject}", n) for n in range(start, start + many)]
        entries = [{"resource": one, "request": {"method": "POST", "url": "Observation"}} for one in made]
        return {"resourceType": "Bundle", "type": "transaction", "entry": entries}

    def write() -> None:
        with httpx.Client(timeout=60) as client:
            for start in range(300, 2300, 20):
                assert client.post(server.base, json=bundle(start, 20)).status_code == 200

    with httpx.Client(base_url=server.base, timeout=60) as client:
        assert client.post(server.base, json=bundle(0, 300)).status_code == 200
        writer = threading.Thread(target=write)
        writer.start()
        seen: list[int] = []
        page = client.get("/Observation", params={"patient": subject, "_count": "10"}).json()
        while True:
            seen += [entry["resource"]["valueInteger"] for entry in page["entry"]]
            after = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
            if after is None:
                break
            page = client.get(after).json()
        writer.join()
        assert total(client, "Observation", patient=subject) == 2300
    assert len(seen) == len(set(seen))
    assert set(range(300)) <= set(seen)
    assert set(seen) == set(range(len(seen)))  # a state that was: all that was written before a moment, nothing after
