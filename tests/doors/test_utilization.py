"""What was planned, attended, delivered and approved, counted for its reader of what he sees, and of nothing else."""

from __future__ import annotations

import csv
import io
from base64 import b64decode
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from pyarrow import parquet

from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from tests.doors import staff
from tests.doors.records import posted
from tests.doors.serving import Got, door
from tests.doors.test_guarded import OTHERS, OURS, THEIRS, Json, Place, Sender, disclosures, masked, placed
from tests.doors.test_non_interference import Still
from tests.doors.test_payers import RESTRICTED, covered, payer

ZONE = ZoneInfo("America/New_York")
PARQUET = "application/vnd.apache.parquet"
MEASURE = "https://iop-fhir-adapter.org/fhir/Measure"
PERIOD = "start=2026-01-05&end=2026-02-01"
# (day of January in UTC, hour, minutes, kind, what became of the booking): late in the evening it is the day before.
PLAN = [
    (6, 14, 180, "group", "attended"),
    (7, 2, 60, "individual", "attended"),
    (8, 14, 180, "group", "no_show"),
    (9, 14, 180, "group", "attended"),
    (12, 2, 90, "family", "attended"),
    (13, 14, 180, "group", "cancelled"),
    (14, 14, 180, "group", "excused"),
    (16, 14, 180, "group", "attended"),
    (28, 14, 180, "group", "late_cancelled"),
]


def begun(place: Place, **more: Any) -> tuple[str, str]:
    """A person covered by a payer whom a consent lets see, and an episode."""
    person = place.participant()
    covered(place, person)
    place.consent(person)
    return person, admitted(place, person, **more)


def admitted(place: Place, person: str, **more: Any) -> str:
    level = {"level": "level_2_1", "step": "this_program", "from": "2026-01-05"}
    said = {"participant": person, "status": "active", "organization": OURS, "admitted_on": "2026-01-05"}
    return posted(place.staff, "episode", said | {"levels_of_care": [level]} | more).id


def planned(place: Place, person: str, episode: str, plan: list[Any] = PLAN) -> list[str]:
    """The bookings of a plan and the sessions of who came; the ids of the bookings."""
    made = []
    for day, hour, minutes, kind, became in plan:
        start = datetime.fromisoformat(f"2026-01-{day:02}T{hour:02}:00:00+00:00")
        times = [moment.isoformat().replace("+00:00", "Z") for moment in (start, start + timedelta(minutes=minutes))]
        common = {"participant": person, "episode": episode, "kind": kind}
        booking = {**common, "status": became, "planned_start": times[0], "planned_end": times[1]}
        made.append(posted(place.staff, "booking", booking).id)
        if became == "attended":
            session = {**common, "booking": made[-1], "status": "completed", "mode": "in_person"}
            posted(place.staff, "session", {**session, "started_at": times[0], "ended_at": times[1]})
    return made


def report(got: Got) -> dict[str, Any]:
    """The figures: the total, and each part, by figure (and code); a number, (part, whole), or "withheld"."""
    assert got.status == 200, got.body
    assert door().check(got.json) == []
    found: dict[str, Any] = {}
    for group in got.json.get("group", ()):
        name = group["code"]["coding"][0]["code"] + (f" {group['code']['text']}" if "text" in group["code"] else "")
        parts = [stratum for one in group.get("stratifier", ()) for stratum in one["stratum"]]
        found[name] = {stratum["value"]["text"]: _score(stratum) for stratum in parts} | {"": _score(group)}
    return found


def _score(said: Json) -> Any:
    score = said.get("measureScore", {})
    if "extension" in score:
        return "withheld"
    if "population" in said:
        over, part = (one["count"] for one in said["population"])
        return part, over
    return score.get("value")


