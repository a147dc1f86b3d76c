"""`$utilization`: a MeasureReport of one episode of care, or of the members of a roster together.

https://hl7.org/fhir/R4/measurereport.html; operations of ours, published by `interactions/measures.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from adapter.consent.security import high_water
from adapter.fhir.canonical import VERSION
from adapter.fhir.dates import BEGINNING, Calendar, instant_of, milliseconds
from adapter.fhir.operations import Inputs
from adapter.interactions.measures import ALL, PAYERS, Figure, coded, population, populations
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Counted, Predicate
from adapter.store.version import Version
from adapter.utilization.measures import WEEK, Cell, Episode, Window, monday, together
from adapter.utilization.measures_levels import levels_in
from adapter.utilization.measures_rows import Reader, Records, Stay
from adapter.utilization.measures_seen import Seen, Sight, figures_for
from adapter.utilization.report_withheld import Told, by_group, shown, summarized, total

Resource = dict[str, Any]
WEEKS = 53
"""Most weeks of a report."""
DAY = timedelta(days=1)
UCUM = "http://unitsofmeasure.org"
UNITS = {"units": "{units}", "visits": "{visits}", "minutes": "min", "hours": "h", "days": "d", "months": "mo"}
"""UCUM by the words of the table billing_unit."""
MASKED = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
_LOW, _HIGH = (milliseconds(datetime(year, 1, 1, tzinfo=UTC)) for year in (1900, 2200))
"""Days before and after are no program's."""
_OWN = {"planned-hours": "h", "attended-hours": "h"}


class Report(NamedTuple):
    """What was counted, and what it tells of: `shown` are the records of one participant, `counted` those of several.
    `about` is whom it is about, as a reference."""

    type: str
    about: Resource
    measure: str
    figures: Sequence[Figure]
    window: Window
    told: Sequence[Told]
    security: Sequence[Any] = ()
    episode: str = ""
    shown: Sequence[Version] = ()
    counted: Sequence[Counted] = ()


def of_episode(program: Program, predicate: Predicate, id: str, given: Inputs, *, payer: bool) -> Report:
    """The report of one episode. Problem(NOT_FOUND) or Problem(GONE) for one that is not there for the reader,
    Problem(INVALID) for days that are none, or too many."""
    version = program.store.read(predicate, "EpisodeOfCare", id)
    if version is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    if version.deleted:
        raise Problem(Kind.GONE, "the resource has been deleted", shown=(version,))
    figures, stay = figures_for(predicate, payer=payer), stay_of(program, version)
    window = _window(program, given, stay)
    seen = Sight(program, predicate, figures, program.store.t, window, id).of(version.patients)
    return Report(
        *("individual", {"reference": f"Patient/{version.patients}"}, PAYERS if payer else ALL, figures, window),
        told_of(program, version, seen, window, figures),
        security=high_water(predicate, program.settings.posture),
        episode=id,
        shown=[version, *(one for one in seen.versions if one.vid != version.vid)],
    )


def told_of(program: Program, episode: Version, seen: Seen, window: Window, figures: Sequence[Figure]) -> list[Told]:
    """The numbers of one episode, of what is seen. Problem(UNPROCESSABLE) for one that is no stay here."""
    stay = stay_of(program, episode)
    cells = _cells(program, seen, [stay], window, figures)
    return _ordered([Told(cell) for cell in (*cells, *_noughts(cells, figures, window, stay))], figures)


def stay_of(program: Program, version: Version) -> Stay:
    """The episode of a version. Problem(UNPROCESSABLE) for one that is no stay here."""
    records = Records()
    Reader(program.maps, Calendar(program.zone)).read(records, version.concept, orjson.loads(version.body), False)
    if not records.stays:
        why = "the episode has not begun, or never was: there is nothing to count"
        raise Problem(Kind.UNPROCESSABLE, why, shown=(version,))
    return records.stays[0]


