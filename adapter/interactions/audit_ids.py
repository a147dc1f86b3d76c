"""Ids of AuditEvents: all of one form, sealed, because they count what is written and told of whomever, and the same
for the same row as long as the deployment's key is.
"""

from __future__ import annotations

from hashlib import blake2b

from adapter.fhir.page_links import seal, unseal
from adapter.interactions.program import Program
from adapter.problems import Problem
from adapter.store.reports import Told

PREFIX = "event-"
WROTE, TOLD, DECISION, REFUSAL, ACCOUNT = range(5)
"""What an event is of: a version that was written, a disclosure as a read, the decision behind it, a refusal, and a
disclosure as a patient is owed an account of it."""
_PURPOSE = "audit event id"


def id_of(program: Program, kind: int, number: int, rest: str | int = 0) -> str:
    """The id of an event, as long as any other: its length would tell how many digits the number has."""
    return PREFIX + seal([kind, fixed(number), f"{rest:0>8}"], program.secret, _PURPOSE).replace("_", ".")


def fixed(number: int) -> str:
    """A number of a row in as many digits as any below 16**10."""
    return f"{number:010x}"


def id_of_told(program: Program, kind: int, told: Told) -> str:
    """The id of an event of one patient in one disclosure."""
    return id_of(program, kind, told.n, _digest(told.patient))


def is_of(told: Told, rest: str) -> bool:
    """Whether the last part of an id is of this patient."""
    return rest == _digest(told.patient)


def parts_of(program: Program, id: str) -> tuple[int, int, str]:
    """The parts of an id; a kind that there is not for an id that is none."""
    try:
        kind, number, rest = unseal(id.removeprefix(PREFIX).replace(".", "_"), program.secret, _PURPOSE, "id")
    except Problem:
        return -1, 0, ""
    return kind, int(number, 16), rest


def _digest(patient: str) -> str:
    return blake2b(patient.encode(), digest_size=4).hexdigest()
