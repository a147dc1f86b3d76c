"""Others' bulk data clients pull a plan's members with a key of their own, whole and then what is new, to the record
what `membership_oracle` says of the facts that were written.

PyPI: smart-fetch. Maven: au.csiro.fhir:bulk-export. SMART's bulk-data-client and its test suite are in no registry.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adapter import app
from adapter.consent.predicate import everything
from adapter.export.rosters import PREFIX, SYSTEM
from adapter.fhir.references import derived_id
from adapter.settings import Settings
from tests.clients import installing
from tests.clients.installed.conftest import Programs
from tests.clients.serving import ROOT, Server, environment_of, serving
from tests.conftest import PROOF
from tests.doors.membership import PLANS, Membership
from tests.doors.membership_oracle import View, pulled, pulled_since
from tests.doors.serving import Client, served
from tests.doors.test_exports_members import TYPES, check, write
from tests.doors.test_guarded import OURS, THEIRS, Place

MEMBERS = {"quick": 24, "ci": 24, "full": 2_000}[PROOF]
LINES = str(max(30, MEMBERS // 2))
"""Of a file: of the more frequent types there are several."""
SECONDS = 900
FETCHED = TYPES - {"Coverage", "Claim", "ClaimResponse"}
"""The types that smart-fetch knows."""
Pull = Callable[[Server, Path, str, Path, str | None], tuple[list[Path], str]]
"""Pulls a Group from a server, with a key, into a folder, since when: the files, and the time up to which it is."""


@contextmanager
def opened(environment: dict[str, str]) -> Iterator[Place]:
    """The store, while no server has it."""
    said = {name[4:].lower(): value for name, value in environment.items() if name.startswith("IOP_")}
    with app.opened(Settings.model_validate(said)) as program:
        staff = Client(served(program, everything("a test")))
        yield Place(program, staff, staff)
        staff.close()


def registered(environment: dict[str, str], folder: Path) -> Path:
    """The payer, by the command of who runs the program; the file of its key."""

    def registrar(*arguments: str) -> str:
        command = [sys.executable, "-m", "adapter", "client", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    private, public = folder / "private.jwk", folder / "public.jwks"
    public.write_text(registrar("keys", str(private), "--algorithm", "ES384"))
    said = ("--kind", "payer", "--organization", THEIRS, "--purpose", "HPAYMT", "--scope", "system/*.rs")
    registrar("add", "payer", *said, "--jwks", str(public), "--agreement", "contract,C-1,2026-01-01")
    return private


def done(command: list[object]) -> str:
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=SECONDS)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def smart_fetch(programs: Programs) -> Pull:
    program = programs("smart_fetch") / "smart-fetch"

    def pull(server: Server, key: Path, group: str, to: Path, since: str | None) -> tuple[list[Path], str]:
        more = ("--since", since, "--since-mode", "updated") if since else ()
        command = [program, "bulk", "--fhir-url", server.base, "--no-compression", "--group", group]
        proof = ["--smart-client-id", "payer", "--smart-key", key, "--type", ",".join(FETCHED), "--no-default-filters"]
        done([*command, *proof, *more, to])
        (log,) = to.rglob("log.ndjson")
        said = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        (ended,) = [one for one in said if one.get("eventId") == "status_complete"]
        return [path for path in to.rglob("[A-Z]*.ndjson") if "deleted" not in path.parts], ended["eventDetail"][
            "transactionTime"
        ]

    return pull


def bulk_export(_programs: Programs) -> Pull:
    try:
        command = installing.java()
    except installing.Missing as missing:
        pytest.skip(f"bulk-export: {missing}")

    def pull(server: Server, key: Path, group: str, to: Path, since: str | None) -> tuple[list[Path], str]:
        told = done([*command, server.base, group, "payer", key, to, *([since] if since else [])])
        return list(to.glob("*.ndjson")), told.split()[-1]

    return pull


def noon() -> tuple[str, date]:
    """A zone in which no day begins or ends during the test, and its day."""
    now = datetime.now(UTC)
    return f"Etc/GMT{now.hour - 12:+d}", (now + timedelta(hours=12 - now.hour)).date()


def keys(files: list[Path], start: date) -> set[str]:
    return check([json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()], start)


def of(types: set[str], keys: set[str]) -> set[str]:
    return {key for key in keys if key.partition("/")[0] in types}


@pytest.mark.parametrize(("client", "types"), [(smart_fetch, FETCHED), (bulk_export, TYPES)])
def test_a_plan_pulls_its_members_and_later_what_is_new(
    client: Callable[[Programs], Pull], types: set[str], programs: Programs, tmp_path: Path
) -> None:
    pull, (zone, today) = client(programs), noon()
    environment = environment_of(tmp_path) | {"IOP_ORGANIZATIONS": OURS, "IOP_EXPORT_LINES": LINES, "IOP_ZONE": zone}
    now = Membership(MEMBERS, today)
    with opened(environment) as place:
        for id in (OURS, *PLANS):
            place.staff("PUT", f"/iop/organization/{id}", {"name": "Invented Health", "active": True})
        write(place, now)
        group = PREFIX + derived_id(place.program.secret, "Group", SYSTEM, THEIRS)
    key = registered(environment, tmp_path)
    with serving(tmp_path, environment, guarded=True) as server:
        files, since = pull(server, key, group, tmp_path / "whole", None)
        assert keys(files, today) == of(types, pulled(now, THEIRS, 0))
    now.change()
    with opened(environment) as place:
        write(place, now)
    with serving(tmp_path, environment, guarded=True) as server:
        files, _ = pull(server, key, group, tmp_path / "new", since)
        assert keys(files, today) == of(types, pulled_since(now, View(THEIRS, 0, 1), View(THEIRS, 0, 0)))
        files, _ = pull(server, key, group, tmp_path / "again", None)
        assert keys(files, today) == of(types, pulled(now, THEIRS, 0))
    assert server.faults() == []
