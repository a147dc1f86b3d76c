"""Journey: sessions come by any door, and each day's service says what they come to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.fhir.dates import Calendar, milliseconds
from adapter.interactions.program import Program
from adapter.utilization.days import PROGRAM_DAY
from adapter.utilization.unit_rules import DEFAULT, load_units
from adapter.utilization.units import Attended, count
from tests.doors.people import created, patient
from tests.doors.serving import Client, Got, client_of, opened, parts

Json = dict[str, Any]
ZONE = ZoneInfo("America/New_York")
SHIPPED = Path(__file__).resolve().parents[2] / "mappings"
BY_THE_QUARTER = """
title = "by the quarter of an hour"
service = "sud_group_counseling"
minutes_per_unit = 15
round_from = 8
payers = ["urn:payers|7"]
until = 2026-12-31
"""

WITH_GAPS = """
title = "an hour with what lies between"
service = "sud_group_counseling"
minutes_per_unit = 60
minimum_minutes = 60
gap_minutes = 10
payers = ["urn:payers|9"]
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped maps, with the rules of two more payers."""
    folder = tmp_path_factory.mktemp("mappings")
    for path in SHIPPED.iterdir():
        if path.name != "units":
            (folder / path.name).symlink_to(path)
    (folder / "units").mkdir()
    for path in (SHIPPED / "units").iterdir():
        (folder / "units" / path.name).symlink_to(path)
    (folder / "units" / "quarters.toml").write_text(BY_THE_QUARTER, "utf-8")
    (folder / "units" / "gaps.toml").write_text(WITH_GAPS, "utf-8")
    return folder


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, rules: Path) -> Iterator[Program]:
    """One for all: each test has a participant of its own."""
    with opened(tmp_path_factory.mktemp("program"), mappings=rules) as program:
        yield program


@pytest.fixture(scope="module")
def client(program: Program) -> Iterator[Client]:
    """A client that may see all."""
    with client_of(program) as client:
        yield client


class Person:
    """A participant with an episode, as staff and an EHR write of them."""

    def __init__(self, client: Client, kind: str = "substance_use") -> None:
        self.client = client
        self.id = created(client, patient()).id
        said = {"participant": self.id, "status": "active", "admitted_on": "2026-02-01", "kind": kind}
        self.episode = self.written("episode", **said).id

    def written(self, concept: str, **said: Any) -> Got:
        got = self.client("POST", f"/iop/{concept}", said)
        assert got.status == 201, got.body
        return got

    def session(self, start: str, minutes: int = 180, **more: Any) -> Got:
        return self.written("session", **self.said(start, minutes), **more)

    def said(self, start: str, minutes: int) -> Json:
        first = datetime.fromisoformat(start).replace(tzinfo=ZONE)
        last = (first.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(ZONE)
        times = {"started_at": first.isoformat(), "ended_at": last.isoformat()}
        who = {"participant": self.id, "episode": self.episode}
        return {**who, "status": "completed", "kind": "group", "mode": "in_person", **times}

    def patched(self, concept: str, id: str, **said: Any) -> Got:
        held = self.client("GET", f"/iop/{concept}/{id}")
        return self.client("PATCH", f"/iop/{concept}/{id}", said, {"If-Match": held.headers["etag"]})

    def resources(self) -> list[Json]:
        bundle = self.client("GET", f"/fhir/Procedure?patient={self.id}&_count=100").json
        return [entry["resource"] for entry in bundle.get("entry", ())]

    def services(self) -> list[Json]:
        """What is delivered, as staff see it."""
        found = [self.client("GET", f"/iop/service/{one['id']}").json for one in self.resources()]
        return sorted((one for one in found if one["status"] == "completed"), key=lambda one: one["day"])

    def units(self) -> dict[str, int]:
        """The units of each day that has some."""
        return {one["day"]: one["units"] for one in self.services()}

    def covered(self, payer: str = "7", **more: Any) -> Got:
        identifier = [{"system": "urn:payers", "value": payer}]
        whose = created(self.client, {"resourceType": "Organization", "name": "A plan", "identifier": identifier}).id
        said = {"participant": self.id, "status": "active", "payer": f"Organization/{whose}", "relationship": "self"}
        return self.written("coverage", **said, subscriber_id="M1", **more)


@pytest.fixture
def person(client: Client) -> Person:
    """Somebody new."""
    return Person(client)


def test_two_sessions_are_one_day_with_one_service_that_lists_both(person: Person) -> None:
    first = person.session("2026-03-02T09:00", 120)
    assert person.resources() == []
    second = person.session("2026-03-02T13:00", 60)
    (service,) = person.services()
    assert (service["session"], service["more_sessions"]) == (first.id, [second.id])
    assert (service["service"], service["day"], service["units"]) == ("sud_intensive_outpatient", "2026-03-02", 1)
    assert (service["units_counted"], service["minutes_counted"]) == (1, 180)
    assert service["counted_by"] == "default: a day of three hours"


def test_a_day_of_mental_health_has_its_own_code(client: Client) -> None:
    person = Person(client, "mental_health")
    person.session("2026-03-02T09:00")
    assert [one["service"] for one in person.services()] == ["psychiatric_intensive_outpatient"]
    assert person.patched("episode", person.episode, kind="substance_use").status == 200
    assert [one["service"] for one in person.services()] == ["sud_intensive_outpatient"]


def visit(person: Person, period: Json) -> Json:
    """A visit as an EHR writes it, of this time."""
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "76168009"}]}],
        "subject": {"reference": f"Patient/{person.id}"},
        "episodeOfCare": [{"reference": f"EpisodeOfCare/{person.episode}"}],
        **({"period": period} if period else {}),
    }


def visited(person: Person, period: Json) -> Got:
    """The same, stored."""
    return created(person.client, visit(person, period))


def test_what_an_ehr_writes_counts_alike(person: Person) -> None:
    got = visited(person, {"start": "2026-03-02T14:00:00Z", "end": "2026-03-02T17:00:00Z"})
    assert person.units() == {"2026-03-02": 1}
    assert person.client("DELETE", f"/fhir/Encounter/{got.id}").status == 204
    assert person.units() == {}
    assert [one["status"] for one in person.resources()] == ["entered-in-error"]


ODD: dict[str, Json] = {
    "no time": {},
    "days only": {"start": "2026-03-02", "end": "2026-03-02"},
    "no end": {"start": "2026-03-02T14:00:00Z"},
    "no end, from midnight": {"start": "2026-03-02T00:00:00-05:00"},
    "an end where it begins, at midnight": {"start": "2026-03-02T00:00:00-05:00", "end": "2026-03-02T00:00:00-05:00"},
    "a month": {"start": "2026-03-02T14:00:00Z", "end": "2026-04-02T14:00:00Z"},
    "the first day": {"start": "0001-01-01T00:00:00Z", "end": "0001-01-01T04:00:00Z"},
    "the last day": {"start": "9999-12-31T19:00:00Z", "end": "9999-12-31T23:59:59Z"},
    "no beginning": {"_start": {"extension": [{"url": "http://x.example", "valueString": "y"}]}},
}


@pytest.mark.parametrize("what", ODD)
def test_a_session_whose_time_is_odd_is_kept_and_counts_for_nothing(person: Person, what: str) -> None:
    got = visited(person, ODD[what])
    assert person.resources() == []
    told = person.client("GET", f"/iop/program_day?participant={person.id}")
    assert (told.status, [day["units"] for day in told.json["days"] if day["units"]]) == (200, [])
    assert person.client("DELETE", f"/fhir/Encounter/{got.id}").status == 204


def test_a_meeting_makes_the_day_of_each_who_came(client: Client) -> None:
    people = [Person(client) for _ in range(2)]
    roster = [{"participant": one.id, "episode": one.episode, "attendance": "attended"} for one in people]
    roster[1] |= {"attendance": "no_show"}
    said = {"kind": "group", "mode": "in_person", "planned_start": "2026-03-02T14:00:00Z", "roster": roster}
    said |= {"planned_end": "2026-03-02T17:00:00Z", "started_at": "2026-03-02T09:00:00-05:00"}
    made = client("POST", "/iop/group_meeting", said | {"ended_at": "2026-03-02T12:00:00-05:00"})
    assert made.status == 201, made.body
    assert [one.units() for one in people] == [{"2026-03-02": 1}, {}]


def test_a_session_that_is_incomplete_or_somebody_elses_does_not_count(person: Person) -> None:
    one = person.session("2026-03-02T09:00")
    assert person.units() == {"2026-03-02": 1}
    assert person.patched("session", one.id, status="in_progress").status == 200
    assert person.units() == {}
    told = person.client("GET", f"/iop/program_day?participant={person.id}").json["days"]
    assert [day["units"] for day in told] == [0]
    assert "it is in_progress, not completed" in told[0]["explained"][1]["words"]


def test_nobody_types_units_days_or_sessions_of_what_is_counted(person: Person) -> None:
    person.session("2026-03-02T09:00")
    (service,) = person.services()
    for said in ({"units": 2}, {"day": "2026-03-03"}, {"status": "not_done", "units": None}, {"session": None}):
        got = person.patched("service", service["id"], **said)
        assert got.status == 422, (said, got.body)
    assert person.client("DELETE", f"/fhir/Procedure/{service['id']}").status == 422
    site = created(person.client, {"resourceType": "Location", "name": "A house", "status": "active"}).id
    assert person.patched("service", service["id"], site=site).status == 200
    person.session("2026-03-02T13:00", 30)
    (service,) = person.services()
    assert (service["site"], service["minutes_counted"]) == (site, 210)


def test_what_is_typed_for_the_day_gets_the_count_and_is_parked_where_it_says_another(person: Person) -> None:
    person.session("2026-03-02T09:00")
    who = {"participant": person.id, "episode": person.episode, "status": "completed"}
    typed = person.written("service", **who, service="sud_intensive_outpatient", day="2026-03-02", units=2)
    assert typed.json["incomplete"] == [{"path": "units", "reason": "2 typed, units_counted 1 from attendance"}]
    assert [one["id"] for one in person.services()] == [typed.id]
    other = person.written("service", **who, service="sud_intensive_outpatient", day="2026-03-02", units=1)
    found = {one["id"]: one["units_counted"] for one in person.services()}
    assert found == {typed.id: 1, other.id: 0}
    for id in found:
        assert person.client("DELETE", f"/fhir/Procedure/{id}").status == 204
    assert [one["identifiers"][0]["system"] for one in person.services()] == [PROGRAM_DAY]


def test_what_is_typed_where_no_session_is_known_stays_as_it_is(person: Person) -> None:
    who = {"participant": person.id, "episode": person.episode, "status": "completed"}
    typed = person.written("service", **who, service="sud_intensive_outpatient", day="2026-03-02", units=3)
    assert "incomplete" not in typed.json
    assert "units_counted" not in typed.json


def test_who_pays_first_says_how_a_day_is_counted_also_when_it_is_known_later(person: Person) -> None:
    person.session("2026-03-02T09:00", 180)
    person.session("2027-01-04T09:00", 180)
    coverage = person.covered(starts_on="2026-01-01")
    assert person.units() == {"2026-03-02": 12, "2027-01-04": 1}
    assert [one["service"] for one in person.services()] == ["sud_group_counseling", "sud_intensive_outpatient"]
    person.covered("8", order=1)
    assert person.units() == {"2026-03-02": 1, "2027-01-04": 1}
    assert person.patched("coverage", coverage.id, order=0 + 1).status == 200
    assert len(person.services()) == 2


def test_a_day_that_is_long_enough_with_its_gaps_alone_has_its_service(person: Person) -> None:
    person.covered("9")
    person.session("2026-03-02T09:00", 28)
    person.session("2026-03-02T09:32", 28)
    person.session("2026-03-03T09:00", 28)
    person.session("2026-03-03T09:41", 28)
    assert person.units() == {"2026-03-02": 1}
    told = person.client("GET", f"/iop/program_day?participant={person.id}").json["days"]
    assert [(one["units"], one["minutes"]) for one in told] == [(0, 56), (1, 60)]


def test_seconds_of_a_break_take_no_minute_from_the_day(person: Person) -> None:
    pause = {"start": "2026-03-02T10:15:30-05:00", "end": "2026-03-02T10:30:30-05:00"}
    person.session("2026-03-02T09:00", 195, breaks=[pause], minutes_attended=180)
    assert [(one["units"], one["minutes_counted"]) for one in person.services()] == [(1, 180)]


def test_a_day_is_told_with_its_reasons_page_by_page(person: Person) -> None:
    for day in (2, 3, 4):
        person.session(f"2026-03-0{day}T09:00", 150)
    seen: list[Json] = []
    url = f"/iop/program_day?participant={person.id}&limit=2&from=2026-03-03"
    while url:
        page = person.client("GET", url).json
        seen += page["days"]
        url = page.get("next", "").removeprefix("http://127.0.0.1:8000")
    assert [(one["day"], one["units"], one["minutes"]) for one in seen] == [
        ("2026-03-04", 0, 150),
        ("2026-03-03", 0, 150),
    ]
    assert "fewer than the 180 minutes" in seen[0]["explained"][0]["words"]
    assert seen[0]["also"] == [{"rule": "teds: a day of two hours, as TEDS counts", "units": 1, "minutes": 150}]
    turned = f"/iop/program_day?participant={person.id}&from=2026-03-04&until=2026-03-03"
    assert person.client("GET", turned).status == 400


def test_two_records_of_one_person_have_one_service_a_day_in_each_episode(client: Client) -> None:
    one, other = Person(client), Person(client)
    moved = one.session("2026-03-02T09:00")
    other.session("2026-03-02T13:00")
    made = {who.services()[0]["id"] for who in (one, other)}
    got = client("POST", f"/iop/participant/{one.id}/$merge", {"into": other.id})
    assert got.status == 200, got.body
    assert {service["id"] for service in other.services()} == made
    assert client("POST", f"/iop/participant/{one.id}/$unmerge").status == 200
    assert [who.units() for who in (one, other)] == [{"2026-03-02": 1}] * 2
    assert client("POST", f"/iop/participant/{one.id}/$merge", {"into": other.id}).status == 200
    assert other.patched("session", moved.id, episode=other.episode).status == 200
    (service,) = other.services()
    assert (service["units"], service["minutes_counted"]) == (1, 360)


def test_each_episode_of_a_day_counts_by_itself_under_its_own_code(client: Client) -> None:
    person = Person(client, "mental_health")
    said = {"participant": person.id, "status": "active", "admitted_on": "2026-02-01", "kind": "substance_use"}
    second = person.written("episode", **said).id
    person.session("2026-03-02T09:00", 180)
    in_it = person.said("2026-03-02T13:00", 150) | {"episode": second}
    got = person.written("session", **in_it)
    assert [(one["episode"], one["minutes_counted"]) for one in person.services()] == [(person.episode, 180)]
    assert person.patched("session", got.id, **person.said("2026-03-02T13:00", 200) | {"episode": second}).status == 200
    found = {one["service"]: (one["episode"], one["minutes_counted"]) for one in person.services()}
    mine, other = (person.episode, 180), (second, 200)
    assert found == {"psychiatric_intensive_outpatient": mine, "sud_intensive_outpatient": other}
    told = client("GET", f"/iop/program_day?participant={person.id}").json["days"]
    assert {day["code"]: (day["episode"], day["minutes"]) for day in told} == found
    services = {one["episode"]: [one["id"]] for one in person.services()}
    assert {day["episode"]: day["services"] for day in told} == services
    assert person.patched("session", got.id, episode=person.episode).status == 200
    (service,) = person.services()
    assert (service["service"], service["minutes_counted"]) == ("psychiatric_intensive_outpatient", 380)
    assert person.patched("service", service["id"], episode=second).status == 422


def test_what_is_typed_counts_for_its_own_episode_alone(person: Person) -> None:
    said = {"participant": person.id, "status": "active", "admitted_on": "2026-02-01", "kind": "substance_use"}
    second = person.written("episode", **said).id
    person.session("2026-03-02T09:00")
    (ours,) = person.services()
    what = {"participant": person.id, "status": "completed", "service": "sud_intensive_outpatient", "day": "2026-03-02"}
    typed = person.written("service", **what, episode=second, units=2)
    assert "units_counted" not in typed.json
    assert {one["id"] for one in person.services()} == {ours["id"], typed.id}
    assert person.patched("service", typed.id, episode=person.episode).status == 200
    (service,) = person.services()
    assert (service["id"], service["units_counted"]) == (typed.id, 1)


def test_who_the_payer_is_may_be_known_later_or_be_corrected(client: Client, person: Person) -> None:
    """A rule names it by an identifier."""
    person.session("2026-03-02T09:00", 180)
    plan: Json = {"resourceType": "Organization", "name": "A plan"}
    plan["id"] = created(client, plan).id
    said = {"participant": person.id, "status": "active", "payer": f"Organization/{plan['id']}", "relationship": "self"}
    person.written("coverage", **said, subscriber_id="M1")
    for identifier, units in (("7", 12), ("8", 1), ("7", 12)):
        known = plan | {"identifier": [{"system": "urn:payers", "value": identifier}]}
        assert client("PUT", f"/fhir/Organization/{plan['id']}", known).status == 200
        assert person.units() == {"2026-03-02": units}
    versions = [one["meta"]["versionId"] for one in person.resources()]
    assert client("PUT", f"/fhir/Organization/{plan['id']}", known | {"name": "Another name"}).status == 200
    assert [one["meta"]["versionId"] for one in person.resources()] == versions


STARTS = [f"2026-03-0{day}T{hour:02}:00" for day in (7, 8, 9) for hour in (1, 9, 13, 22)]
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "move", "delete", "status"]),
        st.integers(0, 3),
        st.sampled_from(STARTS),
        st.sampled_from([60, 120, 180, 240]),
    ),
    min_size=1,
    max_size=7,
)


class Model:
    """The sessions of a person as they should be by now."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.held: list[tuple[str, str, int]] = []

    def do(self, deed: str, which: int, start: str, minutes: int) -> set[str]:
        """One deed; the days that it concerns."""
        if deed == "write" or not self.held:
            self.held.append((self.person.session(start, minutes).id, start, minutes))
            return days_of(start, minutes)
        id, was, long = self.held[which % len(self.held)]
        concerned = days_of(was, long)
        if deed == "move":
            times = self.person.said(start, minutes)
            got = self.person.patched("session", id, started_at=times["started_at"], ended_at=times["ended_at"])
            self.held[which % len(self.held)] = (id, start, minutes)
            concerned |= days_of(start, minutes)
        else:
            del self.held[which % len(self.held)]
            gone = deed == "delete"
            path = f"/fhir/Encounter/{id}"
            got = self.person.client("DELETE", path) if gone else self.person.patched("session", id, status="cancelled")
        assert got.status in (200, 204), got.body
        return concerned

    def due(self, rule: Any) -> dict[str, int]:
        """The units that the sessions come to, of each day that has some."""
        sessions = [
            Attended(id, "group", "in_person", begins(start), begins(start) + minutes * 60_000)
            for id, start, minutes in self.held
        ]
        found = {day: count(rule, sessions, Calendar(ZONE).interval(day)).units for day in DAYS}
        return {day: units for day, units in found.items() if units}


