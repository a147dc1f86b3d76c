"""Who may see what: the decision table in plain Python, to be read beside the law. The store's SQL says the same.

42 CFR 2.12 (what is protected, and the program's own use), 2.13 (only with consent, only what is needed), 2.26
(restrictions), 2.31 (consents), 2.33 (what a consent allows), 2.51 (medical emergencies); 45 CFR 164.506 where part 2
does not apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from adapter.callers import EMERGENCIES, Caller, ClientKind, Purpose
from adapter.consent.duties import Shown
from adapter.consent.labels import LABELLED, NOTES, OTHERS
from adapter.consent.matrix import OTHER
from adapter.rules import ANY, BEGINNING, END, SCOPE, Bond, Effect, Emergency, Facts, Grant, Tie

INTERNAL: Mapping[ClientKind, frozenset[Purpose]] = {
    ClientKind.PROGRAM_EHR: frozenset((Purpose.TREATMENT, Purpose.PAYMENT, Purpose.OPERATIONS)),
    ClientKind.STAFF: frozenset(Purpose),
    ClientKind.PRIVACY_OFFICER: frozenset(Purpose),
}
"""Who acts for the program itself, and what for: 2.12(c)(3) its staff, 2.12(c)(4) its service organization."""
OUTSIDE: Mapping[ClientKind, frozenset[Purpose]] = {
    ClientKind.PROVIDER_EHR: frozenset((Purpose.TREATMENT, Purpose.PAYMENT, Purpose.OPERATIONS)),
    ClientKind.FACILITY: frozenset((Purpose.TREATMENT, Purpose.PAYMENT, Purpose.OPERATIONS)),
    ClientKind.PAYER: frozenset((Purpose.PAYMENT,)),
}
"""What others can ask for by a consent; an emergency (2.51) needs none."""
CLASSES: Mapping[ClientKind, frozenset[str]] = {
    ClientKind.PROVIDER_EHR: frozenset(("class/treating-providers",)),
    ClientKind.FACILITY: frozenset(("class/treating-providers",)),
    ClientKind.PAYER: frozenset(("class/health-plans", "class/third-party-payers")),
}
"""The classes of 2.31(a)(4)(i) that a kind of client can belong to, with a tie to the patient."""
DIRECTORY = frozenset(("Organization", "Location", "Practitioner", "PractitionerRole", "HealthcareService", "Endpoint"))
"""Types that say who and where the program is; what is about nobody and of another type is not for others."""


OF_MANY = frozenset(("AuditEvent", "Bundle", "Composition", "Group", "List", "MeasureReport"))
"""Types that name others in what they hold: whom they are about does not say it, so they are not for outsiders."""
CONSENT = "Consent"
"""The type of which those who are named see the scope alone (`consent/naming.py`)."""
NAMED = frozenset((ClientKind.PROVIDER_EHR, ClientKind.PAYER))
DIAGNOSIS = "Condition"
"""The type of which a payer sees the principal diagnoses alone, of what it sees: 45 CFR 164.502(b)."""
RENDERING: Mapping[ClientKind, int] = {ClientKind.PAYER: 1}
"""Who sees records by a rendering (`mappings/release`), and only so; others see them whole."""


def side_of(kind: ClientKind, type: str) -> int:
    """By which rendering a kind of client sees records of a type; 0 where it sees them whole."""
    return SCOPE if type == CONSENT and kind in NAMED else RENDERING.get(kind, 0)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a record may be seen, by which consent (None: by none), and why, in words of this module alone."""

    permitted: bool
    consent: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: who asks, of which record, and when."""

    caller: Caller
    facts: Facts
    now: int
    review: bool = False


def decide(
    caller: Caller,
    facts: Facts,
    grants: Iterable[Grant],
    ties: Iterable[Tie],
    now_ms: int,
    *,
    operations_allowed: bool = False,
    consent_free: int = LABELLED,
    emergencies: Iterable[Emergency] = (),
    saying: Iterable[Facts] = (),
    review: bool = False,
) -> Decision:
    """The decision on one version of one record; the first rule that applies decides.

    `saying` are the records that say what the ties say, as this kind of client sees them, where that decides too.

    `operations_allowed`: the payer's contract has health care operations in it. `consent_free`: the labels that a
    record outside part 2 may have and still go without a consent, by HIPAA and the law of the state. `review`: what a
    payer's reviewer may be told beyond what the payer sees itself: whole records of a type that a consent names.
    """
    asked = Asked(caller, facts, now_ms, review)
    if (why := _closed(caller.kind, facts, review)) is not None:
        return Decision(False, None, why)
    if caller.kind in INTERNAL:
        return Decision(caller.purpose in INTERNAL[caller.kind], None, "the program's own use, 2.12(c)")
    if (why := _untold(caller, facts)) is not None:
        return Decision(False, None, why)
    if not facts.patients:
        return Decision(facts.type in DIRECTORY and not review, None, "about no patient")
    if facts.type == CONSENT and caller.kind in NAMED:
        return _named(asked, tuple(grants), ties, operations_allowed)
    if caller.kind is ClientKind.PROVIDER_EHR and caller.purpose in EMERGENCIES:
        return _in_emergency(asked, emergencies)
    if not _may_ask_for(caller, operations_allowed):
        return Decision(False, None, "the purpose is none of this kind of client")
    said, tied, free = tuple(grants), tuple(ties), facts.labels & ~consent_free == 0
    if caller.kind is ClientKind.PAYER and facts.type == DIAGNOSIS:
        sayers = (one for one in saying if _is_said_by(one, facts, tied))
        if not any(_is_told(replace(asked, facts=one), said, tied, consent_free) for one in sayers):
            return Decision(False, None, "nothing that this client sees says that it is its principal diagnosis")
    each = [_of_patient(asked, patient, said, tied, free) for patient in sorted(facts.patients)]
    # Every patient it is about must permit it, 2.13(a): the first who does not decides.
    return next((one for one in each if not one.permitted), each[0])


def _named(asked: Asked, grants: tuple[Grant, ...], ties: Iterable[Tie], operations_allowed: bool) -> Decision:
    """The decision on the scope of a consent: it must permit the reader something now, whatever record that is."""
    caller, facts = asked.caller, asked.facts
    if not _may_ask_for(caller, operations_allowed):
        return Decision(False, None, "the purpose is none of this kind of client")
    own = [grant for grant in grants if {grant.patient} == facts.patients]
    if any(refuses(grant, asked) for grant in own if grant.effect is Effect.DENY):
        return Decision(False, None, "refused, 2.26 or a consent that denies")
    itself = [grant for grant in own if grant.consent == facts.id]
    excepted = any(refuses(grant, asked) for grant in itself if grant.effect is Effect.EXCEPTION)
    permits = [grant for grant in itself if grant.effect is Effect.PERMIT and _reaches(grant, asked)]
    if permits and not excepted and _was_tied(asked, ties):
        return Decision(True, facts.id, "it names the client, 2.32(b)")
    return Decision(False, None, "it does not name the client, or is not in force for it")


def _reaches(grant: Grant, asked: Asked) -> bool:
    """Whether a permission is the reader's now, for some record that tells of no more than the consent itself does."""
    names = f"Organization/{asked.caller.organization}", *CLASSES[asked.caller.kind]
    during = grant.valid_from <= asked.now < grant.valid_until and grant.purpose in (ANY, asked.caller.purpose.value)
    return grant.recipient in names and during and asked.facts.labels & ~grant.labels == 0


