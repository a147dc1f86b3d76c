"""The work of a request for authorization: it is sent to its payer once a consent covers it, and what the payer answers
is the program's `authorization`.

What goes is in the ledger before its first byte. An answer that cannot be taken is named to staff on the request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from adapter.consent.matrix import Matrix
from adapter.consent.predicate import everything, everything_for
from adapter.exchange.authorization_answer import as_ours, response_in
from adapter.exchange.authorization_asking import SUBMIT, answered, partner_of
from adapter.exchange.authorization_document import CLAIM, bundled, check_active, packed_request, payer_as, payer_of
from adapter.exchange.finding import permitted
from adapter.exchange.leaving import leaving
from adapter.exchange.opening import Lines
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump, parse
from adapter.interactions.changes import Change, Terms, apply
from adapter.interactions.leases import held
from adapter.interactions.program import Program
from adapter.problems import Problem
from adapter.released import Asker
from adapter.remote.faults import Wrong
from adapter.store.jobs import RESTS, WELL, End, Job, Jobs
from adapter.store.ledger import Ledger
from adapter.store.partners import PartnerRow
from adapter.store.transaction import Transaction
from adapter.store.version import Version

WHY = "a payer answers a request of ours"
UNCOVERED = "no consent lets the payer see this request now: nothing of it was sent"
_PLACE, _MINUTE_MS = "Claim.insurer", 60_000


class Requests:
    """Does the jobs of requests of one program."""

    def __init__(self, program: Program, matrix: Matrix, ledger: Ledger, lines: Lines) -> None:
        self._program, self._matrix, self._ledger, self._lines = program, matrix, ledger, lines

    async def __call__(self, job: Job) -> None:
        """Send a request and take its answer; what it raises is tried again as `Attempts` says."""
        try:
            known = await asyncio.to_thread(self._known, job.key)
        except Problem as problem:
            await self._ended(job, RESTS, End(f"not sent: {problem.message}", lacks=True))
            return
        if known is None:
            await self._ended(job, RESTS)
            return
        await held(self._program, job, self._submit(job, *known))

    def _known(self, id: str) -> tuple[Version, PartnerRow] | None:
        """The request and its payer's server; None for one that is gone. Problem(CONFLICT) for one not to be sent."""
        claim = self._program.store.read(everything(WHY), CLAIM, id)
        if claim is None or claim.deleted:
            return None
        check_active(claim)
        with self._program.store.asking() as database:
            return claim, partner_of(database, payer_of(claim))

    async def _submit(self, job: Job, claim: Version, row: PartnerRow) -> None:
        caller = payer_as(row.recipient, row.organization)
        receiver = permitted(self._program, caller, self._matrix)
        found = await asyncio.to_thread(packed_request, self._program, receiver, claim)
        if found is None:
            again = self._now() + int(self._program.settings.aftercare_poll_minutes * _MINUTE_MS)
            await self._written(lambda t: self._kept_back(t, job, again))
            return
        partner, body = await self._lines.to(row), dump(bundled(self._program, receiver, found))
        whom = (caller, receiver)
        released = await leaving(self._program, self._ledger, whom, body, found.versions, f"{CLAIM}/${SUBMIT}")
        answer = response_in(await partner.operate_on(CLAIM, SUBMIT, released))
        if answer is None:
            raise partner.fault(Wrong.ANOTHER, "a request is answered without one ClaimResponse to it")
        made = as_ours(answer, parse(claim.text), row.organization)
        try:
            await self._written(lambda t: self._taken(t, job, claim, row, made, found.unsent))
        except Problem as problem:
            if problem.ours:
                raise
            why = f"the payer's answer is not taken: {problem.message}"
            await self._written(lambda t: self._refused(t, job, why))

    def _kept_back(self, transaction: Transaction, job: Job, again_ms: int) -> None:
        """It waits for a consent, and staff are told."""
        transaction.suspect(CLAIM, job.key, _PLACE, UNCOVERED)
        Jobs(transaction.database).finish(job, self._now(), again_ms, End(UNCOVERED))

    def _taken(
        self,
        transaction: Transaction,
        job: Job,
        claim: Version,
        row: PartnerRow,
        made: dict[str, object],
        unsent: list[str],
    ) -> None:
        """The authorization, in the place of one that said that the request waits."""
        if not answered(transaction, claim.id):
            ids = transaction.holders("ClaimResponse", "request", f"{CLAIM}/{claim.id}")
            id, asker = ids[0] if ids else None, Asker(row.recipient, "partner", row.organization, None, "", "")
            change = Change("update" if id else "create", "ClaimResponse", id, {**made, **({"id": id} if id else {})})
            apply(self._program, transaction, [change], Terms("pending", predicate=everything_for(WHY, asker)))
        transaction.settle(CLAIM, claim.id, _PLACE, UNCOVERED, None, "it was sent since")
        for place in unsent:
            why = "for want of a consent, or beyond the minimum for payment"
            transaction.suspect(CLAIM, claim.id, CLAIM, f"not sent to {row.name}, {why}: {place}")
        Jobs(transaction.database).finish(job, self._now())

    def _refused(self, transaction: Transaction, job: Job, why: str) -> None:
        transaction.suspect(CLAIM, job.key, _PLACE, why)
        Jobs(transaction.database).finish(job, self._now(), RESTS, End(why, lacks=True))

    async def _ended(self, job: Job, due_ms: int, end: End = WELL) -> None:
        await self._written(lambda t: Jobs(t.database).finish(job, self._now(), due_ms, end))

    async def _written(self, work: Callable[[Transaction], None]) -> None:
        await asyncio.wrap_future(self._program.store.write(work))

    def _now(self) -> int:
        return milliseconds(self._program.clock())
