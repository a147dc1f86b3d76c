"""Staff have a request for authorization sent to its payer's server, and see what of that fails.

http://hl7.org/fhir/us/davinci-pas/STU2.2/OperationDefinition-Claim-submit.html
"""

from __future__ import annotations

from concurrent.futures import Future

from adapter.consent.gate import release
from adapter.exchange.authorization_document import CLAIM, REQUEST, check_active, payer_of
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump, parse
from adapter.interactions.answer import Answer
from adapter.interactions.failing_jobs import Manner, Told
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.database import Database
from adapter.store.jobs import Job, Jobs
from adapter.store.partners import PartnerRow, Partners
from adapter.store.transaction import Transaction
from adapter.store.version import Version

SUBMIT = "submit"
AUTHORIZE = "authorize"
"""The kind of its jobs; the key is the id of the Claim."""


def submit(program: Program, predicate: Predicate, id: str) -> Future[Answer]:
    """202: it will be sent, as far as a consent covers it then. Asked for again before it is answered, it is one.

    Problem(NOT_FOUND) for a request that is not there, Problem(CONFLICT) for one that is not active, was answered, or
    asks a payer who is no partner with a server.
    """

    def work(transaction: Transaction) -> Answer:
        claim = transaction.current(CLAIM, id)
        if claim is None or claim.deleted or claim.concept != REQUEST or not transaction.sees(predicate, CLAIM, id):
            raise Problem(Kind.NOT_FOUND, f"there is no such {REQUEST}")
        check_active(claim)
        if answered(transaction, id):
            raise Problem(Kind.CONFLICT, "the payer has answered this request: write another one", code="business-rule")
        row, now = ask_payer(program, transaction, claim), milliseconds(program.clock())
        told = {"request": id, "partner": row.name, "asked_at": instant_of(now)}
        return Answer(202, release(predicate, dump(told), [claim]))

    return program.store.write(work)


def ask_payer(program: Program, transaction: Transaction, claim: Version) -> PartnerRow:
    """A request is put in line for the server of its payer, once. Problem(CONFLICT) where that is no partner."""
    row, now = partner_of(transaction.database, payer_of(claim)), milliseconds(program.clock())
    jobs = Jobs(transaction.database)
    jobs.ask(AUTHORIZE, claim.id, now, lane=row.name)
    jobs.renew(AUTHORIZE, claim.id, now)  # one that was given up is tried again
    return row


def partner_of(database: Database, payer: str) -> PartnerRow:
    """The server of a payer."""
    found = [row for row in Partners(database).listed() if row.organization == payer and row.enabled]
    if len(found) != 1:
        why = "several partners are this payer" if found else "the payer is no partner with a server"
        raise Problem(Kind.CONFLICT, f"{why}: have it made a file instead", "payer", code="business-rule")
    return found[0]


def answered(transaction: Transaction, claim: str) -> bool:
    """Whether there is an answer to a request that is not merely that it waits."""
    found = answer_to(transaction, claim)
    return found is not None and not _waits(found)


def answer_to(transaction: Transaction, claim: str) -> Version | None:
    """The answer to a request: one that decides before one that says that it waits; None where there is none."""
    ids = transaction.holders("ClaimResponse", "request", f"{CLAIM}/{claim}")
    held = [one for one in (transaction.current("ClaimResponse", id) for id in ids) if one and not one.deleted]
    return min(held, key=_waits, default=None)


def _waits(answer: Version) -> bool:
    return bool(parse(answer.body).get("outcome") == "queued")


def _told(program: Program, predicate: Predicate, database: Database, job: Job) -> Told | None:
    """Of work that fails, which request it is; nothing to whom it is hidden from."""
    claim = program.store.read(predicate, CLAIM, job.key)
    return None if claim is None or claim.deleted else Told({"request": claim.id, "partner": job.lane}, (claim,))


MANNER = Manner(_told)
