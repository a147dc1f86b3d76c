"""Why a record may be seen or not, in words: the decision of `policy`, and what each consent and tie had to do with it.

For staff alone: to anybody else the reason would tell what the answer hides (42 CFR 2.13(c)(2)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from adapter.callers import Caller, ClientKind
from adapter.consent.labels import LABELLED, OTHER, codes, confidentiality
from adapter.consent.policy import CLASSES, INTERNAL, Asked, Decision, decide, in_emergency, refusable
from adapter.fhir.dates import instant_of
from adapter.rules import ANY, BEGINNING, END, Bond, Effect, Emergency, Facts, Grant, Tie

_DOES = {
    Effect.PERMIT: "permits",
    Effect.DENY: "refuses",
    Effect.EXCEPTION: "makes an exception of",
}
_OTHER = "a sensitivity that its sender named, now or in an earlier version, by V, R alone or a label not known here"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision, the labels of the record, and a line for whatever had to do with it."""

    decision: Decision
    labels: tuple[str, ...]
    lines: tuple[str, ...]


def explain(
    caller: Caller,
    facts: Facts,
    grants: Sequence[Grant],
    ties: Sequence[Tie],
    now_ms: int,
    emergencies: Sequence[Emergency] = (),
    saying: Sequence[Facts] = (),
    *,
    operations_allowed: bool = False,
    consent_free: int = LABELLED,
) -> Explanation:
    """Why `policy.decide` decides as it does."""
    decision = decide(
        *(caller, facts, grants, ties, now_ms),
        operations_allowed=operations_allowed,
        consent_free=consent_free,
        emergencies=emergencies,
        saying=saying,
    )
    labels = (*codes(facts.labels), *([_OTHER] if facts.labels & OTHER else []))
    asked = Asked(caller, facts, now_ms)
    lines: list[str] = [f"labels: {', '.join(labels) or _unlabelled(facts.labels)}; {confidentiality(facts.labels)}"]
    if caller.kind not in INTERNAL and not in_emergency(caller):
        for patient in sorted(facts.patients):
            lines += _of_patient(asked, patient, grants, ties)
        lines += [f"{tie.source} says that it is its principal diagnosis" for tie in ties if _is_principal(tie)]
    lines += [f"an emergency is open: {one.id}, {one.person} at {one.client}" for one in emergencies]
    return Explanation(decision, labels, tuple(lines))


def _unlabelled(labels: int) -> str:
    return "none: it was never labelled" if labels == 0 else "none that is sensitive"


def _of_patient(asked: Asked, patient: str, grants: Iterable[Grant], ties: Iterable[Tie]) -> Iterator[str]:
    whose, own = f"Patient/{patient}", [tie for tie in ties if tie.patient == patient]
    why = {tie: tie_faults(tie, asked) for tie in own}
    tied = any(not faults for faults in why.values())
    for tie, faults in why.items():
        yield f"{whose}: {tie.source} says that Organization/{tie.organization} {tie.bond} it: {_said(faults)}"
    if not own:
        yield f"{whose}: no record ties any organization to it"
    by_consent: dict[tuple[str, Effect], list[list[str]]] = {}
    for grant in grants:
        if grant.patient == patient:
            by_consent.setdefault((grant.consent, grant.effect), []).append(grant_faults(grant, asked, tied))
    for (consent, effect), each in by_consent.items():
        # Of the many rows of one consent, the one that comes nearest.
        yield f"{whose}: Consent/{consent} {_DOES[effect]} records: {_said(min(each, key=len))}"
    if not by_consent:
        yield f"{whose}: no consent in force"


def _is_principal(tie: Tie) -> bool:
    return tie.bond is Bond.PRINCIPAL


def _said(faults: Sequence[str]) -> str:
    return f"does not apply, {'; '.join(faults)}" if faults else "applies"


def tie_faults(tie: Tie, asked: Asked) -> list[str]:
    """Why a tie does not count for who asks; none where it does."""
    payer = asked.caller.kind is ClientKind.PAYER
    wanted = Bond.COVERS if payer else Bond.TREATS
    when = asked.facts.date if payer and asked.facts.date is not None else asked.now
    faults = []
    if tie.bond is not wanted:
        faults.append(f"this kind of client needs one that {wanted} it")
    if tie.organization != asked.caller.organization:
        faults.append("the client is of another organization")
    if not tie.valid_from <= when < tie.valid_until:
        faults.append(f"it holds {_span(tie.valid_from, tie.valid_until)}")
    return faults


def grant_faults(grant: Grant, asked: Asked, tied: bool) -> list[str]:
    """Why a row of a consent does not apply to the record; none where it does."""
    permits = grant.effect is Effect.PERMIT
    faults = [*_recipient(grant, asked, tied), *_scope(grant, asked)]
    labels = asked.facts.labels
    if permits and labels & ~grant.labels:
        faults.append(f"it does not cover {', '.join(_named(labels & ~grant.labels))}")
    if not permits and not labels & grant.labels:
        faults.append("it is about other labels")
    date = asked.facts.date
    always = (grant.data_from, grant.data_until) == (BEGINNING, END)
    inside = date is not None and grant.data_from <= date < grant.data_until
    if not inside and (date is not None or (permits and not always)):
        faults.append(f"it is about records {_span(grant.data_from, grant.data_until)}")
    if not grant.valid_from <= asked.now < grant.valid_until:
        faults.append(f"it is in force {_span(grant.valid_from, grant.valid_until)}")
    return faults


def _recipient(grant: Grant, asked: Asked, tied: bool) -> Iterator[str]:
    named = f"Organization/{asked.caller.organization}"
    if grant.effect is Effect.PERMIT:
        if grant.recipient != named and grant.recipient not in CLASSES.get(asked.caller.kind, ()):
            yield f"it is for {grant.recipient}"
        elif grant.recipient != named and not tied:
            yield f"it is for {grant.recipient}, and nothing ties the client to the patient"
    elif grant.recipient not in {ANY, named, *refusable(asked.caller.kind)}:
        yield f"it is for {grant.recipient}"


def _scope(grant: Grant, asked: Asked) -> Iterator[str]:
    facts = asked.facts
    if grant.purpose not in (ANY, asked.caller.purpose.value):
        yield f"its purpose is {grant.purpose}"
    if grant.type not in (ANY, facts.type):
        yield f"it is about {grant.type}"
    if grant.record not in (ANY, f"{facts.type}/{facts.id}"):
        yield f"it is about {grant.record}"


def _named(labels: int) -> tuple[str, ...]:
    more = {LABELLED: "records without a sensitive label", OTHER: _OTHER}
    return (*codes(labels), *(words for bit, words in more.items() if labels & bit))


def _span(low: int, high: int) -> str:
    since = "" if low == BEGINNING else f"from {_moment(low)}"
    until = "" if high == END else f"until {_moment(high)}"
    return " ".join(filter(None, (since, until))) or "always"


def _moment(ms: int) -> str:
    try:
        return instant_of(ms)
    except OverflowError:
        return str(ms)
