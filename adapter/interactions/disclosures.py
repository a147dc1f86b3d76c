"""What the privacy officer asks the ledger over the API: accounting, intermediaries, scope of a breach.

42 CFR 2.25, 2.24 and 2.16(b); operations of ours. AuditEvents in pages, or all of it as CSV.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

import orjson

from adapter.consent.gate import release
from adapter.consent.predicate import everything
from adapter.consent.security import high_water
from adapter.fhir.bundle import collection
from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation, Parameter
from adapter.interactions import audit_events
from adapter.interactions.answer import Answer
from adapter.interactions.audit_agents import Server
from adapter.interactions.audit_ids import ACCOUNT, TOLD, id_of_told
from adapter.interactions.emergency_access import checked_ledger
from adapter.interactions.known import check_known
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate, Shown
from adapter.store import reports
from adapter.store.clients import Clients
from adapter.store.joined import Joined
from adapter.store.ledger import Ledger
from adapter.store.reports import Named, Period, Recipient, Suspects, Told
from adapter.store.sheet import write_sheet

SHEET = "text/csv"
_PAGED = (
    Parameter("since", "date", "From then on; else three years before `until`."),
    Parameter("until", "date", "Before then; else until now."),
    Parameter("_count", "integer", "Events on a page, or a few more: those of one disclosure stay together."),
    Parameter("after", "integer", "What follows this position of the ledger: the next page's link says it."),
    Parameter("_outputFormat", "code", "text/csv for a sheet of all, which is not paged."),
)
_GIVES = (Parameter("return", "Bundle", "A collection of AuditEvents, or a sheet.", required=True),)
DISCLOSURES = Operation(
    "disclosures",
    canonical_operation("disclosures"),
    "Accounting of disclosures (42 CFR 2.25)",
    (*_PAGED, Parameter("inside", "boolean", "Also what stayed in the program and its service organizations.")),
    _GIVES,
    clients=True,
)
INTERMEDIARIES = Operation(
    "intermediaries",
    canonical_operation("intermediaries"),
    "List of disclosures under a general designation (42 CFR 2.24)",
    (*_PAGED, Parameter("consent", "string", "The id of the consent; else any.")),
    _GIVES,
    clients=True,
)
BREACH_SCOPE = Operation(
    "breach-scope",
    canonical_operation("breach-scope"),
    "Who saw what of whom (42 CFR 2.16(b))",
    (
        *_PAGED,
        Parameter("client", "string", "Only what this client saw."),
        Parameter("patient", "string", "Only what was seen of the patient of this id."),
        Parameter("practitioner", "string", "Only what this person saw."),
        Parameter("token", "string", "Only by the token of this digest."),
    ),
    _GIVES,
    clients=True,
)
_ADDRESSES = everything("the names of recipients in an account of disclosures")
MOST = 200_000
"""Rows of one sheet."""

Event = Callable[[str, Told, Recipient, Server], dict[str, Any]]


class Listing(NamedTuple):
    """That an account was shown, for the ledger itself."""

    vid: int
    type: str
    id: str
    version: int
    patients: str


def disclosures(
    program: Program, predicate: Predicate, ledger: Ledger | None, operation: Operation, id: str, given: Inputs
) -> Answer:
    """200 with what was told of one patient, under whatever id before records of the person were joined; 404 for a
    patient or consent that never was here."""
    kept, period = checked_ledger(ledger), _period(program, given)
    if program.store.read(predicate, "Patient", id) is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    inside, consent = bool(given.one("inside")), given.one("consent")
    named, zone = names(program), program.zone
    with program.store.asking() as store, kept.reading() as database:
        check_known(store, database, predicate, Suspects(patient=id), consent)
        person = Joined(store).person(id)
        if _sheet(given):
            if operation is INTERMEDIARIES:
                rows: Iterable[Any] = reports.intermediaries(database, person, period, named, zone, consent=consent)
                return _as_sheet(predicate, operation, reports.Listed._fields, rows, id)
            rows = reports.accounting(database, person, period, named, zone, inside=inside)
            return _as_sheet(predicate, operation, reports.Accounted._fields, rows, id)
        told = reports.owed(database, person, period, inside=inside, after=given.one("after") or 0)
        listed = (one for one in told if consent in (None, one.ground))
        return _page(program, predicate, f"Patient/{id}/${operation.code}", given, listed, ACCOUNT)


def breach_scope(program: Program, predicate: Predicate, ledger: Ledger | None, given: Inputs) -> Answer:
    """200 with who saw what, by client, patient, person or token; 404 for one of these who never was here."""
    kept, period = checked_ledger(ledger), _period(program, given)
    suspects = Suspects(*(given.one(name) for name in Suspects._fields))
    with program.store.asking() as store, kept.reading() as database:
        check_known(store, database, predicate, suspects)
        if _sheet(given):
            rows = reports.breach(database, period, program.zone, suspects)
            return _as_sheet(predicate, BREACH_SCOPE, reports.Exposed._fields, rows, "")
        told = reports.told_in(database, period, suspects, given.one("after") or 0)
        return _page(program, predicate, "$breach-scope", given, told, TOLD)


def names(program: Program) -> Named:
    """Who an organization is, as its newest record says; where there is no record, what its client is registered as."""

    @cache
    def named(organization: str, client: str) -> Recipient:
        version = program.store.read(_ADDRESSES, "Organization", organization)
        if version is None or version.deleted:
            with program.store.clients() as clients:
                return called(clients, client)
        return recipient(orjson.loads(version.body))

    return named


def called(clients: Clients, id: str) -> Recipient:
    """A client by the name it is registered with, else by its id."""
    client = clients.named(id, 0)
    return Recipient((client and client.name) or id)


def recipient(said: dict[str, Any]) -> Recipient:
    """The name and the first address of an Organization."""
    addresses = said.get("address") or [{}]
    return Recipient(said.get("name") or said["id"], _address(addresses[0]))


def _address(said: dict[str, Any]) -> str:
    """An address in one line. https://hl7.org/fhir/R4/datatypes.html#Address"""
    place = " ".join(str(said[part]) for part in ("state", "postalCode") if part in said)
    parts = [*(line for line in said.get("line", ()) if line), said.get("city"), place, said.get("country")]
    return said.get("text") or ", ".join(part for part in parts if part)


