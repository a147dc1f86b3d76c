"""The condition that narrows every query to what one reader may see: the only maker of a `Predicate`.

Every predicate carries the parameters `c_recipient` (who reads) and `c_grant` (why that is allowed); the gate copies
them onto whatever it releases, so an answer cannot be made without saying for whom and under what.

What is said here in SQL is said in plain Python by `policy.decide`; a test compares the two over generated worlds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, lru_cache

from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent.arguments import UNBOUND, Bounds
from adapter.consent.duties import Rights, Shown
from adapter.consent.labels import LABELLED, NOTES, OTHERS
from adapter.consent.matrix import OTHER
from adapter.consent.policy import (
    CLASSES,
    DIRECTORY,
    INTERNAL,
    OF_MANY,
    OUTSIDE,
    RENDERING,
    in_emergency,
    refusable,
)
from adapter.problems import Kind, Problem
from adapter.released import Asker, Predicate
from adapter.rules import ANY, BEGINNING, END, EVERY_LABEL, Bond, Effect
from adapter.store.bounds import CURRENT

ALL = "TRUE"

NOTHING = "FALSE"
# What needs no consent: 42 CFR 2.12(c)(4), a qualified service organization, and (3), the program itself.
_GRANTS = {ClientKind.PROGRAM_EHR: "qsoa", ClientKind.STAFF: "internal", ClientKind.PRIVACY_OFFICER: "internal"}

_ADDRESSEES = "' ' || v.addressees || ' '"
_SUBJECTS = """json_each('["' || replace(v.patients, ' ', '","') || '"]') s"""
_OPENED = (
    "emergency e WHERE e.patient = s.value AND e.client = :c_recipient AND e.person = :c_person"
    " AND e.opened_ms <= :c_now AND e.closed_ms > :c_now"
)
# At the end of a subquery that is asked anew for each candidate: its OFFSET keeps PostgreSQL from making it a join.
_ONE = "LIMIT 1 OFFSET 0"
# A record whose sort key is the moment it was written has no date of its own: what is said of times does not cover it.
_PERMITS_DATE = (
    f"CASE WHEN v.sort = v.updated THEN g.data_from = {BEGINNING} AND g.data_until = {END}"
    " ELSE g.data_from <= v.sort AND g.data_until > v.sort END"
)


# Of a version, and of the last of its record where that is another: both must be permitted.
_LATER = (
    "NOT EXISTS (SELECT 1 FROM (SELECT v.vid AS vid UNION ALL SELECT max(w.vid) FROM version w"
    " WHERE v.until_t IS NOT NULL AND w.type = v.type AND w.id = v.id AND w.rendering = v.rendering"
    f" AND NOT w.deleted) n CROSS JOIN version v ON v.vid = n.vid WHERE NOT coalesce({{sql}}, {NOTHING}) {_ONE})"
)
_CONCEPT = f"' ' || coalesce(v.concept, '{OTHER}') || ' '"


def everything(reason: str) -> Predicate:
    """All records, for whoever can reach a server that was started without authorization; `reason` must be given."""
    if not reason.strip():
        raise ValueError("a server that shows everything must say why")
    return Predicate(ALL, {"c_recipient": "anyone on this machine", "c_grant": f"open: {reason}"})


def nobody() -> Predicate:
    """No record at all, for who has not said who they are."""
    return Predicate(NOTHING, {"c_recipient": "anyone", "c_grant": "nothing"})


def sees_all(predicate: Predicate) -> bool:
    """Whether nothing can be hidden from this reader, so that no record need be asked for to know."""
    return predicate.whole or predicate.sql == ALL


def as_seen_by(predicate: Predicate, kind: ClientKind) -> Predicate:
    """What a reader may see, looking at the side of it that a kind of client sees."""
    return replace(predicate, rendering=RENDERING.get(kind, 0))


def on_later_pages(predicate: Predicate) -> Predicate:
    """What a reader may see on a page after the first, which is of an earlier time: what has been changed since must be
    permitted as it is now as well. What has been deleted is asked about as it was last."""
    if sees_all(predicate):
        return predicate
    return replace(predicate, sql=_LATER.format(sql=predicate.sql.replace(CURRENT, ALL)))


def of_caller(
    caller: Caller,
    types: frozenset[str],
    now_ms: int,
    *,
    operations_allowed: bool = False,
    consent_free: int = LABELLED,
    bounds: Bounds = UNBOUND,
    policy: str = "",
    drafts: frozenset[str] = frozenset(),
) -> Predicate:
    """What a client may see of these resource types at this moment (ms since 1970); the rest as for `policy.decide`.

    `bounds` are the arguments of its scopes, `policy` the version of what its kind may, and
    `drafts` the types of which it may make drafts only. Problem(FAULT) for somebody of the staff: `of_person` says what
    duties show.
    """
    if caller.kind is ClientKind.STAFF:
        raise Problem(Kind.FAULT, "what somebody of the staff sees hangs on duties, and none were asked for")
    internal, asked_for = caller.kind in INTERNAL, _may_ask_for(caller, operations_allowed)
    parameters: dict[str, str | int] = {
        "c_recipient": caller.client,
        "c_grant": _GRANTS.get(caller.kind, "consent"),
        "c_types": _spaced(types),
    }
    shown = f"instr(:c_types, ' ' || v.type || ' ') > 0 AND v.labels & {NOTES} = 0"
    if bounds.seen:
        shown = f"{shown} AND {bounds.seen.sql}"
        parameters |= {**bounds.seen.parameters, "c_t": END}
    written, reader = _written(bounds), f"{caller.client}\n{caller.purpose}\n{policy}"
    sql, ground, names, opened = shown if asked_for else NOTHING, "", "", ""
    if not internal:
        parameters |= _asking(caller, now_ms, consent_free)
        sql, ground, names = _outside(caller, shown, asked_for)
        opened = _opened(caller, asked_for)
    if in_emergency(caller):
        parameters |= {"c_grant": "emergency", "c_person": str(caller.user)}
    rendering = RENDERING.get(caller.kind, 0)
    return Predicate(
        sql, parameters, ground, names, reader, written, drafts, rendering, opened=opened, asker=asker_of(caller)
    )


def _may_ask_for(caller: Caller, operations_allowed: bool) -> bool:
    """Whether the purpose is one of the client's kind; a payer's contract may add operations."""
    purposes = INTERNAL.get(caller.kind) or OUTSIDE[caller.kind]
    payers = caller.kind is ClientKind.PAYER and operations_allowed
    return caller.purpose in purposes or (payers and caller.purpose is Purpose.OPERATIONS)


def _outside(caller: Caller, shown: str, asked_for: bool) -> tuple[str, str, str]:
    """What others may see of what is `shown`, on which ground, and for whether a consent names them."""
    told = f"{shown} AND {_told(caller.kind)}"
    if in_emergency(caller):
        return f"{told} AND {_seen_in_emergency()}", f"(SELECT min(e.id) FROM {_OPENED})", NOTHING
    names = f"g.recipient IN ({_all_of(caller.kind)})"
    return f"{told} AND {_seen(caller.kind, asked_for)}", _consent_of(caller.kind), names


def _opened(caller: Caller, asked_for: bool) -> str:
    """Whether others can see anything of the patient `s.value` in records of the type `:type`."""
    if in_emergency(caller):
        return f"EXISTS (SELECT 1 FROM {_OPENED} {_ONE})"
    return _open_to(caller.kind) if asked_for else NOTHING


@cache
def _open_to(kind: ClientKind) -> str:
    """What `_permitted` needs of a patient whatever the record is: no refusal of all, and a tie and a consent that
    could cover it."""
    refused = (
        f"{_about('d', 's.value', Effect.DENY, ':type')} AND d.recipient IN ({_refusable(kind)}) AND d.record = '{ANY}'"
        f" AND d.labels = {EVERY_LABEL} AND d.data_from = {BEGINNING} AND d.data_until = {END}"
    )
    tied = f"EXISTS (SELECT 1 FROM tie b WHERE {_tied(kind, 's.value', dated=False)} {_ONE})"

    def consented(recipients: str) -> str:
        about = _about("g", "s.value", Effect.PERMIT, ":type")
        return f"EXISTS (SELECT 1 FROM permit g WHERE {about} AND g.recipient IN ({recipients}) {_ONE})"

    reached = f"{tied} AND (:c_free <> 0 OR {consented(_all_of(kind))})"
    if kind is ClientKind.FACILITY:
        reached = f"({reached} OR {consented(':c_me')})"
    return f"NOT EXISTS (SELECT 1 FROM permit d WHERE {refused} {_ONE}) AND {reached}"


def asker_of(caller: Caller) -> Asker:
    """Who asks, as what they write is signed."""
    return Asker(
        *(caller.client, caller.kind.value, caller.organization, caller.user, caller.token, caller.purpose.value)
    )


def _asking(caller: Caller, now_ms: int, consent_free: int) -> dict[str, str | int]:
    """What consents and ties are compared with."""
    return {
        "c_now": now_ms,
        "c_t": END,
        "c_organization": caller.organization,
        "c_me": f"Organization/{caller.organization}",
        "c_purpose": caller.purpose.value,
        "c_free": consent_free,
    }


def _written(bounds: Bounds) -> dict[str, Predicate] | None:
    """What is written must fulfil, by the letter of the scope."""
    if not bounds.written:
        return None
    return {letter: Predicate(sql, {**values, "c_t": END}) for letter, (sql, values) in bounds.written.items()}


def of_person(
    caller: Caller,
    shown: Shown,
    now_ms: int,
    rights: Rights | None = None,
    types: frozenset[str] | None = None,
    *,
    bounds: Bounds = UNBOUND,
    policy: str = "",
    apart: frozenset[str] = frozenset(),
) -> Predicate:
    """What somebody of the staff may see at this moment: what his duties show, of these resource types (None: all).

    `bounds` and `policy` as for `of_caller`; `policy.shows` says the same. Counseling notes are shown to nobody,
    42 CFR 2.11. `apart` are the types that he sees of those in his care alone, whatever the records are.
    """
    parameters = _reading(caller, shown, now_ms)
    sql = f"v.labels & {NOTES} = 0 AND {_duties()}"
    if types is not None:
        sql += " AND instr(:c_types, ' ' || v.type || ' ') > 0"
        parameters["c_types"] = _spaced(types)
    if bounds.seen:
        sql += f" AND {bounds.seen.sql}"
        parameters |= bounds.seen.parameters
    cares = _cares("s.value")
    return Predicate(
        sql,
        parameters | {"c_apart": _spaced(apart)},
        reader=f"{caller.client}\n{caller.user}\n{policy}",
        written=_written(bounds),
        whole=shown.whole and types is None,
        care=cares,
        opened=f"instr(:c_apart, ' ' || :type || ' ') = 0 OR {cares}" if apart else "",
        rights=rights,
        asker=asker_of(caller),
    )


def _reading(caller: Caller, shown: Shown, now_ms: int) -> dict[str, str | int]:
    """What somebody's duties are compared with."""
    return {
        "c_recipient": caller.client,
        "c_grant": _GRANTS[ClientKind.STAFF],
        "c_person": f"Practitioner/{caller.user}",
        "c_all": _spaced(shown.all),
        "c_assigned": _spaced(shown.assigned),
        "c_now": now_ms,
        "c_t": END,
    }


