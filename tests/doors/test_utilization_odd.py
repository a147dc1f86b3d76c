"""A number that cannot be is in no sum, and keeps nobody's report from being made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.doors.records import posted
from tests.doors.test_guarded import Json, Place, placed
from tests.doors.test_payers import payer
from tests.doors.test_utilization import PERIOD, begun, report

UCUM = "http://unitsofmeasure.org"
START = {"start": "2026-01-06T14:00:00Z"}
LONG = {"start": "2026-01-06T14:00:00Z", "end": "2026-01-09T14:00:00Z"}


def reports(place: Place, episode: str) -> list[dict[str, Any]]:
    """What a payer is told of an episode, and of all."""
    own = payer(place)
    roster = own("GET", "/fhir/Group").json["entry"][0]["resource"]["id"]
    asked = (f"EpisodeOfCare/{episode}", f"Group/{roster}")
    return [report(own("GET", f"/fhir/{one}/$utilization?{PERIOD}")) for one in asked]


@pytest.mark.parametrize(
    "said",
    [
        {"period": START, "length": {"value": 1e300, "system": UCUM, "code": "h"}},
        {"period": START, "length": {"value": -500, "system": UCUM, "code": "min"}},
        {"period": START, "length": {"value": 1441, "system": UCUM, "code": "min"}},
        {"period": LONG},
    ],
    ids=["1e300 h", "-500 min", "1441 min", "three days"],
)
def test_a_visit_of_no_possible_length_is_in_no_sum_of_hours(tmp_path: Path, said: Json) -> None:
    with placed(tmp_path, smallest_count=1) as place:
        person, episode = begun(place)
        link = [{"reference": f"EpisodeOfCare/{episode}"}]
        place.session(person, episodeOfCare=link, **said)
        place.session(
            person, episodeOfCare=link, period={"start": "2026-01-07T14:00:00Z", "end": "2026-01-07T15:30:00Z"}
        )
        told = reports(place, episode)
        assert {(one["attended-hours"][""], one["attended-sessions"][""]) for one in told} == {(1.5, 2)}


def test_units_that_cannot_be_are_in_no_sum(tmp_path: Path) -> None:
    with placed(tmp_path, smallest_count=1) as place:
        person, episode = begun(place)
        service = {"participant": person, "episode": episode, "status": "completed", "day": "2026-01-06"}
        service |= {"service": "sud_intensive_outpatient"}
        posted(place.staff, "service", service | {"units": 1e300})
        posted(place.staff, "service", service | {"units": 3})
        told = reports(place, episode)
        assert {one["units H0015 (units)"][""] for one in told} == {3}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_days_at_an_end_of_the_calendar_are_counted_as_any(tmp_path: Path, day: str, zone: str) -> None:
    with placed(tmp_path, zone=zone) as place:
        person = place.participant()
        coded = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F10.20"}
        ill = {"resourceType": "Condition", "subject": {"reference": f"Patient/{person}"}, "code": {"coding": [coded]}}
        assert place.staff("POST", "/fhir/Condition", ill | {"onsetDateTime": "0001-01-01"}).status == 201
        for hour in (0, 23):
            place.session(person, period={"start": f"{day}T{hour:02}:00:00Z", "end": f"{day}T{hour:02}:30:00Z"})
        told = {"status": "finished", "patient": ill["subject"], "resourceType": "EpisodeOfCare"}
        made = place.staff("POST", "/fhir/EpisodeOfCare", told | {"period": {"start": day, "end": f"{day}T23:30:00Z"}})
        assert made.status == 201
        place.staff("POST", "/fhir/EpisodeOfCare", told | {"period": {"start": f"{day}T00:00:00Z", "end": day}})
        for name in ("population", "teds"):
            for asked in ("start=2026-01-01&end=2026-12-31", "start=0001-01-01&end=9999-12-31"):
                got = place.staff("GET", f"/iop/{name}?{asked}")
                assert got.status in (200, 400), (name, asked, got.body)
        assert place.staff("GET", "/iop/population?start=2026-01-01&end=2026-12-31").status == 200
