"""Whom a Consent names reads its scope, while it is in force for them, and nobody else's part in it. 42 CFR 2.32(b)."""

from __future__ import annotations

import pytest

from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from tests.doors.test_guarded import OTHERS, OURS, THEIRS, Json, Place, Sender, masked
from tests.doors.test_payers import RESTRICTED, covered, resources

ABSENT = "00000000-0000-4000-8000-000000000000"
KINDS = ("provider-ehr", "payer")
SAID = {"resourceType", "id", "meta", "status", "scope", "category", "patient", "dateTime", "policyRule", "provision"}


def known(place: Place, by: str = THEIRS) -> str:
    """A person whom an organization treats and covers."""
    person = place.participant()
    place.treated(person, by)
    covered(place, person, by)
    return person


def reader(place: Place, kind: str, organization: str = THEIRS, scopes: str = "system/*.rs") -> Sender:
    return place.client(kind, organization, scopes)


def named(*organizations: str) -> list[Json]:
    return [{"recipient": f"Organization/{id}"} for id in organizations]


def hidden(place: Place, own: Sender, id: str) -> bool:
    """Whether the Consent is as one that is not there, and in no list."""
    listed = resources(own("GET", "/fhir/Consent").json)
    absent = masked(own("GET", f"/fhir/Consent/{ABSENT}"))
    return masked(own("GET", f"/fhir/Consent/{id}")) == absent and id not in [one["id"] for one in listed]


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_named_reads_the_scope_and_no_more(place: Place, kind: str) -> None:
    person = known(place)
    id = place.consent(person, recipients=named(THEIRS, OTHERS), how_to_revoke="Canary")["id"]
    own = reader(place, kind)
    got = own("GET", f"/fhir/Consent/{id}")
    assert (got.status, got.headers["etag"]) == (200, 'W/"1"')
    assert got.json.keys() == SAID
    assert got.json["provision"].keys() == {"type", "purpose", "securityLabel", "extension"}
    for word in ("Canary", THEIRS, OTHERS, OURS, "All my records", "performer", "verification", "2.31"):
        assert word.encode() not in got.body, word
    profile = "https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-scope-consent"
    assert got.json["meta"]["profile"] == [profile]
    for url in ("Consent", f"Consent?patient={person}&status=active&date=2026-01", f"Patient/{person}/Consent"):
        assert [one["id"] for one in resources(own("GET", f"/fhir/{url}").json)] == [id], url
    for url in ("Consent?actor=Organization/x", "Consent?source-reference=x", "Consent?organization=x"):
        assert own("GET", f"/fhir/{url}").status == 400, url
    assert own("GET", f"/fhir/Consent/{id}/$validate").status == 200
    assert reader(place, kind, OTHERS)("GET", f"/fhir/Consent/{id}").status == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_names_whoever_is_of_it_with_a_tie(place: Place, kind: str) -> None:
    person, stranger = known(place), known(place, OTHERS)
    mine, theirs = place.consent(person)["id"], place.consent(stranger)["id"]
    own = reader(place, kind)
    assert own("GET", f"/fhir/Consent/{mine}").status == 200
    assert hidden(place, own, theirs)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_in_force_for_the_reader_is_not_there(place: Place, kind: str) -> None:
    person = known(place)
    own, now = reader(place, kind), place.consent(person)
    assert own("GET", f"/fhir/Consent/{now['id']}").status == 200
    purpose = "operations" if kind == "payer" else "payment"
    for changes in (
        {"recipients": named(OTHERS)},
        {"status": "proposed"},
        {"kind": None, "laws": None, "expires_on": "2026-01-31", "expires_with": None, "starts_on": "2026-01-12"},
        {"starts_on": "2999-01-01"},
        {"kind": None, "expires_on": "2999-01-01", "expires_with": None, "purposes": [purpose]},
        {"kind": None, "expires_on": "2999-01-01", "expires_with": None, "sensitivities": ["mental_health"]},
        {"decision": "deny"},
    ):
        assert hidden(place, own, place.consent(person, **changes)["id"]), changes
        assert own("GET", f"/fhir/Consent/{now['id']}").status == (404 if "decision" in changes else 200), changes


@pytest.mark.parametrize("kind", KINDS)
def test_with_a_revocation_it_is_gone(place: Place, kind: str) -> None:
    person = known(place)
    own, consent = reader(place, kind), place.consent(person)
    id = consent["id"]
    assert own("GET", f"/fhir/Consent/{id}").status == 200
    place.revoked(consent)
    assert hidden(place, own, id)
    assert own("GET", f"/fhir/Consent/{id}/_history/1").status == (404 if kind == "provider-ehr" else 403)


def test_a_refusal_or_the_end_of_treatment_hides_it(place: Place) -> None:
    person = known(place)
    own, id = reader(place, "payer"), place.consent(person)["id"]
    assert own("GET", f"/fhir/Consent/{id}").status == 200
    place.consent(person, **RESTRICTED, information="All", sensitivities=None)
    assert hidden(place, own, id)
    assert reader(place, "payer", OTHERS)("GET", f"/fhir/Consent/{id}").status == 404