@cache
def _duties() -> str:
    """Of some concepts all records, of others those whose patients are all in the reader's care."""
    one, each = (_cares(patient) for patient in ("v.patients", "s.value"))
    every = f"NOT EXISTS (SELECT 1 FROM {_SUBJECTS} WHERE NOT ({each}) {_ONE})"
    cared = f"CASE WHEN v.patients = '' THEN {NOTHING} WHEN instr(v.patients, ' ') = 0 THEN ({one}) ELSE {every} END"
    return f"(instr(:c_all, {_CONCEPT}) > 0 OR (instr(:c_assigned, {_CONCEPT}) > 0 AND {cared}))"


def _cares(patient: str) -> str:
    """Whether the patient is in the reader's care, as himself or in a role that he holds."""
    lasting = "{0}.from_t <= :c_t AND {0}.valid_from <= :c_now AND {0}.valid_until > :c_now"
    held = (
        f"EXISTS (SELECT 1 FROM tie h WHERE h.patient = b.organization AND h.bond = '{Bond.HOLDS}'"
        f" AND h.organization = :c_person AND {lasting.format('h')} {_ONE})"
    )
    tied = f"b.patient = {patient} AND b.bond = '{Bond.CARES}' AND {lasting.format('b')}"
    return f"EXISTS (SELECT 1 FROM tie b WHERE {tied} AND (b.organization = :c_person OR {held}) {_ONE})"


