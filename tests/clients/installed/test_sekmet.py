"""Sekmet plays a hospital's system against this server, scenario by scenario. PyPI: sekmet-fhir"""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.clients.installed.conftest import Programs
from tests.clients.serving import Server

KNOWN = tomllib.loads(Path(__file__).with_name("scenarios.toml").read_text("utf-8"))
# It waits ten seconds for a Subscription to become active.
SECONDS = 300
Run = dict[str, Any]


@pytest.fixture(scope="module")
def runs(programs: Programs, server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """The report of each scenario."""
    folder = tmp_path_factory.mktemp("sekmet")
    (folder / "settings.yaml").write_text(json.dumps({"peers": {"ours": {"base_url": server.base}}}))
    command = [programs("sekmet") / "sekmet", "scenario", "run", "all", "--no-serve", "--peer", "ours"]
    options = ["--config", "settings.yaml", "--report-dir", "reports"]
    ended = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    reports = list(folder.glob("reports/*/results.json"))
    assert len(reports) == 1, ended.stdout[-4_000:] + ended.stderr[-4_000:]
    return {Path(run["file"]).stem: run for run in json.loads(reports[0].read_bytes())}


def test_every_scenario_is_known(runs: dict[str, Run]) -> None:
    assert set(runs) == {*KNOWN["passes"], *KNOWN["not_for_us"]}


@pytest.mark.parametrize("name", KNOWN["passes"])
def test_what_passes_goes_on_passing(name: str, runs: dict[str, Run]) -> None:
    told = [(step["name"], step["status"], step["message"]) for step in runs[name]["steps"]]
    assert (runs[name]["status"], runs[name]["counts"]["passed"]) == ("passed", KNOWN["passes"][name]), told


@pytest.mark.parametrize("name", KNOWN["not_for_us"])
def test_what_is_not_for_us_ends_as_it_is_said(name: str, runs: dict[str, Run]) -> None:
    assert runs[name]["status"] == KNOWN["not_for_us"][name]["ends"]
