"""What the rows of `permit` and `tie` say of a record `v` and a patient, as SQL for one kind of client.

`policy.decide` says the same in plain Python; a test compares the two over generated worlds.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial

from adapter.callers import ClientKind
from adapter.consent.policy import CLASSES, refusable
from adapter.rules import ANY, BEGINNING, END, EVERY_LABEL, Bond, Effect

# At the end of a subquery that is asked anew for each candidate: its OFFSET keeps PostgreSQL from making it a join.
ONE = "LIMIT 1 OFFSET 0"
# A record whose sort key is the moment it was written has no date of its own: what is said of times does not cover it.
_PERMITS_DATE = (
    f"CASE WHEN v.sort = v.updated THEN g.data_from = {BEGINNING} AND g.data_until = {END}"
    " ELSE g.data_from <= v.sort AND g.data_until > v.sort END"
)


@cache
def permitted(kind: ClientKind, patient: str, *, named: bool = False) -> str:
    """No refusal; a tie, save for a facility that is named; and no need of a consent, or one that covers the record
    and has no exception for it; one that names its type, where it must be `named`."""
    tied = f"EXISTS (SELECT 1 FROM tie b WHERE {_tied(kind, patient)} {ONE})"

    def consented(recipients: str) -> str:
        return f"EXISTS (SELECT 1 FROM permit g WHERE {_covers(kind, patient, recipients, named)} {ONE})"

    covered = f"{tied} AND (v.labels & ~:c_free = 0 OR {consented(recipients_of(kind))})"
    if kind is ClientKind.FACILITY:
        covered = f"({covered} OR {consented(':c_me')})"
    return f"NOT {refused(kind, patient)} AND {covered}"


def refused(kind: ClientKind, patient: str) -> str:
    """Whether a refusal of the patient's hits the record."""
    hit = f"{_rule('d', patient, Effect.DENY)} AND {_refuses('d', kind)}"
    return f"EXISTS (SELECT 1 FROM permit d WHERE {hit} {ONE})"


def excepted(kind: ClientKind, patient: str) -> str:
    """Whether an exception of the consent in a row `g` hits the record."""
    hit = f"{_rule('e', patient, Effect.EXCEPTION)} AND e.consent = g.consent AND {_refuses('e', kind)}"
    return f"EXISTS (SELECT 1 FROM permit e WHERE {hit} {ONE})"


def is_permission(name: str, patient: str) -> str:
    """Whether a row permits anything of the patient's for this purpose, now."""
    return _stands(name, patient, Effect.PERMIT)


def tied_since(kind: ClientKind, patient: str) -> str:
    """Whether the reader is tied to the patient now; who pays, now or before: what was done then may still be shown."""
    began = f"{_tied(kind, patient, dated=False)} AND b.valid_from <= :c_now"
    return f"EXISTS (SELECT 1 FROM tie b WHERE {began} {ONE})"


@cache
def permitted_all(kind: ClientKind) -> str:
    """Whether the records of a group `s` are `permitted` whichever they are: those of the type `:type` of one patient
    `s.patients`, with the same `s.labels`, dated from `s.first` to `s.last`; `s.dated` is 1 where each has a date.

    No refusal says anything to the reader, one tie is as long as all of them, and one consent without an exception
    covers them. What is said of some records alone says nothing here: of those each is asked about.
    """
    patient, about = "s.patients", partial(_about, patient="s.patients", type=":type")
    refusal = f"{about('d', effect=Effect.DENY)} AND d.recipient IN ({_refusable(kind)})"
    exception = (
        f"{about('e', effect=Effect.EXCEPTION)} AND e.consent = g.consent AND e.recipient IN ({_refusable(kind)})"
    )
    tie = _tied(kind, patient, dated=False)
    if kind is ClientKind.PAYER:
        tie += " AND b.valid_from <= s.first AND b.valid_until > s.last"
    dated = f"g.data_from = {BEGINNING} AND g.data_until = {END}"
    dated += " OR s.dated = 1 AND g.data_from <= s.first AND g.data_until > s.last"
    permit = (
        f"{about('g', effect=Effect.PERMIT)} AND g.record = '{ANY}' AND g.recipient IN ({recipients_of(kind)})"
        f" AND s.labels & ~g.labels = 0 AND ({dated})"
        f" AND NOT EXISTS (SELECT 1 FROM permit e WHERE {exception} {ONE})"
    )
    return (
        f"NOT EXISTS (SELECT 1 FROM permit d WHERE {refusal} {ONE}) AND EXISTS (SELECT 1 FROM tie b WHERE {tie} {ONE})"
        f" AND (s.labels & ~:c_free = 0 OR EXISTS (SELECT 1 FROM permit g WHERE {permit} {ONE}))"
    )


