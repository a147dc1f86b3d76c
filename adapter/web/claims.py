"""Requests for authorization at the FHIR door: `Claim/$submit`, by the program's own EHR."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from adapter.exchange.authorization_packet import CLAIM, Part, here, read_request
from adapter.exchange.authorization_submitted import submit_claim
from adapter.interactions.answer import Answer
from adapter.interactions.submit_claim import SUBMIT_CLAIM
from adapter.problems import Issue, Kind, Problem
from adapter.web.asked import Asked, Route


async def _submit(asked: Asked) -> Answer:
    program, predicate = asked.program, asked.predicate
    given = (await asked.inputs(SUBMIT_CLAIM, program.settings.bundle_limit)).one("resource")
    parts = await asked.desk.ask(lambda: read_request(program, given))
    _check_scopes(asked, parts)
    return await asyncio.wrap_future(submit_claim(program, predicate, parts))


def _check_scopes(asked: Asked, parts: Sequence[Part]) -> None:
    """403 that names every part that the sender may not find and make here; and for who may not read the answer."""
    asked.entrant.check("read", "ClaimResponse")
    issues = [*_refused(asked, parts)]
    if issues:
        raise Problem(Kind.FORBIDDEN, issues[0].message, issues[0].expression, issues=issues)


def _refused(asked: Asked, parts: Sequence[Part]) -> Iterator[Issue]:
    for part in parts:
        try:
            if part.type == "Patient" or here(asked.program, part):
                asked.entrant.check("read", part.type)
            else:
                asked.entrant.check("create", part.type, conditional=True)
        except Problem as problem:
            yield Issue("forbidden", problem.message, f"{part.place}.resource")


ROUTES = (Route("POST", "/*/$submit", "operation", _submit, CLAIM, SUBMIT_CLAIM),)
