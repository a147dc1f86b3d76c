"""What the ledger tells of who saw records: accounting of disclosures, list of an intermediary, scope of a breach.

Each is read in pages from a ledger of one moment (`Ledger.reading`), and holds few rows at a time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from heapq import merge
from typing import NamedTuple

import orjson

from adapter.fhir.dates import milliseconds
from adapter.problems import Kind, Problem
from adapter.store.database import Database, Row
from adapter.store.disclosure import INSIDE
from adapter.store.emergencies import ACCESS
from adapter.store.pages import pages
from adapter.store.statements import statement

YEARS = 3
"""How far back a patient may ask, 42 CFR 2.25(a) and 2.24(a)."""
_PURPOSES = {
    "TREAT": "treatment",
    "HPAYMT": "payment",
    "HOPERAT": "health care operations",
    "ETREAT": "medical emergency (42 CFR 2.51)",
    "BTG": "medical emergency (42 CFR 2.51)",
}


class Period(NamedTuple):
    """From `since` on, before `until`; both with an offset."""

    since: datetime
    until: datetime


class Recipient(NamedTuple):
    """Who received, and the address if it is known, 45 CFR 164.528(b)(2)(ii)."""

    name: str
    address: str = ""


Named = Callable[[str, str], Recipient]
"""Who an (organization, client) is."""


class Told(NamedTuple):
    """What one disclosure told of one patient; `list` has `Type/id/version` by line, `query` is base64,
    `network` the address that the request came from."""

    n: int
    at_ms: int
    client: str
    kind: str
    organization: str
    practitioner: str | None
    token: str
    purpose: str
    ground: str
    interaction: str
    request: str | None
    patient: str
    list: str
    interrupted: bool
    query: str | None = None
    network: str | None = None


class Accounted(NamedTuple):
    """One disclosure in an accounting, 45 CFR 164.528(b)(2): date, recipient, address, brief description, purpose."""

    date: str
    recipient: str
    address: str
    description: str
    purpose: str


class Listed(NamedTuple):
    """One disclosure in an intermediary's list, 42 CFR 2.24(b): entity, date, brief description."""

    entity: str
    date: str
    description: str


class Exposed(NamedTuple):
    """What somebody saw of one patient, 42 CFR 2.16(b) and 45 CFR 164.404; `resources` are `Type/id/version`."""

    n: int
    date: str
    client: str
    kind: str
    organization: str
    practitioner: str
    token: str
    purpose: str
    ground: str
    interaction: str
    request: str
    patient: str
    resources: str
    interrupted: str


class Suspects(NamedTuple):
    """Whose reads, or reads of whom, a breach is about; what is None is not narrowed by."""

    client: str | None = None
    patient: str | None = None
    practitioner: str | None = None
    token: str | None = None


EVERYBODY = Suspects()
WORDS = frozenset({*INSIDE, "", "hipaa", "emergency", "own", "withdrawal"})
"""Grounds that are no consent."""
_COUNTED = re.compile(r"([0-9]+) ([A-Za-z]+) counted")
_WAYS = {
    "told_of_patient": "patient",
    "told_by_token": "token",
    "told_to_practitioner": "practitioner",
    "told_to_client": "client",
}
"""Statements that walk an index, the one that finds least first."""


def period(since: datetime | None, until: datetime) -> Period:
    """From `since`, else three years before; Problem(INVALID) when nothing can be between."""
    begin = since or years_before(until)
    if begin >= until:
        raise Problem(Kind.INVALID, "until, else now, is not after since", "until", code="value")
    return Period(begin, until)


def years_before(until: datetime, years: int = YEARS) -> datetime:
    """So many years earlier, and not before the first; the 28th for a 29th of February that is not there."""
    year = max(until.year - years, 1)
    try:
        return until.replace(year=year)
    except ValueError:
        return until.replace(year=year, day=28)


def accounting(
    database: Database, patients: Collection[str], period: Period, named: Named, zone: tzinfo, *, inside: bool = False
) -> Iterator[Accounted]:
    """What was disclosed of a person, in order, 42 CFR 2.25; Problem(INVALID) for more than three years. `patients` are
    the ids of the person: of several where records of one were joined.

    What stayed within the program and its service organizations is no disclosure (2.12(c)(3) and (4)) and is listed
    only with `inside`.
    """
    for told in owed(database, patients, period, inside=inside):
        to = named(told.organization, told.client)
        purpose = f"{_PURPOSES.get(told.purpose, 'other')} ({told.purpose})"
        yield Accounted(date_of(told.at_ms, zone), to.name, to.address, description(told), purpose)


def intermediaries(
    database: Database,
    patients: Collection[str],
    period: Period,
    named: Named,
    zone: tzinfo,
    *,
    consent: str | None = None,
) -> Iterator[Listed]:
    """Who received what under a general designation, 42 CFR 2.24: under `consent`, else under any.

    Problem(INVALID) for more than three years.
    """
    for told in owed(database, patients, period, inside=False):
        if consent in (None, told.ground):
            entity = named(told.organization, told.client).name
            yield Listed(entity, date_of(told.at_ms, zone), description(told))


def breach(database: Database, period: Period, zone: tzinfo, suspects: Suspects = EVERYBODY) -> Iterator[Exposed]:
    """Who saw what of whom, 42 CFR 2.16(b): every resource by id and version, in order, also what stayed inside."""
    for told in told_in(database, period, suspects):
        yield _exposed(told, zone)


