"""42 CFR 2.32: the statements that go with what is disclosed, and what the consents cover under which it is."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.consent.notice import LONG, SHORT
from tests.doors.packets import packet
from tests.doors.records import posted
from tests.doors.test_guarded import OTHERS, OURS, THEIRS, Place, Sender, disclosures, tpo


def scopes(got: Any) -> list[list[tuple[str, Any]]]:
    """The parts of each scope told of, as (name, value)."""
    assert got.status == 200, got.body
    return [
        [(part["name"], next(value for name, value in part.items() if name != "name")) for part in one["part"]]
        for one in got.json["parameter"]
        if one["name"] == "scope"
    ]


def asked(client: Sender, patient: str) -> Any:
    return client("GET", f"/fhir/Patient/{patient}/$consent-scope")


def test_the_short_statement_goes_with_every_answer_and_leads_to_the_long_one(place: Place) -> None:
    provider = place.client("provider-ehr", scopes="system/*.rs")
    for address in ("/fhir/Patient/none", "/fhir/Patient", "/fhir/metadata", "/fhir/Nope"):
        got = provider("GET", address)
        assert got.headers["x-confidentiality-notice"] == SHORT
        assert got.headers["link"].startswith('<http://127.0.0.1:8000/notice/2.32-2024>; rel="terms-of-service"')
    page = place.guarded("GET", "/notice/2.32-2024")
    assert (page.status, page.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert LONG in page.body.decode()
    told = place.guarded("GET", "/fhir/OperationDefinition/consent-scope")
    assert (told.status, told.json["code"]) == (200, "consent-scope")


def test_a_client_is_told_what_the_consents_cover_that_it_is_shown_records_under(place: Place) -> None:
    person = place.participant()
    place.session(person)
    place.treated(person)
    named = [{"recipient": f"Organization/{THEIRS}"}, {"recipient": f"Organization/{OTHERS}"}]
    consent = place.consent(
        person,
        recipients=named,
        expires_with="end_of_treatment",
        exceptions=[{"sensitivities": ["hiv"], "decision": "deny"}],
    )
    provider = place.client("provider-ehr", scopes="system/*.rs")
    got = asked(provider, person)
    (scope,) = scopes(got)
    assert scope[0] == ("consent", consent["id"])
    assert [value for name, value in scope if name == "purpose"] == ["HOPERAT", "HPAYMT", "TREAT"]
    assert ("sensitivity", "SUD") in scope
    assert dict(scope)["period"] == {"start": "2026-01-13T00:20:00.000Z"}
    assert OTHERS not in got.body.decode()  # K41
    assert disclosures(place)[-1] == ("provider-ehr", consent["id"], "$consent-scope", [(person, consent["id"])])
    place.revoked(consent)
    assert scopes(asked(provider, person)) == []


@pytest.mark.parametrize("known", [True, False])
def test_a_facility_is_told_under_which_consent_it_learns_how_its_referral_goes_on(place: Place, known: bool) -> None:
    """Also where the person is somebody whom the program knew before, of whom it is told no id."""
    house = place.client("facility", THEIRS, "system/*.rs system/Bundle.c")
    other = place.client("facility", OTHERS, "system/*.rs system/Bundle.c")
    given = house("POST", "/fhir/$submit-referral", packet()).json["parameter"]
    [task] = [one["resource"] for one in given if one["name"] == "task"]
    sent = task["for"]["reference"].partition("/")[2]
    nothing = asked(house, sent).body
    who = place.participant() if known else "new"
    said = {"participant": who} | ({"unlike": True} if known else {})
    settled = place.staff("POST", f"/iop/intake/{task['id']}/$settle", said)
    assert settled.status == 200, settled.body
    named = [{"recipient": f"Organization/{one}"} for one in (THEIRS, OURS)]
    consent = place.consent(settled.json["participant"], recipients=named, purposes=["treatment"])
    assert house("GET", f"/fhir/Task/{task['id']}").status == 200
    got = asked(house, sent)
    (scope,) = scopes(got)
    assert scope[:2] == [("consent", consent["id"]), ("purpose", "TREAT")]
    assert OURS not in got.body.decode()
    assert not known or who not in got.body.decode()
    assert disclosures(place)[-1] == ("facility", consent["id"], "$consent-scope", [(sent, consent["id"])])
    assert scopes(asked(other, sent)) == []
    place.revoked(consent)
    assert asked(house, sent).body == nothing


def test_it_is_told_alike_of_who_is_hidden_and_of_nobody(place: Place) -> None:
    hidden, refused = place.participant(), place.participant()
    for person in (hidden, refused):
        place.session(person)
        place.treated(person)
    place.consent(refused)
    place.consent(refused, decision="deny")
    stranger = place.client("provider-ehr", OTHERS, "system/*.rs")
    provider = place.client("provider-ehr", scopes="system/*.rs")
    place.consent(hidden, status="draft")
    answers = [asked(provider, person) for person in (hidden, refused, "00000000-0000-7000-8000-0000000000ff")]
    answers += [asked(stranger, hidden)]
    assert {(got.status, got.body) for got in answers} == {(200, answers[0].body)}
    assert all(not patients for *_, patients in disclosures(place))


def test_what_says_which_types_and_when_is_told(place: Place) -> None:
    person = place.participant()
    place.session(person)
    place.treated(person)
    specific = {"kind": "specific", "purposes": ["treatment"], "statements": ["right_to_revoke"]}
    specific |= {"record_types": ["session"], "data_from": "2026-01-01", "expires_on": "2027-01-01"}
    specific |= {"recipients": [{"recipient": f"Organization/{THEIRS}"}], "sensitivities": ["substance_use"]}
    consent = posted(place.staff, "consent", {k: v for k, v in (tpo(person) | specific).items() if k != "expires_with"})
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Patient/{person}").status == 404
    (scope,) = scopes(asked(provider, person))
    told = dict(scope)
    assert (told["consent"], told["purpose"], told["type"]) == (consent.id, "TREAT", "Encounter")
    assert told["data"] == {"start": "2026-01-01T05:00:00.000Z"}
    assert told["period"]["end"].startswith("2027-01-02T04:59:59.999")


def test_a_facility_is_told_of_no_consent_as_if_nobody_were_here(place: Place) -> None:
    person, house = place.participant(), place.client("facility", THEIRS)
    place.consent(person, recipients=[{"recipient": f"Organization/{THEIRS}"}])
    assert scopes(asked(house, person)) == scopes(asked(house, "nobody")) == []


def test_the_statement_is_read_and_nothing_else(place: Place) -> None:
    assert place.guarded("HEAD", "/notice/2.32-2024").body == b""
    assert place.guarded("POST", "/notice/2.32-2024", b"x").status in (401, 404, 405)
    assert place.guarded("GET", "/notice/other").status in (401, 404)
