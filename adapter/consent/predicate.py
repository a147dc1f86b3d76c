"""The condition that narrows every query to what one reader may see: the only maker of a `Predicate`.

Every predicate carries the parameters `c_recipient` (who reads) and `c_grant` (why that is allowed); the gate copies
them onto whatever it releases, so an answer cannot be made without saying for whom and under what.

What is said here in SQL is said in plain Python by `policy.decide`; a test compares the two over generated worlds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime
from functools import lru_cache
from operator import attrgetter

import orjson

from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent import naming, outsiders, referrers
from adapter.consent.arguments import UNBOUND, Bounds
from adapter.consent.care import in_care, in_duty
from adapter.consent.duties import Rights, Shown
from adapter.consent.labels import LABELLED, NOTES
from adapter.consent.outsiders import OPENED, SUBJECTS
from adapter.consent.permits import ONE, consent_of, consents_among, open_to, permitted, recipients_of
from adapter.consent.policy import CONSENT, DIAGNOSIS, INTERNAL, OUTSIDE, RENDERING, in_emergency, side_of
from adapter.fhir.dates import milliseconds
from adapter.problems import Kind, Problem
from adapter.released import Asker, Predicate
from adapter.rules import END, SCOPE, SENT, TOLD
from adapter.store.bounds import CURRENT

ALL = "TRUE"

NOTHING = "FALSE"
# What needs no consent: 42 CFR 2.12(c)(4), a qualified service organization, and (3), the program itself.
_GRANTS = {ClientKind.PROGRAM_EHR: "qsoa", ClientKind.STAFF: "internal", ClientKind.PRIVACY_OFFICER: "internal"}

# Of a version, and of the last of its record where that is another: both must be permitted.
_LATER = (
    "NOT EXISTS (SELECT 1 FROM (SELECT v.vid AS vid UNION ALL SELECT max(w.vid) FROM version w"
    " WHERE v.until_t IS NOT NULL AND w.type = v.type AND w.id = v.id AND w.rendering = v.rendering"
    f" AND NOT w.deleted) n CROSS JOIN version v ON v.vid = n.vid WHERE NOT coalesce({{sql}}, {NOTHING}) {ONE})"
)
_MEMBERS = "(SELECT m.value FROM json_each(:c_members) m)"
_ANEW = "(SELECT a.value FROM json_each(:c_anew) a)"
_MORE = attrgetter(*(field.name for field in fields(Predicate)[2:]))
"""What a predicate has beside its condition and its parameters."""
_MOMENT = re.compile(r":c_(now|t)\b")


def everything(reason: str) -> Predicate:
    """All records, for whoever can reach a server that was started without authorization; `reason` must be given."""
    if not reason.strip():
        raise ValueError("a server that shows everything must say why")
    return Predicate(ALL, {"c_recipient": "anyone on this machine", "c_grant": f"open: {reason}"})


def everything_for(reason: str, asker: Asker) -> Predicate:
    """The same for the program's own work with what somebody has sent it, who signs what is written."""
    return replace(everything(reason), asker=asker)


def nobody() -> Predicate:
    """No record at all, for who has not said who they are."""
    return Predicate(NOTHING, {"c_recipient": "anyone", "c_grant": "nothing"})


def withdrawing(caller: Caller) -> Predicate:
    """No record: for who is told, of what it has already, that it is not asked for any more (42 CFR 2.31(a)(6))."""
    return replace(nobody(), parameters={"c_recipient": caller.client, "c_grant": "withdrawal"})


def sees_all(predicate: Predicate) -> bool:
    """Whether nothing can be hidden from this reader, so that no record need be asked for to know."""
    return predicate.whole or predicate.sql == ALL


def at(predicate: Predicate, now_ms: int, type: str) -> Predicate:
    """What the same reader may see at another moment; nearly all that is looked at is of this resource type."""
    said = predicate.parameters
    other: dict[str, str | int] = {"c_now": now_ms} if "c_now" in said else {}
    if type and f" {type} " in str(said.get("c_types")):
        # The text is searched for each record, from its beginning.
        other["c_types"] = f" {type}{said['c_types']}"
    # As `replace` does it, in a third of the time: for many requests it is done anew.
    return Predicate(predicate.sql, {**said, **other}, *_MORE(predicate)) if other else predicate


def signed(predicate: Predicate, network: str | None, request: str | None) -> Predicate:
    """The same, whose reader's writing is signed with where the request came from and what it is called there."""
    asker = predicate.asker
    return replace(predicate, asker=asker and asker._replace(network=network, request=request))


def as_seen_by(predicate: Predicate, kind: ClientKind, type: str) -> Predicate:
    """What a reader may see, looking at the side of records of a type that a kind of client sees."""
    return replace(predicate, rendering=side_of(kind, type))


