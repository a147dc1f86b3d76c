"""The worker is killed after a partner has taken a referral and before that is written down: it is there once."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx

from tests.clients.serving import HTTP, serving
from tests.doors.test_guarded import tpo
from tests.exchange.test_partners import OURS, THEIRS, made, participant
from tests.journeys.plain import Plain
from tests.journeys.receivers import free_port, running

SECONDS = 60


def until(plain: Plain, bodies: int) -> None:
    """Until so much has arrived."""
    end = time.monotonic() + SECONDS
    while len(plain.bodies) < bodies:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_worker_that_is_killed_while_it_sends_leaves_one_referral_there(tmp_path: Path) -> None:
    plain, port = Plain(), free_port()
    ours = made(tmp_path / "iop", IOP_WORK="false", IOP_LEASE_SECONDS="3", IOP_AFTERCARE_POLL_MINUTES="0.02")
    with serving(ours.folder, ours.environment) as here, httpx.Client(base_url=here.native) as staff:
        for id in (OURS, THEIRS):
            staff.put(f"/organization/{id}", json={"name": "Invented Health", "active": True}).raise_for_status()
        who = participant(here)
        staff.post("/consent", json=tpo(who)).raise_for_status()
        stay = {"participant": who, "status": "active", "organization": OURS, "admitted_on": "2026-01-05"}
        said = {"participant": who, "status": "active", "intent": "order", "service": "weekly_therapy"}
        said |= {"episode": staff.post("/episode", json=stay).json()["id"], "requester": f"Organization/{OURS}"}
        id = staff.post("/aftercare_referral", json=said | {"performers": [f"Organization/{THEIRS}"]}).json()["id"]
        ours("partner", "add", "clinic", "--organization", THEIRS, "--base", f"http://127.0.0.1:{port}/fhir")
        staff.post(f"/aftercare_referral/{id}/$send").raise_for_status()
    with running(plain.app, port):
        worker = ours.begun("work")
        plain.arrived = lambda: os.kill(worker.pid, signal.SIGKILL)
        assert worker.wait(SECONDS) == -signal.SIGKILL
        plain.arrived = lambda: None
        again = ours.begun("work")
        until(plain, 2)
        while not plain.asked:  # what was sent is remembered, and asked for
            time.sleep(0.1)
        again.terminate()
        assert again.wait(SECONDS) == 0
    assert len(plain.of("ServiceRequest")) == len(plain.of("Task")) == len(plain.of("Patient")) == 1
    with serving(ours.folder, ours.environment) as here:
        [item] = HTTP.get(f"{here.native}/aftercare").json()["items"]
    assert "sent_at" in item
