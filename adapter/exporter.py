"""An export as a person at a terminal has it made: into a folder, for a client or of the whole program for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from adapter import app
from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent.predicate import asker_of, everything_for
from adapter.export.asking import NEVER
from adapter.export.folder import Folder, Recipient, Writer
from adapter.export.rosters import names
from adapter.export.sight import Puller, meant
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump
from adapter.interactions.program import Program
from adapter.interactions.types import served
from adapter.problems import Kind, Problem, named
from adapter.settings import Settings
from adapter.store.clients import Clients
from adapter.store.exports import Export
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.web.access import Clients as Access

OWN = "the program's own data, on the command line"
OFFICER = "command-line"
"""What whoever has the whole program is called in the ledger."""


class Wanted(NamedTuple):
    """What of the records: for a client by its id, else all for the program itself; of these types, else all; of a
    roster by its id; what is new since a moment."""

    client: str | None
    purpose: Purpose | None
    types: Sequence[str]
    roster: str | None
    since: datetime | None


def export(settings: Settings, path: Path, wanted: Wanted, tell: Callable[[str], None]) -> None:
    """Make it, or go on with it. A Problem for what the client may not have, and for a folder with something else."""
    with app.opened(settings) as program:
        export_from(program, path, wanted, tell)


def export_from(program: Program, path: Path, wanted: Wanted, tell: Callable[[str], None]) -> None:
    """The same of a program that is open."""
    with _ledger(program) as ledger:
        access = app.clients(program, ledger)
        to, one = (_of_client if wanted.client else _of_all)(program, access, wanted)
        folder = Folder(path, _request(wanted, one), one)
        Writer(program, ledger, to, folder, tell).write(meant(program, to.puller, folder.one))


@contextmanager
def _ledger(program: Program) -> Iterator[Ledger]:
    ledger = Ledger(place_of(program.settings.store), program.clock)
    try:
        yield ledger
    finally:
        ledger.close()


def _of_client(program: Program, access: Access, wanted: Wanted) -> tuple[Recipient, Export]:
    """What a client would be given over the network, by all scopes that it is registered for."""
    now, id = milliseconds(program.clock()), str(wanted.client)
    with program.store.asking() as database:
        client = Clients(database).named(id, now)
    if client is None:
        raise Problem(Kind.NOT_FOUND, f"there is no client {named(id, 'of this id')}", "--as")
    purpose = wanted.purpose.value if wanted.purpose else client.purposes.split()[0]
    probe = Export(program.new_id(), id, "Patient", "", client.scopes, purpose, None, program.store.t, now, now)
    puller = access.pullers(probe, now)
    if puller is None:
        raise Problem(Kind.FORBIDDEN, "the client is disabled, has no agreement, or is not registered for this", "--as")
    place = _place(program, puller.caller, wanted.roster)
    access.entitled.check(puller.caller, "$export", place.partition("/")[0], False)
    seen = set(str(puller.predicate.parameters["c_types"]).split()) - NEVER
    if unseen := set(wanted.types) - seen:
        raise Problem(Kind.FORBIDDEN, f"the client may not have {named(sorted(unseen)[0])}", "--type")
    said = {"recipient": id, "kind": client.kind, "organization": client.organization, "purpose": purpose}
    asked = _asked(sorted(wanted.types or seen), wanted)
    return Recipient(puller, None, said), probe._replace(place=place, asked=asked)


def _place(program: Program, caller: Caller, roster: str | None) -> str:
    known = names(program, caller)
    if roster is not None and roster not in known:
        raise Problem(Kind.NOT_FOUND, f"the client's rosters are {', '.join(known)}", "--group")
    if caller.kind is ClientKind.PAYER:
        return f"Group/{roster or next(iter(known))}"
    return f"Group/{roster}" if roster else "Patient"


def _of_all(program: Program, access: Access, wanted: Wanted) -> tuple[Recipient, Export]:
    """All records as they are kept, for the program itself: nothing is hidden, and no consent makes it a disclosure."""
    types = set(served(program)) - NEVER
    if unknown := set(wanted.types) - types:
        raise Problem(Kind.INVALID, f"no file has the type {named(sorted(unknown)[0])}", "--type")
    now, id, purpose = milliseconds(program.clock()), program.new_id(), wanted.purpose or Purpose.OPERATIONS
    organization = next(iter(sorted(program.settings.custodians)), "")
    caller = Caller(OFFICER, ClientKind.PRIVACY_OFFICER, organization, purpose, (), f"export/{id}", None)
    puller = Puller(caller, everything_for(OWN, asker_of(caller)))
    asked, said = _asked(sorted(wanted.types or types), wanted), {"own": "true", "warning": WARNING}
    one = Export(id, OFFICER, "Patient", asked, "", purpose.value, None, program.store.t, now, now)
    return Recipient(puller, "internal", said), one


WARNING = "All records of the program as it keeps them, no consent asked: they must not leave it (42 CFR 2.12, 2.16)."


def _request(wanted: Wanted, one: Export) -> str:
    """As it would be asked for again."""
    said: list[str] = (
        ["--as", wanted.client, "--purpose", one.purpose] if wanted.client else ["--whole", "--purpose", one.purpose]
    )
    said += [part for type in sorted(wanted.types) for part in ("--type", type)]
    said += ["--group", wanted.roster] if wanted.roster else []
    said += ["--since", wanted.since.isoformat()] if wanted.since else []
    return " ".join(["iop-adapter export", *map(str, said)])


def _asked(types: list[str], wanted: Wanted) -> str:
    since = milliseconds(wanted.since) if wanted.since else None
    said: dict[str, Any] = {
        "types": types,
        "filters": {},
        "elements": [],
        "since": since,
        "until": None,
        "patients": None,
    }
    return dump(said).decode()
