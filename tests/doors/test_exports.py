"""Bulk data: a payer pulls what it sees of its members, the program's own client all, each by the rules of now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter import app
from tests.doors.serving import Got, door
from tests.doors.test_arriving import referred, settle
from tests.doors.test_guarded import OTHERS, OURS, THEIRS, Json, Place, Sender, disclosures, masked, placed
from tests.doors.test_payers import covered, member, payer
from tests.doors.test_referrals import SCOPES
from tests.doors.test_rosters import episode, members, rosters

ASYNC = {"prefer": "respond-async"}
BASE = "http://127.0.0.1:8000"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A program whose files have few lines."""
    with placed(tmp_path, export_lines=2) as place:
        yield place


def work(place: Place) -> None:
    """Whatever waits is done."""

    async def done() -> None:
        with app.working(place.program) as worker:
            await worker.finish()
            await worker.end()

    asyncio.run(done())


def begun(reader: Sender, at: str, body: Json | None = None) -> str:
    """The address where it is told how an export goes on."""
    got = reader("GET" if body is None else "POST", f"/fhir/{at}", body, **ASYNC)
    assert got.status == 202, got.body
    return got.headers["content-location"].removeprefix(BASE)


def manifest(place: Place, reader: Sender, at: str, body: Json | None = None) -> Json:
    status = begun(reader, at, body)
    work(place)
    got = reader("GET", status)
    assert got.status == 200, got.body
    return dict(got.json)


def fetched(reader: Sender, listed: Json) -> list[Json]:
    """All lines of all files."""
    found = []
    for file in listed["output"]:
        lines = lines_of(reader("GET", file["url"].removeprefix(BASE)))
        assert {line["resourceType"] for line in lines} <= {file["type"]}
        found += lines
    return found


def lines_of(got: Got) -> list[Json]:
    import json

    assert got.status == 200, got.body
    assert got.headers["content-type"] == "application/fhir+ndjson"
    return [json.loads(line) for line in got.body.splitlines()]


def keys(resources: list[Json]) -> list[str]:
    return sorted(f"{one['resourceType']}/{one['id']}/{one['meta']['versionId']}" for one in resources)


def seen(reader: Sender, *types: str) -> list[str]:
    """The same by searches."""
    found = [reader("GET", f"/fhir/{type}?_count=200").json.get("entry", ()) for type in types]
    return keys([entry["resource"] for entries in found for entry in entries])


def group(reader: Sender) -> str:
    return f"Group/{rosters(reader)[0]['id']}"


