"""What is taken from a partner is signed by it, as the doors show to those who may see who wrote."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adapter.exchange.pulling import TYPES
from adapter.exchange.taking import Taking
from adapter.store.partners import PartnerRow
from tests.doors.test_guarded import THEIRS, officer, placed

ROW = PartnerRow("ehr", THEIRS, "https://ehr.example/fhir", None, None, "", "plain", "", True, 0)


def test_a_record_that_was_taken_is_its_partner_s_in_provenance_and_audit(tmp_path: Path) -> None:
    with placed(tmp_path) as place:
        taking = Taking(place.program, ROW, TYPES)
        person = {"resourceType": "Patient", "id": "p1", "meta": {"versionId": "3"}, "gender": "unknown"}
        where = {"reference": "https://ehr.example/fhir/Location/9"}
        elsewhere, unknown = {"reference": "https://other.example/fhir/Encounter/1"}, {"reference": "Device/7"}
        visit = {
            "resourceType": "Encounter",
            "id": "e1",
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": {"reference": "Patient/p1"},
            "location": [{"location": where}],
            "partOf": elsewhere,
            "participant": [{"individual": {"display": "Somebody"}}],
            "extension": [{"url": "https://other.example/x", "valueReference": unknown}],
        }
        assert [done.fate for done in asyncio.run(taking.take([person, visit]))] == ["made", "made"]
        assert [done.fate for done in asyncio.run(taking.take([person, visit]))] == ["unchanged", "unchanged"]
        [patient] = place.staff("GET", "/fhir/Patient").json["entry"]
        [encounter] = place.staff("GET", "/fhir/Encounter").json["entry"]
        id, said = patient["resource"]["id"], encounter["resource"]
        assert said["subject"] == {"reference": f"Patient/{id}"}
        assert said["partOf"] == elsewhere
        assert said["location"][0]["location"]["reference"].startswith("Location/")
        assert said["extension"][0]["valueReference"] == {"reference": "https://ehr.example/fhir/Device/7"}
        asks = officer(place)
        [signed] = asks("GET", f"/fhir/Provenance?target=Patient/{id}").json["entry"]
        assert signed["resource"]["agent"][0]["who"]["reference"] == f"Organization/{THEIRS}"
        events = asks("GET", f"/fhir/AuditEvent?patient=Patient/{id}")
        assert events.status == 200