def _was_tied(asked: Asked, ties: Iterable[Tie]) -> bool:
    """A provider treats the patient now; a payer covers the patient now, or did: of then it may still be told."""
    payer, now = asked.caller.kind is ClientKind.PAYER, asked.now
    return any(
        tie.bond is (Bond.COVERS if payer else Bond.TREATS)
        and asked.facts.patients == {tie.patient}
        and tie.organization == asked.caller.organization
        and tie.valid_from <= now
        and (payer or now < tie.valid_until)
        for tie in ties
    )


def _is_told(asked: Asked, grants: tuple[Grant, ...], ties: tuple[Tie, ...], consent_free: int) -> bool:
    """Whether a record about one patient is told to who may ask."""
    if _closed(asked.caller.kind, asked.facts) or _untold(asked.caller, asked.facts):
        return False
    free = asked.facts.labels & ~consent_free == 0
    return all(_of_patient(asked, patient, grants, ties, free).permitted for patient in asked.facts.patients)


def _is_said_by(sayer: Facts, diagnosis: Facts, ties: tuple[Tie, ...]) -> bool:
    """Whether a record says that a diagnosis of the one whom both are about is its principal one."""
    about = f"{DIAGNOSIS}/{diagnosis.id}", f"{sayer.type}/{sayer.id}"
    said = any(
        tie.bond is Bond.PRINCIPAL and (tie.patient, tie.source) == about and {tie.organization} == diagnosis.patients
        for tie in ties
    )
    return said and sayer.type != DIAGNOSIS and sayer.patients == diagnosis.patients


