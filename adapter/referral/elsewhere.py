"""Where else somebody may be helped whom the program declines: services of its directory, for its staff alone.

Nothing of this is told to whoever referred. A service is proposed that is of the level of care that was asked for, or
of the kind where no level was, goes on, and can be joined, as far as the directory says: who is in a group stands in no
record, so whether a seat is free is for staff to ask. https://hl7.org/fhir/R4/healthcareservice.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from adapter.fhir import tokens
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import parse
from adapter.fhir.query import Query
from adapter.fhir.references import split
from adapter.identity.proposals import ACCEPT, REJECT, Hunt, Item, Portion
from adapter.identity.saying import Named, Work, nowhere
from adapter.interactions.changes import Change
from adapter.interactions.program import Program
from adapter.mapping.tables import Table
from adapter.problems import Kind, Problem
from adapter.referral.course import STEP_DOWN, TASK
from adapter.released import Predicate
from adapter.store.proposals import Asked, said_of
from adapter.store.referrals import staged_with
from adapter.store.version import Version

Resource = dict[str, Any]
KIND, SERVICE = "alternative", "HealthcareService"
_AFTERCARE, _PROGRAM, _GROUP = "aftercare_referral", "program", "therapy_group"
_COPIED = ("participant", "service", "requested_level_of_care", "priority", "reasons", "problems")
"""What the new referral says as the declined one did."""


class Declined(NamedTuple):
    """A Task of a declined referral, and the referral; both as native records."""

    task: Resource
    referral: Resource


def referral_of(task: Version) -> str:
    """The id of the ServiceRequest that a Task is about; "" for none."""
    focus = split(parse(task.body).get("focus", {}).get("reference", ""))
    return focus[1] if focus and focus[0] == "ServiceRequest" else ""


def declined(program: Program, task: Version, referral: Version | None) -> Declined | None:
    """The two, where the Task is of a step-down referral that was declined."""
    concepts = program.maps.concepts
    if referral is None or (task.concept, referral.concept) != (TASK, STEP_DOWN):
        return None
    record = concepts[TASK].to_native(parse(task.body))[0]
    if record.get("state") != "declined":
        return None
    return Declined(record, concepts[STEP_DOWN].to_native(parse(referral.body))[0])


def alternatives(hunt: Hunt, after: Sequence[str]) -> Portion:
    """Declined referrals of which nobody has said that no other place is sought, each with where else it could be."""
    program, predicate = hunt.program, hunt.predicate
    field = program.store.index.parameters("Task")["status"]
    with program.store.asking() as database:
        asked = Asked(database, predicate, hunt.patient, hunt.room + 1)
        found = asked.unsaid("Task", field.number, tokens.token("rejected", None), after[0] if after else "")
    items = [item for task in found[: hunt.room] for item in _items(program, predicate, task)]
    return Portion(items, (found[hunt.room - 1].id,) if len(found) > hunt.room else None)


def _items(program: Program, predicate: Predicate, task: Version) -> Iterator[Item]:
    at = referral_of(task)
    referral = program.store.read(predicate, "ServiceRequest", at) if at else None
    given = declined(program, task, referral)
    if given is None or referral is None:
        return
    found, services = places(program, predicate, given)
    said = {"proposal": f"{KIND}:Task:{task.id}", "kind": KIND, "participant": task.patients, "referral": referral.id}
    why = {"rule": "declined", "reason": given.task.get("state_reason")}
    yield Item(said | {"why": why, "alternatives": found, "say": [ACCEPT, REJECT]}, (task, referral, *services))


def places(program: Program, predicate: Predicate, given: Declined) -> tuple[list[Resource], list[Version]]:
    """The services that may help, in the program's words, and their records."""
    services = {version.id: version for version in _services(program, predicate)}
    programs = {
        id: program.maps.concepts[_PROGRAM].to_native(parse(version.body))[0]
        for id, version in services.items()
        if version.concept == _PROGRAM
    }
    now = instant_of(milliseconds(program.clock()))[: len("2026-01-01")]
    asked = {name.rpartition("/")[2] for name in [given.task.get("owner", ""), *_named(given.referral)]}
    told: list[Resource] = []
    for id, version in services.items():
        record = programs.get(id) or program.maps.concepts[str(version.concept)].to_native(parse(version.body))[0]
        of = programs.get(record.get("program", ""), {}) if version.concept == _GROUP else record
        if id not in asked and _fits(given.referral, of) and _goes_on(record, now):
            told.append(_told(version, record, of))
    told.sort(key=lambda one: (one["concept"] != _PROGRAM, one["name"], one["service"]))
    kept = {one["service"].partition("/")[2] for one in told}
    return told, [version for id, version in services.items() if id in kept]


