"""Staff look at the packet of a concurrent review as it would go, and approve it: then it is in the ledger, and theirs
to send.

42 CFR 2.13(a), 2.25, 2.32. What is approved is what was looked at: if it has changed since, it is looked at again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from adapter.consent.gate import recorded, release
from adapter.consent.matrix import Matrix
from adapter.consent.notice import VERSION
from adapter.exchange.accounting import accounted
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate, Released
from adapter.review.document import Signed, document
from adapter.review.packet import Review, approval, reviewed
from adapter.store.disclosure import Disclosure, Entry, Shown, entry
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.store.version import Version

REVIEW, APPROVE = "review", "approve"
DAYS = ("start", "end")
APPROVAL = "approval"
SAYS = (APPROVAL, *DAYS)
Resource = dict[str, Any]
_WHAT = f"Claim/${REVIEW}"


def look(program: Program, predicate: Predicate, matrix: Matrix, id: str, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with the document as it would go, what of it would stay behind and why, and what stands for this very
    content. It goes to nobody; the rest as for `reviewed`."""
    review = reviewed(program, predicate, matrix, id, Inputs({name: [value] for name, value in pairs}))
    window = review.attendance.window
    body = {
        "request": id,
        "payer": review.caller.organization,
        "start": window.first.isoformat(),
        "end": window.last.isoformat(),
        APPROVAL: approval(program, review),
        "unsent": [{"record": place, "why": why} for place, why in review.unsent],
        "document": document(program, review),
    }
    return Answer(200, release(predicate, dump(body), [*_all(review), *review.kept]))


class Approval(NamedTuple):
    """What somebody looked at and approves: its days, what stands for its content, who it is, and when (ms)."""

    approval: str
    start: str
    end: str
    by: str
    at_ms: int

    @property
    def signed(self) -> Signed:
        """As the document has it."""
        return Signed(self.approval, self.at_ms)

    @property
    def days(self) -> Inputs:
        """As they are asked for."""
        return Inputs({"start": [self.start], "end": [self.end]})

    @property
    def query(self) -> bytes:
        """As the ledger has it."""
        return urlencode({"approved-by": self.by, **dict(zip(SAYS, self, strict=False))}).encode()


def approval_of(program: Program, predicate: Predicate, said: Mapping[str, str]) -> Approval:
    """What a reader says (`SAYS`) as his own, now."""
    by = (predicate.asker and predicate.asker.person) or str(predicate.parameters["c_recipient"])
    return Approval(said[APPROVAL], said["start"], said["end"], by, milliseconds(program.clock()))


async def approve(
    program: Program, predicate: Predicate, matrix: Matrix, id: str, approved: Approval, request: str | None
) -> Answer:
    """200 with the document, which is in the ledger as told to the payer.

    Problem(CONFLICT) where it would be another by now; Problem(BUSY) where the ledger cannot be written or a consent
    was just taken back; the rest as for `reviewed`.
    """
    review = await asyncio.to_thread(still, program, predicate, matrix, id, approved)
    ledger = await asyncio.to_thread(Ledger, place_of(program.settings.store), program.clock)
    try:
        body = await asyncio.to_thread(document, program, review, approved.signed)
        released = await disclosed(program, ledger, review, body, approved, request)
    finally:
        await asyncio.to_thread(ledger.close)
    return Answer(200, released, media="application/fhir+json")


def still(
    program: Program, predicate: Predicate, matrix: Matrix, id: str, approved: Approval, recipient: str | None = None
) -> Review:
    """What was approved, if it would still be that; Problem(CONFLICT) else. The rest as for `reviewed`."""
    review = reviewed(program, predicate, matrix, id, approved.days, recipient)
    if approval(program, review) != approved.approval:
        why = "what would be told is not what was looked at: look at it again"
        raise Problem(Kind.CONFLICT, why, APPROVAL, code="conflict")
    return review


async def disclosed(
    program: Program, ledger: Ledger, review: Review, body: Resource, approved: Approval, request: str | None = None
) -> Released:
    """What is told, once all of it is in the ledger."""
    released = release(review.sights.payer, dump(body), _all(review))
    entries = await asyncio.to_thread(_entries, program, review, approved, request)
    positions = await asyncio.wrap_future(ledger.write_together(entries))
    return recorded(released, positions[-1])


def _entries(program: Program, review: Review, approved: Approval, request: str | None) -> list[Entry]:
    """What is told of the person, by the consents on which it is: as the payer sees it, and beyond that."""
    sights = review.sights
    found = accounted(program.store, sights.payer, [*review.own.versions, *review.attendance.shown])
    for ground, listed in accounted(program.store, sights.reviewer, review.shown).items() if review.shown else ():
        found.setdefault(ground, []).extend(listed)
    return [
        entry(
            Disclosure(review.caller, ground or "consent", _WHAT, _by_patient(listed), VERSION, request, approved.query)
        )
        for ground, listed in found.items()
    ]


def _by_patient(listed: Sequence[Shown]) -> list[Shown]:
    """Each patient once."""
    merged: dict[str, list[str]] = {}
    for one in listed:
        merged.setdefault(one.patient, []).extend(one.resources)
    return [Shown(patient, list(dict.fromkeys(resources))) for patient, resources in merged.items()]


def _all(review: Review) -> list[Version]:
    return [*review.own.versions, *review.attendance.shown, *review.shown]
