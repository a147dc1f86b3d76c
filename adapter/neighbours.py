"""The demo's neighbours: a residential facility that refers somebody to the program, and a clinic that the program
refers on to. Each is a program of its own, with its store and its process; what goes between them goes by HTTP.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import NamedTuple

from adapter import registrar, server, stage
from adapter.callers import ClientKind, Purpose
from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.stage import CLINIC, FACILITY, PERSON, PROGRAM
from adapter.terminal import chosen_settings

_LOOPBACK = "127.0.0.0/8"
NEAR = {"partner_networks": _LOOPBACK, "notify_networks": _LOOPBACK, "aftercare_poll_minutes": "0.05"}
"""They are on this machine, and so may be who wants to be told; nobody wants to wait for a quarter of an hour."""
CY, CONSENT, REFERRAL = (f"{start}0000000-0000-4000-8000-0000000000d2" for start in ("a", "7", "3"))
_NAMES = {"house": (FACILITY, "Invented House"), "clinic": (CLINIC, "Invented Clinic")}
_US = (PROGRAM, "The program of the demo")
_TO_US = "system/*.rs system/Bundle.c system/ServiceRequest.u system/Task.u"


class Served(NamedTuple):
    """What one process serves: a store openly, and to clients that prove themselves."""

    open: Settings
    guarded: Settings


def _neighbour(settings: Settings, folder: Path, name: str) -> Served:
    """The settings of one: its ports follow those of the program."""
    own, (organization, _) = folder / name, _NAMES[name]
    kept = {"store": own / "iop.db", "secret_file": own / "secret", "organizations": organization, **NEAR}
    first = settings.port + 2 * (1 + list(_NAMES).index(name))
    return Served(chosen_settings(port=first, **kept), chosen_settings(port=first + 1, **kept))


def prepared(settings: Settings, folder: Path) -> Iterator[tuple[Settings, Path]]:
    """The stores to be made, and the records that each has; the files that staff write down are beside them."""
    for name, (id, called) in _NAMES.items():
        own = folder / name
        own.mkdir(parents=True, exist_ok=True)
        places = [{"concept": "organization", "id": one, "active": True, "name": it} for one, it in ((id, called), _US)]
        people = list(_cy()) if name == "house" else []
        yield _neighbour(settings, folder, name).open, stage.written(own / "stage.ndjson", [*places, *people])
    files = {
        "house/consent.json": stage.consent(CY, FACILITY),
        "house/referral.json": stage.referred(CY, FACILITY, PROGRAM, "substance_use_iop"),
        "aftercare.json": stage.referred(PERSON, PROGRAM, CLINIC, "weekly_therapy") | {"episode": stage.EPISODE},
        "two-way.json": stage.consent("PARTICIPANT", PROGRAM, FACILITY),
        "clinic/two-way.json": stage.consent("PARTICIPANT", CLINIC, PROGRAM),
    }
    for file, said in files.items():
        (folder / file).write_text(json.dumps(said, indent=2), "utf-8")


def _cy() -> Iterator[dict[str, object]]:
    """Whom the facility refers, and who treats her: without a tie, a consent to a class shows nothing."""
    person = {"names": [{"family": "Wherrow", "given": ["Cy"]}], "sex": "female", "birth_date": "1979-11-02"}
    yield {"concept": "participant", "id": CY, **person}
    team = [{"member": f"Organization/{PROGRAM}", "role": "addiction_counselor"}]
    yield {"concept": "care_team", "id": CY, "participant": CY, "status": "active", "members": team}


def register(settings: Settings, guarded: Settings, folder: Path) -> list[Served]:
    """Make each of them a client and a partner of the next; answers what is to be served beside the program."""
    house, clinic = (_neighbour(settings, folder, name) for name in _NAMES)
    key = stage.new_key(folder / "clients" / "at-the-clinic.jwk")
    said = ("The program of the demo", Purpose.TREATMENT)
    stage.add_client(clinic.open, "iop", ClientKind.FACILITY, PROGRAM, said, key)
    _partner(settings, "clinic", CLINIC, clinic.guarded.base_url, ("iop", key))
    _partner(house.open, "iop", PROGRAM, guarded.base_url, ("facility", folder / "clients" / "facility.jwk"))
    return [house, clinic]


def _partner(settings: Settings, name: str, organization: str, base: str, proof: tuple[str, Path]) -> None:
    made = registrar.new_partner(settings, name, organization, base, proof, _TO_US, "plain", (), time.time())
    with registrar.partners_of(settings) as known:
        if all(one.name != name for one in known.listed()):
            known.add(made)
        known.move(name, made.base)  # the demo may have been served at other ports before


def check_ports(settings: Settings) -> None:
    """Problem(BUSY) where one of the ports of the demo is in use: it is told before anything is made."""
    for port in range(settings.port, settings.port + 2 * (1 + len(_NAMES))):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((settings.host, port))
            except OSError:
                why = f"port {port} is in use; the demo needs six in a row, from --port on"
                raise Problem(Kind.BUSY, why, "IOP_PORT") from None


@contextmanager
def served(beside: list[Served]) -> Iterator[None]:
    """Serve them, each in a process of its own, which ends with this one."""
    processes = [get_context("spawn").Process(target=_serve, args=one, daemon=True) for one in beside]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


def _serve(open_: Settings, guarded: Settings) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server.run_demo(open_, guarded, lambda _: None)


def _end_with_parent() -> None:
    """However the parent ended: a process that is killed does not end its children."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def steps(settings: Settings, folder: Path) -> str:
    """A person comes from the facility, and another goes on to the clinic, as commands to copy."""
    native, house, clinic = (
        one.base_url.removesuffix("/fhir") + "/iop"
        for one in (settings, *(_neighbour(settings, folder, name).open for name in _NAMES))
    )
    lines = [*_comes(native, house, folder), *_goes_on(native, clinic, folder)]
    return "Two neighbours, each with an adapter of its own:\n" + "\n".join(
        f"\n  # {what}\n  {line}" for what, line in lines
    )


