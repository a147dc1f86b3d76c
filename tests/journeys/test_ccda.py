"""Journey: what a C-CDA document is read into goes in as one transaction, and is read natively where a map has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.json import dump, parse
from adapter.referral.ccda import Tables, read_ccda
from tests.doors.serving import Client, counted_ids

RESIDENTIAL = Path(__file__).resolve().parents[1] / "referral" / "documents" / "residential_discharge.xml"
CLAIMED = {"Patient": "participant", "Condition": "diagnosis", "AllergyIntolerance": "allergy"}
CLAIMED |= {"MedicationRequest": "medication", "MedicationStatement": "medication"}


def sent(client: Client, root: Path, data: bytes) -> list[tuple[dict[str, Any], str]]:
    """Every record of a document with the id that it was given."""
    entries = read_ccda(data, Tables.load(root / "mappings"), counted_ids()).entries()
    for entry in entries:
        entry["request"] = {"method": "POST", "url": entry["resource"]["resourceType"]}
    got = client("POST", "/fhir", dump({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    assert got.status == 200, got.body
    places = [entry["response"]["location"].split("/fhir/")[1].split("/")[1] for entry in got.json["entry"]]
    return [(entry["resource"], id) for entry, id in zip(entries, places, strict=True)]


@pytest.fixture(params=["residential", "published"])
def documents(request: pytest.FixtureRequest) -> list[bytes]:
    if request.param == "residential":
        return [RESIDENTIAL.read_bytes()]
    found = sorted((request.getfixturevalue("shared_data") / "ccda").glob("*.xml"))
    if not found:
        pytest.skip("no published documents")
    return [path.read_bytes() for path in found]


def test_every_record_of_a_document_goes_in_and_the_maps_read_theirs(
    client: Client, root: Path, documents: list[bytes]
) -> None:
    for data in documents:
        for resource, id in sent(client, root, data):
            type = resource["resourceType"]
            if concept := CLAIMED.get(type):
                got = client("GET", f"/iop/{concept}/{id}?with=residue")
                assert got.status == 200, (concept, got.body)


def test_what_is_denied_is_so_in_the_program_s_own_words(client: Client, root: Path) -> None:
    arrived = sent(client, root, RESIDENTIAL.read_bytes())
    native = [
        parse(client("GET", f"/iop/{CLAIMED[resource['resourceType']]}/{id}").body)
        for resource, id in arrived
        if resource["resourceType"] in CLAIMED
    ]
    denied = [one for one in native if one.get("verification_status") == "refuted"]
    assert [one["diagnosis"]["codes"][0]["code"] for one in denied] == ["F10.20"]
    assert not [one for one in denied if "clinical_status" in one]
    assert [one["certainty"] for one in native if "substance" in one] == ["confirmed", "refuted"]
