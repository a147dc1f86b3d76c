"""The work of a packet that was approved: it is sent to the payer's server, as an attachment of its request.

http://hl7.org/fhir/us/davinci-cdex/STU2.1/OperationDefinition-submit-attachment.html. What goes is what was approved:
if by then something else would be told, nothing is, and staff are told so.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Sequence
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
from adapter.fhir.references import split
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
_MEMBER, NPI = "MB", "http://hl7.org/fhir/sid/us-npi"
_WHY = "what somebody of the staff has seen and approved is sent"


def ask(program: Program, predicate: Predicate, matrix: Matrix, id: str, approved: Approval) -> Future[Answer]:
    """202: it will be sent. Asked for again before it is, it is one.

    Problem(CONFLICT) where it would be another by now, the payer is no partner with a server, or cannot tell whose
    packet it is; the rest as for `reviewed`.
    """
    review = still(program, predicate, matrix, id, approved)
    member_number(review)

    def work(transaction: Transaction) -> Answer:
        row, now = partner_of(transaction.database, review.caller.organization), milliseconds(program.clock())
        jobs, key = Jobs(transaction.database), f"{id}/{approved.approval}"
        jobs.ask(ATTACH, key, now, json.dumps(approved._asdict()), lane=row.name)
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
        approved = Approval(**json.loads(job.payload))
        try:
            row, review, body = await asyncio.to_thread(self._known, id, approved)
        except Problem as problem:
            if problem.ours:
                raise
            await self._ended(job, RESTS, End(f"not sent: {problem.message}", lacks=True))
            return
        await held(self._program, job, self._send(job, row, review, body, approved))

    def _known(self, id: str, approved: Approval) -> tuple[PartnerRow, Review, Resource]:
        """Whom it goes to, and what. Problem where it does not go: what is written to the store later has its own."""
        program, staff = self._program, everything(_WHY)
        with program.store.asking() as database:
            row = partner_of(database, payer_of(asked_for(program, staff, id)))
        review = still(program, staff, self._matrix, id, approved, row.recipient)
        return row, review, attached(program, review, approved)

    async def _send(self, job: Job, row: PartnerRow, review: Review, body: Resource, approved: Approval) -> None:
        partner = await self._lines.to(row)
        await partner.give(SUBMIT, await disclosed(self._program, self._ledger, review, body, approved))
        await self._ended(job, RESTS)

    async def _ended(self, job: Job, due_ms: int, end: End = WELL) -> None:
        now = milliseconds(self._program.clock())
        await self._written(lambda t: Jobs(t.database).finish(job, now, due_ms, end))

    async def _written(self, work: Callable[[Transaction], None]) -> None:
        await asyncio.wrap_future(self._program.store.write(work))


def attached(program: Program, review: Review, approved: Approval) -> Resource:
    """The packet as what belongs to its request, which the payer knows by the identifier that it was sent with: a
    document within a DocumentReference, which every payer of CDex takes."""
    claim, packet = review.own.versions[0], dump(document(program, review, approved.signed))
    member, now = member_number(review), instant_of(approved.at_ms)
    content = {"contentType": "application/fhir+json", "title": TITLE, "data": b64encode(packet).decode()}
    held = {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": TITLE},
        "subject": {"identifier": member},
        "date": now,
        "content": [{"attachment": content}],
    }
    said = [
        {"name": "TrackingId", "valueIdentifier": known_as(program, claim, parse(claim.body))[-1]},
        {"name": "AttachTo", "valueCode": "preauthorization"},
        _provider(program, review),
        {"name": "MemberId", "valueIdentifier": member},
        {"name": "Attachment", "part": [_CODE, {"name": "Content", "resource": held}]},
        {"name": "Final", "valueBoolean": True},
    ]
    return {"resourceType": "Parameters", "parameter": said}


_CODE: Resource = {"name": "Code", "valueCodeableConcept": {"text": TITLE}}


def _provider(program: Program, review: Review) -> Resource:
    """Who asks: its NPI, else what it is called here."""
    claim = parse(review.own.versions[0].body)
    place = split(claim.get("provider", {}).get("reference", "")) or ("Organization", "")
    found = next((one for one in review.own.versions if (one.type, one.id) == place), None)
    held = parse(found.body).get("identifier", []) if found else []
    number = next((one for one in held if one.get("system") == NPI and "value" in one), None)
    system = f"{program.base_url}/{place[0]}"
    called = number or {"system": system, "value": place[1] or program.name}
    return {"name": "OrganizationId" if place[0] == "Organization" else "ProviderId", "valueIdentifier": called}


def member_number(review: Review) -> Resource:
    """What the payer knows the person by, of the coverage that is asked: the member's number, or the subscriber's.
    Problem(CONFLICT) where it may be told none."""
    claim = parse(review.own.versions[0].body)
    asked: Resource = next((one for one in claim.get("insurance", ()) if one.get("focal")), {})
    place = split(asked.get("coverage", {}).get("reference", ""))
    version = next((one for one in review.own.versions if (one.type, one.id) == place), None)
    coverage = parse(version.body) if version else {}
    held = [one for one in coverage.get("identifier", ()) if "value" in one]
    member = next((one for one in held if _MEMBER in [part.get("code") for part in _types(one)]), None)
    untyped = next((one for one in held if not _types(one)), None)
    subscriber = {"value": coverage["subscriberId"]} if "subscriberId" in coverage else None
    if number := member or subscriber or untyped:
        return number
    why = "the payer could not tell whose packet it is: the coverage that is asked has no member number"
    raise Problem(Kind.CONFLICT, why, "coverages", code="business-rule")


def _types(identifier: Resource) -> Sequence[Resource]:
    found: Sequence[Resource] = identifier.get("type", {}).get("coding", ())
    return found


def _told(program: Program, predicate: Predicate, database: Database, job: Job) -> Told | None:
    """Of work that fails, which request it is about; nothing to whom that is hidden from."""
    claim = program.store.read(predicate, CLAIM, job.key.partition("/")[0])
    if claim is None or claim.deleted or claim.concept != REQUEST:
        return None
    return Told({"request": claim.id, "partner": job.lane}, (claim,))


MANNER = Manner(_told)
