"""Workers that are killed while they push to a partner, another adapter in a process of its own: nothing is lost, and
nothing is there twice. The oracle is what the partner's server has."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapter import app, keeper
from adapter.exchange.waiting import waiting
from adapter.fhir.dates import milliseconds
from adapter.settings import Settings
from adapter.store.ledger_places import opened_ledger
from adapter.store.partners import PartnerRow, Partners
from tests.clients.serving import HTTP, Server, environment_of, serving
from tests.doors.serving import client_of
from tests.doors.test_guarded import OURS, THEIRS, Place
from tests.store.serving import Cluster, programs

from .relay import Relay, relaying
from .served import ROOT, rounds, working
from .test_notifications import until
from .test_server_faults import NO_POSTGRES

PEOPLE = 4
"""In each round; each is a transaction of a person and two visits, or three requests."""


WAYS = [
    pytest.param("sqlite", "plain"),
    pytest.param("postgresql", "by-patient", marks=NO_POSTGRES),
    pytest.param("sqlite", "by-patient"),
    pytest.param("postgresql", "plain", marks=NO_POSTGRES),
]
"""Stores and ways of sending; the first two have each of them once, which is enough but for the full size."""


class Sending:
    """A store, a partner whose server is behind a relay, and processes of `iop-adapter work`."""

    def __init__(self, folder: Path, store: str, relay: Relay, quirks: str) -> None:
        self._log = folder / "work.log"
        self._said = {
            "IOP_STORE": store,
            "IOP_SECRET_FILE": str(folder / "secret"),
            "IOP_PARTNER_NETWORKS": "127.0.0.0/8",
            "IOP_ORGANIZATIONS": OURS,
            "IOP_LEASE_SECONDS": "2",
        }
        self.settings = Settings.model_validate({name[4:].lower(): value for name, value in self._said.items()})
        self.processes: list[subprocess.Popen[bytes]] = []
        with app.opened(self.settings) as program, client_of(program) as staff:
            for id in (OURS, THEIRS):
                assert (
                    staff("PUT", f"/iop/organization/{id}", {"name": "Invented Health", "active": True}).status == 201
                )
            now = milliseconds(program.clock())
            row = PartnerRow("ehr", THEIRS, relay.base, None, None, "", quirks, "", True, now)
            program.store.write(lambda t: Partners(t.database).add(row)).result(30)

    def ask(self) -> None:
        """Some people come, and it is asked that the partner be told of them."""
        with app.opened(self.settings) as program, client_of(program) as staff:
            place = Place(program, staff, staff)
            for _ in range(PEOPLE):
                id = place.participant()
                for _ in range(2):
                    place.session(id)
                place.treated(id)
                place.consent(id)
                now = milliseconds(program.clock())
                program.store.write(lambda t, id=id, now=now: Partners(t.database).push("ehr", id, now)).result(30)  # type: ignore[misc]

    def start(self) -> subprocess.Popen[bytes]:
        """One more worker."""
        process = working(self._said, self._log)
        self.processes.append(process)
        return process

    def waits(self) -> bool:
        """Whether anything does."""
        with keeper.asked(self.settings) as database:
            return bool(waiting(database, "ehr"))

    def queue(self) -> str:
        """What the command line says that waits."""
        command = [sys.executable, "-m", "adapter", "partner", "queue", "ehr"]
        ended = subprocess.run(command, cwd=ROOT, env={**os.environ, **self._said}, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def told(self) -> set[str]:
        """Of whom the ledger says that something was sent."""
        with opened_ledger(self.settings.store) as ledger:
            return {patient for (patient,) in ledger.execute("SELECT patient FROM shown").fetchall()}

    def said(self) -> str:
        """What the workers wrote."""
        return self._log.read_text()


@contextmanager
def sending(folder: Path, kind: str, relay: Relay, quirks: str) -> Iterator[Sending]:
    found = programs()
    cluster = Cluster(found, safe=True) if kind == "postgresql" and found else None
    made = Sending(folder, cluster.database() if cluster else str(folder / "iop.db"), relay, quirks)
    try:
        yield made
    finally:
        for process in made.processes:
            process.kill()
            process.wait(30)
        if cluster:
            cluster.remove()


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[Server]:
    """The partner's server."""
    folder = tmp_path / "partner"
    folder.mkdir()
    with serving(folder, environment_of(folder)) as server:
        yield server


def has(partner: Server, type: str) -> Counter[str]:
    """How often the partner has each record, by its id here."""
    found: Counter[str] = Counter()
    url: str | None = f"{partner.base}/{type}?_count=200"
    while url:
        page: dict[str, Any] = HTTP.get(url, timeout=30).json()
        found.update(one["resource"]["identifier"][-1]["value"] for one in page.get("entry", []))
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
    return found


def number(partner: Server, type: str) -> int:
    """How many records the partner has."""
    return int(HTTP.get(f"{partner.base}/{type}?_summary=count", timeout=30).json()["total"])


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "quirks"), WAYS)
def test_a_worker_that_is_killed_while_it_pushes_loses_nothing_and_sends_nothing_twice(
    tmp_path: Path, partner: Server, kind: str, quirks: str
) -> None:
    chance = random.Random(os.environ.get("TEST_SEED", "1"))
    with relaying(partner.base) as relay, sending(tmp_path, kind, relay, quirks) as place:
        people = 0
        for _ in range(rounds(1, 1, 100)):
            place.ask()
            people += PEOPLE
            victim, at = place.start(), len(relay.sent) + chance.randint(1, PEOPLE)

            def kill(process: subprocess.Popen[bytes] = victim, at: int = at) -> None:
                if len(relay.sent) == at:
                    process.kill()

            relay.before, relay.after = (kill, lambda: None) if chance.random() < 0.5 else (lambda: None, kill)
            assert victim.wait(60) == -signal.SIGKILL, place.said()
            other = place.start()
            until(lambda n=people: number(partner, "Encounter") >= 2 * n)
            until(lambda: not place.waits())
            other.terminate()
            assert other.wait(30) == 0, place.said()
        for type, expected in (("Patient", people), ("Encounter", 2 * people)):
            found = has(partner, type)
            assert (len(found), set(found.values())) == (expected, {1})
        assert set(has(partner, "Patient")) == place.told()
        assert place.queue() == ""