def description(told: Told) -> str:
    """What was disclosed in a few words, 45 CFR 164.528(b)(2)(iii): how many of each type."""
    if told.interaction == ACCESS:
        return "access opened in a medical emergency"
    lines = [line for line in told.list.split("\n") if line]
    types = Counter(line.partition("/")[0] for line in lines if "/" in line)
    each = [f"{number} {type}" for type, number in sorted(types.items())]
    said = ", ".join([*each, *(_counted(line) for line in lines if "/" not in line)]) or "no records"
    return f"{said}; interrupted" if told.interrupted else said


def _counted(line: str) -> str:
    """That records were counted, and none of them was shown."""
    found = _COUNTED.fullmatch(line)
    if found is None:
        return line
    number, type = found.groups()
    return f"{number} {type} record{'s were' if number != '1' else ' was'} counted, not shown"


def owed(
    database: Database, patients: Collection[str], period: Period, *, inside: bool, after: int = 0
) -> Iterator[Told]:
    """What a person is owed an account of, behind a position; Problem(INVALID) for more than three years."""
    if period.since < years_before(period.until):
        raise Problem(Kind.INVALID, f"an account goes back {YEARS} years at most", "since")
    of_each = (told_in(database, period, Suspects(patient=patient), after) for patient in sorted(patients))
    for told in merge(*of_each, key=_n):
        if inside or told.ground not in INSIDE:
            yield told


def told_in(database: Database, period: Period, suspects: Suspects, after: int = 0) -> Iterator[Told]:
    """What was told in a period, behind a position, by the index that finds least."""
    begin, until = _range(database, period, after)
    for name, by in _WAYS.items():
        if (one := getattr(suspects, by)) is not None:
            rows = pages(database, name, begin, until=until, **{by: one})
            break
    else:
        rows = pages(database, "told_between", begin, until=until)
    for row in rows:
        told = Told(*row)
        if told.patient is not None and _is_meant(told, suspects):
            yield told


def told_to_organization(database: Database, period: Period, organization: str, after: int) -> Iterator[Told]:
    """What the clients of one organization were told, behind a position: those of each, which an index has."""
    begin, until = _range(database, period, after)
    clients = [client for (client,) in database.execute(statement("clients_told")).fetchall()]
    of = {"until": until, "organization": organization}
    walks = (pages(database, "told_to_organization", begin, client=client, **of) for client in clients)
    return _of_somebody(merge(*walks, key=_n))


def told_interrupted(database: Database, period: Period, after: int) -> Iterator[Told]:
    """What was not taken to its end, behind a position."""
    begin, until = _range(database, period, after)
    return _of_somebody(pages(database, "told_interrupted", begin, until=until))


def told_by_consent(database: Database, period: Period, after: int) -> Iterator[Told]:
    """What a consent let be told, to one of its patients at least, behind a position."""
    begin, until = _range(database, period, after)
    return _of_somebody(pages(database, "told_by_consent", begin, until=until, words=f" {' '.join(sorted(WORDS))} "))


def _of_somebody(rows: Iterable[Row]) -> Iterator[Told]:
    return (told for told in (Told(*row) for row in rows) if told.patient is not None)


def told_of_record(
    database: Database, period: Period, record: str, patients: Iterable[str], after: int
) -> Iterator[Told]:
    """In which disclosures a record was shown, `Type/id`, of the patients that it is about, behind a position."""
    begin, until = _range(database, period, after)
    sought = {"until": until, "newline": "\n", "needle": f"\n{record}/"}
    walks = (pages(database, "told_of_record", begin, patient=patient, **sought) for patient in sorted(patients))
    return (Told(*row) for row in merge(*walks, key=_n))


def sent_before(database: Database, client: str, patient: str, records: Sequence[str]) -> set[str]:
    """Which of these records of a patient, `Type/id`, a client was ever sent."""
    said = {"client": client, "patient": patient, "newline": "\n", "records": orjson.dumps(records).decode()}
    return {record for (record,) in database.execute(statement("sent_before"), said)}


def _range(database: Database, period: Period, after: int) -> tuple[dict[str, int], int]:
    """The positions of a period, behind one; none where nothing was told then."""
    first = database.execute(statement("ledger_since"), (milliseconds(period.since),)).fetchone()
    last = database.execute(statement("ledger_until"), (milliseconds(period.until),)).fetchone()
    return ({"n": 0}, 0) if first is None or last is None else ({"n": max(first[0] - 1, after)}, last[0])


def _n(row: Row) -> int:
    return int(row[0])


def _is_meant(told: Told, suspects: Suspects) -> bool:
    return all(one in (None, getattr(told, by)) for by, one in suspects._asdict().items())


def _exposed(told: Told, zone: tzinfo) -> Exposed:
    return Exposed(
        told.n,
        date_of(told.at_ms, zone),
        *(told.client, told.kind, told.organization, told.practitioner or "", told.token, told.purpose, told.ground),
        *(told.interaction, told.request or "", told.patient, told.list.replace("\n", " ")),
        "interrupted" if told.interrupted else "",
    )


def date_of(ms: int, zone: tzinfo) -> str:
    """A moment as the program's people read it, with its offset."""
    return datetime.fromtimestamp(ms // 1000, zone).isoformat()
