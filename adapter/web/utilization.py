"""`$utilization` at the FHIR door, of an episode and of a roster."""

from __future__ import annotations

from collections.abc import Iterator

from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent.gate import release
from adapter.consent.predicate import on_later_pages
from adapter.export.rosters import roster, source
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs
from adapter.interactions.answer import Answer
from adapter.interactions.measures import EPISODE_UTILIZATION, GROUP_UTILIZATION
from adapter.problems import Kind, Problem
from adapter.utilization.report import Report, measure_report, of_episode, of_members
from adapter.utilization.report_document import document
from adapter.utilization.report_table import TABLES
from adapter.web.asked import Asked, Route

OPENLY = Caller("", ClientKind.PROGRAM_EHR, "", Purpose.TREATMENT, (), "")
"""Whoever reaches a server that was started open has the rosters of the program's own clients."""


async def _of_episode(asked: Asked) -> Answer:
    given = await asked.inputs(EPISODE_UTILIZATION)
    return await asked.ask(lambda: _laid_out(asked, given, _episode(asked, given)))


def _episode(asked: Asked, given: Inputs) -> Report:
    caller = asked.entrant.caller
    return of_episode(asked.program, asked.predicate, asked.id, given, payer=_is_payer(caller))


async def _of_roster(asked: Asked) -> Answer:
    given, caller = await asked.inputs(GROUP_UTILIZATION), asked.entrant.caller
    for type in (source(caller or OPENLY), "EpisodeOfCare"):
        asked.entrant.check_read([type])
    return await asked.ask(lambda: _laid_out(asked, given, _members(asked, caller or OPENLY, given)))


def _members(asked: Asked, caller: Caller, given: Inputs) -> Report:
    """The report of a roster, both as they are at one time."""
    program, t = asked.program, asked.program.store.t
    found = roster(program, on_later_pages(asked.predicate), caller, asked.id, t)
    if found is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    return of_members(program, asked.predicate, asked.id, found.patients, t, given, payer=_is_payer(caller))


def _is_payer(caller: Caller | None) -> bool:
    return caller is not None and caller.kind is ClientKind.PAYER


def _laid_out(asked: Asked, given: Inputs, report: Report) -> Answer:
    """As it is wanted: a table, a document, or the MeasureReport."""
    if asked.call.media and given.one("document"):
        raise Problem(Kind.INVALID, "a document is FHIR: it has no other format", "document")
    if asked.call.media:
        body = TABLES[asked.call.media](report)
    else:
        body = dump(document(asked.program, report) if given.one("document") else measure_report(report))
    released = release(asked.predicate, body, report.shown, report.counted)
    return Answer(200, released, media=asked.call.media or None)


def utilization_routes() -> Iterator[Route]:
    """At episodes and at rosters."""
    for on, operation, handler in (
        ("EpisodeOfCare", EPISODE_UTILIZATION, _of_episode),
        ("Group", GROUP_UTILIZATION, _of_roster),
    ):
        for method in ("GET", "POST"):
            yield Route(method, "/*/*/$utilization", "operation", handler, on, operation, media=frozenset(TABLES))
