"""Pulls what a partner's server has: type by type, what has changed there since the last time, page by page.

How far it came is kept with each page that was taken, so a pull that ends in the middle goes on there.
https://hl7.org/fhir/R4/search.html#lastUpdated
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

from adapter.exchange.report import Done, Report
from adapter.exchange.taking import Mark, Resource, Taking
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.remote.faults import Fault
from adapter.remote.pages import Page, Search, persons
from adapter.remote.partner import Partner
from adapter.store.partners import Links, PartnerRow

TYPES = (
    *("Organization", "Practitioner", "Location", "Patient", "RelatedPerson", "Coverage", "EpisodeOfCare"),
    *("Encounter", "Condition", "AllergyIntolerance", "MedicationRequest", "MedicationStatement", "Observation"),
)
"""In an order in which most of what a record points to is there before it."""
DIRECTORY = frozenset(("Organization", "Practitioner", "Location"))
"""About nobody."""
OVERLAP = timedelta(minutes=5)
"""What is asked for again: a server may show a change later than one that it made after it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One search, and the partner's id of the only patient whose records may be in it."""

    pairs: tuple[tuple[str, str], ...]
    patient: str | None = None


class Pull:
    """One pull from one partner."""

    def __init__(self, program: Program, partner: Partner, row: PartnerRow, types: Sequence[str] = ()) -> None:
        self._program, self._partner, self._row = program, partner, row
        self._types = tuple(types) or TYPES
        if unknown := sorted(set(self._types) - set(TYPES)):
            raise Problem(Kind.INVALID, f"{unknown[0]} is not pulled; it is one of {', '.join(TYPES)}", "--type")
        self._taking = Taking(program, row, TYPES)
        self._absent: set[str] = set()
        self.report = Report(row.name)

    async def run(self, since: datetime | None = None) -> Report:
        """What became of each record. `Fault` where the server cannot be asked: what was taken stays."""
        offered = await self._partner.probe()
        for type in TYPES:
            if type not in self._types:
                continue
            if not offered.can(type, "search-type"):
                self.report.note(f"{type} is not offered by {self._row.name}")
                continue
            await self._pulled(type, since)
        return self.report

    async def _pulled(self, type: str, since: datetime | None) -> None:
        searches = list(self._searches(type, since))
        # Only what comes alone and in order tells that all before it was there.
        alone = len(searches) == 1 and self._partner.quirks.sort and since is None
        newest: datetime | None = None
        for asked in searches:
            async for page in Search(self._partner, type, asked.pairs, asked.patient).pages():
                times = [time for record in page.records if (time := _updated(record))]
                alone = alone and times == sorted(times) and (not newest or not times or times[0] >= newest)
                newest = max([*times, *([newest] if newest else [])], default=None)
                mark = Mark(type, newest.isoformat()) if alone and newest else None
                await self._taken(type, page, mark)
        if newest and since is None:  # what was left out before `since` is still to come
            await self._taking.take([], Mark(type, newest.isoformat()))

    async def _taken(self, type: str, page: Page, mark: Mark | None) -> None:
        for place, why in page.left:
            self.report.add(Done(place, "left", why))
        if page.missing:
            self.report.note(f"{type}: {page.missing} fewer came than the server had said")
        records = await self._with_persons(type, page.records)
        for done in await self._taking.take(records, mark):
            self.report.add(done)

    async def _with_persons(self, type: str, records: list[Resource]) -> list[Resource]:
        """The records whose persons are here, or can be had: no record waits for somebody who never comes."""
        if type == "Patient" or type in DIRECTORY:
            return records
        named = {id for record in records for id in persons(record, self._partner.base)}
        for id in sorted(named - self._known(named) - self._absent):
            await self._fetched(id)
        kept = []
        for record in records:
            if self._absent.isdisjoint(persons(record, self._partner.base)):
                kept.append(record)
            else:
                self.report.add(Done(f"{type}/{record['id']}", "left", "its patient cannot be had"))
        return kept

    async def _fetched(self, id: str) -> None:
        try:
            [done] = await self._taking.take([await self._partner.read("Patient", id)])
        except Fault as fault:
            if fault.again:
                raise
            done = Done(f"Patient/{id}", "left", fault.message)
        self.report.add(done)
        if not self._known({id}):
            self._absent.add(id)

    def _known(self, ids: set[str]) -> set[str]:
        with self._program.store.asking() as database:
            links = Links(database, self._row.name)
            return {id for id in ids if links.of("Patient", id)}

    def _searches(self, type: str, since: datetime | None) -> Iterator[_Asked]:
        quirks = self._partner.quirks
        how, pairs = quirks.search(type), list[tuple[str, str]]()
        with self._program.store.asking() as database:
            links = Links(database, self._row.name)
            mark = links.mark(type)
            patients = [link.remote for link in links.all("Patient")]
        start = since or (datetime.fromisoformat(mark) - OVERLAP if mark else None)
        # Of a patient who is new here, all is new: patient by patient all is asked for.
        if start and quirks.since and how.patient is None:
            pairs.append(("_lastUpdated", f"ge{start.astimezone(UTC).isoformat(timespec='milliseconds')}"))
        if quirks.sort:
            pairs.append(("_sort", "_lastUpdated"))
        needed = [[(name, value) for value in values] for name, values in how.needs.items()]
        for more in product(*needed):
            if how.patient is None:
                yield _Asked((*more, *pairs))
            else:
                yield from (_Asked(((how.patient, id), *more, *pairs), id) for id in patients)


def _updated(record: Resource) -> datetime | None:
    """When a record was last changed there; None where it does not say so as R4 does."""
    meta = record.get("meta")
    said = meta.get("lastUpdated") if isinstance(meta, dict) else None
    try:
        found = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
