"""Why a client sees a record, or not: for the privacy officer, who must be able to answer that, and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors.clients import register
from tests.doors.test_guarded import THEIRS, Place, Sender, disclosures

Json = dict[str, Any]
NOWHERE = "00000000-0000-7000-8000-0000000000ff"


def why(place: Place, record: str, **more: str) -> Json:
    """What the privacy officer is told about the client `ehr`: one value for each name, lists of labels and lines."""
    asking = officer(place)
    pairs = "&".join(f"{name}={value}" for name, value in {"record": record, "client": "ehr", **more}.items())
    got = asking("GET", f"/fhir/$explain?{pairs}")
    assert got.status == 200, got.body
    told: Json = {"label": [], "because": []}
    for entry in got.json["parameter"]:
        value = next(value for name, value in entry.items() if name.startswith("value"))
        if entry["name"] in ("label", "because"):
            told[entry["name"]].append(value)
        else:
            told[entry["name"]] = value
    return told


def officer(place: Place) -> Sender:
    return place.client("privacy-officer", scopes="user/*.cruds")


def test_each_step_to_a_record_is_told_and_the_last_one_permits(place: Place) -> None:
    register(place.program, "ehr", "provider-ehr", "system/*.rs", "TREAT HPAYMT", organization=THEIRS)
    person = place.participant()
    visit = place.session(person)
    record = f"Encounter/{visit}"
    told = why(place, record)
    assert (told["permitted"], told["reason"]) == (False, "no tie to the patient")
    assert set(told["label"]) == {"42CFRPart2", "SUD"}
    assert f"Patient/{person}: no record ties any organization to it" in told["because"]
    place.treated(person)
    told = why(place, record)
    assert (told["permitted"], told["reason"]) == (False, "no consent, 2.13(a)")
    assert any("CareTeam/" in line and line.endswith("treats it: applies") for line in told["because"])
    consent = place.consent(person, purposes=["payment"], kind="specific", expires_with=None, expires_on="2027-01-01")
    told = why(place, record)
    assert (told["permitted"], told["reason"]) == (False, "no consent, 2.13(a)")
    assert any(consent["id"] in line and "its purpose is HPAYMT" in line for line in told["because"])
    assert why(place, record, purpose="HPAYMT")["permitted"]
    good = place.consent(person)
    told = why(place, record)
    assert (told["permitted"], told["reason"], told["consent"]) == (True, "a consent, 2.31", good["id"])
    assert disclosures(place)[-1] == ("privacy-officer", "internal", "$explain", [(person, "internal")])


def test_what_is_told_is_what_the_client_meets(place: Place) -> None:
    person = place.participant()
    visit = place.session(person)
    place.treated(person)
    place.consent(person)
    provider = place.client("provider-ehr", scopes="system/Encounter.rs")
    with place.program.store.clients() as clients:
        id = next(client.id for client in clients.listed(0))
    for record in (f"Encounter/{visit}", f"Patient/{person}"):
        seen = provider("GET", f"/fhir/{record}").status == 200
        asked = officer(place)("GET", f"/fhir/$explain?record={record}&client={id}").json["parameter"]
        assert asked[0] == {"name": "permitted", "valueBoolean": seen}
    assert asked[1]["valueString"] == "what its kind, scopes and agreements let it ask for"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("record=Encounter/x&client=nobody", 404, "not-found"),
        (f"record=Patient/{NOWHERE}&client=ehr", 404, "not-found"),
        ("record=x&client=ehr", 404, "not-found"),
        ("record=Patient/1", 400, "required"),
        ("record=Patient/1&client=ehr&at=soon", 400, "value"),
    ],
)
def test_what_cannot_be_explained_is_told(place: Place, asked: str, status: int, code: str) -> None:
    register(place.program, "ehr", "provider-ehr", "system/*.rs", "TREAT", organization=THEIRS)
    got = officer(place)("GET", f"/fhir/$explain?{asked}")
    assert (got.status, got.codes) == (status, [code])


def test_a_purpose_that_there_is_not_is_refused(place: Place) -> None:
    register(place.program, "ehr", "provider-ehr", "system/*.rs", "TREAT", organization=THEIRS)
    person = place.participant()
    got = officer(place)("GET", f"/fhir/$explain?record=Patient/{person}&client=ehr&purpose=HRESCH")
    assert (got.status, got.codes) == (400, ["value"])


@pytest.mark.parametrize("kind", ["program-ehr", "provider-ehr", "payer", "facility", "staff"])
def test_to_nobody_else_whatever_is_asked(place: Place, kind: str) -> None:
    """2.13(c)(2): the reason would tell what the answer hides."""
    person = place.participant()
    other = place.client(kind, scopes="user/*.cruds" if kind == "staff" else "system/*.cruds")
    answers = {
        other("GET", f"/fhir/$explain?record={record}&client=x").body
        for record in (f"Patient/{person}", f"Patient/{NOWHERE}", "")
    }
    assert len(answers) == 1
    assert other("GET", f"/fhir/$explain?record=Patient/{person}&client=x").status == 403
    assert place.staff("GET", f"/fhir/$explain?record=Patient/{person}&client=x").status == 403
