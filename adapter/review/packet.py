"""What goes in the packet of a concurrent review: the request and attendance as the payer sees them itself, and what
the contract and a consent let its reviewer be told beyond that.

42 CFR 2.13(a), 2.31(a)(3), 2.33; whoever approves it must see all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from adapter.callers import Caller
from adapter.consent.labels import consent_free
from adapter.consent.matrix import Matrix
from adapter.consent.policy import decide
from adapter.consent.predicate import of_reviewer, sees_all
from adapter.consent.renderings import Rendering, load_review, reviewable
from adapter.consent.security import shown
from adapter.exchange.aftercare_composition import notice
from adapter.exchange.aftercare_packet import Packet
from adapter.exchange.authorization_document import REQUEST, UNTOLD, asked_for, packed_request, payer_as, payer_of
from adapter.exchange.finding import permitted
from adapter.fhir.dates import milliseconds
from adapter.fhir.index import Index
from adapter.fhir.json import dump, parse
from adapter.fhir.operations import Inputs
from adapter.interactions.measures import SESSION
from adapter.interactions.program import Program
from adapter.mapping.load import Maps
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.review.facts import SCORES, Fact, Facts
from adapter.store.clients import Clients
from adapter.store.standing import standing
from adapter.store.version import Version
from adapter.utilization.measures_rows import Said, episode_of
from adapter.utilization.measures_seen import Seen, Sight, figures_for
from adapter.utilization.report import Report, of_episode, stay_of, told_of

Resource = dict[str, Any]
GOAL, EPISODE = "Goal", "EpisodeOfCare"
_BEYOND = "for want of a consent, or beyond the minimum for payment"


class Sights(NamedTuple):
    """What the payer sees itself, and what its reviewer may be told beyond it: of the resource types that the contract
    names (`agreed`), those that a consent names too."""

    payer: Predicate
    reviewer: Predicate
    agreed: frozenset[str]
    named: frozenset[str]


class Review(NamedTuple):
    """What goes: `own` is what the payer sees itself, `attendance` and `course` are figures of that and of the rest.
    `shown` are the versions that the rest is made of, `grounds` the consents on which each record is told; `unsent` is
    what stays behind, and why, and `kept` the versions of that."""

    claim: Version
    caller: Caller
    sights: Sights
    own: Packet
    attendance: Report
    course: Report
    facts: Sequence[Fact]
    shown: Sequence[Version]
    grounds: Sequence[str] = ()
    unsent: Sequence[tuple[str, str]] = ()
    kept: Sequence[Version] = ()


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
    sights = _sights(program, caller, matrix, claim.patients)
    own, episode = packed_request(program, sights.payer, claim), episode_of(parse(claim.body))
    if own is None or own.versions[0].id != claim.id:
        raise Problem(Kind.NOT_FOUND, f"nothing of this {REQUEST} may be told to its payer: {UNTOLD}")
    if not episode:
        raise Problem(Kind.CONFLICT, "the request names no episode", "episode", code="business-rule")
    attendance = of_episode(program, sights.payer, episode, given, payer=True)
    course, facts, shown = _beyond(program, sights, claim, attendance)
    made = Review(claim, caller, sights, own, attendance, course, facts, shown)
    _check_seen(program, staff, made)
    kept = [*_kept(program, staff, made)]
    left = [(place, _BEYOND) for place in own.unsent if place != f"{EPISODE}/{episode}"]
    unsent = [*left, *((f"{one.type}/{one.id}", why) for one, why in kept)]
    return made._replace(unsent=unsent, kept=[one for one, _ in kept], grounds=_grounds(program, made))


def approval(program: Program, review: Review) -> str:
    """What stands for this very content, the consents on which it is told, and their scope: another one has another."""
    own = [shown(review.sights.payer, one).decode() for one in review.own.versions]
    figures = [[str(part) for part in one.cell] for report in _reports(review) for one in report.told]
    days = [review.attendance.window.first.isoformat(), review.attendance.window.last.isoformat()]
    facts = [one.resource for one in review.facts]
    scope = [*notice(program, (review.sights.payer, review.sights.reviewer), review.claim.patients)]
    said = dump([review.caller.organization, days, own, facts, figures, list(review.grounds), scope])
    return blake2b(said, digest_size=16).hexdigest()


def _reports(review: Review) -> tuple[Report, Report]:
    return review.attendance, review.course


def _grounds(program: Program, review: Review) -> list[str]:
    """The consents on which each record is told."""
    told = ((review.sights.payer, _all_own(review)), (review.sights.reviewer, review.shown))
    found: list[str] = []
    for predicate, versions in told:
        grounds = program.store.grounds(predicate, versions)
        found += (f"{one.type}/{one.id}/{one.version} {grounds.get((one.patients, one.vid), '')}" for one in versions)
    return found


def _all_own(review: Review) -> list[Version]:
    return [*review.own.versions, *review.attendance.shown]


def _sights(program: Program, caller: Caller, matrix: Matrix, patient: str) -> Sights:
    """Of the classes that the contract names, those that a consent of the patient names; the rest as if they were not
    there, so that no figure says nought of what may not be told."""
    settings, now = program.settings, milliseconds(program.clock())
    with program.store.asking() as database:
        agreed = Clients(database).reviewed_by(caller.organization, now) & reviewable(settings.mappings / "release")
    free = consent_free(settings.posture, settings.consent_free)
    asked = of_reviewer(caller, agreed, now, consent_free=free, policy=matrix.version)
    named = frozenset(program.store.opened(asked, patient, sorted(agreed)))
    reviewer = of_reviewer(caller, named, now, consent_free=free, policy=matrix.version)
    return Sights(permitted(program, caller, matrix), reviewer, agreed, named)


def _beyond(
    program: Program, sights: Sights, claim: Version, attendance: Report
) -> tuple[Report, list[Fact], list[Version]]:
    """The figures and facts of the episode that its reviewer may be told, and the versions that they are made of."""
    predicate, window, episode = sights.reviewer, attendance.window, attendance.shown[0]
    figures = [one for one in figures_for(predicate, payer=False) if not one.payers]
    seen = Sight(program, predicate, figures, program.store.t, window, episode.id, SCORES).of(claim.patients)
    _cut_reviews(program, sights, seen)
    told = told_of(program, episode, seen, window, figures)
    cut = _cut(program)
    facts = Facts(program, predicate, cut, stay_of(program, episode), window).of(seen, claim.patients)
    facts = [one for one in facts if one.resource is not None or (one.counted and told)]
    return attendance._replace(figures=figures, told=told), facts, [one.version for one in facts]


def _cut_reviews(program: Program, sights: Sights, seen: Seen) -> None:
    """Of a goal's reviews those of days on which it may be told: a goal has one date, and they have others."""
    by_id = {one.id: one for one in seen.versions if one.type == GOAL}
    settings, now = program.settings, milliseconds(program.clock())
    free = consent_free(settings.posture, settings.consent_free)
    caller = payer_as("", str(sights.reviewer.parameters["c_organization"]))
    with program.store.asking() as database:
        said = {id: standing(database, sights.reviewer, GOAL, id, now) for id in by_id}

    def is_told(one: Said) -> bool:
        found = said.get(one.id)
        dated = found and replace(found.facts, date=one.at)
        if found is None or dated is None:
            return False
        said_of = found.grants, found.ties, now
        return decide(caller, dated, *said_of, consent_free=free, review=True).permitted

    seen.records.reviewed[:] = [one for one in seen.records.reviewed if is_told(one)]