def _sheet(given: Inputs) -> bool:
    form = given.one("_outputFormat")
    if form not in (None, SHEET):
        raise Problem(Kind.INVALID, f"_outputFormat is {SHEET}", "_outputFormat", code="not-supported")
    if form and ("_count" in given or "after" in given):
        raise Problem(Kind.INVALID, "a sheet is not paged: leave _count and after out", "_outputFormat")
    return form is not None


def _period(program: Program, given: Inputs) -> Period:
    """Times as the program's people say them; without them, the three years until now."""
    end = _time(program, given, "until") or program.clock()
    return reports.period(_time(program, given, "since"), end)


def _time(program: Program, given: Inputs, name: str) -> datetime | None:
    said = given.one(name)
    if said is None:
        return None
    try:
        return datetime.fromtimestamp(program.store.index.calendar.asked(said)[0] / 1000, program.zone)
    except (ValueError, OverflowError, OSError):
        why = f"{name} is not a time such as 2026-03-01 or 2026-03-01T17:00:00Z"
        raise Problem(Kind.INVALID, why, name, code="value") from None


def _as_sheet(predicate: Predicate, of: Operation, names: Iterable[str], rows: Iterable[Any], patient: str) -> Answer:
    file, patients = io.StringIO(), dict.fromkeys([patient] if patient else ())
    write_sheet(file, names, _bounded(rows, patients))
    return _told(predicate, file.getvalue().encode(), of.code, patients, media=f"{SHEET}; charset=utf-8")


def _bounded(rows: Iterable[Any], patients: dict[str, None]) -> Iterator[Any]:
    """The rows, and whom they are about."""
    for number, row in enumerate(rows):
        if number == MOST:
            raise Problem(Kind.TOO_COSTLY, f"more than {MOST} rows: ask for a shorter time", "since")
        if isinstance(row, reports.Exposed):
            patients[row.patient] = None
        yield row


def _told(predicate: Predicate, body: bytes, name: str, patients: Iterable[str], media: str | None = None) -> Answer:
    """The answer, which is about these patients."""
    shown: list[Shown] = [Listing(0, "AuditEvent", name, 1, patient) for patient in patients]
    return Answer(200, release(predicate, body, shown), media=media)


def _page(program: Program, predicate: Predicate, path: str, given: Inputs, told: Iterator[Told], kind: int) -> Answer:
    """So many events, and those that belong to the same disclosure as the last one."""
    count = min(given.one("_count") or program.settings.page_size, program.settings.page_limit)
    listed = list(islice(told, count))
    more = next(told, None)
    while more is not None and more.n == listed[-1].n:
        listed.append(more)
        more = next(told, None)
    said = [(name, dump(value).decode().strip('"')) for name, [value] in given.said.items()]
    links = [("self", program.page_link(f"{program.base_url}/{path}", said))]
    if more is not None:
        follow = [pair for pair in said if pair[0] != "after"] + [("after", str(listed[-1].n))]
        links.append(("next", program.page_link(f"{program.base_url}/{path}", follow)))
    named, here = names(program), Server(program.name, program.base_url)
    make: Event = audit_events.disclosed if kind == ACCOUNT else audit_events.seen
    events = [make(id_of_told(program, kind, one), one, named(one.organization, one.client), here) for one in listed]
    entries = [(program.link("AuditEvent", event["id"]), dump(event)) for event in events]
    patients = dict.fromkeys(one.patient for one in listed)
    body = collection(entries, links, high_water(predicate, program.settings.posture))
    return _told(predicate, body, path.rpartition("$")[2], patients)