def _closed(kind: ClientKind, facts: Facts, review: bool = False) -> str | None:
    """Why a record is for no client of this kind, whatever it asks for; None where it may be."""
    if facts.rendering != (0 if review else side_of(kind, facts.type)):
        return "another side of the record than this kind of client sees"
    if facts.labels & NOTES:
        return "a counseling note, 2.31(b)"
    if facts.staged and kind is not ClientKind.PRIVACY_OFFICER:
        return "it came with a referral, and waits for intake"
    return None


def _untold(caller: Caller, facts: Facts) -> str | None:
    """Why a record is not for this client from outside, whatever its patients say; None where it may be."""
    if facts.labels == 0:
        return "it was never labelled"
    if facts.type in OF_MANY or facts.labels & OTHERS:
        return "it names others than those it is about"
    if facts.addressees is not None and caller.organization not in facts.addressees:
        return "it is held to others"
    return None


def shows(caller: Caller, shown: Shown, facts: Facts, ties: Iterable[Tie], now_ms: int) -> bool:
    """Whether somebody of the staff may see a record: by what it is, and whether its patients are in his care."""
    concept = OTHER if facts.concept is None else facts.concept
    if facts.labels & NOTES or (facts.staged and not shown.staged):
        return False
    if concept in shown.all:
        return True
    said = tuple(ties)
    cared = all(in_care(f"Practitioner/{caller.user}", patient, said, now_ms) for patient in facts.patients)
    return concept in shown.assigned and bool(facts.patients) and cared


def in_care(person: str, patient: str, ties: tuple[Tie, ...], now_ms: int) -> bool:
    """Whether a patient is in somebody's care now, as himself or in a role that he holds now."""
    now = [tie for tie in ties if tie.valid_from <= now_ms < tie.valid_until]
    held = {tie.patient for tie in now if tie.bond is Bond.HOLDS and tie.organization == person}
    return any(tie.bond is Bond.CARES and tie.patient == patient and tie.organization in {person, *held} for tie in now)


def in_emergency(caller: Caller) -> bool:
    """Whether a named person of another provider asks because of an emergency: 2.51 is for medical personnel alone."""
    return caller.kind is ClientKind.PROVIDER_EHR and caller.purpose in EMERGENCIES and caller.user is not None


def _in_emergency(asked: Asked, emergencies: Iterable[Emergency]) -> Decision:
    """What this person has opened of each patient counts, whatever consents say: no consent could be had, 2.51(a)."""
    caller = asked.caller
    if caller.user is None:
        return Decision(False, None, "an emergency is opened by a person, and the token names none, 2.51(c)")
    opened = {
        one.patient
        for one in emergencies
        if (one.client, one.person) == (caller.client, caller.user) and one.opened <= asked.now < one.closed
    }
    if asked.facts.patients <= opened:
        return Decision(True, None, "a medical emergency, 2.51")
    return Decision(False, None, "no emergency is open for the patient")


