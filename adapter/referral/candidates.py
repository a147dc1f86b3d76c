"""Who of the participants the person of a referral may be, for intake: the surest, and whether they are here now.

Nobody is named whom the asker may not see. https://hl7.org/fhir/R4/patient-operation-match.html
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from adapter.fhir.json import parse
from adapter.identity.evidence import evidence_of
from adapter.identity.match import matches
from adapter.interactions.native import by_token
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.referrals import staged_with
from adapter.store.version import Version

MOST = 3
"""Candidates of one person."""
CURRENT = frozenset({"planned", "waitlist", "active", "onhold"})
"""Statuses of an episode that goes on."""
_HERE, _BEFORE, _KNOWN = "current", "former", "known"


def candidates(program: Program, predicate: Predicate, person: Version) -> tuple[list[dict[str, Any]], list[Version]]:
    """The candidates, the surest first, and their records; none for a person of whom too little is told."""
    patient = parse(person.body)
    if not evidence_of(patient).enough:
        return [], []
    likely = matches(program, predicate, patient)
    found = [*islice((one for one in likely if not _waits(program, one.version.id)), MOST)]
    told = [
        {
            "participant": version.id,
            "grade": score.grade.value,
            "score": score.score,
            "standing": _standing(program, predicate, version.id),
        }
        for version, score in found
    ]
    return told, [version for version, _ in found]


def _waits(program: Program, patient: str) -> bool:
    """Whether a person came with a referral, this one or another, and intake has not said who it is."""
    with program.store.asking() as database:
        return staged_with(database, "Patient", patient) is not None


def _standing(program: Program, predicate: Predicate, patient: str) -> str:
    """`current` with an episode that goes on, `former` with none but ended ones, else `known`."""
    page = program.store.search(predicate, by_token(program, "EpisodeOfCare", "patient", patient))
    statuses = {parse(version.body).get("status") for version in page.versions} - {"entered-in-error", "cancelled"}
    return _HERE if statuses & CURRENT else _BEFORE if statuses else _KNOWN