def _services(program: Program, predicate: Predicate) -> Iterator[Version]:
    query = Query(SERVICE, (), count=program.settings.page_limit)
    while True:
        page = program.store.search(predicate, query)
        yield from (version for version in page.versions if version.concept in (_PROGRAM, _GROUP))
        if page.next is None:
            return
        query = replace(query, cursor=page.next)


def _named(referral: Resource) -> Iterator[str]:
    """Whom the declined referral asked for."""
    return (one for one in referral.get("performers", ()) if isinstance(one, str))


def _fits(referral: Resource, of: Resource) -> bool:
    """Of the level of care that was asked for; where none was, of the kind. The words of both tables are the same."""
    level = referral.get("requested_level_of_care")
    if level is not None:
        return bool(of.get("level_of_care") == level)
    return referral.get("service") is not None and of.get("kind") == referral["service"]


def _goes_on(record: Resource, today: str) -> bool:
    period = record.get("period", {})
    over = str(period.get("end", today)) < today
    return record.get("active", True) and not over and "closed" not in record.get("access", ())


def _told(version: Version, record: Resource, of: Resource) -> Resource:
    said: Resource = {"service": f"{SERVICE}/{version.id}", "concept": version.concept, "name": record.get("name", "")}
    kept = ("organization", "sites", "capacity", "access", "features", "payments_accepted", "telecoms", "hours")
    said |= {name: record[name] for name in kept if name in record}
    return said | {name: of[name] for name in ("level_of_care", "kind") if name in of}


def decide(work: Work, one: Named) -> Sequence[Change]:
    """What is written for what staff say of a declined referral: a draft, where they chose a service."""
    task = work.there(one, one.key.id)
    focus = referral_of(task)
    given = declined(work.program, task, work.there(one, focus, "ServiceRequest")) if focus else None
    database = work.transaction.database
    if given is None or said_of(database, one.key) is not None or staged_with(database, "Task", task.id):
        raise nowhere(one.place)
    if work.said["say"] == REJECT:
        work.note(one.key)
        return []
    change = draft(work.program, work.predicate, given, work.said.get("service", ""))
    work.note(one.key)
    return [change]


def draft(program: Program, predicate: Predicate, given: Declined, chosen: str) -> Change:
    """A draft of a referral to one of the alternatives, for staff to finish and send: it may lack what is asked for,
    where neither the referral nor the directory says it in words that both have.

    Problem(UNPROCESSABLE) for a service that is none of them.
    """
    found = {one["service"]: one for one in places(program, predicate, given)[0]}
    if chosen not in found:
        why = "service: one of the alternatives, as HealthcareService/ID"
        raise Problem(Kind.UNPROCESSABLE, why, "service", code="value")
    custodian = next(iter(sorted(program.settings.custodians)), None)
    requester = f"Organization/{custodian}" if custodian else given.task.get("owner") or given.referral["requester"]
    record = {name: given.referral[name] for name in _COPIED if name in given.referral}
    record |= {"status": "draft", "intent": "plan", "requester": requester, "performers": [chosen]}
    record |= {"authored_at": instant_of(milliseconds(program.clock()))}
    sites, kind = found[chosen].get("sites", []), found[chosen].get("kind")
    record |= {"sites": sites} if len(sites) == 1 else {}
    record |= {"service": kind} if "service" not in record and kind in _words(program) else {}
    return Change("create", "ServiceRequest", None, program.maps.concepts[_AFTERCARE].to_fhir(record, park=True))


def _words(program: Program) -> Collection[str]:
    """What a referral can ask for."""
    table = program.maps.tables["referral_service"]
    assert isinstance(table, Table)
    return table.codings.keys()
