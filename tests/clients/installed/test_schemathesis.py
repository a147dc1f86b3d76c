"""schemathesis against the OpenAPI description of /iop: what is answered is as described, and bad input is refused.

PyPI: schemathesis
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.clients.installed.conftest import Programs
from tests.clients.serving import Server
from tests.conftest import FULL

HERE = Path(__file__).resolve().parent
SEED = os.environ.get("TEST_SEED", "1")
# One plain record, one with a list of objects, both kinds of aggregate, and what is not of one concept.
SOME = r"^/iop/(allergy|authorization|drug_screen|group_meeting|parked|openapi\.json)(/|$)"
ALL = "^/iop"
# Its body is NDJSON, which schemathesis does not write; it has tests of its own.
NOT = r"^/iop/\$import$"
SECONDS = 1_800


def test_what_is_described_is_what_is_served(programs: Programs, server: Server, tmp_path: Path) -> None:
    command = [programs("schemathesis") / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run"]
    where = [
        f"{server.native}/openapi.json",
        "--include-path-regex",
        ALL if FULL else SOME,
        "--exclude-path-regex",
        NOT,
    ]
    size = ["--phases", "examples,coverage,fuzzing", "--max-examples", "50" if FULL else "5", "--seed", SEED]
    options = ["--continue-on-failure", "--no-shrink", "--warnings", "off", "--no-color"]
    ended = subprocess.run(
        [*command, *where, *size, *options], cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS
    )
    told = ended.stdout + ended.stderr
    print(told[-2_000:])
    assert ended.returncode == 0, told[-20_000:]
    assert " generated, " in told
