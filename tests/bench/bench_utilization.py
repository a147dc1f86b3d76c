"""A summary of a roster: 10,000 sessions of 100 people in eight weeks, beside the reading of their resources alone.

`BENCH_PEOPLE`: another number of people, of a hundred sessions each.
"""

from __future__ import annotations

import os
import resource
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import orjson

from adapter.consent.predicate import everything
from adapter.store.exports import whole
from tests.doors.records import posted
from tests.doors.serving import FHIR
from tests.doors.test_guarded import OURS, Place, Sender, placed
from tests.doors.test_payers import covered, payer

Row = tuple[str, str, float, str, str]
PEOPLE, SESSIONS, ROUNDS = int(os.environ.get("BENCH_PEOPLE", "100")), 100, 5
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PERIOD = "start=2026-01-05&end=2026-03-01"
GROUP = {"coding": [{"system": "http://snomed.info/sct", "code": "76168009"}]}
AMBULATORY = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}


def rows() -> list[Row]:
    """The summary of the program's own clients, and that of a payer, each in seconds."""
    with tempfile.TemporaryDirectory() as folder, placed(Path(folder), clock=lambda: NOW, report_seconds=600) as place:
        for _ in range(PEOPLE):
            _person(place)
        own, plan = place.client("program-ehr", OURS, "system/*.rs"), payer(place)
        roster = plan("GET", "/fhir/Group").json["entry"][0]["resource"]["id"]
        floor = median(_floor(place) for _ in range(ROUNDS))
        asked = (("the program's", own, "roster-all"), ("a payer's", plan, roster))
        return [_row(whose, median(_timed(*who) for _ in range(ROUNDS)), floor) for whose, *who in asked]


def _row(whose: str, seconds: float, floor: float) -> Row:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    detail = f"{seconds:.2f} s; reading and parsing the sessions alone {floor:.2f} s; the process takes {most:,} MB"
    return "18", f"$utilization of {PEOPLE * SESSIONS:,} sessions, {whose}", seconds / floor, "none", detail


def _timed(who: Sender, roster: str) -> float:
    begun = perf_counter()
    got = who("GET", f"/fhir/Group/{roster}/$utilization?{PERIOD}")
    assert got.status == 200, got.body
    return perf_counter() - begun


def _floor(place: Place) -> float:
    store, predicate, begun = place.program.store, everything("the floor of a benchmark"), perf_counter()
    assert (
        sum(bool(orjson.loads(one.body)) for one in whole(store, predicate, "Encounter", store.t)) == PEOPLE * SESSIONS
    )
    return perf_counter() - begun


def _person(place: Place) -> None:
    person = place.participant()
    covered(place, person)
    place.consent(person)
    said = {"participant": person, "status": "active", "organization": OURS, "admitted_on": "2026-01-05"}
    episode = posted(place.staff, "episode", said).id
    entries = [_visit(person, episode, number) for number in range(SESSIONS)]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert place.staff("POST", "/fhir", bundle, {"content-type": FHIR}).status == 200


def _visit(person: str, episode: str, number: int) -> dict[str, Any]:
    start = datetime(2026, 1, 5, 14, tzinfo=UTC) + timedelta(days=number // 2, hours=number % 2)
    visit = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": AMBULATORY,
        "type": [GROUP],
        "subject": {"reference": f"Patient/{person}"},
        "episodeOfCare": [{"reference": f"EpisodeOfCare/{episode}"}],
        "period": {"start": start.isoformat(), "end": (start + timedelta(minutes=55)).isoformat()},
    }
    return {"request": {"method": "POST", "url": "Encounter"}, "resource": visit}