def on_later_pages(predicate: Predicate, asked: datetime | None = None) -> Predicate:
    """What a reader may see on a page after the first, which is of an earlier time: what has been changed since must be
    permitted as it is now as well. What has been deleted is asked about as it was last.

    A facility's predicate asks of what is now anyway: which side of a Task it sees hangs on what was permitted when the
    first page was `asked` for and is now, so that none moves to a page that has been turned."""
    if predicate.beside and asked is not None:
        said = {**predicate.parameters, "c_then_now": milliseconds(asked)}
        return replace(predicate, sql=referrers.on_later_pages(predicate.sql), parameters=said)
    if sees_all(predicate) or predicate.beside:
        return predicate
    return replace(predicate, sql=_LATER.format(sql=predicate.sql.replace(CURRENT, ALL)))


def whatever_scopes(predicate: Predicate, type: str) -> Predicate:
    """What the same reader could see of a type if its token had a scope for it: to ask who is meant, and of what a
    consent names by itself; else never to be shown or told of."""
    return replace(predicate, parameters={**predicate.parameters, "c_types": _spaced(frozenset({type}))}, whole=False)


def about(predicate: Predicate, patients: Iterable[str]) -> Predicate:
    """Of what a reader may see, what is about none but these patients, or about nobody."""
    other = f"EXISTS (SELECT 1 FROM {SUBJECTS} WHERE s.value NOT IN {_MEMBERS} {ONE})"
    one = f"v.patients = '' OR v.patients IN {_MEMBERS} OR (instr(v.patients, ' ') > 0 AND NOT {other})"
    said = {**predicate.parameters, "c_members": orjson.dumps(sorted(patients)).decode()}
    return replace(predicate, sql=f"({one}) AND ({predicate.sql})", parameters=said, whole=False)


def new_since(predicate: Predicate, since_ms: int, t: int, anew: Iterable[str]) -> Predicate:
    """Of what a reader may see, what was written since then, and what could not be seen then by the rules as they are.

    `t` is the logical time of that moment. A rule that has gone since leaves no trace, so of the patients `anew`, a
    consent of whom has been written since, all is new; so is what is about several, and what came with a referral that
    has gone on since: it may have waited for intake.
    """
    then = _MOMENT.sub(r":c_then_\1", predicate.sql)
    unseen = f"NOT coalesce({then}, {NOTHING})" if then != predicate.sql else NOTHING
    new = f"v.updated >= :c_since OR v.patients IN {_ANEW} OR instr(v.patients, ' ') > 0 OR {unseen}"
    new += f" OR {referrers.SETTLED_SINCE}"
    said: dict[str, str | int] = {"c_since": since_ms, "c_anew": orjson.dumps(sorted(anew)).decode()}
    if then != predicate.sql:
        said |= {"c_then_now": since_ms, "c_then_t": t}
    sql = f"({new}) AND ({predicate.sql})"
    return replace(predicate, sql=sql, parameters={**predicate.parameters, **said}, whole=False)


def until(predicate: Predicate, until_ms: int) -> Predicate:
    """Of what a reader may see, what was written before then."""
    said = {**predicate.parameters, "c_until": until_ms}
    return replace(predicate, sql=f"v.updated < :c_until AND ({predicate.sql})", parameters=said, whole=False)


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
    sql, grounds, names, opened = shown if asked_for else NOTHING, ("", "", ""), "", ""
    if not internal:
        parameters |= _asking(caller, now_ms, consent_free)
        sql, grounds, names = _outside(caller, shown, asked_for, types)
        opened = _opened(caller, asked_for)
    if in_emergency(caller):
        parameters |= {"c_grant": "emergency", "c_person": str(caller.user)}
    side, seen = RENDERING.get(caller.kind, 0), _settled(caller, sql)
    return Predicate(
        seen, parameters, *grounds, names, reader, written, drafts, side, opened=opened, asker=asker_of(caller)
    )


def _settled(caller: Caller, sql: str) -> str:
    """Without what waits for intake; the privacy officer sees that too."""
    return sql if caller.kind is ClientKind.PRIVACY_OFFICER else f"({sql}) AND {referrers.SETTLED}"


def of_named(
    caller: Caller,
    now_ms: int,
    *,
    operations_allowed: bool = False,
    bounds: Bounds = UNBOUND,
    policy: str = "",
) -> Predicate:
    """The Consents that name a client, by their scope, and nothing else; the rest as for `of_caller`."""
    kind, asked_for = caller.kind, _may_ask_for(caller, operations_allowed)
    held = of_caller(caller, frozenset({CONSENT}), now_ms, bounds=bounds, policy=policy)
    within = f" AND {bounds.seen.sql}" if bounds.seen else ""
    told = f"v.labels & {NOTES} = 0 AND {outsiders.told(ClientKind.PAYER)}{within}"
    reached = f"{told} AND {naming.in_force(kind)}" if asked_for else NOTHING
    return replace(
        held,
        sql=f"({reached}) AND {referrers.SETTLED}",
        parameters={**held.parameters, "c_grant": "consent"},
        ground=naming.ITSELF,
        among="NULL, NULL",  # each is its own
        still=naming.in_force(kind) if asked_for else NOTHING,
        rendering=SCOPE,
        opened=naming.open_to(kind) if asked_for else NOTHING,
    )


