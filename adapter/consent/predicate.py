"""The condition that narrows every query to what one reader may see: the only maker of a `Predicate`.

Every predicate carries the parameters `c_recipient` (who reads) and `c_grant` (why that is allowed); the gate copies
them onto whatever it releases, so an answer cannot be made without saying for whom and under what.

What is said here in SQL is said in plain Python by `policy.decide`; a test compares the two over generated worlds.
"""

from __future__ import annotations

from collections.abc import Collection

from adapter.callers import Caller, ClientKind
from adapter.released import Predicate
from adapter.rules import END, Bond, Effect

ALL = "TRUE"

_CLASSES = {
    ClientKind.PROVIDER_EHR: ("treating-providers",),
    ClientKind.FACILITY: ("treating-providers",),
    ClientKind.PAYER: ("health-plans", "third-party-payers"),
}
"""The phrases of a form, 42 CFR 2.31(a)(4), that mean a client of this kind where it is tied to the patient."""
_BONDS = {
    ClientKind.PROVIDER_EHR: Bond.TREATS,
    ClientKind.FACILITY: Bond.TREATS,
    ClientKind.PAYER: Bond.COVERS,
}
_SUBJECTS = """json_each('["' || replace(v.patients, ' ', '","') || '"]') s"""
# At the end of a subquery that is asked anew for each candidate: its OFFSET keeps PostgreSQL from making it a join.
_ONE = "LIMIT 1 OFFSET 0"
# A record without a date of its own is looked at as it is now.
_DATE = "CASE WHEN v.sort = v.updated THEN :c_now ELSE v.sort END"


def everything(reason: str) -> Predicate:
    """All records, for whoever can reach a server that was started without authorization; `reason` must be given."""
    if not reason.strip():
        raise ValueError("a server that shows everything must say why")
    return Predicate(ALL, {"c_recipient": "anyone on this machine", "c_grant": f"open: {reason}"})


def sees_all(predicate: Predicate) -> bool:
    """Whether nothing can be hidden from this reader, so that no record need be asked for to know."""
    return predicate.sql == ALL


def of_caller(caller: Caller, types: Collection[str], now_ms: int) -> Predicate:
    """What a client may see of these resource types at this moment (ms since 1970).

    The program's own (42 CFR 2.12(c)(3) and (4)) see all of them; others what a consent in force lets through, and of
    the directory what is about nobody.
    """
    parameters: dict[str, str | int] = {
        "c_recipient": caller.client,
        "c_grant": "consent" if caller.kind in _BONDS else "internal",
        "c_types": f" {' '.join(sorted(types))} ",
    }
    shown = "instr(:c_types, ' ' || v.type || ' ') > 0"
    if caller.kind not in _BONDS:
        return Predicate(shown, parameters)
    parameters |= {
        "c_now": now_ms,
        "c_t": END,
        "c_organization": caller.organization,
        "c_me": f"Organization/{caller.organization}",
        "c_purpose": caller.purpose.value,
    }
    one, each = (_permitted(caller.kind, patient) for patient in ("v.patients", "s.value"))
    every = f"NOT EXISTS (SELECT 1 FROM {_SUBJECTS} WHERE NOT ({each}) {_ONE})"
    whose = f"CASE WHEN v.patients = '' THEN TRUE WHEN instr(v.patients, ' ') = 0 THEN ({one}) ELSE {every} END"
    return Predicate(f"{shown} AND v.labels <> 0 AND {whose}", parameters)


def _permitted(kind: ClientKind, patient: str) -> str:
    """A tie, no denial, and a consent that covers the record and has no exception for it."""
    denied = f"{_rule('d', kind, patient, Effect.DENY)} AND d.labels & v.labels <> 0"
    excepted = f"{_rule('e', kind, patient, Effect.EXCEPTION)} AND e.consent = g.consent AND e.labels & v.labels <> 0"
    permitted = f"{_rule('g', kind, patient, Effect.PERMIT)} AND v.labels & ~g.labels = 0"
    return (
        f"EXISTS (SELECT 1 FROM tie b WHERE {_tied(kind, patient)} {_ONE})"
        f" AND NOT EXISTS (SELECT 1 FROM permit d WHERE {denied} {_ONE})"
        f" AND EXISTS (SELECT 1 FROM permit g WHERE {permitted}"
        f" AND NOT EXISTS (SELECT 1 FROM permit e WHERE {excepted} {_ONE}) {_ONE})"
    )


def _rule(name: str, kind: ClientKind, patient: str, effect: Effect) -> str:
    """Whether a row of `permit` speaks of the record, to this reader, now."""
    classes = "".join(f", 'class/{code}'" for code in _CLASSES[kind])
    conditions = (
        f"patient = {patient}",
        f"effect = '{effect}'",
        "from_t <= :c_t",
        "valid_from <= :c_now",
        "valid_until > :c_now",
        f"recipient IN ('*', :c_me{classes})",
        "purpose IN ('*', :c_purpose)",
        "type IN ('*', v.type)",
        "record IN ('*', v.type || '/' || v.id)",
        f"data_from <= {_DATE}",
        f"data_until > {_DATE}",
    )
    return " AND ".join(f"{name}.{condition}" for condition in conditions)


def _tied(kind: ClientKind, patient: str) -> str:
    """Whether the reader is tied to the patient: who pays, at the date of the record, others now."""
    when = _DATE if kind is ClientKind.PAYER else ":c_now"
    conditions = (
        f"patient = {patient}",
        f"bond = '{_BONDS[kind]}'",
        "organization = :c_organization",
        "from_t <= :c_t",
        f"valid_from <= {when}",
        f"valid_until > {when}",
    )
    return " AND ".join(f"b.{condition}" for condition in conditions)
