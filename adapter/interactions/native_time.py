"""Times at the native doors: one that says no offset is read in the program's zone, and the record keeps that fact.

Only where a document can say so (`zone_assumed`); elsewhere such a time is refused as no FHIR dateTime. The import of a
practice system reads by the same clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from adapter.mapping.clinic_time import ClinicTime
from adapter.mapping.rows import Field
from adapter.problems import Issue, Kind, Problem, Unreadable

Document = dict[str, Any]

ASSUMED = "zone_assumed"
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?", re.ASCII)


def zoned(zone: ZoneInfo, fields: Iterable[Field], document: Document) -> Document:
    """The document with an offset at every time, and `zone_assumed` where one was given.

    Problem(UNPROCESSABLE) names the times that the clock shows twice, or never: who writes them must say the offset.
    """
    fields = tuple(fields)
    if not any(field.name == ASSUMED for field in fields):
        return document
    times = _Times(_clock(zone))
    read = times.of(fields, document, "")
    if times.issues:
        first = times.issues[0]
        raise Problem(Kind.UNPROCESSABLE, first.message, first.expression, issues=times.issues)
    return {**read, ASSUMED: True} if times.assumed else document


@lru_cache
def _clock(zone: ZoneInfo) -> ClinicTime:
    return ClinicTime(zone)


class _Times:
    """The times of one document: whether any had no offset, and which cannot be read."""

    def __init__(self, clock: ClinicTime) -> None:
        self._clock = clock
        self.assumed = False
        self.issues: list[Issue] = []

    def of(self, fields: Iterable[Field], document: Document, at: str) -> Document:
        """The document, or a member of one of its lists, with its times read."""
        found = dict(document)
        for field in fields:
            value, place = document.get(field.name), f"{at}{field.name}"
            if isinstance(value, list):
                found[field.name] = [self._one(field, each, f"{place}[{i}]") for i, each in enumerate(value)]
            elif value is not None:
                found[field.name] = self._one(field, value, place)
        return found

    def _one(self, field: Field, value: Any, place: str) -> Any:
        if isinstance(value, dict):
            if field.codec == "period":
                return {name: self._moment(said, f"{place}.{name}") for name, said in value.items()}
            return self.of(field.fields, value, f"{place}.") if field.fields else value
        return self._moment(value, place) if field.codec in ("moment", "instant") else value

    def _moment(self, value: Any, place: str) -> Any:
        if not isinstance(value, str) or not _LOCAL.fullmatch(value):
            return value
        try:
            moment = self._clock.moment(value)
        except Unreadable:
            return value  # no time of the calendar: the field's own form refuses it
        if moment.oddity:
            why = "the clock shows this time twice or never on that day: say it with its offset"
            self.issues.append(Issue("value", why, place))
        self.assumed = True
        return moment.text
