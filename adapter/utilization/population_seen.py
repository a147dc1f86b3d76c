"""`/iop/population`: what became of the people in the program, of all records that the reader sees at one time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import islice
from time import monotonic
from typing import Any

import orjson

from adapter.consent.gate import release
from adapter.consent.predicate import on_later_pages
from adapter.fhir.dates import Calendar, day_at, milliseconds
from adapter.fhir.json import dump
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.mapping.checks import TO_THE_DAY
from adapter.problems import Kind, Problem
from adapter.released import Counted, Predicate
from adapter.store.exports import whole
from adapter.store.referrals import not_sent
from adapter.store.version import Version
from adapter.utilization.measures import Window
from adapter.utilization.measures_rows import Reader, Records
from adapter.utilization.measures_seen import parked_among
from adapter.utilization.population import RULES, Course, by_track, stays
from adapter.utilization.population_treatment import Story, codes_in, read, told
from adapter.utilization.sessions import Sessions

LIST = "population"
KNOWN = ("start", "end")
_TREATMENT = (
    *("Patient", "Condition", "Encounter", "Procedure", "MedicationRequest", "MedicationAdministration"),
    *("Observation", "ServiceRequest"),
)
_OF_ANYBODY = frozenset({"Patient", "Condition"})
_AT_ONCE = 500
_NEVER = frozenset({"entered-in-error", "cancelled", "planned", "waitlist"})


def population(program: Program, predicate: Predicate, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with the figures and their rules. Problem(INVALID) for days that are none; Problem(OVERTIME) when it takes
    too long."""
    window = window_of(program, pairs)
    seen = Seen(program, predicate, program.store.t)
    courses = [one for version in seen.of("EpisodeOfCare") if (one := course(program, version))]
    own = [one for one in courses if one.ours]
    body = {
        "start": window.first.isoformat(),
        "end": window.last.isoformat(),
        **stays(own, window.first, window.last, window.day(window.now)),
        "episodes_of_others": len(courses) - len(own),
        "attendance_by_track": _tracks(program, seen, window, own),
        "treatment": told(_stories(program, seen).values(), window.first, window.last),
        "rules": RULES,
    }
    return Answer(200, release(predicate, dump(body), (), seen.counted))


class Seen:
    """The records that a reader sees at a time, and how many of whom were looked at."""

    def __init__(self, program: Program, predicate: Predicate, t: int) -> None:
        self._store, self._predicate, self._t = program.store, on_later_pages(predicate), t
        self._until = monotonic() + program.settings.report_seconds
        self._told: dict[tuple[str, str], int] = defaultdict(int)

    @cached_property
    def parked(self) -> Collection[tuple[str, str]]:
        """The records that are incomplete."""
        return parked_among(self._store, self._predicate)

    def of(self, type: str) -> Iterator[Version]:
        """All of a type; of what came with a referral only what says who a person is and what he has, whoever says it:
        stays, visits and services of it are its sender's."""
        found = whole(self._store, self._predicate, type, self._t)
        for version in found if type in _OF_ANYBODY else self._own(found):
            if monotonic() > self._until:
                raise Problem(Kind.OVERTIME, "this takes longer than the server may give it: ask for fewer days")
            for patient in version.patients.split():
                self._told[patient, type] += 1
            yield version

    def _own(self, found: Iterator[Version]) -> Iterator[Version]:
        while some := [*islice(found, _AT_ONCE)]:
            with self._store.asking() as database:
                own = not_sent(database, some)
            yield from own

    @property
    def counted(self) -> list[Counted]:
        """Whom it tells of: within the program on no other ground than that."""
        return [Counted(patient, "", type, number) for (patient, type), number in sorted(self._told.items())]


def window_of(program: Program, pairs: Sequence[tuple[str, str]]) -> Window:
    """The days asked for, both included."""
    given, calendar, now = dict(pairs), Calendar(program.zone), milliseconds(program.clock())
    for name in KNOWN:
        if name not in given:
            raise Problem(Kind.INVALID, f"{name} is needed: a day such as 2026-01-01", name, code="required")
    try:
        low, high = calendar.asked(given["start"])[0], calendar.asked(given["end"])[1]
        first, last = (day_at(ms, program.zone) for ms in (low, high - 1))
    except ValueError:
        raise Problem(Kind.INVALID, "start and end are days such as 2026-01-01", "start", code="value") from None
    if first > last:
        raise Problem(Kind.INVALID, "the period ends before it starts", "end", code="value")
    return Window(first, last, program.zone, now)


def course(program: Program, version: Version) -> Course | None:
    """An episode of care; None for one that never was."""
    resource = orjson.loads(version.body)
    if resource.get("status") in _NEVER or version.concept != "episode":
        return None
    record = program.maps.concepts["episode"].to_native(resource)[0]
    custodians = program.settings.custodians
    said = {name: str(record[name]) for name in ("admitted_on", "discharged_on") if name in record}
    sessions = Sessions(program.maps, program.zone, custodians)
    days = {name: date.fromisoformat(sessions.begins(text)) for name, text in said.items()}
    tracks = tuple(str(track) for track in record.get("tracks", ()))
    return Course(
        *(version.id, version.patients, days.get("admitted_on"), days.get("discharged_on")),
        *(str(record.get("discharge_reason", "")), tracks),
        vague=frozenset(name for name, text in said.items() if len(text) < TO_THE_DAY),
        ours=not custodians or record.get("organization") in (None, *custodians),
    )


def _tracks(program: Program, seen: Seen, window: Window, courses: Sequence[Course]) -> dict[str, Any]:
    reader, records = Reader(program.maps, Calendar(program.zone)), Records()
    for type in ("Appointment", "Encounter"):
        for version in seen.of(type):
            parked = (version.type, version.id) in seen.parked
            reader.read(records, version.concept, orjson.loads(version.body), parked)
    held_for = frozenset(one.booking for one in records.came) - {""}
    planned = (one for one in records.planned if window.has(one.start) and one.start < window.now)
    return by_track(planned, held_for, {one.id: one.tracks for one in courses})


def _stories(program: Program, seen: Seen) -> dict[str, Story]:
    stories: dict[str, Story] = defaultdict(Story)
    codes = codes_in(program.settings.mappings)
    for type in _TREATMENT:
        for version in seen.of(type):
            read(stories[version.patients], codes, orjson.loads(version.body))
    return stories