def monday(moment: datetime) -> str:
    day = moment.astimezone(ZONE).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def oracle(plans: list[list[Any]]) -> dict[str, Any]:
    """The same figures from the plans themselves."""
    weeks = [(date(2026, 1, 5) + timedelta(weeks=n)).isoformat() for n in range(4)]
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    rates: dict[str, Counter[str]] = defaultdict(Counter)
    for plan in plans:
        days = set()
        for day, hour, minutes, kind, became in plan:
            at = datetime.fromisoformat(f"2026-01-{day:02}T{hour:02}:00:00+00:00")
            week = monday(at)
            if became != "cancelled":
                sums["planned-hours"][week] += minutes
                rates[week]["of"] += 1
            if became == "attended":
                rates[week]["came"] += 1
                sums["attended-hours"][week] += minutes
                sums["attended-sessions"][week] += 1
                sums["sessions-by-kind"][kind] += 1
                days.add(at.astimezone(ZONE).date())
        for one in days:
            sums["attended-days"][(one - timedelta(days=one.weekday())).isoformat()] += 1
    found: dict[str, Any] = {}
    for figure, counted in sums.items():
        by = 60 if figure.endswith("hours") else 1
        parts = counted if figure == "sessions-by-kind" else {week: counted[week] for week in weeks}
        found[figure] = {part: number / by for part, number in parts.items()}
        found[figure][""] = sum(counted.values()) / by
    found["attendance-rate"] = {week: (each["came"], each["of"]) for week, each in rates.items()}
    found["attendance-rate"][""] = tuple(sum(each[one] for each in rates.values()) for one in ("came", "of"))
    return found


def test_the_programs_own_count_an_episode_by_week_as_its_plan_says(place: Place) -> None:
    person, episode = begun(place)
    planned(place, person, episode)
    own = place.client("program-ehr", OURS, "system/*.rs")
    got = own("GET", f"/fhir/EpisodeOfCare/{episode}/$utilization?{PERIOD}")
    found = report(got)
    assert {name: found[name] for name in oracle([PLAN])} == oracle([PLAN])
    assert found["weeks-at-level"] == {"2026-01-05": (0, 1), "2026-01-12": (0, 1), "2026-01-19": (0, 1)} | {
        "2026-01-26": (0, 1),
        "": (0, 4),
    }
    assert found["level-hours level_2_1 (hours)"]["2026-01-05"] == 9
    assert found["no-shows"] == {"2026-01-05": (0, 1), "": (0, 1)}
    assert (got.json["type"], got.json["subject"]) == ("individual", {"reference": f"Patient/{person}"})
    assert disclosures(place)[-1] == ("program-ehr", "qsoa", "$utilization", [(person, "qsoa")])