def _comes(native: str, house: str, folder: Path) -> Iterator[tuple[str, str]]:
    yield "Cy lets her facility tell who will treat her (once)", _put(house, "consent", CONSENT, folder / "house")
    yield "its staff write down a referral to the program (once)", _put(house, "referral", REFERRAL, folder / "house")
    yield "and have it sent", f"curl -s -X POST '{house}/aftercare_referral/{REFERRAL}/$send'"
    yield from _arrives("CY", "Wherrow", "accepted", native, folder, "intake")
    what = "the facility asks every few seconds, and is told nothing but that it was received"
    yield what, f"sleep 5; curl -s {house}/aftercare"
    yield "Cy lets the program tell the facility", _two_way("CY", native, folder)
    yield "now it knows that she is accepted", f"sleep 8; curl -s {house}/aftercare"


def _goes_on(native: str, clinic: str, folder: Path) -> Iterator[tuple[str, str]]:
    what = "Ada, who has consented above, is to go on to weekly therapy (once)"
    yield what, _put(native, "aftercare", stage.AFTERCARE, folder)
    sends = f"curl -s -X POST '{native}/aftercare_referral/{stage.AFTERCARE}/$send'"
    yield "what her consent covers is sent to the clinic", sends
    yield from _arrives("ADA", "Quill", "admitted", clinic, folder / "clinic", "the clinic's intake")
    yield "at the clinic, too, she lets it tell the program", _two_way("ADA", clinic, folder / "clinic")
    task = f"{clinic}/referral_task/$ADA"
    yield "she has been there", f"ETAG=$(curl -s -D - -o /dev/null {task} | sed -n 's/^etag: //Ip' | tr -d '\\r')"
    completed = """-H 'Content-Type: application/json' -d '{"state": "completed"}'"""
    yield "so for the clinic it is completed", f'curl -s -X PATCH -H "If-Match: $ETAG" {completed} {task}'
    what = "and the program's referral is answered and closed by itself"
    yield what, f"sleep 8; curl -s {native}/aftercare_referral/{stage.AFTERCARE}"


def _arrives(name: str, family: str, state: str, native: str, folder: Path, who: str) -> Iterator[tuple[str, str]]:
    """Somebody is referred; intake says that she is new, and where that goes."""
    read = (
        f"""import json,sys; print(*(one['task'] for one in json.load(sys.stdin)['items'] if '{family}' in str(one)))"""
    )
    yield (
        f"{who} sees her a moment later",
        f'sleep 3; {name}=$(curl -s {native}/intake | python3 -c "{read}"); echo ${name}',
    )
    said = f"""-H 'Content-Type: application/json' -d '{{"participant": "new", "move": "{state}"}}'"""
    settles = f"curl -s {said} '{native}/intake/'${name}'/$settle' | tee {folder}/settled.json"
    yield f"says that she is new, and that she is {state} (once)", settles


def _two_way(name: str, native: str, folder: Path) -> str:
    read = "import json,sys; print(json.load(sys.stdin)['participant'])"
    who = f"""WHO=$(python3 -c "{read}" < {folder}/settled.json)"""
    posts = f"curl -s -H 'Content-Type: application/json' -d @- {native}/consent"
    return f"{who}; sed s/PARTICIPANT/$WHO/ {folder}/two-way.json | {posts}"


def _put(native: str, file: str, id: str, folder: Path) -> str:
    concept = "consent" if file == "consent" else "aftercare_referral"
    said = f"-H 'Content-Type: application/json' -d @{folder}/{file}.json"
    return f"curl -s -X PUT {said} {native}/{concept}/{id}"
