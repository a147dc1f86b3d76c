"""What goes in the packet of a concurrent review: the request and attendance as the payer sees them itself, and what
the contract and a consent let its reviewer be told beyond that.

42 CFR 2.13(a), 2.31(a)(3), 2.33; whoever approves it must see all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from adapter.callers import Caller
from adapter.consent.labels import consent_free
from adapter.consent.matrix import Matrix
from adapter.consent.predicate import of_reviewer, sees_all
from adapter.consent.renderings import Rendering, load_review, reviewable
from adapter.exchange.aftercare_packet import Packet
from adapter.exchange.authorization_document import REQUEST, asked_for, entries_of, packed_request, payer_as, payer_of
from adapter.exchange.finding import permitted
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump, parse
from adapter.fhir.operations import Inputs
from adapter.interactions.program import Program
from adapter.mapping.load import Maps
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.review.facts import SCORES, Fact, Facts
from adapter.store.clients import Clients
from adapter.store.version import Version
from adapter.utilization.measures_rows import episode_of
from adapter.utilization.measures_seen import Sight, figures_for
from adapter.utilization.report import Report, of_episode, told_of

Resource = dict[str, Any]


class Sights(NamedTuple):
    """What the payer sees itself, and what its reviewer may be told beyond it, of these resource types."""

    payer: Predicate
    reviewer: Predicate
    types: frozenset[str]


class Review(NamedTuple):
    """What goes: `own` is what the payer sees itself, `attendance` and `course` are figures of that and of the rest.
    `shown` are the versions that the rest is made of; `unsent` is what stays behind, and why."""

    claim: Version
    caller: Caller
    sights: Sights
    own: Packet
    attendance: Report
    course: Report
    facts: Sequence[Fact]
    shown: Sequence[Version]
    unsent: Sequence[tuple[str, str]]


def reviewed(
    program: Program, staff: Predicate, matrix: Matrix, id: str, given: Inputs, recipient: str | None = None
) -> Review:
    """The packet for a request, of the days of `given` (`start`, `end`; else those of its episode so far). `recipient`
    is what its payer is called in the ledger, where it is more than an organization.

    Problem(NOT_FOUND) for no such request, or one of which nothing may be told to its payer; Problem(CONFLICT) for one
    that is not active, names no payer or no episode, or where the asker may not see all that would be told;
    Problem(INVALID) for days that are none, or too many.
    """
    claim = asked_for(program, staff, id)
    caller = payer_as(recipient or f"organization:{payer_of(claim)}", payer_of(claim))
    sights = _sights(program, caller, matrix)
    own, episode = packed_request(program, sights.payer, claim), episode_of(parse(claim.body))
    if own is None or own.versions[0].id != claim.id:
        raise Problem(Kind.NOT_FOUND, f"nothing of this {REQUEST} may be told to its payer")
    if not episode:
        raise Problem(Kind.CONFLICT, "the request names no episode", "episode", code="business-rule")
    attendance = of_episode(program, sights.payer, episode, given, payer=True)
    course, facts, shown = _beyond(program, sights, claim, attendance)
    made = Review(claim, caller, sights, own, attendance, course, facts, shown, ())
    _check_seen(program, staff, made)
    return made._replace(unsent=[*_unsent(program, staff, made)])


def approval(program: Program, review: Review) -> str:
    """What stands for this very content: another one has another."""
    own = entries_of(program, review.sights.payer, review.own)
    figures = [[str(part) for part in one.cell] for report in _reports(review) for one in report.told]
    days = [review.attendance.window.first.isoformat(), review.attendance.window.last.isoformat()]
    said = dump([review.caller.organization, days, own, [one.resource for one in review.facts], figures])
    return blake2b(said, digest_size=16).hexdigest()


def _reports(review: Review) -> tuple[Report, Report]:
    return review.attendance, review.course


def _sights(program: Program, caller: Caller, matrix: Matrix) -> Sights:
    settings, now = program.settings, milliseconds(program.clock())
    with program.store.asking() as database:
        agreed = Clients(database).reviewed_by(caller.organization, now)
    types = agreed & reviewable(settings.mappings / "release")
    free = consent_free(settings.posture, settings.consent_free)
    reviewer = of_reviewer(caller, types, now, consent_free=free, policy=matrix.version)
    return Sights(permitted(program, caller, matrix), reviewer, types)


def _beyond(
    program: Program, sights: Sights, claim: Version, attendance: Report
) -> tuple[Report, list[Fact], list[Version]]:
    """The figures and facts of the episode that its reviewer may be told, and the versions that they are made of."""
    predicate, window, episode = sights.reviewer, attendance.window, attendance.episode
    figures = [one for one in figures_for(predicate, payer=False) if not one.payers]
    sight = Sight(program, predicate, figures, program.store.t, window, episode, SCORES)
    seen, cut = sight.of(claim.patients), _cut(program.settings.mappings / "release", program.maps)
    told = told_of(program, attendance.shown[0], seen, window, figures)
    facts = Facts(program, predicate, cut, episode, window).of(seen, claim.patients)
    counted = {one.vid for one in seen.versions if one.concept == "booking"} if told else set()
    named = {one.version.vid for one in facts if one.resource is not None}
    shown = [one for one in seen.versions if one.vid in counted | named]
    return attendance._replace(figures=figures, told=told, shown=shown), facts, shown


@lru_cache(8)
def _cut(folder: Path, maps: Maps) -> Rendering:
    return load_review(folder, maps)


def _check_seen(program: Program, staff: Predicate, review: Review) -> None:
    """Whoever approves it knows what it tells."""
    if sees_all(staff):
        return
    versions = (*review.own.versions, *review.attendance.shown, *review.shown)
    for one in versions:
        version = program.store.read(staff, one.type, one.id)
        if version is None or version.deleted:
            why = "it would tell more than you may see: somebody who sees all of it must approve it"
            raise Problem(Kind.CONFLICT, why, code="business-rule")


def _unsent(program: Program, staff: Predicate, review: Review) -> Iterator[tuple[str, str]]:
    """What the asker sees, and the payer is not told."""
    yield from ((place, "for want of a consent, or beyond the minimum for payment") for place in review.own.unsent)
    window, episode, patient = review.attendance.window, review.attendance.episode, review.claim.patients
    figures = [one for one in figures_for(staff, payer=False) if not one.payers]
    seen = Sight(program, staff, figures, program.store.t, window, episode, SCORES).of(patient)
    cut = _cut(program.settings.mappings / "release", program.maps)
    told = {(one.version.type, one.version.id) for one in review.facts if one.resource is not None}
    for fact in Facts(program, staff, cut, episode, window).of(seen, patient):
        type, id = fact.version.type, fact.version.id
        if (type, id) in told:
            continue
        if fact.resource is None:
            yield f"{type}/{id}", "what would be left of it is not enough, or could mean something else"
        elif type not in review.sights.types:
            yield f"{type}/{id}", f"the contract with the payer does not name {type}"
        else:
            yield f"{type}/{id}", f"no consent that covers it names {type}, or the payer did not cover the person then"