def test_its_versions_are_those_of_what_is_shown(place: Place) -> None:
    person = known(place)
    own, id = reader(place, "provider-ehr"), place.consent(person)["id"]
    before = own("GET", f"/fhir/Consent/{id}")
    stored = place.staff("GET", f"/fhir/Consent/{id}").json
    words = stored | {"text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Canary</div>'}}
    assert place.staff("PUT", f"/fhir/Consent/{id}", words).status == 200
    after = own("GET", f"/fhir/Consent/{id}")
    assert (after.body, after.headers["etag"]) == (before.body, before.headers["etag"])
    assert own("GET", f"/fhir/Consent/{id}", **{"if-none-match": before.headers["etag"]}).status == 304
    assert place.staff("PUT", f"/fhir/Consent/{id}", words | {"dateTime": "2026-01-13T17:20:00-07:00"}).status == 200
    assert own("GET", f"/fhir/Consent/{id}").headers["etag"] == 'W/"2"'
    history = own("GET", f"/fhir/Consent/{id}/_history").json
    assert [one["resource"]["meta"]["versionId"] for one in history["entry"]] == ["2", "1"]
    assert own("GET", f"/fhir/Consent/{id}/_history/1").body == before.body
    assert own("PUT", f"/fhir/Consent/{id}", stored).status == 403


def test_single_records_and_exceptions_are_told_by_no_scope(place: Place) -> None:
    person = known(place)
    visit = place.session(person)
    term = {"kind": None, "expires_on": "2999-01-01", "expires_with": None}
    records = [{"record": f"Encounter/{visit}", "meaning": "this_record"}]
    own, id = reader(place, "provider-ehr"), place.consent(person, **term, records=records)["id"]
    assert own("GET", f"/fhir/Encounter/{visit}").status == 200
    assert hidden(place, own, id)
    less = {"sensitivities": ["substance_use"], "exceptions": [{"decision": "deny", "record_types": ["result"]}]}
    shown = own("GET", f"/fhir/Consent/{place.consent(person, **less)['id']}")
    assert (shown.status, "provision" in shown.json["provision"]) == (200, False)


def test_it_is_read_by_itself(place: Place) -> None:
    person = known(place)
    own, id = reader(place, "provider-ehr"), place.consent(person)["id"]
    for url in (
        "Consent?patient.family=Invented",
        "Consent?_include=Consent:patient",
        "Patient?_has:Consent:patient:status=active",
    ):
        got = own("GET", f"/fhir/{url}")
        assert (got.status, got.codes) == (400, ["not-supported"]), url
    assert own("GET", "/fhir/Patient?_revinclude=Consent:patient").status == 403
    for sender in (own, reader(place, "payer")):
        urls = (f"Consent/{id}", "Consent", f"Patient/{person}")
        entries = [{"request": {"method": "GET", "url": url}} for url in urls]
        got = sender("POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": entries})
        assert [one["response"]["status"][:3] for one in got.json["entry"]] == ["400", "400", "200"]


def test_scopes_narrow_it(place: Place) -> None:
    person = known(place)
    id = place.consent(person)["id"]
    for kind in KINDS:
        assert reader(place, kind, scopes="system/Consent.rs")("GET", f"/fhir/Consent/{id}").status == 200
        assert reader(place, kind, scopes="system/Patient.rs")("GET", f"/fhir/Consent/{id}").status == 403
        other = reader(place, kind, scopes="system/Consent.rs?status=rejected")
        assert hidden(place, other, id)
        same = reader(place, kind, scopes="system/Consent.rs?status=active")
        assert same("GET", f"/fhir/Consent/{id}").status == 200


def test_what_is_read_is_in_the_ledger_on_its_own_ground(place: Place) -> None:
    person = known(place)
    id = place.consent(person)["id"]
    place.consent(person, recipients=named(THEIRS))
    reader(place, "provider-ehr")("GET", f"/fhir/Consent/{id}")
    ledger = Ledger(place_of(place.program.settings.store), place.program.clock)
    with ledger.reading() as database:
        told = database.execute("SELECT ground, list FROM shown").fetchall()
    ledger.close()
    assert told == [(id, f"Consent/{id}/1 (rendering 4)")]


def test_the_officer_is_told_why(place: Place) -> None:
    person = known(place)
    id = place.consent(person)["id"]
    own, officer = reader(place, "payer"), place.client("privacy-officer", scopes="user/*.cruds")
    assert own("GET", f"/fhir/Consent/{id}").status == 200
    with place.program.store._asked() as database:
        clients = [id for (id,) in database.execute("SELECT id FROM client WHERE kind = 'payer'")]
    said = [{"name": "record", "valueString": f"Consent/{id}"}, {"name": "client", "valueString": clients[0]}]
    got = officer("POST", "/fhir/$explain", {"resourceType": "Parameters", "parameter": said})
    told = {one["name"]: one for one in got.json["parameter"]}
    assert told["permitted"] == {"name": "permitted", "valueBoolean": True}, got.body
    assert told["reason"]["valueString"] == "it names the client, 2.32(b)"
