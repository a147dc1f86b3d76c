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
from typing import NamedTuple

import pytest

from adapter import app
from adapter.consent.predicate import everything
from adapter.export.rosters import PREFIX, SYSTEM
from adapter.fhir.references import derived_id
from adapter.settings import Settings
from tests.clients import installing
from tests.clients.serving import ROOT, Server, environment_of, serving
from tests.conftest import PROOF
from tests.doors.membership import PLANS, Membership
from tests.doors.membership_oracle import View, deleted_since, pulled, pulled_since
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


def smart_fetch() -> Pull:
    program = installing.environment("smart_fetch") / "smart-fetch"

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


def bulk_export() -> Pull:
    command = installing.java()

    def pull(server: Server, key: Path, group: str, to: Path, since: str | None) -> tuple[list[Path], str]:
        told = done([*command, server.base, group, "payer", key, to, *([since] if since else [])])
        return list(to.glob("*.ndjson")), told.split()[-1]

    return pull


CLIENTS = {"smart-fetch": (smart_fetch, FETCHED), "bulk-export": (bulk_export, TYPES)}


class Pulls(NamedTuple):
    """What comes of the three: whole, what is new, what is gone, and whole again."""

    whole: set[str]
    new: set[str]
    gone: set[str]
    again: set[str]


def noon() -> tuple[str, date]:
    """A zone in which no day begins or ends during the test, and its day."""
    now = datetime.now(UTC)
    return f"Etc/GMT{now.hour - 12:+d}", (now + timedelta(hours=12 - now.hour)).date()


def keys(files: list[Path], start: date) -> set[str]:
    return check([json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()], start)


def gone(folder: Path) -> set[str]:
    """What a client keeps of the records that it is told are deleted; bulk-export fetches none of that."""
    files = [path for path in folder.rglob("*.ndjson") if "deleted" in path.parts]
    lines = [line for path in files for line in path.read_text("utf-8").splitlines()]
    return {entry["request"]["url"] for line in lines for entry in json.loads(line)["entry"]}


def installed() -> tuple[dict[str, Pull], dict[str, Pulls | str]]:
    """The clients that are here, and why others are not."""
    here, missing = dict[str, Pull](), dict[str, Pulls | str]()
    for name, (client, _) in CLIENTS.items():
        try:
            here[name] = client()
        except installing.Missing as why:
            missing[name] = str(why)
    return here, missing


def written(environment: dict[str, str], now: Membership) -> str:
    """What the round says is in the store; the id of the plan's roster."""
    with opened(environment) as place:
        for id in (OURS, *PLANS):
            place.staff("PUT", f"/iop/organization/{id}", {"name": "Invented Health", "active": True})
        write(place, now)
        return PREFIX + derived_id(place.program.secret, "Group", SYSTEM, THEIRS)


@pytest.fixture(scope="module")
def pulls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pulls | str]:
    """What each client gets, or why it is not here; under "" what is to be got."""
    folder, (zone, today), (here, found) = tmp_path_factory.mktemp("bulk"), noon(), installed()
    environment = environment_of(folder) | {"IOP_ORGANIZATIONS": OURS, "IOP_EXPORT_LINES": LINES, "IOP_ZONE": zone}
    now = Membership(MEMBERS, today)
    group, key, whole = written(environment, now), registered(environment, folder), pulled(now, THEIRS, 0)
    with serving(folder, environment, guarded=True) as server:
        first = {name: pull(server, key, group, folder / name / "whole", None) for name, pull in here.items()}
    now.change()
    written(environment, now)
    view, then = View(THEIRS, 0, 1), View(THEIRS, 0, 0)
    new, again = pulled_since(now, view, then), pulled(now, THEIRS, 0)
    found[""] = Pulls(whole, new, deleted_since(now, view, then, whole), again)
    with serving(folder, environment, guarded=True) as server:
        for name, pull in here.items():
            at = folder / name
            files = [pull(server, key, group, at / "new", first[name][1])[0]]
            files.append(pull(server, key, group, at / "again", None)[0])
            got = [keys(each, today) for each in (first[name][0], *files)]
            found[name] = Pulls(got[0], got[1], gone(at / "new"), got[2])
    assert server.faults() == []
    return found


@pytest.mark.parametrize("client", CLIENTS)
def test_a_plan_pulls_its_members_and_later_what_is_new(client: str, pulls: dict[str, Pulls | str]) -> None:
    got, said = pulls[client], pulls[""]
    if isinstance(got, str):
        pytest.skip(f"{client}: {got}")
    assert isinstance(said, Pulls)
    assert said.gone
    types = CLIENTS[client][1]
    wanted = Pulls(*({key for key in one if key.partition("/")[0] in types} for one in said))
    assert got == wanted._replace(gone=wanted.gone if client == "smart-fetch" else set())
