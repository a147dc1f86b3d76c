"""Two records of one person are joined and parted, at every door and for everybody who asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.identity.consents import WAITING
from adapter.ingest.sources import identifying_systems
from adapter.settings import Settings
from adapter.store.version import Version
from tests.doors.people import created, observation, patient, reference
from tests.doors.serving import Client, Got
from tests.doors.test_guarded import OTHERS, THEIRS, Place, disclosures, officer
from tests.doors.test_roles import MINE, House, housed
from tests.doors.test_roles import OTHERS as OTHERS_ID
from tests.interactions.test_changes import session

Json = dict[str, Any]
KEY = sorted(identifying_systems(Settings().mappings / "sources"))[0]
ABSENT = "00000000-0000-7000-8000-fffffffffffe"


def person(client: Client, number: str, **more: Any) -> str:
    """Somebody with a practice key, a member number and a birth date; the id."""
    identifiers = [{"system": KEY, "value": number}, {"system": "urn:example:member", "value": f"M-{number}"}]
    return created(client, patient(identifier=identifiers, birthDate="1984-03-07", **more)).id


def merge(client: Client, loser: str, survivor: str, **more: Any) -> Got:
    return client("POST", f"/iop/participant/{loser}/$merge", {"into": survivor, **more})


def unmerge(client: Client, loser: str) -> Got:
    return client("POST", f"/iop/participant/{loser}/$unmerge")


def merged(client: Client, loser: str, survivor: str, **more: Any) -> Json:
    got = merge(client, loser, survivor, **more)
    assert got.status == 200, got.body
    return got.json


def refusal(got: Got) -> tuple[int, str]:
    return got.status, got.json["issue"][0]["code"]


def of(client: Client, type: str, patient: str) -> list[str]:
    """The records of a type that name a patient."""
    entries = client("GET", f"/fhir/{type}?patient={patient}").json.get("entry", [])
    return [entry["resource"]["id"] for entry in entries]


def record_of(client: Client, place: str) -> Json:
    """A resource without what the server says of its version."""
    resource = client("GET", f"/fhir/{place}").json
    assert resource["resourceType"] == place.partition("/")[0], resource
    kept = {name: said for name, said in resource.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    return {name: said for name, said in resource.items() if name != "meta"} | ({"meta": kept} if kept else {})


def test_all_is_about_the_survivor_and_the_old_id_still_resolves(client: Client) -> None:
    loser, survivor = person(client, "1"), person(client, "2")
    finding = created(client, observation(f"Patient/{loser}", performer=[{"reference": f"Patient/{loser}"}]))
    visit = created(client, session(loser, None))
    done = merged(client, loser, survivor)
    assert done == {"id": loser, "into": survivor, "records": sorted(map(reference, (finding, visit)))}
    assert of(client, "Observation", survivor) == [finding.id]
    assert (of(client, "Observation", loser), of(client, "Encounter", loser)) == ([], [])
    moved = client("GET", f"/fhir/Observation/{finding.id}").json
    assert moved["performer"] == [{"reference": f"Patient/{survivor}"}]
    old, kept = (client("GET", f"/fhir/Patient/{id}").json for id in (loser, survivor))
    assert old["active"] is False
    assert old["link"] == [{"other": {"reference": f"Patient/{survivor}"}, "type": "replaced-by"}]
    assert kept["link"] == [{"other": {"reference": f"Patient/{loser}"}, "type": "replaces"}]
    assert [one["value"] for one in old["identifier"]] == ["M-1"]
    assert [one["value"] for one in kept["identifier"]] == ["2", "M-2", "1"]


def test_a_practice_key_of_either_means_the_survivor(client: Client) -> None:
    loser, survivor = person(client, "1"), person(client, "2")
    merged(client, loser, survivor)
    for number in "12":
        episode = {"participant": {"system": KEY, "value": number}, "status": "active"}
        assert client("POST", "/iop/episode", episode).json["participant"] == survivor
    got = client("POST", "/fhir/Patient", patient(identifier=[{"system": KEY, "value": "1"}]))
    assert got.status == 409
    assert got.headers["location"].endswith(f"Patient/{survivor}")


def test_parting_puts_back_what_joining_changed_to_the_letter(client: Client) -> None:
    loser, survivor = person(client, "1"), person(client, "2", active=True)
    group = created(
        client,
        {
            "resourceType": "Group",
            "type": "person",
            "actual": True,
            "member": [{"entity": {"reference": f"Patient/{id}"}} for id in (loser, survivor)],
        },
    )
    records = [created(client, observation(f"Patient/{loser}")), created(client, session(loser, None)), group]
    places = [f"Patient/{loser}", f"Patient/{survivor}", *map(reference, records)]
    before = {place: record_of(client, place) for place in places}
    merged(client, loser, survivor)
    assert all(record_of(client, place) != before[place] for place in places)
    done = unmerge(client, loser)
    assert done.status == 200, done.body
    assert done.json == {"id": loser, "from": survivor, "records": sorted(map(reference, records)), "stay": []}
    assert {place: record_of(client, place) for place in places} == before
    assert refusal(unmerge(client, loser)) == (409, "business-rule")
    again = client("POST", "/iop/episode", {"participant": {"system": KEY, "value": "1"}, "status": "active"})
    assert again.json["participant"] == loser


def test_what_was_written_since_stays_and_is_named_and_what_was_changed_since_goes_back(client: Client) -> None:
    loser, survivor = person(client, "1"), person(client, "2")
    own = created(client, observation(f"Patient/{survivor}"))
    old = created(client, observation(f"Patient/{loser}"))
    gone = created(client, observation(f"Patient/{loser}"))
    merged(client, loser, survivor)
    since = created(client, observation(f"Patient/{survivor}"))
    changed = client("GET", f"/fhir/Observation/{old.id}").json | {"valueString": "better"}
    assert client("PUT", f"/fhir/Observation/{old.id}", changed).status == 200
    assert client("DELETE", f"/fhir/Observation/{gone.id}").status == 204
    kept = client("GET", f"/fhir/Patient/{survivor}").json | {"birthDate": "1984-03-08"}
    assert client("PUT", f"/fhir/Patient/{survivor}", kept).status == 200
    done = unmerge(client, loser).json
    assert (done["records"], done["stay"]) == ([reference(old)], [reference(since)])
    assert (of(client, "Observation", loser), set(of(client, "Observation", survivor))) == (
        [old.id],
        {own.id, since.id},
    )
    assert client("GET", f"/fhir/Observation/{old.id}").json["valueString"] == "better"
    after = client("GET", f"/fhir/Patient/{survivor}").json
    assert (after["birthDate"], "link" in after) == ("1984-03-08", False)
    assert [one["value"] for one in after["identifier"]] == ["2", "M-2"]


def test_whatever_names_the_old_id_later_is_about_the_survivor(client: Client) -> None:
    loser, survivor = person(client, "1"), person(client, "2")
    merged(client, loser, survivor)
    finding = created(client, observation(f"Patient/{loser}")).json
    assert finding["subject"] == {"reference": f"Patient/{survivor}"}
    whole = created(client, observation(f"http://127.0.0.1:8000/fhir/Patient/{loser}")).json
    assert whole["subject"]["reference"].endswith(f"Patient/{survivor}")
    episode = client("POST", "/iop/episode", {"participant": loser, "status": "active"})
    assert episode.json["participant"] == survivor
    entry = {"resource": observation(f"Patient/{loser}"), "request": {"method": "POST", "url": "Observation"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert client("POST", "/fhir", bundle).status == 200
    line = b'{"concept": "episode", "status": "active", "participant": "%b"}\n' % loser.encode()
    assert client("POST", "/iop/$import", line, {"content-type": "application/x-ndjson"}).status == 200
    assert (of(client, "Observation", loser), of(client, "EpisodeOfCare", loser)) == ([], [])
    assert (len(of(client, "Observation", survivor)), len(of(client, "EpisodeOfCare", survivor))) == (2, 2)


def test_one_after_the_other_leads_to_the_last_and_is_undone_backwards(client: Client) -> None:
    first, second, third = (person(client, number) for number in "123")
    finding = created(client, observation(f"Patient/{first}"))
    before = record_of(client, f"Observation/{finding.id}")
    merged(client, first, second)
    merged(client, second, third)
    assert of(client, "Observation", third) == [finding.id]
    assert created(client, observation(f"Patient/{first}")).json["subject"]["reference"] == f"Patient/{third}"
    assert refusal(unmerge(client, first)) == (409, "business-rule")
    assert unmerge(client, second).status == 200
    assert of(client, "Observation", second) == [finding.id]
    assert unmerge(client, first).status == 200
    assert record_of(client, f"Observation/{finding.id}") == before


def test_two_may_be_joined_into_one_and_either_is_parted_first(client: Client) -> None:
    first, second, kept = (person(client, number) for number in "123")
    findings = [created(client, observation(f"Patient/{id}")).id for id in (first, second)]
    before = [record_of(client, f"Patient/{id}") for id in (first, second, kept)]
    for id in (first, second):
        merged(client, id, kept)
    for id in (first, second):
        assert unmerge(client, id).status == 200
    assert [of(client, "Observation", id) for id in (first, second)] == [[one] for one in findings]
    assert [record_of(client, f"Patient/{id}") for id in (first, second, kept)] == before


def test_what_cannot_be_joined_is_refused_and_nothing_is_written(client: Client) -> None:
    one, other, joined, gone = (person(client, number) for number in "1234")
    stranger = created(client, patient(name=[{"family": "Stone", "given": ["Zoe"]}], birthDate="1950-01-01")).id
    merged(client, joined, other)
    assert client("DELETE", f"/fhir/Patient/{gone}").status == 204
    before = [record_of(client, f"Patient/{id}") for id in (one, other, joined, stranger)]
    assert refusal(merge(client, one, one)) == (422, "business-rule")
    assert refusal(merge(client, one, ABSENT)) == (422, "not-found")
    assert refusal(merge(client, one, gone)) == (422, "not-found")
    assert refusal(merge(client, ABSENT, one)) == (404, "not-found")
    assert refusal(merge(client, gone, one)) == (404, "not-found")
    assert refusal(merge(client, joined, one)) == (409, "business-rule")
    assert refusal(merge(client, one, joined)) == (409, "business-rule")
    assert refusal(merge(client, other, joined)) == (409, "business-rule")
    assert refusal(merge(client, one, stranger)) == (409, "business-rule")
    assert refusal(unmerge(client, ABSENT)) == (404, "not-found")
    assert refusal(unmerge(client, one)) == (409, "business-rule")
    assert [record_of(client, f"Patient/{id}") for id in (one, other, joined, stranger)] == before
    assert merge(client, one, stranger, unlike=True).status == 200


@pytest.mark.parametrize(
    ("body", "status", "code", "place"),
    [
        ({}, 422, "required", "into"),
        ({"into": 7}, 422, "value", "into"),
        ({"into": ABSENT, "why": "x"}, 422, "not-supported", "why"),
        ({"into": ABSENT, "consents": "mine"}, 422, "value", "consents"),
        ({"into": ABSENT, "unlike": "yes"}, 422, "value", "unlike"),
        ([], 400, "structure", None),
        (b"{", 400, "structure", None),
    ],
    ids=str,
)
def test_a_body_that_says_something_else_is_refused(
    client: Client, body: Any, status: int, code: str, place: str | None
) -> None:
    one = person(client, "1")
    got = client("POST", f"/iop/participant/{one}/$merge", body, {"content-type": "application/json"})
    assert refusal(got) == (status, code)
    assert place is None or got.json["issue"][0]["expression"] == [place]
    assert client("POST", f"/iop/participant/{one}/$merge?force=1", {"into": ABSENT}).status == 400
    assert client("POST", f"/iop/participant/{one}/$unmerge", {"into": ABSENT}).status == 422
    assert client("GET", f"/iop/participant/{one}/$merge").status == 405


def test_joined_patients_are_not_changed_apart(client: Client) -> None:
    loser, survivor = person(client, "1"), person(client, "2")
    merged(client, loser, survivor)
    old, kept = (client("GET", f"/fhir/Patient/{id}").json for id in (loser, survivor))
    assert refusal(client("PUT", f"/fhir/Patient/{loser}", old | {"active": True})) == (409, "business-rule")
    assert client("PUT", f"/fhir/Patient/{loser}", old).status == 200
    assert refusal(client("DELETE", f"/fhir/Patient/{loser}")) == (409, "business-rule")
    assert refusal(client("DELETE", f"/iop/participant/{survivor}", None, {"if-match": 'W/"2"'})) == (
        409,
        "business-rule",
    )
    without = {name: said for name, said in kept.items() if name != "link"}
    assert refusal(client("PUT", f"/fhir/Patient/{survivor}", without)) == (422, "business-rule")
    assert client("PUT", f"/fhir/Patient/{survivor}", kept | {"gender": "male"}).status == 200
    change = client("PATCH", f"/iop/participant/{survivor}", {"sex": "female"}, {"if-match": 'W/"3"'})
    assert change.status == 200, change.body


def test_a_link_that_a_client_wrote_joins_nobody(client: Client) -> None:
    survivor = person(client, "1")
    link = [{"other": {"reference": f"Patient/{survivor}"}, "type": "replaced-by"}]
    other = created(client, patient(link=link)).id
    assert created(client, observation(f"Patient/{other}")).json["subject"]["reference"] == f"Patient/{other}"
    assert client("PUT", f"/fhir/Patient/{other}", patient(id=other)).status == 200


def test_who_is_found_by_the_old_record_is_the_survivor(client: Client) -> None:
    loser = person(client, "1", telecom=[{"system": "phone", "value": "555-010-4477"}])
    survivor = person(client, "2")
    merged(client, loser, survivor)
    sought = patient(birthDate="1984-03-07", telecom=[{"system": "phone", "value": "555-010-4477"}])
    [entry] = client("POST", "/fhir/Patient/$match", sought).json["entry"]
    assert entry["resource"]["id"] == survivor
    assert entry["search"]["extension"][0]["valueCode"] == "certain"


def test_a_narrative_and_what_the_index_does_not_know_name_the_survivor_too(client: Client) -> None:
    loser, survivor = person(client, "1"), person(client, "2")
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="Patient/{loser}">Ada</a></div>'
    told = created(client, observation(f"Patient/{loser}", text={"status": "additional", "div": div})).id
    basic = {
        "resourceType": "Basic",
        "code": {"text": "x"},
        "extension": [{"url": "urn:example:who", "valueReference": {"reference": f"Patient/{loser}"}}],
    }
    placed = created(client, basic).id
    whole = created(client, observation(f"http://127.0.0.1:8000/fhir/Patient/{loser}")).id
    merged(client, loser, survivor)
    assert loser not in client("GET", f"/fhir/Observation/{told}").body.decode()
    assert loser not in client("GET", f"/fhir/Basic/{placed}").body.decode()
    assert loser not in client("GET", f"/fhir/Observation/{whole}").body.decode()


def seen(sender: Any, *ids: str) -> set[str]:
    return {id for id in ids if sender("GET", f"/fhir/Patient/{id}").status == 200}


def visits(sender: Any) -> set[str]:
    return {entry["resource"]["id"] for entry in sender("GET", "/fhir/Encounter").json.get("entry", [])}


def test_a_permission_of_one_is_for_both_only_when_somebody_says_so_and_then_waits_for_a_look(place: Place) -> None:
    loser, survivor = place.participant(), place.participant()
    mine, others = place.session(loser), place.session(survivor)
    place.treated(loser)
    consent = place.consent(loser)["id"]
    ehr = place.client("provider-ehr")
    assert visits(ehr) == {mine}
    got = merge(place.staff, loser, survivor)
    assert refusal(got) == (409, "business-rule")
    assert got.json["issue"][0]["expression"] == [f"Consent/{consent}"]
    assert visits(ehr) == {mine}
    merged(place.staff, loser, survivor, consents="both")
    assert visits(ehr) == {mine, others}
    waiting = place.staff("GET", f"/iop/parked?participant={survivor}").json["items"]
    assert [(one["id"], one["reason"]) for one in waiting if one["type"] == "Consent"] == [(consent, WAITING)]
    assert unmerge(place.staff, loser).status == 200
    assert visits(ehr) == {mine}


def test_the_same_permission_of_both_needs_no_word_and_a_refusal_of_either_holds_for_both(place: Place) -> None:
    loser, survivor = place.participant(), place.participant()
    mine, others = place.session(loser), place.session(survivor)
    for who in (loser, survivor):
        place.treated(who)
        place.consent(who)
    ehr = place.client("provider-ehr")
    assert visits(ehr) == {mine, others}
    refused = {"recipient": f"Organization/{THEIRS}"}
    place.consent(loser, kind="restriction", decision="deny", expires_with=None, recipients=[refused])
    assert visits(ehr) == {others}
    merged(place.staff, loser, survivor)
    assert visits(ehr) == set()
    assert unmerge(place.staff, loser).status == 200
    assert visits(ehr) == {others}


def test_another_provider_of_the_other_is_asked_about_too(place: Place) -> None:
    loser, survivor = place.participant(), place.participant()
    place.treated(loser, THEIRS)
    place.treated(survivor, OTHERS)
    for who in (loser, survivor):
        place.consent(who)
    assert refusal(merge(place.staff, loser, survivor)) == (409, "business-rule")


def test_what_was_disclosed_of_the_old_id_is_in_the_account_of_the_person(place: Place) -> None:
    loser, survivor = place.participant(), place.participant()
    place.treated(loser)
    place.consent(loser)
    ehr, asks = place.client("provider-ehr"), officer(place)
    assert seen(ehr, loser) == {loser}
    merged(place.staff, loser, survivor, consents="both")
    assert seen(ehr, survivor) == {survivor}
    for id in (loser, survivor):
        account = asks("GET", f"/fhir/Patient/{id}/$disclosures").json["entry"]
        assert len(account) == 2
        sheet = asks("GET", f"/fhir/Patient/{id}/$disclosures?_outputFormat=text/csv")
        assert len(sheet.body.decode().strip().splitlines()) == 3
    assert len(disclosures(place)) >= 2


def test_who_may_join_is_said_by_the_roles(place: Place) -> None:
    loser, survivor = place.participant(), place.participant()
    for kind in ("program-ehr", "provider-ehr", "privacy-officer"):
        scopes = "user/*.cruds" if kind == "privacy-officer" else "system/*.cruds"
        sender = place.client(kind, scopes=scopes)
        for address in (f"{loser}/$merge", f"{loser}/$unmerge", f"{ABSENT}/$merge"):
            assert sender("POST", f"/iop/participant/{address}", {"into": survivor}).status == 403


def test_records_of_every_kind_go_along_and_what_the_asker_does_not_see_is_not_named(tmp_path: Path) -> None:
    with housed(tmp_path) as house:
        every = [f"{version.type}/{version.id}" for version in named(house, OTHERS_ID)]
        before = {
            place: record_of(house.office, place) for place in (*every, f"Patient/{MINE}", f"Patient/{OTHERS_ID}")
        }
        body = {"into": MINE, "consents": "both", "unlike": True}
        got = house.ask("intake", "POST", f"/iop/participant/{OTHERS_ID}/$merge", body)
        assert got.status == 200, got.body
        shown = [place for place in every if house.ask("intake", "GET", f"/fhir/{place}").status == 200]
        assert 0 < len(shown) < len(every)
        assert got.json["records"] == sorted(shown)
        for place in every:
            assert f"Patient/{OTHERS_ID}" not in str(record_of(house.office, place)), place
        assert not named(house, OTHERS_ID)
        assert house.ask("intake", "POST", f"/iop/participant/{OTHERS_ID}/$unmerge").status == 403
        done = house.ask("program-lead", "POST", f"/iop/participant/{OTHERS_ID}/$unmerge")
        assert done.status == 200, done.body
        assert {place: record_of(house.office, place) for place in before} == before


def named(house: House, patient: str) -> list[Version]:
    """The newest versions of all records that name a patient, save those of patients."""
    with house.program.store.asking() as database:
        rows = database.execute(
            "SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients,"
            " v.cut, v.body, v.own FROM version v WHERE v.until_t IS NULL AND v.rendering = 0"
        ).fetchall()
    live = [Version(*row) for row in rows]
    return [one for one in live if one.type != "Patient" and f"Patient/{patient}".encode() in bytes(one.body)]
