"""Which diagnoses a payer sees, as SQL over a record `v`: the principal ones of visits, episodes and claims it sees.

45 CFR 164.502(b), 42 CFR 2.13(a). A visit that it may not see (paid by the patient, who restricts it: 42 CFR 2.26)
makes no diagnosis visible to it. `policy.decide` says the same in plain Python.
"""

from __future__ import annotations

from adapter.consent.permits import ONE
from adapter.consent.policy import DIAGNOSIS
from adapter.rules import Bond


def is_principal(rendering: int, seen: str) -> str:
    """Whether the record is no diagnosis, or one that is said to be the principal one: by a record of which this
    rendering is `seen`, a condition over it by the name of `v`, and which is about the same patient and nobody else.

    Whom it is about stands in the place of the organization (`rules.Bond`), so of two patients none is found.
    """
    said = (
        f"(SELECT '{DIAGNOSIS}/' || v.id AS diagnosis, v.patients AS patients) o"
        f" CROSS JOIN tie b ON b.patient = o.diagnosis AND b.bond = '{Bond.PRINCIPAL}' AND b.organization = o.patients"
        " CROSS JOIN version y ON y.vid = b.vid"
        f" CROSS JOIN version v ON v.type = y.type AND v.id = y.id AND v.rendering = {rendering}"
    )
    now = "b.from_t <= :c_t AND v.until_t IS NULL AND NOT v.deleted AND v.patients = o.patients"
    return f"(v.type <> '{DIAGNOSIS}' OR EXISTS (SELECT 1 FROM {said} WHERE {now} AND {seen} {ONE}))"
