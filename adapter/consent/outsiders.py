"""What outsiders see of a record `v`, as SQL for one kind of client: the parts of a `Predicate` that no reader changes.

`policy.decide` says the same in plain Python; a test compares the two over generated worlds.
"""

from __future__ import annotations

from functools import cache

from adapter.callers import ClientKind
from adapter.consent import referrers
from adapter.consent.labels import NOTES, OTHERS
from adapter.consent.permits import ONE, listed, one_of, permitted, permitted_all
from adapter.consent.policy import DIRECTORY, OF_MANY, RENDERING
from adapter.consent.principal import is_principal

_ALONE = " WHEN instr(v.patients, ' ') = 0"
_ADDRESSEES = "' ' || v.addressees || ' '"
SUBJECTS = """json_each('["' || replace(v.patients, ' ', '","') || '"]') s"""
OPENED = (
    "emergency e WHERE e.patient = s.value AND e.client = :c_recipient AND e.person = :c_person"
    " AND e.opened_ms <= :c_now AND e.closed_ms > :c_now"
)
"""An emergency of a patient `s.value` that is open for the reader."""


@cache
def told(kind: ClientKind) -> str:
    """It is labelled, it names nobody whom it is not about, and it is not held to others."""
    alone = f"v.labels <> 0 AND v.labels & {OTHERS} = 0 AND NOT {one_of('v.type', listed(OF_MANY))}"
    if kind not in RENDERING:
        return alone
    return f"{alone} AND (v.addressees IS NULL OR instr({_ADDRESSEES}, ' ' || :c_organization || ' ') > 0)"


@cache
def principal() -> str:
    """Of diagnoses, the principal ones of what is shown to a payer, whatever its scopes leave of that."""
    payer = ClientKind.PAYER
    seen = f"v.labels & {NOTES} = 0 AND {told(payer)} AND {permitted(payer, 'v.patients')} AND {referrers.SETTLED}"
    return is_principal(RENDERING[payer], seen)


@cache
def seen_in_emergency() -> str:
    """Of what is about nobody, the directory; else what is about none but those whose emergency is open, 2.51."""
    directory = ", ".join(f"'{type}'" for type in sorted(DIRECTORY))
    every = f"NOT EXISTS (SELECT 1 FROM {SUBJECTS} WHERE NOT EXISTS (SELECT 1 FROM {OPENED} {ONE}) {ONE})"
    return f"CASE WHEN v.patients = '' THEN v.type IN ({directory}) ELSE {every} END"


@cache
def seen(kind: ClientKind, asked_for: bool, *, named: bool = False) -> str:
    """Of what is about nobody, the directory; else what each patient it is about permits, 2.13(a), by its type where it
    must be `named`."""
    directory = ", ".join(f"'{type}'" for type in sorted(DIRECTORY))
    if not asked_for:
        return f"v.patients = '' AND v.type IN ({directory})"
    one, each = (permitted(kind, patient, named=named) for patient in ("v.patients", "s.value"))
    every = f"NOT EXISTS (SELECT 1 FROM {SUBJECTS} WHERE NOT ({each}) {ONE})"
    return f"CASE WHEN v.patients = '' THEN v.type IN ({directory}){_ALONE} THEN ({one}) ELSE {every} END"


_WHEN = "CASE WHEN w.sort = w.updated THEN :c_now ELSE w.sort END"


@cache
def seen_in_stretches(kind: ClientKind, rendering: int) -> str:
    """The same as `seen`, for a statement that looks at all versions of `:type` above `:after` up to `:last`: consents
    are asked once for all that one patient's records of the same labels may be, and of the others for each."""
    group = (
        f"SELECT w.patients, w.labels, min({_WHEN}) AS first, max({_WHEN}) AS last,"
        " min(CASE WHEN w.sort = w.updated THEN 0 ELSE 1 END) AS dated"
        f" FROM version w WHERE w.type = :type AND w.vid > :after AND w.vid <= :last AND w.rendering = {rendering}"
        " AND w.patients <> '' AND instr(w.patients, ' ') = 0 GROUP BY w.patients, w.labels"
    )
    all_of = f"SELECT s.patients, s.labels FROM ({group}) s WHERE {permitted_all(kind)}"
    directory, others = seen(kind, True).split(_ALONE)
    return f"{directory} WHEN (v.patients, v.labels) IN ({all_of}) THEN TRUE{_ALONE}{others}"
