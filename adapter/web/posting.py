"""A Bundle posted to the base: a batch, a transaction, or a referral: https://hl7.org/fhir/R4/http.html#transaction"""

from __future__ import annotations

import asyncio

from adapter.interactions import transaction
from adapter.interactions.answer import Answer
from adapter.interactions.posted import opened, respond
from adapter.web import referrals
from adapter.web.asked import Asked
from adapter.web.batch import batch
from adapter.web.entry_reads import EntryReads, check_routes
from adapter.web.negotiation import none_of, prefer


async def posted(asked: Asked) -> Answer:
    """A batch or transaction: its writes, and then its reads, which see them."""
    none_of(asked.pairs)
    program, predicate, wanted = asked.program, asked.predicate, prefer(asked.call, "minimal")
    sends = referrals.is_sender(asked.entrant)
    body = await asked.body(program.settings.referral_limit if sends else program.settings.bundle_limit)
    given = await asked.desk.ask(lambda: opened(program, body))
    asked.call.interaction = str(given["type"])
    asked.entrant.check(asked.call.interaction, "")
    if sends:
        return await referrals.transaction(asked, given)
    if given["type"] == "batch":
        answers = await batch(asked, given, wanted)
        return await asked.desk.ask(lambda: respond(program, predicate, "batch", answers), due=True)
    steps = await asked.desk.ask(lambda: transaction.read_steps(program, predicate, given))
    check_routes(asked, steps)
    written = await asked.desk.ask(lambda: transaction.submit(program, predicate, steps, wanted))
    done, reads = await asyncio.wrap_future(written), EntryReads(asked)
    answers = [done[n] if n in done else await reads.answer(s) for n, s in enumerate(steps)]
    return await asked.desk.ask(lambda: respond(program, predicate, "transaction", answers), due=True)
