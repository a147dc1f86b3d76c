"""Work that fails or was given up, for the program's staff: since when, why, when it is tried again; and to do it now.

How it fails names no person. What a kind of job adds may: the records that it names are in the ledger with the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from adapter.consent.gate import release
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump
from adapter.fhir.page_links import seal, unseal
from adapter.interactions.answer import Answer
from adapter.interactions.native import native_link
from adapter.interactions.program import Program
from adapter.interactions.work_lists import limit_of
from adapter.problems import Kind, Problem
from adapter.released import Predicate, Shown
from adapter.store.database import Database
from adapter.store.jobs import RESTS, Job, Jobs
from adapter.store.transaction import Transaction

LIST = "deliveries"
KNOWN = ("limit", "page")
_ABSENT = Problem(Kind.NOT_FOUND, "no work of this kind and key fails")


class Told(NamedTuple):
    """What staff are told of a job beside how it fails, and the records that this names."""

    fields: Mapping[str, Any]
    shown: Sequence[Shown] = ()


class Manner(NamedTuple):
    """What is peculiar to a kind of job. `tell` answers None for one of which the reader may not know; `renew` is what
    goes with its replay, in one transaction."""

    tell: Callable[[Program, Predicate, Database, Job], Told | None] = lambda *_: Told({})
    renew: Callable[[Transaction, Job, int], None] = lambda *_: None


Manners = Mapping[str, Manner]
"""The kinds of jobs that staff see, by name."""


def failing(program: Program, predicate: Predicate, manners: Manners, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with `items`, the jobs that fail, by kind and key, and the address of the `next` page while there is more."""
    said = dict(pairs)
    limit = limit_of(program, said.get("limit"))
    after = unseal(said["page"], program.link_key(predicate), LIST, "page") if "page" in said else ["", ""]
    with program.store.asking() as database:
        found = Jobs(database).failing(manners, (after[0], after[1]), limit + 1)
        told = [(job, manners[job.kind].tell(program, predicate, database, job)) for job in found[:limit]]
    body: dict[str, Any] = {"items": [_item(job, one) for job, one in told if one]}
    if len(found) > limit:
        token = seal([found[limit - 1].kind, found[limit - 1].key], program.link_key(predicate), LIST)
        body["next"] = program.page_link(native_link(program, LIST), [("page", token), ("limit", str(limit))])
    return Answer(200, release(predicate, dump(body), [record for _, one in told if one for record in one.shown]))


def _item(job: Job, told: Told) -> dict[str, Any]:
    tried = {"next_attempt_at": instant_of(job.at_ms)} if job.at_ms < RESTS else {}
    since = {"failing_since": instant_of(job.failing_ms)} if job.failing_ms is not None else {}
    reason = {"reason": job.failure} if job.failure else {}
    return {"kind": job.kind, "key": job.key, **told.fields, **since, **reason, "attempts": job.attempts, **tried}


async def replay(program: Program, predicate: Predicate, manners: Manners, kind: str, key: str) -> Answer:
    """202: the job is done now, as if it had never failed; Problem(NOT_FOUND) for one that does not fail."""
    now_ms = milliseconds(program.clock())

    def work(transaction: Transaction) -> None:
        jobs = Jobs(transaction.database)
        if (job := jobs.named(kind, key)) is None or job.failing_ms is None:
            raise _ABSENT
        manners[kind].renew(transaction, job, now_ms)
        jobs.renew(kind, key, now_ms)

    job, told = await asyncio.to_thread(_looked_at, program, predicate, manners, kind, key)
    if job.failing_ms is None:
        raise _ABSENT
    await asyncio.wrap_future(program.store.write(work))
    job, told = await asyncio.to_thread(_looked_at, program, predicate, manners, kind, key)
    return Answer(202, release(predicate, dump(_item(job, told)), told.shown))


def _looked_at(program: Program, predicate: Predicate, manners: Manners, kind: str, key: str) -> tuple[Job, Told]:
    with program.store.asking() as database:
        job = Jobs(database).named(kind, key) if kind in manners else None
        told = manners[job.kind].tell(program, predicate, database, job) if job else None
    if job is None or told is None:
        raise _ABSENT
    return job, told