def diagnosis(person: str) -> Json:
    system = "http://terminology.hl7.org/CodeSystem"
    return {
        "resourceType": "Condition",
        "subject": {"reference": f"Patient/{person}"},
        "category": [{"coding": [{"system": f"{system}/condition-category", "code": "encounter-diagnosis"}]}],
        "clinicalStatus": {"coding": [{"system": f"{system}/condition-clinical", "code": "active"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F10.20"}]},
    }


TYPES = ("Coverage", "Encounter", "Endpoint", "HealthcareService", "Location", "Organization", "Patient", "Procedure")


def test_a_payer_pulls_what_it_sees_of_its_members_and_nothing_else(place: Place) -> None:
    for _ in range(3):
        member(place)
    member(place, OTHERS)
    silent = place.participant()
    covered(place, silent)
    place.session(silent)
    own = payer(place)
    listed = manifest(place, own, f"{group(own)}/$export")
    assert listed["requiresAccessToken"] is True
    assert listed["request"] == f"{BASE}/fhir/{group(own)}/$export"
    got = fetched(own, listed)
    assert keys(got) == seen(own, *TYPES)
    assert {one["resourceType"] for one in got} >= {"Patient", "Encounter", "Coverage", "Organization"}
    assert sum(file["type"] == "Encounter" for file in listed["output"]) == 1
    assert all(door().check(one) == [] for one in got)
    assert silent not in str(got)


def test_a_payer_pulls_the_principal_diagnoses_of_the_visits_that_it_sees_and_no_others(place: Place) -> None:
    person, _ = member(place)
    leads, other = (place.staff("POST", "/fhir/Condition", diagnosis(person)).id for _ in range(2))
    visit = place.session(person, diagnosis=[{"condition": {"reference": f"Condition/{leads}"}, "rank": 1}])
    own = payer(place)
    before = len(disclosures(place))
    listed = manifest(place, own, f"{group(own)}/$export")
    got = fetched(own, listed)
    assert keys(got) == seen(own, *TYPES, "Condition")
    assert {one["id"] for one in got} >= {leads, visit}
    assert other not in str(got)
    assert keys(fetched(own, manifest(place, own, f"{group(own)}/$export?_type=Condition"))) == [f"Condition/{leads}/1"]
    told = [patients for _, _, what, patients in disclosures(place)[before:] if what == "$export"]
    assert all(ground for patients in told for _, ground in patients)
    alone = place.client("payer", THEIRS, "system/Condition.rs")
    assert keys(fetched(alone, manifest(place, alone, f"{group(own)}/$export"))) == [f"Condition/{leads}/1"]


def test_each_part_that_is_fetched_is_in_the_ledger_and_what_is_only_planned_is_not(place: Place) -> None:
    person, visit = member(place)
    own = payer(place)
    at = group(own)
    before = len(disclosures(place))
    listed = manifest(place, own, f"{at}/$export?_type=Encounter")
    assert len(disclosures(place)) == before
    assert keys(fetched(own, listed)) == [f"Encounter/{visit}/1"]
    ((kind, ground, what, patients),) = disclosures(place)[before:]
    assert (kind, what, patients) == ("payer", "$export", [(person, ground)])
    assert own("HEAD", listed["output"][0]["url"].removeprefix(BASE)).status == 200
    assert len(disclosures(place)) == before + 1


def test_what_is_taken_back_is_in_no_file_that_is_fetched_later(place: Place) -> None:
    first, _ = member(place)
    second = place.participant()
    covered(place, second)
    consent = place.consent(second)
    visit = place.session(second)
    own = payer(place)
    listed = manifest(place, own, f"{group(own)}/$export?_type=Encounter,Patient")
    place.revoked(consent)
    got = fetched(own, listed)
    assert {one["id"] for one in got if one["resourceType"] == "Patient"} == {first}
    assert visit not in str(got)
    place.consent(second)  # what has been permitted since is in the next one
    assert visit not in str(fetched(own, listed))
    assert visit in str(fetched(own, manifest(place, own, f"{group(own)}/$export?_type=Encounter")))


def test_a_file_shows_the_records_as_they_were_when_it_was_asked_for(place: Place) -> None:
    person, visit = member(place)
    own = payer(place)
    listed = manifest(place, own, f"{group(own)}/$export?_type=Encounter")
    whole = place.staff("GET", f"/fhir/Encounter/{visit}").json
    assert place.staff("PUT", f"/fhir/Encounter/{visit}", whole | {"status": "cancelled"}).status == 200
    place.session(person)
    (line,) = fetched(own, listed)
    assert (line["id"], line["status"], line["meta"]["versionId"]) == (visit, "finished", "1")


def test_a_record_that_may_not_be_seen_as_it_is_now_is_not_shown_as_it_was(place: Place) -> None:
    _, visit = member(place)
    own = payer(place)
    listed = manifest(place, own, f"{group(own)}/$export?_type=Encounter")
    whole = place.staff("GET", f"/fhir/Encounter/{visit}").json
    sooner = {"start": "2020-02-04T17:00:00Z", "end": "2020-02-04T18:00:00Z"}  # before the coverage began
    changed = place.staff("PUT", f"/fhir/Encounter/{visit}", whole | {"period": sooner})
    assert changed.status == 200, changed.body
    assert fetched(own, listed) == []


def test_since_is_since_the_client_could_see_it(place: Place) -> None:
    old, _ = member(place)
    later, joiner, refused = (place.participant() for _ in range(3))
    visits = {person: place.session(person) for person in (later, joiner, refused)}
    for person in (later, refused):
        covered(place, person)
    for person in (joiner, refused):
        place.consent(person)
    restriction = place.consent(refused, decision="deny", kind="restriction", statements=None, expires_with=None)
    own = payer(place)
    at = group(own)
    listed = manifest(place, own, f"{at}/$export?_type=Encounter")
    assert visits[refused] not in str(fetched(own, listed))
    since = listed["transactionTime"]
    nothing = manifest(place, own, f"{at}/$export?_type=Encounter&_since={since}")
    assert nothing["output"] == []
    place.consent(later)
    covered(place, joiner)
    gone = {"status": "inactive", "revoked_at": "2026-03-01T09:30:00Z", "revoked_how": "paper"}
    change = place.staff("PATCH", f"/iop/consent/{restriction['id']}", gone, {"if-match": 'W/"1"'})
    assert change.status == 200, change.body
    new = place.session(old)
    got = fetched(own, manifest(place, own, f"{at}/$export?_type=Encounter&_since={since}"))
    assert {one["id"] for one in got} == {*visits.values(), new}
    until = fetched(own, manifest(place, own, f"{at}/$export?_type=Encounter&_until={since}"))
    assert new not in str(until)


def test_what_came_with_a_referral_is_new_once_intake_has_said_who_it_is(place: Place) -> None:
    own, house = place.client("program-ehr", OURS, "system/*.rs"), place.client("facility", THEIRS, SCOPES)
    task = referred(house)
    listed = manifest(place, own, "Patient/$export")
    before, since = fetched(own, listed), listed["transactionTime"]
    assert task["id"] not in str(before)
    assert settle(place, task).status == 200
    new = keys(fetched(own, manifest(place, own, f"Patient/$export?_since={since}")))
    whole = manifest(place, own, "Patient/$export")
    assert set(keys(fetched(own, whole))) - set(keys(before)) == set(new)
    assert {key.partition("/")[0] for key in new} >= {"Patient", "ServiceRequest", "Task"}
    nothing = manifest(place, own, f"Patient/$export?_since={whole['transactionTime']}")
    assert nothing["output"] == []


def test_the_programs_own_client_pulls_all_or_a_roster(place: Place) -> None:
    here, gone = place.participant(), place.participant()
    visits = {person: place.session(person) for person in (here, gone)}
    episode(place, here, "active", start="2026-01-05")
    own = place.client("program-ehr", OURS, "system/*.rs")
    everything = fetched(own, manifest(place, own, "Patient/$export"))
    assert keys([one for one in everything if one["resourceType"] == "Encounter"]) == seen(own, "Encounter")
    active = fetched(own, manifest(place, own, "Group/roster-active/$export?_type=Encounter,Patient"))
    assert {one["id"] for one in active} == {here, visits[here]}
    named = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "_type", "valueString": "Encounter"},
            *({"name": "patient", "valueReference": {"reference": f"Patient/{id}"}} for id in (gone, "nobody")),
        ],
    }
    assert {one["id"] for one in fetched(own, manifest(place, own, "Patient/$export", named))} == {visits[gone]}
    assert manifest(place, own, "Group/roster-active/$export", named)["output"] == []


