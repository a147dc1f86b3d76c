"""Sekmet as a partner's EHR, pulled from and pushed to by the worker. Its links name a host that it is not reached at.

It has no place for a Goal, and says so. PyPI: sekmet-fhir
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.installed.conftest import Programs
from tests.clients.serving import serving
from tests.exchange.test_partners import OURS, THEIRS, Ours, consented, held, made, participant

Json = dict[str, Any]
SECONDS = 90


@contextmanager
def sekmet(program: Path, folder: Path) -> Iterator[str]:
    """Its server with two patients, of whom one is admitted; the address of its API."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir()
    with (folder / "log").open("wb") as log:
        command = [program, "serve", "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            base, until = f"http://127.0.0.1:{port}/fhir", time.monotonic() + SECONDS
            while not _answers(f"{base}/metadata"):
                assert time.monotonic() < until, (folder / "log").read_text()
                time.sleep(0.1)
            seeded = subprocess.run([program, "seed", "--count", "2"], cwd=folder, capture_output=True, text=True)
            assert seeded.returncode == 0, seeded.stdout + seeded.stderr
            yield base
        finally:
            process.terminate()
            process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def worked(ours: Ours) -> list[Json]:
    """What still waits once the worker has done what was due."""
    process = ours.begun("work")
    try:
        until = time.monotonic() + SECONDS
        while {"held", "waiting"} & {one["state"] for one in queue(ours)}:
            assert time.monotonic() < until
            time.sleep(0.5)
        return queue(ours)
    finally:
        process.terminate()
        assert process.wait(30) == 0


def queue(ours: Ours) -> list[Json]:
    said = ours("partner", "queue", "sekmet", "--json")
    return list(json.loads(said))


@pytest.fixture
def place(programs: Programs, tmp_path: Path) -> Iterator[tuple[str, Ours]]:
    """Its address, and a program that has it as a partner."""
    with sekmet(programs("sekmet") / "sekmet", tmp_path / "sekmet") as base:
        ours = made(tmp_path / "iop")
        with serving(ours.folder, ours.environment) as here:
            for id in (OURS, THEIRS):
                put = httpx.put(f"{here.native}/organization/{id}", json={"name": "Invented Health", "active": True})
                assert put.status_code == 201, put.text
        said = ("--organization", THEIRS, "--base", base, "--quirks", "behind-another-name")
        ours("partner", "add", "sekmet", *said)
        yield base, ours


def total(base: str, type: str) -> int:
    return int(httpx.get(f"{base}/{type}", params={"_summary": "count"}).json()["total"])


def test_what_it_has_is_pulled_by_the_worker_and_once(place: tuple[str, Ours]) -> None:
    base, ours = place
    types = ("Patient", "Encounter", "Practitioner", "Location")
    for _ in range(2):
        ours("partner", "pull", "sekmet", "--queue")
        assert worked(ours) == []
        with serving(ours.folder, ours.environment) as here:
            assert {type: len(held(here, type)) for type in types} == {type: total(base, type) for type in types}
            [visit] = held(here, "Encounter")
            assert visit["subject"]["reference"].partition("/")[2] in {one["id"] for one in held(here, "Patient")}


def test_what_the_consent_allows_is_pushed_to_it_by_the_worker_and_once(place: tuple[str, Ours]) -> None:
    base, ours = place
    with serving(ours.folder, ours.environment) as here:
        id = participant(here)
    ours("partner", "push", "sekmet", "--patient", id, "--queue")
    [ended] = worked(ours)
    assert (ended["state"], "nothing was sent" in ended["reason"]) == ("ended", True)
    consented(ours, id)
    for _ in range(2):
        ours("partner", "push", "sekmet", "--patient", id, "--queue")
        [ended] = worked(ours)
        assert ended["state"] == "ended"
        assert [place.partition("/")[0] for place in ended["left"]] == ["Goal"]
        for type in ("Patient", "Encounter", "Observation"):
            entries = httpx.get(f"{base}/{type}", params={"_count": "100"}).json().get("entry", [])
            names = [name for one in entries for name in one["resource"].get("identifier", [])]
            assert [name["system"].endswith(f"/fhir/{type}") for name in names].count(True) == 1
