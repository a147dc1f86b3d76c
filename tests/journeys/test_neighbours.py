"""The demo is played as it says: three programs, each a process of its own, and a consent that is taken back midway."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter import stage
from adapter.neighbours import REFERRAL
from tests.clients.serving import HTTP
from tests.journeys.receivers import six_ports

Json = Any
pytestmark = pytest.mark.storeless  # the demo's stores are SQLite files
READY, PATIENCE, ASKED = 120.0, 60.0, 4.0
"""Seconds that three programs may take to begin, and a word to go from one to another; how often is asked for one."""


class Played:
    """The demo while it runs: its steps by what they are, and one shell in which they are typed."""

    def __init__(self, folder: Path, port: int, said: str) -> None:
        self.folder, self.base = folder, f"http://127.0.0.1:{port}"
        self.native, self.house, self.clinic = (f"http://127.0.0.1:{port + n}/iop" for n in (0, 2, 4))
        lines = re.findall(r"^  # (.*)\n  (.*)$", said, re.MULTILINE)
        self.steps = list(lines)
        self.shell = subprocess.Popen(
            ["bash"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def until(self, what: str, wants: str = "") -> str:
        """Type all steps up to this one, and answer what it printed; where the step says to wait, not longer than until
        it prints something, with what is wanted in it."""
        while self.steps:
            name, line = self.steps.pop(0)
            typed, waits = re.subn(r"^sleep \d+; ", "", line)
            expected = wants if what in name else ""
            printed = waited(lambda line=typed, some=expected: self._typed(line, some)) if waits else self._typed(typed)
            if what in name:
                return str(printed)
        raise AssertionError(f"no step is about: {what}")

    def _typed(self, line: str, wanted: str = "") -> str:
        """What a line prints; nothing where the wanted is not in it."""
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        self.shell.stdin.write(f"{line}\necho; echo THE-END\n")
        self.shell.stdin.flush()
        printed = "".join(iter(self.shell.stdout.readline, "THE-END\n")).strip()
        return printed if wanted in printed else ""

    def get(self, url: str) -> Json:
        return HTTP.get(url).json()


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    port = six_ports()
    log = tmp_path / "said"
    command = [sys.executable, "-m", "adapter", "demo", "--clients", "1", "--port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=out, stderr=out, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
        )
    try:
        waited(lambda: all(_answers(port + n) for n in range(6)), READY)
        made = Played(tmp_path, port, log.read_text())
        yield made
        made.shell.kill()
        made.shell.communicate()
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    try:
        return HTTP.get(f"http://127.0.0.1:{port}/fhir/metadata").status_code == 200
    except httpx.TransportError:
        return False


def waited(work: Any, seconds: float = PATIENCE) -> Json:
    """What the work answers, once it answers something."""
    end = time.monotonic() + seconds
    while not (found := work()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.2)
    return found


def test_somebody_comes_from_a_facility_and_somebody_goes_on_to_a_clinic(played: Played) -> None:
    # A provider's EHR is shown what a consent lets it see; the health plan sees less.
    assert json.loads(played.until("as if she were not there"))["resourceType"] == "OperationOutcome"
    assert json.loads(played.until("now it sees her"))["birthDate"] == "1990-05-17"
    assert "What she came for" in played.until("and a visit of hers, whole")
    assert "What she came for" not in played.until("it sees the minimum for payment")
    assert json.loads(played.until("the facility is not told"))["status"] == "received"
    assert json.loads(played.until("it withdraws the referral"))["status"] == "cancelled"
    assert json.loads(played.until("intake learns of that"))["state"] == "cancellation_requested"

    # Cy steps down: her facility sends her packet, intake takes her, and the facility hears nothing of it.
    assert json.loads(played.until("and have it sent"))["state"] == "sent"
    task = played.until("intake sees her a moment later")
    settled = json.loads(played.until("says that she is new, and that she is accepted"))
    assert settled["task"] == task
    [open_] = json.loads(played.until("is told nothing but that it was received", "received"))["items"]
    assert open_["state"] == "received"

    # She lets the program tell it: it knows. She takes that back: what it was told stays its own, and no more comes.
    consent = json.loads(played.until("Cy lets the program tell the facility"))["id"]
    assert played.until("now it knows that she is accepted", '"accepted"')
    revoke(played.native, consent)
    move(played.native, task, "scheduled")
    time.sleep(ASKED)
    [still] = played.get(f"{played.house}/aftercare")["items"]
    assert still["state"] == "accepted"
    assert "scheduled" not in json.dumps(played.get(f"{played.house}/aftercare_referral/{REFERRAL}"))

    # Ada goes on to the clinic, and the loop is closed by what the clinic says.
    assert json.loads(played.until("is sent to the clinic"))["partner"] == "clinic"
    assert played.until("the clinic's intake sees her")
    assert json.loads(played.until("and that she is admitted"))["episodes"]
    played.until("so for the clinic it is completed")

    def closed() -> Json:
        said = played.get(f"{played.native}/aftercare_referral/{stage.AFTERCARE}")
        return said if said["status"] == "completed" else None

    said = waited(closed)
    assert (said["answer"], said["outcome"]) == ("accepted", "attended")
    assert played.get(f"{played.native}/aftercare")["items"] == []


def revoke(native: str, consent: str) -> None:
    """Whoever consented takes it back."""
    got = HTTP.get(f"{native}/consent/{consent}")
    said = {"status": "inactive", "revoked_at": "2026-03-01T09:00:00-05:00", "revoked_how": "paper"}
    put = HTTP.patch(f"{native}/consent/{consent}", json=said, headers={"if-match": got.headers["etag"]})
    assert put.status_code == 200, put.text


def move(native: str, task: str, state: str) -> None:
    """Staff say where a referral stands."""
    at = f"{native}/referral_task/{task}"
    got = HTTP.patch(at, json={"state": state}, headers={"if-match": HTTP.get(at).headers["etag"]})
    assert got.status_code == 200, got.text
