"""A session that a participant restricts (42 CFR 2.26), in whatever words, tells a payer nothing by what is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.doors.records import posted
from tests.doors.test_guarded import OTHERS, Json, Place, masked, placed
from tests.doors.test_non_interference import Still
from tests.doors.test_payers import RESTRICTED, payer, resources
from tests.doors.test_utilization import PERIOD, authorization, begun, report

HIV = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}]}
DAY = {"period": {"start": "2026-01-06T14:00:00Z", "end": "2026-01-06T18:00:00Z"}}


def classes(word: str) -> Json:
    return {"recipient": {"name": "In the words of the form"}, "classes": [word]}


WORDS: dict[str, Json] = {
    "by name": {},
    "by what it tells of": {"sensitivities": ["hiv"]},
    "by its type": {"record_types": ["session"]},
    "by its type and its day": {"record_types": ["session"], "data_from": "2026-01-06", "data_until": "2026-01-06"},
    "to all who pay": {"record_types": ["session"], "recipients": [classes("third_party_payers")]},
    "to everybody": {"record_types": ["session"], "recipients": None},
}


def attended(place: Place, person: str, episode: str, **more: Any) -> str:
    """A day of four hours."""
    kind = {"coding": [{"system": "http://snomed.info/sct", "code": "76168009"}]}
    return place.session(person, **DAY, episodeOfCare=[{"reference": f"EpisodeOfCare/{episode}"}], type=[kind], **more)


def told(person: str, episode: str) -> list[str]:
    """Where a payer reads of what was delivered."""
    types = ("Encounter", "Procedure", "ClaimResponse")
    return [f"/fhir/{type}?patient={person}" for type in types] + [
        f"/fhir/EpisodeOfCare/{episode}/$utilization?{PERIOD}"
    ]


def restricted(place: Place, person: str, session: str, said: Json) -> Json:
    named = {} if said else {"records": [{"record": f"Encounter/{session}", "meaning": "this_record"}]}
    return place.consent(person, **RESTRICTED | named | said)


@pytest.mark.parametrize("said", WORDS.values(), ids=WORDS)
def test_a_restricted_session_leaves_no_unit_behind_and_comes_back_with_one(tmp_path: Path, said: Json) -> None:
    with placed(tmp_path, Still(), smallest_count=1) as place:
        person, episode = begun(place)
        posted(place.staff, "authorization", authorization() | {"participant": person, "episode": episode})
        own, urls = payer(place), told(person, episode)
        before = [masked(own("GET", url)) for url in urls]
        session = attended(place, person, episode, meta=HIV)
        (service,) = resources(own("GET", urls[1]).json)
        assert report(own("GET", urls[3]))["units H0015 (units)"][""] == 1
        refusal = restricted(place, person, session, said)
        assert [masked(own("GET", url)) for url in urls] == before
        kept = place.staff("GET", f"/iop/service/{service['id']}").json
        assert (kept["status"], kept["units_counted"]) == ("entered_in_error", 0)
        (day,) = place.staff("GET", f"/iop/program_day?participant={person}").json["days"]
        assert "the patient restricted it" in day["explained"][-1]["words"]
        place.revoked(refusal)
        assert [one["id"] for one in resources(own("GET", urls[1]).json)] == [service["id"]]


@pytest.mark.parametrize(
    "said",
    [
        {"record_types": ["session"], "recipients": [{"recipient": f"Organization/{OTHERS}"}]},
        {"record_types": ["session"], "recipients": [classes("treating_providers")]},
        {"record_types": ["session"], "purposes": ["treatment"]},
        {"record_types": ["goal"]},
        {"sensitivities": ["violence"]},
        {"data_from": "2026-01-07"},
        {"expires_on": "2026-02-01", "record_types": ["session"]},
    ],
    ids=str,
)
def test_what_is_refused_of_something_else_takes_no_unit_away(tmp_path: Path, said: Json) -> None:
    with placed(tmp_path) as place:
        person, episode = begun(place)
        session = attended(place, person, episode, meta=HIV)
        restricted(place, person, session, said)
        own = payer(place)
        assert len(resources(own("GET", f"/fhir/Encounter?patient={person}").json)) == 1
        assert len(resources(own("GET", f"/fhir/Procedure?patient={person}").json)) == 1


def test_a_session_that_comes_to_tell_of_what_is_restricted_loses_its_unit(tmp_path: Path) -> None:
    with placed(tmp_path) as place:
        person, episode = begun(place)
        session = attended(place, person, episode)
        restricted(place, person, session, {"sensitivities": ["hiv"]})
        own = payer(place)
        url = f"/fhir/Procedure?patient={person}"
        assert len(resources(own("GET", url).json)) == 1
        stored = place.staff("GET", f"/fhir/Encounter/{session}").json
        told = stored["meta"] | {"security": [*stored["meta"].get("security", ()), *HIV["security"]]}
        assert place.staff("PUT", f"/fhir/Encounter/{session}", stored | {"meta": told}).status == 200
        assert resources(own("GET", url).json) == []


def test_a_restricted_service_shows_in_nothing_that_a_payer_reads_of_its_authorization(tmp_path: Path) -> None:
    with placed(tmp_path, Still(), smallest_count=1) as place:
        person, episode = begun(place)
        who = {"participant": person, "episode": episode}
        held = posted(place.staff, "authorization", authorization() | who).id
        own, urls = payer(place), told(person, episode)
        before = [masked(own("GET", url)) for url in urls]
        said = {"status": "completed", "service": "sud_intensive_outpatient", "day": "2026-01-06", "units": 3}
        service = posted(place.staff, "service", who | said).id
        assert report(own("GET", urls[3]))["used H0015 (units)"][""] == 3
        place.consent(person, **RESTRICTED, records=[{"record": f"Procedure/{service}", "meaning": "this_record"}])
        assert [masked(own("GET", url)) for url in urls] == before
        assert place.staff("GET", f"/iop/authorization/{held}").json["services"][0]["left"] == 7


def test_a_service_that_staff_enter_in_error_says_so_to_its_payer(tmp_path: Path) -> None:
    with placed(tmp_path) as place:
        person, episode = begun(place)
        said = {"participant": person, "episode": episode, "service": "sud_intensive_outpatient", "day": "2026-01-06"}
        posted(place.staff, "service", said | {"status": "entered_in_error", "units": 1})
        (seen,) = resources(payer(place)("GET", f"/fhir/Procedure?patient={person}").json)
        assert seen["status"] == "entered-in-error"
