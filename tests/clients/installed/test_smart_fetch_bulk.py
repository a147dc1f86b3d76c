"""smart-fetch pulls a payer's members by bulk export, with a key of its own, whole and then what is new.

PyPI: smart-fetch. What it should get is known from what was written: of those who consent all, of others nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adapter import app
from adapter.consent.predicate import everything
from adapter.export.rosters import PREFIX, SYSTEM
from adapter.fhir.references import derived_id
from adapter.settings import Settings
from tests.clients.installed.conftest import Programs
from tests.clients.serving import ROOT, Server, environment_of, serving
from tests.doors.serving import Client, served
from tests.doors.test_guarded import OURS, THEIRS, Place
from tests.doors.test_payers import covered

MEMBERS, SILENT = 40, 10
TYPES = "Patient,Encounter"
SECONDS = 300
Change = Callable[[Place], None]


@contextmanager
def written(environment: dict[str, str]) -> Iterator[Place]:
    """The store, while no server has it."""
    said = {name[4:].lower(): value for name, value in environment.items() if name.startswith("IOP_")}
    with app.opened(Settings.model_validate(said)) as program:
        staff = Client(served(program, everything("a test")))
        yield Place(program, staff, staff)
        staff.close()


def _people(place: Place) -> tuple[set[str], list[str], dict[str, str]]:
    """What a payer may see of its members, who does not consent, and by which consent the first member does."""
    for id in (OURS, THEIRS):
        place.staff("PUT", f"/iop/organization/{id}", {"name": "Invented Health", "active": True})
    seen, silent, first = set[str](), list[str](), dict[str, str]()
    for number in range(MEMBERS + SILENT):
        person = place.participant()
        covered(place, person)
        visits = [place.session(person) for _ in range(3)]
        if number < MEMBERS:
            consent = place.consent(person)
            first = first or {"person": person, "consent": consent["id"]}
            seen |= {person, *visits}
        else:
            silent.append(person)
    return seen, silent, first


def _registered(environment: dict[str, str], folder: Path) -> Path:
    """The payer, by the command of who runs the program; the file of its key."""

    def registrar(*arguments: str) -> str:
        command = [sys.executable, "-m", "adapter", "client", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    private, public = folder / "private.jwk", folder / "public.jwks"
    public.write_text(registrar("keys", str(private), "--algorithm", "ES384"))
    said = ("--kind", "payer", "--organization", THEIRS, "--purpose", "HPAYMT", "--scope", "system/*.rs")
    registrar("add", "payer", *said, "--jwks", str(public), "--agreement", "contract,C-1,2026-01-01")
    return private


def _pulled(program: Path, server: Server, key: Path, group: str, to: Path, *more: str) -> tuple[set[str], str]:
    """The ids of all lines, none of which is there twice, and the time up to which it is."""
    command = [program / "smart-fetch", "bulk", "--fhir-url", server.base, "--no-compression", "--group", group]
    proof = ["--smart-client-id", "payer", "--smart-key", str(key), "--type", TYPES, "--no-default-filters", *more]
    ended = subprocess.run([*command, *proof, str(to)], capture_output=True, text=True, timeout=SECONDS)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = [json.loads(line) for path in to.rglob("*.ndjson") for line in path.read_text("utf-8").splitlines()]
    ids = [line["id"] for line in lines if line.get("resourceType") in TYPES.split(",")]
    assert len(ids) == len(set(ids))
    (done,) = [line for line in lines if line.get("eventId") == "status_complete"]
    return set(ids), done["eventDetail"]["transactionTime"]


def test_a_payer_pulls_its_members_and_later_what_is_new(programs: Programs, tmp_path: Path) -> None:
    program = programs("smart_fetch")
    environment = environment_of(tmp_path) | {"IOP_ORGANIZATIONS": OURS, "IOP_EXPORT_LINES": "30"}
    with written(environment) as place:
        seen, silent, first = _people(place)
        group = PREFIX + derived_id(place.program.secret, "Group", SYSTEM, THEIRS)
    key = _registered(environment, tmp_path)
    with serving(tmp_path, environment, guarded=True) as server:
        got, since = _pulled(program, server, key, group, tmp_path / "whole")
        assert got == seen
    with written(environment) as place:
        place.revoked({"id": first["consent"]})
        place.consent(silent[0])
        new = place.session(first["person"])
    with serving(tmp_path, environment, guarded=True) as server:
        later, _ = _pulled(program, server, key, group, tmp_path / "later", "--since", since, "--since-mode", "updated")
        assert silent[0] in later
        assert not later & {new, first["person"], *silent[1:]}
        again, _ = _pulled(program, server, key, group, tmp_path / "again")
        assert first["person"] not in again
        assert again <= seen | later
    assert server.faults() == []