DAYS = ["2026-03-07", "2026-03-08", "2026-03-09", "2026-03-10"]


def begins(start: str) -> int:
    return milliseconds(datetime.fromisoformat(start).replace(tzinfo=ZONE))


def days_of(start: str, minutes: int) -> set[str]:
    ends = begins(start) + minutes * 60_000
    calendar = Calendar(ZONE)
    return {day for day in DAYS if begins(start) < calendar.interval(day)[1] and ends > calendar.interval(day)[0]}


@settings(max_examples=12)
@given(deeds=DEEDS, quarters=st.booleans())
def test_the_units_are_those_of_the_sessions_whatever_was_written_when(
    client: Client, rules: Path, deeds: list[tuple[str, int, str, int]], quarters: bool
) -> None:
    person = Person(client)
    if quarters:
        person.covered()
    rule = next(one for one in load_units(rules, parts()[1]).all if one.name == ("quarters" if quarters else DEFAULT))
    model = Model(person)
    for deed in deeds:
        before = {one["id"]: (one["performedDateTime"], one["meta"]["versionId"]) for one in person.resources()}
        concerned = model.do(*deed)
        after = {one["id"]: one["meta"]["versionId"] for one in person.resources()}
        assert all(after[id] == version for id, (day, version) in before.items() if day not in concerned)
    assert person.units() == model.due(rule)
    told = client("GET", f"/iop/program_day?participant={person.id}").json["days"]
    assert {day["day"]: day["units"] for day in told if day["units"]} == model.due(rule)