def of_members(
    program: Program, predicate: Predicate, roster: str, members: Collection[str], t: int, given: Inputs, *, payer: bool
) -> Report:
    """The report of a roster as it is at a time. Problem(INVALID) for days that are none, or too many;
    Problem(OVERTIME) when it takes too long."""
    figures, window = summarized(figures_for(predicate, payer=payer), payer=payer), _window(program, given, None)
    if payer and (window.first != monday(window.first) or window.last != monday(window.last) + WEEK - DAY):
        raise Problem(Kind.INVALID, "a payer's summary is of whole weeks, from a Monday to a Sunday", "start")
    sight, until = Sight(program, predicate, figures, t, window), monotonic() + program.settings.report_seconds
    each: list[list[Cell]] = []
    counted: list[Counted] = []
    for patient in sorted(members):
        if monotonic() > until:
            raise Problem(Kind.OVERTIME, "this takes longer than the server may give it: ask for fewer weeks")
        seen = sight.of(patient)
        stays = [one for one in seen.records.stays if one.start < window.span[1] and one.end > window.span[0]]
        if stays:
            each.append(_cells(program, seen, stays, window, figures))
            counted += sight.counted(seen.versions)
    cells = together(each)
    cells += _noughts(cells, figures, window, None)
    told = shown(cells, program.settings.smallest_count if payer else 0, len(each))
    return Report(
        *("summary", {"reference": f"Group/{roster}"}, PAYERS if payer else ALL, figures, window),
        told=_ordered(told, figures),
        security=high_water(predicate, program.settings.posture),
        counted=counted,
    )


def _window(program: Program, given: Inputs, stay: Stay | None) -> Window:
    """The days asked for; of an episode else all of its days, as far as they have come; of a roster four weeks."""
    now, calendar = milliseconds(program.clock()), Calendar(program.zone)
    low, high = (_said(calendar, given, name) for name in ("start", "end"))
    if stay:
        start, end = low[0] if low else stay.start, high[1] if high else min(stay.end, now)
    else:
        end = high[1] if high else _begun(now, program.zone, 0)
        start = low[0] if low else _begun(end, program.zone, 4)
    if start == BEGINNING:
        raise Problem(Kind.INVALID, "the episode has no day of admission: say when the report starts", "start")
    if not start < end or end - start > WEEKS * 7 * 86_400_000:
        raise Problem(Kind.INVALID, f"a report is of 1 day to {WEEKS} weeks", "end", code="value")
    first, last = (datetime.fromtimestamp(ms / 1000, program.zone).date() for ms in (start, end - 1))
    return Window(first, last, program.zone, now)


def _begun(ms: int, zone: ZoneInfo, weeks: int) -> int:
    """The Monday, so many weeks back, that a moment, or the end of a day, belongs to."""
    day = monday(datetime.fromtimestamp(ms / 1000, zone).date()) - weeks * WEEK
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=zone))


def _said(calendar: Calendar, given: Inputs, name: str) -> tuple[int, int] | None:
    said = given.one(name)
    try:
        found = calendar.asked(said) if said is not None else None
        if found is None or _LOW <= found[0] < found[1] <= _HIGH:
            return found
        raise ValueError(said)
    except ValueError:
        raise Problem(Kind.INVALID, f"{name} is not a day such as 2026-03-01", name, code="value") from None


def _cells(
    program: Program, seen: Seen, stays: Sequence[Stay], window: Window, figures: Iterable[Figure]
) -> list[Cell]:
    """The cells of one participant's episodes."""
    levels, codes = levels_in(program.settings.mappings), [one.code for one in figures]
    return [*Episode(seen.records, stays, window, levels).cells(codes)]


