"""A payer asks: it sees the minimum for payment of those whom it covers and whose consent reaches it, and learns of
nothing else, not even that something else has changed. 42 CFR 2.13(a), 2.33; 45 CFR 164.502(b)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from adapter.fhir.schema import Door
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from tests.doors.test_guarded import OTHERS, OURS, THEIRS, Json, Place, masked

HL7 = "http://terminology.hl7.org/CodeSystem"
SNOMED = "http://snomed.info/sct"
VISIT: Json = {
    "type": [
        {"coding": [{"system": "http://snomed.info/sct", "code": "76464004", "display": "Canary"}], "text": "Canary"}
    ],
    "reasonCode": [{"text": "Canary"}],
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Canary</div>'},
}


def covered(place: Place, person: str, by: str = THEIRS, **more: Any) -> str:
    """A coverage of a person by a payer, with its member number."""
    coverage = {
        "resourceType": "Coverage",
        "status": "active",
        "identifier": [{"system": f"https://{by}.example", "value": f"M-{by[-1]}"}],
        "beneficiary": {"reference": f"Patient/{person}", "display": "Canary"},
        "payor": [{"reference": f"Organization/{by}", "display": "Canary"}],
        "period": {"start": "2025-01-01"},
        **more,
    }
    return place.staff("POST", "/fhir/Coverage", coverage).id


def member(place: Place, by: str = THEIRS) -> tuple[str, str]:
    """A person with a visit whom the payer covers, and whose consent reaches it."""
    person = place.participant()
    covered(place, person, by)
    place.consent(person)
    return person, place.session(person, **VISIT)


def payer(place: Place, organization: str = THEIRS) -> Any:
    return place.client("payer", organization, "system/*.rs")


def resources(bundle: Json) -> list[Json]:
    return [entry["resource"] for entry in bundle.get("entry", ())]


def test_a_payer_sees_its_members_visits_by_the_minimum_for_payment(place: Place) -> None:
    person, visit = member(place)
    own = payer(place)
    seen = own("GET", f"/fhir/Encounter/{visit}").json
    assert set(seen) == {"resourceType", "id", "meta", "status", "class", "type", "subject", "period"}
    assert seen["type"] == [{"coding": [{"system": SNOMED, "code": "76464004"}]}]
    assert seen["meta"]["profile"] == ["https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-payment-encounter"]
    assert [label["code"] for label in seen["meta"]["security"]] == ["R", "42CFRPart2", "SUD"]
    named = own("GET", f"/fhir/Patient/{person}").json
    assert set(named) == {"resourceType", "id", "meta", "name", "gender", "birthDate"}
    whole = place.staff("GET", f"/fhir/Encounter/{visit}").body
    assert b"Canary" in whole
    for url in ("/fhir/Encounter", "/fhir/Patient", "/fhir/Coverage", f"/fhir/Patient/{person}/Encounter"):
        got = own("GET", url)
        assert got.status == 200
        assert resources(got.json)
        assert b"Canary" not in got.body


def test_a_payer_sees_nobody_whom_it_does_not_cover_or_who_gave_no_consent(place: Place) -> None:
    _, visit = member(place, OTHERS)
    silent = place.participant()
    covered(place, silent)
    without = place.session(silent)
    own = payer(place)
    absent = masked(own("GET", "/fhir/Encounter/00000000-0000-4000-8000-000000000000"))
    for id in (visit, without):
        assert masked(own("GET", f"/fhir/Encounter/{id}")) == absent
    for type in ("Patient", "Encounter", "Coverage"):
        assert own("GET", f"/fhir/{type}").json["total"] == 0


def test_what_is_held_to_one_payer_is_not_there_for_another(place: Place) -> None:
    person, _ = member(place)
    second = covered(place, person, OTHERS)
    own, other = payer(place), payer(place, OTHERS)
    assert own("GET", f"/fhir/Coverage/{second}").status == 404
    assert other("GET", f"/fhir/Coverage/{second}").status == 200
    assert [one["id"] for one in resources(other("GET", "/fhir/Coverage").json)] == [second]
    assert own("GET", f"/fhir/Coverage?identifier=https://{OTHERS}.example|M-3").json["total"] == 0
    assert place.staff("DELETE", f"/fhir/Coverage/{second}").status == 204
    assert own("GET", f"/fhir/Coverage/{second}").status == 404


def test_a_payer_asks_by_what_it_sees_only(place: Place) -> None:
    person, _ = member(place)
    own = payer(place)
    for url in (
        "Encounter?reason-code=x",
        "Patient?phone=1",
        "Patient?identifier=x",
        "Encounter?practitioner=Practitioner/1",
    ):
        got = own("GET", f"/fhir/{url}")
        assert (got.status, got.codes) == (400, ["not-supported"]), url
        assert own("GET", f"/fhir/{url}", prefer="handling=lenient").status == 400
    assert own("GET", f"/fhir/Encounter?patient={person}&date=2026-02&status=finished").json["total"] == 1
    assert own("GET", "/fhir/Encounter?patient.family=Invented").status in (400, 403)
    found = own("GET", "/fhir/Encounter?_include=Encounter:patient").json
    assert [one["resourceType"] for one in resources(found)] == ["Encounter", "Patient"]
    assert set(resources(found)[1]) <= {"resourceType", "id", "meta", "name", "gender", "birthDate"}
    for type in ("Observation", "DocumentReference", "Goal"):
        assert own("GET", f"/fhir/{type}").status == 403, type
    for url in (f"Patient/{person}/_history", f"Patient/{person}/_history/1", f"Patient/{person}/$everything"):
        assert own("GET", f"/fhir/{url}").status == 403, url


RESTRICTED: Json = {
    "kind": "restriction",
    "decision": "deny",
    "recipients": [{"recipient": f"Organization/{THEIRS}"}],
    "expires_with": None,
    "statements": None,
}
"""A restriction to whom nothing is told (42 CFR 2.26), of the records that it names."""


def diagnosis(place: Place, person: str, visit: str, **more: Any) -> str:
    """A coded diagnosis of a visit."""
    said = {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": f"{HL7}/condition-clinical", "code": "active", "display": "Canary"}]},
        "category": [{"coding": [{"system": f"{HL7}/condition-category", "code": "encounter-diagnosis"}]}],
        "code": {"coding": [{"system": SNOMED, "code": "66590003", "display": "Canary"}], "text": "Canary"},
        "subject": {"reference": f"Patient/{person}"},
        "encounter": {"reference": f"Encounter/{visit}"},
        "onsetString": "Canary",
        "recordedDate": "2026-02-04",
        "note": [{"text": "Canary"}],
        **more,
    }
    return place.staff("POST", "/fhir/Condition", said).id


def ranked(place: Place, visit: str, *conditions: str, **more: Any) -> None:
    """The visit says which of its diagnoses is the first, and which come after."""
    said = [{"condition": {"reference": f"Condition/{id}"}, "rank": n, **more} for n, id in enumerate(conditions, 1)]
    stored = place.staff("GET", f"/fhir/Encounter/{visit}").json
    stored.pop("diagnosis", None)
    changed = stored | ({"diagnosis": said} if said else {})
    assert place.staff("PUT", f"/fhir/Encounter/{visit}", changed).status == 200


def use(code: str) -> Json:
    return {"coding": [{"system": f"{HL7}/diagnosis-role", "code": code}]}


def test_of_diagnoses_a_payer_sees_the_principal_one_of_a_visit_that_it_sees(place: Place) -> None:
    person, visit = member(place)
    first, second = diagnosis(place, person, visit), diagnosis(place, person, visit)
    own, absent = payer(place), f"/fhir/Condition/{'0' * 8}-0000-4000-8000-{'0' * 12}"
    assert [masked(own("GET", f"/fhir/Condition/{id}")) for id in (first, second)] == [masked(own("GET", absent))] * 2
    ranked(place, visit, first, second)
    got = own("GET", f"/fhir/Condition/{first}")
    assert got.json.keys() == {"resourceType", "id", "meta", "clinicalStatus", "category", "code", "subject"}
    assert b"Canary" not in got.body
    category = f"{HL7}/condition-category|encounter-diagnosis"
    for url in ("Condition", f"Patient/{person}/Condition", f"Condition?category={category}&patient={person}"):
        assert [one["id"] for one in resources(own("GET", f"/fhir/{url}").json)] == [first], url
    narrow = place.client("payer", THEIRS, f"system/Condition.rs?category={category}")
    assert [one["id"] for one in resources(narrow("GET", "/fhir/Condition").json)] == [first]
    assert payer(place, OTHERS)("GET", f"/fhir/Condition/{first}").status == 404
    ranked(place, visit, second, first)
    assert [own("GET", f"/fhir/Condition/{id}").status for id in (first, second)] == [404, 200]
    ranked(place, visit, second, use=use("CM"))
    assert own("GET", f"/fhir/Condition/{second}").status == 404
    ranked(place, visit, second, use=use("DD"))
    assert own("GET", f"/fhir/Condition/{second}").status == 200
    assert place.staff("DELETE", f"/fhir/Encounter/{visit}").status == 204
    assert masked(own("GET", f"/fhir/Condition/{second}")) == masked(own("GET", absent))


def test_a_diagnosis_tells_of_no_visit_that_the_patient_restricted(place: Place) -> None:
    person, visit = member(place)
    hidden = place.staff(
        "POST", "/fhir/Encounter", place.staff("GET", f"/fhir/Encounter/{visit}").json | {"id": "x"}
    ).id
    found = diagnosis(place, person, hidden)
    ranked(place, visit, found)
    own = payer(place)
    assert own("GET", f"/fhir/Condition/{found}").status == 200
    assert hidden.encode() not in own("GET", f"/fhir/Condition/{found}").body
    assert own("GET", f"/fhir/Condition?encounter=Encounter/{hidden}").status == 400


def test_what_was_done_or_asked_for_in_a_visit_does_not_lead_to_it(place: Place) -> None:
    person, visit = member(place)
    hidden = place.staff(
        "POST", "/fhir/Encounter", place.staff("GET", f"/fhir/Encounter/{visit}").json | {"id": "x"}
    ).id
    about = {"subject": {"reference": f"Patient/{person}"}, "encounter": {"reference": f"Encounter/{hidden}"}}
    code = {"code": {"coding": [{"system": SNOMED, "code": "76464004"}]}}
    done = {"resourceType": "Procedure", "status": "completed", "performedDateTime": "2026-02-04", **about, **code}
    asked = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", **about, **code}
    asked |= {"performer": [{"reference": f"Organization/{THEIRS}"}], "occurrenceDateTime": "2026-02-04"}
    follow = {"resourceType": "Task", "status": "requested", "intent": "order", "for": about["subject"]}
    follow |= {"encounter": about["encounter"], "owner": {"reference": f"Organization/{THEIRS}"}}
    own = payer(place)
    for resource in (done, asked, follow):
        type = resource["resourceType"]
        made = place.staff("POST", f"/fhir/{type}", resource)
        assert made.status == 201, made.body
        seen = own("GET", f"/fhir/{type}/{made.id}")
        assert (seen.status, hidden.encode() in seen.body) == (200, False), seen.body
        assert own("GET", f"/fhir/{type}?encounter=Encounter/{hidden}").status == 400


def test_a_days_service_tells_of_no_session_that_the_patient_restricted(place: Place) -> None:
    person = place.participant()
    covered(place, person)
    place.consent(person)
    said = {"participant": person, "status": "active", "admitted_on": "2026-01-05", "kind": "substance_use"}
    who = {"participant": person, "episode": place.staff("POST", "/iop/episode", said).id}
    ids = []
    for hour in (9, 11, 13):
        times = {name: f"2026-03-03T{hour + n:02}:00:00-05:00" for n, name in ((0, "started_at"), (2, "ended_at"))}
        session = {**who, **times, "status": "completed", "kind": "group", "mode": "in_person"}
        ids.append(place.staff("POST", "/iop/session", session).id)
    own = payer(place)
    (service,) = resources(own("GET", "/fhir/Procedure").json)
    assert not any(id.encode() in orjson.dumps(service) for id in ids)
    refusal = place.consent(person, **RESTRICTED, records=[{"record": f"Encounter/{ids[0]}", "meaning": "this_record"}])
    assert place.staff("GET", f"/iop/service/{service['id']}").json["minutes_counted"] == 240
    days = place.staff("GET", f"/iop/program_day?participant={person}").json["days"]
    assert "the patient restricted it" in days[0]["explained"][-1]["words"]
    place.revoked(refusal)
    assert place.staff("GET", f"/iop/service/{service['id']}").json["minutes_counted"] == 360


def test_an_episode_or_a_claim_says_it_too(place: Place) -> None:
    person, visit = member(place)
    one, other = (diagnosis(place, person, visit) for _ in range(2))
    own, who = payer(place), {"reference": f"Patient/{person}"}
    episode = {"resourceType": "EpisodeOfCare", "status": "active", "patient": who, "period": {"start": "2026-02-01"}}
    said = {"diagnosis": [{"condition": {"reference": f"Condition/{one}"}, "rank": 1}]}
    assert place.staff("POST", "/fhir/EpisodeOfCare", episode | said).status == 201
    assert [own("GET", f"/fhir/Condition/{id}").status for id in (one, other)] == [200, 404]
    claim = claimed(person, covered(place, person), diagnosis=[claims(other, "principal")])
    assert place.staff("POST", "/fhir/Claim", claim).status == 201
    assert [own("GET", f"/fhir/Condition/{id}").status for id in (one, other)] == [200, 200]


def claims(condition: str, code: str) -> Json:
    kind = {"coding": [{"system": f"{HL7}/ex-diagnosistype", "code": code}]}
    return {"sequence": 1, "diagnosisReference": {"reference": f"Condition/{condition}"}, "type": [kind]}


def test_a_record_that_a_payer_does_not_see_makes_no_diagnosis_visible(place: Place) -> None:
    """A claim to another, one for another reason, a visit that the patient restricts."""
    person, visit = member(place)
    shown, hidden = place.session(person), diagnosis(place, person, visit)
    own, at = payer(place), f"/fhir/Condition/{hidden}"
    other = covered(place, person, OTHERS)
    for claim in (
        claimed(person, other, OTHERS, diagnosis=[claims(hidden, "principal")]),
        claimed(person, covered(place, person), diagnosis=[claims(hidden, "admitting")]),
        claimed(person, covered(place, person), status="draft", diagnosis=[claims(hidden, "principal")]),
    ):
        assert place.staff("POST", "/fhir/Claim", claim).status == 201
    assert own("GET", at).status == 404
    ranked(place, visit, hidden)
    assert own("GET", at).status == 200
    place.consent(person, **RESTRICTED, records=[{"record": f"Encounter/{visit}", "meaning": "this_record"}])
    assert [own("GET", f"/fhir/Encounter/{visit}").status, own("GET", at).status] == [404, 404]
    ranked(place, shown, hidden)
    assert own("GET", at).status == 200
    ranked(place, shown)
    assert own("GET", at).status == 404


def test_nobody_learns_that_what_he_may_not_see_has_changed(place: Place) -> None:
    person, visit = member(place)
    own = payer(place)
    before = own("GET", f"/fhir/Encounter/{visit}")
    whole = place.staff("GET", f"/fhir/Encounter/{visit}")
    changed = whole.json | {"reasonCode": [{"text": "another"}]}
    assert place.staff("PUT", f"/fhir/Encounter/{visit}", changed).status == 200
    after = own("GET", f"/fhir/Encounter/{visit}")
    assert (after.body, after.headers["etag"]) == (before.body, before.headers["etag"])
    assert own("GET", f"/fhir/Encounter/{visit}", **{"if-none-match": before.headers["etag"]}).status == 304
    assert place.staff("PUT", f"/fhir/Encounter/{visit}", changed | {"status": "cancelled"}).status == 200
    last = own("GET", f"/fhir/Encounter/{visit}")
    assert (last.json["status"], last.json["meta"]["versionId"], last.headers["etag"]) == ("cancelled", "2", 'W/"2"')
    assert place.staff("DELETE", f"/fhir/Encounter/{visit}").status == 204
    assert own("GET", f"/fhir/Encounter/{visit}").status == 410
    assert own("GET", f"/fhir/Encounter?patient={person}").json["total"] == 0


def test_what_r4_requires_and_a_payer_may_not_have_leaves_nothing_to_see(place: Place) -> None:
    person, _ = member(place)
    contained = [{"resourceType": "Organization", "id": "them", "name": "Canary"}]
    hidden = covered(place, person, payor=[{"reference": "#them"}], contained=contained)
    assert payer(place)("GET", f"/fhir/Coverage/{hidden}").status == 404


def test_a_deleted_record_is_as_it_was_to_whoever_did_not_cover_its_day(place: Place) -> None:
    person = place.participant()
    covered(place, person, period={"start": "2026-02-20"})
    covered(place, person, OTHERS, period={"start": "2025-01-01", "end": "2026-02-19"})
    place.consent(person)
    visit = place.session(person)
    late, then = payer(place), payer(place, OTHERS)
    assert [sender("GET", f"/fhir/Encounter/{visit}").status for sender in (late, then)] == [404, 200]
    assert place.staff("DELETE", f"/fhir/Encounter/{visit}").status == 204
    assert [sender("GET", f"/fhir/Encounter/{visit}").status for sender in (late, then)] == [404, 410]


def test_versions_of_a_record_are_not_those_that_a_payer_sees(place: Place) -> None:
    person, _ = member(place)
    visit = place.session(person, subject={"reference": f"Patient/{person}/_history/1"})
    got = payer(place)("GET", f"/fhir/Encounter?_id={visit}&_include=Encounter:patient")
    assert b"_history" not in got.body
    assert [one["id"] for one in resources(got.json)] == [visit, person]


def claimed(person: str, coverage: str, by: str = THEIRS, **more: Any) -> Json:
    """A claim to a payer."""
    return {
        "resourceType": "Claim",
        "status": "active",
        "type": {"coding": [{"code": "professional"}]},
        "use": "claim",
        "patient": {"reference": f"Patient/{person}"},
        "created": "2026-02-05",
        "insurer": {"reference": f"Organization/{by}"},
        "provider": {"reference": f"Organization/{OURS}"},
        "priority": {"coding": [{"code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": f"Coverage/{coverage}"}}],
        **more,
    }


def test_what_another_payer_was_told_is_not_shown(place: Place) -> None:
    person, _ = member(place)
    own, other = covered(place, person), covered(place, person, OTHERS)
    both = covered(place, person, payor=[{"reference": f"Organization/{by}"} for by in (THEIRS, OTHERS)])
    assert payer(place)("GET", f"/fhir/Coverage/{both}").status == 404
    insurance: list[Json] = [
        {"sequence": 1, "focal": True, "coverage": {"reference": f"Coverage/{own}"}},
        {"sequence": 2, "focal": False, "coverage": {"reference": f"Coverage/{other}"}, "preAuthRef": ["Canary"]},
    ]
    sent = place.staff("POST", "/fhir/Claim", claimed(person, own, insurance=insurance)).id
    assert payer(place)("GET", f"/fhir/Claim/{sent}").json["insurance"] == insurance[:1]
    assert payer(place, OTHERS)("GET", f"/fhir/Claim/{sent}").status == 404


def test_the_ledger_says_which_side_of_a_record_was_shown(place: Place) -> None:
    _, visit = member(place)
    payer(place)("GET", f"/fhir/Encounter/{visit}")
    ledger = Ledger(place_of(place.program.settings.store), place.program.clock)
    with ledger.reading() as database:
        lists = [list for (list,) in database.execute("SELECT list FROM shown")]
    ledger.close()
    assert lists == [f"Encounter/{visit}/1 (rendering 1)"]


def test_every_rendering_is_valid_and_of_its_profile(place: Place, root: Path) -> None:
    """Of every fixture that has one."""
    door, profiles, made = Door(place.program.definitions), place.program.profiles, 0
    for file in sorted(root.glob("fixtures/*/*/fhir.json")):
        resource = orjson.loads(file.read_bytes())
        for rendering in place.program.store.index.renderings:
            found = rendering.of(resource["resourceType"], resource)
            if found is not None:
                made, shown = made + 1, found.resource
                assert door.check(shown) == [], file
                assert profiles.check(shown, shown["meta"]["profile"][0]) == [], file
    assert made > 50