def test_another_client_finds_no_export_of_somebody_else(place: Place) -> None:
    member(place)
    own, other = payer(place), payer(place, OTHERS)
    status = begun(own, f"{group(own)}/$export?_type=Encounter")
    work(place)
    file = f"{status}/1"
    absent = masked(other("GET", "/fhir/Group/$export/00000000-0000-7000-8000-00000000ffff"))
    assert absent[0] == 404
    for method, url in (("GET", status), ("DELETE", status)):
        assert masked(other(method, url)) == absent, url
    assert masked(other("GET", file)) == masked(other("GET", "/fhir/Group/$export/nothing/1"))
    assert own("GET", status.replace("Group", "Patient")).status == 403
    narrower = place.client("payer", THEIRS, "system/Group.rs system/Coverage.rs")
    assert narrower("GET", status).status == 404
    for url in (f"{status}/2", f"{status}/0", f"{status}/x", f"{status}/-1"):
        assert own("GET", url).status == 404, url
    assert own("GET", file).status == 200
    assert own("DELETE", status).status == 202
    for url in (status, file):
        assert own("GET", url).status == 404


def test_a_client_with_scopes_of_what_it_pulls_alone_pulls_it_of_its_members(place: Place) -> None:
    _, visit = member(place)
    member(place, OTHERS)
    own = payer(place)
    at = group(own)
    bare = place.client("payer", THEIRS, "system/Encounter.rs")
    listed = manifest(place, bare, f"{at}/$export")
    assert keys(fetched(bare, listed)) == [f"Encounter/{visit}/1"]
    # Another client of the same payer, whose export this is not.
    assert own("GET", listed["output"][0]["url"].removeprefix(BASE)).status == 404


