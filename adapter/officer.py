"""What a privacy officer asks of a ledger: whether it is whole, and what it tells of who saw whose records.

42 CFR 2.25 (accounting), 2.24 (intermediaries), 2.16(b) (breach); 45 CFR 164.528.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import IO, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from adapter import app
from adapter.consent.labels import consent_free
from adapter.consent.predicate import everything
from adapter.fhir.dates import milliseconds
from adapter.interactions.disclosures import called, recipient
from adapter.interactions.explain import Question, Why, why
from adapter.interactions.known import check_known
from adapter.interactions.types import served_by
from adapter.keeper import asked
from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.store import reports
from adapter.store.act_chain import Signed, inspect_acts
from adapter.store.clients import Clients
from adapter.store.database import Database
from adapter.store.emergencies import Told, told
from adapter.store.inspection import Inspected, Noted, inspect, noted
from adapter.store.joined import Joined
from adapter.store.ledger_places import opened_ledger
from adapter.store.refusals import Denied, denied
from adapter.store.reports import Named, Period, Recipient, Suspects
from adapter.store.sheet import write_sheet
from adapter.store.statements import narrowed
from adapter.store.version import Version
from adapter.web.smart.scopes import parsed

_NAMES = everything("what staff ask of the ledger and of the rules, on the command line")


def check_ledger(settings: Settings, head: str | None = None) -> Inspected:
    """Recompute the chain, while the store is served or not; `head` is one that was noted before.

    Problem(NOT_FOUND) where there is no ledger, Problem(INVALID) for what is no head.
    """
    known = _noted(head, "--head")
    with opened_ledger(settings.store) as ledger:
        return inspect(ledger, known)


def check_acts(settings: Settings, head: str | None = None) -> Signed | None:
    """The same of who wrote, which the store itself has; None for a ledger without its store."""
    known = _noted(head, "--acts")
    try:
        with asked(settings) as database, database.snapshot():
            return inspect_acts(database, known)
    except Problem as problem:
        if problem.kind is not Kind.NOT_FOUND:
            raise
        return None


def _noted(head: str | None, option: str) -> Noted | None:
    try:
        return noted(head) if head is not None else None
    except ValueError as wrong:
        raise Problem(Kind.INVALID, str(wrong), option) from None


def accounting(settings: Settings, patient: str, period: Period, file: IO[str], *, inside: bool) -> None:
    """Write an account of a patient's disclosures as CSV, 42 CFR 2.25; Problem(INVALID) for more than three years."""
    with opened_ledger(settings.store) as ledger, _named(settings) as named:
        person = _person(settings, ledger, patient)
        rows = reports.accounting(ledger, person, period, named, ZoneInfo(settings.zone), inside=inside)
        write_sheet(file, reports.Accounted._fields, rows)


def intermediaries(settings: Settings, patient: str, period: Period, file: IO[str], consent: str | None) -> None:
    """Write an intermediary's list as CSV, 42 CFR 2.24; Problem(INVALID) for more than three years."""
    with opened_ledger(settings.store) as ledger, _named(settings) as named:
        person = _person(settings, ledger, patient, consent)
        rows = reports.intermediaries(ledger, person, period, named, ZoneInfo(settings.zone), consent=consent)
        write_sheet(file, reports.Listed._fields, rows)


def breach(settings: Settings, period: Period, file: IO[str], suspects: Suspects) -> None:
    """Write who saw what of whom as CSV, 42 CFR 2.16(b)."""
    with opened_ledger(settings.store) as ledger:
        _check_known(settings, ledger, suspects)
        rows = reports.breach(ledger, period, ZoneInfo(settings.zone), suspects)
        write_sheet(file, reports.Exposed._fields, rows)


def refusals(settings: Settings, period: Period, file: IO[str]) -> None:
    """Write what was refused as CSV."""
    with opened_ledger(settings.store) as ledger:
        write_sheet(file, Denied._fields, denied(ledger, period, ZoneInfo(settings.zone)))


