"""XML at the FHIR door: what was sent as XML is read as JSON and back, answers and refusals come as asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapter.fhir.xml_in import XmlReader
from adapter.fhir.xml_out import XmlWriter
from tests.doors.people import created, patient
from tests.doors.serving import Client, Got, parts

Json = dict[str, Any]
XML = {"Content-Type": "application/fhir+xml"}
AS_XML = {"Accept": "application/fhir+xml"}
READER, WRITER = XmlReader(parts()[0]), XmlWriter(parts()[0])


def said(got: Got) -> Json:
    """What an answer in XML says."""
    assert got.headers["content-type"] == "application/fhir+xml; charset=utf-8"
    return READER.read(got.body)


def test_a_resource_sent_as_xml_is_the_one_that_is_read_as_json(client: Client) -> None:
    beside = {"extension": [{"url": "urn:x", "valueDecimal": 1}]}
    sent = patient(name=[{"family": "In<vented>", "given": ["Ada", None], "_given": [None, beside]}])
    made = client("POST", "/fhir/Patient", WRITER.write(sent), XML)
    assert made.status == 201, made.body
    stored = client("GET", f"/fhir/Patient/{made.id}").json
    assert {name: stored[name] for name in sent} == sent
    assert said(client("GET", f"/fhir/Patient/{made.id}", headers=AS_XML)) == stored
    assert said(client("GET", f"/fhir/Patient/{made.id}?_format=xml", headers={"Accept": "text/html"})) == stored
    assert client("GET", f"/fhir/Patient/{made.id}?_format=json", headers=AS_XML).json == stored


def test_writes_searches_histories_and_statements_answer_in_xml(client: Client) -> None:
    made = client("POST", "/fhir/Patient", WRITER.write(patient()), XML | AS_XML)
    id = said(made)["id"]
    changed = client("PUT", f"/fhir/Patient/{id}", WRITER.write(patient(id=id, gender="male")), XML | AS_XML)
    assert said(changed)["gender"] == "male"
    for url in ("/fhir/Patient", "/fhir/_history", "/fhir/metadata", "/fhir/metadata?mode=terminology",
                "/fhir/ValueSet/level-of-care/$expand", f"/fhir/Patient/{id}/$validate"):  # fmt: skip
        as_json, as_xml = client("GET", url).json, said(client("GET", url, headers=AS_XML))
        for one in (as_json, as_xml):
            for changing in ("id", "meta", "date", "timestamp"):
                one.pop(changing, None)
            one.get("expansion", {}).pop("identifier", None)
            one.get("expansion", {}).pop("timestamp", None)
        assert as_xml == as_json, url
    form = client(
        "POST", "/fhir/Patient/_search", b"_format=xml", {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert said(form)["resourceType"] == "Bundle"


def test_operations_and_transactions_take_xml(client: Client) -> None:
    asked = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": patient(gender="F")}]}
    told = client("POST", "/fhir/Patient/$validate", WRITER.write(asked), XML)
    assert "Patient.gender" in told.expressions
    entry = {"resource": patient(), "request": {"method": "POST", "url": "Patient"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    done = said(client("POST", "/fhir", WRITER.write(bundle), XML | AS_XML))
    assert done["entry"][0]["response"]["status"].startswith("201")


def test_refusals_come_in_xml_too(client: Client) -> None:
    for url, status in (("/fhir/Patient/none", 404), ("/fhir/Nothing", 404), ("/fhir/Patient?x=1", 400)):
        got = client("GET", url, headers=AS_XML)
        assert (got.status, said(got)["resourceType"]) == (status, "OperationOutcome")
    got = client("POST", "/fhir/Patient", WRITER.write(patient(gender="F")), XML | AS_XML)
    assert (got.status, said(got)["issue"][0]["expression"]) == (422, ["Patient.gender"])


def test_what_r4_does_not_have_is_refused_in_xml_as_in_json(client: Client) -> None:
    body = b'<Patient xmlns="http://hl7.org/fhir"><nickname value="A"/></Patient>'
    as_xml = client("POST", "/fhir/Patient", body, XML)
    as_json = client("POST", "/fhir/Patient", {"resourceType": "Patient", "nickname": "A"})
    assert (as_xml.status, as_xml.body) == (as_json.status, as_json.body)
    other = client("POST", "/fhir/Patient", b'<Basic xmlns="http://hl7.org/fhir"/>', XML)
    assert (other.status, other.expressions) == (400, ["resourceType"])


def test_a_text_that_xml_cannot_hold_is_still_written_and_read_as_json(client: Client) -> None:
    odd = patient(name=[{"family": "A\ufffe"}])
    made = client("POST", "/fhir/Patient", odd, AS_XML)
    assert (made.status, made.headers["content-type"]) == (201, "application/fhir+json; charset=utf-8")
    got = client("GET", f"/fhir/Patient/{made.id}", headers=AS_XML)
    assert (got.status, said(got)["issue"][0]["code"]) == (406, "not-supported")
    assert client("GET", f"/fhir/Patient/{made.id}").json["name"] == odd["name"]


@pytest.mark.parametrize("pretty", ["true", "false"])
def test_a_head_says_the_length_of_the_xml(client: Client, pretty: str) -> None:
    id = created(client, patient()).id
    url = f"/fhir/Patient/{id}?_pretty={pretty}"
    got, head = client("GET", url, headers=AS_XML), client("HEAD", url, headers=AS_XML)
    assert (head.body, head.headers["content-length"]) == (b"", str(len(got.body)))
    assert got.headers["vary"] == "accept"
    assert (b"\n  <" in got.body) == json.loads(pretty)