def of_reviewer(
    caller: Caller, types: frozenset[str], now_ms: int, *, consent_free: int = LABELLED, policy: str = ""
) -> Predicate:
    """What a payer's reviewer may be told beyond what the payer sees itself, whole: records of these resource types, as
    far as a consent names the type (42 CFR 2.31(a)(3)). The rest as for `of_caller`.

    No client asks so: staff approve each packet, which is made of these and cut down (`mappings/release/review.toml`).
    """
    held = of_caller(caller, types, now_ms, consent_free=consent_free, policy=policy)
    shown = f"instr(:c_types, ' ' || v.type || ' ') > 0 AND v.labels & {NOTES} = 0 AND v.patients <> ''"
    seen = outsiders.seen(caller.kind, _may_ask_for(caller, False), named=True)
    return replace(
        held,
        sql=_settled(caller, f"{shown} AND {outsiders.told(caller.kind)} AND {seen}"),
        ground=consent_of(caller.kind, named=True),
        still=permitted(caller.kind, "s.value", named=True),
        rendering=0,
        opened=open_to(caller.kind, named=True),
    )


def of_sender(
    caller: Caller,
    types: frozenset[str],
    now_ms: int,
    *,
    consent_free: int = LABELLED,
    bounds: Bounds = UNBOUND,
    policy: str = "",
    drafts: frozenset[str] = frozenset(),
) -> Predicate:
    """What a facility that refers people may see: what it sent, how its referrals go on as far as consents let it be
    told, and the directory. The rest as for `of_caller`."""
    covered = of_caller(caller, types, now_ms, consent_free=consent_free)
    held = of_caller(caller, types, now_ms, consent_free=consent_free, bounds=bounds, policy=policy, drafts=drafts)
    own = referrers.own(covered.sql)
    asked = "instr(:c_types, ' ' || v.type || ' ') > 0" + (f" AND {bounds.seen.sql}" if bounds.seen else "")
    return replace(
        held,
        # Flat: SQLite's parser takes a hundred levels, of which a count of later pages has many of its own.
        sql=f"v.rendering = 0 AND v.patients = '' AND {held.sql} OR v.rendering <> 0 AND {asked} AND {own}",
        ground=referrers.ground(),
        among="NULL, NULL",  # no consent alone is the ground of all
        still=referrers.still(own),
        rendering=SENT,
        beside=(0, TOLD),
        opened="",
    )


def _may_ask_for(caller: Caller, operations_allowed: bool) -> bool:
    """Whether the purpose is one of the client's kind; a payer's contract may add operations."""
    purposes = INTERNAL.get(caller.kind) or OUTSIDE[caller.kind]
    payers = caller.kind is ClientKind.PAYER and operations_allowed
    return caller.purpose in purposes or (payers and caller.purpose is Purpose.OPERATIONS)


def _outside(
    caller: Caller, shown: str, asked_for: bool, types: frozenset[str]
) -> tuple[str, tuple[str, str, str], str]:
    """What others may see of what is `shown`; on which ground, among which, and whether still; whether a consent names
    them."""
    told = f"{shown} AND {outsiders.told(caller.kind)}"
    if in_emergency(caller):
        opened = f"(SELECT min(e.id) FROM {OPENED})"
        return f"{told} AND {outsiders.seen_in_emergency()}", (opened, f"{opened}, {opened}", ALL), NOTHING
    names = f"g.recipient IN ({recipients_of(caller.kind)})"
    grounds = consent_of(caller.kind), consents_among(caller.kind), permitted(caller.kind, "s.value")
    seen = outsiders.seen(caller.kind, asked_for)
    if caller.kind is ClientKind.PAYER and asked_for and DIAGNOSIS in types:
        # Of diagnoses alone it is said in fewer words, by which a statement is kept: they are about one patient each.
        whole = permitted(caller.kind, "v.patients") if types == {DIAGNOSIS} else seen
        seen = f"{whole} AND {outsiders.principal()}"
    return f"{told} AND {seen}", grounds, names


def _opened(caller: Caller, asked_for: bool) -> str:
    """Whether others can see anything of the patient `s.value` in records of the type `:type`."""
    if in_emergency(caller):
        return f"EXISTS (SELECT 1 FROM {OPENED} {ONE})"
    return open_to(caller.kind) if asked_for else NOTHING


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
    sql = f"v.labels & {NOTES} = 0 AND {in_duty()}"
    if not shown.staged:
        sql += f" AND {referrers.SETTLED}"
    if types is not None:
        sql += " AND instr(:c_types, ' ' || v.type || ' ') > 0"
        parameters["c_types"] = _spaced(types)
    if bounds.seen:
        sql += f" AND {bounds.seen.sql}"
        parameters |= bounds.seen.parameters
    cares = in_care("s.value")
    return Predicate(
        sql,
        parameters | {"c_apart": _spaced(apart)},
        reader=f"{caller.client}\n{caller.user}\n{policy}",
        written=_written(bounds),
        whole=shown.whole and shown.staged and types is None,
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


@lru_cache(1024)
def _spaced(types: frozenset[str]) -> str:
    return f" {' '.join(sorted(types))} "
