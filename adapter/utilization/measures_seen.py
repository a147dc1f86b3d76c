"""The records of a participant that a reader sees, all at one time, as far as figures are made of them.

The predicate is in the statement that finds them: what is hidden is counted nowhere, and no body of it is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from adapter.consent.showing import may_show
from adapter.consent.stretches import of_another_time
from adapter.fhir.dates import Calendar
from adapter.fhir.everything import Everything
from adapter.fhir.query import Cursor
from adapter.interactions.measures import FIGURES, Figure
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Counted, Predicate
from adapter.store.referrals import not_sent
from adapter.store.store import Store
from adapter.store.version import Version
from adapter.utilization.measures import Window
from adapter.utilization.measures_rows import Reader, Records, episode_of

_PAGE = 1_000
_EPISODE = ("EpisodeOfCare", "episode")
_VISITS = ("Encounter", "Appointment")
_OF_THE_PERSON = frozenset({"Procedure", "ClaimResponse", "Communication"})


class Seen(NamedTuple):
    """What is seen of one participant, and the versions that say so."""

    records: Records
    versions: list[Version]


def figures_for(predicate: Predicate, *, payer: bool) -> list[Figure]:
    """The figures that a reader is given: those of whose records he may see some."""
    offered = (one for one in FIGURES if one.payers or not payer)
    return [one for one in offered if all(may_show(predicate, *needed) for needed in one.needs)]


class Sight:
    """What one reader sees, at the logical time `t`, of the records that some figures are made of; visits and bookings
    of the days of the report alone, and nothing that came with a referral, which is its sender's. With an `episode`,
    nothing that names another and is no matter of its figures. `also` are the types and concepts of other records that
    are wanted beside those of the figures."""

    def __init__(
        self,
        program: Program,
        predicate: Predicate,
        figures: Iterable[Figure],
        t: int,
        window: Window,
        episode: str = "",
        also: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._store, self._predicate = program.store, of_another_time(predicate)
        self._stamp = program.store.stamp
        self._reader = Reader(program.maps, Calendar(program.zone))
        wanted = {_EPISODE, *also, *(needed for one in figures for needed in one.needs)}
        self._concepts = {concept for _, concept in wanted}
        index = program.store.index.of(predicate.rendering)
        numbers = tuple({field.number for type, _ in wanted for field in index.compartment(type)})
        dated = tuple(field.number for type in _VISITS if (field := index.natural(type)))
        low, high = window.span
        self._asked = Everything("Patient", "", numbers, (), dated, _PAGE, low, high, cursor=Cursor(t, 0, 0))
        self._episode = episode

    def of(self, patient: str) -> Seen:
        """A participant's; nothing where none is shown."""
        seen, parked = Seen(Records(), []), None
        for version in self._found(patient):
            if version.concept not in self._concepts:
                continue
            resource = orjson.loads(version.body)
            if self._episode and self._is_of_another(version, resource):
                continue
            parked = parked_among(self._store, self._predicate, patient) if parked is None else parked
            seen.versions.append(version)
            self._reader.read(seen.records, version.concept, resource, (version.type, version.id) in parked)
        return seen

    def _is_of_another(self, version: Version, resource: Mapping[str, Any]) -> bool:
        """Services are counted for authorizations of the person, whichever episode they name."""
        if version.type == _EPISODE[0]:
            return version.id != self._episode
        return version.type not in _OF_THE_PERSON and episode_of(resource) not in ("", self._episode)

    def _found(self, patient: str) -> Iterator[Version]:
        asked: Everything | None = replace(self._asked, id=patient)
        while asked is not None:
            page = self._store.everything(self._predicate, asked)
            with self._store.asking() as database:
                own = not_sent(database, page.versions)
            yield from own
            asked = asked.after(page.next) if page.next else None

    def counted(self, versions: Sequence[Version]) -> list[Counted]:
        """Whom a summary of these tells of, under which ground. Problem(BUSY) when a consent was just taken back."""
        grounds = self._store.grounds(self._predicate, versions, self._stamp)
        told: Counter[tuple[str, str, str]] = Counter()
        for version in versions:
            for patient in version.patients.split():
                ground = grounds.get((patient, version.vid), "")
                if self._predicate.ground and not ground:
                    raise Problem(Kind.BUSY, "what was found may not be seen any more; ask again")
                told[patient, ground, version.type] += 1
        return [Counted(*whom, number) for whom, number in sorted(told.items())]


def parked_among(store: Store, predicate: Predicate, patient: str | None = None) -> Collection[tuple[str, str]]:
    """The records that are incomplete, of a participant or of all, by type and id.

    None for who sees records by a rendering: what is incomplete may be what it leaves out, and nobody learns that what
    he does not see has changed.
    """
    found: set[tuple[str, str]] = set()
    if predicate.rendering:
        return found
    page = store.parked(predicate, patient, limit=_PAGE)
    while page:
        found |= {(one.type, one.id) for one in page}
        page = store.parked(predicate, patient, page[-1], _PAGE) if len(page) == _PAGE else []
    return found
