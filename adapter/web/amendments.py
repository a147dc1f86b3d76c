"""What a client changes of what it sent itself, at the FHIR door: words of the matrix that are answered otherwise.

https://hl7.org/fhir/R4/http.html#update, #patch, #delete
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from adapter.consent.matrix import Verdict
from adapter.interactions.answer import Answer
from adapter.interactions.changes import Change, Outcome
from adapter.interactions.doors import received
from adapter.interactions.validate import Rehearsal
from adapter.problems import Kind, Problem
from adapter.referral.amending import Amendment, Made, amend, amended, patch, put
from adapter.store.transaction import Transaction
from adapter.web.aims import patcher_in, sought
from adapter.web.asked import Asked, Handler, Route
from adapter.web.entitlements import AMENDING
from adapter.web.negotiation import none_of, prefer

LEAST = 0.05
"""Seconds that an answer to a change takes at least."""


def handler(route: Route, word: Verdict | None) -> Handler:
    """Who answers a request of which the matrix has this word."""
    return partial(_amended, word) if word in AMENDING and word is not None else route.handler


def rehearsal(asked: Asked, word: Verdict | None) -> Rehearsal | None:
    """What `$validate` rehearses of a record that its asker sent itself; None for what is changed as all else."""
    if word not in AMENDING or word is None:
        return None
    program, predicate = asked.program, asked.predicate

    def done(transaction: Transaction, change: Change) -> Outcome:
        made = put(program, predicate, change.resource) if change.resource is not None else None
        return amended(program, transaction, predicate, change.id, Amendment(word, change.type, made))

    return done


async def unhurried(answer: Awaitable[Answer]) -> Answer:
    """The answer, or the refusal, not before its time: what is done to the program's records takes a few milliseconds,
    or is not done, and many changes of one request would show which."""
    least = asyncio.create_task(asyncio.sleep(LEAST))
    try:
        return await answer
    finally:
        await least


async def _amended(word: Verdict, asked: Asked) -> Answer:
    return await unhurried(_answer(word, asked))


async def _answer(word: Verdict, asked: Asked) -> Answer:
    if len(asked.parts) > 1:
        none_of(asked.pairs)
    aim = asked.id if len(asked.parts) > 1 else sought(asked)
    if_match, required = asked.if_match(), asked.program.settings.require_if_match
    made = await _MADE[asked.call.method](asked)
    asking = Amendment(word, asked.type, made, if_match, required)
    return await asyncio.wrap_future(amend(asked.program, asked.predicate, aim, asking, prefer(asked.call)))


async def _put(asked: Asked) -> Made:
    resource = received(asked.program, await asked.body(asked.program.settings.resource_limit), asked.type)
    if len(asked.parts) > 1 and resource.get("id") != asked.id:
        raise Problem(Kind.INVALID, "the id in the body must be the id in the address", f"{asked.type}.id")
    return put(asked.program, asked.predicate, resource)


async def _patch(asked: Asked) -> Made:
    return patch(asked.program, asked.predicate, await patcher_in(asked))


async def _delete(asked: Asked) -> None:
    return None


_MADE: Mapping[str, Callable[[Asked], Awaitable[Made | None]]] = {"PUT": _put, "PATCH": _patch, "DELETE": _delete}
