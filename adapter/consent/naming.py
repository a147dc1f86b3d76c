"""Who reads the scope of a Consent, as SQL over its rendering `v`: who is named in it, while it is in force for them.

What 42 CFR 2.32(b) has go with each disclosure, as a record. `policy.decide` says the same in plain Python.
"""

from __future__ import annotations

from functools import cache

from adapter.callers import ClientKind
from adapter.consent.permits import ONE, excepted, is_permission, recipients_of, refused, tied_since
from adapter.consent.policy import CONSENT

ITSELF = "v.id"
"""The ground on which its scope is shown."""


@cache
def in_force(kind: ClientKind) -> str:
    """Whether the Consent permits the reader anything now, whatever record it is: by its name or, of those tied to the
    patient, by its class; and nothing refuses that its scope be told."""
    one = "v.patients"
    permits = (
        f"{is_permission('g', one)} AND g.consent = v.id AND g.recipient IN ({recipients_of(kind)})"
        f" AND v.labels & ~g.labels = 0 AND NOT {excepted(kind, one)}"
    )
    return (
        f"v.type = '{CONSENT}' AND v.patients <> '' AND instr(v.patients, ' ') = 0 AND NOT {refused(kind, one)}"
        f" AND {tied_since(kind, one)} AND EXISTS (SELECT 1 FROM permit g WHERE {permits} {ONE})"
    )


@cache
def open_to(kind: ClientKind) -> str:
    """Whether there can be such a Consent of a patient `s.value`."""
    permits = f"{is_permission('g', 's.value')} AND g.recipient IN ({recipients_of(kind)})"
    return f"{tied_since(kind, 's.value')} AND EXISTS (SELECT 1 FROM permit g WHERE {permits} {ONE})"
