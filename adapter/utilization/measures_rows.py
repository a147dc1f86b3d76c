"""The few values of a record that figures are made of, read from resources in any form in which they are shown. Pure.

Sessions, bookings and services are many, and are read as they stand; of the others the maps make native records.
https://hl7.org/fhir/R4/encounter.html, https://hl7.org/fhir/R4/appointment.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from adapter.fhir.canonical import profile
from adapter.fhir.dates import Calendar
from adapter.fhir.references import split
from adapter.mapping.load import Maps
from adapter.mapping.tables import JointTable, Table
from adapter.mapping.times import minutes_of
from adapter.utilization.allocation import UNITS, amount, is_in_force
from adapter.utilization.sessions import LONGEST

Resource = Mapping[str, Any]
EPISODE_OF, EPISODE_LINK = (
    "http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare",
    profile("iop-episode-link"),
)
_MINUTE = 60_000
_KEPT = 8_192
"""Times that a reader remembers."""


class Came(NamedTuple):
    """An attended session; `start` in ms, `minutes` None where nobody can tell."""

    id: str
    episode: str
    start: int
    minutes: Decimal | None
    kind: str
    booking: str


class Planned(NamedTuple):
    """A booking, with the word for what became of it; `minutes` None where it can last no such time."""

    id: str
    episode: str
    start: int
    minutes: Decimal | None
    became: str


class Delivered(NamedTuple):
    """A completed service: `units` None where none are said. Of an authorization it uses `visits`, `minutes` (None
    where nobody can tell), or nothing, where attendance says that it `is_none`."""

    id: str
    episode: str
    start: int
    code: str
    units: Decimal | None
    authorization: str
    visits: int = 1
    minutes: Decimal | None = None
    is_none: bool = False


class Approved(NamedTuple):
    """One line of an authorization in force, `unit` in words; its days as [start, end) in ms. `amount` is None for no
    limit; `is_counted`: services are counted in its unit."""

    id: str
    episode: str
    number: str
    code: str
    unit: str
    amount: Decimal | None
    start: int
    end: int
    is_counted: bool = True


class Reached(NamedTuple):
    """Somebody tried to reach the person after a missed booking."""

    booking: str
    at: int


class Said(NamedTuple):
    """A word that was said at a time: the finding of a test, the achievement of a goal."""

    id: str
    episode: str
    at: int
    word: str


class Level(NamedTuple):
    """A level of care in this program, as [start, end) in ms."""

    word: str
    start: int
    end: int


class Stay(NamedTuple):
    """An episode, as [start, end) in ms."""

    id: str
    start: int
    end: int
    levels: tuple[Level, ...]


class LeftOut(NamedTuple):
    """A record that is in no sum: its type, and when it was."""

    episode: str
    type: str
    at: int


@dataclass(slots=True)
class Records:
    """What is seen of one participant."""

    stays: list[Stay] = field(default_factory=list)
    came: list[Came] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    approved: list[Approved] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)
    screened: list[Said] = field(default_factory=list)
    reviewed: list[Said] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


class Reader:
    """Reads the records of one program."""

    def __init__(self, maps: Maps, calendar: Calendar) -> None:
        self._maps, self._calendar = maps, calendar
        # People meet in groups: what is said of one session is said of it in the record of each.
        self._begins = lru_cache(_KEPT)(lambda text: calendar.interval(text)[0])
        self._kinds, self._absent = _kinds(maps), _bookings(maps)
        self._billed = _table(maps, "billed_service").words
        self._codes = {word: one["code"] for word, one in _table(maps, "billed_service").codings.items()}

    def read(self, into: Records, concept: str | None, resource: Resource, parked: bool) -> None:
        """Add what a record says; of one that is parked only that it is left out, where it would be in a sum."""
        if parked and concept in _COUNTED_BY:
            at = self._when(resource, concept)
            into.left_out.append(LeftOut(episode_of(resource), resource["resourceType"], at))
        elif concept in _READ:
            _READ[concept](self, into, resource)

    def _came(self, into: Records, resource: Resource) -> None:
        if resource.get("status") != "finished":
            return
        start = self._start(resource.get("period"))
        minutes = _lasting(self._minutes(resource))
        if minutes is None:
            into.left_out.append(LeftOut(episode_of(resource), "Encounter", start))
        kind, bookings = _kind(resource, self._kinds), resource.get("appointment")
        booking = _id(bookings[0]) if bookings else ""
        into.came.append(Came(resource["id"], episode_of(resource), start, minutes, kind, booking))

    def _minutes(self, resource: Resource) -> Decimal | None:
        """Those recorded, else from start to end without the breaks."""
        length, period = resource.get("length", {}), resource.get("period", {})
        if length.get("code") in _IN_MINUTES and "value" in length:
            return Decimal(str(length["value"])) * _IN_MINUTES[length["code"]]
        if "end" not in period:
            return None
        lasts = self._span(period)
        for one in _extended(resource, _BREAK):
            if "end" in one.get("valuePeriod", {}):
                lasts -= self._span(one["valuePeriod"])
        return _minutes_in(max(lasts, 0))

    def _planned(self, into: Records, resource: Resource) -> None:
        if "start" not in resource:
            return
        absent = next((one.get("valueCoding", {}).get("code") for one in _extended(resource, _ABSENCE)), None)
        became = self._absent.get((resource.get("status", ""), absent), resource.get("status", ""))
        start = self._begins(resource["start"])
        said = resource.get("minutesDuration")
        minutes = _lasting(Decimal(said if said is not None else self._span(resource) // _MINUTE))
        if minutes is None:
            into.left_out.append(LeftOut(episode_of(resource), "Appointment", start))
        into.planned.append(Planned(resource["id"], episode_of(resource), start, minutes, became))

    def _delivered(self, into: Records, resource: Resource) -> None:
        if resource.get("status") != "completed":
            return
        told = (part for one in _extended(resource, _COUNTED) for part in one.get("extension", ()))
        counted = {part.get("url"): amount(part.get("valueDecimal", part.get("valueInteger"))) for part in told}
        units = [*(amount(one.get("valueDecimal")) for one in _extended(resource, _UNITS)), counted.get("units")]
        said = next((one for one in units if one is not None), None)
        named = next((_id(one.get("valueReference")) for one in _extended(resource, _AUTHORIZED)), "")
        start, code = self._when(resource, "service"), self._billed_code(resource.get("code", {}).get("coding", ()))
        if said is None:
            into.left_out.append(LeftOut(episode_of(resource), "Procedure", start))
        visits = ("encounter" in resource) + sum(1 for _ in _extended(resource, _MORE))
        lasts = next((one.get("valueInteger") for one in _extended(resource, _UNIT_MINUTES)), None)
        minutes = counted.get("minutes")
        if minutes is None and type(lasts) is int:
            minutes = (Decimal(1) if said is None else said) * lasts
        took = minutes_of(resource.get("performedPeriod")) if minutes is None else None
        minutes = minutes if took is None else Decimal(str(took))
        used = (max(1, visits), minutes, counted.get("units") == 0)
        into.delivered.append(Delivered(resource["id"], episode_of(resource), start, code, said, named, *used))

    def _approved(self, into: Records, resource: Resource) -> None:
        record = self._native("authorization", resource)
        if not is_in_force(record):
            return
        own = {"start": record.get("starts_on"), "end": record.get("ends_on")}
        for line in record.get("services", ()):
            approved = line.get("amount") or {}
            whole, within = self._days(own), self._days(line.get("period", {}))
            days = max(whole[0], within[0]), min(whole[1], within[1])
            named, service = record.get("number") or line.get("review_number") or record["id"], line.get("service")
            code = self._codes.get(service, "") if isinstance(service, str) else _coded(service)
            unit, value = str(approved.get("unit", "units")), amount(approved.get("value"))
            is_counted = unit in UNITS and "unit_text" not in approved and bool(code)
            said = (str(named), code, unit, value, *days, is_counted)
            into.approved.append(Approved(record["id"], episode_of(resource), *said))

    def _reached(self, into: Records, resource: Resource) -> None:
        record = self._native("contact", resource)
        if record.get("purpose") == "outreach_after_no_show" and record.get("status") == "completed" and "at" in record:
            booking = str(record.get("booking", "")).rpartition("/")[2]
            into.reached.append(Reached(booking, self._calendar.interval(record["at"])[0]))

    def _screened(self, into: Records, resource: Resource) -> None:
        record = self._native("drug_result", resource)
        if record.get("status") in ("entered_in_error", "cancelled") or "collected_at" not in record:
            return
        found = record.get("result", {})
        word = found.get("finding", "none") if isinstance(found, dict) else found
        at = self._calendar.interval(record["collected_at"])[0]
        into.screened.append(Said(record["id"], episode_of(resource), at, str(word)))

    def _reviewed(self, into: Records, resource: Resource) -> None:
        record = self._native("goal", resource)
        if record.get("status") == "entered_in_error":
            return
        for one in record.get("reviews", ()):
            if "achievement" in one:
                at = self._calendar.interval(one["on"])[0]
                into.reviewed.append(Said(record["id"], episode_of(resource), at, str(one["achievement"])))

    def _stay(self, into: Records, resource: Resource) -> None:
        if resource.get("status") in ("entered-in-error", "cancelled", "planned", "waitlist"):
            return
        record = self._native("episode", resource)
        here = (one for one in record.get("levels_of_care", ()) if one.get("step", "this_program") == "this_program")
        levels = [
            Level(one["level"], *self._days({"start": one.get("from"), "end": one.get("until")}))
            for one in here
            if "level" in one
        ]
        into.stays.append(Stay(resource["id"], *self._calendar.period(resource.get("period", {})), tuple(levels)))

    def _native(self, concept: str, resource: Resource) -> dict[str, Any]:
        return self._maps.concepts[concept].to_native(dict(resource))[0] | {"id": resource["id"]}

    def _when(self, resource: Resource, concept: str | None) -> int:
        names = ("performedDateTime", "start", "created", "sent", "effectiveDateTime", "effectiveInstant", "startDate")
        said = next((resource[name] for name in names if name in resource), None)
        spans = ("period", "performedPeriod", "preAuthPeriod", "effectivePeriod")
        period = next((resource[name] for name in spans if name in resource), None)
        if period:
            return self._start(period)
        return self._calendar.interval(said)[0] if said else 0

    def _start(self, period: Resource | None) -> int:
        return self._begins(period["start"]) if period and "start" in period else 0

    def _span(self, period: Resource) -> int:
        return self._begins(period["end"]) - self._begins(period["start"])

    def _days(self, period: Resource) -> tuple[int, int]:
        return self._calendar.period({end: said for end, said in period.items() if said})

    def _billed_code(self, codings: Iterable[Resource]) -> str:
        """The code as our table writes it, else as it came."""
        listed = list(codings)
        word = next((self._billed[key] for one in listed if (key := _key(one)) in self._billed), None)
        return self._codes[word] if word else next((str(one["code"]) for one in listed if "code" in one), "")


_READ = {
    "session": Reader._came,
    "booking": Reader._planned,
    "service": Reader._delivered,
    "authorization": Reader._approved,
    "contact": Reader._reached,
    "drug_result": Reader._screened,
    "goal": Reader._reviewed,
    "episode": Reader._stay,
}
_COUNTED_BY = frozenset(_READ) - {"episode"}
_BREAK, _ABSENCE, _UNITS, _COUNTED, _AUTHORIZED, _UNIT_MINUTES, _MORE = (
    profile(f"iop-{name}")
    for name in (
        *("session-break", "absence", "service-units", "counted-units", "authorized-by", "minutes-per-unit"),
        "covered-session",
    )
)
_IN_MINUTES = {"min": Decimal(1), "h": Decimal(60), "s": Decimal(1) / 60}


@lru_cache(1_024)
def _minutes_in(ms: int) -> Decimal:
    return Decimal(ms) / _MINUTE


def _lasting(minutes: Decimal | None) -> Decimal | None:
    """Minutes that something can last; more than a day, or less than nothing, is a slip of the pen."""
    return minutes if minutes is not None and 0 <= minutes <= LONGEST // _MINUTE else None


def _extended(resource: Resource, url: str) -> Iterator[Resource]:
    return (one for one in resource.get("extension", ()) if one.get("url") == url)


def episode_of(resource: Resource) -> str:
    """The id of the episode that a record names, "" for none."""
    for one in resource.get("episodeOfCare", ()):
        return _id(one)
    for url in (EPISODE_LINK, EPISODE_OF):
        for one in _extended(resource, url):
            return _id(one.get("valueReference"))
    return ""


def _id(reference: Resource | None) -> str:
    target = split((reference or {}).get("reference") or "")
    return target[1] if target else ""


def _key(coding: Resource) -> tuple[str, str]:
    return str(coding.get("system", "")), str(coding.get("code", ""))


def _coded(service: Any) -> str:
    """The first code of a service that has no word here."""
    listed = service.get("codes", ()) if isinstance(service, dict) else ()
    return next((str(one["code"]) for one in listed if "code" in one), "")


def _kind(resource: Resource, words: Mapping[tuple[str, str], str]) -> str:
    """The word of the first coding of its type that has one."""
    for type in resource.get("type", ()):
        for coding in type.get("coding", ()):
            if (key := _key(coding)) in words:
                return words[key]
    return "unknown"


def _table(maps: Maps, name: str) -> Table:
    table = maps.tables[name]
    assert isinstance(table, Table)
    return table


@lru_cache(8)
def _kinds(maps: Maps) -> Mapping[tuple[str, str], str]:
    return _table(maps, "session_kind").words


@lru_cache(8)
def _bookings(maps: Maps) -> Mapping[tuple[str, str | None], str]:
    """What became of a booking, by its status and the code of its absence."""
    table = maps.tables["booking_status"]
    assert isinstance(table, JointTable)
    read = ((word, status, absent) for word, (status, absent) in table.readings() if status)
    return {(status[1], absent[1] if absent else None): word for word, status, absent in read}
