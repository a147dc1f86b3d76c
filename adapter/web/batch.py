"""A batch Bundle: every entry for itself, each with its own answer: https://hl7.org/fhir/R4/http.html#transaction

The writes come first, in portions, so that others can write in between; then the reads. A reference from one entry to
another is not resolved: R4 has them independent of each other.
"""

from __future__ import annotations

import asyncio

from adapter.fhir import bundle
from adapter.fhir.bundle import Entry
from adapter.interactions import posted, transaction
from adapter.interactions.answer import Answer, Prefer
from adapter.interactions.entry_request import Step, step
from adapter.interactions.native_import import IN_FLIGHT
from adapter.problems import Kind, Problem
from adapter.web.asked import Asked
from adapter.web.entry_reads import EntryReads, aim_of, check_write
from adapter.web.errors import logged


async def batch(asked: Asked, given: dict[str, object], prefer: Prefer) -> list[Answer]:
    """The answer of each entry, in their order."""
    read = await asked.desk.ask(lambda: [_read(asked, entry) for entry in bundle.entries(given)])
    answers = {n: _refused(asked, *found) for n, found in enumerate(read) if not isinstance(found, Step)}
    writes = [(n, s) for n, s in enumerate(read) if isinstance(s, Step) and s.kind]
    for start in range(0, len(writes), IN_FLIGHT):
        portion = writes[start : start + IN_FLIGHT]
        done = await asyncio.gather(*(_written(asked, s, prefer) for _, s in portion))
        answers |= {n: answer for (n, _), answer in zip(portion, done, strict=True)}
    reads = EntryReads(asked)
    for n, s in enumerate(read):
        if isinstance(s, Step) and n not in answers:
            answers[n] = await reads.answer(s)
    return [answers[n] for n in range(len(read))]


def _read(asked: Asked, entry: Entry) -> Step | tuple[Entry, Problem]:
    """What an entry asks, or why not."""
    try:
        return step(asked.program, asked.predicate, entry)
    except Problem as problem:
        return entry, problem


def _refused(asked: Asked, entry: Entry, problem: Problem) -> Answer:
    """The refusal of an entry, noted."""
    asked.call.refused(problem, aim_of(asked, entry))
    return posted.told(asked.program, asked.predicate, problem)


async def _written(asked: Asked, s: Step, prefer: Prefer) -> Answer:
    """The answer of one write; an unknown error is the fault of its entry alone."""
    try:
        check_write(asked, s)
        done = await asyncio.wrap_future(transaction.submit(asked.program, asked.predicate, [s], prefer))
        return done[0]
    except Exception as error:
        if isinstance(error, Problem) and error.kind is not Kind.FAULT:
            return _refused(asked, s.entry, error)
        return posted.told(asked.program, asked.predicate, logged(asked.call, error)[0])
