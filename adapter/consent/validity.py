"""Whether a consent that permits is valid on its face, and whether a machine can read all that narrows it.

42 CFR 2.31(a) lists ten elements, 2.31(c) what makes a consent void; 2.14 and 2.15 say who signs for whom.
https://www.ecfr.gov/current/title-42/section-2.31
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.mapping.referral_checks import (
    ELEMENTS,
    TPO,
    TPO_STATEMENTS,
    consent_dates,
    consent_scope,
    consent_verified,
)
from adapter.problems import Issue
from adapter.rules import END

Record = Mapping[str, Any]
EVENTS = ("end_of_treatment", "end_of_referral", "end_of_payment")
"""Events with which a consent ends that staff can see come, and then end it; one told in words needs a date besides."""
CODED = ("record_types", "sensitivities", "confidentiality", "records", "data_from", "data_until")
DISCLOSING = ("disclose", "access", "correct")


@dataclass(frozen=True, slots=True)
class Standing:
    """What other records say of the one whom a consent is about, in ms: None where they say nothing.

    `own_consent_from`: since when the law of the state lets the patient consent alone (2.14); `died`: 2.15(b).
    """

    own_consent_from: int | None = None
    died: int | None = None


NOTHING_KNOWN = Standing()


def is_tpo(record: Record) -> bool:
    """Whether it is the single consent for all future treatment, payment and operations, said or meant."""
    return record.get("kind") == "tpo" or ("kind" not in record and set(TPO) <= set(record.get("purposes", ())))


def faults(record: Record, custodians: frozenset[str], standing: Standing) -> tuple[Issue, ...]:
    """Why an active consent permits nothing, each with the native field; none when it is valid and understood.

    `custodians` are the ids of the Organizations that are this program.
    """
    checks = (_elements, _end, _statements, _kind, _unread)
    found = [*(fault for check in checks for fault in check(record))]
    found += [*_discloser(record, custodians), *_signer(record, standing)]
    # Among them: what was revoked is not active, 2.31(a)(6).
    for rule in (consent_dates, consent_scope, consent_verified):
        found += rule(record)
    return tuple(Issue("business-rule", f"This consent permits nothing: {why}", at) for at, why in dict.fromkeys(found))


def signature_ends(record: Record, standing: Standing) -> int:
    """When what the signer signed ends with the capacity in which they signed: of age (2.14), or dead (2.15)."""
    ends = [END]
    if record.get("signer_capacity") == "parent_or_guardian":
        ends.append(END if standing.own_consent_from is None else standing.own_consent_from)
    if record.get("signer_capacity") != "executor" and standing.died is not None:
        ends.append(standing.died)
    return min(ends)


Fault = tuple[str, str]


def _elements(record: Record) -> Iterator[Fault]:
    """2.31(a)(1) to (5), (8), (9): who, whose, what, to whom, what for, signed and when."""
    for element, *names in (("2.31(a)(1)", "participant"), *ELEMENTS):
        if not any(record.get(name) for name in names):
            yield names[0], f"{' or '.join(names)} is missing, {element}"
    if record.get("information") and not any(record.get(name) for name in CODED):
        yield "information", "it says in words alone what may be disclosed: say it by record_types or sensitivities too"


def _end(record: Record) -> Iterator[Fault]:
    """2.31(a)(7): a date, an event, or, in a consent for treatment, payment and operations, none."""
    if record.get("expires_on") or record.get("expires_with") in EVENTS:
        return
    if "expires_when" in record or record.get("expires_with") == "other":
        yield (
            "expires_when",
            "expires_on or an event of expires_with is missing: no machine can see the words come true",
        )
    elif not is_tpo(record):
        yield "expires_on", "expires_on or expires_with is missing, 2.31(a)(7)"


def _statements(record: Record) -> Iterator[Fault]:
    """2.31(a)(6): the right to revoke; (4)(iii) and (10) of a consent for treatment, payment and operations."""
    wanted = {"right_to_revoke": "2.31(a)(6)"}
    if is_tpo(record):
        wanted |= dict.fromkeys(TPO_STATEMENTS, "2.31(a)(10)") | {TPO_STATEMENTS[0]: "2.31(a)(4)(iii)"}
    for word, element in wanted.items():
        if word not in record.get("statements", ()):
            yield "statements", f"{word} is missing, {element}"


def _kind(record: Record) -> Iterator[Fault]:
    """2.31(b): counseling notes leave by no door here. 2.31(d), 2.33(b)(1): nothing is released for proceedings."""
    if record.get("kind") == "counseling_notes" or set(record.get("sensitivities", ())) == {"psychotherapy_notes"}:
        yield "kind", "counseling notes are released by nobody here, 2.31(b)"
    if record.get("kind") == "legal_proceedings" or "legal_proceedings" in record.get("purposes", ()):
        yield "kind", "nothing is released here for proceedings against the patient, 2.31(d)"


def _unread(record: Record) -> Iterator[Fault]:
    """What narrows the consent in a way that no rule here can follow: it must never read wider than it is."""
    for item in record.get("incomplete", ()):
        yield item["path"], f"{item['path']} is not understood: {item['reason']}"
    if record.get("topics"):
        yield "topics", "topics narrow it to codes of records, by which nothing is released here: use record_types"
    if record.get("actions") and not set(record["actions"]) & set(DISCLOSING):
        yield "actions", "no action lets the recipient have the records"
    for index, exception in enumerate(record.get("exceptions", ())):
        if exception.get("decision") == "permit":
            yield f"exceptions[{index}].decision", "an exception to a permission that permits says nothing"


def _discloser(record: Record, custodians: frozenset[str]) -> Iterator[Fault]:
    """2.31(a)(2): the program is named as the one that may disclose; if single persons of it are, they alone may."""
    named = [d["discloser"] for d in record.get("disclosers", ()) if "discloser" in d]
    ours = {f"Organization/{id}" for id in custodians}
    if named and not ours & {who for who in named if isinstance(who, str)}:
        yield "disclosers", "disclosers names others than this program, 2.31(a)(2)"
    if record.get("organizations") and not custodians & set(record["organizations"]):
        yield "organizations", "organizations names others than this program, 2.31(a)(2)"


def _signer(record: Record, standing: Standing) -> Iterator[Fault]:
    """2.31(a)(8): signed by the patient, or by somebody whom 2.14 or 2.15 lets sign for it."""
    capacity = record.get("signer_capacity")
    own = f"Patient/{record.get('participant')}" in record.get("signed_by", ())
    if capacity in (None, "participant") and not own and record.get("signed_by"):
        yield "signer_capacity", "signed by somebody else, and signer_capacity does not say as whom, 2.31(a)(8)"
    elif capacity == "parent_or_guardian" and standing.own_consent_from is None:
        yield "signer_capacity", "signed for a minor, and it is not known until when that counts, 2.14"
    elif capacity == "executor" and standing.died is None:
        yield "signer_capacity", "signed for a patient who died, and the patient is not known to have died, 2.15(b)"
