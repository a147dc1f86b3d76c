"""`$export` at the FHIR door: asked for, how it stands, its files, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adapter.callers import Caller
from adapter.consent.gate import publish
from adapter.export.asking import GROUP, PATIENT, Checks, Kickoff, begin, passing_over
from adapter.export.fetching import File, forget, status
from adapter.export.rosters import names
from adapter.export.sight import Puller
from adapter.fhir.json import dump
from adapter.fhir.outcome import operation_outcome
from adapter.fhir.query import Query
from adapter.interactions.answer import Answer
from adapter.problems import Issue, Kind, Problem
from adapter.web.asked import Asked, Route
from adapter.web.downloads import download
from adapter.web.negotiation import lenient, none_of, preferences
from adapter.web.smart.scopes import listed


def _known(asked: Asked) -> Caller:
    caller = asked.entrant.caller
    if caller is None:
        raise Problem(Kind.FORBIDDEN, "this server was started open: nobody is there for whom an export could be kept")
    return caller


async def _begin(asked: Asked) -> Answer:
    caller, place = _known(asked), "/".join(asked.parts)
    if "respond-async" not in preferences(asked.call):
        raise Problem(Kind.INVALID, "an export is asked for with `Prefer: respond-async`", "Prefer", code="required")
    if asked.type == "Group" and asked.id not in names(asked.program, caller):
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    pairs, over = passing_over(asked.pairs, lenient=lenient(asked.call) and asked.entrant.lenient)
    operation = GROUP if asked.type == "Group" else PATIENT
    given = await replace(asked, pairs=list(pairs)).inputs(operation)
    kickoff = Kickoff(caller, place, listed(caller.scopes), given, asked.pairs, over)
    checks = Checks(asked.entrant.check_read, lambda query: _check_search(asked, query))
    return await begin(asked.program, asked.predicate, kickoff, checks)


def _check_search(asked: Asked, query: Query) -> None:
    """As if it were asked by itself."""
    entrant = asked.entrant.renewed()
    entrant.check("search-type", query.type)
    entrant.check_query(query)


async def _status(asked: Asked) -> Answer:
    none_of(asked.pairs)
    caller = _known(asked)
    answer = await asked.ask(lambda: status(asked.program, caller, asked.predicate, asked.type, asked.id))
    seconds, now = asked.program.settings.export_poll_seconds, asked.program.clock().timestamp()
    if answer.status != 202 or not asked.desk.pace.too_soon(asked.id, now, seconds / 2):
        return answer
    why = Issue("throttled", f"the export is under way: look again in {seconds} seconds")
    body = publish(dump(operation_outcome([why])))
    return Answer(429, body, told=True, headers=(("retry-after", str(seconds)),))


async def _forget(asked: Asked) -> Answer:
    none_of(asked.pairs)
    return await forget(asked.program, _known(asked), asked.predicate, asked.type, asked.id)


async def _file(asked: Asked) -> Answer:
    none_of(asked.pairs)
    caller, ledger, (type, id, n) = _known(asked), asked.entrant.ledger, asked.parts
    if ledger is None:
        raise Problem(Kind.FAULT, "an export without a ledger is about to leave")
    file = await asked.ask(lambda: File(asked.program, Puller(caller, asked.predicate), ledger, type, id, n))
    return await download(asked, file)


def export_routes() -> Iterator[Route]:
    """At rosters, and at all patients."""
    for on, place, operation in (("Group", "/*/*", GROUP), ("Patient", "/*", PATIENT)):
        for method in ("GET", "POST"):
            yield Route(method, f"{place}/$export", "operation", _begin, on, operation)
        for method, handler in (("GET", _status), ("DELETE", _forget)):
            yield Route(method, "/*/$export/*", "operation", handler, on, operation)
        yield Route("GET", "/*/$export/*/*", "operation", _file, on, operation, lines=True)
