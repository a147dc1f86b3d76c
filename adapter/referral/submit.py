"""`$submit-referral`, and the transaction of a facility: somebody is referred to the program, in one commit.

An operation of ours; https://hl7.org/fhir/R4/http.html#transaction. Sent twice, or by many hands at once, it is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from adapter.callers import Caller
from adapter.fhir import bundle
from adapter.fhir.dates import milliseconds
from adapter.interactions.admission import refused
from adapter.interactions.changes import Terms, apply, ready
from adapter.interactions.places import within
from adapter.interactions.program import Program
from adapter.problems import Issue, Kind, Problem, each
from adapter.referral.laying_out import Laid, lay_out
from adapter.referral.packet import WHOLE, read_packet
from adapter.released import Predicate
from adapter.rules import SENT
from adapter.store.proposals import propose
from adapter.store.referrals import Submission, submit, submitted
from adapter.store.transaction import Transaction

Resource = dict[str, Any]
UNEVIDENCED = "consent not evidenced"
"""What intake is told of a referral without a Consent."""
_STAND_IN: Resource = {"resourceType": "Parameters"}
_WITHOUT = "no Consent came with it: nothing is told of how it goes on until the program has one"
_AGAIN = "this referral was received before: nothing was made anew"
_OTHER = "it was received before with other content: what is different was not taken; update the records instead"


class Submitted(NamedTuple):
    """What became of a referral: what is known of it now, whether it came before, and what is to be said."""

    sent: Submission
    again: bool
    remarks: tuple[Issue, ...]


def check_form(program: Program, given: Resource) -> None:
    """400 or 422 for what is neither a sound Bundle nor a sound ServiceRequest, with all that is wrong by place."""
    if given.get("resourceType") not in ("Bundle", "ServiceRequest"):
        why = "a referral is a Bundle, or a ServiceRequest with what it contains"
        raise Problem(Kind.UNPROCESSABLE, why, "resourceType", code="value")
    listed = given.get("entry", [])
    if given["resourceType"] == "Bundle":
        limit = program.settings.entry_limit
        if isinstance(listed, list) and len(listed) > limit:
            raise Problem(Kind.TOO_LONG, f"a referral may have {limit} parts", "Bundle.entry")
        bundle.check_names(listed)
        issues = [*program.door.check(_shell(given) if listed else given), *_wrong(program, listed)]
    else:
        issues = list(program.door.check(given))
    if issues:
        raise refused(issues)


def _wrong(program: Program, listed: Any) -> Iterator[Issue]:
    """What is wrong with the resources themselves, save where they point to: that is said when it is looked up."""
    for number, entry in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(entry, dict) or "resource" not in entry:
            continue
        place, resource = f"Bundle.entry[{number}].resource", entry["resource"]
        if not isinstance(resource, dict) or not isinstance(type := resource.get("resourceType"), str):
            yield Issue("structure", "a resource is an object that says its resourceType", place)
            continue
        for issue in program.door.check(resource):
            if not (issue.expression or "").endswith(".reference"):
                yield replace(issue, expression=within(place, type, issue.expression))


def _shell(given: Resource) -> Resource:
    """The Bundle with something in the place of each resource, so that the door checks what surrounds them.

    What a document or a message begins with is not seen so: `packet` looks at that.
    """
    listed, kind = given["entry"], given.get("type")
    if isinstance(listed, list):
        listed = [
            {**one, "resource": _STAND_IN} if isinstance(one, dict) and "resource" in one else one for one in listed
        ]
    whole = isinstance(kind, str) and kind in WHOLE
    return given | {"entry": listed} | ({"type": "collection"} if whole else {})


def submit_referral(program: Program, predicate: Predicate, caller: Caller, given: Resource) -> Future[Submitted]:
    """Take a referral of a registered organization: all of it or nothing.

    Problem(UNPROCESSABLE, INVALID) with all that is wrong, by place, also without a consent where the program wants one
    with each; Problem(CONFLICT) under the number of another person's, or of one that its sender deleted.
    """
    check_form(program, given)
    laid = lay_out(program, predicate, caller.organization, given, read_packet(given))
    if not laid.consented and program.settings.referral_consent == "required":
        raise Problem(Kind.UNPROCESSABLE, "a Consent must come with it here", "ServiceRequest.supportingInfo")
    changes = each(partial(ready, program), laid.changes)
    sent = Submission(caller.organization, laid.called, laid.digest, laid.referral, laid.task, laid.records)

    def work(transaction: Transaction) -> Submitted:
        known = submitted(transaction.database, caller.organization, laid.called)
        if known is not None:
            _check_kept(transaction, known)
            return Submitted(known, True, (_remark(_compared(known, laid)),))
        apply(program, transaction, changes, Terms("pending", predicate=predicate))
        now_ms = milliseconds(program.clock())
        submit(transaction.database, sent, now_ms)
        propose(transaction.database, laid.proposed, now_ms)
        if not laid.consented:
            transaction.suspect("Task", laid.task, "ServiceRequest.supportingInfo", UNEVIDENCED)
        return Submitted(sent, False, tuple(_remarks(laid)))

    return program.store.write(work)


def _check_kept(transaction: Transaction, known: Submission) -> None:
    """Problem(CONFLICT) for a draft that its sender deleted: decided by the sender's side alone, as all it is answered
    (42 CFR 2.13(c))."""
    own = transaction.current("ServiceRequest", known.referral, SENT)
    if own is not None and own.deleted:
        why = "this referral was withdrawn by a deletion: send it under another number"
        raise Problem(Kind.CONFLICT, why, "ServiceRequest.identifier", code="deleted")


def _compared(known: Submission, laid: Laid) -> str:
    """What is said of a referral that was received before; Problem(CONFLICT) for one of another person."""
    if known.digest.partition(".")[0] != laid.digest.partition(".")[0]:
        why = "a referral was received under this identifier of somebody with another name or birth date"
        raise Problem(Kind.CONFLICT, why, "ServiceRequest.identifier", code="duplicate")
    return _AGAIN if known.digest == laid.digest else _OTHER


def _remarks(laid: Laid) -> list[Issue]:
    missing = [] if laid.consented else [_remark(_WITHOUT, "ServiceRequest.supportingInfo")]
    return [*missing, *laid.remarks] or [_remark("received")]


def _remark(said: str, place: str | None = None) -> Issue:
    return Issue("informational", said, place, "warning" if said in (_WITHOUT, _OTHER) else "information")
