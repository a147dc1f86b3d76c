"""What has been deleted since a client last pulled, of what it was sent before: `deleted` in the manifest.

The ledger knows what was sent. What a consent hides by now is not told of, and what is only hidden is no deletion.
https://hl7.org/fhir/uv/bulkdata/STU2/export.html#response---complete-status
"""

from __future__ import annotations

from collections.abc import Iterator

from adapter.consent.gate import release
from adapter.consent.predicate import at
from adapter.consent.security import high_water
from adapter.export.sight import Meant
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump
from adapter.released import Released
from adapter.store.exports import Stretch, deleted, deleted_stretches, whose
from adapter.store.ledger import Ledger
from adapter.store.reports import sent_before
from adapter.store.version import Version

DELETED = "deleted"
"""Stands for a type with the file of them; it comes behind all types."""


def deletions_of(meant: Meant, after: int) -> Iterator[Stretch]:
    """Where they are, behind a number; nowhere in an export that is not since some moment."""
    if meant.since is not None:
        yield from deleted_stretches(meant.program.store, meant.types, after, meant.since)


def file_of_deletions(meant: Meant, ledger: Ledger, after: int) -> Stretch | None:
    """From the first to the last of them, behind a number; None where there is none."""
    told = [one for one in deletions_of(meant, after) if _told(meant, ledger, one)]
    return Stretch(DELETED, told[0].after, told[-1].last) if told else None


def part_of_deletions(meant: Meant, ledger: Ledger, stretch: Stretch) -> Released | None:
    """A line with those of a stretch, as a transaction that would do the same at the client's; None for none."""
    found = _told(meant, ledger, stretch)
    if not found:
        return None
    entries = [{"request": {"method": "DELETE", "url": f"{one.type}/{one.id}"}} for one in found]
    security = high_water(meant.reader, meant.program.settings.posture)
    meta = {"meta": {"security": security}} if security else {}
    line = dump({"resourceType": "Bundle", **meta, "type": "transaction", "entry": entries})
    return release(meant.reader, line + b"\n", found)


def _told(meant: Meant, ledger: Ledger, stretch: Stretch) -> list[Version]:
    """Those of a stretch that the client may be told of."""
    if meant.since is None:
        return []
    seen = at(meant.lasting, milliseconds(meant.program.clock()), "")
    found = deleted(meant.program.store, seen, meant.types, stretch, meant.since, meant.one.t)
    about = whose(meant.program.store, found)
    if not about:
        return found
    with ledger.reading() as told:
        sent = {
            one for patient, records in about.items() for one in sent_before(told, meant.one.client, patient, records)
        }
    return [version for version in found if not version.patients or f"{version.type}/{version.id}" in sent]
