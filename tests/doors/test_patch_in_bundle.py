"""PATCH inside a Bundle: both forms, by id and by condition, with the other entries or not at all."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from tests.doors.people import created, patient
from tests.doors.serving import Client, Got

MRN = "https://clinic.example/mrn"
KEY = {"identifier": [{"system": MRN, "value": "1"}]}
Json = dict[str, Any]


def json_patch(*operations: Json, kind: str = "application/json-patch+json") -> Json:
    data = b64encode(json.dumps(operations).encode()).decode()
    return {"resourceType": "Binary", "contentType": kind, "data": data}


def fhirpath_patch(path: str, value: str) -> Json:
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": path},
        {"name": "value", "valueCode": value},
    ]
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}


TO_MALE = json_patch({"op": "replace", "path": "/gender", "value": "male"})


def entry(url: str, resource: Json, method: str = "PATCH", **request: str) -> Json:
    return {"resource": resource, "request": {"method": method, "url": url, **request}}


def posted(client: Client, kind: str, *entries: Json) -> Got:
    return client("POST", "/fhir", {"resourceType": "Bundle", "type": kind, "entry": list(entries)})


@pytest.mark.parametrize("kind", ["transaction", "batch"])
@pytest.mark.parametrize("patch", [TO_MALE, fhirpath_patch("Patient.gender", "male")], ids=["JSON", "FHIRPath"])
@pytest.mark.parametrize("conditional", [False, True], ids=["by id", "by condition"])
def test_a_patch_changes_what_it_aims_at(client: Client, kind: str, patch: Json, conditional: bool) -> None:
    made = created(client, patient(**KEY))
    url = f"Patient?identifier={MRN}|1" if conditional else f"Patient/{made.id}"
    got = posted(client, kind, entry(url, patch, ifMatch='W/"1"'))
    assert got.status == 200, got.body
    assert got.json["entry"][0]["response"]["status"] == "200 OK"
    assert got.json["entry"][0]["response"]["etag"] == 'W/"2"'
    now = client("GET", f"/fhir/Patient/{made.id}").json
    assert (now["gender"], now["name"]) == ("male", made.json["name"])


def test_a_patch_may_name_what_another_entry_creates(client: Client) -> None:
    made = created(client, patient())
    clinic = {"resourceType": "Organization", "name": "Invented clinic"}
    added = {"op": "add", "path": "/managingOrganization", "value": {"reference": "urn:uuid:c"}}
    create = {"fullUrl": "urn:uuid:c", **entry("Organization", clinic, "POST")}
    got = posted(client, "transaction", create, entry(f"Patient/{made.id}", json_patch(added)))
    assert got.status == 200, got.body
    now = client("GET", f"/fhir/Patient/{made.id}").json
    place = got.json["entry"][0]["response"]["location"].split("/Organization/")[1].split("/")[0]
    assert now["managingOrganization"] == {"reference": f"Organization/{place}"}


WRONG: dict[str, tuple[Json, str, int, str]] = {
    "another resource": (patient(), "", 400, "Bundle.entry[1].resource"),
    "a Binary of something else": (json_patch(kind="text/plain"), "", 400, "Bundle.entry[1].resource.contentType"),
    "a patch that is none": (json_patch({"op": "jump", "path": "/gender"}), "", 400, "Bundle.entry[1].resource"),
    "what R4 has not": (
        json_patch({"op": "add", "path": "/colour", "value": "x"}),
        "",
        422,
        "Bundle.entry[1].resource.colour",
    ),
    "what is not there": (json_patch({"op": "remove", "path": "/photo"}), "", 422, "Bundle.entry[1].resource"),
    "another version": (TO_MALE, 'W/"7"', 412, "Bundle.entry[1].resource"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_patch_that_cannot_be_done_stops_its_transaction_and_only_its_entry_of_a_batch(
    client: Client, name: str
) -> None:
    resource, tag, status, place = WRONG[name]
    made = created(client, patient(**KEY))
    other = entry("Patient", patient(gender="other"), "POST")
    wrong = entry(f"Patient/{made.id}", resource, **({"ifMatch": tag} if tag else {}))
    refused = posted(client, "transaction", other, wrong)
    assert refused.status == status, refused.body
    assert any(said.startswith(place) for said in refused.expressions) or not refused.expressions
    assert client("GET", "/fhir/Patient?_summary=count").json["total"] == 1
    got = posted(client, "batch", other, wrong)
    assert [one["response"]["status"][:3] for one in got.json["entry"]] == ["201", str(status)]
    assert client("GET", f"/fhir/Patient/{made.id}").body == made.body


@pytest.mark.parametrize("url", ["Patient/none", f"Patient?identifier={MRN}|none"])
def test_a_patch_of_nothing_is_not_found(client: Client, url: str) -> None:
    assert posted(client, "transaction", entry(url, TO_MALE)).status == 404


def test_a_patch_of_what_is_deleted_is_gone(client: Client) -> None:
    made = created(client, patient())
    client("DELETE", f"/fhir/Patient/{made.id}")
    assert posted(client, "transaction", entry(f"Patient/{made.id}", TO_MALE)).status == 410


def test_the_patches_of_a_transaction_together_look_at_no_more_than_one_may(client: Client) -> None:
    telecom = [{"system": "phone", "value": str(number)} for number in range(10_000)]
    urls = [f"Patient/{created(client, patient(telecom=telecom, **KEY)).id}" for _ in range(2)]
    looking = fhirpath_patch("Patient.telecom.where(value = '9999').system", "sms")
    looking["parameter"] *= 20
    got = posted(client, "transaction", *(entry(url, looking) for url in urls))
    assert (got.status, got.codes) == (400, ["too-costly"])
    alone = posted(client, "transaction", entry(urls[0], looking))
    assert alone.status == 200
