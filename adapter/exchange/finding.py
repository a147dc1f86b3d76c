"""What a partner may be sent of one patient, by the rule by which its EHR would see it here: 42 CFR 2.31, 2.33."""

from __future__ import annotations

from typing import NamedTuple

from adapter.callers import Caller, ClientKind, Purpose, Scope
from adapter.consent.labels import consent_free
from adapter.consent.matrix import Matrix
from adapter.consent.predicate import of_caller, of_named
from adapter.consent.scopes import SEEN, goes_along
from adapter.fhir.dates import milliseconds
from adapter.fhir.everything import parse_everything
from adapter.interactions.program import Program
from adapter.interactions.search import limits
from adapter.interactions.types import served
from adapter.released import Predicate
from adapter.store.partners import PartnerRow
from adapter.store.standing import beginnings
from adapter.store.version import Version

TYPES = ("Patient", "Encounter", "Goal", "CarePlan", "MedicationRequest", "Observation")
"""In an order in which most of what a record points to is there before it."""
_PAGE = 200


class Sight(NamedTuple):
    """What somebody may see: records, and by their scope alone the Consents that name him, 42 CFR 2.32(b)."""

    records: Predicate
    consents: Predicate


def recipient(row: PartnerRow) -> Caller:
    """The partner as the rules of consent know it: the EHR of another provider, for treatment."""
    scopes = (Scope("system", "*", "rs"),)
    return Caller(row.recipient, ClientKind.PROVIDER_EHR, row.organization, Purpose.TREATMENT, scopes, row.recipient)


def permitted(program: Program, caller: Caller, matrix: Matrix, at_ms: int | None = None) -> Predicate:
    """What it may see now, or then by what is known now."""
    types = frozenset(type for type in served(program) if goes_along(matrix, caller, type) in SEEN)
    free = consent_free(program.settings.posture, program.settings.consent_free)
    now = milliseconds(program.clock()) if at_ms is None else at_ms
    return of_caller(caller, types, now, consent_free=free, policy=matrix.version)


def sight(program: Program, caller: Caller, matrix: Matrix) -> Sight:
    """The same, with the Consents under which it is so."""
    consents = of_named(caller, milliseconds(program.clock()), policy=matrix.version)
    return Sight(permitted(program, caller, matrix), consents)


def opens(program: Program, caller: Caller, matrix: Matrix, patient: str) -> int | None:
    """When next (ms since 1970) a consent or a tie of a patient begins by its date, or a refusal ends by its, and it
    may see him then."""
    with program.store.asking() as database:
        starts = beginnings(database, patient, milliseconds(program.clock()))
    seen = (at for at in starts if program.store.read(permitted(program, caller, matrix, at), "Patient", patient))
    return next(seen, None)


def found(program: Program, predicate: Predicate, patient: str) -> list[Version]:
    """The person and what of them is sent, in the order of `TYPES`; nothing where the person may not be seen."""
    person = program.store.read(predicate, "Patient", patient)
    if person is None or person.deleted:
        return []
    index, bounds = program.store.index, limits(program, predicate)
    asked = parse_everything("Patient", patient, {"_type": TYPES[1:], "_count": [_PAGE]}, TYPES, index, bounds)
    versions = {(person.type, person.id): person}
    while True:
        page = program.store.everything(predicate, asked)
        versions |= {(one.type, one.id): one for one in page.versions if one.type in TYPES}
        if page.next is None:
            return sorted(versions.values(), key=lambda one: (TYPES.index(one.type), one.vid))
        asked = asked.after(page.next)
