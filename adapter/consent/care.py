"""What somebody of the staff sees of a record `v` by duty and by whose care a patient is in, as SQL.

42 CFR 2.12(c)(3). `policy.shows` and `policy.in_care` say the same in plain Python; a test compares the two over
generated worlds.
"""

from __future__ import annotations

from functools import cache

from adapter.consent.matrix import OTHER
from adapter.consent.outsiders import SUBJECTS
from adapter.consent.permits import ONE
from adapter.rules import Bond

NOTHING = "FALSE"
_CONCEPT = f"' ' || coalesce(v.concept, '{OTHER}') || ' '"


@cache
def in_duty() -> str:
    """Of some concepts all records, of others those whose patients are all in the reader's care."""
    one, each = (in_care(patient) for patient in ("v.patients", "s.value"))
    every = f"NOT EXISTS (SELECT 1 FROM {SUBJECTS} WHERE NOT ({each}) {ONE})"
    cared = f"CASE WHEN v.patients = '' THEN {NOTHING} WHEN instr(v.patients, ' ') = 0 THEN ({one}) ELSE {every} END"
    return f"(instr(:c_all, {_CONCEPT}) > 0 OR (instr(:c_assigned, {_CONCEPT}) > 0 AND {cared}))"


def in_care(patient: str) -> str:
    """Whether the patient is in the reader's care, as himself or in a role that he holds."""
    lasting = "{0}.from_t <= :c_t AND {0}.valid_from <= :c_now AND {0}.valid_until > :c_now"
    held = (
        f"EXISTS (SELECT 1 FROM tie h WHERE h.patient = b.organization AND h.bond = '{Bond.HOLDS}'"
        f" AND h.organization = :c_person AND {lasting.format('h')} {ONE})"
    )
    tied = f"b.patient = {patient} AND b.bond = '{Bond.CARES}' AND {lasting.format('b')}"
    return f"EXISTS (SELECT 1 FROM tie b WHERE {tied} AND (b.organization = :c_person OR {held}) {ONE})"
