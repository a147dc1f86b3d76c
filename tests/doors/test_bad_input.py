"""Bad input at the FHIR door: each gets its status, an OperationOutcome that says where, and changes nothing."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.elements import Definitions
from adapter.fhir.schema import Door
from adapter.interactions.program import Program
from tests.doors.people import created, patient
from tests.doors.serving import Client, client_of, opened, parts

ROWS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("bad_inputs.toml").read_text("utf-8"))

XML = b'<Patient xmlns="http://hl7.org/fhir"'
MAKE: dict[str, Callable[[], bytes]] = {
    "xml_doctype": lambda: b'<!DOCTYPE Patient SYSTEM "file:///etc/passwd">' + XML + b"/>",
    "xml_entity": lambda: (
        b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + XML + b'><id value="&b;"/></Patient>'
    ),
    "xml_xinclude": lambda: (
        XML + b'><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/></Patient>'
    ),
    "xml_stylesheet": lambda: b'<?xml-stylesheet href="http://example.org/x.xsl"?>' + XML + b"/>",
    "xml_deep": lambda: XML + b">" + b"<extension>" * 10_000 + b"</extension>" * 10_000 + b"</Patient>",
    "xml_attributes": lambda: XML + b"".join(b' a%d="x"' % number for number in range(100_000)) + b"/>",
    "xml_half": lambda: XML + b'><active value="true"',
    "xml_other": lambda: b'<Patient xmlns="urn:hl7-org:v3"/>',
    "twenty_megabytes": lambda: b'{"resourceType":"Patient","name":[{"family":"' + b"a" * (20 << 20) + b'"}]}',
    "deep": lambda: b'{"resourceType":"Patient","name":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "byte_order_mark": lambda: b'\xef\xbb\xbf{"resourceType":"Patient"}',
    "not_utf8": lambda: b'{"resourceType":"Patient","name":[{"family":"Inv\xe9nted"}]}',
    "long_number": lambda: (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":'
        + b"1" * 400
        + b"}}"
    ),
    "many_entries": lambda: json.dumps(
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"request": {"method": "GET", "url": "Patient/x"}}] * 4_001,
        }
    ).encode(),
}


@pytest.fixture(scope="session")
def door() -> Door:
    """Checks that what we answer is valid R4 too."""
    definitions: Definitions = parts()[0]
    return Door(definitions)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Client, str]]:
    """One program for all rows, since none may change it, and the id of a patient that is there."""
    with opened(tmp_path_factory.mktemp("rows")) as program, client_of(program) as client:
        yield program, client, created(client, patient()).id


@pytest.mark.parametrize("row", ROWS)
def test_bad_input_is_told_where_it_is_wrong_and_changes_nothing(
    row: str, shared: tuple[Program, Client, str], door: Door
) -> None:
    case = ROWS[row]
    program, client, id = shared
    before = program.store.t
    url = case["url"].replace("{id}", id).replace("{long}", "a" * 10_000)
    body = (
        MAKE[case["make"]]()
        if "make" in case
        else case["body"].replace("{id}", id).encode()
        if "body" in case
        else None
    )
    got = client(case["method"], url, body, case.get("headers"))
    assert got.status == case["status"] >= 400
    assert got.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert door.check(got.json) == []
    assert got.codes[0] == case["code"]
    told = case["expression"]
    assert any(place.startswith(told) for place in got.expressions) if told else got.expressions == []
    assert got.headers.get("allow") == case.get("allow")
    assert program.store.t == before


def test_everything_wrong_in_one_resource_is_told_at_once(client: Client) -> None:
    got = client("POST", "/fhir/Patient", patient(gender="F", birthDate="soon", nickname="A"))
    assert set(got.expressions) == {"Patient.gender", "Patient.birthDate", "Patient.nickname"}


def test_an_unknown_error_says_an_id_and_nothing_else(
    client: Client,
    program: Program,
    caplog: pytest.LogCaptureFixture,
) -> None:
    id = created(client, patient()).id
    program.store.close()
    got = client("GET", f"/fhir/Patient/{id}")
    said = got.json["issue"][0]["details"]["text"]
    assert (got.status, got.codes) == (500, ["exception"])
    assert got.headers["x-request-id"] in said
    assert got.headers["x-request-id"] in caplog.text
    assert f"GET /fhir/Patient/{id}: " in caplog.text
    assert "iop-store-" not in said + caplog.text
