"""The work of a packet that was approved: it is sent to the payer's server, as an attachment of its request.

http://hl7.org/fhir/us/davinci-cdex/STU2.1/OperationDefinition-submit-attachment.html. What goes is what was approved:
if by then something else would be told, nothing is, and staff are told so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from adapter.consent.gate import release
from adapter.consent.matrix import Matrix
from adapter.consent.predicate import everything
from adapter.exchange.authorization_asking import partner_of
from adapter.exchange.authorization_document import CLAIM, REQUEST, asked_for, payer_of
from adapter.exchange.opening import Lines
from adapter.exchange.packing import known_as
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump, parse
from adapter.interactions.answer import Answer
from adapter.interactions.failing_jobs import Manner, Told
from adapter.interactions.leases import held
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.review.asking import Approval, disclosed, still
from adapter.review.document import TITLE, document
from adapter.review.packet import Review
from adapter.store.database import Database
from adapter.store.jobs import RESTS, WELL, End, Job, Jobs
from adapter.store.ledger import Ledger
from adapter.store.partners import PartnerRow
from adapter.store.transaction import Transaction

Resource = dict[str, Any]
ATTACH = "attach"
"""The kind of its jobs; the key is the id of the Claim, and what stands for the content."""
SUBMIT = "submit-attachment"
_WHY = "what somebody of the staff has seen and approved is sent"


def ask(program: Program, predicate: Predicate, matrix: Matrix, id: str, approved: Approval) -> Future[Answer]:
    """202: it will be sent. Asked for twice, it is one.

    Problem(CONFLICT) where it would be another by now, or the payer is no partner with a server; the rest as for
    `reviewed`.
    """
    review = still(program, predicate, matrix, id, approved)

    def work(transaction: Transaction) -> Answer:
        row, now = partner_of(transaction.database, review.caller.organization), milliseconds(program.clock())
        jobs, key = Jobs(transaction.database), f"{id}/{approved.approval}"
        jobs.ask(ATTACH, key, now, json.dumps(approved), lane=row.name)
        jobs.renew(ATTACH, key, now)  # one that was given up is tried again
        told = {"request": id, "partner": row.name, "asked_at": instant_of(now)}
        return Answer(202, release(predicate, dump(told), [review.claim]))

    return program.store.write(work)


class Packets:
    """Does the jobs of packets of one program."""

    def __init__(self, program: Program, matrix: Matrix, ledger: Ledger, lines: Lines) -> None:
        self._program, self._matrix, self._ledger, self._lines = program, matrix, ledger, lines

    async def __call__(self, job: Job) -> None:
        """Send one; what it raises is tried again as `Attempts` says."""
        id = job.key.partition("/")[0]
        try:
            row, review = await asyncio.to_thread(self._known, id, Approval(*json.loads(job.payload)))
        except Problem as problem:
            if problem.ours:
                raise
            await self._ended(job, RESTS, End(f"not sent: {problem.message}", lacks=True))
            return
        await held(self._program, job, self._send(job, row, review))

    def _known(self, id: str, approved: Approval) -> tuple[PartnerRow, Review]:
        program, staff = self._program, everything(_WHY)
        with program.store.asking() as database:
            row = partner_of(database, payer_of(asked_for(program, staff, id)))
        return row, still(program, staff, self._matrix, id, approved, row.recipient)

    async def _send(self, job: Job, row: PartnerRow, review: Review) -> None:
        partner, approved = await self._lines.to(row), Approval(*json.loads(job.payload))
        body = await asyncio.to_thread(attached, self._program, review)
        await partner.give(SUBMIT, await disclosed(self._program, self._ledger, review, body, approved))
        await self._ended(job, RESTS)

    async def _ended(self, job: Job, due_ms: int, end: End = WELL) -> None:
        now = milliseconds(self._program.clock())
        await self._written(lambda t: Jobs(t.database).finish(job, now, due_ms, end))

    async def _written(self, work: Callable[[Transaction], None]) -> None:
        await asyncio.wrap_future(self._program.store.write(work))


def attached(program: Program, review: Review) -> Resource:
    """The packet as what belongs to its request, which the payer knows by the identifier that it was sent with."""
    seen = {version.type: version for version in reversed(review.own.versions)}
    claim, coverage = parse(seen[CLAIM].body), parse(seen["Coverage"].body) if "Coverage" in seen else {}
    called = known_as(program, seen[CLAIM], claim)[-1]
    number = [*coverage.get("identifier", ()), *({"value": one} for one in (coverage.get("subscriberId"),) if one)]
    if not number:
        why = "the payer cannot tell whose packet it is: its coverage has no member number that it may be told"
        raise Problem(Kind.CONFLICT, why, "coverages", code="business-rule")
    content = [{"name": "Code", "valueCodeableConcept": {"text": TITLE}}]
    content.append({"name": "Content", "resource": document(program, review)})
    said = [
        {"name": "TrackingId", "valueIdentifier": called},
        {"name": "AttachTo", "valueCode": "preauthorization"},
        {"name": "MemberId", "valueIdentifier": number[0]},
        {"name": "Attachment", "part": content},
        {"name": "Final", "valueBoolean": True},
    ]
    return {"resourceType": "Parameters", "parameter": said}


def _told(program: Program, predicate: Predicate, database: Database, job: Job) -> Told | None:
    """Of work that fails, which request it is about; nothing to whom that is hidden from."""
    claim = program.store.read(predicate, CLAIM, job.key.partition("/")[0])
    if claim is None or claim.deleted or claim.concept != REQUEST:
        return None
    return Told({"request": claim.id, "partner": job.lane}, (claim,))


MANNER = Manner(_told)
