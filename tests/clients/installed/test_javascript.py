"""FHIR clients for JavaScript on Node.js, each by a script of its own that tells what it checked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.clients.installing import HERE
from tests.clients.serving import Server

SECONDS = 120
CHECKS = {"fhir_kit": 9, "medplum": 9, "smart": 8}
"""How many checks each script makes: one that ends early must not pass."""


@pytest.mark.parametrize("script", CHECKS)
def test_every_check_of_the_script_holds(script: str, scripts: Path, server: Server) -> None:
    command = ["node", f"{script}.mjs", server.base]
    ended = subprocess.run(command, cwd=scripts, capture_output=True, text=True, timeout=SECONDS)
    told = ended.stdout + ended.stderr[-4_000:]
    print(told)
    assert ended.returncode == 0, told
    assert [line[:4] for line in ended.stdout.splitlines()] == ["ok: "] * CHECKS[script], told


def test_every_script_is_run() -> None:
    assert {path.stem for path in (HERE / "js").glob("*.mjs")} == {*CHECKS, "asking"}
