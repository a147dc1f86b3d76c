"""What became of the people in the program, for who leads it, and the rows that a state is sent."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.doors import staff
from tests.doors.packets import packet, resources
from tests.doors.records import ada, booking, posted
from tests.doors.serving import Client, client_of, opened
from tests.doors.test_guarded import OURS, THEIRS, Place, Sender, disclosures
from tests.doors.test_referrals import SCOPES, SUBMIT, settled, told
from tests.doors.test_utilization import report

YEAR = "start=2025-01-01&end=2025-12-31"


def stay(client: Client, admitted: str, discharged: str | None = None, reason: str | None = None, **more: Any) -> str:
    """An episode of a new person, or of `participant`; its id."""
    said = {"participant": more.pop("participant", None) or posted(client, "participant", ada()).id}
    said |= {"status": "finished" if discharged else "active", "admitted_on": admitted, **more}
    said |= {"discharged_on": discharged, "discharge_reason": reason} if discharged else {}
    return posted(client, "episode", {name: value for name, value in said.items() if value is not None}).id


def test_stays_that_ended_in_the_period_are_counted_by_how_they_ended(client: Client) -> None:
    again = posted(client, "participant", ada()).id
    stay(client, "2025-01-01", "2025-03-02", "completed")
    stay(client, "2025-02-01", "2025-02-11", "dropped_out", participant=again)
    stay(client, "2025-03-01", "2025-03-01", participant=again)
    stay(client, "2025-02-01", "2026-02-11", "completed")
    stay(client, "2025-12-01")
    found = client("GET", f"/iop/population?{YEAR}").json
    assert found["length_of_stay"]["by_reason"]["completed"]["mean"] == 60
    assert {reason: each["of"] for reason, each in found["length_of_stay"]["by_reason"].items()} == {
        "completed": 1,
        "dropped_out": 1,
        "unknown": 1,
    }
    assert found["length_of_stay"]["half"] == 10
    assert found["completion"] == {
        "of": 3,
        "number": 1,
        "rate": 0.3333,
        "by_reason": {"completed": 1, "dropped_out": 1, "unknown": 1},
    }
    assert found["readmission"]["within_30_days"] == {"of": 3, "number": 1, "rate": 0.3333}
    assert found["rules"].keys() == found.keys() - {"start", "end", "rules"}


def test_attendance_goes_by_the_tracks_of_the_episode(client: Client) -> None:
    person = posted(client, "participant", ada()).id
    morning = stay(client, "2026-01-05", participant=person, tracks=["morning", "virtual"])
    plain = stay(client, "2026-01-05", participant=person)
    for episode, became in ((morning, "attended"), (morning, "no_show"), (plain, "attended"), (plain, "cancelled")):
        times = {"planned_start": "2026-02-03T14:00:00Z", "planned_end": "2026-02-03T15:00:00Z"}
        posted(client, "booking", booking(person, 3, status=became, episode=episode, **times))
    found = client("GET", "/iop/population?start=2026-02-01&end=2026-02-28").json["attendance_by_track"]
    assert {track: (each["number"], each["of"]) for track, each in found.items()} == {
        "morning": (1, 2),
        "virtual": (1, 2),
        "none": (1, 1),
    }


def test_published_cases_that_are_sent_here_are_counted_as_their_reports_say(tmp_path: Path, shared_data: Path) -> None:
    expected: Counter[str] = Counter()
    with opened(tmp_path, references="pending") as program, client_of(program) as client:
        for path in sorted((shared_data / "qicore-sud").glob("*.json")):
            bundle = json.loads(path.read_text())
            expected.update(counts(bundle))
            sent = client("POST", "/fhir", sendable(bundle))
            assert sent.status == 200, sent.body
        if not expected:
            pytest.skip("no published cases of the measure")
        assert client("GET", f"/iop/population?{YEAR}").json["treatment"] == dict(expected)


def counts(bundle: Any) -> dict[str, int]:
    """What the report of a case says."""
    report = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "MeasureReport")
    first, second = (
        {one["code"]["coding"][0]["code"]: one["count"] for one in group["population"]} for group in report["group"]
    )
    new, excluded = first["initial-population"], first["denominator-exclusion"]
    found = {"new": new, "excluded": excluded, "of": int(new and not excluded)}
    return found | {"initiated": first["numerator"], "engaged": second["numerator"]}


def sendable(bundle: Any) -> Any:
    """The records of a case as new ones; they point to some that they do not bring."""
    made = []
    for entry in bundle["entry"]:
        resource = {name: value for name, value in entry["resource"].items() if name != "id"}
        type, id = resource["resourceType"], entry["resource"]["id"]
        if type != "MeasureReport":
            request = {"method": "POST", "url": type}
            made.append({"fullUrl": f"https://madie.cms.gov/{type}/{id}", "resource": resource, "request": request})
    return {"resourceType": "Bundle", "type": "transaction", "entry": made}


@pytest.mark.parametrize(
    ("query", "place_of"),
    [("", "start"), ("start=2025-01-01", "end"), ("start=x&end=2025-01-01", "start"), (f"{YEAR}&track=x", "track")],
)
def test_days_that_are_missing_or_none_are_refused(client: Client, query: str, place_of: str) -> None:
    got = client("GET", f"/iop/population?{query}")
    assert (got.status, got.expressions) == (400, [place_of])


def test_who_leads_sees_the_population_and_who_counsels_does_not(place: Place) -> None:
    staff.app(place.program, "desk")
    for role, status in (("program-lead", 200), ("privacy-officer", 200), ("counselor", 403), ("billing", 403)):
        token = staff.token(place.program, staff.account(place.program, role, role))
        assert Sender(place.guarded, token)("GET", f"/iop/population?{YEAR}").status == status, role


SUBSTANCES = [
    {"rank": "primary", "substance": "fentanyl", "route": "injection", "frequency": "daily", "first_use_age": 24},
    {"rank": "secondary", "substance": "alcohol", "route": "oral", "frequency": "some", "first_use_age": 11},
]


def admitted(client: Client, **more: Any) -> str:
    """An episode of somebody born in 1990 with an intake assessment; its id."""
    person = posted(client, "participant", ada()).id
    levels = [{"level": "level_2_1", "step": "this_program", "from": "2025-01-10"}]
    said = {"participant": person, "kind": "substance_use", "referral_source": "drug_court", "levels_of_care": levels}
    episode = stay(client, "2025-01-10", "2025-02-24", "higher_level_needed", **said)
    found = {
        "participant": person,
        "episode": episode,
        "status": "completed",
        "assessed_at": "2025-01-09T10:00:00-05:00",
    }
    found |= {"first_contact_on": "2025-01-02", "meetings": "four_to_seven", "substances": SUBSTANCES}
    posted(client, "intake_assessment", found | {"opioid_medication_planned": True} | more)
    return episode


def test_admissions_and_discharges_are_rows_in_the_codes_of_teds(client: Client) -> None:
    episode = admitted(client, mental_health_problem=False)
    stay(client, "2025-03-01", kind="mental_health")
    got = client("GET", f"/iop/teds?{YEAR}").json
    (row,) = got["rows"]
    assert {name: value for name, value in row.items() if name not in ("episode", "participant")} == {
        "ADMYR": "2025",
        "AGE": "7",
        "SERVICES": "6",
        "PSOURCE": "7",
        "DAYWAIT": "2",
        "METHUSE": "1",
        "PSYPROB": "2",
        "SUB1": "7",
        "ROUTE1": "4",
        "FREQ1": "3",
        "FRSTUSE1": "5",
        "SUB2": "2",
        "ROUTE2": "1",
        "FREQ2": "2",
        "FRSTUSE2": "1",
        "SUB3": "1",
        "ROUTE3": "-9",
        "FREQ3": "-9",
        "FRSTUSE3": "-9",
        "ALCDRUG": "3",
        "FREQ_ATND_SELF_HELP": "3",
    }
    assert (row["episode"], got["checks"]) == (episode, [])
    assert [one["kind"] for one in got["left_out"]] == ["mental_health"]
    (ended,) = client("GET", f"/iop/teds?{YEAR}&at=discharge").json["rows"]
    assert {name: ended[name] for name in ended.keys() - row.keys()} == {
        "DISYR": "2025",
        "SERVICES_D": "6",
        "REASON": "4",
        "LOS": "31",
    }
    lines = client("GET", f"/iop/teds?{YEAR}&at=discharge&as=csv")
    assert lines.headers["content-type"].startswith("text/csv")
    assert list(csv.DictReader(io.StringIO(lines.body.decode()))) == [ended]


def test_what_is_missing_or_cannot_be_is_named_by_its_column(client: Client) -> None:
    late = [{"rank": "primary", "substance": "alcohol", "route": "oral", "frequency": "some", "first_use_age": 60}]
    odd = admitted(client, substances=late)
    bare = stay(client, "2025-05-05")
    got = client("GET", f"/iop/teds?{YEAR}").json
    doubts = {(one["episode"], one["column"]) for one in got["checks"]}
    assert {column for episode, column in doubts if episode == odd} == {"FRSTUSE1", "PSYPROB"}
    assert {column for episode, column in doubts if episode == bare} == {
        *("SERVICES", "PSOURCE", "DAYWAIT", "METHUSE", "PSYPROB", "SUB1", "SUB2", "SUB3", "ALCDRUG"),
        "FREQ_ATND_SELF_HELP",
    }
    assert "EMPLOY" in got["not_made"]
    for query, name in ((f"{YEAR}&at=noon", "at"), (f"{YEAR}&as=xml", "as")):
        refused = client("GET", f"/iop/teds?{query}")
        assert (refused.status, refused.expressions) == (400, [name])


def test_the_first_assessment_that_names_the_episode_and_is_none_in_error_is_told(
    client: Client,
) -> None:
    episode = admitted(client)
    person = client("GET", f"/iop/episode/{episode}").json["participant"]
    said = {"participant": person, "episode": episode, "opioid_medication_planned": False}
    # By its offset later than the first, and not by its text.
    for status, at in (("entered_in_error", "2025-01-01T10:00:00-05:00"), ("completed", "2025-01-09T09:30:00-08:00")):
        posted(client, "intake_assessment", said | {"status": status, "assessed_at": at})
    for at in ("2025-01-02T10:00:00Z", "2025-01-01T10:00:00Z"):
        other = {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "questionnaire": "https://iop-fhir-adapter.org/fhir/Questionnaire/iop-intake-assessment",
            "subject": {"reference": f"Patient/{person}"},
            "authored": at,
        }
        assert client("POST", "/fhir/QuestionnaireResponse", other).status == 201
    (row,) = client("GET", f"/iop/teds?{YEAR}").json["rows"]
    assert [row[name] for name in ("SUB1", "SUB2", "METHUSE", "DAYWAIT")] == ["7", "2", "1", "2"]


def test_a_date_without_a_day_gives_no_number_of_days_and_no_age(client: Client) -> None:
    vague = stay(client, "2025-02", "2025-03-10", "completed")
    open_end = stay(client, "2025-02-03", "2025-03", "completed")
    got = client("GET", f"/iop/teds?{YEAR}&at=discharge").json
    rows = {row["episode"]: row for row in got["rows"]}
    assert [[rows[id][name] for name in ("ADMYR", "DISYR", "AGE", "DAYWAIT", "LOS")] for id in (vague, open_end)] == [
        ["2025", "2025", "-9", "-9", "-9"],
        ["2025", "2025", "7", "-9", "-9"],
    ]
    doubts = {(one["episode"], one["column"]): one["says"] for one in got["checks"]}
    assert doubts[vague, "LOS"] == doubts[vague, "AGE"] == "admitted_on is no whole date"
    assert doubts[open_end, "LOS"] == "discharged_on is no whole date"
    found = client("GET", f"/iop/population?{YEAR}").json
    assert found["length_of_stay"] == {"of": 0, "by_reason": {"completed": {"of": 0}}}
    assert [found["completion"]["number"], found["readmission"]["within_30_days"]["of"]] == [2, 1]


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("0001-01-01T00:00:00+14:00", "0001-01-01T01:00:00+14:00"),
        ("2025-01-10", "9999-12-31T23:59:59-12:00"),
        ("9999-12-31", "9999-12-31"),
        ("0001", "9999"),
    ],
)
def test_an_episode_at_an_end_of_the_calendar_hinders_no_report(client: Client, begins: str, ends: str) -> None:
    whole = admitted(client)
    odd = client("GET", f"/fhir/EpisodeOfCare/{stay(client, '2025-01-10', '2025-01-11', 'completed')}").json
    odd["period"] = {"start": begins, "end": ends}
    assert client("PUT", f"/fhir/EpisodeOfCare/{odd['id']}", odd).status == 200
    for days in (YEAR, "start=0001-01-01&end=9999-12-30"):
        for at in ("admission", "discharge"):
            got = client("GET", f"/iop/teds?{days}&at={at}")
            assert whole in [row["episode"] for row in got.json["rows"]]
        assert client("GET", f"/iop/population?{days}").status == 200


def test_rows_of_persons_are_in_the_ledger_and_for_few(place: Place) -> None:
    stay(place.staff, "2025-05-05")
    staff.app(place.program, "desk")
    for role, status in (("program-lead", 200), ("counselor", 403)):
        token = staff.token(place.program, staff.account(place.program, role, role))
        assert Sender(place.guarded, token)("GET", f"/iop/teds?{YEAR}").status == status, role
    assert [(name, len(whom)) for _, _, name, whom in disclosures(place)] == [("teds", 1)]


def sent_with_a_referral() -> dict[str, Any]:
    """A packet with the sender's own stay, and visits within it and after it."""
    who, parts = {"reference": "urn:uuid:p"}, resources()
    stay = {"resourceType": "EpisodeOfCare", "status": "finished", "patient": who}
    parts["urn:uuid:e"] = {**stay, "period": {"start": "2026-01-01", "end": "2026-01-29"}}
    kind = {"coding": [{"system": "http://snomed.info/sct", "code": "76168009"}]}
    visit = {"resourceType": "Encounter", "status": "finished", "subject": who, "type": [kind]}
    visit["class"] = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    ill = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F10.20"}
    parts["urn:uuid:c"] = {"resourceType": "Condition", "subject": who, "code": {"coding": [ill]}}
    parts["urn:uuid:c"]["onsetDateTime"] = "2025-12-01"
    for month in (1, 2):
        times = {"start": f"2026-0{month}-10T14:00:00Z", "end": f"2026-0{month}-10T17:00:00Z"}
        parts[f"urn:uuid:v{month}"] = {**visit, "period": times}
    parts["urn:uuid:r"]["supportingInfo"] += [{"reference": f"urn:uuid:{name}"} for name in ("e", "c", "v1", "v2")]
    return parts