@lru_cache(1024)
def _spaced(types: frozenset[str]) -> str:
    return f" {' '.join(sorted(types))} "


@cache
def _told(kind: ClientKind) -> str:
    """It is labelled, it names nobody whom it is not about, and it is not held to others."""
    alone = f"v.labels <> 0 AND v.labels & {OTHERS} = 0 AND v.type NOT IN ({_listed(OF_MANY)})"
    if kind not in RENDERING:
        return alone
    return f"{alone} AND (v.addressees IS NULL OR instr({_ADDRESSEES}, ' ' || :c_organization || ' ') > 0)"


@cache
def _seen_in_emergency() -> str:
    """Of what is about nobody, the directory; else what is about none but those whose emergency is open, 2.51."""
    directory = ", ".join(f"'{type}'" for type in sorted(DIRECTORY))
    every = f"NOT EXISTS (SELECT 1 FROM {_SUBJECTS} WHERE NOT EXISTS (SELECT 1 FROM {_OPENED} {_ONE}) {_ONE})"
    return f"CASE WHEN v.patients = '' THEN v.type IN ({directory}) ELSE {every} END"


@cache
def _seen(kind: ClientKind, asked_for: bool) -> str:
    """Of what is about nobody, the directory; else what each patient it is about permits, 2.13(a)."""
    directory = ", ".join(f"'{type}'" for type in sorted(DIRECTORY))
    if not asked_for:
        return f"v.patients = '' AND v.type IN ({directory})"
    one, each = (_permitted(kind, patient) for patient in ("v.patients", "s.value"))
    every = f"NOT EXISTS (SELECT 1 FROM {_SUBJECTS} WHERE NOT ({each}) {_ONE})"
    return (
        f"CASE WHEN v.patients = '' THEN v.type IN ({directory})"
        f" WHEN instr(v.patients, ' ') = 0 THEN ({one}) ELSE {every} END"
    )


