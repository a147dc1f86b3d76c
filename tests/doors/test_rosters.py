"""A roster is made for its reader of what he sees: a payer's members, and who is in the program for its own clients."""

from __future__ import annotations

from tests.doors.serving import door
from tests.doors.test_guarded import OTHERS, OURS, THEIRS, Json, Place, Sender, disclosures, masked
from tests.doors.test_payers import covered, payer

SYSTEM = "https://iop-fhir-adapter.org/fhir/roster"
SCOPES = "system/Group.rs system/Coverage.rs"


def rosters(reader: Sender, query: str = "") -> list[Json]:
    got = reader("GET", f"/fhir/Group{query}")
    assert got.status == 200, got.body
    return [entry["resource"] for entry in got.json.get("entry", ())]


def members(group: Json) -> set[str]:
    return {member["entity"]["reference"].removeprefix("Patient/") for member in group.get("member", ())}


def episode(place: Place, person: str, status: str, **period: str) -> None:
    made = {"resourceType": "EpisodeOfCare", "status": status, "patient": {"reference": f"Patient/{person}"}}
    made |= {"period": period, "managingOrganization": {"reference": f"Organization/{OURS}"}}
    assert place.staff("POST", "/fhir/EpisodeOfCare", made).status == 201


def test_a_payer_has_one_roster_of_those_whom_it_covers_and_whose_consent_reaches_it(place: Place) -> None:
    member, silent, other = (place.participant() for _ in range(3))
    covered(place, member, period={"start": "2025-01-01", "end": "2025-06-30"})
    covered(place, member, period={"start": "2025-09-01"})
    covered(place, silent)
    covered(place, other, OTHERS)
    for person in (member, other):
        place.consent(person)
    own, second = payer(place), payer(place, OTHERS)
    (group,) = rosters(own)
    assert door().check(group) == []
    assert group["member"] == [
        {
            "entity": {"reference": f"Patient/{member}"},
            "period": {"start": "2025-01-01", "end": "2025-06-30"},
            "inactive": True,
        },
        {"entity": {"reference": f"Patient/{member}"}, "period": {"start": "2025-09-01"}},
    ]
    assert (group["quantity"], group["managingEntity"]) == (1, {"reference": f"Organization/{THEIRS}"})
    got = own("GET", f"/fhir/Group/{group['id']}")
    assert (got.status, got.json) == (200, group)
    assert members(rosters(second)[0]) == {other}
    nowhere = masked(second("GET", "/fhir/Group/roster-00000000-0000-8000-8000-000000000000"))
    assert masked(second("GET", f"/fhir/Group/{group['id']}")) == nowhere
    assert nowhere[0] == 404


def test_who_is_covered_no_more_is_no_member_and_the_visits_of_then_are_found_by_search(place: Place) -> None:
    person = place.participant()
    covered(place, person, period={"start": "2026-01-01", "end": "2026-02-28"})
    place.consent(person)
    during = place.session(person)
    place.session(person, period={"start": "2026-03-01T17:00:00Z", "end": "2026-03-01T18:00:00Z"})
    own = payer(place)
    assert members(rosters(own)[0]) == set()
    assert [entry["resource"]["id"] for entry in own("GET", "/fhir/Encounter").json["entry"]] == [during]


def test_its_version_is_its_content_and_its_id_stays(place: Place) -> None:
    own = payer(place)
    (empty,) = rosters(own)
    assert (empty["quantity"], "member" in empty) == (0, False)
    person = place.participant()
    coverage = covered(place, person)
    consent = place.consent(person)
    first = own("GET", f"/fhir/Group/{empty['id']}")
    assert members(first.json) == {person}
    assert first.headers["etag"] == f'W/"{first.json["meta"]["versionId"]}"'
    place.staff("PUT", f"/fhir/Patient/{person}", place.staff("GET", f"/fhir/Patient/{person}").json | {"active": True})
    asked = {"if-none-match": first.headers["etag"]}
    assert own("GET", f"/fhir/Group/{empty['id']}", **asked).status == 304
    place.revoked(consent)
    again = own("GET", f"/fhir/Group/{empty['id']}", **asked)
    assert (again.status, again.json) == (200, empty)
    place.consent(person)
    assert place.staff("DELETE", f"/fhir/Coverage/{coverage}").status == 204
    assert own("GET", f"/fhir/Group/{empty['id']}").json == empty


def test_what_a_roster_tells_is_in_the_ledger_under_the_consent_that_permits_it(place: Place) -> None:
    person = place.participant()
    covered(place, person)
    consent = place.consent(person)
    rosters(payer(place))
    assert disclosures(place)[-1] == ("payer", consent["id"], "search-type", [(person, consent["id"])])


def test_the_programs_own_clients_find_rosters_by_the_status_of_episodes(place: Place) -> None:
    here, gone, nobody = (place.participant() for _ in range(3))
    episode(place, here, "active", start="2026-01-05")
    episode(place, gone, "finished", start="2025-01-05", end="2025-03-01")
    episode(place, nobody, "entered-in-error", start="2026-01-05")
    own = place.client("program-ehr", OURS, "system/*.rs")
    assert {one["identifier"][0]["value"]: members(one) for one in rosters(own, f"?identifier={SYSTEM}|")} == {
        **{status: set() for status in ("planned", "waitlist", "onhold", "cancelled")},
        "active": {here},
        "finished": {gone},
        "all": {here, gone},
    }
    (active,) = rosters(own, f"?identifier={SYSTEM}|active")
    assert active["member"] == [{"entity": {"reference": f"Patient/{here}"}, "period": {"start": "2026-01-05"}}]
    assert own("GET", "/fhir/Group/roster-finished").json["member"][0]["inactive"] is True
    assert own("GET", "/fhir/Group/roster-nothing").status == 404
    assert rosters(own) == []
    posted = own(
        "POST", "/fhir/Group/_search", b"_id=roster-all", **{"content-type": "application/x-www-form-urlencoded"}
    )
    assert members(posted.json["entry"][0]["resource"]) == {here, gone}


def test_a_roster_is_asked_for_by_few_and_by_what_it_has(place: Place) -> None:
    own = payer(place)
    for query in ("name=x", "member=Patient/1", "_id=a&_id=b", "_include=Group:member", "_count=1"):
        assert own("GET", f"/fhir/Group?{query}").status == 400, query
    (group,) = rosters(own)
    assert rosters(own, "?_id=nothing") == rosters(own, "?identifier=other|members") == []
    assert own("GET", f"/fhir/Group/{group['id']}?_summary=true").status == 400
    without = place.client("payer", THEIRS, "system/Group.rs")
    for url in ("/fhir/Group", f"/fhir/Group/{group['id']}"):
        assert without("GET", url).status == 403
    for kind in ("provider-ehr", "facility"):
        assert place.client(kind, THEIRS, "system/*.rs")("GET", "/fhir/Group").status == 403
    for url in (f"/fhir/Group/{group['id']}/_history", "/fhir/Patient/1/Group", "/fhir/Group/x/_history/1"):
        assert own("GET", url).status == 403, url
    assert len(rosters(place.client("payer", THEIRS, SCOPES))) == 1
