"""Whether the consents of two Patients who are to be joined show others more of either than they do now.

They are one person's, who signed each of them, so each covers all of the person's records afterwards: a refusal of
either holds for all (42 CFR 2.26), and a permission reaches further than before. That is asked of a person first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from adapter.fhir.dates import milliseconds
from adapter.fhir.json import parse
from adapter.interactions.program import Program
from adapter.problems import Issue, Kind, Problem
from adapter.rules import BEGINNING, Bond, Effect, Grant
from adapter.store.joined import Joined
from adapter.store.transaction import Transaction

WAITING = "was given before two records of the person were joined: see whether it was meant for both"
_BOTH = 'would show records of the other; if it was meant for all of the person\'s records, say "consents": "both"'
_OUTSIDE = (Bond.TREATS, Bond.COVERS)

Said = frozenset[Grant]
"""What a consent permits and excepts, whosever it is."""


class Reach(NamedTuple):
    """What the consents of a patient say, each by its id, and whom their classes mean."""

    consents: Mapping[str, Said]
    tied: frozenset[tuple[str, str]]


def check_consents(program: Program, transaction: Transaction, one: str, other: str, *, both: bool) -> tuple[str, ...]:
    """The ids of the Consents by which somebody would be shown more than before.

    Problem(CONFLICT) that names them, unless it was said that they are for `both`.
    """
    mine, others = (_reach(program, transaction, patient) for patient in (one, other))
    wider = {
        id for id, said in mine.consents.items() if mine.tied != others.tied or said not in others.consents.values()
    }
    wider |= {
        id for id, said in others.consents.items() if mine.tied != others.tied or said not in mine.consents.values()
    }
    if wider and not both:
        issues = [Issue("business-rule", f"this consent {_BOTH}", f"Consent/{id}") for id in sorted(wider)]
        raise Problem(Kind.CONFLICT, issues[0].message, issues[0].expression, issues=issues)
    return tuple(sorted(wider))


def _reach(program: Program, transaction: Transaction, patient: str) -> Reach:
    """What may be permitted now or later; who treats the patient, or pays."""
    now_ms, found = milliseconds(program.clock()), dict[str, Said]()
    for id in transaction.holders("Consent", "patient", f"Patient/{patient}"):
        version = transaction.current("Consent", id)
        rows = program.store.index.rows("Consent", parse(version.text)) if version else None
        grants = [grant for grant in (rows.grants if rows else ()) if grant.effect is not Effect.DENY]
        if any(grant.effect is Effect.PERMIT and grant.valid_until > now_ms for grant in grants):
            found[id] = frozenset(replace(grant, consent="", patient="", valid_from=BEGINNING) for grant in grants)
    ties = Joined(transaction.database).ties(patient, now_ms)
    return Reach(found, frozenset(tie for tie in ties if tie[0] in _OUTSIDE))
