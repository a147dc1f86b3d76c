"""Workers that are killed or stopped while they tell somebody of something: nothing is lost, and what comes twice is
known by its id. The oracle is what the receiver was sent."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapter import app
from adapter.fhir.dates import milliseconds
from adapter.interactions.changes import Change, Terms, apply
from adapter.interactions.program import Program
from adapter.rules import END
from adapter.settings import Settings
from adapter.store.clients import Agreement, Client
from adapter.store.ledger_places import opened_ledger
from adapter.store.subscriptions import Subscription, Subscriptions
from tests.doors.receiving import Receiver, receiving
from tests.store.serving import Cluster, programs

from .served import rounds, working
from .test_server_faults import NO_POSTGRES, STORES

EVENTS = 8
PERSON = "5b0c0000-0000-4000-8000-000000000001"


class Workers:
    """A store, a client of it that wants to be told, and processes of `iop-adapter work`."""

    def __init__(self, folder: Path, store: str, receiver: Receiver) -> None:
        self.receiver, self._log = receiver, folder / "work.log"
        self._said = {
            "IOP_STORE": store,
            "IOP_SECRET_FILE": str(folder / "secret"),
            "IOP_NOTIFY_NETWORKS": "127.0.0.0/8",
            "IOP_LEASE_SECONDS": "2",
        }
        self.settings = Settings.model_validate({name[4:].lower(): value for name, value in self._said.items()})
        self.processes: list[subprocess.Popen[bytes]] = []
        with app.opened(self.settings) as program:
            self._subscribe(program)

    def _subscribe(self, program: Program) -> None:
        now = milliseconds(program.clock())
        scopes = "system/EpisodeOfCare.rs system/Subscription.crds"
        client = Client("ehr", "program-ehr", "ours", "EHR", scopes, "TREAT", None, None, True, now, False)
        client = client._replace(endpoints=self.receiver.url)
        program.store.change_clients(lambda clients: clients.add(client)).result(30)
        agreed = Agreement("ehr", "qsoa", "A-1", now - 1, None)
        program.store.change_clients(lambda clients: clients.agree(agreed)).result(30)
        about = ("one", "ehr", scopes, "TREAT", None, "admitted", None, None, None, self.receiver.url, "id-only")
        made = Subscription(*about, None, 5_000, 1, END, "{}", now, status="active")
        program.store.write(lambda t: Subscriptions(t.database).add(made)).result(30)
        program.store.write(lambda t: Subscriptions(t.database).stand(made, now)).result(30)

    def happen(self, number: int) -> None:
        """So many people are admitted."""
        terms = Terms(references="pending")
        with app.opened(self.settings) as program:
            for _ in range(number):
                episode = {"resourceType": "EpisodeOfCare", "status": "active"}
                change = Change(
                    "create", "EpisodeOfCare", resource={**episode, "patient": {"reference": f"Patient/{PERSON}"}}
                )
                program.store.write(lambda t, c=change: apply(program, t, [c], terms)).result(30)  # type: ignore[misc]

    def start(self) -> subprocess.Popen[bytes]:
        """One more worker."""
        process = working(self._said, self._log)
        self.processes.append(process)
        return process

    def waiting(self) -> int:
        """Events that have not arrived as far as the store knows."""
        with app.opened(self.settings) as program, program.store.asking() as database:
            return len(Subscriptions(database).waiting("one", 1_000))

    def told(self) -> int:
        """Notifications in the ledger."""
        with opened_ledger(self.settings.store) as ledger:
            count = "SELECT count(*) FROM disclosure WHERE interaction = 'notification'"
            return int(ledger.execute(count).fetchone()[0])

    def said(self) -> str:
        """What the workers wrote."""
        return self._log.read_text()


@contextmanager
def workers(folder: Path, kind: str) -> Iterator[Workers]:
    found = programs()
    cluster = Cluster(found, safe=True) if kind == "postgresql" and found else None
    with receiving() as receiver:
        made = Workers(folder, cluster.database() if cluster else str(folder / "iop.db"), receiver)
        try:
            yield made
        finally:
            for process in made.processes:
                process.kill()
                process.wait(30)
            if cluster:
                cluster.remove()


def until(true: Any, seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def in_order(receiver: Receiver, number: int) -> None:
    """All were told, at first in their order, without a gap, and each time under the same id."""
    numbers = [one.numbers[0] for one in receiver.events]
    assert list(dict.fromkeys(numbers)) == list(range(1, number + 1))
    ids = {
        (one.numbers[0], one.headers["webhook-id"], one.said["events"][0]["focus"]["reference"])
        for one in receiver.events
    }
    assert len(ids) == number


@pytest.mark.parametrize("kind", STORES)
def test_a_worker_that_is_killed_while_it_tells_something_loses_nothing(tmp_path: Path, kind: str) -> None:
    chance = random.Random(os.environ.get("TEST_SEED", "1"))
    with workers(tmp_path, kind) as place:
        happened = 0
        for _ in range(rounds(1, 2, 100)):
            place.happen(EVENTS)
            happened += EVENTS
            victim, begun = place.start(), len(place.receiver.events)
            others = [place.start()] if kind == "postgresql" else []
            at = begun + chance.randint(1, EVENTS - 1)

            def answer(handler: Any, process: Any = victim, at: int = at) -> tuple[int, dict[str, str]]:
                if len(place.receiver.events) == at:
                    process.kill()
                return 200, {}

            place.receiver.answers = answer
            until(lambda at=at: len(place.receiver.events) >= at)
            if not others:
                assert victim.wait(30) == -signal.SIGKILL
                others = [place.start()]
            until(lambda n=happened: place.receiver.events[-1].numbers == [n])
            time.sleep(0.3)
            for process in (victim, *others):
                process.terminate()
                assert process.wait(30) in (0, -signal.SIGKILL), place.said()
        in_order(place.receiver, happened)
        assert place.waiting() == 0
        assert place.told() >= len(place.receiver.events)


@NO_POSTGRES
def test_a_worker_that_was_stopped_for_longer_than_its_lease_writes_nothing_afterwards(tmp_path: Path) -> None:
    with workers(tmp_path, "postgresql") as place:
        place.happen(EVENTS)
        stale = place.start()

        def answer(handler: Any) -> tuple[int, dict[str, str]]:
            if len(place.receiver.events) == 3 and len(place.processes) == 1:
                stale.send_signal(signal.SIGSTOP)
            return 200, {}

        place.receiver.answers = answer
        until(lambda: len(place.receiver.events) == 3)
        place.start()
        until(lambda: place.receiver.events[-1].numbers == [EVENTS])
        stale.send_signal(signal.SIGCONT)
        until(lambda: "claimed by another worker" in place.said())
        numbers = [one.numbers[0] for one in place.receiver.events]
        assert numbers == [1, 2, 3, *range(3, EVENTS + 1)]
        in_order(place.receiver, EVENTS)
        place.happen(1)
        until(lambda: place.receiver.events[-1].numbers == [EVENTS + 1])
        assert stale.poll() is None
        until(lambda: place.waiting() == 0)
