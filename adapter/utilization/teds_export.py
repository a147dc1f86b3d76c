"""`/iop/teds`: the rows of a period for the state, as JSON with what is to be checked, or as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import orjson

from adapter.consent.gate import release
from adapter.fhir.dates import FOREVER, Calendar
from adapter.fhir.json import dump
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.version import Version
from adapter.utilization.population_seen import Seen, course, window_of
from adapter.utilization.teds import ADMISSION, DISCHARGE, NOT_MADE, Coder, Episode, checked, counted

LIST = "teds"
KNOWN = ("start", "end", "at", "as")
_FOUND = ("completed", "amended")
"""How far an intake assessment is whose answers are told."""
_AT = {"admission": ADMISSION, "discharge": DISCHARGE}


def teds(program: Program, predicate: Predicate, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with a row for each episode that began (`at=admission`) or ended (`at=discharge`) in the period.

    Problem(INVALID) for days that are none or a word that is not known; Problem(OVERTIME) when it takes too long.
    """
    given = dict(pairs)
    at, form = given.get("at", "admission"), given.get("as", "json")
    _one_of("at", at, tuple(_AT))
    _one_of("as", form, ("json", "csv"))
    window, shown = window_of(program, pairs), list[Version]()
    met = _episodes(program, Seen(program, predicate, program.store.t), shown)
    inside = [one for one in met if (day := _day(one, at)) and window.first <= day <= window.last]
    of, left_out = counted(one for one in inside if one.days.ours)
    others = [one for one in inside if not one.days.ours]
    coder = Coder(program.maps.concept_maps)
    rows = [coder.discharge(one) if at == "discharge" else coder.admission(one) for one in of]
    doubts = [*coder.doubts, *checked(of)]
    if form == "csv":
        return Answer(200, release(predicate, _printed(_AT[at], rows), _told(shown, inside)), media="text/csv")
    body = {
        "start": window.first.isoformat(),
        "end": window.last.isoformat(),
        "at": at,
        "columns": _AT[at],
        "rows": rows,
        "checks": [doubt._asdict() for doubt in doubts],
        "left_out": _left_out(left_out, others),
        "not_made": NOT_MADE,
    }
    return Answer(200, release(predicate, dump(body), _told(shown, inside)))


def _left_out(uncounted: Sequence[Episode], of_others: Sequence[Episode]) -> list[dict[str, Any]]:
    """The episodes of the period that make no row: of a kind the state does not count, and other organizations'."""
    return [
        *({"episode": one.days.id, "kind": one.record.get("kind")} for one in uncounted),
        *({"episode": one.days.id, "organization": one.record["organization"]} for one in of_others),
    ]


def _one_of(name: str, value: str, words: Sequence[str]) -> None:
    if value not in words:
        raise Problem(Kind.INVALID, f"{name} is one of {', '.join(words)}", name, code="value")


def _day(one: Episode, at: str) -> date | None:
    return one.days.discharged if at == "discharge" else one.days.admitted


def _told(shown: Sequence[Version], inside: Sequence[Episode]) -> list[Version]:
    """The versions that the rows are made of."""
    people, episodes = {one.days.patient for one in inside}, {one.days.id for one in inside}
    return [one for one in shown if one.id in episodes or (one.type != "EpisodeOfCare" and one.patients in people)]


def _episodes(program: Program, seen: Seen, shown: list[Version]) -> Iterator[Episode]:
    """The episodes with the first intake assessment that names each, and was carried through."""
    born: dict[str, date | None] = {}
    for version in seen.of("Patient"):
        said = orjson.loads(version.body).get("birthDate", "")
        born[version.patients] = date.fromisoformat(said) if len(said) == 10 else None
        shown.append(version)
    intakes: dict[str, tuple[int, dict[str, Any]]] = {}
    calendar = Calendar(program.zone)
    for version in seen.of("QuestionnaireResponse"):
        if version.concept == "intake_assessment":
            record = program.maps.concepts[version.concept].to_native(orjson.loads(version.body))[0]
            of = record.get("episode")
            if of and record.get("status") in _FOUND:
                at = calendar.interval(record["assessed_at"])[0] if "assessed_at" in record else FOREVER
                if of not in intakes or at < intakes[of][0]:
                    intakes[of] = at, record
                shown.append(version)
    for version in seen.of("EpisodeOfCare"):
        if (days := course(program, version)) is not None:
            shown.append(version)
            record = program.maps.concepts["episode"].to_native(orjson.loads(version.body))[0]
            yield Episode(days, record, intakes.get(version.id, (0, None))[1], born.get(version.patients))


def _printed(columns: Sequence[str], rows: Sequence[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