def test_staff_are_told_of_outreach_screens_goals_units_and_authorizations(place: Place) -> None:
    person, episode = begun(place)
    missed = planned(place, person, episode, PLAN[:3])[2]
    whose = {"participant": person, "episode": episode}
    contact = {
        "status": "completed",
        "purpose": "outreach_after_no_show",
        "booking": missed,
        "at": "2026-01-08T20:00:00Z",
    }
    posted(place.staff, "contact", whose | contact)
    for finding in ("negative", "positive", "negative"):
        said = {
            "status": "final",
            "test": "cocaine_screen",
            "result": {"finding": finding},
            "collected_at": "2026-01-09T14:00:00Z",
        }
        posted(place.staff, "drug_result", whose | said)
    reviews = [{"on": "2026-01-07", "achievement": "worsening"}, {"on": "2026-01-21", "achievement": "improving"}]
    posted(place.staff, "goal", whose | {"in_own_words": "Sleep", "status": "active", "reviews": reviews})
    posted(place.staff, "authorization", whose | authorization())
    for day, units in (("2026-01-06", 1), ("2026-01-09", 2), ("2026-02-20", 4)):
        service = {"status": "completed", "service": "sud_intensive_outpatient", "day": day, "units": units}
        posted(place.staff, "service", whose | service)
    lead = place.client("staff", scopes="user/*.cruds")
    found = report(lead("GET", f"/fhir/EpisodeOfCare/{episode}/$utilization?{PERIOD}"))
    assert found["no-shows"] == {"2026-01-05": (1, 1), "": (1, 1)}
    assert found["screens"] == {"negative": 2, "positive": 1, "": 3}
    assert found["goals"] == {"improving": 1, "": 1}
    assert found["units H0015 (units)"] == {"2026-01-05": 3, "2026-01-12": 0, "2026-01-19": 0, "2026-01-26": 0, "": 3}
    assert found["authorized H0015 (units)"] == {"A-1": 10, "": 10}
    assert found["used H0015 (units)"] == {"A-1": 7, "": 7}
    assert found["left H0015 (units)"] == {"A-1": 3, "": 3}
    told = report(payer(place)("GET", f"/fhir/EpisodeOfCare/{episode}/$utilization?{PERIOD}"))
    assert {name.split()[0] for name in told} == {
        *("attended-hours", "attended-sessions", "attended-days", "units", "authorized", "used", "left"),
    }
    assert {name: found[name] for name in told} == told
    biller = staff.account(place.program, "bill", "billing")
    staff.app(place.program, "till")
    token = staff.token(place.program, biller, "till", "user/*.cruds")
    seen = report(Sender(place.guarded, token)("GET", f"/fhir/EpisodeOfCare/{episode}/$utilization?{PERIOD}"))
    assert "screens" not in seen
    assert "goals" not in seen
    assert seen["units H0015 (units)"][""] == 3


def authorization() -> Json:
    return {
        "status": "active",
        "form": "professional",
        "outcome": "complete",
        "decision": "approved",
        "number": "A-1",
        "starts_on": "2026-01-05",
        "ends_on": "2026-02-28",
        "answered_at": "2026-01-05T15:00:00-05:00",
        "payer": THEIRS,
        "services": [{"number": 1, "service": "sud_intensive_outpatient", "amount": {"value": 10, "unit": "units"}}],
    }


def test_what_a_payer_may_not_see_is_counted_nowhere_and_an_episode_that_is_hidden_is_not_there(place: Place) -> None:
    person, episode = begun(place)
    consent = place.staff("GET", "/iop/consent").json["records"][0]
    narrow = place.client("payer", THEIRS, "system/EpisodeOfCare.rs")
    assert report(narrow("GET", f"/fhir/EpisodeOfCare/{episode}/$utilization?{PERIOD}")) == {}
    planned(place, person, episode, PLAN[:2])
    other = place.participant()
    covered(place, other, OTHERS)
    place.consent(other)
    hidden = admitted(place, other)
    own, url = payer(place), f"/fhir/EpisodeOfCare/{episode}/$utilization?{PERIOD}"
    assert report(own("GET", url))["attended-hours"][""] == 4
    absent = masked(own("GET", url.replace(episode, "00000000-0000-4000-8000-000000000000")))
    assert masked(own("GET", url.replace(episode, hidden))) == absent
    place.revoked(consent)
    assert masked(own("GET", url)) == absent
    assert absent[0] == 404
    assert disclosures(place)[-1][2] != "$utilization" or disclosures(place)[-1][3] != []


def test_a_visit_outside_the_coverage_is_not_in_the_payers_count(place: Place) -> None:
    person = place.participant()
    covered(place, person, period={"start": "2026-01-01", "end": "2026-01-08"})
    place.consent(person)
    episode = admitted(place, person)
    planned(place, person, episode)
    found = report(payer(place)("GET", f"/fhir/EpisodeOfCare/{episode}/$utilization?{PERIOD}"))
    assert found["attended-hours"][""] == 4
    assert found["attended-sessions"]["2026-01-05"] == 2


