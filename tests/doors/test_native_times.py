"""A time without an offset at the native doors: read in the program's zone (America/New_York), and the fact is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.doors.people import created, patient
from tests.doors.serving import Client

Json = dict[str, Any]
DOORS = ("post", "put", "patch", "import", "to-fhir")
ID = "00000000-0000-4000-8000-0000000000a1"


@pytest.fixture
def mutual_support(client: Client) -> Json:
    """A record that has a time of day."""
    ada = created(client, patient()).id
    return {"participant": ada, "status": "final", "measure": "meetings_last_30_days", "meetings": 3}


def sent(client: Client, door: str, record: Json) -> Json:
    """What became of a record sent through a door: the record read back, or the OperationOutcome."""
    address = f"/iop/mutual_support/{ID}"
    if door == "post":
        return client("POST", "/iop/mutual_support", record).json
    if door == "put":
        return client("PUT", address, record).json
    if door == "patch":
        bare = {name: value for name, value in record.items() if name not in ("asked_on", "zone_assumed")}
        made = client("PUT", address, bare)
        seen = {"If-Match": made.headers["etag"], "content-type": "application/merge-patch+json"}
        change = {name: record[name] for name in ("asked_on", "zone_assumed") if name in record}
        return client("PATCH", address, change, seen).json
    if door == "import":
        line = json.dumps({"concept": "mutual_support", "id": ID, **record}).encode()
        report = json.loads(client("POST", "/iop/$import", line, {"content-type": "application/x-ndjson"}).body)
        return client("GET", address).json if report["outcome"] == "created" else report
    told = client("POST", "/fhir/$to-fhir?concept=mutual_support", record).json
    if told["resourceType"] == "OperationOutcome":
        return told
    made = next(part["resource"] for part in told["parameter"] if part["name"] == "resource")
    back = client("POST", "/fhir/$to-native", made).json
    read: Json = json.loads(next(part["valueString"] for part in back["parameter"] if part["name"] == "record"))
    return read


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("typed", "stored", "assumed"),
    [
        ("2026-01-30T10:44", "2026-01-30T10:44:00-05:00", True),
        ("2026-07-30T10:44:05.120", "2026-07-30T10:44:05.120-04:00", True),
        ("2026-01-30T10:44:00-07:00", "2026-01-30T10:44:00-07:00", None),
        ("2026-01-30", "2026-01-30", None),
    ],
)
def test_a_time_without_offset_is_of_the_programs_zone(
    client: Client, mutual_support: Json, door: str, typed: str, stored: str, assumed: bool | None
) -> None:
    got = sent(client, door, {**mutual_support, "asked_on": typed})
    assert (got["asked_on"], got.get("zone_assumed")) == (stored, assumed)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("typed", ["2026-11-01T01:30:00", "2026-03-08T02:30:00", "2026-02-30T10:00:00"])
def test_a_time_that_the_clock_shows_twice_or_never_is_refused(
    client: Client, mutual_support: Json, door: str, typed: str
) -> None:
    got = sent(client, door, {**mutual_support, "asked_on": typed})
    told = got.get("issue") or got["issues"]
    assert "asked_on" in json.dumps([issue["expression"] for issue in told])


def test_members_of_lists_and_periods_are_read_too_and_a_record_that_cannot_say_so_is_refused(client: Client) -> None:
    ada = created(client, patient()).id
    episode = created(
        client, {"resourceType": "EpisodeOfCare", "status": "active", "patient": {"reference": f"Patient/{ada}"}}
    )
    local = {"start": "2026-02-03T10:00:00", "end": "2026-02-03T10:10"}
    session = {
        "participant": ada,
        "episode": episode.id,
        "status": "completed",
        "kind": "individual",
        "mode": "in_person",
        "started_at": "2026-02-03T09:00",
        "ended_at": "2026-02-03T11:00:00",
        "breaks": [local],
    }
    made = client("POST", "/iop/session", session)
    assert made.status == 201, made.body
    assert made.json["zone_assumed"] is True
    assert made.json["breaks"] == [{"start": "2026-02-03T10:00:00-05:00", "end": "2026-02-03T10:10:00-05:00"}]
    refused = client(
        "PUT", f"/iop/episode/{ID}", {"participant": ada, "status": "active", "admitted_on": local["start"]}
    )
    assert refused.status == 422
    assert "admitted_on" in refused.json["issue"][0]["expression"]


def test_a_group_meeting_is_read_on_the_clock_too(client: Client) -> None:
    ada = created(client, patient()).id
    owner = {"resourceType": "EpisodeOfCare", "status": "active", "patient": {"reference": f"Patient/{ada}"}}
    meeting = {
        "kind": "group",
        "mode": "in_person",
        "planned_start": "2026-02-03T09:00",
        "planned_end": "2026-02-03T12:00",
        "started_at": "2026-02-03T09:05",
        "ended_at": "2026-02-03T12:00",
        "roster": [{"participant": ada, "episode": created(client, owner).id, "attendance": "attended"}],
    }
    made = client("PUT", f"/iop/group_meeting/{ID}", meeting)
    assert made.status == 201, made.body
    assert (made.json["started_at"], made.json["zone_assumed"]) == ("2026-02-03T09:05:00-05:00", True)
    for type in ("Appointment", "Encounter"):
        (entry,) = client("GET", f"/fhir/{type}").json["entry"]
        assert any(each["url"].endswith("zone-assumed") for each in entry["resource"]["extension"])
