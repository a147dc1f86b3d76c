"""Who read, who wrote and who was refused, as AuditEvents for the privacy officer, made of rows when asked for.

https://hl7.org/fhir/R4/auditevent.html. Oldest first: versions written (of the store), disclosures with the decisions
that let them be made, and refusals (of the ledger) together, by their times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import takewhile
from typing import Any, NamedTuple

from adapter.consent.gate import release
from adapter.fhir.json import dump
from adapter.interactions import audit_events
from adapter.interactions.answer import Answer
from adapter.interactions.audit_agents import PEOPLE, Server
from adapter.interactions.audit_events import ALERT, MINOR, REST, SERIOUS, SUCCESS
from adapter.interactions.audit_ids import ACCOUNT, DECISION, REFUSAL, TOLD, WROTE, id_of, id_of_told, is_of, parts_of
from adapter.interactions.disclosures import Listing, names
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs
from adapter.interactions.trail_asked import POSITIONS, Sought, sought_by
from adapter.interactions.trail_pages import answered, bounds, links
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store import acts, reports
from adapter.store.acts import Act, Written
from adapter.store.database import Database
from adapter.store.ledger import Ledger
from adapter.store.refusals import Refused, refused_in
from adapter.store.reports import EVERYBODY, Period, Suspects, Told, told_in
from adapter.store.statements import statement
from adapter.store.taken_back import taken_back

Resource = dict[str, Any]
Row = Act | Told | Refused


class Found(NamedTuple):
    """One event before it is written out: when, of which row, as what kind of event; of an act, which version."""

    at_ms: int
    of: Row
    kind: int
    version: Written | None = None


class Asked(NamedTuple):
    """What a question is answered from: two databases at one moment each."""

    program: Program
    predicate: Predicate
    store: Database
    ledger: Database


def events(program: Program, predicate: Predicate, ledger: Ledger, pairs: Pairs) -> Answer:
    """200 with a page of AuditEvents; 400 for a parameter that is not among those of `trail_asked`."""
    count, after = bounds(program, predicate, "AuditEvent", pairs, len(POSITIONS))
    sought = sought_by(program, pairs, after)
    with ExitStack() as stack:
        store, kept = stack.enter_context(program.store.asking()), stack.enter_context(ledger.reading())
        asked = Asked(program, predicate, store, kept)
        page, more = _page(_merged(asked, sought), count)
        made = [_event(asked, one) for one in page]
    following = links(program, predicate, "AuditEvent", pairs, _position(after, page) if more else None)
    return answered(program, predicate, made, following, [_listed(one) for one in made])


def event(program: Program, predicate: Predicate, ledger: Ledger, id: str) -> Answer:
    """200 with one AuditEvent; Problem(NOT_FOUND) for an id that is none of theirs."""
    with ExitStack() as stack:
        store, kept = stack.enter_context(program.store.asking()), stack.enter_context(ledger.reading())
        asked = Asked(program, predicate, store, kept)
        made = [_event(asked, one) for one in _named(asked, *parts_of(program, id))]
    if not made:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    return Answer(200, release(predicate, dump(made[0]), (_listed(made[0]),)))


def _named(asked: Asked, kind: int, number: int, rest: str) -> Iterator[Found]:
    """What an id is of."""
    if kind == WROTE:
        act = acts.act_of(asked.store, number)
        seen = acts.written(asked.store, asked.predicate, act) if act else ()
        yield from (Found(act.at_ms, act, kind, one) for one in seen if act and one.vid == number)
    elif kind == REFUSAL:
        n = int(rest)
        listed = refused_in(asked.ledger, ALWAYS, (number, n - 1))
        found = takewhile(lambda one: (one.batch, one.n) == (number, n), listed)
        yield from (Found(one.at_ms, one, kind) for one in found)
    elif kind in (TOLD, DECISION, ACCOUNT):
        rows = takewhile(lambda told: told.n == number, told_in(asked.ledger, ALWAYS, EVERYBODY, number - 1))
        yield from (Found(told.at_ms, told, kind) for told in rows if is_of(told, rest))


def _event(asked: Asked, found: Found) -> Resource:
    program, of = asked.program, found.of
    here = Server(program.name, program.base_url)
    if isinstance(of, Act):
        assert found.version is not None
        one = found.version
        taken = taken_back(asked.store, one.type, one.id, one.vid)
        return audit_events.wrote(id_of(program, WROTE, one.vid), of, one, here, taken)
    if isinstance(of, Refused):
        return audit_events.refused(id_of(program, REFUSAL, of.batch, of.n), of, here)
    id = id_of_told(program, found.kind, of)
    if found.kind == DECISION:
        return audit_events.decided(id, of, here)
    make = audit_events.disclosed if found.kind == ACCOUNT else audit_events.seen
    return make(id, of, names(program)(of.organization, of.client), here)


def _merged(asked: Asked, sought: Sought) -> Iterator[Found]:
    """All that is asked for, by time."""
    sources: list[Iterable[Found]] = []
    if sought.may(REST, SUCCESS):
        sources.append(_written(asked, sought))
    if sought.may(REST, SUCCESS, MINOR) or sought.may(ALERT, SUCCESS):
        sources.append(_told(asked, sought))
    if sought.may(ALERT, SERIOUS) and sought.patient is None and sought.entity is None:
        sources.append(_refused(asked, sought))
    return merge(*sources, key=lambda one: one.at_ms)


def _written(asked: Asked, sought: Sought) -> Iterator[Found]:
    """Each version that is asked for, with the act that wrote it."""
    vid = sought.after["vid"]
    for act in takewhile(lambda act: act.at_ms < sought.until, _acts(asked.store, sought)):
        if not _is_by(act, sought.agent):
            continue
        for one in acts.written(asked.store, asked.predicate, act):
            if one.vid > vid and _is_about(one, sought):
                yield Found(act.at_ms, act, WROTE, one)


def _is_about(one: Written, sought: Sought) -> bool:
    patients = one.patients.split()
    record = sought.entity in (None, (one.type, one.id)) or (
        sought.entity is not None and sought.entity[0] == "Patient" and sought.entity[1] in patients
    )
    return record and sought.patient in (None, *patients)


def _acts(store: Database, sought: Sought) -> Iterator[Act]:
    after = max(sought.after["act"], acts.before(store, sought.since))
    patient = sought.patient or (sought.entity[1] if sought.entity and sought.entity[0] == "Patient" else None)
    if patient is not None:
        return acts.acts_about(store, patient, after)
    if sought.entity is not None:
        return acts.acts_on(store, *sought.entity, after)
    if sought.agent is not None:
        type, id = sought.agent
        return acts.acts_by(store, after, **{"organization" if type == "Organization" else "person": id})
    return acts.acts(store, after)


def _told(asked: Asked, sought: Sought) -> Iterator[Found]:
    """Each disclosure that is asked for, and before it the decision of a consent that let it be made."""
    for told in _disclosures(asked, sought):
        if not _is_by(told, sought.agent):
            continue
        if audit_events.by_consent(told) and sought.may(ALERT, SUCCESS):
            yield Found(told.at_ms, told, DECISION)
        if sought.may(REST, MINOR if told.interrupted else SUCCESS):
            yield Found(told.at_ms, told, TOLD)


def _disclosures(asked: Asked, sought: Sought) -> Iterator[Told]:
    """By what finds least: never more of the ledger than what one patient, person or organization was told of."""
    ledger, period, after = asked.ledger, _period(sought), sought.after["told"]
    agent, entity = sought.agent, sought.entity
    if entity is not None and entity[0] != "Patient":
        found = _patients(asked.store, entity)
        about = found if sought.patient is None else found & {sought.patient}
        return reports.told_of_record(ledger, period, "/".join(entity), about, after)
    about = {one for one in (sought.patient, entity[1] if entity else None) if one is not None}
    if len(about) > 1:
        return iter(())
    if not about and agent is not None and agent[0] == "Organization":
        return reports.told_to_organization(ledger, period, agent[1], after)
    if not about and agent is None and sought.types == {ALERT}:
        return reports.told_by_consent(ledger, period, after)
    if not about and agent is None and SUCCESS not in sought.outcomes:
        return reports.told_interrupted(ledger, period, after)
    person = agent[1] if agent and agent[0] == "Practitioner" else None
    return told_in(ledger, period, Suspects(patient=next(iter(about), None), practitioner=person), after)


def _patients(store: Database, entity: tuple[str, str]) -> set[str]:
    """Whom a record was ever about."""
    rows = store.execute(statement("patients_of"), entity)
    return {patient for (patients,) in rows for patient in patients.split()}


def _refused(asked: Asked, sought: Sought) -> Iterator[Found]:
    place = sought.after["batch"], sought.after["refused"]
    for one in refused_in(asked.ledger, _period(sought), place):
        if _is_by(one, sought.agent):
            yield Found(one.at_ms, one, REFUSAL)


def _is_by(of: Row, agent: tuple[str, str] | None) -> bool:
    if agent is None:
        return True
    if agent[0] == "Organization":
        return agent[1] == of.organization
    # Others than the staff are called by what their client calls them, which may be anybody's id here.
    person = of.practitioner if isinstance(of, Told) else of.person
    return agent[1] == person and of.kind in PEOPLE


def _page(found: Iterator[Found], count: int) -> tuple[list[Found], bool]:
    """So many, and those of the same disclosure as the last one; and whether there is more."""
    page: list[Found] = []
    for one in found:
        if len(page) >= count and not _is_same(one, page[-1]):
            return page, True
        page.append(one)
    return page, False


def _is_same(one: Found, last: Found) -> bool:
    return isinstance(one.of, Told) and isinstance(last.of, Told) and one.of.n == last.of.n


def _position(after: list[int], page: list[Found]) -> list[int]:
    """Where the next page goes on."""
    place = dict(zip(POSITIONS, after, strict=True))
    for one in page:
        if isinstance(one.of, Act):
            # The rest of what it wrote may be behind the page.
            place |= {"act": one.of.first - 1, "vid": one.version.vid if one.version else 0}
        elif isinstance(one.of, Told):
            place["told"] = one.of.n
        else:
            place |= {"batch": one.of.batch, "refused": one.of.n}
    return list(place.values())


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS = Period(_EPOCH + timedelta(days=1), _EPOCH + timedelta(days=200 * 365))
"""All that a ledger has."""


def _period(sought: Sought) -> Period:
    """For the ledger, whose times are moments."""
    low, high = (timedelta(milliseconds=min(max(ms, 0), 6 * 10**12)) for ms in (sought.since, sought.until))
    return Period(max(_EPOCH + low, ALWAYS.since), min(_EPOCH + high, ALWAYS.until))


def _listed(made: Resource) -> Listing:
    """What the ledger has of it, and of whom."""
    named = [one["what"].get("reference", "").split("/") for one in made.get("entity", ()) if "what" in one]
    patients = " ".join(parts[1] for parts in named if len(parts) == 2 and parts[0] == "Patient")
    return Listing(0, made["resourceType"], made["id"], 1, patients)