def test_a_roster_is_counted_together_and_few_are_withheld_from_a_payer(tmp_path: Path) -> None:
    plans = [PLAN, PLAN[:2], PLAN[:1]]
    with placed(tmp_path, smallest_count=2) as place:
        for plan in plans:
            person, episode = begun(place)
            planned(place, person, episode, plan)
            posted(place.staff, "authorization", {"participant": person, "episode": episode} | authorization())
        own = place.client("program-ehr", OURS, "system/*.rs")
        found = report(own("GET", f"/fhir/Group/roster-active/$utilization?{PERIOD}"))
        assert found["authorized H0015 (units)"][""] == 30
        assert {name: found[name] for name in oracle(plans)} == oracle(plans)
        client = payer(place)
        roster = client("GET", "/fhir/Group").json["entry"][0]["resource"]["id"]
        got = client("GET", f"/fhir/Group/{roster}/$utilization?{PERIOD}")
        told = report(got)
        assert told["attended-sessions"] == {
            "2026-01-05": 7,
            "2026-01-12": "withheld",
            "2026-01-19": 0,
            "2026-01-26": 0,
            "": 7,
        }
        assert told.keys() == {"attended-hours", "attended-sessions", "attended-days", "units H0015 (units)"}
        assert told["attended-hours"]["2026-01-12"] == told["attended-days"]["2026-01-12"] == "withheld"
        assert (got.json["type"], got.json["subject"]) == ("summary", {"reference": f"Group/{roster}"})
        told_of = [whom for kind, _, name, whom in disclosures(place) if (kind, name) == ("payer", "$utilization")]
        assert [len(whom) for whom in told_of] == [1, 1, 1]  # each under a consent of their own
        split = client("GET", f"/fhir/Group/{roster}/$utilization?start=2026-01-06&end=2026-02-01")
        assert (split.status, split.expressions) == (400, ["start"])
        assert client("GET", f"/fhir/Group/roster-active/$utilization?{PERIOD}").status == 404


def test_a_person_with_two_episodes_is_counted_once_in_a_roster(tmp_path: Path) -> None:
    with placed(tmp_path, smallest_count=1) as place:
        person, first = begun(place, status="finished", discharged_on="2026-01-12")
        admitted(place, person, admitted_on="2026-01-14")
        admitted(place, person)
        posted(place.staff, "authorization", {"participant": person} | authorization())
        service = {"participant": person, "status": "completed", "service": "sud_intensive_outpatient", "units": 4}
        posted(place.staff, "service", service | {"day": "2026-01-06", "episode": first})
        place.session(person, period={"start": "2026-01-06T14:00:00Z", "end": "2026-01-06T17:00:00Z"})
        client = payer(place)
        roster = client("GET", "/fhir/Group").json["entry"][0]["resource"]["id"]
        found = report(client("GET", f"/fhir/Group/{roster}/$utilization?{PERIOD}"))
        summed = ("attended-hours", "attended-sessions", "attended-days", "units H0015 (units)")
        assert [found[name][""] for name in summed] == [3, 1, 1, 4]


def test_of_fewer_members_than_may_be_told_of_nothing_is_told_and_no_code_is_named(place: Place) -> None:
    person, episode = begun(place)
    planned(place, person, episode)
    posted(place.staff, "authorization", {"participant": person, "episode": episode} | authorization())
    client = payer(place)
    roster = client("GET", "/fhir/Group").json["entry"][0]["resource"]["id"]
    got = client("GET", f"/fhir/Group/{roster}/$utilization?{PERIOD}")
    assert {part for each in report(got).values() for part in each.values()} == {"withheld", None}
    assert b"H0015" not in got.body