def test_nothing_of_an_export_goes_into_a_bundle(place: Place) -> None:
    member(place)
    own = payer(place)
    listed = manifest(place, own, f"{group(own)}/$export?_type=Encounter")
    before = len(disclosures(place))
    file = listed["output"][0]["url"].removeprefix(f"{BASE}/fhir/")
    urls = (file, file.rpartition("/")[0], f"{group(own)}/$export")
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    entries.append({"request": {"method": "DELETE", "url": urls[1]}})
    got = own("POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": entries[:3]}).json
    assert [entry["response"]["status"].split()[0] for entry in got["entry"]] == ["400"] * 3
    assert all("OperationOutcome" in str(entry["response"]) for entry in got["entry"])
    assert [row for row in disclosures(place)[before:] if row[2] == "$export"] == []
    client = place.client("program-ehr", OURS)
    deleted = client("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries[3:]})
    assert deleted.status in (400, 404)
    assert own("GET", f"/fhir/{urls[1]}").status == 200


@pytest.mark.parametrize(
    "query",
    [
        "_type=Nothing",
        "_type=Group",
        "_type=AuditEvent",
        "_since=yesterday",
        "_since=2026-01-01",
        "_since=2026-01-01T00:00:00",
        "_since=2026-01-01T00:00Z",
        "_since=2026-13-01T00:00:00Z",
        "_since=2999-01-01T00:00:00Z",
        "_since=9999-12-31T23:59:59.999%2B14:00",
        "_until=2026-01-01T00:00:00",
        "_until=2026-01-01T00:00:00Z&_since=2026-02-01T00:00:00Z",
        "_outputFormat=text/csv",
        "includeAssociatedData=LatestProvenanceResources",
        "allowPartialManifests=true",
        "organizeOutputBy=Patient",
        "patient=Patient/1",
        "unknown=1",
        "_type=Encounter&_since=2026-01-01T00:00:00Z&_since=2026-01-01T00:00:00Z",
    ],
)
def test_what_an_export_does_not_hear_is_refused(place: Place, query: str) -> None:
    own = payer(place)
    at = group(own)
    got = own("GET", f"/fhir/{at}/$export?{query}", **ASYNC)
    assert got.status == 400, got.body
    if query.startswith(("_since", "_until")):
        assert got.json["issue"][0]["expression"] == [query.partition("=")[0]]
    assert own("GET", f"/fhir/{at}/$export?{query}", prefer="respond-async, handling=lenient").status == 400


def test_who_may_not_ask_is_told_so_whatever_is_there(place: Place) -> None:
    own = payer(place)
    at = group(own)
    assert own("GET", f"/fhir/{at}/$export").status == 400  # without Prefer
    assert own("GET", f"/fhir/{at}/$export?_type=Observation", **ASYNC).status == 403
    assert own("GET", "/fhir/Patient/$export", **ASYNC).status == 403
    nowhere = masked(own("GET", "/fhir/Group/roster-other/$export", **ASYNC))
    assert nowhere[0] == 404
    assert masked(own("GET", f"/fhir/{group(payer(place, OTHERS))}/$export", **ASYNC)) == nowhere
    scoped = place.client("payer", THEIRS, "system/Patient.rs system/Encounter.rs")
    assert scoped("GET", f"/fhir/{at}/$export?_type=Encounter", **ASYNC).status == 202
    assert scoped("GET", f"/fhir/{at}/$export?_type=Coverage", **ASYNC).status == 403
    assert place.client("payer", THEIRS, "system/Group.rs")("GET", f"/fhir/{at}/$export", **ASYNC).status == 403
    for kind in ("provider-ehr", "facility", "staff"):
        reader = place.client(kind, THEIRS, "user/*.rs" if kind == "staff" else "system/*.rs")
        for url in (f"{at}/$export", "Patient/$export", "Group/$export/x", "Group/$export/x/1"):
            assert reader("GET", f"/fhir/{url}", **ASYNC).status == 403, (kind, url)
    lenient = place.client("program-ehr", OURS, "system/*.rs")
    passed = lenient(
        "GET", "/fhir/Patient/$export?allowPartialManifests=true", prefer="respond-async; handling=lenient"
    )
    assert (passed.status, passed.json["issue"][1]["expression"]) == (202, ["allowPartialManifests"])
    assert place.staff("GET", "/fhir/Patient/$export", None, ASYNC).status == 403


def test_a_client_has_two_exports_under_way_at_most(place: Place) -> None:
    own, other = payer(place), payer(place, OTHERS)
    first, second = (begun(own, f"{group(own)}/$export") for _ in range(2))
    got = own("GET", f"/fhir/{group(own)}/$export", **ASYNC)
    assert (got.status, got.codes) == (429, ["throttled"])
    begun(other, f"{group(other)}/$export")
    waiting = own("GET", first)
    assert (waiting.status, waiting.headers["retry-after"]) == (202, "1")
    assert waiting.headers["x-progress"] == "0 files are ready"
    assert own("DELETE", second).status == 202
    begun(own, f"{group(own)}/$export")
    assert len(members(rosters(own)[0])) == 0
