"""Bulk data since a moment tells which records are gone, of those that the client was sent, and of no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from adapter.store import exports
from tests.doors.serving import door
from tests.doors.test_exports import BASE, fetched, group, lines_of, manifest
from tests.doors.test_guarded import OURS, Json, Place, Sender, disclosures, placed
from tests.doors.test_payers import member, payer


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A program whose files have few lines."""
    with placed(tmp_path, export_lines=2) as place:
        yield place


def gone(reader: Sender, listed: Json) -> set[str]:
    """What is told to be deleted."""
    found: set[str] = set()
    for file in listed["deleted"]:
        assert file["type"] == "Bundle"
        for line in lines_of(reader("GET", file["url"].removeprefix(BASE))):
            assert door().check(line) == []
            assert line["type"] == "transaction"
            found |= {entry["request"]["url"] for entry in line["entry"]}
            assert all(set(entry) == {"request"} and entry["request"]["method"] == "DELETE" for entry in line["entry"])
    return found


def delete(place: Place, *records: str) -> None:
    for record in records:
        assert place.staff("DELETE", f"/fhir/{record}").status == 204, record


def test_what_a_client_was_sent_and_is_deleted_since_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "DELETIONS", 1)
    person, sent = member(place)
    second = place.session(person)
    own = payer(place)
    at = f"{group(own)}/$export?_type=Encounter,Patient"
    first = manifest(place, own, at)
    assert first["deleted"] == []
    fetched(own, first)
    unsent = place.session(person)
    delete(place, f"Encounter/{sent}", f"Encounter/{second}", f"Encounter/{unsent}")
    before = len(disclosures(place))
    listed = manifest(place, own, f"{at}&_since={first['transactionTime']}")
    assert gone(own, listed) == {f"Encounter/{sent}", f"Encounter/{second}"}
    assert listed["output"] == []
    told = disclosures(place)[before:]
    assert [[patient for patient, _ in patients] for *_, patients in told] == [[person]] * 2
    assert manifest(place, own, at)["deleted"] == []  # not since any moment
    assert (
        manifest(place, own, f"{group(own)}/$export?_type=Patient&_since={first['transactionTime']}")["deleted"] == []
    )
    assert manifest(place, own, f"{at}&_since={listed['transactionTime']}")["deleted"] == []
    other = payer(place)  # of the same payer, which was sent nothing
    assert manifest(place, other, f"{at}&_since={first['transactionTime']}")["deleted"] == []


def test_what_a_consent_has_hidden_is_not_told_as_deleted(place: Place) -> None:
    person, hidden = member(place)
    consent = place.consent(person)
    staying, visit = member(place)
    own = payer(place)
    at = f"{group(own)}/$export?_type=Encounter"
    first = manifest(place, own, at)
    fetched(own, first)
    kept = manifest(place, own, f"{at}&_since={first['transactionTime']}")
    for each in place.staff("GET", f"/fhir/Consent?patient={person}").json["entry"]:
        place.revoked(each["resource"])
    since = f"{at}&_since={first['transactionTime']}"
    assert manifest(place, own, since)["deleted"] == []
    delete(place, f"Encounter/{hidden}", f"Encounter/{visit}")
    listed = manifest(place, own, since)
    assert gone(own, listed) == {f"Encounter/{visit}"}
    for each in place.staff("GET", f"/fhir/Consent?patient={staying}").json["entry"]:
        place.revoked(each["resource"])
    assert gone(own, listed) == set()  # by the rules of the moment
    assert gone(own, kept) == set()
    assert consent


def test_what_was_sent_before_two_persons_were_one_is_told_when_it_is_deleted(place: Place) -> None:
    loser, sent = member(place)
    survivor, _ = member(place)
    own, unsent = payer(place), place.session(loser)
    at = f"{group(own)}/$export?_type=Encounter,Patient"
    listed = manifest(place, own, f"{at}&_typeFilter={quote(f'Encounter?_id={sent}')}")
    assert unsent not in {one["id"] for one in fetched(own, listed)}
    joined = {"into": survivor, "unlike": True, "consents": "both"}
    got = place.staff("POST", f"/iop/participant/{loser}/$merge", joined)
    assert got.status == 200, got.body
    delete(place, f"Encounter/{sent}", f"Encounter/{unsent}")
    since = f"{at}&_since={listed['transactionTime']}"
    assert gone(own, manifest(place, own, since)) == {f"Encounter/{sent}"}
    for each in place.staff("GET", f"/fhir/Consent?patient={survivor}").json["entry"]:
        at_now = place.staff("GET", url := f"/iop/consent/{each['resource']['id']}").headers["etag"]
        change = {"status": "inactive", "revoked_at": "2026-03-02T09:30:00Z", "revoked_how": "paper"}
        assert place.staff("PATCH", url, change, {"if-match": at_now}).status == 200
    assert manifest(place, own, since)["deleted"] == []


def test_what_a_payer_may_not_see_any_more_is_not_deleted_by_that(place: Place) -> None:
    _, visit = member(place)
    own = payer(place)
    at = f"{group(own)}/$export?_type=Encounter"
    first = manifest(place, own, at)
    fetched(own, first)
    whole = place.staff("GET", f"/fhir/Encounter/{visit}").json
    del whole["class"]
    unknown = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
    }
    changed = place.staff("PUT", f"/fhir/Encounter/{visit}", {**whole, "class": unknown})
    assert changed.status == 200, changed.body
    assert own("GET", f"/fhir/Encounter/{visit}").status in (404, 410)
    assert manifest(place, own, f"{at}&_since={first['transactionTime']}")["deleted"] == []


def test_the_programs_own_client_is_told_of_what_is_about_nobody_too(place: Place) -> None:
    own = place.client("program-ehr", OURS, "system/*.rs")
    site = place.staff("POST", "/fhir/Location", {"resourceType": "Location", "name": "North"}).id
    person = place.participant()
    visit = place.session(person)
    at = "Patient/$export?_type=Encounter,Location"
    first = manifest(place, own, at)
    fetched(own, first)
    later = place.staff("POST", "/fhir/Location", {"resourceType": "Location", "name": "South"}).id
    delete(place, f"Encounter/{visit}", f"Location/{site}", f"Location/{later}")
    listed = manifest(place, own, f"{at}&_since={first['transactionTime']}")
    assert gone(own, listed) == {f"Encounter/{visit}", f"Location/{site}"}
