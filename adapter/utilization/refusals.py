"""Sessions of which a patient lets a payer know nothing, as when they were paid in full: they are no part of what is
counted for that payer. 42 CFR 2.26; 45 CFR 164.522(a)(1)(vi). R4: https://hl7.org/fhir/R4/consent.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from adapter.mapping.load import Maps
from adapter.utilization.payers import COVERAGE, Covers
from adapter.utilization.sessions import ENCOUNTER, record_of

Resource = dict[str, Any]
CONSENT = "Consent"
WHY = "the patient restricted it: the payer is not told (42 CFR 2.26)"


def named(maps: Maps, consents: Iterable[Resource | None]) -> Iterator[tuple[str, Resource]]:
    """The sessions (ids) that refusals in force name, with the record of the refusal."""
    for consent in consents:
        record = record_of(maps, "consent", consent)
        refuses = record.get("kind") == "restriction" or record.get("decision") == "deny"
        for said in record.get("records", ()) if refuses and record.get("status") == "active" else ():
            type, _, id = str(said.get("record", "")).partition("/")
            if type == ENCOUNTER:
                yield id, record


def refused(maps: Maps, participant: str, reader: Covers) -> frozenset[str]:
    """The ids of a participant's sessions that a payer of theirs is not told of."""
    about = [("Patient", participant)]
    consents = [reader.current(CONSENT, id) for id in sorted(reader.pointing(CONSENT, "patient", about))]
    found = [*named(maps, consents)]
    if not found:
        return frozenset()
    coverages = (reader.current(COVERAGE, id) for id in reader.pointing(COVERAGE, "patient", about))
    payers = {record_of(maps, "coverage", one).get("payer") for one in coverages}
    return frozenset(id for id, record in found if _is_of(record, payers))


def _is_of(record: Resource, payers: set[Any]) -> bool:
    """Whether a refusal holds for one of the payers: it names nobody, a class, or one of them."""
    recipients = record.get("recipients", ())
    return not recipients or any(one.get("classes") or one.get("recipient") in payers for one in recipients)