def _may_ask_for(caller: Caller, operations_allowed: bool) -> bool:
    """Whether the purpose is one of the client's kind; a payer's contract may add operations."""
    operations = caller.kind is ClientKind.PAYER and operations_allowed and caller.purpose is Purpose.OPERATIONS
    return operations or caller.purpose in OUTSIDE[caller.kind]


def _of_patient(asked: Asked, patient: str, grants: tuple[Grant, ...], ties: tuple[Tie, ...], free: bool) -> Decision:
    """The decision on the record as far as it is about one patient."""
    own = [grant for grant in grants if grant.patient == patient]
    tied = _is_tied(asked, patient, ties)
    if any(refuses(grant, asked) for grant in own if grant.effect is Effect.DENY):
        return Decision(False, None, "refused, 2.26 or a consent that denies")
    if not tied and asked.caller.kind is not ClientKind.FACILITY:
        return Decision(False, None, "no tie to the patient")
    if free and tied:
        return Decision(True, None, "not under part 2, 45 CFR 164.506")
    excepted = {grant.consent for grant in own if grant.effect is Effect.EXCEPTION and refuses(grant, asked)}
    consents = [
        grant.consent
        for grant in own
        if grant.effect is Effect.PERMIT and grant.consent not in excepted and _permits(grant, asked, tied)
    ]
    if consents:
        return Decision(True, min(consents), "a consent, 2.31")
    return Decision(False, None, "no consent, 2.13(a)")


def _is_tied(asked: Asked, patient: str, ties: tuple[Tie, ...]) -> bool:
    """A payer covers the patient on the record's date, or now if it has none; a provider treats the patient now."""
    payer = asked.caller.kind is ClientKind.PAYER
    bond = Bond.COVERS if payer else Bond.TREATS
    when = asked.facts.date if payer and asked.facts.date is not None else asked.now
    return any(
        tie.bond is bond
        and (tie.patient, tie.organization) == (patient, asked.caller.organization)
        and tie.valid_from <= when < tie.valid_until
        for tie in ties
    )


def _permits(grant: Grant, asked: Asked, tied: bool) -> bool:
    """Whether a permission covers the record: every label of it, and its date if the permission has a time of data."""
    labels, date = asked.facts.labels, asked.facts.date
    names = f"Organization/{asked.caller.organization}" == grant.recipient
    belongs = tied and grant.recipient in CLASSES[asked.caller.kind]
    dated = (grant.data_from, grant.data_until) == (BEGINNING, END) if date is None else _in_data(grant, date)
    named = not asked.review or grant.type == asked.facts.type
    return (names or belongs) and labels & ~grant.labels == 0 and dated and named and _applies(grant, asked)


def refuses(grant: Grant, asked: Asked) -> bool:
    """Whether a refusal or an exception hits the record: one label is enough, and a record without a date is hit."""
    to = {ANY, f"Organization/{asked.caller.organization}", *refusable(asked.caller.kind)}
    labels, date = asked.facts.labels, asked.facts.date
    dated = date is None or _in_data(grant, date)
    return grant.recipient in to and labels & grant.labels != 0 and dated and _applies(grant, asked)


def refusable(kind: ClientKind) -> frozenset[str]:
    """The classes under which a kind is refused: without a tie too, and as what an intermediary may reach."""
    reached = CLASSES[kind]
    return reached | {"class/intermediary-participants"} if "class/treating-providers" in reached else reached


def _in_data(grant: Grant, date: int) -> bool:
    return grant.data_from <= date < grant.data_until


def _applies(grant: Grant, asked: Asked) -> bool:
    """Whether the purpose, the type, the record and the time are those of the grant."""
    facts = asked.facts
    return (
        grant.purpose in (ANY, asked.caller.purpose.value)
        and grant.type in (ANY, facts.type)
        and grant.record in (ANY, f"{facts.type}/{facts.id}")
        and grant.valid_from <= asked.now < grant.valid_until
    )