def _cut(program: Program) -> Rendering:
    return _loaded(program.settings.mappings / "release", program.maps, program.store.index)


@lru_cache(8)
def _loaded(folder: Path, maps: Maps, index: Index) -> Rendering:
    return load_review(folder, maps, index.sensitivities)


def _check_seen(program: Program, staff: Predicate, review: Review) -> None:
    """Whoever approves it knows what it tells."""
    if sees_all(staff):
        return
    versions = (*_all_own(review), *review.shown)
    for one in versions:
        version = program.store.read(staff, one.type, one.id)
        if version is None or version.deleted:
            why = "it would tell more than you may see: somebody who sees all of it must approve it"
            raise Problem(Kind.CONFLICT, why, code="business-rule")


def _kept(program: Program, staff: Predicate, review: Review) -> Iterator[tuple[Version, str]]:
    """What the asker sees of these days, and the payer is told nothing of: in no figure and no fact; and why."""
    window, episode, patient = review.attendance.window, review.attendance.shown[0], review.claim.patients
    figures = figures_for(staff, payer=False)
    seen = Sight(program, staff, figures, program.store.t, window, episode.id, SCORES).of(patient)
    cut = _cut(program)
    told = {(one.type, one.id) for one in (*review.shown, *review.attendance.shown)}
    came = {one.id for one in seen.records.came if window.has(one.start) and one.episode in ("", episode.id)}
    for one in seen.versions:
        if one.concept == SESSION[1] and one.id in came and (one.type, one.id) not in told:
            yield one, _BEYOND
    for fact in Facts(program, staff, cut, stay_of(program, episode), window).of(seen, patient):
        if (fact.version.type, fact.version.id) not in told:
            yield fact.version, _why(review.sights, fact)


def _why(sights: Sights, fact: Fact) -> str:
    type = fact.version.type
    if type not in sights.agreed:
        return f"no contract with the payer that is in force names {type}"
    if type not in sights.named:
        return f"no consent in force names {type}"
    if fact.resource is None and not fact.counted:
        return "what would be left of it is not enough, or could mean something else"
    return "no consent covers it, or the payer did not cover the person then"