def _noughts(cells: Sequence[Cell], figures: Iterable[Figure], window: Window, stay: Stay | None) -> list[Cell]:
    """A nought for each week of the window, and of the episode, in which nothing was counted."""
    low, high = (stay.start, stay.end) if stay else window.span
    weeks = [week for week in window.weeks if window.week(week)[0] < high and window.week(week)[1] > low]
    weekly = {one.code for one in figures if one.by == "week" and not one.ratio and one.code != "level-hours"}
    known = {cell[:4] for cell in cells}
    groups = {cell[:3] for cell in cells if cell.figure in weekly}
    groups |= {(code, "", _OWN.get(code, "1")) for code in weekly if code != "units"}
    made = (Cell(*group, week.isoformat(), Decimal(0), None, 0) for group in groups for week in weeks)
    return [cell for cell in made if cell[:4] not in known]


def _ordered(told: Iterable[Told], figures: Iterable[Figure]) -> list[Told]:
    place = {one.code: n for n, one in enumerate(figures)}
    return sorted(told, key=lambda one: (place[one.cell.figure], one.cell[1:4]))


def measure_report(report: Report) -> Resource:
    """It as a MeasureReport."""
    window = report.window
    security = {"meta": {"security": list(report.security)}} if report.security else {}
    groups = dict(by_group(report.told))
    listed = list(_groups(report.figures, groups))
    evaluated = {"evaluatedResource": [{"reference": f"EpisodeOfCare/{report.episode}"}]} if report.episode else {}
    return {
        "resourceType": "MeasureReport",
        **security,
        "status": "complete",
        "type": report.type,
        "measure": f"{report.measure}|{VERSION}",
        "subject": report.about,
        "date": instant_of(window.now),
        "period": {"start": window.first.isoformat(), "end": window.last.isoformat()},
        **({"group": listed} if listed else {}),
        **evaluated,
    }


def _groups(figures: Iterable[Figure], groups: Mapping[tuple[str, str, str], list[Told]]) -> Iterator[Resource]:
    """A group for each figure, and of those by billed code for each code; one of which nothing is counted is there."""
    for one in figures:
        found = [(key, each) for key, each in groups.items() if key[0] == one.code]
        for (_, of, unit), each in found or [((one.code, "", one.unit or "1"), [])]:
            code = coded(one) | ({"text": f"{of} ({named_unit(unit)})"} if of else {})
            summed, strata = total(each), [_stratum(one, told) for told in each if told.cell.part]
            listed = {"stratifier": [{"code": [{"text": one.by}], "stratum": strata}]} if strata else {}
            yield {"code": code, **_numbers(one, summed, withheld=bool(each) and summed is None), **listed}


def _stratum(figure: Figure, told: Told) -> Resource:
    return {"value": {"text": told.cell.part}, **_numbers(figure, told.cell, withheld=told.withheld)}


def _numbers(figure: Figure, cell: Cell | None, *, withheld: bool) -> Resource:
    """The score; of a ratio also its parts."""
    if withheld:
        return {"measureScore": {"extension": [MASKED]}}
    if cell is None:
        return {}
    if not figure.ratio:
        return {"measureScore": quantity(cell)}
    over = cell.over or Decimal(0)
    said = zip(populations(figure), (over, cell.value), strict=True)
    parts = [{"code": population(code), "count": int(count)} for code, count in said]
    return {"population": parts, **({"measureScore": {"value": number(cell.value / over)}} if over else {})}


def quantity(cell: Cell) -> Resource:
    """The number of a cell as a Quantity."""
    unit = UNITS.get(cell.unit, cell.unit)
    return {"value": number(value_of(cell)), "unit": named_unit(cell.unit), "system": UCUM, "code": unit}


def value_of(cell: Cell) -> Decimal:
    """The number as it is told: minutes of an hour are hours."""
    return cell.value / 60 if cell.unit == "h" else cell.value


def named_unit(unit: str) -> str:
    """What is counted, in a word."""
    return {"h": "hours", "1": "count", "{units}": "units"}.get(unit, unit)


def number(value: Decimal) -> float | int:
    """To two decimals."""
    rounded = round(value, 2)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)