@pytest.mark.parametrize(
    ("query", "place_of"),
    [
        ("start=soon", "start"),
        ("start=2026-01-05&end=2026-01-01", "end"),
        ("start=2024-01-01&end=2026-01-01", "end"),
        ("begin=2026-01-05", "begin"),
        ("start=2026-01-05&start=2026-01-06", "start"),
        ("end=9999-12-31", "end"),
        ("start=0001-01-01", "start"),
        ("document=perhaps", "document"),
        ("document=true&_format=text/csv", "document"),
    ],
)
def test_days_that_are_none_or_too_many_are_refused(program: Any, client: Any, query: str, place_of: str) -> None:
    person = posted(client, "participant", {"names": [{"family": "Invented"}], "sex": "unknown"}).id
    said = {"participant": person, "status": "active", "admitted_on": "2026-01-05"}
    episode = posted(client, "episode", said).id
    got = client("GET", f"/fhir/EpisodeOfCare/{episode}/$utilization?{query}")
    assert (got.status, got.expressions) == (400, [place_of])
    again = client("GET", f"/fhir/Group/roster-all/$utilization?{query}")
    assert (again.status, again.expressions) == (400, [place_of])
    assert client("GET", f"/fhir/EpisodeOfCare/{episode}/$utilization").status == 200
    four = client("GET", "/fhir/Group/roster-all/$utilization").json["period"]
    assert four == {"start": "2026-02-02", "end": "2026-03-01"}
    assert client("GET", "/fhir/Group/roster-none/$utilization").status == 404


def test_every_figure_has_a_measure_with_its_rule_in_words(client: Any) -> None:
    found = client("GET", "/fhir/Measure").json["entry"]
    by_url = {entry["resource"]["url"]: entry["resource"] for entry in found}
    assert all(door().check(one) == [] for one in by_url.values())
    whole = by_url["https://iop-fhir-adapter.org/fhir/Measure/utilization"]
    for part in whole["relatedArtifact"]:
        assert by_url[part["resource"]]["description"]
    assert client("GET", "/fhir/Measure/utilization-attended-hours").json["title"] == "Hours attended"
    assert client("POST", "/fhir/Measure", {"resourceType": "Measure", "status": "draft"}).status == 405


def test_the_same_figures_come_as_xml_csv_parquet_and_a_document(place: Place) -> None:
    person, episode = begun(place)
    planned(place, person, episode)
    own, url = place.client("program-ehr", OURS, "system/*.rs"), f"/fhir/EpisodeOfCare/{episode}/$utilization?{PERIOD}"
    found = report(own("GET", url))
    xml = own("GET", f"{url}&_format=xml")
    assert xml.headers["content-type"].startswith("application/fhir+xml")
    assert b'<measureScore><value value="11.5"/>' in xml.body
    as_csv = own("GET", f"{url}&_format=text/csv")
    assert (as_csv.status, as_csv.headers["content-type"]) == (200, "text/csv")
    lines = list(csv.DictReader(io.StringIO(as_csv.body.decode())))
    hours = {line["part"]: float(line["value"]) for line in lines if line["figure"] == "attended-hours"}
    assert hours == {part: value for part, value in found["attended-hours"].items() if part}
    assert own("GET", url, accept="text/csv").body == as_csv.body
    table = parquet.read_table(io.BytesIO(own("GET", f"{url}&_format={PARQUET}").body)).to_pylist()
    assert [(row["figure"], row["part"], row["value"]) for row in table] == [
        (line["figure"], line["part"], float(line["value"])) for line in lines
    ]
    made = own("GET", f"{url}&document=true").json
    assert door().check(made) == []
    composition, measured, *charts = (entry["resource"] for entry in made["entry"])
    assert (composition["resourceType"], measured["measure"]) == ("Composition", f"{MEASURE}/utilization|0.1.0")
    assert "Hours attended" in composition["section"][0]["text"]["div"]
    for chart in charts:
        drawn = ElementTree.fromstring(b64decode(chart["data"]))
        assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
        assert {one.tag.partition("}")[2] for one in drawn.iter()} <= {"svg", "rect", "line", "text"}
    assert own("GET", f"{url}&_format=text/plain").status == 406
    assert own("GET", f"/fhir/EpisodeOfCare/{episode}?_format=text/csv").status == 406
    assert [name for *_, name, whom in disclosures(place) if whom].count("$utilization") == 6


