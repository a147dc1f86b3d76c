"""Who read and who wrote, as AuditEvents, and who wrote, as Provenances: made of rows when they are asked for.

https://hl7.org/fhir/R4/auditevent.html, https://hl7.org/fhir/R4/provenance.html. AuditEvents are for the privacy
officer, oldest first: acts of the store and disclosures of the ledger together, by their times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import takewhile
from typing import Any, NamedTuple

from adapter.consent.gate import release
from adapter.fhir.bundle import searchset
from adapter.fhir.dates import BEGINNING, FOREVER, instant_of
from adapter.fhir.json import dump
from adapter.fhir.page_links import seal, unseal
from adapter.fhir.parameters import PAGE
from adapter.fhir.references import split
from adapter.interactions import audit_events
from adapter.interactions.answer import Answer
from adapter.interactions.disclosures import Listing, names
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs, address
from adapter.problems import Kind, Problem, named
from adapter.released import Predicate, Shown
from adapter.store.acts import Act, Written, acts, acts_about, acts_on, size, written
from adapter.store.database import Database
from adapter.store.ledger import Ledger
from adapter.store.reports import EVERYBODY, Period, Suspects, Told, told_in

Resource = dict[str, Any]
EVENTS = {"patient": "reference", "date": "date", "agent": "reference", "entity": "reference"}
"""What AuditEvents are searched by here."""
MADE: Mapping[str, Mapping[str, str]] = {"AuditEvent": EVENTS, "Provenance": {"target": "reference"}}
"""The types that are made here, and their search parameters."""
_PURPOSE = "trail"
_SIGNED = "provenance"
_PREFIXES: Mapping[str, tuple[bool, bool]] = {
    "eq": (True, True),
    "ge": (True, False),
    "gt": (True, False),
    "lt": (False, True),
    "le": (False, True),
}
"""Whether a prefix bounds below, and above."""


class Sought(NamedTuple):
    """What a search of AuditEvents asks for; times in ms, `agent` and `entity` as (type, id)."""

    limit: int
    act: int = 0
    told: int = 0
    patient: str | None = None
    since: int = BEGINNING
    until: int = FOREVER
    agent: tuple[str, str] | None = None
    entity: tuple[str, str] | None = None


class Found(NamedTuple):
    """One event before it is written out: when, its position among acts or disclosures, and whose it is."""

    at_ms: int
    of: Act | Told


def events(program: Program, predicate: Predicate, ledger: Ledger, pairs: Pairs) -> Answer:
    """200 with a page of AuditEvents; 400 for a parameter that is not among EVENTS."""
    sought = _sought(program, predicate, pairs)
    with ExitStack() as stack:
        store, kept = stack.enter_context(program.store.asking()), stack.enter_context(ledger.reading())
        found = _merged(program, predicate, store, kept, sought)
        page, more = _page(found, sought.limit)
        shown = [(one.of, _event(program, predicate, store, one.of)) for one in page]
    at = {type(of): of[0] for of, _ in shown}
    links = _links(
        program, predicate, "AuditEvent", pairs, [at.get(Act, sought.act), at.get(Told, sought.told)] if more else None
    )
    made = [event for _, event in shown]
    return _answer(program, predicate, made, links, [_listed(one) for one in made])


def event(program: Program, predicate: Predicate, ledger: Ledger, id: str) -> Answer | None:
    """200 with one AuditEvent; None for an id that is none of theirs."""
    kind, _, rest = id.partition("-")
    number = rest.partition("-")[0]
    if kind not in ("act", "told") or not number.isdecimal() or len(number) > 18:
        return None
    with ExitStack() as stack:
        store, n = stack.enter_context(program.store.asking()), int(number)
        if kind == "act":
            found: Iterable[Act | Told] = (one for one in [next(acts(store, n - 1), None)] if one and one.first == n)
        else:
            rows = told_in(stack.enter_context(ledger.reading()), _period(Sought(1)), EVERYBODY, n - 1)
            found = [one for one in _first_of(rows, n) if audit_events.id_of(one) == id]
        made = [_event(program, predicate, store, one) for one in found]
    if not made:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    return Answer(200, release(predicate, dump(made[0]), (_listed(made[0]),)))


def provenances(program: Program, predicate: Predicate, pairs: Pairs, *, own: bool, whole: bool) -> Answer:
    """200 with who wrote the versions of one record (`target`), of acts all of whose versions are there for the reader.

    `own`: only what the reader wrote itself; not `whole`: also acts of which it may see a part.
    """
    target = next((split(value) for name, value in pairs if name == "target"), None)
    if target is None or any(name not in ("target", "_count", PAGE) for name, _ in pairs):
        why = "search Provenance by one target: target=Type/id, with _count if need be"
        raise Problem(Kind.INVALID, why, "target", code="not-supported")
    count, after = _bounds(program, predicate, "Provenance", pairs)
    with program.store.asking() as database:
        seen = _signed(program, predicate, database, acts_on(database, *target, after[0]), own, whole)
        made = [one for _, one in zip(range(count + 1), seen, strict=False)]
    last = [made[count - 1][1][0].vid, 0] if len(made) > count else None
    page = made[:count]
    shown = [version for _, versions in page for version in versions]
    return _answer(
        program, predicate, [one for one, _ in page], _links(program, predicate, "Provenance", pairs, last), shown
    )


def provenance(program: Program, predicate: Predicate, id: str, *, own: bool, whole: bool) -> Answer | None:
    """200 with one Provenance; None for an id that is none of theirs."""
    number = _number_of(program, id)
    if number is None:
        return None
    with program.store.asking() as database:
        first = next(acts(database, number - 1), None)
        found = [first] if first and first.first == number else []
        made = next(_signed(program, predicate, database, found, own, whole), None)
    if made is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    return Answer(200, release(predicate, dump(made[0]), made[1]))


def _id_of(program: Program, first: int) -> str:
    """The id of a Provenance: sealed, because acts are numbered with all that is written, about whomever."""
    return f"act-{seal([first], program.secret, _SIGNED).replace('_', '.')}"


def _number_of(program: Program, id: str) -> int | None:
    """The number of the act; None for an id that is of none."""
    try:
        said = unseal(id.removeprefix("act-").replace(".", "_"), program.secret, _SIGNED, "id")
    except Problem:
        return None
    return int(said[0]) if id.startswith("act-") else None


def _signed(
    program: Program, predicate: Predicate, database: Database, found: Iterable[Act], own: bool, whole: bool
) -> Iterator[tuple[Resource, list[Written]]]:
    """The Provenances of acts, those that may be seen, and the versions they are of."""
    asker = predicate.asker
    for act in found:
        if own and (asker is None or (act.client, act.kind) != (asker.client, asker.kind)):
            continue
        seen = written(database, predicate, act)
        if seen and (not whole or len(seen) == size(database, act)):
            yield _provenance(act, seen, program.name, _id_of(program, act.first)), seen


def _provenance(act: Act, seen: Sequence[Written], program: str, id: str) -> Resource:
    """Who made these versions: https://hl7.org/fhir/R4/provenance.html"""
    deeds = {audit_events.deed_of(one) for one in seen}
    codes = {"create": "CREATE", "update": "UPDATE", "delete": "DELETE"}
    system = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
    activity = {"activity": {"coding": [{"system": system, "code": codes[deeds.pop()]}]}} if len(deeds) == 1 else {}
    author = {"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "author"}
    who: Resource = {"who": audit_events.who_of(act, program)}
    if act.person:
        who = {"who": audit_events.person(act.kind, act.person)["who"], "onBehalfOf": who["who"]}
    return {
        "resourceType": "Provenance",
        "id": id,
        "meta": {"security": audit_events.security_for(seen)},
        "target": [{"reference": audit_events.address_of(one)} for one in seen],
        "recorded": instant_of(act.at_ms),
        **activity,
        "agent": [{"type": {"coding": [author]}, **who}],
    }


def _event(program: Program, predicate: Predicate, store: Database, of: Act | Told) -> Resource:
    if isinstance(of, Act):
        return audit_events.wrote(of, written(store, predicate, of), program.name)
    to = names(program)(of.organization, of.client)
    return audit_events.seen(of, to, program.name, audit_events.security_of(["42CFRPart2"], "R"))


def _merged(
    program: Program, predicate: Predicate, store: Database, ledger: Database, sought: Sought
) -> Iterator[Found]:
    """All that is asked for, by time."""

    def about(act: Act) -> bool:
        seen = written(store, predicate, act)
        return any(sought.patient in one.patients.split() for one in seen)

    both = sought.entity is not None and sought.patient is not None
    of_store = (
        Found(act.at_ms, act)
        for act in takewhile(lambda act: act.at_ms < sought.until, _acts(store, sought))
        if sought.since <= act.at_ms and _is_by(act, sought.agent) and (not both or about(act))
    )
    person = sought.agent[1] if sought.agent and sought.agent[0] == "Practitioner" else None
    suspects = Suspects(patient=sought.patient, practitioner=person)
    of_ledger = (
        Found(told.at_ms, told)
        for told in told_in(ledger, _period(sought), suspects, sought.told)
        if _is_by(told, sought.agent) and _is_of(told, sought.entity)
    )
    return merge(of_store, of_ledger, key=lambda one: one.at_ms)


def _acts(store: Database, sought: Sought) -> Iterator[Act]:
    if sought.entity is not None:
        return acts_on(store, *sought.entity, sought.act)
    if sought.patient is not None:
        return acts_about(store, sought.patient, sought.act)
    return acts(store, sought.act, sought.since)


def _is_by(of: Act | Told, agent: tuple[str, str] | None) -> bool:
    if agent is None:
        return True
    if agent[0] == "Organization":
        return agent[1] == of.organization
    # Others than the staff are called by what their client calls them, which may be anybody's id here.
    person = of.person if isinstance(of, Act) else of.practitioner
    return agent[1] == person and of.kind in audit_events.PEOPLE


def _is_of(told: Told, entity: tuple[str, str] | None) -> bool:
    if entity is None:
        return True
    address = "/".join(entity)
    return address == f"Patient/{told.patient}" or any(line.startswith(f"{address}/") for line in told.list.split("\n"))


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


def _first_of(rows: Iterable[Told], n: int) -> Iterator[Told]:
    for one in rows:
        if one.n != n:
            return
        yield one


def _sought(program: Program, predicate: Predicate, pairs: Pairs) -> Sought:
    count, (act, told) = _bounds(program, predicate, "AuditEvent", pairs)
    said: dict[str, Any] = {}
    for name, value in pairs:
        if name in ("_count", PAGE):
            continue
        if name not in EVENTS or (name in said and name != "date"):
            why = f"AuditEvents are searched by {', '.join(EVENTS)}, each once (date: twice)"
            raise Problem(Kind.INVALID, why, named(name), code="not-supported")
        said |= _READ[name](program, name, value, said)
    said.pop("date", None)
    return Sought(count, act, told, **said)


def _patient(program: Program, name: str, value: str, said: Resource) -> Resource:
    return {name: value.removeprefix("Patient/")}


def _reference(program: Program, name: str, value: str, said: Resource) -> Resource:
    found = split(value)
    if found is None or (name == "agent" and found[0] not in ("Practitioner", "Organization")):
        who = "Practitioner/id or Organization/id" if name == "agent" else "Type/id"
        raise Problem(Kind.INVALID, f"{name} is {who}", name, code="value")
    return {name: found}


def _date(program: Program, name: str, value: str, said: Resource) -> Resource:
    prefix = value[:2] if value[:2].isalpha() else "eq"
    try:
        low, high = program.store.index.calendar.asked(value.removeprefix(prefix))
        bounds = _PREFIXES[prefix]
    except (ValueError, KeyError):
        why = "date is a time such as ge2026-03-01 or lt2026-03-02T17:00:00Z"
        raise Problem(Kind.INVALID, why, name, code="value") from None
    made = {"since": high if prefix == "gt" else low} if bounds[0] else {}
    if bounds[1]:
        made["until"] = low if prefix == "lt" else high
    return {
        "since": max(made.get("since", BEGINNING), said.get("since", BEGINNING)),
        "until": min(made.get("until", FOREVER), said.get("until", FOREVER)),
    }


_READ: Mapping[str, Callable[[Program, str, str, Resource], Resource]] = {
    "patient": _patient,
    "date": _date,
    "agent": _reference,
    "entity": _reference,
}


def _bounds(program: Program, predicate: Predicate, type: str, pairs: Pairs) -> tuple[int, list[int]]:
    """How many on a page, and the positions after which it begins; a link is of its reader, and of its search."""
    settings, said = program.settings, dict(pairs)
    count = said.get("_count", str(settings.page_size))
    if not count.isdecimal() or not 0 < len(count) < 10 or int(count) == 0:
        raise Problem(Kind.INVALID, "_count is 1 or more", "_count", code="value")
    after = unseal(said[PAGE], program.link_key(predicate), _purpose(type, pairs)) if PAGE in said else [0, 0]
    return min(int(count), settings.page_limit), after


def _period(sought: Sought) -> Period:
    """For the ledger, whose times are moments."""
    first = datetime(1970, 1, 2, tzinfo=UTC)
    last = first + timedelta(days=200 * 365)
    low, high = (timedelta(milliseconds=min(max(ms, 0), 6 * 10**12)) for ms in (sought.since, sought.until))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return Period(max(epoch + low, first), min(epoch + high, last))


def _purpose(type: str, pairs: Pairs) -> str:
    return " ".join((_PURPOSE, type, *(f"{name}={value}" for name, value in sorted(pairs) if name != PAGE)))


def _links(
    program: Program, predicate: Predicate, type: str, pairs: Pairs, after: list[int] | None
) -> list[tuple[str, str]]:
    links = [("self", address(program, type, pairs))]
    if after is not None:
        said = [pair for pair in pairs if pair[0] != PAGE]
        token = seal(after, program.link_key(predicate), _purpose(type, pairs))
        links.append(("next", program.page_link(f"{program.base_url}/{type}", [*said, (PAGE, token)])))
    return links


def _answer(
    program: Program, predicate: Predicate, made: list[Resource], links: list[tuple[str, str]], shown: Sequence[Shown]
) -> Answer:
    entries = [(program.link(one["resourceType"], one["id"]), dump(one)) for one in made]
    return Answer(200, release(predicate, searchset(entries, links, None), shown))


def _listed(made: Resource) -> Listing:
    """What the ledger has of it, and of whom."""
    named = [one["what"].get("reference", "").split("/") for one in made["entity"] if "what" in one]
    patients = " ".join(parts[1] for parts in named if len(parts) == 2 and parts[0] == "Patient")
    return Listing(0, made["resourceType"], made["id"], 1, patients)