def period_of(settings: Settings, since: datetime | None, until: datetime | None, now: datetime) -> Period:
    """Times as the program's people say them; without them, the three years until now. Problem(INVALID) when nothing
    can be between."""
    zone = ZoneInfo(settings.zone)
    end = until.replace(tzinfo=zone) if until else now
    return reports.period(since.replace(tzinfo=zone) if since else None, end)


def _person(settings: Settings, ledger: Database, patient: str, consent: str | None = None) -> list[str]:
    """The ids of a known patient: several where records of one person were joined."""
    _check_known(settings, ledger, Suspects(patient=patient), consent)
    with _store_if_any(settings) as store:
        return [patient] if store is None else Joined(store).person(patient)


def _check_known(settings: Settings, ledger: Database, suspects: Suspects, consent: str | None = None) -> None:
    """Problem(NOT_FOUND) for what neither the store nor the ledger knows; a ledger without its store is believed."""
    with _store_if_any(settings) as store:
        if store is not None:
            check_known(store, ledger, _NAMES, suspects, consent)


@contextmanager
def _store_if_any(settings: Settings) -> Iterator[Database | None]:
    with ExitStack() as stack:
        try:
            store: Database | None = stack.enter_context(asked(settings))
        except Problem as problem:
            if problem.kind is not Kind.NOT_FOUND:
                raise
            store = None
        yield store


@contextmanager
def _named(settings: Settings) -> Iterator[Named]:
    """Who an organization is, as its newest record says; where there is no record, what its client is registered as."""
    with _store_if_any(settings) as store:

        @cache
        def named(organization: str, client: str) -> Recipient:
            if store is None:
                return Recipient(client)
            return _organization(store, organization) or called(Clients(store), client)

        yield named


def _organization(database: Database, id: str) -> Recipient | None:
    values = {**_NAMES.parameters, "type": "Organization", "id": id}
    row = database.execute(narrowed("read", _NAMES), values).fetchone()
    if row is None or Version(*row).deleted:
        return None
    return recipient(orjson.loads(Version(*row).body))


def question(
    settings: Settings, client: str, purpose: str | None, person: str | None, record: str, at: datetime | None
) -> Question:
    """A question as the program's people ask it."""
    when = at.replace(tzinfo=ZoneInfo(settings.zone)) if at else datetime.now(UTC)
    # A name may follow, as `client token` takes it.
    id = person.partition(",")[0] if person else None
    return Question(client, purpose, id, record, milliseconds(when))


def explain(settings: Settings, asked_for: Question) -> Why:
    """Why a client sees a record, or not; see `interactions.explain`."""
    maps = app.read_maps(settings)
    matrix = app.matrix_of(settings, maps, served_by(maps, maps.definitions))
    with asked(settings) as database:
        free = consent_free(settings.posture, settings.consent_free)
        return why(database, _NAMES, matrix, asked_for, parsed, free)


class Opened(NamedTuple):
    """One access in a medical emergency, opened or tried, 42 CFR 2.51(c)."""

    n: int
    date: str
    client: str
    organization: str
    recipient: str
    person: str
    name: str
    patient: str
    asked: str
    reason: str
    purpose: str
    until: str


def emergencies(settings: Settings, file: IO[str], now: datetime, *, open_only: bool = False) -> None:
    """Write the accesses in medical emergencies as CSV, those that are open now or all; one that found nobody has no
    `until`."""
    with opened_ledger(settings.store) as ledger, _named(settings) as named:
        zone, now_ms = ZoneInfo(settings.zone), milliseconds(now)
        rows = (
            _opened(one, named, zone) for one in told(ledger) if not open_only or (one.opening.until_ms or 0) > now_ms
        )
        write_sheet(file, Opened._fields, rows)


def _opened(one: Told, named: Named, zone: ZoneInfo) -> Opened:
    said = one.opening
    until = "" if said.until_ms is None else reports.date_of(said.until_ms, zone)
    return Opened(
        *(one.n, reports.date_of(one.at_ms, zone), one.client, one.organization),
        *(named(one.organization, one.client).name, one.person, said.name, one.patient or "", said.asked),
        *(said.reason.replace("\n", " "), one.purpose, until),
    )