def _covers(kind: ClientKind, patient: str, recipients: str, named: bool) -> str:
    """Whether a row `g` is a consent of the patient, to one of these, that covers the record."""
    by_name = " AND g.type = v.type" if named else ""
    return (
        f"{_rule('g', patient, Effect.PERMIT)} AND {one_of('g.recipient', recipients)}"
        f" AND v.labels & ~g.labels = 0 AND {_PERMITS_DATE}{by_name}"
        f" AND NOT {excepted(kind, patient)}"
    )


def recipients_of(kind: ClientKind) -> str:
    """The recipients under which a client of this kind is reached: its own name, and its classes."""
    return f":c_me, {listed(CLASSES[kind])}"


@cache
def consent_of(kind: ClientKind, *, named: bool = False) -> str:
    """By which consent of the patient `s.value` a record `v` is shown; what needs none says so."""
    least = f"SELECT min(g.consent) FROM permit g WHERE {_covers(kind, 's.value', recipients_of(kind), named)}"
    return f"CASE WHEN v.labels & ~:c_free = 0 THEN 'hipaa' ELSE ({least}) END"


@cache
def consents_among(kind: ClientKind) -> str:
    """The first and the last consent of the patient `s.value` that says anything to the reader."""
    said = f"permit g WHERE {_stands('g', 's.value', Effect.PERMIT)} AND g.recipient IN ({recipients_of(kind)})"
    return f"(SELECT min(g.consent) FROM {said}), (SELECT max(g.consent) FROM {said})"


def _rule(name: str, patient: str, effect: Effect) -> str:
    """Whether a row of `permit` is about the patient's record and this purpose, now."""
    record = f"{name}.record IN ('{ANY}', v.type || '/' || v.id)"
    return f"{_about(name, patient, effect, 'v.type')} AND {record}"


def _about(name: str, patient: str, effect: Effect, type: str) -> str:
    """Whether it is about some record of the patient of this type and this purpose, now."""
    return f"{_stands(name, patient, effect)} AND {name}.type IN ('{ANY}', {type})"


def _stands(name: str, patient: str, effect: Effect) -> str:
    """Whether it is about some record of the patient and this purpose, now. Nothing joins a page or a file of an
    earlier time by a permission that came later; but what is refused by now is refused on it."""
    conditions = (
        f"patient = {patient}",
        f"effect = '{effect}'",
        f"purpose IN ('{ANY}', :c_purpose)",
        *(("from_t <= :c_t",) if effect is Effect.PERMIT else ()),
        "valid_from <= :c_now",
        "valid_until > :c_now",
    )
    return " AND ".join(f"{name}.{condition}" for condition in conditions)


def _refuses(name: str, kind: ClientKind) -> str:
    """Whether a refusal or an exception hits: one label is enough, and a record without a date is hit."""
    to = f"{name}.recipient IN ({_refusable(kind)})"
    dated = f"(v.sort = v.updated OR ({name}.data_from <= v.sort AND {name}.data_until > v.sort))"
    return f"{to} AND {name}.labels & v.labels <> 0 AND {dated}"


def _refusable(kind: ClientKind) -> str:
    return f"'{ANY}', :c_me, {listed(refusable(kind))}"


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


@cache
def open_to(kind: ClientKind, *, named: bool = False) -> str:
    """What `permitted` needs of a patient whatever the record is: no refusal of all, and a tie and a consent that
    could cover it; one that names the type, and excepts not all of it, where it must be `named`."""

    def whole(name: str, effect: Effect) -> str:
        return (
            f"{_about(name, 's.value', effect, ':type')} AND {name}.recipient IN ({_refusable(kind)})"
            f" AND {name}.record = '{ANY}' AND {name}.labels = {EVERY_LABEL}"
            f" AND {name}.data_from = {BEGINNING} AND {name}.data_until = {END}"
        )

    tied = f"EXISTS (SELECT 1 FROM tie b WHERE {_tied(kind, 's.value', dated=False)} {ONE})"
    excepted = f"EXISTS (SELECT 1 FROM permit e WHERE {whole('e', Effect.EXCEPTION)} AND e.consent = g.consent {ONE})"
    by_name = f" AND g.type = :type AND NOT {excepted}" if named else ""

    def consented(recipients: str) -> str:
        about = _about("g", "s.value", Effect.PERMIT, ":type")
        return f"EXISTS (SELECT 1 FROM permit g WHERE {about} AND g.recipient IN ({recipients}){by_name} {ONE})"

    reached = f"{tied} AND (:c_free <> 0 OR {consented(recipients_of(kind))})"
    if kind is ClientKind.FACILITY:
        reached = f"({reached} OR {consented(':c_me')})"
    return f"NOT EXISTS (SELECT 1 FROM permit d WHERE {whole('d', Effect.DENY)} {ONE}) AND {reached}"


def one_of(column: str, listed: str) -> str:
    """Whether a column has one of these values. Of a list of more than two SQLite makes a table with each run of a
    statement, which takes as long as all else that is asked of a record."""
    return f"({' OR '.join(f'{column} = {value}' for value in listed.split(', '))})"


def listed(recipients: Iterable[str]) -> str:
    return ", ".join(f"'{recipient}'" for recipient in sorted(recipients))