def test_a_text_that_a_spreadsheet_would_run_is_told_as_text(place: Place) -> None:
    person, episode = begun(place)
    said = authorization() | {"number": "=1+1", "participant": person, "episode": episode}
    posted(place.staff, "authorization", said)
    own = place.client("program-ehr", OURS, "system/*.rs")
    got = own("GET", f"/fhir/EpisodeOfCare/{episode}/$utilization?{PERIOD}&_format=text/csv")
    assert b",'=1+1," in got.body


def test_what_a_payer_may_not_see_changes_no_byte_of_its_reports(tmp_path: Path) -> None:
    with placed(tmp_path, Still(), smallest_count=1) as place:
        person, episode = begun(place)
        planned(place, person, episode, PLAN[:2])
        client = payer(place)
        roster = client("GET", "/fhir/Group").json["entry"][0]["resource"]["id"]
        urls = [f"/fhir/{at}/$utilization?{PERIOD}" for at in (f"EpisodeOfCare/{episode}", f"Group/{roster}")]
        before = [masked(client("GET", url)) for url in urls]
        planned(place, person, episode, [(20, 14, 60, "group", "no_show")])
        about = {"subject": {"reference": f"Patient/{person}"}}
        hidden = place.session(person, **about, **during(episode, 21))
        assert masked(client("GET", urls[0])) != before[0]
        place.consent(person, **RESTRICTED, records=[{"record": f"Encounter/{hidden}", "meaning": "this_record"}])
        other = place.participant()
        covered(place, other, OTHERS)
        place.consent(other)
        planned(place, other, admitted(place, other), PLAN[:1])
        parked(place, client("GET", f"/fhir/Encounter?patient={person}&date=lt2026-01-08").json["entry"][0])
        assert [masked(client("GET", url)) for url in urls] == before


def during(episode: str, day: int) -> Json:
    """A visit of an episode."""
    period = {"start": f"2026-01-{day}T15:00:00Z", "end": f"2026-01-{day}T16:00:00Z"}
    kind = {"coding": [{"system": "http://snomed.info/sct", "code": "76168009"}]}
    return {"period": period, "episodeOfCare": [{"reference": f"EpisodeOfCare/{episode}"}], "type": [kind]}


def parked(place: Place, entry: Json) -> None:
    """A visit says something that the maps cannot read, and a payer does not see."""
    stored = place.staff("GET", f"/fhir/Encounter/{entry['resource']['id']}").json
    url = "https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-attendance"
    odd = {"url": url, "valueCoding": {"system": "urn:codes", "code": "odd"}}
    got = place.staff("PUT", f"/fhir/Encounter/{stored['id']}", stored | {"extension": [odd]})
    assert got.status == 200, got.body
    assert place.staff("GET", "/iop/parked").json["items"]


def test_the_ledger_has_what_was_counted_and_not_what_was_not(place: Place) -> None:
    person, episode = begun(place)
    planned(place, person, episode, PLAN[:2])
    planned(place, person, admitted(place, person), PLAN[:1])
    own = place.client("program-ehr", OURS, "system/*.rs")
    got = report(own("GET", f"/fhir/EpisodeOfCare/{episode}/$utilization?start=2026-01-06&end=2026-01-06"))
    assert got["attended-sessions"][""] == 2
    ledger = Ledger(place_of(place.program.settings.store), place.program.clock)
    with ledger.reading() as database:
        (listed,) = database.execute("SELECT list FROM shown ORDER BY n DESC LIMIT 1").fetchone()
    ledger.close()
    assert Counter(line.split("/")[0] for line in listed.split()) == {
        "EpisodeOfCare": 1,
        "Encounter": 2,
        "Appointment": 2,
        "Procedure": 2,
    }