def counted_by(place: Place) -> list[Any]:
    """All that is counted of people, save who was asked."""
    population = place.staff("GET", "/iop/population?start=2026-01-01&end=2026-03-31").json
    teds = [
        place.staff("GET", f"/iop/teds?start=2026-01-01&end=2026-03-31&at={at}").json
        for at in ("admission", "discharge")
    ]
    roster = report(place.staff("GET", "/fhir/Group/roster-all/$utilization?start=2026-01-05&end=2026-03-01"))
    return [population, *([one["rows"], one["left_out"]] for one in teds), roster]


def test_the_stay_of_whoever_refers_is_not_the_programs_before_and_after_intake(place: Place) -> None:
    before = counted_by(place)
    got = place.client("facility", THEIRS, SCOPES)("POST", SUBMIT, packet(parts=sent_with_a_referral()))
    assert got.status == 201, got.body
    assert counted_by(place) == before
    settled(place, told(got)["task"]["id"])
    assert counted_by(place) == before
    [sent] = place.staff("GET", "/fhir/EpisodeOfCare").json["entry"]
    person = sent["resource"]["patient"]["reference"].partition("/")[2]
    own = stay(place.staff, "2026-02-02", participant=person, organization=OURS, kind="substance_use")
    theirs = stay(place.staff, "2026-01-03", "2026-02-03", participant=person, organization=THEIRS)
    population, admissions, discharges, roster = counted_by(place)
    assert population == before[0] | {"episodes_of_others": 1}
    assert discharges[1] == [{"episode": theirs, "organization": THEIRS}]
    assert ([row["episode"] for row in admissions[0]], discharges[0]) == ([own], [])
    assert (admissions[0][0]["AGE"], roster["attended-sessions"][""]) == ("7", 0)  # 35 to 39
    place.session(person, period={"start": "2026-02-11T14:00:00Z", "end": "2026-02-11T17:00:00Z"})
    assert counted_by(place)[0]["treatment"]["new"] == 1
