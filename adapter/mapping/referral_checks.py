"""Rules of consents, referrals and their tasks: (field, reason), never raising, as in `checks`.

Source: 42 CFR 2.31 (https://www.ecfr.gov/current/title-42/section-2.31), R4 ppc-1, inv-1 of Task, BSeR Referral Task.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapter.mapping.facts import Check, Finding, Record, in_order, listed, objects, other_patient, period_in_order
from adapter.mapping.times import out_of_order

TPO = ("treatment", "payment", "operations")
# Element of 2.31(a) -> the fields of which one must be there.
ELEMENTS = (
    ("2.31(a)(2)", "organizations", "disclosers"),
    ("2.31(a)(3)", "information", "record_types", "topics", "sensitivities", "confidentiality", "records"),
    ("2.31(a)(4)", "recipients"),
    ("2.31(a)(5)", "purposes"),
    ("2.31(a)(8)", "signed_by"),
    ("2.31(a)(9)", "signed_at"),
)
EXPIRY = ("expires_on", "expires_with", "expires_when")
# What the form of a single consent for treatment, payment and operations must tell besides.
TPO_STATEMENTS = ("redisclosure_by_recipients", "no_longer_protected", "refusal_consequences")
NOTES = "psychotherapy_notes"
UNSETTLED = ("draft", "active", "on_hold")
CLOSED = ("declined", "cancelled", "completed", "failed", "entered_in_error")


def _is_tpo(record: Record) -> bool:
    """Whether it is the single consent for all future treatment, payment and operations, said or meant."""
    purposes = listed(record, "purposes")
    meant = "kind" not in record and all(purpose in purposes for purpose in TPO)
    return record.get("kind") == "tpo" or meant


def consent_dates(record: Record) -> list[Finding]:
    """A consent starts, ends and is revoked in this order, and a revoked one is no longer active."""
    found = in_order(
        record,
        ("starts_on", "expires_on"),
        ("signed_at", "expires_on"),
        ("signed_at", "revoked_at"),
        ("data_from", "data_until"),
    )
    for at, exception in objects(record, "exceptions"):
        found += in_order(exception, ("data_from", "data_until"), at=f"{at}.")
    status = record.get("status")
    if "revoked_at" in record and status in ("draft", "proposed", "active"):
        found.append(("revoked_at", f"status is {status}: a revoked consent is inactive"))
    told = [name for name in ("revoked_by", "revoked_how", "revoked_because") if name in record]
    return found + [(name, "only with revoked_at") for name in told if "revoked_at" not in record]


def consent_scope(record: Record) -> list[Finding]:
    """What cannot stand in one consent: see 42 CFR 2.31(a)(7), (b), (d) and the single consent of (a)(4).

    A policy of opting in or out contradicts no decision: in R4 it is the base rule, the provision an exception.
    A form for all TPO that was refused is a decision to deny.
    """
    kind, purposes, found = record.get("kind"), listed(record, "purposes"), []
    if _is_tpo(record) and (other := [p for p in purposes if p not in TPO]):
        found.append(("purposes", f"{other[0]}: a consent for treatment, payment and operations has no other purpose"))
    if "legal_proceedings" in purposes and len(purposes) > 1:
        found.append(("purposes", "legal_proceedings is combined with no other purpose, 2.31(d)"))
    if kind == "legal_proceedings" and purposes and "legal_proceedings" not in purposes:
        found.append(("purposes", "not legal_proceedings, but kind says so"))
    if kind == "restriction" and record.get("decision") == "permit":
        found.append(("decision", "permit, but kind is restriction"))
    return found + _notes(record) + _expiry(record) + _exceptions(record)


def _notes(record: Record) -> list[Finding]:
    """2.31(b): a consent for SUD counseling notes is combined with none for anything else."""
    found, kind = [], record.get("kind")
    for at, told in (("", record), *((f"{at}.", inner) for at, inner in objects(record, "exceptions"))):
        sensitivities, types = listed(told, "sensitivities"), listed(told, "record_types")
        of_notes = NOTES in sensitivities or (kind == "counseling_notes" and told is record)
        if not of_notes or told.get("decision") != "permit":
            continue
        if kind == "tpo":
            found.append((f"{at}sensitivities", f"{NOTES}, but kind is tpo: they need a consent of their own, 2.31(b)"))
        for name, given, own in (("sensitivities", sensitivities, NOTES), ("record_types", types, "document")):
            if other := [each for each in given if each != own]:
                found.append(
                    (f"{at}{name}", f"{other[0]}: a consent for counseling notes covers nothing else, 2.31(b)")
                )
    return found


def _expiry(record: Record) -> list[Finding]:
    if record.get("expires_with") != "no_expiry":
        return []
    found = [("expires_with", "no_expiry, but expires_on gives a date")] if "expires_on" in record else []
    if not _is_tpo(record):
        found.append(("expires_with", "no_expiry is for kind tpo, 2.31(a)(7)"))
    return found


def _exceptions(record: Record) -> list[Finding]:
    return [
        ("exceptions", f"{at}.decision is that of the consent, decision: an exception says the opposite")
        for at, exception in objects(record, "exceptions")
        if "decision" in exception and exception["decision"] == record.get("decision")
    ]


def consent_elements(record: Record) -> list[Finding]:
    """R4 ppc-1; and an active consent under 42 CFR part 2 that permits has every element of 2.31(a)."""
    found = []
    if "policy_rule" not in record and "policies" not in record:
        found.append(("policy_rule", "policy_rule or policies: the policy it stands under"))
    part2 = record.get("policy_rule") == "part2" or "part2" in listed(record, "laws")
    if not part2 or record.get("status") != "active" or record.get("decision") != "permit":
        return found
    for element, *names in ELEMENTS:
        if not any(name in record for name in names):
            found.append((names[0], f"{' or '.join(names)}: an active consent has it, {element}"))
    return found + _told(record)


def consent_verified(record: Record) -> list[Finding]:
    """An active consent is none that could not be verified, until it was; asked is the participant or a relative."""
    found, active = [], record.get("status") == "active"
    since = [item.get("verified_at") for _, item in objects(record, "verifications") if item.get("verified") is True]
    for at, verification in objects(record, "verifications"):
        later = any(out_of_order(day, verification.get("verified_at")) for day in since)
        if active and verification.get("verified") is False and not later:
            found.append((f"{at}.verified", "nobody could confirm it, and status is active"))
        if other_patient(verification.get("asked"), record.get("participant")):
            found.append((f"{at}.asked", "a participant other than the record's: see participant"))
    return found


def _told(record: Record) -> list[Finding]:
    """What an active consent must say of its end (7), of revocation (6), and a single one besides (4), (10)."""
    found, statements = [], listed(record, "statements")
    if not _is_tpo(record) and not any(name in record for name in EXPIRY):
        found.append(("expires_on", f"{' or '.join(EXPIRY)}: an active consent has it, 2.31(a)(7)"))
    wanted = ("right_to_revoke", *(TPO_STATEMENTS if _is_tpo(record) else ()))
    missing = [word for word in wanted if word not in statements]
    if missing:
        found.append(("statements", f"{', '.join(missing)}: the form of an active consent tells it, 2.31(a)"))
    return found


def facility_stay(record: Record) -> list[Finding]:
    """Admitted to the facility, discharged from it, started here: in this order."""
    found = in_order(
        record,
        ("facility_admitted_on", "facility_discharged_on"),
        ("facility_discharged_on", "requested_start"),
    )
    period = record.get("requested_period")
    found += period_in_order(record, "requested_period")
    if isinstance(period, Mapping) and out_of_order(record.get("facility_discharged_on"), period.get("start")):
        found.append(("requested_period.start", "before facility_discharged_on"))
    return found


def referral_course(record: Record) -> list[Finding]:
    """A referral out is written, answered and closed in order; a closed one is settled, a declined one not begun."""
    found = in_order(record, ("authored_at", "answered_on"), ("authored_at", "closed_on"), ("answered_on", "closed_on"))
    found += period_in_order(record, "planned_period")
    status = record.get("status")
    if "closed_on" in record and status in UNSETTLED:
        found.append(("closed_on", f"status is {status}: a closed referral is completed or revoked"))
    for name, needed in (("outcome", "closed_on"), ("answered_on", "answer"), ("answer_reason", "answer")):
        if name in record and needed not in record:
            found.append((name, f"only with {needed}"))
    answer = record.get("answer")
    if answer in ("declined", "declined_by_participant") and record.get("outcome") == "attended":
        found.append(("outcome", f"attended, but answer is {answer}"))
    return found


def task_course(record: Record) -> list[Finding]:
    """A task changes after it was written and ends after it began; what has ended is closed; declined says why."""
    found = in_order(record, ("authored_at", "changed_at"), ("started_at", "ended_at"))
    state = record.get("state")
    if "ended_at" in record and state is not None and state not in CLOSED:
        found.append(("ended_at", f"state is {state}, which goes on"))
    if state == "declined" and "state_reason" not in record:
        found.append(("state_reason", "needed with state declined"))
    return found


CHECKS: tuple[Check, ...] = (
    consent_dates,
    consent_scope,
    consent_elements,
    consent_verified,
    facility_stay,
    referral_course,
    task_course,
)
