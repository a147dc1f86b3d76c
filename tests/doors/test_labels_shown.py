"""Labels on the way out of the guarded door, and back: what each resource and Bundle says, what is found by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.consent.labels import ACT_CODE, CONFIDENTIALITY
from tests.doors.serving import Got, door
from tests.doors.test_guarded import OURS, THEIRS, Place, Sender, placed
from tests.doors.test_xml import said as of_xml

Json = dict[str, Any]
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def label(code: str, system: str = ACT_CODE, **more: Any) -> Json:
    return {"system": system, "code": code, **more}


V, R, N = (label(code, CONFIDENTIALITY) for code in "VRN")
HIGH = [V, label("42CFRPart2")]
OUR = [R, label("42CFRPart2"), label("SUD")]
"""What every record of a part 2 program is labelled with."""


@pytest.fixture
def ehr(place: Place) -> Sender:
    return place.client("program-ehr", OURS)


def patient(*security: Json, **more: Any) -> Json:
    meta = {"meta": {"security": [*security]}} if security else {}
    return {"resourceType": "Patient", **meta, **more}


def condition(subject: str, code: str, *security: Json, **more: Any) -> Json:
    return {
        **patient(*security),
        "resourceType": "Condition",
        "clinicalStatus": {
            "coding": [{"system": f"{'http://terminology.hl7.org/CodeSystem'}/condition-clinical", "code": "active"}]
        },
        "subject": {"reference": f"Patient/{subject}"},
        "code": {"coding": [{"system": ICD, "code": code}]},
        **more,
    }


def made(sender: Any, resource: Json) -> Got:
    got = sender("POST", f"/fhir/{resource['resourceType']}", resource)
    assert got.status == 201, got.body
    return got


def security(resource: Json) -> list[Json]:
    """The labels of a resource that is valid R4."""
    assert door().check(resource) == []
    return list(resource["meta"].get("security", []))


def found(sender: Any, url: str) -> set[str]:
    got = sender("GET", f"/fhir/{url}")
    assert got.status == 200, got.body
    return {entry["resource"]["id"] for entry in got.json.get("entry", ())}


def test_every_way_out_shows_the_senders_labels_and_ours(place: Place, ehr: Sender) -> None:
    sent = made(ehr, patient(label("HIV", display="said by its sender"), N))
    id, all = sent.id, [R, label("HIV", display="said by its sender"), *OUR[1:]]
    changed = ehr("PUT", f"/fhir/Patient/{id}", {**sent.json, "gender": "other"})
    assert (security(sent.json), security(changed.json), changed.status) == (all, all, 200)
    for url in (f"Patient/{id}", f"Patient/{id}/_history/1", f"Patient/{id}/_history/2"):
        assert security(ehr("GET", f"/fhir/{url}").json) == all
        assert security(ehr("GET", f"/fhir/{url}?_elements=gender").json) == all
        assert security(ehr("GET", f"/fhir/{url}?_summary=true").json) == all
    lists = (
        "Patient",
        f"Patient/{id}/_history",
        f"Patient?_id={id}&_summary=text",
        "?_type=Patient",
    )
    lists += (f"Patient/{id}/$everything", "Patient?_elements=id", f"Patient/{id}/Patient")
    for url in lists:
        entries = ehr("GET", f"/fhir/{url}").json.get("entry")
        assert entries, url
        assert all == security(entries[0]["resource"]), url
    assert place.staff("GET", f"/fhir/Patient/{id}").json["meta"]["security"] == [
        *(label("HIV", display="said by its sender"), N)
    ]


def test_what_goes_along_and_what_is_answered_to_a_bundle_shows_them_too(ehr: Sender) -> None:
    id = made(ehr, patient()).id
    made(ehr, condition(id, "B20"))
    along = ehr("GET", "/fhir/Condition?_include=Condition:patient").json["entry"]
    assert [security(entry["resource"]) for entry in along] == [[*OUR, label("HIV")], OUR]
    get = {"request": {"method": "GET", "url": f"Patient/{id}"}}
    put = {"resource": patient(id=id, gender="male"), "request": {"method": "PUT", "url": f"Patient/{id}"}}
    for kind in ("batch", "transaction"):
        bundle = {"resourceType": "Bundle", "type": kind, "entry": [get, put]}
        got = ehr("POST", "/fhir", bundle, prefer="return=representation")
        assert security(got.json) == HIGH
        assert [security(entry["resource"]) for entry in got.json["entry"]] == [OUR, OUR]
    created = ehr("POST", "/fhir/Patient", patient(), prefer="return=representation").json
    assert security(created) == OUR
    patch = [{"op": "add", "path": "/gender", "value": "female"}]
    got = ehr("PATCH", f"/fhir/Patient/{id}", patch, **{"content-type": "application/json-patch+json"})
    assert (got.json["gender"], security(got.json)) == ("female", OUR)


def test_in_xml_they_are_the_same(ehr: Sender) -> None:
    id = made(ehr, patient(label("X", "urn:of-the-sender"))).id
    for url in (f"Patient/{id}", "Patient", f"Patient/{id}/_history"):
        as_xml = ehr("GET", f"/fhir/{url}", accept="application/fhir+xml")
        assert as_xml.headers["content-type"].startswith("application/fhir+xml")
        assert of_xml(as_xml) == ehr("GET", f"/fhir/{url}").json


def test_an_outside_provider_is_shown_them_and_a_payer_those_of_the_rendering_once(place: Place, ehr: Sender) -> None:
    id = place.participant()
    place.treated(id)
    place.consent(id)
    provider = place.client("provider-ehr", THEIRS)
    assert security(provider("GET", f"/fhir/Patient/{id}").json) == OUR
    assert security(ehr("GET", f"/fhir/Patient/{id}").json) == OUR


def test_a_version_and_its_tag_stand_for_the_same_bytes_whatever_is_learned_later(ehr: Sender) -> None:
    subject = made(ehr, patient()).id
    id = made(ehr, condition(subject, "F10.20")).id
    url = f"/fhir/Condition/{id}/_history/1"
    first = ehr("GET", url)
    assert security(first.json) == [*OUR, label("ETHUD")]
    now = ehr("PUT", f"/fhir/Condition/{id}", condition(subject, "B20", id=id))
    assert security(now.json) == [*OUR, label("ETHUD"), label("HIV")]  # what it told of, it goes on telling of
    later = ehr("GET", url)
    assert (later.body, later.headers["etag"]) == (first.body, first.headers["etag"])
    assert ehr("GET", url, **{"if-none-match": first.headers["etag"]}).status == 304
    named = made(
        ehr,
        {
            **condition(subject, "J45.20"),
            "evidence": [{"detail": [{"reference": f"Condition/{id}", "display": "said"}]}],
        },
    )
    assert security(ehr("GET", f"/fhir/Condition/{named.id}").json) == OUR


def test_what_was_read_and_is_sent_back_makes_no_version(place: Place, ehr: Sender) -> None:
    for resource in (patient(), patient(N, label("HIV")), patient(label("PSY"), active=True)):
        id = made(ehr, resource).id
        read, url = ehr("GET", f"/fhir/Patient/{id}").json, f"/fhir/Patient/{id}"
        entry = {"resource": read, "request": {"method": "PUT", "url": f"Patient/{id}"}}
        assert ehr("PUT", url, read).headers["etag"] == 'W/"1"'
        assert ehr("PUT", url, read, **{"if-match": 'W/"1"'}).json == read
        for kind in ("batch", "transaction"):
            bundle = {"resourceType": "Bundle", "type": kind, "entry": [entry]}
            got = ehr("POST", "/fhir", bundle).json["entry"][0]["response"]
            assert (got["status"], got["etag"]) == ("200 OK", 'W/"1"')
        same = [{"op": "test", "path": "/meta/security/0/code", "value": "R"}]
        got = ehr("PATCH", url, same, **{"content-type": "application/json-patch+json"})
        assert (got.status, got.headers["etag"]) == (200, 'W/"1"')
        changed = ehr("PUT", url, {**read, "gender": "other"})
        assert (changed.headers["etag"], security(changed.json)) == ('W/"2"', security(read))
        stored = place.staff("GET", url).json["meta"].get("security", [])
        assert stored == resource.get("meta", {}).get("security", [])


def test_a_conditional_update_is_sent_back_likewise(place: Place, ehr: Sender) -> None:
    mrn = {"system": "urn:mrn", "value": "7"}
    id = made(ehr, patient(identifier=[mrn])).id
    read = ehr("GET", f"/fhir/Patient/{id}").json
    assert ehr("PUT", "/fhir/Patient?identifier=urn:mrn|7", read).headers["etag"] == 'W/"1"'
    entry = {"resource": read, "request": {"method": "PUT", "url": "Patient?identifier=urn:mrn|7"}}
    got = ehr("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert got.json["entry"][0]["response"]["etag"] == 'W/"1"'
    assert "security" not in place.staff("GET", f"/fhir/Patient/{id}").json["meta"]


@pytest.mark.parametrize(
    "left",
    [
        pytest.param([], id="none"),
        pytest.param([N], id="a lower one"),
        pytest.param([label("U", CONFIDENTIALITY), label("X", "urn:of-the-sender")], id="others"),
    ],
)
def test_nobody_takes_one_away_or_lowers_it(place: Place, ehr: Sender, left: list[Json]) -> None:
    subject = made(ehr, patient()).id
    id = made(ehr, condition(subject, "B20", label("PSY"))).id
    url = f"/fhir/Condition/{id}"
    less = {**condition(subject, "J45.20", *left), "id": id}
    got = ehr("PUT", url, less)
    assert {one["code"] for one in security(got.json)} >= {"R", "42CFRPart2", "SUD", "HIV", "PSY"}
    assert not {"N", "U"} & {one["code"] for one in security(got.json)}
    gone = [{"op": "remove", "path": "/meta/security"}]
    got = ehr("PATCH", url, gone, **{"content-type": "application/json-patch+json"})
    assert {one["code"] for one in security(got.json)} >= {"R", "42CFRPart2", "SUD", "HIV", "PSY"}


def test_a_sender_who_sends_his_own_text_again_makes_no_version(place: Place, ehr: Sender) -> None:
    hiv = label("HIV", display="said")
    for said in ([N], [R], [R, label("SUD")], [N, hiv], [label("U", CONFIDENTIALITY), label("X", "urn:x")]):
        id = made(ehr, patient(*said)).id
        mine, url = patient(*said, id=id), f"/fhir/Patient/{id}"
        entry = {"resource": mine, "request": {"method": "PUT", "url": f"Patient/{id}"}}
        patch = [{"op": "replace", "path": "/meta/security", "value": said}]
        for _ in range(2):
            assert ehr("PUT", url, mine).headers["etag"] == 'W/"1"', said
            got = ehr("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
            assert got.json["entry"][0]["response"]["etag"] == 'W/"1"', said
            got = ehr("PATCH", url, patch, **{"content-type": "application/json-patch+json"})
            assert (got.status, got.headers["etag"]) == (200, 'W/"1"'), said
            read = security(ehr("GET", url).json)
            worded = [one if one in said else {**one, "display": "in words"} for one in read]
            assert ehr("PUT", url, patient(*worded, id=id)).headers["etag"] == 'W/"1"', said
        assert place.staff("GET", url).json["meta"]["security"] == said


def test_a_put_keeps_the_label_that_a_post_would(place: Place, ehr: Sender) -> None:
    for said in ([R], [R, label("SUD")], [N], [label("SUD")]):
        id = made(ehr, patient()).id
        assert ehr("PUT", f"/fhir/Patient/{id}", patient(*said, id=id)).headers["etag"] == 'W/"2"'
        assert place.staff("GET", f"/fhir/Patient/{id}").json["meta"]["security"] == said


def test_labels_that_are_copied_into_another_record_are_its_senders(place: Place, ehr: Sender) -> None:
    read = ehr("GET", f"/fhir/Patient/{made(ehr, patient()).id}").json
    del read["id"]
    copy = made(ehr, read)
    assert security(copy.json) == OUR
    assert place.staff("GET", f"/fhir/Patient/{copy.id}").json["meta"]["security"] == OUR


@pytest.mark.parametrize("said", [[], [N, label("HIV", display="said")], [R, label("SUD")]])
def test_a_record_that_comes_back_after_its_deletion_has_its_senders_labels_and_none_of_ours(
    place: Place, ehr: Sender, said: list[Json]
) -> None:
    id = made(ehr, patient(*said)).id
    url, read = f"/fhir/Patient/{id}", ehr("GET", f"/fhir/Patient/{id}").json
    entry = {"resource": read, "request": {"method": "PUT", "url": f"Patient/{id}"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    for back in (lambda: ehr("PUT", url, read), lambda: ehr("POST", "/fhir", bundle)):
        assert ehr("DELETE", url).status == 204
        assert back().status in (200, 201)
        assert security(ehr("GET", url).json) == security(read)
        assert place.staff("GET", url).json["meta"].get("security", []) == said


def test_a_label_that_is_no_label_is_refused_beside_ours(ehr: Sender) -> None:
    id = made(ehr, patient()).id
    for odd in (None, 1, "R", [R], {"nonsense": "x"}):
        got = ehr("PUT", f"/fhir/Patient/{id}", {**patient(R, odd), "id": id})
        assert got.status == 400, got.body
        assert got.expressions[0].startswith("Patient.meta.security[1]"), got.expressions


def test_search_finds_what_is_shown_and_its_contrary_the_rest(place: Place, ehr: Sender) -> None:
    plain, said = made(ehr, patient()).id, made(ehr, patient(label("PSY"), N)).id
    hiv = made(ehr, condition(plain, "B20")).id
    other = made(ehr, condition(plain, "J45.20")).id
    for reader in (ehr, place.staff):
        for code in ("R", f"{CONFIDENTIALITY}|R", "42CFRPart2", f"{ACT_CODE}|SUD", f"{ACT_CODE}|", "HIV,SUD"):
            assert found(reader, f"Patient?_security={code}") == {plain, said}, code
            assert found(reader, f"Patient?_security:not={code}") == set(), code
        assert found(reader, "Patient?_security=PSY") == {said}
        assert found(reader, "Patient?_security:not=PSY") == {plain}
        for code in ("N", f"{CONFIDENTIALITY}|N", "V", f"{CONFIDENTIALITY}|V", f"{CONFIDENTIALITY}|L,HIV"):
            assert found(reader, f"Patient?_security={code}") == set(), code
            assert found(reader, f"Patient?_security:not={code}") == {plain, said}, code
        assert found(reader, f"Patient?_security=N,{ACT_CODE}|PSY") == {said}
        assert found(reader, f"Patient?_security={CONFIDENTIALITY}|") == {plain, said}
        assert found(reader, f"Patient?_security:not={CONFIDENTIALITY}|") == set()
        assert found(reader, f"Condition?_security={ACT_CODE}|HIV&_security=SUD") == {hiv}
        assert found(reader, "Condition?_security:not=HIV") == {other}
        assert found(reader, "Condition?_security=urn:x|HIV") == set()
        assert found(reader, "Condition?patient._security=PSY") == set()
        assert found(reader, "Condition?patient._security=R") == {hiv, other}
        assert found(reader, "Patient?_has:Condition:patient:_security=HIV") == {plain}
        assert found(reader, "Patient?_security:missing=true") == set()
        assert found(reader, "Patient?_security:missing=false") == {plain, said}
        assert found(reader, "?_type=Patient,Condition&_security=HIV") == {hiv}
        assert reader("GET", "/fhir/Condition?_security=HIV&_summary=count").json["total"] == 1


def test_of_confidentialities_the_one_that_is_shown_finds(ehr: Sender) -> None:
    sent = {code: made(ehr, patient(label(code, CONFIDENTIALITY))).id for code in "ULMNRV"}
    shown: dict[str, set[str]] = {code: set() for code in "ULMNRV"}
    for id in sent.values():
        shown[security(ehr("GET", f"/fhir/Patient/{id}").json)[0]["code"]].add(id)
    assert {code for code, ids in shown.items() if ids} == {"R", "V"}
    for code, ids in shown.items():
        for asked in (code, f"{CONFIDENTIALITY}|{code}"):
            assert found(ehr, f"Patient?_security={asked}") == ids, asked
            assert found(ehr, f"Patient?_security:not={asked}") == {*sent.values()} - ids, asked
    other = made(ehr, patient(label("N", "urn:x"))).id
    assert found(ehr, "Patient?_security=N") == {other} == found(ehr, "Patient?_security=urn:x|N")


@pytest.mark.parametrize("code", ["R", "V"])
def test_a_scope_may_be_held_to_a_confidentiality(place: Place, ehr: Sender, code: str) -> None:
    lower, higher = made(ehr, patient()).id, made(ehr, patient(V)).id
    scoped = place.client("program-ehr", OURS, f"system/Patient.rs?_security={CONFIDENTIALITY}|{code}")
    assert found(scoped, "Patient") == {lower if code == "R" else higher}
    assert scoped("GET", f"/fhir/Patient/{higher if code == 'R' else lower}").status == 404


def test_what_was_found_by_a_label_is_found_by_it_on_all_pages(ehr: Sender) -> None:
    subject = made(ehr, patient()).id
    all = {made(ehr, condition(subject, "B20")).id for _ in range(5)}
    url, ids = "/fhir/Condition?_security=HIV&_count=2&_total=accurate", set[str]()
    while url:
        page = ehr("GET", url.removeprefix("http://127.0.0.1:8000")).json
        assert page.get("total", 5) == 5
        ids |= {entry["resource"]["id"] for entry in page["entry"]}
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
        if len(ids) == 2:
            made(ehr, condition(subject, "B20"))
    assert ids == all


def test_a_hidden_record_is_found_by_no_label(place: Place, ehr: Sender) -> None:
    id = place.participant()
    place.treated(id)
    place.consent(id, sensitivities=["substance_use"])
    seen, hidden = made(ehr, condition(id, "F10.20")).id, made(ehr, condition(id, "B20")).id
    provider = place.client("provider-ehr", THEIRS)
    assert found(provider, "Condition?_security=SUD") == {seen}
    assert found(provider, "Condition?_security=HIV") == set()
    assert found(provider, "Condition?_security:not=HIV") == {seen}
    assert found(ehr, "Condition?_security=HIV") == {hidden}


def test_a_condition_may_ask_for_a_label(ehr: Sender) -> None:
    mrn = {"system": "urn:mrn", "value": "7"}
    id = made(ehr, patient(identifier=[mrn])).id
    once = {"if-none-exist": "identifier=urn:mrn|7&_security=R"}
    got = ehr("POST", "/fhir/Patient", patient(identifier=[mrn]), **once)
    assert (got.status, got.id) == (200, id)
    referring = {**condition(id, "B20"), "subject": {"reference": "Patient?identifier=urn:mrn|7&_security=R"}}
    entry = {"resource": referring, "request": {"method": "POST", "url": "Condition"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    got = ehr("POST", "/fhir", bundle, prefer="return=representation")
    assert got.json["entry"][0]["resource"]["subject"]["reference"] == f"Patient/{id}"


def test_a_scope_may_be_held_to_a_label(place: Place, ehr: Sender) -> None:
    subject = made(ehr, patient()).id
    hiv, _ = made(ehr, condition(subject, "B20")).id, made(ehr, condition(subject, "J45.20"))
    scoped = place.client("program-ehr", OURS, f"system/Patient.rs system/Condition.rs?_security={ACT_CODE}|HIV")
    assert found(scoped, "Condition") == {hiv}


def test_a_bundle_says_what_may_be_in_it_whatever_is_in_it(place: Place, ehr: Sender) -> None:
    other = place.client("provider-ehr", THEIRS)
    payer = place.client("payer", THEIRS)
    id = made(ehr, patient()).id
    for sender in (ehr, other, payer):
        for url in ("Patient", "Patient?_summary=count", "Patient?name=nobody", "?_type=Encounter,Patient"):
            got = sender("GET", f"/fhir/{url}")
            assert got.status in (200, 403), got.body
            if got.status == 200:
                assert security(got.json) == HIGH, url
    assert security(ehr("GET", f"/fhir/Patient/{id}/_history").json) == HIGH
    assert security(ehr("GET", f"/fhir/Patient/{id}/$everything").json) == HIGH
    assert security(ehr("GET", f"/fhir/Provenance?target=Patient/{id}").json) == HIGH
    officer = place.client("privacy-officer", OURS, "user/*.cruds")
    for asked in (f"AuditEvent?patient={id}", f"Patient/{id}/$disclosures", f"Patient/{id}/$intermediaries"):
        assert security(officer("GET", f"/fhir/{asked}").json) == HIGH, asked
    assert security(officer("GET", "/fhir/$breach-scope").json) == HIGH
    assert "meta" not in place.staff("GET", "/fhir/Patient").json
    assert "meta" not in place.guarded("GET", "/fhir/ValueSet").json


@pytest.mark.parametrize("sensitivities", [None, ["substance_use", "mental_health", "hiv"]])
def test_what_its_sender_calls_very_restricted_is_shown_where_a_consent_names_no_sensitivity(
    place: Place, ehr: Sender, sensitivities: list[str] | None
) -> None:
    id = place.participant()
    place.treated(id)
    named = [{"recipient": f"Organization/{THEIRS}"}]
    specific = {"kind": "specific", "recipients": named, "purposes": ["treatment"], "statements": ["right_to_revoke"]}
    until = {"expires_with": None, "expires_on": "2027-01-01"}
    place.consent(id, sensitivities=sensitivities, record_types=["diagnosis"], **specific, **until)
    told = made(ehr, condition(id, "F10.20", V)).id
    provider = place.client("provider-ehr", THEIRS)
    seen = found(provider, "Condition")
    assert seen == (set() if sensitivities else {told})
    for reader in (ehr, *([provider] if seen else [])):
        bundle = reader("GET", "/fhir/Condition").json
        assert security(bundle) == HIGH
        assert security(bundle["entry"][0]["resource"])[0] == V
    # Labels are only added: that its sender takes his away changes nothing for others.
    assert ehr("PUT", f"/fhir/Condition/{told}", {**condition(id, "F10.20"), "id": told}).status == 200
    assert found(provider, "Condition") == seen


def test_under_hipaa_alone_what_is_not_sensitive_is_normal(tmp_path: Path) -> None:
    with placed(tmp_path / "other", posture="hipaa") as place:
        ehr = place.client("program-ehr", OURS)
        id = made(ehr, patient()).id
        read = ehr("GET", f"/fhir/Patient/{id}").json
        assert security(read) == [N]
        hiv = made(ehr, condition(id, "B20"))
        assert security(hiv.json) == [R, label("HIV")]
        assert (found(ehr, "Patient?_security=N"), found(ehr, "Patient?_security=R")) == ({id}, set())
        assert found(ehr, "Condition?_security=R") == {hiv.id} == found(ehr, "Condition?_security:not=N")
        assert security(ehr("GET", "/fhir/Patient").json) == [V]
        assert ehr("PUT", f"/fhir/Patient/{id}", read).headers["etag"] == 'W/"1"'
        low = made(ehr, patient(label("L", CONFIDENTIALITY))).id
        for _ in range(2):
            got = ehr("PUT", f"/fhir/Patient/{low}", patient(label("L", CONFIDENTIALITY), id=low))
            assert (got.headers["etag"], security(got.json)) == ('W/"1"', [N])
