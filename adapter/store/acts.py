"""Who wrote which versions: one row for each request, in the transaction that writes.

AuditEvents and Provenances are made of these rows when they are asked for: as records of their own, with index rows,
they made a create take 1.6 times as long and the file three times as large. Rows are added and never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from adapter.released import Asker, Predicate
from adapter.rules import BEGINNING
from adapter.store.chain import following
from adapter.store.database import Database
from adapter.store.pages import pages
from adapter.store.statements import narrowed, statement
from adapter.store.transaction import Transaction
from adapter.store.version import Version

PROGRAM = Asker("", "program", "", None, "", "")
"""The program's own commands and imports."""
OPEN = Asker("", "open", "", None, "", "")
"""Whoever reached a server without authorization."""


class Act(NamedTuple):
    """One request that wrote the versions `first` to `last`, by their `vid`: `person` is whom it named, `network` the
    address it came from, `request` what its client calls it, `digest` that of all this and of the act before."""

    first: int
    last: int
    at_ms: int
    client: str
    kind: str
    organization: str
    person: str | None
    token: str
    purpose: str
    network: str | None = None
    request: str | None = None
    digest: str = ""


class Written(NamedTuple):
    """A version that an act wrote, without its body; `labels` are its sensitivities, `own` those of them that it does
    not have because of whom it names."""

    vid: int
    type: str
    id: str
    version: int
    deleted: bool
    labels: int
    own: int
    patients: str


def record(transaction: Transaction, by: Asker, versions: Sequence[Version]) -> None:
    """Write down who wrote these versions, which are all that one request has made."""
    vids = [version.vid for version in versions]
    first, database = min(vids), transaction.database
    about = sorted({patient for version in versions for patient in version.patients.split()})
    row = (first, max(vids), versions[0].updated_ms, *by)
    transaction.signed = following(transaction.signed, row)
    with database.together(1 + len(about)):
        database.fill("insert_act", [(*row, transaction.signed)])
        if about:
            database.fill("insert_act_patient", [(patient, first) for patient in about])


def acts(database: Database, after: int) -> Iterator[Act]:
    """All behind a position."""
    return map(Act._make, pages(database, "acts", {"first": after}))


def acts_about(database: Database, patient: str, after: int) -> Iterator[Act]:
    """Those about one patient, behind a position."""
    return map(Act._make, pages(database, "acts_about", {"first": after}, patient=patient))


def acts_by(database: Database, after: int, *, organization: str | None = None, person: str = "") -> Iterator[Act]:
    """Those of the clients of an organization, or of one of the staff, behind a position: few of many are looked for in
    the table itself, because an index would be written with every act."""
    if organization is not None:
        return map(Act._make, pages(database, "acts_of_organization", {"first": after}, organization=organization))
    return map(Act._make, pages(database, "acts_of_person", {"first": after}, person=person))


def act_of(database: Database, vid: int) -> Act | None:
    """The one that wrote a version."""
    row = database.execute(statement("act_of"), (vid,)).fetchone()
    return Act._make(row) if row and row[1] >= vid else None


def acts_on(database: Database, type: str, id: str, after: int) -> Iterator[Act]:
    """Those that wrote versions of one record, behind a position."""
    return map(Act._make, pages(database, "acts_on", {"first": after}, type=type, id=id))


def written(database: Database, predicate: Predicate, act: Act) -> list[Written]:
    """What of an act may be seen: each version, and its record as it is now."""
    values = {**predicate.parameters, "first": act.first, "last": act.last}
    seen = [Written(*row) for row in database.execute(narrowed("written", predicate), values)]
    return [one for one in seen if _is_there(database, predicate, one)]


def size(database: Database, act: Act) -> int:
    """How many versions an act wrote, seen or not."""
    return int(database.execute(statement("act_size"), (act.first, act.last)).fetchone()[0])


def _is_there(database: Database, predicate: Predicate, one: Written) -> bool:
    values = {**predicate.parameters, "type": one.type, "id": one.id}
    return database.execute(narrowed("read", predicate), values).fetchone() is not None


def before(database: Database, since_ms: int) -> int:
    """A position before which all acts are older: found by halving, because time and position grow together."""
    if since_ms == BEGINNING:
        return 0
    low, high = 0, 1 << 62
    while low < high:
        middle = (low + high) // 2
        found = database.execute(statement("act_before"), (middle,)).fetchone()
        if found is None or found[1] >= since_ms:
            high = middle
        else:
            low = max(middle, found[0]) + 1
    return low - 1