def _permitted(kind: ClientKind, patient: str) -> str:
    """No refusal; a tie, save for a facility that is named; and no need of a consent, or one that covers the record
    and has no exception for it."""
    refused = f"{_rule('d', patient, Effect.DENY)} AND {_refuses('d', kind)}"
    tied = f"EXISTS (SELECT 1 FROM tie b WHERE {_tied(kind, patient)} {_ONE})"

    def consented(recipients: str) -> str:
        return f"EXISTS (SELECT 1 FROM permit g WHERE {_covers(kind, patient, recipients)} {_ONE})"

    permitted = f"{tied} AND (v.labels & ~:c_free = 0 OR {consented(_all_of(kind))})"
    if kind is ClientKind.FACILITY:
        permitted = f"({permitted} OR {consented(':c_me')})"
    return f"NOT EXISTS (SELECT 1 FROM permit d WHERE {refused} {_ONE}) AND {permitted}"


def _covers(kind: ClientKind, patient: str, recipients: str) -> str:
    """Whether a row `g` is a consent of the patient, to one of these, that covers the record."""
    excepted = f"{_rule('e', patient, Effect.EXCEPTION)} AND e.consent = g.consent AND {_refuses('e', kind)}"
    return (
        f"{_rule('g', patient, Effect.PERMIT)} AND g.recipient IN ({recipients})"
        f" AND v.labels & ~g.labels = 0 AND {_PERMITS_DATE}"
        f" AND NOT EXISTS (SELECT 1 FROM permit e WHERE {excepted} {_ONE})"
    )


def _all_of(kind: ClientKind) -> str:
    """The recipients under which a client of this kind is reached: its own name, and its classes."""
    return f":c_me, {_listed(CLASSES[kind])}"


@cache
def _consent_of(kind: ClientKind) -> str:
    """By which consent of the patient `s.value` a record `v` is shown; what needs none says so."""
    least = f"SELECT min(g.consent) FROM permit g WHERE {_covers(kind, 's.value', _all_of(kind))}"
    return f"CASE WHEN v.labels & ~:c_free = 0 THEN 'hipaa' ELSE ({least}) END"


def _rule(name: str, patient: str, effect: Effect) -> str:
    """Whether a row of `permit` is about the patient's record and this purpose, now."""
    record = f"{name}.record IN ('{ANY}', v.type || '/' || v.id)"
    return f"{_about(name, patient, effect, 'v.type')} AND {record}"


def _about(name: str, patient: str, effect: Effect, type: str) -> str:
    """Whether it is about some record of the patient of this type and this purpose, now."""
    conditions = (
        f"patient = {patient}",
        f"effect = '{effect}'",
        "from_t <= :c_t",
        "valid_from <= :c_now",
        "valid_until > :c_now",
        f"purpose IN ('{ANY}', :c_purpose)",
        f"type IN ('{ANY}', {type})",
    )
    return " AND ".join(f"{name}.{condition}" for condition in conditions)


def _refuses(name: str, kind: ClientKind) -> str:
    """Whether a refusal or an exception hits: one label is enough, and a record without a date is hit."""
    to = f"{name}.recipient IN ({_refusable(kind)})"
    dated = f"(v.sort = v.updated OR ({name}.data_from <= v.sort AND {name}.data_until > v.sort))"
    return f"{to} AND {name}.labels & v.labels <> 0 AND {dated}"


def _refusable(kind: ClientKind) -> str:
    return f"'{ANY}', :c_me, {_listed(refusable(kind))}"


def _tied(kind: ClientKind, patient: str, *, dated: bool = True) -> str:
    """Whether the reader is tied to the patient: who pays, at the date of the record (not `dated`: ever), others
    now."""
    payer = kind is ClientKind.PAYER
    when = "CASE WHEN v.sort = v.updated THEN :c_now ELSE v.sort END" if payer else ":c_now"
    conditions = [
        f"patient = {patient}",
        f"bond = '{Bond.COVERS if payer else Bond.TREATS}'",
        "organization = :c_organization",
        "from_t <= :c_t",
    ]
    if dated or not payer:
        conditions += [f"valid_from <= {when}", f"valid_until > {when}"]
    return " AND ".join(f"b.{condition}" for condition in conditions)


def _listed(recipients: Iterable[str]) -> str:
    return ", ".join(f"'{recipient}'" for recipient in sorted(recipients))
