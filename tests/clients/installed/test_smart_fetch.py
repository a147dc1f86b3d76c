"""smart-fetch collects the records of a cohort by search alone, as a payer's or a researcher's program would.

PyPI: smart-fetch
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.clients.installed.conftest import Programs
from tests.clients.serving import ROOT, Server

PEOPLE = [f"a0000000-0000-4000-8000-00000000000{number}" for number in (1, 2)]
"""The participants of the fixtures."""
SECONDS = 120


@pytest.fixture(scope="module")
def crawled(programs: Programs, server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The ids that were written for each type."""
    folder = tmp_path_factory.mktemp("crawled")
    command = [programs("smart_fetch") / "smart-fetch", "crawl", "--fhir-url", server.base, "--no-compression"]
    options = ["--id-list", ",".join(PEOPLE), "--no-default-filters", "--verbose", str(folder)]
    ended = subprocess.run([*command, *options], capture_output=True, text=True, timeout=SECONDS)
    told = ended.stdout + ended.stderr
    assert ended.returncode == 0, told
    assert list(folder.glob("error/*")) == [], told
    return {path.stem: _ids(path) for path in folder.glob("[A-Z]*.ndjson")}


def _ids(path: Path) -> set[str]:
    return {json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()}


def _found(server: Server, type: str) -> set[str]:
    """The ids that our own search of the compartments finds."""
    found = set[str]()
    for person in PEOPLE:
        page = httpx.get(f"{server.base}/Patient/{person}/{type}").json()
        found |= {entry["resource"]["id"] for entry in page.get("entry", ())}
    return found


def test_all_that_is_there_about_the_cohort_is_fetched(crawled: dict[str, set[str]], server: Server) -> None:
    assert crawled["Patient"] == set(PEOPLE)
    assert {"Condition", "EpisodeOfCare", "Observation", "ServiceRequest"} <= crawled.keys()
    assert crawled == {type: _found(server, type) for type in crawled}


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_it_gets_a_token_by_its_key(algorithm: str, programs: Programs, server: Server, tmp_path: Path) -> None:
    def registrar(*arguments: str) -> str:
        command = [sys.executable, "-m", "adapter", "client", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=server.environment, capture_output=True, text=True, check=True
        ).stdout

    private, public = tmp_path / "private.jwk", tmp_path / "public.jwks"
    public.write_text(registrar("keys", str(private), "--algorithm", algorithm))
    said = ("--kind", "provider-ehr", "--organization", "o1", "--purpose", "TREAT", "--scope", "system/*.rs")
    registrar("add", f"fetcher-{algorithm}", *said, "--jwks", str(public))
    before = _tokens(server)
    command = [programs("smart_fetch") / "smart-fetch", "crawl", "--fhir-url", server.base, "--no-compression"]
    proof = ["--smart-client-id", f"fetcher-{algorithm}", "--smart-key", str(private), "--type", "Patient,Condition"]
    options = ["--id-list", ",".join(PEOPLE), "--no-default-filters", str(tmp_path / "crawled")]
    ended = subprocess.run([*command, *proof, *options], capture_output=True, text=True, timeout=SECONDS)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "crawled" / "Patient.ndjson").exists()
    assert _tokens(server) > before


def _tokens(server: Server) -> int:
    """How many tokens the server has given out."""
    told = httpx.get(f"{server.base.removesuffix('/fhir')}/metrics").text
    found = re.search(r'^(?=.*interaction="token")(?=.*status="200")\S*_count\{[^}]*\} (\d+)', told, re.MULTILINE)
    return int(found[1]) if found else 0
